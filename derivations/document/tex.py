"""TeX -> syntax tree, by a closed grammar: what it does not know is an error with its place.

Binding, loosest first: ``+ -``; ``\\odot \\circ \\otimes``; ``* \\cdot \\times /``;
juxtaposition; scripts and primes.  A sum takes the product that follows it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

from ..errors import FormulaError
from .lexer import Kind, Token, Vocabulary, tokenize
from .syntax import (
    Add,
    Bracket,
    Call,
    Case,
    Derivative,
    Divide,
    Expr,
    Matrix,
    Name,
    Neg,
    Number,
    Power,
    Product,
    Relation,
    Script,
    Sum,
    Total,
)  # fmt: skip

T = TypeVar("T")

MAX_DEPTH = 32
MAX_SCRIPTS = 8
LOSS = Name("\\loss")  # the function differentiated by a bare dW or \nabla W

LOOSE_SIGNS = {
    "\\odot": "\\odot",
    "\\bigodot": "\\odot",
    "\\circ": "\\circ",
    "\\otimes": "\\otimes",
    "\\ast": "*",
}
TIGHT_SIGNS = {"*": "*", "\\cdot": "\\cdot", "\\times": "\\times", "@": "@"}
RELATIONS = {
    "=": "=",
    "\\neq": "\\neq",
    "\\ne": "\\neq",
    ">": ">",
    "<": "<",
    "\\ge": "\\geq",
    "\\geq": "\\geq",
    "\\le": "\\leq",
    "\\leq": "\\leq",
    "\\in": "\\in",
    "\\approx": "\\approx",
    "\\equiv": "=",
    "\\leftarrow": ":=",
    "\\gets": ":=",
    "\\notin": "\\notin",
}
TRANSPOSES = frozenset({"\\top", "\\intercal", "\\transpose"})
_GREEK = """alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu
nu xi pi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta
Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell"""
GREEK = frozenset("\\" + name for name in _GREEK.split())
STYLES = frozenset(
    {
        "\\mathbf",
        "\\boldsymbol",
        "\\bm",
        "\\mathcal",
        "\\mathit",
        "\\mathrm",
        "\\mathsf",
        "\\mathtt",
        "\\operatorname",
        "\\vec",
        "\\pmb",
        "\\mathscr",
        "\\overrightarrow",
    }
)
ACCENTS = frozenset(
    {
        "\\hat",
        "\\tilde",
        "\\bar",
        "\\dot",
        "\\overline",
        "\\widehat",
        "\\widetilde",
        "\\underline",
        "\\check",
    }
)
NAMED_FUNCTIONS = frozenset(
    {
        "\\log",
        "\\ln",
        "\\exp",
        "\\tanh",
        "\\sin",
        "\\cos",
        "\\det",
        "\\max",
        "\\sqrt",
        "\\sinh",
        "\\cosh",
    }
)
MATRICES = frozenset({"matrix", "bmatrix", "pmatrix", "vmatrix", "Bmatrix", "array", "smallmatrix"})
BARS = {"|": "|", "\\|": "\\|", "\\lVert": "\\rVert", "\\lvert": "\\rvert"}
_CLOSING = {"(": ")", "[": "]", "{": "}"}


class Parser:
    """One formula's tokens and a position in them; every recursive production counts depth."""

    def __init__(self, tex: str, vocabulary: Vocabulary) -> None:
        self.tex = tex
        self.words = vocabulary
        self.tokens = tokenize(tex, vocabulary)
        self.at = 0
        self.depth = 0
        self.in_script = 0
        self.open_bars = 0

    # -- tokens ---------------------------------------------------------------
    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def next_is(self, *texts: str) -> bool:
        token = self.here
        return token.kind in (Kind.MARK, Kind.COMMAND) and token.text in texts

    def take(self) -> Token:
        token = self.here
        if token.kind is not Kind.END:
            self.at += 1
        return token

    def accept(self, *texts: str) -> bool:
        if self.next_is(*texts):
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.error(f"expected '{text}'")

    def error(self, what: str) -> FormulaError:
        token = self.here
        found = "the end" if token.kind is Kind.END else f"'{token.text[:20]}'"
        return FormulaError(f"{what}, found {found} at column {token.start + 1}", token.start)

    def nested(self, production: Callable[[], T]) -> T:
        if self.depth >= MAX_DEPTH:
            raise self.error(f"nested deeper than {MAX_DEPTH}")
        self.depth += 1
        try:
            return production()
        finally:
            self.depth -= 1

    # -- sums and products ----------------------------------------------------
    def expression(self) -> Expr:
        return self.nested(self._expression)

    def _expression(self) -> Expr:
        result = self._signed(self.loose_product)
        while self.next_is("+", "-", "\\pm"):
            minus = self.take().text
            if minus == "\\pm":
                raise FormulaError("\\pm states two formulas at once", self.here.start)
            term = self._signed(self.loose_product)
            result = Add(result, Neg(term) if minus == "-" else term)
        return result

    def _signed(self, operand: Callable[[], Expr]) -> Expr:
        if self.accept("-"):
            return Neg(self.nested(lambda: self._signed(operand)))
        if self.accept("+"):
            return self.nested(lambda: self._signed(operand))
        return operand()

    def loose_product(self) -> Expr:
        result = self.tight_product()
        while self.here.text in LOOSE_SIGNS and self.here.kind is Kind.COMMAND:
            sign = LOOSE_SIGNS[self.take().text]
            result = Product(sign, result, self._signed(self.tight_product))
        return result

    def tight_product(self) -> Expr:
        result = self.juxtaposition()
        while True:
            if self.next_is(*TIGHT_SIGNS):
                sign = TIGHT_SIGNS[self.take().text]
                result = Product(sign, result, self._signed(self.juxtaposition))
            elif self.accept("/"):
                result = self._divided(result)
            else:
                return result

    def _divided(self, top: Expr) -> Expr:
        """``1/m X`` is (1/m) X; only a number and a letter that touch, as in 1/2m, go together."""
        bottom = self._signed(self.factor)
        before, here = self.tokens[self.at - 1], self.here
        if isinstance(bottom, Number) and here.kind is Kind.NAME and here.start == before.stop:
            bottom = Product("", bottom, self.factor())
        return self._juxtaposed(Divide(top, bottom))

    def juxtaposition(self) -> Expr:
        return self._juxtaposed(self.factor())

    def _juxtaposed(self, result: Expr) -> Expr:
        while self.starts_factor():
            if self.here.kind is Kind.NUMBER and _ends_in_number(result):
                raise self.error("two numbers side by side")
            result = Product("", result, self.factor())
        return result

    def starts_factor(self) -> bool:
        token = self.here
        if token.kind in (Kind.NUMBER, Kind.NAME, Kind.GRADIENT):
            return True
        if token.kind is Kind.TEXT:
            return self._known_text(token)
        if token.text in BARS and token.kind in (Kind.MARK, Kind.COMMAND):
            return not self.open_bars
        if token.kind is Kind.MARK:
            return token.text in _CLOSING
        if token.kind is Kind.COMMAND:
            return token.text in _ATOMS or token.text in GREEK or token.text in STARTERS
        return False

    def _known_text(self, token: Token) -> bool:
        return token.text in self.words.functions or token.text in self.words.symbols

    # -- factors: an atom with its scripts --------------------------------------
    def factor(self) -> Expr:
        return self.nested(self._factor)

    def _factor(self) -> Expr:
        token = self.here
        name = self._function_name(token)
        if name is not None:
            self.take()
            return self._application(name)
        return self.scripts(self.atom())

    def _function_name(self, token: Token) -> str | None:
        if token.kind is Kind.COMMAND and token.text in NAMED_FUNCTIONS - {"\\sqrt"}:
            return token.text
        named = token.kind in (Kind.NAME, Kind.TEXT, Kind.COMMAND)
        return token.text if named and token.text in self.words.functions else None

    def _application(self, name: str) -> Expr:
        """A function, its primes and scripts, and its argument."""
        head = self.scripts(Name(name))
        if not self.starts_factor():
            if isinstance(head, Script) and name in self.words.symbols:
                return head
            if name in self.words.symbols:
                return Name(name)
            raise self.error(f"function {name} without its argument")
        # Behind brackets, scripts belong to the value: tanh(Z)^2 is the square of tanh(Z).
        bracketed = self.next_is(*_CLOSING)
        argument = self.nested(self.atom) if bracketed else self.factor()
        call = self._called(name, head, argument)
        return self.scripts(call) if bracketed else call

    def _called(self, name: str, head: Expr, argument: Expr) -> Expr:
        if isinstance(head, Script) and head.primes and not (head.sub or head.sup):
            return Call(name, argument, head.primes)
        if isinstance(head, Script):
            if len(head.sup) == 1 and not head.sub and isinstance(head.sup[0], Number):
                return Power(Call(name, argument, head.primes), head.sup[0])
            return Script(Call(name, argument, head.primes), head.sub, head.sup)
        return Call(name, argument)

    def scripts(self, base: Expr) -> Expr:
        sub: list[Expr] = []
        sup: list[Expr] = []
        primes = count = 0
        while True:
            if self.here.kind is Kind.PRIME:
                primes += len(self.take().text)
                count = max(count, primes)
            elif self.accept("_"):
                sub += self.script()
            elif self.accept("^"):
                if sup:
                    raise self.error("a second superscript on one symbol")
                found = self.script()
                primes += sum(item == Name("\\prime") for item in found)
                sup += [item for item in found if item != Name("\\prime")]
            else:
                break
            count += 1
            if count > MAX_SCRIPTS:
                raise self.error(f"more than {MAX_SCRIPTS} scripts on one symbol")
        return Script(base, tuple(sub), tuple(sup), primes) if sub or sup or primes else base

    def script(self) -> list[Expr]:
        """The comma-separated parts of a sub- or superscript."""
        self.in_script += 1
        try:
            if not self.accept("{"):
                return [self.nested(self.script_atom)]
            parts: list[Expr] = []
            while not self.accept("}"):
                if self.here.kind is Kind.PRIME:
                    parts += [Name("\\prime")] * len(self.take().text)
                elif not self.accept(","):
                    parts.append(self.relation())
            return parts
        finally:
            self.in_script -= 1

    def script_atom(self) -> Expr:
        if self.here.kind is Kind.NUMBER and len(self.here.text) > 1:
            raise self.error("a script of several digits without braces")
        if self.here.text in NAMED_FUNCTIONS or self.here.kind is Kind.TEXT:
            raise self.error("expected a script")
        if self.next_is("*"):
            raise self.error("expected a script")
        if self.here.kind is Kind.NAME and self.here.text in self.words.functions:
            return Name(self.take().text)
        return self.atom()

    def relation(self) -> Expr:
        left = self.expression()
        if self.here.text in RELATIONS and self.here.kind in (Kind.MARK, Kind.COMMAND):
            sign = RELATIONS[self.take().text]
            return Relation(sign, left, self.expression())
        return left

    # -- atoms ----------------------------------------------------------------
    def atom(self) -> Expr:
        token = self.here
        if token.kind is Kind.NUMBER:
            self.take()
            places = len(token.text.partition(".")[2]) if "." in token.text else None
            return Number(_fraction(token.text), places)
        if token.kind is Kind.GRADIENT:
            self.take()
            return Derivative(LOSS, self.factor())
        if token.kind is Kind.NAME or (token.kind is Kind.TEXT and self.in_script):
            return Name(self.take().text)
        if token.kind is Kind.TEXT and self._known_text(token):
            return Name(self.take().text)
        if token.kind is Kind.MARK and token.text in _CLOSING:
            return self._grouped()
        if token.text in BARS and token.kind in (Kind.MARK, Kind.COMMAND):
            return self._bars(token.text)
        if token.kind is Kind.COMMAND and (token.text in _ATOMS or token.text in GREEK):
            self.take()
            if token.text in GREEK:
                return Name(token.text)
            return _ATOMS[token.text](self, token.text)
        if token.kind is Kind.COMMAND and token.text in TRANSPOSES | {"\\prime"}:
            return Name("\\prime" if self.take().text == "\\prime" else "\\top")
        raise self.error("expected a formula" if token.kind is Kind.END else "not in the grammar")

    def _grouped(self) -> Expr:
        opening = self.take().text
        inside = self.relation() if opening == "(" else self.expression()
        row = [inside]
        while self.accept(","):
            row.append(self.expression())
        self.expect(_CLOSING[opening])
        if len(row) > 1:
            if opening != "[":
                raise self.error("a list needs square brackets")
            return Matrix((tuple(row),))
        return Bracket(opening, inside) if self.in_script and opening != "{" else inside

    def _bars(self, bar: str) -> Expr:
        """``|x|`` or ``||x||`` or ``\\|x\\|``."""
        self.take()
        double = bar == "|" and self.accept("|")
        self.open_bars += 1
        inside = self.expression()
        self.open_bars -= 1
        self.expect(BARS[bar])
        if double:
            self.expect("|")
        return Call("norm" if double or bar in ("\\|", "\\lVert") else "abs", inside)

    def factor_without_scripts(self) -> Expr:
        return self.nested(self.script_atom)

    def group(self) -> Expr:
        self.expect("{")
        inside = self.expression()
        self.expect("}")
        return inside


