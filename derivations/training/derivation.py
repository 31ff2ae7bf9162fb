"""Each formula of the document in SymPy, by hand, in index notation.

Samples are rows: i counts samples, p the units before a layer, q its own units.  The loss sums
over outputs and is the mean over samples.  Nothing here is read from the page; a test holds
what the reader makes of each printed formula against it.

Source: training/formulas.md; the number behind a name is the formula's line in the post.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..symbolic.atoms import Sigmoid
from ..symbolic.indices import ZERO, added, array, fresh, size


def X(i: Any, p: Any) -> Any:
    return array("X", None)[i, p]


def Y(i: Any, q: Any) -> Any:
    return array("Y", None)[i, q]


def W(layer: int, p: Any, q: Any) -> Any:
    return array("W", layer)[p, q]


def A(layer: int, i: Any, q: Any) -> Any:
    return array("A", layer)[i, q]


def Z(layer: int, i: Any, q: Any) -> Any:
    return array("Z", layer)[i, q]


def cotangent(name: str, layer: int, i: Any, q: Any) -> Any:
    """The derivative of the loss by one entry, as a symbol."""
    return array("cotangent", name, layer)[i, q]


def over(name: str, body: Any) -> Any:
    """The sum over an axis of that size of a body that takes the index."""
    index = fresh(name)
    return added(body(index), index, name)


# -- the loss (124) and its slopes -------------------------------------------------
def loss(layer: int) -> Any:
    """Mean over samples, sum over outputs, of the binary cross-entropy."""

    def entry(i: Any, q: Any) -> Any:
        return Y(i, q) * sp.log(A(layer, i, q)) + (1 - Y(i, q)) * sp.log(1 - A(layer, i, q))

    return -over("m", lambda i: over("k", lambda q: entry(i, q))) / size("m")


def sigmoid_slope(z: Any) -> Any:
    """The sigmoid's derivative by itself: s (1 - s)."""
    return Sigmoid(z) * (1 - Sigmoid(z))


def loss_by_A(layer: int, i: Any, q: Any) -> Any:
    """dL/dA of the last layer."""
    y, a = Y(i, q), A(layer, i, q)
    return (-y / a + (1 - y) / (1 - a)) / size("m")


def loss_by_Z(layer: int, i: Any, q: Any) -> Any:
    """dL/dZ of the last layer: the two fractions and the sigmoid's slope come to A - Y."""
    return (A(layer, i, q) - Y(i, q)) / size("m")


# -- one layer: the chain (151, 167), its factors put in (155, 171), simplified (159, 175) --
def chain_W(p: Any, q: Any) -> Any:
    """Three factors, the Jacobians' deltas already carried out."""
    return over("m", lambda i: chain_b(i, q) * X(i, p))


def chain_b(i: Any, q: Any) -> Any:
    """For a bias with the rows of X: one bias for each sample and unit."""
    return loss_by_A(1, i, q) * sigmoid_slope(Z(1, i, q))


def long_W(p: Any, q: Any) -> Any:
    return over("m", lambda i: loss_by_A(1, i, q) * A(1, i, q) * (1 - A(1, i, q)) * X(i, p))


def short_W(p: Any, q: Any) -> Any:
    return over("m", lambda i: loss_by_Z(1, i, q) * X(i, p))


def long_b(i: Any, q: Any) -> Any:
    return loss_by_A(1, i, q) * A(1, i, q) * (1 - A(1, i, q))


def short_b(i: Any, q: Any) -> Any:
    return loss_by_Z(1, i, q)


def summed_b(q: Any) -> Any:
    """For one bias a unit: the samples' parts add up."""
    return over("m", lambda i: loss_by_Z(1, i, q))


# -- layer by layer ----------------------------------------------------------------
def linear(layer: int, before: str, i: Any, q: Any) -> Any:
    """Z of a layer without its bias (80)."""
    return over(before, lambda p: A(layer - 1, i, p) * W(layer, p, q))


def right_recurrence(layer: int, after: str, i: Any, q: Any) -> Any:
    """dL/dZ of a layer from dL/dZ of the next: what the post's recurrence should say."""
    pulled = over(after, lambda r: cotangent("Z", layer + 1, i, r) * W(layer + 1, q, r))
    return pulled * sigmoid_slope(Z(layer, i, q))


def right_W(layer: int, p: Any, q: Any) -> Any:
    """dL/dW of a layer from its own dL/dZ."""
    return over("m", lambda i: cotangent("Z", layer, i, q) * A(layer - 1, i, p))


def printed_W(layer: int, target: Any, p: Any, q: Any) -> Any:
    """The recurrence as printed (184), its transpose repaired; ``target`` gives every layer a Y."""
    return over("m", lambda i: (A(layer, i, q) - target(i, q)) * A(layer - 1, i, p)) / size("m")


# -- updates (138, 142) ----------------------------------------------------------------
def updated_W(p: Any, q: Any) -> Any:
    return W(1, p, q) - array("\\alpha", None)[ZERO, ZERO] * short_W(p, q)


def updated_b(i: Any, q: Any) -> Any:
    return array("b", 1)[i, q] - array("\\alpha", None)[ZERO, ZERO] * short_b(i, q)
