"""Claims that need no calculus: stated shapes, and matrices of numbers."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import chain

from .answer import AsPrinted, Strength, Verdict
from .claims.admitted import networks
from .claims.claim import Claim, is_closed
from .claims.model import Node
from .claims.networks import Network, Scope
from .claims.notation import Notation
from .claims.plans import is_computed
from .claims.readings import Change, Edit
from .claims.resolve import resolve
from .claims.scripts import index_of
from .document.syntax import (
    Arguments,
    Call,
    Expr,
    Index,
    Matrix,
    Name,
    Neg,
    Number,
    Product,
    Ref,
    Script,
    Size,
)  # fmt: skip
from .document.tex import parse_expression
from .document.write import to_tex, to_text
from .errors import UndeclaredError
from .instances import judge_numbers

Sizes = tuple[str, ...]
Rows = list[list[Fraction | None]]


# -- shapes -------------------------------------------------------------------------
def judge_shape(claim: Claim, notation: Notation) -> Verdict:
    """``X in R^{m x n}``, ``shape(X) = [m, n]``, ``rows(b) = rows(X)``, ``m notin shape(W)``."""
    assert claim.left is not None
    assert claim.right is not None
    if claim.sign == "\\notin":
        return _absent(claim.left, claim.right, notation)
    left, right = claim.left, claim.right
    if claim.sign == "\\in":
        left, right = Call("shape", left), _space(right)
    where = _where(notation, left, right)
    if not where:
        raise UndeclaredError(f"no network has the layers of {to_text(claim.left)}")
    for network in where:
        true, stated = (_sizes(side, network, notation) for side in (left, right))
        if len(true) != len(stated):
            return _shape_fails(left, right, true, notation, network)
    wrong = [
        network
        for network in where
        if _sizes(left, network, notation) != _sizes(right, network, notation)
    ]
    if wrong:
        network = max(wrong, key=lambda item: item.depth)
        return _shape_fails(left, right, _sizes(left, network, notation), notation, network)
    text, tex = to_text(right), to_tex(right)
    return Verdict(
        as_printed=AsPrinted.HOLDS,
        reason="The declared shapes and the model give it.",
        reading=text,
        reading_tex=tex,
        cost=0,
        scope="no layers",
        strength=Strength.SHAPES,
    )


def _space(node: Expr) -> Expr:
    """``\\mathbb{R}^{m \\times n}`` as a row of sizes; the numbers themselves as one by one."""
    if node == Name("\\mathbb{R}"):
        return Matrix(((Number(Fraction(1)), Number(Fraction(1))),))
    known = isinstance(node, Script) and (
        node.base == Name("\\mathbb{R}") or isinstance(node.base, Arguments | Matrix)
    )
    if isinstance(node, Script) and known and len(node.sup) == 1:
        cells = list(_crossed(node.sup[0]))
        return Matrix((tuple(cells if len(cells) > 1 else [*cells, Number(Fraction(1))]),))
    raise UndeclaredError(
        f"{to_text(node)} is no space of arrays; write \\mathbb{{R}}^{{m \\times n}}"
    )


def _crossed(node: Expr) -> Iterable[Expr]:
    if isinstance(node, Product) and node.sign in ("\\times", "*", "\\cdot"):
        yield from _crossed(node.left)
        yield from _crossed(node.right)
    else:
        yield node


def _where(notation: Notation, *sides: Expr) -> list[Network]:
    """The networks a statement about shapes covers."""
    refs = [resolve(ref, notation) for side in sides for ref in _arrays(side)]
    layered = [ref for ref in refs if isinstance(ref, Ref) and notation.symbols[ref.name].layered]
    if layered and all(ref.layer is None for ref in layered):
        return [Network(1)]
    return networks(notation, (), *refs)


def _arrays(side: Expr) -> list[Expr]:
    if isinstance(side, Call):
        return [side.arg]
    if isinstance(side, Matrix):
        return [ref for cell in side.rows[0] for ref in _arrays(cell)]
    return []


def _sizes(side: Expr, network: Network, notation: Notation) -> Sizes:
    """The sizes that a side names, in one network."""
    scope = Scope(notation, network)
    if isinstance(side, Call):
        ref = resolve(side.arg, notation)
        if not isinstance(ref, Ref) or ref.entries is not None:
            raise UndeclaredError(f"{to_text(side.arg)} is no declared array")
        symbol = notation.symbols[ref.name]
        if symbol.layered and ref.layer is None:
            ref = Ref(ref.name, Index(None, 1))
        layer = scope.layer_of(ref)
        shape = tuple(scope.size(dim, layer) for dim in symbol.shape)
        return {"shape": shape, "rows": shape[:1], "columns": shape[1:]}[side.function]
    if isinstance(side, Matrix) and len(side.rows) == 1:
        return tuple(size for cell in side.rows[0] for size in _sizes(cell, network, notation))
    if isinstance(side, Number):
        return (str(side.value),)
    if isinstance(side, Name) and side.text in notation.sizes:
        return (side.text,)
    width = notation.layers.width
    if isinstance(side, Script) and side.base == Name(width) and len(side.sub + side.sup) == 1:
        index = index_of((side.sub + side.sup)[0], notation)
        written = network.layer_or_none(index) if index is not None else None
        if written is not None:
            return (scope.width(written),)
    if isinstance(side, Script):
        size = resolve(side, notation)
        if isinstance(size, Size):
            return (size.name,)
    raise UndeclaredError(f"{to_text(side)} is no size that the notation declares")


def _shape_fails(
    left: Expr, right: Expr, true: Sizes, notation: Notation, network: Network
) -> Verdict:
    cells = [_cell(size, notation) for size in true]
    stated = right.rows[0] if isinstance(right, Matrix) else (right,)
    changes = [
        Change(Edit.SYMBOL, to_text(old), to_text(new))
        for old, new in zip(stated, cells, strict=False)
        if old != new
    ]
    reading = Matrix((tuple(cells),)) if len(cells) > 1 else cells[0]
    shown = "×".join(to_text(cell) for cell in cells)
    del network
    return Verdict(
        as_printed=AsPrinted.FAILS,
        reason=f"By the declared shapes and the model, {to_text(left)} is {shown}.",
        reading=to_text(reading),
        reading_tex=to_tex(reading),
        changes=tuple(changes),
        cost=max(len(changes), 1),
        scope="no layers",
        strength=Strength.SHAPES,
    )


def _cell(size: str, notation: Notation) -> Expr:
    width = notation.layers.width
    if size.isdigit():
        return Number(Fraction(int(size)))
    if size.startswith(width) and size[len(width) :].isdigit():
        number = Number(Fraction(int(size[len(width) :])))
        return Script(Name(width), (number,))
    return Name(size)


def _absent(left: Expr, right: Expr, notation: Notation) -> Verdict:
    """``m notin shape(W)``: the size is none of the array's sizes, in any network."""
    where = _where(notation, right)
    if not where:
        raise UndeclaredError(f"no network has the layers of {to_text(right)}")
    for network in where:
        if set(_sizes(left, network, notation)) & set(_sizes(right, network, notation)):
            return Verdict(
                as_printed=AsPrinted.FAILS,
                scope="never",
                reason=f"{to_text(left)} is a size of {to_text(right)}.",
            )
    text, tex = to_text(right), to_tex(right)
    return Verdict(
        as_printed=AsPrinted.HOLDS,
        reason="No network gives the array that size.",
        reading=text,
        reading_tex=tex,
        cost=0,
        scope="every layer",
        strength=Strength.SHAPES,
    )


