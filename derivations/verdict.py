"""Tries the readings of a claim, asks the three routes, and joins their answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from .answer import AsPrinted, Counterexample, Found, Strength, Verdict, capital, sentence
from .claims.claim import Claim, ClaimKind
from .claims.model import Model, layer_letters
from .claims.notation import Notation
from .claims.plans import Plan, plans, strict_plan, subject_of
from .claims.readings import SLIPS, Change, Edit, Structures, Variant, variants
from .claims.shapes import Network, Scope, coinciding, infer, shape_text
from .claims.slips import slipped
from .document.syntax import (
    LAST,
    Call,
    Derivative,
    Expr,
    Number,
    Product,
    Ref,
    children,
    transform,
    walk,
    with_children,
)  # fmt: skip
from .document.write import to_tex, to_text
from .errors import LimitError, ShapeError, UndeclaredError
from .numeric.enclosure import precision
from .numeric.evaluate import World
from .numeric.trial import (
    Answer,
    Draws,
    Outcome,
    compare,
    distinct_sizes,
    fits,
    size_choices,
    size_names,
)  # fmt: skip
from .structure import judge_instance, judge_loop, judge_shape

BUDGET = 4
MAX_TRIED = 3000  # candidates of one claim that are evaluated
MAX_SHAPES = 160  # shapes tried for a counterexample


class Judge:
    """Judges the claims of one document under one convention."""

    def __init__(self, notation: Notation, budget: int = BUDGET, seed: int = 0) -> None:
        self.notation = notation
        self.model = Model(notation)
        self.budget = budget
        self.seed = seed
        self.shifts = True
        self._worlds: dict[tuple[int, int], World] = {}
        self._parts = [(part, Judge(part.notation, budget, seed)) for part in notation.parts]

    def judge(self, claim: Claim) -> Verdict:
        """The verdict on one claim; errors of the document become verdicts, never exceptions."""
        if claim.skipped is not None:
            return _aside(f"skipped: {claim.skipped}")
        if claim.unreadable is not None:
            return Verdict(as_printed=AsPrinted.UNREADABLE, reason=claim.unreadable)
        if claim.remark is not None:
            return _aside(claim.remark)
        for part, judge in self._parts:
            if part.covers(claim.line, to_text(claim.left) if claim.left else ""):
                return judge.judge(claim)
        with precision():
            try:
                return self._judged(claim)
            except UndeclaredError as error:
                return Verdict(as_printed=AsPrinted.UNDECLARED, reason=sentence(error))
            except LimitError as error:
                return Verdict(as_printed=AsPrinted.INCONCLUSIVE, reason=sentence(error))

    def _judged(self, claim: Claim) -> Verdict:
        special = {
            ClaimKind.LOOP: judge_loop,
            ClaimKind.SHAPE: judge_shape,
            ClaimKind.INSTANCE: judge_instance,
        }.get(claim.kind)
        if special is not None:
            return special(claim, self.notation)
        return self._equation(claim)

    # -- equations ---------------------------------------------------------------
    def _equation(self, claim: Claim) -> Verdict:
        strict: Plan | None = None
        try:
            strict = strict_plan(claim, self.notation)
            verdict = self._as_printed(strict)
        except UndeclaredError as error:
            verdict = Verdict(as_printed=AsPrinted.UNDECLARED, reason=sentence(error))
            if strict is not None:
                verdict = self._assumed(strict, verdict)
        if verdict.as_printed in (AsPrinted.HOLDS, AsPrinted.INCONCLUSIVE):
            return verdict
        return self._with_reading(claim, verdict)

    def _as_printed(self, plan: Plan) -> Verdict:
        """The strict reading: every product sign as declared, nothing else changed."""
        if not plan.networks:
            return Verdict(
                as_printed=AsPrinted.UNDECLARED,
                reason="No network has all the layers that it names.",
            )
        self._check_layers(plan)
        typed = list(self._typed(plan))
        fitting = [found for found in typed if self._fits_everywhere(found)]
        if not fitting:
            return self._ill_typed(plan)
        outcomes = [(found, self._holds(found)) for found in fitting]
        true = [found for found, answer in outcomes if answer is Answer.EQUAL]
        if true:
            return self._holding(true[0])
        if any(answer is Answer.UNSURE for _, answer in outcomes):
            return Verdict(
                as_printed=AsPrinted.INCONCLUSIVE,
                reason="The numbers do not tell the two sides apart.",
            )
        return self._failing(plan, fitting)

    def _check_layers(self, plan: Plan) -> None:
        """Raises UndeclaredError where a symbol is missing in a network that the claim covers."""
        for network in plan.networks:
            scope = Scope(self.notation, network)
            for tree in (plan.truth, plan.right):
                for node in walk(tree):
                    if isinstance(node, Ref):
                        scope.layer_of(node)

    def _holding(self, found: Found) -> Verdict:
        verdict = self._described(
            found,
            Verdict(
                as_printed=AsPrinted.HOLDS,
                reason="Both sides are equal.",
                reading=to_text(found.right),
                reading_tex=to_tex(found.right),
                cost=0,
            ),
        )
        return replace(verdict, reason=_true_sentence(verdict))

    def _failing(self, plan: Plan, fitting: list[Found]) -> Verdict:
        proved = self._proof(fitting[0], rounds=0)
        contradiction = None
        if proved.proved:
            contradiction = "the symbolic route proves what the numbers refute"
        example = self._counterexample(plan)
        where = f" at {_sizes_text(example)}" if example else ""
        return Verdict(
            as_printed=AsPrinted.FAILS,
            counterexample=example,
            reason=f"The two sides differ{where}.",
            contradiction=contradiction,
        )

    def _ill_typed(self, plan: Plan) -> Verdict:
        return Verdict(
            as_printed=AsPrinted.ILL_TYPED,
            reason=capital(self._misfit(plan)),
            counterexample=self._counterexample(plan),
        )

    def _misfit(self, plan: Plan) -> str:
        """Why no declared meaning gives the right side the shape of the left."""
        for network in sorted(plan.networks, key=_inner, reverse=True):
            scope = Scope(self.notation, network)
            found = variants(plan.right, scope)
            if not found:
                return _lowest_misfit(plan.right, scope)
            lefts = variants(plan.truth, Scope(self.notation, network))
            if not any(fits(a.shape, b.shape, self.notation) for a in lefts for b in found):
                shown = shape_text(lefts[0].shape) if lefts else "without a shape"
                return (
                    f"{to_text(plan.left)} is {shown} and the right side is "
                    f"{shape_text(found[0].shape)}"
                )
        return "the written indices do not run over the same sizes"

    def _assumed(self, plan: Plan, verdict: Verdict) -> Verdict:
        """What the formula would be worth if an array of the last layer stood for every layer."""
        symbols = self.notation.symbols

        def dropped(node: Expr) -> Expr:
            if isinstance(node, Ref) and symbols[node.name].at is not None:
                return replace(node, layer=None)
            return node

        if not plan.networks:
            return verdict
        assumed = replace(
            plan, truth=transform(plan.truth, dropped), right=transform(plan.right, dropped)
        )
        names = sorted(
            {
                n.name
                for n in walk(plan.right)
                if isinstance(n, Ref) and symbols[n.name].at is not None and n.layer is not None
            }
        )
        if not names:
            return verdict
        then = self._as_printed(assumed)
        shown = {
            AsPrinted.HOLDS: "it would hold",
            AsPrinted.FAILS: "the values differ",
            AsPrinted.ILL_TYPED: f"{_lower(then.reason).rstrip('.')}, and where the shapes "
            "do agree the values differ"
            if then.counterexample
            else _lower(then.reason).rstrip("."),
        }.get(then.as_printed, _lower(then.reason).rstrip("."))
        reason = (
            f"{verdict.reason.rstrip('.')}; with {', '.join(names)} taken for every layer, {shown}."
        )
        return replace(
            verdict,
            reason=reason,
            counterexample=then.counterexample,
            contradiction=then.contradiction,
        )

    # -- candidates -----------------------------------------------------------------
    def _typed(self, plan: Plan, budget: int = 0) -> Iterable[Found]:
        """The readings without a slip, in the network that tells most shapes apart."""
        scope = Scope(self.notation, _widest(plan))
        yield from self._paired(plan, variants(plan.right, scope, budget), ())

    def _slipped(self, plan: Plan, budget: int) -> Iterable[Found]:
        """The readings with one slip mended and ``budget`` left for the rest."""
        network = _widest(plan)
        search = Structures(Scope(self.notation, network), budget)
        for tree, change in slipped(
            plan.right, Scope(self.notation, network), self._insertable(plan)
        ):
            yield from self._paired(plan, search.variants(tree, root=True), (change,))

    def _paired(
        self, plan: Plan, rights: list[Variant], changes: tuple[Change, ...]
    ) -> Iterable[Found]:
        lefts = variants(plan.truth, Scope(self.notation, _widest(plan)))
        for right in rights:
            for left in lefts:
                if fits(left.shape, right.shape, self.notation) or isinstance(right.tree, Number):
                    yield Found(plan, left.tree, right.tree, plan.changes + changes + right.changes)

    def _insertable(self, plan: Plan) -> list[Call]:
        """The activations' slopes at the layers that the formula speaks of."""
        layers = dict.fromkeys(node.layer for node in walk(plan.right) if isinstance(node, Ref))
        subject = subject_of(plan.left)
        if subject is not None:
            layers[subject.layer] = None
        found = []
        for definition in self.model.at(1).values():
            tree = definition.right
            if isinstance(tree, Call) and isinstance(tree.arg, Ref):
                for layer in layers:
                    if layer is not None and tree.arg.layer is not None:
                        found.append(replace(tree, order=1, arg=replace(tree.arg, layer=layer)))
        return found

    def _fits_everywhere(self, found: Found) -> bool:
        for network in found.plan.networks:
            scope = Scope(self.notation, network)
            try:
                left, right = infer(found.left, scope), infer(found.right, scope)
            except (ShapeError, UndeclaredError):
                return False
            if not fits(left, right, self.notation) and not isinstance(found.right, Number):
                return False
        return True

    def _holds(self, found: Found) -> Answer:
        """The numeric route: both sides in every network, twice with other values."""
        answer = Answer.EQUAL
        for network in found.plan.networks:
            outcome = self._compared(found, network)
            if outcome.answer is Answer.DIFFERENT:
                return Answer.DIFFERENT
            answer = answer if outcome.answer is Answer.EQUAL else Answer.UNSURE
        return answer

    def _compared(self, found: Found, network: Network) -> Outcome:
        world = self._world(network.depth).seen_from(network)
        return compare(found.left, found.right, world, found.plan.conditions)

    def _world(self, depth: int) -> World:
        key = (depth, self.seed)
        if key not in self._worlds:
            network = Network(depth)
            sizes = distinct_sizes(size_names(self.notation, network))
            self._worlds[key] = World(
                self.notation, self.model.at(depth), network, sizes, Draws(self.notation, self.seed)
            )
        return self._worlds[key]

    # -- the closest true formula ------------------------------------------------------
    def _with_reading(self, claim: Claim, verdict: Verdict) -> Verdict:
        try:
            true = self._closest(claim)
        except LimitError as error:
            return replace(
                verdict, reason=f"{verdict.reason} The search for a true reading stopped: {error}."
            )
        if not true:
            return verdict
        first, rivals = true[0], true[1:]
        return self._described(
            first,
            replace(
                verdict,
                reading=to_text(first.right),
                reading_tex=_reading_tex(first),
                changes=first.changes,
                cost=first.cost,
                rivals=tuple(_reading_tex(rival) for rival in rivals),
            ),
        )

    def _closest(self, claim: Claim) -> list[Found]:
        """The true readings of least cost, of which no two are equal."""
        seen: set[tuple[Expr, Expr]] = set()
        every = [
            plan
            for plan in plans(claim, self.notation, self.budget)
            if self.shifts or all(change.edit is not Edit.SHIFT for change in plan.changes)
        ]
        for cost in range(self.budget + 1):
            for candidates in (self._structural(every, cost), self._with_slip(every, cost)):
                true = list(self._true(candidates, seen))
                if true:
                    return self._distinct(true)
        return []

    def _true(self, candidates: Iterable[Found], seen: set[tuple[Expr, Expr]]) -> Iterable[Found]:
        for found in candidates:
            if (found.left, found.right) in seen:
                continue
            seen.add((found.left, found.right))
            if len(seen) > MAX_TRIED:
                raise LimitError(f"more than {MAX_TRIED} candidates")
            if self._fits_everywhere(found) and self._holds(found) is Answer.EQUAL:
                yield found

    def _structural(self, every: list[Plan], cost: int) -> Iterable[Found]:
        """The candidates of exactly this cost that say what the formula says."""
        for plan in every:
            if plan.cost <= cost:
                found = self._typed(plan, cost - plan.cost)
                yield from (item for item in found if item.cost == cost)

    def _with_slip(self, every: list[Plan], cost: int) -> Iterable[Found]:
        """The candidates of exactly this cost that mend one slip."""
        for plan in every:
            if plan.cost < cost:
                found = self._slipped(plan, cost - plan.cost - 1)
                yield from (item for item in found if item.cost == cost)

    def _distinct(self, true: list[Found]) -> list[Found]:
        """One reading for all that are equal: those of one left side have one true value."""
        best: dict[tuple[Expr, bool], Found] = {}
        for found in sorted(true, key=_preference):
            best.setdefault((found.left, found.plan.fixed), found)
        return list(best.values())

    # -- what is said of a true formula ----------------------------------------------------
    def _described(self, found: Found, verdict: Verdict) -> Verdict:
        proof = self._proof(found)
        strength = Strength.PROVED if proof.proved else Strength.TESTED
        return replace(
            verdict,
            scope=_scope(found),
            strength=strength,
            found=found,
            assuming=self.notation.assume,
            method=proof.method or proof.stopped or None,
        )

    def _proof(self, found: Found, rounds: int | None = None) -> Any:
        from .symbolic.proof import MAX_OPENED, prove

        limit = MAX_OPENED if rounds is None else rounds
        return prove(
            found.left,
            found.right,
            self.notation,
            self.model,
            rounds=limit,
            conditions=found.plan.conditions,
            one_layer=found.plan.networks == (Network(1),),
        )

    def steps(self, found: Found) -> list[tuple[Any, bool]]:
        """The derivation of a true formula, each step with the answer of its replay."""
        from .symbolic.steps import proof_steps, replayed

        one_layer = found.plan.networks == (Network(1),)
        proof = proof_steps(found.left, found.right, self.notation, self.model, one_layer)
        if proof is None:
            return []
        answers = replayed(proof, self.notation, self.model)
        return list(zip(proof.steps, answers, strict=True))

    # -- counterexamples --------------------------------------------------------------------
    def _counterexample(self, plan: Plan) -> Counterexample | None:
        """The smallest shapes at which the formula has values and they are wrong."""
        tried = 0
        for network in plan.networks:
            names = size_names(self.notation, network)
            for sizes in size_choices(names):
                tried += 1
                if tried > MAX_SHAPES:
                    return None
                example = self._wrong_at(plan, network, sizes)
                if example is not None:
                    return example
        return None

    def _wrong_at(
        self, plan: Plan, network: Network, sizes: dict[str, int]
    ) -> Counterexample | None:
        same = coinciding(sizes, self.notation)
        try:
            lefts, rights = (
                variants(tree, Scope(self.notation, network, same))
                for tree in (plan.truth, plan.right)
            )
        except UndeclaredError:
            return None
        pairs = [(a.tree, b.tree) for a in lefts for b in rights if a.shape == b.shape]
        if not pairs:
            return None
        world = World(
            self.notation,
            self.model.at(network.depth),
            network,
            sizes,
            Draws(self.notation, self.seed, small=True),
            same,
        )
        outcomes = [compare(a, b, world, plan.conditions) for a, b in pairs]
        if any(outcome.answer is not Answer.DIFFERENT for outcome in outcomes):
            return None
        first = outcomes[0]
        values = {name: _plain(value) for name, value in sorted(world.inputs().items())}
        shapes = {name: tuple(np.shape(value)) for name, value in sorted(world.inputs().items())}
        return Counterexample(
            shapes=shapes, values=values, printed=_plain(first.printed), true=_plain(first.true)
        )


