"""Text of a document as it may be shown: nothing in it hides or reorders its neighbours."""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    """The text with every character that hides or reorders others shown by its number."""
    return "".join(
        f"\\u{ord(c):04x}" if unicodedata.category(c) in _HIDDEN else c
        for c in text.replace("\n", " ")
    )
