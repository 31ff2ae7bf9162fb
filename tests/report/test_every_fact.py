"""Whatever a verdict knows is told at every door that tells of verdicts."""

import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pytest

from derivations.answer import EXAMPLE, AsPrinted, Strength, Verdict, WrittenStep
from derivations.check import DocumentCheck, check_conventions, check_document
from derivations.claims.readings import Change, Edit
from derivations.document.lexer import Vocabulary
from derivations.document.tex import parse_expression
from derivations.numeric.check import check_gradient
from derivations.report import explain
from derivations.report.findings import explained
from derivations.report.html import as_html, check_html
from derivations.report.json import gradproof_version
from derivations.report.terminal import NARROW, document_table, document_text, plain
from derivations.report.words import strength_text
from derivations.sources import DRAFTED
from tests.report.documents import NOTATION, RIGHT, WRONG, write_page

SAMPLES, ONE = (parse_expression(tex, Vocabulary()) for tex in ("m", "1"))
FULL = Verdict(
    as_printed=AsPrinted.FAILS,
    reason="It is planted.",
    reading="X·Q",
    reading_tex="X Q",
    changes=(Change(Edit.SIGN, "x", "-x"), Change(Edit.SHIFT, "l", "l-1")),
    cost=3,
    rivals=("X·R",),
    scope="output layer only",
    strength=Strength.TESTED,
    floats="nan for abs(z) > 36",
    assuming=("i = j",),
    contradiction="proved and refuted",
    method="nobody tried",
)
CLOSEST = ("X·Q", "flip a sign (x → -x)", "shift the layer")
Door = Callable[[DocumentCheck], str]


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> DocumentCheck:
    path = write_page(tmp_path_factory.mktemp("facts") / "notes.md", RIGHT[0], WRONG)
    return check_document(path)


def given(check: DocumentCheck, verdict: Verdict) -> DocumentCheck:
    """The check, with that verdict on its last claim."""
    return replace(check, claims=(*check.claims[:-1], (check.claims[-1][0], verdict)))


