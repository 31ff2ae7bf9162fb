"""Candidate readings of a formula in the order of their cost; nothing here judges one.

A candidate is the printed tree with a meaning for every product sign and at most ``budget``
edits.  Shapes prune the search: a subtree that fits in no network is dropped at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

from ..document.syntax import (
    Add,
    Call,
    Derivative,
    Divide,
    Expr,
    Meaning,
    Neg,
    Ones,
    Product,
    Ref,
    Sum,
    Total,
    Transpose,
    children,
    with_children,
)  # fmt: skip
from ..document.write import to_text
from ..errors import LimitError, ShapeError, UndeclaredError
from .axes import total_axes
from .networks import Scope
from .shapes import SCALAR, Shape, broadcast, infer, product_shape

MAX_VARIANTS = 6000  # per subtree; a search cut off here is reported, never taken as complete


class Edit(Enum):
    SWAP = "swap the order of a product"
    TRANSPOSE = "transpose one operand"
    MEANING = "change what a product sign means"
    SAMPLES = "sum over samples"
    OUTPUTS = "sum over outputs"
    SIZE = "take one size for another throughout"
    BODY = "let the sum take in the following terms"
    INDEX = "give a bare symbol its index"
    LAST = "restrict the layer index to the last layer"
    SIGN = "flip a sign"
    FACTOR = "insert, drop or change one factor"
    SYMBOL = "replace one symbol by another of the same shape"
    PRIME = "add or drop a prime"
    MOVE = "move one index by one"
    SHIFT = "shift the layer of the differentiated symbol"


COSTS = {edit: 2 if edit is Edit.SHIFT else 1 for edit in Edit}
# A slip changes what the formula says; the other edits only how it is written down.
SLIPS = frozenset({Edit.SIGN, Edit.FACTOR, Edit.SYMBOL, Edit.PRIME, Edit.MOVE})


@dataclass(frozen=True, slots=True)
class Change:
    """One edit; its sides are trees, and become text only when they are shown."""

    edit: Edit
    before: Expr | str
    after: Expr | str

    def shown(self) -> tuple[str, str]:
        before, after = (
            side if isinstance(side, str) else to_text(side) for side in (self.before, self.after)
        )
        return before, after


@dataclass(frozen=True, slots=True)
class Variant:
    """A typed subtree and the edits that lead to it."""

    tree: Expr
    shape: Shape
    changes: tuple[Change, ...] = ()
    cost: int = 0


class Work:
    """How many subformulas a search may read before it gives up; the count owes nothing to time."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.done = 0

    def spend(self, count: int) -> None:
        self.done += count
        if self.done > self.most:
            raise LimitError(f"more than {self.most} readings of subformulas")


def variants(node: Expr, scope: Scope, budget: int = 0, work: Work | None = None) -> list[Variant]:
    """All typed readings of a tree whose structural edits cost at most ``budget``.

    Raises: LimitError where the search would grow past its cap.
    """
    return Structures(scope, budget, work).variants(node, root=True)


