"""Second derivatives: ``\\frac{\\partial^2 f}{\\partial x \\partial y}`` and ``\\nabla_x^2 f``."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from .lexer import Kind, Token
from .syntax import Derivative, Expr, Name, Number, Script

if TYPE_CHECKING:
    from .tex import Parser

TWO = Number(Fraction(2))
_TRANSPOSES = (Name("T"), Name("\\top"))


def is_differential(token: Token) -> bool:
    return token.text in ("\\partial", "\\part", "d") and token.kind is not Kind.TEXT


def second_slope(parser: Parser) -> Expr:
    """What follows ``\\frac`` where a power stands on its first differential."""
    parser.expect("{")
    parser.take()
    power_of_two(parser)
    top = None if parser.next_is("}") else parser.expression()
    parser.expect("}")
    parser.expect("{")
    outer, inner = _variables(parser)
    parser.expect("}")
    if top is None:
        top = parser.nested(parser.juxtaposition)
    return Derivative(Derivative(top, inner), outer)


def power_of_two(parser: Parser) -> None:
    parser.expect("^")
    if parser.script() != [TWO]:
        raise parser.error("a derivative of a higher order than 2 is not in the grammar")


def _variables(parser: Parser) -> tuple[Expr, Expr]:
    """``dx^2``, ``\\partial x \\partial y`` or ``\\partial w \\partial w^T``."""
    found = []
    while is_differential(parser.here):
        parser.take()
        found.append(parser.factor())
    if len(found) == 1 and isinstance(found[0], Script) and found[0].sup[-1:] == (TWO,):
        plain = _plain(found[0], found[0].sup[:-1])
        return plain, plain
    if len(found) != 2:
        raise parser.error("expected the two variables of a second derivative")
    outer, inner = (
        _plain(item, tuple(mark for mark in item.sup if mark not in _TRANSPOSES))
        if isinstance(item, Script)
        else item
        for item in found
    )
    return outer, inner


def _plain(node: Script, sup: tuple[Expr, ...]) -> Expr:
    kept = replace(node, sup=sup)
    return kept if kept.sub or kept.sup or kept.primes else kept.base
