"""One claim in full: the verdict, the reading, the counterexample, the derivation."""

from __future__ import annotations

from pathlib import Path

from ..answer import AsPrinted, Verdict
from ..check import check_conventions
from ..claims.claim import Claim
from ..document.write import to_text
from ..errors import UsageError
from .terminal import claim_text, counterexample_lines, edit_words


def explain_claim(
    wanted: str, path: Path, notation: Path | None = None, convention: str | None = None
) -> str:
    """The explanation of the claim with that id, line (``L159``) or left side (``dL/dW``).

    Raises: UsageError where no claim, or more than one, answers to the name.
    """
    check = check_conventions(path, notation, convention)[0]
    found = [pair for pair in check.claims if _answers_to(pair[0], wanted)]
    if not found:
        known = ", ".join(f"L{claim.line} {claim.id}" for claim, _ in check.claims[:6])
        raise UsageError(f"{path}: no claim '{wanted}'; it has {known}, ...")
    return "\n".join(_explained(claim, verdict) for claim, verdict in found)


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
    if verdict.counterexample is not None:
        lines.append("  counterexample")
        lines += [f"    {line}" for line in counterexample_lines(verdict.counterexample)]
    return "\n".join(lines) + "\n"
