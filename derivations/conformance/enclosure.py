"""The sigmoid network in certified ball arithmetic: the truth that engines are held to.

Arrays of balls are NumPy object arrays of ``flint.arb``.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import flint
import numpy as np
from numpy.typing import NDArray

from derivations.conformance.bounds import Parameters

Balls: TypeAlias = NDArray[np.object_]
Pair: TypeAlias = tuple[NDArray[Any], NDArray[Any]]
Pairs: TypeAlias = Sequence[Pair]
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


def entrywise(function: Callable[..., Any], *arrays: NDArray[Any]) -> Balls:
    """``function`` of the entries, as an object array."""
    result: Balls = np.frompyfunc(function, len(arrays), 1)(*arrays)
    return result


def balls(array: NDArray[Any]) -> Balls:
    """Each float as the ball of radius 0 around it."""
    return entrywise(lambda entry: flint.arb(float(entry)), array)


def exact_network(
    parameters: Parameters, X: NDArray[Any], Y: NDArray[Any]
) -> tuple[list[Balls], Any, list[Pair]]:
    """Enclosures of the activations, of the loss and of its gradients."""
    with precision():
        Z, A = [balls(X)], [balls(X)]
        for W, b in parameters:
            Z.append(A[-1] @ balls(W) + balls(b))
            A.append(entrywise(_sigmoid, Z[-1]))
        Y = balls(Y)
        total: Any = np.sum(entrywise(_cross_entropy, Z[-1], Y))
        error = entrywise(_difference, Z[-1], Y) / len(X)
        gradients = []
        for layer in range(len(parameters), 0, -1):
            gradients.append((A[layer - 1].T @ error, np.sum(error, axis=0, keepdims=True)))
            slope = entrywise(lambda z: _sigmoid(z) * _sigmoid(-z), Z[layer - 1])
            error = error @ balls(parameters[layer - 1][0]).T * slope
        return A, total / len(X), gradients[::-1]


def outside(computed: NDArray[Any], exact: NDArray[Any], bound: NDArray[Any]) -> list[str]:
    """The entries that are not certain to lie within the bound, each with its figures."""
    if computed.shape != exact.shape:
        return [f"shape {computed.shape} instead of {exact.shape}"]
    found = []
    with precision():
        for index in np.ndindex(computed.shape):
            got, room = computed[index], flint.arb(float(bound[index]))
            true: Any = exact[index]
            if not np.isfinite(got) or not abs(flint.arb(float(got)) - true) <= room:
                place = list(index)
                found.append(f"{place} is {got}, exact {true.str(20)}, bound {bound[index]:.3g}")
    return found


def violations(computed: Pairs, exact: Pairs, bounds: Pairs, kind: str = "d") -> list[str]:
    """The entries of all gradients that are not certain to lie within their bounds."""
    found = []
    for layer, arrays in enumerate(zip(computed, exact, bounds, strict=True), start=1):
        for name, got, true, room in zip("Wb", *arrays, strict=True):
            found += [f"{kind}{name}[{layer}] {text}" for text in outside(got, true, room)]
    return found


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + (-z).exp())


def _cross_entropy(z: Any, y: Any) -> Any:
    if z > 0:
        return (1 - y) * z + (-z).exp().log1p()
    return z.exp().log1p() - y * z


def _difference(z: Any, y: Any) -> Any:
    """sigmoid(z) - y, from the side where little cancels."""
    return (1 - y) - _sigmoid(-z) if z > 0 else _sigmoid(z) - y
