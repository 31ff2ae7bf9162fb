"""Tries the readings of a claim, asks the three routes, and joins their answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .answer import OUT_OF_MEMORY, AsPrinted, Found, Strength, Verdict, capital, sentence
from .claims.admitted import LEAST_DEPTH
from .claims.claim import Claim, ClaimKind
from .claims.model import layer_letters
from .claims.networks import Scope
from .claims.notation import Notation
from .claims.plans import Plan, strict_plan
from .claims.scripts import without_index
from .context import Context, check_ones, has_jacobian
from .document.syntax import LAST, Expr, Meaning, Ref, transform, walk
from .document.write import to_tex, to_text
from .errors import LimitError, NotationError, TimeLimitError, UndeclaredError
from .limits import SECONDS, time_limit
from .loops import judge_loop
from .numeric.enclosure import precision
from .numeric.trial import Answer
from .refute import counterexample, misfit, sizes_text
from .repair import Repair
from .stationary import as_condition
from .structure import judge_instance, judge_shape

if TYPE_CHECKING:
    from .engine_answers import Ask
    from .symbolic.proof import Finding

BUDGET = 4
# An inequality or a proportion is read, and no answer is given.
DECIDED = frozenset({"=", ":=", "\\approx", "\\in", "\\notin"})
_DIRECT = {
    ClaimKind.LOOP: judge_loop,
    ClaimKind.SHAPE: judge_shape,
    ClaimKind.INSTANCE: judge_instance,
}


class Judge:
    """Judges the claims of one document under one convention."""

    def __init__(
        self,
        notation: Notation,
        budget: int = BUDGET,
        seed: int = 0,
        engine: Ask | None = None,
        in_full: bool = False,
        shifts: bool = True,
    ) -> None:
        self.notation = notation
        self.engine = engine
        self.context = Context(notation, seed, in_full)
        for depth in (1, LEAST_DEPTH):  # a definition that does not fit is told before any claim
            self.context.model.at(depth)
        self.budget = budget
        self.shifts = shifts
        self.seconds = SECONDS
        self._parts = [
            (part, Judge(part.notation, budget, seed, engine, in_full)) for part in notation.parts
        ]

    def judge(self, claim: Claim) -> Verdict:
        """The verdict on one claim; errors of the document become verdicts, never exceptions."""
        if claim.skipped is not None:
            return _aside(f"skipped: {claim.skipped}")
        if claim.unread is not None:
            return Verdict(as_printed=AsPrinted.INCONCLUSIVE, reason=sentence(claim.unread))
        if claim.unreadable is not None:
            return Verdict(as_printed=AsPrinted.UNREADABLE, reason=claim.unreadable)
        if claim.remark is not None:
            return _aside(claim.remark)
        if (judge := self._part(claim)) is not self:
            return judge.judge(claim)
        try:
            with precision(), time_limit(self.seconds):
                return self._judged(claim)
        except UndeclaredError as error:
            return Verdict(as_printed=AsPrinted.UNDECLARED, reason=sentence(error))
        except (LimitError, TimeLimitError) as error:
            return Verdict(as_printed=AsPrinted.INCONCLUSIVE, reason=sentence(error))
        except MemoryError:
            return Verdict(as_printed=AsPrinted.INCONCLUSIVE, reason=OUT_OF_MEMORY)
        except NotationError:
            raise
        except Exception as error:  # an error of ours costs this claim only, and is told as ours
            what = f"{type(error).__name__}: {error}"
            return Verdict(
                as_printed=AsPrinted.INCONCLUSIVE,
                reason=f"An error of gradproof's own stopped the check: {what}.",
                contradiction=f"internal error: {what}",
            )

    def _part(self, claim: Claim) -> Judge:
        """The judge of the document's part that the claim stands in."""
        for part, judge in self._parts:
            if part.covers(claim.line, to_text(claim.left) if claim.left else ""):
                return judge._part(claim)
        return self

    def _judged(self, claim: Claim) -> Verdict:
        if claim.sign not in DECIDED:
            raise LimitError(f"only equations are decided, not {claim.sign.lstrip(chr(92))}")
        direct = _DIRECT.get(claim.kind)
        self.context.forget()
        return self._equation(claim) if direct is None else direct(claim, self.notation)

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
        if strict is not None and self._holds_in_numerator_layout(strict):
            return Verdict(as_printed=AsPrinted.UNDECLARED, reason=self._layout_sentence())
        if strict is not None and verdict.as_printed is AsPrinted.FAILS:
            said = as_condition(claim, strict, self.notation, _without_repairs)
            if said is not None:
                return said
        return self._with_reading(claim, verdict)

    def _holds_in_numerator_layout(self, plan: Plan) -> bool:
        """Whether a formula about Jacobians is true in the layout that the notation could declare.

        The default is about the gradients of numbers; of Jacobians a page says nothing by silence.
        """
        notation = self.notation
        if notation.layout_declared or not plan.networks or not has_jacobian(plan, notation):
            return False
        other = Context(replace(notation, layout="numerator"), self.context.seed)
        found = (item for item in other.typed(plan) if other.fits_everywhere(item))
        return any(other.confirmed(item)[0] is Answer.EQUAL for item in found)

    def _layout_sentence(self) -> str:
        return (
            "It holds in numerator layout and not in denominator layout; say which is meant: "
            f'add  layout = "numerator"  at the top of {self.notation.source}.'
        )

    def _as_printed(self, plan: Plan) -> Verdict:
        """The strict reading: every product sign as declared, nothing else changed."""
        if not plan.networks:
            return Verdict(
                as_printed=AsPrinted.UNDECLARED,
                reason="No network has all the layers that it names.",
            )
        self._check_layers(plan)
        typed = list(self.context.typed(plan))
        fitting = [found for found in typed if self.context.fits_everywhere(found)]
        if not fitting:
            return self._ill_typed(plan)
        check_ones(fitting)
        outcomes = [(found, *self.context.confirmed(found)) for found in fitting]
        for found, answer, finding in outcomes:
            if answer is Answer.EQUAL:
                return self._holding(found, finding)
        if any(answer is Answer.UNSURE for _, answer, _ in outcomes):
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

    def _holding(self, found: Found, finding: Finding | None) -> Verdict:
        verdict = self._described(
            found,
            finding,
            Verdict(
                as_printed=AsPrinted.HOLDS,
                reason="Both sides are equal.",
                reading=to_text(found.right),
                reading_tex=self._tex(found),
                cost=0,
            ),
        )
        return replace(verdict, reason=_true_sentence(verdict))

    def _failing(self, plan: Plan, fitting: list[Found]) -> Verdict:
        proved = self.context.proof(fitting[0], rounds=0)
        contradiction = None
        if proved.proved:
            contradiction = "the symbolic route proves what the numbers refute"
        example = counterexample(self.context, plan)
        where = f" {sizes_text(example)}" if example else ""
        return Verdict(
            as_printed=AsPrinted.FAILS,
            counterexample=example,
            reason=f"The two sides differ{where}.",
            contradiction=contradiction,
        )

    def _ill_typed(self, plan: Plan) -> Verdict:
        sampled = (n.written for n in walk(plan.right) if isinstance(n, Ref) and n.written)
        if plan.any_sample and (name := next(sampled, "")):
            raise without_index(name)
        return Verdict(
            as_printed=AsPrinted.ILL_TYPED,
            reason=capital(misfit(self.context, plan)),
            counterexample=counterexample(self.context, plan),
        )

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

    # -- the closest true formula ------------------------------------------------------
    def _with_reading(self, claim: Claim, verdict: Verdict) -> Verdict:
        try:
            true = Repair(self.context, self.budget, self.shifts).closest(claim)
        except LimitError as error:
            return replace(
                verdict, reason=f"{verdict.reason} The search for a true reading stopped: {error}."
            )
        if not true:
            return verdict
        first, finding = true[0]
        reading = replace(
            verdict,
            reading=to_text(first.right),
            reading_tex=self._tex(first),
            changes=first.changes,
            cost=first.cost,
            rivals=tuple(self._tex(rival) for rival, _ in true[1:]),
        )
        return self._described(first, finding, reading)

    # -- what is said of a true formula ----------------------------------------------------
    def _described(self, found: Found, finding: Finding | None, verdict: Verdict) -> Verdict:
        proved = finding is not None and finding.proved
        return replace(
            verdict,
            scope=_scope(found),
            strength=Strength.PROVED if proved else Strength.TESTED,
            found=found,
            steps=self.context.steps(found) if self.context.in_full else (),
            floats=self.context.floats(found),
            engine=None if self.engine is None else self.engine(found, self.context),
            assuming=self.notation.assume,
            method=None if finding is None else finding.method or finding.stopped or None,
        )

    def _tex(self, found: Found) -> str:
        """The right side with the conditions under which it holds, as the reader takes it."""
        juxtaposed = self.notation.products[""][:1] == (Meaning.MATMUL,)
        signs = "" if juxtaposed else "@"
        parts = (found.right, *found.plan.conditions)
        return ", \\quad ".join(to_tex(part, signs) for part in parts)


def _without_repairs(claim: Claim, notation: Notation) -> Verdict:
    return Judge(notation, budget=0).judge(claim)


def _aside(reason: str) -> Verdict:
    return Verdict(as_printed=AsPrinted.NOT_A_CLAIM, reason=capital(reason) + ".")


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


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if len(text) > 1 and text[1].islower() else text
