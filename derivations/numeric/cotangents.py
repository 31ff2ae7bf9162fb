"""A function with array values, seen through random cotangents as one with a single number."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from derivations.numeric.errors import DtypeError, NotFiniteError, StructureError
from derivations.numeric.trees import Array, describe, empty_in_layout

# A vjp is linear in its cotangent: the answer to one so much larger is so much larger, exactly.
LARGER = 2.0**7


@dataclass(slots=True, kw_only=True)
class Contraction:
    """``f`` contracted with ``y_bar``, and the gradient of that by ``vjp``.

    ``gaps``: hand out cotangents that are not contiguous in memory, and times ``LARGER``.

    Shapes: ``y_bar`` like ``f(x)``.
    """

    f: Callable[[Any], Any]
    vjp: Callable[[Array, Any], Any]
    y_bar: Array
    gaps: bool = False
    breaches: list[str] = field(default_factory=list)

    def value(self, x: Any) -> Any:
        """The sum of y_bar * f(x)."""
        y = np.asarray(self.f(x))
        if y.shape != self.y_bar.shape:
            raise StructureError(f"f(x).shape={y.shape}, but came as {self.y_bar.shape} before")
        return np.sum(self.y_bar * y)

    def gradient(self, x: Any) -> Any:
        """The answer of ``vjp``."""
        y_bar = LARGER * self.y_bar if self.gaps else self.y_bar
        given = gapped(y_bar) if self.gaps else y_bar.copy()
        result = self.vjp(given, x)
        if not np.array_equal(given, y_bar):
            self.breach("vjp: changes y_bar in place; work on a copy")
        return result

    def breach(self, sentence: str) -> None:
        if sentence not in self.breaches:
            self.breaches.append(sentence)


def gapped(array: Array) -> Array:
    """A copy with every other cell of a longer array, last entries first in memory."""
    if not array.ndim or not array.size:
        return array.copy()
    wide = np.full((*array.shape[:-1], 2 * array.shape[-1]), np.nan, array.dtype)
    view = wide[..., ::-2]
    view[...] = array
    return view


def random_cotangent(y: Any, rng: np.random.Generator) -> Array:
    """A random array like ``y``, in short decimals so that failures read well.

    Raises: DtypeError, NotFiniteError, StructureError.
    """
    if not isinstance(y, np.ndarray | np.floating | float):
        raise StructureError(f"f(x) is {describe(y)}, but should be a NumPy array")
    array = np.asarray(y)
    if array.dtype not in (np.float64, np.float32):
        raise DtypeError(f"f(x).dtype={array.dtype}, but should be float64 or float32")
    if not np.all(np.isfinite(array)):
        raise NotFiniteError("f(x) has entries that are nan or infinite at the given point")
    y_bar = empty_in_layout(array, array.dtype)
    signs = 1 - 2 * rng.integers(0, 2, array.shape)
    y_bar[...] = signs * rng.integers(25, 200, array.shape) / 100
    return y_bar
