"""The network that the measurements are made on: sigmoid layers and mean cross-entropy."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from tests.numeric.networks import Array, Layers, forward, loss


@dataclass(frozen=True, slots=True, kw_only=True)
class Perceptron:
    """Parameters and a batch."""

    parameters: Layers
    X: Array
    Y: Array

    @classmethod
    def draw(cls, widths: tuple[int, ...], *, samples: int, seed: int) -> "Perceptron":
        """Random weights of the usual scale, dense inputs, one-hot labels."""
        rng = np.random.default_rng(seed)
        parameters = [
            (rng.standard_normal((d, e)) / np.sqrt(d), rng.standard_normal((1, e)) / 10)
            for d, e in pairwise(widths)
        ]
        X = rng.standard_normal((samples, widths[0]))
        Y = np.eye(widths[-1])[rng.integers(0, widths[-1], samples)]
        return cls(parameters=parameters, X=X, Y=Y)

    @property
    def size(self) -> int:
        return sum(W.size + b.size for W, b in self.parameters)

    def loss(self, parameters: Layers) -> Any:
        return loss(parameters, self.X, self.Y)

    def real_loss(self, parameters: Layers) -> float:
        return float(self.loss(parameters))

    def gradients(self, parameters: Layers) -> Layers:
        """Back-propagation with no step to spare, as torch does it."""
        A = forward(parameters, self.X)
        delta = (A[-1] - self.Y) / len(self.X)
        found: Layers = []
        for inputs, (W, _) in zip(A[-2::-1], parameters[::-1], strict=True):
            found.append((inputs.T @ delta, delta.sum(axis=0, keepdims=True)))
            if len(found) < len(parameters):
                delta = (delta @ W.T) * (inputs * (1 - inputs))
        return found[::-1]
