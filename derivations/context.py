"""What the three routes need to answer for one document under one convention."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .answer import Found, WrittenStep
from .claims.model import Model
from .claims.networks import Network, Scope
from .claims.notation import Notation
from .claims.plans import Plan, subject_of
from .claims.readings import Change, Structures, Variant, Work, variants
from .claims.shapes import infer
from .claims.slips import slipped
from .document.syntax import Call, Derivative, Expr, Neg, Number, Ones, Power, Ref, walk
from .errors import ShapeError, UndeclaredError
from .functions import FUNCTIONS, Kind
from .numeric.floats import float_range
from .numeric.trial import (
    Answer,
    Draws,
    Outcome,
    compare,
    distinct_sizes,
    fits,
    size_names,
)
from .numeric.world import World

if TYPE_CHECKING:
    from .symbolic.proof import Finding


WORLDS = 12  # shapes and values on which a claim without a proof is tried
MAX_TURNS = 4  # orders of sizes in which an inverse is looked for
WIDER = 3  # by how many the sizes to draw from outnumber the sizes


class Context:
    """A notation with its model, and the worlds in which its formulas are tried."""

    def __init__(self, notation: Notation, seed: int = 0, in_full: bool = False) -> None:
        self.notation = notation
        self.model = Model(notation)
        self.seed = seed
        self.in_full = in_full  # whether somebody will read derivations and see curves
        self._worlds: dict[tuple[int, bool], World] = {}
        self._seen: dict[tuple[Network, bool], World] = {}
        self.work: Work | None = None
        self._typed_lefts: dict[tuple[Expr, Network], list[Variant]] = {}

    def forget(self) -> None:
        """Lets go of the values of one claim's candidates, which share most of their parts."""
        self._seen.clear()

    # -- shapes: typed candidates ---------------------------------------------------
    def typed(self, plan: Plan, budget: int = 0) -> Iterable[Found]:
        """The readings without a slip, in the network that tells most shapes apart."""
        scope = Scope(self.notation, widest(plan))
        if self._lefts(plan):
            yield from self._paired(plan, variants(plan.right, scope, budget, self.work), ())

    def slipped(self, plan: Plan, budget: int) -> Iterable[Found]:
        """The readings with one slip mended and ``budget`` left for the rest."""
        network = widest(plan)
        if not self._lefts(plan):
            return
        search = Structures(Scope(self.notation, network), budget, self.work)
        alone = not budget and not plan.changes
        for tree, change in slipped(
            plan.right, Scope(self.notation, network), self.insertable(plan), alone
        ):
            if not self.declared(tree, plan):
                continue
            yield from self._paired(plan, search.variants(tree, root=True), (change,))

    def _paired(
        self, plan: Plan, rights: list[Variant], changes: tuple[Change, ...]
    ) -> Iterable[Found]:
        for right in rights:
            for left in self._lefts(plan):
                number = is_number(right.tree) and len(left.shape) == 2
                if number or fits(left.shape, right.shape, self.notation):
                    yield Found(plan, left.tree, right.tree, plan.changes + changes + right.changes)

    def _lefts(self, plan: Plan) -> list[Variant]:
        """The left side with its meanings; none where it has no shape."""
        key = (plan.truth, widest(plan))
        if key not in self._typed_lefts:
            self._typed_lefts[key] = variants(plan.truth, Scope(self.notation, widest(plan)))
        return self._typed_lefts[key]

    def insertable(self, plan: Plan) -> list[Call]:
        """The activations' slopes at the layers that the formula speaks of."""
        layers = dict.fromkeys(node.layer for node in walk(plan.right) if isinstance(node, Ref))
        subject = subject_of(plan.left)
        if subject is not None:
            layers[subject.layer] = None
        found = []
        for definition in self.model.at(1).values():
            tree = definition.right
            if not isinstance(tree, Call) or not isinstance(tree.arg, Ref):
                continue
            if tree.arg.layer is None and FUNCTIONS[tree.function].kind is Kind.ENTRYWISE:
                found.append(replace(tree, order=tree.order + 1))
            else:
                for layer in layers:
                    if layer is not None and tree.arg.layer is not None:
                        found.append(replace(tree, order=1, arg=replace(tree.arg, layer=layer)))
        return found

    def declared(self, tree: Expr, plan: Plan) -> bool:
        """Whether every symbol is declared at its layer, in every network of the plan."""
        refs = {node for node in walk(tree) if isinstance(node, Ref)}
        try:
            for network in plan.networks:
                scope = Scope(self.notation, network)
                for ref in refs:
                    scope.layer_of(ref)
        except UndeclaredError:
            return False
        return True

    def fits_everywhere(self, found: Found) -> bool:
        for network in found.plan.networks:
            scope = Scope(self.notation, network)
            try:
                left, right = infer(found.left, scope), infer(found.right, scope)
            except (ShapeError, UndeclaredError):
                return False
            number = is_number(found.right) and len(left) == 2
            if not number and not fits(left, right, self.notation):
                return False
        return True

    # -- numbers --------------------------------------------------------------------
    def holds(self, found: Found) -> Answer:
        """Both sides in every network the claim covers; in one, with other sizes and values too."""
        runs = [(network, False) for network in found.plan.networks]
        answers = set()
        for network, again in (*runs, (widest(found.plan), True)):
            answer = self.compared(found, network, again).answer
            if answer is Answer.UNSURE and self.is_partial(found):
                answer = self._where_defined(found, network)
            answers.add(answer)
            if Answer.DIFFERENT in answers:
                return Answer.DIFFERENT
        return Answer.UNSURE if Answer.UNSURE in answers else Answer.EQUAL

    def is_partial(self, found: Found) -> bool:
        """Whether a claim or the model has a value at some shapes or values only: an inverse, or
        the logarithm of a determinant."""
        models = (d.right for d in self.model.at(widest(found.plan).depth).values())
        return any(
            (isinstance(node, Power) and isinstance(node.exponent, Neg))
            or (isinstance(node, Call) and node.function == "inv")
            or (isinstance(node, Call) and node.function == "log" and _has_determinant(node.arg))
            for tree in (found.left, found.right, *models)
            for node in walk(tree)
        )

    def _where_defined(self, found: Found, network: Network) -> Answer:
        """The first certain answer at other sizes and values: ``X^T X`` needs more rows than
        columns, and ``log det X`` a positive determinant."""
        names = size_names(self.notation, Network(network.depth))
        definitions = self.model.at(network.depth)
        for turn in range(MAX_TURNS):
            start = turn % max(1, len(names))
            sizes = distinct_sizes([*names[start:], *names[:start]])
            draws = Draws(self.notation, self.seed + turn)
            world = World(self.notation, definitions, Network(network.depth), sizes, draws)
            answer = compare(
                found.left, found.right, world.seen_from(network), found.plan.conditions
            ).answer
            if answer is not Answer.UNSURE:
                return answer
        return Answer.UNSURE

    def confirmed(self, found: Found) -> tuple[Answer, Finding | None]:
        """Numbers and symbols together: what is not proved is tried on many more shapes."""
        answer = self.holds(found)
        if answer is not Answer.EQUAL:
            return answer, None
        finding = self.proof(found)
        if not finding.proved:
            answer = self._tried_widely(found)
        return answer, finding

    def _tried_widely(self, found: Found) -> Answer:
        """Random sizes, no two alike, and new values each time."""
        network = widest(found.plan)
        names = size_names(self.notation, network)
        answers = set()
        for number in range(WORLDS):
            random = np.random.default_rng([self.seed, number])
            numbers = 2 + random.permutation(len(names) + WIDER)[: len(names)]
            sizes = dict(zip(names, map(int, numbers), strict=True))
            draws = Draws(self.notation, self.seed + 2 + number)
            definitions = self.model.at(network.depth)
            world = World(self.notation, definitions, network, sizes, draws)
            outcome = compare(found.left, found.right, world, found.plan.conditions)
            answers.add(outcome.answer)
            if Answer.DIFFERENT in answers:
                return Answer.DIFFERENT
        if Answer.EQUAL in answers and self.is_partial(found):
            answers.discard(Answer.UNSURE)  # at those sizes it says nothing
        return Answer.UNSURE if Answer.UNSURE in answers else Answer.EQUAL

    def compared(self, found: Found, network: Network, again: bool = False) -> Outcome:
        key = (network, again)
        if key not in self._seen:
            self._seen[key] = self.world(network.depth, again).seen_from(network)
        world = self._seen[key]
        return compare(found.left, found.right, world, found.plan.conditions)

    def world(self, depth: int, again: bool = False) -> World:
        key = (depth, again)
        if key not in self._worlds:
            network = Network(depth)
            names = size_names(self.notation, network)
            sizes = distinct_sizes(names)
            if again:  # other sizes, not the same ones in another order
                sizes = {name: size + 1 for name, size in distinct_sizes(names[::-1]).items()}
            draws = Draws(self.notation, self.seed + again)
            definitions = self.model.at(depth)
            self._worlds[key] = World(self.notation, definitions, network, sizes, draws)
        return self._worlds[key]

    def floats(self, found: Found) -> str | None:
        """Where double precision breaks the right side."""
        network = widest(found.plan)
        return float_range(found.right, self.notation, self.model.at(network.depth), network)

    # -- symbols --------------------------------------------------------------------
    def proof(self, found: Found, rounds: int | None = None) -> Finding:
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

    def steps(self, found: Found) -> tuple[WrittenStep, ...]:
        """The derivation of a true formula, each step replayed from its two sides alone."""
        from .symbolic.steps import proof_steps, replayed

        one_layer = found.plan.networks == (Network(1),)
        proof = proof_steps(
            found.left, found.right, self.notation, self.model, one_layer, found.plan.conditions
        )
        if proof is None:
            return ()
        answers = replayed(proof, self.notation, self.model)
        return tuple(
            WrittenStep(rule=step.rule, before=step.before, after=step.after, checked=answer)
            for step, answer in zip(proof.steps, answers, strict=True)
        )


