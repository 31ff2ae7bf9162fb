"""What the formulas of a page say of their symbols: layers, shapes, functions and definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..document.grammar import LOSS
from ..document.lexer import Vocabulary
from ..document.markdown import Formula
from ..document.statements import Chain, parse_formula
from ..document.syntax import (
    Add,
    Bracket,
    Call,
    Derivative,
    Expr,
    Matrix,
    Name,
    Neg,
    Number,
    Product,
    Script,
    children,
    walk,
)  # fmt: skip
from ..document.write import to_tex
from ..errors import FormulaError
from ..functions import SPELLINGS

LAYER_LETTERS = ("l", "n", "i", "k", "j")
LAST_LETTERS = ("L", "N", "K", "M")
_MARKS = frozenset({"T", "\\top", "\\prime", "\\mathbb{R}", "\\mathbb{1}", "e", "d", LOSS.text})


@dataclass(slots=True)
class Found:
    """What the formulas of a page say, with the line of each finding."""

    equations: list[tuple[Expr, str, Expr, int]] = field(default_factory=list)
    uses: dict[str, int] = field(default_factory=dict)  # symbol -> first line
    layered: dict[str, int] = field(default_factory=dict)
    letters: Counter[str] = field(default_factory=Counter)
    last: Counter[str] = field(default_factory=Counter)
    shapes: dict[str, tuple[str, int]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    functions: dict[str, tuple[str, int]] = field(default_factory=dict)
    examples: dict[str, tuple[str, int]] = field(default_factory=dict)  # printed numbers
    starts: dict[str, tuple[str, int]] = field(default_factory=dict)  # what layer 0 is


def plain_names(tree: Expr) -> Iterator[str]:
    yield from (node.text for node in walk(tree) if isinstance(node, Name) and len(node.text) == 1)


def statements_of(formulas: list[Formula], words: Vocabulary) -> Iterator[tuple[int, Chain]]:
    for formula in formulas:
        try:
            statements = parse_formula(formula.tex, words)
        except FormulaError:
            continue
        for statement in statements:
            if isinstance(statement, Chain):
                yield formula.line, statement


def trees_of(formulas: list[Formula], words: Vocabulary) -> Iterator[tuple[int, Expr]]:
    for line, chain in statements_of(formulas, words):
        for side in (chain.head, *(link.side for link in chain.links)):
            if side is not None:
                yield line, side


def note(chain: Chain, line: int, found: Found) -> None:
    for side in (chain.head, *(link.side for link in chain.links)):
        if side is not None:
            note_symbols(side, line, found)
    if chain.head is not None:
        for link in chain.links:
            found.equations.append((chain.head, link.sign, link.side, line))
        last = chain.links[-1] if chain.links else None
        if last is not None and last.sign in ("=", "\\approx"):
            _note_numbers(chain.head, last.side, line, found)


def _note_numbers(head: Expr, side: Expr, line: int, found: Found) -> None:
    """``X = [1, 2]`` and ``z = ... \\approx 0.3`` give a symbol its shape and its example."""
    name = symbol_of(head)
    rows = side.rows if isinstance(side, Matrix) else ((side,),)
    numbers = [[_printed(cell) for cell in row] for row in rows]
    if name is None or any(number is None for row in numbers for number in row):
        return
    text = ", ".join(f"[{', '.join(str(number) for number in row)}]" for row in numbers)
    if name not in found.examples:
        found.examples[name] = f"[{text}]", line
        single = (len(numbers), len(numbers[0])) == (1, 1)
        shape = "scalar" if single else f"{len(numbers)} {len(numbers[0])}"
        found.shapes.setdefault(name, (shape, line))


def _printed(cell: Expr) -> str | None:
    """A printed number as it stands, or None if it is none."""
    if isinstance(cell, Neg):
        inner = _printed(cell.arg)
        return None if inner is None else f"-{inner}"
    if not isinstance(cell, Number):
        return None
    return (
        f"{float(cell.value):.{cell.places or 0}f}"
        if cell.value.denominator > 1 or cell.places
        else str(cell.value)
    )


# -- symbols and layers ------------------------------------------------------------
def note_symbols(tree: Expr, line: int, found: Found) -> None:
    if isinstance(tree, Name):
        if tree.text not in _MARKS and tree.text not in SPELLINGS:
            found.uses.setdefault(tree.text, line)
        return
    if isinstance(tree, Call) and tree.function == "e":
        found.functions.setdefault("e", ("exp", line))
    if isinstance(tree, Script) and isinstance(tree.base, Name):
        _note_script(tree, tree.base.text, line, found)
        return
    for part in children(tree.base if isinstance(tree, Script) else tree):
        note_symbols(part, line, found)
    if isinstance(tree, Script):
        note_symbols(tree.base, line, found)


def _note_script(node: Script, name: str, line: int, found: Found) -> None:
    if name in _MARKS or name in SPELLINGS:
        return
    layers = [index for item in node.sup if (index := layer_of(item)) is not None]
    if layers:
        found.layered.setdefault(name, line)
        for letter, moved in layers:
            found.letters[letter] += 3 if moved else 1
            if letter in LAST_LETTERS:
                found.last[letter] += 1
    found.uses.setdefault(symbol_of(node) or name, line)


def layer_of(item: Expr) -> tuple[str, bool] | None:
    """The letter of a layer index and whether it stands one layer on or back."""
    inner = item.arg if isinstance(item, Bracket) and item.kind == "[" else item
    if isinstance(inner, Product) and inner.sign == "":
        return layer_of(inner.left)
    if isinstance(inner, Add) and isinstance(inner.left, Name):
        return inner.left.text, True
    known = (*LAYER_LETTERS, *LAST_LETTERS)
    if isinstance(inner, Name) and inner.text in known:
        return inner.text, False
    return None


def symbol_of(tree: Expr) -> str | None:
    """The symbol that a side consists of, without its layer and its transposes."""
    if isinstance(tree, Name):
        return tree.text
    if isinstance(tree, Script) and isinstance(tree.base, Name):
        named = tree.sub[:1] if tree.sub and names_symbol(tree.sub[0]) else ()
        return to_tex(Script(tree.base, named)) if named else tree.base.text
    return None


def names_symbol(item: Expr) -> bool:
    """``W_1`` and ``y_{pred}`` are symbols of their own; ``y_i`` is an entry of y."""
    return isinstance(item, Number) or (isinstance(item, Name) and len(item.text) > 1)


# -- shapes -------------------------------------------------------------------------
def infer(found: Found) -> None:
    for head, sign, side, line in found.equations:
        if sign == "\\in" and (name := symbol_of(head)) is not None:
            _declared(name, side, line, found)
    for _ in range(4):  # what one definition tells may help another
        for head, sign, side, line in found.equations:
            if sign == "=" and (name := symbol_of(head)) is not None:
                _from_definition(name, side, line, found)
            _from_sums(head, line, found)
            _from_sums(side, line, found)


def _declared(name: str, space: Expr, line: int, found: Found) -> None:
    """``X \\in \\mathbb R^{n \\times m}``, or a number ``\\in \\mathbb R``."""
    if space == Name("\\mathbb{R}"):
        found.shapes.setdefault(name, ("scalar", line))
    if not (isinstance(space, Script) and space.base == Name("\\mathbb{R}")):
        return
    sizes = [
        str(part.value) if isinstance(part, Number) else to_tex(part)
        for item in space.sup
        for part in _crossed(item)
    ]
    if 1 <= len(sizes) <= 2 and all(size.isalnum() for size in sizes):
        found.shapes.setdefault(name, (" ".join([*sizes, "1"][:2]), line))
        for size in sizes:
            if not size.isdigit():
                found.sizes.setdefault(size, line)


def _crossed(tree: Expr) -> Iterator[Expr]:
    if isinstance(tree, Product):
        yield from _crossed(tree.left)
        yield from _crossed(tree.right)
    else:
        yield tree


def _from_definition(name: str, side: Expr, line: int, found: Found) -> None:
    if isinstance(side, Call) and (inner := symbol_of(side.arg)) in found.shapes and inner:
        found.shapes.setdefault(name, (found.shapes[inner][0], line))
    if isinstance(side, Derivative) and (by := symbol_of(side.by)) in found.shapes and by:
        found.shapes.setdefault(name, (found.shapes[by][0], line))
    product, bias = _affine(side)
    if product is None:
        return
    first, second = symbol_of(product.left), symbol_of(product.right)
    if first is None or second is None:
        return
    if {name, first, second} <= found.layered.keys():
        _layer_shapes(name, first, second, bias, line, found)
    else:
        _matrix_shapes(name, first, second, bias, line, found)


def _from_sums(tree: Expr, line: int, found: Found) -> None:
    """``a^L - y``: what is added to a known array has its shape."""
    for node in walk(tree):
        if isinstance(node, Add):
            right = node.right.arg if isinstance(node.right, Neg) else node.right
            pair = [symbol_of(node.left), symbol_of(right)]
            for known, other in (pair, pair[::-1]):
                if known in found.shapes and other and other not in found.layered:
                    shape = found.shapes[known][0].replace("d[l]", "k")
                    found.shapes.setdefault(other, (shape, line))


def _affine(side: Expr) -> tuple[Product | None, str | None]:
    bias = symbol_of(side.right) if isinstance(side, Add) else None
    product = side.left if isinstance(side, Add) else side
    return (product if isinstance(product, Product) else None), bias


def _layer_shapes(
    name: str, first: str, second: str, bias: str | None, line: int, found: Found
) -> None:
    """A weight before what it acts on means columns; behind it, rows."""
    columns = first[:1].upper() in ("W", "\\")
    weight, acted = (first, second) if columns else (second, first)
    many = acted[:1].isupper()
    unit, samples = "d[l]", "m" if many else "1"
    if many:
        found.sizes.setdefault("m", line)
    shapes = {
        weight: "d[l] d[l-1]" if columns else "d[l-1] d[l]",
        **dict.fromkeys((name, acted), f"{unit} {samples}" if columns else f"{samples} {unit}"),
    }
    if bias is not None:
        shapes[bias] = "d[l] 1" if columns else "1 d[l]"
    for symbol, shape in shapes.items():
        found.shapes.setdefault(symbol, (shape, line))
    data = "X" if many else "x"
    found.uses.setdefault(data, line)
    found.shapes.setdefault(data, (shapes[acted].replace("d[l]", "n"), line))
    found.starts.setdefault(acted, (data, line))


def _matrix_shapes(
    name: str, first: str, second: str, bias: str | None, line: int, found: Found
) -> None:
    """``z = W x + b`` with two shapes known gives the others."""
    left, right, out = (
        known[0].split() if (known := found.shapes.get(symbol)) and " " in known[0] else None
        for symbol in (first, second, name)
    )
    if left and not right and second not in found.shapes:
        right = [left[1], out[1] if out else "1"]
        found.shapes.setdefault(second, (" ".join(right), line))
    if left and right and left[1] == right[0]:
        shape = f"{left[0]} {right[1]}"
        for symbol in (name, bias):
            if symbol is not None:
                found.shapes.setdefault(symbol, (shape, line))
