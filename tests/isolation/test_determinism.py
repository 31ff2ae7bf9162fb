"""The same seed and inputs give the same bytes, wherever and however they are worked on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from derivations.check import BUILT_IN
from tests.isolation.notes import write_folder

ROOT = BUILT_IN.parents[2]
# Each run differs from every other in all that must not matter.
RUNS = [
    ("0", {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"}),
    ("1", {"PYTHONHASHSEED": "1", "OPENBLAS_NUM_THREADS": "2", "CI": "1", "LC_ALL": "C"}),
    ("2", {"PYTHONHASHSEED": "2", "OPENBLAS_NUM_THREADS": "4", "CI": "true", "TZ": "Asia/Tokyo"}),
    ("4", {"PYTHONHASHSEED": "3", "OMP_NUM_THREADS": "3", "COLUMNS": "40", "NO_COLOR": "1"}),
]


def output(jobs: str, environment: dict[str, str], defect: str, *call: str) -> bytes:
    kept = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.isolation.call", defect, "check", *call, "--jobs", jobs],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        check=False,
    )
    assert done.stderr == b""
    assert done.returncode in (0, 1, 2)
    return done.stdout


def test_workers_hash_seeds_threads_and_places_change_no_byte() -> None:
    """The built-in document has every verdict, readings, rivals and counterexamples."""
    assert len({output(*run, "none", "--format", "json") for run in RUNS[::2]}) == 1


def test_nor_do_they_for_a_folder_as_a_table(tmp_path: Path) -> None:
    call = (str(write_folder(tmp_path, 2)), "--budget", "1")
    assert len({output(*run, "none", *call) for run in RUNS}) == 1


@pytest.mark.parametrize("defect", ["hash", "environment", "clock"])
def test_an_answer_that_depends_on_them_would_be_seen(tmp_path: Path, defect: str) -> None:
    call = (str(write_folder(tmp_path, 1)), "--format", "json", "--budget", "0")
    assert len({output("0", env, defect, *call) for _, env in RUNS[:2]}) == 2


def test_the_seed_changes_what_is_tried_and_no_verdict(tmp_path: Path) -> None:
    call = (str(write_folder(tmp_path, 1)), "--format", "github")
    assert output("0", {}, "none", *call) == output("2", {}, "none", *call, "--seed", "7")
