"""Every planted defect is caught, and no right twin is called wrong."""

from dataclasses import replace

import numpy as np
import pytest

from tests.defects.checkers import TRAPS, Trap
from tests.defects.corpus import EQUIVALENT, NETWORKS, OPERATIONS, WRONG
from tests.defects.measure import accepted, caught, outcomes, subjects, verdicts
from tests.defects.network_subject import Network
from tests.defects.record import Bug, Defect, Outcome, Subject
from tests.defects.unlisted import BEYOND

# Engines and formulas have these tests beside those of the suite and of the symbolic proofs.
HERE = [*OPERATIONS, *NETWORKS]
KINDS = [subject for subject in subjects() if subject.name not in ("engine",)]


def title(item: object) -> str:
    return getattr(item, "title", getattr(item, "name", str(item)))


def test_there_are_200_defects_and_some_of_every_class() -> None:
    assert len(WRONG) >= 200
    by_class = {bug: [d for d in (*WRONG, *EQUIVALENT) if d.bug is bug] for bug in Bug}
    assert all(len(group) >= 4 for group in by_class.values())
    assert len({d.reference for d in (*WRONG, *EQUIVALENT)} - {None}) >= 150


def test_no_defect_stands_twice() -> None:
    titles = [defect.title for defect in (*OPERATIONS, *NETWORKS, *EQUIVALENT)]
    assert len(set(titles)) == len(titles)


def test_references_are_repositories_with_a_number() -> None:
    for defect in (*WRONG, *EQUIVALENT):
        if defect.reference:
            repository, _, number = defect.reference.partition("#")
            assert repository.count("/") == 1
            assert number.isdigit()


@pytest.mark.parametrize("defect", HERE, ids=title)
def test_a_planted_defect_is_caught(defect: Defect) -> None:
    """Random shapes and values expose it."""
    assert caught(defect)


@pytest.mark.parametrize("defect", NETWORKS[::4], ids=title)
def test_a_network_defect_is_caught_without_complex_input(defect: Defect) -> None:
    """Central differences find the same slips; a sample, for time."""
    assert caught(replace(defect, subject=Network(door="real")))


@pytest.mark.parametrize("defect", NETWORKS[1::3], ids=title)
def test_a_network_defect_is_caught_in_an_engine(defect: Defect) -> None:
    """Unit injection finds the same slips; a sample, for time."""
    assert caught(replace(defect, subject=Network(door="engine")))


@pytest.mark.parametrize("subject", KINDS, ids=title)
def test_a_right_twin_is_never_called_wrong(subject: Subject) -> None:
    assert accepted(verdicts(subject))


@pytest.mark.parametrize("door", ["real", "engine"])
def test_a_right_network_is_never_called_wrong_and_hardly_ever_in_doubt(door: str) -> None:
    found = verdicts(Network(door=door))
    assert accepted(found)
    assert found.count(Outcome.AGREES) >= len(found) - 2


@pytest.mark.parametrize("defect", EQUIVALENT, ids=title)
def test_an_equivalent_form_is_accepted(defect: Defect) -> None:
    """What was reported as a bug and is none agrees."""
    assert accepted(list(outcomes(defect)))


def test_a_defect_that_is_none_is_seen_not_to_be_caught() -> None:
    """The measure's own planted defect: a right candidate in the place of a wrong one."""
    defect = replace(OPERATIONS[0], build=OPERATIONS[0].subject.right)
    assert not caught(defect)
    assert not accepted([Outcome.AGREES, Outcome.RAISES])
    assert not accepted([Outcome.INCONCLUSIVE])


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.defect.title)
def test_a_trap_does_fool_the_poor_checker(trap: Trap) -> None:
    """The checker that the report speaks of passes what ours is seen to catch."""
    for seed in range(4):
        x = trap.defect.subject.draw(np.random.default_rng(seed))
        assert trap.passes(trap.defect.subject, trap.defect.build(), x)


@pytest.mark.parametrize("defect", [defect for defect, _ in BEYOND], ids=title)
def test_what_no_comparison_can_see_agrees_and_is_listed_with_its_reason(defect: Defect) -> None:
    """Should one of them be seen one day, it belongs among the others."""
    assert all(why for _, why in BEYOND)
    assert not caught(defect)
