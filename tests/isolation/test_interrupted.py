"""A run that is interrupted, or cannot write, leaves no half-written file and no process."""

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from derivations.check import BUILT_IN
from derivations.workers import TRIES
from tests.isolation.notes import RIGHT, write_folder, write_notes
from tests.isolation.test_workers import gone

COMMAND = [sys.executable, "-c", "from derivations.cli import main; main()"]
KEPT = "kept from before\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Enough work for some seconds, and a report from before."""
    write_folder(tmp_path / "docs", 12)
    (tmp_path / "report.json").write_text(KEPT, encoding="utf-8")
    return tmp_path


def started(folder: Path, *options: str) -> "subprocess.Popen[str]":
    call = ["check", "docs", "--jobs", "2", "--format", "json", "--output", "report.json"]
    return subprocess.Popen(
        [*COMMAND, *call, "--record", "record.json", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(BUILT_IN.parents[2]), "RUN": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def of_run(folder: Path) -> list[int]:
    """Every process that this run has started, known by its environment."""
    mark = f"RUN={folder}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def at_work(run: "subprocess.Popen[str]", folder: Path) -> None:
    """Waits until its processes are there: the command, a server, and one at least that works."""
    until = time.monotonic() + 60
    while len(of_run(folder)) < 4 and run.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    assert run.poll() is None


def left(folder: Path) -> dict[str, str]:
    return {p.name: p.read_text(encoding="utf-8") for p in folder.iterdir() if p.is_file()}


STOPS = [
    (signal.SIGINT, 130, "gradproof: interrupted; nothing was written\n"),
    (signal.SIGINT, 130, "gradproof: interrupted; nothing was written\n"),
    (signal.SIGTERM, 143, "gradproof: ended by SIGTERM; nothing was written\n"),
    (signal.SIGHUP, 129, "gradproof: ended by SIGHUP; nothing was written\n"),
]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize(
    ("moment", "number", "code", "told"), [(place, *stop) for place, stop in enumerate(STOPS)]
)
def test_a_signal_at_a_random_moment_leaves_nothing(
    folder: Path, moment: int, number: int, code: int, told: str
) -> None:
    run = started(folder)
    at_work(run, folder)
    time.sleep(random.Random(f"{number} {moment}").uniform(0, 0.7))
    run.send_signal(number)
    out, err = run.communicate(timeout=60)
    if run.returncode == 1:  # it was done already
        assert json.loads((folder / "report.json").read_text(encoding="utf-8"))
    else:
        assert (run.returncode, out, err) == (code, "", told)
        assert left(folder) == {"report.json": KEPT}
    assert gone(of_run(folder))


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")
def test_a_run_that_is_killed_outright_leaves_no_process_and_no_file(folder: Path) -> None:
    run = started(folder)
    at_work(run, folder)
    run.kill()
    run.communicate(timeout=60)
    assert left(folder) == {"report.json": KEPT}
    assert gone(of_run(folder))


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")
def test_processes_killed_from_outside_change_no_byte(folder: Path) -> None:
    """Whatever process is hit, the server that makes the others included.

    A task is taken up again as often as it can have been hit here.
    """
    undisturbed = started(folder)
    undisturbed.communicate(timeout=120)
    due = left(folder)
    (folder / "report.json").unlink()
    run, chance = started(folder), random.Random(11)
    at_work(run, folder)
    for _ in range(TRIES - 1):
        others = [pid for pid in of_run(folder) if pid != run.pid]
        if others and run.poll() is None:
            os.kill(chance.choice(others), signal.SIGKILL)
        time.sleep(0.1)
    _, err = run.communicate(timeout=120)
    assert (run.returncode, err) == (1, "")
    assert left(folder) == due


# -- what cannot be written -------------------------------------------------------
def limited(size: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def ran(folder: Path, *call: str, **how: object) -> "subprocess.CompletedProcess[str]":
    how = {"stdout": subprocess.PIPE, **how}
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [*COMMAND, "check", *call, "--jobs", "0"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(BUILT_IN.parents[2])},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        **how,
    )


@pytest.fixture
def notes(tmp_path: Path) -> Iterator[Path]:
    write_notes(tmp_path / "a.md", RIGHT)
    (tmp_path / "report.json").write_text(KEPT, encoding="utf-8")
    before = left(tmp_path)
    yield tmp_path
    assert left(tmp_path) == before


def test_a_full_disk_leaves_what_was_there(notes: Path) -> None:
    call = ("a.md", "--format", "json", "--output", "report.json", "--record", "record.json")
    done = ran(notes, *call, preexec_fn=limited(200))
    assert (done.returncode, done.stdout) == (3, "")
    assert "report.json: cannot be written: File too large" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_record_that_cannot_be_written_keeps_the_report_back(notes: Path) -> None:
    """Either both take their places or none does."""
    for place in ("no/record.json", "/proc/record.json"):
        done = ran(notes, "a.md", "--output", "report.json", "--record", place)
        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr.startswith(f"gradproof: {place}: cannot be written: ")
        assert done.stderr.count("\n") == 1


def test_full_and_closed_standard_output(notes: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = ran(notes, "a.md", "--record", "record.json", stdout=full)
    assert done.returncode == 3
    assert done.stderr == "gradproof: standard output: cannot be written: No space left on device\n"
    done = ran(notes, "a.md", stdout=None, preexec_fn=lambda: os.close(1))
    assert done.returncode == 3
    assert done.stderr == "gradproof: standard output is closed; give --output FILE\n"


def test_a_reader_that_goes_away_has_seen_enough(notes: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = ran(notes, "a.md", stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_closed_standard_input_and_error_are_not_needed(notes: Path) -> None:
    def close() -> None:
        os.close(0)
        os.close(2)

    done = ran(notes, "a.md", preexec_fn=close)
    assert done.returncode == 0
    assert "1 holds" in done.stdout


HOOK = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in what a shell runs aside
class Interrupting:
    def find_spec(self, name, *rest):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
sys.argv = ["gradproof", "check", "a.md", "--output", "report.json"]
from derivations.__main__ import start
start()
"""


@pytest.mark.parametrize(
    ("module", "code", "told"),
    [
        ("click", -signal.SIGINT, ""),
        ("derivations.check", 130, "gradproof: interrupted; nothing was written\n"),
        ("derivations.report.output", 130, "gradproof: interrupted; nothing was written\n"),
    ],
)
def test_an_interrupt_while_modules_are_loaded_has_no_traceback(
    notes: Path, module: str, code: int, told: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HOOK.format(module=module)],
        cwd=notes,
        env={**os.environ, "PYTHONPATH": str(BUILT_IN.parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, "", told)