# -- instances ------------------------------------------------------------------------
def judge_instance(claim: Claim, notation: Notation) -> Verdict:
    """A symbol set to a matrix of numbers: its shape, its entries, and the declared example."""
    assert claim.left is not None
    if not isinstance(claim.right, Matrix) or claim.before not in (None, claim.left):
        return judge_numbers(claim, notation)
    ref = resolve(claim.left, notation)
    if not isinstance(ref, Ref) or ref.entries is not None:
        raise UndeclaredError(f"{to_text(claim.left)} is no declared array")
    rows = [[_number(cell) for cell in row] for row in claim.right.rows]
    if any(value is None for row in rows for value in row):
        if notation.examples and is_closed(claim.right):
            return judge_numbers(claim, notation)
        reason = "An example must have numbers as its entries."
        return Verdict(as_printed=AsPrinted.FAILS, reason=reason)
    node = _node(ref, notation)
    known = _examples(notation)
    example = known.get(node)
    if example is None and is_computed(ref, notation):
        raise UndeclaredError(
            f"{ref.name} is computed by the model, and no example of it is declared"
        )
    outside = next((v for row in rows for v in row if not _inside(v, ref, notation)), None)
    if outside is not None:
        domain = notation.symbols[ref.name].domain
        reason = f"{outside} is no entry of {ref.name}, whose domain is {domain}."
        return Verdict(as_printed=AsPrinted.FAILS, reason=reason)
    misfit = _misfit(node, (len(rows), len(rows[0])), notation, known)
    if misfit:
        return _instance_fails(AsPrinted.ILL_TYPED, misfit, rows, example)
    if example is not None and example != rows:
        reason = f"The document gives {to_text(claim.left)} other numbers."
        return _instance_fails(AsPrinted.FAILS, reason, rows, example)
    return Verdict(
        as_printed=AsPrinted.HOLDS,
        reason="Shape and entries are as declared." if example else "The shape is as declared.",
        reading=to_text(claim.right),
        reading_tex=to_tex(claim.right),
        cost=0,
        scope="no layers",
        strength=Strength.DEFINITION if example is not None else Strength.SHAPES,
    )


