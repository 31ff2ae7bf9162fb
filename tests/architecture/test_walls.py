"""The walls of the house, import by import."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import (
    ROOT,
    SOURCES,
    breaches,
    dynamic_imports,
    foreign,
    imports_in,
    name_of,
    tree_of,
)

# Names that come at run time: public ones on demand, and the engine that the user names.
DYNAMIC = {
    "derivations/__init__.py",
    "derivations/conformance/protocol.py",
    "derivations/conformance/revision.py",
}
# What says the truth about a gradient, without having seen it.
ORACLES = ("central.py", "differences.py", "unit_injection.py", "enclosure.py", "evaluate.py")
NEEDS_HYPOTHESIS = ("strategies.py", "test_properties.py", "properties.py")
REPORTS_AND_NUMBERS = ("derivations/numeric/", "derivations/report/")


def below(*folders: str) -> list[object]:
    return [pytest.param(p, id=name_of(p)) for p in SOURCES if name_of(p).startswith(folders)]


@pytest.mark.parametrize("path", below("engine/"))
def test_the_engine_imports_numpy_and_nothing_above_it(path: Path) -> None:
    assert foreign(path) <= {"engine", "numpy"}


@pytest.mark.parametrize("path", below("derivations/"))
def test_derivations_never_import_the_engine_or_the_tests(path: Path) -> None:
    assert not breaches(path, "engine", "tests")


@pytest.mark.parametrize("path", below(*REPORTS_AND_NUMBERS))
def test_numbers_and_reports_never_import_sympy(path: Path) -> None:
    assert not breaches(path, "sympy", "derivations.symbolic")


@pytest.mark.parametrize("path", below("derivations/symbolic/"))
def test_symbols_do_not_see_numbers_readings_or_verdicts(path: Path) -> None:
    """Symbolic truth is computed without the claim, and without the routes beside it."""
    assert not breaches(
        path,
        "derivations.numeric",
        "derivations.verdict",
        "derivations.answer",
        "derivations.report",
        "derivations.claims.claim",
        "derivations.claims.readings",
    )


@pytest.mark.parametrize("path", below("derivations/numeric/"))
def test_an_oracle_does_not_see_the_gradient_that_it_judges(path: Path) -> None:
    """Forward functions only: the watched gradient and all that judges it stay outside."""
    if path.name in ORACLES:
        judges = ("hygiene.Judged", "scene", "search", "examine", "check", "diagnose")
        assert not breaches(path, *(f"derivations.numeric.{name}" for name in judges))


@pytest.mark.parametrize("path", below("derivations/document/", "derivations/claims/"))
def test_data_goes_one_way(path: Path) -> None:
    """Pages and claims know nothing of what is made of them."""
    later = ("symbolic", "numeric", "verdict", "report", "cli", "check", "conformance")
    if name_of(path).startswith("derivations/document/"):
        later += ("claims",)
    assert not breaches(path, *(f"derivations.{name}" for name in later))


def test_only_the_strategies_and_their_tests_need_hypothesis() -> None:
    users = {p.name for p in SOURCES if breaches(p, "hypothesis")}
    assert users <= set(NEEDS_HYPOTHESIS)


@pytest.mark.parametrize("path", below("derivations/", "engine/"))
def test_modules_are_named_where_they_are_imported(path: Path) -> None:
    """An import by a name that comes at run time would pass under every wall."""
    if name_of(path) not in DYNAMIC:
        assert not dynamic_imports(tree_of(path))


@pytest.mark.parametrize(
    ("text", "module"),
    [
        ("import sympy", "sympy"),
        ("import sympy.core as c", "sympy.core"),
        ("def f():\n    from engine import x", "engine"),
        ("if True:\n    import engine.losses", "engine.losses"),
        ("from ..symbolic import proof", "derivations.symbolic.proof"),
        ("from .. import symbolic", "derivations.symbolic"),
        ("from . import check", "derivations.numeric.check"),
        ("from derivations import symbolic as s", "derivations.symbolic"),
        ("def f():\n    from .. import symbolic", "derivations.symbolic"),
        ("import_module('sympy')", "sympy"),
        ("importlib.import_module(name='engine')", "engine"),
        ("__import__('sympy')", "sympy"),
    ],
)
def test_an_import_that_breaks_a_wall_is_seen(text: str, module: str) -> None:
    """The planted defects: in a function, relative, across, by an alias, by a function."""
    assert module in list(imports_in(text, ["derivations", "numeric"]))


@pytest.mark.parametrize(
    "text",
    [
        "import importlib\nimportlib.import_module(name)",
        "from importlib import import_module as load\nload(name)",
        "__import__(name)",
        "from importlib.util import find_spec\nfind_spec(name)",
    ],
)
def test_an_import_by_a_name_of_run_time_is_seen(text: str) -> None:
    assert dynamic_imports(ast.parse(text))


def loaded(code: str) -> set[str]:
    """The modules that are there after some code was run in a process of its own."""
    after = "\nimport sys; print('|' + ','.join(sys.modules))"
    lines = "".join(f"    {line}\n" for line in code.splitlines())
    body = f"try:\n{lines}except SystemExit:\n    pass{after}"
    done = subprocess.run(
        [sys.executable, "-c", body], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.rsplit("|", 1)[1].strip().split(","))


def module_names(*folders: str) -> str:
    """The statements that import every module of some folders."""
    paths = [p for p in SOURCES if name_of(p).startswith(folders)]
    names = [name_of(p).removesuffix(".py").removesuffix("/__init__") for p in paths]
    return "\n".join(f"import {name.replace('/', '.')}" for name in names)


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import derivations", ("sympy", "hypothesis")),
        ("from derivations.cli import main; main(['--help'])", ("sympy", "hypothesis", "rich")),
        ("from derivations.cli import main; main(['check', '--budget', '0'])", ("hypothesis",)),
        (module_names("derivations/numeric/"), ("sympy", "hypothesis", "engine", "pytest")),
        (module_names("engine/"), ("sympy", "hypothesis", "derivations", "flint")),
    ],
    ids=["derivations", "--help", "check", "numeric", "engine"],
)
def test_a_start_loads_no_more_than_it_needs(code: str, absent: tuple[str, ...]) -> None:
    """What is imported by way of others counts too."""
    there = loaded(code)
    assert not there & set(absent)
    assert there & {"derivations", "engine"}


def test_a_module_that_is_loaded_by_way_of_another_is_seen() -> None:
    """The planted defect: nothing here names SymPy."""
    assert "sympy" in loaded("import derivations.symbolic.atoms")
