"""From index notation to whole arrays: ``z_j = \\sum_k w_{jk} a_k + b_j`` is ``z = w a + b``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from ..document.syntax import (
    LAST,
    Add,
    Bracket,
    Call,
    Divide,
    Expr,
    Index,
    Name,
    Neg,
    Number,
    Power,
    Product,
    Script,
    Sum,
    Total,
    children,
    factors,
    rebuild,
    transform,
    walk,
)  # fmt: skip
from .habits import Habits, Use, offset_of, use_of

_EXPONENTIALS = frozenset({"e", "\\exp", "exp"})
_TRANSPOSE = (Name("T"),)


class IndexedError(Exception):
    """A formula in index notation that no formula of whole arrays was found for."""


@dataclass(frozen=True, slots=True)
class Wholes:
    """Rewrites formulas of entries or samples; ``names`` has the array of each sample's name."""

    habits: Habits
    names: Mapping[str, str]
    last: str
    kept: bool = False  # whether a sum over samples stays one, for samples that are rows

    def definition(self, head: Expr, side: Expr) -> tuple[Expr, Expr]:
        """A definition of every entry, or of every sample, as one of the whole array.

        Raises: IndexedError where the indices fit no operation on whole arrays.
        """
        use = use_of(head, self.habits)
        if use is None or any(entry.isdigit() for entry in use.entries):
            raise IndexedError
        if use.entries and use.sample:
            raise IndexedError
        if len(set(use.entries)) < len(use.entries):  # the diagonal alone
            raise IndexedError
        side = transform(side, self.plain)
        return self.symbol(use), self.rewritten(side, use.entries, use.sample)

    def rewritten(self, side: Expr, entries: tuple[str, ...], sample: str | None) -> Expr:
        if not entries and sample is None:
            return self.summed(side)
        if entries:
            return self.entrywise(side, entries)
        return self.samplewise(side, str(sample))

    # -- symbols ----------------------------------------------------------------
    def symbol(self, use: Use) -> Expr:
        """The whole array, its layer as a superscript."""
        name = _parsed(self.names.get(use.key, use.key))
        base, sub = (name.base, name.sub) if isinstance(name, Script) else (name, ())
        sup = name.sup if isinstance(name, Script) else ()
        if use.layer is not None:
            sup = (*sup, self.layer(use.layer))
        plain: Expr = Script(base, sub, sup) if sub or sup else base
        if use.turned:
            plain = Script(plain, (), _TRANSPOSE)
        for power in use.power:
            plain = Script(plain, (), (power,))
        return plain

    def layer(self, index: Index) -> Expr:
        base: Expr = Name(self.last if index.base == LAST else index.base or "")
        if index.base is None:
            return Number(Fraction(index.offset))
        if not index.offset:
            return base
        step = Number(Fraction(abs(index.offset)))
        return Add(base, step if index.offset > 0 else Neg(step))

    def plain(self, node: Expr) -> Expr:
        """``g^{[l]}(z)`` without the layer of its function."""
        if isinstance(node, Script) and isinstance(node.base, Call) and not node.sub:
            letters = {index[0] for part in node.sup if (index := offset_of(part))}
            if letters and letters <= self.habits.layers | self.habits.last:
                return node.base
        return node

    def use(self, node: Expr) -> Use | None:
        return use_of(node, self.habits) if isinstance(node, Name | Script) else None

    def letters(self, tree: Expr) -> set[str]:
        """The index letters that are free in a tree."""
        if isinstance(tree, Name | Script) and (use := self.use(tree)) is not None:
            return {*use.entries, *((use.sample,) if use.sample else ())}
        found = set().union(*(self.letters(child) for child in children(tree)), set())
        return found - {tree.index} if isinstance(tree, Sum) else found

    # -- formulas without a free index -----------------------------------------------
    def summed(self, node: Expr) -> Expr:
        """Symbols in their usual dress; a sum over samples as a total over whole arrays."""
        if isinstance(node, Name | Script):
            return self.dressed(node)
        if isinstance(node, Total) and not node.over:
            return Call("total", self.entry_by_entry(self.summed(node.arg)))
        if isinstance(node, Sum):
            rows = self.rows(node)
            if rows is not None:
                return Call("total", rows)
            uses = [u for part in walk(node.body) if (u := self.use(part)) and u.sample]
            flat = self.kept and not any(use.layer for use in uses)
            if node.index in {use.sample for use in uses} and not flat:
                return Call("total", self.samplewise(_summands(node.body), node.index))
            return replace(node, body=self.summed(node.body))
        return rebuild(node, self.summed)

    def entry_by_entry(self, node: Expr) -> Expr:
        """``Y \\log A`` under a sum without an index is taken entry by entry."""

        def change(part: Expr) -> Expr:
            if not (isinstance(part, Product) and isinstance(part.right, Call) and not part.sign):
                return part
            logs = part.right.function.lstrip("\\") in ("log", "ln")
            return replace(part, sign="\\odot") if logs else part

        return transform(node, change)

    def rows(self, node: Sum) -> Expr | None:
        """``\\sum_i \\|A_i - Y_i\\|^2``, where the index picks whole rows: all squares."""
        letters = [u.entries for part in walk(node.body) if (u := self.use(part)) and u.entries]
        if not letters or any(entries != (node.index,) for entries in letters):
            return None
        body = node.body
        norms = [n for n in walk(body) if isinstance(n, Call) and n.function == "norm"]
        squared = isinstance(body, Script | Power) and body.base in norms
        if len(norms) != 1 or not squared:
            return None
        inner = transform(norms[0].arg, self.entire)
        return Script(inner, (), (Number(Fraction(2)),))

    def entire(self, part: Expr) -> Expr:
        use = self.use(part)
        if use is None or not use.entries:
            return part
        return self.symbol(replace(use, entries=()))

    def dressed(self, node: Name | Script) -> Expr:
        use = self.use(node)
        if use is None:
            return rebuild(node, self.summed)
        if not use.entries and use.sample is None:
            return replace_primes(self.symbol(use), use.primes)
        if use.sample is not None:
            if self.kept:
                return node
            raise IndexedError
        inner = self.symbol(replace(use, turned=False, power=()))
        base, sub, sup = (
            (inner.base, inner.sub, inner.sup) if isinstance(inner, Script) else (inner, (), ())
        )
        entries = tuple(Number(Fraction(e)) if e.isdigit() else Name(e) for e in use.entries)
        turns = _TRANSPOSE if use.turned else ()
        return Script(base, (*sub, *entries), (*sup, *use.power, *turns))

    # -- one sample of everything ------------------------------------------------------
    def samplewise(self, node: Expr, sample: str) -> Expr:
        """A formula of one sample as one of all of them, entry by entry."""
        if isinstance(node, Sum):
            raise IndexedError
        if isinstance(node, Script | Power) and (normed := self.normed(node, sample)) is not None:
            return normed
        if isinstance(node, Name | Script) and (use := self.use(node)) is not None:
            if use.entries or (use.turned and use.sample):
                raise IndexedError
            return self.symbol(replace(use, sample=None))
        if isinstance(node, Product):
            left, right = (self.samplewise(part, sample) for part in (node.left, node.right))
            both = all(sample in self.letters(part) for part in (node.left, node.right))
            return Product("\\odot" if both else node.sign, left, right)
        return rebuild(node, lambda child: self.samplewise(child, sample))

    def normed(self, node: Script | Power, sample: str) -> Expr | None:
        """``\\|v^{(i)}\\|^2``, which is to be added over the samples, as the squares of V."""
        base = node.base
        square = (
            node.exponent == Number(Fraction(2))
            if isinstance(node, Power)
            else (node.sup == (Number(Fraction(2)),) and not node.sub)
        )
        if isinstance(base, Call) and base.function == "norm" and square:
            return Script(self.samplewise(base.arg, sample), (), (Number(Fraction(2)),))
        return None

    # -- one entry of everything -------------------------------------------------------
    def entrywise(self, node: Expr, free: tuple[str, ...]) -> Expr:
        """A formula of one entry as one of the whole array whose axes the free letters are."""
        inner = self.letters(node) & set(free)
        if not inner:
            return self.summed(node)
        if isinstance(node, Name | Script) and (use := self.use(node)) is not None:
            return self.placed(use, free)
        if isinstance(node, Divide) and (soft := self.softmax(node, free)) is not None:
            return soft
        if isinstance(node, Sum):
            return self.contracted(node, free)
        if isinstance(node, Product):
            left, right = (self.entrywise(part, free) for part in (node.left, node.right))
            both = all(self.letters(part) & set(free) for part in (node.left, node.right))
            return Product("\\odot" if both else node.sign, left, right)
        if isinstance(node, Call | Add | Neg | Divide | Power | Bracket | Script):
            return rebuild(node, lambda child: self.entrywise(child, free))
        raise IndexedError

    def placed(self, use: Use, free: tuple[str, ...]) -> Expr:
        if use.sample or use.turned:
            raise IndexedError
        plain = self.symbol(replace(use, entries=()))
        if use.entries == free or (len(use.entries) == 1 and use.entries[0] == free[-1]):
            return plain
        if use.entries == free[::-1]:
            return Script(plain, (), _TRANSPOSE)
        raise IndexedError

    def softmax(self, node: Divide, free: tuple[str, ...]) -> Expr | None:
        """``e^{z_i} / \\sum_j e^{z_j}``, and so for ``z_i / t``."""
        top, bottom = node.top, node.bottom
        if not (isinstance(top, Call) and isinstance(bottom, Sum)):
            return None
        below = bottom.body
        if not (isinstance(below, Call) and {top.function, below.function} <= _EXPONENTIALS):
            return None
        index = Name(bottom.index)
        renamed = transform(top.arg, lambda part: index if part == Name(free[-1]) else part)
        if renamed != below.arg or bottom.without is not None or free[-1] == bottom.index:
            return None
        if self.letters(top.arg) != set(free):
            return None
        return Call("softmax", self.entrywise(top.arg, free))

    def contracted(self, node: Sum, free: tuple[str, ...]) -> Expr:
        """``\\sum_k A_{ik} B_{kj}`` as the matrix product that it is."""
        if node.without is not None:
            raise IndexedError
        k = node.index
        inside = [part for part in factors(node.body) if k in self.letters(part)]
        outside = [part for part in factors(node.body) if k not in self.letters(part)]
        uses = [self.use(part) for part in inside]
        if len(inside) != 2 or any(u is None or u.sample or u.turned or u.power for u in uses):
            raise IndexedError
        result = self.matmul([u for u in uses if u is not None], k, free)
        for part in outside:
            both = bool(self.letters(part) & set(free))
            result = Product("\\odot" if both else "", self.entrywise(part, free), result)
        return result

    def matmul(self, uses: list[Use], k: str, free: tuple[str, ...]) -> Expr:
        first, last = free[0], free[-1]
        starting: dict[tuple[str, ...], bool] = {(first, k): False, (k, first): True}
        ending: dict[tuple[str, ...], bool] = {(k, last): False, (last, k): True}
        for left, right in (uses, uses[::-1]):
            starts = starting.get(left.entries)
            ends = ending.get(right.entries)
            if len(free) == 1:
                ends = False if right.entries == (k,) else None
            if starts is None or ends is None:
                continue
            return Product("", self.turned(left, starts), self.turned(right, ends))
        raise IndexedError

    def turned(self, use: Use, turn: bool) -> Expr:
        plain = self.symbol(replace(use, entries=()))
        return Script(plain, (), _TRANSPOSE) if turn else plain


def _summands(body: Expr) -> Expr:
    return body.arg if isinstance(body, Bracket) else body


def replace_primes(node: Expr, primes: int) -> Expr:
    if not primes:
        return node
    if isinstance(node, Script):
        return replace(node, primes=primes)
    return Script(node, (), (), primes)


def _parsed(key: str) -> Expr:
    """A symbol's name as a tree; names are made by this package and read by its grammar."""
    from ..document.lexer import Vocabulary
    from ..document.tex import parse_expression

    return parse_expression(key, Vocabulary(symbols=frozenset({key})))
