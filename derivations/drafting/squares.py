"""Squares that are quantities of their own, like a variance."""

from __future__ import annotations

from collections.abc import Iterable

from ..document.syntax import Name, Script
from .formulas import Equation
from .habits import SQUARE


def squares_of(equations: Iterable[Equation]) -> frozenset[str]:
    """Symbols whose square an equation defines: ``\\sigma^2 = \\frac{1}{m} \\sum_i ...``.

    Where the symbol itself is defined, its square is only a power.
    """
    heads = [e.head for e in equations if e.sign == "=" and e.first]
    plain = {h.base if isinstance(h, Script) and not h.sup else h for h in heads}
    squared = [h for h in heads if isinstance(h, Script) and h.sup == SQUARE and not h.primes]
    return frozenset(
        h.base.text for h in squared if isinstance(h.base, Name) and h.base not in plain
    )
