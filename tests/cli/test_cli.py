"""The command as a person meets it: exit codes, one line for each mistake, the same bytes twice."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from derivations.check import BUILT_IN
from derivations.cli import main

NOTATION = """[sizes]
m = "samples"
n = "inputs"
[shape]
X = "m n"
w = "n 1"
y = "m 1"
L = "scalar"
[model]
loss = "L"
forward = ['L = \\frac{1}{2m} \\|X w - y\\|^2']
"""
RIGHT = r"$\frac{\partial L}{\partial w} = \frac{1}{m} X^T (X w - y)$"
WRONG = r"$\frac{\partial L}{\partial w} = \frac{2}{m} X^T (X w - y)$"
UNKNOWN = r"$\frac{\partial L}{\partial w} = \frac{1}{m} Q^T (X w - y)$"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    (tmp_path / "notation.toml").write_text(NOTATION, encoding="utf-8")

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return int(stopped.value.code or 0), captured.out, captured.err

    return call


def page(folder: Path, *formulas: str) -> Path:
    path = folder / "notes.md"
    path.write_text("\n\n".join(formulas) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("formulas", "code"),
    [((RIGHT,), 0), ((RIGHT, WRONG), 1), ((RIGHT, UNKNOWN), 2), (("$w$",), 2)],
)
def test_the_exit_code_says_what_was_found(
    run: Run, tmp_path: Path, formulas: tuple[str, ...], code: int
) -> None:
    path = page(tmp_path, *formulas)
    assert run("check", path, "--notation", tmp_path / "notation.toml")[0] == code


def test_an_unknown_symbol_is_told_with_the_line_to_add(run: Run, tmp_path: Path) -> None:
    path = page(tmp_path, UNKNOWN)
    out = run("check", path, "--notation", tmp_path / "notation.toml", "--format", "json")[1]
    reason = json.loads(out)["documents"][0]["claims"][0]["reason"]
    assert 'add  Q = "SIZE SIZE"  under [shape]' in reason


def bad_inputs(folder: Path) -> dict[str, tuple[str | Path, ...]]:
    """Calls that cannot be carried out, by what is wrong with them."""
    files = {
        "not UTF-8": ("latin.md", b"\xff\xfe $x$"),
        "no formula": ("plain.md", b"no formula here"),
        "a broken notebook": ("notes.ipynb", b'{"cells": [1]}'),
        "not TOML": ("broken.toml", b"[shape\nx = 1\n"),
        "a malformed shape": ("shape.toml", b'[shape]\nx = "m m m"\n'),
        "an unknown size": ("size.toml", b'[shape]\nx = "m q"\n'),
        "an unknown table": ("table.toml", b"[shapes]\n"),
        "a definition of nothing": (
            "forward.toml",
            b'[shape]\nx = "scalar"\n[model]\nforward = ["x = z"]\n',
        ),
    }
    notes = page(folder, RIGHT)
    calls: dict[str, tuple[str | Path, ...]] = {}
    for what, (name, content) in files.items():
        (folder / name).write_bytes(content)
        path = folder / name
        calls[what] = (
            ("check", notes, "--notation", path) if name.endswith("toml") else ("check", path)
        )
    (folder / "empty").mkdir()
    return calls | {
        "a missing file": ("check", folder / "missing.md"),
        "a folder without a document": ("check", folder / "empty"),
        "an unknown convention": ("check", "--convention", "nobody"),
        "an unknown engine": ("check", "--engine", "no.such.engine"),
        "an unknown format": ("check", "--format", "pdf"),
        "an unknown claim": ("explain", "nothing"),
        "an unknown command": ("judge",),
        "a seed below 0": ("check", "--seed", "-1"),
        "a place that cannot be written": ("check", "--output", folder / "no" / "report.json"),
    }


MISTAKES = [
    "not UTF-8", "no formula", "not TOML", "a malformed shape", "an unknown size",
    "an unknown table", "a definition of nothing", "a missing file", "a folder without a document",
    "a broken notebook", "an unknown convention", "an unknown engine", "an unknown format",
    "an unknown claim", "an unknown command", "a seed below 0", "a place that cannot be written",
]  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_answered_in_one_line(run: Run, tmp_path: Path, mistake: str) -> None:
    calls = bad_inputs(tmp_path)
    assert set(calls) == set(MISTAKES)
    before = sorted(tmp_path.rglob("*"))
    code, out, err = run(*calls[mistake])
    assert code == 3
    assert out == ""
    assert err.startswith("gradproof: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert sorted(tmp_path.rglob("*")) == before


def test_a_bad_notation_is_named_with_file_and_line(run: Run, tmp_path: Path) -> None:
    calls = bad_inputs(tmp_path)
    assert "shape.toml:2:" in run(*calls["a malformed shape"])[2]
    assert "broken.toml:1:" in run(*calls["not TOML"])[2]
    assert "forward.toml:4:" in run(*calls["a definition of nothing"])[2]


def test_the_same_call_gives_the_same_bytes(run: Run, tmp_path: Path) -> None:
    path = page(tmp_path, RIGHT, WRONG, UNKNOWN)
    call = ("check", path, "--notation", tmp_path / "notation.toml", "--format", "json")
    assert run(*call) == run(*call)


def test_several_processes_give_the_answers_of_one(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.md").write_text(f"{RIGHT}\n\n{WRONG}\n", encoding="utf-8")
    call = ("check", folder, "--notation", tmp_path / "notation.toml", "--format", "json")
    assert run(*call) == run(*call, "--jobs", "2")


def test_an_engine_is_held_to_the_true_gradients(run: Run) -> None:
    """The engine of this project agrees; one with a doubled gradient does not."""
    call = ("check", "--convention", "rows", "--format", "json", "--engine")
    for engine, answer in (("engine", "agrees"), ("tests.cli.doubled", "disagrees")):
        claims = json.loads(run(*call, engine)[1])["documents"][0]["claims"]
        assert {claim["engine"] for claim in claims} == {None, answer}


def test_explain_writes_the_steps_out_and_checks_each(run: Run) -> None:
    code, out, _ = run("explain", "L137", BUILT_IN)
    assert code == 0
    assert "chain rule through Z^1" in out
    assert "derivation, every step checked by itself" in out
    assert "NOT CHECKED" not in out


def test_a_document_without_a_notation_is_checked_under_a_draft(run: Run, tmp_path: Path) -> None:
    sizes = r"$X \in \mathbb{R}^{m \times n}$, $W \in \mathbb{R}^{n \times k}$"
    path = page(tmp_path, sizes, "$Z = X W$", "$Z = W X$")
    code, out, _ = run("check", path)
    assert code == 1
    assert "a notation drafted from the document" in " ".join(out.split())
    assert 'W = "n k"' in run("notation", path)[1]
