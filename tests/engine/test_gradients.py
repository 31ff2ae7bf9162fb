"""The engine's numbers against ball arithmetic, a complex step and a power series."""

from itertools import pairwise

import flint
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import engine
from derivations.conformance.bounds import running_error
from derivations.conformance.cases import Case, Layout, Regime, build_case
from derivations.conformance.enclosure import balls, exact_network, outside, precision, violations
from derivations.conformance.strategies import cases
from tests.engine.reference import (
    STEP_FLOOR,
    complex_step_gradients,
    exact_directional_derivative,
)

SMALL = st.integers(1, 4)
MODERATE = (Regime.GENERIC, Regime.LARGE, Regime.ZEROS)


@given(cases())
@example(build_case((1, 1), 1, regime=Regime.SATURATED, labels="hard"))
@example(build_case((3, 2, 5, 1, 4, 2), 7, layout=Layout.REVERSED, dtype="float32"))
def test_gradients_lie_within_the_running_error_of_the_enclosure(case: Case) -> None:
    """In every layer and entry, however saturated, tiny or zero."""
    _, _, exact = exact_network(case.parameters, case.X, case.Y)
    bounds = running_error(case.parameters, case.X, case.Y, careful=True).gradients
    assert violations(engine.gradients(case.parameters, case.X, case.Y), exact, bounds) == []


@given(cases())
def test_activations_and_loss_lie_within_the_running_error_of_the_enclosure(case: Case) -> None:
    """The forward pass, and a loss from the logits, have bounds of their own."""
    exact_A, exact_loss, _ = exact_network(case.parameters, case.X, case.Y)
    bound = running_error(case.parameters, case.X, case.Y, careful=True)
    A = engine.forward(case.parameters, case.X)
    for layer, arrays in enumerate(zip(A, exact_A, bound.A, strict=True)):
        assert (layer, outside(*arrays)) == (layer, [])
    loss = engine.loss(case.parameters, case.X, case.Y)
    assert outside(np.array(loss), np.array(exact_loss), np.array(bound.loss)) == []


@given(cases(depth=st.integers(1, 3), width=SMALL, samples=SMALL, dtypes=("float64",)))
def test_gradients_agree_with_the_complex_step(case: Case) -> None:
    """Each side is within its own bound of the truth, so they differ by no more than both."""
    steps = complex_step_gradients(case.parameters, case.X, case.Y)
    ours = running_error(case.parameters, case.X, case.Y, careful=True).gradients
    theirs = running_error(case.parameters, case.X, case.Y, floor=STEP_FLOOR).gradients
    computed = engine.gradients(case.parameters, case.X, case.Y)
    for arrays in zip(computed, steps, ours, theirs, strict=True):
        for got, step, our_bound, their_bound in zip(*arrays, strict=True):
            assert np.all(np.abs(got - step) <= our_bound + their_bound)


@given(cases(depth=st.integers(1, 3), width=SMALL, samples=SMALL, regimes=MODERATE))
def test_enclosure_agrees_with_the_power_series_of_the_loss(case: Case) -> None:
    """The reference itself: its chain rule against a derivative that knows the loss alone."""
    rng = np.random.default_rng(case.seed)
    direction = [
        tuple(rng.choice([-1.0, -0.5, 0.5, 1.0], array.shape) for array in pair)
        for pair in case.parameters
    ]
    _, _, exact = exact_network(case.parameters, case.X, case.Y)
    slope = exact_directional_derivative(case.parameters, case.X, case.Y, direction)
    with precision():
        along = flint.arb(0)
        for gradients, vectors in zip(exact, direction, strict=True):
            for gradient, vector in zip(gradients, vectors, strict=True):
                along += np.sum(gradient * balls(vector))
    assert along.overlaps(slope)


