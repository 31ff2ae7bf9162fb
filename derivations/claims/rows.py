"""The lines of an aligned display, each a formula of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..document.lexer import Vocabulary
from ..document.markdown import Formula
from ..document.statements import rows_of
from ..errors import FormulaError

_RELATION = re.compile(r"[=<>]|:=|\\(?:approx|leq?|geq?|equiv)(?![A-Za-z])")


def goes_on(row: Formula) -> bool:
    """Whether a line begins with a relation, and so belongs to the formula before it."""
    return _RELATION.match(row.tex) is not None


def rows(item: Formula, words: Vocabulary) -> Iterator[Formula]:
    """The lines of a display; one where there are none."""
    try:
        stretches = rows_of(item.tex, words)
    except FormulaError:
        return
    for start, stop in stretches:
        text = item.tex[start:stop]
        blank = len(text) - len(text.lstrip("& \n\t"))
        line = item.line + item.tex[: start + blank].count("\n")
        if text.strip("& \n\t"):
            yield replace(item, tex=text[blank:].rstrip("& \n\t"), line=line)
