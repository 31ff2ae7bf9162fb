"""Verdicts under a drafted notation: what fails only under its guesses is left undecided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .answer import AsPrinted, Verdict, capital, sentence
from .claims.claim import Claim, ClaimKind, notation_at
from .claims.conditions import ANY_FUNCTION, ANY_LOSS, LAYOUT, NAMED_FUNCTION
from .claims.depends import dependencies
from .claims.notation import Notation
from .document.syntax import Add, Call, Derivative, Expr, Name, Neg, Script, walk
from .document.tex import parse_expression
from .document.write import to_tex, to_text
from .errors import NotationError
from .functions import FUNCTIONS, Kind
from .verdict import Judge

_OTHERS = ("sigmoid", "tanh", "relu", "softplus")
_REFUTED = frozenset({AsPrinted.FAILS, AsPrinted.ILL_TYPED})


def reconsidered(claim: Claim, verdict: Verdict, notation: Notation) -> Verdict:
    """The verdict, or undeclared where another reading of the page would make the claim hold."""
    own = notation_at(claim.line, notation)
    if verdict.as_printed not in _REFUTED or verdict.contradiction:
        return verdict
    if verdict.as_printed is AsPrinted.FAILS and _gives(claim, own):
        return _where_least(claim, own)
    if claim.kind is ClaimKind.DEFINITION and _is_other_loss(claim, own):
        return _undecided(verdict, "the document gives another loss before, which counts here")
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


def _gives(claim: Claim, notation: Notation) -> bool:
    """Whether a claim gives a value to a parameter that the loss depends on."""
    if claim.kind is not ClaimKind.DEFINITION or not isinstance(claim.left, Name | Script):
        return False
    of = notation.depends.get(notation.loss or "", frozenset())
    key = claim.left.text if isinstance(claim.left, Name) else to_tex(claim.left)
    return key in of and key not in notation.depends


def _is_other_loss(claim: Claim, notation: Notation) -> bool:
    """Whether a claim gives the loss in other functions, as a cross-entropy after a square."""
    if claim.left != Name(str(notation.loss)) or claim.right is None:
        return False
    heads = [text for text in notation.forward if text.partition(" = ")[0] == notation.loss]
    sides = [parse_expression(t.partition(" = ")[2], notation.vocabulary) for t in heads]
    return any(_functions(side, notation) != _functions(claim.right, notation) for side in sides)


def _functions(side: Expr, notation: Notation) -> set[str]:
    """The functions of numbers in a formula; norms and sums are only ways to write one."""
    calls = [node.function for node in walk(side) if isinstance(node, Call)]
    meant = {notation.functions.get(name, name) for name in calls}
    return {name for name in meant if name in FUNCTIONS and FUNCTIONS[name].kind is Kind.ENTRYWISE}


def _where_least(claim: Claim, notation: Notation) -> Verdict:
    """Whether the gradient of the loss vanishes at the value that a claim gives a parameter.

    The draft knows no definition of a parameter: only that a loss is least there can be meant.
    """
    left, right = claim.left, claim.right
    assert left is not None
    assert right is not None
    there = replace(notation, forward=(*notation.forward, f"{to_tex(left)} = {to_tex(right)}"))
    there = replace(there, depends=dependencies(there))
    gradient = Derivative(Name(str(notation.loss)), left)
    zero = replace(claim, left=gradient, right=Add(left, Neg(right)), kind=ClaimKind.GRADIENT)
    try:
        verdict = Judge(there, budget=0).judge(zero)
    except NotationError as error:
        verdict = Verdict(as_printed=AsPrinted.UNDECLARED, reason=sentence(error))
    where = f"the gradient of {notation.loss} by {to_text(left)}"
    if verdict.as_printed is AsPrinted.HOLDS:
        return replace(verdict, reason=f"{capital(where)} vanishes there. {verdict.reason}")
    if verdict.as_printed in _REFUTED:
        reason = f"{capital(where)} does not vanish there."
        return replace(verdict, as_printed=AsPrinted.FAILS, reason=reason)
    reason = f"Whether {where} vanishes there is not known. {verdict.reason}"
    return Verdict(as_printed=verdict.as_printed, reason=reason)


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
