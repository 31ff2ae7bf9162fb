"""Layers and losses that a network may turn out to have, in forms that take complex input."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from derivations.numeric.trees import Array

Function = Callable[[Array], Array]
STEP = 2.0**-70


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """A function of one number, applied to every entry.

    ``curvature(slope)`` bounds the second derivative; ``kinked`` says that the slope jumps at 0.
    """

    name: str
    value: Function
    curvature: Function
    kinked: bool = False

    def slope(self, Z: Array) -> Array:
        """The derivative by complex step."""
        slope: Array = self.value(Z + 1j * STEP).imag / STEP
        return slope


def sigmoid(Z: Array) -> Array:
    """1 / (1 + exp(-Z)), with no power that overflows."""
    right = Z.real >= 0
    power = np.exp(np.where(right, -Z, Z))
    value: Array = np.where(right, 1, power) / (1 + power)
    return value


def softplus(Z: Array) -> Array:
    """log(1 + exp(Z)), with no power that overflows."""
    right = Z.real >= 0
    return np.log1p(np.exp(np.where(right, -Z, Z))) + np.where(right, Z, 0)


def relu(Z: Array) -> Array:
    return np.where(Z.real > 0, Z, 0)


ACTIVATIONS = (
    Activation(name="sigmoid", value=sigmoid, curvature=lambda slope: slope),
    Activation(name="tanh", value=np.tanh, curvature=lambda slope: 2 * slope),
    Activation(name="ReLU", value=relu, curvature=np.zeros_like, kinked=True),
    Activation(name="softplus", value=softplus, curvature=lambda slope: slope),
    Activation(name="identity", value=lambda Z: Z, curvature=np.zeros_like),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A sum over the outputs of one sample, from the last layer's Z and A.

    Shapes: ``value(Z, A, Y)`` (m, k) -> (m, k), terms that belong to one sample by row.
    ``output`` names the only activation it goes with, None for any.
    """

    name: str
    value: Callable[[Array, Array, Array], Array]
    output: str | None


def cross_entropy(Z: Array, A: Array, Y: Array) -> Array:
    """-Y log(A) - (1-Y) log(1-A) for A = sigmoid(Z), from the logits.

    The larger of the two powers is taken out, so that no two large terms cancel.
    """
    right = Z.real >= 0
    return np.log1p(np.exp(np.where(right, -Z, Z))) + np.where(right, (1 - Y) * Z, -Y * Z)


def half_square(Z: Array, A: Array, Y: Array) -> Array:
    """(A - Y)**2 / 2."""
    return (A - Y) ** 2 / 2


def square(Z: Array, A: Array, Y: Array) -> Array:
    """(A - Y)**2."""
    return (A - Y) ** 2


LOSSES = (
    Loss(name="cross-entropy", value=cross_entropy, output="sigmoid"),
    Loss(name="half squared error", value=half_square, output=None),
    Loss(name="squared error", value=square, output=None),
)

REDUCTIONS: dict[str, Callable[[int, int], float]] = {
    "mean over the samples": lambda m, k: 1 / m,
    "sum over the samples": lambda m, k: 1.0,
    "mean over samples and outputs": lambda m, k: 1 / (m * k),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Layers affine in W, their activations, and a loss."""

    activations: tuple[Activation, ...]
    loss: Loss
    reduction: str

    def weight(self, m: int, k: int) -> float:
        """What each term of the loss is multiplied by."""
        return REDUCTIONS[self.reduction](m, k)

    def __str__(self) -> str:
        names = ", ".join(dict.fromkeys(a.name for a in self.activations))
        return f"{names} layers, {self.loss.name}, {self.reduction}"
