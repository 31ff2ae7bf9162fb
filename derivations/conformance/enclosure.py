"""The sigmoid network in certified ball arithmetic: the truth that engines are held to.

Arrays of balls are NumPy object arrays of ``flint.arb``.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """An entry that is not certain to lie within its bound; ``excess`` is its error over that."""

    array: str
    text: str
    excess: float

    def __str__(self) -> str:
        return f"{self.array} {self.text}"


def outside(
    computed: NDArray[Any], exact: NDArray[Any], bound: NDArray[Any], name: str = ""
) -> list[Stray]:
    """The entries that are not certain to lie within the bound, each with its figures."""
    if computed.shape != exact.shape:
        text = f"has shape {computed.shape}, but should have {exact.shape}"
        return [Stray(array=name, text=text, excess=np.inf)]
    found = []
    with precision():
        for index in np.ndindex(computed.shape):
            got, room = float(computed[index]), float(bound[index])
            true: Any = exact[index]
            gap = abs(flint.arb(got) - true) if np.isfinite(got) else flint.arb("inf")
            if not gap <= flint.arb(room):
                figures = f"computed {got:.17g}  true {true.mid().str(17, radius=False)}"
                text = f"{list(index) if index else ''}  {figures} ± {room:.3g}".lstrip()
                excess = float(gap.mid()) / room if room else np.inf
                found.append(Stray(array=name, text=text, excess=excess))
    return found


def violations(computed: Pairs, exact: Pairs, bounds: Pairs, kind: str = "d") -> list[Stray]:
    """The entries of all gradients that are not certain to lie within their bounds."""
    found = []
    for layer, arrays in enumerate(zip(computed, exact, bounds, strict=True), start=1):
        for name, got, true, room in zip("Wb", *arrays, strict=True):
            found += outside(np.asarray(got), true, room, f"{kind}{name}[{layer}]")
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
