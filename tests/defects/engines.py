"""Engines as the subject of defects: every property of the conformance suite is asked."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from derivations.conformance.cases import Case, sample_cases
from derivations.conformance.properties import PROPERTIES
from tests.conformance.planted import BY_BUG, RIGHT, Plain
from tests.defects.record import Defect, Outcome

CASES = 60


@cache
def cases() -> tuple[Case, ...]:
    return tuple(sample_cases(CASES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Random networks of growing size, each with all properties."""

    name: str = "engine"
    trials: int = CASES

    def right(self) -> Plain:
        return RIGHT

    def judge(self, candidate: Any, trial: int) -> Outcome:
        failed = any(fails(claimed.check, candidate, cases()[trial]) for claimed in PROPERTIES)
        return Outcome.DISAGREES if failed else Outcome.AGREES


def fails(check: Any, candidate: Any, case: Case) -> bool:
    try:
        with np.errstate(all="ignore"):
            check(candidate, case)
    except AssertionError:
        return True
    return False


def engine_defects() -> Iterator[Defect]:
    for bug, group in BY_BUG.items():
        for name, wrong in group.items():
            yield Defect(
                name=name, bug=bug, subject=Engine(), build=lambda wrong=wrong: deepcopy(wrong)
            )


ENGINES = tuple(engine_defects())
