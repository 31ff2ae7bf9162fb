"""Documents as test files, as somebody with notes of their own runs them."""

from importlib.metadata import entry_points
from pathlib import Path

import pytest

from derivations.check import check_document
from derivations.report.recorded import record
from tests.report.documents import RIGHT, UNREADABLE, WRONG, write_page

pytest_plugins = ("pytester",)
INSTALLED = any(point.name == "gradproof" for point in entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "derivations.pytest_plugin")


@pytest.fixture
def notes(pytester: pytest.Pytester) -> Path:
    return write_page(pytester.path / "notes.md", *RIGHT, WRONG, UNREADABLE)


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess(*PLUGIN, *options)


@pytest.mark.usefixtures("notes")
def test_three_right_one_wrong_one_unreadable(pytester: pytest.Pytester) -> None:
    done = run(pytester, "notes.md")
    done.assert_outcomes(passed=3, failed=2)
    done.stdout.fnmatch_lines(
        [
            "notes.md:36: ∂L/∂W = * fails as printed",
            "  reason    The two sides differ at *",
            "  closest   *",
            "  values    W = *",
            "  printed   *",
            "  true      *",
            "  repeat    pytest 'notes.md::L36 dL/dW'",
            "notes.md:40: *unreadable as printed",
            "  reason    cannot read it: *column 27",
            "notes.md: 3 holds, 1 fails, 1 unreadable",
            "  L36 dL/dW *",
            "  L40 unreadable *",
        ]
    )
    done.stdout.no_fnmatch_line("*Traceback*")
    done.stdout.no_fnmatch_line("*.py:*")


@pytest.mark.usefixtures("notes")
def test_the_line_that_repeats_a_failure_repeats_it(pytester: pytest.Pytester) -> None:
    run(pytester, "notes.md::L36 dL/dW").assert_outcomes(failed=1)
    run(pytester, "notes.md", "-k", "dL/dA").assert_outcomes(passed=1, deselected=4)
    run(pytester, "notes.md", "-x").assert_outcomes(passed=3, failed=1)
    run(pytester, "notes.md", "--lf").assert_outcomes(failed=1)


def test_no_document_is_collected_by_surprise(notes: Path, pytester: pytest.Pytester) -> None:
    assert run(pytester).ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert run(pytester, str(notes.parent)).ret == pytest.ExitCode.NO_TESTS_COLLECTED
    run(pytester, "--document", "notes.md").assert_outcomes(passed=3, failed=2)
    other = notes.rename(notes.with_suffix(".text"))
    run(pytester, "--document", other.name, "-k", "dL/dA").assert_outcomes(passed=1, deselected=4)


def test_recorded_errors_are_expected_strictly(notes: Path, pytester: pytest.Pytester) -> None:
    record([check_document(notes)], pytester.path / "expected.json")
    pytester.makeini("[pytest]\ngradproof_expect = expected.json\n")
    run(pytester, "notes.md").assert_outcomes(passed=3, xfailed=2)
    run(pytester, "notes.md", "-m", "gradproof_expect").assert_outcomes(xfailed=2, deselected=3)
    text = (pytester.path / "expected.json").read_text()
    one_fails, *_ = [line for line in text.splitlines() if '"holds"' in line]
    planted = text.replace(one_fails, one_fails.replace("holds", "fails"))
    (pytester.path / "expected.json").write_text(planted.replace('unreadable"', 'ill-typed"'))
    done = run(pytester, "notes.md")
    done.assert_outcomes(passed=2, xfailed=1, failed=2)
    done.stdout.fnmatch_lines(["*XPASS(strict)*recorded as fails*", "  recorded  ill-typed"])


def test_a_bad_record_and_a_bad_document_are_one_line(
    notes: Path, pytester: pytest.Pytester
) -> None:
    notes.write_text("no formula here\n")
    done = run(pytester, "notes.md")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*notes.md: no formula in it*"])
    done.stdout.no_fnmatch_line("*Traceback*")
    pytester.makeini("[pytest]\ngradproof_expect = no.json\n")
    done = run(pytester, "notes.md")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["ERROR: gradproof_expect: *no.json: no such file*"])


@pytest.mark.usefixtures("notes")
def test_processes_and_a_report_for_machines(pytester: pytest.Pytester) -> None:
    done = run(pytester, "notes.md", "-n", "2", "--junitxml", "report.xml")
    done.assert_outcomes(passed=3, failed=2)
    done.stdout.fnmatch_lines(["notes.md: *3 holds*"])
    text = (pytester.path / "report.xml").read_text(encoding="utf-8")
    assert '<property name="as_printed" value="unreadable"' in text


def test_links_of_one_chain_have_names_of_their_own(pytester: pytest.Pytester) -> None:
    write_page(pytester.path / "chain.md", f"{RIGHT[2]} = X^T \\frac{{2}}{{m}} (A - Y)")
    done = run(pytester, "chain.md", "--collect-only", "-q")
    names = [line for line in done.outlines if line.startswith("chain.md::L24")]
    assert names == ["chain.md::L24 dL/dW", "chain.md::L24 dL/dW (2)"]
