"""The atoms that a TeX command starts: fractions, slopes, sums, styles and environments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from .brackets import arguments, inner_product
from .grammar import ACCENTS, LOSS, MATRICES, STYLES, fraction
from .lexer import Kind, Token
from .second import is_differential, power_of_two, second_slope
from .syntax import (
    Arguments,
    Call,
    Case,
    Derivative,
    Divide,
    Expr,
    Matrix,
    Name,
    Number,
    Product,
    Relation,
    Sum,
    Total,
    factors,
)  # fmt: skip

if TYPE_CHECKING:
    from .tex import Parser


def _fraction_atom(parser: Parser, _: str) -> Expr:
    opening = parser.tokens[parser.at : parser.at + 3]
    if len(opening) == 3 and is_differential(opening[1]) and opening[2].text == "^":
        return second_slope(parser)
    if (slope := _slope(parser)) is not None:
        return slope
    return Divide(_argument(parser), _argument(parser))


def _argument(parser: Parser) -> Expr:
    if parser.next_is("{"):
        return parser.group()
    token = parser.here
    if token.kind is Kind.NUMBER and len(token.text) > 1 and token.text.isdigit():
        # \frac12: without braces an argument is one digit
        rest = Token(Kind.NUMBER, token.text[1:], token.start + 1, token.stop)
        parser.tokens[parser.at] = rest
        return Number(fraction(token.text[0]))
    return parser.script_atom()


def _slope(parser: Parser) -> Expr | None:
    """``\\frac{\\partial L}{\\partial W}`` in its dresses, or None if it is a plain fraction."""
    if not parser.next_is("{"):
        return None
    head = parser.tokens[parser.at + 1]
    if not is_differential(head):
        return None
    start = parser.at
    parser.at += 2
    top = None if parser.next_is("}") else parser.expression()
    parser.expect("}")
    if not (parser.next_is("{") and is_differential(parser.tokens[parser.at + 1])):
        parser.at = start
        return None
    parser.at += 2
    by = parser.expression()
    parser.expect("}")
    if top is None:
        top = parser.nested(parser.juxtaposition)
    return Derivative(top, by)


def _partial_atom(parser: Parser, _: str) -> Expr:
    """``\\partial L / \\partial W`` on one line."""
    top = parser.factor()
    parser.expect("/")
    if not is_differential(parser.here):
        raise parser.error("expected '\\partial'")
    parser.take()
    return Derivative(top, parser.factor())


def _nabla_atom(parser: Parser, _: str) -> Expr:
    if not parser.next_is("_", "^"):
        return Derivative(LOSS, parser.factor())
    twice = _squared(parser)
    if twice and parser.starts_factor():
        return _hessian(parser)
    if not parser.accept("_"):
        raise parser.error("expected one variable under \\nabla")
    by = parser.script()
    if len(by) != 1:
        raise parser.error("expected one variable under \\nabla")
    twice = _squared(parser) or twice
    if twice:
        return Derivative(Derivative(parser.factor(), by[0]), by[0])
    if not parser.starts_factor():
        return Derivative(LOSS, by[0])
    return Derivative(parser.factor(), by[0], open=True)


def _hessian(parser: Parser) -> Expr:
    """``\\nabla^2 L(w)``: by the one argument that is written."""
    of = parser.factor()
    by = arguments(parser) if parser.next_is("(") else None
    if not isinstance(by, Arguments) or len(by.items) != 1:
        raise parser.error("expected one variable under \\nabla")
    return Derivative(Derivative(of, by.items[0]), by.items[0])


def _squared(parser: Parser) -> bool:
    if parser.next_is("^"):
        power_of_two(parser)
        return True
    return False


def _sum_atom(parser: Parser, _: str) -> Expr:
    lower, upper = _bounds(parser)
    return _sum(parser, lower, upper, parser.nested(parser.loose_product))


def _product_atom(parser: Parser, _: str) -> Expr:
    lower, upper = _bounds(parser)
    one = len(_sum_indices(lower)) == 1
    found = _sum(parser, lower, upper, parser.nested(parser.loose_product))
    if not one or not isinstance(found, Sum):
        raise parser.error("a product needs one index")
    return replace(found, times=True)


def _bounds(parser: Parser) -> tuple[list[Expr], list[Expr]]:
    lower: list[Expr] = []
    upper: list[Expr] = []
    while parser.next_is("_", "^"):
        (lower if parser.take().text == "_" else upper).extend(_sum_bound(parser))
    return lower, upper


def _sum_bound(parser: Parser) -> list[Expr]:
    following = parser.tokens[parser.at + 1] if parser.next_is("{") else None
    if following is not None and following.kind is Kind.TEXT:
        parser.at += 2
        parser.expect("}")
        return [Name(following.text)]
    return parser.script()


def _sum(parser: Parser, lower: list[Expr], upper: list[Expr], body: Expr) -> Expr:
    if not lower and not upper:
        return Total("", body)
    if not lower or len(upper) > 1:
        raise parser.error("a sum needs an index and at most one upper bound")
    *outer, under = _sum_indices(lower)
    if outer:  # several indices under one sign, one sum each, with the bounds of the last
        start = under.right if isinstance(under, Relation) and upper else None
        bounded = (Relation("=", i, start) if start and isinstance(i, Name) else i for i in outer)
        inner = _sum(parser, [under], upper, body)
        for other in reversed(list(bounded)):
            inner = _sum(parser, [other], upper, inner)
        return inner
    if isinstance(under, Name) and len(under.text) > 1 and under.text.isalpha():
        return Total(under.text, body)
    if isinstance(under, Name):
        return Sum(under.text, None, upper[0] if upper else None, body)
    if isinstance(under, Relation) and isinstance(under.left, Name):
        if under.sign == "=":
            return Sum(under.left.text, under.right, upper[0] if upper else None, body)
        if under.sign == "\\neq" and not upper:
            return Sum(under.left.text, under.right, Name("\\neq"), body)
    raise parser.error("a sum's index is not in the grammar")


def _sum_indices(lower: list[Expr]) -> list[Expr]:
    """``i, j`` or ``ij`` under a sum: two indices."""
    if len(lower) != 1 or not isinstance(lower[0], Product):
        return lower
    parts = list(factors(lower[0]))
    letters = all(isinstance(part, Name) and len(part.text) == 1 for part in parts)
    return parts if letters else lower


def _dots_atom(parser: Parser, _: str) -> Expr:
    """Dots are read, and have no meaning of their own: what they stand for is not guessed."""
    return Name("\\dots")


def _root_atom(parser: Parser, _: str) -> Expr:
    if parser.next_is("["):
        raise parser.error("only square roots are in the grammar")
    return Call("\\sqrt", _argument(parser))


def _styled(parser: Parser, command: str) -> Expr:
    """A bold or upright symbol is the plain one, unless the notation declares it apart."""
    inside = parser.group() if parser.next_is("{") else parser.factor_without_scripts()
    if isinstance(inside, Number) and command in ("\\mathbf", "\\boldsymbol", "\\bm"):
        return Name(f"{command}{{{inside.value}}}")  # an array of ones, if it is declared
    if (
        isinstance(inside, Name)
        and (styled := f"{command}{{{inside.text}}}") in parser.words.symbols
    ):
        return Name(styled)
    return inside


def _accented(parser: Parser, command: str) -> Expr:
    inside = parser.group() if parser.next_is("{") else parser.factor_without_scripts()
    if not isinstance(inside, Name):
        raise parser.error(f"{command} over more than one symbol")
    return Name(f"{command}{{{inside.text}}}")


def _boxed(parser: Parser, _: str) -> Expr:
    return parser.group()


def _braced(parser: Parser, _: str) -> Expr:
    inside = parser.group()
    if parser.accept("_", "^"):
        parser.script()  # the label of an underbrace is a remark
    return inside


def _blackboard(parser: Parser, _: str) -> Expr:
    parser.accept("{")
    token = parser.take()
    if parser.tokens[parser.at - 2].text == "{":
        parser.expect("}")
    if token.text in ("1", "I", "R"):
        return Name(f"\\mathbb{{{token.text}}}")
    raise parser.error(f"\\mathbb{{{token.text[:8]}}} has no meaning here")


def environment(parser: Parser, command: str, cases: bool = False) -> Expr:
    name = command.removeprefix("\\begin{").removesuffix("}")
    rows: list[tuple[Expr, ...]] = []
    row: list[Expr] = []
    while not parser.accept(f"\\end{{{name}}}"):
        if parser.here.kind is Kind.END:
            raise parser.error(f"expected '\\end{{{name}}}'")
        if parser.here.kind is Kind.ROW:
            parser.take()
            rows, row = ([*rows, tuple(row)] if row else rows), []
        elif not parser.accept("&", ","):
            row.append(_cell(parser, cases or name == "cases"))
    rows += [tuple(row)] if row else []
    return _cases(parser, rows) if cases or name == "cases" else _matrix(parser, rows)


def _cell(parser: Parser, cases: bool) -> Expr:
    if cases and parser.here.kind is Kind.TEXT:
        return Name(parser.take().text.removeprefix("if ").strip(" .,;"))
    return parser.relation()


def _matrix(parser: Parser, rows: list[tuple[Expr, ...]]) -> Expr:
    if not rows or len({len(row) for row in rows}) != 1:
        raise parser.error("a matrix needs rows of one length")
    return Matrix(tuple(rows))


def _cases(parser: Parser, rows: list[tuple[Expr, ...]]) -> Expr:
    branches: list[tuple[Expr, Expr | None]] = []
    for row in rows:
        words = [cell for cell in row if isinstance(cell, Name) and cell.text in ("if", "for")]
        cells = [cell for cell in row if cell not in words]
        if len(cells) == 2 and isinstance(cells[1], Relation):
            branches.append((cells[0], cells[1]))
        elif len(cells) in (1, 2) and not isinstance(cells[0], Relation):
            otherwise = len(cells) == 1 or cells[1] in (Name("otherwise"), Name("else"))
            if not otherwise or len(branches) + 1 != len(rows):
                raise parser.error("a case needs a condition")
            branches.append((cells[0], None))
        else:
            raise parser.error("a case needs a value and a condition")
    return Case(tuple(branches))


ATOMS: dict[str, Callable[[Parser, str], Expr]] = {
    **dict.fromkeys(("\\frac", "\\dfrac", "\\tfrac", "\\cfrac"), _fraction_atom),
    **dict.fromkeys(("\\partial", "\\part"), _partial_atom),
    **dict.fromkeys(("\\nabla", "\\triangledown"), _nabla_atom),
    **dict.fromkeys(STYLES, _styled),
    **dict.fromkeys(ACCENTS, _accented),
    **dict.fromkeys((f"\\begin{{{name}}}" for name in (*MATRICES, "cases")), environment),
    **dict.fromkeys(("\\underbrace", "\\overbrace"), _braced),
    **dict.fromkeys(("\\dots", "\\ldots", "\\cdots", "\\vdots", "\\ddots"), _dots_atom),
    "\\sum": _sum_atom,
    "\\prod": _product_atom,
    "\\sqrt": _root_atom,
    "\\boxed": _boxed,
    "\\langle": inner_product,
    "\\mathbb": _blackboard,
}
