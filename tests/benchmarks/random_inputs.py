"""Structured random inputs, none of which may end in an exception that is not a refusal.

``python -m tests.benchmarks.random_inputs [--count 300000] [--seed N]``: formulas and notation
files are read, pages are read and their notation drafted, claims are judged.  Half of each kind are
pieces in any order, half are real ones with a few pieces changed.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path

from derivations.claims.claim import read_claims
from derivations.claims.model import Model
from derivations.claims.notation_file import parse_notation
from derivations.document.latex import latex_page
from derivations.document.lexer import Vocabulary
from derivations.document.markdown import Page, parse_page
from derivations.document.notebook import notebook_page
from derivations.document.statements import parse_formula
from derivations.drafting.draft import draft_notation
from derivations.errors import GradproofError
from derivations.verdict import Judge
from tests.reading.hostile import FORMULAS, NOTATIONS, random_formula

CORPUS = Path(__file__).parents[1] / "corpus"
TOKEN = re.compile(r"\\[A-Za-z]+|\w+|\n|\s+|.", re.DOTALL)
DELIMITERS = [("$", "$"), ("$$", "$$"), ("\\(", "\\)"), ("\\[", "\\]"), ("```math\n", "\n```")]
DELIMITERS += [(f"\\begin{{{name}}}", f"\\end{{{name}}}") for name in ("align", "equation", "x")]
PROSE = [
    "# Title",
    "Let",
    "be",
    "where",
    "with samples as rows,",
    "",
    "| a | b |",
    "> ",
    "- ",
    "1. ",
]
PROSE += ['```notation\n[shape]\nx = "m n"', "```", "<!-- gradproof: skip, later -->", "<b>", "$"]
PROSE += ["\\newcommand{\\a}[1]{#1 x}", ".. math::\n\n   x = y", "\\in \\mathbb{R}^{m \\times n}"]
PROSE += ["the gradient of", "is a column vector", "---", "**", "\\$", "|---|---|"]
KEYS = ["m", "n", "k", "x", "X", "W", "b", "L", "Z", "A", "Y", "y", "\\alpha", "index", "last", "*"]
KEYS += ["forward", "loss", "", "\\odot", "d[l]", "\\sigma", "l"]
SHAPES = ["m n", "n 1", "scalar", "d[l-1] d[l]", "m k", "1 n", "m d[l]", "n n"]
SECTIONS: dict[str, list[object]] = {
    "sizes": ["samples", "inputs", "outputs"],
    "shape": [*SHAPES],
    "layers": ["l", "N", "d"],
    "model": ["L", ["Z = X W"], ["Z = X W + b", "A = \\sigma(Z)"], ["L = \\|Z\\|^2"]],
    "functions": ["sigmoid", "tanh", "relu", "any"],
    "product": ["matrix product", "Hadamard", ["matrix product", "Hadamard"]],
    "alias": ["W", "X^T", "\\frac{\\partial L}{\\partial W}"],
    "samples": ["X", "X^T"],
    "domain": ["positive", "(0, 1)", "0 to 1", "real"],
    "at": ["N", "1"],
    "bare": ["N", "1"],
    "example": [[[1, 2], [3, 4]], [[0.5]]],
    "operator": ["x"],
}
VALUES: list[object] = [value for values in SECTIONS.values() for value in values] + [3, True, "("]


@cache
def pages() -> list[str]:
    """Real pages, in whose formulas and sentences things are changed."""
    return [path.read_text(encoding="utf-8") for path in sorted(CORPUS.glob("*.md"))]


@cache
def formulas() -> list[str]:
    return [item.tex for text in pages() for item in parse_page(text).items if hasattr(item, "tex")]


@cache
def words() -> Vocabulary:
    """The macros of all pages together, and some names."""
    macros = {name: found for text in pages() for name, found in parse_page(text).macros.items()}
    names = frozenset("xyzabhWXbLZAYJ") | {"diag", "\\theta", "\\delta"}
    return Vocabulary(
        functions=frozenset({"\\sigma", "f", "g"}), symbols=frozenset(names), macros=macros
    )


@cache
def notations() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(CORPUS.glob("*.toml"))]


def changed(text: str, chance: random.Random, pool: list[str]) -> str:
    """The text with one to four of its pieces dropped, doubled, moved, or replaced."""
    tokens = TOKEN.findall(text)
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        at, other = chance.randrange(len(tokens) + 1), chance.randrange(len(tokens) + 1)
        lent = TOKEN.findall(chance.choice(pool)) or [""]
        kind = chance.randrange(4)
        if kind == 0:
            del tokens[at : at + chance.randint(1, 3)]
        elif kind == 1:
            tokens[at:at] = tokens[other : other + chance.randint(1, 6)]
        elif kind == 2:
            start = chance.randrange(len(lent))
            tokens[at : at + 1] = lent[start : start + chance.randint(1, 4)]
        else:
            tokens[at : at + 1] = [
                chance.choice(["{", "}", "(", ")", "^", "_", "'", "=", "\\", "&"])
            ]
    return "".join(tokens)


def random_tex(chance: random.Random) -> str:
    if chance.random() < 0.5:
        return random_formula(chance)
    return changed(chance.choice(formulas()), chance, formulas() + FORMULAS[:40])


def random_notation(chance: random.Random) -> str:
    if chance.random() < 0.5:
        return changed(chance.choice(notations()), chance, notations() + NOTATIONS)
    lines = []
    for section in chance.sample(list(SECTIONS), chance.randint(1, 5)):
        lines.append(f"[{section}]")
        for key in chance.sample(KEYS, chance.randint(0, 4)):
            mostly = SECTIONS[section] if chance.random() < 0.9 else VALUES
            lines.append(f"{json.dumps(key)} = {json.dumps(chance.choice(mostly))}")
    return "\n".join(lines)


def random_page(chance: random.Random) -> str:
    if chance.random() < 0.5:
        start = chance.randrange(len(whole := chance.choice(pages())))
        return changed(whole[start : start + chance.randint(100, 1500)], chance, pages())
    parts = []
    for _ in range(chance.randint(1, 8)):
        left, right = chance.choice(DELIMITERS)
        parts.append(chance.choice(PROSE))
        parts.append(f"{left}{random_tex(chance)}{right if chance.random() < 0.95 else ''}")
    return chance.choice([" ", "\n", "\n\n"]).join(parts)


# -- what is done with them --------------------------------------------------------------
def reads_formula(chance: random.Random) -> None:
    parse_formula(random_tex(chance), words())


def reads_notation(chance: random.Random) -> None:
    for notation in parse_notation(random_notation(chance), "n.toml").values():
        Model(notation)


def opened(text: str, chance: random.Random) -> Page:
    kind = chance.randrange(6)
    if kind == 0:
        return latex_page(text)
    if kind == 1:
        cells = [{"cell_type": "markdown", "metadata": {}, "source": text}]
        book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        return notebook_page(json.dumps(book), "page.ipynb")
    return parse_page(text, dollars=kind != 2)


def reads_page(chance: random.Random) -> None:
    opened(random_page(chance), chance)


def drafts(chance: random.Random) -> None:
    """A draft that its own reader refuses is an error of ours."""
    page = opened(random_page(chance), chance)
    if not page.items or page.notation is not None:
        return
    draft = draft_notation(page)
    try:
        notation = next(iter(parse_notation(draft, "draft").values()))
        Model(notation)
    except GradproofError as error:
        raise AssertionError(f"{error}\n{draft}") from error
    read_claims(page, notation)


def judges(chance: random.Random) -> None:
    """One changed formula of a real page, under that page's notation."""
    at = chance.randrange(len(pages()))
    notation = next(iter(parse_notation(notations()[at], "n.toml").values()))
    items = [item.tex for item in parse_page(pages()[at]).items if hasattr(item, "tex")]
    tex = random_formula(chance)
    if chance.random() < 0.8:
        tex = changed(chance.choice(items), chance, items)
    for claim in read_claims(parse_page(f"$$\n{tex}\n$$"), notation):
        judge = Judge(notation, chance.choice([0, 0, 0, 1]))
        judge.seconds = 5.0
        verdict = judge.judge(claim)
        if verdict.contradiction:
            raise AssertionError(f"{claim.tex}: {verdict.contradiction}")


