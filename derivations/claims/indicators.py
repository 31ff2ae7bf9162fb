"""A one with a condition behind it, which is 1 where that holds and otherwise 0."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ..document.syntax import Expr, Name, Number, Relation, Script

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
