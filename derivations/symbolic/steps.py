"""A derivation step by step: from the model to the formula, each step a pair of syntax trees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..claims.model import Model, Node
from ..claims.networks import Network
from ..claims.notation import Notation
from ..document.syntax import Derivative, Expr, Index, Ref, Relation, walk
from ..document.write import to_tex, to_text
from ..errors import LimitError
from . import atoms
from .decode import Decoder
from .encode import Encoder
from .indices import added, array, fresh
from .normal import remainder
from .proof import (
    difference,
    entry_of_side,
    entrywise_opened,
    free_indices,
    known_sums,
    opened,
    stage_of,
    unequal,
)

AXES = "ijkl"


@dataclass(frozen=True, slots=True)
class Step:
    """``before = after`` by ``rule``; both in index notation, in the proof's network."""

    rule: str
    before: Expr
    after: Expr

    def text(self) -> str:
        return f"{to_text(self.before)} = {to_text(self.after)}"

    def tex(self) -> str:
        return f"{to_tex(self.before)} = {to_tex(self.after)}"


@dataclass(frozen=True, slots=True)
class Proof:
    """The steps of a proof and the network whose layers they name."""

    network: Network
    frontier: int | None
    method: str
    steps: tuple[Step, ...]
    conditions: tuple[Relation, ...] = ()


def proof_steps(
    left: Expr,
    right: Expr,
    notation: Notation,
    model: Model,
    one_layer: bool = False,
    conditions: tuple[Relation, ...] = (),
) -> Proof | None:
    """The proof that both typed sides are equal; None where it cannot be written out."""
    stage = stage_of(left, right, one_layer, model)
    if stage is None:
        return None
    network, frontier, method = stage
    coder = Encoder(notation, model.at(network.depth), network, frontier)
    try:
        steps = tuple(_steps(left, right, coder, conditions))
    except LimitError:
        return None
    return Proof(network, frontier, method, steps, conditions)


def _steps(
    left: Expr, right: Expr, coder: Encoder, conditions: tuple[Relation, ...]
) -> Iterator[Step]:
    targets = dict.fromkeys(
        coder.node(node.by)
        for node in walk(left)
        if isinstance(node, Derivative) and isinstance(node.by, Ref) and _is_loss(node, coder)
    )
    for target in targets:
        yield from _chain(target, coder, set())
    shape = max(coder.shape(left), coder.shape(right), key=len)
    at = tuple(fresh(name) for name in shape)
    yield _whole(left, right, at, coder, conditions)


def _is_loss(node: Derivative, coder: Encoder) -> bool:
    return isinstance(node.of, Ref) and node.of.name == coder.notation.loss


def _chain(node: Node, coder: Encoder, seen: set[Node]) -> Iterator[Step]:
    """The cotangents from the loss down to a node, each from those of what the node feeds."""
    if node in seen or coder.is_opaque(node):
        return
    seen.add(node)
    for consumer in coder.consumers(node):
        if consumer[0] != coder.notation.loss:
            yield from _chain(consumer, coder, seen)
        elif consumer not in seen:
            seen.add(consumer)
            yield _definition(consumer, coder)
    at = tuple(fresh(name) for name in coder.node_shape(node))
    names = {index: AXES[n] for n, index in enumerate(at) if index != 0}
    value = sum(
        (_link(consumer, node, at, coder) for consumer in coder.consumers(node)), sp.Integer(0)
    )
    through = " and ".join(_name(consumer) for consumer in coder.consumers(node))
    rule = (
        f"differentiate {through}"
        if through == coder.notation.loss
        else f"chain rule through {through}"
    )
    after = Decoder(coder, names).tree(value)
    yield Step(rule, _cotangent(node, at, names, coder), after)


def _definition(node: Node, coder: Encoder) -> Step:
    at = tuple(fresh(name) for name in coder.node_shape(node))
    names = {index: AXES[n] for n, index in enumerate(at) if index != 0}
    value = coder.opened(node, at)
    return Step("the model", _entry(node, at, names), Decoder(coder, names).tree(value))


def _link(consumer: Node, node: Node, at: tuple[Any, ...], coder: Encoder) -> Any:
    """One consumer's part, with its own cotangent left as a symbol."""
    names = coder.node_shape(consumer)
    place = tuple(fresh(name) for name in names)
    slope = coder.local_slope(coder.opened(consumer, place), node, at)
    outer = sp.Integer(1)
    if consumer[0] != coder.notation.loss:
        outer = array("cotangent", *consumer)[place]
    body = outer * slope
    for index, name in zip(place, names, strict=True):
        body = added(body, index, name)
    return atoms.contract(body)


def _whole(
    left: Expr,
    right: Expr,
    at: tuple[Any, ...],
    coder: Encoder,
    conditions: tuple[Relation, ...],
) -> Step:
    """The claim itself at one entry."""
    env = {letter: fresh("index") for letter in free_indices(left, right)}
    letters = (letter for letter in AXES if letter not in env)
    names = {index: next(letters) for index in at if index != 0}
    names |= {index: letter for letter, index in env.items()}
    decoder = Decoder(coder, names)

    def side(tree: Expr, other: Expr) -> Expr:
        value = atoms.contract(entry_of_side(tree, at, env, coder, other))
        return decoder.tree(value.xreplace(unequal(conditions, env)))

    before = left
    by = left.by if isinstance(left, Derivative) and _is_loss(left, coder) else None
    if isinstance(by, Ref) and by.entries is None:
        before = _cotangent(coder.node(by), at, names, coder)
    elif isinstance(left, Ref) and left.entries is None:
        before = _entry(coder.node(left), at, names)
    elif len(at) > 2 or not _is_entry(left):
        before = side(left, right)
    return Step("the right side, entry by entry", before, side(right, left))


def _is_entry(left: Expr) -> bool:
    """Whether a left side names one entry already."""
    ref = left.by if isinstance(left, Derivative) else left
    return isinstance(ref, Ref) and ref.entries is not None


def _entry(node: Node, at: tuple[Any, ...], names: dict[Any, str]) -> Ref:
    entries = tuple(Index(names[index]) if index in names else None for index in at)
    layer = None if node[1] is None else Index(None, node[1])
    whole = all(entry is None for entry in entries)
    return Ref(node[0], layer, None if whole else (entries[0], entries[1]))


def _cotangent(
    node: Node, at: tuple[Any, ...], names: dict[Any, str], coder: Encoder
) -> Derivative:
    return Derivative(Ref(coder.notation.loss or ""), _entry(node, at, names))


def _name(node: Node) -> str:
    return node[0] if node[1] is None else f"{node[0]}^{node[1]}"


def replayed(proof: Proof, notation: Notation, model: Model) -> list[bool]:
    """Whether each step holds, found anew from its two trees alone."""
    definitions = model.at(proof.network.depth)
    results = []
    for step in proof.steps:
        coder = Encoder(notation, definitions, proof.network, proof.frontier)
        try:
            value = difference(step.before, step.after, coder, proof.conditions)
            results.append(_is_zero(coder, value))
        except LimitError:
            results.append(False)
    return results


def _is_zero(coder: Encoder, value: Any) -> bool:
    return any(
        not remainder(item, known_sums(coder, item))
        for item in (value, entrywise_opened(coder, value), *opened(coder, value))
    )
