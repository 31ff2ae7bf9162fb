"""The formats by name, and where they go."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from ..check import DocumentCheck
from ..errors import UsageError
from .writing import print_whole, standard_output


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


def show(text: str, form: str, checks: list[DocumentCheck]) -> None:
    """To standard output, coloured on a terminal.

    Raises: UsageError where it is closed or full.
    """
    if form == "table" and sys.stdout is not None and sys.stdout.isatty():
        from .terminal import document_table, terminal

        with standard_output():
            terminal().print(document_table(checks))
    else:
        print_whole(text)


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
