"""Wrong derivatives of single operations, each beside the right one."""

from collections.abc import Callable

import numpy as np

from tests.defects.record import Bug
from tests.defects.subjects import Array, Operation, Rng, Wrong, plant


def matrix(low: int = 1, high: int = 6, *, shift: float = 0.0) -> Callable[[Rng], Array]:
    def draw(rng: Rng) -> Array:
        return shift + rng.standard_normal(rng.integers(low, high, 2))

    return draw


def square_matrix(rng: Rng) -> Array:
    n = int(rng.integers(2, 6))
    return rng.standard_normal((n, n)) + 3 * np.eye(n)


def softmax(x: Array) -> Array:
    powers = np.exp(x - x.real.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def softmax_vjp(y_bar: Array, x: Array) -> Array:
    y = softmax(x)
    return y * (y_bar - (y_bar * y).sum(axis=-1, keepdims=True))


def logsumexp(x: Array) -> Array:
    top = x.real.max(axis=-1, keepdims=True)
    return np.log(np.exp(x - top).sum(axis=-1)) + top[..., 0]


def normalise(x: Array) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 0.1)


def normalise_vjp(y_bar: Array, x: Array, *, mean: bool = True, spread: bool = True) -> Array:
    y = normalise(x)
    inverse = 1 / np.sqrt(x.var(axis=-1, keepdims=True) + 0.1)
    inner = y_bar - mean * y_bar.mean(axis=-1, keepdims=True)
    return inverse * (inner - spread * y * (y_bar * y).mean(axis=-1, keepdims=True))


KERNEL = np.array([0.5, -1.0, 2.0])


def convolve(x: Array) -> Array:
    return KERNEL[0] * x[:-2] + KERNEL[1] * x[1:-1] + KERNEL[2] * x[2:]


def convolve_vjp(y_bar: Array, x: Array, kernel: Array = KERNEL) -> Array:
    x_bar = np.zeros_like(x)
    for i, weight in enumerate(kernel):
        x_bar[i : i + len(y_bar)] += weight * y_bar
    return x_bar


GATHERED = np.array([0, 2, 0, 1, 2, 0])


def gather_vjp(y_bar: Array, x: Array) -> Array:
    x_bar = np.zeros_like(x)
    np.add.at(x_bar, GATHERED, y_bar)
    return x_bar


def overwrite(y_bar: Array, x: Array) -> Array:
    x_bar = np.zeros_like(x)
    x_bar[GATHERED] = y_bar
    return x_bar


def product_vjp(y_bar: Array, x: Array) -> Array:
    others = [np.prod(np.delete(x, i)) for i in range(x.size)]
    return y_bar * np.array(others)


def with_zero(rng: Rng) -> Array:
    x = rng.standard_normal(5)
    x[int(rng.integers(0, 5))] = 0
    return x


def in_place(y_bar: Array, x: Array) -> Array:
    y_bar *= 2 * x
    return y_bar


def divided(y_bar: Array, x: Array) -> Array:
    with np.errstate(all="ignore"):
        return y_bar * np.prod(x) / x


WEIGHTS = np.arange(1.0, 21.0).reshape(4, 5) / 7
COLUMN = np.arange(1.0, 5.0)[:, None]

