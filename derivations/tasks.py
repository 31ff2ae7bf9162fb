"""The verdict on one claim as a task, which any executor can do in any order."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from .answer import Verdict
from .claims.claim import Claim
from .claims.notation import Notation
from .claims.plans import subject_of
from .document.syntax import LAST
from .sources import DRAFTED

# The precision of balls is the whole process's, so that two threads would take it from each other.
_ALONE = threading.Lock()
R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A claim with all that its verdict depends on, and nothing that another claim left behind."""

    claim: Claim
    notation: Notation
    budget: int | None
    seed: int
    engine: str | None
    in_full: bool = False
    shifts: bool = True


def judged(task: Task) -> tuple[Verdict, float]:
    """The verdict, and how long it took.

    Units: seconds of processor time.
    """
    from .verdict import BUDGET, Judge

    with _ALONE:
        start = time.thread_time()
        budget = BUDGET if task.budget is None else task.budget
        judge = Judge(
            task.notation, budget, task.seed, asked(task.engine), task.in_full, task.shifts
        )
        verdict = judge.judge(task.claim)
        if task.notation.source == DRAFTED:
            from .drafted import reconsidered

            verdict = reconsidered(task.claim, verdict, task.notation)
        return verdict, time.thread_time() - start


def asked(engine: str | None) -> Any:
    """What an engine answers; None without one.

    Raises: UsageError where there is no such engine.
    """
    if engine is None:
        return None
    from .engine_answers import engine_named

    return engine_named(engine)


class Future(Protocol[R_co]):
    """What is used of `concurrent.futures.Future`."""

    def result(self) -> R_co: ...
    def cancel(self) -> object: ...


class Executor(Protocol):
    """What is used of `concurrent.futures.Executor`; loky's and Dask's will do."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]: ...


@dataclass(slots=True)
class _Later:
    call: Callable[[], Any]

    def result(self) -> Any:
        return self.call()

    def cancel(self) -> None:
        """Nothing was begun."""


class InThisProcess:
    """An executor that does a task when its result is asked for."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        return _Later(lambda: function(*arguments))


def shifts_of(verdicts: list[Verdict]) -> set[int]:
    """By how many layers the differentiated or updated symbols of the readings are shifted."""
    found = set()
    for verdict in verdicts:
        subject = None if verdict.found is None else subject_of(verdict.found.plan.left)
        slope = verdict.found is not None and verdict.found.plan.is_slope
        if verdict.found is None or subject is None or subject.layer is None or not slope:
            continue
        if subject.layer.base in (None, LAST) and not verdict.found.plan.fixed:
            continue
        found.add(verdict.found.plan.shift)
    return found
