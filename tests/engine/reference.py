"""The sigmoid network in certified ball arithmetic, and by a complex step: two sources of truth.

Neither shares code with the engine.  Arrays of balls are NumPy object arrays of ``flint.arb``.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import flint
import numpy as np

Pair = tuple[np.ndarray, np.ndarray]
Parameters = Sequence[Pair]
BITS = 300


@contextmanager
def precision(bits: int = BITS) -> Iterator[None]:
    """Ball arithmetic with this many bits, and the former number of them afterwards."""
    before = flint.ctx.prec
    flint.ctx.prec = bits
    try:
        yield
    finally:
        flint.ctx.prec = before


def entrywise(function: Callable, *arrays: np.ndarray) -> np.ndarray:
    """``function`` of the entries, as an object array."""
    return np.frompyfunc(function, len(arrays), 1)(*arrays)


def balls(array: np.ndarray) -> np.ndarray:
    """Each float as the ball of radius 0 around it."""
    return entrywise(lambda entry: flint.arb(float(entry)), array)


def exact_network(
    parameters: Parameters, X: np.ndarray, Y: np.ndarray
) -> tuple[list[np.ndarray], flint.arb, list[Pair]]:
    """Enclosures of the activations, of the loss and of its gradients."""
    with precision():
        Z, A = [balls(X)], [balls(X)]
        for W, b in parameters:
            Z.append(A[-1] @ balls(W) + balls(b))
            A.append(entrywise(_sigmoid, Z[-1]))
        Y = balls(Y)
        loss = np.sum(entrywise(_cross_entropy, Z[-1], Y)) / len(X)
        error = entrywise(_difference, Z[-1], Y) / len(X)
        gradients = []
        for layer in range(len(parameters), 0, -1):
            gradients.append((A[layer - 1].T @ error, np.sum(error, axis=0, keepdims=True)))
            slope = entrywise(lambda z: _sigmoid(z) * _sigmoid(-z), Z[layer - 1])
            error = error @ balls(parameters[layer - 1][0]).T * slope
        return A, loss, gradients[::-1]


def exact_directional_derivative(
    parameters: Parameters, X: np.ndarray, Y: np.ndarray, direction: Parameters
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


def complex_step_gradients(parameters: Parameters, X: np.ndarray, Y: np.ndarray) -> list[Pair]:
    """Every gradient entry from the imaginary part of the loss, an entry moved at a time."""
    step = 2.0**-70
    X, Y = X.astype(float), Y.astype(float)
    moved = [tuple(array.astype(complex) for array in pair) for pair in parameters]
    gradients = []
    for pair in moved:
        parts = []
        for array in pair:
            slope = np.empty(array.shape)
            for index in np.ndindex(array.shape):
                array[index] += 1j * step
                slope[index] = _complex_loss(moved, X, Y).imag / step
                array[index] -= 1j * step
            parts.append(slope)
        gradients.append(tuple(parts))
    return gradients


def outside(computed: np.ndarray, exact: np.ndarray, bound: np.ndarray) -> list[str]:
    """The entries that are not certain to lie within the bound, each with its figures."""
    if computed.shape != exact.shape:
        return [f"shape {computed.shape} instead of {exact.shape}"]
    found = []
    with precision():
        for index in np.ndindex(computed.shape):
            got, true, room = computed[index], exact[index], flint.arb(float(bound[index]))
            if not np.isfinite(got) or not abs(flint.arb(float(got)) - true) <= room:
                place = list(index)
                found.append(f"{place} is {got}, exact {true.str(20)}, bound {bound[index]:.3g}")
    return found


def violations(
    computed: Parameters, exact: Parameters, bounds: Parameters, kind: str = "d"
) -> list[str]:
    """The entries of all gradients that are not certain to lie within their bounds."""
    found = []
    for layer, arrays in enumerate(zip(computed, exact, bounds, strict=True), start=1):
        for name, got, true, room in zip("Wb", *arrays, strict=True):
            found += [f"{kind}{name}[{layer}] {text}" for text in outside(got, true, room)]
    return found


def _sigmoid(z: flint.arb) -> flint.arb:
    return 1 / (1 + (-z).exp())


def _cross_entropy(z: flint.arb, y: flint.arb) -> flint.arb:
    if z > 0:
        return (1 - y) * z + (-z).exp().log1p()
    return z.exp().log1p() - y * z


def _difference(z: flint.arb, y: flint.arb) -> flint.arb:
    """sigmoid(z) - y, from the side where little cancels."""
    return (1 - y) - _sigmoid(-z) if z > 0 else _sigmoid(z) - y


def _line(start: float, slope: float) -> flint.arb_series:
    return flint.arb_series([flint.arb(float(start)), flint.arb(float(slope))], 2)


def _complex_loss(parameters: Parameters, X: np.ndarray, Y: np.ndarray) -> complex:
    A = X.astype(complex)
    for W, b in parameters:
        Z = A @ W + b
        above = Z.real > 0
        tail = np.exp(np.where(above, -Z, Z))
        A = np.where(above, 1, tail) / (1 + tail)
    terms = np.where(above, (1 - Y) * Z, -Y * Z) + np.log1p(tail)
    return complex(terms.sum() / len(X))
