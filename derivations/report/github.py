"""Annotations for a continuous-integration log, one line a finding."""

from __future__ import annotations

from collections.abc import Iterable

from ..check import DocumentCheck
from .findings import Finding, contradictions, findings, label, place
from .visible import visible


def as_github(checks: Iterable[DocumentCheck]) -> str:
    """Workflow commands at the formulas' lines, and the totals of each document."""
    checks = list(checks)
    lines = [_annotation(finding) for finding in findings(checks)]
    lines += [f"::error title=gradproof::{_data(text)}" for text in contradictions(checks)]
    return "".join(f"{line}\n" for line in [*lines, *map(_totals, checks)])


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
