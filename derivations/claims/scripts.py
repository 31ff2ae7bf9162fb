"""What stands above and below a symbol: its layer, sample and entries, transposes and powers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction

from ..document.syntax import (
    LAST,
    ONE,
    Add,
    Bracket,
    Entry,
    Expr,
    Index,
    Name,
    Neg,
    Number,
    Power,
    Product,
    Ref,
    Script,
    Transpose,
    walk,
)  # fmt: skip
from ..document.write import to_tex
from ..errors import UndeclaredError
from .notation import Notation, Symbol

MAX_OPENED = 3  # times that a name may stand in what it stands for, as below itself
WHOLE = Name(":")  # a slice along an axis
_TRANSPOSES = (Name("T"), Name("\\top"), Name("t"))


class Scripts(ABC):
    """The reading of scripts; what they stand on is resolved by the class that uses it."""

    def __init__(self, notation: Notation, any_sample: str = "") -> None:
        self.notation = notation
        self.any_sample = any_sample
        self.runs: dict[str, str] = {}  # the sizes up to which the sums around a place run
        self.opened: list[str] = []  # names that are being taken for what they stand for

    @abstractmethod
    def resolve(self, node: Expr, bound: frozenset[str]) -> Expr: ...

    @abstractmethod
    def script(self, node: Script, bound: frozenset[str]) -> Expr: ...

    @contextmanager
    def opening(self, text: str) -> Iterator[None]:
        """Inside, a name is taken for what it stands for.

        Raises: UndeclaredError where it stands for itself, at first or at last.
        """
        if self.opened.count(text) == MAX_OPENED:
            raise UndeclaredError(f"{text} stands for itself; mend what is declared of it", text)
        self.opened.append(text)
        try:
            yield
        finally:
            self.opened.pop()

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

    def longest_name(self, node: Script) -> tuple[Name, Script] | None:
        """The declared symbol in a script, and the scripts that are not part of its name."""
        if not isinstance(node.base, Name):
            return None
        known = {*self.notation.symbols, *self.notation.alias, *self.notation.samples}
        primes = "'" * node.primes
        for count in range(len(node.sub), -1, -1):
            sub = node.sub[:count]
            for sup, left in _upper_names(node.sup):
                whole = to_tex(Script(node.base, sub, sup)) if sub or sup else node.base.text
                for mark in dict.fromkeys((primes, "")):
                    if whole + mark in known:
                        more = 0 if mark else node.primes
                        rest = Script(node.base, node.sub[count:], left, more)
                        return Name(whole + mark), rest
        return None

    def scripted(self, name: Name, rest: Script, bound: frozenset[str]) -> Expr:
        notation = self.notation
        if rest.primes == 1 and notation.prime_transposes:
            return Transpose(self.scripted(name, replace(rest, primes=0), bound))
        if rest.primes:
            primed = name.text + "'" * rest.primes
            raise UndeclaredError(
                f"{primed} is not declared, and {name.text} is no function", name.text
            )
        if name.text in notation.alias and name.text not in notation.symbols:
            with self.opening(name.text):
                return self.script(with_scripts(notation.alias[name.text], rest), bound)
        if name.text in notation.samples:
            return self.sample(name.text, rest, bound)
        return self.indexed(notation.symbols[name.text], Ref(name.text), rest, bound)

    def sample(self, text: str, rest: Script, bound: frozenset[str]) -> Expr:
        """``y^i``: what is declared as one sample of an array, at its index."""
        with self.opening(text):
            whole = self.resolve(self.notation.samples[text], bound)
        turned = isinstance(whole, Transpose)
        if isinstance(whole, Transpose):
            whole = whole.arg
        if not isinstance(whole, Ref):
            raise UndeclaredError(f"{text} is declared as a sample of no array", text)
        symbol = self.notation.symbols[whole.name]
        if self.any_sample:
            rest = replace(rest, sup=(Bracket("(", Name(self.any_sample)), *rest.sup))
        result = self.indexed(symbol, replace(whole, written=text), rest, bound, turned)
        entries = [node.entries for node in walk(result) if isinstance(node, Ref)]
        if turned and entries and None in (entries[0] or ()):
            result = result.arg if isinstance(result, Transpose) else Transpose(result)
        if entries and entries[0] is None:
            raise without_index(text)
        return result

    def indexed(
        self,
        symbol: Symbol,
        ref: Ref,
        rest: Script,
        bound: frozenset[str],
        turned: bool | None = None,
    ) -> Expr:
        """Layer, sample and entry indices, transposes and powers of a declared array.

        ``turned``: for what is declared per sample, whether it is so as a transpose.
        """
        notation = self.notation
        layer_free = turned is not None
        upper = [piece for part in rest.sup for piece in pieces_of(part)]
        lower = [piece for part in rest.sub for piece in pieces_of(part)]
        wants_layer = (symbol.layered or symbol.at is not None) and not layer_free
        left: list[Expr] = []
        sample: Index | None = None
        for piece in upper:
            index = index_of(piece, notation)
            if index is None or self.is_transpose(piece):
                left.append(piece)
            elif layer_free and symbol.layered and _in_square_brackets(piece):
                ref = replace(ref, layer=index)  # a^{[L](i)}
            elif wants_layer and ref.layer is None and self.is_layer(symbol, piece, index, bound):
                ref = replace(ref, layer=index)
            elif sample is None and self.is_sample(symbol, piece, index, bound):
                sample = index
            else:
                left.append(piece)
        if ref.layer is None and wants_layer and symbol.layered and symbol.name in notation.bare:
            ref = replace(ref, layer=notation.bare[symbol.name])
        entries: list[Index | None] = []
        for piece in self.digits(symbol, lower):
            index = index_of(piece, notation)
            if piece == WHOLE:
                entries.append(None)
            elif index is None:
                raise self.unknown(to_tex(Script(rest.base, rest.sub)))
            elif self.is_layer_below(symbol, ref, index, upper) and wants_layer:
                ref = replace(ref, layer=index)
            else:
                entries.append(index)
        turns = [piece for piece in left if self.is_transpose(piece)]
        if len(entries) == 2 and None not in entries and len(turns) % 2:
            entries = entries[::-1]  # A^T_{ij} is an entry of the transpose
            left = [piece for piece in left if piece not in turns]
        if layer_free and sample is None and len(entries) == 1:  # x_i, one sample
            sample, entries = self.only_sample(symbol, entries, bool(turned))
        ref = self.with_entries(symbol, ref, sample, entries)
        return self.raised(ref, Script(ref, (), tuple(left)), bound)

    def only_sample(
        self, symbol: Symbol, entries: list[Index | None], turned: bool
    ) -> tuple[Index | None, list[Index | None]]:
        """The one index below what is declared per sample is its sample's; a column's elsewhere."""
        if sum(dim.name != "1" for dim in symbol.shape) < 2:
            return None, entries
        if any(dim.name in self.notation.sample_sizes for dim in symbol.shape):
            return entries[0], []
        return None, [entries[0], None] if turned else [None, entries[0]]

    def is_layer_below(self, symbol: Symbol, ref: Ref, index: Index, upper: list[Expr]) -> bool:
        """``W_k`` has its layer below; ``w_{12}`` has two entries there, one digit each."""
        plain = all(self.is_transpose(piece) for piece in upper)
        letter = index.base in (None, LAST) or index.base in self.notation.layers.letters
        number = index.base is None and index.offset > 9
        return symbol.layered and ref.layer is None and plain and letter and not number

    def is_transpose(self, piece: Expr) -> bool:
        """A superscript T, unless T is a number: no array is an exponent."""
        notation = self.notation
        if piece == Name("T"):
            symbol = notation.symbols.get("T")
            number = symbol is not None and all(dim.name == "1" for dim in symbol.shape)
            return not number and "T" not in notation.sizes and "T" not in notation.layers.letters
        known = notation.symbols.keys() | notation.sizes.keys() | notation.layers.letters
        return piece in _TRANSPOSES and to_tex(piece) not in known

    def holds_array(self, base: Expr) -> bool:
        """Whether a T above it transposes, although T is a number too: no array to that power."""
        symbols = self.notation.symbols
        refs = [node for node in walk(base) if isinstance(node, Ref) and node.entries is None]
        arrays = any(dim.name != "1" for ref in refs for dim in symbols[ref.name].shape)
        return arrays and ("T" in self.notation.sizes or "T" in symbols)

    def digits(self, symbol: Symbol, pieces: list[Expr]) -> list[Expr]:
        """``w_{12}`` on an array with two axes: one digit an axis."""
        axes = sum(dim.name != "1" for dim in symbol.shape)
        if len(pieces) == 1 and isinstance(pieces[0], Number) and not symbol.layered:
            text = str(pieces[0].value)
            if len(text) == axes > 1 and text.isdigit():
                return [Number(Fraction(int(digit))) for digit in text]
        return pieces

    def is_layer(self, symbol: Symbol, piece: Expr, index: Index, bound: frozenset[str]) -> bool:
        if _in_square_brackets(piece):
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
        self, symbol: Symbol, ref: Ref, sample: Index | None, entries: list[Index | None]
    ) -> Ref:
        if sample is None and not entries:
            return ref
        ref = replace(ref, sliced=None in entries and len(entries) == 2)
        axes: list[Index | None] = [None, None]
        free = [axis for axis in (0, 1) if symbol.shape[axis].name != "1"]
        if sample is not None:
            axis = next(a for a in free if symbol.shape[a].name in self.notation.sample_sizes)
            axes[axis] = sample
            free.remove(axis)
            ref = replace(ref, sample=axis)
        elif len(entries) < len(free):
            free = self.axes_of(symbol, free, entries[0])
        if len(entries) > len(free):
            raise UndeclaredError(
                f"{ref.name} has {len(free)} axes for {len(entries)} indices", ref.name
            )
        for axis, entry in zip(free, entries, strict=False):
            axes[axis] = entry
        return replace(ref, entries=(axes[0], axes[1]))

    def axes_of(self, symbol: Symbol, free: list[int], entry: Index | None) -> list[int]:
        """Where fewer indices stand than axes: along which axis the first one runs."""
        runs = None if entry is None or entry.base is None else self.runs.get(entry.base)
        along = [axis for axis in free if symbol.shape[axis].name == runs]
        if runs is not None and len(along) == 1:
            return along
        return [a for a in free if symbol.shape[a].name not in self.notation.sample_sizes]

    def raised(self, base: Expr, node: Script, bound: frozenset[str]) -> Expr:
        """Transposes and powers, in the order printed."""
        result = base
        if node.sub and base is not node.base:
            result = self.entry_of(base, node)
        for part in node.sup:
            for piece in pieces_of(part):
                if self.is_transpose(piece) or (piece == Name("T") and self.holds_array(base)):
                    result = Transpose(result)
                elif isinstance(piece, Neg) and self.is_transpose(piece.arg):
                    result = Transpose(Power(result, Neg(ONE)))
                elif is_power((piece,), self.notation) or not isinstance(base, Ref):
                    exponent = self.resolve(piece, bound)
                    result = Power(result, exponent)
                else:
                    raise UndeclaredError(
                        f"{to_tex(Script(base, (), (piece,)))}: the index {to_tex(piece)} has no "
                        "meaning there",
                        base.name,
                    )
        if node.primes == 1 and self.notation.prime_transposes:
            return Transpose(result)
        if node.primes:
            raise UndeclaredError(f"{to_tex(node)}: a prime on what is no function")
        return result

    def entry_of(self, base: Expr, node: Script) -> Expr:
        """``(A x)_i``: an entry of what the brackets hold."""
        pieces = [piece for part in node.sub for piece in pieces_of(part)]
        indices = tuple(None if p == WHOLE else index_of(p, self.notation) for p in pieces)
        read = [p for p, i in zip(pieces, indices, strict=True) if i is not None or p == WHOLE]
        if len(read) != len(pieces) or len(pieces) > 2 or not any(indices):
            raise UndeclaredError(f"{to_tex(node)}: what stands below the brackets is no index")
        return Entry(base, indices)


def _in_square_brackets(piece: Expr) -> bool:
    return isinstance(piece, Bracket) and piece.kind == "["


def without_index(text: str) -> UndeclaredError:
    return UndeclaredError(f"{text} is declared per sample and stands here without its index", text)


def with_scripts(target: Expr, rest: Script) -> Script:
    """What an alias stands for, with the scripts that the page adds."""
    if isinstance(target, Script):
        return Script(target.base, target.sub + rest.sub, target.sup + rest.sup, rest.primes)
    return Script(target, rest.sub, rest.sup, rest.primes)


def is_power(sup: tuple[Expr, ...], notation: Notation) -> bool:
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


def _upper_names(sup: tuple[Expr, ...]) -> Iterator[tuple[tuple[Expr, ...], tuple[Expr, ...]]]:
    """The superscripts that may belong to a name, most of them first, and those left over.

    ``A^{[1]T}`` is the transpose of ``A^{[1]}`` where that is a symbol.
    """
    yield sup, ()
    pieces = tuple(piece for part in sup for piece in pieces_of(part))
    for count in range(len(pieces) - 1, 0, -1):
        yield pieces[:count], pieces[count:]
    if sup:
        yield (), sup


def pieces_of(part: Expr) -> list[Expr]:
    """``jk`` and ``[l] T`` are two indices each, side by side."""
    if isinstance(part, Product) and part.sign == "":
        return pieces_of(part.left) + pieces_of(part.right)
    whole = isinstance(part, Script) and not part.sub and not part.primes
    if isinstance(part, Script) and whole and isinstance(part.base, Bracket | Name | Number):
        return [part.base, *(piece for sup in part.sup for piece in pieces_of(sup))]
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