class Structures:
    """The search over product meanings, orders, transposes and sums; subtrees are read once."""

    def __init__(self, scope: Scope, budget: int, work: Work | None = None) -> None:
        self.work = work
        self.scope = scope
        self.budget = budget
        self.done: dict[tuple[int, bool, bool], tuple[Expr, list[Variant]]] = {}

    def variants(self, node: Expr, *, root: bool = False, operand: bool = False) -> list[Variant]:
        key = (id(node), root, operand)
        if key in self.done:
            return self.done[key][1]
        found = list(self.plain(node))
        if self.budget:
            found += [v for base in tuple(found) for v in self.wrapped(base, root, operand)]
        if self.work is not None:
            self.work.spend(1 + len(found))
        result = _cheapest(found)
        self.done[key] = (node, result)  # the node is kept, so that its id stays its own
        return result

    def changed(self, found: Iterable[Variant], *changes: Change) -> Iterator[Variant]:
        more = cost_of(changes)
        for variant in found:
            if variant.cost + more <= self.budget:
                every = variant.changes + changes
                yield Variant(variant.tree, variant.shape, every, variant.cost + more)

    # -- what the node itself admits ---------------------------------------------
    def plain(self, node: Expr) -> Iterator[Variant]:
        if isinstance(node, Product):
            yield from self.products(node)
        elif isinstance(node, Add):
            yield from self.combined(node)
            if self.budget:
                yield from self.longer_sum(node)
        elif isinstance(node, Ones) and node.size is None:
            for size in self.scope.sizes():
                yield Variant(Ones(size), (size, "1"))
        elif isinstance(node, Total) and not node.over:
            yield from self.totals(node.arg)
        elif isinstance(node, Derivative) and not isinstance(node.of, Ref):
            for inner in self.differentiated(node.of):
                yield from self.combined(replace(node, of=inner.tree))
        else:
            yield from self.combined(node)

    def combined(self, node: Expr) -> Iterator[Variant]:
        """Every choice of readings for the subtrees, where the node then has a shape."""
        if isinstance(node, Derivative):
            yield from self.slopes(node)
            return
        parts = list(children(node))
        operand = isinstance(node, Sum | Call | Neg)
        found = self.chosen(node, [self.variants(part, operand=operand) for part in parts])
        if not found and isinstance(node, Add | Divide) and self.budget:
            # Only what does not fit as it stands is turned.
            found = self.chosen(node, [self.variants(part, operand=True) for part in parts])
        yield from found

    def totals(self, body: Expr) -> Iterator[Variant]:
        """A sum that does not say over what; of a vector only once, for it has one axis."""
        seen: set[tuple[Expr | str, ...]] = set()
        for over in ("samples", "all", "outputs"):
            for variant in self.combined(Total(over, body)):
                summed = (*children(variant.tree), *variant.shape)
                if summed not in seen:
                    seen.add(summed)
                    yield variant

    def slopes(self, node: Derivative) -> Iterator[Variant]:
        """A derivative is what it is; only products in what is differentiated are read."""
        for inner in self.differentiated(node.of):
            tree = Derivative(inner.tree, node.by)
            shape = self.shape(tree, [])
            if shape is not None:
                yield Variant(tree, shape)
                if self.scope.notation.layout == "numerator" and _is_vector(shape):
                    yield Variant(Transpose(tree), shape[::-1])

    def differentiated(self, node: Expr) -> Iterator[Variant]:
        """Its readings; a slope that is differentiated again is not turned."""
        for found in Structures(self.scope, 0).variants(node):
            if not (isinstance(node, Derivative) and isinstance(found.tree, Transpose)):
                yield found

    def chosen(self, node: Expr, choices: list[list[Variant]]) -> list[Variant]:
        found = []
        for picked in self.picks(choices):
            tree = with_children(node, [variant.tree for variant in picked])
            shape = self.shape(tree, [variant.shape for variant in picked])
            if shape is not None:
                cost = sum(variant.cost for variant in picked)
                found.append(Variant(tree, shape, _joined(picked), cost))
        return found

    def picks(
        self, choices: list[list[Variant]], left: int | None = None
    ) -> Iterator[tuple[Variant, ...]]:
        """One variant from each list, within what is left of the budget."""
        left = self.budget if left is None else left
        if not choices:
            yield ()
            return
        for first in choices[0]:
            if first.cost <= left:
                for rest in self.picks(choices[1:], left - first.cost):
                    yield (first, *rest)

    def shape(self, tree: Expr, parts: list[Shape]) -> Shape | None:
        """The tree's shape from those of its parts, or None if they do not fit."""
        if isinstance(tree, Add | Divide):
            return broadcast(parts[0], parts[1])
        if isinstance(tree, Neg):
            return parts[0]
        try:
            return infer(tree, self.scope)
        except (ShapeError, UndeclaredError):
            return None

    def products(self, node: Product) -> Iterator[Variant]:
        declared = self.scope.notation.products.get(node.sign, ())
        pairs = self.picks([self.variants(side, operand=True) for side in (node.left, node.right)])
        for left, right in pairs:
            yield from self.row_by_jacobian(node, left, right)
            free = _free_meaning(declared, left.shape, right.shape, self.scope.notation.layout)
            for meaning in Meaning:
                own = () if meaning is free else (_meaning_change(node, meaning),)
                if meaning is not Meaning.SCALE or free is Meaning.SCALE:
                    yield from self.product(node, left, right, meaning, own)
            back = _free_meaning(declared, right.shape, left.shape, self.scope.notation.layout)
            if self.budget and back is Meaning.MATMUL and free is not Meaning.SCALE:
                swap = Change(Edit.SWAP, node, Product(node.sign, node.right, node.left))
                yield from self.product(node, right, left, back, (swap,))

    def product(
        self,
        node: Product,
        left: Variant,
        right: Variant,
        meaning: Meaning,
        own: tuple[Change, ...],
    ) -> Iterator[Variant]:
        cost = left.cost + right.cost + cost_of(own)
        layout = self.scope.notation.layout
        shape = product_shape(meaning, left.shape, right.shape, layout)
        if shape is not None and cost <= self.budget:
            tree = Product(node.sign, left.tree, right.tree, meaning)
            yield Variant(tree, shape, left.changes + right.changes + own, cost)

    def row_by_jacobian(self, node: Product, left: Variant, right: Variant) -> Iterator[Variant]:
        """In numerator layout a row times the Jacobian of a column by a column is a row."""
        declared = self.scope.notation.products.get(node.sign, ())
        by_matrix = self.scope.notation.layout == "numerator" and Meaning.MATMUL in declared
        columns = right.shape[1::2] == SCALAR and left.shape == right.shape[1::-1]
        if by_matrix and len(right.shape) == 4 and columns:
            column = Product(node.sign, Transpose(left.tree), right.tree, Meaning.CONTRACT)
            cost, changes = left.cost + right.cost, left.changes + right.changes
            yield Variant(Transpose(column), ("1", right.shape[2]), changes, cost)

    def longer_sum(self, node: Add) -> Iterator[Variant]:
        """``Σ a + b`` read as ``Σ (a + b)``."""
        negative = isinstance(node.right, Neg)
        term = node.right.arg if isinstance(node.right, Neg) else node.right
        longer = with_longer_body(node.left, term, negative)
        if longer is not None:
            change = Change(Edit.BODY, node, longer)
            yield from self.changed(self.variants(longer), change)

    # -- edits around a variant ----------------------------------------------------
    def wrapped(self, base: Variant, root: bool, operand: bool) -> Iterator[Variant]:
        if base.shape == SCALAR or len(base.shape) != 2 or not (root or operand):
            return
        yield from self.transposed(base)
        for over, edit in (("samples", Edit.SAMPLES), ("outputs", Edit.OUTPUTS)):
            tree = Total(over, base.tree)
            axes = total_axes(over, base.shape, self.scope.notation)
            if axes is not None:
                shape = tuple("1" if n in axes else size for n, size in enumerate(base.shape))
                change = Change(edit, base.tree, tree)
                yield from self.changed([Variant(tree, shape, base.changes, base.cost)], change)

    def transposed(self, base: Variant) -> Iterator[Variant]:
        tree = base.tree.arg if isinstance(base.tree, Transpose) else Transpose(base.tree)
        change = Change(Edit.TRANSPOSE, base.tree, tree)
        undone = any(old.edit is Edit.TRANSPOSE and old.after == base.tree for old in base.changes)
        if not undone:
            turned = Variant(tree, base.shape[::-1], base.changes, base.cost)
            yield from self.changed([turned], change)


