"""The functions of formulas: their derivatives are theirs, and both precisions agree."""

from itertools import pairwise

import numpy as np
import pytest

from derivations.functions import FUNCTIONS, Kind
from derivations.numeric.enclosure import (
    ENTRYWISE,
    Balls,
    ball,
    precision,
    seeded,
    surely_equal,
    tangent,
)
from derivations.numeric.floats import FLOAT64

NAMES = sorted(ENTRYWISE)
POINTS = (0.75, 1.5, -0.625)
ABOVE = frozenset({"log", "sqrt"})  # of positive numbers only
ROUNDED = 8  # NumPy promises 4 ulp of each function, and a rule rounds a few times more


def points(name: str) -> list[float]:
    return [point for point in POINTS if point > 0 or name not in ABOVE]


def at(point: float) -> Balls:
    return np.array([[ball(point)]], dtype=object)


def test_every_function_of_entries_has_its_numbers() -> None:
    entrywise = {name for name, function in FUNCTIONS.items() if function.kind is Kind.ENTRYWISE}
    assert entrywise == set(ENTRYWISE) == set(FLOAT64)


@pytest.mark.parametrize("name", NAMES)
def test_each_derivative_is_the_slope_of_the_one_before(name: str) -> None:
    rules = ENTRYWISE[name]
    with precision():
        for point in points(name):
            moved = seeded(at(point), (0, 0))[0, 0]
            for before, after in pairwise(rules):
                assert surely_equal(tangent(before(moved)), after(ball(point)))


@pytest.mark.parametrize("name", NAMES)
def test_float64_gives_the_same_function(name: str) -> None:
    with precision():
        for point in points(name):
            for exact, rounded in zip(ENTRYWISE[name], FLOAT64[name], strict=False):
                found, due = float(rounded(np.float64(point))), float(exact(ball(point)))
                assert abs(found - due) <= ROUNDED * np.spacing(max(abs(due), 1.0))
