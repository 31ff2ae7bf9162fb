"""Hypothesis strategies for networks and samples; the only file here that needs Hypothesis.

Shapes are drawn one by one, so that a failure shrinks to small shapes; entries come from a drawn
seed, rounded to short decimals, in one of several regimes.
"""

from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from derivations.conformance.bounds import Array


class Regime(Enum):
    """What entries are like: the factor on weights, that on inputs, and the share of zeros."""

    GENERIC = (1.0, 1.0, 0.0)
    LARGE = (4.0, 4.0, 0.0)
    SATURATED = (30.0, 8.0, 0.0)
    TINY = (1e-3, 1e-9, 0.0)
    ZEROS = (1.0, 1.0, 0.5)


class Layout(Enum):
    """How the arrays of a case lie in memory."""

    PLAIN = "C order"
    FORTRAN = "Fortran order"
    REVERSED = "negative strides"
    STRIDED = "every second row and column of a larger array"
    READ_ONLY = "read-only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Parameters and samples for an engine; only where they come from is shown."""

    widths: tuple[int, ...]
    samples: int
    regime: Regime
    layout: Layout
    dtype: str
    labels: str
    seed: int
    parameters: list[tuple[Array, Array]] = field(repr=False)
    X: Array = field(repr=False)
    Y: Array = field(repr=False)


def build_case(
    widths: tuple[int, ...],
    samples: int,
    *,
    regime: Regime = Regime.GENERIC,
    layout: Layout = Layout.PLAIN,
    dtype: str = "float64",
    labels: str = "soft",
    seed: int = 0,
) -> Case:
    """The case that these settings stand for; the same settings give the same case."""
    rng = np.random.default_rng(seed)
    weight_scale, input_scale, zeros = regime.value

    def entries(shape: tuple[int, int], scale: float) -> Array:
        values = np.round(rng.standard_normal(shape), 2) * scale
        values[rng.random(shape) < zeros] = 0
        return laid_out(values.astype(dtype), layout)

    parameters = [
        (entries((before, after), weight_scale), entries((1, after), weight_scale))
        for before, after in pairwise(widths)
    ]
    X = entries((samples, widths[0]), input_scale)
    Y = np.round(rng.random((samples, widths[-1])), 0 if labels == "hard" else 2)
    return Case(
        widths=widths,
        samples=samples,
        regime=regime,
        layout=layout,
        dtype=dtype,
        labels=labels,
        seed=seed,
        parameters=parameters,
        X=X,
        Y=laid_out(Y.astype(dtype), layout),
    )


def laid_out(values: Array, layout: Layout) -> Array:
    """The same values in another place and order in memory."""
    if layout is Layout.FORTRAN:
        return np.asfortranarray(values)
    if layout is Layout.REVERSED:
        return values[::-1, ::-1].copy()[::-1, ::-1]
    if layout is Layout.STRIDED:
        rows, columns = values.shape
        larger = np.zeros((2 * rows, 2 * columns), values.dtype)
        larger[::2, ::2] = values
        return larger[::2, ::2]
    if layout is Layout.READ_ONLY:
        values = values.copy()
        values.flags.writeable = False
    return values


@st.composite
def cases(
    draw: st.DrawFn,
    *,
    depth: st.SearchStrategy[int] | None = None,
    width: st.SearchStrategy[int] | None = None,
    samples: st.SearchStrategy[int] | None = None,
    regimes: tuple[Regime, ...] = tuple(Regime),
    dtypes: tuple[str, ...] = ("float64", "float32"),
) -> Case:
    """Networks of one to five layers, of widths 1 to 6, on 1 to 9 samples."""
    layers = draw(depth if depth is not None else st.integers(1, 5))
    one_width = width if width is not None else st.integers(1, 6)
    widths = tuple(draw(st.lists(one_width, min_size=layers + 1, max_size=layers + 1)))
    return build_case(
        widths,
        draw(samples if samples is not None else st.integers(1, 9)),
        regime=draw(st.sampled_from(regimes)),
        layout=draw(st.sampled_from(Layout)),
        dtype=draw(st.sampled_from(dtypes)),
        labels=draw(st.sampled_from(("soft", "hard"))),
        seed=draw(st.integers(0, 2**32 - 1)),
    )
