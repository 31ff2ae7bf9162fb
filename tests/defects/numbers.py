"""Saturation, cancellation and clipping; dtypes; layouts in memory."""

from typing import Any

import numpy as np

from tests.defects.inputs import matrix, sometimes, vector
from tests.defects.record import Bug
from tests.defects.subjects import Array, Draw, Operation, Rng, Wrong, plant

TABLE = np.linspace(-1.5, 2.0, 20).reshape(5, 4)
LABELS = np.array([1.0, 0.0, 1.0, 0.0])
EPSILON = 1e-7


def wide_logits(rng: Rng) -> Array:
    return np.array([-100.0, 50.0, -50.0, 100.0]) * rng.uniform(0.1, 1.2)


def sigmoid(z: Array) -> Array:
    tail = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, tail) / (1 + tail)


def logit_loss(z: Array) -> Array:
    right = z.real >= 0
    tail = np.log1p(np.exp(np.where(right, -z, z)))
    return tail + np.where(right, (1 - LABELS) * z, -LABELS * z)


def logit_slope(z: Array) -> Array:
    """sigma(z) - y, each part without cancellation."""
    return np.where(LABELS == 1, -sigmoid(-z), sigmoid(z))


def clipped_slope(z: Array) -> Array:
    a = np.clip(sigmoid(z), EPSILON, 1 - EPSILON)
    inside = a == sigmoid(z)
    return (-LABELS / a + (1 - LABELS) / (1 - a)) * sigmoid(z) * sigmoid(-z) * inside


def floored_slope(z: Array) -> Array:
    a = sigmoid(z)
    return (-LABELS / (a + EPSILON) + (1 - LABELS) / (1 - a + EPSILON)) * a * (1 - a)


def unclipped_slope(z: Array) -> Array:
    a = sigmoid(z)
    return (-LABELS / a + (1 - LABELS) / (1 - a)) * a * (1 - a)


def log_sigmoid(z: Array) -> Array:
    right = z.real >= 0
    return -np.log1p(np.exp(np.where(right, -z, z))) + np.where(right, 0, z)


def softplus(z: Array) -> Array:
    right = z.real >= 0
    return np.log1p(np.exp(np.where(right, -z, z))) + np.where(right, z, 0)


def focal(z: Array) -> Array:
    """-(1 - p)^2 log p."""
    right = z.real >= 0
    tail = np.exp(np.where(right, -z, z))
    return (np.where(right, tail, 1) / (1 + tail)) ** 2 * -log_sigmoid(z)


def focal_slope(z: Array) -> Array:
    p, q = sigmoid(z), sigmoid(-z)
    return -2 * q**2 * p * -log_sigmoid(z) - q**3


def focal_by_division(z: Array) -> Array:
    p = 1 / (1 + np.exp(-z))
    return (2 * (1 - p) * np.log(p) - (1 - p) ** 2 / p) * p * (1 - p)


def single(draw: Draw) -> Draw:
    return lambda rng: draw(rng).astype(np.float32)


def mixed(rng: Rng) -> tuple[Array, Array]:
    return rng.standard_normal(4).astype(np.float32), rng.standard_normal(4)


def in_bytes(y_bar: Array, x: Array) -> Array:
    """Ties counted in eight bits, where 300 of them come round to 44."""
    ties = x == x.max()
    return y_bar * ties / np.add.reduce(ties, dtype=np.int8)


def many_equal(rng: Rng) -> Array:
    return np.full(300, 1.0 + rng.random())


def largest(x: Array) -> Any:
    return np.asarray(x.real.max())


def reversed_columns(rng: Rng) -> Array:
    return rng.standard_normal((4, 6))[:, ::-2]


def channels_last(rng: Rng) -> Array:
    """Shape (n, c, l), channels innermost in memory."""
    return rng.standard_normal((2, 4, 3)).transpose(0, 2, 1)


def in_memory_order(x: Array) -> Array:
    """The numbers as they lie in memory, taken for rows of the shape."""
    forwards = tuple(slice(None, None, -1 if stride < 0 else 1) for stride in x.strides)
    return x[forwards].ravel(order="K").reshape(x.shape)


def group_norm(x: Array) -> Array:
    centred = x - x.mean(axis=2, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=2, keepdims=True) + 0.1)


