"""At a terminal: a bar while the work runs, and an end when somebody stops it."""

import sys
from pathlib import Path

import pytest

from derivations import check
from derivations.cli import main
from derivations.report import progress

PAGE = """```notation
[shape]
c = "scalar"
```

$$c + c = 2 c$$
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "notes.md"
    path.write_text(PAGE, encoding="utf-8")
    return path


def stopped(*arguments: str) -> object:
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    return caught.value.code


def test_a_bar_runs_on_standard_error_and_leaves_the_report_as_it_is(
    page: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stopped("check", str(page)) == 0
    quiet = capsys.readouterr()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    assert stopped("check", str(page)) == 0
    watched = capsys.readouterr()
    assert watched.out == quiet.out
    assert quiet.err == ""
    assert "checking" in watched.err


def test_an_interrupted_run_ends_with_the_signals_code(
    page: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*arguments: object, **settings: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "each_check", interrupt)
    assert stopped("check", str(page)) == 130
    assert capsys.readouterr().out == ""


def test_help_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert stopped("--help") == 0
    assert "check" in capsys.readouterr().out
