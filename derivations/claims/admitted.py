"""The small networks in which a claim must hold: every depth and every layer it speaks of."""

from __future__ import annotations

from collections.abc import Iterator

from ..document.syntax import Expr, Ref, Relation, walk
from .model import layer_letters
from .networks import Network, starts_at_input
from .notation import Notation
from .scripts import index_of, ordered

LEAST_DEPTH = 3  # deep enough for a hidden layer between hidden layers


def networks(notation: Notation, conditions: tuple[Relation, ...], *trees: Expr) -> list[Network]:
    """Every small network in which all layers that the trees name exist.

    A layer that only some arrays lack (the labels of a hidden layer) does not narrow it.
    """
    letters = layer_letters(*trees)
    refs = [node for tree in trees for node in walk(tree) if isinstance(node, Ref)]
    if not notation.layers.letters and not any(s.layered for s in notation.symbols.values()):
        return [Network(1)]
    layers = [ref.layer for ref in refs if ref.layer is not None]
    top = max((layer.offset for layer in layers if layer.base is None), default=0)
    offsets = {
        letter: [layer.offset for layer in layers if layer.base == letter] for letter in letters
    }
    spread = max((max(each) - min(each) for each in offsets.values()), default=0)
    depths = range(1, max(LEAST_DEPTH, top + 1, spread + 2) + 1)
    found = [
        network
        for depth in depths
        for network in _at_depth(depth, offsets)
        if all(_exists(ref, network, notation) for ref in refs)
    ]
    return [network for network in found if _admitted(network, conditions, notation)]


def _at_depth(depth: int, offsets: dict[str, list[int]]) -> Iterator[Network]:
    """Every layer that each letter can stand for so that some layer named by it exists."""
    choices: list[tuple[tuple[str, int], ...]] = [()]
    for letter, each in offsets.items():
        reach = range(-max(each), depth - min(each) + 1)
        choices = [(*choice, (letter, layer)) for choice in choices for layer in reach]
    yield from (Network(depth, choice) for choice in choices)


def _exists(ref: Ref, network: Network, notation: Notation) -> bool:
    symbol = notation.symbols[ref.name]
    if ref.layer is None or not (symbol.layered or symbol.at is not None):
        return True
    number = network.layer(ref.layer)
    lowest = 0 if symbol.layered and starts_at_input(ref.name, notation) else 1
    return lowest <= number <= network.depth


def _admitted(network: Network, conditions: tuple[Relation, ...], notation: Notation) -> bool:
    layers = dict(network.layers)
    for condition in conditions:
        sides = [index_of(side, notation) for side in (condition.left, condition.right)]
        if None in sides or not any(s is not None and s.base in layers for s in sides):
            continue
        left, right = (network.layer(side) for side in sides if side is not None)
        if not ordered(condition.sign, left, right):
            return False
    return True
