"""Wrong gradients of a network: one slip each, by the classes of published bugs."""

# ruff: noqa: E501
# A table reads best with one defect a line.
# fmt: off


from collections.abc import Callable
from typing import Any

import numpy as np

from tests.numeric.networks import (
    Array,
    Backward,
    Layers,
    Problem,
    forward,
    gradients,
    sigmoid,
    slipped,
)

Make = Callable[[], Backward]
NETWORK_DEFECTS: dict[str, Make] = {}


def plant(name: str, make: Make) -> None:
    NETWORK_DEFECTS[name] = make


def after(name: str, change: Callable[[Layers, Problem], Layers]) -> None:
    plant(name, lambda: slipped(after=change))


def each(change: Callable[[Array], Array]) -> Callable[[Layers, Problem], Layers]:
    return lambda g, p: [(change(dW), change(db)) for dW, db in g]


def in_layer(number: int, part: int, change: Callable[[Array], Array]) -> Any:
    """Change dW (part 0) or db (part 1) of one layer."""

    def changed(g: Layers, p: Problem) -> Layers:
        pair = list(g[number])
        pair[part] = change(pair[part])
        g[number] = (pair[0], pair[1])
        return g

    return changed


def entry(factor: float, place: str) -> Callable[[Layers, Problem], Layers]:
    """One entry times a factor: the first, the last, or the largest of the first layer."""

    def changed(g: Layers, p: Problem) -> Layers:
        array = g[-1][0] if place == "last" else g[0][0]
        where = {"first": 0, "last": -1, "largest": int(np.argmax(np.abs(array)))}[place]
        array.flat[where] *= factor
        return g

    return changed


# B: wrong constant factors
plant("B the mean over the samples is missing", lambda: slipped(output=lambda A, Y: A - Y))
plant("B divided by m twice", lambda: slipped(output=lambda A, Y: (A - Y) / len(Y) ** 2))
plant("B divided by the outputs too", lambda: slipped(output=lambda A, Y: (A - Y) / Y.size))
plant("B divided by m - 1", lambda: slipped(output=lambda A, Y: (A - Y) / max(len(Y) - 1, 0.5)))
plant("B mean over m + 1", lambda: slipped(output=lambda A, Y: (A - Y) / (len(Y) + 1)))
for factor in (2.0, 0.5, 1.01, 1 + 1e-4, 1 + 1e-6):
    after(f"B everything times {factor}", each(lambda a, c=factor: c * a))
after(
    "B dW of the first layer divided by m",
    lambda g, p: in_layer(0, 0, lambda a: a / (len(p.X) + 1))(g, p),
)
after(
    "B db of the last layer is a mean",
    lambda g, p: in_layer(-1, 1, lambda a: a / (2 * len(p.X)))(g, p),
)
after(
    "B dW of the last layer times n",
    lambda g, p: in_layer(-1, 0, lambda a: a * (1 + p.X.shape[1]))(g, p),
)
after("B doubled first layer", in_layer(0, 0, lambda a: 2 * a))
after(
    "B planted x2 in dW and x4 in db",
    lambda g, p: in_layer(0, 1, lambda a: 4 * a)(in_layer(-1, 0, lambda a: 2 * a)(g, p), p),
)

# C: signs
plant("C Y - A for A - Y", lambda: slipped(output=lambda A, Y: (Y - A) / len(Y)))
for number, layer in ((0, "first"), (-1, "last")):
    for part, array in ((0, "dW"), (1, "db")):
        after(
            f"C {array} of the {layer} layer has its sign flipped",
            in_layer(number, part, np.negative),
        )
plant("C sign flipped on the way down", lambda: slipped(down=lambda delta, W, **_: -delta @ W.T))
plant("C 1 + A for 1 - A", lambda: slipped(slope=lambda A, **_: A * (1 + A)))
plant("C A (A - 1)", lambda: slipped(slope=lambda A, **_: A * (A - 1)))
after("C the largest entry has its sign flipped", entry(-1.0, "largest"))

