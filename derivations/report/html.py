"""The report as one HTML file: no script, nothing loaded, everything from a document escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing

from ..answer import AsPrinted, Verdict
from ..check import DocumentCheck, by_document
from ..claims.claim import Claim
from ..sources import BUILT_IN, DRAFTED
from .findings import contradictions, place
from .html_claim import closest, details, formulas, printed, sheets
from .html_style import STYLE, policy
from .json import gradproof_version
from .markup import Element, element
from .spool import Spool
from .visible import brief
from .words import draft_hint, outcome_text

MARKS = {
    AsPrinted.HOLDS: "✓",
    AsPrinted.FAILS: "✗",
    AsPrinted.ILL_TYPED: "⊘",
    AsPrinted.UNDECLARED: "?",
    AsPrinted.UNREADABLE: "…",
    AsPrinted.INCONCLUSIVE: "≈",
    AsPrinted.NOT_A_CLAIM: "–",
}
SECTIONS = "documents"  # where they will stand
Row = tuple[tuple[Claim, Verdict], ...]


def as_html(checks: Iterable[DocumentCheck]) -> str:
    """The whole report; equal checks give equal bytes."""
    return "".join(html_pieces(checks))


def html_pieces(checks: Iterable[DocumentCheck]) -> Iterator[str]:
    """The same text, which begins when the last document has been seen."""
    names: dict[str, None] = {}
    errors: list[str] = []
    with closing(Spool()) as sections:
        for group in by_document(checks):
            names[_name(group[0])] = None
            errors += contradictions(group)
            sections.write(str(_document(group)))
        before, _, after = str(_page(names, errors)).rpartition(SECTIONS)
        yield f"<!DOCTYPE html>\n{before}"
        yield from sections
        yield f"{after}\n"


def _page(names: Iterable[str], errors: list[str]) -> Element:
    """The report without its documents."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy()),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"gradproof: {', '.join(names)}"),
        element("style", STYLE),
    )
    told = [element("p", text, class_="error", role="alert") for text in errors]
    body = element(
        "body",
        element("header", element("h1", "gradproof report")),
        element("main", *told, SECTIONS),
        element("footer", element("p", f"gradproof {gradproof_version()}")),
    )
    return element("html", head, body, lang="en")


def check_html(check: DocumentCheck) -> str:
    """A small table for a notebook."""
    table = element(
        "table",
        _header(["line", "as printed", "verdict", "closest true formula, or why not"]),
        element("tbody", *(_brief(claim, verdict) for claim, verdict in check.claims)),
    )
    counts = ", ".join(f"{count} {kind}" for kind, count in check.totals.items())
    return f"{element('p', element('b', counts))}{table}"


def _brief(claim: Claim, verdict: Verdict) -> Element:
    before, true = formulas(claim, verdict)
    last = true or element("span", outcome_text(verdict))
    cells = (element("td", part) for part in (before, _verdict(verdict), last))
    return element("tr", element("th", str(claim.line), scope="row"), *cells)


# -- documents ----------------------------------------------------------------------
def _document(group: list[DocumentCheck]) -> Element:
    several = len(group) > 1
    parts = [element("h2", _name(group[0]))]
    if group[0].notation == DRAFTED:
        parts.append(element("p", f"Under {DRAFTED}. {draft_hint(group[0].document)}"))
    for check in group:
        title = f"Convention {check.convention}"
        parts.append(element("h3", title) if several else element("p", title, class_="soft"))
        parts.append(_totals(check))
    rows: list[Row] = list(zip(*(check.claims for check in group), strict=True))
    judged = [row for row in rows if any(_is_judged(verdict) for _, verdict in row)]
    if judged:
        parts.append(_table(group, judged))
    parts += _rest([row[0] for row in rows if row not in judged])
    return element("section", *parts)


def _is_judged(verdict: Verdict) -> bool:
    return verdict.as_printed is not AsPrinted.NOT_A_CLAIM


def _name(check: DocumentCheck) -> str:
    return "The built-in document" if check.document == str(BUILT_IN) else place(check.document)


def _totals(check: DocumentCheck) -> Element:
    chips = []
    for kind in MARKS:
        if kind.value in check.totals:
            count = element("b", str(check.totals[kind.value]))
            chips.append(element("li", count, _sign(kind), class_=kind.value))
    return element("ul", *chips, class_="totals")


def _sign(kind: AsPrinted) -> Element:
    """The verdict as a mark and a word, so that colour is never alone."""
    name = "no claim" if kind is AsPrinted.NOT_A_CLAIM else kind.value
    mark = element("span", MARKS[kind], class_="mark", aria_hidden="true")
    return element("span", mark, " ", name, class_=f"verdict {kind.value}")


def _table(group: list[DocumentCheck], rows: list[Row]) -> Element:
    if len(group) == 1:
        heads = ["line", "as printed", "verdict", "closest true formula"]
        caption = "Every claim in the order of the document"
    else:
        heads = ["line", "as printed", *(check.convention for check in group)]
        caption = "Every claim under every convention"
    body = [part for row in rows for part in _rows(row, heads)]
    parts = (element("caption", caption), _header(heads), element("tbody", *body))
    kind = "claims single" if len(group) == 1 else "claims"
    return element("table", *parts, class_=kind)


def _header(heads: list[str]) -> Element:
    cells = (element("th", head, scope="col") for head in heads)
    return element("thead", element("tr", *cells))


def _rows(row: Row, heads: list[str]) -> Iterator[Element]:
    """A claim, and a row below it that unfolds."""
    yield _row(row, heads)
    below = element("div", *_unfolding(row, heads[2:]), class_="below")
    yield element("tr", element("td", below, colspan=str(len(heads))), class_="more")


def _unfolding(row: Row, conventions: list[str]) -> Iterator[Element]:
    """The details of a claim; those that are the same under several conventions stand once."""
    line = row[0][0].line
    if len({sheets(verdict) for _, verdict in row}) == 1:
        yield details("Details", line, sheets(row[0][1]))
        return
    shared: dict[Element, list[str]] = {}
    for convention, (_, verdict) in zip(conventions, row, strict=True):
        shared.setdefault(sheets(verdict), []).append(convention)
    for body, names in shared.items():
        yield details(f"Details under {', '.join(names)}", line, body)


def _row(row: Row, heads: list[str]) -> Element:
    claim, verdict = row[0]
    line = element("th", str(claim.line), scope="row", data_label="line")
    before, true = formulas(claim, verdict)
    if len(row) == 1:
        cells = [
            element("td", before),
            element("td", _verdict(verdict)),
            element("td", *closest(claim, verdict, true), data_label=heads[3] if true else None),
        ]
    else:
        cells = [element("td", printed(claim))]
        for head, (one, found) in zip(heads[2:], row, strict=True):
            parts = (
                element("div", _verdict(found)),
                *closest(one, found, formulas(one, found)[1]),
            )
            cells.append(element("td", *parts, data_label=head))
    return element("tr", line, *cells, id=claim.id)


def _verdict(verdict: Verdict) -> Element:
    return _sign(verdict.as_printed)


def _rest(claims: list[tuple[Claim, Verdict]]) -> list[Element]:
    """What claims nothing, out of the way but not left out."""
    if not claims:
        return []
    items = (
        element(
            "li",
            f"line {claim.line}: ",
            element("code", brief(claim.tex)),
            f" {verdict.reason}",
        )
        for claim, verdict in claims
    )
    summary = element("summary", f"{len(claims)} passages that were not judged")
    return [element("details", summary, element("ul", *items, class_="rest"))]
