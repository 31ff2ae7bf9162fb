"""Reported as bugs, and right: other forms of the same gradient, which must agree."""

from types import SimpleNamespace

import numpy as np

from tests.defects.inputs import matrix, vector
from tests.defects.network_subject import Network
from tests.defects.record import Bug, Defect
from tests.defects.subjects import Array, Number, Operation, Rng, Wrong, plant
from tests.numeric.networks import Layers, gradients

WEIGHTS, INPUTS = np.array([2.0, -3.0, -3.0]), np.array([-1.0, -2.0, 1.0])


def normalise(x: Array) -> Array:
    centred = x - x.mean(axis=0)
    return centred / np.sqrt((centred**2).mean(axis=0) + 0.1)


def normalise_vjp(y_bar: Array, x: Array) -> Array:
    y, spread = normalise(x), np.sqrt(x.var(axis=0) + 0.1)
    return (y_bar - y_bar.mean(axis=0) - y * (y_bar * y).mean(axis=0)) / spread


def by_the_variance(y_bar: Array, x: Array, term: float) -> Array:
    """Through mean and variance; ``term`` times the sum of x - mean, which is 0, goes along."""
    centred, spread = x - x.mean(axis=0), np.sqrt(x.var(axis=0) + 0.1)
    variance_bar = (y_bar * centred).sum(axis=0) / (-2 * spread**3)
    mean_bar = -y_bar.sum(axis=0) / spread - term * 2 * variance_bar * centred.mean(axis=0)
    return y_bar / spread + 2 * variance_bar * centred / len(x) + mean_bar / len(x)


def with_the_mean_of_y(y_bar: Array, x: Array, weight: float) -> Array:
    """The mean of y is 0, so that any multiple of it may be subtracted."""
    y, spread = normalise(x), np.sqrt(x.var(axis=0) + 0.1)
    inner = (y - weight * y.mean(axis=0)) * (y_bar * y).mean(axis=0)
    return (y_bar - y_bar.mean(axis=0) - inner) / spread


def softmax(x: Array) -> Array:
    powers = np.exp(x - x.real.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def softmax_vjp(y_bar: Array, x: Array, shift: float = 0.0) -> Array:
    """A constant added to the cotangent changes nothing: the outputs' sum is constant."""
    y = softmax(x)
    y_bar = y_bar + shift
    return y * (y_bar - (y_bar * y).sum(axis=-1, keepdims=True))


def samples(rng: Rng) -> Array:
    return rng.standard_normal((int(rng.integers(2, 6)), int(rng.integers(1, 4))))


def neuron(w: Array) -> object:
    return 1 / (1 + np.exp(-(w @ INPUTS)))


def neuron_gradient(w: Array, slope_digits: int | None = None) -> Array:
    a = 1 / (1 + np.exp(-(w @ INPUTS)))
    slope = a * (1 - a)
    return INPUTS * (slope if slope_digits is None else np.round(slope, slope_digits))


def mean_of_samples(parameters: Layers, X: Array, Y: Array) -> Layers:
    """Each sample by itself; the loss is the mean of theirs."""
    singles = [gradients(parameters, X[i : i + 1], Y[i : i + 1]) for i in range(len(X))]
    return [
        (
            np.sum([g[layer][0] for g in singles], axis=0) / len(X),
            np.sum([g[layer][1] for g in singles], axis=0) / len(X),
        )
        for layer in range(len(parameters))
    ]


NORMALISED = Operation(name="normalised samples", draw=samples, f=normalise, vjp=normalise_vjp)
NEURON = Number(
    name="neuron of the lecture",
    draw=lambda rng: WEIGHTS + rng.integers(0, 2, 3),
    f=neuron,
    gradient=neuron_gradient,
)

EQUIVALENT = (
    *plant(
        NORMALISED,
        Wrong(
            Bug.EQUIVALENT,
            "term with the sum of x - mean left out",
            lambda y_bar, x: by_the_variance(y_bar, x, 0.0),
            "pjreddie/darknet#1723",
        ),
        Wrong(
            Bug.EQUIVALENT,
            "term with the sum of x - mean put in",
            lambda y_bar, x: by_the_variance(y_bar, x, 1.0),
            "pjreddie/darknet#29",
        ),
        Wrong(
            Bug.EQUIVALENT,
            "mean of y left out",
            lambda y_bar, x: with_the_mean_of_y(y_bar, x, 0.0),
            "BVLC/caffe#3878",
        ),
        Wrong(
            Bug.EQUIVALENT,
            "mean of y subtracted",
            lambda y_bar, x: with_the_mean_of_y(y_bar, x, 1.0),
            "BVLC/caffe#4110",
        ),
        Wrong(
            Bug.EQUIVALENT,
            "mean of y added",
            lambda y_bar, x: with_the_mean_of_y(y_bar, x, -1.0),
            "apache/mxnet#1053",
        ),
    ),
    *plant(
        Operation(name="softmax of rows", draw=matrix(2), f=softmax, vjp=softmax_vjp),
        Wrong(
            Bug.EQUIVALENT,
            "constant added to the cotangent",
            lambda y_bar, x: softmax_vjp(y_bar, x, 3.0),
            "pytorch/pytorch#107007",
        ),
    ),
    *plant(
        Operation(
            name="twice the sine",
            draw=vector(),
            f=lambda x: 2 * np.sin(x),
            vjp=lambda y_bar, x: 2 * y_bar * np.cos(x),
        ),
        Wrong(
            Bug.EQUIVALENT,
            "factor taken into the head gradient",
            lambda y_bar, x: (2 * y_bar) * np.cos(x),
            "apache/mxnet#18539",
        ),
    ),
    *plant(
        NEURON,
        Wrong(Bug.EQUIVALENT, "0.39 and not 0.40", neuron_gradient, "cs231n/cs231n.github.io#105"),
    ),
)

# The mean of the samples' own gradients is the gradient of their mean.
EQUIVALENT += (
    Defect(
        name="mean of the samples' gradients",
        bug=Bug.EQUIVALENT,
        subject=Network(),
        build=lambda: SimpleNamespace(gradients=mean_of_samples),
    ),
)

# The counterpart of the last one: 0.40 comes from an intermediate that was rounded.
ROUNDED = tuple(
    plant(
        NEURON,
        Wrong(
            Bug.DTYPE,
            "slope rounded to one decimal",
            lambda w: neuron_gradient(w, 1),
        ),
        Wrong(Bug.DTYPE, "slope rounded to four decimals", lambda w: neuron_gradient(w, 4)),
    )
)
