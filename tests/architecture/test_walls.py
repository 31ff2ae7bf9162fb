"""The walls of the house, import by import, and what must stand nowhere."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*(ROOT / "derivations").rglob("*.py"), *(ROOT / "engine").rglob("*.py")])
RUNS_TEXT = {"eval", "exec", "sympify", "parse_expr", "compile"}


def names_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> list[str]:
    """Every imported module, relative ones written out."""
    package = names_of(path.parent).replace("/", ".").split(".")
    return list(imports_in(path.read_text(encoding="utf-8"), package))


def imports_in(text: str, package: list[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            yield ".".join([*base, *([node.module] if node.module else [])])


def breaches(path: Path, forbidden: tuple[str, ...]) -> list[str]:
    return [name for name in imports(path) if name.split(".")[0] in forbidden]


def below(folder: str) -> list[object]:
    return [pytest.param(p, id=names_of(p)) for p in SOURCES if names_of(p).startswith(folder)]


@pytest.mark.parametrize("path", below("engine/"))
def test_the_engine_imports_numpy_and_nothing_above_it(path: Path) -> None:
    own = {"engine", "numpy", *sys.stdlib_module_names}
    assert {name.split(".")[0] for name in imports(path)} <= own


@pytest.mark.parametrize("path", below("derivations/"))
def test_derivations_never_import_the_engine(path: Path) -> None:
    assert not breaches(path, ("engine",))


@pytest.mark.parametrize("path", [*below("derivations/numeric/"), *below("derivations/report/")])
def test_numbers_and_reports_never_import_sympy(path: Path) -> None:
    assert not breaches(path, ("sympy",))
    assert not any(name.startswith("derivations.symbolic") for name in imports(path))


def test_only_the_strategies_and_their_tests_need_hypothesis() -> None:
    users = {names_of(p) for p in SOURCES if breaches(p, ("hypothesis",))}
    assert {Path(user).name for user in users} <= {
        "strategies.py",
        "test_properties.py",
        "properties.py",
    }


def test_an_import_that_breaks_a_wall_is_seen() -> None:
    """The planted defects: a plain import, one in a function, a relative one up and across."""
    text = "import sympy\ndef f():\n    from engine import x\nfrom ..symbolic import proof\n"
    found = list(imports_in(text, ["derivations", "numeric"]))
    assert found == ["sympy", "derivations.symbolic", "engine"]


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import derivations", ("sympy", "hypothesis")),
        ("from derivations.cli import main; main(['--help'])", ("sympy", "hypothesis", "rich")),
        ("from derivations.cli import main; main(['check', '--budget', '0'])", ("hypothesis",)),
    ],
)
def test_a_start_loads_no_more_than_it_needs(code: str, absent: tuple[str, ...]) -> None:
    after = "\nimport sys; print('|' + ','.join(sys.modules))"
    body = f"try:\n    {code}\nexcept SystemExit:\n    pass{after}"
    done = subprocess.run(
        [sys.executable, "-c", body], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.rsplit("|", 1)[1].strip().split(","))
    assert not loaded & set(absent)
    assert "derivations" in loaded


def calls(path: Path) -> Iterator[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


@pytest.mark.parametrize("path", [*below("derivations/"), *below("engine/")])
def test_no_text_is_run_and_nothing_is_unpickled(path: Path) -> None:
    bare = {called(call) for call in calls(path) if isinstance(call.func, ast.Name)}
    assert not bare & RUNS_TEXT
    assert not {"sympify", "parse_expr", "nsimplify_text"} & {called(call) for call in calls(path)}
    assert not breaches(path, ("pickle", "shelve", "marshal", "dill"))
    assert "allow_pickle" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", below("derivations/symbolic/"))
def test_no_text_is_handed_to_sympy_but_generated_names(path: Path) -> None:
    """Symbols take a name; every other call of SymPy takes expressions."""
    for call in calls(path):
        func = call.func
        of_sympy = isinstance(func, ast.Attribute) and getattr(func.value, "id", "") == "sp"
        if of_sympy and func.attr not in ("Symbol", "Dummy"):  # type: ignore[union-attr]
            texts = [
                a for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
            ]
            assert not texts
            assert not any(isinstance(argument, ast.JoinedStr) for argument in call.args)
