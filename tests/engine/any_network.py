"""Networks of any activation and loss in ball arithmetic, and the loss alone as a power series.

At 300 bits the balls enclose the truth.  At a few bits less than a float has, their radii grow with
every rounding as the engine's errors do: that makes them the engine's bound.
"""

from collections.abc import Callable
from dataclasses import dataclass

import flint
import numpy as np

import engine
from derivations.conformance.enclosure import Pair, Pairs, balls, entrywise, precision

# The bits that a ball has less than the float: an exp or tanh may be an ulp off, not half of one,
# a rounded ball may too, and a product of matrices may be summed in another order.
FEWER_BITS = 3

VALUES: dict[str, Callable] = {
    "sigmoid": lambda z: 1 / (1 + (-z).exp()),
    "tanh": lambda z: 1 - 2 / (1 + (2 * z).exp()),
    "ReLU": lambda z: z if _start(z) > 0 else 0 * z,
    "softplus": lambda z: (1 + z.exp()).log(),
    "identity": lambda z: z,
}
SLOPES: dict[str, Callable] = {
    "sigmoid": lambda z: 1 / (2 + z.exp() + (-z).exp()),
    "tanh": lambda z: 4 / (2 + (2 * z).exp() + (-2 * z).exp()),
    "ReLU": lambda z: flint.arb(1) if z > 0 else flint.arb(0) if z <= 0 else flint.arb(0.5, 0.5),
    "softplus": lambda z: 1 / (1 + (-z).exp()),
    "identity": lambda z: flint.arb(1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """Enclosures of the loss and of its gradients."""

    loss: flint.arb
    gradients: list[Pair]


def enclose(
    network: engine.Network, parameters: Pairs, X: np.ndarray, Y: np.ndarray, bits: int
) -> Exact:
    """Forward and backward through the network in balls of so many bits."""
    names = [a.name for a in network.layer_activations("enclose", len(parameters))]
    with precision(bits):
        Z, A, Y = [balls(X)], [balls(X)], balls(Y)
        for (W, b), name in zip(parameters, names, strict=True):
            Z.append(A[-1] @ balls(W) + balls(b))
            A.append(value(name, Z[-1]))
        loss = np.sum(loss_terms(network.cost.name, A[-1], Y)) / len(X)
        for W, _ in parameters:
            loss = loss + np.sum(balls(W) ** 2) * flint.arb(network.l2) / 2
        error = _output_error(network, Z[-1], A[-1], Y) / len(X)
        gradients = []
        for layer in range(len(parameters), 0, -1):
            W = balls(parameters[layer - 1][0])
            dW = A[layer - 1].T @ error + flint.arb(network.l2) * W
            gradients.append((dW, np.sum(error, axis=0, keepdims=True)))
            if layer > 1:
                error = pull_back(names[layer - 2], error @ W.T, Z[layer - 1], A[layer - 1])
        return Exact(loss=loss, gradients=gradients[::-1])


def radii(exact: Exact) -> list[Pair]:
    """The radii of the gradients' balls, as floats rounded up."""
    return [
        tuple(entrywise(lambda ball: float(ball.rad().upper()), array) for array in pair)
        for pair in exact.gradients
    ]


def series_slope(
    network: engine.Network,
    parameters: Pairs,
    X: np.ndarray,
    Y: np.ndarray,
    direction: Pairs,
) -> flint.arb:
    """The derivative of the loss along a direction, by the power series of the forward pass."""
    names = [a.name for a in network.layer_activations("series_slope", len(parameters))]
    with precision():
        A, penalty = balls(X), flint.arb(0)
        for name, (W, b), (V, c) in zip(names, parameters, direction, strict=True):
            line = entrywise(_line, W, V)
            penalty = penalty + np.sum(line * line) * flint.arb(network.l2) / 2
            A = value(name, A @ line + entrywise(_line, b, c))
        loss = np.sum(loss_terms(network.cost.name, A, balls(Y))) / len(X) + penalty
        return loss[1]


def value(name: str, Z: np.ndarray) -> np.ndarray:
    """The activation of that name; for softmax by the row."""
    if name == "softmax":
        powers = entrywise(lambda z: z.exp(), Z)
        return powers / np.sum(powers, axis=1, keepdims=True)
    return entrywise(VALUES[name], Z)


def pull_back(name: str, A_bar: np.ndarray, Z: np.ndarray, A: np.ndarray) -> np.ndarray:
    """The gradient with respect to Z from that with respect to A."""
    if name == "softmax":
        return A * (A_bar - np.sum(A * A_bar, axis=1, keepdims=True))
    return A_bar * entrywise(SLOPES[name], Z)


def loss_terms(name: str, A: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """The terms whose sum over all samples and outputs is m times the loss."""
    if name == "squared error":
        return (A - Y) * (A - Y) / 2
    if name == "softmax cross-entropy":
        return -Y * entrywise(lambda a: a.log(), A)
    return -Y * entrywise(lambda a: a.log(), A) - (1 - Y) * entrywise(lambda a: (1 - a).log(), A)


def _output_error(
    network: engine.Network, Z: np.ndarray, A: np.ndarray, Y: np.ndarray
) -> np.ndarray:
    if network.cost.name == "squared error":
        return pull_back(network.output.name, A - Y, Z, A)
    if network.cost.name == "softmax cross-entropy":
        return A * np.sum(Y, axis=1, keepdims=True) - Y
    return A - Y


def _line(start: float, slope: float) -> flint.arb_series:
    return flint.arb_series([flint.arb(float(start)), flint.arb(float(slope))], 2)


def _start(z: flint.arb | flint.arb_series) -> flint.arb:
    return z[0] if isinstance(z, flint.arb_series) else z
