"""What the formulas of a page state: equations, functions, sizes, names of derivatives."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ..document.grammar import LOSS
from ..document.lexer import Vocabulary
from ..document.markdown import Formula, Page
from ..document.syntax import (
    Add,
    Call,
    Derivative,
    Divide,
    Expr,
    Matrix,
    Name,
    Neg,
    Number,
    Product,
    Script,
    Sum,
    children,
    walk,
)  # fmt: skip
from ..document.tex import parse_expression
from ..errors import FormulaError
from ..functions import FUNCTIONS, SPELLINGS, Kind
from .constraints import size_name
from .formulas import Equation, parsed, read_formulas
from .habits import Habits, Use, habits_of, pieces, use_of
from .labels import labels_of
from .row_samples import row_samples
from .squares import squares_of

MARKS = frozenset({"\\top", "\\prime", "\\mathbb{R}", "\\mathbb{1}", "e", "d", "\\dots", LOSS.text})
_COUNTS = frozenset("mnNMBT")
LOSS_NAMES = (
    "L",
    "J",
    "C",
    "E",
    "loss",
    "Loss",
    "cost",
    "MSE",
    "CE",
    "BCE",
    "NLL",
    "\\ell",
    "R",
    "Q",
)


@dataclass(slots=True)
class Facts:
    """Everything that inference starts from."""

    equations: list[Equation]
    trees: list[tuple[int, Expr]]
    habits: Habits
    functions: dict[str, str]
    words: Vocabulary
    loss: tuple[str, int] | None = None
    rate: tuple[str, int] | None = None
    named_slopes: dict[str, tuple[Expr, Derivative, int]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    layout: str | None = None  # how the page arranges Jacobians
    unread: dict[str, int] = field(default_factory=dict)  # heads of formulas not understood
    minima: list[Equation] = field(default_factory=list)  # they say where the loss is least


def facts_of(page: Page) -> Facts:
    """The equations of a page and what its names are."""
    formulas = [item for item in page.items if isinstance(item, Formula)]
    equations, trees, words = read_formulas(page)
    functions = {name: meant for name, meant in SPELLINGS.items() if name in words.functions}
    functions |= dict.fromkeys(words.functions - functions.keys(), "")
    functions |= {"e": "exp"}
    habits = habits_of(tree for _, tree in trees)
    habits.labels = labels_of(equations, [tree for _, tree in trees], LOSS_NAMES)
    habits.rows = frozenset(row_samples(equations, [tree for _, tree in trees]) - habits.layered)
    habits.squares = squares_of(equations)
    facts = Facts(equations, trees, habits, functions, words)
    _note_unread(formulas, facts)
    return with_habits(facts, facts.habits)


def with_habits(facts: Facts, habits: Habits) -> Facts:
    """The same formulas, their scripts read in another way."""
    facts = replace(facts, habits=habits, named_slopes={}, sizes={})
    facts.loss = _loss(facts)
    facts.rate = _rate(facts)
    facts.layout = next((found for e in facts.equations if (found := _layout(e))), None)
    _note_slopes(facts)
    _note_sizes(facts)
    return facts


def _layout(equation: Equation) -> str | None:
    """``(\\partial f / \\partial x)_{ij} = \\partial f_i / \\partial x_j`` is numerator layout."""
    head, side = equation.head, equation.side
    if not (isinstance(head, Script) and isinstance(head.base, Derivative) and head.sub):
        return None
    letters = [piece for sub in head.sub for piece in pieces(sub)]
    parts = (side.of, side.by) if isinstance(side, Derivative) else ()
    below = [p.sub[0] for p in parts if isinstance(p, Script) and len(p.sub) == 1]
    if len(letters) != 2 or len(below) != 2 or sorted(map(str, letters)) != sorted(map(str, below)):
        return None
    return "numerator" if letters == below else "denominator"


# -- what the equations are about -------------------------------------------------------
def head_use(facts: Facts, tree: Expr) -> Use | None:
    return use_of(tree, facts.habits)


def _loss(facts: Facts) -> tuple[str, int] | None:
    """What is differentiated most often, whole and without a layer: by the usual names, else a
    number by what it is computed from."""
    votes: Counter[str] = Counter()
    first: dict[str, int] = {}
    for line, tree in facts.trees:
        for node in walk(tree):
            if not isinstance(node, Derivative):
                continue
            use = head_use(facts, node.of)
            if node.of == LOSS or use is None or use.layer or use.sample:
                continue
            votes[use.key] += 1
            first.setdefault(use.key, line)
    usual = [key for key, _ in votes.most_common() if key.startswith(LOSS_NAMES)]
    if usual:
        return usual[0], first[usual[0]]
    named = [e for e in facts.equations if (u := head_use(facts, e.head)) and u.key in LOSS_NAMES]
    if named and (use := head_use(facts, named[0].head)) is not None:
        return use.key, named[0].line
    numbers = [
        use.key
        for e in facts.equations
        if (use := head_use(facts, e.head)) and e.sign == "=" and is_evident_number(e.side)
    ]
    voted = next(((key, first[key]) for key, _ in votes.most_common() if key in numbers), None)
    return voted or _unnamed_loss(facts)


def is_evident_number(side: Expr) -> bool:
    """Whether a formula is one number whatever its symbols are, as a norm and a trace are."""
    if isinstance(side, Neg):
        return is_evident_number(side.arg)
    if isinstance(side, Add):
        return is_evident_number(side.left) and is_evident_number(side.right)
    if isinstance(side, Divide):
        return is_evident_number(side.top)
    if isinstance(side, Product):
        return _is_coefficient(side.left) and is_evident_number(side.right)
    if isinstance(side, Script):
        return not side.sub and is_evident_number(side.base)
    if isinstance(side, Call) and side.function in ("log", "\\log", "\\ln", "ln", "\\sqrt"):
        return is_evident_number(side.arg)
    meant = SPELLINGS.get(side.function, "") if isinstance(side, Call) else ""
    return meant in FUNCTIONS and FUNCTIONS[meant].kind is Kind.SCALAR


def _is_coefficient(side: Expr) -> bool:
    """``1/2``, ``1/m`` or ``\\lambda``: made of numbers, counts and Greek letters."""
    names = [node.text for node in walk(side) if isinstance(node, Name)]
    return all(name in _COUNTS or name.startswith("\\") for name in names)


def _unnamed_loss(facts: Facts) -> tuple[str, int] | None:
    """A free name for the loss of a page that writes ``dW`` or ``\\nabla_W`` and names none."""
    bare = [line for line, tree in facts.trees for node in walk(tree)
            if isinstance(node, Derivative) and node.of == LOSS]  # fmt: skip
    taken = {node.text for _, tree in facts.trees for node in walk(tree) if isinstance(node, Name)}
    free = [name for name in LOSS_NAMES if name not in taken]
    return (free[0], bare[0]) if bare and free else None


def _rate(facts: Facts) -> tuple[str, int] | None:
    """What multiplies the derivative in an update."""
    for e in facts.equations:
        head = head_use(facts, e.head)
        if not (isinstance(e.side, Add) and head and head_use(facts, e.side.left) == head):
            continue
        step = e.side.right.arg if isinstance(e.side.right, Neg) else e.side.right
        while isinstance(step, Product) and isinstance(step.left, Product):
            step = step.left
        if isinstance(step, Product) and (use := head_use(facts, step.left)) is not None:
            return use.key, e.line
    return None


def _note_slopes(facts: Facts) -> None:
    """``\\delta^l = \\partial C / \\partial z^l``, from either side."""
    loss = facts.loss[0] if facts.loss else None
    for e in facts.equations:
        for name, slope in ((e.head, e.side), (e.side, e.head)):
            if not isinstance(slope, Derivative) or e.sign != "=":
                continue
            of, by = head_use(facts, slope.of), head_use(facts, slope.by)
            use = head_use(facts, name)
            if use is None or by is None or of is None or of.key != loss or use.turned:
                continue
            if isinstance(name, Name | Script) and use.key not in facts.named_slopes:
                if name is e.side and not use.key.startswith(
                    ("\\delta", "\\epsilon", "\\varepsilon")
                ):
                    continue
                facts.named_slopes[use.key] = (name, slope, e.line)


def _note_sizes(facts: Facts) -> None:
    """Letters that bound a sum, or that a number is divided by."""
    for line, tree in facts.trees:
        for node in walk(tree):
            if isinstance(node, Sum) and node.upper not in (None, Name("\\neq")):
                name = size_name(node.upper)
                if name and name != "neq" and not name.isdigit() and name not in facts.habits.last:
                    facts.sizes.setdefault(name, line)
            if isinstance(node, Divide) and isinstance(node.top, Number):
                for part in _plain_factors(node.bottom):
                    if part in _COUNTS:
                        facts.sizes.setdefault(part, line)


def _note_unread(formulas: list[Formula], facts: Facts) -> None:
    """Symbols that an unreadable formula may define."""
    for formula in formulas:
        if _is_read(formula, facts):
            continue
        for part in re.split(r"\\\\|\\quad|\\qquad|&(?!=)", formula.tex):
            head, sign, _ = part.replace("&", "").partition("=")
            name = re.sub(r"\(.*", "", head).strip()
            side = part.partition("=")[2]
            if "\\begin" in side or (name and name in side):
                continue  # a display of entries, or an update
            if sign and (use := _read_use(name, facts)) is not None:
                facts.unread.setdefault(use.key, formula.line)


def _is_read(formula: Formula, facts: Facts) -> bool:
    try:
        return formula.skipped is None and bool(parsed(formula, facts.words))
    except FormulaError:
        return False


def _read_use(text: str, facts: Facts) -> Use | None:
    try:
        return head_use(facts, parse_expression(text, facts.words))
    except FormulaError:
        return None


def _plain_factors(node: Expr) -> Iterator[str]:
    if isinstance(node, Name):
        yield node.text
    elif isinstance(node, Product):
        yield from _plain_factors(node.left)
        yield from _plain_factors(node.right)


def symbols_in(tree: Expr, facts: Facts) -> Iterator[Use]:
    """Every symbol of a tree as it is used; indices are no symbols."""
    if isinstance(tree, Name | Script) and (use := use_of(tree, facts.habits)) is not None:
        if use.key not in MARKS and use.key not in facts.functions:
            yield use
        return
    if isinstance(tree, Script):
        yield from symbols_in(tree.base, facts)
        for sub in tree.sub:
            for child in children(sub):
                yield from symbols_in(child, facts)
        return
    parts = [tree.body] if isinstance(tree, Sum) else list(children(tree))
    for child in parts:
        yield from symbols_in(child, facts)


# -- printed numbers ----------------------------------------------------------------
def printed_rows(side: Expr) -> list[list[str]] | None:
    """A number or a matrix of numbers as printed; None if it is none."""
    rows = side.rows if isinstance(side, Matrix) else ((side,),)
    numbers = [[_printed(cell) for cell in row] for row in rows]
    if any(number is None for row in numbers for number in row):
        return None
    return [[str(number) for number in row] for row in numbers]


def _printed(cell: Expr) -> str | None:
    if isinstance(cell, Neg):
        inner = _printed(cell.arg)
        return None if inner is None else f"-{inner}"
    if not isinstance(cell, Number):
        return None
    if cell.value.denominator > 1 or cell.places:
        return f"{float(cell.value):.{cell.places or 0}f}"
    return str(cell.value)


def is_slope(side: Expr) -> bool:
    """Whether a derivative or a differentiated function stands in a formula."""
    return any(
        isinstance(node, Derivative)
        or (isinstance(node, Call) and node.order > 0)
        or (isinstance(node, Script) and node.primes > 0)
        for node in walk(side)
    )