def _ends_in_number(node: Expr) -> bool:
    last = node.right if isinstance(node, Product) else node
    return isinstance(last, Number)


def _fraction(text: str) -> Fraction:
    whole, _, part = text.partition(".")
    return Fraction(int((whole or "0") + part), 10 ** len(part))


# -- atoms that a command starts -------------------------------------------------
def _fraction_atom(parser: Parser, _: str) -> Expr:
    if (slope := _slope(parser)) is not None:
        return slope
    return Divide(_argument(parser), _argument(parser))


def _argument(parser: Parser) -> Expr:
    r"""A group, or one token; of a number that is its first digit, as in ``\frac12``."""
    token = parser.here
    if token.kind is Kind.NUMBER and token.text.isdigit() and len(token.text) > 1:
        split = token.start + 1
        parser.tokens[parser.at : parser.at + 1] = [
            Token(Kind.NUMBER, token.text[0], token.start, split),
            Token(Kind.NUMBER, token.text[1:], split, token.stop),
        ]
    return parser.group() if parser.next_is("{") else parser.script_atom()


def _slope(parser: Parser) -> Expr | None:
    """``\\frac{\\partial L}{\\partial W}`` in its dresses, or None if it is a plain fraction."""
    if not parser.next_is("{"):
        return None
    head = parser.tokens[parser.at + 1]
    if not _is_differential(head):
        return None
    start = parser.at
    parser.at += 2
    top = None if parser.next_is("}") else parser.expression()
    parser.expect("}")
    if not (parser.next_is("{") and _is_differential(parser.tokens[parser.at + 1])):
        parser.at = start
        return None
    parser.at += 2
    by = parser.expression()
    parser.expect("}")
    if top is None:
        top = parser.nested(parser.juxtaposition)
    return Derivative(top, by)


