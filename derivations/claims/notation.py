"""The notation file: symbols, shapes, product signs, conventions and the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..document.lexer import Vocabulary
from ..document.syntax import Expr, Index, Meaning, Relation


@dataclass(frozen=True, slots=True)
class Dim:
    """One axis: a size letter, a layer's width ``d[l-1]``, or a number."""

    name: str
    layer: Index | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A declared array; ``layered`` if its shape or its definition speaks of a layer."""

    name: str
    shape: tuple[Dim, Dim]
    layered: bool
    at: Index | None = None
    domain: str = "real"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """``letters`` may stand for a layer, ``last`` for the last one, ``count`` for how many."""

    letters: frozenset[str] = frozenset()
    last: frozenset[str] = frozenset()
    count: frozenset[str] = frozenset()
    width: str = "d"
    inputs: str = "n"
    outputs: str = "k"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of a document with a model of its own: by its lines, or by what it defines."""

    when: frozenset[str]
    lines: tuple[int, int] | None
    notation: Notation

    def covers(self, line: int, subject: str) -> bool:
        if self.lines is not None:
            return self.lines[0] <= line <= self.lines[1]
        return subject in self.when


@dataclass(frozen=True, slots=True, kw_only=True)
class Notation:
    """What the symbols of a document mean under one convention."""

    source: str
    convention: str
    symbols: Mapping[str, Symbol]
    sizes: Mapping[str, str]
    layers: Layers
    functions: Mapping[str, str]
    alias: Mapping[str, Expr]
    phrases: Mapping[Expr, Expr]  # aliases of more than one symbol, such as \\sigma(z)
    operators: Mapping[str, Expr]  # what each operator differentiates by
    bare: Mapping[str, Index]  # the layer of a symbol that stands without one
    samples: Mapping[str, Expr]
    products: Mapping[str, tuple[Meaning, ...]]
    forward: tuple[str, ...]
    lines: Mapping[str, int]  # of the forward formulas in the notation file
    loss: str | None
    rate: str | None
    depends: Mapping[str, frozenset[str]]  # what the model computes each symbol from
    prime_transposes: bool  # whether a prime behind an array is its transpose
    examples: Mapping[str, tuple[tuple[Any, ...], ...]]
    assume: tuple[str, ...]
    assumed: tuple[Relation, ...]  # those of them that are relations, as printed
    layout: str
    layout_declared: bool
    target: Expr | None  # what a formula without a relation is meant to equal
    parts: tuple[Part, ...]
    vocabulary: Vocabulary = field(compare=False)

    @property
    def sample_sizes(self) -> frozenset[str]:
        return frozenset(name for name, role in self.sizes.items() if role == "samples")
