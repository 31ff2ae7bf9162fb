"""Syntax tree -> numbers, one rule a node, whatever the numbers are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb

from ..claims.axes import softmax_axis, total_axes
from ..claims.shapes import entry_axes, infer, is_square, whole_exponent
from ..document.syntax import (
    Add,
    Call,
    Case,
    Derivative,
    Divide,
    Entry,
    Expr,
    Filled,
    Matrix,
    Meaning,
    Neg,
    Number,
    Ones,
    Place,
    Power,
    Product,
    Ref,
    Relation,
    Size,
    Sum,
    Total,
    Transpose,
)  # fmt: skip
from ..document.write import to_text
from ..errors import LimitError, UndeclaredError
from .enclosure import Balls, mapped, primal, reciprocal, surely_differ

if TYPE_CHECKING:
    from .world import World


def _scalar(value: Any) -> Balls:
    result = np.empty((1, 1), dtype=object)
    result[0, 0] = value
    return result


def _product(world: World, node: Product, env: Mapping[str, int]) -> Balls:
    left, right = world.evaluate(node.left, env), world.evaluate(node.right, env)
    if node.meaning is Meaning.MATMUL:
        result: Balls = left @ right
        return result
    if node.meaning is Meaning.HADAMARD and left.ndim != right.ndim:
        return _along_diagonal(left, right)
    if node.meaning in (Meaning.HADAMARD, Meaning.SCALE):
        return _times(left, right)
    if node.meaning is Meaning.CORRELATE:
        return _correlate(left, right)
    if right.ndim == 4 and left.shape[-2:] == right.shape[:2]:
        return _contract(left, right)
    return _contract(right, left)


def _correlate(left: Balls, right: Balls) -> Balls:
    """The window moved over the picture: where it fits, the sum of the products."""
    rows, columns = (a - b + 1 for a, b in zip(left.shape, right.shape, strict=True))
    result: Balls = np.empty((rows, columns), dtype=object)
    for i, j in np.ndindex(rows, columns):
        window = left[i : i + right.shape[0], j : j + right.shape[1]]
        result[i, j] = (window * right).sum()
    return result


def _times(left: Balls, right: Balls) -> Balls:
    """Entry by entry; a number times a Jacobian has the Jacobian's axes."""
    if left.ndim != right.ndim:
        if left.ndim == 2:
            return left[0, 0] * right  # type: ignore[no-any-return]
        return left * right[0, 0]  # type: ignore[no-any-return]
    result: Balls = left * right
    return result


def _along_diagonal(left: Balls, right: Balls) -> Balls:
    """An array times the slopes of each entry by the same entry."""
    jacobian, array = (left, right) if left.ndim == 4 else (right, left)
    result: Balls = np.empty(array.shape, dtype=object)
    for place in np.ndindex(*array.shape):
        result[place] = array[place] * jacobian[place + place]
    return result


def _contract(left: Balls, right: Balls) -> Balls:
    rows = left.reshape(-1, left.shape[-2] * left.shape[-1])
    columns = right.reshape(right.shape[0] * right.shape[1], -1)
    result: Balls = (rows @ columns).reshape(left.shape[:-2] + right.shape[2:])
    return result


def _call(world: World, node: Call, env: Mapping[str, int]) -> Balls:
    x = world.evaluate(node.arg, env)
    if node.function in world.functions:
        rules = world.functions[node.function]
        if node.order >= len(rules):
            raise LimitError(f"{node.function} differentiated {node.order} times")
        return mapped(rules[node.order], x)
    return _WHOLE[node.function](world, node, x)


def _softmax(world: World, node: Call, x: Balls) -> Balls:
    axis = softmax_axis(infer(node.arg, world.scope), world.notation)
    top = mapped(world.functions["exp"][0], x)
    return top * mapped(reciprocal, top.sum(axis=axis, keepdims=True))  # type: ignore[no-any-return]


def _determinant(x: Balls) -> Any:
    eliminated = _eliminated(x)
    return _by_minors(x) if eliminated is None else eliminated[0]


def _by_minors(x: Balls) -> Any:
    """The determinant where no pivot is surely not 0: sums of products only."""
    if x.shape == (1, 1):
        return x[0, 0]
    terms = [
        (-1) ** column * x[0, column] * _by_minors(np.delete(x[1:], column, axis=1))
        for column in range(x.shape[1])
    ]
    return sum(terms[1:], terms[0])


def _inverse(x: Balls) -> Balls:
    eliminated = _eliminated(x)
    if eliminated is None:
        return mapped(lambda _: reciprocal(x[0, 0] * 0), x)
    return eliminated[1]