def group_norm_vjp(y_bar: Array, x: Array) -> Array:
    y, spread = group_norm(x), np.sqrt(x.var(axis=2, keepdims=True) + 0.1)
    mean = y_bar.mean(axis=2, keepdims=True)
    return (y_bar - mean - y * (y_bar * y).mean(axis=2, keepdims=True)) / spread


def row_products_vjp(y_bar: Array, x: Array) -> Array:
    return y_bar[:, None] * np.prod(x, axis=1, keepdims=True) / x


def repeated_row(rng: Rng) -> Array:
    """One row shown four times, by a stride of 0."""
    return np.broadcast_to(rng.standard_normal(3), (4, 3))


def diagonal(x: Array) -> Array:
    y = x**2
    y[np.arange(3), np.arange(3)] = 0
    return y


def diagonal_vjp(y_bar: Array, x: Array) -> Array:
    return 2 * x * y_bar * (1 - np.eye(3))


def in_columns(rng: Rng) -> Array:
    return np.asfortranarray(rng.standard_normal((3, 3)))


def sliced(rng: Rng) -> Array:
    return rng.standard_normal((5, 6))[1:4, ::2]


def gaps(x: Array) -> Array:
    return ((x[:, None] - TABLE[None, :, :3]) ** 2).sum(axis=2)


def gaps_vjp(y_bar: Array, x: Array) -> Array:
    return 2 * (y_bar[:, :, None] * (x[:, None] - TABLE[None, :, :3])).sum(axis=1)


SATURATION = (
    *plant(
        Operation(
            name="cross-entropy by logits",
            draw=wide_logits,
            f=logit_loss,
            vjp=lambda y_bar, z: y_bar * logit_slope(z),
        ),
        Wrong(
            Bug.SATURATION,
            "through a clipped probability",
            lambda y_bar, z: y_bar * clipped_slope(z),
            "keras-team/keras#9664",
            "a logit of 100",
        ),
        Wrong(
            Bug.SATURATION,
            "through a floor under the probability",
            lambda y_bar, z: y_bar * floored_slope(z),
            "pytorch/pytorch#103316",
            "a logit of -50",
        ),
        Wrong(
            Bug.SATURATION,
            "through 1/a at the label 1",
            lambda y_bar, z: y_bar * unclipped_slope(z),
            "FluxML/Flux.jl#914",
            "a logit of 50",
        ),
    ),
    *plant(
        Operation(
            name="logarithm of a sigmoid",
            draw=wide_logits,
            f=log_sigmoid,
            vjp=lambda y_bar, z: y_bar * sigmoid(-z),
        ),
        Wrong(
            Bug.SATURATION,
            "with a floor under the sigmoid",
            lambda y_bar, z: y_bar * sigmoid(z) * sigmoid(-z) / (sigmoid(z) + EPSILON),
            "torch/nn#949",
            "x = -50",
        ),
    ),
    *plant(
        Operation(
            name="softplus", draw=wide_logits, f=softplus, vjp=lambda y_bar, z: y_bar * sigmoid(z)
        ),
        Wrong(
            Bug.SATURATION,
            "exp over 1 + exp, cut at 30",
            lambda y_bar, z: y_bar * sigmoid(np.clip(z, -30, 30)),
        ),
        Wrong(
            Bug.SATURATION,
            "exp over 1 + exp, in single precision",
            lambda y_bar, z: (
                y_bar
                * (np.exp(z.astype(np.float32)) / (1 + np.exp(z.astype(np.float32)))).astype(float)
            ),
        ),
    ),
    *plant(
        Operation(
            name="focal loss",
            draw=wide_logits,
            f=focal,
            vjp=lambda y_bar, z: y_bar * focal_slope(z),
        ),
        Wrong(
            Bug.SATURATION,
            "through log p and 1/p",
            lambda y_bar, z: (
                y_bar * focal_by_division(z) * (z > -1e3) + 0 * focal_by_division(10 * z)
            ),
            "google-deepmind/optax#1346",
            "extreme logits",
        ),
    ),
)

