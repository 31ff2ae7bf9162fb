"""A document under its conventions: every claim with its verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .answer import AsPrinted, Verdict
from .claims.claim import Claim, read_claims
from .claims.notation import Notation
from .claims.notation_file import load_notation, parse_notation
from .document.markdown import Page, parse_page, read_text
from .errors import DocumentError, UsageError

if TYPE_CHECKING:
    from .engine_answers import Ask

BUILT_IN = Path(__file__).parent / "training" / "formulas.md"
ALL = "all"
DRAFTED = "a notation drafted from the document"
UNSUPPORTED = {".rst": "reStructuredText", ".tex": "LaTeX", ".ipynb": "a notebook"}
Progress = Callable[[int, int], None]
_FAILED = frozenset({AsPrinted.FAILS, AsPrinted.ILL_TYPED})
_SETTLED = _FAILED | {AsPrinted.HOLDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCheck:
    """Every claim of a document with its verdict, under one convention.

    It is falsy unless every judged claim holds as printed and at least one was judged.
    """

    document: str
    notation: str
    convention: str
    claims: tuple[tuple[Claim, Verdict], ...]

    @property
    def totals(self) -> Mapping[str, int]:
        counts = Counter(verdict.as_printed for _, verdict in self.claims)
        return {kind.value: counts[kind] for kind in AsPrinted if counts[kind]}

    @property
    def exit_code(self) -> int:
        return exit_code([self])

    def __bool__(self) -> bool:
        return self.exit_code == 0

    def __str__(self) -> str:
        from .report.terminal import document_text

        return document_text([self])

    def _repr_html_(self) -> str:
        from .report.html import check_html

        return check_html(self)


def exit_code(checks: list[DocumentCheck]) -> int:
    """0 all hold, 1 something is wrong, 2 something could not be checked, 4 routes disagree."""
    verdicts = [verdict for check in checks for _, verdict in check.claims]
    if any(verdict.contradiction for verdict in verdicts):
        return 4
    kinds = {verdict.as_printed for verdict in verdicts}
    if kinds & _FAILED:
        return 1
    unchecked = kinds - _SETTLED - {AsPrinted.NOT_A_CLAIM}
    return 2 if unchecked or AsPrinted.HOLDS not in kinds else 0


def check_document(
    path: str | Path, notation: str | Path | None = None, convention: str | None = None
) -> DocumentCheck:
    """Judge every claim of a Markdown document.

    Shapes: those that the notation declares.
    Source: the notation file, else the document's own notation block, else the file beside it.
    Raises: DocumentError, NotationError or UsageError where an input is bad.
    """
    return check_conventions(Path(path), None if notation is None else Path(notation), convention)[
        0
    ]


def check_conventions(
    path: Path,
    notation: Path | None = None,
    convention: str | None = None,
    *,
    budget: int | None = None,
    seed: int = 0,
    engine: str | None = None,
    in_full: bool = False,
    progress: Progress | None = None,
) -> list[DocumentCheck]:
    """A document under one convention, or under each for ``all``.

    ``in_full`` also writes the derivations out and draws curves for the counterexamples.
    """
    page = open_page(path)
    found, source = find_notation(path, page, notation)
    chosen = choose(found, convention, source)
    options = (budget, seed, engine, in_full, progress)
    return [_check(path, page, item, source, *options) for item in chosen]


def open_page(path: Path) -> Page:
    if path.suffix in UNSUPPORTED:
        raise DocumentError(f"{path}: {UNSUPPORTED[path.suffix]} is not read yet; give Markdown")
    page = parse_page(read_text(path))
    if not page.items:
        raise DocumentError(f"{path}: no formula in it; write one between $ signs")
    return page


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
        from .claims.draft import draft_notation

        return parse_notation(draft_notation(page), DRAFTED), DRAFTED
    return load_notation(beside), str(beside)


def choose(found: dict[str, Notation], convention: str | None, source: str) -> list[Notation]:
    if convention == ALL:
        return list(found.values())
    if convention is None:
        return [next(iter(found.values()))]
    if convention not in found:
        raise UsageError(f"{source}: no convention '{convention}'; it has {', '.join(found)}")
    return [found[convention]]


def _check(
    path: Path,
    page: Page,
    notation: Notation,
    source: str,
    budget: int | None,
    seed: int,
    engine: str | None,
    in_full: bool,
    progress: Progress | None,
) -> DocumentCheck:
    from .verdict import BUDGET, Judge

    claims = read_claims(page, notation)
    steps = count(1)

    def done() -> None:
        if progress is not None:
            progress(next(steps), len(claims))

    edits = BUDGET if budget is None else budget
    judge = Judge(notation, edits, seed, _asked(engine), in_full)
    verdicts = judge.judge_all(claims, done)
    return DocumentCheck(
        document=str(path),
        notation=source,
        convention=notation.convention,
        claims=tuple(zip(claims, verdicts, strict=True)),
    )


def _asked(engine: str | None) -> Ask | None:
    if engine is None:
        return None
    from .engine_answers import engine_named

    return engine_named(engine)


def check_many(
    paths: Sequence[Path],
    notation: Path | None = None,
    convention: str | None = None,
    *,
    budget: int | None = None,
    seed: int = 0,
    engine: str | None = None,
    in_full: bool = False,
    jobs: int = 1,
    progress: Progress | None = None,
) -> list[DocumentCheck]:
    """Several documents, in so many processes; the answers are those of one process."""
    files = [file for path in paths for file in documents_in(path)]
    options: dict[str, Any] = {"budget": budget, "seed": seed, "engine": engine}
    options["in_full"] = in_full
    if jobs == 1 or len(files) == 1:
        found = [check_conventions(f, notation, convention, progress=progress, **options)
                 for f in files]  # fmt: skip
        return [check for checks in found for check in checks]
    results: list[DocumentCheck] = []
    with ProcessPoolExecutor(max_workers=min(jobs, len(files))) as pool:
        work = partial(check_conventions, notation=notation, convention=convention, **options)
        for number, checks in enumerate(pool.map(work, files), start=1):
            results += checks
            if progress is not None:
                progress(number, len(files))
    return results


def documents_in(path: Path) -> list[Path]:
    """The file itself, or every Markdown file below a folder, in order."""
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*.md") if file.is_file())
    if not found:
        raise DocumentError(f"{path}: a folder without a Markdown file; name a document")
    return found
