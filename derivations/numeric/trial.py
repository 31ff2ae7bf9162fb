"""Whether two typed trees agree in numbers: certified by ball arithmetic, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

import numpy as np

from ..claims.networks import Network, Scope
from ..claims.notation import Notation, Symbol
from ..claims.scripts import index_of, ordered
from ..claims.shapes import SCALAR, Shape, infer
from ..document.syntax import Expr, Ref, Relation
from .enclosure import Balls, ball, balls, surely_differ, surely_equal
from .world import World, assignments


class Answer(Enum):
    EQUAL = "equal"
    DIFFERENT = "different"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a comparison found, and where the sides first differ for certain."""

    answer: Answer
    printed: Balls | None = None
    true: Balls | None = None
    indices: tuple[tuple[str, int], ...] = ()


class Draws:
    """Inputs from a seeded generator: short decimals, or small integers for counterexamples."""

    def __init__(self, notation: Notation, seed: int, small: bool = False) -> None:
        self.notation = notation
        self.random = np.random.default_rng(seed)
        self.small = small

    def __call__(self, name: str, shape: tuple[int, int]) -> Balls:
        domain = self.notation.symbols[name].domain
        if domain == "positive definite":
            return self._definite(shape)
        if domain == "symmetric":
            return self._symmetric(shape)
        if domain == "ones":
            return balls(np.ones(shape, dtype=int).tolist())
        if domain in ("one-hot rows", "one-hot columns"):
            return self._one_hot(shape, rows=domain == "one-hot rows")
        if domain in ("rows sum to 1", "columns sum to 1"):
            return self._shares(shape, rows=domain == "rows sum to 1")
        return self._any(shape, domain)

    def _any(self, shape: tuple[int, int], domain: str) -> Balls:
        result = np.empty(shape, dtype=object)
        for place in np.ndindex(*shape):
            result[place] = ball(self._number(domain))
        return result

    def _number(self, domain: str) -> Fraction:
        if domain == "{0, 1}":
            return Fraction(int(self.random.integers(0, 2)))
        if domain == "(0, 1)":
            return Fraction(
                int(self.random.integers(1, 4 if self.small else 100)), 4 if self.small else 100
            )
        size = int(self.random.integers(1, 4 if self.small else 200))
        sign = 1 if domain == "positive" or self.random.integers(0, 2) else -1
        return Fraction(sign * size, 1 if self.small else 100)

    def _symmetric(self, shape: tuple[int, int]) -> Balls:
        result = self._any(shape, "real")
        for i, j in np.ndindex(*shape):
            result[i, j] = result[min(i, j), max(i, j)]
        return result

    def _definite(self, shape: tuple[int, int]) -> Balls:
        """B B^T + 1: symmetric, with eigenvalues of at least 1."""
        factor = self._any(shape, "real")
        return np.asarray(factor @ factor.T + balls(np.eye(*shape, dtype=int).tolist()))

    def _shares(self, shape: tuple[int, int], rows: bool) -> Balls:
        """Positive parts of 1 along each row or column."""
        parts = [[abs(self._number("real")) for _ in range(shape[1])] for _ in range(shape[0])]
        whole = np.sum(np.array(parts, dtype=object), axis=int(rows), keepdims=True)
        return balls(np.array(parts, dtype=object) / whole)

    def _one_hot(self, shape: tuple[int, int], rows: bool) -> Balls:
        result = balls(np.zeros(shape, dtype=int).tolist())
        long, wide = shape if rows else shape[::-1]
        for line in range(long):
            hot = int(self.random.integers(0, wide))
            result[(line, hot) if rows else (hot, line)] = ball(1)
        return result


def fits(left: Shape, right: Shape, notation: Notation) -> bool:
    """Whether a right side of that shape can equal a left side of this one."""
    if left == right:
        return True
    if len(left) == len(right) == 2:
        return False
    if right == SCALAR:  # the slope of each entry by the same entry
        return left[:2] == left[2:]
    jacobian, array = (left, right) if len(left) == 4 else (right, left)
    if len(array) != 2:
        return False
    return jacobian[:2] == jacobian[2:] == array or array == _layout(jacobian, notation)


def _layout(jacobian: Shape, notation: Notation) -> Shape | None:
    """The shape of a vector by a vector as a matrix, in the declared layout."""
    if "1" not in jacobian[:2] or "1" not in jacobian[2:]:
        return None
    of = next((size for size in jacobian[:2] if size != "1"), "1")
    by = next((size for size in jacobian[2:] if size != "1"), "1")
    return (of, by) if notation.layout == "numerator" else (by, of)


