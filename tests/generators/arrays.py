"""Hypothesis strategies for single arrays of any shape, layout, precision and kind of values."""

from enum import Enum

import numpy as np
from hypothesis import strategies as st

from tests.defects.subjects import Array

LENGTHS = st.sampled_from((0, 1, 1, 2, 2, 3, 3, 4, 5, 7))


class Values(Enum):
    """What the entries are like."""

    GENERIC = "distinct short decimals"
    TIED = "the largest entry occurs twice"
    ZEROS = "some entries exactly 0"
    REPEATED = "few values, each several times"
    SATURATED = "some entries beyond the reach of a sigmoid"


class Layout(Enum):
    """How the array lies in memory."""

    PLAIN = "C order"
    FORTRAN = "Fortran order"
    REVERSED = "negative strides"
    STRIDED = "with gaps"
    READ_ONLY = "read-only"


# Half of the arrays are plain in every respect but their shape, as failures should be.
KINDS = st.sampled_from((Values.GENERIC,) * 8 + tuple(Values))
LAYOUTS = st.sampled_from((Layout.PLAIN,) * 2 + tuple(Layout))


@st.composite
def arrays(
    draw: st.DrawFn,
    *,
    values: st.SearchStrategy[Values] = KINDS,
    dtypes: tuple[type, ...] = (np.float64, np.float32),
) -> Array:
    """Arrays of no axes to three, of 0 to 343 entries."""
    shape = tuple(draw(st.lists(LENGTHS, max_size=3)))
    kind, layout = draw(values), draw(LAYOUTS)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from(dtypes))
    return laid_out(filled(kind, shape, rng).astype(dtype), layout)


def filled(kind: Values, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Entries of the kind that is asked for, as far as there are enough of them."""
    size = int(np.prod(shape))
    flat = distinct(size, rng)
    if kind is Values.TIED and size > 1:
        flat[rng.choice(size, 2, replace=False)] = flat.max() + 0.5
    if kind is Values.ZEROS and size:
        flat[rng.random(size) < 0.4] = 0
        flat[rng.integers(size)] = 0
    if kind is Values.REPEATED:
        flat = flat[rng.integers(0, max(size // 3, 1), size)] if size else flat
    if kind is Values.SATURATED and size:
        flat[rng.integers(size)] = rng.choice([-50.0, 50.0, 800.0])
    return flat.reshape(shape)


def distinct(size: int, rng: np.random.Generator) -> Array:
    """Short decimals, no two the same, none of them 0."""
    hundredths = rng.choice(np.arange(1, 400 + size), size, replace=False)
    return hundredths * rng.choice([-1.0, 1.0], size) / 100


def laid_out(a: Array, layout: Layout) -> Array:
    """The same values elsewhere in memory."""
    if layout is Layout.FORTRAN:
        return np.asfortranarray(a)
    if layout is Layout.REVERSED:
        back = (slice(None, None, -1),) * a.ndim
        return a[back].copy()[back]
    if layout is Layout.STRIDED and a.ndim:
        wide = np.repeat(a, 2, axis=-1)
        wide[..., 1::2] = 7.0
        return wide[..., ::2]
    if layout is Layout.READ_ONLY:
        a = a.copy()
        a.flags.writeable = False
    return a
