"""Ball arithmetic on arrays: every number comes with a bound that holds for certain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import flint
import numpy as np
from flint import arb, arb_series, fmpq
from numpy.typing import NDArray

BITS = 128
Balls = NDArray[np.object_]


@contextmanager
def precision(bits: int = BITS) -> Iterator[None]:
    """Balls are rounded to so many bits inside; the caller's precision comes back after."""
    before = flint.ctx.prec
    flint.ctx.prec = bits
    try:
        yield
    finally:
        flint.ctx.prec = before


def ball(value: Fraction | int) -> Any:
    fraction = Fraction(value)
    return arb(fmpq(fraction.numerator, fraction.denominator))


def balls(rows: Any) -> Balls:
    """Nested lists of fractions as an array of balls."""
    source = np.array(rows, dtype=object)
    result = np.empty(source.shape, dtype=object)
    for place, value in np.ndenumerate(source):
        result[place] = ball(value)
    return result


def seeded(values: Balls, place: tuple[int, ...]) -> Balls:
    """The array with a tangent of 1 at one entry."""
    result = values.copy()
    result[place] = arb_series([values[place], arb(1)], 2)
    return result


def seeded_twice(values: Balls, places: Iterable[tuple[int, ...]]) -> Balls:
    """The array with a tangent of 1 at some entries, for a slope of a slope."""
    result = values.copy()
    for place in places:
        result[place] = arb_series([values[place], arb(1)], 3)
    return result


def curvature(x: Any) -> Any:
    """The second coefficient: half of the second derivative along the tangent."""
    return x[2] if isinstance(x, arb_series) else arb(0)


def reciprocal(x: Any) -> Any:
    """1/x; nothing is known of it where x may be 0."""
    try:
        return 1 / x
    except (ValueError, ZeroDivisionError):
        nan = arb("nan")
        return arb_series([nan, nan], 2) if isinstance(x, arb_series) else nan


def primal(x: Any) -> Any:
    return x[0] if isinstance(x, arb_series) else x


def tangent(x: Any) -> Any:
    return x[1] if isinstance(x, arb_series) else arb(0)


def mapped(function: Callable[[Any], Any], values: Balls) -> Balls:
    result = np.empty(values.shape, dtype=object)
    for place, value in np.ndenumerate(values):
        result[place] = function(value)
    return result


def _sign(x: Any) -> int | None:
    """The sign of a ball that is surely on one side of 0, else None."""
    value = primal(x)
    if value > 0:
        return 1
    return -1 if value < 0 else None


def _piecewise(
    negative: Callable[[Any], Any], positive: Callable[[Any], Any]
) -> Callable[[Any], Any]:
    def piece(x: Any) -> Any:
        sign = _sign(x)
        if sign is None:
            return arb("nan")
        return positive(x) if sign > 0 else negative(x)

    return piece


def _logistic(x: Any) -> Any:
    return reciprocal(1 + (-x).exp())


def _sinh(x: Any) -> Any:
    return (x.exp() - (-x).exp()) / 2


def _cosh(x: Any) -> Any:
    return (x.exp() + (-x).exp()) / 2


_ZERO, _ONE = (lambda x: arb(0)), (lambda x: arb(1))
# Each function and its first two derivatives, as balls of balls.
ENTRYWISE: dict[str, tuple[Callable[[Any], Any], ...]] = {
    "sigmoid": (
        _logistic,
        lambda x: _logistic(x) * _logistic(-x),
        lambda x: _logistic(x) * _logistic(-x) * (1 - 2 * _logistic(x)),
    ),
    "tanh": (
        lambda x: 2 * _logistic(2 * x) - 1,
        lambda x: 4 * _logistic(2 * x) * _logistic(-2 * x),
        lambda x: -2 * (2 * _logistic(2 * x) - 1) * 4 * _logistic(2 * x) * _logistic(-2 * x),
    ),
    "softplus": (
        lambda x: (1 + x.exp()).log(),
        _logistic,
        lambda x: _logistic(x) * _logistic(-x),
    ),
    "relu": (_piecewise(_ZERO, lambda x: x), _piecewise(_ZERO, _ONE), _piecewise(_ZERO, _ZERO)),
    "step": (_piecewise(_ZERO, _ONE), _piecewise(_ZERO, _ZERO), _piecewise(_ZERO, _ZERO)),
    "abs": (
        _piecewise(lambda x: -x, lambda x: x),
        _piecewise(lambda x: arb(-1), _ONE),
        _piecewise(_ZERO, _ZERO),
    ),
    "sign": (
        lambda x: arb(0) if primal(x) == 0 else _piecewise(lambda _: arb(-1), _ONE)(x),
        _piecewise(_ZERO, _ZERO),
        _piecewise(_ZERO, _ZERO),
    ),
    "exp": (lambda x: x.exp(),) * 3,
    "log": (lambda x: x.log(), reciprocal, lambda x: -reciprocal(x * x)),
    "sqrt": (
        lambda x: x.sqrt(),
        lambda x: reciprocal(2 * x.sqrt()),
        lambda x: -reciprocal(4 * x * x.sqrt()),
    ),
    "sin": (lambda x: x.sin(), lambda x: x.cos(), lambda x: -x.sin()),
    "cos": (lambda x: x.cos(), lambda x: -x.sin(), lambda x: -x.cos()),
    "tan": (
        lambda x: x.sin() * reciprocal(x.cos()),
        lambda x: reciprocal(x.cos() * x.cos()),
        lambda x: 2 * x.sin() * reciprocal(x.cos() * x.cos() * x.cos()),
    ),
    "arctan": (
        lambda x: x.atan(),
        lambda x: reciprocal(1 + x * x),
        lambda x: -2 * x * reciprocal((1 + x * x) * (1 + x * x)),
    ),
    "sinh": (_sinh, _cosh, _sinh),
    "cosh": (_cosh, _sinh, _cosh),
    "sech": (
        lambda x: reciprocal(_cosh(x)),
        lambda x: -_sinh(x) * reciprocal(_cosh(x) * _cosh(x)),
        lambda x: reciprocal(_cosh(x)) - 2 * reciprocal(_cosh(x) * _cosh(x) * _cosh(x)),
    ),
    "identity": (lambda x: x, _ONE, _ZERO),
}


def surely_differ(left: Any, right: Any) -> bool:
    """Whether two balls have no point in common."""
    return bool(not left.overlaps(right))


def surely_equal(left: Any, right: Any) -> bool:
    """Whether two balls overlap and are so narrow that a chance meeting is out of the question.

    The width is measured against the precision in use: balls that kept half of its bits.
    """
    if not left.overlaps(right):
        return False
    width = left.rad() + right.rad()
    scale = abs(left.mid()) + abs(right.mid()) + 1
    return bool(width < scale * arb(2) ** (-(flint.ctx.prec // 2)))