DOORS: dict[str, tuple[Door, tuple[str, ...]]] = {
    "table": (
        lambda check: document_text([check]),
        (*CLOSEST, "2 edits that cost 3", "output layer only"),
    ),
    "narrow": (
        lambda check: " ".join(plain(document_table([check]), NARROW - 1).split()),
        (*CLOSEST, "2 edits that cost 3", "output layer only"),
    ),
    "lines": (
        lambda check: "\n".join(explained(check.claims[-1][1])),
        (*CLOSEST, "It is planted.", "output layer only", "i = j"),
    ),
    "page": (
        lambda check: as_html([check]),
        ("It is planted.", "output layer only", "i = j", "nan for abs(z) &gt; 36", "X·R",
         "nobody tried"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_every_door_tells_what_a_verdict_knows(check: DocumentCheck, door: str) -> None:
    show, due = DOORS[door]
    shown = show(given(check, FULL))
    assert [words for words in due if words not in shown] == []
    plainer = show(given(check, Verdict(as_printed=AsPrinted.FAILS, reason="None.")))
    assert [words for words in due if words in plainer] == []


def explanation(
    check: DocumentCheck, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    monkeypatch.setattr(explain.Judge, "judge", lambda judge, claim: verdict)
    text = explain.explain_claim(check.claims[-1][0].id, Path(check.document))
    return [line.strip("├─└│ ") for line in text.splitlines()]


def test_an_explanation_tells_every_fact_on_a_line(
    check: DocumentCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = explanation(check, FULL, monkeypatch)
    assert lines[1:] == [
        "as printed  fails",
        "It is planted.",
        "closest true formula  X·Q",
        "flip a sign (x → -x)",
        "shift the layer of the differentiated symbol (l → l-1)",
        "strength  tested on random shapes and values; no proof: nobody tried",
        "scope  output layer only",
        "assuming  i = j",
        "double precision  nan for abs(z) > 36",
        "as close  X·R",
    ]
    bare = Verdict(as_printed=AsPrinted.UNDECLARED, reason="Nothing is known.")
    lines = explanation(check, bare, monkeypatch)
    assert lines[1:] == ["as printed  undeclared", "Nothing is known."]


def test_a_step_that_its_replay_does_not_confirm_is_told_as_such(
    check: DocumentCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = tuple(
        WrittenStep(rule=rule, before=SAMPLES, after=ONE, checked=checked)
        for rule, checked in (("right", True), ("wrong", False))
    )
    found = check.claims[0][1].found
    assert found is not None
    lines = explanation(check, replace(FULL, found=found, steps=steps), monkeypatch)
    assert lines[-5:] == ["derivation", "right", "m = 1", "wrong  NOT CONFIRMED", "m = 1"]
    lines = explanation(check, replace(FULL, found=found, steps=steps[:1]), monkeypatch)
    assert lines[-3:] == ["derivation, every step checked by itself", "right", "m = 1"]
    lines = explanation(check, replace(FULL, found=found), monkeypatch)
    assert lines[-1] == "derivation  it cannot be written out in index notation"


def test_on_a_terminal_an_explanation_has_colours(
    check: DocumentCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = explain.explain_claim(check.claims[-1][0].id, Path(check.document))
    assert "\x1b[31mfails" in text


def test_an_error_of_ours_stands_below_the_table(check: DocumentCheck) -> None:
    claim = check.claims[-1][0]
    words = f"two routes contradict each other on {claim.id}: proved and refuted"
    assert words in document_text([given(check, FULL)])
    assert "contradict" not in document_text([check])
    assert given(check, FULL).exit_code == 4


def test_a_check_is_what_its_claims_are(check: DocumentCheck) -> None:
    assert not check
    assert check.exit_code == 1
    assert str(check) == document_text([check])
    right = replace(check, claims=check.claims[:1])
    assert right
    assert right.exit_code == 0
    assert not replace(check, claims=())
    undecided = Verdict(as_printed=AsPrinted.INCONCLUSIVE, reason="Who knows.")
    assert given(check, undecided).exit_code == 2


def test_a_drafted_notation_is_told_with_how_to_get_hold_of_it(check: DocumentCheck) -> None:
    drafted = replace(check, notation=DRAFTED, document="my notes.md")
    for shown in (document_text([drafted]), as_html([drafted])):
        assert "gradproof notation" in shown
        assert "my notes.toml" in shown
    assert "gradproof notation" not in document_text([check])


def test_strength_of_an_example_is_told_as_that() -> None:
    tested = replace(FULL, method=EXAMPLE)
    assert strength_text(tested) == f"tested {EXAMPLE}"


def test_a_page_in_full_shows_that_differences_say_so_too(
    tmp_path: Path,
) -> None:
    path = write_page(tmp_path / "notes.md", RIGHT[0], WRONG)
    page = as_html(check_conventions(path, in_full=True))
    assert page.count(">by differences<") == 1
    assert ">by differences<" not in as_html(check_conventions(path))


def test_a_gradient_that_agrees_has_no_table_of_entries() -> None:
    x = np.array([1.0, 2.0])
    right = check_gradient(lambda x: (x**2).sum(), lambda x: 2 * x, x)._repr_html_()
    wrong = check_gradient(lambda x: (x**2).sum(), lambda x: 3 * x, x)._repr_html_()
    assert "<table" not in right
    assert "2 shown wrong of 2 entries" in wrong


def test_a_program_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> str:
        raise PackageNotFoundError(name)

    assert gradproof_version() == version("gradproof")
    monkeypatch.setattr("derivations.report.json.version", unknown)
    assert gradproof_version() == "0"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> list[DocumentCheck]:
    """Two conventions: the loss as it is, and doubled."""
    path = tmp_path_factory.mktemp("two") / "notes.md"
    head, fence, _ = NOTATION.rpartition("```")
    half = r"'L = \frac{1}{2m} \operatorname{total}((A - Y)^2)'"
    second = f"[convention.half.model]\nloss = 'L'\nforward = ['A = X W', {half}]\n"
    formulas = f"$$\n{RIGHT[0]}\n$$\n\n$$\n{WRONG}\n$$\n"
    path.write_text(f"{head}\n[convention.whole]\n{second}{fence}\n\n{formulas}", encoding="utf-8")
    return check_conventions(path, convention="all")


def test_conventions_are_told_side_by_side(two: list[DocumentCheck]) -> None:
    table = " ".join(plain(document_table(two), 120).split())
    assert "whole half" in table
    assert "fails holds" in table
    narrow = plain(document_table(two), NARROW - 1)
    assert "  whole: fails\n" in narrow
    assert "  half: holds\n" in narrow
    page = as_html(two)
    assert "Details under whole" in page
    assert "Details under half" in page
    assert page.count("Details under") == 2
    assert check_html(two[0]).startswith("<")
