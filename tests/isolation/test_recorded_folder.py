"""Verdicts of a whole folder, recorded and expected: a change in either direction fails."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from derivations.cli import main
from tests.isolation.notes import RIGHT, WRONG, write_notes

Run = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    write_notes(tmp_path / "docs" / "a.md", RIGHT)
    write_notes(tmp_path / "docs" / "sub" / "b.md", WRONG)

    def call(*options: str) -> tuple[int, list[str]]:
        with pytest.raises(SystemExit) as stopped:
            main(["check", "docs", "--jobs", "0", "--format", "github", *options])
        return int(stopped.value.code or 0), capsys.readouterr().err.splitlines()

    assert call("--record", "verdicts.json") == (1, [])
    return call


def test_a_folder_whose_verdicts_are_those_recorded_passes(run: Run) -> None:
    """Although a formula in it is wrong: that is known."""
    assert run("--expect", "verdicts.json") == (0, [])
    places = [
        entry["document"] for entry in json.loads(Path("verdicts.json").read_text())["verdicts"]
    ]
    assert places == ["docs/a.md", "docs/sub/b.md"]


@pytest.mark.parametrize(
    ("name", "before", "after", "told"),
    [
        ("a.md", "holds", "fails", "recorded fails, now holds"),
        ("sub/b.md", "fails", "holds", "recorded holds, now fails"),
    ],
)
def test_a_verdict_that_is_better_or_worse_than_recorded_fails(
    run: Run, name: str, before: str, after: str, told: str
) -> None:
    lines = Path("verdicts.json").read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(lines) if f'"docs/{name}"' in line)
    lines[at + 1] = lines[at + 1].replace(f'"{before}"', f'"{after}"')
    Path("verdicts.json").write_text("\n".join(lines), encoding="utf-8")
    code, err = run("--expect", "verdicts.json")
    assert code == 1
    assert len(err) == 1
    assert err[0].startswith(f"docs/{name}:1: ")
    assert err[0].endswith(told)


def test_documents_that_come_and_go_are_differences_too(run: Run, tmp_path: Path) -> None:
    write_notes(tmp_path / "docs" / "c.md", RIGHT)
    (tmp_path / "docs" / "a.md").unlink()
    code, err = run("--expect", "verdicts.json")
    assert code == 1
    assert [line.split(": ")[-1] for line in err] == [
        "not recorded, now holds",
        "recorded as holds, now not there",
    ]
    assert "docs/c.md" in err[0]
    assert "docs/a.md" in err[1]


def test_a_file_of_the_call_is_never_written_over(run: Run) -> None:
    before = Path("docs/a.md").read_text(encoding="utf-8")
    code, err = run("--record", "docs/a.md")
    assert (code, len(err)) == (3, 1)
    assert Path("docs/a.md").read_text(encoding="utf-8") == before
