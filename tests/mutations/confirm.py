"""Whether a claim is true, decided without the judge: other code, other numbers, other sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import InvalidOperation
from functools import cache
from itertools import product

from derivations.claims.claim import Claim, ClaimKind
from derivations.document import syntax as tree
from derivations.document.syntax import Expr, Name, Script, walk

from .decimals import SHORT, at_precision, differ
from .network import LAYERED, Net, NoSuchArrayError, nets
from .structure import confirmed_instance, confirmed_loop, confirmed_shape
from .surface import LETTERS, SIGNS, TRANSPOSES, MisfitError, Reader, UnknownError

Meanings = dict[int, str]
EQUAL = ("=", ":=", "\\leq", "\\geq")  # true of two sides that are equal


@cache
def worlds(convention: str) -> tuple[Net, ...]:
    return tuple(nets(convention))


def confirmed(claim: Claim, convention: str) -> bool:
    """Whether the claim holds as printed, as far as this evaluator understands it."""
    if claim.kind is ClaimKind.LOOP:
        return confirmed_loop(claim)
    if claim.kind is ClaimKind.SHAPE:
        return confirmed_shape(claim, worlds(convention))
    if claim.kind is ClaimKind.INSTANCE:
        return confirmed_instance(claim, convention)
    if claim.sign not in EQUAL or claim.left is None or claim.right is None:
        return False
    if claim.left == Name("y"):
        return confirmed_line(claim)
    return confirmed_equation(claim, worlds(convention))


def confirmed_equation(claim: Claim, every: Sequence[Net]) -> bool:
    """Whether some meaning of the product signs makes both sides equal in every network."""
    left, right = sides(claim)
    places = [*settings(claim, left, right, every)]
    left_over = [*assignments(left, right)]
    for net, letters in places:
        left_over = [m for m in left_over if equal_in(net, letters, left, right, m)]
        if not left_over:
            return False
    return bool(places)


def sides(claim: Claim) -> tuple[Expr, Expr]:
    """Both sides; an update claims that a step against the gradient is taken."""
    left, right = claim.left, claim.right
    assert left is not None
    assert right is not None
    if claim.kind is not ClaimKind.UPDATE or is_computed(left):
        return left, right
    step = tree.Product("", Name("\\alpha"), tree.Derivative(Name("L"), left))
    return tree.Add(left, tree.Neg(step)), right


def is_computed(left: Expr) -> bool:
    """Whether the network computes the symbol, so that no step is taken along it."""
    return (left.base if isinstance(left, Script) else left) in (Name("Z"), Name("A"), Name("L"))


def equal_in(
    net: Net, letters: dict[str, int], left: Expr, right: Expr, meanings: Meanings
) -> bool:
    first, second = (
        lambda side=side: Reader(net, letters, meanings, bare=is_bare(left, right)).value(side)
        for side in (left, right)
    )
    try:
        shapes = [at_precision(side, SHORT).shape for side in (first, second)]
        return shapes[0] == shapes[1] and not differ(first, second)
    except (MisfitError, UnknownError, NoSuchArrayError, InvalidOperation, ZeroDivisionError):
        return False


def assignments(*trees: Expr) -> Iterator[Meanings]:
    """Every meaning of every product sign."""
    signs = [node for side in trees for node in walk(side) if isinstance(node, tree.Product)]
    for chosen in product(*(SIGNS[node.sign] for node in signs)):
        yield {id(node): meaning for node, meaning in zip(signs, chosen, strict=True)}


def settings(
    claim: Claim, left: Expr, right: Expr, every: Sequence[Net]
) -> Iterator[tuple[Net, dict[str, int]]]:
    """Every network, and every choice of layers in it, that the claim speaks of."""
    names = sorted(layer_letters(left, right))
    bare = is_bare(left, right)
    for net in every:
        if bare and net.depth != 1:
            continue
        for chosen in product(range(net.depth + 2), repeat=len(names)):
            letters = dict(zip(names, chosen, strict=True))
            reader = Reader(net, letters, {}, bare=bare)
            if admitted(reader, claim) and all(
                exists(reader, node) for node in layered(left, right)
            ):
                yield net, letters


def admitted(reader: Reader, claim: Claim) -> bool:
    return all(
        condition.sign == "=" and reader.index(condition.left) == reader.index(condition.right)
        for condition in claim.conditions
    )


def exists(reader: Reader, node: Script) -> bool:
    """Whether the layer that a symbol names exists; Y of a hidden layer does not narrow it."""
    try:
        layer = reader.index(node.sup[0])
    except UnknownError:
        return True
    lowest = 0 if node.base == Name("A") else 1
    return lowest <= layer <= reader.net.depth


def layered(*trees: Expr) -> list[Script]:
    """The symbols with a layer."""
    return [
        node
        for side in trees
        for node in walk(side)
        if isinstance(node, Script)
        and isinstance(node.base, Name)
        and node.base.text in (*LAYERED, "w", "Y")
        and node.sup
        and node.sup[0] not in TRANSPOSES
    ]


def is_bare(*trees: Expr) -> bool:
    """Whether layered symbols occur and none has its layer: the one-layer network is meant."""
    names = {node.text for side in trees for node in walk(side) if isinstance(node, Name)}
    return bool(names & LAYERED) and not layered(*trees)


def layer_letters(*trees: Expr) -> set[str]:
    bound = {node.index for side in trees for node in walk(side) if isinstance(node, tree.Sum)}
    found = {
        part.text
        for node in layered(*trees)
        for part in walk(node.sup[0])
        if isinstance(part, Name) and part.text in LETTERS
    }
    return found - bound


def confirmed_line(claim: Claim) -> bool:
    """The straight line ``y = k x + b``: its right side by the letters' values, at several."""
    values = ({"k": 3, "x": 5, "b": 7}, {"k": -2, "x": 11, "b": 13}, {"k": 17, "x": -4, "b": 1})
    assert claim.right is not None
    try:
        return all(_line(claim.right, at) == at["k"] * at["x"] + at["b"] for at in values)
    except UnknownError:
        return False


def _line(node: Expr, at: dict[str, int]) -> int:
    if isinstance(node, Name) and node.text in at:
        return at[node.text]
    if isinstance(node, tree.Add):
        return _line(node.left, at) + _line(node.right, at)
    if isinstance(node, tree.Product):
        return _line(node.left, at) * _line(node.right, at)
    if isinstance(node, tree.Neg):
        return -_line(node.arg, at)
    if isinstance(node, tree.Number) and node.value.denominator == 1:
        return int(node.value)
    if isinstance(node, Script) and node.sup and set(node.sup) <= set(TRANSPOSES):
        return _line(node.base, at)
    raise UnknownError(str(node))
