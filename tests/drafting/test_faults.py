"""A line on which the draft breaks down costs that line only."""

import random
from pathlib import Path

import pytest

from derivations.document.markdown import Formula, Page, parse_page
from derivations.drafting import draft as drafting
from derivations.drafting.draft import draft_notation
from derivations.drafting.faults import BeyondError, without_faults

ROOT = Path(__file__).parents[1]
LINES = [
    line
    for folder in ("drafting", "corpus")
    for path in sorted((ROOT / folder).glob("*.md"))
    for line in path.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("<!--")
]
PAGE = parse_page("$a = w x$\n\n$u = BAD$\n\n$v = 2 a$\n\n$t = BAD$\n")
MIXES, LINES_OF_ONE = 40, 15


def breaking_on(*marks: str):  # type: ignore[no-untyped-def]
    """A draft that lists the formulas that it uses, and cannot use those with a mark."""

    def draft(page: Page) -> str:
        used = [i.tex for i in page.items if isinstance(i, Formula) and i.skipped is None]
        if any(mark in tex for tex in used for mark in marks):
            raise ValueError("planted")
        return " ".join(used)

    return draft


def test_every_line_that_breaks_the_draft_is_left_out_and_no_other() -> None:
    text, faults = without_faults(PAGE, breaking_on("BAD"))
    assert text == "a = w x v = 2 a"
    assert [(fault.line, fault.why) for fault in faults] == [
        (3, "ValueError: planted"),
        (7, "ValueError: planted"),
    ]


def test_a_page_without_fault_is_drafted_whole() -> None:
    assert without_faults(PAGE, breaking_on())[1] == []


def test_an_error_that_no_line_brings_is_told_as_one_of_the_page() -> None:
    def broken(_: Page) -> str:
        raise ValueError("always")

    with pytest.raises(BeyondError) as told:
        without_faults(PAGE, broken)
    assert str(told.value.__cause__) == "always"


def test_what_a_left_out_line_defines_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken for given, it would make every slope that goes through it look wrong."""
    whole = drafting._drafted

    def breaking(page: Page) -> str:
        if any(i.line == 3 and i.skipped is None for i in page.items if isinstance(i, Formula)):
            raise ValueError("planted")
        return whole(page)

    monkeypatch.setattr(drafting, "_drafted", breaking)
    page = parse_page("$z = w x$\n\n$a = z^2$\n\n$L = a^2$\n\n$\\frac{dL}{dw} = 2 a x$")
    text = draft_notation(page)
    assert "# Line 3 is left out: an error of gradproof's own (ValueError: planted)." in text
    assert "'z = w x'" in text
    assert "\na = " not in text
    assert "'L = a^{2}'" not in text


def test_lines_of_all_documents_mixed_at_random_never_break_the_draft() -> None:
    chosen = random.Random(7)
    for _ in range(MIXES):
        text = "\n\n".join(chosen.choices(LINES, k=LINES_OF_ONE))
        assert "gradproof's own" not in draft_notation(parse_page(text)), text
