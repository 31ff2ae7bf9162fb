"""The gradient of a recognised network in ball arithmetic: it owes nothing to differences."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, arb_mat

from derivations.numeric.enclosure import ENTRYWISE, precision
from derivations.numeric.models import Model
from derivations.numeric.running_error import Layers
from derivations.numeric.trees import Array, Vector

LARGEST = 2**14  # parameters times samples that are worth the time
BITS = 128
EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """Every entry of a gradient to within a radius that holds for certain; nan where none does.

    Shapes: ``middle``, ``radius`` (P,).
    """

    middle: Vector
    radius: Vector

    def certifies(self, analytic: Vector, eps: float) -> Array:
        """Which entries have at least half of the digits that ``eps`` allows, for certain."""
        gap = np.abs(analytic - self.middle) + self.radius
        return np.asarray(gap <= np.sqrt(eps) * (np.abs(self.middle) - self.radius))

    def refutes(self, analytic: Vector, bound: Vector) -> Array:
        """Which entries are off by more than a bound, for certain; those it cannot tell count."""
        gap = np.abs(analytic - self.middle) - self.radius
        return np.asarray(~(gap <= bound))


def enclose(model: Model, layers: Layers, X: Array, Y: Array) -> Enclosure:
    """The gradient by back-propagation in balls."""
    with precision(BITS):
        ones = arb_mat([[1] * len(X)])
        A, Z = [matrix(X)], []
        for (W, b), activation in zip(layers, model.activations, strict=True):
            Z.append(A[-1] * matrix(W) + ones.transpose() * matrix(b))
            A.append(entrywise(ENTRYWISE[activation.name.lower()][0], Z[-1]))
        delta = output_error(model, Z[-1], A[-1], Y)
        found = []
        for layer in range(len(layers), 0, -1):
            found += [ones * delta, A[layer - 1].transpose() * delta]
            if layer > 1:
                slope = ENTRYWISE[model.activations[layer - 2].name.lower()][1]
                below = delta * matrix(layers[layer - 1][0]).transpose()
                delta = entrywise(lambda d, z, s=slope: d * s(z), below, Z[layer - 2])
        balls = [ball for array in found[::-1] for ball in array.entries()]
        middle = np.array([float(ball.mid()) for ball in balls])
        radius = np.array([float(ball.rad()) for ball in balls])
    return Enclosure(middle=middle, radius=radius + EPS * np.abs(middle))


def output_error(model: Model, Z: arb_mat, A: arb_mat, Y: Array) -> arb_mat:
    """dL/dZ of the last layer."""
    weight = arb(1) / round(1 / model.weight(*Y.shape))
    if model.loss.name == "cross-entropy":
        return entrywise(lambda z, y: weight * sigmoid_less(z, y), Z, matrix(Y))
    factor = weight * (2 if model.loss.name == "squared error" else 1)
    slope = ENTRYWISE[model.activations[-1].name.lower()][1]
    less = sigmoid_less if model.activations[-1].name == "sigmoid" else None
    if less is not None:
        return entrywise(lambda z, y: factor * less(z, y) * slope(z), Z, matrix(Y))
    return entrywise(lambda z, a, y: factor * (a - y) * slope(z), Z, A, matrix(Y))


def sigmoid_less(z: Any, y: Any) -> Any:
    """sigmoid(z) - y, from the side where nothing cancels."""
    logistic = ENTRYWISE["sigmoid"][0]
    return (1 - y) - logistic(-z) if z > 0 else logistic(z) - y


def matrix(array: Array) -> arb_mat:
    """Each float as the ball of radius 0 around it."""
    return arb_mat(np.asarray(array, dtype=np.float64).tolist())


def entrywise(function: Callable[..., Any], *matrices: arb_mat) -> arb_mat:
    """A function of the entries of matrices of one shape."""
    first = matrices[0]
    results = [function(*items) for items in zip(*(m.entries() for m in matrices), strict=True)]
    return arb_mat(first.nrows(), first.ncols(), results)
