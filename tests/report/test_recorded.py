"""Recorded verdicts: equal ones pass, every change shows, and a bad file is named."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from derivations.check import DocumentCheck, check_document
from derivations.cli import main
from derivations.report.recorded import differences, load, record
from tests.report.documents import RIGHT, UNREADABLE, WRONG, write_page


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, arguments)])


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return write_page(tmp_path / "notes.md", *RIGHT, WRONG, UNREADABLE)


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> DocumentCheck:
    path = tmp_path_factory.mktemp("checked") / "notes.md"
    return check_document(write_page(path, *RIGHT, WRONG, UNREADABLE))


def test_equal_verdicts_pass_although_a_claim_fails(notes: Path) -> None:
    file = notes.with_name("expected.json")
    assert run(notes, "--record", file).exit_code == 1
    done = run(notes, "--expect", file)
    assert (done.exit_code, done.stderr) == (0, "")


def test_a_record_is_one_line_a_claim_and_moves_with_its_document(
    check: DocumentCheck,
) -> None:
    file = Path(check.document).with_name("expected.json")
    record([check], file)
    lines = file.read_text().splitlines()
    assert len([line for line in lines if '"as_printed"' in line]) == len(check.claims)
    assert '"document": "notes.md"' in file.read_text()
    assert str(file.parent) not in file.read_text()


@pytest.mark.parametrize(
    ("formulas", "text"),
    [
        ([*RIGHT, RIGHT[2].replace("2", "4"), UNREADABLE], "not recorded, now fails"),
        ([*RIGHT, UNREADABLE], "recorded as fails, now not there"),
        ([*RIGHT, WRONG, UNREADABLE, RIGHT[0]], "not recorded, now holds"),
    ],
)
def test_a_claim_that_came_or_went_is_one_line(notes: Path, formulas: list[str], text: str) -> None:
    file = notes.with_name("expected.json")
    record([check_document(notes)], file)
    write_page(notes, *formulas)
    done = run(notes, "--expect", file)
    assert done.exit_code == 1
    assert text in done.stderr


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("as_printed", "holds", "recorded holds, now fails"),
        ("reading_tex", "x", "recorded reading x, now"),
        ("cost", 3, "recorded cost 3, now 1"),
    ],
)
def test_every_recorded_field_is_compared(
    check: DocumentCheck, field: str, value: object, text: str
) -> None:
    file = Path(check.document).with_name("expected.json")
    record([check], file)
    data = json.loads(file.read_text())
    claims = data["verdicts"][0]["claims"]
    wrong = next(name for name, kept in claims.items() if kept["as_printed"] == "fails")
    claims[wrong][field] = value
    file.write_text(json.dumps(data))
    [line] = differences(load(file), [check], file)
    assert text in line
    assert line.startswith(f"notes.md:{next(c.line for c, _ in check.claims if c.id == wrong)}: ")


def test_a_document_that_was_not_checked_is_missed(check: DocumentCheck) -> None:
    file = Path(check.document).with_name("expected.json")
    other = check_document(write_page(file.with_name("other.md"), RIGHT[0]))
    record([check, other], file)
    [line] = differences(load(file), [check], file)
    assert line.startswith("other.md: ")
    assert line.endswith("recorded as holds, now not there")


@pytest.mark.parametrize(
    ("content", "line", "text"),
    [
        (b'{"verdicts": [\n,]}', 2, "not JSON"),
        (b"[]", 1, "no list under 'verdicts'"),
        (b'{"verdicts": [{"document": "a"}]}', 1, "an entry has document"),
        (b'{"verdicts": [\n\xff]}', 2, "not UTF-8"),
        (b"[" * 100_000, 1, "nested too deeply"),
        (b'{"verdicts": [' + b"9" * 5000 + b"]}", 1, "number too long"),
        (b'{"verdicts": [\n], "verdicts": []}', 1, "stands there twice"),
    ],
)
def test_a_malformed_record_is_named_with_its_line_and_the_remedy(
    tmp_path: Path, content: bytes, line: int, text: str
) -> None:
    file = tmp_path / "expected.json"
    file.write_bytes(content)
    done = run("--expect", file)
    assert done.exit_code == 3
    assert done.stderr.startswith(f"gradproof: {file}:{line}: ")
    assert text in done.stderr
    assert "--record" in done.stderr
    assert len(done.stderr.splitlines()) == 1


CLAIM = {"as_printed": "holds", "reading_tex": "x", "cost": 0}


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ({**CLAIM, "as_printed": "hold"}, "is one of"),
        ({**CLAIM, "as_printed": []}, "is one of"),
        ({**CLAIM, "cost": True}, "whole number"),
        ({**CLAIM, "reading_tex": 3}, "a text or null"),
        ({**CLAIM, "more": 1}, "nothing else"),
    ],
)
def test_a_malformed_verdict_is_found_by_its_line(
    tmp_path: Path, claim: dict[str, object], text: str
) -> None:
    file = tmp_path / "expected.json"
    good, bad = json.dumps(CLAIM), json.dumps(claim)
    file.write_text(
        '{"verdicts": [\n{"document": "a.md", "convention": "default", "claims": {\n'
        f'"good": {good},\n"bad": {bad}}}}}]}}'
    )
    done = run("--expect", file)
    assert done.exit_code == 3
    assert f"{file}:4: " in done.stderr
    assert text in done.stderr


def test_a_missing_record_and_a_call_with_both_are_refused(notes: Path) -> None:
    missing = notes.with_name("no.json")
    done = run(notes, "--expect", missing)
    assert (done.exit_code, len(done.stderr.splitlines())) == (3, 1)
    assert "no such file" in done.stderr
    assert run(notes, "--expect", missing, "--record", missing).exit_code == 3


@pytest.mark.parametrize("option", ["--record", "--output"])
def test_no_output_takes_the_place_of_an_input(notes: Path, option: str) -> None:
    before = notes.read_bytes()
    done = run(notes, option, notes)
    assert done.exit_code == 3
    assert notes.read_bytes() == before


def test_a_record_that_cannot_be_written_leaves_nothing(notes: Path) -> None:
    (notes.parent / "taken").mkdir()
    for target in (notes.parent / "no" / "expected.json", notes.parent / "taken"):
        done = run(notes, "--record", target)
        assert (done.exit_code, len(done.stderr.splitlines())) == (3, 1)
    assert sorted(path.name for path in notes.parent.iterdir()) == ["notes.md", "taken"]
