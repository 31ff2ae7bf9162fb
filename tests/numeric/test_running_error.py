"""The rounding of a network of one unit a layer is that of its scalars, worked out by hand."""

from math import exp, log
from typing import Any

import numpy as np
import pytest

from derivations.numeric import models
from derivations.numeric.models import ACTIVATIONS, LOSSES, REDUCTIONS, STEP, Activation, Model
from derivations.numeric.network_enclosure import enclose
from derivations.numeric.running_error import (
    Layers,
    forward_pass,
    gradient_error,
    output_error,
    pulled_back,
    slope_error,
    underflow,
)
from derivations.numeric.trees import Array

EPS = 2.0**-52
ROUNDINGS = 1000  # more than any of these takes
BY_NAME = {each.name: each for each in ACTIVATIONS}
BY_LOSS = {each.name: each for each in LOSSES}


def near(found: Any, due: Any) -> bool:
    """Whether numbers differ by no more than roundings of them."""
    gap = np.abs(np.asarray(found, float) - np.asarray(due, float))
    return bool((gap <= ROUNDINGS * EPS * np.abs(np.asarray(due, float))).all())


def one(value: float) -> Array:
    return np.array([[value]])


def model(*activations: str, loss: str = "half squared error", mean: str = "samples") -> Model:
    reduction = next(name for name in REDUCTIONS if name.endswith(mean))
    chosen = tuple(BY_NAME[name] for name in activations)
    return Model(activations=chosen, loss=BY_LOSS[loss], reduction=reduction)


TINY = underflow(EPS)
LAYERS: Layers = [(one(-3.0), one(1.0)), (one(2.0), one(-4.0))]


def test_what_underflows_is_counted_in_units_of_the_precision() -> None:
    tiny = float(np.finfo(np.float64).tiny)
    assert underflow(EPS) == tiny / STEP / EPS
    single = float(np.finfo(np.float32).eps)
    assert underflow(single) == float(np.finfo(np.float32).tiny) / single


def test_a_layer_rounds_its_input_its_product_and_its_sum() -> None:
    """Z = 2 * -3 + 1 = -5 and then -5 * 2 - 4 = -14."""
    run = forward_pass(model("identity", "identity"), LAYERS, one(2.0), EPS)
    assert [float(Z[0, 0]) for Z in run.Z] == [2, -5, -14]
    assert [float(A[0, 0]) for A in run.A] == [2, -5, -14]
    assert [float(slope[0, 0]) for slope in run.slope] == [1, 1, 1]
    first = (2 * 2 + 0) * 3 + 1 + 5
    carried = first + 2 * 5 + TINY
    second = (2 * 5 + carried) * 2 + 4 + 14
    assert [float(error[0, 0]) for error in run.Z_error] == [0, first, second]
    assert [float(e[0, 0]) for e in run.A_error] == [0, carried, second + 2 * 14 + TINY]


def test_a_steep_function_carries_the_error_by_its_slope_and_its_change() -> None:
    run = forward_pass(model("tanh"), [(one(0.5), one(0.25))], one(1.0), 0.125)
    value = np.tanh(0.75)
    slope = 1 - value**2
    Z_error = (2 * 1 + 0) * 0.5 + 0.25 + 0.75
    due = (slope + 2 * slope * 0.125 * Z_error) * Z_error + 2 * value + underflow(0.125)
    assert near(float(run.A_error[1][0, 0]), due)
    found = slope_error(model("tanh"), run, 1, 0.125)
    wanted = slope + value + 2 * slope * Z_error + underflow(0.125)
    assert near(float(found[0, 0]), wanted)


@pytest.mark.parametrize(("name", "x", "due"), [
    ("identity", 2.0, 1 + TINY),
    ("ReLU", -2.0, 1 + TINY),
    ("ReLU", 2.0, TINY),
    ("ReLU", 1 / 3 + EPS / 4, 1 / EPS),
])  # fmt: skip
def test_a_slope_that_is_0_or_1_rounds_by_itself_alone_but_at_the_kink(
    name: str, x: float, due: float
) -> None:
    run = forward_pass(model(name), [(one(-3.0), one(1.0))], one(x), EPS)
    assert float(slope_error(model(name), run, 1, EPS)[0, 0]) == due


