"""The value of a printed formula in one network, straight from its surface tree.

Only the tree of the page is shared with the judge: names, indices, product signs and
derivatives get their meaning here once more.  What is not understood raises, so that
nothing is confirmed by accident.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from derivations.document import syntax as tree
from derivations.document.syntax import Bracket, Expr, Name, Number, Script

from . import decimals
from .decimals import Array, number
from .network import LAYERED, Net, Node, NoSuchArrayError

SIZES = frozenset("mnk")
LETTERS = frozenset("nil")  # stand for a layer
TRANSPOSES = (Name("T"), Name("\\top"))
MATRIX, ENTRIES = "matrix product", "entry by entry"
SIGNS = {"": (MATRIX, ENTRIES), "*": (MATRIX, ENTRIES), "\\cdot": (MATRIX, ENTRIES),
         "\\times": (MATRIX, ENTRIES), "@": (MATRIX,), "\\odot": (ENTRIES,),
         "\\circ": (ENTRIES,), "\\otimes": (ENTRIES,)}  # fmt: skip
FUNCTIONS = {
    "sigmoid": decimals.sigmoid,
    "\\sigma": decimals.sigmoid,
    "log": decimals.log,
    "\\log": decimals.log,
    "\\exp": decimals.exp,
    "\\tanh": decimals.tanh,
}


class MisfitError(ValueError):
    """Operands whose shapes do not fit."""


class UnknownError(LookupError):
    """Something that this evaluator has no rule for."""


class Reader:
    """One network, what each layer letter stands for, and what each product sign means."""

    def __init__(
        self,
        net: Net,
        letters: Mapping[str, int],
        meanings: Mapping[int, str],
        *,
        bare: bool,
        labels_everywhere: bool = False,
    ) -> None:
        self.net = net
        self.letters = letters
        self.meanings = meanings
        self.bare = bare  # layered symbols stand without a layer: the one-layer network
        self.bound: dict[str, int] = {}
        self.labels_everywhere = labels_everywhere  # whether hidden layers have Y too

    def value(self, node: Expr) -> Array:
        rule = _RULES.get(type(node))
        if rule is None:
            raise UnknownError(type(node).__name__)
        return rule(self, node)

    # -- symbols ------------------------------------------------------------------
    def node(self, node: Expr) -> Node | None:
        """The whole array that a symbol names, or None where it names no array."""
        base, pieces = _parts(node)
        if base == "w":
            base = "W"
        if base in ("X", "L", "\\alpha") and not pieces:
            return base, None
        if base == "Y" and pieces and isinstance(pieces[0], Number):
            raise UnknownError("a power")
        if base == "Y" and len(pieces) <= 1:
            hidden = pieces and self.index(pieces[0]) != self.net.depth
            if hidden and not self.labels_everywhere:
                raise NoSuchArrayError("Y of a hidden layer")
            return base, None
        if base in LAYERED and (len(pieces) == 1 or self.bare):
            layer = self.index(pieces[0]) if pieces else 1
            lowest = 0 if base == "A" else 1
            if not lowest <= layer <= self.net.depth or (self.bare and pieces):
                raise NoSuchArrayError(f"{base} at layer {layer}")
            return base, layer
        return None

    def index(self, piece: Expr) -> int:
        if isinstance(piece, Bracket):
            return self.index(piece.arg)
        if isinstance(piece, Number) and piece.value.denominator == 1:
            return int(piece.value)
        if isinstance(piece, tree.Add):
            return self.index(piece.left) + self.index(piece.right)
        if isinstance(piece, tree.Neg):
            return -self.index(piece.arg)
        if piece == Name("N"):
            return self.net.depth
        if isinstance(piece, Name) and piece.text in self.letters and piece.text not in self.bound:
            return self.letters[piece.text]
        raise UnknownError(f"index {piece}")

    def symbol(self, node: Expr) -> Array:
        base, pieces = _parts(node)
        if base in SIZES and not pieces:
            return number(self.net.sizes[base])
        if base in ("y", "a"):
            return self.sample(base, pieces)
        whole = self.node(node)
        if whole is None:
            raise UnknownError(str(node))
        return self.net.value(whole)

    def sample(self, base: str, pieces: tuple[Expr, ...]) -> Array:
        """``y^i``: one sample of Y, as wide as Y."""
        piece = pieces[0].arg if len(pieces) == 1 and isinstance(pieces[0], Bracket) else None
        piece = pieces[0] if piece is None and len(pieces) == 1 else piece
        if isinstance(piece, Name | Number | tree.Add) and piece not in map(Name, self.bound):
            raise UnknownError("a sample by its number, or by a free index")
        if not isinstance(piece, Name):
            raise NoSuchArrayError(f"{base} without its sample")
        whole = self.net.value(("Y", None) if base == "y" else ("A", self.net.depth))
        at = slice(self.bound[piece.text], self.bound[piece.text] + 1)
        return whole[:, at] if self.net.columns else whole[at]

    # -- scripts --------------------------------------------------------------------
    def script(self, node: Script) -> Array:
        if node.primes:
            raise UnknownError("a prime")
        if node.base == Name("d") and len(node.sub) == 1 and not node.sup:
            return self.derivative(tree.Derivative(Name("L"), node.sub[0]))
        if node.sup and not node.sub and node.sup[-1] in TRANSPOSES:
            rest = Script(node.base, (), node.sup[:-1]) if len(node.sup) > 1 else node.base
            value = self.value(rest)
            if value.ndim != 2:
                raise MisfitError("the transpose of a Jacobian")
            return value.T
        if isinstance(node.base, Name) and not node.sub:
            return self.symbol(node)
        raise UnknownError(str(node))

    # -- operators --------------------------------------------------------------------
    def added(self, left: Array, right: Array, rule: Callable[[Any, Any], Any]) -> Array:
        if left.ndim != right.ndim:
            left, right = (x[0, 0] if x.shape == (1, 1) else x for x in (left, right))
            if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
                raise MisfitError("an array beside a Jacobian")
        try:
            result: Array = rule(left, right)
        except ValueError as error:
            raise MisfitError(str(error)) from error
        return result

    def product(self, node: tree.Product) -> Array:
        left, right = self.value(node.left), self.value(node.right)
        if (1, 1) in (left.shape, right.shape):
            return self.added(left, right, lambda a, b: a * b)
        if left.ndim == right.ndim == 2:
            if self.meanings[id(node)] == ENTRIES:
                return self.added(left, right, lambda a, b: a * b)
            if left.shape[1] != right.shape[0]:
                raise MisfitError("matrix product")
            product: Array = left @ right
            return product
        for first, second in ((left, right), (right, left)):
            if second.ndim == 4 and first.shape[-2:] == second.shape[:2]:
                contracted: Array = np.tensordot(first, second, axes=2)
                return contracted
        raise MisfitError("Jacobians in a row")

    def divided(self, node: tree.Divide) -> Array:
        top, bottom = self.value(node.top), self.value(node.bottom)
        if bottom.ndim == 4:
            raise MisfitError("a Jacobian below a line")
        return self.added(top, bottom, lambda a, b: a / b)

    def call(self, node: tree.Call) -> Array:
        if node.order or node.function not in FUNCTIONS:
            raise UnknownError(node.function)
        value = self.value(node.arg)
        if value.ndim != 2:
            raise MisfitError("a function of a Jacobian")
        return FUNCTIONS[node.function](value)

    def derivative(self, node: tree.Derivative) -> Array:
        of, by = self.node(node.of), self.node(node.by)
        if of is None or by is None:
            raise UnknownError(str(node))
        slope = self.net.slope(of, by)
        if of[0] in ("L", "\\alpha"):
            return slope[0, 0]
        return slope[..., 0, 0] if by[0] in ("L", "\\alpha") else slope

    def sum(self, node: tree.Sum) -> Array:
        if node.lower != tree.ONE or node.upper != Name("m"):
            raise MisfitError("the sum's bounds")
        if node.index in self.bound or not _mentions(node.body, node.index):
            raise UnknownError("the sum's index")
        total: Array | None = None
        for at in range(self.net.m):
            self.bound[node.index] = at
            term = self.value(node.body)
            total = term if total is None else total + term
        del self.bound[node.index]
        assert total is not None
        return total

    def total(self, node: tree.Total) -> Array:
        value = self.value(node.arg)
        along = {"samples": 1, "outputs": 0}.get(node.over)
        if along is None or value.ndim != 2:
            raise UnknownError(f"a sum over {node.over or 'nothing said'}")
        axis = along if self.net.columns else 1 - along
        if node.over == "samples" and value.shape[axis] != self.net.m:
            raise MisfitError("no samples to sum over")
        result: Array = value.sum(axis=axis, keepdims=True)
        return result


def _parts(node: Expr) -> tuple[str, tuple[Expr, ...]]:
    """A symbol's letter and its upper indices."""
    if isinstance(node, Bracket):
        return _parts(node.arg)
    if isinstance(node, Name):
        return node.text, ()
    if isinstance(node, Script) and isinstance(node.base, Name) and not (node.sub or node.primes):
        return node.base.text, node.sup
    raise UnknownError(str(node))


def _mentions(node: Expr, index: str) -> bool:
    return any(part == Name(index) for part in tree.walk(node))


def _number(reader: Reader, node: Number) -> Array:
    return number(node.value.numerator) / number(node.value.denominator)


def _minus(reader: Reader, node: tree.Neg) -> Array:
    value: Array = -reader.value(node.arg)
    return value


def _add(reader: Reader, node: tree.Add) -> Array:
    return reader.added(reader.value(node.left), reader.value(node.right), lambda a, b: a + b)


_RULES: dict[type, Callable[[Reader, Any], Array]] = {
    Number: _number,
    Name: Reader.symbol,
    Script: Reader.script,
    Bracket: lambda reader, node: reader.value(node.arg),
    tree.Add: _add,
    tree.Neg: _minus,
    tree.Product: Reader.product,
    tree.Divide: Reader.divided,
    tree.Call: Reader.call,
    tree.Derivative: Reader.derivative,
    tree.Sum: Reader.sum,
    tree.Total: Reader.total,
}
