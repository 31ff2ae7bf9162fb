"""Verdicts under a drafted notation: what fails only under its guesses is left undecided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from .answer import AsPrinted, Verdict
from .claims.claim import Claim, ClaimKind, notation_at
from .claims.conditions import (
    ANY_FUNCTION,
    ANY_LOSS,
    LAYOUT,
    MAYBE_SYMMETRIC,
    NAMED_FUNCTION,
    SYMMETRIC,
)
from .claims.notation import Notation
from .claims.optima import without_marks
from .claims.plans import strict_plan
from .document.syntax import (
    Arguments,
    Call,
    Derivative,
    Expr,
    Name,
    Number,
    Product,
    Ref,
    Script,
    walk,
)
from .document.tex import parse_expression
from .document.write import to_text
from .functions import FUNCTIONS, Kind
from .stationary import is_between_given, is_given
from .verdict import Judge

_OTHERS = ("sigmoid", "tanh", "relu", "softplus")
_REFUTED = frozenset({AsPrinted.FAILS, AsPrinted.ILL_TYPED})


def reconsidered(claim: Claim, verdict: Verdict, notation: Notation) -> Verdict:
    """The verdict, or undeclared where another reading of the page would make the claim hold."""
    own = notation_at(claim.line, notation)
    if verdict.contradiction:
        return verdict
    if verdict.as_printed in (AsPrinted.UNDECLARED, AsPrinted.FAILS):
        plain = without_marks(claim, own)
        if plain is not None:
            return _at_optimum(plain, verdict, own)
    if verdict.as_printed is AsPrinted.HOLDS:
        return _in_other_words(claim, verdict, own, notation)
    if verdict.as_printed not in _REFUTED:
        return verdict
    for line, other in _other_losses(own, notation):
        if Judge(other, budget=0).judge(claim).as_printed is AsPrinted.HOLDS:
            return _undecided(verdict, f"it holds for the loss as given from line {line} on")
    if verdict.as_printed is AsPrinted.FAILS and _may_be_a_condition(claim, own):
        return _undecided(verdict, "it may be a condition, and no identity")
    if claim.ascent is None:
        upward = Judge(own, budget=0).judge(replace(claim, ascent=True))
        if upward.as_printed is AsPrinted.HOLDS:
            return _undecided(verdict, f"it holds if {to_text(Name(str(own.loss)))} is to grow")
    if claim.kind is ClaimKind.DEFINITION and _is_other_loss(claim, own):
        return _undecided(verdict, "the document gives another loss before, which counts here")
    if verdict.as_printed is AsPrinted.ILL_TYPED and _picks_rows(claim):
        return _undecided(verdict, "the document does not say what an index below brackets picks")
    if verdict.as_printed is AsPrinted.ILL_TYPED and _holds_as_row(claim, own):
        return _undecided(verdict, "it holds in numerator layout, and the document does not say")
    if not own.assume:
        return verdict
    if _rests_on_the_loss(claim, own):
        return _undecided(verdict, "the document does not say what the loss is")
    for other, what in _others(own):
        if Judge(other, budget=0).judge(claim).as_printed is AsPrinted.HOLDS:
            return _undecided(verdict, f"it holds {what}, and the document does not say")
    return verdict


def _in_other_words(claim: Claim, verdict: Verdict, own: Notation, notation: Notation) -> Verdict:
    """A loss that is given anew, of the same functions of the same symbols, should be the same."""
    if claim.kind is not ClaimKind.DEFINITION or not _gives_the_loss(claim, own):
        return verdict
    for line, other in _other_losses(own, notation):
        same = own.depends.get(str(own.loss)) == other.depends.get(str(own.loss))
        if line > claim.line or not same or _is_other_loss(claim, other):
            continue
        if Judge(other, budget=0).judge(claim).as_printed in _REFUTED:
            reason = f"It is not the loss as given from line {line} on; both are called {own.loss}."
            return Verdict(as_printed=AsPrinted.UNDECLARED, reason=reason)
    return verdict


def _other_losses(own: Notation, notation: Notation) -> Iterator[tuple[int, Notation]]:
    """The parts of the document that give the same loss in another way, by their first lines."""
    for part in notation.parts:
        other = part.notation
        if part.lines and other.loss == own.loss and other.forward != own.forward:
            yield part.lines[0], other


def _undecided(verdict: Verdict, why: str) -> Verdict:
    reason = f"{verdict.reason.rstrip('.')} under the drafted notation; {why}."
    return Verdict(as_printed=AsPrinted.UNDECLARED, reason=reason)


def _may_be_a_condition(claim: Claim, notation: Notation) -> bool:
    """``w^T w = 1`` beside a loss of w, or a derivative that is zero; w alone was judged by where
    the loss is least."""
    if isinstance(claim.left, Derivative) and claim.right == Number(Fraction(0)):
        return True
    if claim.kind is not ClaimKind.DEFINITION:
        return False
    plan = strict_plan(claim, notation)
    if isinstance(claim.right, Number) and is_given(plan, notation):
        return True
    alone = isinstance(plan.left, Ref) and plan.left.entries is None
    return not alone and is_between_given(claim, plan, notation)


def _gives_the_loss(claim: Claim, notation: Notation) -> bool:
    """``L = ...`` or ``L(w) = ...``."""
    left = claim.left
    if isinstance(left, Product) and isinstance(left.right, Arguments):
        left = left.left
    return left == Name(str(notation.loss))


def _at_optimum(claim: Claim, verdict: Verdict, notation: Notation) -> Verdict:
    """Whether the loss is least where a claim puts a parameter with a hat or a star.

    An estimate may be another one than the optimum: that it is none refutes nothing.
    """
    found = Judge(notation, budget=0).judge(claim)
    if found.as_printed is AsPrinted.HOLDS:
        return found
    why = f"{found.reason.rstrip('.')}, and the document does not say what else is meant."
    if found.as_printed in _REFUTED:
        return Verdict(as_printed=AsPrinted.UNDECLARED, reason=why)
    return replace(verdict, as_printed=AsPrinted.UNDECLARED)


def _is_other_loss(claim: Claim, notation: Notation) -> bool:
    """Whether a claim gives the loss in other functions, as a cross-entropy after a square."""
    if not _gives_the_loss(claim, notation) or claim.right is None:
        return False
    heads = [text for text in notation.forward if text.partition(" = ")[0] == notation.loss]
    sides = [parse_expression(t.partition(" = ")[2], notation.vocabulary) for t in heads]
    return any(_functions(side, notation) != _functions(claim.right, notation) for side in sides)


def _functions(side: Expr, notation: Notation) -> set[str]:
    """The functions of numbers in a formula; norms and sums are only ways to write one."""
    calls = [node.function for node in walk(side) if isinstance(node, Call)]
    meant = {notation.functions.get(name, name) for name in calls}
    return {name for name in meant if name in FUNCTIONS and FUNCTIONS[name].kind is Kind.ENTRYWISE}


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


def _holds_as_row(claim: Claim, notation: Notation) -> bool:
    """Whether it is only the gradient of a number by a column that is printed as a row."""
    if notation.layout_declared:
        return False
    other = replace(notation, layout="numerator")
    return Judge(other, budget=0).judge(claim).as_printed is AsPrinted.HOLDS


def _others(notation: Notation) -> Iterator[tuple[Notation, str]]:
    """The notation with one guess of the draft made in another way."""
    for text in notation.assume:
        if text == LAYOUT:
            yield replace(notation, layout="numerator"), "in numerator layout"
        name = text.partition(" ")[0]
        if MAYBE_SYMMETRIC in text:
            symbol = replace(notation.symbols[name], domain=SYMMETRIC)
            symbols = {**notation.symbols, name: symbol}
            yield replace(notation, symbols=symbols), f"if {name} is symmetric"
        if name in notation.functions and (ANY_FUNCTION in text or NAMED_FUNCTION in text):
            for meant in _OTHERS:
                if meant != notation.functions[name]:
                    functions = {**notation.functions, name: meant}
                    yield replace(notation, functions=functions), f"if {name} is the {meant}"
