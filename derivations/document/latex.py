"""Formulas with their lines, out of a LaTeX document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from .lexer import uncommented
from .markdown import (
    MACRO,
    MAX_DISPLAY,
    MAX_MACROS,
    MAX_MARKS,
    Page,
    braced,
    displays,
    formula_at,
    macros_in,
)

_ENVIRONMENTS = r"equation|align|aligned|alignat|eqnarray|gather|gathered|multline|displaymath|math"
_SKIP = re.compile(r"(?<!\\)%[ \t]{0,9}gradproof:\s{0,9}skip\s{0,9},([^\n]{0,2000})")
_VERBATIM = re.compile(r"\\begin\{(verbatim|lstlisting|minted)\}")
_CLOSING = {"$$": "$$", "$": "$", "\\[": "\\]", "\\(": "\\)"}


def latex_page(text: str) -> Page:
    """The formulas between ``$``, ``\\[``, ``\\(`` and in the displays of a LaTeX text.

    A comment ``% gradproof: skip, REASON`` takes the next formula out.
    """
    macros = macros_in(uncommented(text))
    reasons = [(found.start(), found.group(1).strip()) for found in _SKIP.finditer(text)]
    plain = _without_macros(_blank_preamble(_without_listings(uncommented(text))))
    items = []
    line = at = 0
    for begin, content in islice(_spans(plain, displays(macros)), MAX_MARKS):
        line, at = line + plain.count("\n", at, begin), begin
        if not content.strip():
            continue
        skipped = None
        if reasons and reasons[0][0] < begin:
            skipped = reasons.pop(0)[1]
        items.append(formula_at(content, line, skipped))
    return Page(tuple(items), None, macros, None, plain)


def _blanked(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _without_listings(text: str) -> str:
    """The text with its listings as blanks; one without an end is none."""
    parts, at = [], 0
    missing: set[str] = set()
    for found in _VERBATIM.finditer(text):
        closing = f"\\end{{{found.group(1)}}}"
        if found.start() < at or closing in missing:
            continue
        stop = text.find(closing, found.end())
        if stop < 0:
            missing.add(closing)
            continue
        parts += [text[at : found.start()], _blanked(text[found.start() : stop])]
        at = stop
    return "".join([*parts, text[at:]])


def _blank_preamble(text: str) -> str:
    at = text.find("\\begin{document}")
    return text if at < 0 else _blanked(text[:at]) + text[at:]


def _without_macros(text: str) -> str:
    """A formula in a macro's body stands where the macro is used."""
    parts, at = [], 0
    for found in islice(MACRO.finditer(text), MAX_MACROS):
        body = braced(text, found.end())
        if body is not None and found.start() >= at:
            stop = found.end() + len(body) + 1
            parts += [text[at : found.start()], _blanked(text[found.start() : stop])]
            at = stop
    return "".join([*parts, text[at:]])


def _spans(text: str, shorthands: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Where each formula begins, and what it is."""
    names = "|".join(sorted(map(re.escape, shorthands), key=len, reverse=True)) or r"(?!)"
    opening = re.compile(
        rf"(?<!\\)(?:\$\$?|\\[\[(]|\\begin\{{((?:{_ENVIRONMENTS})\*?)\}}"
        rf"|\\({names})(?![A-Za-z])\s{{0,9}}\{{)"
    )
    missing: set[str] = set()
    at = 0
    while (found := opening.search(text, at)) is not None:
        at = found.end()
        if found.group(2):
            content = braced(text, at, MAX_DISPLAY)
            if content is not None:
                yield at, content
                at += len(content) + 1
            continue
        name = found.group(1)
        closing = f"\\end{{{name}}}" if name else _CLOSING[found.group()]
        stop = -1 if closing in missing else text.find(closing, at)
        if stop < 0:
            missing.add(closing)
            continue
        end = stop + len(closing)
        begin = found.start() if name and name.rstrip("*") not in ("displaymath", "math") else at
        yield begin, text[begin : end if begin < at else stop]
        at = end
