"""Right gradients are never called wrong, and the bound that says so is narrow: a slice."""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from derivations.numeric.check import check_gradient
from derivations.numeric.noise import plateau
from derivations.numeric.result import Verdict
from tests.benchmarks.false_alarms import (
    Tally,
    compare,
    draw,
    injection_run,
    regimes,
    verdict_run,
)
from tests.numeric import networks


def test_no_entry_of_a_right_gradient_exceeds_its_bound() -> None:
    """Both precisions, weights from 1e-3 to 1e2, inputs up to 1e4, saturated or not."""
    for name, tally in injection_run(40_000, seed=3).items():
        assert not tally.beyond, f"{name}: {tally}"
        if "unsaturated" in name:
            assert tally.inconclusive * 50 <= tally.entries, f"{name}: {tally}"
        if "float64 unsaturated" in name:
            assert np.log10(np.median(tally.relative)) <= -8, f"{name}: {tally}"


def test_no_right_gradient_is_called_wrong_at_any_door() -> None:
    """Complex step, central differences and unit injection."""
    for name, tally in verdict_run(60, seed=4).items():
        assert not tally.beyond, f"{name}: {tally}"
        assert "disagrees" not in tally.verdicts, f"{name}: {tally}"


def test_one_entry_off_by_a_billionth_exceeds_its_bound() -> None:
    """The planted counterpart: the bound is not so wide that it excuses anything."""
    parameters, X, Y = draw(np.random.default_rng(5), 1.0, 1.0, np.float64, 40)

    def wrong(parameters: networks.Layers, X: networks.Array, Y: networks.Array) -> networks.Layers:
        g = networks.gradients(parameters, X, Y)
        g[0][0].flat[int(np.argmax(np.abs(g[0][0])))] *= 1 + 1e-9
        return g

    right_tally, wrong_tally = Tally(), Tally()
    compare(right_tally, networks.gradients, parameters, X, Y)
    compare(wrong_tally, wrong, parameters, X, Y)
    assert (right_tally.beyond, wrong_tally.beyond) == (0, 1)


def test_float32_that_cancels_where_an_ulp_of_the_input_moves_nothing_is_not_called_wrong() -> None:
    """Labels 0 and 1 under outputs near 0.5: the mean of A - Y is 1e-4, its rounding 1e-8.

    Weights of 1e-3 moved by an ulp leave A where it is; so the rounding shows only in longer moves.
    """
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((2, 3)).astype("f"), np.array([[0], [1]], "f")
    wide = X.astype(float), Y.astype(float)
    last = [(1e-4 * rng.random((3, 1)).astype("f"), np.array([[2e-4]], "f"))]
    first = [(1e-3 * rng.random((3, 3)).astype("f"), np.full((1, 3), 1e-3, "f"))]

    def f(p: networks.Layers) -> networks.Array:
        return networks.loss(p, *wide)

    def right(p: networks.Layers) -> networks.Layers:
        return networks.gradients(p, X, Y)

    def wrong(p: networks.Layers) -> networks.Layers:
        return [(W * np.float32(1.05), b * np.float32(1.05)) for W, b in right(p)]

    for layers, seed in product((last, first + last), range(4)):
        for door in (f, lambda p: float(f(p))):
            check = check_gradient(door, right, layers, seed=seed)
            assert check.verdict is not Verdict.DISAGREES, check
            assert check_gradient(door, wrong, layers, seed=seed).verdict is Verdict.DISAGREES


def test_rounding_is_that_of_the_spacing_that_shows_it_however_little_the_next_one_does() -> None:
    """Values rounded to a coarse unit may lie on a line by luck; a smooth part outgrows any."""
    assert plateau(np.array([[1.5], [0.0], [3.0], [0.0]])).tolist() == [3.0]
    assert plateau(np.array([[1.0], [4096.0], [4096.0**2], [4096.0**3]])).tolist() == [1.0]


def steep(w: networks.Array) -> networks.Array:
    """Where steps of width 2e-4 and height 2 lie, closest around 1: noise to any longer step."""
    return 5000 * (w - 1 - np.linspace(-9, 9, 31) ** 3 / 7)


def test_steps_too_narrow_to_see_are_no_noise_that_a_right_gradient_is_held_against() -> None:
    def f(w: networks.Array) -> float:
        return float(100 + np.sum(np.tanh(steep(w))))

    def right(w: networks.Array) -> networks.Array:
        power = np.exp(-2 * np.abs(steep(w)))
        return np.array(np.sum(4 * 5000 * power / (1 + power) ** 2))

    for offset in np.linspace(-1, 1, 7) / 1e4:
        w = np.array(1 + offset)
        check = check_gradient(f, right, w)
        assert check.verdict is not Verdict.DISAGREES, check
        wrong = check_gradient(f, lambda w: 2 * right(w), w)
        assert wrong.verdict is Verdict.DISAGREES
        (entry,) = wrong.wrong
        assert abs(entry.numeric - right(w)) <= entry.bound


