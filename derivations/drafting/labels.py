"""Letters below a symbol that tell it from others, like the gate in ``W_f``, and pick no entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ..document.syntax import Add, Bracket, Expr, Name, Neg, Script, Sum, children, walk
from .formulas import Equation
from .habits import ENTRY_LETTERS, TIME, pieces

Labelled = tuple[str, str]  # a symbol and the letter below it


def labels_of(
    equations: Iterable[Equation], trees: Iterable[Expr], losses: Iterable[str]
) -> frozenset[Labelled]:
    """What an equation about whole arrays carries below one factor of a term.

    ``f = \\sigma(W_f x + b_f)`` has no index on its left, so that f can pick no entry of W; a
    letter that stands below two factors of a term is summed over, and one under a sum is an index.
    """
    found: set[Labelled] = set()
    for equation in equations:
        head = equation.head
        whole = isinstance(head, Name) or (isinstance(head, Script) and _only_time(head))
        name = next((node.text for node in walk(head) if isinstance(node, Name)), "")
        if equation.sign == "=" and whole and name not in losses:
            found |= set(_single(equation.side))
    bound = {
        (name, letter)
        for tree in trees
        for node in walk(tree)
        if isinstance(node, Sum)
        for name, letter in _below(node.body)
        if letter == node.index
    }
    return frozenset(found - bound)


def _only_time(head: Script) -> bool:
    letters = [piece for sub in head.sub for piece in pieces(sub)]
    return letters == [Name(TIME)] and not head.sup


def _single(side: Expr) -> Iterator[Labelled]:
    for term in _terms(side):
        letters = Counter(letter for _, letter in _below(term))
        yield from ((name, letter) for name, letter in _below(term) if letters[letter] == 1)


def _terms(node: Expr) -> Iterator[Expr]:
    """What is added; a function's argument and a bracket are sums of their own."""
    if isinstance(node, Add | Neg | Bracket):
        for child in children(node):
            yield from _terms(child)
    elif len(parts := list(children(node))) == 1 and not isinstance(node, Script | Sum):
        yield from _terms(parts[0])
    else:
        yield node


def _below(tree: Expr) -> Iterator[Labelled]:
    if isinstance(tree, Script) and isinstance(tree.base, Name):
        for sub in tree.sub:
            for piece in pieces(sub):
                if isinstance(piece, Name) and piece.text in ENTRY_LETTERS - {TIME}:
                    yield tree.base.text, piece.text
        return
    for child in children(tree):
        yield from _below(child)
