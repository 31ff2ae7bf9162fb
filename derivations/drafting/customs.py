"""What a page leaves to custom: one-hot labels, the identity, the last layer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..document.syntax import Add, Call, Derivative, Expr, Name, walk
from .facts import Facts, head_use, symbols_in
from .habits import Use
from .infer import Model
from .sizing import Sizing

_IDENTITY = re.compile(r"(?:I|\\mathbb\{[I1]\})(?:_\{\w{1,3}\})?")


def label_domains(model: Model, sizing: Sizing) -> Iterator[tuple[str, str]]:
    """The labels that a cross-entropy compares with the output of a softmax."""
    soft = {d.key for d in model.definitions if _calls(d.side, "softmax", model)}
    for definition in model.definitions:
        logged = {
            use.key
            for node in walk(definition.side)
            if isinstance(node, Call) and model.facts.functions.get(node.function) == "log"
            for use in symbols_in(node.arg, model.facts)
        }
        for output in logged & soft:
            for use in symbols_in(definition.side, model.facts):
                shape = sizing.shape(use.key)
                given = use.key not in model.defined and shape == sizing.shape(output)
                if given and shape is not None and shape != "scalar":
                    yield use.key, _one_hot(shape, sizing)


def _one_hot(shape: str, sizing: Sizing) -> str:
    """Along which axis the classes lie: the one that is neither 1 nor the samples'."""
    _, columns = shape.split()
    return "one-hot columns" if columns in ("1", sizing.samples) else "one-hot rows"


def symmetric_arrays(model: Model, sizing: Sizing) -> Iterator[tuple[str, bool]]:
    """The square arrays that the text calls symmetric, and whether it does so without an if."""
    for key, always in model.said.symmetric.items():
        sides = (sizing.shape(key) or "").split()
        if len(sides) == 2 and sides[0] == sides[1] != "1" and key not in model.defined:
            yield key, always


def _calls(side: Expr, meant: str, model: Model) -> bool:
    functions = model.facts.functions
    return any(
        isinstance(node, Call) and functions.get(node.function, node.function) == meant
        for node in walk(side)
    )


def identities(model: Model, sizing: Sizing) -> Iterator[tuple[str, str]]:
    """An I that no line defines, states as data or differentiates by: the identity of its size."""
    facts, known = model.facts, model.defined | model.said.shapes.keys()
    for key in model.uses:
        if _IDENTITY.fullmatch(key) and key not in known | facts.named_slopes.keys():
            sides = set(_sides_of_square(key, model, sizing))
            if len(sides) == 1:
                yield key, sides.pop()
    for equation in facts.equations:
        side, head = equation.side, equation.head
        if side != Name("I") or not isinstance(head, Derivative) or "I" in model.defined:
            continue
        by = head_use(model.facts, head.by)
        sizes = (sizing.shape(by.key) or "").split() if by is not None else []
        found = [size for size in sizes if size != "1"]
        if len(sizes) == 2 and len(found) == 1:
            yield "I", found[0]
            return


def _sides_of_square(key: str, model: Model, sizing: Sizing) -> Iterator[str]:
    for equation in (*model.facts.equations, *model.facts.minima):
        sides = (equation.head, equation.side)
        if any(use == Use(key) for side in sides for use in symbols_in(side, model.facts)):
            size = sizing.side_of_square(key, equation)
            if size is not None:
                yield size


def small_numbers(facts: Facts) -> Iterator[str]:
    """An epsilon under a root, which is there to keep it from 0, is positive."""
    found = {
        part.text
        for _, tree in facts.trees
        for node in walk(tree)
        if isinstance(node, Call) and node.function == "\\sqrt" and isinstance(node.arg, Add)
        for part in walk(node.arg)
        if isinstance(part, Name) and part.text in ("\\epsilon", "\\varepsilon")
    }
    yield from sorted(found)


def bare_layers(model: Model) -> Iterator[str]:
    """Layered symbols by which the loss is differentiated without a layer: the last is meant."""
    facts, seen = model.facts, set[str]()
    layered = facts.habits.layered & model.defined
    for _, tree in facts.trees:
        for node in walk(tree):
            if isinstance(node, Derivative) and isinstance(node.by, Name):
                key = node.by.text
                if key in layered - seen and facts.habits.last:
                    seen.add(key)
                    yield key


def has_jacobians(facts: Facts) -> bool:
    """Whether something other than the loss is differentiated."""
    loss = facts.loss[0] if facts.loss else None
    return any(
        isinstance(node, Derivative)
        and (use := head_use(facts, node.of)) is not None
        and use.key != loss
        and not use.entries
        for _, tree in facts.trees
        for node in walk(tree)
    )
