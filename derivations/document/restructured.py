"""Formulas in reStructuredText and MyST dress, as rules of the Markdown parser."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

_DIRECTIVE = re.compile(r"\.\.[ ]{1,4}math::[ \t]{0,9}")
_OPTION = re.compile(r":[a-z-]{1,20}:")
_ROLE = re.compile(r"(?::math:|\{math\})`([^`]{1,4096})`")


def add_rules(parser: MarkdownIt) -> None:
    parser.block.ruler.before("code", "math_directive", _directive, {"alt": ["paragraph"]})
    parser.inline.ruler.before("backticks", "math_role", _role)


def _directive(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """``.. math::`` with the indented lines below it; a blank line parts two formulas."""
    first = state.bMarks[start] + state.tShift[start]
    opening = _DIRECTIVE.match(state.src, first)
    if opening is None:
        return False
    if silent:
        return True
    last = start + 1
    while last < end and (state.isEmpty(last) or state.sCount[last] > state.sCount[start]):
        last += 1
    _emit(state, opening.end(), state.eMarks[start], start)
    block = start + 1
    while block < last and _OPTION.match(_line(state, block)):
        block += 1
    while block < last:
        stop = next((n for n in range(block, last) if state.isEmpty(n)), last)
        if stop > block:
            _emit(state, state.bMarks[block], state.eMarks[stop - 1], block)
        block = stop + 1
    state.line = last
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _emit(state: StateBlock, begin: int, stop: int, line: int) -> None:
    content = state.src[begin:stop]
    if content.strip():
        token = state.push("math_block", "math", 0)
        token.content = content
        token.map = [line, line + content.count("\n") + 1]


def _role(state: StateInline, silent: bool) -> bool:
    """``:math:`x``` and ``{math}`x```."""
    found = _ROLE.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = found.group(1)
        token.markup = "`"
    state.pos = found.end()
    return True
