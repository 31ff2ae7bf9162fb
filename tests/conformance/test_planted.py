"""The suite itself: it passes what is right, and fails each planted defect by name."""

import re
from typing import Any

import pytest

import engine
from derivations.conformance.cases import sample_cases
from derivations.conformance.properties import PROPERTIES
from derivations.conformance.trying import (
    NotImplementedByEngineError,
    PropertyError,
    try_property,
)
from tests.conformance.planted import DEFECTS, RIGHT
from tests.conformance.styles import STYLES

CASES = tuple(sample_cases(60))
# An array with its layer, or one of those that have none.
PLACE = re.compile(r"\b[WbA]\[\d|\bd[Wb]\[\d|\b[XYL]\b")


def outcome(tried: Any, cases: tuple[Any, ...] = CASES) -> tuple[str | None, set[str]]:
    """What the first property that fails says over a sample of cases, and what was not tried."""
    lacking = set()
    for case in cases:
        for claimed in PROPERTIES:
            try:
                try_property(claimed, tried, case)
            except NotImplementedByEngineError as lack:
                lacking.add(str(lack))
            except PropertyError as failure:
                return str(failure), lacking
    return None, lacking


@pytest.mark.parametrize("right", [engine, RIGHT], ids=["engine", "plain"])
def test_a_right_engine_has_every_property(right: Any) -> None:
    """The engine, and a plain one that subtracts where the engine does not."""
    assert outcome(right) == (None, set())


@pytest.mark.parametrize("name", STYLES)
def test_a_right_engine_in_another_style_fails_nothing(name: str) -> None:
    """What it lacks is named, and nothing else is."""
    style = STYLES[name]
    assert outcome(style.engine, CASES[::4]) == (None, set(style.lacks))


def test_there_are_sixty_defects_or_more() -> None:
    assert len(DEFECTS) >= 60


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # some defects divide by 0 or overflow
@pytest.mark.parametrize("name", DEFECTS)
def test_the_suite_fails_a_planted_defect_and_names_the_place(name: str) -> None:
    failure, _ = outcome(DEFECTS[name])
    assert failure is not None
    assert PLACE.search(failure.splitlines()[1])


def test_a_failure_reads_as_place_figures_cause_and_case() -> None:
    failure, _ = outcome(DEFECTS["sign of the last bias"], CASES[:1])
    assert failure is not None
    first, where, *_ = lines = failure.splitlines()
    assert first == "the engine fails gradients_agree_with_the_enclosure"
    assert where.endswith("further from the truth than rounding explains: db[1] (2)")
    assert re.fullmatch(r"  worst    db\[1\] \[0, \d\]  computed \S+  true \S+ ± \S+", lines[2])
    assert "  hint     db of layer 1 has its sign flipped" in lines
    assert lines[-1] == f"  case     {CASES[0]}"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("one entry of dW[1] twice in Fortran order", "only with Fortran order"),
        ("loss by log(A)", "only with saturated entries"),
        ("loss averaged over the outputs", "divided by m or k once too often"),
        ("float64 whatever comes", "only with float32"),
    ],
)
def test_a_failure_says_what_it_needs(name: str, hint: str) -> None:
    failure, _ = outcome(DEFECTS[name])
    assert failure is not None
    assert f"  hint     {hint}" in failure
