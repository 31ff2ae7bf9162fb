"""The syntax tree: the only thing that may cross into SymPy or NumPy.

`Name` and `Script` are what a page shows; resolving them under a notation turns
them into `Ref`, `Size`, `Power`, `Transpose` and `Call`.  Every node is immutable
and hashable, so that equal subtrees can share what was computed for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from fractions import Fraction
from typing import Any, TypeGuard, get_args

LAST = "last"  # the base of an index that counts from the last layer


class Meaning(Enum):
    """What a product sign stands for."""

    SCALE = "number times array"
    MATMUL = "matrix product"
    HADAMARD = "entry by entry"
    CONTRACT = "Jacobian contraction"
    CORRELATE = "correlation"


@dataclass(frozen=True, slots=True)
class Index:
    """``base + offset``; a bare number has no base."""

    base: str | None
    offset: int = 0

    def moved(self, by: int) -> Index:
        return Index(self.base, self.offset + by)

    def at(self, values: dict[str, int]) -> int:
        return self.offset + (values[self.base] if self.base is not None else 0)


@dataclass(frozen=True, slots=True)
class Number:
    """An exact number; ``places`` counts the printed decimals, if any were printed."""

    value: Fraction
    places: int | None = None


@dataclass(frozen=True, slots=True)
class Name:
    text: str


@dataclass(frozen=True, slots=True)
class Script:
    base: Expr
    sub: tuple[Expr, ...] = ()
    sup: tuple[Expr, ...] = ()
    primes: int = 0


@dataclass(frozen=True, slots=True)
class Bracket:
    """A script's own brackets, ``[l]`` or ``(i)``: they tell layers from samples."""

    kind: str
    arg: Expr


@dataclass(frozen=True, slots=True)
class Ref:
    """A declared array, at a layer, whole or at some entries (``None``: the whole axis)."""

    name: str
    layer: Index | None = None
    entries: tuple[Index | None, ...] | None = None
    written: str = field(default="", compare=False)  # the page's name for one sample of it
    sample: int | None = field(default=None, compare=False)  # the axis of a sample index
    bare: bool = field(default=False, compare=False)  # the page leaves the layer out
    sliced: bool = field(default=False, compare=False)  # the page writes a colon for an axis


@dataclass(frozen=True, slots=True)
class Entry:
    """Entries of an expression: ``(A x)_i``, one index for each of its axes that is not 1.

    None stands for the whole axis: ``(P - Y)_{:, i}``.
    """

    arg: Expr
    indices: tuple[Index | None, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """An array given entry by entry: the body at each value of the index along an axis."""

    body: Expr
    along: tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Ones:
    """A column of ones; how long it is, its context fixes."""

    size: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A written index as a number, where a condition compares it: the i of ``i = j``."""

    index: Index


@dataclass(frozen=True, slots=True)
class Arguments:
    """What stands in brackets right behind a symbol: ``J(W, b)``, or a factor in brackets."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Size:
    """A dimension used as a number, such as the m of 1/m."""

    name: str


@dataclass(frozen=True, slots=True)
class Add:
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Neg:
    arg: Expr


@dataclass(frozen=True, slots=True)
class Product:
    sign: str
    left: Expr
    right: Expr
    meaning: Meaning | None = None


@dataclass(frozen=True, slots=True)
class Divide:
    top: Expr
    bottom: Expr


@dataclass(frozen=True, slots=True)
class Power:
    base: Expr
    exponent: Expr


@dataclass(frozen=True, slots=True)
class Transpose:
    arg: Expr


@dataclass(frozen=True, slots=True)
class Call:
    """A function of one argument, differentiated ``order`` times, entry by entry if it is such."""

    function: str
    arg: Expr
    order: int = 0


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum over a written index, or a product; ``without`` is an index left out."""

    index: str
    lower: Expr | None
    upper: Expr | None
    body: Expr
    without: Index | None = None
    times: bool = False


@dataclass(frozen=True, slots=True)
class Total:
    """A sum over an axis that keeps the axis with length 1."""

    over: str
    arg: Expr


@dataclass(frozen=True, slots=True)
class Derivative:
    of: Expr
    by: Expr
    # A bare nabla: what it differentiates may go on with the factors that follow.
    open: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Matrix:
    rows: tuple[tuple[Expr, ...], ...]


@dataclass(frozen=True, slots=True)
class Relation:
    sign: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Case:
    """Alternatives with their conditions; the last may have none."""

    branches: tuple[tuple[Expr, Expr | None], ...]


Expr = (
    Number
    | Name
    | Script
    | Bracket
    | Ref
    | Entry
    | Filled
    | Ones
    | Place
    | Arguments
    | Size
    | Add
    | Neg
    | Product
    | Divide
    | Power
    | Transpose
    | Call
    | Sum
    | Total
    | Derivative
    | Matrix
    | Relation
    | Case
)

NODES: tuple[type, ...] = get_args(Expr)

ZERO = Number(Fraction(0))
ONE = Number(Fraction(1))


def is_node(value: object) -> TypeGuard[Expr]:
    return isinstance(value, NODES)


def children(node: Expr) -> Iterator[Expr]:
    """The direct subtrees of a node, in order."""
    for part in fields(node):
        yield from _nodes_in(getattr(node, part.name))


def _nodes_in(value: Any) -> Iterator[Expr]:
    if is_node(value):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes_in(item)


def rebuild(node: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """The node with ``change`` applied to each direct subtree."""
    changed: dict[str, Any] = {}
    for part in fields(node):
        value = getattr(node, part.name)
        if any(True for _ in _nodes_in(value)):
            changed[part.name] = _changed(value, change)
    return replace(node, **changed) if changed else node


def with_children(node: Expr, parts: Sequence[Expr]) -> Expr:
    """The node with its direct subtrees replaced, in order; without parts, itself."""
    rest = iter(parts)
    return rebuild(node, lambda _: next(rest)) if parts else node


def _changed(value: Any, change: Callable[[Expr], Expr]) -> Any:
    if is_node(value):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_changed(item, change) for item in value)
    return value


def walk(node: Expr) -> Iterator[Expr]:
    """Every node of a tree, the root first."""
    yield node
    for child in children(node):
        yield from walk(child)


def transform(node: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """The tree with ``change`` applied to every node, leaves first."""
    return change(rebuild(node, lambda child: transform(child, change)))


def written_indices(node: Expr) -> Iterator[Index]:
    """The indices that a node writes below an array or an expression."""
    if isinstance(node, Ref):
        yield from (entry for entry in node.entries or () if entry is not None)
    elif isinstance(node, Entry):
        yield from (index for index in node.indices if index is not None)


def factors(node: Expr) -> Iterator[Expr]:
    """The factors of a product, left to right."""
    if isinstance(node, Product):
        yield from factors(node.left)
        yield from factors(node.right)
    else:
        yield node