def _is_differential(token: Token) -> bool:
    return token.text in ("\\partial", "\\part", "d") and token.kind is not Kind.TEXT


def _partial_atom(parser: Parser, _: str) -> Expr:
    """``\\partial L / \\partial W`` on one line."""
    top = parser.factor()
    parser.expect("/")
    if not _is_differential(parser.here):
        raise parser.error("expected '\\partial'")
    parser.take()
    return Derivative(top, parser.factor())


def _nabla_atom(parser: Parser, _: str) -> Expr:
    if not parser.accept("_"):
        return Derivative(LOSS, parser.factor())
    by = parser.script()
    if len(by) != 1:
        raise parser.error("expected one variable under \\nabla")
    return Derivative(parser.factor() if parser.starts_factor() else LOSS, by[0])


def _sum_atom(parser: Parser, _: str) -> Expr:
    lower: list[Expr] = []
    upper: list[Expr] = []
    while parser.next_is("_", "^"):
        (lower if parser.take().text == "_" else upper).extend(_sum_bound(parser))
    body = parser.nested(parser.loose_product)
    return _sum(parser, lower, upper, body)


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
    if len(lower) != 1 or len(upper) > 1:
        raise parser.error("a sum needs one index and at most one upper bound")
    under = lower[0]
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
    if token.text == "1":
        return Name("\\mathbb{1}")
    if token.text == "R":
        return Name("\\mathbb{R}")
    raise parser.error(f"\\mathbb{{{token.text[:8]}}} has no meaning here")


