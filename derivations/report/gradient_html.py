"""A check of a gradient as a notebook shows it."""

from __future__ import annotations

from collections.abc import Iterator

from ..numeric.result import SHOWN, GradientCheck, WrongEntry, number, place, values
from .markup import Element, element

MARKS = {"agrees": "✓", "disagrees": "✗", "inconclusive": "≈"}


def gradient_html(check: GradientCheck) -> str:
    """The verdict, the worst entries, and how sure it is; everything from the caller escaped."""
    head = element("p", element("b", f"{MARKS[check.verdict]} {check.headline()}"))
    facts = [part for pair in _facts(check) for part in pair]
    parts = [head, *_table(check), element("dl", *facts)]
    return str(element("div", *parts))


def _table(check: GradientCheck) -> Iterator[Element]:
    if not check.wrong:
        return
    worst = sorted(check.wrong, key=lambda entry: -entry.excess)[:SHOWN]
    names = ("entry", "analytic", "numeric", "bound")
    heads = (element("th", name, scope="col") for name in names)
    said = f"{len(check.wrong)} shown wrong of {check.size} entries, the worst first"
    yield element(
        "table",
        element("caption", said),
        element("thead", element("tr", *heads)),
        element("tbody", *map(_row, worst)),
    )


def _row(entry: WrongEntry) -> Element:
    analytic, numeric = values(entry)
    cells = (element("td", text) for text in (analytic, numeric, f"± {entry.bound:.1g}"))
    return element("tr", element("th", place(entry.where), scope="row"), *cells)


def _facts(check: GradientCheck) -> Iterator[tuple[Element, Element]]:
    for name, text in (
        ("where", "; ".join(check.summary)),
        ("hint", check.diagnosis or ""),
        ("oracle", f"{check.oracle}, {check.evaluations} evaluations of f"),
        ("sees", f"errors in one entry from {number(check.resolution)} on" if check else ""),
        ("repeat", f"seed={check.seed}"),
    ):
        if text:
            yield element("dt", name), element("dd", text)
