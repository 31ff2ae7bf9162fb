"""The suite itself: it passes what is right, and fails each planted defect by name."""

import re

import pytest

import engine
from derivations.conformance.cases import sample_cases
from derivations.conformance.properties import PROPERTIES
from tests.conformance.planted import DEFECTS, RIGHT, Plain

CASES = tuple(sample_cases(60))
# An array with its layer, or one of those that have none.
PLACE = re.compile(r"\b[WbA]\[\d|\bd[Wb]\[\d|\b[XYL]\b")


def first_failure(tried: Plain) -> str | None:
    """What the first property that fails says, over the sample of cases."""
    for case in CASES:
        for claimed in PROPERTIES:
            try:
                claimed.check(tried, case)
            except AssertionError as failure:
                return f"{claimed.name}: {failure}"
    return None


@pytest.mark.parametrize("right", [engine, RIGHT], ids=["engine", "plain"])
def test_a_right_engine_has_every_property(right: Plain) -> None:
    """The engine, and a plain one that subtracts where the engine does not."""
    assert first_failure(right) is None


def test_there_are_sixty_defects_or_more() -> None:
    assert len(DEFECTS) >= 60


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # some defects divide by 0 or overflow
@pytest.mark.parametrize("name", DEFECTS)
def test_the_suite_fails_a_planted_defect_and_names_the_place(name: str) -> None:
    failure = first_failure(DEFECTS[name])
    assert failure is not None
    assert PLACE.search(failure)
