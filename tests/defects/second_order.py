"""Gradients of gradients: f is a right gradient, its vjp a product with the Hessian."""

import numpy as np

from tests.defects.inputs import box, matrix, vector, with_zeros
from tests.defects.record import Bug
from tests.defects.subjects import Array, Operation, Wrong, plant

LABELS = np.array([0.0, 1.0, 1.0, 0.5])
FORM = np.array([[2.0, -1.0, 0.5], [0.3, 1.0, -0.7], [1.2, 0.4, 3.0]])


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def loss_gradient(z: Array) -> Array:
    return (sigmoid(z) - LABELS) / len(z)


def loss_hessian(y_bar: Array, z: Array) -> Array:
    return y_bar * sigmoid(z) * (1 - sigmoid(z)) / len(z)


def softsign_slope(x: Array) -> Array:
    size = np.where(x.real > 0, x, -x)
    return 1 / (1 + size) ** 2


def softsign_hessian(y_bar: Array, x: Array) -> Array:
    return -2 * y_bar * np.sign(x) / (1 + np.abs(x)) ** 3


def summed_square_gradient(x: Array) -> Array:
    """Of the square of a sum of squares."""
    return 4 * (x**2).sum() * x


def summed_square_hessian(y_bar: Array, x: Array) -> Array:
    return 4 * (x**2).sum() * y_bar + 8 * (x @ y_bar) * x


def saved_tanh_gradient(x: Array) -> Array:
    """Of the sum of tanh(x)**2 / 2, with tanh(x) saved."""
    y = np.tanh(x)
    return y * (1 - y**2)


def saved_tanh_hessian(y_bar: Array, x: Array, through: bool = True) -> Array:
    y = np.tanh(x)
    return y_bar * ((1 - y**2) ** 2 - (2 * y**2 * (1 - y**2) if through else 0))


def selected_gradient(x: Array) -> Array:
    """Of the sum of cubes of the last two entries."""
    found = np.zeros_like(x)
    found[-2:] = 3 * x[-2:] ** 2
    return found


def selected_hessian(y_bar: Array, x: Array) -> Array:
    x_bar = np.zeros_like(x)
    x_bar[-2:] = 6 * y_bar[-2:] * x[-2:]
    return x_bar


def product_gradient(x: Array) -> Array:
    return np.stack([np.prod(np.delete(x, i)) for i in range(x.size)])


def product_hessian(y_bar: Array, x: Array) -> Array:
    x_bar = np.zeros_like(x)
    for i in range(x.size):
        for j in range(x.size):
            if i != j:
                x_bar[j] += y_bar[i] * np.prod(np.delete(x, [i, j]))
    return x_bar


def product_hessian_by_division(y_bar: Array, x: Array) -> Array:
    """By division where that goes, 0 where two entries are 0."""
    zeros = (x == 0).sum()
    if zeros >= 2:
        return np.zeros_like(x)
    return product_hessian(y_bar, x)


def sigmoid_slope(x: Array) -> Array:
    return sigmoid(x) * (1 - sigmoid(x))


def sigmoid_hessian(y_bar: Array, x: Array, both: bool = True) -> Array:
    a = sigmoid(x)
    return y_bar * a * (1 - a) * ((1 - 2 * a) if both else (1 - a))


def linear_gradient(x: Array) -> Array:
    """Of (x A) summed with the weights x: affine layers make a constant Hessian."""
    return x @ (FORM + FORM.T)


TWO_ZEROS = with_zeros(box(4), 0.5)

SECOND_ORDER = (
    *plant(
        Operation(name="gradient of cross-entropy", draw=box(4), f=loss_gradient, vjp=loss_hessian),
        Wrong(
            Bug.SECOND,
            "label enters again",
            lambda y_bar, z: loss_hessian(y_bar, z) * (1 - LABELS),
            "pytorch/pytorch#79609",
        ),
        Wrong(
            Bug.SECOND,
            "mean taken twice",
            lambda y_bar, z: loss_hessian(y_bar, z) / len(z),
            "pytorch/pytorch#59477",
            "the mean, not the sum",
        ),
    ),
    *plant(
        Operation(name="slope of softsign", draw=matrix(2), f=softsign_slope, vjp=softsign_hessian),
        Wrong(
            Bug.SECOND,
            "sign of x dropped",
            lambda y_bar, x: -2 * y_bar / (1 + np.abs(x)) ** 3,
            "pytorch/pytorch#80926",
            "a negative entry",
        ),
    ),
    *plant(
        Operation(
            name="gradient of a squared sum",
            draw=vector(2),
            f=summed_square_gradient,
            vjp=summed_square_hessian,
        ),
        Wrong(
            Bug.SECOND,
            "diagonal only",
            lambda y_bar, x: 4 * (x**2).sum() * y_bar + 8 * x**2 * y_bar,
            "chainer/chainer#4114",
        ),
        Wrong(
            Bug.SECOND,
            "sum taken for a constant",
            lambda y_bar, x: 4 * (x**2).sum() * y_bar,
            "pytorch/pytorch#76185",
        ),
    ),
    *plant(
        Operation(
            name="gradient through a saved tanh",
            draw=matrix(),
            f=saved_tanh_gradient,
            vjp=saved_tanh_hessian,
        ),
        Wrong(
            Bug.SECOND,
            "saved value taken for a constant",
            lambda y_bar, x: saved_tanh_hessian(y_bar, x, through=False),
            "pytorch/pytorch#76185",
        ),
    ),
    *plant(
        Operation(
            name="gradient of a selection",
            draw=vector(3),
            f=selected_gradient,
            vjp=selected_hessian,
        ),
        Wrong(
            Bug.SECOND,
            "selection forgotten on the second way back",
            lambda y_bar, x: 6 * y_bar * x,
            "pytorch/pytorch#1712",
        ),
    ),
    *plant(
        Operation(
            name="gradient of a product", draw=TWO_ZEROS, f=product_gradient, vjp=product_hessian
        ),
        Wrong(
            Bug.SECOND,
            "0 where two entries are",
            product_hessian_by_division,
            "pytorch/pytorch#106789",
            "two entries of exactly 0",
        ),
    ),
    *plant(
        Operation(name="slope of a sigmoid", draw=matrix(), f=sigmoid_slope, vjp=sigmoid_hessian),
        Wrong(
            Bug.SECOND,
            "one of the two factors differentiated",
            lambda y_bar, x: sigmoid_hessian(y_bar, x, both=False),
            "tensorflow/tensorflow#3767",
        ),
        Wrong(
            Bug.SECOND,
            "slope of the slope taken for the slope",
            lambda y_bar, x: y_bar * sigmoid_slope(x),
            "tensorflow/tensorflow#3767",
        ),
    ),
    *plant(
        Operation(
            name="gradient of a quadratic form",
            draw=box(3),
            f=linear_gradient,
            vjp=lambda y_bar, x: y_bar @ (FORM + FORM.T),
        ),
        Wrong(
            Bug.SECOND,
            "0, as of a linear function",
            lambda y_bar, x: np.zeros_like(x),
            "sony/nnabla#840",
            "a linear layer",
        ),
        Wrong(Bug.SECOND, "one half of the Hessian", lambda y_bar, x: y_bar @ FORM.T),
    ),
)
