"""What an engine's answer to a document's true gradient is called, whatever the engine does."""

from pathlib import Path

import pytest

from derivations.check import BUILT_IN, check_conventions

PAGE = r"$$\frac{\partial L}{\partial W} = \frac{1}{m} X^T (A - Y)$$"


@pytest.mark.parametrize(
    ("engine", "answer"),
    [
        ("RAISING", "disagrees"),
        ("NAN", "disagrees"),
        ("LATE", "agrees"),
        ("FLOAT32", "not-implemented"),
    ],
)
def test_an_engine_may_answer_in_any_way(tmp_path: Path, engine: str, answer: str) -> None:
    """Its faults are its own: none is an error of this project."""
    path = tmp_path / "notes.md"
    path.write_text(PAGE, encoding="utf-8")
    notation = BUILT_IN.with_name("notation.toml")
    name = f"tests.cli.answering:{engine}"
    [checked] = check_conventions(path, notation, "rows", engine=name)
    [(_, verdict)] = checked.claims
    assert verdict.engine == answer
