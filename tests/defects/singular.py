"""Singular points: 0 in products, powers, roots and norms."""

import numpy as np

from tests.defects.inputs import box, sometimes, vector, with_zeros
from tests.defects.record import Bug
from tests.defects.subjects import Array, Number, Operation, Rng, Wrong, plant

ZEROS = with_zeros(vector(3, 7))


def cumprod_vjp(y_bar: Array, x: Array) -> Array:
    """Without a division: the products of all but one."""
    x_bar = np.zeros_like(x)
    for i in range(len(x)):
        others = x.copy()
        others[i] = 1
        x_bar[i] = (y_bar * np.cumprod(others))[i:].sum()
    return x_bar


def cumprod_by_division(y_bar: Array, x: Array) -> Array:
    return np.cumsum((y_bar * np.cumprod(x))[::-1])[::-1] / x


def product_slopes(x: Array) -> Array:
    return np.array([np.prod(np.delete(x, i)) for i in range(x.size)])


def power_vjp(y_bar: Array, b: Array) -> Array:
    """Of 0**b by b, for b > 0: f does not move."""
    return np.zeros_like(b)


def norms(x: Array) -> Array:
    return np.sqrt((x**2).sum(axis=1))


def norms_vjp(y_bar: Array, x: Array) -> Array:
    length = np.linalg.norm(x, axis=1, keepdims=True)
    return y_bar[:, None] * x / np.where(length > 0, length, 1)


def a_row_of_zeros(rng: Rng) -> Array:
    x = rng.standard_normal((3, 2))
    x[int(rng.integers(3))] = 0
    return x


def first_root(x: Array) -> Array:
    return np.asarray(np.sqrt(x)[0, 0])


def squares_with_a_zero(rng: Rng) -> Array:
    x = 0.5 + rng.random((2, 2))
    x[1, int(rng.integers(2))] = 0
    return x


def slope_of_cube_at_zero(y_bar: Array, x: Array) -> Array:
    return 6 * y_bar * x


def norm_gradient(x: Array) -> Array:
    return x / (np.linalg.norm(x) or 1.0)


