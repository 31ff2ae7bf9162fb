"""What kind of value each table of a notation file holds; checked before any of it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..document.grammar import GREEK

WORDS = ("title", "layout", "prime", "rate", "slope", "target")  # single words, not tables
LAYOUTS = ("denominator", "numerator")


def complaint(tables: Mapping[str, Any]) -> tuple[str, str] | None:
    """The first key whose value is of the wrong kind, and what was due; None if all is well."""
    for key, value in tables.items():
        if key in WORDS:
            due = _word(key, value)
        elif key == "per_sample":
            names = _are_texts(value) and all(name.startswith("d") for name in value)
            due = "" if names else 'write the gradients per sample as  per_sample = ["dZ"]'
        elif not isinstance(value, dict):
            return key, f"'{key}' must be a table; write it as [{key}]"
        else:
            found = _entries(key, value)
            if found is not None:
                return found
            continue
        if due:
            return key, due
    return None


def _word(key: str, value: Any) -> str | None:
    if not isinstance(value, str):
        return f"'{key}' must be a text in quotes"
    if key == "prime" and value != "transpose":
        return f"prime '{value}' is unknown; write  prime = \"transpose\"  or leave it out"
    if key == "slope" and f"\\{value.removeprefix(chr(92))}" not in GREEK:
        return f"slope '{value}' is no Greek letter; write  slope = \"delta\"  or leave it out"
    if key == "layout" and value not in LAYOUTS:
        return f"layout '{value}' is unknown; known are {', '.join(LAYOUTS)}"
    return None


def _entries(table: str, entries: Mapping[str, Any]) -> tuple[str, str] | None:
    rule = _RULES.get(table)
    if rule is None:
        return None
    fits, due = rule
    for key, value in entries.items():
        if not fits(value):
            return key, f"'{key}' in [{table}]: {due}"
    return None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_index(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))


def _is_matrix(value: Any) -> bool:
    rows = isinstance(value, list) and bool(value) and all(isinstance(r, list) for r in value)
    if not rows or not value[0] or len({len(row) for row in value}) != 1:
        return False
    return all(
        isinstance(cell, int | float) and not isinstance(cell, bool)
        for row in value
        for cell in row
    )


_TEXT = (_is_text, "write a text in quotes")
_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(("alias", "samples", "operator", "functions", "domain", "assume"), _TEXT),
    "at": (_is_index, "write a layer in quotes"),
    "bare": (_is_index, "write a layer in quotes"),
    "product": (lambda v: _is_text(v) or _are_texts(v), "write one meaning, or a list of them"),
    "example": (_is_matrix, "write rows of numbers, such as [[1, 2], [3, 4]]"),
    "model": (
        lambda v: _is_text(v) or _are_texts(v),
        "write  loss = TEXT  and  forward = [TEXT, ...]",
    ),
    "part": (lambda v: isinstance(v, dict), "write it as a table [part.NAME]"),
    "convention": (lambda v: isinstance(v, dict), "write it as a table [convention.NAME]"),
}
