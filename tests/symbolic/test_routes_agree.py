"""Symbols and numbers never contradict each other, whatever edit is planted in a true formula."""

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from derivations.answer import Found
from derivations.claims.claim import read_claims
from derivations.claims.networks import Scope
from derivations.claims.notation_file import parse_notation
from derivations.claims.plans import strict_plan
from derivations.claims.slips import slipped
from derivations.context import Context, widest
from derivations.document.markdown import parse_page
from derivations.document.syntax import Neg
from derivations.errors import LimitError, UndeclaredError
from derivations.numeric.enclosure import precision
from derivations.numeric.trial import Answer
from derivations.symbolic import proof
from derivations.symbolic.steps import Proof, proof_steps, replayed

from .textbook import CHAPTERS

EDITS = {"ci": 150, "deep": 10_000}.get(os.environ.get("HYPOTHESIS_PROFILE", "dev"), 60)


def true_formulas() -> list[tuple[Context, Found]]:
    """Every right textbook formula with its one typed reading."""
    found = []
    for chapter in CHAPTERS:
        (notation,) = parse_notation(chapter.notation, "textbook.toml").values()
        context = Context(notation)
        for right in (pair.right for pair in chapter.pairs):
            (claim,) = read_claims(parse_page(f"$$\n{right}\n$$\n"), notation)
            found.append((context, next(iter(context.typed(strict_plan(claim, notation))))))
    return found


FORMULAS = true_formulas()


def planted(count: int, seed: int) -> Iterator[tuple[Context, Found]]:
    """Typed formulas that each differ from a true one by a random edit."""
    rng = random.Random(seed)
    while count:
        context, found = rng.choice(FORMULAS)
        scope = Scope(context.notation, widest(found.plan))
        edits = list(slipped(found.plan.right, scope, context.insertable(found.plan)))
        tree, _ = rng.choice(edits)
        plan = replace(found.plan, right=tree)
        if context.declared(tree, plan):
            for edited in list(context.typed(plan))[:1]:
                if context.fits_everywhere(edited):
                    yield context, edited
                    count -= 1


def answers(context: Context, found: Found) -> tuple[Answer, bool]:
    """What numbers say, and whether symbols prove it."""
    with precision():
        try:
            numbers = context.holds(found)
        except (LimitError, UndeclaredError):
            numbers = Answer.UNSURE
        return numbers, context.proof(found, rounds=1).proved


def test_no_planted_edit_makes_the_routes_contradict_each_other() -> None:
    seen: Counter[tuple[Answer, bool]] = Counter()
    for context, found in planted(EDITS, seed=0):
        seen[answers(context, found)] += 1
    assert seen[Answer.DIFFERENT, True] == 0
    # Most edits make a true formula false; the test would say nothing if none were tried.
    assert seen[Answer.DIFFERENT, False] > sum(seen.values()) / 2


def test_a_prover_that_believes_everything_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted defect: a normal form in which every difference vanishes."""
    monkeypatch.setattr(proof, "remainder", lambda value, ones=(): [])
    found = [answers(context, item) for context, item in planted(20, seed=1)]
    assert (Answer.DIFFERENT, True) in found


def written_out() -> list[tuple[Context, Proof]]:
    proofs = []
    for context, found in FORMULAS:
        one = proof_steps(
            found.left,
            found.right,
            context.notation,
            context.model,
            conditions=found.plan.conditions,
        )
        if one is not None:
            proofs.append((context, one))
    return proofs


PROOFS = written_out()


def test_most_textbook_proofs_can_be_written_out() -> None:
    assert len(PROOFS) > len(FORMULAS) / 2


@pytest.mark.parametrize("number", range(len(PROOFS)))
def test_a_proof_replays_from_its_trees(number: int) -> None:
    context, one = PROOFS[number]
    assert all(replayed(one, context.notation, context.model))


@pytest.mark.parametrize("number", range(8))
def test_a_proof_with_one_step_tampered_with_is_rejected_there(number: int) -> None:
    context, one = PROOFS[number]
    for place, step in enumerate(one.steps):
        changed = replace(step, after=Neg(step.after))
        steps = (*one.steps[:place], changed, *one.steps[place + 1 :])
        again = replayed(replace(one, steps=steps), context.notation, context.model)
        assert again == [other != place for other in range(len(steps))]


def test_a_proof_prints_as_text_and_as_tex() -> None:
    _, one = PROOFS[0]
    assert all(step.text() and "\\" in step.tex() for step in one.steps)
