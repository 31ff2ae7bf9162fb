"""Shapes with symbolic sizes: what a tree's shape is in one network, or why it has none.

A shape is two sizes for an array, four for a Jacobian (the differentiated array's, then the
variable's).  A size is a letter (``m``), a layer's width (``d2``) or ``1``; two letters are
never the same size, so that a formula that needs them equal does not pass.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..document.syntax import (
    ONE,
    ZERO,
    Add,
    Call,
    Case,
    Derivative,
    Divide,
    Entry,
    Expr,
    Filled,
    Index,
    Matrix,
    Meaning,
    Neg,
    Number,
    Ones,
    Place,
    Power,
    Product,
    Ref,
    Relation,
    Size,
    Sum,
    Total,
    Transpose,
)  # fmt: skip
from ..document.write import to_text
from ..errors import ShapeError, UndeclaredError
from ..functions import FUNCTIONS, Kind
from .axes import total_axes
from .networks import Scope

Shape = tuple[str, ...]
SCALAR: Shape = ("1", "1")


def infer(node: Expr, scope: Scope) -> Shape:
    """The shape of a tree whose product signs have their meanings.

    Raises: ShapeError where operands do not fit; UndeclaredError for a missing layer.
    """
    rule = _RULES.get(type(node))
    if rule is None:
        raise UndeclaredError(f"{to_text(node)} has no declared meaning here")
    return rule(node, scope)


def _ref(node: Ref, scope: Scope) -> Shape:
    symbol = scope.notation.symbols[node.name]
    layer = scope.layer_of(node)
    sizes = [scope.size(dim, layer) for dim in symbol.shape]
    for axis, entry in enumerate(node.entries or ()):
        if entry is not None:
            _bind(entry, sizes[axis], node, scope)
            sizes[axis] = "1"
    return tuple(sizes)


def _bind(entry: Index, size: str, node: Ref | Sum, scope: Scope) -> None:
    if entry.base is None:
        return
    if scope.index_sizes.setdefault(entry.base, size) != size:
        raise ShapeError(
            f"{entry.base} runs over {scope.index_sizes[entry.base]} and, in "
            f"{to_text(node)}, over {size}"
        )


def _ones(node: Ones, scope: Scope) -> Shape:
    if node.size is None:
        raise ShapeError("how long the column of ones is, nothing here fixes")
    return (node.size, "1")


def _entry(node: Entry, scope: Scope) -> Shape:
    """Each index takes one axis that is not 1; both axes where two indices stand."""
    shape = infer(node.arg, scope)
    for axis, index in entry_axes(node, shape):
        if (
            index.base is not None
            and scope.index_sizes.setdefault(index.base, shape[axis]) != (shape[axis])
        ):
            raise ShapeError(
                f"{index.base} runs over {scope.index_sizes[index.base]} and, in "
                f"{to_text(node)}, over {shape[axis]}"
            )
        shape = (*shape[:axis], "1", *shape[axis + 1 :])
    return shape


def _filled(node: Filled, scope: Scope) -> Shape:
    """The body's shape, an index's size along each axis that is given entry by entry."""
    outer = {name: scope.index_sizes.pop(name, None) for name in node.along if name}
    shape = infer(node.body, scope)
    sizes = {name: scope.index_sizes.pop(name, None) for name in outer}
    scope.index_sizes.update({name: size for name, size in outer.items() if size is not None})
    result = []
    for letter, size in zip(node.along, shape, strict=True):
        own = None if letter is None else sizes[letter]
        if letter is not None and (own is None or size != "1"):
            raise ShapeError(f"{to_text(node.body)} has no one value for each {letter}")
        result.append(own or size)
    return tuple(result)


def entry_axes(node: Entry, shape: Shape) -> list[tuple[int, Index]]:
    """The axes that the indices below an expression run along, each with its index."""
    long = tuple(axis for axis, size in enumerate(shape) if size != "1")
    axes = (0, 1) if len(node.indices) == 2 else long
    if len(shape) != 2 or len(axes) != len(node.indices):
        raise ShapeError(
            f"{to_text(node.arg)} is {shape_text(shape)}, and {len(node.indices)} "
            f"{'index stands' if len(node.indices) == 1 else 'indices stand'} below it"
        )
    pairs = zip(axes, node.indices, strict=True)
    return [(axis, index) for axis, index in pairs if index is not None]


def broadcast(left: Shape, right: Shape) -> Shape | None:
    """The shape of the operand that the other one is repeated to fit; None where it does not fit.

    A row and a column are not repeated both: their sum would have the shape of neither.
    """
    if len(left) != len(right):
        return left if right == SCALAR else right if left == SCALAR else None
    sizes = []
    for a, b in zip(left, right, strict=True):
        if a != b and "1" not in (a, b):
            return None
        sizes.append(b if a == "1" else a)
    return tuple(sizes) if tuple(sizes) in (left, right) else None


def shape_text(shape: Shape) -> str:
    if shape == SCALAR:
        return "a number"
    if len(shape) == 4:
        return f"a Jacobian ({'×'.join(shape[:2])} by {'×'.join(shape[2:])})"
    return "×".join(shape)


def _both(node: Add | Divide | Product, a: Expr, b: Expr, scope: Scope) -> Shape:
    left, right = infer(a, scope), infer(b, scope)
    common = broadcast(left, right)
    if common is None:
        raise ShapeError(
            f"{to_text(a)} is {shape_text(left)} and {to_text(b)} is "
            f"{shape_text(right)}: no declared meaning of "
            f"{_sign(node)} fits"
        )
    return common


def _sign(node: Expr) -> str:
    if isinstance(node, Add):
        return "+"
    if isinstance(node, Divide):
        return "/"
    text = node.sign.replace("\\odot", "⊙").lstrip("\\") if isinstance(node, Product) else ""
    return text or "the product"


def _product(node: Product, scope: Scope) -> Shape:
    left, right = infer(node.left, scope), infer(node.right, scope)
    result = product_shape(node.meaning, left, right, scope.notation.layout)
    if result is None:
        raise ShapeError(
            f"{to_text(node.left)} is {shape_text(left)} and {to_text(node.right)} is "
            f"{shape_text(right)}: no declared meaning of {_sign(node)} "
            "fits"
        )
    return result


def product_shape(
    meaning: Meaning | None, left: Shape, right: Shape, layout: str = "denominator"
) -> Shape | None:
    """The shape of a product under a meaning; None where the operands do not fit it."""
    if meaning is Meaning.SCALE:
        return left if right == SCALAR else right if left == SCALAR else None
    if meaning is Meaning.HADAMARD:
        return _entrywise_slope(left, right) if len(left) != len(right) else broadcast(left, right)
    if meaning is Meaning.MATMUL:
        fits = len(left) == len(right) == 2 and left[1] == right[0]
        return (left[0], right[1]) if fits else None
    if meaning is Meaning.CONTRACT:
        return _contracted(left, right, layout)
    return _correlated(left, right) if meaning is Meaning.CORRELATE else None


def _correlated(left: Shape, right: Shape) -> Shape | None:
    """Where a window of the right's size fits into the left; both must be numbers."""
    if len(left) != 2 or len(right) != 2 or not all(size.isdigit() for size in left + right):
        return None
    rows, columns = (int(a) - int(b) + 1 for a, b in zip(left, right, strict=True))
    return (str(rows), str(columns)) if rows > 0 and columns > 0 else None


