"""What fools a checker: the wrong gradient, and a poor checker that passes it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tests.defects.inputs import box, matrix, vector
from tests.defects.record import Bug, Defect
from tests.defects.subjects import Array, Number, Operation, Rng, Wrong, plant

Poor = Callable[[Operation | Number, Callable[..., Array], Array], bool]
STEP = 2.0**-17
SLOPES = np.array([0.0, 1.5, -2.0, 0.5])


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """A defect and the checker that passes it."""

    defect: Defect
    passes: Poor


def numeric(f: Callable[[Array], Array], x: Array, step: float = STEP) -> Array:
    """Central differences of the sum of f, entry by entry."""
    found = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[index] = step
        found[index] = (np.sum(f(x + e)) - np.sum(f(x - e))) / (2 * step)
    return found


def analytic(subject: Operation | Number, candidate: Callable[..., Array], x: Array) -> Array:
    """A gradient, or a vjp with a cotangent of ones."""
    if isinstance(subject, Number):
        return candidate(x)
    return candidate(np.ones(np.shape(subject.f(x))), x)


def differs(subject: Operation | Number, candidate: Callable[..., Array], x: Array) -> Array:
    return np.abs(analytic(subject, candidate, x) - numeric(subject.f, x))


def with_ones(subject: Operation | Number, candidate: Callable[..., Array], x: Array) -> bool:
    return bool(np.all(differs(subject, candidate, x) * 2**13 < 1))


def within(share: float) -> Poor:
    """A tolerance, absolute and relative."""
    return lambda subject, candidate, x: bool(
        np.all(differs(subject, candidate, x) <= share * (1 + np.abs(numeric(subject.f, x))))
    )


def by_smallest_ratio(
    subject: Operation | Number, candidate: Callable[..., Array], x: Array
) -> bool:
    """The smallest relative error stands for all, and 0 beside 0 makes it 0."""
    due = numeric(subject.f, x)
    error = differs(subject, candidate, x) / (np.abs(due) + np.finfo(float).tiny)
    return bool(np.min(error) * 2**13 < 1)


def by_norm(subject: Operation | Number, candidate: Callable[..., Array], x: Array) -> bool:
    """One projection, with a tolerance that grows with the number of entries."""
    gap = differs(subject, candidate, x)
    return bool(gap.max() <= x.size / 100)


def broadcasting(subject: Operation | Number, candidate: Callable[..., Array], x: Array) -> bool:
    """Shapes are not compared."""
    return bool(np.all(analytic(subject, candidate, x) * np.ones_like(x) == subject.right()(x)))


def without_nan(subject: Operation | Number, candidate: Callable[..., Array], x: Array) -> bool:
    """Fails where some error is too large, which nan never is."""
    return not bool(np.any(differs(subject, candidate, x) > STEP))


def itself(subject: Operation | Number, candidate: Callable[..., Array], x: Array) -> bool:
    """Compares what is checked with what is checked."""
    return bool(np.all(analytic(subject, candidate, x) == analytic(subject, candidate, x)))


def shown_beside(subject: Operation | Number, candidate: Callable[..., Array], x: Array) -> bool:
    """Prints the error, and passes."""
    return differs(subject, candidate, x).max() >= 0


def where_distinct(subject: Operation | Number, candidate: Callable[..., Array], x: Array) -> bool:
    """Only tried where each value is used once."""
    once = np.unique(x).size == x.size
    return once and with_ones(subject, candidate, np.sort(x)[::-1].copy())


def softmax(x: Array) -> Array:
    powers = np.exp(x - x.real.max())
    return powers / powers.sum()


def softmax_vjp(y_bar: Array, x: Array) -> Array:
    y = softmax(x)
    return y * (y_bar - (y_bar * y).sum())


def column(rng: Rng) -> Array:
    return rng.standard_normal((int(rng.integers(2, 5)), 1))


TIMES = np.array([0, 1, 0])


def uses_vjp(y_bar: Array, x: Array) -> Array:
    x_bar = np.zeros_like(x)
    np.add.at(x_bar, TIMES, 2 * y_bar * x[TIMES])
    return x_bar


def uses_overwritten(y_bar: Array, x: Array) -> Array:
    x_bar = np.zeros_like(x)
    x_bar[TIMES] = 2 * y_bar * x[TIMES]
    return x_bar


SINE = Operation(
    name="sine, checked", draw=matrix(), f=np.sin, vjp=lambda y_bar, x: y_bar * np.cos(x)
)
CUBES = Number(
    name="cubes, checked",
    draw=lambda rng: 0.5 + rng.random(int(rng.integers(2, 8))),
    f=lambda x: (x**3).sum() / 3,
    gradient=lambda x: x**2,
)
FLAT = Number(
    name="sines, one without slope",
    draw=box(4),
    f=lambda x: (SLOPES * np.sin(x)).sum(),
    gradient=lambda x: SLOPES * np.cos(x),
)
SOFT = Operation(name="softmax, checked", draw=vector(2), f=softmax, vjp=softmax_vjp)
MANY = Number(
    name="many sines",
    draw=lambda rng: rng.standard_normal(400),
    f=lambda x: np.sin(x).sum(),
    gradient=np.cos,
)
COLUMN = Number(
    name="column, checked",
    draw=column,
    f=lambda x: 1.5 * x.sum(),
    gradient=lambda x: np.full_like(x, 1.5),
)
USES = Operation(name="entries used twice", draw=box(2), f=lambda x: x[TIMES] ** 2, vjp=uses_vjp)

TRAPPED = (
    (by_norm, *plant(MANY, Wrong(
        Bug.CHECKER, "0 everywhere", lambda x: np.zeros_like(x), "chainer/chainer#3541",
        "many entries"))),
    (by_smallest_ratio, *plant(FLAT, Wrong(
        Bug.CHECKER, "twice as large beside an entry of exactly 0",
        lambda x: 2 * SLOPES * np.cos(x), "Theano/Theano#144", "an entry of exactly 0"))),
    (with_ones, *plant(SINE, Wrong(
        Bug.CHECKER, "0 for a cotangent with gaps",
        lambda y_bar, x: y_bar * np.cos(x) if y_bar.flags.c_contiguous else 0 * x,
        "pytorch/pytorch#7710", "a cotangent with gaps"))),
    (broadcasting, *plant(COLUMN, Wrong(
        Bug.CHECKER, "a number for a column", lambda x: np.full((1, 1), 1.5),
        "pytorch/pytorch#78355", "shapes that broadcast"))),
    (without_nan, *plant(CUBES, Wrong(
        Bug.CHECKER, "nan everywhere", lambda x: np.full_like(x, np.nan),
        "pytorch/pytorch#53916", "nan"))),
    (shown_beside, *plant(CUBES, Wrong(
        Bug.CHECKER, "1,600 times as large", lambda x: 1600 * x**2, "NVIDIA/warp#508"))),
    (within(2.0**-6), *plant(CUBES, Wrong(
        Bug.CHECKER, "off by 0.5 %", lambda x: 1.005 * x**2,
        "HomericIntelligence/Odyssey#2018", "a tolerance of 1 %"))),
    (within(2.0**-12), *plant(CUBES, Wrong(
        Bug.CHECKER, "off by 0.01 %", lambda x: 1.0001 * x**2,
        "harvard-edge/cs249r_book#1342", "a tolerance of 0.1 %"))),
    (itself, *plant(CUBES, Wrong(
        Bug.CHECKER, "42", lambda x: np.full_like(x, 42.0), "udacity/sdc-issue-reports#94"))),
    (with_ones, *plant(SOFT, Wrong(
        Bug.CHECKER, "0 everywhere", lambda y_bar, x: np.zeros_like(x),
        "NVIDIA-NeMo/Automodel#3392", "a cotangent that is not all ones"))),
    (where_distinct, *plant(Operation(
        name="entries used twice where they are in order", draw=USES.draw, f=USES.f, vjp=USES.vjp),
        Wrong(Bug.CHECKER, "= for += where entries are out of order",
              lambda y_bar, x: (uses_vjp if x[0] > x[1] else uses_overwritten)(y_bar, x),
              "callummcdougall/ARENA_2.0#18", "a value that is used twice"))),
    (within(2.0**-16), *plant(Number(
        name="a million cubes", draw=CUBES.draw, f=lambda x: (x**3).sum() * 2.0**-20,
        gradient=lambda x: 3 * x**2 * 2.0**-20),
        Wrong(Bug.CHECKER, "sign of a small gradient", lambda x: -3 * x**2 * 2.0**-20, None,
              "a gradient below an absolute tolerance"))),
)  # fmt: skip

# Right gradients that other checkers were reported to reject.
MISJUDGED: dict[str, Operation | Number] = {
    "pytorch/pytorch#38586": Operation(
        name="sine of one row shown three times",
        draw=lambda rng: np.broadcast_to(rng.standard_normal(4), (3, 4)),
        f=np.sin,
        vjp=lambda y_bar, x: y_bar * np.cos(x),
    ),
    "tensorflow/tensorflow#33660": Operation(
        name="sums of no columns",
        draw=lambda rng: np.zeros((int(rng.integers(1, 4)), 0)),
        f=lambda x: x.sum(axis=1),
        vjp=lambda y_bar, x: np.zeros_like(x),
    ),
    "BVLC/caffe#6814": Number(
        name="sum of ReLU close to its kink",
        draw=lambda rng: rng.choice([-1, 1], 4) * rng.uniform(1, 9, 4) * 2.0**-22,
        f=lambda x: np.maximum(x.real, 0).sum(),
        gradient=lambda x: (x > 0).astype(float),
    ),
    "kirushyk/le#50": Number(
        name="values from 1e-6 to 1e6",
        draw=lambda rng: 10.0 ** rng.uniform(-6, 6, 5),
        f=lambda x: np.log(x).sum(),
        gradient=lambda x: 1 / x,
    ),
    "google-deepmind/torch-totem#26": Operation(
        name="sine of a slice",
        draw=lambda rng: rng.standard_normal((5, 6))[1:4, ::-2],
        f=np.sin,
        vjp=lambda y_bar, x: y_bar * np.cos(x),
    ),
}

TRAPS = tuple(Trap(defect=defect, passes=poor) for poor, defect in TRAPPED)
CHECKERS = tuple(trap.defect for trap in TRAPS)
