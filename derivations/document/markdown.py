"""Formulas with their lines, out of Markdown."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from ..errors import DocumentError
from .restructured import add_rules

MAX_BYTES = 2 * 1024 * 1024
MAX_MACROS = 1000
MAX_DISPLAY = 8192  # characters of a display that a macro sets
MAX_MARKS = 20_000  # where a formula may begin or end; Markdown takes its time over each
_MARK = re.compile(r"\$|\\[(\[]|:math:|\{math\}")
_PAIRS = {"\\\\(": "\\\\)", "\\(": "\\)", "\\\\[": "\\\\]", "\\[": "\\]"}
_DISPLAY = re.compile(r"\\(?:\\?\[|begin\{(align|aligned|equation|eqnarray|gather)\*?\})")
_BRACE = re.compile(r"[{}]")
_COMMAND = re.compile(r"\\([A-Za-z]{1,40})\s{0,9}\{")
_SHORTHAND = re.compile(
    r"\s{0,9}(?:\\\[|\$\$|\\begin\{(?:align|aligned|equation|eqnarray|gather)\*?\})\s{0,9}#1\s"
)
_DIRECTIVE = re.compile(
    r"<!--\s{0,9}gradproof:\s{0,9}(skip|mention)\s{0,9},([^>]{0,2000})-->", re.DOTALL
)
_COMMENT = re.compile(r"<!--[^>]{0,2000}-->", re.DOTALL)
MACRO = re.compile(
    r"\\(?:re)?newcommand\*?\s{0,9}\{?\s{0,9}\\([A-Za-z]{1,40})\s{0,9}\}?\s{0,9}"
    r"(?:\[([0-9])\])?\s{0,9}\{"
    r"|\\def\s{0,9}\\([A-Za-z]{1,40})\s{0,9}\{"
    r"|\\DeclareMathOperator\*?\s{0,9}\{\s{0,9}\\([A-Za-z]{1,40})\s{0,9}\}\s{0,9}\{"
)


@dataclass(frozen=True, slots=True)
class Formula:
    """One formula as printed; ``line`` is that of its first character, from 1."""

    tex: str
    line: int
    skipped: str | None = None
    target: str | None = None  # the formula that heads its column in a table


@dataclass(frozen=True, slots=True)
class Remark:
    """A claim in words, with the test that decides it."""

    text: str
    line: int
    test: str


@dataclass(frozen=True, slots=True)
class Page:
    items: tuple[Formula | Remark, ...]
    notation: tuple[str, int] | None  # the fenced notation block and its line
    macros: dict[str, tuple[int, str]]
    unread: int | None = None  # the line from which on it was not read
    text: str = ""


def read_text(path: Path) -> str:
    """The text of a regular UTF-8 file of bounded size; nothing else is waited for or read.

    Raises: DocumentError naming the file and the remedy.
    """
    data = _bytes(path)
    if len(data) > MAX_BYTES:
        raise DocumentError(f"{path}: more than the {MAX_BYTES} bytes that are read; split it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DocumentError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from error


def _bytes(path: Path) -> bytes:
    """A byte more than the limit at most; what is opened is looked at, not what had the name."""
    try:
        with open(path, "rb", opener=_unwaiting) as file:
            regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            data = file.read(MAX_BYTES + 1) if regular else b""
    except FileNotFoundError as error:
        raise DocumentError(f"{path}: no such file; check the name") from error
    except IsADirectoryError as error:
        raise DocumentError(f"{path}: is a directory; name a document") from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise DocumentError(f"{path}: cannot be read: {why}") from error
    if not regular:
        raise DocumentError(f"{path}: not a regular file; name a document")
    return data


def _unwaiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def parse_page(text: str, dollars: bool = True) -> Page:
    """The formulas of a Markdown text in their order; without ``dollars`` of reStructuredText."""
    text, unread = _in_bounds(text)
    macros = macros_in(text)
    tokens = _markdown(dollars).parse(text, {"shorthands": displays(macros)})
    items: list[Formula | Remark] = []
    notation: tuple[str, int] | None = None
    pending: tuple[str, str] | None = None  # a directive waits for what follows it
    line = 0
    columns = _Columns()
    for position, token in enumerate(tokens):
        line = token.map[0] if token.map else line
        if token.type == "fence" and token.info.strip() == "notation":
            notation = notation or (token.content, line + 2)
        if token.type == "html_block" and (found := _DIRECTIVE.search(token.content)):
            pending = (found.group(1), found.group(2).strip())
            continue
        found_here: list[Formula | Remark] = columns.headed(token, _formulas(token, line))
        if pending and pending[0] == "mention" and token.type == "inline":
            found_here, pending = [Remark(_plain(token.content), line + 1, pending[1])], None
        elif pending and found_here and isinstance(found_here[0], Formula):
            first = found_here[0]
            found_here[0] = replace(first, skipped=pending[1])
            pending = None
        items += found_here
        del position
    return Page(tuple(items), notation, macros, unread, text)


def _in_bounds(text: str) -> tuple[str, int | None]:
    """The text up to the line with one mark of a formula too many, and that line's number."""
    marks = islice(_MARK.finditer(text), MAX_MARKS, None)
    last = next(marks, None)
    if last is None:
        return text, None
    start = text.rfind("\n", 0, last.start()) + 1 or last.start()
    return text[:start], text.count("\n", 0, start) + 1