def _entrywise_slope(left: Shape, right: Shape) -> Shape | None:
    """An array times, entry by entry, the slopes of an array of its shape by one of its shape."""
    jacobian, array = (left, right) if len(left) == 4 else (right, left)
    return array if jacobian[:2] == jacobian[2:] == array else None


def _contracted(left: Shape, right: Shape, layout: str) -> Shape | None:
    """An array or Jacobian times a Jacobian, over all entries of the array between them.

    In numerator layout the outer derivative stands first; in denominator layout either may.
    """
    if len(right) == 4 and left[-2:] == right[:2]:
        return left[:-2] + right[2:]
    if layout != "numerator" and len(left) == 4 and right[-2:] == left[:2]:
        return right[:-2] + left[2:]
    return None


def _transpose(node: Transpose, scope: Scope) -> Shape:
    shape = infer(node.arg, scope)
    if len(shape) != 2:
        raise ShapeError(f"{to_text(node.arg)} is {shape_text(shape)} and has no transpose")
    return shape[::-1]


def _call(node: Call, scope: Scope) -> Shape:
    shape = infer(node.arg, scope)
    function = FUNCTIONS.get(node.function)
    if function is None:
        raise UndeclaredError(f"function {node.function} is not declared", node.function)
    if len(shape) != 2 or (node.order and function.kind is not Kind.ENTRYWISE):
        raise ShapeError(f"{to_text(node)}: {node.function} does not apply to {shape_text(shape)}")
    if function.kind is Kind.SCALAR or function.kind is Kind.SQUARE:
        if node.function in ("trace", "det", "inv") and shape[0] != shape[1]:
            raise ShapeError(f"{to_text(node.arg)} is {shape_text(shape)}, not square")
        return SCALAR if function.kind is Kind.SCALAR else shape
    if function.kind is Kind.DIAGONAL:
        if "1" not in shape:
            raise ShapeError(f"{to_text(node.arg)} is {shape_text(shape)}, not a vector")
        size = shape[0] if shape[1] == "1" else shape[1]
        return (size, size)
    return shape


