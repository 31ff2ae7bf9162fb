"""A small reverse-mode tape, whose way back can be given one slip at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from tests.defects.subjects import Array

Expression = Callable[["Node"], "Node"]


@dataclass(slots=True, eq=False)
class Node:
    """A value, what it was made of, and the slope with respect to each part."""

    value: Array
    parts: tuple["Node", ...] = ()
    slopes: tuple[Array, ...] = ()
    bar: Array | None = None
    received: int = 0

    def __add__(self, other: "Node") -> "Node":
        return Node(self.value + other.value, (self, other), (1.0, 1.0))

    def __mul__(self, other: "Node") -> "Node":
        return Node(self.value * other.value, (self, other), (other.value, self.value))

    def sin(self) -> "Node":
        return Node(np.sin(self.value), (self,), (np.cos(self.value),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tape:
    """The way back through an expression.

    ``ordered``: every node only after all that use it; ``inner_adds``, ``leaf_adds``: the
    contributions to an inner node, or to the leaf, are added up; ``most``: of how many;
    ``keeps``: gradients of earlier calls stay in ``store``.
    """

    expression: Expression
    ordered: bool = True
    inner_adds: bool = True
    leaf_adds: bool = True
    most: int = 1000
    keeps: bool = False
    store: dict[tuple[int, ...], Array] = field(default_factory=dict)

    def value(self, x: Array) -> Array:
        return self.expression(Node(x)).value

    def vjp(self, y_bar: Array, x: Array) -> Array:
        leaf = Node(x)
        root = self.expression(leaf)
        if self.ordered:
            root.bar = y_bar
            for node in backwards(root):
                for part, slope in zip(node.parts, node.slopes, strict=True):
                    self.receive(part, slope * node.bar, leaf)
        else:
            self.descend(root, y_bar)
        found = leaf.bar if leaf.bar is not None else np.zeros_like(x)
        if self.keeps:
            found = self.store[x.shape] = self.store.get(x.shape, 0) + found
        return found.copy()

    def receive(self, part: Node, bar: Array, leaf: Node) -> None:
        adds = self.leaf_adds if part is leaf else self.inner_adds
        part.received += 1
        if part.bar is None or not adds:
            part.bar = bar
        elif part.received <= self.most:
            part.bar = part.bar + bar

    def descend(self, node: Node, bar: Array) -> None:
        """Hand on what has come so far, each time something comes."""
        node.bar = bar if node.bar is None else node.bar + bar
        for part, slope in zip(node.parts, node.slopes, strict=True):
            self.descend(part, slope * node.bar)


def backwards(root: Node) -> Iterator[Node]:
    """Every node once, after all nodes that use it."""
    seen: set[int] = set()
    order: list[Node] = []

    def visit(node: Node) -> None:
        if id(node) not in seen:
            seen.add(id(node))
            for part in node.parts:
                visit(part)
            order.append(node)

    visit(root)
    return reversed(order)
