"""A claim, its edits and its numbers as one line of text each, for a terminal or a log."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

from ..answer import EXAMPLE, AsPrinted, Counterexample, Strength, Verdict
from ..claims.claim import Claim
from ..document.statements import Loop
from ..document.syntax import Name
from ..document.write import to_text

SIGNS = {":=": "←", "\\approx": "≈", "\\in": "∈", "\\notin": "∉"}
MEANT = {
    Strength.DEFINITION: "of the notation",
    Strength.SHAPES: "alone",
    Strength.TESTED: "on random shapes and values",
}
SHORT = 16  # characters of an edit that is shown beside its name
DIGITS, EXACT_DIGITS, MOST_DIGITS = 6, 15, 30  # shown; of a double; of a counterexample


def claim_text(claim: Claim) -> str:
    """A claim as one line of Unicode."""
    if claim.left is not None and claim.right is not None:
        lead = "… " if claim.continues else ""
        sign = SIGNS.get(claim.sign, claim.sign)
        where = "".join(f", {to_text(condition)}" for condition in claim.conditions)
        return f"{lead}{to_text(claim.left)} {sign} {to_text(claim.right)}{where}"
    if isinstance(claim.loop, Loop):
        loop = claim.loop
        return f"for {loop.index} from {to_text(loop.first)} to {to_text(loop.last)}"
    return " ".join(claim.tex.split())


def draft_hint(document: str) -> str:
    """What to do about a notation that is only drafted."""
    page = shlex.quote(document)
    file = shlex.quote(str(Path(document).with_suffix(".toml")))
    return f"To check and complete that notation: gradproof notation {page} > {file}"


def edit_words(verdict: Verdict) -> list[str]:
    """The edits in words, the shortest with what they change."""
    words = []
    for change in verdict.changes:
        before, after = change.shown()
        short = len(before) + len(after) < SHORT
        words.append(f"{change.edit.value} ({before} → {after})" if short else change.edit.value)
    return words


def outcome_text(verdict: Verdict) -> str:
    """What stands beside a verdict: how sure it is, or why it is none of the better ones."""
    if verdict.as_printed is AsPrinted.HOLDS and verdict.strength is not None:
        return strength_text(verdict)
    return verdict.reason


def strength_text(verdict: Verdict) -> str:
    """How far a formula was shown to be true, and by what."""
    if verdict.strength is None:
        return ""
    if verdict.strength is Strength.PROVED:
        return f"proved {verdict.method or ''}".strip()
    if verdict.method == EXAMPLE:
        return f"{verdict.strength.value} {EXAMPLE}"
    why = f"; no proof: {verdict.method}" if verdict.method else ""
    return f"{verdict.strength.value} {MEANT[verdict.strength]}{why}"


# -- the counterexample ---------------------------------------------------------------
def counterexample_pairs(example: Counterexample) -> Iterator[tuple[str, str]]:
    """Each array with its value, both sides last, with the digits that tell them apart."""
    for name, value in example.values.items():
        yield to_text(Name(name)), _array(value, DIGITS)
    printed, true = example.printed_digits, example.true_digits
    digits = next(
        (n for n in range(DIGITS, MOST_DIGITS) if _array(printed, n) != _array(true, n)),
        MOST_DIGITS,
    )
    yield "printed", _array(printed, digits)
    yield "true", _array(true, digits)


def _array(value: Any, digits: int) -> str:
    """``[1 2; 3 4]``, as matrices stand in formulas."""
    if not isinstance(value, list):
        return _number(value, digits)
    rows = [row if isinstance(row, list) else [row] for row in value]
    return "[" + "; ".join(" ".join(_number(item, digits) for item in row) for row in rows) + "]"


def _number(value: Any, digits: int) -> str:
    """A number, or the text of one, to so many significant digits."""
    if isinstance(value, int):
        return str(value)
    if digits <= EXACT_DIGITS:
        return f"{float(value):.{digits}g}"
    with localcontext(prec=digits):
        return str(+Decimal(value))
