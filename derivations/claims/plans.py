"""Edits to a whole formula: the readings of its indices and sizes, before any product is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from ..document.syntax import (
    LAST,
    ONE,
    Add,
    Call,
    Derivative,
    Expr,
    Index,
    Name,
    Neg,
    Number,
    Power,
    Product,
    Ref,
    Relation,
    Script,
    Size,
    Sum,
    children,
    rebuild,
    transform,
    walk,
    written_indices,
)  # fmt: skip
from ..document.write import to_text
from ..errors import UndeclaredError
from .admitted import networks
from .claim import Claim, ClaimKind
from .networks import Network
from .notation import Notation
from .readings import Change, Edit, cost_of, with_longer_body
from .resolve import any_sample_of, resolve
from .scripts import index_of


@dataclass(frozen=True, slots=True)
class Plan:
    """Both sides with every name resolved, the edits so far, and where they are to hold."""

    left: Expr
    right: Expr
    truth: Expr  # what the left side must be equal to the right side of
    changes: tuple[Change, ...]
    conditions: tuple[Relation, ...]
    networks: tuple[Network, ...]
    fixed: bool = False  # whether an edit restricts it to the last layer
    any_sample: bool = False  # whether it speaks of any one sample, without an index
    shift: int = 0  # by how many layers the differentiated symbol is shifted

    @property
    def is_slope(self) -> bool:
        """Whether the left side is a derivative, or an update by one."""
        return isinstance(self.left, Derivative) or self.truth != self.left

    @property
    def cost(self) -> int:
        return cost_of(self.changes)


def strict_plan(claim: Claim, notation: Notation) -> Plan:
    """The formula as printed.

    Raises: UndeclaredError for a symbol that the notation does not know.
    """
    assert claim.left is not None
    assert claim.right is not None
    plan = _plan(claim, notation, claim.left, claim.right, ())
    _check_reach(plan)
    return plan


def _check_reach(plan: Plan) -> None:
    """Raises UndeclaredError where a term after a sum has the sum's index, as if it were in it."""
    given = free_letters(plan.truth)
    for node in walk(plan.right):
        term = node.right if isinstance(node, Add) else ONE
        if isinstance(node, Add) and with_longer_body(node.left, term, False) is not None:
            sums = {part.index for part in walk(node.left) if isinstance(part, Sum)}
            for index in sorted(sums & free_letters(term) - given):
                what = f"{index} stands outside the sum over {index}, and nothing binds it there"
                raise UndeclaredError(what, index)


def free_letters(tree: Expr) -> set[str]:
    """The index letters that no sum of a resolved tree binds."""
    own = {index.base for index in written_indices(tree) if index.base not in (None, LAST)}
    found = {str(letter) for letter in own}.union(*(free_letters(part) for part in children(tree)))
    return found - {tree.index} if isinstance(tree, Sum) else found


def plans(claim: Claim, notation: Notation, budget: int) -> list[Plan]:
    """Every whole-formula reading within the budget, cheapest first."""
    found: list[Plan] = []
    for plan in _indexed(claim, notation):
        for sized in (plan, *_sizes(plan, notation)):
            for shifted in (sized, *_shifted(sized, notation)):
                found += [shifted, *_last_only(shifted, notation)]
    within = [plan for plan in found if plan.cost <= budget and plan.networks]
    return sorted(within, key=lambda plan: plan.cost)


def _plan(
    claim: Claim, notation: Notation, left: Expr, right: Expr, changes: tuple[Change, ...]
) -> Plan:
    generic = any_sample_of((left, right), notation)
    resolved = (
        resolve(left, notation, any_sample=generic),
        resolve(right, notation, any_sample=generic),
    )
    first, second = _one_layer(resolved, notation)
    update = claim.kind is ClaimKind.UPDATE and not is_computed(first, notation)
    if update and _goes_further(second):
        raise UndeclaredError("it is no step of gradient descent, and no other one is decided")
    truth = updated(first, notation, claim.ascent is True) if update else first
    _check_conditions(claim.conditions, (first, second), notation)
    depths = networks(notation, claim.conditions, truth, second)
    where = (Network(1),) if _is_bare(resolved, notation) else tuple(depths)
    sampled = bool(generic)
    return Plan(first, second, truth, changes, claim.conditions, where, any_sample=sampled)


