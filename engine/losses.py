"""Loss functions, from the logits: means over the samples of sums over the outputs."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.activations import (
    SIGMOID,
    SOFTMAX,
    Activation,
    below_largest,
    residual,
    softmax,
    softmax_complement,
)
from engine.arrays import Array, saturate


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A loss, with its gradient with respect to the Z of the last layer.

    ``output`` is the one activation of the last layer that the loss goes with, None if any does;
    ``probabilities`` says that the labels lie in [0, 1].
    """

    name: str
    value: Callable[[Array, Array, Array], float]
    output_error: Callable[[Activation, Array, Array, Array], Array]
    output: Activation | None
    probabilities: bool


def binary_cross_entropy(Z: Array, A: Array, Y: Array) -> float:
    """Mean over samples of the summed -Y log(A) - (1-Y) log(1-A), A = sigmoid(Z).

    Shapes: ``Z``, ``A``, ``Y`` (m, k) -> a number.
    Units: nats per sample.
    Source: training/formulas.md, the loss.
    """
    size = np.abs(Z)
    # No term is negative: Y log(A) + (1-Y) log(1-A) = -abs(Z) abs([Z > 0] - Y) - log1p(...)
    terms = np.abs((Z > 0) - Y)
    terms *= size
    terms += np.log1p(np.exp(-size))
    return _mean_of_sums(terms)


def binary_output_error(output: Activation, Z: Array, A: Array, Y: Array) -> Array:
    """Gradient of the mean binary cross-entropy with respect to the last layer's Z: (A - Y) / m.

    Shapes: ``Z``, ``A``, ``Y`` (m, k) -> (m, k).
    Units: nats per sample.
    Source: training/formulas.md, the factor (A - Y) / n of dL/dW; n there counts the samples.
    """
    difference = residual(output, Z, A, Y)
    difference /= len(Z)
    return difference


def softmax_cross_entropy(Z: Array, A: Array, Y: Array) -> float:
    """Mean over samples of the summed -Y log(A), A = softmax(Z).

    Shapes: ``Z``, ``A``, ``Y`` (m, k) -> a number.
    Units: nats per sample.
    """
    shifted = below_largest(Z)
    powers = np.exp(shifted)
    np.put_along_axis(powers, np.expand_dims(Z.argmax(axis=1), axis=1), 0, axis=1)
    terms = np.log1p(powers.sum(axis=1, keepdims=True)) - shifted
    terms *= Y
    return _mean_of_sums(terms)


def softmax_output_error(output: Activation, Z: Array, A: Array, Y: Array) -> Array:
    """Gradient of the mean softmax cross-entropy with respect to the last layer's Z.

    It is A times the row sum of Y, minus Y, over m, with 1 - A where that would cancel.

    Shapes: ``Z``, ``A``, ``Y`` (m, k) -> (m, k).
    Units: nats per sample.
    """
    others = Y.sum(axis=1, keepdims=True) - Y
    difference: Array = softmax(Z) * others - softmax_complement(Z) * Y
    difference /= len(Z)
    return difference


def squared_error(Z: Array, A: Array, Y: Array) -> float:
    """Mean over samples of half the summed squares of A - Y; inf where that is beyond the range.

    Shapes: ``Z``, ``A``, ``Y`` (m, k) -> a number.
    """
    difference = (A - Y).astype(np.float64)
    return float(np.sum(np.square(difference)) / (2 * len(Z)))


def squared_output_error(output: Activation, Z: Array, A: Array, Y: Array) -> Array:
    """Gradient of the squared error with respect to the last layer's Z.

    Shapes: ``Z``, ``A``, ``Y`` (m, k) -> (m, k).
    """
    difference = saturate(residual(output, Z, A, Y))
    difference /= len(Z)
    return output.pull_back(difference, Z, A)


def _mean_of_sums(terms: Array) -> float:
    """Mean over the rows of the sums over the columns; the largest finite number if beyond it."""
    total = float(np.sum(terms, dtype=np.float64))
    if np.isfinite(total):
        return total / len(terms)
    shares: Array = np.asarray(terms, np.float64) / len(terms)
    return min(float(np.sum(shares)), float(np.finfo(np.float64).max))


BINARY_CROSS_ENTROPY = Loss(
    name="binary cross-entropy",
    value=binary_cross_entropy,
    output_error=binary_output_error,
    output=SIGMOID,
    probabilities=True,
)
SOFTMAX_CROSS_ENTROPY = Loss(
    name="softmax cross-entropy",
    value=softmax_cross_entropy,
    output_error=softmax_output_error,
    output=SOFTMAX,
    probabilities=True,
)
SQUARED_ERROR = Loss(
    name="squared error",
    value=squared_error,
    output_error=squared_output_error,
    output=None,
    probabilities=False,
)
