"""The entry of each kind of node in index notation, one rule a node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy as sp

from ..claims.axes import softmax_axis, total_axes
from ..claims.shapes import (
    SCALAR,
    counted,
    entry_axes,
    infer,
    is_square,
    whole_exponent,
)
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
from ..errors import LimitError
from . import atoms
from .indices import ZERO, At, added, array, fresh, size

if TYPE_CHECKING:
    from .encode import Encoder


def _ref(coder: Encoder, node: Ref, at: At, env: Mapping[str, Any]) -> Any:
    place = list(at)
    for axis, entry in enumerate(node.entries or ()):
        if entry is not None:
            place[axis] = coder.index(entry, env)
    return coder.entry(coder.node(node), tuple(place))


def _entry(coder: Encoder, node: Entry, at: At, env: Mapping[str, Any]) -> Any:
    place = list(at)
    for axis, index in entry_axes(node, coder.shape(node.arg)):
        place[axis] = coder.index(index, env)
    return coder.encode(node.arg, tuple(place), env)


def _filled(coder: Encoder, node: Filled, at: At, env: Mapping[str, Any]) -> Any:
    own = {name: index for name, index in zip(node.along, at, strict=True) if name is not None}
    place = (ZERO if name is not None else index
             for name, index in zip(node.along, at, strict=True))  # fmt: skip
    return coder.encode(node.body, tuple(place), {**env, **own})


def _part(coder: Encoder, tree: Expr, at: At, env: Mapping[str, Any]) -> Any:
    """An operand's entry; a number stands for itself beside any array."""
    return coder.encode(tree, (ZERO, ZERO) if coder.shape(tree) == SCALAR else at, env)


def _product(coder: Encoder, node: Product, at: At, env: Mapping[str, Any]) -> Any:
    ranks = len(coder.shape(node.left)), len(coder.shape(node.right))
    if node.meaning is Meaning.HADAMARD and ranks[0] != ranks[1]:
        sides = zip((node.left, node.right), ranks, strict=True)
        return sp.Mul(
            *(coder.encode(side, at if rank == 2 else at + at, env) for side, rank in sides)
        )
    if node.meaning in (Meaning.HADAMARD, Meaning.SCALE):
        return _part(coder, node.left, at, env) * _part(coder, node.right, at, env)
    if node.meaning is Meaning.CORRELATE:
        raise LimitError("a correlation has no rule in index notation")
    left, right = coder.shape(node.left), coder.shape(node.right)
    if node.meaning is Meaning.MATMUL:
        inner = fresh(left[1])
        body = coder.encode(node.left, (at[0], inner), env) * coder.encode(
            node.right, (inner, at[1]), env
        )
        return added(body, inner, left[1])
    first, second, names = node.left, node.right, right[:2]
    if not (len(right) == 4 and left[-2:] == right[:2]):
        first, second, names = node.right, node.left, left[:2]
    outer = len(coder.shape(first)) - 2
    inner_at = tuple(fresh(name) for name in names)
    body = coder.encode(first, at[:outer] + inner_at, env) * coder.encode(
        second, inner_at + at[outer:], env
    )
    for index, name in zip(inner_at, names, strict=True):
        body = added(body, index, name)
    return body


