"""No input runs code, opens a file, hangs or surprises: it is read, or refused in one line."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from derivations.claims.claim import read_claims
from derivations.claims.model import Model
from derivations.claims.notation_file import parse_notation
from derivations.document.lexer import Vocabulary
from derivations.document.markdown import Page, parse_page
from derivations.document.statements import parse_formula
from derivations.errors import FormulaError, GradproofError, NotationError
from derivations.verdict import Judge
from tests.reading.hostile import FORMULAS, HIDDEN, NOTATIONS, random_formula

WORDS = Vocabulary(functions=frozenset({"\\sigma"}), symbols=frozenset({"x", "y", "W"}))
NOTATION = parse_notation('[sizes]\nm = "samples"\n[shape]\nx = "scalar"\ny = "scalar"', "n.toml")
# Seconds to read one formula; a run that is traced, for its coverage, is no measure of time.
LIMIT = 0.05 if sys.gettrace() is None else 0.5
REFUSED = ("open", "exec", "compile", "import", "os.", "subprocess", "socket", "shutil", "ctypes")
watched: list[list[str]] = []


def _watch(event: str, _: object) -> None:
    if watched and event.startswith(REFUSED):
        watched[-1].append(event)


sys.addaudithook(_watch)


@contextmanager
def nothing_runs() -> Iterator[None]:
    """Inside, no file is opened, no module imported and no code compiled."""
    watched.append([])
    try:
        yield
    finally:
        events = watched.pop()
    assert events == []


def read(tex: str, words: Vocabulary = WORDS) -> str | None:
    """What a formula is refused for, or None if it is read."""
    try:
        parse_formula(tex, words)
    except FormulaError as error:
        return str(error)
    return None


def seconds(tex: str, words: Vocabulary = WORDS) -> float:
    """How much CPU reading takes: the best of three, for the machine has other work too."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        read(tex, words)
        taken.append(time.process_time() - start)
        if taken[-1] < LIMIT:
            break
    return min(taken)


def short(value: str) -> str:
    return ascii(value)[:40]


@pytest.mark.parametrize("tex", FORMULAS, ids=short)
def test_a_hostile_formula_is_read_or_refused_in_one_line(tex: str) -> None:
    with nothing_runs():
        message = read(tex)
    if message is not None:
        assert "\n" not in message
        assert len(message) < 200
        assert message.isprintable()


@pytest.mark.parametrize("tex", FORMULAS, ids=short)
def test_a_hostile_formula_is_read_or_refused_within_the_limit(tex: str) -> None:
    assert seconds(tex) < LIMIT


@pytest.mark.parametrize("tex", HIDDEN, ids=short)
def test_a_character_that_hides_is_refused_by_its_number(tex: str) -> None:
    message = read(tex)
    assert message is not None
    assert message.isascii()


@pytest.mark.parametrize("tex", FORMULAS, ids=short)
def test_a_hostile_formula_never_holds(tex: str) -> None:
    page = Page((), None, {})
    notation = NOTATION["default"]
    formula = parse_page("$$x$$").items[0]
    claims = read_claims(
        Page((type(formula)(tex, 1),), None, page.macros),  # type: ignore[call-arg]
        notation,
    )
    for claim in claims:
        verdict = Judge(notation, 0).judge(claim)
        assert verdict.as_printed.value != "holds" or claim.left == claim.right
        assert not verdict.contradiction


def test_there_are_many_hostile_inputs() -> None:
    assert len(FORMULAS) + len(NOTATIONS) >= 200


@pytest.mark.parametrize("text", NOTATIONS, ids=short)
def test_a_bad_notation_file_is_refused_in_one_line_with_its_place(text: str) -> None:
    """Some say nothing wrong by themselves; those are read."""
    message = complaint(text)
    if message is not None:
        assert "\n" not in message
        assert message.startswith("n.toml")


def complaint(text: str) -> str | None:
    """What a notation file is refused for, or None if it is read."""
    try:
        for notation in parse_notation(text, "n.toml").values():
            Model(notation)
    except NotationError as error:
        return str(error)
    return None


MACROS = {
    "deep": {"a": (0, "\\a\\a")},
    "wide": {chr(97 + n): (0, f"\\{chr(98 + n)}" * 99) for n in range(8)} | {"i": (0, "")},
    "long": {"a": (1, "#1" * 900)},
    "nested": {"a": (1, "\\a{#1#1}")},
    "unclosed": {"a": (1, "{#1")},
    "missing": {"a": (9, "#9")},
}


@pytest.mark.parametrize("name", MACROS)
def test_macros_expand_within_bounds(name: str) -> None:
    words = Vocabulary(symbols=frozenset({"x"}), macros=MACROS[name])
    assert seconds("\\a{\\a{\\a{x}}}", words) < LIMIT
    assert read("\\a{\\a{\\a{x}}}", words) is not None


PAGES = {
    "open brackets": "\\(" * 50_000,
    "open displays": "\\[\n" * 20_000,
    "open environments": "\\begin{align}\n" * 20_000,
    "dollars": "$" * 20_000,
    "dollar pairs": "$ $" * 10_000,
    "spaces after newcommand": "\\newcommand" + " " * 100_000,
    "newcommands": "\\newcommand{\\a}{" * 5_000,
    "directive without end": "<!-- gradproof: skip, " + " " * 100_000,
    "comments without end": "<!--" * 20_000,
    "quotes": ">" * 5_000,
    "lists": "- " * 5_000,
    "tables": "|" * 20_000 + "\n" + "|-" * 10_000,
    "emphasis": "*" * 20_000,
    "links": "[" * 20_000,
    "backticks": "`" * 20_000,
    "nul": "\x00$x$\x00",
    "surrogate": "\ud800$x$",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_page_is_read_in_time(name: str) -> None:
    start = time.process_time()
    with nothing_runs():
        parse_page(PAGES[name])
    assert time.process_time() - start < 5


def test_random_formulas_are_read_or_refused() -> None:
    chance = random.Random(5)
    read_in_full = 0
    with nothing_runs():
        for _ in range(6000):
            read_in_full += read(random_formula(chance)) is None
    assert read_in_full > 100


def test_random_formulas_are_judged_without_an_error_of_ours() -> None:
    chance = random.Random(6)
    notation = NOTATION["default"]
    judge = Judge(notation, 0)
    formula = type(parse_page("$$x$$").items[0])
    for _ in range(1500):
        tex = random_formula(chance)
        try:
            claims = read_claims(Page((formula(tex, 1),), None, {}), notation)  # type: ignore[call-arg]
        except GradproofError as error:
            pytest.fail(f"{tex}: {error}")
        for claim in claims:
            assert not judge.judge(claim).contradiction, tex
