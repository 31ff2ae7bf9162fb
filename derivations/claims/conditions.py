"""The conditions of a notation's ``[assume]``: relations, and words about rows and columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..document.lexer import Vocabulary
from ..document.syntax import Name, Relation, Script
from ..document.tex import parse_expression
from ..errors import FormulaError

# What a draft assumes, for the reader to settle; a judge draws on nothing but these words.
ANY_FUNCTION = "is any smooth function"
NAMED_FUNCTION = "which the text names"
ANY_LOSS = "is any function of"
LAYOUT = "an array by an array is in denominator layout"
ERROR_TERM = "is the derivative of the loss by"
OWN_LOSS = "of each sample's own loss, not of the mean"
GUESSES = (ANY_FUNCTION, NAMED_FUNCTION, ANY_LOSS, LAYOUT, ERROR_TERM, OWN_LOSS)
FORMS = '"i = j", "y_k = 1", "Y is one-hot", "rows of Y are one-hot" or "rows of Y sum to 1"'

_LINES = re.compile(
    r"(?:the )?(rows|columns) of (.+?) (?:(?:are|is) one-hot|(?:each )?sum to (?:1|one))"
)
_ARRAYS = re.compile(r"(.+?) (?:is|are) one-hot")
_SIGNS = re.compile(r"(=|\\neq?(?![A-Za-z])|≠)")


@dataclass(frozen=True, slots=True)
class Lines:
    """``rows of Y sum to 1``: the array as written, and a domain; no side is said by ``Y is``."""

    array: str
    kind: str  # "one-hot" or "sum to 1"
    side: str | None  # "rows" or "columns"

    def domain(self, spec: object, sizes: Mapping[str, str]) -> str | None:
        """The domain of an array of that declared shape; None where the side is left open."""
        side = self.side or _classes(spec, sizes)
        if side is None:
            return None
        return f"{self.kind} {side}" if self.kind == "one-hot" else f"{side} {self.kind}"


def in_words(text: str) -> list[Lines] | None:
    """The condition as words about arrays; None where it is none."""
    found = _LINES.fullmatch(text.strip())
    if found:
        kind = "one-hot" if text.strip().endswith("one-hot") else "sum to 1"
        return [Lines(found.group(2), kind, found.group(1))]
    found = _ARRAYS.fullmatch(text.strip())
    if found:
        return [Lines(name.strip(), "one-hot", None) for name in found.group(1).split(",")]
    return None


def as_relation(text: str, words: Vocabulary) -> Relation | None:
    """``i = j``, ``i \\neq j`` or ``y_k = 1``; None where the text is no such thing."""
    parts = _SIGNS.split(text)
    if len(parts) != 3:
        return None
    try:
        left, right = (parse_expression(side, words) for side in (parts[0], parts[2]))
    except FormulaError:
        return None
    indices = all(
        isinstance(side, Name) and side.text not in words.symbols for side in (left, right)
    )
    if not indices and not isinstance(left, Script):
        return None
    return Relation("=" if parts[1] == "=" else "\\neq", left, right)


def _classes(spec: object, sizes: Mapping[str, str]) -> str | None:
    """Whether rows or columns hold one sample's classes: those that the samples do not count."""
    parts = spec.split() if isinstance(spec, str) and spec != "scalar" else []
    if not parts:
        return None
    if len(parts) == 1 or parts[1] == "1" or sizes.get(parts[1]) == "samples":
        return "columns"
    return "rows" if parts[0] == "1" or sizes.get(parts[0]) == "samples" else None
