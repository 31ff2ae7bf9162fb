"""What a candidate keeps, shares or writes where it should not, and calls that differ."""

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.defects.inputs import box, matrix, vector
from tests.defects.record import Bug
from tests.defects.subjects import Array, Operation, Rng, Wrong, plant

Vjp = Callable[[Array, Any], Any]
TAKEN = np.array([2, 0, 1, 2])
SCALE = np.linspace(0.5, 2.0, 4)


def cosine(y_bar: Array, x: Array) -> Array:
    return y_bar * np.cos(x)


def saved_input() -> Vjp:
    """The input saved by reference: what comes back later is used in its place."""
    saved: list[Array] = []

    def vjp(y_bar: Array, x: Array) -> Array:
        saved.append(x.copy())
        return y_bar * np.cos(saved[max(len(saved) - 2, 0)])

    return vjp


def view_written() -> Vjp:
    def vjp(y_bar: Array, x: Array) -> Array:
        view = x[:]
        if view.flags.writeable:
            view *= 1 + 2.0**-30
        return cosine(y_bar, x)

    return vjp


def added_twice(y_bar: Array, x: Array) -> Array:
    x_bar = 2 * y_bar * x
    x_bar[:, 0] += y_bar[:, 0] * x[:, 0]
    return x_bar


def same_buffer() -> Vjp:
    buffers: dict[tuple[int, ...], Array] = {}

    def vjp(y_bar: Array, x: Array) -> Array:
        buffer = buffers.setdefault(x.shape, np.empty_like(x))
        buffer[...] = cosine(y_bar, x)
        return buffer

    return vjp


def stale_workspace() -> Vjp:
    """A workspace of the second array that is filled once only."""
    kept: list[Array] = []

    def vjp(y_bar: Array, x: tuple[Array, Array]) -> tuple[Array, Array]:
        kept.append(y_bar * x[0])
        return y_bar * x[1], kept[0].copy()

    return vjp


def saved_noise() -> Vjp:
    """Noise drawn anew on the way back instead of being kept."""
    rng = np.random.default_rng(0)
    return lambda y_bar, x: y_bar * SCALE * rng.choice([1.0, 1.0 + 2.0**-20], x.shape)


def previous_if_small() -> Vjp:
    """A batch of one sample keeps the gradient of the call before."""
    kept: list[Array] = []

    def vjp(y_bar: Array, x: Array) -> Array:
        if len(x) > 1 or not kept:
            kept[:] = [2 * y_bar * x]
        return kept[0].copy() if kept[0].shape == x.shape else 2 * y_bar * x

    return vjp


def race(period: int, share: float) -> Callable[[], Vjp]:
    """One call in so many loses a part of a sum, as two threads that write at once would."""

    def make() -> Vjp:
        calls = [0]

        def vjp(y_bar: Array, x: Array) -> Array:
            calls[0] += 1
            x_bar = cosine(y_bar, x)
            if calls[0] % period == 0:
                x_bar.flat[-1] *= share
            return x_bar

        return vjp

    return make


def order_of_addition() -> Vjp:
    """Sums in an order that changes from call to call."""
    rng = np.random.default_rng(1)

    def vjp(y_bar: Array, x: Array) -> Array:
        x_bar = np.zeros_like(x)
        for i in rng.permutation(len(TAKEN)):
            x_bar[TAKEN[i]] = x_bar[TAKEN[i]] + y_bar[i] * (1 + 2.0**-40 * rng.integers(2))
        return x_bar

    return vjp


def taken_vjp(y_bar: Array, x: Array) -> Array:
    x_bar = np.zeros_like(x)
    np.add.at(x_bar, TAKEN, y_bar)
    return x_bar


def uninitialised() -> Vjp:
    """The last entry is whatever lay in memory, which differs from call to call."""
    calls = [0.0]

    def vjp(y_bar: Array, x: Array) -> Array:
        calls[0] += 1
        x_bar = cosine(y_bar, x)
        x_bar.flat[-1] = calls[0] * 1e-310
        return x_bar

    return vjp


