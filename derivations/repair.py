"""The closest true formula: the candidates of least cost that are true."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .answer import Found
from .claims.claim import Claim
from .claims.plans import Plan, plans
from .claims.readings import SLIPS, Edit, Work
from .context import Context
from .document.syntax import Expr
from .document.write import to_text
from .errors import LimitError, UndeclaredError
from .numeric.trial import Answer

if TYPE_CHECKING:
    from .symbolic.proof import Finding

MAX_WORK = 60_000  # subformulas read in the search for one claim
MAX_TRIED = 3000  # candidates of one claim that are evaluated


class Repair:
    """One claim's search within a budget of edits."""

    def __init__(self, context: Context, budget: int, shifts: bool = True) -> None:
        self.context = context
        self.budget = budget
        self.shifts = shifts

    def closest(self, claim: Claim) -> list[tuple[Found, Finding | None]]:
        """The true readings of least cost, of which no two are equal."""
        seen: set[tuple[Expr, Expr]] = set()
        self.context.work = Work(MAX_WORK)
        every = [
            plan
            for plan in plans(claim, self.context.notation, self.budget)
            if self.shifts or all(change.edit is not Edit.SHIFT for change in plan.changes)
        ]
        for cost in range(self.budget + 1):
            for candidates in (self._structural(every, cost), self._with_slip(every, cost)):
                true = self._confirmed(list(self._true(candidates, seen)))
                if true:
                    return true
        return []

    def _true(self, candidates: Iterable[Found], seen: set[tuple[Expr, Expr]]) -> Iterable[Found]:
        for found in candidates:
            if (found.left, found.right) in seen:
                continue
            seen.add((found.left, found.right))
            if len(seen) > MAX_TRIED:
                raise LimitError(f"more than {MAX_TRIED} candidates")
            if self.context.fits_everywhere(found) and self._is_true(found):
                yield found

    def _is_true(self, found: Found) -> bool:
        try:
            return self.context.holds(found) is Answer.EQUAL
        except (UndeclaredError, LimitError):  # an index beyond an axis, or no number: no reading
            return False

    def _structural(self, every: list[Plan], cost: int) -> Iterable[Found]:
        """The candidates of exactly this cost that say what the formula says."""
        for plan in every:
            if plan.cost <= cost and self.context.declared(plan.right, plan):
                found = self.context.typed(plan, cost - plan.cost)
                yield from (item for item in found if item.cost == cost)

    def _with_slip(self, every: list[Plan], cost: int) -> Iterable[Found]:
        """The candidates of exactly this cost that mend one slip."""
        for plan in every:
            if plan.cost < cost:
                found = self.context.slipped(plan, cost - plan.cost - 1)
                yield from (item for item in found if item.cost == cost)

    def _confirmed(self, true: list[Found]) -> list[tuple[Found, Finding | None]]:
        """One reading for all that are equal: those of one left side have one true value."""
        best: dict[tuple[Expr, bool], tuple[Found, Finding | None]] = {}
        for found in sorted(true, key=_preference):
            key = (found.left, found.plan.fixed)
            if key not in best:
                answer, finding = self.context.confirmed(found)
                if answer is Answer.EQUAL:
                    best[key] = (found, finding)
        return list(best.values())


def _preference(found: Found) -> tuple[int, int]:
    slips = sum(change.edit in SLIPS for change in found.changes)
    return slips, len(to_text(found.right))