# D: chain factors
plant(
    "D sigma' missing in every hidden layer", lambda: slipped(slope=lambda A, **_: np.ones_like(A))
)
plant(
    "D sigma' missing in the first layer",
    lambda: slipped(slope=lambda A, layer, **_: np.ones_like(A) if layer == 1 else A * (1 - A)),
)
plant(
    "D sigma' missing in the last hidden layer",
    lambda: slipped(
        slope=lambda A, layer, depth, **_: np.ones_like(A) if layer == depth - 1 else A * (1 - A)
    ),
)
plant("D sigma for sigma'", lambda: slipped(slope=lambda A, **_: A))
plant("D 1 - A for A (1 - A)", lambda: slipped(slope=lambda A, **_: 1 - A))
plant("D A for Z in sigma'", lambda: slipped(slope=lambda A, **_: sigmoid(A) * (1 - sigmoid(A))))
plant("D Z (1 - Z) for sigma'", lambda: slipped(slope=lambda A, Z, **_: Z * (1 - Z)))
plant("D tanh' for sigma'", lambda: slipped(slope=lambda A, **_: 1 - A**2))
plant("D A - A**3", lambda: slipped(slope=lambda A, **_: A - A**3))
plant("D ReLU' for sigma'", lambda: slipped(slope=lambda A, Z, **_: (Z > 0).astype(float)))
plant("D sigma' squared", lambda: slipped(slope=lambda A, **_: (A * (1 - A)) ** 2))
plant(
    "D sigma' of the last layer put in",
    lambda: slipped(output=lambda A, Y: (A - Y) * A * (1 - A) / len(Y)),
)
plant("D the label is forgotten", lambda: slipped(output=lambda A, Y: A / len(Y)))
plant("D A rounded to a class", lambda: slipped(output=lambda A, Y: (np.round(A) - Y) / len(Y)))
plant("D squared error's gradient", lambda: slipped(output=lambda A, Y: 2 * (A - Y) / len(Y)))
plant(
    "D W not used on the way down",
    lambda: slipped(
        down=lambda delta, W, **_: np.repeat(delta.sum(axis=1, keepdims=True), W.shape[0], axis=1)
    ),
)
plant(
    "D W updated before it is used", lambda: slipped(down=lambda delta, W, **_: delta @ (0.9 * W).T)
)
plant("D abs(W) on the way down", lambda: slipped(down=lambda delta, W, **_: delta @ np.abs(W).T))
plant(
    "D bias added on the way down", lambda: slipped(down=lambda delta, W, **_: delta @ W.T + 0.01)
)
plant(
    "D only the output of largest error",
    lambda: slipped(
        output=lambda A, Y: (
            np.where(np.abs(A - Y) == np.abs(A - Y).max(axis=1, keepdims=True), A - Y, 0) / len(Y)
        )
    ),
)

# E: transposes
plant(
    "E dW has its entries in transposed order",
    lambda: slipped(weight=lambda A, delta, **_: (delta.T @ A).reshape(A.shape[1], delta.shape[1])),
)
plant(
    "E W for its transpose where it is square",
    lambda: slipped(down=lambda delta, W, **_: delta @ (W if W.shape[0] == W.shape[1] else W.T)),
)
plant(
    "E dW transposed where it is square",
    lambda: slipped(
        weight=lambda A, delta, **_: delta.T @ A if A.shape[1] == delta.shape[1] else A.T @ delta
    ),
)
plant(
    "E batch taken for features",
    lambda: slipped(
        weight=lambda A, delta, **_: A @ delta if A.shape[0] == A.shape[1] else A.T @ delta
    ),
)

