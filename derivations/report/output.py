"""The formats by name, and the report of a call, which shows as a whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..answer import AsPrinted
from ..check import DocumentCheck, code_of, outcomes
from ..errors import UsageError
from .recorded import Comparing, Recording, expected_verdicts
from .spool import Spool
from .writing import print_pieces, written


def render(checks: Iterable[DocumentCheck], form: str) -> str:
    return "".join(pieces(checks, form))


def pieces(checks: Iterable[DocumentCheck], form: str, coloured: bool = False) -> Iterator[str]:
    """The report a piece at a time, so that no document is kept longer than it takes to write."""
    if form == "json":
        from .json import json_pieces

        return json_pieces(checks)
    if form == "html":
        from .html import html_pieces

        return html_pieces(checks)
    if form == "sarif":
        from .sarif import sarif_pieces

        return sarif_pieces(checks)
    if form == "github":
        from .github import github_pieces

        return github_pieces(checks)
    from .terminal import table_pieces

    return table_pieces(checks, coloured)


class Report:
    """What a call reports; of a document that was taken only its texts are kept, on disk.

    Raises: UsageError where it cannot be written, RecordError where ``expect`` cannot be read.
    """

    def __init__(
        self, form: str, output: Path | None, record: Path | None, expect: Path | None
    ) -> None:
        expected = expected_verdicts(record, expect)
        self.form, self.output, self.expect = form, output, expect
        self._comparing = None if expect is None else Comparing(expected, expect)
        self._recording = None if record is None else Recording(record)
        self._text = Spool()
        self._used: set[str] = set()
        self._outcomes: set[tuple[AsPrinted, bool]] = set()

    def __enter__(self) -> Report:
        return self

    def __exit__(self, *error: object) -> None:
        self._text.close()
        if self._recording is not None:
            self._recording.close()

    def take(self, checks: Iterable[DocumentCheck]) -> None:
        coloured = self.output is None and sys.stdout is not None and sys.stdout.isatty()
        for piece in pieces(self._noted(checks), self.form, coloured):
            self._text.write(piece)

    def _noted(self, checks: Iterable[DocumentCheck]) -> Iterator[DocumentCheck]:
        for check in checks:
            self._used |= {check.document, check.notation}
            self._outcomes |= outcomes([check])
            for keeper in (self._comparing, self._recording):
                if keeper is not None:
                    keeper.add(check)
            yield check

    def publish(self) -> None:
        """All files take their places, and standard output gets its text, or nothing does."""
        files: list[tuple[Path, Iterable[str]]] = []
        if self.output is not None:
            files.append((self.output, self._text))
        if self._recording is not None:
            files.append((self._recording.path, self._recording))
        _refuse_overwriting(self._used, [path for path, _ in files], self.expect)
        with written(dict(files)):
            if self.output is None:
                print_pieces(self._text)

    def differences(self) -> list[str]:
        """From what was expected, a line each."""
        return [] if self._comparing is None else self._comparing.lines()

    def exit_code(self) -> int:
        code = code_of(self._outcomes)
        return code if code == 4 or self._comparing is None else int(bool(self.differences()))


def _refuse_overwriting(used: set[str], files: Iterable[Path], read: Path | None) -> None:
    """No output takes the place of an input or of another output.

    Raises: UsageError naming the file.
    """
    taken = {Path(name).resolve() for name in used}
    taken |= {read.resolve()} if read is not None else set()
    for path in files:
        if path.resolve() in taken:
            raise UsageError(f"{path}: is in use by this call already; write to another file")
        taken.add(path.resolve())
