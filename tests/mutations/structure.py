"""Stated shapes, matrices of numbers and loops, decided by hand and without the judge."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from derivations.claims.claim import Claim
from derivations.document import syntax as tree
from derivations.document.syntax import Bracket, Expr, Name, Number, Script

from .network import Net, shape_of

EXAMPLES = {
    "stated": {"X": [[1, 2], [3, 4]], "W": [[1], [3]], "b": [[2], [2]]},
    "rows": {"X": [[1, 2], [3, 4]], "W": [[1], [3]]},
    "columns": {"X": [[1, 3], [2, 4]], "W": [[1, 3]]},
}
DEPTHS = range(1, 7)


def confirmed_loop(claim: Claim) -> bool:
    """Whether the loop runs through 1, 2, ..., N, or back from N to 1, whatever N is."""
    try:
        visited = layers_of(claim)
    except LookupError:
        return False
    upwards = [list(range(1, depth + 1)) for depth in DEPTHS]
    return visited in (upwards, [layers[::-1] for layers in upwards])


def bound(side: Expr, depth: int) -> int:
    if isinstance(side, Bracket):
        return bound(side.arg, depth)
    if isinstance(side, Number) and side.value.denominator == 1:
        return int(side.value)
    if isinstance(side, Name) and side.text in ("n", "N"):
        return depth
    if isinstance(side, tree.Add):
        return bound(side.left, depth) + bound(side.right, depth)
    if isinstance(side, tree.Neg):
        return -bound(side.arg, depth)
    raise LookupError(side)


def layers_of(claim: Claim) -> list[list[int]]:
    """The layers that a loop visits, for networks of several depths."""
    loop = claim.loop
    assert loop is not None
    ends = [(bound(loop.first, depth), bound(loop.last, depth)) for depth in DEPTHS]
    if ends[-1][0] < ends[-1][1]:  # upwards in a deep network, so upwards in all
        return [list(range(first, last + 1)) for first, last in ends]
    return [list(range(first, last - 1, -1)) for first, last in ends]


def confirmed_instance(claim: Claim, convention: str) -> bool:
    """Whether a matrix is the one that the document gives, or at least fits those it gives."""
    assert claim.left is not None
    name, layer = _symbol(claim.left)
    if not isinstance(claim.right, tree.Matrix) or layer not in (None, Number(Fraction(1))):
        return False
    rows = entries(claim)
    if any(cell is None for row in rows for cell in row):
        return False
    given = EXAMPLES[convention].get(name)
    if given is not None:
        return rows == given
    example = Net(convention=convention, widths=(2, 1), m=2, inputs={})
    return name in "YbZ" and (len(rows), len(rows[0])) == _shape(name, 1, example)


def entries(claim: Claim) -> list[list[object]]:
    """A matrix's numbers, however they are written; None for what is none."""
    assert isinstance(claim.right, tree.Matrix)
    return [[_number(cell) for cell in row] for row in claim.right.rows]


def _number(cell: Expr) -> object:
    if isinstance(cell, tree.Neg):
        inner = _number(cell.arg)
        return None if inner is None else -inner  # type: ignore[operator]
    return cell.value if isinstance(cell, Number) else None


def _symbol(node: Expr) -> tuple[str, Expr | None]:
    """A symbol's letter and its layer, if it has one."""
    if isinstance(node, Name):
        return node.text, None
    plain = isinstance(node, Script) and not node.sub and not node.primes and len(node.sup) == 1
    if plain and isinstance(node, Script) and isinstance(node.base, Name):
        return node.base.text, node.sup[0]
    raise LookupError(node)


def confirmed_shape(claim: Claim, every: Sequence[Net]) -> bool:
    """Whether the sizes agree in every network that has the layers named."""
    left, right = claim.left, claim.right
    assert left is not None
    assert right is not None
    if claim.sign not in ("=", ":=", "\\leq", "\\geq", "\\notin"):
        return False
    try:
        answers = [
            _agree(left, right, claim.sign, net, letter)
            for net in every
            for letter in range(net.depth + 2)
            if _covered(left, right, net, letter)
        ]
    except LookupError:
        return False
    return bool(answers) and all(answers)


def _layer(piece: Expr | None, net: Net, letter: int) -> int:
    """The layer that an index names; a bare symbol is that of the one-layer network."""
    if piece is None:
        return 1
    if isinstance(piece, Name) and piece.text in ("n", "i", "l"):
        return letter
    if isinstance(piece, tree.Add):
        return _layer(piece.left, net, letter) + _layer(piece.right, net, letter)
    if isinstance(piece, tree.Neg):
        return -_layer(piece.arg, net, letter)
    return bound(piece, net.depth)


def _covered(left: Expr, right: Expr, net: Net, letter: int) -> bool:
    """Whether the claim speaks of this network at all."""
    named = [
        _symbol(node.arg)
        for side in (left, right)
        for node in tree.walk(side)
        if isinstance(node, tree.Call)
    ]
    for name, piece in named:
        if name in "WbZA":
            lowest = 0 if name == "A" else 1
            if not lowest <= _layer(piece, net, letter) <= net.depth:
                return False
            if piece is None and net.depth != 1:
                return False
    return True


def _agree(left: Expr, right: Expr, sign: str, net: Net, letter: int) -> bool:
    first, second = (_sizes(side, net, letter) for side in (left, right))
    return not set(first) & set(second) if sign == "\\notin" else first == second


def _sizes(side: Expr, net: Net, letter: int) -> tuple[int, ...]:
    if isinstance(side, tree.Call) and side.function in ("shape", "rows", "columns"):
        name, piece = _symbol(side.arg)
        shape = _shape(name, _layer(piece, net, letter), net)
        return {"shape": shape, "rows": shape[:1], "columns": shape[1:]}[side.function]
    if isinstance(side, tree.Matrix) and len(side.rows) == 1:
        return tuple(size for cell in side.rows[0] for size in _sizes(cell, net, letter))
    if isinstance(side, Number):
        return (int(side.value),)
    if isinstance(side, Name) and side.text in net.sizes:
        return (net.sizes[side.text],)
    if isinstance(side, Script) and side.base == Name("d") and len(side.sub) == 1:
        return (net.widths[_layer(side.sub[0], net, letter)],)
    raise LookupError(side)


def _shape(name: str, layer: int, net: Net) -> tuple[int, int]:
    if name in ("L", "\\alpha"):
        return (1, 1)
    if name in ("Z", "A"):
        shape = (net.m, net.widths[layer])
        return shape[::-1] if net.columns else shape
    if name not in ("X", "Y", "W", "b"):
        raise LookupError(name)
    return shape_of(name, layer, net.convention, net.widths, net.m)
