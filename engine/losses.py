"""Loss functions, from the logits: means over the samples of sums over the outputs."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

import numpy as np

from engine.activations import SIGMOID, SOFTMAX, Activation, residual, softmax_parts
from engine.arrays import Array, saturate


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A loss, and its gradient with respect to the Z of the last layer, both from that Z.

    ``evaluate(output, Z, Y)`` gives the two, and may write over ``Z``.  ``output`` is the one
    activation of the last layer that the loss goes with, None if any does; ``probabilities`` says
    that the labels lie in [0, 1].
    """

    name: str
    evaluate: Callable[[Activation, Array, Array], tuple[float, Array]]
    output: Activation | None
    probabilities: bool


def binary_cross_entropy(output: Activation, Z: Array, Y: Array) -> tuple[float, Array]:
    """Mean over samples of the summed -Y log(A) - (1-Y) log(1-A), and its gradient (A - Y) / m.

    Shapes: ``Z``, ``Y`` (m, k) -> a number, (m, k).
    Units: nats per sample.
    Source: training/formulas.md, the loss, and the factor (A - Y) / n of dL/dW; n there counts the
        samples.
    """
    # Measured from the end of [0, 1] that A is near, no term is negative and nothing cancels:
    # loss  abs(Z) abs([Z > 0] - Y) + log1p(tail),  A - Y = [Z > 0] - Y -+ tail / (1 + tail).
    distance = np.abs(Z)
    tail = np.exp(-distance)
    error: Array = ~np.signbit(Z) - Y
    distance *= np.abs(error)
    distance += np.log1p(tail)
    tail /= 1 + tail
    error -= np.copysign(tail, Z, out=tail)
    error /= len(Z)
    return _mean_of_sums(distance), error


def softmax_cross_entropy(output: Activation, Z: Array, Y: Array) -> tuple[float, Array]:
    """Mean over samples of the summed -Y log(A), A = softmax(Z), and its gradient.

    The gradient is A times the row sum of Y, minus Y, over m, with 1 - A where that would cancel.

    Shapes: ``Z``, ``Y`` (m, k) -> a number, (m, k).
    Units: nats per sample.
    """
    A, complement, shifted, log_sum = softmax_parts(Z)
    terms: Array = log_sum - shifted
    terms *= Y
    others = np.add.reduce(Y, axis=1, keepdims=True) - Y
    error: Array = A * others - complement * Y
    error /= len(Z)
    return _mean_of_sums(terms), error


def squared_error(output: Activation, Z: Array, Y: Array) -> tuple[float, Array]:
    """Mean over samples of half the summed squares of A - Y, and its gradient.

    The loss is inf where it is beyond the range.

    Shapes: ``Z``, ``Y`` (m, k) -> a number, (m, k).
    """
    A, kept = output.run(Z)
    difference = residual(output, A, kept, Y)
    value = float(np.sum(np.square(difference, dtype=np.float64)) / (2 * len(Y)))
    difference = saturate(difference)
    difference /= len(Y)
    return value, output.pull_back(difference, A, kept)


def _mean_of_sums(terms: Array) -> float:
    """Mean over the rows of the sums over the columns; the largest finite number if beyond it."""
    total = float(np.add.reduce(terms, axis=None, dtype=np.float64))
    if isfinite(total):
        return total / len(terms)
    return min(float(np.sum(terms / len(terms))), float(np.finfo(np.float64).max))


BINARY_CROSS_ENTROPY = Loss(
    name="binary cross-entropy", evaluate=binary_cross_entropy, output=SIGMOID, probabilities=True
)
SOFTMAX_CROSS_ENTROPY = Loss(
    name="softmax cross-entropy", evaluate=softmax_cross_entropy, output=SOFTMAX, probabilities=True
)
SQUARED_ERROR = Loss(name="squared error", evaluate=squared_error, output=None, probabilities=False)
