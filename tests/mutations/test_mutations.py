"""What one small change does to a formula of the document: it never makes it true by mistake."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from derivations.answer import AsPrinted, Strength
from derivations.verdict import Judge

from . import judged as checks
from .judged import (
    Judged,
    claims_in,
    drawn,
    every_mutant,
    judged,
    notations,
    sample,
    verdicts,
)
from .mutate import Mutant, Slip, mutants
from .network import CONVENTIONS

Check = Callable[[Judged], str | None]
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "dev")
ROUNDS = {"ci": 3, "deep": None}.get(PROFILE, 1)  # mutants of each formula
CHECKS: tuple[Check, ...] = (
    checks.holds_falsely,
    checks.goes_unnoticed,
    checks.misreads,
    checks.refutes_nothing,
    checks.contradicts,
)
conventions = pytest.mark.parametrize("convention", CONVENTIONS)
RIGHT = r"\frac{\partial L}{\partial W}=\frac{1}{n}(A-Y)*X"


@cache
def cases(convention: str) -> tuple[Judged, ...]:
    return tuple(sample(convention, ROUNDS))


def case(tex: str, convention: str, origin: str = RIGHT) -> Judged:
    return judged(Mutant(Slip.SIGN, origin, tex), convention)[0]


def complaints(check: Check, convention: str) -> list[str]:
    found = [(each.mutant.tex, check(each)) for each in cases(convention)]
    return [f"{tex}: {what}" for tex, what in found if what]


@conventions
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_no_mutant_gives_cause_for_complaint(check: Check, convention: str) -> None:
    assert complaints(check, convention) == []


@conventions
def test_the_same_seed_gives_the_same_bytes(convention: str) -> None:
    drawn = [each.mutant.tex for each in cases(convention)][:: 1 if ROUNDS is None else 4 * ROUNDS]
    claims = [claim for tex in drawn for claim in claims_in(tex, convention)]
    once, again = (
        checks.as_bytes([(claim, judge.judge(claim)) for claim in claims])
        for judge in (Judge(notations()[convention]), Judge(notations()[convention]))
    )
    assert once == again


# -- the mutants themselves ---------------------------------------------------------------
def test_every_formula_is_changed_in_several_ways() -> None:
    by_origin: dict[str, set[Slip]] = {}
    for mutant in every_mutant():
        by_origin.setdefault(mutant.origin, set()).add(mutant.slip)
    assert all(len(slips) >= 3 for slips in by_origin.values())
    assert {slip for slips in by_origin.values() for slip in slips} == set(Slip)


def test_the_mutants_tried_are_of_every_formula_and_of_every_kind() -> None:
    tried = [mutant for _, mutant in drawn(ROUNDS)]
    assert {mutant.origin for mutant in tried} == {mutant.origin for mutant in every_mutant()}
    assert {mutant.slip for mutant in tried} == set(Slip)
    assert {convention for convention, _ in drawn(ROUNDS)} == set(CONVENTIONS)


def test_in_three_rounds_every_formula_is_tried_under_every_convention() -> None:
    tried = {(convention, mutant.origin) for convention, mutant in drawn(3)}
    assert len(tried) == len(CONVENTIONS) * len({mutant.origin for mutant in every_mutant()})


def test_no_mutant_is_its_origin_and_none_comes_twice() -> None:
    for origin in {mutant.origin for mutant in every_mutant()}:
        made = [mutant.tex for mutant in mutants(origin)]
        assert len({*made, origin}) == len(made) + 1


def test_the_mutants_of_a_formula_are_always_the_same() -> None:
    assert mutants(RIGHT) == mutants(RIGHT)


# -- every check catches a defect planted for it ------------------------------------------
@conventions
def test_a_false_formula_called_true_is_noticed(convention: str) -> None:
    false = case(RIGHT, convention)
    lie = replace(false.verdict, as_printed=AsPrinted.HOLDS, strength=Strength.PROVED)
    assert checks.holds_falsely(replace(false, verdict=lie))


@conventions
def test_a_true_formula_that_is_only_tested_is_noticed(convention: str) -> None:
    true = case("A=sigmoid(Z)", convention)
    assert checks.holds_falsely(true) is None
    weak = replace(true.verdict, strength=Strength.TESTED)
    assert checks.holds_falsely(replace(true, verdict=weak))


@conventions
def test_a_change_without_consequence_is_noticed(convention: str) -> None:
    changed = case(r"\frac{\partial L}{\partial W}=\frac{2}{n}(A-Y)*X", convention)
    assert checks.goes_unnoticed(changed) is None
    assert checks.goes_unnoticed(replace(changed, verdict=changed.origin_verdict))


@pytest.mark.parametrize(
    ("convention", "good", "bad"),
    [
        ("stated", "A", "Y"),
        ("rows", "A", "2 A"),
        ("columns", "-", "+"),
        ("rows", r"\frac{1}{m}", r"\frac{1}{k}"),
    ],
)
def test_a_reading_that_is_not_true_is_noticed(convention: str, good: str, bad: str) -> None:
    found = case(RIGHT, convention)
    assert checks.misreads(found) is None
    assert found.verdict.reading_tex is not None
    lie = replace(found.verdict, reading_tex=found.verdict.reading_tex.replace(good, bad))
    assert checks.misreads(replace(found, verdict=lie))


@conventions
def test_a_counterexample_that_refutes_nothing_is_noticed(convention: str) -> None:
    found = case(r"\frac{\partial L}{\partial W}=\frac{2}{n}(A-Y)*X", convention)
    example = found.verdict.counterexample
    assert example is not None
    assert checks.refutes_nothing(found) is None
    for wrong in (
        replace(example, printed=example.true),
        replace(example, true=example.printed),
        replace(example, values={**example.values, "X": [[7]]}),
    ):
        lie = replace(found.verdict, counterexample=wrong)
        assert checks.refutes_nothing(replace(found, verdict=lie))


def test_a_contradiction_is_noticed() -> None:
    found = case(RIGHT, "rows")
    assert checks.contradicts(found) is None
    assert checks.contradicts(replace(found, verdict=replace(found.verdict, contradiction="x")))


def test_another_verdict_gives_other_bytes() -> None:
    claim, verdict = verdicts(RIGHT, "rows")[0]
    other = replace(verdict, cost=None)
    assert checks.as_bytes([(claim, verdict)]) != checks.as_bytes([(claim, other)])
