"""Formulas that give a parameter at which the loss is least, and so define nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..document.syntax import Derivative, walk
from .definitions import computes
from .facts import MARKS, Facts, head_use, symbols_in
from .formulas import Equation
from .habits import Use

_DECORATED = re.compile(r"\\(?:hat|widehat|tilde|bar)\{(.*)\}|(.+?)[_^]\{[^{}]*\}")
_IDENTITY = "I"


def without_minima(facts: Facts) -> Facts:
    """The facts without ``w = (X^T X)^{-1} X^T y`` behind a loss of w, X and y.

    Taken for a definition, any right side would be true of it; and w would be no parameter.
    """
    minima = [equation for equation in facts.equations if _is_minimum(equation, facts)]
    if not minima:
        return facts
    kept = [e for e in facts.equations if e not in minima]
    return replace(facts, equations=kept, minima=minima)


def _is_minimum(equation: Equation, facts: Facts) -> bool:
    """A parameter of an earlier loss, from nothing that this loss does not speak of."""
    use = head_use(facts, equation.head)
    plain = use is not None and not (use.entries or use.layer or use.sample)
    if use is None or not plain or facts.loss is None or not computes(equation, use, facts):
        return False
    before = facts.equations[: facts.equations.index(equation)]
    losses = [e for e in before if _heads(e, facts) == facts.loss[0]]
    if use.key == facts.loss[0]:
        return False
    known = _reached(losses, facts, use.key)
    own = _reached([equation], facts, use.key) - {_IDENTITY}
    return _parameter(use, known, facts) and bool(own) and own <= known


def _parameter(use: Use, known: set[str], facts: Facts) -> bool:
    """The symbol, or with a hat or a star the one below it that the loss is differentiated by."""
    if use.key in known:
        return True
    match = _DECORATED.fullmatch(use.key)
    base = (match.group(1) or match.group(2)) if match else None
    return base in known & set(_variables(facts))


def _variables(facts: Facts) -> Iterator[str]:
    for _, tree in facts.trees:
        for node in walk(tree):
            if isinstance(node, Derivative) and (use := head_use(facts, node.by)) is not None:
                yield use.key


def _heads(equation: Equation, facts: Facts) -> str | None:
    use = head_use(facts, equation.head) if equation.sign == "=" else None
    return None if use is None else use.key


def _reached(start: list[Equation], facts: Facts, parameter: str) -> set[str]:
    """All that formulas are made of, through what the page computes; the parameter stays one."""
    found: set[str] = set()
    todo = list(start)
    while todo:
        for use in symbols_in(todo.pop().side, facts):
            if use.key in found or use.key in MARKS:
                continue
            found.add(use.key)
            if use.key != parameter:
                todo += [e for e in facts.equations if e.first and _heads(e, facts) == use.key]
    return found