SINGULAR = (
    *plant(
        Operation(name="cumulative product", draw=ZEROS, f=np.cumprod, vjp=cumprod_vjp),
        Wrong(
            Bug.SINGULAR,
            "divided by each entry",
            cumprod_by_division,
            "tensorflow/tensorflow#3862",
            "an entry of exactly 0",
        ),
        Wrong(
            Bug.SINGULAR,
            "0/0 replaced by 0",
            lambda y_bar, x: np.nan_to_num(cumprod_by_division(y_bar, x), posinf=0, neginf=0),
            "tensorflow/tensorflow#119430",
            "an entry of exactly 0",
        ),
        Wrong(
            Bug.SINGULAR,
            "0 moved to 1e-12",
            lambda y_bar, x: np.where(x == 0, 0, cumprod_by_division(y_bar, x + 1e-12)),
            "Theano/Theano#5197",
            "an entry of exactly 0",
        ),
        Wrong(
            Bug.SINGULAR,
            "divided by abs(x), by logarithms",
            lambda y_bar, x: (
                np.cumsum((y_bar * np.cumprod(x))[::-1])[::-1] * np.exp(-np.log(np.abs(x)))
            ),
            "pymc-devs/pytensor#1911",
            "an entry that is not between 0 and 1",
        ),
    ),
    *plant(
        Number(name="product", draw=ZEROS, f=lambda x: np.prod(x), gradient=product_slopes),
        Wrong(
            Bug.SINGULAR,
            "divided by each entry",
            lambda x: np.prod(x) / x,
            "pytorch/pytorch#773",
            "an entry of exactly 0",
        ),
        Wrong(
            Bug.SINGULAR,
            "0 where any entry is",
            lambda x: np.zeros_like(x) if (x == 0).any() else product_slopes(x),
            "tenstorrent/tt-metal#55890",
            "one entry of exactly 0",
        ),
    ),
    *plant(
        Number(
            name="product of two",
            draw=lambda rng: np.array([rng.standard_normal(), 0.0]),
            f=lambda x: x[0] * x[1],
            gradient=lambda x: x[::-1].copy(),
        ),
        Wrong(
            Bug.SINGULAR,
            "by logarithms",
            lambda x: np.exp(np.log(np.abs(x)).sum()) * np.sign(x).prod() / x,
            "apache/mxnet#17864",
            "[4, 0]",
        ),
    ),
    *plant(
        Operation(
            name="0 to the power b",
            draw=lambda rng: 0.5 + rng.random(3),
            f=lambda b: np.zeros(3) ** b.real,
            vjp=power_vjp,
        ),
        Wrong(
            Bug.SINGULAR,
            "times log 0",
            lambda y_bar, b: y_bar * 0.0**b * np.log(np.zeros(3)),
            "pytorch/pytorch#27134",
            "a base of exactly 0",
        ),
    ),
    *plant(
        Operation(
            name="clipped below at 0, then squared",
            draw=ZEROS,
            f=lambda x: np.maximum(x.real, 0) ** 2,
            vjp=lambda y_bar, x: 2 * y_bar * np.maximum(x, 0),
        ),
        Wrong(
            Bug.SINGULAR,
            "power by division",
            lambda y_bar, x: 2 * y_bar * np.maximum(x, 0) ** 2 / np.maximum(x, 0),
            "tensorflow/tensorflow#2295",
            "an entry that is clipped to 0",
        ),
    ),
    *plant(
        Operation(
            name="slope of the cube", draw=ZEROS, f=lambda x: 3 * x**2, vjp=slope_of_cube_at_zero
        ),
        Wrong(
            Bug.SINGULAR,
            "power by division",
            lambda y_bar, x: y_bar * 2 * 3 * x**2 / x,
            "tensorflow/tensorflow#35011",
            "an entry of exactly 0",
        ),
        Wrong(
            Bug.SINGULAR,
            "by logarithms",
            lambda y_bar, x: y_bar * 6 * np.sign(x) * np.exp(np.log(np.abs(x)) * 1.0) + 0 / x,
            "RobotLocomotion/drake#23862",
            "an entry of exactly 0",
        ),
    ),
    *plant(
        Operation(
            name="x to the powers 2 and 3",
            draw=with_zeros(box(2)),
            f=lambda x: np.stack([x**2, x**3]),
            vjp=lambda y_bar, x: 2 * y_bar[0] * x + 3 * y_bar[1] * x**2,
        ),
        Wrong(
            Bug.SINGULAR,
            "p f / x",
            lambda y_bar, x: 2 * y_bar[0] * x**2 / x + 3 * y_bar[1] * x**3 / x,
            "vgvassilev/clad#1383",
            "an entry of exactly 0",
        ),
        Wrong(
            Bug.SINGULAR,
            "slope of x**2 replaced by 1 at 0",
            lambda y_bar, x: np.where(x == 0, y_bar[0], 2 * y_bar[0] * x) + 3 * y_bar[1] * x**2,
            "stan-dev/math#3031",
            "an entry of exactly 0",
        ),
    ),
    *plant(
        Number(
            name="root of one of several",
            draw=squares_with_a_zero,
            f=lambda x: np.sqrt(x[0, 0]),
            gradient=lambda x: np.array([[0.5 / np.sqrt(x[0, 0]), 0], [0, 0]]),
        ),
        Wrong(
            Bug.SINGULAR,
            "0 times inf for the others",
            lambda x: np.array([[1, 0], [0, 0]]) * 0.5 / np.sqrt(x),
            "Theano/Theano#1996",
            "another element of exactly 0",
        ),
    ),
    *plant(
        Operation(
            name="norms of rows", draw=sometimes(a_row_of_zeros, box(3, 2)), f=norms, vjp=norms_vjp
        ),
        Wrong(
            Bug.SINGULAR,
            "0/0 in a row of zeros",
            lambda y_bar, x: y_bar[:, None] * x / np.linalg.norm(x, axis=1, keepdims=True),
            "pytorch/pytorch#2421",
            "a vector of zeros",
        ),
    ),
    *plant(
        Number(
            name="norm",
            draw=sometimes(lambda rng: np.zeros(int(rng.integers(1, 4))), vector()),
            f=lambda x: np.sqrt((x.real**2).sum()),
            gradient=norm_gradient,
        ),
        Wrong(
            Bug.SINGULAR,
            "0/0",
            lambda x: x / np.linalg.norm(x),
            "HIPS/autograd#151",
            "a vector of zeros",
        ),
    ),
)
