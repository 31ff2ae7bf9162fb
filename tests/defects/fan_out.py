"""Several uses of one value, through a small tape and through caches that go by value."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from tests.defects.inputs import box, vector
from tests.defects.record import Bug
from tests.defects.subjects import Array, Operation, Rng, Wrong, plant
from tests.defects.tape import Expression, Node, Tape


def diamond(x: Node) -> Node:
    y = x.sin()
    return y * x + y


def reused(x: Node) -> Node:
    y = x * x
    return (y + y.sin()) * y


def cube(x: Node) -> Node:
    return x * x * x


def many_uses(x: Node) -> Node:
    total = x
    for _ in range(9):
        total = total + x.sin()
    return total


def ladder(x: Node) -> Node:
    """No tree: every rung is used by the next two."""
    before, last = x, x.sin()
    for _ in range(3):
        before, last = last, (before * last).sin()
    return last


def on_tape(name: str, expression: Expression) -> Operation:
    tape = Tape(expression=expression)
    return Operation(name=name, draw=vector(), f=value_of(expression), vjp=tape.vjp)


def value_of(expression: Expression) -> Callable[[Array], Array]:
    return lambda x: expression(Node(x)).value


def slip(expression: Expression, **changes: Any) -> Callable[[], Any]:
    """A new tape with a slip, for each time that the candidate is built."""
    return lambda: replace(Tape(expression=expression), store={}, **changes).vjp


def two_leaves(rng: Rng) -> tuple[Array, Array]:
    x = rng.standard_normal(3)
    return x, x.copy()


def by_value() -> Any:
    """Gradients kept under the value of a leaf: two leaves that are equal share one."""

    def vjp(y_bar: Array, x: tuple[Array, Array]) -> tuple[Array, Array]:
        found: dict[bytes, Array] = {}
        for leaf, other in ((x[0], x[1]), (x[1], x[0])):
            slope = 2 * leaf * other if leaf is x[0] else other**2
            found[leaf.tobytes()] = found.get(leaf.tobytes(), 0) + y_bar * slope
        return found[x[0].tobytes()].copy(), found[x[1].tobytes()].copy()

    return vjp


def normalise(x: Array) -> Array:
    centred = x - x.mean(axis=0)
    return centred / np.sqrt((centred**2).mean(axis=0) + 0.1)


def normalise_vjp(y_bar: Array, x: Array) -> Array:
    y, spread = normalise(x), np.sqrt(x.var(axis=0) + 0.1)
    return (y_bar - y_bar.mean(axis=0) - y * (y_bar * y).mean(axis=0)) / spread


def three_passes(x: Array) -> Array:
    return np.concatenate([normalise(scale * x) for scale in (1, 2, 3)])


def three_passes_vjp(y_bar: Array, x: Array, last_only: bool = False) -> Array:
    parts = [
        scale * normalise_vjp(part, scale * x)
        for scale, part in zip((1, 2, 3), np.split(y_bar, 3), strict=True)
    ]
    return parts[-1] if last_only else parts[0] + parts[1] + parts[2]


FAN_OUT = (
    *plant(
        on_tape("value used twice", reused),
        Wrong(
            Bug.FAN_OUT,
            "second use replaces the first",
            slip(reused, inner_adds=False),
            "karpathy/micrograd#2",
            "an inner value that is used twice",
            fresh=True,
        ),
        Wrong(
            Bug.FAN_OUT,
            "handed on before all has come",
            slip(reused, ordered=False),
            "SethHWeidman/DLFS_code#13",
            "a graph that is no tree",
            fresh=True,
        ),
        Wrong(
            Bug.FAN_OUT,
            "not reset between calls",
            slip(reused, keeps=True),
            "karpathy/micrograd#53",
            "a second call",
            fresh=True,
        ),
    ),
    *plant(
        on_tape("diamond", diamond),
        Wrong(
            Bug.FAN_OUT,
            "handed on before all has come",
            slip(diamond, ordered=False),
            "sebgao/cTensor#5",
            "a diamond",
            fresh=True,
        ),
        Wrong(
            Bug.FAN_OUT,
            "one side of the diamond only",
            slip(diamond, leaf_adds=False),
            "apache/mxnet#9497",
            "a diamond",
            fresh=True,
        ),
        Wrong(
            Bug.FAN_OUT,
            "second call adds to the first",
            slip(diamond, keeps=True),
            "bshillingford/autobw.torch#7",
            "a second call",
            fresh=True,
        ),
    ),
    *plant(
        on_tape("x times x times x", cube),
        Wrong(
            Bug.FAN_OUT,
            "last use of the leaf only",
            slip(cube, leaf_adds=False),
            "sony/nnabla#532",
            "x * x * x",
            fresh=True,
        ),
        Wrong(
            Bug.FAN_OUT,
            "two uses of three",
            slip(cube, most=2),
            "SciSharp/TensorFlow.NET#303",
            "x * x * x",
            fresh=True,
        ),
    ),
    *plant(
        on_tape("ten uses", many_uses),
        Wrong(
            Bug.FAN_OUT,
            "no more than seven uses counted",
            slip(many_uses, most=7),
            "apache/mxnet#17989",
            "more than seven uses of one value",
            fresh=True,
        ),
    ),
    *plant(
        on_tape("ladder", ladder),
        Wrong(
            Bug.FAN_OUT,
            "rungs handed on too early",
            slip(ladder, ordered=False),
            "SethHWeidman/DLFS_code#13",
            "a graph that is no tree",
            fresh=True,
        ),
    ),
    *plant(
        Operation(
            name="two equal leaves",
            draw=two_leaves,
            f=lambda x: x[0] ** 2 * x[1],
            vjp=lambda y_bar, x: (2 * y_bar * x[0] * x[1], y_bar * x[0] ** 2),
        ),
        Wrong(
            Bug.FAN_OUT,
            "kept under their value",
            by_value,
            "tinygrad/tinygrad#9597",
            "two leaves that hold the same numbers",
            fresh=True,
        ),
    ),
    *plant(
        Operation(
            name="normalised three times", draw=box(4, 2), f=three_passes, vjp=three_passes_vjp
        ),
        Wrong(
            Bug.FAN_OUT,
            "last pass only",
            lambda y_bar, x: three_passes_vjp(y_bar, x, last_only=True),
            "apache/mxnet#18499",
            "one layer used three times",
        ),
    ),
    *plant(
        Operation(
            name="copy that is read later",
            draw=vector(2),
            f=lambda x: np.concatenate([np.sin(x), x**2]),
            vjp=lambda y_bar, x: y_bar[: len(x)] * np.cos(x) + 2 * y_bar[len(x) :] * x,
        ),
        Wrong(
            Bug.FAN_OUT,
            "source of the copy forgotten",
            lambda y_bar, x: y_bar[: len(x)] * np.cos(x),
            "NVIDIA/warp#1728",
            "an array that is copied, and read again",
        ),
    ),
)
