"""The formats by name, and where they go."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from ..check import DocumentCheck
from ..errors import UsageError


def render(checks: list[DocumentCheck], form: str) -> str:
    if form == "json":
        from .json import as_json

        return as_json(checks)
    if form == "html":
        from .html import as_html

        return as_html(checks)
    if form == "sarif":
        from .sarif import as_sarif

        return as_sarif(checks)
    if form == "github":
        from .github import as_github

        return as_github(checks)
    from .terminal import document_text

    return document_text(checks)


def write(text: str, output: Path | None, form: str, checks: list[DocumentCheck]) -> None:
    """To a file, whole or not at all; else to standard output, coloured on a terminal."""
    if output is not None:
        write_whole(text, output)
    elif form == "table" and sys.stdout.isatty():
        from .terminal import document_table, terminal

        terminal().print(document_table(checks))
    else:
        print_whole(text)


def print_whole(text: str) -> None:
    """To standard output; what its encoding lacks is escaped."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.stdout.write(text)


def refuse_overwriting(
    checks: list[DocumentCheck], written: Iterable[Path | None], read: Path | None = None
) -> None:
    """No output takes the place of an input or of another output.

    Raises: UsageError naming the file.
    """
    taken = {Path(name).resolve() for check in checks for name in (check.document, check.notation)}
    taken |= {read.resolve()} if read is not None else set()
    for path in written:
        if path is None:
            continue
        if path.resolve() in taken:
            raise UsageError(f"{path}: is in use by this call already; write to another file")
        taken.add(path.resolve())


def write_whole(text: str, path: Path) -> None:
    """A file that is there complete or not at all; a device or a pipe is written to as it is.

    Raises: UsageError where it cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
        else:
            _replace(text, path.resolve())
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written: {error.strerror}; name another file"
        ) from error


def _replace(text: str, path: Path) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("x", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        try:
            file.write(text)
            file.flush()
            beside.replace(path)
        except OSError:
            beside.unlink()
            raise
