"""Whether two claims say the same, and whether a counterexample is one: by other code again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import numpy as np

from derivations.answer import Counterexample
from derivations.claims.claim import Claim, ClaimKind
from derivations.document.syntax import Expr

from .confirm import assignments, is_bare, settings, sides
from .decimals import LONG, SHORT, Array, at_precision
from .network import Net, Node, NoSuchArrayError, random_net
from .structure import entries, layers_of
from .surface import MisfitError, Reader, UnknownError

FLOAT = Decimal(float(np.finfo(float).eps))
_REFUSED = (MisfitError, NoSuchArrayError, InvalidOperation, ZeroDivisionError)
_SIGNS = re.compile(r"\\(?:cdot|odot|times)\s*|@|\*")


def equivalent(first: Claim, second: Claim, convention: str) -> bool:
    """Whether two claims say the same where all sizes coincide, so that everything has a shape."""
    if _SIGNS.sub("*", first.tex) == _SIGNS.sub("*", second.tex):
        return True  # the reading says which product is meant
    if first.kind is ClaimKind.SHAPE and {first.sign, second.sign} <= {"=", ":="}:
        return (first.left, first.right) == (second.left, second.right)
    if first.kind is not second.kind or first.sign != second.sign:
        return False
    if first.kind is ClaimKind.LOOP:
        return _visited(first) == _visited(second) is not None
    if first.kind is ClaimKind.INSTANCE:
        return first.left == second.left and entries(first) == entries(second)
    if first.left is None or first.kind is ClaimKind.SHAPE:
        return False
    try:
        said = [_said(claim, convention) for claim in (first, second)]
    except UnknownError:
        return False
    return bool(said[0]) and said[0] == said[1]


def _visited(claim: Claim) -> list[list[int]] | None:
    try:
        return layers_of(claim)
    except LookupError:
        return None


@cache
def square(convention: str) -> Net:
    """A one-layer network in which every array is 2 x 2 where it may be."""
    return random_net(convention, depth=1, seed=0, alike=True)


def _said(claim: Claim, convention: str) -> set[tuple[str, ...]]:
    """The two sides' values under every meaning of the product signs."""
    return {
        tuple(
            str(at_precision(lambda x=x: +x, SHORT // 2)) for side in pair for x in np.ravel(side)
        )
        for pair in valued(claim, square(convention), labels_everywhere=True)
    }


def valued(
    claim: Claim, net: Net, *, labels_everywhere: bool = False
) -> Iterator[tuple[Array, Array]]:
    """Both sides' values in a network, under every meaning of the product signs that fits."""
    left, right = sides(claim)
    every = list(assignments(left, right))
    for _, letters in settings(claim, left, right, [net]):
        for meanings in every:
            reader = Reader(net, letters, meanings, bare=is_bare(left, right),
                            labels_everywhere=labels_everywhere)  # fmt: skip

            def value(side: Expr, reader: Reader = reader) -> Array:
                return at_precision(lambda: reader.value(side), LONG)

            try:
                yield value(left), value(right)
            except _REFUSED:
                continue


# -- counterexamples ----------------------------------------------------------------------
def refutes(claim: Claim, example: Counterexample, convention: str) -> bool:
    """Whether the values shown give the two results shown, and no meaning makes them one."""
    net = shown_net(example.values, convention)
    printed, true = (_array(side) for side in (example.printed, example.true))
    if not _apart(printed, true):
        return False
    try:
        found = [
            (left, right)
            for left, right in valued(claim, net, labels_everywhere=True)
            if left.size == right.size or right.size == 1
        ]
    except UnknownError:
        return True  # a power, say: only what is understood is held against the values
    same = [_close(left, true) and _close(right, printed) for left, right in found]
    return any(same)


def shown_net(values: Mapping[str, Any], convention: str) -> Net:
    """The network that a counterexample's values make up."""
    inputs: dict[Node, Array] = {}
    for name, value in values.items():
        letter, _, layer = name.partition("^")
        inputs[letter, int(layer) if layer else None] = _array(value)
    by_rows = {
        node: array if convention != "columns" or node[0] == "\\alpha" else array.T
        for node, array in inputs.items()
    }
    m = next((by_rows[name, None].shape[0] for name in "XY" if (name, None) in by_rows), 1)
    widths = {}
    for (name, layer), array in by_rows.items():
        if name in "Wb" and layer is not None:
            widths[layer] = array.shape[1]
        if (name, layer) in (("X", None), ("W", 1)):
            widths[0] = array.shape[1 if name == "X" else 0]
    depth = max(widths, default=1)
    if ("Y", None) in by_rows:
        widths.setdefault(max(depth, 1), by_rows["Y", None].shape[1])
    known = tuple(widths.get(layer, 1) for layer in range(max(widths, default=1) + 1))
    return Net(convention=convention, widths=known if len(known) > 1 else (*known, 1), m=m,
               inputs=inputs)  # fmt: skip


def _array(value: Any) -> Array:
    plain = np.asarray(value, dtype=object)
    plain = plain.reshape(1, 1) if plain.ndim == 0 else plain
    result = np.empty(plain.shape, dtype=object)
    for place in np.ndindex(*plain.shape):
        result[place] = Decimal(plain[place])
    return result


def _close(mine: Array, shown: Array) -> bool:
    """Whether each shown number is mine, rounded to a double."""
    if mine.size not in (1, shown.size):
        return False
    pairs = zip(np.resize(mine, shown.size), np.ravel(shown), strict=True)
    return all(abs(a - b) <= FLOAT * abs(b) for a, b in pairs)


def _apart(first: Array, second: Array) -> bool:
    if first.shape != second.shape:
        return False
    pairs = zip(np.ravel(first), np.ravel(second), strict=True)
    return any(abs(a - b) > FLOAT * (abs(a) + abs(b)) for a, b in pairs)
