"""The formats by name, and where they go."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from ..check import DocumentCheck
from ..errors import UsageError


def render(checks: list[DocumentCheck], form: str) -> str:
    if form == "json":
        from .json import as_json

        return as_json(checks)
    if form == "table":
        from .terminal import document_text

        return document_text(checks)
    raise UsageError(f"--format {form} is not available yet; use table or json")


def write(text: str, output: Path | None, form: str, checks: list[DocumentCheck]) -> None:
    """To a file, whole or not at all; else to standard output, coloured on a terminal."""
    if output is not None:
        write_whole(text, output)
    elif form == "table" and sys.stdout.isatty():
        from .terminal import document_table, terminal

        terminal().print(document_table(checks))
    else:
        sys.stdout.write(text)


def write_whole(text: str, path: Path) -> None:
    """A file that is there complete or not at all.

    Raises: UsageError where it cannot be written.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written: {error.strerror}; name another file"
        ) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise UsageError(
            f"{path}: cannot be written: {error.strerror}; name another file"
        ) from error
