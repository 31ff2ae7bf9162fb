"""Every activation and loss, and the penalty, against ball arithmetic."""

import flint
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from derivations.conformance.cases import Case, Regime, build_case
from derivations.conformance.enclosure import BITS, balls, outside, precision, violations
from derivations.conformance.strategies import cases
from tests.engine.any_network import FEWER_BITS, Exact, enclose, radii, series_slope

ACTIVATIONS = (
    engine.SIGMOID,
    engine.TANH,
    engine.RELU,
    engine.SOFTPLUS,
    engine.IDENTITY,
    engine.SOFTMAX,
)
OUTPUTS = [
    (engine.SIGMOID, engine.BINARY_CROSS_ENTROPY),
    (engine.SOFTMAX, engine.SOFTMAX_CROSS_ENTROPY),
    *((activation, engine.SQUARED_ERROR) for activation in ACTIVATIONS),
]
MODERATE = (Regime.GENERIC, Regime.TINY)


@st.composite
def networks(draw: st.DrawFn, depth: int) -> engine.Network:
    """Any activations, one for each hidden layer, with any loss that goes with the last."""
    output, cost = draw(st.sampled_from(OUTPUTS))
    hidden = draw(st.tuples(*[st.sampled_from(ACTIVATIONS)] * (depth - 1)))
    return engine.Network(
        hidden=hidden, output=output, cost=cost, l2=draw(st.sampled_from([0.0, 0.125]))
    )


def bits_of(dtype: str) -> int:
    """The bits of balls that are to grow faster than the errors of a float of this dtype."""
    return np.finfo(dtype).nmant + 1 - FEWER_BITS


def both(network: engine.Network, case: Case) -> tuple[Exact, Exact]:
    """The truth, and the balls that bound the engine."""
    inputs = (network, case.parameters, case.X, case.Y)
    return enclose(*inputs, BITS), enclose(*inputs, bits_of(case.dtype))


@given(st.data())
def test_gradients_of_any_network_lie_within_the_radii(data: st.DataObject) -> None:
    """Against the truth, in every entry, float64 and float32."""
    case = data.draw(cases(depth=st.integers(1, 4), regimes=MODERATE))
    network = data.draw(networks(len(case.parameters)))
    exact, bound = both(network, case)
    computed = network.gradients(case.parameters, case.X, case.Y)
    assert violations(computed, exact.gradients, radii(bound)) == []


@given(st.data())
def test_loss_of_any_network_lies_within_the_radius(data: st.DataObject) -> None:
    case = data.draw(cases(depth=st.integers(1, 4), regimes=MODERATE))
    network = data.draw(networks(len(case.parameters)))
    exact, bound = both(network, case)
    computed = np.array(network.loss(case.parameters, case.X, case.Y))
    room = np.array(float(bound.loss.rad().upper()))
    assert outside(computed, np.array(exact.loss), room) == []


@given(st.data())
def test_balls_of_any_network_agree_with_the_power_series(data: st.DataObject) -> None:
    """The reference itself, against a derivative of the loss that knows no chain rule."""
    case = data.draw(cases(depth=st.integers(1, 3), regimes=(Regime.GENERIC,)))
    network = data.draw(networks(len(case.parameters)))
    rng = np.random.default_rng(case.seed)
    direction = [
        tuple(rng.choice([-1.0, -0.5, 0.5, 1.0], array.shape) for array in pair)
        for pair in case.parameters
    ]
    exact = enclose(network, case.parameters, case.X, case.Y, BITS)
    with precision():
        along = flint.arb(0)
        for gradients, vectors in zip(exact.gradients, direction, strict=True):
            for gradient, vector in zip(gradients, vectors, strict=True):
                along += np.sum(gradient * balls(vector))
    assert along.overlaps(series_slope(network, case.parameters, case.X, case.Y, direction))


@pytest.mark.parametrize(("output", "cost"), OUTPUTS, ids=lambda part: part.name)
@pytest.mark.parametrize("hidden", ACTIVATIONS, ids=lambda part: part.name)
def test_every_pair_of_activations_has_a_right_gradient(
    hidden: engine.Activation, output: engine.Activation, cost: engine.Loss
) -> None:
    """One generic case each, so that none depends on what is drawn."""
    network = engine.Network(hidden=hidden, output=output, cost=cost)
    case = build_case((3, 4, 2, 3), 5, seed=3)
    exact, bound = both(network, case)
    computed = network.gradients(case.parameters, case.X, case.Y)
    assert violations(computed, exact.gradients, radii(bound)) == []


