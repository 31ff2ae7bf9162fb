"""What there is to say of a claim that does not hold, in words, for every door that says it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ..answer import AsPrinted, Counterexample, Verdict
from ..check import DocumentCheck
from ..claims.claim import Claim
from ..document.write import to_text
from .visible import brief, visible
from .words import claim_text, counterexample_pairs, edit_words

MAX_LABEL = 48


class Level(Enum):
    ERROR = "error"
    WARNING = "warning"


LEVELS = {
    AsPrinted.FAILS: Level.ERROR,
    AsPrinted.ILL_TYPED: Level.ERROR,
    AsPrinted.UNDECLARED: Level.WARNING,
    AsPrinted.UNREADABLE: Level.WARNING,
    AsPrinted.INCONCLUSIVE: Level.WARNING,
}
MEANINGS = {
    AsPrinted.HOLDS: "The formula is true as printed.",
    AsPrinted.FAILS: "The two sides of the formula differ for some shapes and numbers.",
    AsPrinted.ILL_TYPED: "No declared meaning of the formula's operations fits its shapes.",
    AsPrinted.UNDECLARED: "The notation does not know a symbol of the formula, or not there.",
    AsPrinted.UNREADABLE: "The formula is outside the grammar and was not checked.",
    AsPrinted.INCONCLUSIVE: "The formula could not be decided.",
    AsPrinted.NOT_A_CLAIM: "The text states nothing that could be checked.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A claim that is wrong, or that could not be checked."""

    check: DocumentCheck
    claim: Claim
    verdict: Verdict
    level: Level

    @property
    def text(self) -> str:
        """One sentence: the verdict, why, and the closest true formula."""
        parts = [f"{headline(self.claim, self.verdict)} under '{self.check.convention}'"]
        parts.append(one_line(self.verdict.reason).rstrip("."))
        if self.verdict.reading is not None:
            edits = ", ".join(edit_words(self.verdict))
            parts.append(f"closest true formula {self.verdict.reading} ({edits})")
        return visible("; ".join(parts)) + "."

    @property
    def last_line(self) -> int:
        return self.claim.line + self.claim.tex.count("\n")


def findings(checks: Iterable[DocumentCheck]) -> list[Finding]:
    """All that an editor or a reviewer should be shown, in the order of the documents."""
    return [
        Finding(check=check, claim=claim, verdict=verdict, level=LEVELS[verdict.as_printed])
        for check in checks
        for claim, verdict in check.claims
        if verdict.as_printed in LEVELS
    ]


def contradictions(checks: Iterable[DocumentCheck]) -> list[str]:
    """Errors of this program's own, a sentence each."""
    return [
        visible(f"two routes contradict each other on {claim.id}: {verdict.contradiction}")
        for check in checks
        for claim, verdict in check.claims
        if verdict.contradiction
    ]


def headline(claim: Claim, verdict: Verdict) -> str:
    """The formula and its verdict, ``Z = W * X + b is ill-typed as printed``."""
    kind = verdict.as_printed.value
    verb = kind if verdict.as_printed in (AsPrinted.FAILS, AsPrinted.HOLDS) else f"is {kind}"
    return f"{brief(claim_text(claim))} {verb} as printed"


def label(claim: Claim) -> str:
    """A short name to call a claim by: its line and its left side, ``L159 dL/dW``."""
    if claim.left is None:
        text = claim.kind.value if claim.unreadable is None else "unreadable"
    else:
        text = to_text(claim.left).replace("∂", "d")
    return visible(one_line(f"L{claim.line} {text}"))[:MAX_LABEL]


def explained(verdict: Verdict) -> Iterator[str]:
    """Why a claim does not hold, one labelled line each."""
    yield f"reason    {verdict.reason}"
    if verdict.reading is not None:
        yield f"closest   {verdict.reading}"
        yield f"edits     {', '.join(edit_words(verdict))}"
    if verdict.scope.endswith("only"):
        yield f"scope     {verdict.scope}"
    if verdict.assuming:
        yield f"assuming  {', '.join(verdict.assuming)}"
    if verdict.counterexample is not None:
        yield from _numbers(verdict.counterexample)


def _numbers(example: Counterexample) -> Iterator[str]:
    *values, printed, true = counterexample_pairs(example)
    for number, (name, value) in enumerate(values):
        yield f"{'' if number else 'values':<8}  {name} = {value}"
    yield from (f"{name:<8}  {value}" for name, value in (printed, true))


def one_line(text: str) -> str:
    return " ".join(text.split())


def place(document: str) -> str:
    """The document's path as seen from here, where it lies below; else as it is."""
    relative = Path(os.path.relpath(document))
    return document if relative.parts[:1] == ("..",) else relative.as_posix()
