"""The conditions of a notation's ``[assume]``: relations, and words about rows and columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
MAYBE_SYMMETRIC = "may be symmetric"
SYMMETRIC = "symmetric"
GUESSES = (MAYBE_SYMMETRIC, ANY_FUNCTION, NAMED_FUNCTION, ANY_LOSS, LAYOUT, ERROR_TERM, OWN_LOSS)
UNKNOWN = (
    ' is no condition that can be applied; write "i = j", "y_k = 1", "Y is one-hot", '
    '"rows of Y are one-hot", "rows of Y sum to 1" or "S is symmetric"'
)

_LINES = re.compile(
    r"(?:the )?(rows|columns) of (.+?) (?:(?:are|is) one-hot|(?:each )?sum to (?:1|one))"
)
_ARRAYS = re.compile(r"(.+?) (?:is|are) (one-hot|symmetric)")
_SIGNS = re.compile(r"(=|\\neq?(?![A-Za-z])|≠)")


@dataclass(frozen=True, slots=True)
class Lines:
    """``rows of Y sum to 1``: the array as written, and a domain; no side is said by ``Y is``."""

    array: str
    kind: str  # "one-hot", "sum to 1" or "symmetric"
    side: str | None  # "rows" or "columns"

    def restrict(
        self,
        name: str,
        domains: dict[str, Any],
        shapes: Mapping[str, Any],
        sizes: Mapping[str, str],
    ) -> str | None:
        """Enter the domain of the array ``name``; why not, where it cannot be."""
        if name not in shapes:
            return f": {self.array} is not under [shape]"
        side = self.side or _classes(shapes[name], sizes)
        if self.kind == SYMMETRIC:
            parts = str(shapes[name]).split()
            if len(parts) != 2 or parts[0] != parts[1]:
                return f": {self.array} is not square"
        elif side is None:
            return f": say whether rows or columns of {self.array}"
        domain = {"one-hot": f"one-hot {side}", SYMMETRIC: SYMMETRIC}.get(
            self.kind, f"{side} {self.kind}"
        )
        if domains.setdefault(name, domain) != domain:
            return f", but the domain of {name} is '{domains[name]}'"
        return None


def is_guess(text: str) -> bool:
    """Whether a draft says so of itself."""
    return any(guess in text for guess in GUESSES)


def in_words(text: str) -> list[Lines]:
    """The condition as words about arrays; empty where it is none."""
    found = _LINES.fullmatch(text.strip())
    if found:
        kind = "one-hot" if text.strip().endswith("one-hot") else "sum to 1"
        return [Lines(found.group(2), kind, found.group(1))]
    found = _ARRAYS.fullmatch(text.strip())
    if found:
        names = found.group(1).split(",")
        return [Lines(name.strip(), found.group(2), None) for name in names]
    return []


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
