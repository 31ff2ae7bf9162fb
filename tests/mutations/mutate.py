"""One small change to a formula's TeX: every slip of the pen that a reader could overlook.

The changes are made to the text alone, so that nothing of the judge decides what is tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np


class Slip(Enum):
    SIGN = "sign"
    RELATION = "relation"
    INDEX = "index"
    OPERATOR = "operator"
    FACTOR = "factor"
    SYMBOL = "symbol"
    TRANSPOSE = "transpose"
    PRIME = "prime"
    TERM = "term"
    BOUND = "bound"
    ENTRY = "entry"
    BRACKET = "bracket"


@dataclass(frozen=True, slots=True)
class Mutant:
    slip: Slip
    origin: str
    tex: str


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of TeX, how deep it stands in brackets, and whether in a script."""

    text: str
    level: int
    script: bool
    named: bool  # the name of an environment, a colour or an operator, or between words


_PIECE = re.compile(r"\\[A-Za-z]+|\\.|[A-Za-z]{2,}|[A-Za-z]|\d+|\s+|.", re.DOTALL)
_NAMING = frozenset({"\\begin", "\\end", "\\color", "\\operatorname"})
_RELATIONS = frozenset({"=", "\\notin"})
_OTHER_RELATIONS = ("\\neq", "<", ">", "\\geq", "\\leq", ":=", "\\in", "\\notin")
_LETTERS = ("n", "i", "l", "N")
_SYMBOLS = ("A", "W", "X", "Y", "Z", "b", "L", "a", "y", "x", "m", "n", "k")
_OPERATORS = ("+", "-", "/", "\\odot ", "@", "\\cdot ")
_WORDS = {
    "sigmoid": ("\\tanh", "\\exp", ""),
    "log": ("\\exp", "\\tanh", ""),
    "rows": ("columns", "shape"),
    "columns": ("rows", "shape"),
}


def tokens(tex: str) -> list[Token]:
    """The pieces of a formula; joined they are the formula."""
    found: list[Token] = []
    scripts: list[bool] = []
    named = opens_script = opens_name = False
    for text in _PIECE.findall(tex):
        if text in "}])" and scripts:
            scripts.pop()
            named = named and text != "}"
        inside = opens_script or any(scripts)
        found.append(Token(text, len(scripts), inside, named))
        if text in "{[(":
            scripts.append(opens_script)
            named = named or (opens_name and text == "{")
        if not text.isspace():
            opens_script, opens_name = text in "^_", text in _NAMING
    return found


def mutants(tex: str) -> list[Mutant]:
    """Every mutant of a formula in a fixed order, none twice and none the formula itself."""
    found: dict[str, Mutant] = {}
    for slip, rule in _RULES:
        for changed in rule(tokens(tex)):
            if changed.split() != tex.split() and changed.strip():
                found.setdefault(changed, Mutant(slip, tex, changed))
    return list(found.values())


def spread(every: Sequence[Mutant], rounds: int, seed: int) -> list[list[Mutant]]:
    """One mutant of each formula in every round, of the kind of slip that came up least so far."""
    random = np.random.default_rng(seed)
    by_origin: dict[str, list[Mutant]] = {}
    for mutant in every:
        by_origin.setdefault(mutant.origin, []).append(mutant)
    times = dict.fromkeys(Slip, 0)
    drawn = []
    for _ in range(rounds):
        drawn.append([])
        for group in by_origin.values():
            slip = min((mutant.slip for mutant in group), key=lambda slip: times[slip])
            times[slip] += 1
            alike = [mutant for mutant in group if mutant.slip is slip]
            drawn[-1].append(alike[int(random.integers(len(alike)))])
    return drawn


# -- what the rules are made of ---------------------------------------------------------
Pieces = list[Token]


def _with(pieces: Pieces, start: int, stop: int, by: str) -> str:
    """The formula with the pieces from ``start`` up to ``stop`` replaced."""
    return "".join([*(p.text for p in pieces[:start]), by, *(p.text for p in pieces[stop:])])


def _right(pieces: Pieces) -> int:
    """Where the right side begins; 0 where there is no relation."""
    return next((n + 1 for n, p in enumerate(pieces) if p.text in _RELATIONS and not p.level), 0)


def _is_rule(pieces: Pieces, at: int) -> bool:
    """Whether a minus is part of a drawn line ``----``."""
    return "-" in [p.text for p in (*pieces[max(at - 1, 0) : at], *pieces[at + 1 : at + 2])]


def _closing(pieces: Pieces, at: int) -> int:
    """The place behind the bracket that closes the one at ``at``."""
    level = pieces[at].level
    return next(n + 1 for n in range(at + 1, len(pieces)) if pieces[n].level == level)


