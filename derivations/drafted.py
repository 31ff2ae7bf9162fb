"""Verdicts under a drafted notation: what fails only under its guesses is left undecided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .answer import AsPrinted, Verdict
from .claims.claim import Claim, notation_at
from .claims.conditions import ANY_FUNCTION, ANY_LOSS, LAYOUT, NAMED_FUNCTION
from .claims.notation import Notation
from .document.syntax import Derivative, Name, Script, walk
from .verdict import Judge

_OTHERS = ("sigmoid", "tanh", "relu", "softplus")
_REFUTED = frozenset({AsPrinted.FAILS, AsPrinted.ILL_TYPED})


def reconsidered(claim: Claim, verdict: Verdict, notation: Notation) -> Verdict:
    """The verdict, or undeclared where another reading of the page would make the claim hold."""
    own = notation_at(claim.line, notation)
    if verdict.as_printed not in _REFUTED or verdict.contradiction:
        return verdict
    if verdict.as_printed is AsPrinted.ILL_TYPED and _picks_rows(claim):
        return _undecided(verdict, "the document does not say what an index below brackets picks")
    if not own.assume:
        return verdict
    if _rests_on_the_loss(claim, own):
        return _undecided(verdict, "the document does not say what the loss is")
    for other, what in _others(own):
        if Judge(other, budget=0).judge(claim).as_printed is AsPrinted.HOLDS:
            return _undecided(verdict, f"it holds {what}, and the document does not say")
    return verdict


def _undecided(verdict: Verdict, why: str) -> Verdict:
    reason = f"{verdict.reason.rstrip('.')} under the drafted notation; {why}."
    return Verdict(as_printed=AsPrinted.UNDECLARED, reason=reason)


def _picks_rows(claim: Claim) -> bool:
    """One index below brackets, which may pick an entry or a whole row."""
    sides = [side for side in (claim.left, claim.right) if side is not None]
    return any(
        isinstance(node, Script) and not isinstance(node.base, Name) and len(node.sub) == 1
        for side in sides
        for node in walk(side)
    )


def _rests_on_the_loss(claim: Claim, notation: Notation) -> bool:
    """A derivative of a loss that is stood in for, equal to something that is none."""
    if not any(ANY_LOSS in text for text in notation.assume) or claim.right is None:
        return False
    slope = claim.left is not None and any(isinstance(n, Derivative) for n in walk(claim.left))
    return slope and not any(isinstance(node, Derivative) for node in walk(claim.right))


def _others(notation: Notation) -> Iterator[tuple[Notation, str]]:
    """The notation with one guess of the draft made in another way."""
    for text in notation.assume:
        if text == LAYOUT:
            yield replace(notation, layout="numerator"), "in numerator layout"
        name = text.partition(" ")[0]
        if name in notation.functions and (ANY_FUNCTION in text or NAMED_FUNCTION in text):
            for meant in _OTHERS:
                if meant != notation.functions[name]:
                    functions = {**notation.functions, name: meant}
                    yield replace(notation, functions=functions), f"if {name} is the {meant}"
