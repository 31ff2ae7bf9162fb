"""How far rounding may take an engine: a running-error bound for the sigmoid network.

The bound holds for every engine that multiplies matrices in some order of summation, evaluates
exp to within an ulp, and computes the loss from the logits.  It carries the error of the forward
pass through Z and A, the terms of second order, and a floor for what underflows.

Two kinds of engine are told apart.  A *careful* one evaluates 1 - A without cancellation, as
sigmoid(-Z), so that A - Y and A (1 - A) keep their leading digits where A is close to 1.  A plain
one subtracts, and has there an absolute error of the size of eps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating[Any]]
Double: TypeAlias = NDArray[np.float64]
Parameters: TypeAlias = Sequence[tuple[Array, Array]]

# exp to an ulp (eps), then 1 + e and the quotient (eps / 2 each).
SIGMOID_ULPS = 2
# exp to an ulp, 1 / (1 + e) in both factors, and the products, of eps / 2 each.
SLOPE_ULPS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ball:
    """A value near the exact one; ``error`` bounds how far it, and any engine's, may be from it."""

    value: Double
    error: Double

    @property
    def reach(self) -> Double:
        """The largest absolute value that an engine may have computed."""
        return np.abs(self.value) + 2 * self.error


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningError:
    """Bounds on |computed - exact|, in the shapes of what an engine returns; inf where none holds.

    ``A`` has the activations A[0..N], ``gradients`` the pairs (dW[l], db[l]).
    """

    A: list[Double]
    loss: float
    gradients: list[tuple[Double, Double]]


def running_error(
    parameters: Parameters,
    X: Array,
    Y: Array,
    *,
    careful: bool = False,
    floor: float | None = None,
) -> RunningError:
    """The bound for one network and one set of samples, in the precision of ``X``.

    ``floor`` is what a single operation may lose to underflow: the smallest normal number, unless
    what is bounded was computed at another scale.

    Shapes: ``X`` (m, d[0]), ``Y`` (m, d[N]), ``parameters`` as the engine takes them.
    """
    info = np.finfo(X.dtype)
    lost = float(info.tiny) if floor is None else floor
    rounding = _Rounding(eps=float(info.eps), floor=lost, careful=careful)
    layers = [(np.asarray(W, float), np.asarray(b, float)) for W, b in parameters]
    labels = np.asarray(Y, float)
    with np.errstate(all="ignore"):
        Z, A = rounding.forward(layers, np.asarray(X, float))
        error = rounding.output_error(Z[-1], A[-1], labels)
        gradients = []
        for layer in range(len(layers), 0, -1):
            gradients.append(rounding.gradients(A[layer - 1], error))
            if layer > 1:
                W = layers[layer - 1][0]
                error = rounding.hidden_error(error, W, Z[layer - 1], A[layer - 1])
        return RunningError(
            A=[_settled(ball.error) for ball in A],
            loss=float(_settled(rounding.loss(Z[-1], labels))),
            gradients=[(_settled(dW), _settled(db)) for dW, db in reversed(gradients)],
        )