def _term_end(pieces: Pieces, at: int) -> int:
    """Where the term that starts at ``at`` ends, at the same level."""
    level = pieces[at].level
    for n in range(at, len(pieces)):
        if pieces[n].level < level or (pieces[n].text in "+-=" and pieces[n].level == level):
            return n
    return len(pieces)


def _term_start(pieces: Pieces, at: int) -> int:
    """Where the term that ends before ``at`` starts, at the same level."""
    level = pieces[at].level
    for n in range(at - 1, -1, -1):
        opens = pieces[n].text in "([{" and pieces[n].level == level - 1
        if opens or (pieces[n].text in "+-=" and pieces[n].level == level):
            return n + 1
    return 0


def _is_symbol(piece: Token) -> bool:
    return piece.text in _SYMBOLS and not piece.named


# -- the rules ------------------------------------------------------------------------
def _signs(pieces: Pieces) -> Iterator[str]:
    for n, piece in enumerate(pieces):
        if piece.text in "+-" and not piece.script and not _is_rule(pieces, n):
            yield _with(pieces, n, n + 1, "-" if piece.text == "+" else "+")
    if start := _right(pieces):
        yield _with(pieces, start, start, "-")


def _relations(pieces: Pieces) -> Iterator[str]:
    if start := _right(pieces):
        for other in _OTHER_RELATIONS:
            if other != pieces[start - 1].text:
                yield _with(pieces, start - 1, start, f" {other} ")


def _indices(pieces: Pieces) -> Iterator[str]:
    for n, piece in enumerate(pieces):
        if not piece.script or piece.named:
            continue
        if piece.text.isdigit():
            yield from (
                _with(pieces, n, n + 1, str(int(piece.text) + step))
                for step in (1, -1)
                if int(piece.text) + step >= 0
            )
        elif piece.text in _LETTERS:
            yield from (_with(pieces, n, n + 1, x) for x in (*_LETTERS, "1") if x != piece.text)
            braced = pieces[n - 1].text != "^"
            steps = ("+1", "-1") if braced else ("{%s+1}", "{%s-1}")
            for step in steps:
                yield _with(
                    pieces, n, n + 1, step % piece.text if "%" in step else piece.text + step
                )
        elif piece.text in "+-" and pieces[n + 1].text.isdigit():
            yield _with(pieces, n, n + 2, "")
            yield _with(pieces, n, n + 1, "-" if piece.text == "+" else "+")


def _operators(pieces: Pieces) -> Iterator[str]:
    for n, piece in enumerate(pieces):
        if piece.text == "*":
            yield from (_with(pieces, n, n + 1, other) for other in _OPERATORS)
        elif piece.text in "+-" and not piece.script and not _is_rule(pieces, n):
            yield _with(pieces, n, n + 1, "*")
        elif piece.text in _WORDS:
            yield from (_with(pieces, n, n + 1, other) for other in _WORDS[piece.text])
        elif piece.text == "\\sum":
            yield _with(pieces, n, _closing(pieces, n + 2) + 2, "")
        elif piece.text == "\\frac":
            middle = _closing(pieces, n + 1)
            end = _closing(pieces, middle)
            top, bottom = (
                "".join(p.text for p in pieces[a:b]) for a, b in ((n + 1, middle), (middle, end))
            )
            yield _with(pieces, n, end, f"\\frac{bottom}{top}")


def _factors(pieces: Pieces) -> Iterator[str]:
    whole = "".join(piece.text for piece in pieces)
    for found in re.finditer(re.escape("\\frac{1}{n}"), whole):
        start, stop = found.span()
        for other in ("\\frac{2}{n}", "", found.group() * 2, "\\frac{1}{m}", "\\frac{1}{k}",
                      "\\frac{1}{n-1}", "n "):  # fmt: skip
            yield whole[:start] + other + whole[stop:]
    if start := _right(pieces):
        for factor in ("2 * ", "\\frac{1}{2} ", "\\frac{1}{m} ", "\\alpha ", "m "):
            rest = "".join(piece.text for piece in pieces[start:])
            yield _with(pieces, start, len(pieces), f"{factor}({rest.strip()})")
    for n, piece in enumerate(pieces):
        if piece.text == "\\alpha":
            yield _with(pieces, n, n + 1, "")
            yield _with(pieces, n, n + 1, "2 \\alpha")
        elif piece.text.isdigit() and not piece.script and not piece.named:
            yield _with(pieces, n, n + 1, str(int(piece.text) + 1))


