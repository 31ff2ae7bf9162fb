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


def test_arrays_on_which_a_saturated_network_does_not_depend_cost_one_short_look_together() -> None:
    """Two layers at 1 to the last bit, with gradients of 0, and one on which it hardly depends."""
    rng = np.random.default_rng(0)
    X, Y = 1 + rng.random((4, 3)), rng.random((4, 2))
    hardly = [(rng.random((2, 2)) / 2**20, np.zeros((1, 2)))]
    drawn = [(50 * rng.random((d, e)) + 50, rng.random((1, e))) for d, e in ((3, 2), (2, 2))]
    parameters = drawn + hardly + [(rng.random((2, 2)) / 2**10, rng.random((1, 2)))]

    def f(p: networks.Layers) -> float:
        return float(networks.loss(p, X, Y))

    def right(p: networks.Layers) -> networks.Layers:
        return networks.gradients(p, X, Y)

    def wrong(p: networks.Layers) -> networks.Layers:
        g = right(p)
        return [(g[0][0] + 1e-3, g[0][1]), *g[1:]]

    assert not np.any(right(parameters)[0][0])
    check = check_gradient(f, right, parameters)
    assert check, check
    assert check.evaluations <= 40
    assert check_gradient(f, wrong, parameters).verdict is Verdict.DISAGREES