def test_a_float32_mean_that_cancels_to_nothing_in_saturation_is_not_called_wrong() -> None:
    """A drawn network: every A is 0 or 1, and A - Y adds up to 0 but for its rounding."""
    rng = np.random.default_rng(502)
    for (weight, size), number in zip(regimes(), range(630), strict=False):
        dtype = (np.float64, np.float32)[number % 2]
        layers, X, Y = draw(rng, weight, size, dtype, 7)

    def f(p: networks.Layers) -> networks.Array:
        return networks.loss(p, X.astype(float), Y.astype(float))

    def right(p: networks.Layers) -> networks.Layers:
        return networks.gradients(p, X, Y)

    def wrong(p: networks.Layers) -> networks.Layers:
        return [(W, b + np.float32(1)) for W, b in right(p)]

    for door in (f, lambda p: float(f(p))):
        check = check_gradient(door, right, layers, seed=629)
        assert check.verdict is not Verdict.DISAGREES, check
        assert check_gradient(door, wrong, layers).verdict is Verdict.DISAGREES


@pytest.mark.parametrize("coarse", [lambda y: round(y, 4), lambda y: round(y, 9), np.float32])
def test_values_that_are_multiples_of_a_coarse_unit_are_noise_however_well_they_lie_on_a_line(
    coarse: Callable[[float], Any],
) -> None:
    """A function that rounds its result, or works in float32, looked at entry by entry.

    Seven values at even spacings lie on a line by luck where the spacing suits the unit.
    """

    def wrong(x: networks.Array) -> networks.Array:
        return np.exp(x) * (1 + 0.5 * (np.arange(x.size) == 0))

    caught = 0
    for seed in range(25):
        x = np.random.default_rng(seed).standard_normal(5)

        def f(x: networks.Array) -> float:
            return float(coarse(float(np.exp(x).sum())))

        check = check_gradient(f, np.exp, x, seed=seed, exhaustive=True)
        assert check.verdict is not Verdict.DISAGREES, check
        planted = check_gradient(f, wrong, x, seed=seed)
        assert {entry.where for entry in planted.wrong} <= {((), (0,))}
        caught += planted.verdict is Verdict.DISAGREES
    assert caught >= 20


@pytest.mark.parametrize("size", [1e-120, 1e-44])
def test_a_gradient_below_the_smallest_number_of_its_arithmetic_is_not_called_wrong(
    size: float,
) -> None:
    x = np.array([0.5, -2.0, 1.5], "f")

    def f(x: networks.Array) -> networks.Array:
        return np.array(size * np.sin(x).sum())

    def right(x: networks.Array) -> networks.Array:
        return (size * np.cos(x.astype(float))).astype("f")

    for door in (f, lambda x: float(f(x))):
        check = check_gradient(door, right, x, exhaustive=True)
        assert check.verdict is not Verdict.DISAGREES, check
        off = check_gradient(door, lambda x: right(x) + np.float32(1e-40), x)
        assert off.verdict is Verdict.DISAGREES


def test_a_small_array_beside_a_large_one_is_stepped_in_its_own_size() -> None:
    """Of sizes 1e-8 and 1e8: a complex step that suits the one is a turn of the sine for the other.

    One by one, with a wrong entry beside the right ones.
    """
    rng = np.random.default_rng(0)
    small, large = 1e-8 * rng.standard_normal(5), 1e8 * rng.standard_normal(3)

    def f(x: list[networks.Array]) -> networks.Array:
        return np.array(np.tanh(x[0] / 1e-8).sum() + (x[1] / 1e8) @ (x[1] / 1e8))

    def right(x: list[networks.Array]) -> list[networks.Array]:
        return [np.cosh(x[0] / 1e-8) ** -2 / 1e-8, 2 * x[1] / 1e16]

    def wrong(x: list[networks.Array]) -> list[networks.Array]:
        g = right(x)
        g[0][2] *= 1 + 1e-9
        return g

    assert check_gradient(f, right, [small, large], exhaustive=True)
    check = check_gradient(f, wrong, [small, large], exhaustive=True)
    assert [entry.where for entry in check.wrong] == [((0,), (2,))]


def test_a_function_that_turns_between_all_points_has_no_kink_that_a_gradient_is_held_to() -> None:
    """A chaotic map after many rounds, whose slopes of 1e8 no step shows."""
    rounds = 36

    def f(x: networks.Array) -> float:
        for _ in range(rounds):
            x = 3.9 * x * (1 - x)
        return float(x.sum())

    def right(x: networks.Array) -> networks.Array:
        slope = np.ones_like(x)
        for _ in range(rounds):
            slope, x = slope * 3.9 * (1 - 2 * x), 3.9 * x * (1 - x)
        return slope

    for seed in range(12):
        x = np.random.default_rng(seed).uniform(0.1, 0.9, 4)
        check = check_gradient(f, right, x, seed=seed, exhaustive=True)
        assert check.verdict is not Verdict.DISAGREES, check