def _eliminated(x: Balls) -> tuple[Any, Balls] | None:
    """The determinant and the inverse by elimination; None where a pivot may be 0."""
    size = x.shape[0]
    zero = x[0, 0] * 0
    # Plain lists: NumPy would take a ball with a tangent for a sequence.
    rows = [[*x[i], *(zero + int(i == j) for j in range(size))] for i in range(size)]
    whole: Any = zero + 1
    for step in range(size):
        best = max(range(step, size), key=lambda row: float(abs(primal(rows[row][step]))))
        if not abs(primal(rows[best][step])) > 0:
            return None
        if best != step:
            rows[step], rows[best], whole = rows[best], rows[step], -whole
        pivot = rows[step][step]
        whole = whole * pivot
        rows[step] = [value * reciprocal(pivot) for value in rows[step]]
        for row in range(size):
            if row != step:
                factor = rows[row][step]
                rows[row] = [a - b * factor for a, b in zip(rows[row], rows[step], strict=True)]
    inverse: Balls = np.empty(x.shape, dtype=object)
    for place in np.ndindex(*x.shape):
        inverse[place] = rows[place[0]][size + place[1]]
    return whole, inverse


def _diagonal(world: World, node: Call, x: Balls) -> Balls:
    flat = x.reshape(-1)
    zero = world.number(Fraction(0))
    result = mapped(lambda _: zero, np.empty((flat.size, flat.size), dtype=object))
    for i, value in enumerate(flat):
        result[i, i] = value
    return result


_WHOLE: dict[str, Callable[[World, Call, Balls], Balls]] = {
    "softmax": _softmax,
    "norm": lambda world, node, x: _scalar(world.functions["sqrt"][0]((x * x).sum())),
    "total": lambda world, node, x: _scalar(x.sum()),
    "trace": lambda world, node, x: _scalar(np.trace(x)),
    "det": lambda world, node, x: _scalar(_determinant(x)),
    "inv": lambda world, node, x: _inverse(x),
    "diag": _diagonal,
}


def _place(world: World, node: Place, env: Mapping[str, int]) -> Balls:
    if node.index.base is not None and node.index.base not in env:
        raise UndeclaredError(f"the index {node.index.base} stands below no array")
    return _scalar(world.number(Fraction(node.index.at(dict(env)))))


def _entry(world: World, node: Entry, env: Mapping[str, int]) -> Balls:
    x = world.evaluate(node.arg, env)
    for axis, index in entry_axes(node, infer(node.arg, world.scope)):
        at = index.at(dict(env)) - 1
        if not 0 <= at < x.shape[axis]:
            raise UndeclaredError(f"{to_text(node.arg)} has no entry {at + 1} of {x.shape[axis]}")
        x = x[at : at + 1] if axis == 0 else x[:, at : at + 1]
    return x


def _filled(world: World, node: Filled, env: Mapping[str, int]) -> Balls:
    shape = tuple(world.sizes[size] for size in infer(node, world.scope))
    axes = [axis for axis in (0, 1) if node.along[axis] is not None]
    result: Balls = np.empty(shape, dtype=object)
    for place in product(*(range(shape[axis]) for axis in axes)):
        own = {str(node.along[axis]): at + 1 for axis, at in zip(axes, place, strict=True)}
        window = [slice(None), slice(None)]
        for axis, at in zip(axes, place, strict=True):
            window[axis] = slice(at, at + 1)
        result[tuple(window)] = world.evaluate(node.body, {**env, **own})
    return result


def _sum(world: World, node: Sum, env: Mapping[str, int]) -> Balls:
    total: Any = None
    left_out = node.without.at(dict(env)) if node.without is not None else None
    for number in range(1, world.index_size(node) + 1):
        if number != left_out:
            term = world.evaluate(node.body, {**env, node.index: number})
            if total is not None:
                term = total * term if node.times else total + term
            total = term
    if total is None:
        return _scalar(world.number(Fraction(int(node.times))))
    return total  # type: ignore[no-any-return]


def _total(world: World, node: Total, env: Mapping[str, int]) -> Balls:
    x = world.evaluate(node.arg, env)
    axes = total_axes(node.over, infer(node.arg, world.scope)[:2], world.notation)
    if x.ndim == 4:  # the sum of per-sample slopes
        summed: Balls = x.sum(axis=axes, keepdims=True)
        return summed[0, 0] if summed.shape[:2] == (1, 1) else summed
    return x.sum(axis=axes, keepdims=True)  # type: ignore[no-any-return]


def _derivative(world: World, node: Derivative, env: Mapping[str, int]) -> Balls:
    assert isinstance(node.by, Ref)
    slope = world.slope(node.of, node.by, env)
    if slope.shape[:2] == (1, 1) and infer(node.of, world.scope) == ("1", "1"):
        return slope[0, 0]  # type: ignore[no-any-return]
    if slope.shape[2:] == (1, 1) and infer(node.by, world.scope) == ("1", "1"):
        return slope[..., 0, 0]
    return slope


