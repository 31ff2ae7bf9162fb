"""Annotations for a continuous-integration log, one line a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..check import DocumentCheck
from .findings import Finding, contradictions, findings, label, place
from .visible import visible


def as_github(checks: Iterable[DocumentCheck]) -> str:
    """Workflow commands at the formulas' lines, and the totals of each document."""
    return "".join(github_pieces(checks))


def github_pieces(checks: Iterable[DocumentCheck]) -> Iterator[str]:
    """The same text, a document at a time; its totals come last."""
    errors: list[str] = []
    totals: list[str] = []
    for check in checks:
        yield from (f"{_annotation(finding)}\n" for finding in findings([check]))
        errors += contradictions([check])
        totals.append(f"{_totals(check)}\n")
    yield from (f"::error title=gradproof::{_data(text)}\n" for text in errors)
    yield from totals


def _annotation(finding: Finding) -> str:
    properties = {
        "file": visible(place(finding.check.document)),
        "line": str(finding.claim.line),
        "endLine": str(finding.last_line),
        "title": f"{finding.verdict.as_printed.value}: {label(finding.claim)}",
    }
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{finding.level.value} {listed}::{_data(finding.text)}"


def _totals(check: DocumentCheck) -> str:
    counts = ", ".join(f"{count} {kind}" for kind, count in check.totals.items())
    text = f"gradproof: {place(check.document)} under '{check.convention}': {counts}"
    return _data(visible(text))


def _data(text: str) -> str:
    """Escaped so that the text ends where it should, and starts no command of its own."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
