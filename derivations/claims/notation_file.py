"""The notation file: TOML tables -> notations, each error with its line and remedy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from ..document.grammar import GREEK
from ..document.lexer import Vocabulary
from ..document.markdown import read_text
from ..document.syntax import Expr, Index, Meaning, Name, Relation, Script
from ..document.tex import parse_expression
from ..document.write import to_tex
from ..errors import FormulaError, NotationError
from ..functions import FUNCTIONS, SPELLINGS
from .conditions import UNKNOWN, as_relation, in_words, is_guess
from .depends import dependencies
from .notation import Dim, Layers, Notation, Part, Symbol
from .per_sample import with_per_sample
from .schema import complaint

TABLES = frozenset(
    {"title", "sizes", "layers", "functions", "alias", "samples", "product", "shape", "at",
     "domain", "model", "example", "assume", "bare", "operator", "target", "layout",
     "per_sample", "prime", "rate", "slope", "convention", "part"}
)  # fmt: skip
DOMAINS = frozenset(
    {"real", "positive", "(0, 1)", "{0, 1}", "one-hot rows", "one-hot columns", "ones",
     "rows sum to 1", "columns sum to 1", "zeros", "identity", "symmetric",
     "positive definite"}
)  # fmt: skip
_DIM = re.compile(r"([A-Za-z]\w*)(?:\[([A-Za-z])?([+-]?\d+)?\])?|[1-9]\d*")
_DEFAULT_PRODUCTS = {
    "": (Meaning.MATMUL, Meaning.HADAMARD),
    "*": (Meaning.MATMUL, Meaning.HADAMARD),
    "\\cdot": (Meaning.MATMUL, Meaning.HADAMARD),
    "\\times": (Meaning.MATMUL, Meaning.HADAMARD),
    "@": (Meaning.MATMUL,),
    "\\odot": (Meaning.HADAMARD,),
    "\\circ": (Meaning.HADAMARD,),
    "\\otimes": (Meaning.HADAMARD,),
}


def load_notation(path: Path) -> dict[str, Notation]:
    """The conventions of a notation file by name, in their order.

    Raises: NotationError naming the file, the line and the remedy.
    """
    return parse_notation(read_text(path), str(path))


def parse_notation(text: str, source: str, first_line: int = 1) -> dict[str, Notation]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        place = int(line.group(1)) if line else text.count("\n") + 1
        what = str(error).split(" (at")[0]
        raise NotationError(
            f"{source}:{place + first_line - 1}: not TOML: {what}; mend that line"
        ) from error
    except RecursionError as error:
        raise NotationError(f"{source}: nested too deeply; write it flat") from error
    reader = _Reader(text, source, first_line)
    return reader.conventions(tables)


class _Reader:
    def __init__(self, text: str, source: str, first_line: int) -> None:
        self.lines = text.splitlines()
        self.source = source
        self.first_line = first_line

    def line_of(self, word: str) -> int:
        """The first line that has the word as its key, else that holds it, as TOML writes it."""
        written = (word, word.replace("\\", "\\\\"))
        key = re.compile(rf"\s*[\"']?({'|'.join(map(re.escape, written))})[\"']?\s*=")
        keys = (i for i, line in enumerate(self.lines) if key.match(line))
        found = (i for i, line in enumerate(self.lines) if any(w in line for w in written))
        return next(chain(keys, found), 0) + self.first_line

    def fail(self, word: str, message: str) -> NotationError:
        return NotationError(f"{self.source}:{self.line_of(word)}: {message}")

    def conventions(self, tables: dict[str, Any]) -> dict[str, Notation]:
        for key in tables:
            if key not in TABLES:
                known = ", ".join(sorted(TABLES))
                raise self.fail(key, f"unknown table '{key}'; the tables are {known}")
        self.check(tables)
        named = tables.pop("convention", None) or {"default": {}}
        for own in named.values():
            self.check(own)
        return {name: self.notation(name, _merged(tables, own)) for name, own in named.items()}

    def check(self, tables: Mapping[str, Any]) -> None:
        """Raises NotationError at the first value of the wrong kind."""
        found = complaint(tables)
        if found is not None:
            raise self.fail(found[0], found[1])

    def part(self, convention: str, tables: dict[str, Any], own: dict[str, Any]) -> Part:
        """A part's own tables over the document's; its model replaces the document's."""
        lines, when = own.get("lines"), own.get("when", [])
        pair = isinstance(lines, list) and [type(line) for line in lines] == [int, int]
        if lines is not None and not pair:
            raise self.fail("lines", "lines of a part: write  lines = [FIRST, LAST]")
        if not isinstance(when, list) or not all(isinstance(word, str) for word in when):
            raise self.fail("when", 'when of a part: write  when = ["SYMBOL"]')
        replaced = ("part", "model") if "model" in own else ("part",)
        base = {key: value for key, value in tables.items() if key not in replaced}
        inner = {key: value for key, value in own.items() if key not in ("when", "lines")}
        self.check(inner)
        return Part(
            when=frozenset(when),
            lines=None if lines is None else tuple(lines),
            notation=self.notation(convention, _merged(base, inner)),
        )

    def notation(self, convention: str, tables: dict[str, Any]) -> Notation:
        tables = dict(tables)
        parts = tuple(self.part(convention, tables, own) for own in tables.get("part", {}).values())
        tables = with_per_sample(tables)
        shapes = {_spelled(key): value for key, value in tables.get("shape", {}).items()}
        functions = self.functions(tables, shapes)
        slopes = frozenset({_spelled(tables["slope"])} if "slope" in tables else ())
        bare = Vocabulary(functions=frozenset(functions), symbols=frozenset(shapes))
        shapes = {self.canonical(key, bare): value for key, value in shapes.items()}
        for table in ("at", "domain", "example", "bare"):
            named = {_spelled(key): value for key, value in tables.get(table, {}).items()}
            tables[table] = {self.canonical(key, bare): value for key, value in named.items()}
        layers = self.layers(tables.get("layers", {}))
        sizes = self.sizes(tables.get("sizes", {"m": "samples", "n": "inputs", "k": "outputs"}))
        spelled = (tables.get(name, {}) for name in ("alias", "samples", "operator"))
        written = {_spelled(key) for table in spelled for key in table}
        words = Vocabulary(
            functions=frozenset(functions),
            symbols=frozenset(shapes) | written | {size for size in sizes if len(size) > 1},
            slopes=slopes,
        )
        alias, phrases = self.aliases(tables.get("alias", {}), words)
        model = tables.get("model", {})
        assumed = self.assumptions(tables, shapes, sizes, words)
        symbols = {
            name: self.symbol(name, spec, tables, layers, sizes) for name, spec in shapes.items()
        }
        notation = Notation(
            depends={},
            prime_transposes="prime" in tables,
            source=self.source,
            convention=convention,
            symbols=symbols,
            sizes=sizes,
            layers=layers,
            functions=functions,
            alias=alias,
            phrases=phrases,
            operators=self.trees(tables.get("operator", {}), words),
            bare={name: self.layer(name, str(at), layers) for name, at in tables["bare"].items()},
            samples={
                self.canonical(key, words): tree
                for key, tree in self.trees(tables.get("samples", {}), words).items()
            },
            products=self.products(tables.get("product", {})),
            forward=tuple(model.get("forward", ())),
            lines={text: self.line_of(text) for text in model.get("forward", ())},
            loss=_spelled(model["loss"]) if "loss" in model else None,
            rate=_spelled(tables["rate"]) if "rate" in tables else None,
            examples={key: tuple(map(tuple, rows)) for key, rows in tables["example"].items()},
            assume=tuple(tables.get("assume", {}).values()),
            assumed=assumed,
            layout=tables.get("layout", "denominator"),
            layout_declared="layout" in tables,
            target=self.target(tables.get("target"), words),
            parts=parts,
            vocabulary=Vocabulary(
                functions=words.functions.union(*(p.notation.vocabulary.functions for p in parts)),
                symbols=words.symbols.union(*(p.notation.vocabulary.symbols for p in parts)),
                slopes=slopes.union(*(p.notation.vocabulary.slopes for p in parts)),
            ),
        )
        return replace(notation, depends=dependencies(notation))

    def functions(self, tables: dict[str, Any], shapes: Mapping[str, Any]) -> dict[str, str]:
        """What each function is by its spelling; another meaning of a letter takes it away."""
        own = {_spelled(key): meant for key, meant in tables.get("functions", {}).items()}
        for written, meant in own.items():
            if meant not in FUNCTIONS:
                known = ", ".join(sorted(FUNCTIONS))
                raise self.fail(
                    written.removeprefix("\\"), f"function '{meant}' is unknown; known are {known}"
                )
        taken = ("alias", "samples", "sizes", "operator")
        others = {_spelled(key) for table in taken for key in tables.get(table, {})}
        others |= {key.removesuffix("^{2}") for key in shapes}  # a variance is no function
        return {
            key: meant
            for key, meant in (SPELLINGS | own).items()
            if key not in shapes and (key in own or key not in others)
        }

    def canonical(self, key: str, words: Vocabulary) -> str:
        """A key as the page would print it, whatever spaces or braces it was written with."""
        try:
            tree = parse_expression(key, words)
        except FormulaError as error:
            raise self.fail(key, f"symbol '{key}' cannot be read: {error}") from error
        if not isinstance(tree, Name | Script):
            raise self.fail(key, f"'{key}' is not one symbol; write one symbol a line")
        return tree.text if isinstance(tree, Name) else to_tex(tree)

    def assumptions(
        self,
        tables: dict[str, Any],
        shapes: Mapping[str, Any],
        sizes: dict[str, str],
        words: Vocabulary,
    ) -> tuple[Relation, ...]:
        """The conditions that are relations; those in words become domains of their arrays.

        Raises: NotationError at one that would be shown and not applied.
        """
        relations = []
        for text in tables.get("assume", {}).values():
            said, relation = in_words(text), as_relation(text, words)
            relations += [relation] if relation and not said else []
            why = None if said or relation or is_guess(text) else UNKNOWN
            for lines in said:
                name = self.canonical(_spelled(lines.array), words)
                why = why or lines.restrict(name, tables["domain"], shapes, sizes)
            if why:
                raise self.fail(text, f"'{text}' in [assume]{why}")
        return tuple(relations)

    def target(self, text: Any, words: Vocabulary) -> Expr | None:
        if text is None:
            return None
        try:
            return parse_expression(text, words)
        except (FormulaError, TypeError) as error:
            raise self.fail("target", f"target '{text}' cannot be read: {error}") from error

    def aliases(
        self, table: Mapping[str, str], words: Vocabulary
    ) -> tuple[dict[str, Expr], dict[Expr, Expr]]:
        """Other names of symbols by their spelling, and of longer expressions by their tree."""
        names: dict[str, Expr] = {}
        phrases: dict[Expr, Expr] = {}
        for key, meant in self.trees(table, words).items():
            try:
                tree = parse_expression(key, words)
            except FormulaError as error:
                raise self.fail(key, f"alias '{key}' cannot be read: {error}") from error
            if isinstance(tree, Name):
                names[tree.text] = meant
            elif isinstance(tree, Script) and isinstance(tree.base, Name):
                names[to_tex(tree)] = meant
            else:
                phrases[tree] = meant
        return names, phrases

    def trees(self, table: Mapping[str, str], words: Vocabulary) -> dict[str, Expr]:
        result = {}
        for key, value in table.items():
            try:
                result[_spelled(key)] = parse_expression(value, words)
            except FormulaError as error:
                raise self.fail(key, f"'{value}' cannot be read: {error}") from error
        return result

    def products(self, table: Mapping[str, Any]) -> dict[str, tuple[Meaning, ...]]:
        result = dict(_DEFAULT_PRODUCTS)
        for sign, meanings in table.items():
            known = {m.value: m for m in (Meaning.MATMUL, Meaning.HADAMARD, Meaning.CORRELATE)}
            listed = [meanings] if isinstance(meanings, str) else meanings
            if sign not in result or not set(listed) <= set(known):
                raise self.fail(
                    sign,
                    f"product {sign!r} = {meanings!r}: the signs are "
                    f"{', '.join(filter(None, result))}, the meanings "
                    f"{', '.join(known)}",
                )
            result[sign] = tuple(known[meaning] for meaning in listed)
        return result

    def sizes(self, table: Mapping[str, Any]) -> dict[str, str]:
        for letter, role in table.items():
            if not isinstance(role, str):
                raise self.fail(letter, f"size '{letter}' needs a word for what it counts")
        return dict(table)

    def layers(self, table: Mapping[str, Any]) -> Layers:
        try:
            return Layers(
                letters=frozenset(table.get("index", ())),
                last=frozenset(table.get("last", "N" if table else ())),
                count=frozenset(table.get("count", ())),
                width=table.get("width", "d"),
                inputs=table.get("inputs", "n"),
                outputs=table.get("outputs", "k"),
            )
        except TypeError as error:
            raise self.fail("[layers]", "[layers] needs lists of letters") from error

    def symbol(
        self, name: str, spec: Any, tables: dict[str, Any], layers: Layers, sizes: dict[str, str]
    ) -> Symbol:
        shape = self.shape(name, spec, layers, sizes)
        at = tables["at"].get(name)
        domain = tables["domain"].get(name, "real")
        if domain not in DOMAINS:
            raise self.fail(
                name, f"domain '{domain}' is unknown; known are {', '.join(sorted(DOMAINS))}"
            )
        return Symbol(
            name=name,
            shape=shape,
            layered=any(dim.layer is not None and dim.layer.base == "l" for dim in shape)
            or _has_layers(name, tables, layers),
            at=None if at is None else self.layer(name, str(at), layers),
            domain=domain,
        )

    def layer(self, name: str, text: str, layers: Layers) -> Index:
        if text in layers.last:
            return Index("last")
        if text.isdigit():
            return Index(None, int(text))
        raise self.fail(
            name, f"layer '{text}' of {name}: write a number or the last layer's letter"
        )

    def shape(self, name: str, spec: Any, layers: Layers, sizes: dict[str, str]) -> tuple[Dim, Dim]:
        due = 'write two sizes such as "m d[l]", or "scalar"'
        if spec == "scalar":
            return (Dim("1"), Dim("1"))
        parts = spec.split() if isinstance(spec, str) else []
        if len(parts) == 1 and not parts[0].isdigit():  # a column
            parts = [parts[0], "1"]
        if len(parts) != 2:
            raise self.fail(name, f"symbol '{name}' has the shape {spec!r}; {due}")
        return (self.dim(name, parts[0], layers, sizes), self.dim(name, parts[1], layers, sizes))

    def dim(self, name: str, part: str, layers: Layers, sizes: dict[str, str]) -> Dim:
        found = _DIM.fullmatch(part)
        if found is None:
            raise self.fail(name, f"size '{part}' of '{name}' cannot be read; write m or d[l-1]")
        if part.isdigit():
            return Dim(part)
        letter, base, offset = found.groups()
        if "[" not in part:
            if letter not in sizes:
                raise self.fail(
                    name,
                    f"size '{letter}' of '{name}' is not declared; add  "
                    f'{letter} = "what it counts"  under [sizes]',
                )
            return Dim(letter)
        if letter != layers.width:
            raise self.fail(name, f"'{part}' of '{name}': the layers' width is {layers.width}")
        known = layers.letters | layers.last | {None, "l"}
        if base not in known:
            raise self.fail(name, f"layer letter '{base}' of '{name}' is not under [layers] index")
        return Dim(letter, Index("last" if base in layers.last else base and "l", int(offset or 0)))


def _has_layers(name: str, tables: Mapping[str, Any], layers: Layers) -> bool:
    """Whether the model writes the symbol with a layer, as in ``H^{l-1}``, whatever its shape."""
    letters = "".join(re.escape(letter) for letter in layers.letters if len(letter) == 1)
    if not letters:
        return False
    written = re.compile(rf"(?<![A-Za-z\\]){re.escape(name)}\^\{{?[\[(]?[{letters}](?![A-Za-z])")
    formulas = tables.get("model", {}).get("forward", ())
    return any(written.search(text) for text in formulas if isinstance(text, str))


def _spelled(key: str) -> str:
    """TOML keys may leave out the backslash of a Greek letter."""
    return f"\\{key}" if f"\\{key}" in GREEK else key


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The base tables, a convention's own entries over them."""
    result = dict(base)
    for key, value in own.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = {**result[key], **value} if both else value
    return result
