"""What the engine accepts as input, and matrix products that stay finite.

Samples are rows: X is (m, n), W[l] is (d[l-1], d[l]) and b[l] is (1, d[l]).  ``parameters`` is the
list of the pairs (W[l], b[l]), from the first layer to the last.
"""

from collections.abc import Sequence
from math import isfinite
from numbers import Integral, Real
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.errors import (
    DtypeError,
    LabelError,
    NonFiniteError,
    SettingError,
    ShapeError,
    StructureError,
)

Array: TypeAlias = NDArray[np.floating[Any]]
Parameters: TypeAlias = Sequence[tuple[Array, Array]]
ParameterList: TypeAlias = list[tuple[Array, Array]]

DTYPES = (np.dtype(np.float64), np.dtype(np.float32))

# Entries may leave the range on the way; what leaves the engine is put right or refused by name.
quiet = np.errstate(over="ignore", under="ignore", invalid="ignore")


def check_parameters(speaker: str, parameters: Parameters) -> ParameterList:
    """The parameters as pairs of contiguous arrays, of one dtype and of shapes that fit.

    Raises: StructureError, DtypeError, NonFiniteError, ShapeError.
    """
    if not isinstance(parameters, Sequence) or not len(parameters):
        raise StructureError(
            f"{speaker}: parameters should be a list of pairs (W, b), at least one"
        )
    checked = [_check_layer(speaker, layer, pair) for layer, pair in enumerate(parameters, start=1)]
    dtype, width = checked[0][0].dtype, checked[0][0].shape[0]
    for layer, (W, b) in enumerate(checked, start=1):
        _check_dtype(speaker, f"W[{layer}]", W, dtype)
        _check_dtype(speaker, f"b[{layer}]", b, dtype)
        if W.shape[0] != width:
            raise ShapeError(
                f"{speaker}: W[{layer}] has shape {W.shape}, but A[{layer - 1}] has {width} columns"
            )
        width = W.shape[1]
    return checked


def check_samples(speaker: str, name: str, value: Array, parameters: ParameterList) -> Array:
    """X as a contiguous array that the first layer can take.

    Raises: StructureError, DtypeError, NonFiniteError, ShapeError.
    """
    X = check_matrix(speaker, name, value)
    _check_dtype(speaker, name, X, parameters[0][0].dtype)
    width = parameters[0][0].shape[0]
    if X.shape[1] != width:
        raise ShapeError(f"{speaker}: {name} has shape {X.shape}, but W[1] has {width} rows")
    return X


def check_labels(
    speaker: str, value: Array, samples: int, parameters: ParameterList, probabilities: bool
) -> Array:
    """Y as a contiguous array with a row for each sample and a column for each output.

    Raises: StructureError, DtypeError, NonFiniteError, ShapeError, LabelError.
    """
    Y = check_matrix(speaker, "Y", value)
    _check_dtype(speaker, "Y", Y, parameters[0][0].dtype)
    due = (samples, parameters[-1][0].shape[1])
    if Y.shape != due:
        raise ShapeError(f"{speaker}: Y has shape {Y.shape}, but the outputs have shape {due}")
    if probabilities and (Y.min() < 0 or Y.max() > 1):
        where = np.unravel_index(int(np.argmax(np.abs(Y - 0.5))), Y.shape)
        index = ", ".join(str(int(i)) for i in where)
        raise LabelError(
            f"{speaker}: Y[{index}] is {Y[where]}, but a label should lie between 0 and 1"
        )
    return Y


