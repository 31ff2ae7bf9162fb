"""SARIF 2.1.0, as code scanning services read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..check import DocumentCheck
from .findings import LEVELS, MEANINGS, Finding, contradictions, findings, place
from .json import around, gradproof_version, listed
from .spool import Spool

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"
_RULES = list(LEVELS)


def as_sarif(checks: Iterable[DocumentCheck]) -> str:
    """All findings of all documents as one run; equal checks give equal bytes."""
    return "".join(sarif_pieces(checks))


def sarif_pieces(checks: Iterable[DocumentCheck]) -> Iterator[str]:
    """The same text, which begins when the last document has been seen."""
    errors: list[str] = []
    with closing(Spool()) as results:
        for piece in listed(_results(checks, errors), depth=4):
            results.write(piece)
        before, after = around({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(errors)]})
        yield before
        yield from results
        yield after


def _results(checks: Iterable[DocumentCheck], errors: list[str]) -> Iterator[dict[str, Any]]:
    for check in checks:
        errors += contradictions([check])
        yield from map(_result, findings([check]))


def _run(errors: list[str]) -> dict[str, Any]:
    return {
        "tool": {"driver": _driver()},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not errors,
                "toolExecutionNotifications": [
                    {"level": "error", "message": _message(text)} for text in errors
                ],
            }
        ],
        "results": [],
    }


def _driver() -> dict[str, Any]:
    return {
        "name": "gradproof",
        "version": gradproof_version(),
        "rules": [
            {
                "id": kind.value,
                "shortDescription": {"text": MEANINGS[kind]},
                "fullDescription": {"text": MEANINGS[kind]},
                "defaultConfiguration": {"level": LEVELS[kind].value},
            }
            for kind in _RULES
        ],
    }


def _result(finding: Finding) -> dict[str, Any]:
    return {
        "ruleId": finding.verdict.as_printed.value,
        "ruleIndex": _RULES.index(finding.verdict.as_printed),
        "level": finding.level.value,
        "message": _message(finding.text),
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _artifact(finding),
                    "region": _region(finding),
                }
            }
        ],
        "partialFingerprints": {"claim/v1": f"{finding.check.convention}/{finding.claim.id}"},
    }


def _region(finding: Finding) -> dict[str, Any]:
    return {
        "startLine": finding.claim.line,
        "endLine": finding.last_line,
        "snippet": {"text": finding.claim.tex},
    }


def _artifact(finding: Finding) -> dict[str, str]:
    path = place(finding.check.document)
    if Path(path).is_absolute() or path.startswith(".."):
        return {"uri": Path(path).resolve().as_uri()}
    return {"uri": quote(path), "uriBaseId": ROOT}


def _message(text: str) -> dict[str, str]:
    """Plain text: braces would open a placeholder there, and brackets a link."""
    return {"text": text.replace("{", "{{").replace("}", "}}").replace("](", "] (")}
