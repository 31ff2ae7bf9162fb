"""Formulas with their lines, out of the Markdown cells of a notebook."""

from __future__ import annotations

import json

from ..errors import DocumentError
from .markdown import Page, parse_page

MOST_MISSED = 50  # strings that the file escapes in a way of its own, before places are given up


def notebook_page(text: str, name: str) -> Page:
    """The formulas of the Markdown cells, at the lines of the notebook's file.

    Raises: DocumentError where the file is no notebook.
    """
    try:
        cells = json.loads(text)["cells"]
        sources = [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]
        pieces = [[source] if isinstance(source, str) else source for source in sources]
        return parse_page(_in_place(text, pieces))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DocumentError(f"{name}: not a notebook; give a .ipynb file with cells") from error


def _in_place(text: str, cells: list[list[str]]) -> str:
    """The cells' lines where the file has them, and blank lines between them.

    A cell that the file holds as one string goes on over the lines after it.
    """
    lines: list[str] = []
    cursor = place = missed = 0
    for cell in cells:
        lines.append("")
        for piece in cell:
            start = _find(text, piece, cursor) if missed < MOST_MISSED else None
            if start is None:
                missed += 1
            else:
                place += text.count("\n", cursor, start)
                cursor = start
                lines += [""] * (place - len(lines))
            lines += piece.removesuffix("\n").split("\n")
    return "\n".join(lines) + "\n"


def _find(text: str, piece: str, cursor: int) -> int | None:
    """Where the file writes a string; None where it escapes it in a way of its own."""
    written = (json.dumps(piece, ensure_ascii=escaped) for escaped in (False, True))
    found = [at for each in written if (at := text.find(each, cursor)) >= 0]
    return min(found, default=None)
