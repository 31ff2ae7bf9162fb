"""The recurrence from the last layer to the first: the error of each layer, and its gradients."""

from math import isfinite

import numpy as np

from engine.activations import Activation
from engine.arrays import (
    Array,
    ParameterList,
    all_finite,
    product,
    saturate,
    scaled_product,
    squared_norm,
)


def back_propagate(
    layers: ParameterList,
    activations: list[Activation],
    A: list[Array],
    kept: list[Array],
    error: Array,
    l2: float,
) -> ParameterList:
    """The gradients of every layer from the gradient ``error`` with respect to the last Z.

    ``A[l]``, with X for item 0, and what its activation kept are taken off their lists on the way:
    a layer's arrays are let go as soon as its gradients stand, which keeps the peak of memory near
    activations plus gradients.

    Shapes: ``A[l]`` (m, d[l]) for l < N; ``error`` (m, d[N]) -> those of the parameters.
    """
    gradients: ParameterList = []
    while True:
        W, _ = layers[len(A) - 1]
        value, of_value = A.pop(), kept.pop()
        gradients.append(layer_gradients(value, error, W, l2))
        if not A:
            return gradients[::-1]
        error = hidden_error(error, W, activations[len(A) - 1], value, of_value)


def layer_gradients(A: Array, error: Array, W: Array, l2: float) -> tuple[Array, Array]:
    """Gradients with respect to a layer's weights and bias, from its input ``A`` and its error.

    Shapes: ``A`` (m, d), ``error`` (m, e), ``W`` (d, e) -> (d, e), (1, e).
    """
    # No entry of either exceeds the product of the norms, and these are quicker to look through.
    if isfinite(squared_norm(A) * squared_norm(error)):
        dW: Array = A.T @ error
        db: Array = np.add.reduce(error, axis=0, keepdims=True)
    else:
        dW, db = product(A.T, error), total(error)
    if l2:
        dW += l2 * W
        dW = dW if all_finite(dW) else saturate(dW)
    return dW, db


def total(error: Array) -> Array:
    """The sum over the samples; an entry beyond the range is the largest finite number instead.

    Shapes: ``error`` (m, e) -> (1, e).
    """
    db: Array = error.sum(axis=0, keepdims=True)
    if all_finite(db):
        return db
    return saturate((error / len(error)).sum(axis=0, keepdims=True) * len(error))


def hidden_error(error: Array, W: Array, activation: Activation, A: Array, kept: Array) -> Array:
    """Gradient with respect to a hidden layer's Z, from the error of the layer after it.

    Shapes: ``error`` (m, e), ``W`` (d, e), ``A``, ``kept`` (m, d) -> (m, d).
    """
    result = activation.pull_back(error @ W.T, A, kept)
    if all_finite(result):
        return result
    # The product left the range.  A small derivative may bring it back, so that comes first; the
    # exponent is one for each sample because softmax mixes the columns.
    columns = np.frexp(np.abs(W).max())[1]
    mantissa, exponent = scaled_product(error, np.ldexp(W.T, -columns))
    shared = exponent.max(axis=1, keepdims=True)
    small = activation.pull_back(np.ldexp(mantissa, exponent - shared), A, kept)
    return np.where(np.isfinite(result), result, saturate(np.ldexp(small, shared + columns)))
