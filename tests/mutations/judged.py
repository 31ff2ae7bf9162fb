"""The mutants with their verdicts, and what must be true of each: a check returns its complaint."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from derivations.answer import AsPrinted, Strength, Verdict
from derivations.check import BUILT_IN, find_notation, open_page
from derivations.claims.claim import Claim, read_claims
from derivations.claims.notation import Notation
from derivations.claims.readings import Edit
from derivations.document.markdown import Formula, parse_page
from derivations.document.syntax import Expr, Name, transform
from derivations.report.json import claim_data
from derivations.verdict import Judge

from .confirm import confirmed
from .equivalent import equivalent, refutes
from .mutate import Mutant, mutants, spread, tokens
from .network import CONVENTIONS

CERTAIN = frozenset({Strength.PROVED, Strength.DEFINITION, Strength.SHAPES})
KEPT_SIGNS = frozenset({":=", "\\notin"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A mutant beside the formula it was made of."""

    convention: str
    mutant: Mutant
    claim: Claim
    verdict: Verdict
    origin: Claim
    origin_verdict: Verdict


@cache
def notations() -> dict[str, Notation]:
    return find_notation(BUILT_IN, open_page(BUILT_IN), None)[0]


@cache
def every_mutant() -> tuple[Mutant, ...]:
    """The mutants of every formula of the document, in its order."""
    formulas = [item.tex for item in open_page(BUILT_IN).items if isinstance(item, Formula)]
    return tuple(mutant for tex in formulas for mutant in mutants(tex))


@cache
def shared_judge(convention: str) -> Judge:
    return Judge(notations()[convention])


def claims_in(tex: str, convention: str) -> list[Claim]:
    return read_claims(parse_page(f"$$\n{tex}\n$$\n"), notations()[convention])


@cache
def verdicts(tex: str, convention: str) -> tuple[tuple[Claim, Verdict], ...]:
    judge = shared_judge(convention)
    return tuple((claim, judge.judge(claim)) for claim in claims_in(tex, convention))


def judged(mutant: Mutant, convention: str) -> list[Judged]:
    """Each claim that a mutant makes, beside the claim of its origin."""
    origin, before = verdicts(mutant.origin, convention)[0]
    return [
        Judged(convention=convention, mutant=mutant, claim=claim, verdict=verdict,
               origin=origin, origin_verdict=before)
        for claim, verdict in verdicts(mutant.tex, convention)
    ]  # fmt: skip


@cache
def drawn(rounds: int | None) -> tuple[tuple[str, Mutant], ...]:
    """In each round a mutant of every formula, the conventions in turn; all of all for None."""
    if rounds is None:
        return tuple((each, mutant) for each in CONVENTIONS for mutant in every_mutant())
    return tuple(
        (CONVENTIONS[(turn + place) % len(CONVENTIONS)], mutant)
        for turn, mutants_of_all in enumerate(spread(every_mutant(), rounds, seed=rounds))
        for place, mutant in enumerate(mutants_of_all)
    )


def sample(convention: str, rounds: int | None) -> list[Judged]:
    return [case for each, mutant in drawn(rounds) if each == convention
            for case in judged(mutant, convention)]  # fmt: skip


# -- what must be true of every mutant --------------------------------------------------
def holds_falsely(case: Judged) -> str | None:
    """A mutant holds only if it is true, and then for certain."""
    if case.verdict.as_printed is not AsPrinted.HOLDS:
        return None
    if case.verdict.strength not in CERTAIN:
        return f"holds, and is only {case.verdict.strength}"
    return None if confirmed(case.claim, case.convention) else "holds, and is not true"


def goes_unnoticed(case: Judged) -> str | None:
    """Where the original has a reading, something said of it changes with it."""
    if case.origin_verdict.reading is None or _said(case.verdict) != _said(case.origin_verdict):
        return None
    if case.verdict.as_printed is AsPrinted.HOLDS and confirmed(case.claim, case.convention):
        return None
    if equivalent(case.origin, case.claim, case.convention) or on_the_way(case):
        return None
    return "nothing said of it changes"


def on_the_way(case: Judged) -> bool:
    """Whether the mutant took one size for another in one place, and the reading does throughout.

    One edit mends every place at once, so that origin and mutant are equally far from the reading.
    """
    for change in case.origin_verdict.changes:
        before, after = change.shown()
        if change.edit is Edit.SIZE and case.origin.right and case.claim.right:
            mended = (
                _renamed(tree, before, after) for tree in (case.origin.right, case.claim.right)
            )
            if next(mended) == next(mended):
                return True
    return False


def _renamed(tree: Expr, before: str, after: str) -> Expr:
    return transform(tree, lambda node: Name(after) if node == Name(before) else node)


def _said(verdict: Verdict) -> tuple[object, ...]:
    edits = tuple((change.edit, *change.shown()) for change in verdict.changes)
    return verdict.as_printed, verdict.reading, verdict.cost, edits


def read_back(case: Judged) -> list[Claim]:
    """The claims of the formula that the reading says should stand there."""
    assert case.verdict.reading_tex is not None
    if case.claim.loop is not None:
        return claims_in(case.verdict.reading_tex, case.convention)
    left = printed_left(case.claim.tex)
    sign = case.claim.sign if case.claim.sign in KEPT_SIGNS else "="
    return claims_in(f"{left} {sign} {case.verdict.reading_tex}", case.convention)


def printed_left(tex: str) -> str:
    """What stands before the first relation."""
    signs = {"=", "<", ">", ":", "\\neq", "\\geq", "\\leq", "\\in", "\\notin"}
    left = []
    for piece in tokens(tex):
        if piece.text in signs and not piece.level:
            break
        left.append(piece.text)
    return "".join(left)


def misreads(case: Judged) -> str | None:
    """The reading, read back as a formula, holds as printed, and is true by other numbers."""
    if case.verdict.reading_tex is None:
        return None
    claims = read_back(case)
    if len(claims) != 1:
        return f"the reading is read back as {len(claims)} formulas"
    (claim,) = claims
    found = shared_judge(case.convention).judge(claim)
    if found.as_printed is not AsPrinted.HOLDS:
        return f"the reading {claim.tex} is read back: {found.as_printed.value}, {found.reason}"
    return None if confirmed(claim, case.convention) else f"the reading {claim.tex} is not true"


def refutes_nothing(case: Judged) -> str | None:
    """The values of a counterexample give what is shown, and it is not the truth."""
    example = case.verdict.counterexample
    if example is None or case.claim.left is None or printed_left(case.claim.tex).strip() == "y":
        return None
    if refutes(case.claim, example, case.convention):
        return None
    return f"the counterexample {example.values} refutes nothing"


def contradicts(case: Judged) -> str | None:
    """No route to the truth contradicts another."""
    return case.verdict.contradiction


def as_bytes(cases: list[tuple[Claim, Verdict]]) -> bytes:
    data = [claim_data(claim, verdict) for claim, verdict in cases]
    return json.dumps(data, ensure_ascii=False, sort_keys=False).encode()
