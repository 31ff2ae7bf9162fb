"""Tables for a terminal; plain text where there is none."""

from __future__ import annotations

import io
import shutil
import sys
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from ..answer import AsPrinted, Counterexample, Verdict
from ..check import DRAFTED, DocumentCheck
from ..claims.claim import Claim
from ..document.statements import Loop
from ..document.write import to_text
from .visible import visible

WIDTH = 100
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
Row = list[tuple[Claim, Verdict]]


def document_text(checks: list[DocumentCheck]) -> str:
    """The table as plain text."""
    out = io.StringIO()
    console = Console(file=out, width=WIDTH, color_system=None)
    console.print(document_table(checks))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def terminal() -> Console:
    """A console as wide as the terminal, at most as wide as a table should be."""
    columns = shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH
    return Console(width=min(columns, WIDTH))


def document_table(checks: list[DocumentCheck]) -> Group:
    """Totals first, then the claims of each document, the worst first."""
    parts: list[Any] = []
    for group in _by_document(checks):
        parts += [*(_totals(check) for check in group), _table(group)]
        parts += [
            Text(
                f"  two routes contradict each other on {claim.id}: {verdict.contradiction}",
                style="bold red",
            )
            for check in group
            for claim, verdict in check.claims
            if verdict.contradiction
        ]
    return Group(*parts)


def _by_document(checks: list[DocumentCheck]) -> list[list[DocumentCheck]]:
    groups: dict[str, list[DocumentCheck]] = {}
    for check in checks:
        groups.setdefault(check.document, []).append(check)
    return list(groups.values())


def _totals(check: DocumentCheck) -> Text:
    kinds = [kind for kind in ORDER if kind.value in check.totals]
    drafted = f", {DRAFTED}" if check.notation == DRAFTED else ""
    name = visible(_short(check.document))
    text = Text(f"{name} under '{visible(check.convention)}'{drafted}: ")
    for position, kind in enumerate(kinds):
        text.append(", " if position else "")
        name = "no claim" if kind is AsPrinted.NOT_A_CLAIM else kind.value
        text.append(f"{check.totals[kind.value]} {name}", style=COLOURS.get(kind, "yellow"))
    return text


def _short(path: str) -> str:
    return "the built-in document" if path.endswith("training/formulas.md") else path


def _table(group: list[DocumentCheck]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, expand=False, width=WIDTH)
    table.add_column("line", justify="right", no_wrap=True)
    table.add_column("as printed", ratio=3, overflow="fold")
    for check in group:
        table.add_column(
            visible(check.convention) if len(group) > 1 else "verdict",
            no_wrap=len(group) == 1,
            ratio=None if len(group) == 1 else 2,
            overflow="fold",
        )
    if len(group) == 1:
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


def _cells(row: Row) -> list[Any]:
    claim = row[0][0]
    cells: list[Any] = [str(claim.line), Text(visible(claim_text(claim)))]
    for _, verdict in row:
        text = Text(verdict.as_printed.value, style=COLOURS.get(verdict.as_printed, "yellow"))
        if len(row) > 1 and verdict.as_printed is not AsPrinted.HOLDS and verdict.reading:
            text.append(f"\n{verdict.reading}", style="default")
        cells.append(text)
    if len(row) == 1:
        cells.append(_outcome(row[0][1]))
    return cells


def _outcome(verdict: Verdict) -> Text:
    if verdict.as_printed is AsPrinted.HOLDS:
        return Text(f"{verdict.strength.value if verdict.strength else ''}", style="dim")
    if verdict.reading is None:
        return Text(visible(verdict.reason))
    text = Text(verdict.reading)
    edits = ", ".join(edit_words(verdict))
    only = f"; {verdict.scope}" if verdict.scope.endswith("only") else ""
    text.append(f"\n{_times(verdict.cost)}: {edits}{only}", style="dim")
    return text


def _times(cost: int | None) -> str:
    return f"cost {cost}"


def edit_words(verdict: Verdict) -> list[str]:
    """The edits in words, the shortest with what they change."""
    words = []
    for change in verdict.changes:
        before, after = change.shown()
        short = len(before) + len(after) < 16
        words.append(f"{change.edit.value} ({before} → {after})" if short else change.edit.value)
    return words


def claim_text(claim: Claim) -> str:
    """A claim as one line of Unicode."""
    if claim.left is not None and claim.right is not None:
        sign = {":=": "←", "\\approx": "≈", "\\in": "∈", "\\notin": "∉"}.get(claim.sign, claim.sign)
        lead = "… " if claim.continues else ""
        return f"{lead}{to_text(claim.left)} {sign} {to_text(claim.right)}"
    if isinstance(claim.loop, Loop):
        loop = claim.loop
        return f"for {loop.index} from {to_text(loop.first)} to {to_text(loop.last)}"
    return " ".join(claim.tex.split())


def counterexample_lines(example: Counterexample) -> list[str]:
    lines = [f"{name} = {_numbers(value)}" for name, value in example.values.items()]
    printed, true = example.printed_digits, example.true_digits
    return [*lines, f"printed  {_numbers(printed)}", f"true     {_numbers(true)}"]


def _numbers(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_numbers(item) for item in value) + "]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
