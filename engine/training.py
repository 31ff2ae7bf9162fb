"""Gradient descent, on all samples at once or on one batch after another."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

import numpy as np

from engine.arrays import DTYPES, Array, ParameterList, Parameters, check_real, check_whole, quiet
from engine.errors import DivergenceError, DtypeError, SettingError
from engine.network import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of training: its number and epoch, from 1, and the loss of its batch before it."""

    number: int
    epoch: int
    loss: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """Trained parameters, and the loss of each step's batch before the step was taken."""

    parameters: ParameterList
    losses: tuple[float, ...]


def initial_parameters(
    widths: Sequence[int], rng: np.random.Generator, dtype: type[np.floating] = np.float64
) -> ParameterList:
    """Random weights whose variance is 2 / (inputs + outputs) of the layer, and biases of 0.

    Shapes: for ``widths`` d[0], ..., d[N]: W[l] (d[l-1], d[l]) and b[l] (1, d[l]).
    Source: Glorot and Bengio, AISTATS (2010), for the variance.
    Raises: SettingError if there are fewer than two widths, or one is below 1; DtypeError.

    >>> [(W, b)] = initial_parameters((2, 3), np.random.default_rng(0))
    >>> W.shape, b.tolist()
    ((2, 3), [[0.0, 0.0, 0.0]])
    """
    for width in widths:
        check_whole("initial_parameters", "a width", width)
    check_generator("initial_parameters", rng)
    if dtype not in DTYPES:
        raise DtypeError(
            f"initial_parameters: dtype is {np.dtype(dtype)}, but should be float64 or float32"
        )
    if len(widths) < 2 or min(widths) < 1:
        raise SettingError(
            f"initial_parameters: widths are {list(widths)}, "
            "but should be two or more, each at least 1"
        )
    return [
        (
            (rng.standard_normal((before, after)) * np.sqrt(2 / (before + after))).astype(dtype),
            np.zeros((1, after), dtype),
        )
        for before, after in pairwise(widths)
    ]


def train(
    network: Network,
    parameters: Parameters,
    X: Array,
    Y: Array,
    *,
    rate: float,
    epochs: int,
    batch_size: int | None = None,
    rng: np.random.Generator | None = None,
    on_step: Callable[[Step], None] | None = None,
) -> Training:
    """Parameters after ``epochs`` passes over the samples, by ``W - rate * dW`` a step.

    Without ``batch_size`` each step sees all samples.  With it, ``rng`` shuffles them anew in each
    epoch, and the last batch may be a smaller one.  ``on_step`` is called after each step.

    Shapes: ``X`` (m, d[0]), ``Y`` (m, d[N]).
    Source: training/formulas.md, the update rules.
    Units: ``rate`` in squared units of a parameter per unit of the loss.
    Raises: EngineError for bad input; DivergenceError where the loss or a parameter stops being a
        finite number.

    >>> X, Y = np.array([[-1.0], [1.0]]), np.array([[0.0], [1.0]])
    >>> start = [(np.zeros((1, 1)), np.zeros((1, 1)))]
    >>> train(Network(), start, X, Y, rate=4.0, epochs=1).parameters[0][0].tolist()
    [[2.0]]
    """
    _check_settings(rate, epochs, batch_size, rng)
    layers, X, Y = network.check("train", parameters, X, Y)
    layers = [(W.copy(), b.copy()) for W, b in layers]
    losses: list[float] = []
    for epoch in range(1, epochs + 1):
        for rows in _batches(len(X), batch_size, rng):
            value, gradients = network.loss_and_gradients(layers, X[rows], Y[rows])
            step = Step(number=len(losses) + 1, epoch=epoch, loss=value)
            _descend(layers, gradients, rate, step, tuple(losses))
            losses.append(value)
            if on_step is not None:
                on_step(step)
    return Training(parameters=layers, losses=tuple(losses))


def _check_settings(
    rate: float, epochs: int, batch_size: int | None, rng: np.random.Generator | None
) -> None:
    check_real("train", "rate", rate)
    check_whole("train", "epochs", epochs)
    if batch_size is not None:
        check_whole("train", "batch_size", batch_size)
    if rng is not None:
        check_generator("train", rng)
    if not 0 < rate < inf:
        raise SettingError(f"train: rate is {rate}, but should be positive and finite")
    if epochs < 0:
        raise SettingError(f"train: epochs is {epochs}, but should be 0 or more")
    if batch_size is not None and batch_size < 1:
        raise SettingError(f"train: batch_size is {batch_size}, but should be at least 1")
    if batch_size is not None and rng is None:
        raise SettingError("train: batches need an rng; pass rng=numpy.random.default_rng(SEED)")


def check_generator(speaker: str, rng: object) -> None:
    """Raises: SettingError if it is no generator of random numbers."""
    if not isinstance(rng, np.random.Generator):
        raise SettingError(
            f"{speaker}: rng is {rng!r}, but should be a numpy.random.Generator; "
            "pass numpy.random.default_rng(SEED)"
        )


def _batches(
    samples: int, batch_size: int | None, rng: np.random.Generator | None
) -> Iterator[slice | np.ndarray]:
    if batch_size is None or rng is None:
        yield slice(None)
        return
    order = rng.permutation(samples)
    for start in range(0, samples, batch_size):
        yield order[start : start + batch_size]


@quiet
def _descend(
    layers: ParameterList,
    gradients: ParameterList,
    rate: float,
    step: Step,
    losses: tuple[float, ...],
) -> None:
    """Take the step, in the arrays of ``layers``.

    Source: training/formulas.md, W = W - alpha dL/dW and b = b - alpha dL/db.
    """
    remedy = f"at step {step.number}; lower the rate, which is {rate}"
    if not np.isfinite(step.loss):
        raise DivergenceError(f"train: the loss is {step.loss} {remedy}", losses)
    for layer, ((W, b), (dW, db)) in enumerate(zip(layers, gradients, strict=True), start=1):
        for name, value, gradient in ((f"W[{layer}]", W, dW), (f"b[{layer}]", b, db)):
            gradient *= rate
            value -= gradient
            if not np.isfinite(value).all():
                raise DivergenceError(
                    f"train: {name} leaves the range of {value.dtype} {remedy}", losses
                )
