"""A loop over the layers: whether it reaches each of them once."""

from __future__ import annotations

from fractions import Fraction

from .answer import AsPrinted, Strength, Verdict
from .claims.claim import Claim
from .claims.notation import Notation
from .claims.readings import Change, Edit
from .document.syntax import (
    Add,
    Bracket,
    Expr,
    Name,
    Neg,
    Number,
    walk,
)  # fmt: skip
from .document.write import to_tex, to_text
from .errors import LimitError, UndeclaredError

DEPTHS = (3, 4, 2, 1)


def judge_loop(claim: Claim, notation: Notation) -> Verdict:
    """Whether a loop over the layers reaches every layer once, in either direction."""
    assert claim.loop is not None
    loop = claim.loop
    if loop.index not in notation.layers.letters:
        raise UndeclaredError(
            f"{loop.index} is no letter of a layer; add it under  index  in [layers]"
        )
    first, last = (_bound(side, max(DEPTHS), notation) for side in (loop.first, loop.last))
    step = 1 if first <= last else -1  # a loop keeps its direction, however few the layers
    for depth in DEPTHS:  # a deep network first: its message tells most
        first, last = (_bound(side, depth, notation) for side in (loop.first, loop.last))
        visited = list(range(first, last + step, step))
        missing = sorted(set(range(1, depth + 1)) - set(visited))
        if missing or len(visited) != depth:
            return _loop_fails(claim, depth, step, visited, missing, notation)
    return Verdict(
        as_printed=AsPrinted.HOLDS,
        reason="It reaches every layer.",
        reading=_loop_text(claim, loop.first, loop.last),
        cost=0,
        scope="every layer",
        reading_tex=_loop_tex(claim, loop.first, loop.last),
        strength=Strength.PROVED,
    )


def _bound(side: Expr, depth: int, notation: Notation) -> int:
    letters = notation.layers.last | notation.layers.count
    if isinstance(side, Bracket):
        return _bound(side.arg, depth, notation)
    if isinstance(side, Number) and side.value.denominator == 1:
        return int(side.value)
    if isinstance(side, Name) and side.text in letters:
        return depth
    if isinstance(side, Add):
        return _bound(side.left, depth, notation) + _bound(side.right, depth, notation)
    if isinstance(side, Neg):
        return -_bound(side.arg, depth, notation)
    raise UndeclaredError(
        f"{to_text(side)} is no layer; name the letter of the number of layers "
        "under  count  in [layers]"
    )


def _loop_fails(
    claim: Claim,
    depth: int,
    step: int,
    visited: list[int],
    missing: list[int],
    notation: Notation,
) -> Verdict:
    assert claim.loop is not None
    shown = f"layer {', '.join(map(str, visited))}" if visited else "no layer"
    told = f"never layer {', '.join(map(str, missing))}" if missing else "layers that do not exist"
    letters = notation.layers.count | notation.layers.last
    named = [
        node.text
        for side in (claim.loop.first, claim.loop.last)
        for node in walk(side)
        if isinstance(node, Name) and node.text in letters
    ]
    if not letters:
        raise LimitError("the number of layers has no letter")
    ends: list[Expr] = [Number(Fraction(1)), Name(min(named or letters))]
    start, end = ends[::step]
    changes = [
        Change(Edit.MOVE, to_text(old), to_text(new))
        for old, new in ((claim.loop.first, start), (claim.loop.last, end))
        if old != new
    ]
    return Verdict(
        as_printed=AsPrinted.FAILS,
        reason=f"With {depth} layers it visits {shown}, and {told}.",
        reading=_loop_text(claim, start, end),
        reading_tex=_loop_tex(claim, start, end),
        changes=tuple(changes),
        cost=max(len(changes), 1),
        scope="every layer",
        strength=Strength.PROVED,
    )


def _loop_text(claim: Claim, first: Expr, last: Expr) -> str:
    assert claim.loop is not None
    return f"for {claim.loop.index} from {to_text(first)} to {to_text(last)}"


def _loop_tex(claim: Claim, first: Expr, last: Expr) -> str:
    assert claim.loop is not None
    return (
        f"for \\quad {claim.loop.index} \\quad from \\quad {to_tex(first)} \\quad to \\quad "
        f"{to_tex(last)}"
    )
