"""Syntax tree -> TeX that `tex` reads back, and -> plain text."""

from __future__ import annotations

import re

from ..functions import FUNCTIONS
from .letters import in_letters
from .syntax import (
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

_SUM, _LOOSE, _TIGHT, _SIDE, _ATOM = range(5)
_SIGNS = {"\\odot": "⊙", "\\times": "×", "\\cdot": "·", "\\circ": "∘", "\\otimes": "⊗"}
_RELATIONS = {
    "\\neq": "≠",
    "\\geq": "≥",
    "\\leq": "≤",
    "\\approx": "≈",
    "\\in": "∈",
    "\\notin": "∉",
}


def to_tex(node: Expr, matmul: str = "") -> str:
    """TeX of a tree, with no more brackets than its reader needs.

    ``matmul`` is the sign that the notation reads as a matrix product.
    """
    return _write(node, _SUM, _Style(True, matmul) if matmul else _TEX)


def to_text(node: Expr) -> str:
    """Plain Unicode text of a tree, for people."""
    return _write(node, _SUM, _TEXT)


_SCRIPT = re.compile(r"([_^])\{([^{}]*)\}")


def _plain_script_of(found: re.Match[str]) -> str:
    """``_{t-1}`` of a declared name as people read it: ``_(t-1)``; letters stand side by side."""
    inside = found.group(2).replace(" ", "")
    return found.group(1) + (inside if inside.isalnum() else f"({inside})")


class _Style:
    """How the two outputs differ."""

    def __init__(self, tex: bool, matmul: str = "") -> None:
        self.tex = tex
        self.matmul = matmul

    def name(self, text: str) -> str:
        if self.tex:
            return f"\\mathrm{{{text}}}" if text.isalpha() and len(text) > 1 else text
        text = text.replace("\\mathbb{R}", "ℝ").replace("\\mathbb{1}", "𝟙")
        plain = _SCRIPT.sub(_plain_script_of, text)
        for dress in ("\\boldsymbol", "\\mathbf", "\\mathcal", "\\mathrm"):
            plain = plain.replace(dress, "")
        plain = in_letters(plain)
        return plain.replace("\\hat", "^").replace("\\", "").replace("{", "").replace("}", "")

    def script(self, mark: str, text: str) -> str:
        if self.tex:
            return f"{mark}{{{text}}}"
        return f"{mark}{text}" if len(text) == 1 else f"{mark}({text})"

    def divide(self, top: str, bottom: str) -> str:
        return f"\\frac{{{top}}}{{{bottom}}}" if self.tex else f"{top}/{bottom}"


_TEX, _TEXT = _Style(True), _Style(False)


def _wrap(text: str, level: int, due: int) -> str:
    return f"({text})" if level < due else text


def _write(node: Expr, due: int, style: _Style) -> str:
    text, level = _WRITERS[type(node)](node, style)
    return _wrap(text, level, due)


def index_text(index: Index, last: str = "N") -> str:
    base = last if index.base == LAST else index.base
    if base is None:
        return str(index.offset)
    return base + (f"{index.offset:+d}" if index.offset else "")


def _number(node: Number, style: _Style) -> tuple[str, int]:
    value = node.value
    if node.places is not None:
        return f"{float(value):.{node.places}f}", _ATOM
    if value.denominator == 1:
        return str(value.numerator), _ATOM if value >= 0 else _SUM
    text = style.divide(str(abs(value.numerator)), str(value.denominator))
    return (f"-{text}", _SUM) if value < 0 else (text, _ATOM if style.tex else _TIGHT)


def _script(node: Script, style: _Style) -> tuple[str, int]:
    text = _write(node.base, _ATOM, style) + "'" * node.primes
    if style.tex:
        for mark, parts in (("_", node.sub), ("^", node.sup)):
            if parts:
                text += style.script(mark, ", ".join(_write(item, _SUM, style) for item in parts))
        return text, _ATOM
    pieces = [piece for item in node.sup for piece in _pieces(item)]
    marks = () if node.base == _REALS else _TURNED  # a space of T numbers is no transpose
    turned = any(item in marks for item in pieces)
    pieces = [item for item in pieces if item not in marks]
    # A layer and a sample stand apart, each in its brackets; one index alone needs none.
    above = [_write(p, _SUM, style) if len(pieces) > 1 else _plain_script(p) for p in pieces]
    lower = "".join(_plain_script(item) for item in node.sub)
    text += style.script("_", lower) if lower else ""
    text += style.script("^", "".join(above)) if above else ""
    return text + ("ᵀ" if turned else ""), _ATOM


_TURNED = (Name("T"), Name("\\top"))
_REALS = Name("\\mathbb{R}")


def _pieces(node: Expr) -> list[Expr]:
    """``[l] T`` as two scripts."""
    if isinstance(node, Product) and not node.sign:
        return _pieces(node.left) + _pieces(node.right)
    if isinstance(node, Add) and isinstance(node.right, Product) and not node.right.sign:
        *_, last = _pieces(node.right)
        if last in _TURNED:  # l-1 T, without its brackets
            return [Add(node.left, node.right.left), last]
    return [node]


def _plain_script(node: Expr) -> str:
    """A script as people write it: ``jk`` side by side, one pair of brackets at most."""
    if isinstance(node, Bracket):
        return _write(node.arg, _SUM, _TEXT)
    if isinstance(node, Product) and not node.sign:
        return _plain_script(node.left) + _plain_script(node.right)
    return _write(node, _SUM, _TEXT)


def _ref(node: Ref, style: _Style) -> tuple[str, int]:
    """A symbol with its layer, its sample and its entries: ``A^{[l](i)}``, ``W^{l}_{j, k}``."""
    entries = node.entries or ()
    sample = None if node.sample is None or not entries else entries[node.sample]
    rest = [
        e
        for axis, e in enumerate(entries)
        if e is not None and (axis != node.sample or sample is None)
    ]
    text = style.name(node.written or node.name)
    layer = None if node.written or node.bare else node.layer
    if style.tex and ("^" in node.name or "_" in node.name) and (layer or rest or sample):
        text = f"{{{text}}}"
    inner = ", ".join(index_text(entry) for entry in rest)
    if node.sliced:
        inner = ", ".join(":" if entry is None else index_text(entry) for entry in entries)
    if rest and style.tex:
        text += style.script("_", inner)
    if sample is not None and layer is not None:
        text += style.script("^", f"[{index_text(layer)}]({index_text(sample)})")
    elif sample is not None:
        text += style.script("^", f"({index_text(sample)})" if style.tex else index_text(sample))
    elif layer is not None:
        text += style.script("^", index_text(layer))
    return (text if style.tex or not rest else f"{text}[{inner}]"), _ATOM


def _add(node: Add, style: _Style) -> tuple[str, int]:
    # A reader takes what follows a bare sum to stand under it; TeX shows where the sum ends.
    left = _write(node.left, _SUM if style.tex or not _ends_in_sum(node.left) else _LOOSE, style)
    if isinstance(node.right, Neg):
        return f"{left} - {_write(node.right.arg, _LOOSE, style)}", _SUM
    return f"{left} + {_write(node.right, _LOOSE, style)}", _SUM


def _ends_in_sum(node: Expr) -> bool:
    """Whether the last term is a sum without brackets."""
    last = node.right if isinstance(node, Add) else node
    return isinstance(last, Sum | Total)


def _is_application(node: Product) -> bool:
    """``J(W, b)``: brackets behind a symbol that hold nothing but symbols."""
    head = node.left
    gradient = isinstance(head, Derivative) and head.of == Name("\\loss")
    if not (gradient or isinstance(head, Name | Script)) or not isinstance(node.right, Arguments):
        return False
    return all(isinstance(item, Name | Script) for item in node.right.items)


def _product(node: Product, style: _Style) -> tuple[str, int]:
    if node.meaning is Meaning.HADAMARD:
        sign = " \\odot " if style.tex else " ⊙ "
        left, right = _write(node.left, _LOOSE, style), _write(node.right, _TIGHT, style)
        return left + sign + right, _LOOSE
    if node.meaning in (None, Meaning.CORRELATE) and node.sign:
        sign = f" {node.sign} " if style.tex else f" {_SIGNS.get(node.sign, node.sign)} "
        loose = node.sign in ("\\odot", "\\circ", "\\otimes")
        level = _LOOSE if loose else _TIGHT
        return _write(node.left, level, style) + sign + _write(node.right, level + 1, style), level
    if node.meaning is Meaning.MATMUL and style.matmul:
        left, right = _write(node.left, _TIGHT, style), _write(node.right, _SIDE, style)
        return f"{left} {style.matmul} {right}", _TIGHT
    left, right = _write(node.left, _SIDE, style), _write(node.right, _ATOM, style)
    if not style.tex and _is_application(node):
        slope = isinstance(node.left, Derivative)  # the page wrote \\nabla L(w), not dL
        return f"{f'∇{left[1:]}' if slope else left}{right}", _ATOM
    numbers = left[-1].isdigit() and right[0].isdigit()
    if not style.tex:
        return f"{left}·{right}", _SIDE
    return (f"{left} \\cdot {right}", _TIGHT) if numbers else (f"{left} {right}", _SIDE)


def _divide(node: Divide, style: _Style) -> tuple[str, int]:
    if style.tex:
        top, bottom = _write(node.top, _SUM, style), _write(node.bottom, _SUM, style)
        return style.divide(top, bottom), _ATOM
    return f"{_write(node.top, _TIGHT, style)}/{_write(node.bottom, _ATOM, style)}", _TIGHT


def _power(node: Power, style: _Style) -> tuple[str, int]:
    base = _write(node.base, _ATOM, style)
    if isinstance(node.base, Ref | Power | Transpose | Call):
        base = f"({base})"
    return base + style.script("^", _write(node.exponent, _SUM, style)), _ATOM


def _transpose(node: Transpose, style: _Style) -> tuple[str, int]:
    mark = "^{\\top}" if style.tex else "ᵀ"
    if isinstance(node.arg, Ref) and style.tex:
        return f"({_write(node.arg, _SUM, style)}){mark}", _ATOM
    return _write(node.arg, _ATOM, style) + mark, _ATOM


def _call(node: Call, style: _Style) -> tuple[str, int]:
    known = FUNCTIONS.get(node.function)
    head = known.tex if known and style.tex else node.function
    inside = _write(node.arg, _SUM, style)
    if head == "|":
        return (f"\\left|{inside}\\right|" if style.tex else f"|{inside}|"), _ATOM
    if head == "\\sqrt" and style.tex:
        return f"\\sqrt{{{inside}}}", _ATOM
    if head == "e" and not style.tex:
        return f"e^({inside})", _ATOM
    head = head if head.startswith("\\") and style.tex else style.name(head)
    return f"{head}{chr(39) * node.order}({inside})", _ATOM


def _entry(node: Entry, style: _Style) -> tuple[str, int]:
    inside = ", " if style.tex else ""
    lower = inside.join(":" if index is None else index_text(index) for index in node.indices)
    return f"({_write(node.arg, _SUM, style)})" + style.script("_", lower), _ATOM


def _arguments(node: Arguments, style: _Style) -> tuple[str, int]:
    return f"({', '.join(_write(item, _SUM, style) for item in node.items)})", _ATOM


def _sum(node: Sum, style: _Style) -> tuple[str, int]:
    left_out = node.upper == Name("\\neq") or node.without is not None
    between = (" \\neq " if style.tex else "≠") if left_out else "="
    lower = "" if node.lower is None else between + _write(node.lower, _SUM, style)
    if node.without is not None:
        lower = between + index_text(node.without)
    upper = "" if node.upper is None or left_out else _write(node.upper, _SUM, style)
    body = _write(node.body, _LOOSE, style)
    if not style.tex:
        sign = "Π" if node.times else "Σ"
        return f"{sign}[{node.index}{lower}{'..' if upper else ''}{upper}] {body}", _SUM
    text = ("\\prod" if node.times else "\\sum") + style.script("_", node.index + lower)
    return f"{text}{style.script('^', upper) if upper else ''} {body}", _SUM


def _total(node: Total, style: _Style) -> tuple[str, int]:
    body = _write(node.arg, _LOOSE, style)
    if not style.tex:
        return f"Σ{f'[{node.over}]' if node.over else ''} {body}", _SUM
    under = style.script("_", f"\\text{{{node.over}}}") if node.over else ""
    return f"\\sum{under} {body}", _SUM


def _derivative(node: Derivative, style: _Style) -> tuple[str, int]:
    partial = "\\partial " if style.tex else "∂"
    if node.of == Name("\\loss"):  # the page wrote dW, and did not name the loss
        return f"d{_write(node.by, _ATOM, style)}", _ATOM
    if isinstance(node.of, Derivative) and node.of.of != Name("\\loss"):
        return _second_derivative(node, node.of, style)
    top, bottom = (_write(side, _ATOM, style) for side in (node.of, node.by))
    text = style.divide(partial + top, partial + bottom)
    return text, _ATOM if style.tex else _TIGHT


def _second_derivative(node: Derivative, inner: Derivative, style: _Style) -> tuple[str, int]:
    partial = "\\partial " if style.tex else "∂"
    top, outer, last = (_write(side, _ATOM, style) for side in (inner.of, node.by, inner.by))
    bottom = f"{partial}{outer} {partial}{last}"
    if style.tex:
        return style.divide(f"\\partial^2 {top}", bottom), _ATOM
    return style.divide(f"∂²{top}", f"({bottom})"), _TIGHT


def _matrix(node: Matrix, style: _Style) -> tuple[str, int]:
    rows = [[_write(cell, _SUM, style) for cell in row] for row in node.rows]
    if style.tex:
        body = r" \\ ".join(" & ".join(row) for row in rows)
        return f"\\begin{{bmatrix}} {body} \\end{{bmatrix}}", _ATOM
    return "[" + "; ".join(" ".join(row) for row in rows) + "]", _ATOM


def _case(node: Case, style: _Style) -> tuple[str, int]:
    rows = []
    for value, condition in node.branches:
        when = "otherwise" if condition is None else _write(condition, _SUM, style)
        rows.append((_write(value, _SUM, style), when))
    if style.tex:
        body = r" \\ ".join(
            f"{value} & {chr(92) + 'text{otherwise}' if when == 'otherwise' else when}"
            for value, when in rows
        )
        return f"\\begin{{cases}} {body} \\end{{cases}}", _ATOM
    shown = (f"{value} {'' if when == 'otherwise' else 'if '}{when}" for value, when in rows)
    return "{" + "; ".join(shown) + "}", _ATOM


def _relation(node: Relation, style: _Style) -> tuple[str, int]:
    sign = node.sign if style.tex else _RELATIONS.get(node.sign, _TEXT.name(node.sign))
    return f"{_write(node.left, _SUM, style)} {sign} {_write(node.right, _SUM, style)}", _SUM


_WRITERS = {
    Number: _number,
    Name: lambda node, style: (style.name(node.text), _ATOM),
    Script: _script,
    Bracket: lambda node, style: (
        {"(": "({})", "[": "[{}]"}[node.kind].format(_write(node.arg, _SUM, style)),
        _ATOM,
    ),
    Ref: _ref,
    Entry: _entry,
    Filled: lambda node, style: (_write(node.body, _SUM, style), _SUM),
    Arguments: _arguments,
    Ones: lambda node, style: ("\\mathbf{1}" if style.tex else "𝟏", _ATOM),
    Place: lambda node, style: (index_text(node.index), _ATOM),
    Size: lambda node, style: (style.name(node.name), _ATOM),
    Add: _add,
    Neg: lambda node, style: (f"-{_write(node.arg, _LOOSE, style)}", _SUM),
    Product: _product,
    Divide: _divide,
    Power: _power,
    Transpose: _transpose,
    Call: _call,
    Sum: _sum,
    Total: _total,
    Derivative: _derivative,
    Matrix: _matrix,
    Case: _case,
    Relation: _relation,
}
