"""What the scripts of a symbol mean before anything is declared: name, layer, sample or entry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from ..document.grammar import STAR
from ..document.syntax import (
    LAST,
    Add,
    Bracket,
    Expr,
    Index,
    Name,
    Neg,
    Number,
    Product,
    Relation,
    Script,
    Sum,
    children,
    walk,
)  # fmt: skip
from ..document.write import to_tex

TRANSPOSES = (Name("T"), Name("\\top"), Name("t"))
TIME = "t"  # a step in time: x_t and h_{t-1} are arrays of their own
ENTRY_LETTERS = frozenset("ijkpqrstuvc")
LAST_LETTERS = frozenset("LNKHMn")
SQUARE = (Number(Fraction(2)),)


@dataclass(frozen=True, slots=True)
class Use:
    """A symbol where it stands; ``key`` is the name that a notation file would give it."""

    key: str
    layer: Index | None = None
    sample: str | None = None
    entries: tuple[str, ...] = ()
    turned: bool = False
    power: tuple[Expr, ...] = ()
    primes: int = 0


@dataclass(slots=True)
class Habits:
    """How a page writes its indices."""

    layers: set[str] = field(default_factory=set)  # letters that stand for a layer
    last: set[str] = field(default_factory=set)  # letters of the last layer
    below: set[str] = field(default_factory=set)  # symbols whose layer stands as a subscript
    layered: set[str] = field(default_factory=set)  # bases that a layer letter stands on
    bound: set[str] = field(default_factory=set)  # letters that a sum runs over
    symbols: set[str] = field(default_factory=set)  # what stands without any script
    labels: frozenset[tuple[str, str]] = frozenset()  # a symbol and the letter that tells it apart
    rows: frozenset[str] = frozenset()  # symbols whose lower index picks a sample
    squares: frozenset[str] = frozenset()  # symbols whose square is a quantity of its own


def pieces(part: Expr) -> Iterator[Expr]:
    """``jk`` and ``[l] T`` are two indices each, side by side."""
    if isinstance(part, Product) and part.sign == "":
        yield from pieces(part.left)
        yield from pieces(part.right)
    elif isinstance(part, Script) and isinstance(part.base, Bracket | Name | Number):
        yield part.base
        for sup in part.sup:
            yield from pieces(sup)
    else:
        yield part


def offset_of(piece: Expr) -> tuple[str | None, int] | None:
    """``l-1`` as its letter and its distance; a bare number has no letter."""
    inner = piece.arg if isinstance(piece, Bracket) else piece
    if isinstance(inner, Name) and (len(inner.text) == 1 or inner.text == "\\ell"):
        return inner.text, 0
    if isinstance(inner, Number) and inner.value.denominator == 1:
        return None, int(inner.value)
    if isinstance(inner, Add) and isinstance(inner.left, Name) and len(inner.left.text) <= 4:
        minus = isinstance(inner.right, Neg)
        step = inner.right.arg if isinstance(inner.right, Neg) else inner.right
        if isinstance(step, Number) and step.value.denominator == 1:
            return inner.left.text, -int(step.value) if minus else int(step.value)
    return None


def habits_of(trees: Iterable[Expr]) -> Habits:
    """How the formulas of a page write layers, samples and entries."""
    found = Habits()
    scripts: list[Script] = []
    for tree in trees:
        for node in walk(tree):
            if isinstance(node, Sum):
                found.bound.add(node.index)
            if isinstance(node, Script) and isinstance(node.base, Name):
                scripts.append(node)
        found.symbols |= set(bare_names(tree))
    uppers = [(script, piece) for script in scripts for sup in script.sup for piece in pieces(sup)]
    lowers = [(script, piece) for script in scripts for sub in script.sub for piece in pieces(sub)]
    _note_uppers(uppers, found)
    if not found.layers:
        _note_lowers(lowers, found)
    _note_last([*uppers, *lowers], found)
    return found


def bare_names(tree: Expr) -> Iterator[str]:
    """Names that stand without a script."""
    if isinstance(tree, Name):
        yield tree.text
    elif isinstance(tree, Script):
        if not isinstance(tree.base, Name):
            yield from bare_names(tree.base)
        elif not tree.sub and all(piece in TRANSPOSES for piece in tree.sup):
            yield tree.base.text
    else:
        for child in children(tree):
            yield from bare_names(child)


def loose_names(tree: Expr) -> Iterator[str]:
    """Names without a script that are no bounds of a sum, and that no condition compares."""
    if isinstance(tree, Name):
        yield tree.text
    elif isinstance(tree, Script):
        if not isinstance(tree.base, Name):
            yield from loose_names(tree.base)
    elif isinstance(tree, Sum):
        yield from loose_names(tree.body)
    elif isinstance(tree, Relation):
        both = isinstance(tree.left, Name) and isinstance(tree.right, Name | Number)
        yield from () if both else (n for c in children(tree) for n in loose_names(c))
    else:
        for child in children(tree):
            yield from loose_names(child)


def _base(script: Script) -> str:
    return script.base.text if isinstance(script.base, Name) else ""


def _note_uppers(uppers: list[tuple[Script, Expr]], found: Habits) -> None:
    for _, piece in uppers:
        index = offset_of(piece)
        if index is None or index[0] is None or index[0] in found.bound or piece in TRANSPOSES:
            continue
        bracketed = isinstance(piece, Bracket) and piece.kind == "["
        if (index[1] or bracketed or index[0] in ("l", "\\ell")) and not index[0].isupper():
            found.layers.add(index[0])
    for script, piece in uppers:
        index = offset_of(piece)
        if index is not None and index[0] in found.layers:
            found.layered.add(_base(script))


def _note_lowers(lowers: list[tuple[Script, Expr]], found: Habits) -> None:
    """``a_{k-1}``: a letter that counts on or back below a symbol, and is no bound index."""
    for _, piece in lowers:
        index = offset_of(piece)
        letter = index[0] if index is not None and index[1] else None
        if letter and letter != TIME and letter not in found.bound:
            found.layers.add(letter)
    for script, piece in lowers:
        index = offset_of(piece)
        if index is not None and index[0] in found.layers:
            found.layered.add(_base(script))
            found.below.add(_base(script))


def _note_last(every: list[tuple[Script, Expr]], found: Habits) -> None:
    for script, piece in every:
        index = offset_of(piece)
        letter = index[0] if index is not None and index[0] in LAST_LETTERS else None
        if letter and _base(script) in found.layered and letter not in found.layers | found.bound:
            found.last.add(letter)
    for script, piece in every:
        index = offset_of(piece)
        if index is not None and index[0] in found.last and isinstance(piece, Bracket):
            found.layered.add(_base(script))


def use_of(node: Expr, habits: Habits) -> Use | None:
    """What a name with its scripts means; None where it is no symbol."""
    if isinstance(node, Name):
        return Use(node.text)
    if not (isinstance(node, Script) and isinstance(node.base, Name)):
        return None
    base = node.base.text
    if any(isinstance(piece, Relation) for sub in node.sub for piece in pieces(sub)):
        return None
    named = tuple(sub for n, sub in enumerate(node.sub) if _names(base, n, node.sub, habits))
    marked = node.sup[:1] if _is_mark(base, node.sup, habits) else ()
    name = Script(node.base, named, marked)
    use = Use(to_tex(name) if named or marked else base, primes=node.primes)
    lower = [piece for sub in node.sub[len(named) :] for piece in pieces(sub)]
    for piece in (piece for sup in node.sup[len(marked) :] for piece in pieces(sup)):
        found = _raised(use, base, piece, habits)
        if found is None:
            return None
        use = found
    for piece in lower:
        index = offset_of(piece)
        if index is None:
            return None
        letter, step = index
        if base in habits.rows and letter and not step and use.sample is None:
            use = replace(use, sample=letter)
        elif use.layer is None and base in habits.below:
            use = replace(use, layer=_layer(letter, step, habits))
        elif step and letter:
            return None
        else:
            use = replace(use, entries=(*use.entries, letter or str(step)))
    return use


def _is_mark(base: str, sup: tuple[Expr, ...], habits: Habits) -> bool:
    """Whether what stands above belongs to the name: a star, or the 2 of a variance."""
    return sup[:1] == (STAR,) or (base in habits.squares and sup == SQUARE)


def _names(base: str, position: int, sub: tuple[Expr, ...], habits: Habits) -> bool:
    """``W_1``, ``y_{pred}`` and ``W_f`` are symbols of their own; ``y_i`` is an entry of y."""
    if position:
        return False
    item = sub[0]
    if base in habits.below or base in habits.rows:
        return False
    if isinstance(item, Number):
        return True
    parts = list(pieces(item))
    step = offset_of(item)
    if step is not None and step[0] == TIME and TIME not in habits.bound:
        return True
    if not all(isinstance(part, Name) for part in parts):
        return False
    words = [part.text for part in parts if isinstance(part, Name)]
    if words and all((base, word) in habits.labels for word in words):
        return True
    if any(word in habits.bound or word in habits.layers for word in words):
        return False
    if len(words) == 1 and len(words[0]) > 1 and words[0] != "\\ell":
        return True
    return all(word in habits.symbols or word not in ENTRY_LETTERS for word in words)


def _raised(use: Use, base: str, piece: Expr, habits: Habits) -> Use | None:
    """The use with one superscript more: a transpose, a layer, a sample or a power."""
    index = offset_of(piece)
    if piece in TRANSPOSES and not (index and index[0] in habits.layers | habits.last):
        return replace(use, turned=not use.turned)
    if index is not None and use.layer is None and _is_layer(base, piece, index, habits):
        return replace(use, layer=_layer(*index, habits))
    if isinstance(piece, Bracket) and index is not None:
        letter, step = index
        if letter is None:  # W^{[1]} is a symbol of its own
            inner = Name(use.key) if use.key == base else None
            return None if inner is None else replace(use, key=f"{base}^{{{_shown(piece)}}}")
        return None if step or use.sample else replace(use, sample=letter)
    if index is not None and index[0] in habits.bound and not index[1] and use.sample is None:
        return replace(use, sample=index[0])
    return replace(use, power=(*use.power, piece))


def _shown(piece: Bracket) -> str:
    closing = {"[": "]", "(": ")"}[piece.kind]
    return f"{piece.kind}{to_tex(piece.arg)}{closing}"


def _is_layer(base: str, piece: Expr, index: tuple[str | None, int], habits: Habits) -> bool:
    letter = index[0]
    if base not in habits.layered:
        return False
    if letter is None:
        return isinstance(piece, Bracket) or base not in habits.below
    return letter in habits.layers or letter in habits.last


def _layer(letter: str | None, step: int, habits: Habits) -> Index:
    return Index(LAST if letter in habits.last else letter, step)


def is_upper(key: str) -> bool:
    """Whether a symbol is written with a capital, so that it is a matrix as a rule."""
    inner = re.sub(r"\\(?:hat|tilde|bar|widehat|widetilde|overline|dot)\b|[{}]", "", key)
    letters = inner.lstrip("\\")
    return letters[:1].isupper()