def _is_vector(shape: Shape) -> bool:
    return len(shape) == 2 and shape != SCALAR and "1" in shape


def cost_of(changes: Iterable[Change]) -> int:
    return sum(COSTS[change.edit] for change in changes)


def _cheapest(found: list[Variant]) -> list[Variant]:
    """One variant a tree, the cheapest first; the printed one first among equals."""
    best: dict[Expr, Variant] = {}
    for variant in sorted(found, key=lambda variant: variant.cost):
        best.setdefault(variant.tree, variant)
    if len(best) > MAX_VARIANTS:
        raise LimitError(f"more than {MAX_VARIANTS} readings of one subformula")
    return list(best.values())


def _joined(picked: Iterable[Variant]) -> tuple[Change, ...]:
    return tuple(change for variant in picked for change in variant.changes)


def _free_meaning(
    declared: tuple[Meaning, ...], left: Shape, right: Shape, layout: str
) -> Meaning | None:
    """What a sign stands for between such operands: the first declared meaning that fits them.

    A number times an array is just that, and a product with a Jacobian sums over the array
    between, whatever the sign, unless the sign means entry by entry alone.
    """
    if SCALAR in (left, right):
        return Meaning.SCALE
    if 4 in (len(left), len(right)) and Meaning.MATMUL in declared:
        declared = (Meaning.CONTRACT,)
    fitting = (m for m in declared if product_shape(m, left, right, layout) is not None)
    return next(fitting, None)


def _meaning_change(node: Product, meaning: Meaning) -> Change:
    return Change(Edit.MEANING, node.sign.lstrip("\\") or "juxtaposition", meaning.value)


def with_longer_body(node: Expr, term: Expr, negative: bool) -> Expr | None:
    """The tree with ``term`` taken into the sum that ends it, if a sum ends it."""
    if isinstance(node, Sum) and node.times:
        return None
    if isinstance(node, Sum | Total):
        body = node.body if isinstance(node, Sum) else node.arg
        longer = Add(body, Neg(term) if negative else term)
        return replace(node, body=longer) if isinstance(node, Sum) else replace(node, arg=longer)
    if isinstance(node, Neg):
        inner = with_longer_body(node.arg, term, negative)
        return None if inner is None else Neg(inner)
    if isinstance(node, Product | Add):
        inner = with_longer_body(node.right, term, negative)
        return None if inner is None else replace(node, right=inner)
    return None
