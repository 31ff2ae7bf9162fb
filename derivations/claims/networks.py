"""Networks of a depth, and a notation seen in one: which layer, which size."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from ..document.syntax import (
    LAST,
    Index,
    Ref,
)  # fmt: skip
from ..document.write import index_text, to_text
from ..errors import UndeclaredError
from .notation import Dim, Notation


@dataclass(frozen=True, slots=True)
class Network:
    """How deep the network is, and which layer each layer letter stands for."""

    depth: int
    layers: tuple[tuple[str, int], ...] = ()

    def layer(self, index: Index) -> int:
        known = {**dict(self.layers), LAST: self.depth}
        if index.base is not None and index.base not in known:
            raise UndeclaredError(f"{index.base} stands for a layer that nothing names")
        return index.at(known)

    def layer_or_none(self, index: Index) -> int | None:
        """The layer, or None where its letter stands for none."""
        known = {None, LAST, *(name for name, _ in self.layers)}
        return self.layer(index) if index.base in known else None


class Scope:
    """One notation in one network; written indices take their size from where they stand.

    ``same`` names sizes that coincide, each by the one that stands for it.
    """

    def __init__(
        self, notation: Notation, network: Network, same: Mapping[str, str] | None = None
    ) -> None:
        self.notation = notation
        self.same = same or {}
        self.network = network
        self.index_sizes: dict[str, str] = {}
        self.letters: set[str] = set()  # the written indices of the formula at hand

    def size(self, dim: Dim, layer: int | None) -> str:
        name = self._size(dim, layer)
        return self.same.get(name, name)

    def _size(self, dim: Dim, layer: int | None) -> str:
        if dim.layer is None:
            return dim.name
        at = dim.layer.offset
        if dim.layer.base == LAST:
            at += self.network.depth
        elif dim.layer.base is not None:
            at += layer if layer is not None else 0
        return self.width(at)

    def sizes(self) -> list[str]:
        """Every size of a declared array in this network."""
        found: dict[str, None] = {}
        for symbol in self.notation.symbols.values():
            for layer in range(self.network.depth + 1) if symbol.layered else (None,):
                found |= dict.fromkeys(self.size(dim, layer) for dim in symbol.shape)
        return [name for name in found if not name.isdigit()]

    def width(self, layer: int) -> str:
        layers = self.notation.layers
        if layer == 0:
            return layers.inputs
        if layer == self.network.depth:
            return layers.outputs
        return f"{layers.width}{layer}"

    def layer_of(self, ref: Ref) -> int | None:
        """The layer number of a reference; None for an array that has no layers.

        Raises: UndeclaredError where the notation knows no such layer.
        """
        symbol = self.notation.symbols[ref.name]
        if ref.layer is None:
            if symbol.layered:
                raise UndeclaredError(f"{ref.name} stands here without its layer", ref.name)
            return None
        number = self.network.layer(ref.layer)
        if symbol.at is not None:
            if number != self.network.layer(symbol.at):
                raise UndeclaredError(
                    f"{_shown(ref)} is not declared: {ref.name} belongs to layer "
                    f"{index_text(symbol.at)} only",
                    ref.name,
                )
            return None
        if not symbol.layered:
            raise UndeclaredError(
                f"{_shown(ref)} is not declared: {ref.name} has no layers", ref.name
            )
        lowest = 0 if starts_at_input(ref.name, self.notation) else 1
        if not lowest <= number <= self.network.depth:
            raise UndeclaredError(
                f"{_shown(ref)} is not declared: there is no layer {number} in a "
                f"network of {self.network.depth}",
                ref.name,
            )
        return number


def _shown(ref: Ref) -> str:
    return to_text(replace(ref, entries=None))


def starts_at_input(name: str, notation: Notation) -> bool:
    """Whether the model says what the array is at layer 0, as in A^0 = X."""
    return _starts_at_input(name, notation.forward)


@cache
def _starts_at_input(name: str, forward: tuple[str, ...]) -> bool:
    start = f"{name}^0="
    plain = (re.sub(r"[\s{}()\[\]]", "", text) for text in forward)
    return any(text.startswith(start) for text in plain)


def coinciding(sizes: Mapping[str, int], notation: Notation) -> dict[str, str]:
    """Which size stands for which when their numbers are equal: sample sizes stand first."""
    first: dict[int, str] = {1: "1"}
    for name in sorted(sizes, key=lambda name: name not in notation.sample_sizes):
        first.setdefault(sizes[name], name)
    return {name: first[number] for name, number in sizes.items()}