def _environment(parser: Parser, command: str) -> Expr:
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
            row.append(_cell(parser, name))
    rows += [tuple(row)] if row else []
    return _cases(parser, rows) if name == "cases" else _matrix(parser, rows)


def _cell(parser: Parser, name: str) -> Expr:
    if name == "cases" and parser.here.kind is Kind.TEXT:
        return Name(parser.take().text)
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


_ATOMS: dict[str, Callable[[Parser, str], Expr]] = {
    **dict.fromkeys(("\\frac", "\\dfrac", "\\tfrac", "\\cfrac"), _fraction_atom),
    **dict.fromkeys(("\\partial", "\\part"), _partial_atom),
    **dict.fromkeys(("\\nabla", "\\triangledown"), _nabla_atom),
    **dict.fromkeys(STYLES, _styled),
    **dict.fromkeys(ACCENTS, _accented),
    **dict.fromkeys((f"\\begin{{{name}}}" for name in (*MATRICES, "cases")), _environment),
    **dict.fromkeys(("\\underbrace", "\\overbrace"), _braced),
    "\\sum": _sum_atom,
    "\\sqrt": _root_atom,
    "\\boxed": _boxed,
    "\\mathbb": _blackboard,
}
STARTERS = NAMED_FUNCTIONS


def parse_expression(tex: str, vocabulary: Vocabulary) -> Expr:
    """The tree of one expression; the whole text is read or it is an error.

    Raises: FormulaError with the column of the first thing outside the grammar.
    """
    parser = Parser(tex, vocabulary)
    tree = parser.expression()
    if parser.here.kind is not Kind.END:
        raise parser.error("expected the end")
    return tree
