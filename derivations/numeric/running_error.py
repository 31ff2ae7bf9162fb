"""First-order running-error analysis of a network's forward and backward pass.

Every quantity carries the size of its rounding in units of eps; what leaves this module times eps
and a pessimism bounds the difference of two ways to compute one gradient.
"""

from dataclasses import dataclass

import numpy as np

from derivations.numeric.models import STEP, Model
from derivations.numeric.trees import Array

SINGLE, DOUBLE = np.finfo(np.float32), np.finfo(np.float64)
Layers = list[tuple[Array, Array]]


def underflow(eps: float) -> float:
    """What a result loses where it falls below the normal numbers, in units of ``eps``.

    A complex step reaches that end sooner: there it is the slope times the step that underflows.
    """
    own = SINGLE.tiny if eps > DOUBLE.eps else DOUBLE.tiny
    return float(max(own, DOUBLE.tiny / STEP)) / eps


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """A forward pass with its rounding.

    Shapes: ``Z[l]``, ``A[l]``, their ``*_error`` and ``slope[l]`` (m, d[l]); item 0 is the input.
    """

    Z: list[Array]
    A: list[Array]
    Z_error: list[Array]
    A_error: list[Array]
    slope: list[Array]


def forward_pass(model: Model, layers: Layers, X: Array, eps: float) -> Pass:
    """The activations, and their rounding in units of ``eps``."""
    nothing = np.zeros_like(X)
    run = Pass(Z=[X], A=[X], Z_error=[nothing], A_error=[nothing], slope=[np.ones_like(X)])
    for (W, b), activation in zip(layers, model.activations, strict=True):
        A, error, W_size = run.A[-1], run.A_error[-1], np.abs(W)
        Z = A @ W + b
        Z_error = (2 * np.abs(A) + error) @ W_size + np.abs(b) + np.abs(Z)
        run.Z.append(Z)
        run.Z_error.append(Z_error)
        run.A.append(activation.value(Z))
        slope = activation.slope(Z)
        # The slope may itself change over the error: where A is 1 only this second term is left.
        steepest = slope + activation.curvature(slope) * eps * Z_error
        run.slope.append(slope)
        run.A_error.append(steepest * Z_error + 2 * np.abs(run.A[-1]) + underflow(eps))
    return run


def slope_error(model: Model, run: Pass, layer: int, eps: float) -> Array:
    """Rounding of sigma'(Z): its own, that of A(1-A) near A = 1, and that of Z.

    At a kink within the rounding of Z the slope may be anything between its two sides.
    """
    activation = model.activations[layer - 1]
    slope, Z_error = run.slope[layer], run.Z_error[layer]
    error: Array = slope + np.abs(run.A[layer]) + activation.curvature(slope) * Z_error
    if activation.name in {"ReLU", "identity"}:
        error = slope.copy()
    error += underflow(eps)
    if activation.kinked:
        error = np.where(np.abs(run.Z[layer]) <= eps * Z_error, 1 / eps, error)
    return error


def output_error(
    model: Model, run: Pass, Y: Array, delta: Array, weight: float, eps: float
) -> Array:
    """Rounding of dL/dZ of the last layer, whichever of its usual forms computes it."""
    A, A_error, slope = run.A[-1], run.A_error[-1], run.slope[-1]
    residual: Array = weight * (A_error + 2 * np.abs(A) + np.abs(Y)) + underflow(eps)
    if model.loss.name == "cross-entropy":
        from_logits: Array = residual + 2 * np.abs(delta)
        return from_logits
    last = slope_error(model, run, len(run.A) - 1, eps)
    error: Array = 2 * residual * slope + 2 * weight * np.abs(A - Y) * last + 2 * np.abs(delta)
    return error


def gradient_error(
    model: Model, layers: Layers, run: Pass, deltas: list[Array], Y: Array, eps: float
) -> Layers:
    """Rounding of the gradients, in units of ``eps``.

    Shapes: ``deltas[l]`` (m, d[l]), dL/dZ; item 0 unused -> those of the parameters.
    """
    weight = model.weight(*Y.shape)
    error = output_error(model, run, Y, deltas[-1], weight, eps)
    errors: Layers = []
    floor = len(Y) * underflow(eps)
    for layer in range(len(layers), 0, -1):
        delta, A = np.abs(deltas[layer]), np.abs(run.A[layer - 1])
        inputs = run.A_error[layer - 1] + 2 * A
        # eps * error * error: the term of second order, all there is where A - Y is 0
        errors.append(
            (
                floor + A.T @ error + inputs.T @ delta + eps * run.A_error[layer - 1].T @ error,
                floor + error.sum(axis=0, keepdims=True) + 2 * delta.sum(axis=0, keepdims=True),
            )
        )
        if layer > 1:
            error = pulled_back(model, layers, run, deltas, error, layer, eps)
    return errors[::-1]


def pulled_back(
    model: Model,
    layers: Layers,
    run: Pass,
    deltas: list[Array],
    error: Array,
    layer: int,
    eps: float,
) -> Array:
    """Rounding of dL/dZ of the layer below ``layer``."""
    W = np.abs(layers[layer - 1][0])
    slope = run.slope[layer - 1]
    upstream = np.abs(deltas[layer]) @ W.T
    missed = slope_error(model, run, layer - 1, eps)
    carried = (error + 2 * np.abs(deltas[layer])) @ W.T
    pulled: Array = (
        carried * (slope + eps * missed)
        + upstream * missed
        + np.abs(deltas[layer - 1])
        + underflow(eps)
    )
    return pulled
