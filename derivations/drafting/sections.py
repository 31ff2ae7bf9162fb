"""Stretches of a page with a model each: a symbol that a new section computes anew starts one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..document.markdown import Formula, Page
from ..document.syntax import Add, Derivative, Expr, Index, walk
from .definitions import Definition, definition_of
from .facts import Facts, facts_of, symbols_in
from .prose import Text

_BOUNDARY = re.compile(
    r"\s{0,8}(?:#{1,6}\s|\\(?:sub){0,2}section|\\item|\||[-*+]\s|\d{1,3}[.)]\s|-{3,}\s{0,9}$)"
)
MOST = 12  # sections with a model each


def sections(page: Page) -> list[tuple[int, int]]:
    """The first and the last line of every stretch with a model of its own."""
    lines = page.text.splitlines() or [""]
    bounds = [number for number, line in enumerate(lines, start=1) if _BOUNDARY.match(line[:60])]
    starts = [1, *_starts(facts_of(page), bounds)][:MOST]
    ends = [start - 1 for start in starts[1:]] + [len(lines)]
    return list(zip(starts, ends, strict=True))


def _starts(facts: Facts, bounds: list[int]) -> Iterator[int]:
    """Where a symbol is computed from other symbols than before, in a section of its own.

    Another loss starts one wherever it stands, if the first was put to use, or if it is the first
    with a further term.
    """
    known: dict[tuple[str, Index | None], tuple[Expr, int]] = {}
    for equation in facts.equations:
        definition = definition_of(equation, facts) or definition_of(equation, facts, kept=True)
        if definition is None:
            continue
        place = (definition.key, definition.layer)
        side, line = known.get(place, (definition.side, definition.line))
        known[place] = definition.side, definition.line
        if _is_other_loss(definition, side, facts) and (
            _is_differentiated(facts, line, definition.line) or _has_more(definition, side, facts)
        ):
            yield definition.line
            known = {place: (definition.side, definition.line)}
            continue
        if side == definition.side or _symbols(side, facts) == _symbols(definition.side, facts):
            continue
        between = [bound for bound in bounds if line < bound <= definition.line]
        if between:
            yield between[-1]
            known = {place: (definition.side, definition.line)}


def _is_other_loss(definition: Definition, before: Expr, facts: Facts) -> bool:
    """Whether the loss is given anew, of the same symbols or with more or fewer of them.

    Whether it is then the same loss in other words is for the judge to say.
    """
    if facts.loss is None or definition.key != facts.loss[0] or definition.side == before:
        return False
    first, now = _symbols(before, facts), _symbols(definition.side, facts)
    return first <= now or now <= first


def _has_more(definition: Definition, before: Expr, facts: Facts) -> bool:
    """Whether a loss is what it was before and something more, such as a penalty."""
    side = definition.side
    return isinstance(side, Add) and _symbols(before, facts) < _symbols(side, facts)


def _is_differentiated(facts: Facts, after: int, before: int) -> bool:
    """Whether some derivative stands between two lines."""
    between = (tree for line, tree in facts.trees if after < line < before)
    return any(isinstance(node, Derivative) for tree in between for node in walk(tree))


def _symbols(side: Expr, facts: Facts) -> set[str]:
    return {use.key for use in symbols_in(side, facts)}


def seen_from(page: Page, first: int, last: int) -> tuple[Page, Text]:
    """The page and its text as one section sees them: its own lines, those before, those after."""

    def order(line: int) -> tuple[int, int]:
        return (0, line) if first <= line <= last else (1, -line) if line < first else (2, line)

    formulas = [item for item in page.items if isinstance(item, Formula)]
    text = list(enumerate(page.text.splitlines(), start=1))
    blocks = sorted(text, key=lambda numbered: order(numbered[0]))
    items = tuple(sorted(formulas, key=lambda item: order(item.line)))
    return replace(page, items=items), blocks
