"""Whether a claim is true for all sizes, and where layers are involved for all depths.

The base of the induction is the last layer, where the loss is differentiated outright.  The
step takes the cotangents of one layer as symbols and works out those of the layers before, so
that it holds whatever follows; a claim proved by the step alone needs no base of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..claims.model import Model, layer_letters
from ..claims.networks import Network
from ..claims.notation import Notation
from ..claims.shapes import SCALAR, Shape
from ..document.syntax import (
    LAST,
    Call,
    Derivative,
    Expr,
    Name,
    Ref,
    Relation,
    walk,
    written_indices,
)
from ..errors import LimitError, ShapeError, UndeclaredError
from ..functions import FUNCTIONS, Kind
from . import atoms
from .encode import Encoder
from .indices import At, fresh
from .normal import remainder

SUMMED = {  # the axis along which the entries of a domain sum to 1
    "one-hot rows": 1, "rows sum to 1": 1, "one-hot columns": 0, "columns sum to 1": 0
}  # fmt: skip
SYMMETRIC = ("symmetric", "positive definite")
MAX_OPENED = 5  # how many definitions deep a claim is opened


@dataclass(frozen=True, slots=True)
class Finding:
    """``proved``, by ``method``; else why no answer came."""

    proved: bool
    method: str = ""
    stopped: str = ""


def prove(
    left: Expr,
    right: Expr,
    notation: Notation,
    model: Model,
    *,
    rounds: int = MAX_OPENED,
    conditions: tuple[Relation, ...] = (),
    one_layer: bool = False,
) -> Finding:
    """Whether both typed sides are equal for all sizes (and depths)."""
    finding = Finding(False, stopped="no network to prove it in")
    for network, frontier, method in _stages(left, right, one_layer, model):
        try:
            coder = encoder(notation, model, network, frontier)
            value = difference(left, right, coder, conditions)
            finding = _decided(coder, value, method, rounds)
        except (LimitError, ShapeError, UndeclaredError, sp.PolynomialError) as error:
            finding = Finding(False, stopped=str(error))
        if finding.proved:
            return finding
    return finding


Stage = tuple[Network, int | None, str]


def stage_of(left: Expr, right: Expr, one_layer: bool, model: Model) -> Stage | None:
    """The first network in which a proof of the claim can be given."""
    return next(iter(_stages(left, right, one_layer, model)), None)


def _stages(left: Expr, right: Expr, one_layer: bool, model: Model) -> Iterator[Stage]:
    """The networks in which a proof says something about every network, and how."""
    letters = layer_letters(left, right)
    refs = [node for tree in (left, right) for node in walk(tree) if isinstance(node, Ref)]
    layers = [ref.layer for ref in refs if ref.layer is not None]
    if not layers:
        yield Network(1), None, "for all sizes"
        return
    if one_layer:
        yield Network(1), None, "for all sizes, in the one-layer network"
        return
    if any(layer.base == LAST for layer in layers):
        if not letters:
            yield Network(4), None, "for all sizes, in the last layer of any depth"
        return
    offsets = [layer.offset for layer in layers]
    if letters:
        start = 2 - min(offsets)
        network = Network(start + max(offsets) + 3, tuple((name, start) for name in letters))
        if len(letters) == 1:
            frontier = start + _highest(model, left, right)
            yield network, frontier, "for all sizes and depths, by the step from layer to layer"
        return
    yield Network(max(offsets) + 2), max(offsets), "for all sizes, whatever layers follow"


def _highest(model: Model, *trees: Expr) -> int:
    """The highest layer, from the layer letter on, of what the loss is differentiated by.

    A shorthand such as delta stands for a derivative at its own layer.
    """
    short = {name for (name, _), definition in model.at(1).items() if _is_slope(definition.right)}
    nodes = [node for tree in trees for node in walk(tree)]
    by = [node.by for node in nodes if isinstance(node, Derivative)]
    refs = [ref for ref in nodes if isinstance(ref, Ref) and ref.name in short]
    offsets = [ref.layer.offset for ref in (*by, *refs) if isinstance(ref, Ref) and ref.layer]
    other = [ref.layer.offset for ref in nodes if isinstance(ref, Ref) and ref.layer]
    return max(offsets or other or [0])


def _is_slope(tree: Expr) -> bool:
    return any(isinstance(node, Derivative) for node in walk(tree))


def encoder(notation: Notation, model: Model, network: Network, frontier: int | None) -> Encoder:
    """The model's encoder for a network, kept with the model: cotangents are worked out once."""
    key = (network, frontier)
    if key not in model.encoders:
        model.encoders[key] = Encoder(notation, model.at(network.depth), network, frontier)
    return model.encoders[key]  # type: ignore[no-any-return]


def _decided(coder: Encoder, value: Any, method: str, rounds: int) -> Finding:
    for form in opened(coder, value, rounds):
        form = symmetrized(coder, form)
        if not remainder(form, known_sums(coder, form)):
            return Finding(True, method)
    return Finding(False, stopped="the normal form does not decide it")


