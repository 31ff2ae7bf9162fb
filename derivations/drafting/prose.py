"""What the sentences of a page say of its symbols: shapes, what a letter counts, vectors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..document.lexer import Vocabulary
from ..document.syntax import Expr, Name, Script
from ..document.tex import parse_expression
from ..errors import FormulaError
from .constraints import size_name
from .habits import Habits, Use, offset_of, pieces, use_of

_SPACE = re.compile(
    r"(?P<symbols>[^\s$=;:.`]{1,40}(?:\s?,\s?[^\s$=;:.,`]{1,40}){0,4})\s{0,3}\\(?:in|ni)\s{0,3}"
    r"(?:\\mathbb\s?\{?\s?R\s?\}?|\\Reals|\\R(?![A-Za-z])|\\\{\s?0\s?,\s?1\s?\\\}|\[0,\s?1\])"
    r"\s{0,3}\^\s{0,3}(?P<sizes>\{(?:[^{}]|\{[^{}]{0,40}\}){1,80}\}|[A-Za-z0-9])"
)
_INLINE = re.compile(r"\$\$?([^$\n]{1,60})\$\$?|\\\\?\((.{1,60}?)\\\\?\)")
_WINDOW = 70
_SIZE = r"\\?[A-Za-z0-9|](?:[A-Za-z0-9|_^{}\[\]()\\+-]|\s(?=[-+])|(?<=[-+])\s){0,24}?"
_TIMES = r"(?:\\times|×|\bx\b|\bby\b|\*)"
_CROSSED = re.compile(rf"[(\[]?\s?({_SIZE})\s?{_TIMES}\s?({_SIZE})(?![A-Za-z0-9_^{{}}\[+-])")
_LISTED = re.compile(rf"[(\[]\s?({_SIZE})\s?,\s?({_SIZE})\s?[)\]]")
_COUNTED = re.compile(
    rf"({_SIZE})\s?(?:行|rows?|filas?)\s?(?:and|by|y|,|，)?\s?({_SIZE})\s?(?:列|columns?|columnas?)"
)
_CUE = re.compile(
    r"shape|size|dimension|matri|矩阵|形状|维|vector|向量|行|rows|filas|tama|forma", re.IGNORECASE
)
_DIRECT = re.compile(r"\s{0,3}(?:is|are|is of|:|：|是|为|es|de)?\s{0,3}[(\[]")
_SAMPLES = re.compile(
    r"\$\s?([A-Za-z])\s?\$\s{0,2}(?:training\s|data\s|the\s|个?训练?|ejemplos\sde\s){0,2}"
    r"(?:samples|examples|observations|data points|points|个?样本|muestras|ejemplos|instances)"
)
_ACTIVATIONS = {
    "sigmoid": re.compile(r"sigmoid|logistic function|sigmoide", re.IGNORECASE),
    "tanh": re.compile(r"\btanh\b|hyperbolic tangent|双曲正切|tangente hiperb", re.IGNORECASE),
    "relu": re.compile(r"\brelu\b|rectified", re.IGNORECASE),
}
_ONE_HOT = re.compile(r"one[- ]?hot|独热", re.IGNORECASE)
_SYMMETRIC = re.compile(
    r"(?<!non-)(?<!non)(?<!not )\bsymmetric\b|(?<!非)对称|\bsimétrica", re.IGNORECASE
)
_IS = re.compile(r"\s?(?:is|are|be|es|sea|是|为|:)?\s?(?:an?|the|una?|la|一个)?\s?(?:\w+\s){0,2}")
_OF = re.compile(r"\s?(?:[\w-]{1,14}\s?){0,4}")
_PERHAPS = re.compile(r"\b(?:if|when|unless|for|si|cuando|para)\b|若|当|如果", re.IGNORECASE)
_ROW = re.compile(r"row[- ]vectors?|行向量|vector(?:es)? fila", re.IGNORECASE)
_COLUMN = re.compile(r"column[- ]vectors?|列向量|vector(?:es)? columna", re.IGNORECASE)
_BOLD = re.compile(r"\\(?:mathbf|boldsymbol|bm|pmb|vec)\s?\{?\s?([a-z])(?![a-z])")
_NUMERATOR = re.compile(r"numerator[- ]layout|分子布局|numerador", re.IGNORECASE)
_DENOMINATOR = re.compile(r"denominator[- ]layout|分母布局|denominador", re.IGNORECASE)


Text = list[tuple[int, str]]  # lines with their numbers


@dataclass(slots=True)
class Said:
    """What the sentences say, each with its line."""

    shapes: dict[str, tuple[tuple[str, ...], int]] = field(default_factory=dict)
    one_sample: dict[str, tuple[str, int]] = field(default_factory=dict)  # the size of x_i
    samples: dict[str, int] = field(default_factory=dict)  # letters that count samples
    activations: list[str] = field(default_factory=list)
    one_hot: bool = False
    rows: bool = False  # vectors are rows
    bold: set[str] = field(default_factory=set)  # small letters in bold, which are vectors
    symmetric: dict[str, bool] = field(default_factory=dict)  # and whether without an if
    layout: str | None = None
    width: str | None = None  # the letter that counts the units of a layer


def said_in(lines: Text, habits: Habits, words: Vocabulary) -> Said:
    """The shapes that the text of a page states beside its symbols; the first lines count most."""
    text = "\n".join(line for _, line in lines)
    found = Said(one_hot=_ONE_HOT.search(text) is not None)
    found.rows = _ROW.search(text) is not None and _COLUMN.search(text) is None
    found.bold = set(_BOLD.findall(text))
    numerator, denominator = _NUMERATOR.search(text), _DENOMINATOR.search(text)
    if (numerator is None) != (denominator is None):
        found.layout = "numerator" if numerator else "denominator"
    found.activations = [name for name, cue in _ACTIVATIONS.items() if cue.search(text)]
    for number, line in lines:
        found.symmetric = _symmetric(line[:2000], habits, words) | found.symmetric
        for match in _SAMPLES.finditer(line[:2000]):
            found.samples.setdefault(match.group(1), number)
        for symbols, named in (*_in_spaces(line[:2000]), *_in_words(line[:2000])):
            sizes = tuple(_at_layer(size, habits) for size in named)
            letters = [size[1:].partition("]")[2] for size in sizes if size.startswith("[")]
            found.width = found.width or next(filter(None, letters), None)
            sizes = tuple(re.sub(r"\].+", "]", size) for size in sizes)
            for symbol in symbols:
                use = _use(symbol, habits, words)
                if use is not None and use.sample is not None and len(sizes) == 1:
                    found.one_sample.setdefault(use.key, (sizes[0], number))
                elif use is not None and use.sample is None:
                    found.shapes.setdefault(use.key, (sizes, number))
    return found


def _symmetric(line: str, habits: Habits, words: Vocabulary) -> dict[str, bool]:
    """``a symmetric matrix $S$``, ``if $A$ is symmetric``: the symbol, and whether it is said
    of it without an if."""
    found: dict[str, bool] = {}
    for sentence in re.split(r"[.;。；]\s", line):
        formulas = list(_INLINE.finditer(sentence))
        for cue in _SYMMETRIC.finditer(sentence):
            before = [m for m in formulas if _IS.fullmatch(sentence[m.end() : cue.start()])]
            after = [m for m in formulas if _OF.fullmatch(sentence[cue.end() : m.start()])]
            for match in (*before, *after)[:1]:
                head = re.split(r"\\in\b|=|,", match.group(1) or match.group(2))[0].strip()
                use = _use(head, habits, words) if head else None
                if use is not None:
                    found.setdefault(use.key, _PERHAPS.search(sentence) is None)
    return found


def _at_layer(size: str, habits: Habits) -> str:
    """``d_l`` as the width of layer l, where l stands for a layer."""
    base, _, index = size.partition("_")
    known = index in habits.layers | habits.last and base in _WIDTHS
    return f"[{index}+0]{base}" if known else size


def _use(symbol: str, habits: Habits, words: Vocabulary) -> Use | None:
    try:
        use = use_of(parse_expression(symbol, words), habits)
    except FormulaError:
        return None
    letters = habits.layers | habits.last | habits.bound
    if use is None or use.entries or use.power or use.key in letters:
        return None
    return use


def _in_spaces(line: str) -> Iterator[tuple[list[str], tuple[str, ...]]]:
    """``X, Y \\in \\mathbb R^{n \\times m}``."""
    for match in _SPACE.finditer(line):
        sizes = _sizes(match.group("sizes").removeprefix("{").removesuffix("}"))
        if sizes:
            yield match.group("symbols").split(","), sizes


def _sizes(text: str) -> tuple[str, ...]:
    parts = [part.strip() for part in re.split(r"\\times|×", text)]
    found = [_size(part) for part in parts]
    if not 1 <= len(found) <= 2 or any(size is None for size in found):
        return ()
    return tuple(size for size in found if size is not None)


def _size(text: str) -> str | None:
    """One size as a notation file writes it; ``n^{[l-1]}`` and ``n_{l-1}`` are widths."""
    try:
        tree = parse_expression(text.strip("$ "), Vocabulary())
    except FormulaError:
        return None
    return size_name(tree) or _width(tree)


_WIDTHS = frozenset("ndNDshmpquSH")  # letters that count the units of a layer


def _width(tree: Expr) -> str | None:
    """``n^{[l-1]}`` as the width of layer l-1."""
    if not isinstance(tree, Script) or len(tree.sub) + len(tree.sup) != 1:
        return None
    if not (isinstance(tree.base, Name) and tree.base.text in _WIDTHS):
        return None
    scripts = [piece for part in (*tree.sub, *tree.sup) for piece in pieces(part)]
    index = offset_of(scripts[0]) if len(scripts) == 1 else None
    if index is None:
        return None
    letter, step = index
    at = f"[{letter}{step:+d}]" if letter else f"[{step}]"
    return at + tree.base.text


def _in_words(line: str) -> Iterator[tuple[list[str], tuple[str, ...]]]:
    """``$W$ is an $n \\times m$ matrix``, ``$X$ of shape (m, n)``, ``$X$ 是 m 行 n 列``."""
    formulas = list(_INLINE.finditer(line))
    for position, match in enumerate(formulas):
        symbol = (match.group(1) or match.group(2)).strip()
        if len(symbol) > 30 or "=" in symbol or "times" in symbol:
            continue
        end = match.end() + _WINDOW
        for later in formulas[position + 1 :]:
            if not _is_size(later.group(1) or later.group(2) or ""):
                end = min(end, later.start())
                break
        window = line[match.end() : end].replace("$", " ")
        sizes = _window_sizes(re.split(r"[.;。；]", window)[0])
        if sizes:
            yield [symbol], sizes


def _is_size(text: str) -> bool:
    """Whether a formula between a symbol and its shape belongs to the shape."""
    return "times" in text or "," in text or _size(text) is not None


def _window_sizes(window: str) -> tuple[str, ...]:
    counted = _COUNTED.search(window)
    match = counted or _CROSSED.search(window)
    if match is None and (_CUE.search(window) or _DIRECT.match(window)):
        match = _LISTED.search(window)
    if match is None:
        return ()
    sizes = [_size(match.group(1)), _size(match.group(2))]
    return tuple(size for size in sizes if size is not None) if all(sizes) else ()
