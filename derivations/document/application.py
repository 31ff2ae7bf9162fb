"""A function with its primes and scripts, and what it is applied to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .brackets import arguments
from .grammar import CLOSING, EXTREMES
from .syntax import (
    ZERO,
    Arguments,
    Call,
    Case,
    Expr,
    Name,
    Number,
    Power,
    Product,
    Relation,
    Script,
)  # fmt: skip
from .write import to_tex

if TYPE_CHECKING:
    from .tex import Parser


def application(parser: Parser, name: str) -> Expr:
    """A function, its primes and scripts, and its argument."""
    head = parser.scripts(Name(name))
    if name == "e":
        return _exponential(parser, head)
    if isinstance(head, Script) and to_tex(head) in parser.words.symbols:
        return head
    if not parser.starts_factor():
        if isinstance(head, Script) or name in parser.words.symbols:
            return head
        raise parser.error(f"function {name} without its argument")
    if name in EXTREMES:
        return _extreme(parser, name, head)
    # Behind brackets, scripts belong to the value: tanh(Z)^2 is the square of tanh(Z).
    bracketed = parser.next_is(*CLOSING)
    argument = parser.nested(parser.atom) if bracketed else _with_arguments(parser, parser.factor())
    call = _called(name, head, argument)
    return parser.scripts(call) if bracketed else call


def _with_arguments(parser: Parser, symbol: Expr) -> Expr:
    """``\\log h(x)`` is the logarithm of h(x); ``\\log p (1 - p)`` is a product."""
    if not (parser.next_is("(") and isinstance(symbol, Name | Script)):
        return symbol
    at = parser.at
    found = arguments(parser)
    if isinstance(found, Arguments):
        return Product("", symbol, found)
    parser.at = at
    return symbol


def _extreme(parser: Parser, name: str, head: Expr) -> Expr:
    """The larger or the smaller of two; ``\\max(0, x)`` is the rectifier."""
    parser.expect("(")
    first = parser.expression()
    parser.expect(",")
    second = parser.expression()
    parser.expect(")")
    if isinstance(head, Script):
        raise parser.error(f"scripts on {name}")
    if name in ("\\max", "max") and ZERO in (first, second):
        return parser.scripts(Call("relu", second if first == ZERO else first))
    sign = "\\geq" if name in ("\\max", "max") else "\\leq"
    return parser.scripts(Case(((first, Relation(sign, first, second)), (second, None))))


def _called(name: str, head: Expr, argument: Expr) -> Expr:
    if isinstance(head, Script) and head.primes and not (head.sub or head.sup):
        return Call(name, argument, head.primes)
    if isinstance(head, Script):
        if len(head.sup) == 1 and not head.sub and isinstance(head.sup[0], Number):
            return Power(Call(name, argument, head.primes), head.sup[0])
        return Script(Call(name, argument, head.primes), head.sub, head.sup)
    return Call(name, argument)


def _exponential(parser: Parser, head: Expr) -> Expr:
    """``e^x``, where the notation declares e as the exponential."""
    if not isinstance(head, Script) or len(head.sup) != 1 or head.sub or head.primes:
        raise parser.error("e stands for Euler's number: write e^{...}, or declare e")
    return Call("e", head.sup[0])
