"""Equations between quantities that are given: where the loss is least, or a condition.

``X^T X w = X^T y`` is no identity, and nobody means one.  It is true of the w at which the
gradient of the loss vanishes, and that is what can be decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

from .answer import AsPrinted, Verdict, capital, sentence
from .claims.claim import Claim, ClaimKind
from .claims.depends import dependencies
from .claims.notation import Notation
from .claims.plans import Plan
from .document.syntax import Add, Derivative, Divide, Expr, Name, Neg, Number, Product, Ref, walk
from .document.tex import parse_expression
from .document.write import to_tex, to_text
from .errors import NotationError

Ask = Callable[[Claim, Notation], Verdict]
_ONE, _TWO = Number(Fraction(1)), Number(Fraction(2))
_REFUTED = frozenset({AsPrinted.FAILS, AsPrinted.ILL_TYPED})


def as_condition(claim: Claim, plan: Plan, notation: Notation, ask: Ask) -> Verdict | None:
    """What a refuted equation says of the loss's parameters; None if it says nothing of them."""
    if not is_between_given(claim, plan, notation):
        return None
    of = notation.depends[str(notation.loss)]
    if isinstance(plan.left, Ref) and plan.left.entries is None:
        return _where_least(claim, notation, ask) if plan.left.name in of else None
    parameters = [name for name in sorted(of) if _is_parameter(name, claim, notation)]
    return _where_zero(claim, parameters, notation, ask)


def is_between_given(claim: Claim, plan: Plan, notation: Notation) -> bool:
    """Whether an equation has nothing that is computed, and something that the loss depends on."""
    if claim.kind is ClaimKind.UPDATE or claim.sign != "=":
        return False
    of = notation.depends.get(notation.loss or "", frozenset())
    return is_given(plan, notation) and bool(_names(plan) & of)


def is_given(plan: Plan, notation: Notation) -> bool:
    """Whether a formula has symbols, and none that the model computes or that differentiates."""
    nodes = (node for side in (plan.left, plan.right) for node in walk(side))
    names = _names(plan)
    slopes = any(isinstance(node, Derivative) for node in nodes)
    return bool(names) and not slopes and not names & notation.depends.keys()


def _names(plan: Plan) -> set[str]:
    nodes = (node for side in (plan.left, plan.right) for node in walk(side))
    return {node.name for node in nodes if isinstance(node, Ref)}


def _is_zero(side: Expr | None) -> bool:
    return isinstance(side, Number) and not side.value


def _is_parameter(name: str, claim: Claim, notation: Notation) -> bool:
    """Whether the loss is least in a symbol: it is given, of no samples, and stands in a formula,
    for as one side of an equation it is what the other side should come to."""
    symbol = notation.symbols.get(name)
    if symbol is None or symbol.layered or name in notation.depends:
        return False
    alone = {to_tex(side) for side in (claim.left, claim.right) if side is not None}
    return not any(dim.name in notation.sample_sizes for dim in symbol.shape) and name not in alone


def _where_least(claim: Claim, notation: Notation, ask: Ask) -> Verdict:
    """Whether the gradient of the loss vanishes at the value that a claim gives a parameter."""
    left, right = claim.left, claim.right
    assert left is not None
    assert right is not None
    there = replace(notation, forward=(*notation.forward, f"{to_tex(left)} = {to_tex(right)}"))
    there = replace(there, depends=dependencies(there))
    gradient = Derivative(Name(str(notation.loss)), left)
    zero = replace(claim, left=gradient, right=Add(left, Neg(right)), kind=ClaimKind.GRADIENT)
    try:
        verdict = ask(zero, there)
    except NotationError as error:
        verdict = Verdict(as_printed=AsPrinted.UNDECLARED, reason=sentence(error))
    where = f"the gradient of {to_text(Name(str(notation.loss)))} by {to_text(left)}"
    if verdict.as_printed is AsPrinted.HOLDS:
        return _with_meaning(verdict, f"{where} vanishes there")
    if verdict.as_printed in _REFUTED:
        reason = f"{capital(where)} does not vanish there."
        return replace(verdict, as_printed=AsPrinted.FAILS, reason=reason)
    reason = f"Whether {where} vanishes there is not known. {verdict.reason}"
    return Verdict(as_printed=verdict.as_printed, reason=reason)


def _where_zero(
    claim: Claim, parameters: list[str], notation: Notation, ask: Ask
) -> Verdict | None:
    """Whether the sides differ by a multiple of the gradient of the loss by some parameter."""
    assert claim.left is not None
    assert claim.right is not None
    loss = Name(str(notation.loss))
    difference = Add(claim.left, Neg(claim.right)) if not _is_zero(claim.right) else claim.left
    for name in parameters:
        by = parse_expression(name, notation.vocabulary)
        slope = Derivative(loss, by)
        for factor in _factors(notation):
            side = Product("", factor, difference)
            same = replace(claim, left=slope, right=side, kind=ClaimKind.GRADIENT)
            verdict = ask(same, notation)
            if verdict.as_printed is AsPrinted.HOLDS:
                what = f"the gradient of {to_text(loss)} by {to_text(by)} vanishes where it holds"
                return _with_meaning(verdict, what)
            if verdict.as_printed is not AsPrinted.FAILS:
                break  # of another shape
    return None


def _with_meaning(verdict: Verdict, what: str) -> Verdict:
    """The verdict on the gradient, told as what it says of the equation."""
    how = f"{verdict.method}; {what}" if verdict.method else what
    return replace(verdict, method=how, reason=f"{capital(what)}. {verdict.reason}")


def _factors(notation: Notation) -> Iterator[Expr]:
    """What a gradient is usually multiplied by before it is set to zero."""
    counts = [Name(name) for name in sorted(notation.sample_sizes)]
    for number in (_ONE, _TWO, Divide(_ONE, _TWO)):
        for factor in (number, *(Product("", number, count) for count in counts),
                       *(Divide(number, count) for count in counts)):  # fmt: skip
            yield factor
            yield Neg(factor)
