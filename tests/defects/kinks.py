"""Ties and kinks, and branches that are not taken."""

import numpy as np

from tests.defects.inputs import box, matrix, sometimes, vector, with_ties, with_zeros
from tests.defects.record import Bug
from tests.defects.subjects import Array, Operation, Rng, Wrong, plant


def largest(x: Array) -> Array:
    return np.asarray(x.real.max())


def at_largest(y_bar: Array, x: Array) -> Array:
    """Shared by all that are largest."""
    ties = x == x.max()
    return y_bar * ties / ties.sum()


def at_largest_of_rows(y_bar: Array, x: Array) -> Array:
    ties = x == x.max(axis=1, keepdims=True)
    return y_bar[:, None] * ties / ties.sum(axis=1, keepdims=True)


def all_equal(rng: Rng) -> Array:
    return np.full(int(rng.integers(2, 6)), rng.standard_normal())


def tied_rows(rng: Rng) -> Array:
    x = rng.standard_normal((3, 4))
    x[:, 0] = x[:, 2] = x.max(axis=1) + 0.5
    return x


def leaking(mask: Array, yes: Array, no: Array, y_bar: Array) -> Array:
    """Both branches, each times its own mask: 0 times nan is nan."""
    return y_bar * (mask * yes + ~mask * no)


def safe_root(x: Array) -> Array:
    return np.where(x.real > 0, np.sqrt(np.where(x.real > 0, x, 1)), x)


def entropy(x: Array) -> Array:
    return np.where(x.real > 0, x * np.log(np.where(x.real > 0, x, 1)), 0 * x)


def sinc(x: Array) -> Array:
    safe = np.where(x.real == 0, 1, x)
    return np.where(x.real == 0, 1 - x**2 / 6, np.sin(safe) / safe)


def sinc_slope(x: Array) -> Array:
    return (np.cos(x) - np.sin(x) / x) / x


def angle(x: tuple[Array, Array]) -> Array:
    away = (x[0] != 0) | (x[1] != 0)
    return np.where(away, np.arctan2(np.where(away, x[1], 0), np.where(away, x[0], 1)), 0)


def angle_vjp(y_bar: Array, x: tuple[Array, Array], floor: bool = True) -> tuple[Array, Array]:
    square = x[0] ** 2 + x[1] ** 2
    if floor:
        square = np.where(square > 0, square, 1)
    return -y_bar * x[1] / square, y_bar * x[0] / square


def points(rng: Rng) -> tuple[Array, Array]:
    # Where both are 0 the angle jumps, so only one is: a quotient of the two is singular there.
    x, y = 0.5 + rng.random(4), rng.standard_normal(4)
    x[1], y[1] = 0, 1.5
    return x, y


def by_quotient(y_bar: Array, x: tuple[Array, Array]) -> tuple[Array, Array]:
    slope = y_bar / (1 + (x[1] / x[0]) ** 2)
    return -slope * x[1] / x[0] ** 2, slope / x[0]


def distances(x: Array) -> Array:
    gaps = ((x[:, None] - x[None, :]) ** 2).sum(axis=-1)
    return np.sqrt(gaps + np.eye(len(x))) * (1 - np.eye(len(x)))


def distances_vjp(y_bar: Array, x: Array, safe: bool = True) -> Array:
    gaps = x[:, None] - x[None, :]
    length = np.sqrt((gaps**2).sum(axis=-1) + safe * np.eye(len(x)))
    pull = (y_bar * (1 - np.eye(len(x))) / length)[:, :, None] * gaps
    return pull.sum(axis=1) - pull.sum(axis=0)


