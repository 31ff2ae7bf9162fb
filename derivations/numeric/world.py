"""The document's own forward model on one set of shapes and values.

A derivative is taken of the forward model alone: one entry of the variable carries a tangent
through it in ball arithmetic, so that the result encloses the true slope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from ..claims.model import Definition, Node
from ..claims.networks import Network, Scope
from ..claims.notation import Notation
from ..claims.shapes import SCALAR, counted, infer
from ..document.syntax import (
    Derivative,
    Expr,
    Ref,
    Sum,
    walk,
)  # fmt: skip
from ..errors import LimitError, UndeclaredError
from .enclosure import ENTRYWISE, Balls, ball, curvature, mapped, seeded, seeded_twice, tangent
from .evaluate import EVALUATORS

Draw = Callable[[str, "tuple[int, int]"], Balls]


class World:
    """A network with sizes and values: the forward model's arrays, computed when asked for."""

    def __init__(
        self,
        notation: Notation,
        definitions: Mapping[Node, Definition],
        network: Network,
        sizes: Mapping[str, int],
        draw: Draw,
        same: Mapping[str, str] | None = None,
    ) -> None:
        self.notation = notation
        self.definitions = definitions
        self.network = network
        dims = [dim.name for symbol in notation.symbols.values() for dim in symbol.shape]
        literal = {name: int(name) for name in ("1", *dims) if name.isdigit()}
        self.sizes: dict[str, int] = {**literal, **sizes}
        self.draw = draw
        self.same = same
        self.values: dict[Node, Balls] = {}
        self.slopes: dict[tuple[Node, Node], Balls] = {}
        self._sources: dict[Node, set[Node]] = {}
        self.perturbed = False
        self.functions: Mapping[str, tuple[Callable[[Any], Any], ...]] = ENTRYWISE
        self.number: Callable[[Fraction], Any] = ball
        self._memo: dict[int, tuple[Expr, Balls]] = {}

    @property
    def scope(self) -> Scope:
        """A scope of its own for each question: written indices are bound anew."""
        return Scope(self.notation, self.network, self.same)

    def seen_from(self, network: Network) -> World:
        """The same values, with layer letters standing for other layers."""
        other = World(self.notation, self.definitions, network, self.sizes, self.draw, self.same)
        other.values, other.slopes, other._sources = self.values, self.slopes, self._sources
        return other

    def shape_of(self, node: Node) -> tuple[int, int]:
        symbol = self.notation.symbols[node[0]]
        rows, columns = (self.sizes[self.scope.size(dim, node[1])] for dim in symbol.shape)
        return rows, columns

    def value(self, node: Node) -> Balls:
        """The array of a node: from its definition, else drawn once and kept."""
        if node not in self.values:
            definition = self.definitions.get(node)
            constant = CONSTANTS.get(self.notation.symbols[node[0]].domain)
            if constant is not None:
                self.values[node] = constant(self.shape_of(node))
            elif definition is None:
                self.values[node] = self.draw(node[0], self.shape_of(node))
            else:
                self.values[node] = self.evaluate(definition.right, {})
        return self.values[node]

    def inputs(self) -> dict[str, Balls]:
        """The drawn arrays by their printed names."""
        return {
            f"{name}^{layer}" if layer is not None else name: value
            for (name, layer), value in self.values.items()
            if (name, layer) not in self.definitions
        }

    # -- trees ------------------------------------------------------------------
    def evaluate(self, tree: Expr, env: Mapping[str, int]) -> Balls:
        """The balls of a typed tree; written indices take their numbers from ``env``."""
        if env:
            return EVALUATORS[type(tree)](self, tree, env)
        kept = self._memo.get(id(tree))
        if kept is None:
            # The tree is kept beside its value, so that its id stays its own.
            kept = (tree, EVALUATORS[type(tree)](self, tree, env))
            self._memo[id(tree)] = kept
        return kept[1]

    def array(self, ref: Ref, env: Mapping[str, int]) -> Balls:
        node = (ref.name, self.scope.layer_of(ref))
        value = self.value(node)
        return value[picked(ref, env, value.shape)]

    # -- derivatives --------------------------------------------------------------
    def slope(self, of: Expr, by: Ref, env: Mapping[str, int]) -> Balls:
        """The derivative of a tree by an array: the tree's axes, then the array's."""
        if self.perturbed:
            raise LimitError("a derivative of a derivative")
        node = (by.name, self.scope.layer_of(by))
        if isinstance(of, Derivative):
            return self._second_slope(of, node, picked(by, env, self.shape_of(node)), env)
        self._check_computed(of, node)
        if isinstance(of, Ref) and of.entries is None:
            whole = self._whole_slope((of.name, self.scope.layer_of(of)), node, of)
            return whole[(..., *picked(by, env, whole.shape[-2:]))]
        return self._slope(of, node, picked(by, env, self.shape_of(node)), env)

    def _check_computed(self, of: Expr, by: Node) -> None:
        """What the model does not compute has no slope that could be told; it is not 0."""
        if not isinstance(of, Ref):
            return
        source = (of.name, self.scope.layer_of(of))
        if source != by and source not in self.definitions:
            raise UndeclaredError(
                f"the model does not say what {of.name} is computed from; add its definition "
                "under  forward  in [model]",
                of.name,
            )
        known = self.scope.notation.depends.get(of.name, frozenset())
        if by[0] != of.name and by[0] not in known:
            raise UndeclaredError(
                f"the model does not say how {of.name} depends on {by[0]}; add the definitions "
                "between them under  forward  in [model]",
                by[0],
            )

    def _whole_slope(self, of: Node, by: Node, tree: Expr) -> Balls:
        """The slope of one array by another, worked out once."""
        if (of, by) not in self.slopes:
            self.slopes[of, by] = self._slope(tree, by, (slice(None), slice(None)), {})
        return self.slopes[of, by]

    def _slope(
        self, of: Expr, node: Node, window: tuple[slice, slice], env: Mapping[str, int]
    ) -> Balls:
        rows, columns = self.shape_of(node)
        places = np.arange(rows * columns).reshape(rows, columns)[window]
        value = self.evaluate(of, env)
        result = np.empty(value.shape + places.shape, dtype=object)
        for place, number in np.ndenumerate(places):
            world = self.with_tangent(node, divmod(int(number), columns))
            result[(..., *place)] = mapped(tangent, world.evaluate(of, env))
        return result

    def _second_slope(
        self, of: Derivative, node: Node, window: tuple[slice, slice], env: Mapping[str, int]
    ) -> Balls:
        """The slope of a number's slope, of three curvatures each: along both entries and each.

        d²f/da db is half of f'' along a + b, less half of f'' along a and along b.
        """
        inner = of.by
        assert isinstance(inner, Ref)
        first = (inner.name, self.scope.layer_of(inner))
        if isinstance(of.of, Derivative) or infer(of.of, self.scope) != SCALAR:
            raise LimitError("a second derivative of an array, or a third derivative")
        if first != node and (first in self.sources(node) or node in self.sources(first)):
            raise LimitError(f"{first[0]} and {node[0]} are not independent of each other")
        for variable in (first, node):
            self._check_computed(of.of, variable)
        self.evaluate(of.of, env)  # what it is computed from has its values
        inner_window = picked(inner, env, self.shape_of(first))
        a_places, b_places = self._places(first, inner_window), self._places(node, window)
        result: Balls = np.empty(a_places.shape + b_places.shape, dtype=object)

        def half(*seeds: tuple[Node, tuple[int, int]]) -> Any:
            return curvature(self.with_curvature(seeds).evaluate(of.of, env)[0, 0])

        for i, a in np.ndenumerate(a_places):
            for j, b in np.ndenumerate(b_places):
                along_a, along_b = (first, a), (node, b)
                if along_a == along_b:
                    result[i + j] = 2 * half(along_a)
                else:
                    result[i + j] = half(along_a, along_b) - half(along_a) - half(along_b)
        return result

    def _places(self, node: Node, window: tuple[slice, slice]) -> Any:
        """The places of an array's entries, as an array of pairs, and of these a window."""
        shape = self.shape_of(node)
        places = np.empty(shape, dtype=object)
        for place in np.ndindex(*shape):
            places[place] = place
        return places[window]

    def with_curvature(self, seeds: tuple[tuple[Node, tuple[int, int]], ...]) -> World:
        """This world with a tangent of two orders at some entries."""
        other = World(self.notation, self.definitions, self.network, self.sizes, undrawn, self.same)
        other._sources = self._sources
        moved = {node for node, _ in seeds}
        base = {node: self.value(node) for node in moved}
        other.values = {
            key: value for key, value in self.values.items() if not moved & self.sources(key)
        }
        for node in moved:
            places = [place for other_node, place in seeds if other_node == node]
            other.values[node] = seeded_twice(base[node], places)
        other.perturbed = True
        return other

    def with_tangent(self, node: Node, place: tuple[int, int]) -> World:
        """This world with a tangent at one entry of a node; what lies before it is shared."""
        other = World(self.notation, self.definitions, self.network, self.sizes, undrawn, self.same)
        other._sources = self._sources
        base = self.value(node)
        other.values = {
            key: value for key, value in self.values.items() if node not in self.sources(key)
        }
        other.values[node] = seeded(base, place)
        other.perturbed = True
        return other

    def sources(self, node: Node) -> set[Node]:
        """Every node that a node is computed from, over any number of definitions."""
        if node not in self._sources:
            self._sources[node] = self._found_sources(node)
        return self._sources[node]

    def _found_sources(self, node: Node) -> set[Node]:
        found: set[Node] = set()
        todo = [node]
        while todo:
            definition = self.definitions.get(todo.pop())
            for ref in walk(definition.right) if definition else ():
                if isinstance(ref, Ref):
                    source = (ref.name, self.scope.layer_of(ref))
                    if source not in found:
                        found.add(source)
                        todo.append(source)
        return found

    def index_size(self, node: Sum) -> int:
        index, body = node.index, node.body
        for ref in walk(body):
            if isinstance(ref, Ref):
                for axis, entry in enumerate(ref.entries or ()):
                    if entry is not None and entry.base == index:
                        return self.shape_of((ref.name, self.scope.layer_of(ref)))[axis]
        scope = self.scope  # it stands below an expression
        infer(body, scope)
        if index in scope.index_sizes:
            return self.sizes[scope.index_sizes[index]]
        if (size := counted(node, scope)) is not None:
            return self.sizes[size]
        raise UndeclaredError(f"the index {index} does not occur")


