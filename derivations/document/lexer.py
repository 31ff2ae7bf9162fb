"""TeX characters to tokens; a character outside the table is an error, never dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

from ..errors import FormulaError

MAX_CHARACTERS = 4096
MAX_DIGITS = 18
MAX_TOKENS = 4096
MAX_MACROS = 256  # expansions in one formula
MAX_MACROS_DEEP = 8


class Kind(Enum):
    NUMBER = "number"
    NAME = "name"
    GRADIENT = "gradient"  # the d of dW, where W is declared and dW is not
    COMMAND = "command"
    MARK = "mark"
    TEXT = "text"
    PRIME = "prime"
    ROW = "row"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What a document's notation declares, as far as reading depends on it."""

    functions: frozenset[str] = frozenset()
    symbols: frozenset[str] = frozenset()
    macros: dict[str, tuple[int, str]] = field(default_factory=dict)
    slopes: frozenset[str] = frozenset()  # commands that stand for d, as in \delta h


_UNICODE = {
    **{
        letter: f"\\{name}"
        for letter, name in {
            "α": "alpha",
            "β": "beta",
            "γ": "gamma",
            "δ": "delta",
            "ε": "epsilon",
            "ζ": "zeta",
            "η": "eta",
            "θ": "theta",
            "κ": "kappa",
            "λ": "lambda",
            "μ": "mu",
            "ν": "nu",
            "ξ": "xi",
            "π": "pi",
            "ρ": "rho",
            "σ": "sigma",
            "ς": "varsigma",
            "τ": "tau",
            "φ": "phi",
            "χ": "chi",
            "ψ": "psi",
            "ω": "omega",
            "Γ": "Gamma",
            "Δ": "Delta",
            "Θ": "Theta",
            "Λ": "Lambda",
            "Σ": "Sigma",
            "Φ": "Phi",
            "Ψ": "Psi",
            "Ω": "Omega",
            "∂": "partial",
            "∇": "nabla",
            "∑": "sum",
            "⊙": "odot",
            "∘": "circ",
            "×": "times",
            "·": "cdot",
            "⋅": "cdot",
            "≈": "approx",
            "≡": "equiv",
            "∈": "in",
            "≠": "neq",
            "≤": "leq",
            "≥": "geq",
            "←": "leftarrow",
            "→": "rightarrow",
            "ᵀ": "intercal",
            "√": "sqrt",
            "⊤": "top",
        }.items()
    },
    "−": "-",
    "–": "-",
    "′": "'",
    "（": "(",
    "）": ")",
    "，": ",",
    "：": ":",
}
_MARKS = frozenset("+-*/=()[]{}|,.;:&^_<>!@")
_TOKEN = re.compile(
    r"""(?P<word>\\rm(?![A-Za-z])[ ]{0,8}[A-Za-z]+)
      |(?P<space>[ \t\r\n~]+|%[^\n]*\n|\\[,;:!>\ ]|\\(?:left|right)[ \t]{0,8}\.
        |\\(?:quad|qquad|thinspace|displaystyle|textstyle|limits
        |nolimits|nonumber|notag|hfill|hline|centering|left|right|bigl|bigr|Bigl|Bigr|biggl|biggr
        |big|Big|bigg|Bigg|middle|rm|bf|it)(?![A-Za-z]))
      |(?P<row>\\\\(?:\[[0-9a-z.]{1,8}\])?|\\(?:newline|cr)(?![A-Za-z]))
      |(?P<raw>\\(?:text|textrm|textbf|textit|mbox|operatorname|mathrm|color|textcolor|tag|label
        |begin|end|mathsf|mathtt|phantom|hphantom|vphantom|hspace|vspace)(?![A-Za-z])\*?)
      |(?P<command>\\(?:[A-Za-z]+|[|{}_%]))
      |(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)
      |(?P<letters>[A-Za-z]+)
      |(?P<wide>[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]+)
      |(?P<prime>'+)
      |(?P<rule>-{3,})
      |(?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
_RAW = re.compile(r"\s*\{([^{}]{0,200})\}")
_SYMBOL_AHEAD = re.compile(
    r"\s{0,9}(?:\\[,!;]\s{0,9})?(?:[A-Za-z]|\\(?:mathbf|boldsymbol|bm|mathrm|hat|tilde|bar|"
    r"alpha|beta|gamma|delta|theta|mu|sigma|lambda|phi|psi|omega|rho|tau|xi|zeta|eta)(?![A-Za-z]))"
)
_CONNECTORS = """for from to if is of or do we at by as on and with where when then else otherwise
while so the let since because thus hence that each all every"""
CONNECTORS = frozenset(_CONNECTORS.split())
_STEP_WORDS = frozenset({"new", "old", "next", "true", "pred"})
_INDICES = frozenset("ijklmnpqrstuv")
_IDENTIFIER = re.compile(r"(?=[A-Za-z_]*[A-Za-z]{2})[A-Za-z]+(?:_[A-Za-z]+)+")  # batch_size
_NUMBERED = re.compile(r"[A-Za-z]+[0-9]+")  # W1, where it is declared
_SILENT = frozenset(
    ["color", "tag", "label", "textcolor", "phantom", "hphantom", "vphantom", "hspace", "vspace"]
)
_CONDITION = re.compile(r"(if|when|for|where)\s+\$([^$]+)\$\s*(.*)", re.DOTALL)


_BASE = re.compile(r"\}?[_^]")


@lru_cache(maxsize=64)
def bases(symbols: frozenset[str]) -> frozenset[str]:
    """The symbols, and the letters of those that are declared with scripts, as in ``h_t``."""
    return symbols | {_BASE.split(name.removeprefix("\\mathrm{"))[0] for name in symbols}


def tokenize(tex: str, vocabulary: Vocabulary) -> list[Token]:
    """The tokens of a formula, closed by one of kind END.

    Raises: FormulaError at the first character or command that has no meaning here.
    """
    if len(tex) > MAX_CHARACTERS:
        raise FormulaError(f"{len(tex)} characters, at most {MAX_CHARACTERS} are read")
    tokens = _Tokens()
    _scan(uncommented(tex), 0, vocabulary, tokens, None, 0)
    tokens.append(Token(Kind.END, "", len(tex), len(tex)))
    return tokens


def uncommented(tex: str) -> str:
    """The text with TeX's comments as blanks of the same length, so that every place is its own."""
    return _COMMENT.sub(lambda found: found[1] + " " * (len(found[0]) - len(found[1])), tex)


class _Tokens(list[Token]):
    """The tokens so far, and how often a macro was expanded for them."""

    expansions = 0


def _scan(
    tex: str, at: int, words: Vocabulary, out: _Tokens, origin: int | None, depth: int
) -> None:
    while at < len(tex):
        match = _TOKEN.match(tex, at)
        assert match is not None  # the last alternative takes any character
        group, text = str(match.lastgroup), match.group()
        place = at if origin is None else origin
        stop = match.end()
        if group == "command" and text[1:] in words.macros:
            stop = _expand(tex, match.end(), text[1:], words, out, place, depth)
        elif group == "raw":
            stop = _raw(tex, match, words, out, place, depth)
        elif group == "letters":
            stop = _letters(tex, match, words, out, place)
        elif group != "space":
            out.append(_single(group, text, place, stop, words))
        if len(out) > MAX_TOKENS:
            raise FormulaError(f"more than {MAX_TOKENS} tokens", place)
        at = stop


def _single(group: str, text: str, place: int, stop: int, words: Vocabulary) -> Token:
    if group == "word":
        return Token(Kind.NAME, text.removeprefix("\\rm").strip(), place, stop)
    if group == "number":
        if len(text) > MAX_DIGITS + 1:
            raise FormulaError(f"a number of more than {MAX_DIGITS} digits", place)
        return Token(Kind.NUMBER, text, place, stop)
    if group == "row":
        return Token(Kind.ROW, text, place, stop)
    if group == "prime":
        return Token(Kind.PRIME, text, place, stop)
    if group in ("wide", "rule"):
        return Token(Kind.TEXT, text, place, stop)
    if group == "command":
        kind = Kind.GRADIENT if text in words.slopes else Kind.COMMAND
        return Token(kind, text, place, stop)
    mapped = _UNICODE.get(text, text)
    if mapped.startswith("\\"):
        return Token(Kind.COMMAND, mapped, place, stop)
    if mapped == "'":
        return Token(Kind.PRIME, mapped, place, stop)
    if mapped in _MARKS:
        return Token(Kind.MARK, mapped, place, stop)
    raise FormulaError(f"character U+{ord(text):04X} is outside the grammar", place)


def _raw(
    tex: str, match: re.Match[str], words: Vocabulary, out: _Tokens, place: int, depth: int
) -> int:
    """Commands whose argument is text, not a formula."""
    command = match.group().rstrip("*")
    body = _RAW.match(tex, match.end())
    if body is None:
        if command in ("\\mathrm", "\\mathsf", "\\operatorname"):
            return match.end()  # a formula follows: only the style is dropped
        raise FormulaError(f"{command} without its argument in braces", place)
    text = body.group(1).strip()
    for character in text:
        if not character.isprintable() and not character.isspace():
            raise FormulaError(f"character U+{ord(character):04X} is outside the grammar", place)
    if command[1:] in _SILENT or not text:
        return body.end()
    if command in ("\\begin", "\\end"):
        out.append(Token(Kind.COMMAND, f"{command}{{{text.rstrip('*')}}}", place, body.end()))
        return _skip_columns(tex, body.end(), command, text)
    if text == "d" and "d" not in words.symbols and _SYMBOL_AHEAD.match(tex, body.end()):
        out.append(Token(Kind.GRADIENT, "d", place, body.end()))  # an upright d
        return body.end()
    if command in ("\\mathrm", "\\mathsf", "\\operatorname", "\\mathtt"):
        if not (text.isascii() and text.isalpha()):
            return match.end()
        out.append(Token(Kind.NAME, text, place, body.end()))
        return body.end()
    condition = _CONDITION.fullmatch(text)
    out.append(Token(Kind.TEXT, condition.group(1) if condition else text, place, body.end()))
    if condition:  # \text{if $x > 0$}: the words hold a formula
        _scan(condition.group(2), 0, words, out, place, depth + 1)
        if condition.group(3):
            out.append(Token(Kind.TEXT, condition.group(3), place, body.end()))
    return body.end()


def _skip_columns(tex: str, at: int, command: str, environment: str) -> int:
    """An array's column letters say nothing about its entries."""
    columns = _RAW.match(tex, at) if (command, environment) == ("\\begin", "array") else None
    return columns.end() if columns else at


def _letters(
    tex: str, match: re.Match[str], words: Vocabulary, out: list[Token], place: int
) -> int:
    """A run of letters: a declared word, dW, an unknown word, or a product of letters."""
    known = words.functions | words.symbols
    long = _IDENTIFIER.match(tex, match.start())
    if long and long.group() in known:
        out.append(Token(Kind.NAME, long.group(), place, place + len(long.group())))
        return long.end()
    numbered = _NUMBERED.match(tex, match.start())
    if numbered and numbered.group() in words.symbols:
        out.append(Token(Kind.NAME, numbered.group(), place, numbered.end()))
        return numbered.end()
    if numbered and numbered.group()[0] == "d" and numbered.group()[1:] in words.symbols:
        out.append(Token(Kind.GRADIENT, "d", place, place + 1))
        out.append(Token(Kind.NAME, numbered.group()[1:], place, numbered.end()))
        return numbered.end()
    run = match.group()
    step = 0 if tex[match.start() : match.end()] == run and place == match.start() else -1
    written = bases(words.symbols)
    if run in known or run in written or len(run) == 1:
        out.append(Token(Kind.NAME, run, place, place + len(run)))
    elif run[0] == "d" and run[1:] in written and "d" not in words.symbols:
        out.append(Token(Kind.GRADIENT, "d", place, place + 1))
        out.append(Token(Kind.NAME, run[1:], place + 1 + step, place + len(run)))
    elif _is_word_below(tex, match, words):
        out.append(Token(Kind.NAME, run, place, place + len(run)))
    elif run in CONNECTORS and not _index_run(tex, match.start()):
        out.append(Token(Kind.TEXT, run, place, place + len(run)))
    elif len(run) > 2 and not set(run) <= words.symbols and not _index_run(tex, match.start()):
        out.append(Token(Kind.NAME, run, place, place + len(run)))
    else:
        for i, letter in enumerate(run):
            spot = place if step else place + i
            out.append(Token(Kind.NAME, letter, spot, spot + 1))
    return match.end()


def _is_word_below(tex: str, match: re.Match[str], words: Vocabulary) -> bool:
    """Whether letters right below a symbol are one word: those of a function or of no index."""
    run = match.group()
    if not _index_run(tex, match.start()) or tex[match.end() : match.end() + 1] != "}":
        return False
    if tex[: match.start()].rstrip("{").endswith("^"):
        return run in _STEP_WORDS
    return not words.functions.isdisjoint(run) or (len(run) > 2 and not set(run) <= _INDICES)


def _index_run(tex: str, start: int) -> bool:
    """Whether the letters stand right inside a script, as in ``w_{jk}``."""
    before = tex[:start].rstrip("{")
    return before.endswith(("_", "^"))


def _expand(
    tex: str, at: int, name: str, words: Vocabulary, out: _Tokens, place: int, depth: int
) -> int:
    """A macro that the document itself defines, its arguments put in, to a bounded depth."""
    out.expansions += 1
    if depth >= MAX_MACROS_DEEP or out.expansions > MAX_MACROS:
        raise FormulaError(f"macro \\{name[:20]} expands too far", place)
    count, body = words.macros[name]
    for number in range(1, count + 1):
        argument, at = _argument(tex, at, name)
        body = body.replace(f"#{number}", argument)
        if len(body) > MAX_CHARACTERS:
            raise FormulaError(f"macro \\{name} expands too far", place)
    _scan(body, 0, words, out, place, depth + 1)
    return at


def _argument(tex: str, at: int, name: str) -> tuple[str, int]:
    while at < len(tex) and tex[at].isspace():
        at += 1
    if at >= len(tex):
        raise FormulaError(f"macro \\{name} lacks an argument", at)
    if tex[at] != "{":
        command = re.compile(r"\\[A-Za-z]+|.").match(tex, at)
        assert command is not None
        return command.group(), command.end()
    level, start = 0, at
    for at in range(start, len(tex)):
        level += {"{": 1, "}": -1}.get(tex[at], 0)
        if level == 0:
            return tex[start + 1 : at], at + 1
    raise FormulaError(f"macro \\{name}: expected '}}'", len(tex))
