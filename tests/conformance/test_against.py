"""An engine beside itself as of a git revision: equal, moved by rounding, or changed."""

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module, invalidate_caches
from pathlib import Path

import numpy as np
import pytest

from derivations.conformance.regression import Change, Regression, compare_engines, ulps_between
from derivations.conformance.revision import RevisionError, engine_at

NAME = "small_engine"
SOURCE = """
from small_engine.parts import RIGHT as _right

forward, loss = _right.forward, _right.loss


def gradients(parameters, X, Y):
    found = _right.gradients(parameters, X, Y)
    return found
"""
PARTS = Path(__file__).with_name("planted.py").read_text(encoding="utf-8")


def git(directory: Path, *arguments: str) -> str:
    """What git answers in that directory."""
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=directory, check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A repository with a revision without an engine, and one with a small engine."""
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "Nothing")
    package = tmp_path / NAME
    package.mkdir()
    (package / "__init__.py").write_text(SOURCE)
    (package / "parts.py").write_text(PARTS)
    git(tmp_path, "add", NAME)
    git(tmp_path, "commit", "-q", "-m", "An engine")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    forget()
    yield tmp_path
    forget()


def forget() -> None:
    """Let the next import of the small engine read its files anew."""
    invalidate_caches()
    for name in [name for name in sys.modules if name.split(".")[0] == NAME]:
        del sys.modules[name]


def compared(repository: Path, old: str, new: str, count: int = 200) -> Regression:
    """The comparison after one line of the working tree's engine has been replaced."""
    path = repository / NAME / "__init__.py"
    path.write_text(path.read_text().replace(old, new))
    forget()
    current = import_module(NAME)
    with engine_at("HEAD", NAME) as before:
        assert sys.modules[NAME] is current
        return compare_engines(before.beside(current), before, count)


def test_an_unchanged_engine_gives_the_same_bits_in_a_thousand_cases(repository: Path) -> None:
    regression = compared(repository, "", "", 1000)
    assert regression.differences == ()
    assert regression.calls >= 3000
    assert set(regression.ratios) == {"forward", "loss", "gradients"}


def test_another_order_of_summation_is_within_the_bound_and_listed_with_its_ulps(
    repository: Path,
) -> None:
    regression = compared(repository, "(parameters, X, Y)\n    return", REORDERED)
    assert regression.of(Change.BEYOND) == []
    rounded = regression.of(Change.ROUNDING)
    assert rounded
    assert {one.method for one in rounded} == {"gradients"}
    assert max(one.ulps for one in rounded) >= 1
    assert "ulps" in "\n".join(regression.lines())


REORDERED = "(parameters, X[::-1].copy(), Y[::-1].copy())\n    return"
ODD = """(parameters, X, Y)
    if len(X) % 2:
        found[0][0][-1, -1] *= 1 + 1e-9
    return"""


def test_a_relative_error_of_1e_9_in_one_entry_at_odd_m_is_caught(repository: Path) -> None:
    regression = compared(repository, "(parameters, X, Y)\n    return", ODD)
    changed = regression.of(Change.BEYOND)
    assert changed
    assert all(one.case.samples % 2 == 1 for one in changed)
    assert all("dW[1]" in one.text for one in changed)
    sizes = [one.case.samples + sum(W.size for W, _ in one.case.parameters) for one in changed]
    assert sizes[0] <= min(sizes) + max(changed[0].case.widths)
    lines = "\n".join(regression.lines())
    assert f"smallest case  {changed[0].text}" in lines
    assert re.search(r"all of them    .*odd number of samples", lines)


def test_a_module_that_is_imported_at_the_call_is_that_of_the_revision(repository: Path) -> None:
    """Each engine runs among its own modules, whenever it asks for them."""
    package = repository / NAME
    (package / "__init__.py").write_text(LATE)
    git(repository, "commit", "-q", "-am", "Import late")
    parts = package / "parts.py"
    parts.write_text(parts.read_text() + "\n\nRIGHT = DEFECTS['factor 2']\n")
    forget()
    current = import_module(NAME)
    with engine_at("HEAD", NAME) as before:
        regression = compare_engines(before.beside(current), before, 20)
    assert {one.method for one in regression.of(Change.BEYOND)} == {"gradients"}


