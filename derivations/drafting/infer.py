"""The model of a page: which formulas define it, and what shapes they force on its symbols."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field, replace

from ..document.syntax import (
    Add,
    Bracket,
    Call,
    Derivative,
    Index,
    Name,
    Neg,
    Product,
    Sum,
    children,
)  # fmt: skip
from .constraints import NUMBER, UNIT, Typing, UntypedError
from .definitions import (
    Definition,
    acyclic,
    candidates,
    computes,
    definition_of,
    named_parts,
)
from .dims import solve
from .facts import (
    LOSS_NAMES,
    MARKS,
    Facts,
    head_use,
    printed_rows,
    symbols_in,
    with_habits,
)  # fmt: skip
from .formulas import Equation
from .habits import Habits, Use, is_upper
from .implied import doubled, roots, with_error_terms
from .prose import Said
from .stationary import without_minima

MOST = 60  # definitions of one model; what depends on others is left undecided
_COLLECTED = (
    *("grounded", "axes_of", "concrete", "samples", "vectors", "matrices"),
    *("widths", "biases", "sampled", "beside"),
)
_NUMBERS = frozenset({"\\lambda", "\\epsilon", "\\varepsilon", "\\eta", "\\alpha", "\\mu"})


@dataclass(slots=True)
class Model:
    """What was inferred: definitions that fit together, and the sizes that they force."""

    facts: Facts
    said: Said
    typing: Typing
    whole: dict[str, str]  # y -> Y where y^{(i)} is a sample of Y
    same: dict[str, str]  # w -> W where both are written for one array
    definitions: list[Definition] = field(default_factory=list)
    misfits: list[tuple[int, str]] = field(default_factory=list)
    examples: dict[str, tuple[list[list[str]], int]] = field(default_factory=dict)
    uses: dict[str, int] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)  # assumed error terms, by what
    fitting: int = 0  # other formulas whose sides have one shape
    withheld: set[str] = field(default_factory=set)  # computed, but how could not be taken over

    @property
    def defined(self) -> set[str]:
        return {definition.key for definition in self.definitions}


def infer(facts: Facts, said: Said) -> Model:
    """The definitions of a page that fit together, typed.

    Of the ways to read it the one that loses the fewest definitions, then the one under which the
    shapes of the most other formulas fit.
    """
    models = [_inferred(*way) for way in _ways(facts, said)]
    return min(models, key=lambda model: (len(model.misfits), len(model.withheld), -model.fitting))


def _ways(facts: Facts, said: Said) -> Iterator[tuple[Facts, Said, bool]]:
    """Numbers below a symbol as layers or as names; what the text says, with its numbers or not."""
    general = replace(said, shapes={k: v for k, v in said.shapes.items() if not _in_numbers(v[0])})
    readings = [facts]
    if facts.habits.below:
        habits = facts.habits
        plain = Habits(
            bound=habits.bound | habits.layers,
            symbols=habits.symbols,
            labels=habits.labels,
            rows=habits.rows,
            squares=habits.squares,
        )
        readings.append(with_habits(facts, plain))
    for reading in map(without_minima, readings):
        yield reading, said, False
        if any(use.sample for use, _ in _uses(reading)):
            yield reading, said, True
        if len(general.shapes) < len(said.shapes):
            yield reading, general, False


def _fitting(typing: Typing, facts: Facts, definitions: list[Definition]) -> list[Equation]:
    """The other formulas whose sides have one shape."""
    lines, found = {d.line for d in definitions}, []
    start = len(typing.dims.undo)
    for key in [key for key in typing.axes_of if is_upper(key)]:
        for term in typing.axes_of[key]:
            root = typing.dims.find(term[0])[0]
            if root not in typing.dims.names and root in typing.dims.fixed:
                typing.dims.call(term, f"~{root}")  # no two sizes of matrices agree by chance
    for equation in facts.equations[:MOST]:
        if equation.sign != "=" or equation.line in lines:
            continue
        kept, before = len(typing.dims.undo), len(typing.choices)
        try:
            typing.equation(equation.head, equation.side, equation.line)
            if not solve(typing.dims, typing.choices[before:], typing.settle):
                found.append(equation)
        except UntypedError:
            pass  # its shapes cannot be told, so that it speaks neither for nor against them
        del typing.choices[before:]
        typing.dims.back_to(kept)
    typing.dims.back_to(start)
    return found


def _unsettled(fitting: list[Equation], facts: Facts, whole: dict[str, str]) -> set[str]:
    """Arrays known by their samples alone, when no formula about the whole fits their shape."""
    slopes = [e for e in facts.equations if isinstance(e.head, Derivative) and e.sign == "="]
    found = set()
    for key in set(whole.values()):
        about = [e for e in slopes if any(u.key == key for u in symbols_in(e.side, facts))]
        if about and not any(e in fitting for e in about):
            found.add(key)
    return found


def _in_numbers(sizes: tuple[str, ...]) -> bool:
    return all(size.isdigit() for size in sizes)


def _inferred(facts: Facts, said: Said, turned: bool) -> Model:
    uses = _uses(facts)
    whole, same = _samples_of(uses, facts), _same_arrays(uses, facts)
    names = {**whole, **same}
    definitions = doubled(list(candidates(facts, names, turned))[:MOST], facts)
    definitions += roots(definitions, {use.key for use, _ in uses})
    assumed = with_error_terms(facts, definitions)
    misfits: list[tuple[int, str]] = []
    while True:
        definitions = acyclic(named_parts(definitions), facts, misfits)
        typing = _typing(facts, said, names, definitions)
        typing.turned, typing.loss = turned, facts.loss[0] if facts.loss else None
        bad = _typed(typing, definitions, facts, said)
        if bad is None or not definitions:
            break
        misfits.append((bad.line, bad.key))
        definitions.remove(bad)
    model = Model(facts, said, typing, whole, same, definitions, misfits)
    model.errors = assumed
    first = {use.key: line for use, line in reversed(uses)}
    model.uses = dict(sorted(first.items(), key=lambda item: item[1]))
    model.examples = dict(_examples(facts))
    withhold(model, _lost(model, names))
    kept = {name: copy(getattr(typing, name)) for name in _COLLECTED}
    fitting = _fitting(typing, facts, definitions)
    for name, value in kept.items():  # what other formulas say is no ground for the model
        setattr(typing, name, value)
    model.fitting = len(fitting)
    withhold(model, _unsettled(fitting, facts, whole) - said.shapes.keys())
    return model


def _lost(model: Model, names: dict[str, str]) -> set[str]:
    """Symbols that the page computes in a way that could not be taken over."""
    kept = {d.key for d in model.definitions} - {key for _, key in model.misfits}
    found = set(model.facts.unread)
    for equation in model.facts.equations:
        use = head_use(model.facts, equation.head)
        if use is not None and computes(equation, use, model.facts):
            found.add(names.get(use.key, use.key))
    return found - kept


def withhold(model: Model, keys: set[str]) -> None:
    """Set symbols aside, and with them what depends on them.

    Were they taken for given, every formula that differentiates through them would look wrong.
    """
    model.withheld |= keys
    while True:
        lost = [
            d
            for d in model.definitions
            if d.key in model.withheld
            or any(use.key in model.withheld for use in symbols_in(d.side, model.facts))
        ]
        for definition in lost:
            model.definitions.remove(definition)
            model.misfits.append((definition.line, definition.key))
            model.withheld.add(definition.key)
        if not lost:
            return


def _uses(facts: Facts) -> list[tuple[Use, int]]:
    return [
        (use, line)
        for line, tree in facts.trees
        for use in symbols_in(tree, facts)
        if use.key not in MARKS
    ]


def _samples_of(uses: list[tuple[Use, int]], facts: Facts) -> dict[str, str]:
    """``y^{(i)}`` is a sample of Y where y itself never stands."""
    keys = {use.key for use, _ in uses}
    always = {key for key in keys if all(u.sample for u, _ in uses if u.key == key)}
    found = {}
    for key in always:
        upper = _capital(key)
        if upper != key and (upper in keys or key in facts.habits.rows):
            found[key] = upper
    return found


def _capital(key: str) -> str:
    """``Y`` for ``y``, ``\\hat{Y}`` for ``\\hat{y}``, ``A^{[2]}`` for ``a^{[2]}``."""
    return re.sub(r"^((?:\\[a-z]+\{)?)([a-z])(?![a-z])", lambda m: m[1] + m[2].upper(), key)


def _same_arrays(uses: list[tuple[Use, int]], facts: Facts) -> dict[str, str]:
    """``w^l`` beside ``W^l``, both with their layer and never defined: one array."""
    layered = {use.key for use, _ in uses if use.layer is not None}
    heads = {d.key for e in facts.equations if (d := definition_of(e, facts)) is not None}
    return {
        key: key.upper()
        for key in layered
        if len(key) == 1 and key.islower() and key.upper() in layered - heads and key not in heads
    }


# -- typing -----------------------------------------------------------------------------
def _typing(
    facts: Facts, said: Said, names: dict[str, str], definitions: list[Definition]
) -> Typing:
    scalars = {facts.loss[0]} if facts.loss else set()
    scalars |= {facts.rate[0]} if facts.rate else set()
    stated = [e for e in facts.equations if e.sign == "\\in" and e.side == Name("\\mathbb{R}")]
    heads = [use for e in stated if (use := head_use(facts, e.head)) is not None]
    scalars |= {use.key for use in heads if not use.entries and use.sample is None}
    defined = {definition.key for definition in definitions}
    indexed = {use.key for _, tree in facts.trees for use in symbols_in(tree, facts) if use.entries}
    scalars |= {key for key in _NUMBERS if key not in defined | indexed}
    scalars |= {key for key in defined if key in LOSS_NAMES and key not in indexed}
    scalars |= set(_coefficients(facts, scalars)) - defined - indexed
    sizes = {*facts.sizes, *said.samples}
    stated_sizes = {size for shape, _ in said.shapes.values() for size in shape}
    sizes |= {size for size in stated_sizes if size.replace("_", "").isalnum()}
    sizes |= {size for size, _ in said.one_sample.values()}
    return Typing(facts.habits, facts.functions, scalars, names, sizes - defined, defined)


def _coefficients(facts: Facts, numbers: set[str]) -> Iterator[str]:
    """The C of ``L = ... + C \\sum_i ...``: what begins a term of a number before a sum."""
    for equation in facts.equations:
        use = head_use(facts, equation.head)
        terms = [equation.side] if use is not None and use.key in numbers else []
        while terms:
            term = terms.pop()
            if isinstance(term, Add | Neg | Bracket):
                terms += children(term)
            elif isinstance(term, Product) and isinstance(term.left, Name):
                yield from (term.left.text,) if isinstance(term.right, Sum) else ()


def _typed(
    typing: Typing, definitions: list[Definition], facts: Facts, said: Said
) -> Definition | None:
    """Solve the sizes; the first definition that does not fit the others, or None."""
    _stated(typing, said, facts)
    typing.layout = said.layout or facts.layout
    for definition in definitions:
        try:
            typing.equation(definition.head, definition.side, definition.line)
            if definition.printed is not None:
                typing.equation(*definition.printed, definition.line)
        except UntypedError:
            return definition
    typing.grounded = set(typing.axes_of)
    for name, slope, line in facts.named_slopes.values():
        try:
            typing.derivative(name, slope, line)
        except UntypedError:
            continue
    for equation in facts.equations:
        applied = equation.head.arg if isinstance(equation.head, Call) else None
        use = None if applied is None else head_use(facts, applied)
        if applied is None or use is None or use.key in facts.named_slopes:
            continue
        if use.layer is None and not use.entries:
            try:
                typing.argument(applied, equation.line)
            except UntypedError:
                continue
            typing.grounded.add(use.key)
    _type_variables(typing, facts, said)
    failed = solve(typing.dims, typing.choices, typing.settle)
    lines = {choice.line for choice in failed}
    bad = [definition for definition in definitions if definition.line in lines]
    return bad[-1] if bad else None


def _type_variables(typing: Typing, facts: Facts, said: Said) -> None:
    """What is differentiated, and by what, in formulas about no loss."""
    loss = facts.loss[0] if facts.loss else None
    for equation in facts.equations:
        head = equation.head
        if not isinstance(head, Derivative):
            continue
        of = head.of.of if isinstance(head.of, Derivative) else head.of
        if head_use(facts, of) is not None and of != head.by:
            continue  # an array whose definition is missing
        uses = [*symbols_in(of, facts), *symbols_in(head.by, facts)]
        if not uses or any(use.key == loss or use.entries or use.layer for use in uses):
            continue
        typing.line = equation.line
        try:
            typing.shape(of)
            typing.shape(head.by)
        except UntypedError:
            continue
        typing.grounded |= {use.key for use in uses}
        typing.vectors |= {use.key for use in uses if use.key in said.bold}


def _stated(typing: Typing, said: Said, facts: Facts) -> None:
    """The shapes that the text states."""
    for key, (name, line) in said.one_sample.items():
        if key in typing.whole:
            typing.line = line
            whole, own = typing.axes(typing.whole[key], None), typing.size(name)
            typing.choose(((whole[1], own),), ((whole[0], own),))
    for key, (sizes, line) in said.shapes.items():
        key = typing.whole.get(key, key)
        if key in typing.scalars or key in facts.functions:
            continue
        typing.line = line
        layered = key in facts.habits.layered
        layer = Index(min(facts.habits.layers)) if layered and facts.habits.layers else None
        axes = typing.axes(key, layer)
        typing.vectors.add(key)
        if len(sizes) == 1:
            if sizes[0].startswith("["):
                continue
            size = typing.size(sizes[0])
            typing.choose(((axes[0], size), (axes[1], UNIT)), ((axes[1], size), (axes[0], UNIT)))
            continue
        for axis, name in zip(axes, sizes, strict=True):
            if name.startswith("["):
                _width(typing, axis, name, facts)
            else:
                typing.dims.unify(axis, typing.size(name))


def _width(typing: Typing, axis: tuple[str, int], size: str, facts: Facts) -> None:
    """``n^{[l-1]}``: the width of a layer."""
    inner = size[1:-1]
    letters = [letter for letter in facts.habits.layers if inner.startswith(letter)]
    last = [letter for letter in facts.habits.last if inner.startswith(letter)]
    if letters:
        typing.dims.unify(axis, ("width", int(inner.removeprefix(letters[0]) or 0)))
    elif last:
        typing.widths.append((axis, Index("last", int(inner.removeprefix(last[0]) or 0))))
    elif inner.isdigit():
        typing.widths.append((axis, Index(None, int(inner))))


def _examples(facts: Facts) -> Iterator[tuple[str, tuple[list[list[str]], int]]]:
    """The numbers that the document prints for its symbols, the first of each."""
    seen: set[str] = set()
    for equation in facts.equations:
        use = head_use(facts, equation.head)
        if use is None or use.entries or use.layer or use.sample or use.turned:
            continue
        rows = printed_rows(equation.side)
        if equation.sign in ("=", "\\approx") and rows and use.key not in seen:
            seen.add(use.key)
            yield use.key, (rows, equation.line)


def is_number(typing: Typing, key: str) -> bool:
    return key in typing.scalars or typing.axes_of.get(key) == NUMBER