KINKS = (
    *plant(
        Operation(
            name="largest entry",
            draw=sometimes(with_ties(vector(3, 6)), vector(3, 6)),
            f=largest,
            vjp=at_largest,
        ),
        Wrong(
            Bug.KINK,
            "all of it to each of two",
            lambda y_bar, x: y_bar * (x == x.max()),
            "Theano/Theano#4568",
            "two equal maxima",
        ),
        Wrong(
            Bug.KINK,
            "a count of ties that is squared",
            lambda y_bar, x: at_largest(y_bar, x) / (x == x.max()).sum(),
            "microsoft/onnxruntime#7217",
            "two equal maxima",
        ),
        Wrong(
            Bug.KINK,
            "nan where there are ties",
            lambda y_bar, x: at_largest(y_bar, x) * (np.nan if (x == x.max()).sum() > 1 else 1),
            "jax-ml/jax#13600",
            "two equal maxima",
        ),
    ),
    *plant(
        Operation(
            name="largest of equal entries",
            draw=sometimes(all_equal, vector(2, 6)),
            f=largest,
            vjp=at_largest,
        ),
        Wrong(
            Bug.KINK,
            "all of it to each",
            lambda y_bar, x: y_bar * np.ones_like(x),
            "apache/mxnet#18563",
            "all entries equal",
        ),
        Wrong(
            Bug.KINK,
            "none to any",
            lambda y_bar, x: 0 * y_bar * x,
            "HIPS/autograd#141",
            "all entries equal",
        ),
    ),
    *plant(
        Operation(
            name="largest of rows",
            draw=sometimes(tied_rows, matrix(2)),
            f=lambda x: x.real.max(axis=1),
            vjp=at_largest_of_rows,
        ),
        Wrong(
            Bug.KINK,
            "all of it to each of two",
            lambda y_bar, x: y_bar[:, None] * (x == x.max(axis=1, keepdims=True)),
            "tensorflow/tensorflow#51681",
            "two equal maxima in a row",
        ),
    ),
    *plant(
        Operation(
            name="ReLU",
            draw=sometimes(with_zeros(matrix(2)), matrix(2)),
            f=lambda x: np.maximum(x.real, 0),
            vjp=lambda y_bar, x: y_bar * (x > 0),
        ),
        Wrong(
            Bug.KINK,
            "slope 2 at 0",
            lambda y_bar, x: y_bar * ((x > 0) + 2.0 * (x == 0)),
            "pytorch/pytorch#184572",
            "an entry of exactly 0",
        ),
        Wrong(
            Bug.KINK,
            "slope of the output, nan at 0",
            lambda y_bar, x: y_bar * np.maximum(x, 0) / (x * (x >= 0) + (x < 0)),
            "pytorch/pytorch#184572",
            "an entry of exactly 0",
        ),
    ),
    *plant(
        Operation(
            name="leaky ReLU with slope 0",
            draw=matrix(2),
            f=lambda x: np.where(x.real > 0, x, 0 * x),
            vjp=lambda y_bar, x: y_bar * (x > 0),
        ),
        Wrong(
            Bug.KINK,
            "sign read off the output",
            lambda y_bar, x: y_bar * np.where(np.maximum(x, 0) >= 0, 1, 0),
            "chainer/chainer#5898",
            "a slope of exactly 0",
        ),
    ),
    *plant(
        Operation(
            name="absolute value",
            draw=sometimes(with_zeros(vector(2)), vector(2)),
            f=lambda x: np.abs(x.real),
            vjp=lambda y_bar, x: y_bar * np.sign(x),
        ),
        Wrong(
            Bug.KINK,
            "x over abs(x)",
            lambda y_bar, x: y_bar * x / np.abs(x),
            "rsokl/MyGrad#379",
            "an entry of exactly 0",
        ),
    ),
)

MASKS = (
    *plant(
        Operation(
            name="root of what is positive",
            draw=sometimes(with_zeros(matrix(2)), matrix(2)),
            f=safe_root,
            vjp=lambda y_bar, x: y_bar * np.where(x > 0, 0.5 / np.sqrt(np.where(x > 0, x, 1)), 1),
        ),
        Wrong(
            Bug.MASK,
            "root of a negative number in the other branch",
            lambda y_bar, x: leaking(x > 0, 0.5 / np.sqrt(x), np.ones_like(x), y_bar),
            "HIPS/autograd#802",
            "a negative entry",
        ),
        Wrong(
            Bug.MASK,
            "root of 0 in the other branch",
            lambda y_bar, x: leaking(
                x > 0, 0.5 / np.sqrt(np.maximum(x, 0)), np.ones_like(x), y_bar
            ),
            "jax-ml/jax#347",
            "an entry of exactly 0",
        ),
    ),
    *plant(
        Operation(
            name="sin(x) / x",
            draw=with_zeros(vector(2)),
            f=sinc,
            vjp=lambda y_bar, x: y_bar * np.where(x == 0, 0, sinc_slope(np.where(x == 0, 1, x))),
        ),
        Wrong(
            Bug.MASK,
            "0/0 in the other branch",
            lambda y_bar, x: leaking(x != 0, sinc_slope(x), np.zeros_like(x), y_bar),
            "jax-ml/jax#5798",
            "an entry of exactly 0",
        ),
    ),
    *plant(
        Operation(name="angle", draw=points, f=angle, vjp=angle_vjp),
        Wrong(
            Bug.MASK,
            "by a quotient",
            by_quotient,
            "jax-ml/jax#1052",
            "a first coordinate of exactly 0",
        ),
    ),
    *plant(
        Operation(
            name="x log x",
            draw=lambda rng: rng.standard_normal(5),
            f=entropy,
            vjp=lambda y_bar, x: y_bar * np.where(x > 0, 1 + np.log(np.where(x > 0, x, 1)), 0),
        ),
        Wrong(
            Bug.MASK,
            "inf in the other branch",
            lambda y_bar, x: leaking(x > 0, 1 + np.log(np.maximum(x, 0)), np.zeros_like(x), y_bar),
            "jax-ml/jax#2630",
            "a negative entry",
        ),
    ),
    *plant(
        Operation(name="distances", draw=box(3, 2), f=distances, vjp=distances_vjp),
        Wrong(
            Bug.MASK,
            "0/0 on the diagonal",
            lambda y_bar, x: distances_vjp(y_bar, x, safe=False),
            "jax-ml/jax#654",
            "a point's distance from itself",
        ),
    ),
)
