"""Bars around a matrix: its determinant, unless the entries between them are added up."""

from __future__ import annotations

from ..document.syntax import (
    Add,
    Call,
    Expr,
    Neg,
    Number,
    Power,
    Product,
    Ref,
    Transpose,
    transform,
)
from ..functions import FUNCTIONS, Kind
from .notation import Dim, Notation

Sides = tuple[Dim, Dim]
_ONE = Dim("1")


def is_square(node: Expr, notation: Notation) -> bool:
    """Whether a resolved tree is a square matrix, as far as its symbols alone can tell."""
    sides = _sides(node, notation)
    return sides is not None and sides[0] == sides[1] != _ONE


def entry_by_entry(node: Expr) -> Expr:
    """The tree with all bars as the absolute value of each entry."""

    def plain(part: Expr) -> Expr:
        bars = isinstance(part, Call) and part.function == "|"
        return Call("abs", part.arg) if bars and isinstance(part, Call) else part

    return transform(node, plain)


def _sides(node: Expr, notation: Notation) -> Sides | None:
    if isinstance(node, Number):
        return _ONE, _ONE
    if isinstance(node, Ref):
        return None if node.entries else notation.symbols[node.name].shape
    if isinstance(node, Transpose):
        sides = _sides(node.arg, notation)
        return None if sides is None else sides[::-1]
    if isinstance(node, Neg):
        return _sides(node.arg, notation)
    if isinstance(node, Power):
        return _sides(node.base, notation)
    if isinstance(node, Call):
        return _called(node, notation)
    if isinstance(node, Add | Product):
        left, right = _sides(node.left, notation), _sides(node.right, notation)
        return _added(left, right) if isinstance(node, Add) else _multiplied(left, right)
    return None


def _called(node: Call, notation: Notation) -> Sides | None:
    sides, function = _sides(node.arg, notation), FUNCTIONS[node.function]
    if function.kind is Kind.SCALAR:
        return _ONE, _ONE
    if function.kind is Kind.DIAGONAL and sides is not None:
        size = sides[0] if sides[1] == _ONE else sides[1]
        return size, size
    return sides


def _added(left: Sides | None, right: Sides | None) -> Sides | None:
    """A number, or an identity whose size nothing declares, takes the size of its neighbour."""
    return right if left in (None, (_ONE, _ONE)) else left


def _multiplied(left: Sides | None, right: Sides | None) -> Sides | None:
    if left is None or right is None or (_ONE, _ONE) in (left, right):
        return right if left == (_ONE, _ONE) else left if right == (_ONE, _ONE) else None
    return (left[0], right[1]) if left[1] == right[0] else None
