"""A small engine for tests, whose backward pass can be given one slip at a time."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Layers = list[tuple[Array, Array]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A sigmoid network with mean cross-entropy, at one point."""

    parameters: Layers
    X: Array
    Y: Array


def sigmoid(Z: Array) -> Array:
    right = Z.real >= 0
    power = np.exp(np.where(right, -Z, Z))
    return np.where(right, 1, power) / (1 + power)


def forward(parameters: Layers, X: Array) -> list[Array]:
    A = [X]
    for W, b in parameters:
        A.append(sigmoid(A[-1] @ W + b))
    return A


def loss(parameters: Layers, X: Array, Y: Array) -> Any:
    """Mean cross-entropy from the logits; takes complex parameters."""
    A = X
    for W, b in parameters[:-1]:
        A = sigmoid(A @ W + b)
    W, b = parameters[-1]
    Z = A @ W + b
    right = Z.real >= 0
    terms = np.log1p(np.exp(np.where(right, -Z, Z))) + np.where(right, (1 - Y) * Z, -Y * Z)
    return terms.sum() / len(X)


@dataclass(slots=True, kw_only=True)
class Backward:
    """A backward pass made of steps that a slip may replace.

    Shapes: ``delta`` (m, d[l]), ``A`` (m, d[l-1]), ``W`` (d[l-1], d[l]); layers count from 1.
    """

    output: Callable[[Array, Array], Array] = field(default=lambda A, Y: (A - Y) / len(Y))
    weight: Callable[..., Array] = field(default=lambda A, delta, **_: A.T @ delta)
    bias: Callable[..., Array] = field(default=lambda delta, **_: delta.sum(axis=0, keepdims=True))
    down: Callable[..., Array] = field(default=lambda delta, W, **_: delta @ W.T)
    slope: Callable[..., Array] = field(default=lambda A, **_: A * (1 - A))
    after: Callable[[Layers, Problem], Layers] = field(default=lambda g, p: g)

    def gradients(self, parameters: Layers, X: Array, Y: Array) -> Layers:
        A = forward(parameters, X)
        delta = self.output(A[-1], Y)
        found: Layers = []
        depth = len(parameters)
        for layer in range(depth, 0, -1):
            W, b = parameters[layer - 1]
            place = {"layer": layer, "depth": depth, "A_all": A, "W": W, "b": b}
            found.append((self.weight(A[layer - 1], delta, **place), self.bias(delta, **place)))
            if layer > 1:
                Z = A[layer - 2] @ parameters[layer - 2][0] + parameters[layer - 2][1]
                slope = self.slope(A[layer - 1], Z=Z, layer=layer - 1, depth=depth)
                delta = self.down(delta, W, layer=layer) * slope
        problem = Problem(parameters=parameters, X=X, Y=Y)
        return self.after(found[::-1], problem)


RIGHT = Backward()


def gradients(parameters: Layers, X: Array, Y: Array) -> Layers:
    return RIGHT.gradients(parameters, X, Y)


def draw(rng: np.random.Generator) -> Problem:
    """A network of random depth, widths, batch, scale and memory layout."""
    depth = int(rng.choice([1, 2, 2, 3, 4, 5]))
    widths = rng.integers(1, 8, depth + 1)
    if rng.integers(0, 3) == 0:
        widths[:] = widths[0]  # equal widths, where a transpose keeps the shape
    m = int(rng.choice([1, 2, 3, 4, 5, 8, 9, 11, 16, 17]))
    scale = float(rng.choice([1, 1, 1, 10]))
    parameters = [
        (scale * rng.standard_normal((d, e)) / np.sqrt(d), rng.standard_normal((1, e)) / 4)
        for d, e in pairwise(widths)
    ]
    X = rng.standard_normal((m, widths[0]))
    Y = rng.integers(0, 2, (m, widths[-1])).astype(float)
    if rng.integers(0, 3) == 0:
        Y = rng.integers(0, 101, Y.shape) / 100
    if rng.integers(0, 3) == 0:
        parameters = [(np.asfortranarray(W), b) for W, b in parameters]
    return Problem(parameters=parameters, X=X, Y=Y)


def slipped(**steps: Any) -> Backward:
    return replace(RIGHT, **steps)
