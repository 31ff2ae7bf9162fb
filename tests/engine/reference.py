"""Two more sources of truth beside the enclosure: a power series, and a complex step.

Both know the loss alone, and share no code with the engine.
"""

import flint
import numpy as np

from derivations.conformance.enclosure import Pair, Pairs, balls, entrywise, precision

STEP = 2.0**-70
# What underflows in an imaginary part is divided by the step afterwards.
STEP_FLOOR = float(np.finfo(float).tiny) / STEP


def exact_directional_derivative(
    parameters: Pairs, X: np.ndarray, Y: np.ndarray, direction: Pairs
) -> flint.arb:
    """The derivative of the loss along a direction, from the power series of the loss alone."""
    with precision():
        A = balls(X)
        for layer, ((W, b), (V, c)) in enumerate(zip(parameters, direction, strict=True)):
            Z = A @ entrywise(_line, W, V) + entrywise(_line, b, c)
            if layer < len(parameters) - 1:
                A = entrywise(lambda z: 1 / (1 + (-z).exp()), Z)
        terms = entrywise(lambda z, y: (1 + (-z).exp()).log() + (1 - y) * z, Z, balls(Y))
        return (np.sum(terms) / len(X))[1]


def complex_step_gradients(parameters: Pairs, X: np.ndarray, Y: np.ndarray) -> list[Pair]:
    """Every gradient entry from the imaginary part of the loss, an entry moved at a time."""
    X, Y = X.astype(float), Y.astype(float)
    moved = [tuple(array.astype(complex) for array in pair) for pair in parameters]
    gradients = []
    for pair in moved:
        parts = []
        for array in pair:
            slope = np.empty(array.shape)
            for index in np.ndindex(array.shape):
                array[index] += 1j * STEP
                slope[index] = _complex_loss(moved, X, Y).imag / STEP
                array[index] -= 1j * STEP
            parts.append(slope)
        gradients.append(tuple(parts))
    return gradients


def _line(start: float, slope: float) -> flint.arb_series:
    return flint.arb_series([flint.arb(float(start)), flint.arb(float(slope))], 2)


def _complex_loss(parameters: Pairs, X: np.ndarray, Y: np.ndarray) -> complex:
    A = X.astype(complex)
    for W, b in parameters:
        Z = A @ W + b
        above = Z.real > 0
        tail = np.exp(np.where(above, -Z, Z))
        A = np.where(above, 1, tail) / (1 + tail)
    terms = np.where(above, (1 - Y) * Z, -Y * Z) + np.log1p(tail)
    return complex(terms.sum() / len(X))
