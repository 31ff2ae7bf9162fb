"""Wrong gradients of a network: one slip in a step of the backward pass."""

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.defects.network_subject import Slip, after, defects, each, in_layer
from tests.defects.record import Bug
from tests.defects.subjects import Array
from tests.numeric.networks import sigmoid, slipped


def blank(rows: Any, columns: Any) -> Callable[[Array], Array]:
    def blanked(a: Array) -> Array:
        a = a.copy()
        a[rows, columns] = 0
        return a

    return blanked


EVERY = slice(None)


SLIPS: list[Slip] = [
    # B: wrong constant factors
    (
        Bug.CONSTANT,
        "the mean over the samples is missing",
        lambda: slipped(output=lambda A, Y: A - Y),
    ),
    (
        Bug.CONSTANT,
        "divided by m twice",
        lambda: slipped(output=lambda A, Y: (A - Y) / len(Y) ** 2),
    ),
    (
        Bug.CONSTANT,
        "divided by the outputs too",
        lambda: slipped(output=lambda A, Y: (A - Y) / Y.size),
    ),
    (
        Bug.CONSTANT,
        "divided by m - 1",
        lambda: slipped(output=lambda A, Y: (A - Y) / max(len(Y) - 1, 0.5)),
    ),
    (Bug.CONSTANT, "mean over m + 1", lambda: slipped(output=lambda A, Y: (A - Y) / (len(Y) + 1))),
    *(
        after(Bug.CONSTANT, f"everything times {factor}", each(lambda a, c=factor: c * a))
        for factor in (2.0, 0.5, 1.01, 1 + 1e-4, 1 + 1e-6)
    ),
    after(
        Bug.CONSTANT,
        "dW of the first layer divided by m",
        lambda g, p: in_layer(0, 0, lambda a: a / (len(p.X) + 1))(g, p),
    ),
    after(
        Bug.CONSTANT,
        "db of the last layer is a mean",
        lambda g, p: in_layer(-1, 1, lambda a: a / (2 * len(p.X)))(g, p),
    ),
    after(
        Bug.CONSTANT,
        "dW of the last layer times n",
        lambda g, p: in_layer(-1, 0, lambda a: a * (1 + p.X.shape[1]))(g, p),
    ),
    after(Bug.CONSTANT, "doubled first layer", in_layer(0, 0, lambda a: 2 * a)),
    after(
        Bug.CONSTANT,
        "planted x2 in dW and x4 in db",
        lambda g, p: in_layer(0, 1, lambda a: 4 * a)(in_layer(-1, 0, lambda a: 2 * a)(g, p), p),
    ),
    # C: signs
    (Bug.SIGN, "Y - A for A - Y", lambda: slipped(output=lambda A, Y: (Y - A) / len(Y))),
    *(
        after(
            Bug.SIGN,
            f"{array} of the {layer} layer has its sign flipped",
            in_layer(number, part, np.negative),
        )
        for number, layer in ((0, "first"), (-1, "last"))
        for part, array in ((0, "dW"), (1, "db"))
    ),
    (
        Bug.SIGN,
        "sign flipped on the way down",
        lambda: slipped(down=lambda delta, W, **_: -delta @ W.T),
    ),
    (Bug.SIGN, "1 + A for 1 - A", lambda: slipped(slope=lambda A, **_: A * (1 + A))),
    (Bug.SIGN, "A (A - 1)", lambda: slipped(slope=lambda A, **_: A * (A - 1))),
    # D: chain factors
    (
        Bug.CHAIN,
        "sigma' missing in every hidden layer",
        lambda: slipped(slope=lambda A, **_: np.ones_like(A)),
    ),
    (
        Bug.CHAIN,
        "sigma' missing in the first layer",
        lambda: slipped(slope=lambda A, layer, **_: np.ones_like(A) if layer == 1 else A * (1 - A)),
    ),
    (
        Bug.CHAIN,
        "sigma' missing in the last hidden layer",
        lambda: slipped(
            slope=lambda A, layer, depth, **_: (
                np.ones_like(A) if layer == depth - 1 else A * (1 - A)
            )
        ),
    ),
    (Bug.CHAIN, "sigma for sigma'", lambda: slipped(slope=lambda A, **_: A)),
    (Bug.CHAIN, "1 - A for A (1 - A)", lambda: slipped(slope=lambda A, **_: 1 - A)),
    (
        Bug.CHAIN,
        "A for Z in sigma'",
        lambda: slipped(slope=lambda A, **_: sigmoid(A) * (1 - sigmoid(A))),
    ),
    (Bug.CHAIN, "Z (1 - Z) for sigma'", lambda: slipped(slope=lambda A, Z, **_: Z * (1 - Z))),
    (Bug.CHAIN, "tanh' for sigma'", lambda: slipped(slope=lambda A, **_: 1 - A**2)),
    (Bug.CHAIN, "A - A**3", lambda: slipped(slope=lambda A, **_: A - A**3)),
    (Bug.CHAIN, "ReLU' for sigma'", lambda: slipped(slope=lambda A, Z, **_: (Z > 0).astype(float))),
    (Bug.CHAIN, "sigma' squared", lambda: slipped(slope=lambda A, **_: (A * (1 - A)) ** 2)),
    (
        Bug.CHAIN,
        "sigma' of the last layer put in",
        lambda: slipped(output=lambda A, Y: (A - Y) * A * (1 - A) / len(Y)),
    ),
    (Bug.CHAIN, "the label is forgotten", lambda: slipped(output=lambda A, Y: A / len(Y))),
    (
        Bug.CHAIN,
        "A rounded to a class",
        lambda: slipped(output=lambda A, Y: (np.round(A) - Y) / len(Y)),
    ),
    (
        Bug.CHAIN,
        "squared error's gradient",
        lambda: slipped(output=lambda A, Y: 2 * (A - Y) / len(Y)),
    ),
    (
        Bug.CHAIN,
        "W not used on the way down",
        lambda: slipped(
            down=lambda delta, W, **_: np.repeat(
                delta.sum(axis=1, keepdims=True), W.shape[0], axis=1
            )
        ),
    ),
    (
        Bug.CHAIN,
        "W updated before it is used",
        lambda: slipped(down=lambda delta, W, **_: delta @ (0.9 * W).T),
    ),
    (
        Bug.CHAIN,
        "abs(W) on the way down",
        lambda: slipped(down=lambda delta, W, **_: delta @ np.abs(W).T),
    ),
    (
        Bug.CHAIN,
        "bias added on the way down",
        lambda: slipped(down=lambda delta, W, **_: delta @ W.T + 0.01),
    ),
    (
        Bug.CHAIN,
        "only the output of largest error",
        lambda: slipped(
            output=lambda A, Y: (
                np.where(np.abs(A - Y) == np.abs(A - Y).max(axis=1, keepdims=True), A - Y, 0)
                / len(Y)
            )
        ),
    ),
    # E: transposes
    (
        Bug.TRANSPOSE,
        "dW has its entries in transposed order",
        lambda: slipped(
            weight=lambda A, delta, **_: (delta.T @ A).reshape(A.shape[1], delta.shape[1])
        ),
    ),
    (
        Bug.TRANSPOSE,
        "W for its transpose where it is square",
        lambda: slipped(
            down=lambda delta, W, **_: delta @ (W if W.shape[0] == W.shape[1] else W.T)
        ),
    ),
    (
        Bug.TRANSPOSE,
        "dW transposed where it is square",
        lambda: slipped(
            weight=lambda A, delta, **_: (
                delta.T @ A if A.shape[1] == delta.shape[1] else A.T @ delta
            )
        ),
    ),
    (
        Bug.TRANSPOSE,
        "batch taken for features",
        lambda: slipped(
            weight=lambda A, delta, **_: A @ delta if A.shape[0] == A.shape[1] else A.T @ delta
        ),
    ),
    # A and F: sums, axes and indices
    (
        Bug.BROADCAST,
        "db of the first sample only",
        lambda: slipped(bias=lambda delta, **_: delta[:1].copy()),
    ),
    (
        Bug.BROADCAST,
        "db without the first sample",
        lambda: slipped(bias=lambda delta, **_: delta[1:].sum(axis=0, keepdims=True)),
    ),
    (Bug.BROADCAST, "db is not summed", lambda: slipped(bias=lambda delta, **_: delta.copy())),
    (
        Bug.BROADCAST,
        "db summed over the outputs too",
        lambda: slipped(bias=lambda delta, **_: np.full((1, delta.shape[1]), delta.sum())),
    ),
    (
        Bug.BROADCAST,
        "db without its axis",
        lambda: slipped(bias=lambda delta, **_: delta.sum(axis=0)),
    ),
    (
        Bug.BROADCAST,
        "bias gradient multiplied by the input",
        lambda: slipped(
            bias=lambda delta, W, **_: delta.sum(axis=0, keepdims=True) * (1 + W[:1] ** 2)
        ),
    ),
    (
        Bug.INDEX,
        "db along the wrong axis where that fits",
        lambda: slipped(
            bias=lambda delta, **_: delta.sum(
                axis=0 if delta.shape[0] != delta.shape[1] else 1
            ).reshape(1, -1)
        ),
    ),
    (
        Bug.INDEX,
        "last sample left out",
        lambda: slipped(weight=lambda A, delta, **_: A[:-1].T @ delta[:-1]),
    ),
    (
        Bug.INDEX,
        "first sample twice",
        lambda: slipped(weight=lambda A, delta, **_: A.T @ delta + A[:1].T @ delta[:1]),
    ),
    (
        Bug.INDEX,
        "batch remainder dropped, blocks of 8",
        lambda: slipped(
            weight=lambda A, delta, **_: (lambda m: A[:m].T @ delta[:m])(len(A) // 8 * 8 or len(A))
        ),
    ),
    (
        Bug.INDEX,
        "batch remainder dropped, blocks of 4",
        lambda: slipped(
            bias=lambda delta, **_: delta[: len(delta) // 4 * 4 or len(delta)].sum(
                axis=0, keepdims=True
            )
        ),
    ),
    (
        Bug.INDEX,
        "last sample of odd batches dropped",
        lambda: slipped(
            weight=lambda A, delta, **_: (lambda m: A[:m].T @ delta[:m])(
                max(len(A) // 2 * 2, 1) if len(A) > 1 else 1
            )
        ),
    ),
    (
        Bug.INDEX,
        "samples shuffled against their errors",
        lambda: slipped(weight=lambda A, delta, **_: np.roll(A, 1, axis=0).T @ delta),
    ),
    after(
        Bug.INDEX, "rows of the first dW rolled", in_layer(0, 0, lambda a: np.roll(a, 1, axis=0))
    ),
    after(
        Bug.INDEX, "columns of the last dW rolled", in_layer(-1, 0, lambda a: np.roll(a, 1, axis=1))
    ),
    after(Bug.INDEX, "first dW upside down", in_layer(0, 0, lambda a: a[::-1].copy())),
    after(
        Bug.INDEX,
        "layers in the wrong order where that fits",
        lambda g, p: g[::-1] if all(dW.shape == g[0][0].shape for dW, _ in g) else g,
    ),
    after(Bug.INDEX, "last row of the first dW is 0", in_layer(0, 0, blank(-1, EVERY))),
    after(Bug.INDEX, "first row of the first dW is 0", in_layer(0, 0, blank(0, EVERY))),
    after(Bug.INDEX, "last column of the last dW is 0", in_layer(-1, 0, blank(EVERY, -1))),
    after(Bug.INDEX, "last entry of the last db is 0", in_layer(-1, 1, blank(0, -1))),
    after(
        Bug.INDEX,
        "every other column of the first dW is 0",
        in_layer(0, 0, blank(EVERY, slice(None, None, 2))),
    ),
    after(
        Bug.INDEX,
        "diagonal of the first dW is 0",
        in_layer(0, 0, lambda a: a * (1 - np.eye(*a.shape))),
    ),
    after(
        Bug.INDEX,
        "last row of the first dW off by 1e-3",
        in_layer(0, 0, lambda a: a * (1 + 1e-3 * (np.arange(len(a))[:, None] == len(a) - 1))),
    ),
    after(
        Bug.INDEX,
        "first layer is 0",
        lambda g, p: in_layer(0, 1, np.zeros_like)(in_layer(0, 0, np.zeros_like)(g, p), p),
    ),
    after(
        Bug.INDEX,
        "first layer shuffled",
        in_layer(0, 0, lambda a: a.ravel()[::-1].reshape(a.shape).copy()),
    ),
    after(
        Bug.INDEX,
        "second column takes the first",
        in_layer(0, 0, lambda a: np.repeat(a[:, :1], a.shape[1], axis=1)),
    ),
]
NETWORK_SLIPS = tuple(defects(SLIPS))
