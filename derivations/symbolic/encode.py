"""Syntax tree -> SymPy expression of one entry, in index notation.

Every array becomes an `IndexedBase` with a generated name; a product over an inner axis a
`Sum`; a derivative is worked out here from the forward model, never read from the claim.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from ..claims.model import Definition, Node
from ..claims.networks import Network, Scope
from ..claims.notation import Notation
from ..claims.shapes import Shape, infer
from ..document.syntax import (
    Call,
    Case,
    Derivative,
    Expr,
    Index,
    Ref,
    walk,
)  # fmt: skip
from ..errors import UndeclaredError
from . import atoms
from .indices import ZERO, At, added, array, fresh, own_sums
from .rules import RULES

CONTINUOUS = frozenset({"real", "positive", "(0, 1)", "positive definite"})


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
        self._generic: dict[Node, bool] = {}
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
        domain = self.notation.symbols[node[0]].domain
        if domain in ("ones", "zeros"):
            return sp.Integer(int(domain == "ones"))
        if domain == "identity":
            return atoms.Delta(at[0], at[1])
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
        return RULES[type(tree)](self, tree, at, env)

    def index(self, entry: Index, env: Mapping[str, Any]) -> Any:
        if entry.base is None:
            return sp.Integer(entry.offset - 1)
        if entry.base not in env:
            raise UndeclaredError(f"the index {entry.base} is not bound")
        return env[entry.base] + entry.offset

    def is_generic(self, tree: Expr) -> bool:
        """Whether a tree is made, over all definitions, of real arrays by functions without a
        kink, so that it is 0 on no open set unless it is 0 everywhere."""
        refs = [node for node in walk(tree) if isinstance(node, Ref)]
        kinks = any(
            isinstance(node, Case) or (isinstance(node, Call) and node.function in atoms.PIECEWISE)
            for node in walk(tree)
        )
        return bool(refs) and not kinks and all(self._smooth(self.node(ref)) for ref in refs)

    def _smooth(self, node: Node) -> bool:
        if node not in self._generic:
            definition = self.definitions.get(node)
            continuous = self.notation.symbols[node[0]].domain in CONTINUOUS
            known = definition is not None and self.is_generic(definition.right)
            self._generic[node] = continuous and (definition is None or known)
        return self._generic[node]

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