@dataclass(frozen=True, slots=True)
class _Rounding:
    eps: float
    floor: float
    careful: bool

    def gamma(self, operations: int) -> float:
        """Bound on the relative error that so many roundings build up; one more for our own."""
        share = (operations + 1) * self.eps / 2
        return share / (1 - share)

    def product(self, left: Ball, right: Ball) -> Ball:
        """Matrix product, summed in any order."""
        terms = left.value.shape[1]
        error = (
            left.error @ right.reach
            + left.reach @ right.error
            + self.gamma(terms + 2) * (left.reach @ right.reach)
            + terms * self.floor
        )
        return Ball(value=left.value @ right.value, error=error)

    def forward(
        self, layers: list[tuple[Double, Double]], X: Double
    ) -> tuple[list[Ball], list[Ball]]:
        Z, A = [_exact(X)], [_exact(X)]
        for W, b in layers:
            ball = self.product(A[-1], _exact(W))
            value = ball.value + b
            error = ball.error + self.gamma(1) * (ball.reach + np.abs(b))
            Z.append(Ball(value=value, error=error))
            A.append(self.sigmoid(Z[-1]))
        return Z, A

    def sigmoid(self, Z: Ball) -> Ball:
        highest = _sigmoid(Z.value + 2 * Z.error)
        error = Z.error * _bell(_nearest_to_zero(Z)) + SIGMOID_ULPS * self.eps * highest
        # Both are between 0 and 1, so no error is larger than 1.
        return Ball(value=_sigmoid(Z.value), error=np.minimum(error, 1) + self.floor)

    def output_error(self, Z: Ball, A: Ball, Y: Double) -> Ball:
        """(A - Y) / m."""
        value = _sigmoid(Z.value) - Y
        if self.careful:
            value = np.where(Z.value > 0, (1 - Y) - _sigmoid(-Z.value), value)
            tail = _sigmoid(-_nearest_to_zero(Z))
            error = Z.error * _bell(_nearest_to_zero(Z)) + SIGMOID_ULPS * self.eps * tail
            error += self.eps / 2 * np.where(Z.value + 2 * Z.error > 0, 1 - Y, 0) + self.floor
        else:
            error = A.error
        error = error + self.gamma(2) * (np.abs(value) + 2 * error)
        return Ball(value=value / len(Y), error=error / len(Y) + self.floor)

    def slope(self, Z: Ball, A: Ball) -> Ball:
        """A (1 - A)."""
        highest = _bell(_nearest_to_zero(Z))
        # The derivative of the slope is at most the slope.
        error = Z.error * highest + SLOPE_ULPS * self.eps * highest
        if not self.careful:
            complement = np.abs(_sigmoid(-Z.value)) + 2 * A.error
            error = error + A.error * (A.reach + complement)
        return Ball(value=_bell(np.abs(Z.value)), error=error + self.floor)

    def hidden_error(self, error: Ball, W: Double, Z: Ball, A: Ball) -> Ball:
        """(error @ W.T) * A (1 - A)."""
        back = self.product(error, _exact(W.T))
        slope = self.slope(Z, A)
        total = back.error * slope.reach + back.reach * slope.error
        total = total + self.gamma(3) * back.reach * slope.reach + self.floor
        return Ball(value=back.value * slope.value, error=total)

    def gradients(self, A: Ball, error: Ball) -> tuple[Double, Double]:
        ones = np.ones((1, len(error.value)))
        transposed = Ball(value=A.value.T, error=A.error.T)
        return self.product(transposed, error).error, self.product(_exact(ones), error).error

    def loss(self, Z: Ball, Y: Double) -> Double:
        """abs(Z) abs([Z > 0] - Y) + log1p(exp(-abs(Z))), summed, over m."""
        near, far = _nearest_to_zero(Z), np.abs(Z.value) + 2 * Z.error
        above, below = Z.value + 2 * Z.error > 0, Z.value - 2 * Z.error <= 0
        distance = np.maximum(np.where(above, 1 - Y, 0), np.where(below, Y, 0))
        tail = np.log1p(np.exp(-near))
        terms = far * distance + tail
        # A plain engine has max(Z, 0) - Y Z instead, and cancels.
        rounded = terms if self.careful else far * (1 + Y) + tail
        moved = np.minimum(Z.error * (distance + _sigmoid(-near)), far * distance + tail)
        error = moved + 4 * self.eps * rounded + self.floor
        roundings = self.gamma(Y.size + 1) * (terms + error)
        return np.asarray((error + roundings).sum() / len(Y) + self.floor)


def _exact(value: Double) -> Ball:
    return Ball(value=value, error=np.zeros_like(value))


def _sigmoid(Z: Double) -> Double:
    tail = np.exp(-np.abs(Z))
    quotient: Double = np.where(Z > 0, 1, tail) / (1 + tail)
    return quotient


def _bell(size: Double) -> Double:
    """sigmoid'(Z) from abs(Z)."""
    tail = np.exp(-size)
    slope: Double = tail / (1 + tail) ** 2
    return slope


def _nearest_to_zero(Z: Ball) -> Double:
    """The smallest abs(Z) that the ball, twice as wide, has room for."""
    return np.maximum(np.abs(Z.value) - 2 * Z.error, 0)


def _settled(bound: Double) -> Double:
    return np.where(np.isnan(bound), np.inf, bound)
