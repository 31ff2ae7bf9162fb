"""Files that are there complete or not at all, and standard output that may be closed."""

from __future__ import annotations

import io
import os
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ..errors import UsageError


@contextmanager
def written(texts: Mapping[Path, Iterable[str]]) -> Iterator[None]:
    """Texts that take their places together when the block ends well; else none is changed.

    A device or a pipe is written to as it is.
    Raises: UsageError where one cannot be written.
    """
    with ExitStack() as stack:
        moves = [(path, stack.enter_context(_beside(path, text))) for path, text in texts.items()]
        yield
        for path, move in moves:
            with _told(path):
                move()


def write_whole(text: str, path: Path) -> None:
    """One file, complete or not at all.

    Raises: UsageError where it cannot be written.
    """
    with written({path: [text]}):
        pass


@contextmanager
def _beside(path: Path, text: Iterable[str]) -> Iterator[Callable[[], object]]:
    """The text in a file of its own until it is moved into place, by the function that is given."""
    if path.exists() and not path.is_file():
        yield lambda: _write(text, path, "w")
        return
    goal = path.resolve()
    draft = goal.with_name(f".{goal.name[:100]}.{secrets.token_hex(4)}")
    try:
        with _told(path):
            _write(text, draft, "x")
        yield lambda: draft.replace(goal)
    finally:
        draft.unlink(missing_ok=True)


def _write(text: Iterable[str], path: Path, mode: str) -> None:
    with path.open(mode, **_AS_TEXT) as file:  # type: ignore[call-overload]
        file.writelines(text)
        file.flush()
        if path.is_file():
            os.fsync(file.fileno())


_AS_TEXT = {"encoding": "utf-8", "errors": "backslashreplace", "newline": "\n"}


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written: {error.strerror}; name another file"
        ) from error


def print_whole(text: str) -> None:
    """A short text, as `print_pieces` does."""
    print_pieces([text])


def print_pieces(text: Iterable[str]) -> None:
    """To standard output; what its encoding lacks is escaped.

    Raises: UsageError where it is closed or full; a reader that went away has seen enough.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    with standard_output():
        sys.stdout.writelines(text)


@contextmanager
def standard_output() -> Iterator[None]:
    """Everything that is printed inside has arrived at the end, or it is said why not."""
    if sys.stdout is None:
        raise UsageError("standard output is closed; give --output FILE")
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _discard()
    except OSError as error:
        _discard()
        raise UsageError(f"standard output: cannot be written: {error.strerror}") from error


def _discard() -> None:
    """What is left in the buffer goes nowhere, so that nothing fails once more at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