@pytest.mark.parametrize("loss", ["half squared error", "cross-entropy"])
def test_the_last_layer_rounds_in_whichever_form_it_is_computed(loss: str) -> None:
    of = model("sigmoid", loss=loss)
    run = forward_pass(of, [(one(0.5), one(0.25))], one(1.0), EPS)
    A, A_error, slope = (float(each[1][0, 0]) for each in (run.A, run.A_error, run.slope))
    residual = 0.5 * (A_error + 2 * A + 0.25) + TINY
    last = float(slope_error(of, run, 1, EPS)[0, 0])
    due = residual + 2 * 0.125
    if loss != "cross-entropy":
        due = 2 * residual * slope + 2 * 0.5 * abs(A - 0.25) * last + 2 * 0.125
    found = output_error(of, run, one(0.25), one(-0.125), 0.5, EPS)
    assert near(float(found[0, 0]), due)


def test_the_gradients_round_as_their_sums_of_products() -> None:
    of, eps = model("identity", "identity"), 0.5
    run = forward_pass(of, LAYERS, one(2.0), eps)
    deltas = [one(0.0), one(-12.0), one(-6.0)]
    found = gradient_error(of, LAYERS, run, deltas, one(-8.0), eps)
    tiny = underflow(eps)
    error = float(output_error(of, run, one(-8.0), deltas[2], 1.0, eps)[0, 0])
    A_error = float(run.A_error[1][0, 0])
    W = tiny + 5 * error + (A_error + 2 * 5) * 6 + eps * A_error * error
    assert float(found[1][0][0, 0]) == W
    assert float(found[1][1][0, 0]) == tiny + error + 2 * 6
    below = pulled_back(of, LAYERS, run, deltas, one(error), 2, eps)
    missed = float(slope_error(of, run, 1, eps)[0, 0])
    carried = (error + 2 * 6) * 2
    due = carried * (1 + eps * missed) + 6 * 2 * missed + 12 + tiny
    assert float(below[0, 0]) == due
    assert float(found[0][0][0, 0]) == tiny + 2 * due + 2 * 2 * 12
    assert float(found[0][1][0, 0]) == tiny + due + 2 * 12


def test_samples_add_up_what_underflows() -> None:
    of = model("identity")
    X, Y = np.zeros((3, 1)), np.zeros((3, 1))
    run = forward_pass(of, [(one(0.0), one(0.0))], X, EPS)
    nothing = np.zeros((3, 1))
    ((W, b),) = gradient_error(of, [(one(0.0), one(0.0))], run, [nothing, nothing], Y, EPS)
    assert float(W[0, 0]) >= 3 * TINY
    assert float(b[0, 0]) >= 3 * TINY


# -- the models ---------------------------------------------------------------------
VALUES = {
    "sigmoid": lambda z: 1 / (1 + exp(-z)),
    "tanh": np.tanh,
    "ReLU": lambda z: max(z, 0.0),
    "softplus": lambda z: log(1 + exp(z)),
    "identity": lambda z: z,
}
SLOPES = {
    "sigmoid": lambda z: exp(-z) / (1 + exp(-z)) ** 2,
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "ReLU": lambda z: float(z > 0),
    "softplus": lambda z: 1 / (1 + exp(-z)),
    "identity": lambda z: 1.0,
}


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda each: each.name)
def test_an_activation_has_its_value_its_slope_and_a_bound_on_its_curvature(
    activation: Activation,
) -> None:
    Z = np.array([-3.0, -0.5, 0.25, 2.0])
    value, slope = VALUES[activation.name], SLOPES[activation.name]
    assert near(activation.value(Z), [value(z) for z in Z])
    assert near(activation.slope(Z), [slope(z) for z in Z])
    assert activation.kinked is (activation.name == "ReLU")
    bound = {"sigmoid": 1, "tanh": 2, "softplus": 1}.get(activation.name, 0)
    assert activation.curvature(np.array([0.5])).tolist() == [0.5 * bound]