DTYPES = (
    *plant(
        Operation(
            name="largest of 300 equal entries",
            draw=sometimes(many_equal, vector(2)),
            f=largest,
            vjp=lambda y_bar, x: y_bar * (x == x.max()) / (x == x.max()).sum(),
        ),
        Wrong(
            Bug.DTYPE,
            "counted in eight bits",
            in_bytes,
            "tinygrad/tinygrad#15036",
            "more equal maxima than the counter holds",
        ),
    ),
    *plant(
        Operation(
            name="sine in single precision",
            draw=single(matrix()),
            f=np.sin,
            vjp=lambda y_bar, x: y_bar * np.cos(x),
        ),
        Wrong(
            Bug.DTYPE,
            "returned in double precision",
            lambda y_bar, x: (y_bar * np.cos(x)).astype(float),
            "HIPS/autograd#199",
            "single precision",
        ),
        Wrong(
            Bug.DTYPE,
            "in half precision",
            lambda y_bar, x: (y_bar * np.cos(x)).astype(np.float16).astype(np.float32),
            "HIPS/autograd#199",
            "single precision",
        ),
    ),
    *plant(
        Operation(
            name="product of two precisions",
            draw=mixed,
            f=lambda x: x[0] * x[1],
            vjp=lambda y_bar, x: ((y_bar * x[1]).astype(np.float32), y_bar * x[0]),
        ),
        Wrong(
            Bug.DTYPE,
            "both in the default precision",
            lambda y_bar, x: (y_bar * x[1], y_bar * x[0]),
            "tinygrad/tinygrad#3613",
            "a dtype other than the default",
        ),
        Wrong(
            Bug.DTYPE,
            "truncated to whole numbers",
            lambda y_bar, x: (np.trunc(y_bar * x[1]).astype(np.float32), y_bar * x[0]),
        ),
    ),
)

LAYOUTS = (
    *plant(
        Operation(name="normalised groups", draw=channels_last, f=group_norm, vjp=group_norm_vjp),
        Wrong(
            Bug.LAYOUT,
            "read in memory order",
            lambda y_bar, x: group_norm_vjp(y_bar, in_memory_order(x)),
            "pytorch/pytorch#140913",
            "channels innermost in memory",
        ),
    ),
    *plant(
        Operation(
            name="products of rows",
            draw=reversed_columns,
            f=lambda x: np.prod(x, axis=1),
            vjp=row_products_vjp,
        ),
        Wrong(
            Bug.LAYOUT,
            "strides of the input ignored",
            lambda y_bar, x: row_products_vjp(y_bar, in_memory_order(x)),
            "pytorch/pytorch#1933",
            "an input with gaps",
        ),
        Wrong(
            Bug.LAYOUT,
            "written back in memory order",
            lambda y_bar, x: row_products_vjp(y_bar, x)[:, ::-1].copy(),
            "pytorch/pytorch#1933",
            "an input with negative strides",
        ),
    ),
    *plant(
        Operation(
            name="cube", draw=vector(2), f=lambda x: x**3, vjp=lambda y_bar, x: 3 * y_bar * x**2
        ),
        Wrong(
            Bug.LAYOUT,
            "strides of the cotangent ignored",
            lambda y_bar, x: 3 * x**2 * (y_bar if y_bar.flags.c_contiguous else y_bar[::-1]),
            "pytorch/pytorch#708",
            "a cotangent with gaps",
        ),
    ),
    *plant(
        Operation(
            name="one row shown four times",
            draw=repeated_row,
            f=np.sin,
            vjp=lambda y_bar, x: y_bar * np.cos(x),
        ),
        Wrong(
            Bug.LAYOUT,
            "written to memory that is shared",
            lambda y_bar, x: np.broadcast_to((y_bar * np.cos(x))[-1], x.shape).copy(),
            "pytorch/pytorch#180164",
            "a stride of 0",
        ),
    ),
    *plant(
        Operation(
            name="square without its diagonal", draw=in_columns, f=diagonal, vjp=diagonal_vjp
        ),
        Wrong(
            Bug.LAYOUT,
            "result in the order of the input's memory",
            lambda y_bar, x: diagonal_vjp(y_bar, x).ravel().reshape(x.shape, order="F").copy(),
            "pytorch/pytorch#182012",
            "Fortran order",
        ),
    ),
    *plant(
        Operation(name="squared distances of a slice", draw=sliced, f=gaps, vjp=gaps_vjp),
        Wrong(
            Bug.LAYOUT,
            "cells of the base array",
            lambda y_bar, x: gaps_vjp(
                y_bar, np.lib.stride_tricks.as_strided(x, x.shape, (x.strides[0], x.itemsize))
            ),
            "pytorch/pytorch#69997",
            "a slice",
        ),
    ),
)

NUMBERS = (*SATURATION, *DTYPES, *LAYOUTS)