CARRIED = (
    *plant(
        Operation(
            name="sin",
            draw=matrix(),
            f=np.sin,
            vjp=lambda y_bar, x: y_bar * np.cos(x),
        ),
        Wrong(Bug.SIGN, "minus cos", lambda y_bar, x: -y_bar * np.cos(x)),
        Wrong(Bug.CHAIN, "sin for cos", lambda y_bar, x: y_bar * np.sin(x)),
        Wrong(Bug.CHAIN, "0 everywhere", lambda y_bar, x: np.zeros_like(x)),
        Wrong(Bug.CHECKER, "y_bar taken for ones", lambda y_bar, x: np.cos(x)),
        Wrong(Bug.CHECKER, "y_bar applied twice", lambda y_bar, x: y_bar**2 * np.cos(x)),
        Wrong(
            Bug.LAYOUT,
            "y_bar read in memory order",
            lambda y_bar, x: (
                np.lib.stride_tricks.as_strided(y_bar, y_bar.shape, x.copy().strides) * np.cos(x)
                if min(y_bar.strides, default=0) > 0
                else y_bar[..., ::-1] * np.cos(x)
            ),
        ),
        Wrong(
            Bug.ALIAS,
            "y_bar changed in place",
            lambda y_bar, x: np.multiply(y_bar, np.cos(x), out=y_bar),
        ),
    ),
    *plant(
        Operation(
            name="softmax",
            draw=matrix(2),
            f=softmax,
            vjp=softmax_vjp,
        ),
        Wrong(Bug.BROADCAST, "sum over the row missing", lambda y_bar, x: softmax(x) * y_bar),
        Wrong(
            Bug.CHAIN,
            "diagonal of the Jacobian only",
            lambda y_bar, x: y_bar * softmax(x) * (1 - softmax(x)),
        ),
        Wrong(
            Bug.INDEX,
            "sum over columns",
            lambda y_bar, x: softmax(x) * (y_bar - (y_bar * softmax(x)).sum(axis=0)),
        ),
        Wrong(
            Bug.CONSTANT,
            "mean for the sum",
            lambda y_bar, x: (
                softmax(x) * (y_bar - (y_bar * softmax(x)).mean(axis=-1, keepdims=True))
            ),
        ),
    ),
    *plant(
        Operation(
            name="logsumexp",
            draw=matrix(2),
            f=logsumexp,
            vjp=lambda y_bar, x: y_bar[:, None] * softmax(x),
        ),
        Wrong(
            Bug.CHAIN,
            "argmax for softmax",
            lambda y_bar, x: y_bar[:, None] * (x == x.max(axis=-1, keepdims=True)),
        ),
        Wrong(Bug.BROADCAST, "not broadcast back", lambda y_bar, x: y_bar.sum() * softmax(x)),
    ),
    *plant(
        Operation(
            name="normalise",
            draw=matrix(2),
            f=normalise,
            vjp=normalise_vjp,
        ),
        Wrong(
            Bug.CHAIN,
            "mean taken for a constant",
            lambda y_bar, x: normalise_vjp(y_bar, x, mean=False),
        ),
        Wrong(
            Bug.CHAIN,
            "variance taken for a constant",
            lambda y_bar, x: normalise_vjp(y_bar, x, spread=False),
        ),
        Wrong(
            Bug.INDEX,
            "variance along the other axis",
            lambda y_bar, x: normalise_vjp(y_bar.T, x.T).T,
        ),
    ),
    *plant(
        Operation(
            name="x W",
            draw=lambda rng: rng.standard_normal((int(rng.integers(1, 6)), 4)),
            f=lambda x: x @ WEIGHTS,
            vjp=lambda y_bar, x: y_bar @ WEIGHTS.T,
        ),
        Wrong(
            Bug.TRANSPOSE, "W in transposed order", lambda y_bar, x: y_bar @ WEIGHTS.reshape(5, 4)
        ),
        Wrong(
            Bug.INDEX,
            "W without its last column",
            lambda y_bar, x: y_bar[:, :-1] @ WEIGHTS[:, :-1].T,
        ),
        Wrong(Bug.CONSTANT, "times rows", lambda y_bar, x: (1 + len(x)) * (y_bar @ WEIGHTS.T)),
        Wrong(
            Bug.REPEATED,
            "one entry of W off by 1e-6",
            lambda y_bar, x: y_bar @ (WEIGHTS * (1 + 1e-6 * (WEIGHTS[2, 3] == WEIGHTS))).T,
        ),
    ),
    *plant(
        Operation(
            name="inverse",
            draw=square_matrix,
            f=np.linalg.inv,
            vjp=lambda y_bar, x: -np.linalg.inv(x).T @ y_bar @ np.linalg.inv(x).T,
        ),
        Wrong(
            Bug.TRANSPOSE,
            "transposes missing",
            lambda y_bar, x: -np.linalg.inv(x) @ y_bar @ np.linalg.inv(x),
        ),
        Wrong(Bug.SIGN, "sign", lambda y_bar, x: np.linalg.inv(x).T @ y_bar @ np.linalg.inv(x).T),
        Wrong(
            Bug.TRANSPOSE,
            "y_bar transposed",
            lambda y_bar, x: -np.linalg.inv(x).T @ y_bar.T @ np.linalg.inv(x).T,
        ),
    ),
    *plant(
        Operation(
            name="quadratic form",
            draw=square_matrix,
            f=lambda x: x @ x,
            vjp=lambda y_bar, x: y_bar @ x.T + x.T @ y_bar,
        ),
        Wrong(Bug.FAN_OUT, "second use forgotten", lambda y_bar, x: y_bar @ x.T),
        Wrong(Bug.TRANSPOSE, "one transpose missing", lambda y_bar, x: y_bar @ x + x.T @ y_bar),
    ),
    *plant(
        Operation(
            name="column broadcast",
            draw=lambda rng: rng.standard_normal((4, 1)),
            f=lambda x: x * WEIGHTS + COLUMN,
            vjp=lambda y_bar, x: (y_bar * WEIGHTS).sum(axis=1, keepdims=True),
        ),
        Wrong(Bug.BROADCAST, "not summed", lambda y_bar, x: y_bar * WEIGHTS),
        Wrong(
            Bug.BROADCAST,
            "summed over everything",
            lambda y_bar, x: np.full_like(x, (y_bar * WEIGHTS).sum()),
        ),
        Wrong(
            Bug.BROADCAST,
            "mean for the sum",
            lambda y_bar, x: (y_bar * WEIGHTS).mean(axis=1, keepdims=True),
        ),
    ),
    *plant(
        Operation(
            name="convolution",
            draw=lambda rng: rng.standard_normal(int(rng.integers(3, 9))),
            f=convolve,
            vjp=convolve_vjp,
        ),
        Wrong(
            Bug.INDEX, "kernel not flipped", lambda y_bar, x: convolve_vjp(y_bar, x, KERNEL[::-1])
        ),
        Wrong(Bug.INDEX, "shifted by one", lambda y_bar, x: np.roll(convolve_vjp(y_bar, x), 1)),
        Wrong(
            Bug.FAN_OUT, "the last write wins", lambda y_bar, x: np.pad(KERNEL[0] * y_bar, (0, 2))
        ),
    ),
    *plant(
        Operation(
            name="cumulative sum",
            draw=lambda rng: rng.standard_normal(int(rng.integers(2, 8))),
            f=np.cumsum,
            vjp=lambda y_bar, x: np.cumsum(y_bar[::-1])[::-1],
        ),
        Wrong(Bug.INDEX, "not reversed", lambda y_bar, x: np.cumsum(y_bar)),
        Wrong(
            Bug.INDEX,
            "without the entry itself",
            lambda y_bar, x: np.cumsum(y_bar[::-1])[::-1] - y_bar,
        ),
    ),
    *plant(
        Operation(
            name="gather",
            draw=lambda rng: rng.standard_normal(int(rng.integers(3, 7))),
            f=lambda x: x[GATHERED] ** 2,
            vjp=lambda y_bar, x: gather_vjp(2 * y_bar * x[GATHERED], x),
        ),
        Wrong(
            Bug.REPEATED,
            "repeated indices overwritten",
            lambda y_bar, x: overwrite(2 * y_bar * x[GATHERED], x),
        ),
        Wrong(
            Bug.TRANSPOSE,
            "gather for its adjoint",
            lambda y_bar, x: np.resize(y_bar, x.shape) * 2 * x,
        ),
    ),
    *plant(
        Operation(
            name="product",
            draw=with_zero,
            f=lambda x: np.asarray(np.prod(x)),
            vjp=product_vjp,
        ),
        Wrong(Bug.SINGULAR, "divided by an entry that is 0", divided),
        Wrong(
            Bug.SINGULAR,
            "0/0 replaced by 0",
            lambda y_bar, x: np.nan_to_num(divided(y_bar, x), posinf=0, neginf=0),
        ),
    ),
    *plant(
        Operation(
            name="square root of the selected",
            draw=matrix(2),
            f=lambda x: np.where(x.real > 0, np.sqrt(np.where(x.real > 0, x, 1)), 0),
            vjp=lambda y_bar, x: y_bar * np.where(x > 0, 0.5 / np.sqrt(np.where(x > 0, x, 1)), 0),
        ),
        Wrong(
            Bug.MASK,
            "nan out of the branch not taken",
            lambda y_bar, x: y_bar * (x > 0) * 0.5 / np.sqrt(x),
        ),
        Wrong(
            Bug.MASK,
            "branch not taken has a gradient",
            lambda y_bar, x: y_bar * 0.5 / np.sqrt(np.abs(x)),
        ),
    ),
    *plant(
        Operation(
            name="norm",
            draw=matrix(2),
            f=lambda x: np.sqrt((x**2).sum(axis=-1)),
            vjp=lambda y_bar, x: y_bar[:, None] * x / np.sqrt((x**2).sum(axis=-1, keepdims=True)),
        ),
        Wrong(Bug.CHAIN, "norm not divided by", lambda y_bar, x: y_bar[:, None] * x),
        Wrong(
            Bug.INDEX,
            "norm of the whole",
            lambda y_bar, x: y_bar[:, None] * x / np.linalg.norm(x[:, :-1]),
        ),
    ),
    *plant(
        Operation(
            name="square",
            draw=matrix(),
            f=np.square,
            vjp=lambda y_bar, x: 2 * y_bar * x,
        ),
        Wrong(Bug.CONSTANT, "factor 2 missing", lambda y_bar, x: y_bar * x),
        Wrong(Bug.ALIAS, "y_bar doubled in place", in_place),
        Wrong(Bug.EMPTY, "size-1 axes squeezed", lambda y_bar, x: np.squeeze(2 * y_bar * x)),
        Wrong(
            Bug.DTYPE,
            "float32 inside",
            lambda y_bar, x: (2 * y_bar * x).astype(np.float32).astype(float),
        ),
    ),
    *plant(
        Operation(
            name="leaky ReLU",
            draw=matrix(2),
            f=lambda x: np.where(x.real > 0, x, 0.1 * x),
            vjp=lambda y_bar, x: y_bar * np.where(x > 0, 1, 0.1),
        ),
        Wrong(Bug.CHAIN, "slope 0 on the left", lambda y_bar, x: y_bar * (x > 0)),
        Wrong(Bug.CHAIN, "slope of y_bar", lambda y_bar, x: y_bar * np.where(y_bar > 0, 1, 0.1)),
    ),
)
