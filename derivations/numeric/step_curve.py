"""The error of a central difference by its step, beside a bound that it cannot exceed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..claims.model import Node
from ..document.syntax import Derivative, Expr, Ref
from ..errors import LimitError
from .enclosure import Balls, ball, mapped, primal
from .floats import FLOAT64
from .rounded import Rounded, as_rounded
from .world import World, undrawn

STEPS = tuple(2.0**-k for k in range(1, 48, 2))
Place = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCurve:
    """What central differences of the loss say of one entry of a printed gradient.

    ``bounds``: how far a difference in double precision can be from the true slope, its
    truncation and its rounding enclosed; ``true`` and ``printed``: how far it is from the true
    slope and from the printed one.
    Units: those of the loss per unit of the variable; ``steps`` in units of the variable.
    """

    place: Place
    steps: tuple[float, ...]
    bounds: tuple[float, ...]
    true: tuple[float, ...]
    printed: tuple[float, ...]


def step_curve(world: World, left: Expr, printed: Balls, true: Balls) -> StepCurve | None:
    """The curve of the entry at which a printed gradient is furthest from the true one.

    Shapes: ``printed``, ``true`` those of the variable.  None where the left side is no gradient
    of a number by a whole array.
    """
    if not isinstance(left, Derivative) or not isinstance(left.by, Ref):
        return None
    node = (left.by.name, world.scope.layer_of(left.by))
    if left.by.entries or not isinstance(left.of, Ref) or printed.shape != world.shape_of(node):
        return None
    if world.shape_of((left.of.name, world.scope.layer_of(left.of))) != (1, 1):
        return None
    gaps = np.vectorize(lambda a, b: float(abs(a - b).mid()))(printed, true)
    row, column = np.unravel_index(int(np.argmax(gaps)), gaps.shape)
    place = (int(row), int(column))
    try:
        return _measured(_Loss(world, node, place, left.of), left, float(printed[place]))
    except LimitError:
        return None


@dataclass(frozen=True, slots=True)
class _Loss:
    """The loss as a function of one entry of one array, everything else held."""

    world: World
    node: Node
    place: Place
    tree: Ref

    @property
    def start(self) -> float:
        return float(primal(self.world.value(self.node)[self.place]))

    def held(self, number: Callable[[Fraction], Any]) -> dict[Node, Balls]:
        """The arrays that the loss is computed from, rounded once to doubles."""
        kept = {
            node: value
            for node, value in self.world.values.items()
            if node == self.node or node not in self.world.definitions
        }
        kept.setdefault(self.node, self.world.value(self.node))
        exact = lambda x: number(Fraction(float(primal(x))))  # noqa: E731
        return {node: mapped(exact, value) for node, value in kept.items()}

    def at(self, x: float, kind: _Kind) -> Any:
        """Its value with the entry at x, in numbers of a kind."""
        other = World(
            self.world.notation, self.world.definitions, self.world.network,
            self.world.sizes, undrawn, self.world.same,
        )  # fmt: skip
        other.functions, other.number = FLOAT64, kind.number
        other.values = self.held(kind.exact)
        other.values[self.node][self.place] = kind.exact(Fraction(x))
        return other.evaluate(self.tree, {})[0, 0]


@dataclass(frozen=True, slots=True)
class _Kind:
    """What the numbers are made of: those of a formula, and those of an input."""

    number: Callable[[Fraction], Any]
    exact: Callable[[Fraction], Any]


def _double(value: Fraction) -> Any:
    return np.float64(float(value))


_DOUBLES = _Kind(_double, _double)
_ROUNDED = _Kind(as_rounded, lambda value: Rounded(ball(value)))


def _measured(loss: _Loss, left: Derivative, printed: float) -> StepCurve | None:
    slope = _slope(loss, left)
    rows = []
    for step in STEPS:
        right, back = loss.start + step, loss.start - step
        width = right - back  # what was really taken
        with np.errstate(all="ignore"):
            found = float((loss.at(right, _DOUBLES) - loss.at(back, _DOUBLES)) / width)
        enclosed = (loss.at(right, _ROUNDED) - loss.at(back, _ROUNDED)) / ball(Fraction(width))
        if np.isfinite(found):
            bound = float(abs(enclosed.ball - slope).upper())
            rows.append((step, bound, _distance(found, slope), abs(found - printed)))
    kept = [row for row in rows if np.all(np.isfinite(row))]
    if not kept:
        return None
    steps, bounds, true, wrong = zip(*kept, strict=True)
    return StepCurve(place=loss.place, steps=steps, bounds=bounds, true=true, printed=wrong)


def _distance(found: float, slope: Any) -> float:
    """How far a double is from a ball; 0 where it may be the very value."""
    gap = abs(ball(Fraction(found)) - slope)
    return 0.0 if gap.contains(0) else float(gap.mid())


def _slope(loss: _Loss, left: Derivative) -> Any:
    """The true slope at the point as rounded to doubles."""
    world = loss.world
    other = World(
        world.notation, world.definitions, world.network, world.sizes, undrawn, world.same
    )
    other.values = loss.held(ball)
    assert isinstance(left.by, Ref)
    slopes = other.slope(left.of, left.by, {}).reshape(world.shape_of(loss.node))
    return slopes[loss.place]