def _sum(node: Sum, scope: Scope) -> Shape:
    outer = scope.index_sizes.pop(node.index, None)
    shape = infer(node.body, scope)
    own = scope.index_sizes.pop(node.index, None)
    if outer is not None:
        scope.index_sizes[node.index] = outer
    own = own or counted(node, scope)
    if own is None:
        raise ShapeError(f"{to_text(node)}: the index {node.index} does not occur in the sum")
    if node.without is not None:
        _bind(node.without, own, node, scope)
    _check_bounds(node, own, scope)
    return shape


def counted(node: Sum, scope: Scope) -> str | None:
    """The size that a sum from 1 counts up to, where its index stands below no array."""
    if not isinstance(node.upper, Size) or node.lower != ONE:
        return None
    return scope.same.get(node.upper.name, node.upper.name)


def _check_bounds(node: Sum, own: str, scope: Scope) -> None:
    """A sum runs over its whole axis, from 1 or from 0."""
    upper, start = node.upper, node.lower
    if start == ZERO and isinstance(upper, Add) and upper.right == Neg(ONE):
        upper, start = upper.left, ONE
    if start not in (None, ONE):
        raise ShapeError(f"the sum starts at {to_text(start)}, not at 1 (or at 0, up to one less)")
    if upper is not None and not _reaches(upper, own, scope):
        raise ShapeError(f"the sum ends at {to_text(upper)}, but {node.index} runs over {own}")


def _reaches(upper: Expr, size: str, scope: Scope) -> bool:
    return isinstance(upper, Size) and scope.same.get(upper.name, upper.name) == size


def _total(node: Total, scope: Scope) -> Shape:
    shape = infer(node.arg, scope)
    axes = total_axes(node.over, shape[:2], scope.notation)
    if axes is None:
        raise ShapeError(
            f"{to_text(node.arg)} is {shape_text(shape)}: it has no axis of "
            f"{node.over or 'samples'}"
        )
    summed = tuple("1" if axis in axes else size for axis, size in enumerate(shape))
    return summed[2:] if len(summed) == 4 and summed[:2] == SCALAR else summed


def _derivative(node: Derivative, scope: Scope) -> Shape:
    of = infer(node.of, scope)
    if not isinstance(node.by, Ref):
        raise ShapeError(f"{to_text(node.by)} is not a variable to differentiate by")
    by = infer(node.by, scope)
    if len(of) != 2 or len(by) != 2:
        raise ShapeError(f"{to_text(node)} is a derivative of a Jacobian")
    if of == SCALAR:
        return by
    return of if by == SCALAR else (*of, *by)


def _matrix(node: Matrix, scope: Scope) -> Shape:
    for row in node.rows:
        for cell in row:
            if infer(cell, scope) != SCALAR:
                raise ShapeError(f"{to_text(cell)} is no number, and stands in a matrix")
    return (str(len(node.rows)), str(len(node.rows[0])))


def _power(node: Power, scope: Scope) -> Shape:
    if infer(node.exponent, scope) != SCALAR:
        raise ShapeError(f"the exponent {to_text(node.exponent)} is no number")
    shape = infer(node.base, scope)
    if len(shape) != 2:
        raise ShapeError(f"{to_text(node.base)} is {shape_text(shape)} and has no power")
    return shape


def whole_exponent(exponent: Expr) -> int | None:
    """The exponent if it is a whole number."""
    sign = -1 if isinstance(exponent, Neg) else 1
    number = exponent.arg if isinstance(exponent, Neg) else exponent
    if isinstance(number, Number) and number.value.denominator == 1:
        return sign * int(number.value)
    return None


def is_square(shape: Shape) -> bool:
    """Whether a power of an array of that shape is one of matrices, not of entries."""
    return len(shape) == 2 and shape[0] == shape[1] != "1"


def _case(node: Case, scope: Scope) -> Shape:
    shape: Shape = SCALAR
    for value, condition in node.branches:
        for part in (
            value,
            *((condition.left, condition.right) if isinstance(condition, Relation) else ()),
        ):
            common = broadcast(shape, infer(part, scope))
            if common is None:
                raise ShapeError(f"the cases of {to_text(node)} differ in shape")
            shape = common
    return shape


_RULES: dict[type, Callable[[Any, Scope], Shape]] = {
    Number: lambda node, scope: SCALAR,
    Size: lambda node, scope: SCALAR,
    Ref: _ref,
    Entry: _entry,
    Filled: _filled,
    Ones: _ones,
    Place: lambda node, scope: SCALAR,
    Add: lambda node, scope: _both(node, node.left, node.right, scope),
    Neg: lambda node, scope: infer(node.arg, scope),
    Product: _product,
    Divide: lambda node, scope: _both(node, node.top, node.bottom, scope),
    Power: _power,
    Transpose: _transpose,
    Call: _call,
    Sum: _sum,
    Total: _total,
    Derivative: _derivative,
    Matrix: _matrix,
    Case: _case,
    Relation: lambda node, scope: _case(Case(((node.left, None), (node.right, None))), scope),
}
