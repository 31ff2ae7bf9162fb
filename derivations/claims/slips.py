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
    Relation,
    Size,
    children,
    walk,
    with_children,
    written_indices,
)  # fmt: skip
from ..functions import FUNCTIONS, Kind
from .networks import Scope
from .readings import Change, Edit

TWO, HALF = Number(Fraction(2)), Number(Fraction(1, 2))


def slipped(
    tree: Expr, scope: Scope, insertable: Iterable[Expr], alone: bool = True
) -> Iterator[tuple[Expr, Change]]:
    """The whole tree with one slip mended, for every slip that could have been made.

    ``insertable`` are factors that may have been left out, besides numbers and sizes.
    ``alone``: nothing else is edited, so that there is room for the rarer slips too.
    """
    indices = (index.base for node in walk(tree) for index in written_indices(node) if index.base)
    scope.letters = set(indices) if alone else set()
    masks = tuple(insertable)
    yield from _everywhere(tree, scope, alone)
    for longer in _scaled(tree, scope):
        yield longer, Change(Edit.FACTOR, tree, longer)
    if not alone:
        yield from ((other, change) for other, change in _masked(tree, masks, False))
        return
    if isinstance(tree, Add):
        turned = Neg(tree)
        yield turned, Change(Edit.SIGN, tree, turned)
    yield from _masked(tree, masks, True)


def _everywhere(node: Expr, scope: Scope, alone: bool) -> Iterator[tuple[Expr, Change]]:
    rarer = _rarer(node, scope) if alone else ()
    for edit, other in (*_here(node, scope), *rarer):
        yield other, Change(edit, node, other)
    if isinstance(node, Derivative):
        return
    parts = list(children(node))
    for position, part in enumerate(parts):
        for other, change in _everywhere(part, scope, alone):
            yield with_children(node, [*parts[:position], other, *parts[position + 1 :]]), change


def _masked(node: Expr, masks: tuple[Expr, ...], deep: bool) -> Iterator[tuple[Expr, Change]]:
    """The tree with the slope of an activation as a factor of one of its parts."""
    if isinstance(node, Number | Size | Relation):
        return
    for mask in masks:
        longer = Product("\\odot", node, mask, Meaning.HADAMARD)
        yield longer, Change(Edit.FACTOR, node, longer)
    if isinstance(node, Derivative | Ref) or not deep:
        return
    parts = list(children(node))
    for position, part in enumerate(parts):
        for other, change in _masked(part, masks, True):
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


def _rarer(node: Expr, scope: Scope) -> Iterator[tuple[Edit, Expr]]:
    """A factor in one term only, a square, another index."""
    if isinstance(node, Add):
        yield from ((Edit.FACTOR, Add(term, node.right)) for term in _scaled(node.left, scope))
        yield from ((Edit.FACTOR, Add(node.left, term)) for term in _scaled(node.right, scope))
    elif isinstance(node, Call):
        yield Edit.FACTOR, Power(node, TWO)
    elif isinstance(node, Ref):
        yield from _other_letters(node, scope)


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
    for factor in (TWO, HALF):
        yield Edit.FACTOR, replace(node, arg=Product("", factor, node.arg))
    yield Edit.SIGN, replace(node, arg=_negated(node.arg))


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


def _other_letters(node: Ref, scope: Scope) -> Iterator[tuple[Edit, Expr]]:
    """``x_i`` for ``x_j``, where both run over the same size; ``a_{ij}`` for ``a_{ji}``."""
    entries = node.entries or ()
    if len(entries) == 2 and None not in entries and entries[0] != entries[1]:
        yield Edit.TRANSPOSE, replace(node, entries=entries[::-1], sample=None)
    for axis, entry in enumerate(entries):
        if entry is None or entry.base is None:
            continue
        for letter in sorted(scope.letters - {entry.base}):
            other = (*entries[:axis], replace(entry, base=letter), *entries[axis + 1 :])
            yield Edit.SYMBOL, replace(node, entries=other)


def _exists(ref: Ref, scope: Scope) -> bool:
    try:
        scope.layer_of(ref)
    except LookupError:
        return False
    return True
