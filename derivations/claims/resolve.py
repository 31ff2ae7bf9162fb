"""A page's names and scripts -> declared arrays, sizes, powers and transposes."""

from __future__ import annotations

from dataclasses import replace

from ..document.syntax import (
    LAST,
    Add,
    Bracket,
    Call,
    Derivative,
    Expr,
    Index,
    Name,
    Neg,
    Number,
    Power,
    Product,
    Ref,
    Script,
    Size,
    Sum,
    Transpose,
    rebuild,
)  # fmt: skip
from ..document.tex import LOSS
from ..document.write import to_tex
from ..errors import UndeclaredError
from .notation import Notation, Symbol

_TRANSPOSES = (Name("T"), Name("\\top"))


def resolve(node: Expr, notation: Notation, bound: frozenset[str] = frozenset()) -> Expr:
    """The tree with every name replaced by what the notation says it is.

    Raises: UndeclaredError for a symbol, or a symbol at an index, that it does not know.
    """
    return _Resolver(notation).resolve(node, bound)


class _Resolver:
    def __init__(self, notation: Notation) -> None:
        self.notation = notation

    def resolve(self, node: Expr, bound: frozenset[str]) -> Expr:
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

    # -- leaves ---------------------------------------------------------------
    def name(self, node: Name, bound: frozenset[str]) -> Expr:
        text, notation = node.text, self.notation
        if node == LOSS:
            if notation.loss is None:
                raise UndeclaredError('no loss is declared; add  loss = "L"  under [model]')
            return self.name(Name(notation.loss), bound)
        if text in notation.symbols:
            return Ref(text)
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
        key = text.removeprefix("\\") if text[1:].isalpha() else text
        key = key if key.isalnum() else f"'{key}'"
        return UndeclaredError(
            f'{text} is not declared; add  {key} = "SIZE SIZE"  under [shape] '
            f"in {self.notation.source}",
            text,
        )

    def call(self, node: Call, bound: frozenset[str]) -> Expr:
        meant = self.notation.functions.get(node.function, node.function)
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
        for sub, sup in ((node.sub, node.sup), (node.sub, ()), ((), node.sup), ((), ())):
            whole = to_tex(Script(node.base, sub, sup)) if sub or sup else node.base.text
            for mark in {primes, ""}:
                if whole + mark in known:
                    rest = Script(
                        node.base,
                        () if sub else node.sub,
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
        if name.text in notation.alias:
            target = notation.alias[name.text]
            base = target.base if isinstance(target, Script) else target
            extra = target if isinstance(target, Script) else Script(target)
            return self.script(Script(base, extra.sub + rest.sub, extra.sup + rest.sup), bound)
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
            if index is None or piece in _TRANSPOSES:
                left.append(piece)
            elif wants_layer and ref.layer is None and self.is_layer(symbol, piece, index, bound):
                ref = replace(ref, layer=index)
            elif sample is None and self.is_sample(symbol, piece, index, bound):
                sample = index
            else:
                left.append(piece)
        entries: list[Index] = []
        for piece in lower:
            index = index_of(piece, notation)
            if index is None:
                raise self.unknown(to_tex(Script(rest.base, rest.sub)))
            if symbol.layered and wants_layer and ref.layer is None and not rest.sup:
                ref = replace(ref, layer=index)
            else:
                entries.append(index)
        ref = self.with_entries(symbol, ref, sample, entries)
        return self.raised(ref, Script(ref, (), tuple(left)), bound)

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
                if piece in _TRANSPOSES and "T" not in self.notation.symbols:
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