def is_computed(node: Expr, notation: Notation) -> bool:
    """Whether the model computes the array, so that an assignment to it is no gradient step."""
    names = {re.split(r"[=^_]", text.replace(" ", ""))[0] for text in notation.forward}
    return isinstance(node, Ref) and node.name in names


def _check_conditions(
    conditions: tuple[Relation, ...], trees: tuple[Expr, Expr], notation: Notation
) -> None:
    """Raises UndeclaredError for a condition that is about no index of the formula."""
    refs = [node for tree in trees for node in walk(tree) if isinstance(node, Ref)]
    indices = [index for ref in refs for index in (ref.layer, *(ref.entries or ())) if index]
    known = {index.base for index in indices} | {None, LAST}
    for condition in conditions:
        if isinstance(condition.left, Ref):
            continue  # an assumption about an entry
        sides = [index_of(side, notation) for side in (condition.left, condition.right)]
        if any(side is None or side.base not in known for side in sides):
            raise UndeclaredError(
                f"the condition {to_text(condition)} is about no index of the formula"
            )


def _goes_further(side: Expr) -> bool:
    """Whether a step multiplies by an inverse, as Newton's method does."""
    return any(
        (isinstance(node, Power) and isinstance(node.exponent, Neg) and not _is_plain(node.base))
        or (isinstance(node, Call) and node.function == "inv")
        for node in walk(side)
    )


def _is_plain(node: Expr) -> bool:
    return isinstance(node, Number | Size)


def updated(variable: Expr, notation: Notation, ascent: bool = False) -> Expr:
    """What a step of gradient descent, or ascent, makes of a variable: ``V - rate * dL/dV``."""
    if notation.rate is None or notation.loss is None:
        raise UndeclaredError(
            'an update needs the learning rate; add  rate = "\\\\alpha"  at the top '
            "of the notation, and  loss  under [model]"
        )
    slope = Derivative(Ref(notation.loss), variable)
    step = Product("", Ref(notation.rate), slope)
    return Add(variable, step if ascent else Neg(step))


def _layered(node: Expr, notation: Notation) -> bool:
    return isinstance(node, Ref) and notation.symbols[node.name].layered


def _is_bare(trees: tuple[Expr, ...], notation: Notation) -> bool:
    """Whether layered symbols occur and none has its layer: the one-layer network is meant."""
    refs = [node for tree in trees for node in walk(tree) if _layered(node, notation)]
    return bool(refs) and all(isinstance(ref, Ref) and ref.layer is None for ref in refs)


def _one_layer(trees: tuple[Expr, Expr], notation: Notation) -> tuple[Expr, Expr]:
    if not _is_bare(trees, notation):
        return trees

    def first(node: Expr) -> Expr:
        if isinstance(node, Ref) and _layered(node, notation):
            return replace(node, layer=Index(None, 1), bare=True)
        return node

    return transform(trees[0], first), transform(trees[1], first)


# -- give a bare symbol its index ----------------------------------------------------
def _indexed(claim: Claim, notation: Notation) -> Iterator[Plan]:
    assert claim.left is not None
    assert claim.right is not None
    for right, changes in ((claim.right, ()), *_with_index(claim.right, notation)):
        try:
            yield _plan(claim, notation, claim.left, right, changes)
        except UndeclaredError:
            continue


def _with_index(right: Expr, notation: Notation) -> Iterator[tuple[Expr, tuple[Change, ...]]]:
    """Each symbol that stands bare, with an index that the formula uses elsewhere."""
    bare = [node.text for node in _bare_names(right)]
    names = dict.fromkeys(
        name for name in bare if name in notation.samples or _is_layered_name(name, notation)
    )
    indices = dict.fromkeys(
        part for node in walk(right) if isinstance(node, Script) for part in node.sup
    )
    letters = dict.fromkeys(node.index for node in walk(right) if isinstance(node, Sum))
    for name in names:
        for index in indices if name not in notation.samples else map(Name, letters):
            written = Script(Name(name), (), (index,))
            longer = _replaced(right, name, written)
            yield longer, (Change(Edit.INDEX, name, written),)


