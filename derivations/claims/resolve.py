"""A page's names and scripts -> declared arrays, sizes, powers and transposes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from ..document.grammar import LOSS
from ..document.syntax import (
    LAST,
    ONE,
    ZERO,
    Add,
    Bracket,
    Call,
    Case,
    Derivative,
    Expr,
    Index,
    Name,
    Neg,
    Number,
    Power,
    Product,
    Ref,
    Relation,
    Script,
    Size,
    Sum,
    Transpose,
    rebuild,
)  # fmt: skip
from ..document.write import to_tex
from ..errors import UndeclaredError
from ..functions import FUNCTIONS
from .notation import Notation, Symbol

_TRANSPOSES = (Name("T"), Name("\\top"), Name("t"))
_INDICATORS = (Name("\\mathbb{1}"), Number(Fraction(1)))


def resolve(node: Expr, notation: Notation, bound: frozenset[str] = frozenset()) -> Expr:
    """The tree with every name replaced by what the notation says it is.

    Raises: UndeclaredError for a symbol, or a symbol at an index, that it does not know.
    """
    return _Resolver(notation).resolve(node, bound)


class _Resolver:
    def __init__(self, notation: Notation) -> None:
        self.notation = notation

    def resolve(self, node: Expr, bound: frozenset[str]) -> Expr:
        if node in self.notation.phrases:
            return self.resolve(self.notation.phrases[node], bound)
        if isinstance(node, Product) and node.sign == "":
            return self.side_by_side(node, bound)
        if isinstance(node, Name):
            return self.name(node, bound)
        if isinstance(node, Script):
            return self.script(node, bound)
        if isinstance(node, Sum):
            return self.sum(node, bound)
        if isinstance(node, Call):
            return self.call(node, bound)
        if isinstance(node, Bracket):
            return self.resolve(node.arg, bound)
        if isinstance(node, Derivative) and node.of == LOSS:
            return self.gradient(node.by, bound)
        return rebuild(node, lambda child: self.resolve(child, bound))

    def side_by_side(self, node: Product, bound: frozenset[str]) -> Expr:
        """Factors without a sign: an indicator before its condition, an operator before another."""
        if node.left in _INDICATORS and isinstance(node.right, Relation):
            return self.indicator(node.right, bound)
        parts = list(_row(node))
        if not any(isinstance(p, Name) and p.text in self.notation.operators for p in parts):
            return rebuild(node, lambda child: self.resolve(child, bound))
        return self.operated(parts, bound)

    def operated(self, parts: list[Expr], bound: frozenset[str]) -> Expr:
        """A product in which an operator differentiates the factor after it."""
        result: Expr | None = None
        waiting: list[Expr] = []
        for part in parts:
            if isinstance(part, Name) and part.text in self.notation.operators:
                waiting.append(self.resolve(self.notation.operators[part.text], bound))
                continue
            factor = self.resolve(part, bound)
            while waiting:
                factor = Derivative(factor, waiting.pop())
            result = factor if result is None else Product("", result, factor)
        if waiting or result is None:
            raise UndeclaredError("an operator stands before nothing")
        return result

    def indicator(self, condition: Relation, bound: frozenset[str]) -> Expr:
        """1 where a condition holds, else 0."""
        found = rebuild(condition, lambda child: self.resolve(child, bound))
        return Case(((ONE, found), (ZERO, None)))

    # -- leaves ---------------------------------------------------------------
    def name(self, node: Name, bound: frozenset[str]) -> Expr:
        text, notation = node.text, self.notation
        if node == LOSS:
            if notation.loss is None:
                raise UndeclaredError('no loss is declared; add  loss = "L"  under [model]')
            return self.name(Name(notation.loss), bound)
        if text in notation.symbols:
            return Ref(text, notation.bare.get(text))
        if text in notation.alias:
            return self.resolve(notation.alias[text], bound)
        if text in notation.samples:
            raise UndeclaredError(
                f"{text} is declared per sample and stands here without its index", text
            )
        if text in notation.sizes:
            return Size(text)
        raise self.unknown(text)

    def unknown(self, text: str) -> UndeclaredError:
        if text == "\\dots":
            return UndeclaredError("what the dots stand for is not declared", text)
        key = text.removeprefix("\\") if text[1:].isalpha() else text
        key = key if key.isalnum() else f"'{key}'"
        return UndeclaredError(
            f'{text} is not declared; add  {key} = "SIZE SIZE"  under [shape] '
            f"in {self.notation.source}",
            text,
        )

    def call(self, node: Call, bound: frozenset[str]) -> Expr:
        meant = self.notation.functions.get(node.function, node.function)
        if meant not in FUNCTIONS:
            raise UndeclaredError(f"{node.function} is no function of numbers", node.function)
        return Call(meant, self.resolve(node.arg, bound), node.order)

    def gradient(self, by: Expr, bound: frozenset[str]) -> Expr:
        return Derivative(self.name(LOSS, bound), self.resolve(by, bound))

    def sum(self, node: Sum, bound: frozenset[str]) -> Expr:
        if node.upper == Name("\\neq"):
            without = index_of(node.lower, self.notation)
            if without is None:
                raise UndeclaredError(f"the index left out of a sum over {node.index} is no index")
            body = self.resolve(node.body, bound | {node.index})
            return Sum(node.index, None, None, body, without)
        lower = None if node.lower is None else self.resolve(node.lower, bound)
        upper = None if node.upper is None else self.resolve(node.upper, bound)
        return Sum(node.index, lower, upper, self.resolve(node.body, bound | {node.index}))

    # -- scripts --------------------------------------------------------------
    def script(self, node: Script, bound: frozenset[str]) -> Expr:
        named = self.longest_name(node)
        if named is not None:
            return self.scripted(named[0], named[1], bound)
        if node.base in self.notation.phrases:
            return self.script(_scripted(self.notation.phrases[node.base], node), bound)
        if node.base in _INDICATORS and len(node.sub) == 1 and isinstance(node.sub[0], Relation):
            return self.raised(self.indicator(node.sub[0], bound), replace(node, sub=()), bound)
        if node.base == Name("d") and len(node.sub) == 1 and not node.sup and not node.primes:
            return self.gradient(node.sub[0], bound)
        if isinstance(node.base, Name):
            if node.base.text in self.notation.functions:
                raise UndeclaredError(
                    f"{to_tex(node)} is a function at an index, which is not declared",
                    node.base.text,
                )
            raise self.unknown(node.base.text)
        if isinstance(node.base, Call) and (node.sub or not _is_power(node.sup, self.notation)):
            raise UndeclaredError(
                f"{to_tex(node)} is a function at an index, which is not declared"
            )
        return self.raised(self.resolve(node.base, bound), node, bound)

    def longest_name(self, node: Script) -> tuple[Name, Script] | None:
        """The declared symbol in a script, and the scripts that are not part of its name."""
        if not isinstance(node.base, Name):
            return None
        known = {*self.notation.symbols, *self.notation.alias, *self.notation.samples}
        primes = "'" * node.primes
        taken = [(n, sup) for n in range(len(node.sub), 0, -1) for sup in (node.sup, ())]
        for count, sup in (*taken, (0, node.sup), (0, ())):
            sub = node.sub[:count]
            whole = to_tex(Script(node.base, sub, sup)) if sub or sup else node.base.text
            for mark in dict.fromkeys((primes, "")):
                if whole + mark in known:
                    rest = Script(
                        node.base,
                        node.sub[count:],
                        () if sup else node.sup,
                        0 if mark else node.primes,
                    )
                    return Name(whole + mark), rest
        return None

    def scripted(self, name: Name, rest: Script, bound: frozenset[str]) -> Expr:
        notation = self.notation
        if rest.primes:
            raise UndeclaredError(
                f"{name.text}' is not declared, and {name.text} is no function", name.text
            )
        if name.text in notation.alias and name.text not in notation.symbols:
            return self.script(_scripted(notation.alias[name.text], rest), bound)
        if name.text in notation.samples:
            return self.sample(name.text, rest, bound)
        return self.indexed(notation.symbols[name.text], Ref(name.text), rest, bound)

    def sample(self, text: str, rest: Script, bound: frozenset[str]) -> Expr:
        """``y^i``: what is declared as one sample of an array, at its index."""
        whole = self.resolve(self.notation.samples[text], bound)
        if not isinstance(whole, Ref):
            raise UndeclaredError(f"{text} is declared as a sample of no array", text)
        symbol = self.notation.symbols[whole.name]
        result = self.indexed(symbol, replace(whole, written=text), rest, bound, layer_free=True)
        if isinstance(result, Ref) and result.entries is None:
            raise UndeclaredError(
                f"{text} is declared per sample and stands here without its index", text
            )
        return result

    def indexed(
        self,
        symbol: Symbol,
        ref: Ref,
        rest: Script,
        bound: frozenset[str],
        layer_free: bool = False,
    ) -> Expr:
        """Layer, sample and entry indices, transposes and powers of a declared array."""
        notation = self.notation
        upper = [piece for part in rest.sup for piece in _pieces(part)]
        lower = [piece for part in rest.sub for piece in _pieces(part)]
        wants_layer = (symbol.layered or symbol.at is not None) and not layer_free
        left: list[Expr] = []
        sample: Index | None = None
        for piece in upper:
            index = index_of(piece, notation)
            if index is None or self.is_transpose(piece):
                left.append(piece)
            elif wants_layer and ref.layer is None and self.is_layer(symbol, piece, index, bound):
                ref = replace(ref, layer=index)
            elif sample is None and self.is_sample(symbol, piece, index, bound):
                sample = index
            else:
                left.append(piece)
        if ref.layer is None and wants_layer and symbol.layered and symbol.name in notation.bare:
            ref = replace(ref, layer=notation.bare[symbol.name])
        entries: list[Index] = []
        for piece in self.digits(symbol, lower):
            index = index_of(piece, notation)
            if index is None:
                raise self.unknown(to_tex(Script(rest.base, rest.sub)))
            if symbol.layered and wants_layer and ref.layer is None and not rest.sup:
                ref = replace(ref, layer=index)
            else:
                entries.append(index)
        ref = self.with_entries(symbol, ref, sample, entries)
        return self.raised(ref, Script(ref, (), tuple(left)), bound)

    def is_transpose(self, piece: Expr) -> bool:
        notation = self.notation
        known = notation.symbols.keys() | notation.sizes.keys() | notation.layers.letters
        return (
            piece in _TRANSPOSES
            and (piece == Name("T") or to_tex(piece) not in known)
            and ("T" not in notation.symbols)
        )

    def digits(self, symbol: Symbol, pieces: list[Expr]) -> list[Expr]:
        """``w_{12}`` on an array with two axes: one digit an axis."""
        axes = sum(dim.name != "1" for dim in symbol.shape)
        if len(pieces) == 1 and isinstance(pieces[0], Number) and not symbol.layered:
            text = str(pieces[0].value)
            if len(text) == axes > 1 and text.isdigit():
                return [Number(Fraction(int(digit))) for digit in text]
        return pieces

    def is_layer(self, symbol: Symbol, piece: Expr, index: Index, bound: frozenset[str]) -> bool:
        if isinstance(piece, Bracket) and piece.kind == "[":
            return True
        if index.base in (None, LAST):
            return symbol.layered or index.base == LAST
        return index.base not in bound and index.base in self.notation.layers.letters

    def is_sample(self, symbol: Symbol, piece: Expr, index: Index, bound: frozenset[str]) -> bool:
        sizes = {dim.name for dim in symbol.shape}
        if not sizes & self.notation.sample_sizes or index.base == LAST:
            return False
        bracketed = isinstance(piece, Bracket)
        return bracketed or (index.base is not None and index.base not in self.notation.sizes)

    def with_entries(
        self, symbol: Symbol, ref: Ref, sample: Index | None, entries: list[Index]
    ) -> Ref:
        if sample is None and not entries:
            return ref
        axes: list[Index | None] = [None, None]
        free = [axis for axis in (0, 1) if symbol.shape[axis].name != "1"]
        if sample is not None:
            axis = next(a for a in free if symbol.shape[a].name in self.notation.sample_sizes)
            axes[axis] = sample
            free.remove(axis)
            ref = replace(ref, sample=axis)
        elif len(entries) < len(free):
            free = [a for a in free if symbol.shape[a].name not in self.notation.sample_sizes]
        if len(entries) > len(free):
            raise UndeclaredError(
                f"{ref.name} has {len(free)} axes for {len(entries)} indices", ref.name
            )
        for axis, entry in zip(free, entries, strict=False):
            axes[axis] = entry
        return replace(ref, entries=(axes[0], axes[1]))

    def raised(self, base: Expr, node: Script, bound: frozenset[str]) -> Expr:
        """Transposes and powers, in the order printed."""
        result = base
        for part in node.sup:
            for piece in _pieces(part):
                if self.is_transpose(piece):
                    result = Transpose(result)
                elif _is_power((piece,), self.notation) or not isinstance(base, Ref):
                    exponent = self.resolve(piece, bound)
                    result = Power(result, exponent)
                else:
                    raise UndeclaredError(
                        f"{to_tex(Script(base, (), (piece,)))}: the index {to_tex(piece)} has no "
                        "meaning there",
                        base.name,
                    )
        if node.sub and base is not node.base:
            raise UndeclaredError(f"{to_tex(node)}: an index below brackets is not declared")
        if node.primes:
            raise UndeclaredError(f"{to_tex(node)}: a prime on what is no function")
        return result


def _row(node: Expr) -> Iterator[Expr]:
    """The factors that stand side by side without a sign."""
    if isinstance(node, Product) and node.sign == "":
        yield from _row(node.left)
        yield node.right
    else:
        yield node


def _scripted(target: Expr, rest: Script) -> Script:
    """What an alias stands for, with the scripts that the page adds."""
    if isinstance(target, Script):
        return Script(target.base, target.sub + rest.sub, target.sup + rest.sup, rest.primes)
    return Script(target, rest.sub, rest.sup, rest.primes)


def _is_power(sup: tuple[Expr, ...], notation: Notation) -> bool:
    if len(sup) != 1 or sup[0] in _TRANSPOSES:
        return len(sup) == 1
    piece = sup[0]
    if isinstance(piece, Bracket):
        return False
    plain = isinstance(piece, Number) or (isinstance(piece, Neg) and isinstance(piece.arg, Number))
    if plain:
        return True
    names = isinstance(piece, Name) and piece.text not in notation.symbols
    return not names or (isinstance(piece, Name) and piece.text in notation.sizes)


def _pieces(part: Expr) -> list[Expr]:
    """``jk`` and ``[l] T`` are two indices each, side by side."""
    if isinstance(part, Product) and part.sign == "":
        return _pieces(part.left) + _pieces(part.right)
    if isinstance(part, Script) and isinstance(part.base, Bracket | Name | Number):
        return [part.base, *(piece for sup in part.sup for piece in _pieces(sup))]
    return [part]


def index_of(piece: Expr | None, notation: Notation) -> Index | None:
    """``l-1``, ``(i)``, ``[L]`` or ``2`` as an index, or None if it is none."""
    if isinstance(piece, Bracket):
        return index_of(piece.arg, notation)
    if isinstance(piece, Number) and piece.value.denominator == 1:
        return Index(None, int(piece.value))
    if isinstance(piece, Name) and (len(piece.text) == 1 or piece.text == "\\ell"):
        return Index(LAST if piece.text in notation.layers.last else piece.text)
    if isinstance(piece, Add):
        base = index_of(piece.left, notation)
        minus = isinstance(piece.right, Neg)
        step = index_of(piece.right.arg if isinstance(piece.right, Neg) else piece.right, notation)
        if base is not None and step is not None and step.base is None:
            return base.moved(-step.offset if minus else step.offset)
    return None


def ordered(sign: str, left: int, right: int) -> bool:
    """Whether two index numbers stand in a relation."""
    return {
        "=": left == right,
        "\\neq": left != right,
        "<": left < right,
        ">": left > right,
        "\\leq": left <= right,
        "\\geq": left >= right,
    }[sign]