def _symbols(pieces: Pieces) -> Iterator[str]:
    places = [n for n, p in enumerate(pieces) if _is_symbol(p) and not p.script]
    for n in places:
        for other in _SYMBOLS:
            if other != pieces[n].text:
                yield _with(pieces, n, n + 1, other)
    used = list(dict.fromkeys(pieces[n].text for n in places))
    for first in used:
        for second in used[used.index(first) + 1 :]:
            swap = {first: second, second: first}
            yield "".join(swap.get(p.text, p.text) if _is_symbol(p) and not p.script else p.text
                          for p in pieces)  # fmt: skip


def _transposes(pieces: Pieces) -> Iterator[str]:
    for n, piece in enumerate(pieces):
        if piece.text == "(" and not piece.script:
            end = _closing(pieces, n)
            yield _with(pieces, end, end, "^T")
        if not _is_symbol(piece) or piece.script or pieces[n - 1].text in ("\\partial", "partial"):
            continue
        end = n + 1
        while end < len(pieces) and pieces[end].script | (pieces[end].text in "^_"):
            end += 1
        yield _with(pieces, n, end, "(" + _with(pieces[n:end], 0, 0, "") + ")^T")


def _primes(pieces: Pieces) -> Iterator[str]:
    for n, piece in enumerate(pieces):
        if piece.text in ("sigmoid", "log") or (_is_symbol(piece) and not piece.script):
            yield _with(pieces, n + 1, n + 1, "'")


def _terms(pieces: Pieces) -> Iterator[str]:
    for n, piece in enumerate(pieces):
        if piece.text in "+-" and not piece.script and not _is_rule(pieces, n):
            yield _with(pieces, n, _term_end(pieces, n + 1), "")
            first = _term_start(pieces, n)
            yield _with(pieces, first, n + (piece.text == "+"), "")


def _bounds(pieces: Pieces) -> Iterator[str]:
    whole = "".join(piece.text for piece in pieces)
    for old, others in (
        ("i=1}^n", ("i=0}^n", "i=2}^n", "i=1}^m", "i=1}^k", "i=1}^{n-1}", "i=1}^1", "j=1}^n")),
        ("from \\quad n-1", ("from \\quad n", "from \\quad n-2", "from \\quad N-1",
                             "from \\quad N+1", "from \\quad N", "from \\quad 1")),
        ("to \\quad 1", ("to \\quad 0", "to \\quad 2", "to \\quad n", "to \\quad N")),
        ("n-1 \\quad to \\quad 1", ("1 \\quad to \\quad n-1", "1 \\quad to \\quad n",
                                    "n \\quad to \\quad 1", "N \\quad to \\quad 2",
                                    "n \\quad to \\quad 2-1", "n-1+1 \\quad to \\quad 1")),
    ):  # fmt: skip
        if old in whole:
            yield from (whole.replace(old, other) for other in others)


def _entries(pieces: Pieces) -> Iterator[str]:
    whole = "".join(piece.text for piece in pieces)
    found = re.search(r"\\begin\{bmatrix\}(.*)\\end\{bmatrix\}", whole)
    if found is None:
        yield from (whole.replace(", ", comma) for comma in (", 1, ", " ", " * ") if "[" in whole)
        return
    rows = [row.split("&") for row in found.group(1).split("\\\\") if row.strip()]

    def shown(table: Sequence[Sequence[str]]) -> str:
        body = " \\\\ ".join(" & ".join(cell.strip() for cell in row) for row in table)
        return whole[: found.start(1)] + f" {body} " + whole[found.end(1) :]

    yield shown(list(zip(*rows, strict=True)))
    yield shown(rows[::-1])
    yield shown([row[::-1] for row in rows])
    yield shown(rows[:-1])
    yield shown([*rows, rows[-1]])
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            for other in (f"-{cell.strip()}", f"{int(cell) + 1}", f"{cell.strip()}.0", "m"):
                changed = [list(each) for each in rows]
                changed[r][c] = other
                yield shown(changed)


def _brackets(pieces: Pieces) -> Iterator[str]:
    for n, piece in enumerate(pieces):
        if piece.text == "(" and not piece.script:
            end = _closing(pieces, n)
            yield _with(pieces, n, end, "".join(p.text for p in pieces[n + 1 : end - 1]))


_RULES: tuple[tuple[Slip, Callable[[Pieces], Iterator[str]]], ...] = (
    (Slip.SIGN, _signs),
    (Slip.RELATION, _relations),
    (Slip.INDEX, _indices),
    (Slip.OPERATOR, _operators),
    (Slip.FACTOR, _factors),
    (Slip.SYMBOL, _symbols),
    (Slip.TRANSPOSE, _transposes),
    (Slip.PRIME, _primes),
    (Slip.TERM, _terms),
    (Slip.BOUND, _bounds),
    (Slip.ENTRY, _entries),
    (Slip.BRACKET, _brackets),
)
