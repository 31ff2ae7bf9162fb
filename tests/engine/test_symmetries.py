"""Relations between two calls, each within the bounds of both."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import engine
from derivations.conformance.bounds import Parameters, running_error
from derivations.conformance.cases import Case, Regime, build_case
from derivations.conformance.strategies import cases


def gradients_and_bounds(parameters: Parameters, X: np.ndarray, Y: np.ndarray) -> list[tuple]:
    """For each array, in order, the engine's gradient and its bound."""
    gradients = engine.gradients(parameters, X, Y)
    bounds = running_error(parameters, X, Y, careful=True).gradients
    return [
        (gradient.astype(float), bound)
        for pair, bound_pair in zip(gradients, bounds, strict=True)
        for gradient, bound in zip(pair, bound_pair, strict=True)
    ]


@given(cases())
def test_order_of_the_samples_does_not_matter(case: Case) -> None:
    order = np.random.default_rng(case.seed).permutation(case.samples)
    here = gradients_and_bounds(case.parameters, case.X, case.Y)
    there = gradients_and_bounds(case.parameters, case.X[order], case.Y[order])
    for (a, a_bound), (b, b_bound) in zip(here, there, strict=True):
        assert np.all(np.abs(a - b) <= a_bound + b_bound)


@given(cases(samples=st.integers(2, 9)))
def test_gradients_add_up_over_batches(case: Case) -> None:
    """m times the whole is the sum of the parts, each times its own number of samples."""
    cut = 1 + case.seed % (case.samples - 1)
    whole = gradients_and_bounds(case.parameters, case.X, case.Y)
    first = gradients_and_bounds(case.parameters, case.X[:cut], case.Y[:cut])
    second = gradients_and_bounds(case.parameters, case.X[cut:], case.Y[cut:])
    share = cut / case.samples
    for (g, bound), (g1, bound1), (g2, bound2) in zip(whole, first, second, strict=True):
        parts = share * g1 + (1 - share) * g2
        # The weights and this sum are rounded here, in double, beside what the engine rounds.
        ours = 4 * np.finfo(float).eps * (np.abs(share * g1) + np.abs((1 - share) * g2))
        assert np.all(np.abs(g - parts) <= bound + share * bound1 + (1 - share) * bound2 + ours)


@given(cases(depth=st.integers(2, 5)))
def test_permuting_hidden_units_permutes_the_gradients(case: Case) -> None:
    layer = 1 + case.seed % (len(case.parameters) - 1)
    order = np.random.default_rng(case.seed).permutation(case.widths[layer])
    permuted = [*case.parameters]
    (W, b), (V, c) = permuted[layer - 1 : layer + 1]
    permuted[layer - 1 : layer + 1] = [(W[:, order], b[:, order]), (V[order], c)]
    here = gradients_and_bounds(case.parameters, case.X, case.Y)
    there = gradients_and_bounds(permuted, case.X, case.Y)
    before = 2 * (layer - 1)
    for index, ((a, a_bound), (b, b_bound)) in enumerate(zip(here, there, strict=True)):
        if index in (before, before + 1):
            a, a_bound = a[:, order], a_bound[:, order]
        if index == before + 2:
            a, a_bound = a[order], a_bound[order]
        assert np.all(np.abs(a - b) <= a_bound + b_bound)


@given(cases())
def test_swapping_labels_and_signs_swaps_the_gradient_of_the_last_layer(case: Case) -> None:
    """sigmoid(-z) = 1 - sigmoid(z): with -W, -b and 1 - Y the last gradients change sign."""
    W, b = case.parameters[-1]
    Y = np.round(case.Y)
    mirrored = [*case.parameters[:-1], (-W, -b)]
    here = gradients_and_bounds(case.parameters, case.X, Y)
    there = gradients_and_bounds(mirrored, case.X, 1 - Y)
    for sign, ((a, a_bound), (b, b_bound)) in zip(
        [1] * (len(here) - 2) + [-1, -1], zip(here, there, strict=True), strict=True
    ):
        assert np.all(np.abs(a - sign * b) <= a_bound + b_bound)


def test_extremes_in_a_batch_leave_the_other_samples_alone() -> None:
    """The activations of a sample are the same with a sample of 1e300 beside it."""
    case = build_case((3, 4, 2), 5)
    loud = case.X.copy()
    loud[2] = [1e300, -1e300, 1e300]
    rows = [0, 1, 3, 4]
    bound = running_error(case.parameters, case.X, case.Y).A
    for quiet_A, loud_A, room in zip(
        engine.forward(case.parameters, case.X),
        engine.forward(case.parameters, loud),
        bound,
        strict=True,
    ):
        assert np.all(np.abs(quiet_A[rows] - loud_A[rows]) <= 2 * room[rows])


def test_the_strategy_makes_what_matters() -> None:
    """Of 300 cases by drawn seeds, how many have what the properties are to be tried on."""
    rng = np.random.default_rng(1)
    regimes = tuple(Regime)
    drawn = [
        build_case(
            tuple(int(w) for w in rng.integers(1, 7, rng.integers(2, 7))),
            int(rng.integers(1, 10)),
            regime=regimes[int(rng.integers(len(regimes)))],
            labels="hard" if rng.random() < 1 / 2 else "soft",
            seed=seed,
        )
        for seed in range(300)
    ]
    A = [engine.forward(case.parameters, case.X)[-1] for case in drawn]
    assert sum(1 in case.widths or case.samples == 1 for case in drawn) > 30
    assert sum(len(set(case.widths)) > 1 for case in drawn) > 150
    assert sum(bool((a == 1).any()) for a in A) > 15
    assert sum(bool((case.X == 0).any()) for case in drawn) > 30
    assert sum(bool(np.isin(case.Y, (0, 1)).all()) for case in drawn) > 100
    assert sum(case.samples % 2 for case in drawn) > 100
