"""Defects that no report lists: wrong in few places or regimes; and what nobody can see."""

import numpy as np

from tests.defects.inputs import vector
from tests.defects.record import Bug, Defect
from tests.defects.subjects import Array, Number, Operation, Rng, Wrong, plant

CHUNK = 64
SCALES = np.array([1.0, 1.0, 2.0**-40])


def long_vector(rng: Rng) -> Array:
    return rng.standard_normal(int(rng.integers(60, 300)))


def some_whole(rng: Rng) -> Array:
    x = rng.standard_normal(5)
    x[rng.random(5) < 0.5] = np.round(3 * x[rng.random(5) < 0.5]).sum()
    return x


def close_pair(rng: Rng) -> Array:
    return np.concatenate([[0.3, 0.3 + 2.0**-30], rng.standard_normal(4)])


def sines(x: Array) -> object:
    return np.sin(x).sum()


def last_chunk(x: Array) -> Array:
    g, whole = np.cos(x), len(x) // CHUNK * CHUNK
    g[whole:] *= 1.001
    return g


def one_entry(factor: float) -> object:
    return lambda x: np.cos(x) * np.where(np.arange(x.size) == x.size // 2, factor, 1.0)


def swapped(x: Array) -> Array:
    return np.cos(x)[[1, 0, *range(2, x.size)]]


def counted(limit: int) -> object:
    """Right up to so many calls, twice as large from there on."""

    def make() -> object:
        calls = [0]

        def gradient(x: Array) -> Array:
            calls[0] += 1
            return np.cos(x) * (1.0 + (calls[0] > limit))

        return gradient

    return make


SINES = Number(name="sum of sines", draw=vector(2), f=sines, gradient=np.cos)
LONG = Number(name="long sum of sines", draw=long_vector, f=sines, gradient=np.cos)
WHOLE = Number(name="sines, some at whole numbers", draw=some_whole, f=sines, gradient=np.cos)
CLOSE = Number(name="sines of a close pair", draw=close_pair, f=sines, gradient=np.cos)
VALUES = Operation(
    name="sines one by one", draw=vector(2), f=np.sin, vjp=lambda y_bar, x: y_bar * np.cos(x)
)
SORTED = Operation(
    name="sorted entries",
    draw=vector(3),
    f=lambda x: np.sort(x.real),
    vjp=lambda y_bar, x: y_bar[np.argsort(np.argsort(x))],
)
FOURIER = Operation(
    name="real part of the Fourier sum",
    draw=vector(3),
    f=lambda x: np.real(np.fft.fft(np.real(x))),
    vjp=lambda y_bar, x: np.real(np.fft.fft(y_bar)),
)
GROWTH = Number(
    name="x exp(x)",
    draw=vector(2),
    f=lambda x: (x * np.exp(x)).sum(),
    gradient=lambda x: np.exp(x) * (1 + x),
)
UNEQUAL = Number(
    name="sines of very unequal weight",
    draw=lambda rng: rng.standard_normal(3),
    f=lambda x: (SCALES * np.sin(x)).sum(),
    gradient=lambda x: SCALES * np.cos(x),
)

UNLISTED = (
    *plant(
        LONG,
        Wrong(Bug.INDEX, "last incomplete chunk of 64 off by 0.1 %", last_chunk, None,
              "a length that is no multiple of 64"),
        Wrong(Bug.CHAIN, "wrong between 0.5 and 0.6",
              lambda x: np.cos(x) * np.where((x > 0.5) & (x < 0.6), 1.1, 1), None,
              "an entry in between"),
    ),
    *plant(
        SINES,
        Wrong(Bug.CHAIN, "wrong for negative entries",
              lambda x: np.cos(x) * np.where(x < 0, 1.01, 1), None, "a negative entry"),
        Wrong(Bug.CHAIN, "wrong where the sum exceeds 2",
              lambda x: np.cos(x) * (1 + (x.sum() > 2)), None, "a sum above 2"),
        Wrong(Bug.INDEX, "every other entry off by 1e-7 at odd lengths",
              lambda x: np.cos(x) * np.where((np.arange(x.size) % 2 == 0) & (x.size % 2 == 1),
                                             1 + 1e-7, 1), None, "an odd length"),
        Wrong(Bug.SATURATION, "forward difference with a step of 1e-6",
              lambda x: (np.sin(x + 1e-6) - np.sin(x)) / 1e-6),
        Wrong(Bug.CONSTANT, "errors that add up to 0",
              lambda x: np.cos(x) + 1e-6 * (np.arange(x.size) - (x.size - 1) / 2)),
        Wrong(Bug.RANDOM, "twice as large from the fifth call on", counted(4), None,
              "five calls", fresh=True),
    ),
    *plant(
        WHOLE,
        Wrong(Bug.SINGULAR, "wrong at whole numbers only",
              lambda x: np.cos(x) * np.where(x == np.round(x), 2, 1), None, "a whole number"),
    ),
    *plant(
        CLOSE,
        Wrong(Bug.INDEX, "two nearly equal entries swapped", swapped, None,
              "entries that differ by 1e-9"),
    ),
    *plant(
        VALUES,
        Wrong(Bug.CHECKER, "size of the cotangent", lambda y_bar, x: np.abs(y_bar) * np.cos(x)),
        Wrong(Bug.SATURATION, "cotangent clipped at 1",
              lambda y_bar, x: np.clip(y_bar, -1, 1) * np.cos(x), None, "a cotangent above 1"),
        Wrong(Bug.SATURATION, "cotangent clipped at 2",
              lambda y_bar, x: np.clip(y_bar, -2, 2) * np.cos(x), None, "a cotangent above 2"),
        Wrong(Bug.SATURATION, "cotangent clipped at 100",
              lambda y_bar, x: np.clip(y_bar, -100, 100) * np.cos(x), None,
              "a cotangent above 100"),
    ),
    *plant(
        SORTED,
        Wrong(Bug.TRANSPOSE, "permutation for its inverse",
              lambda y_bar, x: y_bar[np.argsort(x)], None, "a permutation of order 3"),
    ),
    *plant(
        FOURIER,
        Wrong(Bug.TRANSPOSE, "inverse transform for the adjoint",
              lambda y_bar, x: np.real(np.fft.ifft(y_bar))),
    ),
    *plant(
        GROWTH,
        Wrong(Bug.CHAIN, "one factor taken for a constant", lambda x: np.exp(x) * x),
    ),
)  # fmt: skip

# What no comparison of values can see, and why; each of them agrees, with its resolution beside.
BEYOND: tuple[tuple[Defect, str], ...] = tuple(
    zip(
        (
            *plant(
                SINES,
                Wrong(Bug.CHAIN, "wrong beyond 100",
                      lambda x: np.cos(x) * np.where(np.abs(x) > 100, 2, 1)),
                Wrong(Bug.RANDOM, "wrong from the thousandth call on", counted(1000), fresh=True),
                Wrong(Bug.CONSTANT, "one entry off by 1e-15", one_entry(1 + 1e-15)),
            ),
            *plant(
                UNEQUAL,
                Wrong(Bug.CONSTANT, "0.01 % of an entry a million million times smaller",
                      lambda x: SCALES * np.array([1, 1, 1.0001]) * np.cos(x)),
            ),
        ),
        (
            "the answer speaks of the given point and of one near by",
            "a check calls the gradient some ten times",
            "less than the last digit of a double",
            "below the resolution that the answer states",
        ),
        strict=True,
    )
)  # fmt: skip
