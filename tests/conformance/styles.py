"""Right engines in styles that the protocol allows, with what each of them lacks."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from tests.conformance.planted import RIGHT, Plain

Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """An engine, and what the suite is to call not implemented."""

    engine: Any
    lacks: tuple[str, ...] = ()


class Unvalidated(Plain):
    """Leaves the shapes to NumPy, and A[0] is X itself."""

    def check(self, parameters: Any, X: Array, Y: Array | None = None) -> None:
        pass

    def forward(self, parameters: Any, X: Array) -> list[Array]:
        return [X, *super().forward(parameters, X)[1:]]

    def output_error(self, A: Array, Y: Array) -> Array:
        return (A - Y) / max(len(Y), 1)


def returning(of_gradients: Callable[[list], Any], of_forward: Callable[[list], Any]) -> Any:
    """The plain engine with its results handed over in another form."""
    return SimpleNamespace(
        forward=lambda *given: of_forward(RIGHT.forward(*given)),
        loss=lambda *given: np.float64(RIGHT.loss(*given)),
        gradients=lambda *given: of_gradients(RIGHT.gradients(*given)),
    )


def each(change: Callable[[Array], Array]) -> Any:
    """The plain engine with each array changed in its form."""
    return returning(
        lambda pairs: [(change(dW), change(db)) for dW, db in pairs],
        lambda A: [change(array) for array in A],
    )


def read_only(array: Array) -> Array:
    array.flags.writeable = False
    return array


class OnePrecision(Plain):
    """Raises an error of its own for the other one."""

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype

    def check(self, parameters: Any, X: Array, Y: Array | None = None) -> None:
        if X.dtype != self.dtype:
            raise TypeError(f"only {self.dtype}")
        super().check(parameters, X, Y)


def samples_as_columns(parameters: Any, X: Array, Y: Array) -> Any:
    """Works on transposed arrays, and hands over transposed views."""
    _, A = RIGHT.run(parameters, X)
    RIGHT.check(parameters, X, Y)
    error, found = (A[-1] - Y).T / len(X), []
    for layer in range(len(parameters), 0, -1):
        found.append(((error @ A[layer - 1]).T, error.sum(axis=1)[None]))
        if layer > 1:
            slope = (A[layer - 1] * (1 - A[layer - 1])).T
            error = (parameters[layer - 1][0] @ error) * slope
    return tuple(reversed(found))


STYLES = {
    "without validation": Style(engine=Unvalidated(), lacks=("validation of shapes",)),
    "tuples": Style(engine=returning(tuple, tuple)),
    "generators": Style(engine=returning(iter, iter)),
    "lists for pairs": Style(engine=returning(lambda g: [list(pair) for pair in g], list)),
    "Fortran order": Style(engine=each(np.asfortranarray)),
    "read-only results": Style(engine=each(read_only)),
    "samples as columns": Style(
        engine=SimpleNamespace(forward=RIGHT.forward, loss=RIGHT.loss, gradients=samples_as_columns)
    ),
    "float32 only": Style(engine=OnePrecision("float32"), lacks=("float64",)),
    "float64 only": Style(engine=OnePrecision("float64"), lacks=("float32",)),
    "gradients alone": Style(
        engine=SimpleNamespace(gradients=RIGHT.gradients),
        lacks=("forward", "loss", "forward, loss"),
    ),
    "a naive sigmoid that warns of overflow": Style(
        engine=type("Naive", (Plain,), {"sigmoid": lambda self, Z: 1 / (1 + np.exp(-Z))})()
    ),
}
