"""Tables for a terminal; plain text where there is none."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..answer import AsPrinted, Verdict
from ..check import DocumentCheck, by_document
from ..claims.claim import Claim
from ..sources import DRAFTED
from .findings import contradictions
from .visible import visible
from .words import claim_text, draft_hint, edit_words, outcome_text

WIDTH = 100  # of plain text
WIDEST = 160  # of a table: longer lines are hard to follow
NARROW = 72  # below it claims stand under each other
ORDER = [
    AsPrinted.FAILS,
    AsPrinted.ILL_TYPED,
    AsPrinted.UNDECLARED,
    AsPrinted.UNREADABLE,
    AsPrinted.INCONCLUSIVE,
    AsPrinted.HOLDS,
    AsPrinted.NOT_A_CLAIM,
]
COLOURS = {
    AsPrinted.HOLDS: "green",
    AsPrinted.FAILS: "red",
    AsPrinted.ILL_TYPED: "red",
    AsPrinted.NOT_A_CLAIM: "dim",
}
LEGEND = {
    "·": "· is a product without a sign",
    "⊙": "⊙ is entry by entry",
    "ᵀ": "ᵀ is the transpose",
    "Σ[samples]": "Σ[samples] sums over the samples",
    "Σ[outputs]": "Σ[outputs] sums over the outputs",
}
Row = list[tuple[Claim, Verdict]]


def document_text(checks: list[DocumentCheck]) -> str:
    """The table as plain text."""
    return plain(document_table(checks))


def plain(renderable: Any, width: int = WIDTH) -> str:
    """What a console of a width would show, without colour."""
    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(renderable)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def table_pieces(checks: Iterable[DocumentCheck], coloured: bool) -> Iterator[str]:
    """The table as text, a document at a time; coloured, and as wide, as the terminal is."""
    for group in by_document(checks):
        if coloured:
            console = terminal()
            with console.capture() as shown:
                console.print(document_table(group))
            yield shown.get()
        else:
            yield document_text(group)


def terminal() -> Console:
    """A console as wide as the terminal."""
    columns = shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH
    return Console(width=columns)


def document_table(checks: list[DocumentCheck]) -> Tables:
    """Totals first, then the claims of each document, the worst first."""
    return Tables(checks)


@dataclass(frozen=True, slots=True)
class Tables:
    """What a console shows of checks, as wide as it is."""

    checks: list[DocumentCheck]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(options.max_width, WIDEST)
        for group in by_document(self.checks):
            yield from map(_totals, group)
            yield from _drafted(group)
            yield from _stack(group) if width < NARROW else [_table(group, width)]
            yield from _legend(group)
            yield from _errors(group)


def _errors(group: list[DocumentCheck]) -> Iterator[Text]:
    yield from (Text(f"  {words}", style="bold red") for words in contradictions(group))


def _drafted(group: list[DocumentCheck]) -> Iterator[Text]:
    """How to get hold of a notation that was made up for the occasion."""
    if group[0].notation == DRAFTED:
        yield Text(visible(draft_hint(group[0].document)), style="dim")


def _totals(check: DocumentCheck) -> Text:
    kinds = [kind for kind in ORDER if kind.value in check.totals]
    drafted = f", {DRAFTED}" if check.notation == DRAFTED else ""
    name = visible(_short(check.document))
    text = Text(f"{name} under '{visible(check.convention)}'{drafted}: ")
    for position, kind in enumerate(kinds):
        text.append(", " if position else "")
        word = "no claim" if kind is AsPrinted.NOT_A_CLAIM else kind.value
        text.append(f"{check.totals[kind.value]} {word}", style=COLOURS.get(kind, "yellow"))
    return text


def _short(path: str) -> str:
    return "the built-in document" if path.endswith("training/formulas.md") else path


# -- a table ------------------------------------------------------------------------
def _table(group: list[DocumentCheck], width: int) -> Table:
    several = len(group) > 1
    table = Table(box=SIMPLE_HEAD, pad_edge=False, expand=False, width=width)
    table.add_column("line", justify="right", no_wrap=True)
    table.add_column("as printed", ratio=3, overflow="fold")
    for check in group:
        table.add_column(
            visible(check.convention) if several else "verdict",
            no_wrap=not several,
            ratio=2 if several else None,
            overflow="fold",
        )
    if not several:
        table.add_column("closest true formula, or why not", ratio=4, overflow="fold")
    for row in _rows(group):
        table.add_row(*_cells(row))
    return table


def _rows(group: list[DocumentCheck]) -> list[Row]:
    """One row a claim, the worst first; what claims nothing is left to the totals."""
    rows = [list(pairs) for pairs in zip(*(check.claims for check in group), strict=True)]
    shown = [row for row in rows if any(v.as_printed is not AsPrinted.NOT_A_CLAIM for _, v in row)]
    return sorted(
        shown, key=lambda row: (min(ORDER.index(v.as_printed) for _, v in row), row[0][0].line)
    )


def _cells(row: Row) -> Iterator[Any]:
    claim = row[0][0]
    yield str(claim.line)
    yield Text(visible(claim_text(claim)))
    if len(row) == 1:
        yield _kind(row[0][1])
        yield _outcome(row[0][1])
        return
    for _, verdict in row:
        text = _kind(verdict)
        if verdict.as_printed is not AsPrinted.HOLDS and verdict.reading:
            text.append(f"\n{visible(verdict.reading)}", style="default")
        yield text


def _kind(verdict: Verdict) -> Text:
    return Text(verdict.as_printed.value, style=COLOURS.get(verdict.as_printed, "yellow"))


def _outcome(verdict: Verdict) -> Text:
    if verdict.as_printed is AsPrinted.HOLDS:
        return Text(visible(outcome_text(verdict)), style="dim")
    if verdict.reading is None:
        return Text(visible(verdict.reason))
    text = Text(visible(verdict.reading))
    only = f"; {verdict.scope}" if verdict.scope.endswith("only") else ""
    text.append(f"\n{_edits(verdict)}{only}", style="dim")
    return text


def _edits(verdict: Verdict) -> str:
    """``2 edits: transpose one operand (X → Xᵀ), flip a sign``."""
    words = edit_words(verdict)
    count = "1 edit" if len(words) == 1 else f"{len(words)} edits"
    cost = "" if verdict.cost == len(words) else f" that cost {verdict.cost}"
    return visible(f"{count}{cost}: {', '.join(words)}")


# -- where a table has no room --------------------------------------------------------
def _stack(group: list[DocumentCheck]) -> Iterator[Any]:
    for row in _rows(group):
        claim = row[0][0]
        yield Text(f"\nL{claim.line}  {visible(claim_text(claim))}")
        for check, (_, verdict) in zip(group, row, strict=True):
            text = _kind(verdict)
            if len(group) > 1:
                text = Text(f"{visible(check.convention)}: ").append_text(text)
            yield Padding(text, (0, 0, 0, 2))
            yield Padding(_outcome(verdict), (0, 0, 0, 4))
    yield Text()


def _legend(group: list[DocumentCheck]) -> Iterator[Text]:
    """What the signs mean that stand in the formulas shown, in one line."""
    shown = "".join(
        claim_text(claim) + (verdict.reading or "")
        for check in group
        for claim, verdict in check.claims
        if verdict.as_printed is not AsPrinted.NOT_A_CLAIM
    )
    meanings = [words for sign, words in LEGEND.items() if sign in shown]
    if meanings:
        yield Text(f"{'; '.join(meanings)}.", style="dim")