def two_arrays(rng: Rng) -> tuple[Array, Array]:
    return rng.standard_normal(4), rng.standard_normal(4)


def one_array_twice(rng: Rng) -> tuple[Array, Array]:
    x = rng.standard_normal(4)
    return x, x


def product(x: tuple[Array, Array]) -> Array:
    return x[0] * x[1]


def product_vjp(y_bar: Array, x: tuple[Array, Array]) -> tuple[Array, Array]:
    return y_bar * x[1], y_bar * x[0]


ALIASES = (
    *plant(
        Operation(name="sine", draw=matrix(2), f=np.sin, vjp=cosine),
        Wrong(
            Bug.ALIAS,
            "input of the call before",
            saved_input,
            "pytorch/pytorch#197887",
            "an input that changes between the two ways",
            fresh=True,
        ),
        Wrong(
            Bug.ALIAS,
            "input written through a view",
            view_written,
            "pytorch/pytorch#85374",
            "a view",
            fresh=True,
        ),
        Wrong(
            Bug.ALIAS,
            "one buffer for every result",
            same_buffer,
            "pytorch/pytorch#181723",
            "a second call",
            fresh=True,
        ),
        Wrong(
            Bug.ALIAS,
            "written into the input",
            lambda y_bar, x: np.multiply(y_bar, np.cos(x), out=x),
            "NVIDIA/warp#1294",
            "an array that is read and written",
        ),
    ),
    *plant(
        Operation(
            name="square", draw=matrix(1, 4), f=lambda x: x**2, vjp=lambda y_bar, x: 2 * y_bar * x
        ),
        Wrong(
            Bug.ALIAS,
            "first column added twice",
            added_twice,
            "pytorch/pytorch#136662",
            "y[:, 0] += twice",
        ),
        Wrong(
            Bug.ALIAS,
            "one sample keeps the gradient before",
            previous_if_small,
            "pytorch/pytorch#23784",
            "a batch that is smaller than the one before",
            fresh=True,
        ),
    ),
    *plant(
        Operation(name="product of two arrays", draw=two_arrays, f=product, vjp=product_vjp),
        Wrong(
            Bug.ALIAS,
            "workspace filled once",
            stale_workspace,
            "pytorch/pytorch#193061",
            "a second call",
            fresh=True,
        ),
        Wrong(
            Bug.ALIAS,
            "both gradients in one array",
            lambda y_bar, x: (y_bar * x[1],) * 2,
            "NVIDIA/warp#202",
            "b = a",
        ),
    ),
    *plant(
        Operation(
            name="scaled by saved noise",
            draw=box(3, 4),
            f=lambda x: x * SCALE,
            vjp=lambda y_bar, x: y_bar * SCALE,
        ),
        Wrong(
            Bug.ALIAS,
            "noise drawn anew",
            saved_noise,
            "pytorch/pytorch#193671",
            "a second call",
            fresh=True,
        ),
    ),
)

CALLS = (
    *plant(
        Operation(name="sine of a vector", draw=vector(2), f=np.sin, vjp=cosine),
        Wrong(
            Bug.RANDOM,
            "every second call loses a part",
            race(2, 0.5),
            "FluxML/NNlib.jl#197",
            "a repeated call",
            fresh=True,
        ),
        Wrong(
            Bug.RANDOM,
            "every fourth call loses a part",
            race(4, 0.5),
            "Dao-AILab/flash-attention#359",
            "four calls",
            fresh=True,
        ),
        Wrong(
            Bug.RANDOM,
            "last entry not initialised",
            uninitialised,
            "fla-org/flash-linear-attention#889",
            "a repeated call",
            fresh=True,
        ),
    ),
    *plant(
        Operation(name="taken entries", draw=box(3), f=lambda x: x[TAKEN], vjp=taken_vjp),
        Wrong(
            Bug.RANDOM,
            "order of the sum left to chance",
            order_of_addition,
            "apache/mxnet#19817",
            "a repeated call",
            fresh=True,
        ),
    ),
)

STATE = (*ALIASES, *CALLS)
