"""Balls that hold both an exact value and what double precision makes of it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import arb

from ..errors import LimitError
from .enclosure import ball

UNIT = arb(2) ** -53  # half an ulp, by which a sum, a product or a quotient may err
TINIEST = arb(2) ** -1074  # what underflow may cost
FUNCTION = 8 * UNIT  # NumPy promises 4 ulp for these functions of doubles


class Rounded:
    """A number after every operation of which a double may have been rounded.

    The same formula evaluated in doubles, in the same order, stays inside the ball; so does the
    exact value.  NumPy's functions call the methods of these names.
    Source: Wilkinson, Rounding Errors in Algebraic Processes (1963).
    """

    __slots__ = ("ball",)

    def __init__(self, value: Any) -> None:
        self.ball = value

    def exp(self) -> Rounded:
        return _wider(self.ball.exp(), FUNCTION)

    def log(self) -> Rounded:
        return _wider(self.ball.log(), FUNCTION)

    def tanh(self) -> Rounded:
        return _wider(self.ball.tanh(), FUNCTION)

    def sin(self) -> Rounded:
        return _wider(self.ball.sin(), FUNCTION)

    def cos(self) -> Rounded:
        return _wider(self.ball.cos(), FUNCTION)

    def tan(self) -> Rounded:
        return _wider(self.ball.tan(), FUNCTION)

    def arctan(self) -> Rounded:
        return _wider(self.ball.atan(), FUNCTION)

    def sinh(self) -> Rounded:
        return _wider(self.ball.sinh(), FUNCTION)

    def cosh(self) -> Rounded:
        return _wider(self.ball.cosh(), FUNCTION)

    def sqrt(self) -> Rounded:
        return _wider(self.ball.sqrt())

    def __neg__(self) -> Rounded:
        return Rounded(-self.ball)

    def __add__(self, other: Any) -> Rounded:
        return _wider(self.ball + _ball(other))

    def __sub__(self, other: Any) -> Rounded:
        return _wider(self.ball - _ball(other))

    def __rsub__(self, other: Any) -> Rounded:
        return _wider(_ball(other) - self.ball)

    def __mul__(self, other: Any) -> Rounded:
        return _wider(self.ball * _ball(other))

    def __truediv__(self, other: Any) -> Rounded:
        return _wider(self.ball / _ball(other))

    def __rtruediv__(self, other: Any) -> Rounded:
        return _wider(_ball(other) / self.ball)

    def __pow__(self, exponent: int) -> Rounded:
        return _wider(self.ball**exponent, FUNCTION)

    __radd__, __rmul__ = __add__, __mul__

    def __abs__(self) -> Rounded:
        return Rounded(abs(self.ball))

    def __gt__(self, other: Any) -> bool:
        return _decided(self.ball > _ball(other), self.ball <= _ball(other))

    def __lt__(self, other: Any) -> bool:
        return _decided(self.ball < _ball(other), self.ball >= _ball(other))

    def __ge__(self, other: Any) -> bool:
        return not self < other

    def __le__(self, other: Any) -> bool:
        return not self > other

    def __eq__(self, other: object) -> bool:
        return self <= other and self >= other

    __hash__ = None  # type: ignore[assignment]


def _decided(yes: Any, no: Any) -> bool:
    """Raises: LimitError where a ball lies on both sides, so that doubles may take either."""
    if not yes and not no:
        raise LimitError("a double may lie on either side")
    return bool(yes)


def _ball(value: Any) -> Any:
    return value.ball if isinstance(value, Rounded) else value


def _wider(value: Any, share: Any = UNIT) -> Rounded:
    return Rounded(value * arb(1, share) + arb(0, TINIEST))


def as_rounded(value: Fraction) -> Rounded:
    """A number of the formula, which a double may not hold."""
    return _wider(ball(value))
