"""Slips: every tree that differs from a formula by one sign, factor, symbol, prime or index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from ..document.syntax import (
    Add,
    Call,
    Derivative,
    Divide,
    Expr,
    Meaning,
    Neg,
    Number,
    Power,
    Product,
    Ref,
    Size,
    children,
    with_children,
)  # fmt: skip
from ..functions import FUNCTIONS, Kind
from .networks import Scope
from .readings import Change, Edit

TWO, HALF, MINUS = Number(Fraction(2)), Number(Fraction(1, 2)), Number(Fraction(-1))


def slipped(tree: Expr, scope: Scope, insertable: Iterable[Expr]) -> Iterator[tuple[Expr, Change]]:
    """The whole tree with one slip mended, for every slip that could have been made.

    ``insertable`` are factors that may have been left out, besides numbers and sizes.
    """
    yield from _everywhere(tree, scope)
    for longer in (
        *_scaled(tree, scope),
        *(Product("\\odot", tree, slope) for slope in insertable),
    ):
        yield longer, Change(Edit.FACTOR, tree, longer)


def _everywhere(node: Expr, scope: Scope) -> Iterator[tuple[Expr, Change]]:
    for edit, other in _here(node, scope):
        yield other, Change(edit, node, other)
    if isinstance(node, Derivative):
        return
    parts = list(children(node))
    for position, part in enumerate(parts):
        for other, change in _everywhere(part, scope):
            yield with_children(node, [*parts[:position], other, *parts[position + 1 :]]), change


def _scaled(tree: Expr, scope: Scope) -> Iterator[Expr]:
    """The tree times a number or a size, or divided by a size."""
    factors: tuple[Expr, ...] = (TWO, HALF, *map(Size, sorted(scope.notation.sizes)))
    for factor in factors:
        yield Product("", factor, tree, Meaning.SCALE)
    for name in sorted(scope.notation.sizes):
        yield Divide(tree, Size(name))


def _here(node: Expr, scope: Scope) -> Iterator[tuple[Edit, Expr]]:
    if isinstance(node, Add):
        yield Edit.SIGN, Add(node.left, _negated(node.right))
        yield Edit.SIGN, Add(_negated(node.left), node.right)
    elif isinstance(node, Neg):
        yield Edit.SIGN, node.arg
    elif isinstance(node, Product):
        yield from ((Edit.FACTOR, side) for side in (node.left, node.right))
        yield Edit.SIGN, Neg(node)
    elif isinstance(node, Divide):
        yield Edit.FACTOR, node.top
        yield Edit.SIGN, Neg(node)
    elif isinstance(node, Number):
        yield from ((Edit.FACTOR, Number(value)) for value in _near(node.value))
    elif isinstance(node, Ref):
        yield from _other_symbols(node, scope)
    elif isinstance(node, Call):
        yield from _other_calls(node)
    elif isinstance(node, Power):
        yield Edit.FACTOR, node.base


def _negated(node: Expr) -> Expr:
    return node.arg if isinstance(node, Neg) else Neg(node)


def _near(value: Fraction) -> Iterator[Fraction]:
    for other in (value * 2, value / 2, value + 1, value - 1, -value):
        if other not in (value, 0):
            yield other


def _other_calls(node: Call) -> Iterator[tuple[Edit, Expr]]:
    if FUNCTIONS[node.function].kind is Kind.ENTRYWISE:
        if node.order:
            yield Edit.PRIME, replace(node, order=node.order - 1)
        yield Edit.PRIME, replace(node, order=node.order + 1)
    for factor in (TWO, HALF, MINUS):
        yield Edit.FACTOR, replace(node, arg=Product("", factor, node.arg))


def _other_symbols(node: Ref, scope: Scope) -> Iterator[tuple[Edit, Expr]]:
    symbols = scope.notation.symbols
    mine = symbols[node.name]
    for name, symbol in sorted(symbols.items()):
        if name != node.name and symbol.shape == mine.shape:
            other = replace(node, name=name, written="")
            if _exists(other, scope):
                yield Edit.SYMBOL, other
    if node.layer is not None and not node.bare and not node.written:
        for step in (-1, 1):
            moved = replace(node, layer=node.layer.moved(step))
            if _exists(moved, scope):
                yield Edit.MOVE, moved
    yield from _other_entries(node)


def _other_entries(node: Ref) -> Iterator[tuple[Edit, Expr]]:
    for axis, entry in enumerate(node.entries or ()):
        if entry is None or node.entries is None:
            continue
        for step in (-1, 1):
            moved = entry.moved(step)
            if moved.base is not None or moved.offset > 0:
                entries = (*node.entries[:axis], moved, *node.entries[axis + 1 :])
                yield Edit.MOVE, replace(node, entries=entries)


def _exists(ref: Ref, scope: Scope) -> bool:
    try:
        scope.layer_of(ref)
    except LookupError:
        return False
    return True
