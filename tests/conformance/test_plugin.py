"""The command line of the conformance suite, as somebody with an engine of their own uses it."""

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTALLED = any(point.name == "gradproof" for point in entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "derivations.pytest_plugin")

LACKING = """
from tests.conformance.planted import RIGHT
gradients = RIGHT.gradients
"""
WRONG = """
from tests.conformance.planted import DEFECTS
wrong = DEFECTS["sign of the last bias"]
"""


def run(directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The suite in a process of its own, in an empty directory."""
    (directory / "lacking_engine.py").write_text(LACKING)
    (directory / "wrong_engines.py").write_text(WRONG)
    command = [sys.executable, "-m", "pytest", *PLUGIN, "-p", "no:cacheprovider", "-q"]
    return subprocess.run(
        [*command, "--pyargs", "derivations.conformance", *options],
        cwd=directory,
        env={"PYTHONPATH": f"{ROOT}:{directory}", "PATH": "/usr/bin:/bin", "HOME": str(directory)}
        | {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_property_that_was_not_tried_has_not_passed(tmp_path: Path) -> None:
    done = run(tmp_path, "--engine", "lacking_engine", "-k", "loss or forward or activations")
    assert done.returncode == 0, done.stdout
    assert "passed" not in done.stdout
    assert "not implemented: loss, properties not tried: 1" in done.stdout
    assert "not implemented: forward, properties not tried: 1" in done.stdout


def test_a_wrong_engine_inside_a_module_fails_by_array_and_repeats(tmp_path: Path) -> None:
    done = run(tmp_path, "--engine", "wrong_engines:wrong", "-k", "gradients_agree_with_the_encl")
    assert done.returncode == 1
    told = done.stdout.partition("the engine fails ")[2].partition("\n===")[0]
    first, where, *_, case, repeat = told.strip().splitlines()
    assert first == "gradients_agree_with_the_enclosure"
    assert where.endswith("db[1] (1)")
    assert case == "  case     build_case((1, 1), 1, seed=0)"
    assert repeat.endswith("--engine wrong_engines:wrong -k gradients_agree_with_the_enclosure")
    assert "derivations/conformance" not in told


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--engine", "no_such.engine"), "engine no_such.engine: cannot import no_such.engine"),
        (("--engine", "wrong_engines:absent"), "wrong_engines has no absent"),
        (("--engine", "json"), "engine json: it has none of forward, loss, gradients"),
        (("--engine", "wrong_engines:wrong", "--against", "HEAD"), "--against HEAD: fatal: not a"),
    ],
)
def test_an_engine_that_cannot_be_had_is_named_in_one_line(
    tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    done = run(tmp_path, *options)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert message in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
