"""The letters and accents that TeX commands name, in Unicode."""

from __future__ import annotations

import re
import unicodedata

# As TeX prints them: its plain epsilon and phi are Unicode's symbols, its variants the letters.
_OWN = {
    "ell": "ℓ",
    "epsilon": "ϵ",
    "varepsilon": "ε",
    "phi": "ϕ",
    "varphi": "φ",
    "vartheta": "ϑ",
    "varrho": "ϱ",
    "varsigma": "ς",
}
# Over one letter these are printed as they look; a terminal gives them no width of their own.
_ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303",
    "bar": "\u0304", "overline": "\u0304", "dot": "\u0307",
}  # fmt: skip
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_ACCENTED = re.compile(rf"\\({'|'.join(_ACCENTS)})(?:\{{\s*([^\W\d_])\s*\}}|\s+([^\W\d_])(?!\w))")


def letter(command: str) -> str | None:
    """The letter that a TeX command such as ``alpha`` names; None where it names none."""
    if command in _OWN:
        return _OWN[command]
    size = "CAPITAL" if command[:1].isupper() else "SMALL"
    name = {"LAMBDA": "LAMDA"}.get(command.upper(), command.upper())
    try:
        return unicodedata.lookup(f"GREEK {size} LETTER {name}")
    except KeyError:
        return None


def in_letters(text: str) -> str:
    """A name with its commands of letters, and accents over one letter, as the page prints it."""
    plain = _COMMAND.sub(lambda found: letter(found[1]) or found[0], text)
    return _ACCENTED.sub(lambda found: (found[2] or found[3]) + _ACCENTS[found[1]], plain)
