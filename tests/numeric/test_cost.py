"""What a check costs: few evaluations where it passes, and never more than it may."""

import numpy as np

from derivations.numeric.check import check_gradient
from derivations.numeric.result import Verdict
from tests.numeric import networks

Array = networks.Array


def logarithms(x: Array) -> Array:
    return np.array(np.log(x).sum())


def test_the_cost_does_not_follow_the_size() -> None:
    for size in (1, 10, 1000):
        x = np.random.default_rng(size).uniform(0.5, 1.5, size)
        assert check_gradient(lambda x: (x**3).sum(), lambda x: 3 * x**2, x).evaluations <= 12
        real = check_gradient(lambda x: float((x**3).sum()), lambda x: 3 * x**2, x)
        assert real.evaluations <= 40


def test_a_passing_check_of_a_network_costs_at_most_12_evaluations_or_40() -> None:
    """With complex input and without, float32 too, and hardly any is left open for its cost."""
    rng, left_open = np.random.default_rng(0), 0
    for number in range(40):
        drawn = networks.draw(rng)
        dtype = (np.float64, np.float32)[number % 4 == 0]
        parameters = [(W.astype(dtype), b.astype(dtype)) for W, b in drawn.parameters]

        def f(p: networks.Layers, drawn: networks.Problem = drawn) -> Array:
            return np.array(networks.loss(p, drawn.X, drawn.Y))

        def real(p: networks.Layers, drawn: networks.Problem = drawn) -> float:
            return float(networks.loss(p, drawn.X, drawn.Y))

        def gradient(p: networks.Layers, drawn: networks.Problem = drawn) -> networks.Layers:
            X, Y = drawn.X.astype(p[0][0].dtype), drawn.Y.astype(p[0][0].dtype)
            return networks.gradients(p, X, Y)

        for door, most in ((f, 12), (real, 40)):
            check = check_gradient(door, gradient, parameters, seed=number)
            assert check.verdict is not Verdict.DISAGREES, check
            if check:
                assert check.evaluations <= (12 if check.oracle == "complex step" else 40)
            left_open += not check and check.evaluations > most
    assert left_open <= 4


def test_a_function_that_ends_not_far_from_the_point_passes_within_the_same_cost() -> None:
    """Logarithms of numbers from 1e-3 to 1e4: the first points have no value."""
    x = np.array([2e4, 3e-3, 16.0, 2e3, 400.0])
    check = check_gradient(logarithms, lambda x: 1 / x, x)
    assert check, check
    assert check.evaluations <= 40


def test_what_takes_more_is_left_open_and_exhaustive_sets_no_limit() -> None:
    x = np.array([1e-3, 4e-3, 6e3, 1e-5, 16.0])
    check = check_gradient(logarithms, lambda x: 1 / x, x)
    assert check.verdict is Verdict.INCONCLUSIVE
    assert check.diagnosis == (
        "right as far as seen, but it took more than 40 evaluations of f; "
        "exhaustive=True sets no limit"
    )
    assert check_gradient(logarithms, lambda x: 1 / x, x, exhaustive=True)


def test_a_wrong_gradient_is_searched_for_whatever_that_costs() -> None:
    x = np.array([1e-3, 4e-3, 6e3, 1e-5, 16.0])
    check = check_gradient(logarithms, lambda x: 1.01 / x, x)
    assert check.verdict is Verdict.DISAGREES
    assert check.evaluations > 40
