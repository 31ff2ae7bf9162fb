"""The document's network by hand, under each convention: sizes, values, forward pass, slopes.

Source: training/formulas.md and the words of training/notation.toml; neither is read here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, getcontext

import numpy as np

from .decimals import Array, Dual, dual, each, log, sigmoid

Node = tuple[str, int | None]
CONVENTIONS = ("stated", "rows", "columns")
LAYERED = frozenset("WbZA")


class NoSuchArrayError(LookupError):
    """A symbol, or a symbol at a layer, that the document does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """A network with its inputs; ``fixed`` are arrays held at given values."""

    convention: str
    widths: tuple[int, ...]  # the inputs n first, the outputs k last
    m: int
    inputs: Mapping[Node, Array]
    fixed: Mapping[Node, Array] = field(default_factory=dict)
    memo: dict[tuple[int, Node], Array] = field(default_factory=dict)
    slopes: dict[tuple[int, Node, Node], Array] = field(default_factory=dict)

    @property
    def depth(self) -> int:
        return len(self.widths) - 1

    @property
    def sizes(self) -> dict[str, int]:
        return {"m": self.m, "n": self.widths[0], "k": self.widths[-1]}

    @property
    def columns(self) -> bool:
        """Whether each sample is a column."""
        return self.convention == "columns"

    def value(self, node: Node) -> Array:
        """An array at the precision of the context."""
        if node in self.fixed:
            return self.fixed[node]
        key = (getcontext().prec, node)
        if key not in self.memo:
            self.memo[key] = self._computed(*node)
        return self.memo[key]

    def _computed(self, name: str, layer: int | None) -> Array:
        if (name, layer) in self.inputs:
            return each(lambda x: +x, self.inputs[name, layer])
        if layer is not None and not (name in "AZ" and 0 < layer <= self.depth):
            if (name, layer) == ("A", 0):
                return self.value(("X", None))
            raise NoSuchArrayError(f"{name} at layer {layer}")
        if name == "Z":
            W, A, b = (
                self.value(node) for node in (("W", layer), ("A", _below(layer)), ("b", layer))
            )
            return (W @ A if self.columns else A @ W) + b
        if name == "A":
            return sigmoid(self.value(("Z", layer)))
        if name == "L":
            return self._loss()
        raise NoSuchArrayError(name)

    def _loss(self) -> Array:
        A, Y = self.value(("A", self.depth)), self.value(("Y", None))
        terms = Y * log(A) + (1 - Y) * log(1 - A)
        result = np.empty((1, 1), dtype=object)
        result[0, 0] = -terms.sum() / self.m
        return result

    def slope(self, of: Node, by: Node) -> Array:
        """The slopes of one array by another: the axes of the first, then of the second."""
        key = (getcontext().prec, of, by)
        if key not in self.slopes:
            base, value = self.value(by), self.value(of)
            result = np.empty(value.shape + base.shape, dtype=object)
            for place in np.ndindex(*base.shape):
                moved = self.moved_at(by, place).value(of)
                result[(..., *place)] = each(lambda x: dual(x).slope, moved)
            self.slopes[key] = result
        return self.slopes[key]

    def moved_at(self, node: Node, place: tuple[int, ...]) -> Net:
        """The network with a slope of 1 along one entry of an array, whatever computes it."""
        moved = self.value(node).copy()
        moved[place] = Dual(moved[place], Decimal(1))
        return Net(convention=self.convention, widths=self.widths, m=self.m,
                   inputs=self.inputs, fixed={node: moved})  # fmt: skip


def _below(layer: int | None) -> int:
    assert layer is not None
    return layer - 1


def shape_of(
    name: str, layer: int, convention: str, widths: tuple[int, ...], m: int
) -> tuple[int, int]:
    """The shape of an input array, as the convention says it."""
    before, here = widths[layer - 1], widths[layer]
    rows = {
        "X": (m, widths[0]),
        "Y": (m, widths[-1]),
        "W": (before, here),
        "b": (m if convention == "stated" else 1, here),
        "alpha": (1, 1),
    }[name]
    return rows[::-1] if convention == "columns" else rows


def random_net(convention: str, depth: int, seed: int, *, alike: bool = False) -> Net:
    """A network whose sizes are all different and above 1, its numbers short decimals."""
    random = np.random.default_rng([seed, depth, CONVENTIONS.index(convention)])
    sizes = [int(size) for size in random.permutation(depth + 2) + 2]
    sizes = [2] * len(sizes) if alike else sizes
    m, widths = sizes[0], tuple(sizes[1:])
    names: list[Node] = [("X", None), ("Y", None), ("\\alpha", None)]
    names += [(name, layer) for name in "Wb" for layer in range(1, depth + 1)]

    def drawn(name: str) -> Decimal:
        size = Decimal(int(random.integers(1, 100))) / 100
        return size if name in ("Y", "\\alpha") else size * int(random.choice((-1, 1)))

    inputs = {}
    for name, layer in names:
        shape = shape_of(name.strip("\\"), layer or 1, convention, widths, m)
        array = np.empty(shape, dtype=object)
        for place in np.ndindex(*shape):
            array[place] = drawn(name)
        inputs[name, layer] = array
    return Net(convention=convention, widths=widths, m=m, inputs=inputs)


def nets(convention: str, depths: tuple[int, ...] = (3, 2, 1)) -> Iterator[Net]:
    """Networks of several depths, each with other sizes and numbers."""
    yield from (random_net(convention, depth, seed) for depth in depths for seed in (0, 1))
