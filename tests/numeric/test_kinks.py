"""check_gradient at kinks: subgradients are told from what is none, and no stencil averages."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from derivations.numeric.check import check_gradient
from derivations.numeric.result import Verdict
from derivations.numeric.search import special

Array = Any


def cubes(x: Array) -> Any:
    return (x**3).sum() / 3


@pytest.mark.parametrize(
    "kinked", [lambda x: np.maximum(x, 0).sum(), lambda x: float(np.maximum(x, 0).sum())]
)
def test_relu_close_to_its_kink_is_not_averaged(kinked: Callable[[Any], Any]) -> None:
    """At 3e-7 the slope is 1, not the 0.5 of a stencil that straddles the kink."""
    x = np.array([3e-7, 1.0, -2.0])
    assert check_gradient(kinked, lambda x: (x > 0) * 1.0, x)
    check = check_gradient(kinked, lambda x: np.where(x > 0.5, 1.0, np.where(x > 0, 0.5, 0)), x)
    assert [entry.where for entry in check.wrong] == [((), (0,))]


def relu(x: Array) -> float:
    return float(np.maximum(x, 0).sum())


def largest(x: Array) -> float:
    return float(np.max(x))


@pytest.mark.parametrize("f", [relu, lambda x: np.maximum(x, 0).sum()], ids=["real", "complex"])
@pytest.mark.parametrize(
    ("slope", "verdict"),
    [(0.0, "agrees"), (0.5, "agrees"), (1.0, "agrees"), (2.0, "disagrees"), (-0.5, "disagrees")],
)
def test_subgradient_at_a_zero_is_told_from_what_is_none(
    f: Any, slope: float, verdict: str
) -> None:
    """A ReLU at 0 among entries that are not: any slope between its two sides will do."""
    x = np.array([1.0, 0.0, -2.0])

    def gradient(x: Array) -> Array:
        return np.where(x > 0, 1.0, np.where(x < 0, 0.0, slope))

    check = check_gradient(f, gradient, x)
    assert check.verdict == verdict, check
    if verdict == "disagrees":
        assert [entry.where for entry in check.wrong] == [((), (1,))]


@pytest.mark.parametrize(
    ("g", "verdict"),
    [
        ([1, 0, 0], "agrees"),
        ([0, 1, 0], "agrees"),
        ([0.25, 0.75, 0], "agrees"),
        ([1, 1, 0], "disagrees"),
        ([0.3, 0.3, 0], "disagrees"),
        ([1.5, -0.5, 0], "disagrees"),
        ([1, 0, 0.1], "disagrees"),
    ],
)
def test_subgradient_at_a_tie_is_told_from_what_is_none(g: list[float], verdict: str) -> None:
    """The two largest entries are equal: their shares sum to 1."""

    def gradient(x: Array) -> Array:
        return np.array(g, float) if x[0] == x[1] else np.eye(3)[np.argmax(x)]

    check = check_gradient(largest, gradient, np.array([2.0, 2.0, 1.0]))
    assert check.verdict == verdict, check


def test_kinks_of_both_signs_side_by_side_are_told_apart() -> None:
    """Two pools with a tie each, one of them counted negatively."""
    x = np.array([[1.0, 1.0, 0.0], [3.0, 2.0, 3.0]])
    weights = np.array([2.0, -1.0])

    def f(x: Array) -> float:
        return float(np.max(x, axis=1) @ weights)

    def gradient(x: Array, every: bool = False) -> Array:
        top = x == x.max(axis=1, keepdims=True)
        share = top if every else top / top.sum(axis=1, keepdims=True)
        return weights[:, None] * share

    assert check_gradient(f, gradient, x)
    assert check_gradient(f, lambda x: gradient(x, every=True), x).verdict is Verdict.DISAGREES


def test_kink_of_another_shape_is_inconclusive_and_named() -> None:
    """Three equal entries in a maximum; what no subgradient has along all three disagrees."""
    x = np.array([2.0, 2.0, 2.0, 1.0])

    def gradient(x: Array, shares: tuple[float, ...] = (1, 0, 0, 0)) -> Array:
        return np.array(shares, float) if np.ptp(x[:3]) == 0 else np.eye(4)[np.argmax(x)]

    check = check_gradient(largest, gradient, x)
    assert check.verdict is Verdict.INCONCLUSIVE
    assert check.diagnosis == "f has a kink at the given point, met by moving x[0]"
    check = check_gradient(largest, lambda x: gradient(x, (1, 1, 0, 0)), x)
    assert check.verdict is Verdict.DISAGREES
    assert check.diagnosis == (
        "no subgradient: wrong along entries of x that are equal, moved together"
    )


def test_more_kinks_than_can_be_told_apart_are_inconclusive() -> None:
    """Twelve are grouped two by two; thirteen would cost more than they tell."""

    def half(x: Array) -> Array:
        return np.where(x > 0, 1.0, np.where(x < 0, 0.0, 0.5))

    check = check_gradient(relu, half, np.zeros(12))
    assert check.verdict is Verdict.AGREES, check
    check = check_gradient(relu, half, np.zeros(13))
    assert check.verdict is Verdict.INCONCLUSIVE
    assert check.diagnosis == "f has a kink at the given point, met by moving x[0]"


def test_gradient_of_zeros_that_nothing_shows_is_inconclusive_by_name() -> None:
    check = check_gradient(relu, lambda x: (x > 0) * 1.0, np.zeros(12))
    assert check.verdict is Verdict.INCONCLUSIVE
    assert check.diagnosis == "the bound is as large as gradient(x) itself"


def test_wrong_entry_beside_a_kink_is_still_found() -> None:
    """A kink in one entry does not excuse another."""
    check = check_gradient(relu, lambda x: (x > 0) * 2.0, np.array([1.0, 0.0, -2.0]))
    assert [entry.where for entry in check.wrong] == [((), (0,))]


@pytest.mark.parametrize(
    ("slope", "verdict"),
    [(0.0, "agrees"), (0.5, "agrees"), (1.0, "agrees"), (1.5, "disagrees"), (-0.5, "disagrees")],
)
def test_subgradient_of_one_number_is_shown_to_be_one(slope: float, verdict: str) -> None:
    """In one dimension the two one-sided slopes span the subdifferential."""

    def gradient(x: Array) -> Array:
        return np.where(x > 0, 1.0, np.where(x < 0, 0.0, slope))

    assert check_gradient(relu, gradient, np.array([0.0])).verdict == verdict


@pytest.mark.parametrize(
    ("slope", "verdict"),
    [(0.0, "agrees"), (0.5, "agrees"), (1.0, "agrees"), (2.0, "disagrees"), (-0.5, "disagrees")],
)
def test_zeros_among_many_entries_are_looked_at(slope: float, verdict: str) -> None:
    """Of so many entries only a sample is, but where the kinks may lie every one."""
    x = np.random.default_rng(0).standard_normal(300)
    x[[7, 299]] = 0

    def gradient(x: Array) -> Array:
        return np.where(x > 0, 1.0, np.where(x < 0, 0.0, slope))

    check = check_gradient(relu, gradient, x)
    assert check.verdict == verdict, check
    zeros = [((), (7,)), ((), (299,))]
    assert [entry.where for entry in check.wrong] == (zeros if verdict == "disagrees" else [])


@pytest.mark.parametrize(
    ("x", "due"),
    [
        ([1.0, 2.0, 3.0], []),
        ([1.0, 0.0, 3.0, 0.0], [1, 3]),
        ([1.0, 2.0, 1.0, 0.0, 2.0, 5.0], [0, 1, 2, 3, 4]),
        ([0.0] * 17, []),
        ([0.0] * 16, list(range(16))),
    ],
)
def test_kinks_are_sought_at_zeros_and_ties_where_they_are_few(
    x: list[float], due: list[int]
) -> None:
    scene: Any = SimpleNamespace(x=np.array(x))
    assert special(scene) == due


def test_one_wrong_entry_of_a_kink_is_named_and_not_those_that_share_its_term() -> None:
    """A ReLU at 0 of a sum of three; its gradient has one t for them all, but for one entry."""
    x = np.array([1.0, 1.0, -2.0])
    weights = np.array([1.0, 3.0, 2.0])

    def f(x: Array) -> float:
        return float(5 * np.maximum(weights @ x, 0) + weights @ x)

    def right(x: Array) -> Array:
        z = weights @ x
        return np.asarray(weights * (1 + 5 * (1.0 if z > 0 else 0.25 if z == 0 else 0.0)))

    def wrong(x: Array) -> Array:
        return right(x) + np.array([0.0, 0.1, 0.0])

    assert check_gradient(f, right, x)
    check = check_gradient(f, wrong, x)
    assert [entry.where for entry in check.wrong] == [((), (1,))]
    assert check.diagnosis is None


def test_a_gradient_wrong_at_the_point_is_not_laid_to_a_buffer_if_it_is_the_same_at_a_second() -> (
    None
):
    """Between its kinks a piecewise linear function has one gradient."""
    x = np.array([2.0, 0.0])

    def wrong(x: Array) -> Array:
        return np.array([1.0, 3.0])

    check = check_gradient(lambda x: float(np.maximum(x, 0).sum()), wrong, x)
    assert [entry.where for entry in check.wrong] == [((), (1,))]
    assert check.diagnosis is None


def test_kinks_that_share_their_entries_are_not_taken_for_one() -> None:
    """Two ReLUs at 0, of sums that every pair of entries takes for the same."""
    weights = np.array([[2.0, 2.0, 0.0], [2.0, 3.0, 2.0]])
    x = np.array([-2.0, 2.0, -1.0])
    assert not np.any(weights @ x)

    def f(x: Array) -> float:
        return float(np.maximum(weights @ x, 0).sum())

    for slopes in ([0.0, 0.0], [1.0, 0.0], [0.0, 1.0]):

        def right(x: Array, at_zero: Any = slopes) -> Array:
            z = weights @ x
            return np.where(z == 0, at_zero, z > 0) @ weights

        for seed in range(6):
            check = check_gradient(f, right, x, seed=seed, exhaustive=True)
            assert check.verdict is not Verdict.DISAGREES, check
