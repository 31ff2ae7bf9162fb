"""A plain engine that is right, and sixty that are each wrong in one place.

A defect replaces one step of the plain engine.  Most come from public reports of wrong gradients,
grouped here as those are in ``tests.defects``.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.defects.record import Bug

Array = np.ndarray


class Plain:
    """Forward, loss and gradients of sigmoid layers, each step a method that can be replaced."""

    def sigmoid(self, Z: Array) -> Array:
        tail = np.exp(-np.abs(Z))
        return np.where(Z > 0, np.ones_like(Z), tail) / (1 + tail)

    def affine(self, A: Array, W: Array, b: Array) -> Array:
        return A @ W + b

    def slope(self, Z: Array, A: Array) -> Array:
        return A * (1 - A)

    def output_error(self, A: Array, Y: Array) -> Array:
        return (A - Y) / len(Y)

    def back(self, error: Array, W: Array) -> Array:
        return error @ W.T

    def dW(self, A: Array, error: Array) -> Array:
        return A.T @ error

    def db(self, error: Array) -> Array:
        return error.sum(axis=0, keepdims=True)

    def check(self, parameters: Any, X: Array, Y: Array | None = None) -> None:
        if not len(X) or X.shape[1] != len(parameters[0][0]):
            raise ValueError("X does not fit")
        if any(b.shape != (1, W.shape[1]) for W, b in parameters):
            raise ValueError("b does not fit")
        if Y is not None and Y.shape != (len(X), parameters[-1][0].shape[1]):
            raise ValueError("Y does not fit")

    def run(self, parameters: Any, X: Array) -> tuple[list[Array], list[Array]]:
        Z, A = [X], [X]
        for W, b in parameters:
            Z.append(self.affine(A[-1], W, b))
            A.append(self.sigmoid(Z[-1]))
        return Z, A

    def forward(self, parameters: Any, X: Array) -> list[Array]:
        self.check(parameters, X)
        _, A = self.run(parameters, X)
        return [X.copy(), *A[1:]]

    def terms(self, Z: Array, Y: Array) -> Array:
        return np.maximum(Z, 0) - Z * Y + np.log1p(np.exp(-np.abs(Z)))

    def loss(self, parameters: Any, X: Array, Y: Array) -> float:
        self.check(parameters, X, Y)
        Z, _ = self.run(parameters, X)
        return float(self.terms(Z[-1], Y).sum() / len(X))

    def gradients(self, parameters: Any, X: Array, Y: Array) -> list[tuple[Array, Array]]:
        self.check(parameters, X, Y)
        Z, A = self.run(parameters, X)
        return self.backward(parameters, Z, A, self.output_error(A[-1], Y))

    def backward(
        self, parameters: Any, Z: list[Array], A: list[Array], error: Array
    ) -> list[tuple[Array, Array]]:
        found = []
        for layer in range(len(parameters), 0, -1):
            found.append((self.dW(A[layer - 1], error), self.db(error)))
            if layer > 1:
                back = self.back(error, parameters[layer - 1][0])
                error = back * self.slope(Z[layer - 1], A[layer - 1])
        return found[::-1]


RIGHT = Plain()


def step(name: str, replacement: Callable) -> Plain:
    """The plain engine with one step replaced; the replacement is called without ``self``."""
    return type(name, (Plain,), {name: staticmethod(replacement)})()


def result(change: Callable[[list, Any, Array, Array], list]) -> Plain:
    """The plain engine with its gradients changed afterwards."""

    class Changed(Plain):
        def gradients(self, parameters: Any, X: Array, Y: Array) -> list:
            return change(super().gradients(parameters, X, Y), parameters, X, Y)

    return Changed()


def entry(where: Callable[[list, Any, Array], bool], factor: float, which: int = 0) -> Plain:
    """The last entry of one array of the first layer is off by a factor, in some cases only."""

    def change(gradients: list, parameters: Any, X: Array, Y: Array) -> list:
        if where(gradients, parameters, X):
            gradients[0][which][-1, -1] *= factor
        return gradients

    return result(change)


def always(*_: object) -> bool:
    return True


class Remembering(Plain):
    """Keeps something from one call to the next."""

    def __init__(self, kind: str) -> None:
        self.kind, self.cache, self.buffers = kind, {}, {}

    def gradients(self, parameters: Any, X: Array, Y: Array) -> list:
        fresh = super().gradients(parameters, X, Y)
        key = tuple(array.shape for pair in fresh for array in pair)
        if self.kind == "accumulates":
            old = self.cache.get(key)
            self.cache[key] = fresh = (
                fresh
                if old is None
                else [(W + V, b + c) for (W, b), (V, c) in zip(fresh, old, strict=True)]
            )
        elif self.kind == "first call by shape":
            fresh = self.cache.setdefault(key, fresh)
        elif self.kind == "one buffer":
            for pair, old in zip(fresh, self.buffers.setdefault(key, fresh), strict=True):
                for array, buffer in zip(pair, old, strict=True):
                    buffer[...] = array
            fresh = self.buffers[key]
        elif self.kind == "calls counted":
            self.cache["calls"] = self.cache.get("calls", 0) + 1
            if self.cache["calls"] % 2 == 0:
                fresh[0][0][...] *= 1 + 2.0**-40
        return fresh


class Careless(Plain):
    """Breaks the contract of a call, though its numbers are right."""

    def __init__(self, kind: str) -> None:
        self.kind, self.buffers = kind, {}

    def check(self, parameters: Any, X: Array, Y: Array | None = None) -> None:
        if self.kind == "takes any Y" and Y is not None and len(X):
            super().check(parameters, X)
            return
        if self.kind == "takes any b":
            super().check([(W, np.zeros((1, W.shape[1]))) for W, _ in parameters], X, Y)
            return
        super().check(parameters, X, Y)

    def forward(self, parameters: Any, X: Array) -> list[Array]:
        A = super().forward(parameters, X)
        if self.kind == "kept activations":
            for layer, array in enumerate(A):
                kept = self.buffers.setdefault((layer, array.shape, array.dtype), array)
                kept[...] = array
                A[layer] = kept
        if self.kind == "no A[0]":
            return A[1:]
        return A

    def gradients(self, parameters: Any, X: Array, Y: Array) -> list:
        if self.kind == "nan to 0":
            X = np.nan_to_num(X)
        if self.kind == "no samples" and not len(X):
            return [(np.ones_like(W), np.ones_like(b)) for W, b in parameters]
        found = super().gradients(parameters, X, Y)
        if self.kind == "writes Y" and Y.flags.writeable:
            Y -= 1
        if self.kind == "writes X" and X.flags.writeable:
            X[...] = X.mean()
        if self.kind == "writes b" and parameters[-1][1].flags.writeable:
            parameters[-1][1][...] += 1
        if self.kind == "flat b":
            found = [(dW, db[0]) for dW, db in found]
        if self.kind == "float64 always":
            found = [(dW.astype(float), db.astype(float)) for dW, db in found]
        return found


def wrong_layer_slope(gradients: list, parameters: Any, X: Array, Y: Array) -> list:
    """The slope of the layer after, where widths let it through."""
    _, A = RIGHT.run(parameters, X)
    error, found = RIGHT.output_error(A[-1], Y), []
    for layer in range(len(parameters), 0, -1):
        found.append((RIGHT.dW(A[layer - 1], error), RIGHT.db(error)))
        if layer > 1:
            back = error @ parameters[layer - 1][0].T
            after = A[layer] if A[layer].shape == back.shape else A[layer - 1]
            error = back * after * (1 - after)
    return found[::-1]


def drop_last_sample(gradients: list, parameters: Any, X: Array, Y: Array) -> list:
    """Blocks of eight rows, and the rest of an incomplete block left out of dW[1]."""
    keep = len(X) - len(X) % 8
    if keep:
        part = RIGHT.gradients(parameters, X[:keep], Y[:keep])[0][0]
        gradients[0] = (part * keep / len(X), gradients[0][1])
    return gradients


def every(change: Callable[[Array, Array], tuple[Array, Array]]) -> Plain:
    """The same change to each pair of gradients."""
    return result(lambda g, p, X, Y: [change(dW, db) for dW, db in g])


def at(layer: int, change: Callable[[Array, Array], tuple[Array, Array]]) -> Plain:
    """A change to one pair of gradients, counted from 0, or from the end below 0."""

    def changed(gradients: list, parameters: Any, X: Array, Y: Array) -> list:
        if -len(gradients) <= layer < len(gradients):
            gradients[layer] = change(*gradients[layer])
        return gradients

    return result(changed)


def naive_sigmoid(Z: Array) -> Array:
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-Z))


def transposed_if_square(error: Array, W: Array) -> Array:
    return error @ (W if W.shape[0] == W.shape[1] else W.T)


BY_BUG: dict[Bug, dict[str, Plain]] = {
    Bug.BROADCAST: {
        "bias averaged over the samples": step("db", lambda e: e.mean(axis=0, keepdims=True)),
        "bias of the first sample only": step("db", lambda e: e[:1].copy()),
        "bias summed over the outputs": step(
            "db", lambda e: np.full((1, e.shape[1]), e.sum(), e.dtype) / e.shape[1]
        ),
        "bias gradient weighted by the inputs' mean": result(
            lambda g, p, X, Y: [(g[0][0], g[0][1] * X.mean(dtype=X.dtype)), *g[1:]]
        ),
    },
    Bug.CONSTANT: {
        "weights averaged over the samples": step("dW", lambda A, e: A.T @ e / len(A)),
        "1/m missing": step("output_error", lambda A, Y: A - Y),
        "1/(m k) instead of 1/m": step("output_error", lambda A, Y: (A - Y) / Y.size),
        "1/k instead of 1/m": step("output_error", lambda A, Y: (A - Y) / Y.shape[1]),
        "1/n with n the inputs' dimension": result(
            lambda g, p, X, Y: [(W * len(X) / X.shape[1], b * len(X) / X.shape[1]) for W, b in g]
        ),
        "factor 2": step("output_error", lambda A, Y: 2 * (A - Y) / len(Y)),
        "factor 2 in dW[2]": at(1, lambda W, b: (2 * W, b)),
        "factor 4 in db[1]": at(0, lambda W, b: (W, 4 * b)),
        "1/(m-1) instead of 1/m": step("output_error", lambda A, Y: (A - Y) / max(len(Y) - 1, 1)),
        "loss averaged over the outputs": step(
            "terms", lambda Z, Y: RIGHT.terms(Z, Y) / Z.shape[1]
        ),
    },
    Bug.SIGN: {
        "sign of everything": every(lambda W, b: (-W, -b)),
        "sign of the last bias": at(-1, lambda W, b: (W, -b)),
        "sign of the hidden errors": step("back", lambda e, W: -(e @ W.T)),
        "Y + A": step("output_error", lambda A, Y: (A + Y) / len(Y)),
    },
    Bug.CHAIN: {
        "slope left out": step("slope", lambda Z, A: np.ones_like(A)),
        "slope A instead of A (1 - A)": step("slope", lambda Z, A: A),
        "slope A (1 + A)": step("slope", lambda Z, A: A * (1 + A)),
        "slope 1 - A**2, that of tanh": step("slope", lambda Z, A: 1 - A**2),
        "slope of A instead of Z": step("slope", lambda Z, A: RIGHT.sigmoid(A) * RIGHT.sigmoid(-A)),
        "slope of the layer after": result(wrong_layer_slope),
        "slope squared": step("slope", lambda Z, A: (A * (1 - A)) ** 2),
        "output slope applied to A - Y": step(
            "output_error", lambda A, Y: (A - Y) * A * (1 - A) / len(Y)
        ),
        "Z instead of A as the layer's input": type(
            "PreActivation",
            (Plain,),
            {"backward": lambda self, p, Z, A, e: Plain.backward(self, p, Z, Z, e)},
        )(),
        "labels rounded": step("output_error", lambda A, Y: (A - np.round(Y)) / len(Y)),
        "bias added twice": step("affine", lambda A, W, b: A @ W + 2 * b),
    },
    Bug.TRANSPOSE: {
        "W not transposed where it is square": step("back", transposed_if_square),
        "dW transposed where it is square": every(
            lambda W, b: (W.T.copy() if W.shape[0] == W.shape[1] else W, b)
        ),
    },
    Bug.INDEX: {
        "last incomplete block of samples dropped": result(drop_last_sample),
        "samples of a large batch dropped": step("dW", lambda A, e: A[:6].T @ e[:6]),
        "first sample of an odd batch counted twice": step(
            "db", lambda e: e.sum(axis=0, keepdims=True) + (len(e) % 2) * e[:1]
        ),
        "columns of dW reversed": every(lambda W, b: (W[:, ::-1].copy(), b)),
        "rows of dW[1] rolled by one": at(0, lambda W, b: (np.roll(W, 1, axis=0), b)),
        "layers in reverse order where shapes allow": result(
            lambda g, p, X, Y: (
                g[::-1] if [W.shape for W, _ in g] == [W.shape for W, _ in g[::-1]] else g
            )
        ),
        "one entry of dW[1] 0": entry(always, 0.0),
        "one entry of dW[1] off by 1e-9": entry(always, 1 + 1e-9),
        "one entry of dW[1] off by 1e-9 at an odd m": entry(
            lambda g, p, X: len(X) % 2 == 1, 1 + 1e-9
        ),
        "one entry of db[1] off by 1e-9 from four layers on": entry(
            lambda g, p, X: len(p) >= 4, 1 + 1e-9, 1
        ),
    },
    Bug.FAN_OUT: {
        "gradients accumulate over calls": Remembering("accumulates"),
    },
    Bug.SINGULAR: {
        "gradient of inputs at 0 set to 1": step(
            "dW", lambda A, e: np.where(A == 0, np.ones_like(A), A).T @ e
        ),
        "nan read as 0": Careless("nan to 0"),
    },
    Bug.SATURATION: {
        "output error of the long form, naive": step(
            "output_error",
            lambda A, Y: (
                np.nan_to_num(-Y / np.maximum(A, 1e-7) + (1 - Y) / np.maximum(1 - A, 1e-7))
                * A
                * (1 - A)
                / len(Y)
            ).astype(A.dtype),
        ),
        "outputs clipped": step(
            "output_error", lambda A, Y: (np.clip(A, 1e-7, 1 - 1e-7).astype(A.dtype) - Y) / len(Y)
        ),
        "logits clipped at 30": step("sigmoid", lambda Z: RIGHT.sigmoid(np.clip(Z, -30, 30))),
        "sigmoid by tanh": step("sigmoid", lambda Z: ((np.tanh(Z / 2) + 1) / 2).astype(Z.dtype)),
        "sigmoid of large negative Z set to 0": step(
            "sigmoid", lambda Z: np.where(Z < -20, np.zeros_like(Z), RIGHT.sigmoid(Z))
        ),
        "gradients clipped at 0.1": every(lambda W, b: (np.clip(W, -0.1, 0.1), b)),
        "loss by log(A)": step(
            "terms",
            lambda Z, Y: np.nan_to_num(
                -Y * np.log(np.maximum(RIGHT.sigmoid(Z), 1e-12))
                - (1 - Y) * np.log(np.maximum(1 - RIGHT.sigmoid(Z), 1e-12))
            ),
        ),
    },
    Bug.DTYPE: {
        "gradients computed in single precision": every(
            lambda W, b: (W.astype(np.float32).astype(W.dtype), b)
        ),
        "float64 whatever comes": Careless("float64 always"),
    },
    Bug.LAYOUT: {
        "layout taken for C order": step(
            "dW", lambda A, e: np.ascontiguousarray(A.ravel("K").reshape(A.shape)).T @ e
        ),
        "one entry of dW[1] twice in Fortran order": entry(
            lambda g, p, X: X.flags.f_contiguous and not X.flags.c_contiguous, 2.0
        ),
    },
    Bug.ALIAS: {
        "gradients of the first call of that shape": Remembering("first call by shape"),
        "one buffer for all calls": Remembering("one buffer"),
        "activations in buffers that are kept": Careless("kept activations"),
        "labels overwritten": Careless("writes Y"),
        "samples overwritten": Careless("writes X"),
        "last bias overwritten": Careless("writes b"),
    },
    Bug.EMPTY: {
        "one entry of dW[1] twice at one sample": entry(lambda g, p, X: len(X) == 1, 2.0),
        "one entry of dW[1] twice without hidden layers": entry(lambda g, p, X: len(p) == 1, 2.0),
        "one entry of dW[1] twice at width 1": entry(lambda g, p, X: g[0][0].shape[1] == 1, 2.0),
        "activations without A[0]": Careless("no A[0]"),
        "flat bias gradients": Careless("flat b"),
        "labels broadcast": Careless("takes any Y"),
        "bias with a row for each sample taken": Careless("takes any b"),
    },
    Bug.RANDOM: {
        "every second call a little off": Remembering("calls counted"),
    },
}
DEFECTS = {name: wrong for group in BY_BUG.values() for name, wrong in group.items()}