def _call(coder: Encoder, node: Call, at: At, env: Mapping[str, Any]) -> Any:
    if node.function in atoms.PIECEWISE:
        argument = coder.encode(node.arg, at, env)
        return atoms.piecewise(node.function, argument, node.order, coder.is_generic(node.arg))
    if node.function in atoms.ENTRYWISE:
        return atoms.applied(node.function, coder.encode(node.arg, at, env), node.order)
    if node.function == "softmax":
        axis = softmax_axis(coder.shape(node.arg), coder.notation)
        return _softmax(coder, node.arg, at, env, axis)
    if node.function == "det":
        return _determinant(coder, node.arg)
    if node.function == "inv":
        return _inverse(coder, node.arg, at)
    names = coder.shape(node.arg)
    i, j = (fresh(name) for name in names)
    if node.function == "total":
        return added(added(coder.encode(node.arg, (i, j), env), j, names[1]), i, names[0])
    if node.function == "norm":
        square = coder.encode(node.arg, (i, j), env) ** 2
        return sp.sqrt(added(added(square, j, names[1]), i, names[0]))
    if node.function == "trace":
        return added(coder.encode(node.arg, (i, i), env), i, names[0])
    if node.function == "diag":
        axis = 0 if names[1] == "1" else 1
        place = (at[0], ZERO) if axis == 0 else (ZERO, at[0])
        return atoms.Delta(at[0], at[1]) * coder.encode(node.arg, place, env)
    raise LimitError(f"{node.function} has no rule in index notation")


def _softmax(coder: Encoder, arg: Expr, at: At, env: Mapping[str, Any], axis: int) -> Any:
    name = coder.shape(arg)[axis]
    other = fresh(name)
    place = (other, at[1]) if axis == 0 else (at[0], other)
    whole = added(sp.exp(coder.encode(arg, place, env)), other, name)
    return sp.exp(coder.encode(arg, at, env)) / whole


def _sum(coder: Encoder, node: Sum, at: At, env: Mapping[str, Any]) -> Any:
    if node.times:
        raise LimitError("a product over an index has no rule in index notation")
    scope = coder.scope
    infer(node.body, scope)
    name = scope.index_sizes.get(node.index) or counted(node, scope)
    if name is None:
        raise LimitError(f"the index {node.index} stands below no array")
    index = fresh(name)
    body = coder.encode(node.body, at, {**env, node.index: index})
    if node.without is not None:
        body *= 1 - atoms.Delta(index, coder.index(node.without, env))
    return added(body, index, name)


def _total(coder: Encoder, node: Total, at: At, env: Mapping[str, Any]) -> Any:
    shape = coder.shape(node.arg)
    if len(shape) != 2:
        raise LimitError("a sum over Jacobians has no rule in index notation")
    place = list(at)
    axes = total_axes(node.over, shape, coder.notation) or ()
    for axis in axes:
        place[axis] = fresh(shape[axis])
    body = coder.encode(node.arg, tuple(place), env)
    for axis in axes:
        body = added(body, place[axis], shape[axis])
    return body


def _derivative(coder: Encoder, node: Derivative, at: At, env: Mapping[str, Any]) -> Any:
    assert isinstance(node.by, Ref)
    target = coder.node(node.by)
    of = coder.shape(node.of)
    outer, inner = (at[:2], at[2:]) if len(at) == 4 else ((ZERO, ZERO), at)
    if len(at) == 2 and of != SCALAR:
        outer, inner = at, (ZERO, ZERO)
    place = list(inner)
    for axis, entry in enumerate(node.by.entries or ()):
        if entry is not None:
            place[axis] = coder.index(entry, env)
    if isinstance(node.of, Ref) and node.of.name == coder.notation.loss:
        return coder.cotangent(target, tuple(place))
    if isinstance(node.of, Derivative) and coder.frontier is not None:
        raise LimitError("a second derivative through the layers has no rule in index notation")
    value = coder.encode(node.of, outer, env)
    return coder.slope(value, target, tuple(place))


def _power(coder: Encoder, node: Power, at: At, env: Mapping[str, Any]) -> Any:
    exponent = whole_exponent(node.exponent)
    if exponent is not None and is_square(coder.shape(node.base)):
        return _matrix_power(coder, node.base, exponent, at, env)
    return coder.encode(node.base, at, env) ** coder.encode(node.exponent, (ZERO, ZERO), env)