class _Columns:
    """The formulas that head the columns of the table at hand."""

    def __init__(self) -> None:
        self.heads: list[str | None] = []
        self.cell = 0
        self.in_head = False

    def headed(self, token: Token, found: list[Formula]) -> list[Formula | Remark]:
        """A cell's formulas, each with the one that heads its column."""
        if token.type == "thead_open":
            self.heads, self.in_head = [], True
        elif token.type == "thead_close":
            self.in_head = False
        elif token.type == "table_close":
            self.heads = []
        elif token.type == "tr_open":
            self.cell = 0
        elif token.type == "th_close" or token.type == "td_close":
            self.cell += 1
        elif token.type == "inline" and self.in_head:
            whole = len(found) == 1 and token.content.strip().strip("$").strip() == found[0].tex
            self.heads.append(found[0].tex if whole else None)
        elif token.type == "inline" and self.cell < len(self.heads):
            return [replace(item, target=self.heads[self.cell]) for item in found]
        return list(found)


def _plain(text: str) -> str:
    return " ".join(_COMMENT.sub("", text).split())


def _markdown(dollars: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table")
    if dollars:
        parser.use(dollarmath_plugin, double_inline=True, allow_labels=True)
    add_rules(parser)
    parser.inline.ruler.before("escape", "bracket_math", _bracket_math)
    parser.block.ruler.before("paragraph", "display_math", _display_math, {"alt": ["paragraph"]})
    parser.block.ruler.before("paragraph", "shorthand", _shorthand, {"alt": ["paragraph"]})
    return parser


def _bracket_math(state: StateInline, silent: bool) -> bool:
    r"""``\( \)`` and ``\[ \]``, with the doubled backslash that some site builders want."""
    for opening, closing in _PAIRS.items():
        if state.src.startswith(opening, state.pos):
            stop = _closing(closing, state.pos + len(opening), state)
            if stop < 0:
                continue
            if not silent:
                token = state.push("math_inline", "math", 0)
                token.content = state.src[state.pos + len(opening) : stop]
                token.markup = opening
            state.pos = stop + len(closing)
            return True
    return False


def _closing(closing: str, start: int, state: StateInline | StateBlock) -> int:
    """Where a delimiter closes; a text in which it does not is searched once only."""
    missing: dict[str, str] = state.env.setdefault("unclosed", {})
    if missing.get(closing) is state.src:
        return -1
    stop = state.src.find(closing, start)
    if stop < 0:
        missing[closing] = state.src
    return stop


def _display_math(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    r"""A display that starts a line: ``\[`` or ``\begin{align}`` up to its end."""
    first = state.bMarks[start] + state.tShift[start]
    opening = _DISPLAY.match(state.src, first)
    if opening is None:
        return False
    environment = opening.group(1)
    closing = f"\\end{{{environment}" if environment else opening.group().replace("[", "]")
    stop = _closing(closing, opening.end(), state)
    if stop < 0:
        return False
    last = start + state.src[first:stop].count("\n")
    if last >= end:
        return False
    if silent:
        return True
    begin = first if environment else opening.end()
    if environment:
        stop = state.src.find("}", stop) + 1
    token = state.push("math_block", "math", 0)
    token.content = state.src[begin:stop]
    token.map = [start, last + 1]
    state.line = last + 1
    return True


def _shorthand(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    r"""``\eq{...}`` at the start of a line, where the document defines it as a display."""
    first = state.bMarks[start] + state.tShift[start]
    opening = _COMMAND.match(state.src, first)
    if opening is None or opening.group(1) not in state.env.get("shorthands", ()):
        return False
    content = braced(state.src, opening.end(), MAX_DISPLAY)
    if content is None:
        return False
    if not silent:
        token = state.push("math_block", "math", 0)
        token.content = content
        token.map = [start, start + state.src.count("\n", first, opening.end() + len(content)) + 1]
        state.line = token.map[1]
    return True


def _formulas(token: Token, line: int) -> list[Formula]:
    if token.type in ("math_block", "math_block_label"):
        return [formula_at(token.content, line)]
    if token.type == "fence" and token.info.strip() in ("math", "{math}"):
        return [formula_at(token.content, line + 1)]
    found: list[Formula] = []
    cursor = 0
    for child in token.children or ():
        if child.type.startswith("math_inline"):
            cursor = max(token.content.find(child.content, cursor), cursor)
            before = token.content[:cursor].count("\n")
            found.append(formula_at(child.content, line + before))
            cursor += len(child.content)
    return found


def formula_at(content: str, line: int, skipped: str | None = None) -> Formula:
    """``line`` counts from 0 and is that of the content's first character, blank or not."""
    blank = len(content) - len(content.lstrip())
    return Formula(content.strip(), line + 1 + content[:blank].count("\n"), skipped)


def displays(macros: dict[str, tuple[int, str]]) -> frozenset[str]:
    """The macros that set what they are given as a display."""
    return frozenset(
        name for name, (count, body) in macros.items() if count == 1 and _SHORTHAND.match(body)
    )


def macros_in(text: str) -> dict[str, tuple[int, str]]:
    """The macros that the document itself defines; their bodies are expanded when used."""
    macros: dict[str, tuple[int, str]] = {}
    for found in islice(MACRO.finditer(text), MAX_MACROS):
        body = braced(text, found.end())
        name = found.group(1) or found.group(3) or found.group(4)
        if body is not None:
            operator = f"\\operatorname{{{body}}}" if found.group(4) else body
            macros[name] = (int(found.group(2) or 0), operator)
    return macros


def braced(text: str, start: int, most: int = 1000) -> str | None:
    """What stands from a place up to the brace that closes it, if it is no longer than ``most``."""
    level = 1
    for found in _BRACE.finditer(text, start, start + most):
        level += 1 if found.group() == "{" else -1
        if level == 0:
            return text[start : found.start()]
    return None
