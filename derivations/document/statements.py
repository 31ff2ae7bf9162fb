"""What one formula of a page states: chains of equations, a loop's head, or words."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import FormulaError
from .grammar import RELATIONS
from .lexer import Kind, Vocabulary, tokenize
from .syntax import Add, Expr, Name, Neg, Number, Relation
from .tex import Parser
from .updates import as_update

_OPENERS = frozenset(
    f"\\begin{{{name}}}"
    for name in (
        "aligned",
        "align",
        "split",
        "gathered",
        "gather",
        "eqnarray",
        "equation",
        "alignat",
        "multline",
    )
)
_CLOSERS = frozenset(opener.replace("begin", "end") for opener in _OPENERS)
_SEPARATORS = frozenset({",", ";", ".", ":", "\\Rightarrow", "\\implies", "\\iff", "\\therefore"})
_ARROWS = {"\\rightarrow": ":=", "\\to": ":=", "\\longrightarrow": ":="}
_ORDERINGS = frozenset({"\\neq", ">", "<", "\\geq", "\\leq"})


@dataclass(frozen=True, slots=True)
class Link:
    """``sign`` and the side after it; ``start`` and ``stop`` delimit both in the TeX."""

    sign: str
    side: Expr
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Chain:
    """``head = side = side``; a chain without a head goes on with the formula before it."""

    head: Expr | None
    links: tuple[Link, ...]
    conditions: tuple[Relation, ...]
    start: int
    stop: int = 0


@dataclass(frozen=True, slots=True)
class Loop:
    """``for index from first to last``."""

    index: str
    first: Expr
    last: Expr


@dataclass(frozen=True, slots=True)
class Words:
    text: str


Statement = Chain | Loop | Words


def parse_formula(tex: str, vocabulary: Vocabulary) -> tuple[Statement, ...]:
    """Everything that a formula states, in order; what is read is read to its last token.

    Raises: FormulaError with the place of the first thing outside the grammar.
    """
    return _Statements(tex, vocabulary).read()


def rows_of(tex: str, vocabulary: Vocabulary) -> list[tuple[int, int]]:
    """Where the rows of an aligned display stand, without the environment around them.

    Raises: FormulaError where the text cannot be cut into tokens.
    """
    tokens = tokenize(tex, vocabulary)
    level, start, stop = 0, 0, len(tex)
    found: list[tuple[int, int]] = []
    for token in tokens:
        if token.text in _OPENERS and level == 0 and not found:
            start = token.stop
        elif token.text in _CLOSERS and level == 0:
            stop = token.start
            break
        elif token.kind is Kind.ROW and level == 0:
            found.append((start, token.start))
            start = token.stop
        else:
            opens = token.text == "{" or token.text.startswith("\\begin{")
            closes = token.text == "}" or token.text.startswith("\\end{")
            level += opens - closes
    return [*found, (start, stop)] if level == 0 and start <= stop else []


class _Statements(Parser):
    def read(self) -> tuple[Statement, ...]:
        if self._is_sentence():
            return (Words(self.tex.strip()),)
        if (loop := self._loop()) is not None:
            return (loop,)
        return self._chains()

    def _is_sentence(self) -> bool:
        """Words and rules only: no relation, no operator, and at least two plain words."""
        tokens = [token for token in self.tokens if token.text not in ("{", "}", ",", ".", ":")]
        symbols = self.words.symbols | self.words.functions
        plain = [
            t
            for t in tokens
            if t.kind in (Kind.NAME, Kind.TEXT) and len(t.text) > 2 and t.text not in symbols
        ]
        allowed = all(t.kind in (Kind.NAME, Kind.TEXT, Kind.END) for t in tokens)
        return allowed and (len(plain) > 1 or all(t.kind is not Kind.NAME for t in tokens))

    def _loop(self) -> Loop | None:
        texts = [token.text for token in self.tokens]
        if "for" not in texts or "from" not in texts:
            return None
        braced = self.accept("{")
        self._word("for")
        index = self.take()
        if index.kind is not Kind.NAME:
            raise self.error("expected the loop's index")
        self._word("from")
        first = self.expression()
        self._word("to")
        last = self.expression()
        self.accept(":")
        if braced:
            self.expect("}")
        if self.here.kind is not Kind.END:
            raise self.error("expected the end of the loop's head")
        return Loop(index.text, first, last)

    def _word(self, text: str) -> None:
        if self.here.kind is not Kind.TEXT or self.here.text != text:
            raise self.error(f"expected '{text}'")
        self.take()

    # -- chains ---------------------------------------------------------------
    def _chains(self) -> tuple[Statement, ...]:
        done: list[Statement] = []
        chain: Chain | None = None
        self.pending: tuple[Relation, ...] = ()  # conditions that stand before their formula
        open_for_more = True  # a separator, a new line or a connecting word came last
        while self.here.kind is not Kind.END:
            if self._skip_layout():
                open_for_more = True
            elif chain is not None and self._implies(chain):
                chain, open_for_more = None, True
            elif self._defined_in_words():
                done.append(self._words_of(chain))
                chain, open_for_more = None, True
            elif (sign := self._relation_sign()) is not None:
                chain = self._linked(chain, sign)
                open_for_more = False
            elif not open_for_more:
                raise self.error("expected a relation or the end")
            else:
                start = self.here.start
                side = self.expression()
                condition = self._condition(chain, side)
                if condition is not None and chain is not None:
                    chain = Chain(
                        chain.head, chain.links, (*chain.conditions, condition), chain.start
                    )
                else:
                    done += [chain] if chain else []
                    stop = self.tokens[self.at - 1].stop
                    chain, self.pending = Chain(side, (), self.pending, start, stop), ()
                open_for_more = False
        done += [chain] if chain else []
        if not done:
            raise FormulaError("no formula between the delimiters")
        symbols = self.words.symbols
        return tuple(as_update(s, symbols) if isinstance(s, Chain) else s for s in done)

    def _implies(self, chain: Chain) -> bool:
        """``i = j \\rightarrow`` states a condition on what follows."""
        if self.here.text not in _ARROWS or len(chain.links) != 1 or chain.head is None:
            return False
        (link,), symbols = chain.links, self.words.symbols
        if not (_is_index(chain.head, symbols) and _is_index(link.side, symbols)):
            return False
        self.take()
        self.pending = (*chain.conditions, Relation(link.sign, chain.head, link.side))
        return True

    def _defined_in_words(self) -> bool:
        """A relation whose right side is a sentence: nothing that could be judged."""
        at = self.at
        found = self._relation_sign() is not None
        token = self.here
        self.at = at
        return found and token.kind is Kind.TEXT and not self._known_text(token)

    def _words_of(self, chain: Chain | None) -> Words:
        start = chain.start if chain is not None else self.here.start
        while self.here.kind not in (Kind.ROW, Kind.END):
            self.take()
        return Words(self.tex[start : self.tokens[self.at - 1].stop])

    def _opens_box(self) -> bool:
        """A box around a whole equation is layout."""
        if not (self.next_is("\\boxed") and self._is_mark(self.tokens[self.at + 1], "{")):
            return False
        level, relation = 0, False
        for at in range(self.at + 1, len(self.tokens)):
            token = self.tokens[at]
            level += {"{": 1, "}": -1}.get(token.text, 0) if token.kind is Kind.MARK else 0
            relation = relation or (level == 1 and self._is_mark(token, *RELATIONS))
            if level == 0:
                break
        if relation and level == 0:
            del self.tokens[at]
            self.at += 2
        return relation and level == 0

    def _skip_layout(self) -> bool:
        if self._opens_box():
            return True
        if length := self.remark_length():
            self.at += length
            return True
        token = self.here
        layout = (
            token.kind is Kind.ROW
            or (token.kind is Kind.TEXT and not self._known_text(token))
            or (token.kind is Kind.MARK and token.text in ("&", *_SEPARATORS))
            or (token.kind is Kind.COMMAND and token.text in _OPENERS | _CLOSERS | _SEPARATORS)
        )
        if token.text == ":" and self.tokens[self.at + 1].text == "=":
            return False
        if layout:
            self._refuse_decimal_comma()
            self.take()
        return layout

    def _refuse_decimal_comma(self) -> None:
        """``0,5`` is one number to some and two to others."""
        before, here, after = self.tokens[self.at - 1], self.here, self.tokens[self.at + 1]
        numbers = before.kind is after.kind is Kind.NUMBER
        if here.text == "," and numbers and before.stop == here.start == after.start - 1:
            raise self.error("a decimal comma; print a point")

    def _relation_sign(self) -> str | None:
        token = self.here
        if token.text == ":" and self.tokens[self.at + 1].text == "=":
            self.at += 2
            return ":="
        signs = RELATIONS | _ARROWS
        if token.kind in (Kind.MARK, Kind.COMMAND) and token.text in signs:
            self.take()
            return signs[token.text]
        return None

    def _linked(self, chain: Chain | None, sign: str) -> Chain:
        start = self.tokens[self.at - 1].start
        while self.accept("&"):
            pass
        side = self.expression()
        link = Link(sign, side, start, self.tokens[self.at - 1].stop)
        if chain is None:
            return Chain(None, (link,), (), start)
        return Chain(chain.head, (*chain.links, link), chain.conditions, chain.start)

    def _condition(self, chain: Chain | None, side: Expr) -> Relation | None:
        """``i = j`` behind a formula bounds its indices; it is no formula of its own."""
        if chain is None or not chain.links or not _is_index(side, self.words.symbols):
            return None
        at = self.at
        sign = self._relation_sign()
        if sign in _ORDERINGS or sign == "=":
            right = self.expression()
            if _is_index(right, self.words.symbols) and self._relation_sign() is None:
                return Relation(str(sign), side, right)
        self.at = at
        return None


def _is_index(side: Expr, symbols: frozenset[str]) -> bool:
    if isinstance(side, Name):
        return side.text not in symbols and len(side.text) == 1
    if isinstance(side, Add):
        return _is_index(side.left, symbols) and _is_index(side.right, symbols)
    if isinstance(side, Neg):
        return _is_index(side.arg, symbols)
    return isinstance(side, Number)
