"""Which equations of a page define its arrays, each as one of whole arrays at every layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from ..claims.readings import with_longer_body
from ..document.syntax import (
    LAST,
    Add,
    Expr,
    Index,
    Matrix,
    Name,
    Neg,
    Number,
    Product,
    Script,
    Sum,
    transform,
    walk,
)  # fmt: skip
from .facts import MARKS, Facts, head_use, is_slope, symbols_in
from .formulas import Equation
from .habits import Use, offset_of
from .whole import IndexedError, Wholes

_COUNTS = frozenset("nmdN")  # n_0 = p names a size, and defines no array


@dataclass(frozen=True, slots=True)
class Definition:
    """``head = side`` over whole arrays, as the model takes it, and the line it comes from."""

    key: str
    layer: Index | None
    head: Expr
    side: Expr
    line: int
    printed: tuple[Expr, Expr] | None = None  # in indices, where the page writes it so


def candidates(facts: Facts, names: dict[str, str], kept: bool = False) -> Iterator[Definition]:
    """The first definition of each symbol at each layer."""
    seen: set[tuple[str, Index | None]] = set()
    for equation in facts.equations:
        definition = definition_of(equation, facts, names, kept)
        if definition is not None and (definition.key, definition.layer) not in seen:
            seen.add((definition.key, definition.layer))
            yield definition


def definition_of(
    equation: Equation, facts: Facts, names: dict[str, str] | None = None, kept: bool = False
) -> Definition | None:
    """What an equation says of a whole array; None if it defines none."""
    names = names or {}
    use = head_use(facts, equation.head)
    if use is None or not _defines(equation, use, facts):
        return None
    try:
        wholes = Wholes(facts.habits, names, min(facts.habits.last, default="L"), kept)
        head, side = wholes.definition(equation.head, longer_sums(equation.side, wholes))
    except IndexedError:
        side = longer_sums(equation.side, wholes)
        if not kept or not use.entries or wholes.letters(side) != set(use.entries):
            return None
        return Definition(use.key, None, equation.head, side, equation.line)  # entry by entry
    if wholes.letters(side):
        return None  # an index that nothing binds
    layer = use.layer
    if layer is not None and layer.base not in (None, LAST):
        if layer.offset:
            head, side = _at_letter(head, side, layer)
        layer = Index(layer.base)
    printed = (equation.head, equation.side) if use.entries else None
    return Definition(names.get(use.key, use.key), layer, head, side, equation.line, printed)


def longer_sums(side: Expr, wholes: Wholes) -> Expr:
    """``\\sum_i a_i + b_i`` with the following terms in the sum, where its index stands in them."""

    def longer(node: Expr) -> Expr:
        if not isinstance(node, Add):
            return node
        term = node.right.arg if isinstance(node.right, Neg) else node.right
        sums = [part for part in walk(node.left) if isinstance(part, Sum)]
        if not any(part.index in wholes.letters(term) for part in sums):
            return node
        found = with_longer_body(node.left, term, isinstance(node.right, Neg))
        return node if found is None else found

    return transform(side, longer)


def _at_letter(head: Expr, side: Expr, layer: Index) -> tuple[Expr, Expr]:
    """``z^{l+1} = W^{l+1} a^l`` as ``z^l = W^l a^{l-1}``."""

    def moved(node: Expr) -> Expr:
        if not isinstance(node, Script):
            return node
        sup = tuple(_moved(part, layer) if offset_of(part) else part for part in node.sup)
        return replace(node, sup=sup)

    return transform(head, moved), transform(side, moved)


def _moved(part: Expr, layer: Index) -> Expr:

    index = offset_of(part)
    if index is None or index[0] != layer.base:
        return part
    step = index[1] - layer.offset
    name: Expr = Name(index[0] or "")
    if not step:
        return name
    number = Number(Fraction(abs(step)))
    return Add(name, number if step > 0 else Neg(number))


def _defines(equation: Equation, use: Use, facts: Facts) -> bool:
    """A definition speaks of other symbols, and of no slope."""
    if equation.sign != "=" or not equation.first or use.turned or use.power or use.primes:
        return False
    if use.key in facts.functions or use.key in facts.named_slopes or use.key in MARKS:
        return False
    if use.key.startswith(("\\nabla", "\\partial")) or is_slope(equation.side):
        return False
    inside = list(symbols_in(equation.side, facts))
    if use.key[:1] in _COUNTS and isinstance(equation.side, Name | Script):
        return False
    itself = any(u.key == use.key and u.layer == use.layer for u in inside)
    pictures = any(isinstance(node, Matrix) for node in walk(equation.side))
    dots = any(node == Name("\\dots") for node in walk(equation.side))
    unknown = any(u.key in MARKS - {"e"} for u in inside)
    slopes = any(u.key in facts.named_slopes for u in inside)
    return bool(inside) and not (itself or pictures or dots or unknown or slopes)


def named_parts(definitions: list[Definition]) -> list[Definition]:
    """``h = \\sigma(x W + b)`` beside ``z = x W + b`` goes through z."""
    names: dict[Expr, Definition] = {
        definition.side: definition
        for definition in definitions
        if isinstance(definition.side, Product | Add)
    }

    def shortened(definition: Definition) -> Definition:
        def change(node: Expr) -> Expr:
            found = names.get(node)
            if found is None or found.key == definition.key:
                return node
            return found.head

        parts = definition.side
        return replace(definition, side=transform(parts, change))

    return [shortened(definition) for definition in definitions]


def acyclic(
    definitions: list[Definition], facts: Facts, misfits: list[tuple[int, str]]
) -> list[Definition]:
    """The definitions without those that lead back to themselves at the same layer."""
    sources: dict[tuple[str, Index | None], set[tuple[str, Index | None]]] = {}
    kept = []
    for d in definitions:
        place = (d.key, d.layer)
        direct = {(use.key, use.layer) for use in symbols_in(d.side, facts)}
        reached, todo = set[tuple[str, Index | None]](), list(direct)
        while todo:
            here = todo.pop()
            if here not in reached:
                reached.add(here)
                todo += sources.get(here, ())
        if place in reached:
            misfits.append((d.line, d.key))
        else:
            sources.setdefault(place, set()).update(direct)
            kept.append(d)
    return kept


def computes(equation: Equation, use: Use, facts: Facts) -> bool:
    """Whether an equation says how an array is computed, in whatever way."""
    named = use.key in facts.named_slopes or use.key in facts.functions or use.key in MARKS
    if equation.sign != "=" or not equation.first or named or is_slope(equation.side):
        return False
    inside = list(symbols_in(equation.side, facts))
    if use.key[:1] in _COUNTS and isinstance(equation.side, Name | Script):
        return False
    slopes = any(u.key in facts.named_slopes for u in inside)
    itself = any(u.key == use.key and u.layer == use.layer for u in inside)
    display = isinstance(equation.side, Matrix)  # how its entries are called
    return bool(inside) and not (slopes or itself or display)
