"""The forward model of a notation: what each array is computed from, in one network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..document.statements import Chain, parse_formula
from ..document.syntax import LAST, Expr, Filled, Index, Ref, transform, walk
from ..document.write import to_text
from ..errors import FormulaError, NotationError, ShapeError, UndeclaredError
from .networks import Network, Scope
from .notation import Notation
from .readings import variants
from .resolve import resolve

Node = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class Definition:
    """``target = right`` at one layer (or none), with every product sign decided."""

    target: Node
    right: Expr


class Model:
    """The definitions of a notation, instantiated for networks of given depth."""

    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        self._parsed = [self._parse(text) for text in notation.forward]
        self._at: dict[int, dict[Node, Definition]] = {}
        self.encoders: dict[Any, Any] = {}  # what the symbolic route keeps from claim to claim

    def at(self, depth: int) -> Mapping[Node, Definition]:
        """The definition of every computed array in a network of that depth.

        Raises: NotationError if a definition does not fit the declared shapes.
        """
        if depth not in self._at:
            self._at[depth] = dict(self._instances(depth))
        return self._at[depth]

    def _fail(self, text: str, why: str) -> NotationError:
        place = f"{self.notation.source}:{self.notation.lines.get(text, 1)}"
        return NotationError(f"{place}: '{text}' ({self.notation.convention}): {why}")

    def _parse(self, text: str) -> tuple[str, Ref, Expr]:
        try:
            statements = parse_formula(text, self.notation.vocabulary)
        except FormulaError as error:
            raise self._fail(text, str(error)) from error
        chain = statements[0]
        one = len(statements) == 1 and isinstance(chain, Chain) and len(chain.links) == 1
        if not one or not isinstance(chain, Chain) or chain.head is None:
            raise self._fail(text, "write one equation  SYMBOL = FORMULA")
        try:
            left = resolve(chain.head, self.notation)
            along = _along(left)
            right = resolve(chain.links[0].side, self.notation, frozenset(filter(None, along)))
        except UndeclaredError as error:
            raise self._fail(text, str(error)) from error
        if not isinstance(left, Ref) or (left.entries is not None and not any(along)):
            raise self._fail(text, f"{to_text(left)} is no symbol")
        strange = [letter for letter in layer_letters(right) if letter not in layer_letters(left)]
        if strange:
            raise self._fail(text, f"layer {strange[0]} stands on the right side only")
        if any(along):
            return text, replace(left, entries=None, sample=None, written=""), Filled(right, along)
        return text, left, right

    def _instances(self, depth: int) -> list[tuple[Node, Definition]]:
        found: dict[Node, Definition] = {}
        # A definition at a written layer comes before the one for every layer.
        for text, left, right in sorted(self._parsed, key=lambda item: _generic(item[1])):
            for network in self._networks(left, depth):
                scope = Scope(self.notation, network)
                try:
                    node = (left.name, scope.layer_of(left))
                except UndeclaredError as error:
                    raise self._fail(text, str(error)) from error
                if node not in found:
                    tree = self._typed(text, left, right, scope)
                    found[node] = Definition(node, at_layers(tree, network))
        return list(found.items())

    def _networks(self, left: Ref, depth: int) -> list[Network]:
        layer = left.layer
        if layer is None or layer.base is None or layer.base == LAST:
            fits = layer is None or layer.base == LAST or layer.offset <= depth
            return [Network(depth)] if fits else []
        return [
            Network(depth, ((layer.base, number - layer.offset),)) for number in range(1, depth + 1)
        ]

    def _typed(self, text: str, left: Ref, right: Expr, scope: Scope) -> Expr:
        symbol = self.notation.symbols[left.name]
        layer = scope.layer_of(left)
        due = tuple(scope.size(dim, layer) for dim in symbol.shape)
        try:
            found = [v for v in variants(right, scope) if v.shape == due]
        except (ShapeError, UndeclaredError) as error:
            raise self._fail(text, str(error)) from error
        if not found:
            raise self._fail(
                text,
                f"the right side has not the shape {'×'.join(due)} of "
                f"{to_text(left)}; mend [shape] or the formula",
            )
        if len(found) > 1:
            raise self._fail(
                text,
                "two readings of it fit; write what its sums run over and how long its ones are, "
                "and use \\odot or declare the sign under [product]",
            )
        return found[0].tree


def _along(left: Expr) -> tuple[str | None, str | None]:
    """The letters of a definition entry by entry; two of them, or an index that is no letter, are
    none."""
    entries = left.entries if isinstance(left, Ref) and left.entries else (None, None)
    letters = [entry.base for entry in entries if entry is not None and not entry.offset]
    written = sum(entry is not None for entry in entries)
    if not letters or None in letters or len(set(letters)) != written:
        return None, None
    first, second = (None if entry is None else entry.base for entry in entries)
    return first, second


def at_layers(tree: Expr, network: Network) -> Expr:
    """The tree with every layer index as a number in that network."""

    def fixed(node: Expr) -> Expr:
        if isinstance(node, Ref) and node.layer is not None:
            return Ref(node.name, Index(None, network.layer(node.layer)), node.entries)
        return node

    return transform(tree, fixed)


def _generic(left: Ref) -> bool:
    return left.layer is not None and left.layer.base not in (None, LAST)


def layer_letters(*trees: Expr) -> list[str]:
    """The letters that stand for a layer in the trees, in order of appearance."""
    found: dict[str, None] = {}
    for tree in trees:
        for node in walk(tree):
            base = node.layer.base if isinstance(node, Ref) and node.layer is not None else None
            if base is not None and base != LAST:
                found[base] = None
    return list(found)
