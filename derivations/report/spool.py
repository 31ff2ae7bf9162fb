"""Text that is put together piece by piece, beyond a size on disk, until it may be shown."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from ..errors import UsageError

IN_MEMORY = 2**20  # bytes; what is longer goes into a file that has no name
CHUNK = 2**16


class Spool:
    """Pieces in, the same text out; it is gone when it is closed."""

    def __init__(self) -> None:
        # What the text encodes badly is for its last writer to escape.
        self._file: IO[str] = tempfile.SpooledTemporaryFile(  # noqa: SIM115
            IN_MEMORY, "w+", encoding="utf-8", errors="surrogatepass", newline=""
        )

    def close(self) -> None:
        self._file.close()

    def write(self, piece: str) -> None:
        """Raises: UsageError where the disk is full."""
        with _told():
            self._file.write(piece)

    def __iter__(self) -> Iterator[str]:
        """The whole text from its beginning, in chunks."""
        with _told():
            self._file.seek(0)
        while chunk := self._read():
            yield chunk

    def _read(self) -> str:
        with _told():
            return self._file.read(CHUNK)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = tempfile.gettempdir()
        raise UsageError(
            f"{where}: the report cannot be kept there: {error.strerror}; set TMPDIR"
        ) from error
