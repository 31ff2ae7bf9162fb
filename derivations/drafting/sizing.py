"""From equations between sizes to shapes: sizes get names, single samples and biases their axes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..document.syntax import LAST, Index
from .constraints import NUMBER, UNIT, Typing, UntypedError
from .dims import Term, solve
from .facts import head_use, symbols_in
from .formulas import Equation
from .habits import is_upper
from .infer import Model

_LETTERS = {"samples": "mN", "inputs": "n", "outputs": "k", "hidden": "h"}
_WEIGHTS = ("W", "U", "w", "\\theta", "\\Theta", "\\beta", "\\omega")
_DATA = ("X", "x")


@dataclass(slots=True)
class Sizing:
    """The shape of every typed symbol, and the sizes that they are made of."""

    model: Model
    width: Term | None = None  # one of the layers' widths
    sizes: dict[str, str] = field(default_factory=dict)  # name -> what it counts
    inputs: str = "n"
    outputs: str = "k"
    samples: str | None = None
    losses: set[str] = field(default_factory=set)  # losses with a definition or a stand-in

    @property
    def typing(self) -> Typing:
        return self.model.typing

    @property
    def unit(self) -> str | None:
        """The root of the layers' widths."""
        return None if self.width is None else self.typing.dims.find(self.width[0])[0]

    @property
    def unit_steps(self) -> int:
        return 0 if self.width is None else self.typing.dims.find(self.width[0])[1]

    # -- deciding -----------------------------------------------------------------
    def decide(self) -> None:
        self._find_unit()
        self._use_examples()
        biases = {key for key, *_ in self.typing.biases}
        self._single_axes(biases)
        self.typing.settle()
        self._find_samples(biases)
        self._place_biases()
        self._single_axes(set())
        self.typing.settle()
        self._name_widths()
        self._name_rest()

    def roots(self, skip: set[str]) -> dict[str, list[tuple[str, int]]]:
        """The classes of sizes, by root, with the symbols' axes in them."""
        found: dict[str, list[tuple[str, int]]] = {}
        for key, axes in self.typing.axes_of.items():
            for axis, term in enumerate(axes):
                if key not in skip:
                    found.setdefault(self.typing.dims.find(term[0])[0], []).append((key, axis))
        return found

    def _is_open(self, root: str) -> bool:
        return root not in self.typing.dims.names and root != self.unit

    def _find_unit(self) -> None:
        """The widths of the layers: the sizes that differ from layer to layer."""
        dims, habits = self.typing.dims, self.model.facts.habits
        biases = {key for key, *_ in self.typing.biases}
        layered = [key for key in self.typing.axes_of if key in habits.layered - biases]
        defined = [d.key for d in self.model.definitions if d.layer and d.layer.base]
        first = [key for key in defined if key in self.typing.axes_of]
        moving = [
            (f"{key}.{axis}", 0)
            for key in (*first, *layered)
            for axis in (0, 1)
            if self._varies((f"{key}.{axis}", 0))
        ]
        if "width" in dims.parent or (self._varies(("width", 0)) and "width" in self._known()):
            moving.insert(0, ("width", 0))
        for term in moving[1:]:
            if self._varies(term) and dims.find(term[0])[0] != dims.find(moving[0][0])[0]:
                dims.unify(term, moving[0])
        self.typing.settle()
        if moving and self._varies(moving[0]):
            self.width = moving[0]
        self._join_layers()

    def _join_layers(self) -> None:
        """Sizes at one written layer are equal."""
        dims, first = self.typing.dims, dict[Index, Term]()
        for term, index in self._at_layers():
            dims.unify(first.setdefault(index, term), term)

    def _at_layers(self) -> Iterator[tuple[Term, Index]]:
        """Every width at a written layer, as an unknown, with the layer."""
        if self.unit is None:
            return
        yield from self.typing.widths
        for node, (key, axis, layer) in self.typing.concrete.items():
            root, steps = self.typing.dims.at((f"{key}.{axis}", 0))
            if root == self.unit:
                yield (node, 0), layer.moved(steps - self.unit_steps)

    def _known(self) -> set[str]:
        return {node for members in self.typing.dims.members().values() for node, _ in members}

    def _varies(self, term: Term) -> bool:
        root = self.typing.dims.find(term[0])[0]
        return root not in self.typing.dims.fixed and root not in self.typing.dims.names

    def _use_examples(self) -> None:
        for key, (rows, _) in self.model.examples.items():
            axes = self.typing.axes_of.get(key)
            if axes is None:
                continue
            for axis, count in zip(axes, (len(rows), len(rows[0])), strict=True):
                if count == 1:
                    self.typing.dims.unify(axis, UNIT)
                else:
                    self.typing.vectors.add(key)

    def _single_axes(self, skip: set[str]) -> None:
        """A size that only lower-case symbols have, and that none of them needs, is 1."""
        first = 0 if self.model.said.rows else 1
        for axis in (first, 1 - first):
            for root, members in self.roots(set()).items():
                if not self._is_open(root) or all(at != axis for _, at in members):
                    continue
                if any(key in skip for key, _ in members):
                    members = [member for member in members if member[0] not in skip]
                if members and all(self._may_be_single(*member) for member in members):
                    self.typing.dims.unify((root, 0), UNIT)

    def _may_be_single(self, key: str, axis: int) -> bool:
        dims = self.typing.dims
        if is_upper(key) or key in self.typing.matrices:
            return False
        other = dims.name(self.typing.axes_of[key][1 - axis])
        return not (key in self.typing.vectors and other == "1")

    def _find_samples(self, skip: set[str]) -> None:
        """The size that counts samples: an index says so, or data and labels share it."""
        dims, said = self.typing.dims, self.model.said
        marked = {dims.find(node)[0] for node in self.typing.samples}
        for root, members in self.roots(skip).items():
            name = dims.names.get(root)
            counted = name in said.samples
            if name == "1" or root == self.unit:
                continue
            if root in marked or counted or self._joins_samples(members):
                self._name(root, "samples", members)
                self.samples = dims.names[root]
                return

    def _joins_samples(self, members: list[tuple[str, int]]) -> bool:
        keys = {key for key, _ in members}
        weights = any(key.startswith(_WEIGHTS) for key in keys)
        data = any(key in _DATA or self._feeds(key) for key in keys)
        return data and not weights and len(keys) > 1

    def _feeds(self, key: str) -> bool:
        """Whether a layered symbol carries the samples from layer to layer."""
        return key in self.model.facts.habits.layered and is_upper(key)

    def _place_biases(self) -> None:
        """A bias is one for all samples, and has the other size of what it is added to."""
        dims = self.typing.dims
        for _, own, left, _ in self.typing.biases:
            for axis in (0, 1):
                name = dims.name(left[axis])
                due = UNIT if name == "1" or (name and name == self.samples) else left[axis]
                dims.unify(own[axis], due)

    # -- naming -------------------------------------------------------------------
    def _name_widths(self) -> None:
        """Sizes at a written layer: inputs, outputs, or the width of that layer."""
        dims = self.typing.dims
        self._join_layers()
        for term, index in self._at_layers():
            root = dims.find(term[0])[0]
            if index == Index(LAST):
                self.outputs = dims.names.get(root) or self._letter("outputs")
                dims.names[root] = self.outputs
            elif index == Index(None, 0):
                self.inputs = dims.names.get(root) or self._letter("inputs")
                dims.names[root] = self.inputs
            else:
                letter = min(self.model.facts.habits.last, default="L")
                inner = f"{letter}{index.offset:+d}" if index.base else str(index.offset)
                dims.names.setdefault(root, f"d[{inner}]")

    def _name_rest(self) -> None:
        if self.unit is not None:
            self.inputs, self.outputs = (
                self._claimed(self.inputs, "inputs"),
                self._claimed(self.outputs, "outputs"),
            )
        for root, members in self.roots(set()).items():
            if self._is_open(root):
                self._name(root, self._role(members), members)
        for name in dict.fromkeys(self.typing.dims.names.values()):
            if name not in ("1", *self.sizes) and not name.isdigit() and "[" not in name:
                self.sizes[name] = self._counts(name)

    def _claimed(self, name: str, role: str) -> str:
        named = name in self.typing.dims.names.values()
        name = name if named or name not in self._taken() else self._letter(role)
        if not name.isdigit():
            self.sizes[name] = role
        return name

    def _counts(self, name: str) -> str:
        for root, members in self.roots(set()).items():
            if self.typing.dims.names.get(root) == name:
                key, axis = members[0]
                return f"{('rows', 'columns')[axis]} of {key}"
        return "what it counts"

    def _role(self, members: list[tuple[str, int]]) -> str:
        keys = {key for key, _ in members}
        if keys & set(_DATA):
            return "inputs"
        labels = {key for key in keys if key.strip("\\hat{}").lower() in ("y", "t", "p")}
        return "outputs" if labels else "hidden"

    def _name(self, root: str, role: str, members: list[tuple[str, int]]) -> None:
        dims = self.typing.dims
        name = dims.names.setdefault(root, "")
        if not name:
            free = self._unplaced() if role == "samples" else []
            name = dims.names[root] = free[0] if free else self._letter(role)
        if role == "samples" or name not in self.sizes:
            key, axis = members[0]
            words = {"samples": "samples", "inputs": "inputs", "outputs": "outputs"}
            self.sizes[name] = words.get(role, f"{('rows', 'columns')[axis]} of {key}")

    def _unplaced(self) -> list[str]:
        """Letters that the page divides by and that no axis has."""
        known = set(self.typing.dims.names.values())
        found = [*self.model.said.samples, *self.model.facts.sizes]
        return [name for name in dict.fromkeys(found) if name not in known]

    def _taken(self) -> set[str]:
        indices = {entry for u in self._all_uses() for entry in u}
        habits = self.model.facts.habits
        letters = {*habits.layers, *habits.last, *habits.bound, *indices}
        return {*self.model.uses, *self.typing.dims.names.values(), *self.sizes, *letters}

    def _all_uses(self) -> list[tuple[str, ...]]:
        facts = self.model.facts
        return [use.entries for _, tree in facts.trees for use in symbols_in(tree, facts)]

    def _letter(self, role: str) -> str:
        """A usual letter for what is counted, else the word, else the word with a number."""
        taken = self._taken()
        options: list[str] = [
            *_LETTERS.get(role, ""),
            role,
            *(f"{role}_{n}" for n in range(2, 999)),
        ]
        return next(option for option in options if option not in taken)

    # -- reading --------------------------------------------------------------------
    def shape(self, key: str) -> str | None:
        """The shape of a symbol as the notation file writes it."""
        if key in self.model.withheld or self._names_lost_slope(key):
            return None
        if key in self.typing.scalars:
            return "scalar"
        axes = self.typing.axes_of.get(key)
        known = key in self.typing.grounded or key in self.model.facts.named_slopes
        if axes is None or not known:
            return None
        sizes = [self._size(term) for term in axes]
        return "scalar" if sizes == ["1", "1"] else " ".join(sizes)

    def _names_lost_slope(self, key: str) -> bool:
        """Whether a symbol names a derivative of a loss that could not be taken over."""
        loss, slope = self.model.facts.loss, self.model.facts.named_slopes.get(key)
        lost = loss is None or loss[0] in self.model.withheld or loss[0] not in self.losses
        by = head_use(self.model.facts, slope[1].by) if slope else None
        return slope is not None and (lost or by is None or self.shape(by.key) is None)

    def side_of_square(self, key: str, equation: Equation) -> str | None:
        """The size that a square array must have in an equation; None where it is not told."""
        typing, had = self.typing, dict(self.typing.axes_of)
        kept, before = len(typing.dims.undo), len(typing.choices)
        try:
            typing.equation(equation.head, equation.side, equation.line)
            typing.choose((typing.axes_of[key],))
            fits = not solve(typing.dims, typing.choices[before:], typing.settle)
            return typing.dims.name(typing.axes_of[key][0]) if fits else None
        except UntypedError:
            return None
        finally:
            del typing.choices[before:]
            typing.dims.back_to(kept)
            typing.axes_of = had

    def turned_sample(self, key: str) -> bool:
        """Whether one sample, a row of the whole array, is written as a column."""
        axes, index, rest = self.typing.sampled.get(key, (NUMBER, UNIT, NUMBER))
        dims = self.typing.dims
        lies = dims.at(axes[0]) == dims.at(index) and dims.name(axes[1]) != "1"
        return lies and dims.at(rest[0]) == dims.at(axes[1])

    def _size(self, term: Term) -> str:
        root, steps = self.typing.dims.at(term)
        if root == self.unit:
            step = steps - self.unit_steps
            return f"d[l{step:+d}]" if step else "d[l]"
        return self.typing.dims.names.get(root, "1")