def _aside(reason: str) -> Verdict:
    return Verdict(as_printed=AsPrinted.NOT_A_CLAIM, reason=capital(reason) + ".")


def _widest(plan: Plan) -> Network:
    return max(plan.networks, key=lambda network: (_inner(network), network.depth))


def _inner(network: Network) -> bool:
    """Whether the layer letters stand strictly inside the network."""
    return all(1 < layer < network.depth for _, layer in network.layers)


def _lowest_misfit(tree: Expr, scope: Scope) -> str:
    """The smallest part of a tree that has no shape, and why."""
    for child in children(tree) if not isinstance(tree, Derivative) else ():
        if not variants(child, scope):
            return _lowest_misfit(child, scope)
    meanings = scope.notation.products.get(tree.sign, ()) if isinstance(tree, Product) else (None,)
    parts = [variants(child, scope) for child in children(tree)]
    for meaning in meanings:
        try:
            if isinstance(tree, Product):
                infer(
                    replace(tree, left=parts[0][0].tree, right=parts[1][0].tree, meaning=meaning),
                    scope,
                )
            else:
                infer(with_children(tree, [part[0].tree for part in parts]), scope)
        except ShapeError as error:
            return str(error)
    return f"{to_text(tree)} has no shape"


def _preference(found: Found) -> tuple[int, int]:
    slips = sum(change.edit in SLIPS for change in found.changes)
    return slips, len(to_text(found.right))


