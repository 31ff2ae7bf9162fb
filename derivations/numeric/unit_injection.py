"""The gradient of a layered network, from its forward functions alone, one unit at a time.

A tiny imaginary step on Z of unit j, for all samples at once, appears in the loss of each sample
as that sample's dL/dZ of the unit: one evaluation for a column.  dW and db follow from the columns
because layers are affine in W and b.
"""

from dataclasses import dataclass

import numpy as np

from derivations.numeric.models import ACTIVATIONS, LOSSES, REDUCTIONS, STEP, Activation, Model
from derivations.numeric.noise import PESSIMISM
from derivations.numeric.running_error import Layers, Pass, forward_pass, gradient_error
from derivations.numeric.trees import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """A gradient with bounds.

    Shapes: ``gradients`` and ``bounds`` those of the parameters; ``deltas[l]`` (m, d[l]).
    """

    gradients: Layers
    bounds: Layers
    deltas: list[Array]
    run: Pass
    evaluations: int


def inject(model: Model, layers: Layers, X: Array, Y: Array, eps: float) -> Injection:
    """The gradient by unit injection, with the bound that holds for arithmetic of ``eps``."""
    run = forward_pass(model, layers, X, eps)
    deltas = [np.zeros_like(X)]
    deltas += [delta_of(model, layers, run, Y, layer) for layer in range(1, len(layers) + 1)]
    gradients = [
        (A.T @ delta, delta.sum(axis=0, keepdims=True))
        for A, delta in zip(run.A[:-1], deltas[1:], strict=True)
    ]
    errors = gradient_error(model, layers, run, deltas, Y, eps)
    bounds = [(PESSIMISM * eps * dW, PESSIMISM * eps * db) for dW, db in errors]
    return Injection(
        gradients=gradients,
        bounds=bounds,
        deltas=deltas,
        run=run,
        evaluations=1 + sum(W.shape[1] for W, _ in layers),
    )


def delta_of(model: Model, layers: Layers, run: Pass, Y: Array, layer: int) -> Array:
    """dL/dZ of a layer, column by column.

    Shapes: (m, d[layer]).
    """
    columns = [
        sample_slopes(model, layers, run, Y, layer, unit)
        for unit in range(layers[layer - 1][0].shape[1])
    ]
    return model.weight(*Y.shape) * np.stack(columns, axis=1)


def sample_slopes(
    model: Model, layers: Layers, run: Pass, Y: Array, layer: int, unit: int
) -> Array:
    """How the loss of each sample answers a step on one unit.

    Shapes: (m,).
    """
    activation = model.activations[layer - 1]
    moved = activation.value(run.Z[layer][:, unit] + 1j * STEP)
    Z, A = run.Z[layer].astype(complex), run.A[layer].astype(complex)
    Z[:, unit] += 1j * STEP
    A[:, unit] = moved
    if layer < len(layers):
        # Of the next layer's input one column alone has moved.
        W, _ = layers[layer]
        Z = run.Z[layer + 1] + 1j * np.outer(moved.imag, W[unit])
        A = model.activations[layer].value(Z)
    for (W, b), activation in zip(layers[layer + 1 :], model.activations[layer + 1 :], strict=True):
        # Real and imaginary part apart: two real products cost half of a complex one.
        Z = (A.real @ W + b) + 1j * (A.imag @ W)
        A = activation.value(Z)
    slopes: Array = model.loss.value(Z, A, Y).imag.sum(axis=1) / STEP
    return slopes


def recognise(
    forwards: list[tuple[Layers, Array, Array, list[Array], float]], eps: float
) -> Model | None:
    """The model whose activations and losses are those of an engine, to within rounding.

    Shapes: each item is parameters, X, Y, the engine's A[0..N], and its loss.
    """
    layers = forwards[0][0]
    if not all(shapes_fit(*item[:4]) for item in forwards):
        return None
    activations = []
    for layer in range(1, len(layers) + 1):
        fitting = [a for a in ACTIVATIONS if all(acts(a, item, layer, eps) for item in forwards)]
        if not fitting:
            return None
        activations.append(fitting[0])
    for loss in LOSSES:
        if loss.output not in (None, activations[-1].name):
            continue
        for reduction in REDUCTIONS:
            model = Model(activations=tuple(activations), loss=loss, reduction=reduction)
            if all(costs(model, item, eps) for item in forwards):
                return model
    return None


def shapes_fit(layers: Layers, X: Array, Y: Array, outputs: list[Array]) -> bool:
    """Whether an engine returned one activation a layer, each of the shape that is due."""
    widths = [X.shape[1], *(W.shape[1] for W, _ in layers)]
    return len(outputs) == len(widths) and all(
        np.shape(A) == (len(X), width) for A, width in zip(outputs, widths, strict=True)
    )


def acts(
    activation: Activation,
    item: tuple[Layers, Array, Array, list[Array], float],
    layer: int,
    eps: float,
) -> bool:
    """Whether a layer of an engine has this activation."""
    layers, _, _, outputs, _ = item
    W, b = layers[layer - 1]
    A = np.asarray(outputs[layer - 1], dtype=np.float64)
    Z = A @ W + b
    Z_error = np.abs(A) @ np.abs(W) * 2 + np.abs(b) + np.abs(Z)
    due = activation.value(Z)
    slope = activation.slope(Z)
    error = slope * Z_error + activation.curvature(slope) * eps * Z_error**2 + 4 * np.abs(due)
    gap = np.abs(due - outputs[layer])
    return bool(np.all(gap <= PESSIMISM * eps * error))


def costs(model: Model, item: tuple[Layers, Array, Array, list[Array], float], eps: float) -> bool:
    """Whether the loss of an engine is that of the model."""
    layers, X, Y, _, value = item
    run = forward_pass(model, layers, X, eps)
    weight = model.weight(*Y.shape)
    terms = model.loss.value(run.Z[-1], run.A[-1], Y)
    steepness = np.abs(model.loss.value(run.Z[-1] + 1j * STEP, run.A[-1], Y).imag / STEP)
    steepness_A = np.abs(model.loss.value(run.Z[-1], run.A[-1] + 1j * STEP, Y).imag / STEP)
    error = 4 * np.abs(terms) + steepness * run.Z_error[-1] + steepness_A * run.A_error[-1]
    spread = eps * run.Z_error[-1] + eps * run.A_error[-1]
    bound = PESSIMISM * eps * weight * float(np.sum(error + eps * spread**2 / eps))
    return bool(abs(float(np.sum(terms)) * weight - value) <= bound)
