"""Syntax tree -> SymPy expression of one entry, in index notation.

Every array becomes an `IndexedBase` with a generated name; a product over an inner axis a
`Sum`; a derivative is worked out here from the forward model, never read from the claim.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from itertools import count
from typing import Any

import sympy as sp

from ..claims.model import Definition, Node
from ..claims.notation import Notation
from ..claims.shapes import (
    SCALAR,
    Network,
    Scope,
    Shape,
    infer,
    is_square,
    softmax_axis,
    total_axes,
    whole_exponent,
)
from ..document.syntax import (
    Add,
    Call,
    Case,
    Derivative,
    Divide,
    Expr,
    Index,
    Matrix,
    Meaning,
    Neg,
    Number,
    Power,
    Product,
    Ref,
    Size,
    Sum,
    Total,
    Transpose,
    walk,
)  # fmt: skip
from ..errors import LimitError, UndeclaredError
from . import atoms

At = tuple[Any, ...]
ZERO = sp.Integer(0)
_numbers = count()


@cache
def array(*key: object) -> sp.IndexedBase:
    """The SymPy array for a key, such as a name and its layer; its own name is generated."""
    return sp.IndexedBase(sp.Symbol(f"s{next(_numbers)}"))


@cache
def size(name: str) -> Any:
    """A size as a positive integer symbol; ``1`` is the number."""
    return (
        sp.Integer(1)
        if name == "1"
        else sp.Symbol(f"n{next(_numbers)}", positive=True, integer=True)
    )


def fresh(name: str) -> Any:
    """A new index along an axis; an axis of length 1 has only the index 0."""
    return ZERO if name == "1" else sp.Symbol(f"i{next(_numbers)}", integer=True)


def added(body: Any, index: Any, name: str) -> Any:
    """The sum of a body over an axis."""
    return body if index == ZERO else sp.Sum(body, (index, 0, size(name) - 1))


def own_sums(value: Any) -> Any:
    """The value with summed indices of its own, so that it may stand beside itself."""
    sums = value.atoms(sp.Sum)
    names = {limit[0]: fresh("index") for item in sums for limit in item.limits}
    return value.xreplace(names) if names else value


class Encoder:
    """Trees of one notation in one network, with sizes as symbols.

    With a ``frontier`` the loss is never opened: the cotangents of that layer's arrays that
    feed the next layer stay symbols, so that what is proved holds for whatever follows.
    """

    def __init__(
        self,
        notation: Notation,
        definitions: Mapping[Node, Definition],
        network: Network,
        frontier: int | None = None,
    ) -> None:
        self.notation = notation
        self.definitions = definitions
        self.network = network
        self.frontier = frontier
        self.nodes: dict[Any, Node] = {}
        self._shapes: dict[int, tuple[Expr, Shape]] = {}
        self._cotangents: dict[Node, tuple[At, Any]] = {}  # worked out once, at indices of its own

    @property
    def scope(self) -> Scope:
        return Scope(self.notation, self.network)

    def shape(self, tree: Expr) -> Shape:
        if id(tree) not in self._shapes:
            self._shapes[id(tree)] = (tree, infer(tree, self.scope))
        return self._shapes[id(tree)][1]

    def node(self, ref: Ref) -> Node:
        return ref.name, self.scope.layer_of(ref)

    def node_shape(self, node: Node) -> Shape:
        dims = self.notation.symbols[node[0]].shape
        return tuple(self.scope.size(dim, node[1]) for dim in dims)

    def entry(self, node: Node, at: At) -> Any:
        if self.notation.symbols[node[0]].domain == "ones":
            return sp.Integer(1)
        base = array(*node)
        self.nodes[base] = node
        return base[at]

    def encode(self, tree: Expr, at: At, env: Mapping[str, Any]) -> Any:
        """The entry of a tree at an index for each of its axes."""
        shape = self.shape(tree)
        if len(at) == len(shape):
            at = tuple(
                ZERO if name == "1" else index for name, index in zip(shape, at, strict=True)
            )
        return _ENCODERS[type(tree)](self, tree, at, env)

    def index(self, entry: Index, env: Mapping[str, Any]) -> Any:
        if entry.base is None:
            return sp.Integer(entry.offset - 1)
        if entry.base not in env:
            raise UndeclaredError(f"the index {entry.base} is not bound")
        return env[entry.base] + entry.offset

    # -- derivatives ----------------------------------------------------------
    def opened(self, node: Node, at: At) -> Any:
        """A node's entry by its definition, one step."""
        return self.encode(self.definitions[node].right, at, {})

    def is_opaque(self, node: Node) -> bool:
        if self.frontier is None or node[1] != self.frontier:
            return False
        return any(
            consumer[1] is not None and consumer[1] > self.frontier
            for consumer in self.consumers(node)
        )

    def consumers(self, node: Node) -> list[Node]:
        return [
            target
            for target, definition in self.definitions.items()
            if any(
                isinstance(ref, Ref) and self.node(ref) == node for ref in walk(definition.right)
            )
            and not _has_derivative(definition.right)
        ]

    def cotangent(self, node: Node, at: At) -> Any:
        """dL/dnode at an entry, from the cotangents of what the node feeds."""
        if node == (self.notation.loss, None):
            return sp.Integer(1)
        if self.is_opaque(node):
            return array("cotangent", *node)[at]
        if node not in self._cotangents:
            place = tuple(fresh(name) for name in self.node_shape(node))
            parts = (self.pulled_back(user, node, place) for user in self.consumers(node))
            self._cotangents[node] = (place, sp.Add(*parts))
        place, total = self._cotangents[node]
        return own_sums(total).xreplace(dict(zip(place, at, strict=True)))

    def pulled_back(self, consumer: Node, node: Node, at: At) -> Any:
        """One consumer's part of a cotangent: its own cotangent times its local slope."""
        names = self.node_shape(consumer)
        place = tuple(fresh(name) for name in names)
        slope = self.local_slope(self.opened(consumer, place), node, at)
        if slope == 0:
            return ZERO
        body = self.cotangent(consumer, place) * slope
        for index, name in zip(place, names, strict=True):
            body = added(body, index, name)
        return atoms.contract(body)

    def local_slope(self, value: Any, node: Node, at: At) -> Any:
        return atoms.contract(atoms.slope(value, self.entry(node, at)))

    def slope(self, value: Any, node: Node, at: At) -> Any:
        """The derivative of an encoded entry by a node, through every definition between."""
        total = self.local_slope(value, node, at)
        for base in sorted({item.base for item in value.atoms(sp.Indexed)}, key=str):
            between = self.nodes.get(base)
            if between is None or between == node or between not in self.definitions:
                continue
            if not self.depends(between, node):
                continue
            names = self.node_shape(between)
            place = tuple(fresh(name) for name in names)
            outer = self.local_slope(value, between, place)
            body = outer * self.slope(self.opened(between, place), node, at)
            for index, name in zip(place, names, strict=True):
                body = added(body, index, name)
            total += atoms.contract(body)
        return total

    def depends(self, node: Node, source: Node) -> bool:
        definition = self.definitions.get(node)
        if definition is None:
            return False
        found = [self.node(ref) for ref in walk(definition.right) if isinstance(ref, Ref)]
        return source in found or any(self.depends(item, source) for item in found)