def test_no_power_overflows_on_either_side() -> None:
    far = np.array([-1e4, 1e4])
    with np.errstate(over="raise", invalid="raise"):
        assert models.sigmoid(far).tolist() == [0, 1]
        assert models.softplus(far).tolist() == [0, 1e4]
        Y = np.array([0.25, 0.25])
        assert models.cross_entropy(far, far, Y).tolist() == [2500, 7500]
    assert models.sigmoid(np.array([0.0]) + 1j * STEP).imag == STEP / 4
    assert models.relu(np.array([0.0])) == 0


def test_a_loss_is_its_formula_and_a_reduction_its_weight() -> None:
    Z, Y = np.array([-1.5, 0.5]), np.array([0.25, 1.0])
    A = models.sigmoid(Z)
    due = -Y * np.log(A) - (1 - Y) * np.log(1 - A)
    assert near(models.cross_entropy(Z, A, Y), due)
    assert models.square(Z, Z, Y).tolist() == [1.75**2, 0.25]
    assert models.half_square(Z, Z, Y).tolist() == [1.75**2 / 2, 0.125]
    assert [model("tanh", mean=end).weight(4, 5) for end in ("mean over the samples",
            "sum over the samples", "samples and outputs")] == [0.25, 1, 0.05]  # fmt: skip
    assert str(model("tanh", "tanh", "sigmoid", mean="sum over the samples")) == (
        "tanh, sigmoid layers, half squared error, sum over the samples"
    )


# -- the enclosure ------------------------------------------------------------------
CASES = [
    ("tanh", "sigmoid", "cross-entropy", "sum over the samples"),
    ("ReLU", "sigmoid", "squared error", "mean over the samples"),
    ("sigmoid", "identity", "half squared error", "mean over samples and outputs"),
    ("softplus", "tanh", "squared error", "mean over the samples"),
]


@pytest.mark.parametrize(("hidden", "last", "loss", "reduction"), CASES)
def test_the_enclosed_gradient_is_that_of_a_complex_step(
    hidden: str, last: str, loss: str, reduction: str
) -> None:
    of = model(hidden, last, loss=loss, mean=reduction)
    rng = np.random.default_rng(5)
    layers: Layers = [(rng.normal(size=(2, 3)), rng.normal(size=(1, 3))),
                      (rng.normal(size=(3, 2)), rng.normal(size=(1, 2)))]  # fmt: skip
    X, Y = rng.normal(size=(4, 2)), rng.uniform(0.1, 0.9, size=(4, 2))

    def value(flat: Array) -> complex:
        A, Z, start = X, X, 0
        for (W, b), activation in zip(layers, of.activations, strict=True):
            stop = start + W.size
            Z = A @ flat[start:stop].reshape(W.shape) + flat[stop : stop + b.size]
            A, start = activation.value(Z), stop + b.size
        return complex(of.weight(*Y.shape) * of.loss.value(Z, A, Y).sum())

    flat = np.concatenate([part.ravel() for layer in layers for part in layer])
    due = [value(flat + 1j * STEP * unit).imag / STEP for unit in np.eye(flat.size)]
    found = enclose(of, layers, X, Y)
    assert (np.abs(found.middle - due) <= ROUNDINGS * EPS * np.maximum(np.abs(due), 1)).all()
    assert (found.radius <= 2 * EPS * np.abs(found.middle)).all()
    assert (found.radius >= EPS * np.abs(found.middle)).all()
    assert found.certifies(found.middle, EPS).all()
    assert not found.certifies(found.middle * 2, EPS).any()
    assert found.refutes(found.middle * 2, np.abs(found.middle) / 2).all()
    assert not found.refutes(found.middle, np.abs(found.middle) / 2).any()