def compare(
    left: Expr, right: Expr, world: World, conditions: tuple[Relation, ...] = ()
) -> Outcome:
    """Both sides in one world, for every value of the free indices."""
    scope = world.scope
    shapes = infer(left, scope), infer(right, scope)
    free = {index: world.sizes[size] for index, size in sorted(scope.index_sizes.items())}
    unsure, tried = False, 0
    for env in assignments(free):
        if not all(_condition_holds(item, env, world) for item in conditions):
            continue
        tried += 1
        try:
            true, printed = _matched(
                world.evaluate(left, env), world.evaluate(right, env), shapes, world.notation
            )
        except ZeroDivisionError:
            unsure = True
            continue
        answer = _entries(true, printed)
        if answer is Answer.DIFFERENT:
            return Outcome(answer, printed, true, tuple(sorted(env.items())))
        unsure = unsure or answer is Answer.UNSURE
    return Outcome(Answer.UNSURE if unsure or not tried else Answer.EQUAL)


def _condition_holds(condition: Relation, env: Mapping[str, int], world: World) -> bool:
    """``i = j`` on written indices; a condition on layers has chosen the networks already."""
    if isinstance(condition.left, Ref):  # an assumption about an entry, such as y_k = 1
        left, right = (world.evaluate(side, env) for side in (condition.left, condition.right))
        return condition.sign == "=" and surely_equal(left[0, 0], right[0, 0])
    sides = [index_of(side, world.notation) for side in (condition.left, condition.right)]
    numbers = [
        side.at(dict(env))
        for side in sides
        if side is not None and (side.base is None or side.base in env)
    ]
    return len(numbers) < 2 or ordered(condition.sign, *numbers)


def _matched(
    left: Balls, right: Balls, shapes: tuple[Shape, Shape], notation: Notation
) -> tuple[Balls, Balls]:
    """Both sides with the same axes: a Jacobian beside an array takes the array's reading."""
    if shapes[1] == SCALAR and len(shapes[0]) == 4:
        right = np.broadcast_to(right, left.shape[:2])
        return left, _as_jacobian(right, shapes[0], shapes[0][:2], notation)
    if len(shapes[0]) == len(shapes[1]):
        return np.broadcast_arrays(left, right)  # type: ignore[return-value]
    if len(shapes[0]) == 4:
        return left, _as_jacobian(right, shapes[0], shapes[1], notation)
    return _as_jacobian(left, shapes[1], shapes[0], notation), right


def _as_jacobian(value: Balls, jacobian: Shape, array: Shape, notation: Notation) -> Balls:
    if jacobian[:2] == jacobian[2:] == array:
        result = balls(np.zeros(value.shape * 2, dtype=int).tolist())
        for place in np.ndindex(*value.shape):
            result[place + place] = value[place]
        return result
    turned = value if notation.layout == "numerator" else value.T
    axes = [0 if jacobian[0] != "1" else 1, 2 if jacobian[2] != "1" else 3]
    shape = [1, 1, 1, 1]
    shape[axes[0]], shape[axes[1]] = turned.shape
    return turned.reshape(shape)


def _entries(left: Balls, right: Balls) -> Answer:
    pairs = list(zip(np.ravel(left), np.ravel(right), strict=True))
    if not pairs:
        return Answer.UNSURE
    if any(surely_differ(a, b) for a, b in pairs):
        return Answer.DIFFERENT
    return Answer.EQUAL if all(surely_equal(a, b) for a, b in pairs) else Answer.UNSURE


def size_choices(names: list[str], most: int = 3) -> Iterator[dict[str, int]]:
    """Every choice of small sizes, the smallest first."""
    for extra in range((most - 1) * len(names) + 1):
        for choice in _with_extra(len(names), extra, most):
            yield dict(zip(names, choice, strict=True))


def _with_extra(count: int, extra: int, most: int) -> Iterator[tuple[int, ...]]:
    """Every choice of so many sizes, ``extra`` above all ones, in order."""
    if not count:
        yield from [()] if not extra else []
        return
    for more in range(min(most - 1, extra) + 1):
        if extra - more <= (most - 1) * (count - 1):
            yield from ((1 + more, *rest) for rest in _with_extra(count - 1, extra - more, most))


def distinct_sizes(names: list[str]) -> dict[str, int]:
    """Sizes from 2 on, no two alike, so that nothing holds because dimensions coincide."""
    return {name: n + 2 for n, name in enumerate(names)}


def size_names(notation: Notation, network: Network) -> list[str]:
    """The sizes of every declared array in a network."""
    scope = Scope(notation, network)
    found = [
        scope.size(dim, layer)
        for symbol in notation.symbols.values()
        for layer in (range(network.depth + 1) if symbol.layered else (None,))
        if layer != 0 or not _below(symbol)
        for dim in symbol.shape
    ]
    return [name for name in dict.fromkeys((*found, *notation.sizes)) if not name.isdigit()]


def _below(symbol: Symbol) -> bool:
    return any(dim.layer is not None and dim.layer.offset < 0 for dim in symbol.shape)