# A and F: sums, axes and indices
plant("A db of the first sample only", lambda: slipped(bias=lambda delta, **_: delta[:1].copy()))
plant(
    "A db without the first sample",
    lambda: slipped(bias=lambda delta, **_: delta[1:].sum(axis=0, keepdims=True)),
)
plant("A db is not summed", lambda: slipped(bias=lambda delta, **_: delta.copy()))
plant(
    "A db summed over the outputs too",
    lambda: slipped(bias=lambda delta, **_: np.full((1, delta.shape[1]), delta.sum())),
)
plant("A db without its axis", lambda: slipped(bias=lambda delta, **_: delta.sum(axis=0)))
plant(
    "A bias gradient multiplied by the input",
    lambda: slipped(bias=lambda delta, W, **_: delta.sum(axis=0, keepdims=True) * (1 + W[:1] ** 2)),
)
plant(
    "F db along the wrong axis where that fits",
    lambda: slipped(
        bias=lambda delta, **_: delta.sum(axis=0 if delta.shape[0] != delta.shape[1] else 1).reshape(
            1, -1
        )
    ),
)
plant("F last sample left out", lambda: slipped(weight=lambda A, delta, **_: A[:-1].T @ delta[:-1]))
plant(
    "F first sample twice",
    lambda: slipped(weight=lambda A, delta, **_: A.T @ delta + A[:1].T @ delta[:1]),
)
plant(
    "F batch remainder dropped, blocks of 8",
    lambda: slipped(
        weight=lambda A, delta, **_: (lambda m: A[:m].T @ delta[:m])(len(A) // 8 * 8 or len(A))
    ),
)
plant(
    "F batch remainder dropped, blocks of 4",
    lambda: slipped(
        bias=lambda delta, **_: delta[: len(delta) // 4 * 4 or len(delta)].sum(axis=0, keepdims=True)
    ),
)
plant(
    "F last sample of odd batches dropped",
    lambda: slipped(
        weight=lambda A, delta, **_: (lambda m: A[:m].T @ delta[:m])(
            max(len(A) // 2 * 2, 1) if len(A) > 1 else 1
        )
    ),
)
plant(
    "F samples shuffled against their errors",
    lambda: slipped(weight=lambda A, delta, **_: np.roll(A, 1, axis=0).T @ delta),
)
after("F rows of the first dW rolled", in_layer(0, 0, lambda a: np.roll(a, 1, axis=0)))
after("F columns of the last dW rolled", in_layer(-1, 0, lambda a: np.roll(a, 1, axis=1)))
after("F first dW upside down", in_layer(0, 0, lambda a: a[::-1].copy()))
after(
    "F layers in the wrong order where that fits",
    lambda g, p: g[::-1] if all(dW.shape == g[0][0].shape for dW, _ in g) else g,
)


def blank(rows: Any, columns: Any) -> Callable[[Array], Array]:
    def blanked(a: Array) -> Array:
        a = a.copy()
        a[rows, columns] = 0
        return a

    return blanked


EVERY = slice(None)
after("F last row of the first dW is 0", in_layer(0, 0, blank(-1, EVERY)))
after("F first row of the first dW is 0", in_layer(0, 0, blank(0, EVERY)))
after("F last column of the last dW is 0", in_layer(-1, 0, blank(EVERY, -1)))
after("F last entry of the last db is 0", in_layer(-1, 1, blank(0, -1)))
after(
    "F every other column of the first dW is 0", in_layer(0, 0, blank(EVERY, slice(None, None, 2)))
)
after("F diagonal of the first dW is 0", in_layer(0, 0, lambda a: a * (1 - np.eye(*a.shape))))
after(
    "F last row of the first dW off by 1e-3",
    in_layer(0, 0, lambda a: a * (1 + 1e-3 * (np.arange(len(a))[:, None] == len(a) - 1))),
)
after(
    "F first layer is 0",
    lambda g, p: in_layer(0, 1, np.zeros_like)(in_layer(0, 0, np.zeros_like)(g, p), p),
)
after("F first layer shuffled", in_layer(0, 0, lambda a: a.ravel()[::-1].reshape(a.shape).copy()))
after(
    "F second column takes the first",
    in_layer(0, 0, lambda a: np.repeat(a[:, :1], a.shape[1], axis=1)),
)

# one entry, by ever less
for digits in range(1, 10):
    for place in ("first", "last", "largest"):
        after(f"F one entry off by 1e-{digits}, the {place}", entry(1 + 10.0**-digits, place))


# only under a condition
def only_if(condition: Callable[[Problem], bool]) -> Callable[[Layers, Problem], Layers]:
    return lambda g, p: each(lambda a: 1.5 * a)(g, p) if condition(p) else g


after("P wrong for m = 1 only", only_if(lambda p: len(p.X) == 1))
after("P wrong for one input only", only_if(lambda p: p.X.shape[1] == 1))
after("P wrong for one output only", only_if(lambda p: p.Y.shape[1] == 1))
after("P wrong with no hidden layer only", only_if(lambda p: len(p.parameters) == 1))
after("P wrong for depth of at least 4 only", only_if(lambda p: len(p.parameters) >= 4))
after(
    "P wrong for a hidden width of 1 only",
    only_if(lambda p: any(W.shape[1] == 1 for W, _ in p.parameters[:-1])),
)
after(
    "P wrong for wide layers only", only_if(lambda p: any(W.shape[1] > 5 for W, _ in p.parameters))
)
after("P wrong for more than 8 samples only", only_if(lambda p: len(p.X) > 8))
after(
    "P wrong for equal widths only", only_if(lambda p: len({W.shape for W, _ in p.parameters}) == 1)
)
after(
    "N wrong for Fortran order only",
    only_if(lambda p: p.parameters[0][0].flags.f_contiguous and min(p.parameters[0][0].shape) > 1),
)
after(
    "N first dW in the memory order of W",
    lambda g, p: in_layer(
        0,
        0,
        lambda a: a.ravel().reshape(
            a.shape, order="F" if p.parameters[0][0].flags.f_contiguous else "C"
        ),
    )(g, p),
)
after(
    "K wrong where an output saturates",
    only_if(lambda p: bool(np.any(np.abs(forward(p.parameters, p.X)[-1] - 0.5) > 0.49))),
)
plant(
    "K activations clipped to [0.02, 0.98]",
    lambda: slipped(
        slope=lambda A, **_: np.clip(A, 0.02, 0.98) * (1 - np.clip(A, 0.02, 0.98)),
        output=lambda A, Y: (np.clip(A, 0.02, 0.98) - Y) / len(Y),
    ),
)
plant(
    "K gradient 0 where the output is sure",
    lambda: slipped(output=lambda A, Y: np.where(np.abs(A - 0.5) > 0.45, 0, A - Y) / len(Y)),
)
plant("K gradient clipped to 0.05", lambda: slipped(after=each(lambda a: np.clip(a, -0.05, 0.05))))
plant("K gradient normalised", lambda: slipped(after=each(lambda a: a / np.linalg.norm(a))))
after("K small entries flushed to 0", each(lambda a: np.where(100 * np.abs(a) < 1, 0, a)))

# M: arithmetic
after("M rounded to float32", each(lambda a: a.astype(np.float32).astype(float)))
after("M rounded to float16", each(lambda a: a.astype(np.float16).astype(float)))
after("M returned as float32", each(lambda a: a.astype(np.float32)))
plant(
    "M products in float32",
    lambda: slipped(
        weight=lambda A, delta, **_: (A.astype(np.float32).T @ delta.astype(np.float32)).astype(float)
    ),
)
after("M rounded to 6 decimals", each(lambda a: np.round(a, 6)))
after(
    "M one entry nan",
    lambda g, p: in_layer(
        0, 0, lambda a: np.where(np.arange(a.size).reshape(a.shape) == 0, np.nan, a)
    )(g, p),
)
after(
    "M one entry inf",
    lambda g, p: in_layer(
        -1, 1, lambda a: np.where(np.arange(a.size).reshape(a.shape) == 0, np.inf, a)
    )(g, p),
)


# G, O, Q: state
def with_state(step: Callable[[dict[str, Any], Layers, Problem], Layers]) -> Make:
    def make() -> Backward:
        state: dict[str, Any] = {}
        return slipped(after=lambda g, p: step(state, g, p))

    return make


def accumulate(state: dict[str, Any], g: Layers, p: Problem) -> Layers:
    earlier = state.get("sum") or [(0 * dW, 0 * db) for dW, db in g]
    state["sum"] = [(a + c, b + d) for (a, b), (c, d) in zip(earlier, g, strict=True)]
    return [(dW.copy(), db.copy()) for dW, db in state["sum"]]


def keep_first(state: dict[str, Any], g: Layers, p: Problem) -> Layers:
    if "g" not in state:
        state["g"] = [(dW.copy(), db.copy()) for dW, db in g]
    return [(dW.copy(), db.copy()) for dW, db in state["g"]]


def one_behind(state: dict[str, Any], g: Layers, p: Problem) -> Layers:
    earlier = state.get("g", g)
    state["g"] = g
    return [(dW.copy(), db.copy()) for dW, db in earlier]


def one_buffer(state: dict[str, Any], g: Layers, p: Problem) -> Layers:
    if "g" not in state:
        state["g"] = g
    for (a, b), (c, d) in zip(state["g"], g, strict=True):
        a[...], b[...] = c, d
    return state["g"]


def jitter(state: dict[str, Any], g: Layers, p: Problem) -> Layers:
    rng = state.setdefault("rng", np.random.default_rng(0))
    g[0][0][0, 0] *= 1 + 1e-12 * rng.standard_normal()
    return g


def every_third(state: dict[str, Any], g: Layers, p: Problem) -> Layers:
    state["calls"] = state.get("calls", 0) + 1
    return [(-dW, db) for dW, db in g] if state["calls"] == 2 else g


plant("G accumulates from call to call", with_state(accumulate))
plant("O keeps the first result", with_state(keep_first))
plant("O one call behind", with_state(one_behind))
plant("O returns one buffer every time", with_state(one_buffer))
plant("Q two calls differ in the last digits", with_state(jitter))
plant("Q the second call is wrong", with_state(every_third))


def bump_inputs(g: Layers, p: Problem) -> Layers:
    p.parameters[0][0][0, 0] += 1
    return g


def step_in_place(g: Layers, p: Problem) -> Layers:
    for (W, b), (dW, db) in zip(p.parameters, g, strict=True):
        W -= 0.1 * dW
        b -= 0.1 * db
    return g


def return_inputs(g: Layers, p: Problem) -> Layers:
    W = p.parameters[0][0]
    g[0] = (W, g[0][1])
    return g


after("O changes W in place", bump_inputs)
after("O updates the parameters itself", step_in_place)
after("O returns W itself", return_inputs)
after("O two arrays that share memory", lambda g, p: [(dW, dW[:1]) for dW, db in g])
plant(
    "G fan-out: second use of delta forgotten",
    lambda: slipped(down=lambda delta, W, **_: delta[:, :1] @ W[:, :1].T),
)
after(
    "G layer added to the one before where that fits",
    lambda g, p: (
        [
            g[0],
            *(
                (a + g[i][0], b) if a.shape == g[i][0].shape else (2 * a, b)
                for i, (a, b) in enumerate(g[1:])
            ),
        ]
        if len(g) > 1
        else [(2 * a, b) for a, b in g]
    ),
)

PROVED_EQUIVALENT = {
    "gradient of the mean of the samples' losses": (
        "the loss is the mean of per-sample losses, and the derivative of a mean is the mean of "
        "the derivatives, so averaging m single-sample gradients is right"
    ),
    "constant subtracted from each row of a softmax's logits": (
        "softmax is unchanged by it, and its Jacobian has the constant vector in its kernel"
    ),
}


def mean_of_samples(parameters: Layers, X: Array, Y: Array) -> Layers:
    """Not a defect: the first of ``PROVED_EQUIVALENT``."""
    singles = [gradients(parameters, X[i : i + 1], Y[i : i + 1]) for i in range(len(X))]
    return [
        (
            np.sum([g[layer][0] for g in singles], axis=0) / len(X),
            np.sum([g[layer][1] for g in singles], axis=0) / len(X),
        )
        for layer in range(len(parameters))
    ]
