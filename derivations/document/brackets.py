"""What stands between brackets, bars and angles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .grammar import BARS, CLOSING, OPEN_CASES
from .syntax import Arguments, Bracket, Call, Expr, Matrix, Name, Number, Product, Script

if TYPE_CHECKING:
    from .tex import Parser

_EUCLIDEAN = (Name("F"), Name("2"))
_DOUBLE = ("\\|", "\\lVert", "\\Vert")


def grouped(parser: Parser) -> Expr:
    """``(x)``, ``[x]`` or ``{x}``, a condition in brackets, or a row of numbers."""
    opening = parser.take().text
    inside = parser.expression() if opening == "{" else parser.relation()
    row = [inside]
    while parser.accept(","):
        row.append(parser.expression())
    parser.expect(CLOSING[opening])
    if len(row) > 1:
        if opening != "[":
            return Arguments(tuple(row))
        return Matrix((tuple(row),))
    return Bracket(opening, inside) if parser.in_script and opening != "{" else inside


def arguments(parser: Parser) -> Expr:
    """Brackets right behind a symbol: what it is a function of, or a factor."""
    parser.expect("(")
    items = [parser.relation()]
    while parser.accept(",", ";"):
        items.append(parser.expression())
    parser.expect(")")
    if len(items) == 1 and not isinstance(items[0], Name | Script):
        return items[0]
    return Arguments(tuple(items))


def curly(parser: Parser) -> Expr:
    r"""``\{x\}``, or ``\left\{`` before an array of alternatives."""
    from .atoms import environment

    parser.take()
    if parser.here.text in OPEN_CASES:
        return environment(parser, parser.take().text, cases=True)
    items = [parser.relation()]
    while parser.accept(","):
        items.append(parser.expression())
    parser.expect("\\}")
    return items[0] if len(items) == 1 else Arguments(tuple(items))


def bars(parser: Parser, bar: str) -> Expr:
    r"""``|x|`` or ``||x||`` or ``\|x\|``, the last two with the name of their norm."""
    parser.take()
    double = bar == "|" and parser.accept("|")
    parser.open_bars += 1
    inside = parser.expression()
    parser.open_bars -= 1
    parser.expect(BARS[bar])
    if double:
        parser.expect("|")
    if not double and bar not in _DOUBLE:
        return Call("|", inside)
    return _norm(parser, inside)


def _norm(parser: Parser, inside: Expr) -> Expr:
    if not parser.accept("_"):
        return Call("norm", inside)
    kind = parser.script()
    if len(kind) == 1 and isinstance(kind[0], Number):
        kind = [Name(str(kind[0].value))]
    if kind == [Name("1")]:
        return Call("total", Call("abs", inside))
    if len(kind) != 1 or kind[0] not in _EUCLIDEAN:
        raise parser.error("a norm other than F, 2 and 1 is not in the grammar")
    return Call("norm", inside)


def inner_product(parser: Parser, _: str) -> Expr:
    r"""``\langle a, b \rangle``: the sum of the products, entry by entry."""
    left = parser.expression()
    parser.expect(",")
    right = parser.expression()
    parser.expect("\\rangle")
    return Call("total", Product("\\odot", left, right))
