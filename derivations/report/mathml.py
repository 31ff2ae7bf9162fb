"""Syntax tree -> MathML, which browsers and screen readers show without a library."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from difflib import SequenceMatcher
from typing import Any

from ..document.letters import letter as letter_of
from ..document.syntax import (
    LAST,
    Add,
    Arguments,
    Bracket,
    Call,
    Case,
    Derivative,
    Divide,
    Entry,
    Expr,
    Filled,
    Index,
    Matrix,
    Meaning,
    Name,
    Neg,
    Number,
    Ones,
    Place,
    Power,
    Product,
    Ref,
    Relation,
    Script,
    Size,
    Sum,
    Total,
    Transpose,
)  # fmt: skip
from ..document.write import to_text
from .markup import Element, element, leaves, marked

_SUM, _LOOSE, _TIGHT, _SIDE, _ATOM = range(5)
Written = tuple[Element, int]  # and how tightly it binds
SIGNS = {
    ":=": "←",
    "=": "=",
    "\\neq": "≠",
    "\\geq": "≥",
    "\\leq": "≤",
    "\\in": "∈",
    "\\notin": "∉",
    "\\approx": "≈",
    "\\odot": "⊙",
    "\\circ": "∘",
    "\\otimes": "⊗",
    "\\cdot": "·",
    "\\times": "×",
    "*": "∗",
}
_WORDS = {"\\top": "⊤", "\\prime": "′", "\\mathbb{R}": "ℝ", "\\mathbb{1}": "𝟙"}
_OVER = {
    "hat": "^",
    "widehat": "^",
    "tilde": "~",
    "widetilde": "~",
    "bar": "¯",
    "overline": "¯",
    "dot": "˙",
    "check": "ˇ",
    "vec": "→",
    "overrightarrow": "→",
}
_LETTERS = {
    "mathbf": "BOLD",
    "boldsymbol": "BOLD ITALIC",
    "bm": "BOLD ITALIC",
    "pmb": "BOLD",
    "mathcal": "SCRIPT",
    "mathscr": "SCRIPT",
    "mathsf": "SANS-SERIF",
    "mathtt": "MONOSPACE",
}
_BARS = {"norm": "‖", "abs": "|", "|": "|"}
_QUIET = frozenset("()[]|‖,=+·∗⊙\u2061\u2062")  # brackets and signs that no edit is about


# -- formulas -----------------------------------------------------------------------
def equation(left: Expr | None, sign: str, *right: Expr, lead: str = "") -> Element:
    """``left sign right`` as one ``math`` element with its text beside it."""
    head = [_row(left), _mo(SIGNS.get(sign, sign))] if left is not None else []
    parts = [element("mtext", lead)] if lead else []
    parts += [*head, _row(right[0])]
    for condition in right[1:]:
        parts += [_mo(","), element("mspace", width="1em"), _row(condition)]
    shown = f"{to_text(left)} {SIGNS.get(sign, sign)} " if left is not None else ""
    text = lead + shown + ", ".join(map(to_text, right))
    return element("math", *parts, displaystyle="true", alttext=text)


def differing(before: Element, after: Element) -> tuple[Element, Element]:
    """Both formulas, each with what the other lacks marked."""
    old, new = list(leaves(before)), list(leaves(after))
    gone: set[int] = set()
    come: set[int] = set()
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            gone |= {place for place in range(i, j) if old[place] not in _QUIET}
            come |= {place for place in range(k, m) if new[place] not in _QUIET}
    return marked(before, gone, "was"), marked(after, come, "now")


# -- letters ------------------------------------------------------------------------
def _mo(text: str, **attributes: str) -> Element:
    return element("mo", text, **attributes)


def _mi(text: str) -> Element:
    """A name: Greek, accented or styled as the page has it."""
    if text in _WORDS:
        return element("mi", _WORDS[text])
    command, brace, inside = text.removeprefix("\\").partition("{")
    if brace:
        inner = _mi(inside.removesuffix("}"))
        if command in _OVER:
            return element("mover", inner, _mo(_OVER[command], stretchy="false"), accent="true")
        if command == "underline":
            return element("munder", inner, _mo("_"))
        return _styled(inner, _LETTERS.get(command))
    if text.startswith("\\"):
        return element("mi", letter_of(command) or command)
    return element("mi", text)


def _styled(inner: Element, style: str | None) -> Element:
    letters = "".join(leaves(inner))
    if style is None or len(letters) != 1:
        return inner
    kind, _, letter = unicodedata.name(letters, "").partition(" LETTER ")
    size = kind.rpartition(" ")[2]
    try:
        return element("mi", unicodedata.lookup(f"MATHEMATICAL {style} {size} {letter}"))
    except KeyError:
        return inner


# -- structure ----------------------------------------------------------------------
def _write(node: Expr, due: int) -> Element:
    written, level = _WRITERS[type(node)](node)
    return _bracketed(written) if level < due else written


def _row(node: Expr) -> Element:
    return _write(node, _SUM)


def _mrow(*parts: Element) -> Element:
    return element("mrow", *parts)


def _bracketed(inner: Element, opening: str = "(", closing: str = ")") -> Element:
    return _mrow(_mo(opening), inner, _mo(closing))


def _listed(parts: list[Element]) -> Element:
    row: list[Element] = []
    for part in parts:
        row += [_mo(","), part] if row else [part]
    return row[0] if len(row) == 1 else _mrow(*row)


def _scripted(base: Element, sub: list[Element], sup: list[Element]) -> Element:
    if sub and sup:
        return element("msubsup", base, _listed(sub), _mrow(*sup))
    if sub:
        return element("msub", base, _listed(sub))
    return element("msup", base, _mrow(*sup)) if sup else base


def _index(index: Index) -> Element:
    base = "N" if index.base == LAST else index.base
    if base is None:
        return element("mn", str(index.offset))
    if not index.offset:
        return _mi(base)
    sign = "+" if index.offset > 0 else "−"
    return _mrow(_mi(base), _mo(sign), element("mn", str(abs(index.offset))))


def _number(node: Number) -> Written:
    value = node.value
    if node.places is not None:
        return element("mn", f"{float(value):.{node.places}f}"), _ATOM
    top = element("mn", str(abs(value.numerator)))
    if value.denominator != 1:
        top = element("mfrac", top, element("mn", str(value.denominator)))
    return (_mrow(_mo("−"), top), _SUM) if value < 0 else (top, _ATOM)


def _script(node: Script) -> Written:
    sup = [_mo("′" * node.primes)] if node.primes else []
    if node.sup:
        sup.append(_listed([_row(item) for item in node.sup]))
    return _scripted(_write(node.base, _ATOM), [_row(item) for item in node.sub], sup), _ATOM


def _ref(node: Ref) -> Written:
    entries = node.entries or ()
    sample = None if node.sample is None or not entries else entries[node.sample]
    rest = [
        entry
        for axis, entry in enumerate(entries)
        if entry is not None and (axis != node.sample or sample is None)
    ]
    layer = None if node.written or node.bare else node.layer
    sup = [_index(layer)] if layer is not None else []
    if sample is not None:
        sup.append(_bracketed(_index(sample)))
    base = _mi(node.written or node.name)
    sub = [_index(entry) for entry in rest]
    if node.sliced:
        sub = [_mo(":") if entry is None else _index(entry) for entry in entries]
    return _scripted(base, sub, sup), _ATOM


def _add(node: Add) -> Written:
    negative = isinstance(node.right, Neg)
    term = node.right.arg if isinstance(node.right, Neg) else node.right
    sign = _mo("−" if negative else "+")
    return _mrow(_row(node.left), sign, _write(term, _LOOSE)), _SUM


def _product(node: Product) -> Written:
    if node.meaning is Meaning.HADAMARD:
        return _mrow(_write(node.left, _LOOSE), _mo("⊙"), _write(node.right, _TIGHT)), _LOOSE
    if node.meaning is None and node.sign:
        loose = node.sign in ("\\odot", "\\circ", "\\otimes")
        level = _LOOSE if loose else _TIGHT
        sign = _mo(SIGNS.get(node.sign, node.sign))
        return _mrow(_write(node.left, level), sign, _write(node.right, level + 1)), level
    left, right = to_text(node.left), to_text(node.right)
    sign = _mo("·" if left[-1:].isdigit() and right[:1].isdigit() else "\u2062")
    return _mrow(_write(node.left, _SIDE), sign, _write(node.right, _ATOM)), _SIDE


def _call(node: Call) -> Written:
    if node.function in ("sqrt", "\\sqrt") and not node.order:
        return element("msqrt", _row(node.arg)), _ATOM
    if node.function in _BARS and not node.order:
        return _bracketed(_row(node.arg), *2 * (_BARS[node.function],)), _ATOM
    head = _mi(node.function.removeprefix("\\") if len(node.function) > 2 else node.function)
    if node.function.startswith("\\") and letter_of(node.function[1:]):
        head = _mi(node.function)
    if node.order:
        head = element("msup", head, _mo("′" * node.order))
    return _mrow(head, _mo("\u2061"), _bracketed(_row(node.arg))), _ATOM


def _sum(node: Sum) -> Written:
    excluded = node.upper == Name("\\neq")
    under = [_mi(node.index)]
    if node.lower is not None:
        under += [_mo("≠" if excluded else "="), _row(node.lower)]
    if node.without is not None:
        under += [_mo("≠"), _index(node.without)]
    mark = _mo("∏" if node.times else "∑")
    if node.upper is None or excluded:
        sign = element("munder", mark, _mrow(*under))
    else:
        sign = element("munderover", mark, _mrow(*under), _row(node.upper))
    return _mrow(sign, _write(node.body, _LOOSE)), _LOOSE


def _total(node: Total) -> Written:
    sign = _mo("∑")
    if node.over:
        sign = element("munder", sign, element("mtext", node.over))
    return _mrow(sign, _write(node.arg, _LOOSE)), _LOOSE


def _derivative(node: Derivative) -> Written:
    if isinstance(node.of, Derivative):
        square = element("msup", _mo("∂"), element("mn", "2"))
        above = _mrow(square, _write(node.of.of, _ATOM))
        below = (_mrow(_mo("∂"), _write(by, _ATOM)) for by in (node.by, node.of.by))
        return element("mfrac", above, _mrow(*below)), _ATOM
    top, bottom = (_mrow(_mo("∂"), _write(side, _ATOM)) for side in (node.of, node.by))
    return element("mfrac", top, bottom), _ATOM


def _table(rows: list[list[Element]]) -> Element:
    return element(
        "mtable",
        *(element("mtr", *(element("mtd", cell) for cell in row)) for row in rows),
    )


def _matrix(node: Matrix) -> Written:
    rows = [[_row(cell) for cell in row] for row in node.rows]
    return _bracketed(_table(rows), "[", "]"), _ATOM


def _case(node: Case) -> Written:
    rows = [
        [_row(value), element("mtext", "otherwise") if when is None else _row(when)]
        for value, when in node.branches
    ]
    return _mrow(_mo("{"), _table(rows)), _ATOM


def _relation(node: Relation) -> Written:
    sign = _mo(SIGNS.get(node.sign, node.sign))
    return _mrow(_row(node.left), sign, _row(node.right)), _SUM - 1


def _entry(node: Entry) -> Written:
    base = _bracketed(_row(node.arg))
    return _scripted(
        base, [_mo(":") if index is None else _index(index) for index in node.indices], []
    ), _ATOM


def _arguments(node: Arguments) -> Written:
    return _bracketed(_listed([_row(item) for item in node.items])), _ATOM


def _power(node: Power) -> Written:
    base = _write(node.base, _ATOM)
    if isinstance(node.base, Ref | Power | Transpose | Call):
        base = _bracketed(base)
    return element("msup", base, _row(node.exponent)), _ATOM


_WRITERS: dict[type, Callable[[Any], Written]] = {
    Number: _number,
    Name: lambda node: (_mi(node.text), _ATOM),
    Script: _script,
    Bracket: lambda node: (
        _bracketed(_row(node.arg), node.kind, {"(": ")", "[": "]"}[node.kind]),
        _ATOM,
    ),
    Ref: _ref,
    Entry: _entry,
    Arguments: _arguments,
    Filled: lambda node: (_row(node.body), _SUM),
    Place: lambda node: (_index(node.index), _ATOM),
    Ones: lambda node: (_mo("𝟏"), _ATOM),
    Size: lambda node: (_mi(node.name), _ATOM),
    Add: _add,
    Neg: lambda node: (_mrow(_mo("−"), _write(node.arg, _LOOSE)), _SUM),
    Product: _product,
    Divide: lambda node: (element("mfrac", _row(node.top), _row(node.bottom)), _ATOM),
    Power: _power,
    Transpose: lambda node: (element("msup", _write(node.arg, _ATOM), _mo("⊤")), _ATOM),
    Call: _call,
    Sum: _sum,
    Total: _total,
    Derivative: _derivative,
    Matrix: _matrix,
    Case: _case,
    Relation: _relation,
}
