"""Every formula that differs from another by one edit: a sign, an index, a transpose, a factor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from derivations.document.syntax import (
    ONE,
    Add,
    Call,
    Divide,
    Expr,
    Matrix,
    Name,
    Neg,
    Number,
    Product,
    Script,
    Sum,
    children,
    walk,
    with_children,
)  # fmt: skip

TRANSPOSES = (Name("T"), Name("\\top"), Name("t"))
TWO = Number(Fraction(2))


def edited(tree: Expr, letters: list[str]) -> Iterator[tuple[str, Expr]]:
    """Each edit of a formula by what it changes; ``letters`` are the indices in use."""
    yield "sign", Neg(tree)
    yield "factor", Product("", TWO, tree)
    yield "transpose", Script(tree, (), (Name("T"),))
    yield from _everywhere(tree, letters)


def indices(tree: Expr) -> list[str]:
    """The letters that stand below a symbol somewhere in a formula."""
    scripts = [node for node in walk(tree) if isinstance(node, Script)]
    names = [part for node in scripts for item in node.sub for part in walk(item)]
    return sorted({n.text for n in names if isinstance(n, Name) and len(n.text) == 1})


def _everywhere(node: Expr, letters: list[str]) -> Iterator[tuple[str, Expr]]:
    yield from _here(node, letters)
    parts = list(children(node))
    for position, part in enumerate(parts):
        if isinstance(node, Script) and position:
            continue  # an index is moved, not rewritten
        for kind, other in _everywhere(part, letters):
            yield kind, with_children(node, [*parts[:position], other, *parts[position + 1 :]])


def _here(node: Expr, letters: list[str]) -> Iterator[tuple[str, Expr]]:
    if isinstance(node, Product) and ONE in (node.left, node.right):
        return  # a factor of 1 may go
    if isinstance(node, Add):
        yield "dropped term", node.left
        yield "dropped term", node.right
        yield "sign", replace(node, right=Neg(node.right))
    elif isinstance(node, Neg):
        yield "sign", node.arg
    elif isinstance(node, Product):
        yield "factor", node.left
        yield "factor", node.right
        yield "operator", Add(node.left, node.right)
        if node.sign in ("", "\\odot", "\\circ"):
            yield "operator", replace(node, sign="\\odot" if node.sign == "" else "@")
    elif isinstance(node, Divide):
        yield "operator", Divide(node.bottom, node.top)
        yield "factor", node.top
    elif isinstance(node, Number):
        yield "factor", Number(node.value + 1, node.places)
    elif isinstance(node, Sum):
        yield "operator", node.body
    elif isinstance(node, Call):
        if node.function != "e":
            yield "operator", replace(node, order=node.order + 1)
        if node.order:
            yield "operator", replace(node, order=node.order - 1)
    elif isinstance(node, Script):
        yield from _rescripted(node, letters)
    elif isinstance(node, Matrix) and len(node.rows) == 1 and len(node.rows[0]) > 1:
        yield "dropped term", Matrix((node.rows[0][1:],))


def _rescripted(node: Script, letters: list[str]) -> Iterator[tuple[str, Expr]]:
    kept = tuple(item for item in node.sup if item not in TRANSPOSES)
    if kept != node.sup:
        yield "transpose", replace(node, sup=kept)
    if node.primes:
        yield "operator", replace(node, primes=node.primes - 1)
    for position, item in enumerate(node.sup):
        if item not in TRANSPOSES and isinstance(item, Name | Add):
            moved = (*node.sup[:position], Add(item, ONE), *node.sup[position + 1 :])
            yield "index", replace(node, sup=moved)
    for position, item in enumerate(node.sub):
        for other in _other_indices(item, letters):
            moved = (*node.sub[:position], other, *node.sub[position + 1 :])
            yield "index", replace(node, sub=moved)


def _other_indices(item: Expr, letters: list[str]) -> Iterator[Expr]:
    if isinstance(item, Name) and item.text in letters:
        yield from (Name(letter) for letter in letters if letter != item.text)
    elif isinstance(item, Number):
        yield Number(item.value + 1)
    elif isinstance(item, Product):
        yield replace(item, left=item.right, right=item.left)
