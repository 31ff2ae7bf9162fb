"""A one with a condition behind it, which is 1 where that holds and otherwise 0."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ..document.syntax import ONE, ZERO, Case, Expr, Name, Number, Place, Relation, Script
from .notation import Notation
from .scripts import index_of, pieces_of

INDICATORS = (
    *(Name(f"\\{style}{{1}}") for style in ("mathbb", "mathbf", "boldsymbol", "bm")),
    Name("\\mathbb{I}"),
    Number(Fraction(1)),
)


def with_indicators(parts: list[Expr]) -> Iterator[Expr]:
    """The factors of a row, an indicator and its condition as one of them."""
    waiting: Expr | None = None
    for part in parts:
        condition = part.base if isinstance(part, Script) else part
        if waiting is not None and isinstance(condition, Relation):
            yield part  # a condition stands for its indicator
            waiting = None
            continue
        if waiting is not None:
            yield waiting
        waiting = part if part in INDICATORS else None
        if waiting is None:
            yield part
    if waiting is not None:
        yield waiting


def kronecker(node: Script, notation: Notation) -> Expr | None:
    """``\\delta_{ij}``, where delta is not declared: 1 where the indices are equal."""
    pieces = [piece for part in node.sub for piece in pieces_of(part)]
    plain = node.base == Name("\\delta") and not node.sup and not node.primes
    if not plain or len(pieces) != 2 or not all(isinstance(p, Name) for p in pieces):
        return None
    found = [index_of(piece, notation) for piece in pieces]  # a size's letter too
    places = [Place(index) for index in found if index is not None]
    if len(places) != len(pieces):
        return None
    return Case(((ONE, Relation("=", *places)), (ZERO, None)))