def check_matrix(speaker: str, name: str, value: Array) -> Array:
    """A finite float matrix with at least one row and one column, contiguous in memory.

    Raises: StructureError, DtypeError, NonFiniteError, ShapeError.
    """
    if not isinstance(value, np.ndarray) or isinstance(value, np.ma.MaskedArray):
        kind = type(value).__name__
        raise StructureError(f"{speaker}: {name} is a {kind}, but should be a NumPy array")
    if value.dtype not in DTYPES:
        raise DtypeError(
            f"{speaker}: {name} has dtype {value.dtype}, but should have float64 or float32; "
            f"convert it with {name}.astype(float)"
        )
    if value.ndim != 2 or 0 in value.shape:
        raise ShapeError(
            f"{speaker}: {name} has shape {value.shape}, but should have two dimensions, "
            "neither of them 0"
        )
    array: Array = np.ascontiguousarray(value)
    if not all_finite(array):
        row, column = (int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise NonFiniteError(
            f"{speaker}: {name}[{row}, {column}] is {array[row, column]}, but should be finite"
        )
    return array


def check_real(speaker: str, name: str, value: object) -> None:
    """Raises: SettingError if a setting is no real number."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise SettingError(f"{speaker}: {name} is {value!r}, but should be a real number")


def check_whole(speaker: str, name: str, value: object) -> None:
    """Raises: SettingError if a setting is no whole number."""
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise SettingError(f"{speaker}: {name} is {value!r}, but should be a whole number")


def squared_norm(array: Array) -> float:
    """The sum of the squared entries; it may overflow, without a warning."""
    return float(np.vdot(array, array))


def all_finite(array: Array) -> bool:
    """Whether no entry is nan or an infinity."""
    # A finite norm settles it at a fraction of the cost of a look at each entry.
    return isfinite(squared_norm(array)) or bool(np.isfinite(array).all())


def product(left: Array, right: Array) -> Array:
    """The matrix product; an entry beyond the range is the largest finite number instead."""
    result: Array = left @ right
    if all_finite(result):
        return result
    mantissa, exponent = scaled_product(left, right)
    return np.where(np.isfinite(result), result, saturate(np.ldexp(mantissa, exponent)))


def affine(A: Array, W: Array, b: Array) -> Array:
    """``A @ W + b``; an entry beyond the range is the largest finite number instead.

    Shapes: ``A`` (m, d), ``W`` (d, e), ``b`` (1, e) -> (m, e).
    Source: training/formulas.md, the forward recurrence.
    """
    Z: Array = A @ W
    Z += b
    if all_finite(Z):
        return Z
    mantissa, exponent = scaled_product(A, W)
    # A quarter of each, so that two terms near the end of the range may still cancel.
    quarter = saturate(np.ldexp(mantissa, exponent - 2)) + b / 4
    return np.where(np.isfinite(Z), Z, saturate(quarter * 4))


def scaled_product(left: Array, right: Array) -> tuple[Array, NDArray[np.int_]]:
    """The matrix product as a mantissa that cannot overflow and a binary exponent per entry."""
    rows = np.frexp(np.abs(left).max(axis=1, keepdims=True))[1].astype(int)
    columns = np.frexp(np.abs(right).max(axis=0, keepdims=True))[1].astype(int)
    return np.ldexp(left, -rows) @ np.ldexp(right, -columns), rows + columns


def saturate(array: Array) -> Array:
    """The array with the largest finite numbers in place of the infinities."""
    limit = np.finfo(array.dtype).max
    return np.clip(array, -limit, limit)


def _check_layer(speaker: str, layer: int, pair: tuple[Array, Array]) -> tuple[Array, Array]:
    if not isinstance(pair, Sequence) or len(pair) != 2:
        raise StructureError(f"{speaker}: parameters[{layer - 1}] should be a pair (W, b)")
    W = check_matrix(speaker, f"W[{layer}]", pair[0])
    b = check_matrix(speaker, f"b[{layer}]", pair[1])
    if b.shape != (1, W.shape[1]):
        raise ShapeError(
            f"{speaker}: b[{layer}] has shape {b.shape}, but should have (1, {W.shape[1]}): "
            f"one row, and the columns of W[{layer}]"
        )
    return W, b


def _check_dtype(speaker: str, name: str, array: Array, dtype: np.dtype[Any]) -> None:
    if array.dtype != dtype:
        raise DtypeError(f"{speaker}: {name} has dtype {array.dtype}, but W[1] has {dtype}")