def _has_derivative(tree: Expr) -> bool:
    return any(isinstance(node, Derivative) for node in walk(tree))


# -- one rule a node ----------------------------------------------------------------
def _ref(coder: Encoder, node: Ref, at: At, env: Mapping[str, Any]) -> Any:
    place = list(at)
    for axis, entry in enumerate(node.entries or ()):
        if entry is not None:
            place[axis] = coder.index(entry, env)
    return coder.entry(coder.node(node), tuple(place))


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
    scope = coder.scope
    infer(node.body, scope)
    name = scope.index_sizes[node.index]
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
    value = coder.encode(node.of, outer, env)
    return coder.slope(value, target, tuple(place))


def _power(coder: Encoder, node: Power, at: At, env: Mapping[str, Any]) -> Any:
    exponent = whole_exponent(node.exponent)
    if exponent is not None and is_square(coder.shape(node.base)):
        return _matrix_power(coder, node.base, exponent, at, env)
    return coder.encode(node.base, at, env) ** coder.encode(node.exponent, (ZERO, ZERO), env)


def _matrix_power(coder: Encoder, base: Expr, exponent: int, at: At, env: Mapping[str, Any]) -> Any:
    """Repeated products of a matrix or its inverse."""
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
    raise LimitError("alternatives have no rule in index notation")


def _matrix(coder: Encoder, node: Matrix, at: At, env: Mapping[str, Any]) -> Any:
    raise LimitError("a matrix of numbers has no rule in index notation")


_ENCODERS: dict[type, Callable[[Encoder, Any, At, Mapping[str, Any]], Any]] = {
    Number: lambda coder, node, at, env: _rational(node.value),
    Size: lambda coder, node, at, env: size(node.name),
    Ref: _ref,
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
