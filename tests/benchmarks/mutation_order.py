"""A pytest plugin for mutation runs: quick tests first, no shrinking, and an end to it.

A mutant is tried on the tests that reach its function, in the order of their usual time, with
that of what their file sets up for them, until one fails or BUDGET is spent; so a survivor is a
mutant that no quick test sees, and the score is a lower bound.  A test that takes far longer than
usual ends the run as a time-out, which mutmut counts apart.  A test that fails without a mutant
can judge none: it is noted and left out.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import time
from collections.abc import Generator, Iterator
from functools import _lru_cache_wrapper, cache
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import Phase, settings
from sympy.core.cache import clear_cache

BUDGET = float(os.environ.get("MUTATION_BUDGET", "30"))  # seconds of CPU a mutant
STATS = Path("mutmut-stats.json")
SETUPS = Path("setups.json")  # seconds of the longest setup of each file; mutmut's own leave it out
FAILING = Path("failing.txt")
OURS = ("derivations", "engine", "tests")
FAILED, TIMED_OUT = 1, 36  # the exit codes by which mutmut tells them
SLOWER, GRACE = 20.0, 20.0  # times its usual duration, and seconds of CPU on top


def durations() -> dict[str, float]:
    """Seconds that each test took on the code as it is; empty in the run that measures them."""
    if not STATS.exists():
        return {}
    called: dict[str, float] = json.loads(STATS.read_text(encoding="utf-8"))["duration_by_test"]
    setups = json.loads(SETUPS.read_text(encoding="utf-8")) if SETUPS.exists() else {}
    # What the tests of a file share, the first of them to run sets up, whichever that is.
    return {test: time + setups.get(file_of(test), 0.0) for test, time in called.items()}


def file_of(test: str) -> str:
    return test.partition("::")[0]


def failing() -> set[str]:
    """The tests that fail without a mutant."""
    return set(FAILING.read_text(encoding="utf-8").splitlines()) if FAILING.exists() else set()


def tried() -> str:
    """The mutant at hand; empty or one of mutmut's words where there is none."""
    return os.environ.get("MUTANT_UNDER_TEST", "")


@cache
def caches() -> list[_lru_cache_wrapper[object]]:
    """The caches of the project and its tests; found once, when all is imported."""
    found = (each for each in gc.get_objects() if isinstance(each, _lru_cache_wrapper))
    return [each for each in found if each.__module__.startswith(OURS) and each is not caches]


def forget() -> None:
    """Empties every cache, so that a test is seen to reach what an earlier one has computed too."""
    clear_cache()
    for each in caches():
        each.cache_clear()


def budget() -> float:
    """Little without a mutant: that the tests pass then is known from when they were timed."""
    if "__mutmut_" in tried():
        return BUDGET
    return float("inf") if tried() else 1.0


class Order:
    """The hooks, with what is known of the tests."""

    def __init__(self) -> None:
        self.usual = durations()
        self.setups: dict[str, float] = {}
        self.start = time.process_time()
        self.spent = False

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        useless = failing()
        items[:] = [item for item in items if item.nodeid not in useless]
        items.sort(key=lambda item: self.usual.get(item.nodeid, 0.0))

    def pytest_make_parametrize_id(self, val: object) -> str | None:
        """Bytes need a name of ours where pytest escapes none."""
        return val.hex() if isinstance(val, bytes) else None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        if tried() == "stats":
            forget()
        if not self.usual:
            return (yield)
        if time.process_time() - self.start > budget():
            item.session.shouldstop, self.spent = "the budget is spent", True
        signal.signal(signal.SIGPROF, give_up)
        signal.setitimer(signal.ITIMER_PROF, GRACE + SLOWER * self.usual.get(item.nodeid, 0.0))
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Tests that a mutant keeps from being collected have noticed it."""
        if report.failed and "__mutmut_" in tried():
            os._exit(FAILED)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A run that ended for its budget alone is one in which nothing failed."""
        if tried() == "stats":
            SETUPS.write_text(json.dumps(self.setups), encoding="utf-8")
        if self.spent and not session.testsfailed:
            session.exitstatus = pytest.ExitCode.OK

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.when == "setup":
            own = file_of(item.nodeid)
            self.setups[own] = max(report.duration, self.setups.get(own, 0.0))
        if report.failed and tried() in ("", "stats"):
            with FAILING.open("a", encoding="utf-8") as file:
                file.write(f"{item.nodeid}\n")
            report.outcome = "skipped"
            report.longrepr = (str(item.path), 0, "it fails without a mutant")
        return report


def give_up(number: int, frame: FrameType | None) -> None:
    os._exit(TIMED_OUT)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Order())
    profile = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
    quick = settings(profile, phases=(Phase.explicit, Phase.generate), report_multiple_bugs=False)
    settings.register_profile("mutants", quick)
    settings.load_profile("mutants")
