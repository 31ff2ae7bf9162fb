"""A notation file drafted from a document: what can be inferred, each line with where from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..claims.conditions import ERROR_TERM, LAYOUT, MAYBE_SYMMETRIC, OWN_LOSS, SYMMETRIC
from ..claims.model import Model
from ..claims.notation_file import parse_notation
from ..document.markdown import Page
from ..document.syntax import LAST, Derivative, Expr, Index, Name
from ..document.write import to_tex
from ..errors import NotationError
from .averages import per_sample_slopes
from .customs import (
    bare_layers,
    has_jacobians,
    identities,
    label_domains,
    small_numbers,
    symmetric_arrays,
)
from .definitions import Definition
from .facts import Facts, facts_of, head_use, symbols_in
from .faults import BeyondError, without_faults
from .habits import Use, is_upper
from .infer import Model as Inferred
from .infer import infer, withhold
from .prose import said_in
from .sections import sections, seen_from
from .sizing import Sizing
from .standins import StandIn, functions_of, standin_loss
from .whole import IndexedError, Wholes

DEPTHS = (1, 2, 3)  # a definition must fit in small networks
_BLAMED = re.compile(r": '(.*)' \([^()]*\): (.*?)(?:;|$)", re.DOTALL)


HEADING = "# Drafted from the document: check every line, and fill in what is left open."


def draft_notation(page: Page) -> str:
    """The TOML text of a notation file for a page; what is not known stands as a comment.

    An error of ours costs the line that it comes from: it is told in the draft, the rest goes on.
    """
    try:
        text, faults = without_faults(page, _checked)
    except BeyondError as beyond:
        error = beyond.__cause__
        what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        why = f"# An error of gradproof's own stopped the draft ({what}): fill it in by hand."
        return f"{HEADING}\n{why}\n\n[shape]\n\n[model]\nforward = [\n]\n"
    told = [f"# Line {f.line} is left out: an error of gradproof's own ({f.why})." for f in faults]
    return text.replace(HEADING, "\n".join([HEADING, *told]), 1)


def _checked(page: Page) -> str:
    """The draft of a page, which the reader of notation files takes."""
    text = _drafted(page)
    for notation in parse_notation(text, "the draft").values():
        Model(notation)
    return text


def _drafted(page: Page) -> str:
    parts = sections(page)
    if len(parts) == 1:
        return "\n".join([HEADING, *_section(page, parts[0], "").lines()]) + "\n"
    lines = [HEADING, "# The document computes a symbol in several ways: one part for each."]
    for number, (first, last) in enumerate(parts, start=1):
        draft = _section(page, (first, last), f"part.section_{number}.")
        lines += ["", f"[part.section_{number}]", f"lines = [{first}, {last}]", *draft.lines()]
    return "\n".join(lines) + "\n"


def _section(page: Page, bounds: tuple[int, int], prefix: str) -> _Draft:
    """The draft of one stretch of a page, with all that does not fit set aside."""
    seen, text = seen_from(page, *bounds)
    facts = facts_of(seen)
    inferred = infer(facts, said_in(text, facts.habits, facts.words))
    sizing = Sizing(inferred)
    sizing.decide()
    draft = _Draft(inferred, sizing)
    while (misfit := _misfit("\n".join(draft.lines()) + "\n")) is not None:
        if not draft.set_aside(*misfit):
            break
    draft.prefix = prefix
    return draft


def _misfit(text: str) -> tuple[str, str] | None:
    """The first formula of a draft that does not fit its shapes, and why."""
    try:
        for notation in parse_notation(text, "the draft").values():
            model = Model(notation)
            for depth in DEPTHS if notation.layers.letters else DEPTHS[:1]:
                model.at(depth)
    except NotationError as error:
        found = _BLAMED.search(str(error))
        return (found.group(1), found.group(2)) if found else None
    return None


class _Draft:
    """Writes the tables of a notation file in their order."""

    def __init__(self, inferred: Inferred, sizing: Sizing) -> None:
        self.model, self.sizing = inferred, sizing
        self.facts: Facts = inferred.facts
        self.wholes = Wholes(
            self.facts.habits,
            {**inferred.whole, **inferred.same},
            min(self.facts.habits.last, default="L"),
        )
        self.functions, self.assumed = functions_of(self.facts, inferred.said)
        self.starts = dict(self._starts())
        self.standin = self._standin()
        self.sizing.losses = set(inferred.defined)
        if self.standin is not None and self.facts.loss is not None:
            self.sizing.losses.add(self.facts.loss[0])
        self.units = dict(identities(inferred, sizing))
        labels = dict(label_domains(inferred, sizing))
        small = [key for key in small_numbers(self.facts) if key in sizing.typing.scalars]
        units, positive = dict.fromkeys(self.units, "identity"), dict.fromkeys(small, "positive")
        turns = dict(symmetric_arrays(inferred, sizing))
        symmetric = dict.fromkeys((key for key, always in turns.items() if always), SYMMETRIC)
        self.domains = {**labels, **positive, **symmetric, **units}
        for key in turns.keys() - symmetric.keys():
            self.assumed[f"turn_{len(self.assumed)}"] = f"{key} {MAYBE_SYMMETRIC}"
        if labels and not inferred.said.one_hot:
            self.assumed["labels"] = f"{', '.join(labels)} is one-hot"
        if has_jacobians(self.facts) and not (inferred.said.layout or self.facts.layout):
            self.assumed["layout"] = LAYOUT
        for key, by in inferred.errors.items():
            self.assumed["errors"] = f"{key} {ERROR_TERM} {by}"
        self.per_sample = per_sample_slopes(self.facts)
        if self.per_sample:
            slopes = ", ".join(f"d{key}" for key in self.per_sample)
            self.assumed["per_sample"] = f"{slopes}: {OWN_LOSS}"
        self.prefix = ""  # of the tables' names
        self.aside: dict[str, str] = {}  # formulas that do not fit, and why

    def lines(self) -> Iterator[str]:
        if self.facts.rate:
            yield f"rate = {_quoted(self.facts.rate[0])}  # line {self.facts.rate[1]}"
        for letter in sorted(self.facts.words.slopes):
            yield f"slope = {_quoted(letter)}"
        layout = self.model.said.layout or self.facts.layout
        if layout:
            yield f'layout = "{layout}"'
        if self.per_sample:
            names = ", ".join(_quoted(f"d{key}") for key in self.per_sample)
            yield f"per_sample = [{names}]  # line {min(self.per_sample.values())}"
        model = list(self._model())
        yield from self._table("sizes", self._sizes())
        yield from self._table("layers", self._layers())
        yield from self._table("functions", self.functions)
        yield from self._table("alias", self._aliases())
        yield from self._table("bare", self._bare())
        yield from self._table("samples", self._samples())
        yield from self._table("shape", self._shapes(), always=True)
        yield from self._table("domain", self._domains())
        yield from self._table("example", self._examples())
        yield from self._table("assume", self._assumptions())
        yield from model

    def _table(
        self, name: str, lines: Iterator[str] | list[str], always: bool = False
    ) -> list[str]:
        found = list(lines)
        return ["", f"[{self.prefix}{name}]", *found] if found or always else []

    def set_aside(self, formula: str, why: str) -> bool:
        """Leave a formula out, and with it all that depends on it; False if there is none."""
        if formula in self.aside:
            return False
        self.aside[formula] = why
        for definition in self.model.definitions:
            if self._text(definition) == formula:
                withhold(self.model, {definition.key})
                break
        return True

    # -- sizes and shapes ---------------------------------------------------------
    def _sizes(self) -> Iterator[str]:
        stated = {size: line for shape, line in self.model.said.shapes.values() for size in shape}
        lines = {**self.facts.sizes, **stated, **self.model.said.samples}
        sizes = dict(self.sizing.sizes)
        for name in lines:
            if name.isalnum() and not name.isdigit() and name not in self.model.typing.axes_of:
                sizes.setdefault(name, "what it counts")
        for name, role in sizes.items():
            source = f"  # line {lines[name]}" if name in lines else ""
            yield f"{_key(name)} = {_quoted(role)}{source}"

    def _layers(self) -> Iterator[str]:
        habits = self.facts.habits
        if not habits.layers:
            return
        yield f"index = [{', '.join(_quoted(letter) for letter in sorted(habits.layers))}]"
        yield f"last = {_quoted(min(habits.last, default='L'))}"
        if self.model.said.width not in (None, "d"):
            yield f"width = {_quoted(str(self.model.said.width))}"
        if self.sizing.inputs != "n":
            yield f'inputs = "{self.sizing.inputs}"'
        if self.sizing.outputs != "k":
            yield f'outputs = "{self.sizing.outputs}"'

    def _shapes(self) -> Iterator[str]:
        known = dict.fromkeys(self.model.uses)
        if self.standin is not None:
            known[self.standin.symbol] = None
        if self.facts.loss is not None:
            known[self.facts.loss[0]] = None  # a loss without a name stands in no formula
        for acted in (*self.starts.values(), *self.model.whole.values()):
            known[acted] = None
        habits, sizes = self.facts.habits, {*self.sizing.sizes, *self.facts.sizes}
        indices = {*habits.layers, *habits.last, *habits.bound, *sizes}
        for key in known:
            line = self.model.uses.get(key, 0)
            shape = self._shape(key)
            if shape is not None:
                source = f"  # line {line}" if line else ""
                yield f'{_key(key)} = "{self._written(shape)}"{source}'
            elif key in self.model.whole or key in self.model.same or key in self.facts.functions:
                continue
            elif key.translate({123: None, 125: None}) in indices:
                yield f"# {_key(key)} is an index or a size (line {line})"
            else:
                yield f'# {_key(key)} = "SIZE SIZE"  # fill in: used on line {line}'

    def _written(self, shape: str) -> str:
        """A shape with the page's own letter for the width of a layer."""
        return re.sub(r"\bd\[", f"{self.model.said.width or 'd'}[", shape)

    def _shape(self, key: str) -> str | None:
        if key in self.units:
            return f"{self.units[key]} {self.units[key]}"
        if self.standin is not None and key == self.standin.symbol:
            return self.standin.shape
        for acted, data in self.starts.items():
            if data == key and self.sizing.shape(key) is None:
                shape = self.sizing.shape(acted)
                return None if shape is None else shape.replace("d[l]", self.sizing.inputs)
        return self.sizing.shape(key)

    def _starts(self) -> Iterator[tuple[str, str]]:
        """What layer 0 of an activation is, where the page leaves it open."""
        given = {d.key for d in self.model.definitions if d.layer == Index(None, 0)}
        every = {d.key for d in self.model.definitions if d.layer and _is_letter(d.layer)}
        for definition in self.model.definitions:
            for use in self._uses_in(definition):
                back = use.layer is not None and use.layer.offset == -1
                if back and use.key in every - given:
                    yield use.key, self._data(use.key)

    def _data(self, acted: str) -> str:
        """The name of the input: x or X where the page has none or one of that shape."""
        letter = "X" if is_upper(acted) else "x"
        taken = self.model.typing.axes_of.keys() | self.sizing.typing.scalars
        return next(name for name in (letter, f"{letter}_0", f"{letter}_1") if name not in taken)

    def _uses_in(self, definition: Definition) -> list[Use]:
        return list(symbols_in(definition.side, self.facts))

    # -- other names ----------------------------------------------------------------
    def _aliases(self) -> Iterator[str]:
        for key, meant in self.model.same.items():
            if self.sizing.shape(meant) is not None:
                yield f'{_key(key)} = "{meant}"  # line {self.model.uses.get(key, 0)}'

    def _samples(self) -> Iterator[str]:
        for key, meant in self.model.whole.items():
            if self.sizing.samples is not None and self._lies_known(key, meant):
                turn = "^T" if self.sizing.turned_sample(key) else ""
                yield f'{_key(key)} = "{meant}{turn}"  # line {self.model.uses.get(key, 0)}'

    def _lies_known(self, key: str, meant: str) -> bool:
        """Whether it is known how one sample lies: a definition uses it, or it is one number."""
        shape = (self.sizing.shape(meant) or "").split()
        number = self.sizing.outputs == "1" and shape[:1] == ["d[l]"]  # in the last layer
        plain = "1" in shape or number
        return len(shape) == 2 and (key in self.sizing.typing.sampled or plain)

    def _domains(self) -> Iterator[str]:
        for key, domain in self.domains.items():
            yield f'{_key(key)} = "{domain}"'

    def _bare(self) -> Iterator[str]:
        for key in bare_layers(self.model):
            if self._shape(key) is not None:
                yield f"{_key(key)} = {_quoted(min(self.facts.habits.last))}"

    def _examples(self) -> Iterator[str]:
        for key, (rows, line) in self.model.examples.items():
            shape = self._shape(key)
            if shape is not None and key not in self.facts.habits.layered:
                text = ", ".join(f"[{', '.join(row)}]" for row in rows)
                yield f"{_key(key)} = [{text}]  # line {line}"

    def _assumptions(self) -> Iterator[str]:
        for name, text in self.assumed.items():
            yield f"{name} = {_quoted(text)}"
        if self.standin is not None:
            yield f"loss = {_quoted(self.standin.assumption)}"

    # -- the model ------------------------------------------------------------------
    def _standin(self) -> StandIn | None:
        loss = self.facts.loss
        if loss is None or loss[0] in self.model.defined:
            return None
        return standin_loss(self.model, self.sizing, loss[0])

    def _model(self) -> Iterator[str]:
        yield from ("", f"[{self.prefix}model]")
        loss = self.facts.loss
        if loss is not None and self._shape(loss[0]) is not None:
            yield f"loss = {_quoted(loss[0])}  # line {loss[1]}"
        else:
            yield '# loss = "L"  # fill in: what is differentiated'
        yield "forward = ["
        for acted, data in self.starts.items():
            if acted not in self.model.withheld and f"{acted}^0 = {data}" not in self.aside:
                yield f"    '{acted}^0 = {data}',"
        for definition in sorted(self.model.definitions, key=_order):
            yield f"    '{self._text(definition)}',  # line {definition.line}"
        if self.standin is not None and self.standin.formula not in self.aside:
            yield f"    '{self.standin.formula}',  # stands for any loss"
        for name, slope, line in self.facts.named_slopes.values():
            text = self._slope(name, slope)
            if text is not None and text not in self.aside:
                yield f"    '{text}',  # line {line}"
        for line, key in self.model.misfits:
            yield f"    # fill in: how {key} is computed; line {line} says it in another way"
        yield "]"

    def _text(self, definition: Definition) -> str:
        return f"{to_tex(definition.head)} = {to_tex(definition.side)}"

    def _slope(self, name: Expr, slope: Derivative) -> str | None:
        use, by = head_use(self.facts, name), head_use(self.facts, slope.by)
        if use is None or by is None or use.entries != by.entries or use.sample != by.sample:
            return None
        if self.sizing.shape(by.key) is None or self.facts.loss is None:
            return None
        try:
            head = self.wholes.symbol(_everywhere(use, self.facts))
            variable = self.wholes.symbol(_everywhere(by, self.facts))
        except IndexedError:
            return None
        loss = Name(self.facts.loss[0])
        return f"{to_tex(head)} = {to_tex(Derivative(loss, variable))}"


def _everywhere(use: Use, facts: Facts) -> Use:
    """The whole array, at every layer where the page names one that way."""
    from dataclasses import replace

    layer = use.layer
    if layer is not None and layer.base is not None and facts.habits.layers:
        letter = min(facts.habits.layers) if layer.base == LAST else layer.base
        layer = Index(letter)
    return replace(use, entries=(), sample=None, layer=layer, turned=False)


def _is_letter(layer: Index) -> bool:
    return layer.base not in (None, LAST)


def _order(definition: Definition) -> tuple[bool, int]:
    """A definition for every layer goes before one for the last or a numbered layer."""
    written = definition.layer is not None and definition.layer.base in (None, LAST)
    return written, definition.line


def _key(name: str) -> str:
    return name if name.isalpha() and name.isascii() else f"'{name}'"


def _quoted(text: str) -> str:
    return f"'{text}'" if "\\" in text or '"' in text else f'"{text}"'