LATE = """
def forward(*given):
    from small_engine.parts import RIGHT
    return RIGHT.forward(*given)


def loss(*given):
    from .parts import RIGHT
    return RIGHT.loss(*given)


def gradients(*given):
    from small_engine.parts import RIGHT
    return RIGHT.gradients(*given)
"""


def test_a_package_that_has_moved_is_found_by_its_name(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "src").mkdir()
    git(repository, "mv", NAME, f"src/{NAME}")
    monkeypatch.syspath_prepend(repository / "src")
    forget()
    with pytest.raises(RevisionError) as caught, engine_at("HEAD", NAME):
        pass
    assert str(caught.value) == (
        f"--against HEAD: there is no src/{NAME} in that revision; it was at {NAME}"
    )


def test_a_shallow_clone_says_how_to_get_the_revision(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository}", "shallow")
    monkeypatch.syspath_prepend(tmp_path / "shallow")
    forget()
    with (
        pytest.raises(RevisionError, match=r"shallow, fetch it with git"),
        engine_at("HEAD~1", NAME),
    ):
        pass


def test_another_exception_is_a_change(repository: Path) -> None:
    regression = compared(
        repository, "    found =", "    if len(X) == 0:\n        raise KeyError(0)\n    found ="
    )
    changed = regression.of(Change.BEYOND)
    assert {one.method for one in changed} == {"gradients"}
    assert all("now KeyError: 0, was ValueError" in one.text for one in changed)


def test_another_dtype_is_a_change(repository: Path) -> None:
    regression = compared(
        repository, "    return found", "    return [(W.astype('f4'), b) for W, b in found]"
    )
    texts = [one.text for one in regression.of(Change.BEYOND)]
    assert any("float32, db[1]" in text and ", was dW[1]" in text for text in texts)


def test_nothing_is_checked_out_over_the_users_files(repository: Path) -> None:
    """Uncommitted changes are what is compared, and they are there afterwards."""
    compared(repository, "(parameters, X, Y)\n    return", ODD, 5)
    assert git(repository, "status", "--short") == f" M {NAME}/__init__.py\n"
    assert "1e-9" in (repository / NAME / "__init__.py").read_text()


@pytest.mark.parametrize(
    ("revision", "message"),
    [
        ("no-such", "--against no-such: git knows no such revision"),
        ("--help", "--against --help: git knows no such revision"),
        ("HEAD~1", f"--against HEAD~1: there is no {NAME} in that revision"),
    ],
)
def test_a_revision_that_is_of_no_use_is_named(
    repository: Path, revision: str, message: str
) -> None:
    with pytest.raises(RevisionError) as caught, engine_at(revision, NAME):
        pass
    assert str(caught.value) == message


def test_a_directory_without_a_repository_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{NAME}.py").write_text("def loss(): pass")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    forget()
    with (
        pytest.raises(RevisionError, match="--against HEAD: fatal: not a git repository"),
        engine_at("HEAD", NAME),
    ):
        pass


def test_a_machine_without_git_is_told_so(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RevisionError, match="git is not installed"), engine_at("HEAD", NAME):
        pass


def test_a_revision_that_cannot_be_imported_is_named(repository: Path) -> None:
    path = repository / NAME / "__init__.py"
    path.write_text("1 / 0")
    git(repository, "commit", "-q", "-am", "Broken")
    path.write_text(SOURCE)
    forget()
    current = import_module(NAME)
    with pytest.raises(RevisionError, match="division by zero"), engine_at("HEAD", NAME):
        pass
    assert sys.modules[NAME] is current


@pytest.mark.parametrize(("steps", "due"), [(0, 0.0), (1, 1.0), (5, 5.0)])
def test_ulps_count_the_floats_between(steps: int, due: float) -> None:
    a = np.array([1.5, 0.0])
    b = a + steps * np.spacing(a) * [1, 0]
    assert ulps_between(a, b) == due
