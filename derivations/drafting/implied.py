"""Definitions that a page implies: error terms, and one sample's arrays beside those of all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..document.syntax import LAST, Call, Derivative, Expr, Index, Name, Script, transform
from .definitions import Definition
from .facts import Facts, head_use, symbols_in
from .habits import SQUARE

ERROR_TERMS = ("\\delta",)


def error_terms(facts: Facts, definitions: list[Definition]) -> dict[str, str]:
    """Error terms of layers that the page never defines: the loss by what is activated."""
    activated = [
        (d.key, use.key)
        for d in definitions
        if d.layer is not None and d.layer.base not in (None, LAST) and isinstance(d.side, Call)
        if (use := head_use(facts, d.side.arg)) is not None and use.layer == d.layer
    ]
    keys = {
        use.key
        for _, tree in facts.trees
        for use in symbols_in(tree, facts)
        if use.key in ERROR_TERMS and use.layer is not None
    }
    known = {d.key for d in definitions} | set(_named_outright(facts))
    loss = facts.loss[0] if facts.loss else None
    ends = {use.key for d in definitions if d.key == loss for use in symbols_in(d.side, facts)}
    activated.sort(key=lambda pair: pair[0] not in ends)
    return {key: activated[0][1] for key in keys - known if activated}


def _named_outright(facts: Facts) -> Iterator[str]:
    for key, (name, slope, _) in facts.named_slopes.items():
        by = head_use(facts, slope.by)
        heads = [e.head for e in facts.equations if e.side == slope]
        if name in heads or by is None or not by.key.startswith(("b", "W", "w")):
            yield key


def with_error_terms(facts: Facts, definitions: list[Definition]) -> dict[str, str]:
    """The same, added to the names of derivatives that the page itself gives."""
    found = error_terms(facts, definitions)
    letter = min(facts.habits.layers, default="l")
    for key, variable in found.items():
        if facts.loss is not None:
            name = Script(Name(key), (), (Name(letter),))
            by = Script(Name(variable), (), (Name(letter),))
            facts.named_slopes[key] = (name, Derivative(Name(facts.loss[0]), by), 0)
    return found


def doubled(definitions: list[Definition], facts: Facts) -> list[Definition]:
    """``z^l`` and ``a^l`` of one sample beside ``Z^l`` and ``A^l`` of all: computed alike."""
    layered = {
        use.key
        for _, tree in facts.trees
        for use in symbols_in(tree, facts)
        if use.layer is not None and len(use.key) == 1 and use.sample is None
    }
    defined = {d.key for d in definitions}
    small = {key.lower(): key for key in defined & layered if key.lower() != key}
    small = {key: upper for key, upper in small.items() if key in layered - defined}

    def renamed(node: Expr) -> Expr:
        if isinstance(node, Name) and node.text.lower() in small and node.text in defined:
            return Name(node.text.lower())
        return node

    copies = [
        replace(
            d,
            key=d.key.lower(),
            head=transform(d.head, renamed),
            side=transform(d.side, renamed),
        )
        for d in definitions
        if d.key.lower() in small and d.key in defined and d.layer != Index(None, 0)
    ]
    return [*definitions, *copies]


def roots(definitions: list[Definition], used: set[str]) -> Iterator[Definition]:
    """The root of each such square, where the page uses it: ``\\sigma = \\sqrt{\\sigma^2}``."""
    known = {d.key for d in definitions}
    for d in definitions:
        head = d.head
        if not isinstance(head, Script) or head.sup != SQUARE:
            continue
        root = Script(head.base, head.sub) if head.sub else head.base
        if isinstance(root, Name) and root.text in used - known:
            yield Definition(root.text, d.layer, root, Call("\\sqrt", head), d.line)
