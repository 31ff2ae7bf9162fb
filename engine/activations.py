"""Activation functions, each with the way back through it, written so that nothing cancels."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """A function A = f(Z) of one layer, applied to each sample by itself.

    ``pull_back(A_bar, Z, A)`` takes the gradient with respect to A to that with respect to Z; it
    may write over ``A_bar``.  ``complement(Z)``, where there is one, is 1 - A without cancellation.
    """

    name: str
    value: Callable[[Array], Array]
    pull_back: Callable[[Array, Array, Array], Array]
    complement: Callable[[Array], Array] | None = None


def sigmoid(Z: Array) -> Array:
    """1 / (1 + exp(-Z)), of full relative accuracy in both tails.

    Shapes: any -> the same.
    Source: training/formulas.md, A = sigmoid(Z).
    """
    # One buffer for all of it: at the sizes of a training step a second one costs more than exp.
    result = np.negative(Z)
    np.exp(result, out=result)
    result += 1
    np.divide(1, result, out=result)
    lowest = -np.log(np.finfo(Z.dtype).max)
    if Z.min() < lowest:
        # exp(-Z) is beyond the range there, and 1 is nothing beside it.
        far = np.less(Z, lowest)
        result[far] = np.exp(Z[far])
    return result


def sigmoid_complement(Z: Array) -> Array:
    """1 - sigmoid(Z), computed as sigmoid(-Z)."""
    return sigmoid(-Z)


def residual(activation: Activation, Z: Array, A: Array, Y: Array) -> Array:
    """A - Y, of full relative accuracy where A comes close to a label of 1.

    Shapes: ``Z``, ``A``, ``Y`` (m, k) -> (m, k).
    """
    if activation.complement is None:
        return A - Y
    complement = activation.complement(Z)
    above = complement < A
    # Measured from the end of [0, 1] that A is near: A - Y = (1 - Y) - (1 - A).
    difference = np.abs(above - Y)
    difference -= np.minimum(A, complement)
    np.negative(difference, out=difference, where=~above)
    return difference


def softmax(Z: Array) -> Array:
    """exp(Z) divided by its sum over the row.

    Shapes: (m, k) -> (m, k).
    """
    powers = np.exp(below_largest(Z))
    powers /= powers.sum(axis=1, keepdims=True)
    return powers


def softmax_complement(Z: Array) -> Array:
    """1 - softmax(Z), with the sum over the other columns where A is above a half."""
    powers = np.exp(below_largest(Z))
    first = _first_largest(Z)
    others = powers.copy()
    np.put_along_axis(others, first, 0, axis=1)
    rest = others.sum(axis=1, keepdims=True)
    complement: Array = 1 - powers / (1 + rest)
    np.put_along_axis(complement, first, rest / (1 + rest), axis=1)
    return complement


def below_largest(Z: Array) -> Array:
    """Z minus the largest entry of its row, kept finite.

    Shapes: (m, k) -> (m, k).
    """
    shifted: Array = Z - Z.max(axis=1, keepdims=True)
    np.maximum(shifted, -np.finfo(Z.dtype).max, out=shifted)
    return shifted


def softplus(Z: Array) -> Array:
    """log(1 + exp(Z)).

    Shapes: any -> the same.
    """
    tail = _exp_minus_abs(Z)
    np.log1p(tail, out=tail)
    tail += np.maximum(Z, 0)
    return tail


def _exp_minus_abs(Z: Array) -> Array:
    result = np.abs(Z)
    np.negative(result, out=result)
    return np.exp(result, out=result)


def _first_largest(Z: Array) -> NDArray[np.intp]:
    return np.expand_dims(Z.argmax(axis=1), axis=1)


def _sigmoid_pull_back(A_bar: Array, Z: Array, A: Array) -> Array:
    # A (1 - A) = e / (1 + e)**2 with e = exp(-abs(Z))
    tail = _exp_minus_abs(Z)
    A_bar *= tail
    tail += 1
    A_bar /= np.square(tail, out=tail)
    return A_bar


def _tanh_pull_back(A_bar: Array, Z: Array, A: Array) -> Array:
    # 1 - tanh(Z)**2 = 4 e / (1 + e)**2 with e = exp(-2 abs(Z))
    tail = _exp_minus_abs(2 * Z)
    A_bar *= 4 * tail
    tail += 1
    A_bar /= np.square(tail, out=tail)
    return A_bar


def _relu_pull_back(A_bar: Array, Z: Array, A: Array) -> Array:
    A_bar *= Z > 0
    return A_bar


def _softplus_pull_back(A_bar: Array, Z: Array, A: Array) -> Array:
    A_bar *= sigmoid(Z)
    return A_bar


def _softmax_pull_back(A_bar: Array, Z: Array, A: Array) -> Array:
    # A constant added to a row of A_bar changes nothing; this one keeps the large entry out.
    A_bar -= np.take_along_axis(A_bar, _first_largest(Z), axis=1)
    A_bar -= (A * A_bar).sum(axis=1, keepdims=True)
    A_bar *= A
    return A_bar


def _relu(Z: Array) -> Array:
    return np.maximum(Z, 0)


def _tanh(Z: Array) -> Array:
    return np.tanh(Z)


def _identity(Z: Array) -> Array:
    return Z


def _identity_pull_back(A_bar: Array, Z: Array, A: Array) -> Array:
    return A_bar


SIGMOID = Activation(
    name="sigmoid", value=sigmoid, pull_back=_sigmoid_pull_back, complement=sigmoid_complement
)
TANH = Activation(name="tanh", value=_tanh, pull_back=_tanh_pull_back)
RELU = Activation(name="ReLU", value=_relu, pull_back=_relu_pull_back)
SOFTPLUS = Activation(name="softplus", value=softplus, pull_back=_softplus_pull_back)
IDENTITY = Activation(name="identity", value=_identity, pull_back=_identity_pull_back)
SOFTMAX = Activation(
    name="softmax", value=softmax, pull_back=_softmax_pull_back, complement=softmax_complement
)