def _is_layered_name(name: str, notation: Notation) -> bool:
    return name in notation.symbols and notation.symbols[name].layered


def _bare_names(node: Expr) -> Iterator[Name]:
    if isinstance(node, Name):
        yield node
    elif isinstance(node, Script):
        return
    else:
        for child in children(node):
            yield from _bare_names(child)


def _replaced(node: Expr, name: str, by: Expr) -> Expr:
    if node == Name(name):
        return by
    if isinstance(node, Script):
        return node
    return rebuild(node, lambda child: _replaced(child, name, by))


# -- one size for another, throughout --------------------------------------------------
def _sizes(plan: Plan, notation: Notation) -> Iterator[Plan]:
    used = {node.name for node in walk(plan.right) if isinstance(node, Size)}
    for name in sorted(used):
        for other in sorted(notation.sizes):
            if other != name:
                yield replace(
                    plan,
                    right=_resized(plan.right, name, other),
                    changes=(*plan.changes, Change(Edit.SIZE, name, other)),
                )


def _resized(tree: Expr, name: str, other: str) -> Expr:
    def change(node: Expr) -> Expr:
        return Size(other) if node == Size(name) else node

    return transform(tree, change)


# -- layers -----------------------------------------------------------------------------
def _last_only(plan: Plan, notation: Notation) -> Iterator[Plan]:
    """The claim for the last layer alone: the differentiated symbol's layer is the last."""
    subject = subject_of(plan.left)
    if subject is None or subject.layer is None or subject.layer.base in (None, LAST):
        return
    base, offset = subject.layer.base, subject.layer.offset

    def fixed(node: Expr) -> Expr:
        if isinstance(node, Ref) and node.layer is not None and node.layer.base == base:
            return replace(node, layer=Index(LAST, node.layer.offset - offset))
        return node

    trees = [transform(tree, fixed) for tree in (plan.left, plan.right, plan.truth)]
    change = Change(Edit.LAST, plan.left, trees[0])
    last = Name(sorted(notation.layers.last)[0])
    where = Relation("=", _shown(subject.layer), last)
    yield replace(
        plan,
        left=trees[0],
        right=trees[1],
        truth=trees[2],
        changes=(*plan.changes, change),
        conditions=(*plan.conditions, where),
        fixed=True,
        networks=tuple(networks(notation, (), trees[1], trees[2])),
    )


def _shown(index: Index) -> Expr:
    name = Name(index.base or "")
    if not index.offset:
        return name
    step = Number(Fraction(abs(index.offset)))
    return Add(name, step if index.offset > 0 else Neg(step))


def subject_of(left: Expr) -> Ref | None:
    """The array that a formula differentiates by or updates."""
    if isinstance(left, Derivative) and isinstance(left.by, Ref):
        return left.by
    return left if isinstance(left, Ref) else None


def _shifted(plan: Plan, notation: Notation) -> Iterator[Plan]:
    """The differentiated or updated symbol one layer on: the other layers one layer back."""
    subject = subject_of(plan.left)
    if (
        not plan.is_slope
        or subject is None
        or subject.layer is None
        or subject.layer.base in (None, LAST)
    ):
        return
    for step in (1, -1):

        def moved(node: Expr, step: int = step) -> Expr:
            keep = isinstance(node, Ref) and node.name == subject.name
            if isinstance(node, Ref) and node.layer is not None and not keep:
                return replace(node, layer=node.layer.moved(-step))
            return node

        right = transform(plan.right, moved)
        after = replace(subject, layer=subject.layer.moved(step))
        yield replace(
            plan,
            right=right,
            shift=step,
            changes=(*plan.changes, Change(Edit.SHIFT, subject, after)),
            networks=tuple(networks(notation, plan.conditions, plan.truth, right)),
        )
