"""Processes that do one task at a time within limits, and are killed and replaced at one of them.

The limits are kept by the system, for code outside Python is not interrupted by an exception: a
timer of processor time whose signal nobody catches, and a bound on the size of the data.  The
clock is watched from here, for a process that waits uses no processor time.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection, wait
from time import monotonic, sleep
from types import ModuleType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .answer import OUT_OF_MEMORY
from .errors import LostError, UsageError
from .limits import process_timer

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess

R = TypeVar("R")
GIB = 2**30
# One thread each: the processes are what runs side by side, and threads would change no answer.
SINGLE_THREADED = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
PRELOADED = ["derivations.tasks", "derivations.verdict", "derivations.symbolic.proof"]
TRIES = 3
# Somebody outside ended it, or the server that would know, and another process may be luckier.
_FROM_OUTSIDE = frozenset({"SIGKILL", "SIGTERM", "SIGHUP", "exit code 255"})
_READY, _ANSWER, _ERROR = "ready", "answer", "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one task may use.

    Units: seconds of processor time, seconds by the clock, bytes.
    """

    seconds: float = 5.0
    clock: float = 30.0
    memory: int = GIB


@dataclass(slots=True, eq=False)
class Pending(Generic[R]):
    """A task that was handed in; its answer is waited for with `result`."""

    pool: Workers
    call: tuple[Callable[..., R], tuple[Any, ...]]
    tries: int = 0
    outcome: tuple[str, Any] | None = None

    def result(self) -> R:
        """Raises: LostError if the process that had the task ended before it answered."""
        while self.outcome is None:
            self.pool.advance()
        kind, value = self.outcome
        if kind == _ERROR:
            raise LostError(value)
        answer: R = value
        return answer

    def cancel(self) -> None:
        self.pool.forget(self)


@dataclass(slots=True, eq=False)
class _Worker:
    process: BaseProcess
    connection: Connection
    pending: Pending[Any] | None = None
    until: float = 0.0
    ready: bool = False

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()


@dataclass(slots=True)
class Workers:
    """So many processes; leaving the context ends them all, whatever they are at."""

    count: int
    limits: Limits = field(default_factory=Limits)
    method: str | None = None
    _waiting: deque[Pending[Any]] = field(default_factory=deque)
    _workers: list[_Worker] = field(default_factory=list)

    def __enter__(self) -> Workers:
        """The first process is on its way while the caller is still reading."""
        self._hire()
        return self

    def __exit__(self, *error: object) -> None:
        self._waiting.clear()
        while self._workers:
            self._workers.pop().end()

    def submit(self, function: Callable[..., R], /, *arguments: Any) -> Pending[R]:
        """Hands a call in; as in `concurrent.futures`, but it moves on when a result is asked."""
        pending: Pending[R] = Pending(self, (function, arguments))
        self._waiting.append(pending)
        self._hand_out()
        return pending

    def forget(self, pending: Pending[Any]) -> None:
        """A task that waits is dropped; one that runs is left to end."""
        with suppress(ValueError):
            self._waiting.remove(pending)

    def advance(self) -> None:
        """Waits until some process answers, ends, or has had its time."""
        self._hand_out()
        busy = {worker.connection: worker for worker in self._workers if worker.pending}
        first = min(worker.until for worker in busy.values())
        for connection in wait(list(busy), max(first - monotonic(), 0)):
            self._receive(busy[connection])  # type: ignore[index]
        for worker in busy.values():
            if worker.pending is not None and worker.until < monotonic():
                self._lose(worker, f"It took more than {self.limits.clock:g} s by the clock.")
        self._hand_out()

    # -- processes ------------------------------------------------------------------
    def _hand_out(self) -> None:
        while self._waiting:
            idle = next((worker for worker in self._workers if worker.pending is None), None)
            if idle is None and len(self._workers) >= self.count:
                return
            worker = idle or self._hire()
            worker.pending = pending = self._waiting.popleft()
            worker.until = monotonic() + self.limits.clock
            try:
                worker.connection.send(pending.call)
            except OSError:  # it ended while it was idle
                self._ended(worker)

    def _hire(self) -> _Worker:
        for left in reversed(range(TRIES)):
            try:
                ours, process = _started(self.method, self.limits)
            except (OSError, EOFError) as error:
                if not left:
                    raise _not_started(str(error) or type(error).__name__) from error
                sleep(0.1)  # perhaps the server was ended just now, and is not yet gone
            else:
                self._workers.append(_Worker(process, ours))
                break
        return self._workers[-1]

    def _receive(self, worker: _Worker) -> None:
        try:
            outcome = worker.connection.recv()
        except (EOFError, OSError):
            self._ended(worker)
            return
        if outcome[0] == _READY:
            worker.ready = True
            return
        assert worker.pending is not None
        worker.pending.outcome, worker.pending = outcome, None
        if outcome[0] == _ERROR:
            self._dismiss(worker)

    def _ended(self, worker: _Worker) -> None:
        """A process ended with a task in hand: the task's fault, or somebody's outside."""
        worker.process.join()
        name = _signal_name(worker.process.exitcode)
        pending = worker.pending
        assert pending is not None
        if name in _FROM_OUTSIDE and pending.tries < TRIES - 1:
            pending.tries += 1
            self._waiting.appendleft(pending)
            self._dismiss(worker)
        elif not worker.ready:
            raise _not_started(f"it ended by {name}")
        elif name == "SIGPROF":
            self._lose(worker, f"It took more than {self.limits.seconds:g} s.")
        else:
            self._lose(worker, f"The process that checked it was ended by {name}.")

    def _lose(self, worker: _Worker, reason: str) -> None:
        assert worker.pending is not None
        worker.pending.outcome = (_ERROR, reason)
        self._dismiss(worker)

    def _dismiss(self, worker: _Worker) -> None:
        worker.pending = None
        self._workers.remove(worker)
        worker.end()


