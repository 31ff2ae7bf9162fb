"""One claim in full: the verdict, the reading, the counterexample, the derivation."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import Group
from rich.text import Text
from rich.tree import Tree

from ..answer import AsPrinted, Verdict
from ..claims.claim import Claim, read_claims
from ..document.write import to_text
from ..errors import UsageError
from ..sources import choose, find_notation, open_page
from ..verdict import Judge
from .terminal import COLOURS, plain, terminal
from .visible import visible
from .words import claim_text, counterexample_pairs, edit_words, strength_text


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
    trees = Group(*(_explained(claim, judge.judge(claim)) for claim in found))
    if not sys.stdout.isatty():
        return plain(trees)
    console = terminal()
    with console.capture() as captured:
        console.print(trees)
    return captured.get()


def _answers_to(claim: Claim, wanted: str) -> bool:
    names = {claim.id, f"L{claim.line}"}
    if claim.left is not None:
        text = to_text(claim.left)
        names |= {text, text.replace("∂", "d")}
    return wanted in names


def _explained(claim: Claim, verdict: Verdict) -> Tree:
    """The claim as a tree: what is said of it, and below that how it came about."""
    root = Tree(_text(f"L{claim.line}  {claim_text(claim)}", "bold"))
    head = _text("as printed  ").append(
        verdict.as_printed.value, style=COLOURS.get(verdict.as_printed, "yellow")
    )
    root.add(head).add(_text(verdict.reason))
    if verdict.reading is not None and verdict.as_printed is not AsPrinted.HOLDS:
        closest = root.add(_text(f"closest true formula  {verdict.reading}"))
        for words in edit_words(verdict):
            closest.add(_text(words))
    for words in _facts(verdict):
        root.add(_text(words))
    _add_derivation(root, verdict)
    if verdict.counterexample is not None:
        agree = verdict.as_printed is AsPrinted.ILL_TYPED
        where = ", where the shapes do agree" if agree else ""
        numbers = root.add(_text(f"counterexample{where}"))
        for name, value in counterexample_pairs(verdict.counterexample):
            numbers.add(_text(f"{name} = {value}"))
    return root


def _facts(verdict: Verdict) -> Iterator[str]:
    if verdict.strength is not None:
        yield f"strength  {strength_text(verdict)}"
    if verdict.scope not in ("never", "no layers"):
        yield f"scope  {verdict.scope}"
    if verdict.assuming:
        yield f"assuming  {', '.join(verdict.assuming)}"
    if verdict.floats is not None:
        yield f"double precision  {verdict.floats}"
    for rival in verdict.rivals:
        yield f"as close  {rival}"


def _add_derivation(root: Tree, verdict: Verdict) -> None:
    """The steps; each was replayed from its two sides alone."""
    if verdict.found is None:
        return
    if not verdict.steps:
        root.add(_text("derivation  it cannot be written out in index notation"))
        return
    sure = all(step.checked for step in verdict.steps)
    derivation = root.add(_text(f"derivation{', every step checked by itself' if sure else ''}"))
    for step in verdict.steps:
        doubt = "" if step.checked else "  NOT CONFIRMED"
        derivation.add(_text(f"{step.rule}{doubt}")).add(
            _text(f"{to_text(step.before)} = {to_text(step.after)}")
        )


def _text(words: str, style: str = "") -> Text:
    return Text(visible(words), style=style)