def _reading_tex(found: Found) -> str:
    tex = to_tex(found.right)
    if found.plan.fixed:
        where = found.plan.conditions[-1]
        tex = f"{tex}, \\quad {to_tex(where)}"
    return tex


def _scope(found: Found) -> str:
    trees = (found.plan.left, found.right)
    subject = [node.layer for node in walk(found.plan.left) if isinstance(node, Ref) and node.layer]
    if found.plan.fixed or any(layer.base == LAST for layer in subject):
        return "output layer only"
    if layer_letters(*trees):
        first = all(
            dict(network.layers) and set(dict(network.layers).values()) == {1}
            for network in found.plan.networks
        )
        last = all(
            set(dict(network.layers).values()) == {network.depth} for network in found.plan.networks
        )
        return "first layer only" if first else "output layer only" if last else "every layer"
    return "no layers"


def _true_sentence(verdict: Verdict) -> str:
    how = {Strength.PROVED: f"proved {verdict.method}", Strength.TESTED: "tested on random shapes"}
    strength = how.get(verdict.strength) if verdict.strength else None
    return f"Both sides are equal, {strength}." if strength else "Both sides are equal."


def _sizes_text(example: Counterexample) -> str:
    return ", ".join(
        f"{name} {'×'.join(map(str, shape))}" for name, shape in example.shapes.items()
    )


def _plain(value: Any) -> Any:
    """Balls as nested lists of plain numbers, whole where they are whole."""

    def number(x: Any) -> float | int:
        middle = float(x)
        return int(middle) if middle.is_integer() and abs(middle) < 2**53 else middle

    array = np.asarray(value, dtype=object)
    if array.ndim == 0:
        return number(array.item())
    return [_plain(item) if np.ndim(item) else number(item) for item in array]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if len(text) > 1 and text[1].islower() else text