KINDS: dict[str, tuple[float, Callable[[random.Random], None]]] = {
    "formulas read": (0.6, reads_formula),
    "notation files read": (0.25, reads_notation),
    "pages read": (0.1, reads_page),
    "pages drafted": (0.03, drafts),
    "claims judged": (0.02, judges),
}


def tried(kind: str, seed: str) -> tuple[str, float]:
    """How one input ended, ``done``, ``refused`` or a traceback, and after how many seconds."""
    start, ended = time.process_time(), "done"
    try:
        KINDS[kind][1](random.Random(seed))
    except GradproofError:
        ended = "refused"
    except Exception:
        ended = traceback.format_exc()
    return ended, time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", choices=KINDS, help="only this one")
    asked = parser.parse_args()
    broken = 0
    for kind, (share, _) in KINDS.items():
        if asked.kind not in (None, kind):
            continue
        counts, slowest = {"done": 0, "refused": 0}, (0.0, "")
        for number in range(round(share * asked.count)):
            seed = f"{kind} {asked.seed} {number}"
            ended, seconds = tried(kind, seed)
            slowest = max(slowest, (seconds, seed))
            if ended in counts:
                counts[ended] += 1
            else:
                broken += 1
                print(f"{seed}: {ended}", flush=True)
        print(
            f"{kind:<20}{sum(counts.values()):8} of which {counts['refused']} are refused; ", end=""
        )
        print(f"the slowest takes {slowest[0]:.2f} s ({slowest[1]})", flush=True)
    print(f"{broken} end in an exception")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