def difference(
    left: Expr, right: Expr, coder: Encoder, conditions: tuple[Relation, ...] = ()
) -> Any:
    """Left minus right at one entry, with free indices for the axes."""
    at = tuple(fresh(name) for name in max(coder.shape(left), coder.shape(right), key=len))
    env = {name: fresh("index") for name in free_indices(left, right)}
    for condition in conditions:
        sides = [side.text for side in (condition.left, condition.right) if isinstance(side, Name)]
        if len(sides) == 2 and set(sides) <= set(env) and condition.sign == "=":
            env[sides[0]] = env[sides[1]]
    value = entry_of_side(left, at, env, coder, right)
    value -= entry_of_side(right, at, env, coder, left)
    return value.xreplace(unequal(conditions, env))


def entry_of_side(tree: Expr, at: At, env: dict[str, Any], coder: Encoder, other: Expr) -> Any:
    """One side's entry; an array beside a Jacobian is read as the Jacobian it stands for."""
    shape, jacobian = coder.shape(tree), coder.shape(other)
    if len(shape) == len(at):
        return coder.encode(tree, at, env)
    if shape in (jacobian[:2], SCALAR) and jacobian[:2] == jacobian[2:]:
        pairs = zip(at[:2], at[2:], strict=True)
        return coder.encode(tree, at[:2], env) * sp.Mul(*(atoms.Delta(a, b) for a, b in pairs))
    of, by = (_long(at[n : n + 2], jacobian[n : n + 2]) for n in (0, 2))
    return coder.encode(tree, (of, by) if coder.notation.layout == "numerator" else (by, of), env)


def _long(at: At, shape: Shape) -> Any:
    """The index along a vector."""
    return at[0] if shape[0] != "1" else at[1]


def unequal(conditions: tuple[Relation, ...], env: dict[str, Any]) -> dict[Any, Any]:
    """The deltas that a condition ``i != j`` makes zero."""
    found = {}
    for condition in conditions:
        sides = [side.text for side in (condition.left, condition.right) if isinstance(side, Name)]
        if len(sides) == 2 and set(sides) <= set(env) and condition.sign == "\\neq":
            found[atoms.Delta(env[sides[0]], env[sides[1]])] = sp.Integer(0)
    return found


def free_indices(*trees: Expr) -> list[str]:
    """The letters of the written indices, in order of appearance."""
    found: dict[str, None] = {}
    for tree in trees:
        for node in walk(tree):
            found |= dict.fromkeys(e.base for e in written_indices(node) if e.base)
    return list(found)


def opened(coder: Encoder, value: Any, rounds: int = MAX_OPENED) -> Iterator[Any]:
    """The value as it is, with activations opened, then one definition after another."""
    value = entrywise_opened(coder, value)
    yield value
    for _ in range(rounds):
        inside = {
            coder.nodes[item.base]
            for item in value.atoms(sp.Indexed)
            if item.base in coder.nodes and coder.nodes[item.base] in coder.definitions
        }
        if not inside:
            return
        top = max(inside, key=lambda node: _rank(coder, node))
        value = _open(coder, value, lambda node, top=top: node == top)
        value = entrywise_opened(coder, value)
        yield value


def entrywise_opened(coder: Encoder, value: Any) -> Any:
    """The value with activations written as functions of what they are applied to."""
    return _open(coder, value, lambda node: _entrywise(coder, node))


def _open(coder: Encoder, value: Any, which: Any) -> Any:
    found = {
        item: coder.nodes[item.base] for item in value.atoms(sp.Indexed) if item.base in coder.nodes
    }
    opened = {
        item: coder.opened(node, item.indices)
        for item, node in found.items()
        if node in coder.definitions and which(node)
    }
    return value.xreplace(opened)


def _entrywise(coder: Encoder, node: Any) -> bool:
    """Whether a node is a function of another node's same entry, or another name for it."""
    tree = coder.definitions[node].right
    if isinstance(tree, Call):
        return FUNCTIONS[tree.function].kind is Kind.ENTRYWISE and isinstance(tree.arg, Ref)
    return isinstance(tree, Ref)


def _rank(coder: Encoder, node: Any) -> int:
    definition = coder.definitions.get(node)
    if definition is None:
        return 0
    refs = [coder.node(ref) for ref in walk(definition.right) if isinstance(ref, Ref)]
    return 1 + max((_rank(coder, ref) for ref in refs), default=0)


def symmetrized(coder: Encoder, value: Any) -> Any:
    """The value with S as (S + S^T)/2, S being any matrix then, where S is said to be symmetric.

    That is done when all derivatives are taken: the entries of S vary one by one.
    """
    halves = {}
    for item in value.atoms(sp.Indexed):
        node = coder.nodes.get(item.base)
        if node is not None and coder.notation.symbols[node[0]].domain in SYMMETRIC:
            halves[item] = (item + item.base[item.indices[::-1]]) / 2
    return value.xreplace(halves)


def known_sums(coder: Encoder, value: Any) -> tuple[Any, ...]:
    """Entries whose sum over an axis is 1 by the declared domain of their array."""
    found = []
    for item in sorted(value.atoms(sp.Indexed), key=str):
        node = coder.nodes.get(item.base)
        if node is None:
            continue
        axis = SUMMED.get(coder.notation.symbols[node[0]].domain)
        if axis is not None:
            own = sp.Dummy(integer=True)
            indices = list(item.indices)
            indices[axis] = own
            found.append((item.base[tuple(indices)], own))
    return tuple(found)
