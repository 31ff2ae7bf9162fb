"""TeX -> syntax tree, by a closed grammar: what it does not know is an error with its place.

Binding, loosest first: ``+ -``; ``\\odot \\circ \\otimes``; ``* \\cdot \\times /``;
juxtaposition; scripts and primes.  A sum takes the product that follows it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..errors import FormulaError
from .application import application
from .atoms import ATOMS
from .brackets import arguments, bars, curly, grouped
from .grammar import (
    BARS,
    CLOSING,
    EXTREMES,
    GREEK,
    LOOSE_SIGNS,
    LOSS,
    MAX_DEPTH,
    MAX_EXPONENT,
    MAX_JOINED,
    MAX_SCRIPTS,
    NAMED_FUNCTIONS,
    RELATIONS,
    STAR,
    STARS,
    TIGHT_SIGNS,
    TRANSPOSES,
    fraction,
)
from .lexer import Kind, Token, Vocabulary, tokenize
from .syntax import (
    Add,
    Bracket,
    Derivative,
    Divide,
    Expr,
    Name,
    Neg,
    Number,
    Product,
    Relation,
    Script,
    walk,
)

T = TypeVar("T")


class Parser:
    """One formula's tokens and a position in them; every recursive production counts depth."""

    def __init__(self, tex: str, vocabulary: Vocabulary) -> None:
        self.tex = tex
        self.words = vocabulary
        self.tokens = tokenize(tex, vocabulary)
        self.at = 0
        self.depth = 0
        self.joins = 0
        self.in_script = 0
        self.open_bars = 0

    # -- tokens ---------------------------------------------------------------
    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    def next_is(self, *texts: str) -> bool:
        return self._is_mark(self.here, *texts)

    @staticmethod
    def _is_mark(token: Token, *texts: str) -> bool:
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

    def joined(self, node: T) -> T:
        """A sum or a product, one more of those that a formula may have."""
        self.joins += 1
        if self.joins > MAX_JOINED:
            raise self.error(f"more than {MAX_JOINED} sums and products")
        return node

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
            result = self.joined(Add(result, Neg(term) if minus == "-" else term))
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
            result = self.joined(Product(sign, result, self._signed(self.tight_product)))
        return result

    def tight_product(self) -> Expr:
        result = self.juxtaposition()
        while True:
            if self.next_is(*TIGHT_SIGNS):
                sign = TIGHT_SIGNS[self.take().text]
                result = self.joined(Product(sign, result, self._signed(self.juxtaposition)))
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
        return self._juxtaposed(self.joined(Divide(top, bottom)))

    def juxtaposition(self) -> Expr:
        return self._juxtaposed(self.factor())

    def _juxtaposed(self, result: Expr) -> Expr:
        while self.starts_factor():
            behind = result.right if isinstance(result, Product) else result
            if self.next_is("(") and isinstance(behind, Name | Script | Derivative):
                result = self.joined(Product("", result, self.scripts(arguments(self))))
                continue
            if self.here.kind is Kind.NUMBER and _ends_in_number(result):
                raise self.error("two numbers side by side")
            result = self.joined(Product("", result, self.factor()))
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
            return token.text in CLOSING and not self.remark_length()
        if token.kind is Kind.COMMAND:
            return (
                token.text == "\\{"
                or token.text in ATOMS
                or token.text in GREEK
                or token.text in NAMED_FUNCTIONS
            )
        return False

    def remark_length(self) -> int:
        """How many tokens a bracketed remark in words takes here; 0 where there is none."""
        if not self.next_is("("):
            return 0
        at = self.at + 1
        while self.tokens[at].kind is Kind.TEXT and not self._known_text(self.tokens[at]):
            at += 1
        closed = self._is_mark(self.tokens[at], ")")
        return at + 1 - self.at if closed and at > self.at + 1 else 0

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
            return application(self, name)
        return self.scripts(self.atom())

    def _function_name(self, token: Token) -> str | None:
        if token.kind is Kind.COMMAND and token.text in NAMED_FUNCTIONS - {"\\sqrt"}:
            return token.text
        named = token.kind in (Kind.NAME, Kind.TEXT, Kind.COMMAND)
        if named and token.text in EXTREMES and token.text not in self.words.symbols:
            return token.text
        return token.text if named and token.text in self.words.functions else None

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
                self._bound_exponent(found)
                primes += sum(item == Name("\\prime") for item in found)
                sup += [item for item in found if item != Name("\\prime")]
            elif self.next_is("{") and self._is_mark(self.tokens[self.at + 1], "_", "^"):
                self.take()  # a{_2} is a_2
                inner = self.scripts(base)
                self.expect("}")
                if isinstance(inner, Script) and inner is not base:
                    sub, sup, primes = [*sub, *inner.sub], [*sup, *inner.sup], primes + inner.primes
            else:
                break
            count += 1
            if count > MAX_SCRIPTS:
                raise self.error(f"more than {MAX_SCRIPTS} scripts on one symbol")
        return Script(base, tuple(sub), tuple(sup), primes) if sub or sup or primes else base

    def _bound_exponent(self, parts: list[Expr]) -> None:
        """A power of numbers is small: nobody prints 9^(9^9) in a derivation."""
        for part in parts:
            nodes = list(walk(part))
            numbers = [node.value for node in nodes if isinstance(node, Number)]
            if any(isinstance(node, Name | Bracket) for node in nodes):
                continue
            simple = all(isinstance(node, Number | Neg | Add | Divide) for node in nodes)
            if not simple or sum(map(abs, numbers)) > MAX_EXPONENT:
                raise self.error(f"an exponent beyond {MAX_EXPONENT}")

    def script(self) -> list[Expr]:
        """The comma-separated parts of a sub- or superscript."""
        self.in_script += 1
        try:
            if self.accept(*STARS):
                return [STAR]
            if not self.accept("{"):
                return [self.nested(self.script_atom)]
            parts: list[Expr] = []
            while not self.accept("}"):
                if self.here.kind is Kind.PRIME:
                    parts += [Name("\\prime")] * len(self.take().text)
                elif self.accept(*STARS):
                    parts.append(STAR)
                elif self.next_is(":"):
                    parts.append(self._whole_axis())
                elif self._is_name_alone():
                    parts.append(Name(self.take().text))
                elif not self.accept(","):
                    parts.append(self.relation())
            return parts
        finally:
            self.in_script -= 1

    def _is_name_alone(self) -> bool:
        """The f of ``W_{f}``, which is a name here, whether or not it is a function elsewhere."""
        if self.here.kind is not Kind.NAME or self.here.text not in self.words.functions:
            return False
        before, after = self.tokens[self.at - 1], self.tokens[self.at + 1]
        return self._is_mark(before, "{", ",") and self._is_mark(after, "}", ",")

    def _whole_axis(self) -> Expr:
        """The colon of ``A_{:, j}`` or ``A_{i:}``; a range of indices is not read."""
        before = self.tokens[self.at - 1]
        self.take()
        if not (self._is_mark(before, "{", ",") or self.next_is("}", ",")):
            raise self.error("a range of indices is not in the grammar")
        return Name(":")

    def script_atom(self) -> Expr:
        if self.here.kind is Kind.NUMBER and len(self.here.text) > 1:
            raise self.error("a script of several digits without braces")
        if self.here.text in NAMED_FUNCTIONS or self.here.kind is Kind.TEXT:
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
            return Number(fraction(token.text), places)
        if token.kind is Kind.GRADIENT:
            self.take()
            return Derivative(LOSS, self.factor())
        if token.kind is Kind.NAME or (token.kind is Kind.TEXT and self.in_script):
            return Name(self.take().text)
        if token.kind is Kind.TEXT and self._known_text(token):
            return Name(self.take().text)
        if token.kind is Kind.MARK and token.text in CLOSING:
            return grouped(self)
        if token.text in BARS and token.kind in (Kind.MARK, Kind.COMMAND):
            return bars(self, token.text)
        if self.next_is("\\{"):
            return curly(self)
        if token.kind is Kind.COMMAND and (token.text in ATOMS or token.text in GREEK):
            self.take()
            if token.text in GREEK:
                return Name(token.text)
            return ATOMS[token.text](self, token.text)
        if token.kind is Kind.COMMAND and token.text in TRANSPOSES | {"\\prime"}:
            return Name("\\prime" if self.take().text == "\\prime" else "\\top")
        raise self.error("expected a formula" if token.kind is Kind.END else "not in the grammar")

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


def parse_expression(tex: str, vocabulary: Vocabulary) -> Expr:
    """The tree of one expression; the whole text is read or it is an error.

    Raises: FormulaError with the column of the first thing outside the grammar.
    """
    parser = Parser(tex, vocabulary)
    tree = parser.expression()
    if parser.here.kind is not Kind.END:
        raise parser.error("expected the end")
    return tree
