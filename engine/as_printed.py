"""The document's recurrences to the letter, to show where they stop; and as far as they run.

A printed ``*`` is the matrix product, a printed n counts the samples, and parameters come as
everywhere in the engine: a list of the pairs (W^i, b^i), the first layer's first.
"""

from collections.abc import Mapping

import numpy as np

from engine.activations import sigmoid
from engine.arrays import (
    Array,
    ParameterList,
    Parameters,
    check_matrix,
    check_parameters,
    quiet,
)
from engine.errors import PrintedShapeError, UndeclaredError
from engine.network import DOCUMENT_NETWORK


def printed_forward(parameters: Parameters, X: Array) -> list[Array]:
    """``Z^n = W^n * A^{n-1} + b^n``, ``A^n = sigmoid(Z^n)``, ``A^0 = X``.

    Shapes: ``X`` (m, d[0]), and W^1 (d[0], d[1]) on its left as printed.
    Source: training/formulas.md, the forward recurrence.
    Raises: PrintedShapeError at the first product or sum whose shapes do not fit.
    """
    A = [check_matrix("printed_forward", "X", X).copy()]
    for layer, (W, b) in enumerate(parameters, start=1):
        names = (f"W^{layer}", f"A^{layer - 1}" if layer > 1 else "X")
        formula = f"Z^{layer} = {names[0]}*{names[1]} + b^{layer}"
        product = _printed_product(formula, names, (W, A[-1]))
        A.append(_sigmoid(_printed_sum(formula, ("the product", f"b^{layer}"), (product, b))))
    return A


def printed_loop(
    parameters: Parameters, A: list[Array], Y: Mapping[int, Array], *, rate: float
) -> ParameterList:
    """The loop ``for i from n-1 to 1``, in which n counts the layers, and alpha is ``rate``.

    ``W^i = W^i - alpha * 1/n (A^{i+1} - Y^{i+1}) * A^{(i)}`` and
    ``b^i = b^i - alpha * 1/n (A^{i+1} - Y^{i+1})``, in which n counts the samples.  ``A`` holds
    A^0 to the last; ``Y`` holds the labels by layer, of which the document declares the last only.

    Shapes: as printed, A^{i+1} - Y^{i+1} (m, d[i+1]) on the left of A^{(i)} (m, d[i]).
    Source: training/formulas.md, the pseudo-code.
    Raises: UndeclaredError where a Y is asked for that is not there; PrintedShapeError where the
        shapes do not fit.
    """
    updated = [(W.copy(), b.copy()) for W, b in check_parameters("printed_loop", parameters)]
    for i in range(len(updated) - 1, 0, -1):
        W, b = updated[i - 1]
        step = rate / len(A[0]) * _printed_error(i + 1, A, Y)
        formula = f"W^{i} = W^{i} - alpha*1/n(A^{i + 1} - Y^{i + 1})*A^({i})"
        names = (f"A^{i + 1} - Y^{i + 1}", f"A^({i})")
        change = _printed_product(formula, names, (step, A[i]))
        new_W = _printed_sum(formula, (f"W^{i}", "the product"), (W, -change))
        formula = f"b^{i} = b^{i} - alpha*1/n(A^{i + 1} - Y^{i + 1})"
        new_b = _printed_sum(formula, (f"b^{i}", names[0]), (b, -step))
        updated[i - 1] = (new_W, new_b)
    return updated


def repaired_gradients(parameters: Parameters, X: Array, Y: Array) -> ParameterList:
    """The printed d_w and d_b as gradients, repaired as far as that goes without a new formula.

    The product is transposed and swapped, the bias summed over the samples, each difference
    belongs to the weights that lead to its A, and Y stands for the Y of every layer.  In the last
    layer this is the gradient of the loss.  In the layers before it is not.

    Shapes: ``X`` (m, d[0]), ``Y`` (m, k), every width after the first k -> as the parameters.
    Source: training/formulas.md, d_{w^{(n-1)}} and d_{b^{(n-1)}}.
    Raises: PrintedShapeError where a hidden layer's width is not that of Y.
    """
    layers, X, Y = DOCUMENT_NETWORK.check("repaired_gradients", parameters, X, Y)
    A = DOCUMENT_NETWORK.forward(layers, X)
    gradients: ParameterList = []
    for layer in range(1, len(A)):
        formula = f"A^{layer} - Y^{layer}"
        names = (f"A^{layer}", "Y")
        error = _printed_sum(formula, names, (A[layer], -Y)) / len(X)
        gradients.append((A[layer - 1].T @ error, error.sum(axis=0, keepdims=True)))
    return gradients


@quiet
def _sigmoid(Z: Array) -> Array:
    return sigmoid(Z)


def _printed_error(layer: int, A: list[Array], Y: Mapping[int, Array]) -> Array:
    if layer not in Y:
        declared = ", ".join(f"Y^{known}" for known in sorted(Y)) or "no Y at all"
        raise UndeclaredError(
            f"printed_loop: A^{layer} - Y^{layer} needs Y^{layer}, the labels of hidden layer "
            f"{layer}, which the document does not declare; it has {declared}"
        )
    names = (f"A^{layer}", f"Y^{layer}")
    return _printed_sum(f"A^{layer} - Y^{layer}", names, (A[layer], -Y[layer]))


@quiet
def _printed_product(formula: str, names: tuple[str, str], factors: tuple[Array, Array]) -> Array:
    left, right = factors
    if left.shape[1] != right.shape[0]:
        raise PrintedShapeError(
            f"{formula}: {names[0]} is {left.shape} and {names[1]} is {right.shape}: "
            f"{left.shape[1]} columns, but {right.shape[0]} rows"
        )
    result: Array = left @ right
    return result


@quiet
def _printed_sum(formula: str, names: tuple[str, str], terms: tuple[Array, Array]) -> Array:
    left, right = terms
    if left.shape != right.shape:
        raise PrintedShapeError(
            f"{formula}: {names[0]} is {left.shape} and {names[1]} is {right.shape}, "
            "but a sum needs equal shapes"
        )
    result: Array = np.add(left, right)
    return result
