"""The score counts only what is known to be noticed, and what is excused stands in the code."""

import ast
import json
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from tests.benchmarks.mutation_order import SETUPS, STATS, Order
from tests.benchmarks.mutation_score import (
    KILLS,
    PACKAGES,
    ROOT,
    Fate,
    Mutant,
    equivalent,
    report,
    sample,
    unguards,
    wilson,
)

ENTRIES = sorted(equivalent().items())


def mutant(number: int, fate: Fate, package: str = "engine") -> Mutant:
    return Mutant(name=f"{package}.a.x_f__mutmut_{number}", before="old", after="new", fate=fate)


def test_survivors_count_against_the_score_and_equivalent_mutants_for_neither_side() -> None:
    killed = [mutant(n, Fate.KILLED) for n in range(8)]
    rest = [mutant(8, Fate.SURVIVED), mutant(9, Fate.TIMED_OUT), mutant(10, Fate.EQUIVALENT)]
    text = report(killed + rest)
    assert "| engine | 11 | 8 | 1 | 1 | 1 | 90.0% |" in text
    assert "| derivations.claims | 0 | 0 | 0 | 0 | 0 | - |" in text
    assert "survived: engine.a.x_f__mutmut_8\n- old\n+ new" in text
    assert "timed out: engine.a.x_f__mutmut_9" in text


@pytest.mark.parametrize("code", [0, 2, 4, 5, 33, 34, 35, -9, -11, -1])
def test_what_is_not_known_to_be_a_kill_is_none(code: int) -> None:
    """Passed, interrupted, called wrongly, no tests, out of memory, crashed, never tried."""
    assert code not in KILLS


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662), (0, 0, 0.0, 1.0)],
)
def test_the_interval_is_that_of_the_tables(hits: int, count: int, low: float, high: float) -> None:
    """The printed values of Newcombe's paper on intervals of a proportion, and their mirror."""
    assert [round(end, 4) for end in wilson(hits, count)] == [low, high]
    mirrored = wilson(count - hits, count)
    assert [round(1 - end, 4) for end in mirrored] == [high, low]


def test_the_sample_is_drawn_by_its_seed_and_never_twice_the_same_mutant() -> None:
    names = [f"m{n}" for n in range(50)]
    assert sample(names, 20, 1) == sample(reversed(names), 20, 1) != sample(names, 20, 2)
    assert len(set(sample(names, 20, 1))) == 20
    assert set(sample(names, 99, 1)) == set(names)


def test_tests_are_tried_by_their_time_and_that_of_what_their_file_sets_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first test of a file to run sets up what all share, and takes from the others' time."""
    monkeypatch.chdir(tmp_path)
    times = {"a.py::quick": 0.1, "a.py::slow": 3.0, "whole.py::look": 0.001}
    STATS.write_text(json.dumps({"duration_by_test": times}), encoding="utf-8")
    SETUPS.write_text(json.dumps({"a.py": 0.01, "whole.py": 2.0}), encoding="utf-8")
    items = [SimpleNamespace(nodeid=name) for name in sorted(times, reverse=True)]
    Order().pytest_collection_modifyitems(cast(list[pytest.Item], items))
    assert [item.nodeid for item in items] == ["a.py::quick", "whole.py::look", "a.py::slow"]


def function(name: str) -> str:
    """The source of a function by mutmut's name: module.x_function or module.xǁClassǁmethod."""
    module, _, mangled = name.rpartition(".")
    path = Path(*module.split("."))
    file = next(p for p in (ROOT / f"{path}.py", ROOT / path / "__init__.py") if p.exists())
    text = file.read_text(encoding="utf-8")
    owner, _, method = mangled.removeprefix("xǁ").rpartition("ǁ")
    wanted = method if owner else mangled.removeprefix("x_")
    scope: ast.AST = ast.parse(text)
    if owner:
        scope = next(n for n in ast.walk(scope) if isinstance(n, ast.ClassDef) and n.name == owner)
    found = next(n for n in ast.walk(scope) if isinstance(n, ast.FunctionDef) and n.name == wanted)
    return textwrap.dedent(ast.get_source_segment(text, found) or "")


@pytest.mark.parametrize(("entry", "why"), ENTRIES, ids=[e[0][0] for e in ENTRIES])
def test_an_equivalent_mutant_changes_lines_that_are_there(
    entry: tuple[str, str, str], why: str
) -> None:
    name, before, after = entry
    assert name.startswith(PACKAGES)
    assert len(why) > 20
    assert before != after
    lines = {line.strip() for line in function(name).splitlines()}
    assert set(before.splitlines()) <= lines


def test_a_line_that_is_gone_is_missed() -> None:
    """The planted defect of the test above: of a function and of a method."""
    for name, head in (
        ("engine.losses.x_squared_error", "def squared_error("),
        ("derivations.claims.networks.xǁScopeǁwidth", "def width(self, layer: int)"),
    ):
        lines = {line.strip() for line in function(name).splitlines()}
        assert any(line.startswith(head) for line in lines)
        assert "difference = gone" not in lines


@pytest.mark.parametrize(
    ("before", "after", "due"),
    [
        ("zip(a, b, strict=True)", "zip(a, b, strict=None)", True),
        ("zip(a, b, strict=True)", "zip(a, b, strict=False)", True),
        ("zip(a, b, strict=True)", "zip(a, b, )", True),
        ("strict=True,", "strict=False,", True),
        ("strict=True", "", True),
        ("zip(a, b, strict=True)", "zip(a, None, strict=True)", False),
        ("zip(a, b, strict=True)", "zip(a, strict=True)", False),
        ("zip(a, b, strict=False)", "zip(a, b, strict=True)", False),
        ("f(a, b)", "f(a, )", False),
    ],
)
def test_only_the_check_of_lengths_is_excused_wherever_it_stands(
    before: str, after: str, due: bool
) -> None:
    assert unguards(before, after) is due
