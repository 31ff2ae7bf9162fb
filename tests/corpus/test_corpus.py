"""Other people's derivations: every formula is read, and its verdict is the one it deserves."""

from dataclasses import replace

import pytest

from derivations.answer import AsPrinted
from derivations.claims.claim import vocabulary
from derivations.document.markdown import Page
from derivations.document.tex import parse_expression
from derivations.verdict import Judge
from tests.corpus.reading import (
    WRONG,
    Label,
    agrees,
    document,
    labelled,
    labels,
    notation_of,
    worst,
)

LABELS = labels()
BY_NAME = {label.name: label for label in LABELS}
REPAIRED = [label.name for label in LABELS if label.repair]


@pytest.fixture(params=list(BY_NAME))
def label(request: pytest.FixtureRequest) -> Label:
    return BY_NAME[request.param]


def test_every_label_has_a_formula_and_a_known_expectation(label: Label) -> None:
    assert labelled(label)
    assert label.expect in ("holds", "reading", "wrong", "ill-typed")
    assert label.reason or label.expect == "holds"


def test_verdict_is_the_labelled_one_or_the_known_shortfall(label: Label) -> None:
    """What is not reached is asserted as it is, so that a change in either direction shows."""
    if label.short:
        assert label.why
        assert worst(labelled(label)).value == label.short
    else:
        assert agrees(label)


def test_no_wrong_formula_holds(label: Label) -> None:
    if label.expect in ("wrong", "ill-typed"):
        assert worst(labelled(label)) is not AsPrinted.HOLDS


def test_no_right_formula_fails_unless_its_label_is_mistaken(label: Label) -> None:
    """The numbers that show a label mistaken stand beside it."""
    if label.expect == "holds" and worst(labelled(label)) in WRONG - {AsPrinted.UNDECLARED}:
        assert "label is mistaken" in label.why


def test_no_two_routes_contradict_each_other(label: Label) -> None:
    assert not [verdict.contradiction for _, verdict in labelled(label) if verdict.contradiction]


def test_nineteen_of_twenty_are_read_and_of_these_nineteen_of_twenty_agree() -> None:
    found = {label.name: worst(labelled(label)) for label in LABELS}
    read = [label for label in LABELS if found[label.name] is not AsPrinted.UNREADABLE]
    assert len(read) >= 0.95 * len(LABELS)
    assert sum(agrees(label) for label in read) >= 0.95 * len(read)


@pytest.mark.parametrize("name", REPAIRED)
def test_an_error_of_one_edit_is_repaired(name: str) -> None:
    """The reading costs one edit, and the right formula as others give it holds too."""
    label = BY_NAME[name]
    wrong = [pair for pair in labelled(label) if pair[1].as_printed in WRONG]
    assert wrong
    claim, verdict = wrong[-1]
    assert verdict.cost == 1
    assert verdict.reading
    notation = notation_of(claim, document(name[:2]))
    words = vocabulary(Page((), None, {}), notation)
    right = parse_expression(label.repair, words)
    again = Judge(notation).judge(replace(claim, right=right))
    assert again.as_printed is AsPrinted.HOLDS
