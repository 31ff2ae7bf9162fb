"""Which assumptions about indices and entries bear on a formula."""

from __future__ import annotations

from collections.abc import Iterator

from ..document.syntax import Expr, Name, Ref, Relation, Script, Sum, walk
from ..errors import UndeclaredError
from .notation import Notation
from .resolve import resolve


def conditions_on(
    sides: tuple[Expr, Expr], notation: Notation, heading: Relation | None
) -> list[Relation]:
    """Those about indices that the sides leave free; ``heading`` is said before the formula."""
    bound = {node.index for side in sides for node in walk(side) if isinstance(node, Sum)}
    letters = {name for side in sides for name in _script_letters(side)} - bound
    found = [
        relation
        for relation in entry_conditions(notation)
        if all(letter in letters for letter in _script_letters(relation.left))
    ]
    known = (*notation.assumed, *([heading] if heading else []))
    return found + [relation for relation in known if _indices(relation) <= letters]


def _indices(relation: Relation) -> set[str | None]:
    """The letters of ``i = j``; a condition of another kind has None among them."""
    return {
        side.text if isinstance(side, Name) else None for side in (relation.left, relation.right)
    }


def entry_conditions(notation: Notation) -> Iterator[Relation]:
    """The assumptions about entries of declared arrays, such as ``y_k = 1``."""
    for relation in notation.assumed:
        try:
            left, right = (resolve(side, notation) for side in (relation.left, relation.right))
        except UndeclaredError:
            continue
        if isinstance(left, Ref) and left.entries is not None:
            yield Relation(relation.sign, left, right)


def _script_letters(tree: Expr) -> Iterator[str]:
    for node in walk(tree):
        if isinstance(node, Script | Ref):
            scripts = (
                (*node.sub, *node.sup)
                if isinstance(node, Script)
                else [Name(e.base) for e in node.entries or () if e is not None and e.base]
            )
            for script in scripts:
                for part in walk(script):
                    if isinstance(part, Name):
                        yield part.text