def check_ones(fitting: list[Found]) -> None:
    """Raises UndeclaredError where the shapes leave open how long a column of ones is."""
    lengths = {
        tuple(node.size for side in (found.left, found.right) for node in walk(side)
              if isinstance(node, Ones))
        for found in fitting
    }  # fmt: skip
    if len(lengths) > 1:
        raise UndeclaredError("how long the column of ones is, the shapes leave open")


def has_jacobian(plan: Plan, notation: Notation) -> bool:
    """Whether a derivative of an array by an array stands on either side."""
    scope = Scope(notation, widest(plan))
    slopes = (n for side in (plan.truth, plan.right) for n in walk(side)
              if isinstance(n, Derivative))  # fmt: skip
    return any(len(found.shape) == 4 for node in slopes for found in variants(node, scope))


def is_number(tree: Expr) -> bool:
    """Whether a side is a plain number, which may stand for every entry."""
    return isinstance(tree.arg if isinstance(tree, Neg) else tree, Number)


def widest(plan: Plan) -> Network:
    return max(plan.networks, key=lambda network: (inner(network), network.depth))


def inner(network: Network) -> bool:
    """Whether the layer letters stand strictly inside the network."""
    return all(1 < layer < network.depth for _, layer in network.layers)


def _has_determinant(tree: Expr) -> bool:
    return any(isinstance(node, Call) and node.function == "det" for node in walk(tree))
