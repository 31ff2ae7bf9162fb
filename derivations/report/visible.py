"""Text of a document as it may be shown: nothing in it hides or reorders its neighbours."""

from __future__ import annotations

import unicodedata

MAX_SHOWN = 300  # characters of a formula that is shown as it was typed
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LEFTWARDS = frozenset({"R", "AL", "AN"})  # they are written from right to left


def visible(text: str) -> str:
    """The text with every character that hides or reorders others shown by its number."""
    return "".join(f"\\u{ord(c):04x}" if _hides(c) else c for c in text.replace("\n", " "))


def _hides(c: str) -> bool:
    return unicodedata.category(c) in _HIDDEN or unicodedata.bidirectional(c) in _LEFTWARDS


def brief(text: str) -> str:
    """The text in one line; of a very long one its beginning and its length."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_SHOWN else f"{line[:MAX_SHOWN]}… ({len(line)} characters)"
