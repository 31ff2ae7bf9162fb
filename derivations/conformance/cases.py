"""Networks and samples to try an engine on, each built from a few settings and a seed.

Entries are short decimals, in one of several regimes and layouts in memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Any

import numpy as np

from derivations.conformance.bounds import Array

MANY_SAMPLES = (13, 21, 33, 37)
WIDE = 17
DEEP = 8


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


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Case:
    """Parameters and samples for an engine; shown as the call that builds them."""

    widths: tuple[int, ...]
    samples: int
    regime: Regime
    layout: Layout
    dtype: str
    labels: str
    seed: int
    parameters: list[tuple[Array, Array]]
    X: Array
    Y: Array

    def __repr__(self) -> str:
        settings = {
            "regime": str(self.regime),
            "layout": str(self.layout),
            "dtype": repr(self.dtype),
            "labels": repr(self.labels),
        }
        plain = {str(Regime.GENERIC), str(Layout.PLAIN), repr("float64"), repr("soft")}
        parts = [f"{name}={text}" for name, text in settings.items() if text not in plain]
        arguments = ", ".join([f"{self.widths}, {self.samples}", *parts, f"seed={self.seed}"])
        return f"build_case({arguments})"


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
        values = np.round(rng.standard_normal(shape), 2)
        values[values == 0] = 0.01  # a zero is drawn on purpose, or not at all
        values *= scale
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


def rebuilt(case: Case, **changes: Any) -> Case:
    """The case with some of its settings changed, and its entries drawn from them again."""
    settings = ("widths", "samples", "regime", "layout", "dtype", "labels", "seed")
    return build_case(**{name: getattr(case, name) for name in settings} | changes)


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


def mostly_generic(regimes: tuple[Regime, ...]) -> tuple[Regime, ...]:
    """The regimes to choose from, the generic one several times: half of all cases are to be so."""
    return regimes + 3 * (Regime.GENERIC,) * (Regime.GENERIC in regimes)


def sample_cases(count: int, seed: int = 0) -> Iterator[Case]:
    """So many cases of every kind, smallest networks first; the same seed gives the same ones.

    One in eight is deep, wide in one layer, or has many samples.
    """
    rng = np.random.default_rng(seed)
    regimes, layouts = mostly_generic(tuple(Regime)), tuple(Layout)
    for number in range(count):
        largest = 2 + 5 * number // count
        depth = int(rng.integers(1, largest))
        widths, samples = _sizes(rng, depth, largest)
        if number % 8 == 7:
            widths, samples = _stretched(number // 8, widths, samples)
        yield build_case(
            widths,
            samples,
            regime=regimes[int(rng.integers(len(regimes)))],
            layout=layouts[int(rng.integers(len(layouts)))],
            dtype="float32" if number % 4 == 2 else "float64",
            labels="hard" if rng.integers(2) else "soft",
            seed=int(rng.integers(2**32)),
        )


def _sizes(rng: np.random.Generator, depth: int, largest: int) -> tuple[tuple[int, ...], int]:
    widths = tuple(int(width) for width in rng.integers(1, largest + 1, depth + 1))
    return widths, int(rng.integers(1, 2 * largest))


def _stretched(number: int, widths: tuple[int, ...], samples: int) -> tuple[tuple[int, ...], int]:
    """The sizes with one of them beyond what a power of two, or a small network, hides."""
    if number % 3 == 0:
        return widths, MANY_SAMPLES[number // 3 % len(MANY_SAMPLES)]
    if number % 3 == 1:
        place = number // 3 % len(widths)
        return (*widths[:place], WIDE, *widths[place + 1 :]), samples
    return (*widths, *(2, 3) * ((DEEP - len(widths) + 2) // 2))[: DEEP + 1], samples
