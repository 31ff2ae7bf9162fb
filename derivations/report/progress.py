"""A bar on standard error while the work runs, where somebody can see it."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

PATIENCE = 1.0  # seconds without a bar


class ProgressBar:
    """Called with how many claims are done, of how many; it shows nothing but on a terminal."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.bar: Bar | None = None
        self.seen = sys.stderr is not None and sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        if not self.seen or time.monotonic() - self.start < PATIENCE:
            return
        if self.bar is None:
            self.bar = _shown()
        self.bar.update(self.bar.task_ids[0], completed=done, total=total)

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.bar is not None:
            self.bar.stop()


def _shown() -> Bar:
    from rich.console import Console
    from rich.progress import Progress as Bar

    bar = Bar(console=Console(stderr=True), transient=True)
    bar.add_task("checking")
    bar.start()
    return bar