@pytest.mark.parametrize(("output", "cost"), OUTPUTS, ids=lambda part: part.name)
@pytest.mark.parametrize("hidden", ACTIVATIONS, ids=lambda part: part.name)
def test_gradients_of_any_network_stay_finite_at_extremes(
    hidden: engine.Activation, output: engine.Activation, cost: engine.Loss
) -> None:
    network = engine.Network(hidden=hidden, output=output, cost=cost)
    rng = np.random.default_rng(0)
    parameters = [
        (rng.choice([-1e300, 1e300], (3, 3)), rng.choice([-1e300, 1e300], (1, 3))) for _ in range(3)
    ]
    X, Y = rng.choice([-1e300, 0, 1e300], (6, 3)), rng.choice([0.0, 1.0], (6, 3))
    with np.errstate(all="raise"):
        gradients = network.gradients(parameters, X, Y)
        loss = network.loss(parameters, X, Y)
    assert all(np.isfinite(array).all() for pair in gradients for array in pair)
    assert not np.isnan(loss)
    assert cost is engine.SQUARED_ERROR or np.isfinite(loss)


@pytest.mark.parametrize("size", [1.0, 40.0, 400.0])
def test_softmax_output_error_is_accurate_where_the_output_is_saturated(size: float) -> None:
    """A - Y at a label of 1 is minus the sum of the other outputs, however small."""
    network = engine.Network(output=engine.SOFTMAX, cost=engine.SOFTMAX_CROSS_ENTROPY)
    Z = np.array([[size, 0.0, -1.0]])
    _, db = network.gradients([(np.zeros((1, 3)), Z)], np.ones((1, 1)), np.eye(3)[:1])[0]
    others = engine.SOFTMAX.value(Z)[0, 1:]
    # Each side sums two terms and divides; an exp is an ulp off at most: six roundings of eps.
    bound = 2 * 6 * np.finfo(float).eps * others.sum()
    assert abs(db[0, 0] + others.sum()) <= bound
    assert np.array_equal(db[0, 1:] > 0, [True, True])


@pytest.mark.parametrize("logit", [1.0, 20.0, 40.0, 300.0])
def test_hidden_slopes_are_accurate_where_the_unit_is_saturated(logit: float) -> None:
    """sigmoid' and tanh' keep their digits far beyond where 1 - A is 0."""
    for activation in (engine.SIGMOID, engine.TANH):
        network = engine.Network(
            hidden=activation, output=engine.IDENTITY, cost=engine.SQUARED_ERROR
        )
        ones = np.ones((1, 1))
        parameters = [(ones * logit, ones * 0), (ones, ones * 0)]
        inputs = (network, parameters, ones, ones * 0)
        exact, bound = enclose(*inputs, 2000), enclose(*inputs, bits_of("float64"))
        computed = network.gradients(*inputs[1:])
        assert violations(computed, exact.gradients, radii(bound)) == []


def test_a_loss_refuses_an_output_that_it_does_not_go_with() -> None:
    with pytest.raises(engine.EngineError, match=r"binary cross-entropy needs sigmoid .* tanh"):
        engine.Network(output=engine.TANH)
    with pytest.raises(ValueError, match="softmax cross-entropy needs softmax"):
        engine.Network(cost=engine.SOFTMAX_CROSS_ENTROPY)


@pytest.mark.parametrize("l2", [-1.0, float("nan"), float("inf")])
def test_a_penalty_is_finite_and_not_negative(l2: float) -> None:
    with pytest.raises(ValueError, match="l2 is"):
        engine.Network(l2=l2)


def test_hidden_activations_are_as_many_as_hidden_layers() -> None:
    network = engine.Network(hidden=(engine.TANH,))
    with pytest.raises(ValueError, match="1 hidden activations, but the parameters have 0"):
        network.forward([(np.ones((1, 1)), np.ones((1, 1)))], np.ones((1, 1)))


def test_squared_error_takes_any_finite_label() -> None:
    network = engine.Network(output=engine.IDENTITY, cost=engine.SQUARED_ERROR)
    parameters = [(np.zeros((1, 1)), np.zeros((1, 1)))]
    assert network.loss(parameters, np.ones((1, 1)), np.full((1, 1), 4.0)) == 8.0


def loss_of(logits: list[list[float]], dtype: str = "float64") -> float:
    """The mean cross-entropy of outputs with these logits, all labels 0."""
    Z = np.array(logits, dtype)
    width = Z.shape[1]
    layer = (np.eye(width, dtype=dtype), np.zeros((1, width), dtype))
    return engine.loss([layer], Z, np.zeros_like(Z))


def test_loss_of_single_precision_is_summed_in_double() -> None:
    """Beside 2**30 a float32 has no room for 200; exp(-200) is 0 in it."""
    assert loss_of([[2.0**30], [200], [200], [200], [200]], "float32") == (2**30 + 800) / 5


def test_loss_beyond_the_range_on_the_way_is_the_mean_all_the_same() -> None:
    half = np.ldexp(1.0, 1023)
    assert loss_of([[half], [half], [half], [0]]) == 0.75 * half
    assert loss_of([[half, half]]) == np.finfo(float).max


def test_relu_has_slope_zero_at_zero() -> None:
    network = engine.Network(hidden=engine.RELU, output=engine.IDENTITY, cost=engine.SQUARED_ERROR)
    zero, one = np.zeros((1, 1)), np.ones((1, 1))
    (dW, db), _ = network.gradients([(zero, zero), (one, one)], one, zero)
    assert (dW[0, 0], db[0, 0]) == (0, 0)
