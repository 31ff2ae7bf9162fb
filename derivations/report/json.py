"""The public JSON of a check."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ..answer import Counterexample, Verdict
from ..check import DocumentCheck
from ..claims.claim import Claim


def gradproof_version() -> str:
    try:
        return version("gradproof")
    except PackageNotFoundError:
        return "0"


def as_json(checks: Iterable[DocumentCheck]) -> str:
    """All documents as one JSON text; equal checks give equal bytes."""
    return "".join(json_pieces(checks))


def json_pieces(checks: Iterable[DocumentCheck]) -> Iterator[str]:
    """The same text, a document at a time."""
    before, after = around({"gradproof": gradproof_version(), "documents": []})
    yield before
    yield from listed(map(_document, checks), depth=2)
    yield after


def around(value: dict[str, Any]) -> tuple[str, str]:
    """What stands before and behind the last empty list in a JSON text."""
    before, _, after = indented(value).rpartition("[]")
    return before, f"{after}\n"


def listed(items: Iterable[Any], depth: int) -> Iterator[str]:
    """A JSON list whose items stand so deep."""
    margin, separator = "\n" + " " * depth, "["
    for item in items:
        yield separator + f"\n{indented(item)}".replace("\n", margin)
        separator = ","
    yield "[]" if separator == "[" else f"{margin[:-1]}]"


def indented(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _document(check: DocumentCheck) -> dict[str, Any]:
    return {
        "document": check.document,
        "notation": check.notation,
        "convention": check.convention,
        "claims": [claim_data(claim, verdict) for claim, verdict in check.claims],
        "totals": dict(check.totals),
    }


def claim_data(claim: Claim, verdict: Verdict) -> dict[str, Any]:
    return {
        "id": claim.id,
        "line": claim.line,
        "tex": claim.tex,
        "kind": claim.kind.value,
        "continues": claim.continues,
        "as_printed": verdict.as_printed.value,
        "reason": verdict.reason,
        "reading": verdict.reading,
        "reading_tex": verdict.reading_tex,
        "edits": [
            {"edit": change.edit.value, "before": before, "after": after}
            for change in verdict.changes
            for before, after in [change.shown()]
        ],
        "cost": verdict.cost,
        "rivals": list(verdict.rivals),
        "scope": verdict.scope,
        "strength": verdict.strength.value if verdict.strength else None,
        "counterexample": _counterexample(verdict.counterexample),
        "floats": verdict.floats,
        "engine": verdict.engine,
        "assuming": list(verdict.assuming),
    }


def _counterexample(example: Counterexample | None) -> dict[str, Any] | None:
    if example is None:
        return None
    return {
        "shapes": {name: list(shape) for name, shape in example.shapes.items()},
        "values": example.values,
        "printed": example.printed,
        "true": example.true,
    }
