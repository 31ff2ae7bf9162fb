"""What the model computes each symbol from, by name: ``J(W, b)`` is J where it depends on both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..document.statements import Chain, parse_formula
from ..document.syntax import Expr, Name, Ref, Script, children
from ..errors import FormulaError, UndeclaredError
from .notation import Notation
from .resolve import resolve


def dependencies(notation: Notation) -> Mapping[str, frozenset[str]]:
    """Each computed symbol with all that it is computed from, over any number of definitions.

    A definition that cannot be read says nothing here; it is refused where the model is built.
    """
    direct: dict[str, set[str]] = {}
    for text in notation.forward:
        try:
            statements = parse_formula(text, notation.vocabulary)
        except FormulaError:
            continue
        for chain in statements:
            if isinstance(chain, Chain) and chain.head is not None and chain.links:
                heads = list(_names(_leftmost(chain.head), notation))
                used = set(_names(chain.links[0].side, notation))
                for name in heads[:1]:
                    direct.setdefault(name, set()).update(used)
    return {name: frozenset(_reached(name, direct)) for name in direct}


def _leftmost(head: Expr) -> Expr:
    """The symbol of ``J(W, b)``."""
    first = next(iter(children(head)), None)
    leaf = first is None or isinstance(head, Name | Script)
    return head if leaf or first is None else _leftmost(first)


def _names(tree: Expr, notation: Notation) -> Iterator[str]:
    """The declared arrays that a tree names."""
    if isinstance(tree, Name | Script):
        try:
            found = resolve(tree, notation)
        except UndeclaredError:
            found = tree
        yield from _refs(found)
        if isinstance(tree, Script):
            yield from _names(tree.base, notation)
    else:
        for child in children(tree):
            yield from _names(child, notation)


def _refs(tree: Expr) -> Iterator[str]:
    if isinstance(tree, Ref):
        yield tree.name
    for child in children(tree):
        yield from _refs(child)


def _reached(name: str, direct: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    todo = [name]
    while todo:
        for source in direct.get(todo.pop(), ()):
            if source not in found:
                found.add(source)
                todo.append(source)
    return found
