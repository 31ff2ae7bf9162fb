"""Syntax tree -> numbers, one rule a node, whatever the numbers are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb

from ..claims.shapes import infer, is_square, softmax_axis, total_axes, whole_exponent
from ..document.syntax import (
    Add,
    Call,
    Case,
    Derivative,
    Divide,
    Expr,
    Matrix,
    Meaning,
    Neg,
    Number,
    Power,
    Product,
    Ref,
    Relation,
    Size,
    Sum,
    Total,
    Transpose,
)  # fmt: skip
from ..errors import LimitError
from .enclosure import Balls, mapped, primal, reciprocal

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
    if x.shape == (1, 1):
        return x[0, 0]
    terms = [
        (-1) ** column * x[0, column] * _determinant(np.delete(x[1:], column, axis=1))
        for column in range(x.shape[1])
    ]
    return sum(terms[1:], terms[0])


def _inverse(x: Balls) -> Balls:
    size = x.shape[0]
    result: Balls = np.empty_like(x)
    if size == 1:
        result[0, 0] = reciprocal(x[0, 0])
        return result
    whole = reciprocal(_determinant(x))
    for i, j in product(range(size), repeat=2):
        minor = np.delete(np.delete(x, j, axis=0), i, axis=1)
        result[i, j] = (-1) ** (i + j) * _determinant(minor) * whole
    return result


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


def _sum(world: World, node: Sum, env: Mapping[str, int]) -> Balls:
    total: Any = None
    left_out = node.without.at(dict(env)) if node.without is not None else None
    for number in range(1, world.index_size(node.index, node.body) + 1):
        if number != left_out:
            term = world.evaluate(node.body, {**env, node.index: number})
            total = term if total is None else total + term
    if total is None:
        return _scalar(world.number(Fraction(0)))
    return total  # type: ignore[no-any-return]


def _total(world: World, node: Total, env: Mapping[str, int]) -> Balls:
    x = world.evaluate(node.arg, env)
    axes = total_axes(node.over, infer(node.arg, world.scope)[:2], world.notation)
    if x.ndim == 4:  # the sum of per-sample slopes
        summed: Balls = x.sum(axis=axes, keepdims=True)
        return summed[0, 0] if summed.shape[:2] == (1, 1) else summed
    return np.asarray(x.sum(axis=axes, keepdims=True), dtype=object)


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
    return result


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