def _power(world: World, node: Power, env: Mapping[str, int]) -> Balls:
    x = world.evaluate(node.base, env)
    exponent = whole_exponent(node.exponent)
    if exponent is not None and is_square(infer(node.base, world.scope)):
        return _matrix_power(x, exponent)
    if exponent is not None:
        return mapped(lambda z: _integer_power(z, exponent), x)
    p = world.evaluate(node.exponent, env)[0, 0]
    exp, log = world.functions["exp"][0], world.functions["log"][0]
    return mapped(lambda z: exp(p * log(z)), x)


def _matrix_power(x: Balls, exponent: int) -> Balls:
    if exponent == 0:
        one = x * 0
        one[np.diag_indices(len(x))] += 1
        return one  # type: ignore[no-any-return]
    base = _inverse(x) if exponent < 0 else x
    result = base
    for _ in range(abs(exponent) - 1):
        result = np.asarray(result @ base, dtype=object)
    return result


def _integer_power(x: Any, exponent: int) -> Any:
    if exponent == 0:
        return x * 0 + 1
    result = x
    for _ in range(abs(exponent) - 1):
        result = result * x
    return reciprocal(result) if exponent < 0 else result


def _case(world: World, node: Case, env: Mapping[str, int]) -> Balls:
    """Each entry by the first condition that surely holds there."""
    values = [world.evaluate(value, env) for value, _ in node.branches]
    tests = [_tested(world, condition, env) for _, condition in node.branches]
    shape = np.broadcast_shapes(*(array.shape for array in (*values, *tests)))
    result = np.empty(shape, dtype=object)
    values = [np.broadcast_to(value, shape) for value in values]
    tests = [np.broadcast_to(test, shape) for test in tests]
    for place in np.ndindex(*shape):
        result[place] = arb("nan")
        for value, test in zip(values, tests, strict=True):
            if test[place] != False:  # noqa: E712 - three answers: None is not known
                result[place] = value[place] if test[place] else arb("nan")
                break
        _check_disjoint(node, [value[place] for value in values], [test[place] for test in tests])
    return result


def _check_disjoint(node: Case, values: list[Any], tests: list[Any]) -> None:
    """Raises UndeclaredError where two printed conditions hold at once and their values differ."""
    holding = [
        primal(value)
        for value, test, (_, condition) in zip(values, tests, node.branches, strict=True)
        if test and condition is not None
    ]
    if any(isinstance(v, arb) and surely_differ(holding[0], v) for v in holding[1:]):
        raise UndeclaredError(f"two of the cases of {to_text(node)} hold at once and differ")


def _tested(world: World, condition: Expr | None, env: Mapping[str, int]) -> Balls:
    if condition is None:
        return np.full((1, 1), True, dtype=object)
    assert isinstance(condition, Relation)
    left, right = world.evaluate(condition.left, env), world.evaluate(condition.right, env)
    return mapped(lambda gap: _holds(condition.sign, primal(gap)), left - right)


def _holds(sign: str, gap: Any) -> bool | None:
    """Whether ``gap sign 0`` is sure; None where the ball does not tell."""
    if gap > 0:
        return sign in (">", "\\geq", "\\neq")
    if gap < 0:
        return sign in ("<", "\\leq", "\\neq")
    if gap == 0:
        return sign in ("\\geq", "\\leq", "=")
    return None


EVALUATORS: dict[type, Callable[[World, Any, Mapping[str, int]], Balls]] = {
    Number: lambda world, node, env: _scalar(world.number(node.value)),
    Size: lambda world, node, env: _scalar(world.number(Fraction(world.sizes[node.name]))),
    Ref: lambda world, node, env: world.array(node, env),
    Entry: _entry,
    Filled: _filled,
    Ones: lambda world, node, env: mapped(
        lambda _: world.number(Fraction(1)), np.empty((world.sizes[node.size], 1), dtype=object)
    ),
    Place: _place,
    Add: lambda world, node, env: world.evaluate(node.left, env) + world.evaluate(node.right, env),
    Neg: lambda world, node, env: -world.evaluate(node.arg, env),
    Product: _product,
    Divide: lambda world, node, env: _times(
        world.evaluate(node.top, env), mapped(reciprocal, world.evaluate(node.bottom, env))
    ),
    Power: _power,
    Transpose: lambda world, node, env: world.evaluate(node.arg, env).T,
    Call: _call,
    Sum: _sum,
    Total: _total,
    Derivative: _derivative,
    Matrix: lambda world, node, env: np.array(
        [[world.evaluate(cell, env)[0, 0] for cell in row] for row in node.rows], dtype=object
    ),
    Case: _case,
}
