"""A last resort against a claim that takes too long: every other limit counts work, not time."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from .errors import TimeLimitError

# Of processor time, so that other work on the machine changes no verdict; a process that can be
# killed for it is given less.
SECONDS = 20.0


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises TimeLimitError inside after so many seconds, where the system can interrupt.

    A limit that is in force already stands, and this one is not set.
    Units: seconds of processor time.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "setitimer") or signal.getitimer(signal.ITIMER_PROF)[0]:
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeLimitError(f"it took more than {seconds:g} s")

    before = signal.signal(signal.SIGPROF, stop)
    try:
        with process_timer(seconds):
            yield
    finally:
        signal.signal(signal.SIGPROF, before)


@contextmanager
def process_timer(seconds: float) -> Iterator[None]:
    """Sends SIGPROF after so many seconds of processor time; uncaught, it ends the process."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
