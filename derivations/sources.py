"""The documents of a call, and the notation that each is read under."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from .claims.notation import Notation
from .claims.notation_file import load_notation, parse_notation
from .document.latex import latex_page
from .document.markdown import Page, parse_page, read_text
from .document.notebook import notebook_page
from .errors import DocumentError, NotationError, UsageError

BUILT_IN = Path(__file__).parent / "training" / "formulas.md"
ALL = "all"
DRAFTED = "a notation drafted from the document"
DOCUMENTS = (".md", ".rst", ".tex", ".ipynb")  # looked for in folders


def pages_in(paths: list[Path]) -> Iterator[tuple[Path, Page]]:
    """Every document that is named, and every one with a formula below a folder, in order.

    Raises: DocumentError at the first that cannot be read, or where a folder has none.
    """
    for path in paths:
        if not path.is_dir():
            yield path, open_page(path)
            continue
        found = False
        for file in documents_below(path):
            page = _parsed(file)
            if page.items:
                found = True
                yield file, page
        if not found:
            raise DocumentError(f"{path}: no document with a formula in this folder; name one")


def documents_below(folder: Path) -> list[Path]:
    """The documents of a folder; no link is followed out of it, and none to a folder."""
    root = folder.resolve()
    found = []
    for where, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(where, name) for name in files if name.endswith(DOCUMENTS))
        found += [path for path in paths if path.is_file() and _is_below(path, root)]
    return sorted(found)


def _refuse(error: OSError) -> None:
    raise DocumentError(f"{error.filename}: cannot be read: {error.strerror}") from error


def _is_below(path: Path, root: Path) -> bool:
    return not path.is_symlink() or path.resolve().is_relative_to(root)


def open_page(path: Path) -> Page:
    """The formulas of a document.

    Raises: DocumentError where it cannot be read, or has none.
    """
    page = _parsed(path)
    if not page.items:
        raise DocumentError(f"{path}: no formula in it; write one between $ signs")
    return page


def _parsed(path: Path) -> Page:
    """A document read as what its name says, and as Markdown where that says nothing."""
    text = read_text(path)
    if path.suffix == ".tex":
        return latex_page(text)
    if path.suffix == ".ipynb":
        return notebook_page(text, str(path))
    return parse_page(text, dollars=path.suffix != ".rst")


def find_notation(path: Path, page: Page, given: Path | None) -> tuple[dict[str, Notation], str]:
    """The conventions that apply to a document, and where they stand."""
    if given is not None:
        return load_notation(given), str(given)
    if page.notation is not None:
        text, line = page.notation
        return parse_notation(text, str(path), line), str(path)
    beside = path.with_suffix(".toml")
    if path == BUILT_IN:
        beside = path.with_name("notation.toml")
    if not beside.is_file():
        from .drafting.draft import draft_notation

        return parse_notation(draft_notation(page), DRAFTED), DRAFTED
    if not _is_below(beside, path.parent.resolve()):
        raise NotationError(f"{beside}: a link out of its folder; name it with --notation")
    return load_notation(beside), str(beside)


def choose(found: dict[str, Notation], convention: str | None, source: str) -> list[Notation]:
    if convention == ALL:
        return list(found.values())
    if convention is None:
        return [next(iter(found.values()))]
    if convention not in found:
        raise UsageError(f"{source}: no convention '{convention}'; it has {', '.join(found)}")
    return [found[convention]]
