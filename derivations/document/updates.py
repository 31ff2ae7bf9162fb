"""Steps of a descent in their other dresses: ``\\Delta w = -\\eta g`` and ``w_{new} = w - ...``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from .syntax import (
    Add,
    Arguments,
    Bracket,
    Derivative,
    Expr,
    Name,
    Neg,
    Number,
    Product,
    Script,
    transform,
    walk,
)  # fmt: skip

if TYPE_CHECKING:
    from .statements import Chain

_DELTA = Name("\\Delta")
_RATES = frozenset({"\\eta", "\\alpha", "\\epsilon", "\\varepsilon", "\\gamma", "\\mu", "lr"})
_AFTER = frozenset({"new", "nuevo", "nueva", "next"})
_BEFORE = frozenset({"old", "viejo", "vieja", "actual", "current"})
_COUNTERS = frozenset(map(Name, ("t", "k", "n", "i", "\\tau")))


def as_update(chain: Chain, symbols: frozenset[str]) -> Chain:
    """The chain itself, or the update that it states: ``w := w + step``.

    ``\\Delta w = step`` is one where the step has a rate or a slope in it and Delta is no symbol;
    ``w^{t+1} = w^t - step`` is one where the step has a slope by w in it.
    """
    moved = _moved(chain.head) if "\\Delta" not in symbols else None
    if moved is not None and all(_is_step(link.side) for link in chain.links):
        moves = (replace(k, sign=":=", side=Add(moved, k.side)) for k in chain.links)
        return replace(chain, head=moved, links=tuple(moves))
    links = chain.links
    marks = _marks(chain.head, links[0].side) if links and links[0].sign in ("=", ":=") else None
    if marks is None or any(_holds(link.side, chain.head) for link in links):
        return chain
    plain, before = marks

    def bare(node: Expr) -> Expr:
        return plain if node == before else node

    now = tuple(replace(k, sign=":=", side=transform(k.side, bare)) for k in links)
    return replace(chain, head=plain, links=now)


def _moved(head: Expr | None) -> Expr | None:
    """The w of ``\\Delta w``."""
    if isinstance(head, Product) and head.sign == "" and head.left == _DELTA:
        return head.right if isinstance(head.right, Name | Script) else None
    return None


def _is_step(side: Expr) -> bool:
    """A slope, or a product that a learning rate begins."""
    if any(node == _DELTA for node in walk(side)):
        return False
    first = side.arg if isinstance(side, Neg) else side
    while isinstance(first, Product):
        first = first.left
    rate = isinstance(first, Name) and first.text in _RATES and first != side
    return rate or any(isinstance(node, Derivative) for node in walk(side))


def _marks(head: Expr | None, side: Expr) -> tuple[Expr, Expr] | None:
    """What is updated, without the mark of its step, and with the mark that it has before."""
    if not isinstance(head, Script) or head.primes or not isinstance(side, Add):
        return None
    first = side.left
    while isinstance(first, Add):
        first = first.left
    slopes = set(_by(side))
    for plain, before in _undone(head):
        if first == before and slopes & {plain, before}:
            return plain, before
    return None


def _by(side: Expr) -> Iterator[Expr]:
    """By what a side differentiates; ``\\nabla L(w)`` by its argument."""
    for node in walk(side):
        if isinstance(node, Derivative):
            yield node.by
        if isinstance(node, Product) and isinstance(node.right, Arguments):
            behind = node.left.right if isinstance(node.left, Product) else node.left
            yield from node.right.items if isinstance(behind, Derivative) else ()


def _undone(head: Script) -> Iterator[tuple[Expr, Expr]]:
    """The symbol without the mark of the next step, and how it is written before that step."""
    for mark in head.sub[-1:]:
        yield from _steps(head, head.sub[:-1], head.sup, mark, below=True)
    for mark in head.sup[-1:]:
        yield from _steps(head, head.sub, head.sup[:-1], mark, below=False)


def _steps(
    head: Script, sub: tuple[Expr, ...], sup: tuple[Expr, ...], mark: Expr, *, below: bool
) -> Iterator[tuple[Expr, Expr]]:
    plain = Script(head.base, sub, sup) if sub or sup else head.base
    for earlier in _earlier(mark):
        added = () if earlier is None else (earlier,)
        both = (*sub, *added) if below else sub, sup if below else (*sup, *added)
        yield plain, Script(head.base, *both) if any(both) else head.base


def _earlier(mark: Expr) -> Iterator[Expr | None]:
    inner = mark.arg if isinstance(mark, Bracket) else mark
    if isinstance(inner, Name) and inner.text in _AFTER:
        yield None
        yield from (Name(word) for word in _BEFORE)
    if isinstance(inner, Add) and inner.right == Number(Fraction(1)) and inner.left in _COUNTERS:
        yield replace(mark, arg=inner.left) if isinstance(mark, Bracket) else inner.left


def _holds(side: Expr, part: Expr | None) -> bool:
    return any(node == part for node in walk(side))