def _not_started(why: str) -> UsageError:
    return UsageError(f"no process could be started: {why}; --jobs 0 works in this one")


def _signal_name(code: int | None) -> str:
    try:
        return signal.Signals(-(code or 0)).name
    except ValueError:
        return f"exit code {code}"


def _started(method: str | None, limits: Limits) -> tuple[Connection, BaseProcess]:
    """A process at work, and the connection to it."""
    context = _context(method)
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, limits), daemon=True)  # type: ignore[attr-defined]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a server was ended is seen, and mended, here
        with _unsignalled(), _environment(SINGLE_THREADED), _nameless(), _silent():
            process.start()
    theirs.close()
    return ours, process


def _context(method: str | None) -> BaseContext:
    """A server that has the modules loaded forks; where there is no fork, each starts anew."""
    if method is None:
        method = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
    context = get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload(PRELOADED)
    return context


@contextmanager
def _unsignalled() -> Iterator[None]:
    """What is started inside is born with Ctrl-C blocked; here it waits until the end."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # it unblocks the signal, and so must come first
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _nameless() -> Iterator[None]:
    """What is started inside does not run the caller's script again, as it otherwise would."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = before


@contextmanager
def _silent() -> Iterator[None]:
    """What is started inside has nowhere to complain; that it did not start is said from here."""
    try:
        before = os.dup(2)
    except OSError:  # closed already
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(nowhere)


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


# -- inside a worker ----------------------------------------------------------------
def serve(connection: Connection, limits: Limits) -> None:
    """Answers calls until nobody asks any more."""
    _keep_quiet()
    _bound_memory(limits.memory)
    with suppress(EOFError, OSError):
        connection.send((_READY, None))
        while True:
            function, arguments = connection.recv()
            with process_timer(limits.seconds):
                outcome = _tried(function, arguments)
            connection.send(outcome)
            if outcome[0] == _ERROR:
                return  # after running out of memory nothing is certain here


def _tried(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[str, Any]:
    try:
        return _ANSWER, function(*arguments)
    except MemoryError:
        return _ERROR, OUT_OF_MEMORY
    except Exception as error:
        return _ERROR, f"{type(error).__name__}: {error}"


def _keep_quiet() -> None:
    """An interrupt is for the parent, and what a library prints is for nobody."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


def _bound_memory(size: int) -> None:
    """Bounds the data and not the address space, of which libraries reserve more than they use."""
    if sys.platform != "linux":
        return
    import resource

    for kind, bound in ((resource.RLIMIT_DATA, size), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(kind)[1]
        soft = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (soft, hard))
