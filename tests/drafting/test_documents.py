"""Documents without a notation, in the styles that people write: what is said of their formulas.

A comment before a formula tells what it is.  Wrong ones never hold and right ones are never called
wrong; what a draft cannot tell is left undecided, and that is the exception.
"""

import re
from functools import cache
from pathlib import Path

import pytest

from derivations.answer import AsPrinted
from derivations.check import open_page
from derivations.claims.claim import read_claims
from derivations.claims.notation_file import parse_notation
from derivations.drafted import reconsidered
from derivations.drafting.draft import draft_notation
from derivations.verdict import Judge

HERE = Path(__file__).parent
DOCUMENTS = sorted(path.stem for path in HERE.glob("*.md"))
LABEL = re.compile(r"<!-- (holds|wrong|reading) -->")
UNDECLARED = AsPrinted.UNDECLARED
REFUTED = frozenset({AsPrinted.FAILS, AsPrinted.ILL_TYPED})


@cache
def labelled(name: str) -> tuple[tuple[int, str, frozenset[AsPrinted]], ...]:
    """The line of each labelled formula, its label and the verdicts on its links."""
    path = HERE / f"{name}.md"
    page = open_page(path)
    (notation,) = parse_notation(draft_notation(page), "the draft").values()
    judge, found = Judge(notation, budget=0), []
    claims = read_claims(page, notation)
    verdicts = [reconsidered(claim, judge.judge(claim), notation) for claim in claims]
    assert not any(verdict.contradiction for verdict in verdicts)
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, text in enumerate(lines, start=1):
        if match := LABEL.fullmatch(text):
            after = next((n for n in range(number, len(lines)) if not lines[n]), len(lines))
            own = {
                verdict.as_printed
                for claim, verdict in zip(claims, verdicts, strict=True)
                if number < claim.line <= after
            }
            found.append((number, match.group(1), frozenset(own)))
    return tuple(found)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_label_has_a_formula_and_some_are_wrong(name: str) -> None:
    found = labelled(name)
    assert all(verdicts for _, _, verdicts in found)
    assert any(label == "wrong" for _, label, _ in found)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_planted_error_holds(name: str) -> None:
    held = [line for line, label, found in labelled(name) if label == "wrong" and found == {HOLDS}]
    assert held == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_right_formula_is_called_wrong(name: str) -> None:
    called = [line for line, label, found in labelled(name) if label == "holds" and found & REFUTED]
    assert called == []


def test_a_second_loss_to_choose_from_is_left_undecided() -> None:
    found = [
        verdicts for _, label, verdicts in labelled("losses_to_choose_from") if label == "reading"
    ]
    assert found == [{AsPrinted.UNDECLARED}]


def test_nine_of_ten_get_the_verdict_that_they_deserve() -> None:
    every = [item for name in DOCUMENTS for item in labelled(name)]
    settled = [
        (label == "wrong" and HOLDS not in found) or (label == "holds" and found == {HOLDS})
        for _, label, found in every
        if label != "reading"
    ]
    refuted = [found & REFUTED for _, label, found in every if label == "wrong"]
    assert len(settled) > 100
    assert sum(settled) >= 0.9 * len(settled)
    assert sum(map(bool, refuted)) >= 0.7 * len(refuted)


HOLDS = AsPrinted.HOLDS


def test_a_term_after_a_sum_with_its_index_is_told_apart_from_one_in_it() -> None:
    found = labelled("sum_without_brackets")
    assert [verdicts for _, label, verdicts in found if label == "reading"] == [{UNDECLARED}]
