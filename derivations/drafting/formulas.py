"""The equations of a page as they are read, before it is known what their names mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace

from ..document.grammar import LOSS
from ..document.lexer import Vocabulary
from ..document.markdown import Formula, Page
from ..document.statements import Chain, Link, Statement, parse_formula
from ..document.syntax import (
    Arguments,
    Derivative,
    Expr,
    Name,
    Number,
    Product,
    Script,
    Sum,
    children,
    transform,
    walk,
)
from ..document.tex import parse_expression
from ..errors import FormulaError
from ..functions import SPELLINGS
from .habits import ENTRY_LETTERS, loose_names, pieces

MAX_DEPTH = 60
_AT_LAYER = r"(?:\^\{?[\[(]?[A-Za-z][\])]?\}?)?"  # g^{[l]}
_CALLED = re.compile(
    r"(?<![A-Za-z\\])(f|g|h|s|F|G|\\phi|\\varphi|\\psi|\\rho|\\sigma|\\Phi|act)"
    rf"{_AT_LAYER}('|\^\{{?\\prime\}}?|\^\{{'\}})?{_AT_LAYER}"
    r"\s{0,3}(?:\\left|\\big|\\Big)?\(\s{0,3}(?![0-9])"
)
_DELTA = re.compile(r"\\delta(?![A-Za-z])")
_BEFORE_SYMBOL = re.compile(
    r"\\delta\s{0,2}(?:[A-Za-z]|\{\s?[A-Za-z]|\\(?:mathbf|boldsymbol|bm|hat|tilde|bar)(?![A-Za-z]))"
)
_DELTA_HEAD = re.compile(rf"{_BEFORE_SYMBOL.pattern}[^=]{{0,30}}=")
_WORD = re.compile(r"(?<![A-Za-z\\{])([A-Z]{2,6})(?=\s?(?:\(|=))")  # CE(y, p), MSE =
_DIFFERENTIAL = re.compile(r"(?:^|&|=|\{|\s)\s{0,5}d\s?\\?[A-Za-z]+(?:[_^][^=]{1,30})?\s{0,5}=")


@dataclass(frozen=True, slots=True)
class Equation:
    """``head sign side``; ``first`` if no link of the chain comes before it."""

    line: int
    head: Expr
    sign: str
    side: Expr
    first: bool


def read_formulas(
    page: Page,
) -> tuple[list[Equation], list[tuple[int, Expr]], Vocabulary]:
    """The equations of a page, all its formulas, and the words that they were read with."""
    formulas = [item for item in page.items if isinstance(item, Formula)]
    words = _words(page, formulas)
    equations, trees = _read(formulas, words)
    indices = _indices(equations, trees)
    if indices & words.symbols:
        words = replace(words, symbols=words.symbols - indices)
    equations, trees = _read(formulas, words, indices)
    return equations, trees, words


def _read(
    formulas: list[Formula], words: Vocabulary, indices: Container[str] = ()
) -> tuple[list[Equation], list[tuple[int, Expr]]]:
    chains = [found for found in _chains(formulas, words) if not _compares(found[1], indices)]
    chains += list(_cells(formulas, words))
    equations = [equation for line, chain in chains for equation in _equations(chain, line)]
    named = {_applied(e.head) for e in equations} - {None}
    equations = [
        replace(e, head=without_arguments(e.head, named), side=without_arguments(e.side, named))
        for e in equations
    ]
    sides = [(line, tree) for line, chain in chains for tree in _sides(chain)]
    return equations, [(line, without_arguments(tree, named)) for line, tree in sides]


def _compares(chain: Chain, indices: Container[str]) -> bool:
    """``i = j`` by itself, which defines nothing: it says of which entries the page speaks."""
    sides = list(_sides(chain))
    letters = all(isinstance(side, Name) and side.text in indices for side in sides)
    return letters and len(sides) == 2


def _indices(equations: list[Equation], trees: list[tuple[int, Expr]]) -> set[str]:
    """Letters that stand below symbols or under sums, and otherwise only beside one another."""
    below: set[str] = set()
    for _, tree in trees:
        for node in walk(tree):
            if isinstance(node, Sum):
                below.add(node.index)
            if isinstance(node, Script):
                parts = [piece for sub in node.sub for piece in pieces(sub)]
                below |= {part.text for part in parts if isinstance(part, Name)}
    arrays = {
        e.head.text
        for e in equations
        if isinstance(e.head, Name) and e.sign == "=" and not isinstance(e.side, Name | Number)
    }
    arrays |= {
        name for _, tree in trees if not isinstance(tree, Name) for name in loose_names(tree)
    }
    return (below & ENTRY_LETTERS | {"i", "j", "k", "l"}) - arrays


def _words(page: Page, formulas: list[Formula]) -> Vocabulary:
    """Which letters are functions, and which are symbols."""
    texts = [formula.tex for formula in formulas]
    known = {name for name in SPELLINGS if name != "\\sigma"} | {"e"}
    known |= _functions(texts, page.macros)
    letters = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") - known
    letters |= {word for text in texts for word in _WORD.findall(text)} - known
    if any(_DIFFERENTIAL.search(text) for text in texts):
        letters -= {"d"}
    return Vocabulary(
        functions=frozenset(known),
        symbols=letters,
        macros=page.macros,
        slopes=frozenset({"\\delta"} if _delta_differentiates(texts) else ()),
    )


def _delta_differentiates(texts: list[str]) -> bool:
    """Whether every delta stands before a symbol as a d does: ``\\delta h_t = ...``."""
    stands = sum(len(_DELTA.findall(text)) for text in texts)
    before = [found for text in texts for found in _BEFORE_SYMBOL.findall(text)]
    return stands == len(before) > 0 and any(_DELTA_HEAD.search(text) for text in texts)


def _functions(texts: list[str], macros: dict[str, tuple[int, str]]) -> set[str]:
    """Letters that stand before brackets whenever they stand, or with a prime before them."""
    called: Counter[str] = Counter()
    primed: set[str] = set()
    for text in texts:
        for match in _CALLED.finditer(text):
            called[match.group(1)] += 1
            if match.group(2):
                primed.add(match.group(1))
    found = set(primed)
    for name in called:
        whole = re.compile(rf"(?<![A-Za-z\\]){re.escape(name)}(?![A-Za-z])")
        stands = sum(len(whole.findall(text)) for text in texts)
        if name in ("\\sigma", "\\phi", "\\varphi", "f", "g") and called[name] == stands:
            found.add(name)
    return found | ({"\\sigma"} if _sigma_acts(texts) else set())


def _sigma_acts(texts: list[str]) -> bool:
    """Whether sigma is applied to something, rather than a standard deviation."""
    return any(re.search(r"\\sigma['^]?[^=]{0,12}\\?\(", text) for text in texts)


def _chains(formulas: list[Formula], words: Vocabulary) -> Iterator[tuple[int, Chain]]:
    for formula in formulas:
        if formula.skipped is not None:
            continue
        try:
            statements = parsed(formula, words)
        except FormulaError:
            continue
        for statement in statements:
            if isinstance(statement, Chain):
                yield formula.line + formula.tex[: statement.start].count("\n"), statement


def parsed(formula: Formula, words: Vocabulary) -> tuple[Statement, ...]:
    """What a formula states.

    Raises: FormulaError where it cannot be read, or is nested too deeply to be compared.
    """
    statements = parse_formula(formula.tex, words)
    sides = [side for s in statements if isinstance(s, Chain) for side in _sides(s)]
    for _ in range(MAX_DEPTH):
        sides = [child for side in sides for child in children(side)]
    if sides:
        raise FormulaError(f"nested more than {MAX_DEPTH} deep")
    return statements


def _cells(formulas: list[Formula], words: Vocabulary) -> Iterator[tuple[int, Chain]]:
    """A formula in a table says what the symbol that heads its column is."""
    for formula in formulas:
        if formula.target is None:
            continue
        try:
            head = parse_expression(formula.target, words)
            side = parse_expression(formula.tex, words)
        except FormulaError:
            continue
        yield formula.line, Chain(head, (Link("=", side, 0, 0),), (), 0)


def _sides(chain: Chain) -> Iterator[Expr]:
    for side in (chain.head, *(link.side for link in chain.links)):
        if side is not None:
            yield side


def _equations(chain: Chain, line: int) -> Iterator[Equation]:
    if chain.head is not None and not chain.conditions:
        for position, link in enumerate(chain.links):
            before = chain.links[position - 1].side if position else chain.head
            named = position > 0 and isinstance(before, Name) and link.sign == "="
            # ``\\hat{y} = a = \\sigma(z)`` says what a is, too.
            head = before if named else chain.head
            yield Equation(line, head, link.sign, link.side, position == 0 or named)


def _applied(head: Expr) -> Expr | None:
    """The J of ``J(W, b) = ...``."""
    if isinstance(head, Product) and head.sign == "" and isinstance(head.right, Arguments):
        return head.left
    return None


def without_arguments(tree: Expr, named: Container[Expr | None]) -> Expr:
    """The tree with what its symbols are functions of left out; a factor in brackets stays."""

    def plain(node: Expr) -> Expr:
        if not (isinstance(node, Product) and isinstance(node.right, Arguments)):
            return node
        slope = node.left
        if isinstance(slope, Derivative) and slope.of == LOSS and slope.by in named:
            return Derivative(slope.by, node.right.items[0])  # nabla L(w)
        if node.left in named or len(node.right.items) > 1:
            return node.left
        return Product(node.sign, node.left, node.right.items[0])

    return transform(tree, plain)