def _matrix_power(coder: Encoder, base: Expr, exponent: int, at: At, env: Mapping[str, Any]) -> Any:
    """Repeated products of a matrix or its inverse."""
    if exponent == 0:
        return atoms.Delta(*at)
    if abs(exponent) == 1:
        return _inverse(coder, base, at) if exponent < 0 else coder.encode(base, at, env)
    name = coder.shape(base)[0]
    inner = fresh(name)
    step = exponent - 1 if exponent > 0 else exponent + 1
    first = _matrix_power(coder, base, 1 if exponent > 0 else -1, (at[0], inner), env)
    return added(first * _matrix_power(coder, base, step, (inner, at[1]), env), inner, name)


def _inverse(coder: Encoder, base: Expr, at: At) -> Any:
    return _inverse_array(coder, base)[at]


def _inverse_array(coder: Encoder, base: Expr) -> Any:
    """The symbol for the inverse of a declared array."""
    if not isinstance(base, Ref) or base.entries is not None:
        raise LimitError("the inverse of an expression has no rule in index notation")
    node = coder.node(base)
    coder.entry(node, (ZERO, ZERO))
    inverse = array("inverse", *node)
    atoms.INVERSE_OF[inverse] = array(*node)
    return inverse


def _determinant(coder: Encoder, base: Expr) -> Any:
    inverse = _inverse_array(coder, base)
    whole = array("determinant", inverse)
    atoms.DETERMINANT_OF[whole] = (atoms.INVERSE_OF[inverse], inverse)
    return whole[ZERO, ZERO]


def _case(coder: Encoder, node: Case, at: At, env: Mapping[str, Any]) -> Any:
    """Each alternative where its condition holds and none before it does."""
    total, before = sp.Integer(0), sp.Integer(1)
    for value, condition in node.branches:
        holds = sp.Integer(1) if condition is None else _condition(coder, condition, at, env)
        total += before * holds * _part(coder, value, at, env)
        before *= 1 - holds
    return total


def _condition(coder: Encoder, node: Expr, at: At, env: Mapping[str, Any]) -> Any:
    """1 where a comparison holds, else 0."""
    assert isinstance(node, Relation)
    if isinstance(node.left, Place) and isinstance(node.right, Place):
        same = atoms.Delta(*(coder.index(side.index, env) for side in (node.left, node.right)))
        if node.sign in ("=", "\\neq"):
            return same if node.sign == "=" else 1 - same
    if node.sign not in ("<", ">", "\\leq", "\\geq"):
        raise LimitError(f"{node.sign} between values has no rule in index notation")
    sides = [_part(coder, side, at, env) for side in (node.left, node.right)]
    gap = sides[0] - sides[1] if node.sign in (">", "\\geq") else sides[1] - sides[0]
    if coder.is_generic(Add(node.left, Neg(node.right))):
        return atoms.Side(gap)
    return atoms.Step(gap) if node.sign in ("<", ">") else 1 - atoms.Step(-gap)


def _matrix(coder: Encoder, node: Matrix, at: At, env: Mapping[str, Any]) -> Any:
    raise LimitError("a matrix of numbers has no rule in index notation")


RULES: dict[type, Callable[[Encoder, Any, At, Mapping[str, Any]], Any]] = {
    Number: lambda coder, node, at, env: _rational(node.value),
    Size: lambda coder, node, at, env: size(node.name),
    Ones: lambda coder, node, at, env: sp.Integer(1),
    Ref: _ref,
    Entry: _entry,
    Filled: _filled,
    Add: lambda coder, node, at, env: (
        _part(coder, node.left, at, env) + _part(coder, node.right, at, env)
    ),
    Neg: lambda coder, node, at, env: -coder.encode(node.arg, at, env),
    Product: _product,
    Divide: lambda coder, node, at, env: (
        _part(coder, node.top, at, env) / _part(coder, node.bottom, at, env)
    ),
    Power: _power,
    Transpose: lambda coder, node, at, env: coder.encode(node.arg, at[::-1], env),
    Call: _call,
    Sum: _sum,
    Total: _total,
    Derivative: _derivative,
    Case: _case,
    Matrix: _matrix,
}


def _rational(value: Fraction) -> Any:
    return sp.Rational(value.numerator, value.denominator)
