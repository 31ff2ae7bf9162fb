"""Activation functions, each with the way back through it, written so that nothing cancels."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.arrays import DTYPES, Array

# Where exp(-Z) leaves the range.
LOWEST = {dtype: float(-np.log(np.finfo(dtype).max)) for dtype in DTYPES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """A function A = f(Z) of one layer, applied to each sample by itself.

    ``run(Z)`` gives A, and one array that the way back needs beside it: it may write over ``Z``,
    and return it.  ``pull_back(A_bar, A, kept)`` takes the gradient with respect to A to that with
    respect to Z, and may write over ``A_bar``.  ``keeps_complement`` says that what is kept is
    1 - A, computed without cancellation.
    """

    name: str
    run: Callable[[Array], tuple[Array, Array]]
    pull_back: Callable[[Array, Array, Array], Array]
    keeps_complement: bool = False

    def value(self, Z: Array) -> Array:
        """f(Z) in a new array; ``Z`` is left as it is."""
        A, _ = self.run(Z.copy())
        return A


def sigmoid(Z: Array) -> Array:
    """1 / (1 + exp(-Z)), of full relative accuracy in both tails.

    Shapes: any -> the same.
    Source: training/formulas.md, A = sigmoid(Z).
    """
    return SIGMOID.value(Z)


def run_sigmoid(Z: Array) -> tuple[Array, Array]:
    """sigmoid(Z) and 1 - sigmoid(Z), both of full relative accuracy, with one exp for the two.

    Shapes: any -> the same; the second is written over ``Z``.
    """
    lowest = LOWEST[Z.dtype]
    # exp(-Z) is beyond the range there, and 1 is nothing beside it.
    far = np.less(Z, lowest) if np.minimum.reduce(Z, axis=None) < lowest else None
    tail = None if far is None else np.exp(Z[far])
    # In two buffers and no more: at the sizes of a training step a third costs more than exp.
    np.negative(Z, out=Z)
    np.exp(Z, out=Z)
    A = Z + 1
    np.reciprocal(A, out=A)
    Z *= A
    if far is not None:
        A[far], Z[far] = tail, 1
    return A, Z


def residual(activation: Activation, A: Array, kept: Array, Y: Array) -> Array:
    """A - Y, of full relative accuracy where A comes close to a label of 1.

    Shapes: ``A``, ``kept``, ``Y`` (m, k) -> (m, k).
    """
    if not activation.keeps_complement:
        return A - Y
    above = kept < A
    # Measured from the end of [0, 1] that A is near: A - Y = (1 - Y) - (1 - A).
    difference = np.abs(above - Y)
    difference -= np.minimum(A, kept)
    np.negative(difference, out=difference, where=~above)
    return difference


def run_softmax(Z: Array) -> tuple[Array, Array]:
    """exp(Z) divided by its sum over the row, and 1 minus that.

    Shapes: (m, k) -> (m, k), twice.
    """
    A, complement, _, _ = softmax_parts(Z)
    return A, complement


def softmax_parts(Z: Array) -> tuple[Array, Array, Array, Array]:
    """softmax(Z), 1 - softmax(Z), Z minus its largest, and the log of the sum of its exp.

    Shapes: (m, k) -> (m, k), (m, k), (m, k), (m, 1).
    """
    shifted: Array = Z - np.maximum.reduce(Z, axis=1, keepdims=True)
    np.maximum(shifted, -np.finfo(Z.dtype).max, out=shifted)
    A = np.exp(shifted)
    largest = np.expand_dims(Z.argmax(axis=1), axis=1)
    # The largest is exp(0), and the sum of the others may be nothing beside it.
    np.put_along_axis(A, largest, 0, axis=1)
    rest = np.add.reduce(A, axis=1, keepdims=True)
    np.put_along_axis(A, largest, 1, axis=1)
    A /= 1 + rest
    complement: Array = 1 - A
    np.put_along_axis(complement, largest, rest / (1 + rest), axis=1)
    return A, complement, shifted, np.log1p(rest)


def run_softplus(Z: Array) -> tuple[Array, Array]:
    """log(1 + exp(Z)) and its slope, sigmoid(Z).

    Shapes: any -> the same, twice; the second is written over ``Z``.
    """
    above = Z > 0
    tail = _exp_minus_abs(Z)
    A = np.log1p(tail)
    A += np.maximum(Z, 0)
    np.copyto(Z, tail)
    Z[above] = 1
    tail += 1
    Z /= tail
    return A, Z


def run_tanh(Z: Array) -> tuple[Array, Array]:
    """tanh(Z) and its slope, 1 - tanh(Z)**2.

    Shapes: any -> the same, twice; the second is written over ``Z``.
    """
    A = np.tanh(Z)
    # 1 - tanh(Z)**2 = 4 e / (1 + e)**2 with e = exp(-2 abs(Z))
    Z *= 2
    tail = _exp_minus_abs(Z)
    np.add(tail, 1, out=Z)
    np.square(Z, out=Z)
    tail *= 4
    np.divide(tail, Z, out=Z)
    return A, Z


def run_relu(Z: Array) -> tuple[Array, Array]:
    """Z where it is positive, otherwise 0; written over ``Z``, which is kept too."""
    np.maximum(Z, 0, out=Z)
    return Z, Z


def run_identity(Z: Array) -> tuple[Array, Array]:
    """Z itself, twice."""
    return Z, Z


def _exp_minus_abs(Z: Array) -> Array:
    result = np.abs(Z)
    np.negative(result, out=result)
    return np.exp(result, out=result)


def _pull_back_sigmoid(A_bar: Array, A: Array, complement: Array) -> Array:
    A_bar *= A
    A_bar *= complement
    return A_bar


def _pull_back_softmax(A_bar: Array, A: Array, complement: Array) -> Array:
    # A constant added to a row of A_bar changes nothing; this one keeps the large entry out.
    largest = np.expand_dims(A.argmax(axis=1), axis=1)
    A_bar -= np.take_along_axis(A_bar, largest, axis=1)
    A_bar -= np.add.reduce(A * A_bar, axis=1, keepdims=True)
    A_bar *= A
    return A_bar


def _pull_back_slope(A_bar: Array, A: Array, slope: Array) -> Array:
    A_bar *= slope
    return A_bar


def _pull_back_relu(A_bar: Array, A: Array, kept: Array) -> Array:
    A_bar *= A > 0
    return A_bar


def _pull_back_identity(A_bar: Array, A: Array, kept: Array) -> Array:
    return A_bar


SIGMOID = Activation(
    name="sigmoid", run=run_sigmoid, pull_back=_pull_back_sigmoid, keeps_complement=True
)
TANH = Activation(name="tanh", run=run_tanh, pull_back=_pull_back_slope)
RELU = Activation(name="ReLU", run=run_relu, pull_back=_pull_back_relu)
SOFTPLUS = Activation(name="softplus", run=run_softplus, pull_back=_pull_back_slope)
IDENTITY = Activation(name="identity", run=run_identity, pull_back=_pull_back_identity)
SOFTMAX = Activation(
    name="softmax", run=run_softmax, pull_back=_pull_back_softmax, keeps_complement=True
)
