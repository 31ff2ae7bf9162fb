"""What a terminal shows: as wide as it is, plain when piped, and its numbers tell sides apart."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from derivations.answer import AsPrinted, Counterexample, Strength, Verdict
from derivations.check import DocumentCheck, check_document
from derivations.report.explain import explain_claim
from derivations.report.terminal import NARROW, WIDEST, document_table, plain
from derivations.report.words import counterexample_pairs, strength_text
from tests.report.documents import RIGHT, UNREADABLE, WRONG, write_page

ROOT = Path(__file__).parents[2]
COLOURING = ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS")
COMMAND = (sys.executable, "-c", "from derivations.cli import main; main()", "check")


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> DocumentCheck:
    path = tmp_path_factory.mktemp("terminal") / "notes.md"
    return check_document(write_page(path, *RIGHT, WRONG, UNREADABLE, "A = W X"))


@pytest.mark.parametrize("width", [20, 40, NARROW - 1, NARROW, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal_and_no_claim_is_lost(
    check: DocumentCheck, width: int
) -> None:
    text = plain(document_table([check]), width)
    assert max(map(len, text.splitlines())) <= min(width, WIDEST)
    for claim, verdict in check.claims:
        own = re.search(rf"^ *L?{claim.line} +\S.*$", text, re.MULTILINE)
        assert own is not None
        after = text[own.start() :]
        assert verdict.as_printed.value in " ".join(after.split())[: 4 * width]


def test_the_signs_in_the_formulas_are_explained_once(check: DocumentCheck) -> None:
    text = plain(document_table([check]))
    assert text.count("ᵀ is the transpose") == 1
    assert "Σ[samples] sums" not in text


def test_explanations_form_a_tree_with_every_claim_of_that_name(tmp_path: Path) -> None:
    path = write_page(tmp_path / "notes.md", RIGHT[2], WRONG)
    text = explain_claim("dL/dW", path)
    roots = [line for line in text.splitlines() if line.startswith("L")]
    assert len(roots) == 2
    assert "├── derivation, every step checked by itself" in text
    assert "└── counterexample" in text
    assert "    └── true = [" in text
    assert max(map(len, text.splitlines())) <= 100


def example(printed: str, true: str) -> Counterexample:
    return Counterexample(
        shapes={}, values={"\\lambda": [[2]]}, printed=None, true=None,
        printed_digits=[[printed, "1"]], true_digits=[[true, "1"]],
    )  # fmt: skip


def test_both_sides_are_shown_with_the_digits_that_tell_them_apart() -> None:
    close = example("0.500000000000000000001", "0.500000000000000000002")
    far = example("0.500000000000000000001", "10.000000000000000000000")
    assert dict(counterexample_pairs(far)) == {
        "λ": "[2]", "printed": "[0.5 1]", "true": "[10 1]",
    }  # fmt: skip
    pairs = dict(counterexample_pairs(close))
    assert pairs["printed"] != pairs["true"]


def test_what_was_only_tested_is_not_called_proved() -> None:
    for strength in Strength:
        verdict = Verdict(
            as_printed=AsPrinted.HOLDS, reason="", strength=strength, method="why", cost=0
        )
        assert strength_text(verdict).startswith(strength.value)
        assert ("no proof" in strength_text(verdict)) == (strength is not Strength.PROVED)


def seen(path: Path, **environment: str) -> str:
    """What the command writes to a terminal of 90 columns."""
    ours, theirs = pty.openpty()
    keep = {name: value for name, value in os.environ.items() if name not in COLOURING}
    keep |= {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
    with subprocess.Popen(
        [*COMMAND, str(path)], stdout=theirs, stderr=subprocess.DEVNULL,
        env={**keep, "COLUMNS": "90", **environment},
    ) as process:  # fmt: skip
        os.close(theirs)
        text = b""
        try:
            while part := os.read(ours, 65536):
                text += part
        except OSError:  # the other side is closed
            pass
        process.wait()
    os.close(ours)
    return text.decode()


def test_a_terminal_sees_colour_unless_it_is_declined_and_a_pipe_none(tmp_path: Path) -> None:
    path = write_page(tmp_path / "notes.md", RIGHT[0], WRONG)
    assert "\x1b[31mfails" in seen(path)
    assert "\x1b[31m" not in seen(path, NO_COLOR="1")
    assert "fails" in seen(path, NO_COLOR="1")
    piped = subprocess.run(
        [*COMMAND, str(path)], capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert "\x1b" not in piped.stdout
    assert "fails" in piped.stdout
