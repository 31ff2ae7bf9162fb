"""Indexed SymPy expression -> syntax tree, so that a proof can be shown without SymPy."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from ..claims.model import Node
from ..document.syntax import (
    ONE,
    Add,
    Call,
    Derivative,
    Divide,
    Expr,
    Index,
    Meaning,
    Neg,
    Number,
    Power,
    Product,
    Ref,
    Size,
    Sum,
)  # fmt: skip
from ..errors import LimitError
from . import atoms
from .encode import Encoder
from .indices import array, size

LETTERS = "pqrstuvgh"
_CALLS = {atoms.Sigmoid: "sigmoid", atoms.Softplus: "softplus", atoms.Step: "step",
          atoms.Side: "step",
          atoms.Sign: "sign", atoms.Tanh: "tanh", sp.exp: "exp", sp.log: "log",
          sp.sin: "sin", sp.cos: "cos", sp.atan: "arctan"}  # fmt: skip


class Decoder:
    """Turns expressions of one encoder back; ``names`` are the letters of the free indices."""

    def __init__(self, coder: Encoder, names: Mapping[Any, str]) -> None:
        self.coder = coder
        self.names = dict(names)
        self.sizes = {size(name): name for name in self._size_names()}
        self.cotangents = {array("cotangent", *node): node for node in self._nodes()}

    def _nodes(self) -> list[Node]:
        return [*self.coder.definitions, *self.coder.nodes.values()]

    def _size_names(self) -> list[str]:
        found = dict.fromkeys(self.coder.notation.sizes)
        for node in self._nodes():
            found |= dict.fromkeys(self.coder.node_shape(node))
        return [name for name in found if name != "1"]

    def tree(self, value: Any) -> Expr:
        """The tree of an expression.

        Raises: LimitError for what has no counterpart on a page.
        """
        if value.is_Rational:
            return Number(Fraction(int(value.p), int(value.q)))
        if value in self.sizes:
            return Size(self.sizes[value])
        if isinstance(value, sp.Indexed):
            return self._indexed(value)
        if isinstance(value, sp.Add):
            return self._added(value)
        if isinstance(value, sp.Mul):
            return self._multiplied(value)
        if isinstance(value, sp.Pow):
            return self._raised(value)
        if isinstance(value, sp.Sum):
            return self._summed(value)
        if type(value) in _CALLS:
            return Call(_CALLS[type(value)], self.tree(value.args[0]))
        raise LimitError(f"{type(value).__name__} has no counterpart on a page")

    def _index(self, value: Any, name: str) -> Index | None:
        """An index along an axis of that size; None where the axis has one place."""
        if name == "1":
            return None
        if value in self.names:
            return Index(self.names[value])
        if value.is_Integer:
            return Index(None, int(value) + 1)
        raise LimitError("an index without a letter")

    def _indexed(self, value: sp.Indexed) -> Expr:
        node = self.coder.nodes.get(value.base) or self.cotangents.get(value.base)
        if node is None:
            raise LimitError("an entry of an inverse has no counterpart on a page")
        axes = zip(value.indices, self.coder.node_shape(node), strict=True)
        entries = [self._index(index, name) for index, name in axes]
        layer = None if node[1] is None else Index(None, node[1])
        whole = all(entry is None for entry in entries)
        ref = Ref(node[0], layer, None if whole else (entries[0], entries[1]))
        if value.base in self.cotangents:
            return Derivative(Ref(self.coder.notation.loss or ""), ref)
        return ref

    def _added(self, value: sp.Add) -> Expr:
        parts = sorted(value.args, key=lambda part: part.could_extract_minus_sign())
        result = self.tree(parts[0])
        for part in parts[1:]:
            minus = part.could_extract_minus_sign()
            term = self.tree(-part if minus else part)
            result = Add(result, Neg(term) if minus else term)
        return result

    def _multiplied(self, value: sp.Mul) -> Expr:
        if value.could_extract_minus_sign() and value.as_coeff_Mul()[0] < 0:
            return Neg(self.tree(-value))
        top, bottom = sp.fraction(value)
        if bottom != 1:
            under = self.tree(bottom)
            if top == 1:
                return Divide(ONE, under)
            return Divide(self.tree(top), under)
        parts = sorted(value.args, key=lambda part: (isinstance(part, sp.Sum), str(part)))
        result = self.tree(parts[0])
        for part in parts[1:]:
            result = Product("", result, self.tree(part), Meaning.SCALE)
        return result

    def _raised(self, value: sp.Pow) -> Expr:
        if value.exp.is_negative:
            return Divide(ONE, self.tree(1 / value))
        if value.exp == sp.Rational(1, 2):
            return Call("sqrt", self.tree(value.base))
        return Power(self.tree(value.base), self.tree(value.exp))

    def _summed(self, value: sp.Sum) -> Expr:
        for index, _, _ in value.limits:
            free = next((letter for letter in LETTERS if letter not in self.names.values()), None)
            if free is None:
                raise LimitError("more sums than letters")
            self.names[index] = free
        body = self.tree(value.function)
        for index, _, high in value.limits:
            letter, count = self.names.pop(index), Size(self.sizes[high + 1])
            if value.function.has(index):
                body = Sum(letter, ONE, count, body)
            else:  # as many equal terms as the index has values
                body = Product("", count, body, Meaning.SCALE)
        return body
