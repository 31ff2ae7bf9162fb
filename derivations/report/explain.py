"""One claim in full: the verdict, the reading, the counterexample, the derivation."""

from __future__ import annotations

from pathlib import Path

from ..answer import AsPrinted, Verdict
from ..check import choose, find_notation, open_page
from ..claims.claim import Claim, read_claims
from ..document.write import to_text
from ..errors import UsageError
from ..verdict import Judge
from .terminal import claim_text, counterexample_lines, edit_words


def explain_claim(
    wanted: str, path: Path, notation: Path | None = None, convention: str | None = None
) -> str:
    """The explanation of the claim with that id, line (``L159``) or left side (``dL/dW``).

    Raises: UsageError where no claim, or more than one, answers to the name.
    """
    page = open_page(path)
    conventions, source = find_notation(path, page, notation)
    chosen = choose(conventions, convention, source)[0]
    claims = read_claims(page, chosen)
    found = [claim for claim in claims if _answers_to(claim, wanted)]
    if not found:
        known = ", ".join(f"L{claim.line} {claim.id}" for claim in claims[:6])
        raise UsageError(f"{path}: no claim '{wanted}'; it has {known}, ...")
    judge = Judge(chosen, in_full=True)
    return "\n".join(_explained(claim, judge.judge(claim)) for claim in found)


def _answers_to(claim: Claim, wanted: str) -> bool:
    names = {claim.id, f"L{claim.line}"}
    if claim.left is not None:
        text = to_text(claim.left)
        names |= {text, text.replace("∂", "d")}
    return wanted in names


def _explained(claim: Claim, verdict: Verdict) -> str:
    lines = [f"L{claim.line}  {claim_text(claim)}", f"  as printed   {verdict.as_printed.value}"]
    lines.append(f"  reason       {verdict.reason}")
    if verdict.reading is not None and verdict.as_printed is not AsPrinted.HOLDS:
        lines.append(f"  closest true formula   {verdict.reading}")
        lines += [f"    edit: {words}" for words in edit_words(verdict)]
    if verdict.strength is not None:
        how = f" {verdict.method}" if verdict.method else ""
        lines.append(f"  strength     {verdict.strength.value}{how}; scope: {verdict.scope}")
    lines += _derivation(verdict)
    if verdict.counterexample is not None:
        lines.append("  counterexample")
        lines += [f"    {line}" for line in counterexample_lines(verdict.counterexample)]
    return "\n".join(lines) + "\n"


def _derivation(verdict: Verdict) -> list[str]:
    """The steps of the proof; each is replayed from its two sides alone before it is shown."""
    if verdict.found is None:
        return []
    if not verdict.steps:
        return ["  derivation   cannot be written out in index notation"]
    width = max(len(step.rule) for step in verdict.steps)
    return [
        "  derivation",
        *(
            f"    {'checked' if step.checked else 'NOT CHECKED'}  {step.rule:<{width}}  "
            f"{to_text(step.before)} = {to_text(step.after)}"
            for step in verdict.steps
        ),
    ]