@given(cases(depth=st.just(1)))
def test_one_layer_gradient_is_the_output_error_times_the_input(case: Case) -> None:
    """(A-Y) X: the document's short form, transposed as it must be, and summed for the bias."""
    exact_A, _, exact = exact_network(case.parameters, case.X, case.Y)
    with precision():
        error = exact_A[1] - balls(case.Y)
        product = balls(case.X).T @ error / case.samples
        total = np.sum(error, axis=0, keepdims=True) / case.samples
    assert all(a.overlaps(b) for a, b in zip(product.flat, exact[0][0].flat, strict=True))
    assert all(a.overlaps(b) for a, b in zip(total.flat, exact[0][1].flat, strict=True))
    computed = engine.gradients(case.parameters, case.X, case.Y)
    bound = running_error(case.parameters, case.X, case.Y, careful=True)
    # The product's balls are wide where A - Y cancels; these are the same numbers.
    assert violations(computed, exact, bound.gradients) == []
    float64 = [tuple(array.astype(float) for array in pair) for pair in case.parameters]
    steps = complex_step_gradients(float64, case.X, case.Y)
    step_bound = running_error(
        float64, case.X.astype(float), case.Y.astype(float), floor=STEP_FLOOR
    )
    assert violations(steps, exact, step_bound.gradients) == []


@pytest.mark.parametrize("logit", [1.0, 30.0, 38.0, 300.0, 700.0, 740.0])
@pytest.mark.parametrize("label", [0.0, 1.0])
@pytest.mark.parametrize("sign", [1, -1])
def test_output_error_is_accurate_where_the_output_is_saturated(
    logit: float, label: float, sign: int
) -> None:
    """A - Y at Y = 1 is -sigmoid(-z), down to where that underflows; 1 - A would be 0 from 38."""
    network = [(np.array([[sign * logit]]), np.zeros((1, 1)))]
    X, Y = np.ones((1, 1)), np.array([[label]])
    (_, db), (_, exact) = engine.gradients(network, X, Y)[0], exact_network(network, X, Y)[2][0]
    _, bound = running_error(network, X, Y, careful=True).gradients[0]
    assert outside(db, exact, bound) == []
    assert db[0, 0] != 0


@pytest.mark.parametrize("size", [1e3, 1e16, 1e150, 1e300, np.finfo(float).max])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_no_finite_input_overflows_or_becomes_nan(size: float, dtype: str) -> None:
    """Weights, biases and inputs as large as floats get, of either sign, stacked in one batch."""
    size = min(size, float(np.finfo(dtype).max))
    rng = np.random.default_rng(0)
    widths = (3, 4, 2)
    for seed_scale in (1.0, size):
        parameters = [
            (
                (rng.choice([-1, 0, 1], (before, after)) * seed_scale).astype(dtype),
                (rng.choice([-1, 0, 1], (1, after)) * size).astype(dtype),
            )
            for before, after in pairwise(widths)
        ]
        X = (rng.choice([-1, 0, 1], (7, 3)) * size).astype(dtype)
        Y = rng.choice([0, 0.5, 1], (7, 2)).astype(dtype)
        with np.errstate(all="raise"):
            A = engine.forward(parameters, X)
            loss = engine.loss(parameters, X, Y)
            gradients = engine.gradients(parameters, X, Y)
        arrays = [*A, np.array(loss), *(array for pair in gradients for array in pair)]
        assert all(np.isfinite(array).all() for array in arrays)


def test_logits_whose_terms_overflow_may_still_cancel() -> None:
    """inf - inf would be nan; the exact sums are 0 and 1e308."""
    W = np.array([[10.0, 10.0], [10.0, 9.0]])
    X = np.array([[1e308, -1e308]])
    A = engine.forward([(W, np.zeros((1, 2)))], X)[1]
    assert A.tolist() == [[0.5, 1.0]]


def test_a_small_derivative_brings_an_overflowing_product_back() -> None:
    """The error times W leaves the range, but not once multiplied by the slope.

    The outputs are 1 with the last weights and with 2**-64 of them, so that the gradient of the
    first weight has exactly that factor, too.
    """
    first = (np.array([[-28.0]]), np.zeros((1, 1)))
    last = np.full((1, 4), 1.5e308)
    X, Y = np.ones((1, 1)), np.zeros((1, 4))
    whole = engine.gradients([first, (last, np.zeros((1, 4)))], X, Y)[0]
    part = engine.gradients([first, (np.ldexp(last, -64), np.zeros((1, 4)))], X, Y)[0]
    for array, scaled in zip(whole, part, strict=True):
        assert np.array_equal(array, np.ldexp(scaled, 64))
