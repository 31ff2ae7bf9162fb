"""Symbols whose one lower index picks a sample, a vector of its own: ``w^T x_i`` for every i."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..document.syntax import Expr, Name, Product, Script, children, walk
from .formulas import Equation
from .habits import TIME, TRANSPOSES, offset_of, pieces

_REALS = Name("\\mathbb{R}")


def row_samples(equations: Iterable[Equation], trees: Iterable[Expr]) -> set[str]:
    """Letters that always carry one index below, and that the page uses as vectors there.

    A page shows a vector by stating its space, by a transpose, or by a product with one.
    """
    trees = list(trees)
    stated = {
        name
        for e in equations
        if e.sign == "\\in" and _is_space(e.side) and (name := _indexed(e.head)) is not None
    }
    shown = stated | {name for tree in trees for name in _vectors(tree)}
    timed = {name for tree in trees for name in _in_time(tree)} if _steps(trees) else set[str]()
    return shown - timed - {name for tree in trees for name in _otherwise(tree)}


def _steps(trees: Iterable[Expr]) -> bool:
    """Whether a page goes from one step in time to the next: ``h_{t-1}``."""
    indices = (
        offset_of(piece)
        for tree in trees
        for node in walk(tree)
        if isinstance(node, Script)
        for sub in node.sub
        for piece in pieces(sub)
    )
    return any(index is not None and index[0] == TIME and index[1] for index in indices)


def _in_time(tree: Expr) -> Iterator[str]:
    for node in walk(tree):
        if isinstance(node, Script) and isinstance(node.base, Name) and node.sub == (Name(TIME),):
            yield node.base.text


def _is_space(side: Expr) -> bool:
    return isinstance(side, Script) and side.base == _REALS and len(side.sup) == 1


def _indexed(node: Expr) -> str | None:
    """The x of ``x_i`` or ``x_i^T``."""
    if not (isinstance(node, Script) and isinstance(node.base, Name) and len(node.base.text) == 1):
        return None
    below = [piece for sub in node.sub for piece in pieces(sub)]
    letter = len(below) == 1 and isinstance(below[0], Name) and len(below[0].text) == 1
    plain = all(sup in TRANSPOSES for sup in node.sup) and not node.primes
    return node.base.text if letter and plain and node.base.text.islower() else None


def _vectors(tree: Expr) -> Iterator[str]:
    for node in walk(tree):
        if isinstance(node, Script) and node.sup and (name := _indexed(node)) is not None:
            yield name
        beside = node.right if isinstance(node, Product) and _turns(node) else None
        if beside is not None and (name := _indexed(beside)) is not None:
            yield name


def _turns(node: Product) -> bool:
    """Whether the last factor on the left is a transposed array without an index."""
    last = node.left.right if isinstance(node.left, Product) else node.left
    raised = last.sup[-1:] if isinstance(last, Script) and not last.sub and not node.sign else ()
    return raised in [(mark,) for mark in TRANSPOSES]


def _otherwise(tree: Expr) -> Iterator[str]:
    """Letters in any other dress."""
    if isinstance(tree, Name):
        yield tree.text
    elif isinstance(tree, Script) and isinstance(tree.base, Name):
        if _indexed(tree) is None:
            yield tree.base.text
    else:
        for child in children(tree):
            yield from _otherwise(child)
