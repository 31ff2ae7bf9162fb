"""Decimal numbers with a slope, and how far rounding can be trusted.

Everything is worked out twice, at two precisions; what differs between the two is what
rounding does to the shorter one, so that two values of the longer one that differ by more
are two numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
LONG = 48  # digits
SHORT = LONG // 2


@dataclass(frozen=True, slots=True)
class Dual:
    """A number and its slope along one direction."""

    at: Decimal
    slope: Decimal

    def __add__(self, other: Any) -> Dual:
        other = dual(other)
        return Dual(self.at + other.at, self.slope + other.slope)

    def __neg__(self) -> Dual:
        return Dual(-self.at, -self.slope)

    def __sub__(self, other: Any) -> Dual:
        return self + -dual(other)

    def __rsub__(self, other: Any) -> Dual:
        return dual(other) - self

    def __mul__(self, other: Any) -> Dual:
        other = dual(other)
        return Dual(self.at * other.at, self.at * other.slope + self.slope * other.at)

    def __truediv__(self, other: Any) -> Dual:
        other = dual(other)
        top = self.slope * other.at - self.at * other.slope
        return Dual(self.at / other.at, top / (other.at * other.at))

    def __rtruediv__(self, other: Any) -> Dual:
        return dual(other) / self

    def exp(self) -> Dual:
        return Dual(self.at.exp(), self.at.exp() * self.slope)

    def ln(self) -> Dual:
        return Dual(self.at.ln(), self.slope / self.at)

    __radd__ = __add__
    __rmul__ = __mul__


def dual(x: Any) -> Dual:
    return x if isinstance(x, Dual) else Dual(Decimal(x), Decimal(0))


def each(rule: Callable[[Any], Any], x: Array) -> Array:
    """``rule`` entry by entry."""
    result = np.empty(x.shape, dtype=object)
    for place in np.ndindex(*x.shape):
        result[place] = rule(x[place])
    return result


def exp(x: Array) -> Array:
    return each(lambda z: z.exp(), x)


def log(x: Array) -> Array:
    return each(lambda z: z.ln(), x)


def sigmoid(x: Array) -> Array:
    result: Array = 1 / (1 + exp(-x))
    return result


def tanh(x: Array) -> Array:
    result: Array = 2 * sigmoid(2 * x) - 1
    return result


def number(x: int | str | Decimal) -> Array:
    """A number as an array of one entry."""
    return np.array([[Decimal(x)]], dtype=object)


def differ(left: Callable[[], Array], right: Callable[[], Array]) -> bool:
    """Whether two arrays of one shape differ by more than rounding does to either."""
    sides, rounding = [], Decimal(0)
    for side in (left, right):
        long, short = (at_precision(side, digits) for digits in (LONG, SHORT))
        with localcontext(prec=LONG):
            rounding += max((abs(gap) for gap in np.ravel(long - short)), default=Decimal(0))
        sides.append(long)
    with localcontext(prec=LONG):
        return any(abs(gap) > rounding for gap in np.ravel(sides[0] - sides[1]))


def at_precision(side: Callable[[], Array], digits: int) -> Array:
    with localcontext(prec=digits):
        return side()