def _inside(value: Fraction | None, ref: Ref, notation: Notation) -> bool:
    """Whether a number may stand in an array of the declared domain."""
    domain = notation.symbols[ref.name].domain
    if value is None or domain in ("real", "symmetric", "positive definite"):
        return True
    allowed = {"positive": value > 0, "(0, 1)": 0 < value < 1, "ones": value == 1}
    shares = dict.fromkeys(("rows sum to 1", "columns sum to 1"), 0 <= value <= 1)
    return (allowed | shares).get(domain, value in (0, 1))


def _node(ref: Ref, notation: Notation) -> Node:
    """The array that an example is of; a layered one without its layer is the first layer's."""
    if not notation.symbols[ref.name].layered:
        return ref.name, Scope(notation, Network(1)).layer_of(ref)
    number = 1 if ref.layer is None else ref.layer.offset
    network = Network(max(number, 1))
    return ref.name, Scope(notation, network).layer_of(Ref(ref.name, Index(None, number)))


def _examples(notation: Notation) -> dict[Node, Rows]:
    """The declared example matrices by the array they are of."""
    found: dict[Node, Rows] = {}
    for name, rows in notation.examples.items():
        ref = resolve(parse_expression(name, notation.vocabulary), notation)
        if isinstance(ref, Ref):
            found[_node(ref, notation)] = [[Fraction(str(value)) for value in row] for row in rows]
    return found


def _number(cell: Expr) -> Fraction | None:
    if isinstance(cell, Number):
        return cell.value
    if isinstance(cell, Neg) and (inner := _number(cell.arg)) is not None:
        return -inner
    return None


def _misfit(
    node: Node, printed: tuple[int, int], notation: Notation, known: dict[Node, Rows]
) -> str | None:
    """Why a matrix has not the array's shape, by the sizes that the declared examples fix."""
    deepest = max((layer for _, layer in (node, *known) if layer is not None), default=1)
    scope = Scope(notation, Network(max(deepest, 1)))
    sizes: dict[str, int] = {}
    shapes = [(other, (len(rows), len(rows[0]))) for other, rows in known.items() if other != node]
    for other, lengths in (*shapes, (node, printed)):
        due = tuple(scope.size(dim, other[1]) for dim in notation.symbols[other[0]].shape)
        for size, length in zip(due, lengths, strict=True):
            fixed = int(size) if size.isdigit() else sizes.setdefault(size, length)
            if fixed != length and other == node:
                return (
                    f"{node[0]} is {'×'.join(due)}, where {size} is {fixed}, and the matrix is "
                    f"{'×'.join(map(str, printed))}."
                )
    return None


def _instance_fails(verdict: AsPrinted, reason: str, rows: Rows, example: Rows | None) -> Verdict:
    if example is None:
        return Verdict(as_printed=verdict, reason=reason)
    turned = [list(row) for row in zip(*rows, strict=True)]
    reading = Matrix(
        tuple(tuple(Number(value) for value in row if value is not None) for row in example)
    )
    edit = Edit.TRANSPOSE if turned == example else Edit.FACTOR
    pairs = zip(chain(*rows), chain(*example), strict=False)
    cost = 1 if turned == example else max(sum(a != b for a, b in pairs), 1)
    return Verdict(
        as_printed=verdict,
        reason=reason,
        reading=to_text(reading),
        reading_tex=to_tex(reading),
        changes=(Change(edit, "the printed matrix", reading),) * cost,
        cost=cost,
        scope="no layers",
        strength=Strength.DEFINITION,
    )
