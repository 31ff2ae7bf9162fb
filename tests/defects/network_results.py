"""Wrong gradients of a network: single entries, single regimes, arithmetic and state."""

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.defects.network_subject import Change, Slip, after, defects, each, in_layer
from tests.defects.record import Bug
from tests.numeric.networks import Backward, Layers, Problem, forward, slipped


def entry(factor: float, place: str) -> Change:
    """One entry times a factor: the first, the last, or the largest of the first layer."""

    def changed(g: Layers, p: Problem) -> Layers:
        array = g[-1][0] if place == "last" else g[0][0]
        where = {"first": 0, "last": -1, "largest": int(np.argmax(np.abs(array)))}[place]
        array.flat[where] *= factor
        return g

    return changed


def only_if(condition: Callable[[Problem], bool]) -> Change:
    return lambda g, p: each(lambda a: 1.5 * a)(g, p) if condition(p) else g


def with_state(step: Callable[[dict[str, Any], Layers, Problem], Layers]) -> Callable[[], Backward]:
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


SLIPS: list[Slip] = [
    after(Bug.SIGN, "the largest entry has its sign flipped", entry(-1.0, "largest")),
    # one entry, by ever less
    *(
        after(
            Bug.INDEX, f"one entry off by 1e-{digits}, the {place}", entry(1 + 10.0**-digits, place)
        )
        for digits in range(1, 10)
        for place in ("first", "last", "largest")
    ),
    after(Bug.EMPTY, "wrong for m = 1 only", only_if(lambda p: len(p.X) == 1)),
    after(Bug.EMPTY, "wrong for one input only", only_if(lambda p: p.X.shape[1] == 1)),
    after(Bug.EMPTY, "wrong for one output only", only_if(lambda p: p.Y.shape[1] == 1)),
    after(Bug.EMPTY, "wrong with no hidden layer only", only_if(lambda p: len(p.parameters) == 1)),
    after(
        Bug.EMPTY, "wrong for depth of at least 4 only", only_if(lambda p: len(p.parameters) >= 4)
    ),
    after(
        Bug.EMPTY,
        "wrong for a hidden width of 1 only",
        only_if(lambda p: any(W.shape[1] == 1 for W, _ in p.parameters[:-1])),
    ),
    after(
        Bug.EMPTY,
        "wrong for wide layers only",
        only_if(lambda p: any(W.shape[1] > 5 for W, _ in p.parameters)),
    ),
    after(Bug.EMPTY, "wrong for more than 8 samples only", only_if(lambda p: len(p.X) > 8)),
    after(
        Bug.EMPTY,
        "wrong for equal widths only",
        only_if(lambda p: len({W.shape for W, _ in p.parameters}) == 1),
    ),
    after(
        Bug.LAYOUT,
        "wrong for Fortran order only",
        only_if(
            lambda p: p.parameters[0][0].flags.f_contiguous and min(p.parameters[0][0].shape) > 1
        ),
    ),
    after(
        Bug.LAYOUT,
        "first dW in the memory order of W",
        lambda g, p: in_layer(
            0,
            0,
            lambda a: a.ravel().reshape(
                a.shape, order="F" if p.parameters[0][0].flags.f_contiguous else "C"
            ),
        )(g, p),
    ),
    after(
        Bug.SATURATION,
        "wrong where an output saturates",
        only_if(lambda p: bool(np.any(np.abs(forward(p.parameters, p.X)[-1] - 0.5) > 0.49))),
    ),
    (
        Bug.SATURATION,
        "activations clipped to [0.02, 0.98]",
        lambda: slipped(
            slope=lambda A, **_: np.clip(A, 0.02, 0.98) * (1 - np.clip(A, 0.02, 0.98)),
            output=lambda A, Y: (np.clip(A, 0.02, 0.98) - Y) / len(Y),
        ),
    ),
    (
        Bug.SATURATION,
        "gradient 0 where the output is sure",
        lambda: slipped(output=lambda A, Y: np.where(np.abs(A - 0.5) > 0.45, 0, A - Y) / len(Y)),
    ),
    (
        Bug.SATURATION,
        "gradient clipped to 0.05",
        lambda: slipped(after=each(lambda a: np.clip(a, -0.05, 0.05))),
    ),
    (
        Bug.SATURATION,
        "gradient normalised",
        lambda: slipped(after=each(lambda a: a / np.linalg.norm(a))),
    ),
    after(
        Bug.SATURATION,
        "small entries flushed to 0",
        each(lambda a: np.where(100 * np.abs(a) < 1, 0, a)),
    ),
    # M: arithmetic
    after(Bug.DTYPE, "rounded to float32", each(lambda a: a.astype(np.float32).astype(float))),
    after(Bug.DTYPE, "rounded to float16", each(lambda a: a.astype(np.float16).astype(float))),
    after(Bug.DTYPE, "returned as float32", each(lambda a: a.astype(np.float32))),
    (
        Bug.DTYPE,
        "products in float32",
        lambda: slipped(
            weight=lambda A, delta, **_: (A.astype(np.float32).T @ delta.astype(np.float32)).astype(
                float
            )
        ),
    ),
    after(Bug.DTYPE, "rounded to 6 decimals", each(lambda a: np.round(a, 6))),
    after(
        Bug.DTYPE,
        "one entry nan",
        lambda g, p: in_layer(
            0, 0, lambda a: np.where(np.arange(a.size).reshape(a.shape) == 0, np.nan, a)
        )(g, p),
    ),
    after(
        Bug.DTYPE,
        "one entry inf",
        lambda g, p: in_layer(
            -1, 1, lambda a: np.where(np.arange(a.size).reshape(a.shape) == 0, np.inf, a)
        )(g, p),
    ),
    (Bug.FAN_OUT, "accumulates from call to call", with_state(accumulate)),
    (Bug.ALIAS, "keeps the first result", with_state(keep_first)),
    (Bug.ALIAS, "one call behind", with_state(one_behind)),
    (Bug.ALIAS, "returns one buffer every time", with_state(one_buffer)),
    (Bug.RANDOM, "two calls differ in the last digits", with_state(jitter)),
    (Bug.RANDOM, "the second call is wrong", with_state(every_third)),
    after(Bug.ALIAS, "changes W in place", bump_inputs),
    after(Bug.ALIAS, "updates the parameters itself", step_in_place),
    after(Bug.ALIAS, "returns W itself", return_inputs),
    after(Bug.ALIAS, "two arrays that share memory", lambda g, p: [(dW, dW[:1]) for dW, db in g]),
    (
        Bug.FAN_OUT,
        "fan-out: second use of delta forgotten",
        lambda: slipped(down=lambda delta, W, **_: delta[:, :1] @ W[:, :1].T),
    ),
    after(
        Bug.FAN_OUT,
        "layer added to the one before where that fits",
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
    ),
]
NETWORK_RESULTS = tuple(defects(SLIPS))