def undrawn(name: str, shape: tuple[int, int]) -> Balls:
    """No value, in a world that begins with all that it is to have."""
    raise LimitError(f"{name} {'×'.join(map(str, shape))} has no value to start from")


def _identity(shape: tuple[int, int]) -> Balls:
    result: Balls = np.empty(shape, dtype=object)
    for i, j in np.ndindex(*shape):
        result[i, j] = ball(int(i == j))
    return result


# Arrays whose values are fixed by what they are declared to be.
CONSTANTS: dict[str, Callable[[tuple[int, int]], Balls]] = {
    "identity": _identity,
    "ones": lambda shape: mapped(lambda _: ball(1), np.empty(shape, dtype=object)),
    "zeros": lambda shape: mapped(lambda _: ball(0), np.empty(shape, dtype=object)),
}


def picked(ref: Ref, env: Mapping[str, int], shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The window that a reference's entries cut out of its array; both axes stay.

    Raises: UndeclaredError for an entry beyond the array.
    """
    window = []
    for entry, size in zip(ref.entries or (None, None), shape, strict=True):
        if entry is None:
            window.append(slice(None))
        else:
            at = entry.at(dict(env)) - 1
            if not 0 <= at < size:
                raise UndeclaredError(f"{ref.name} has no entry {at + 1} of {size}", ref.name)
            window.append(slice(at, at + 1))
    return window[0], window[1]


def assignments(free: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Every value of the free indices."""
    for numbers in product(*(range(1, size + 1) for size in free.values())):
        yield dict(zip(free, numbers, strict=True))
