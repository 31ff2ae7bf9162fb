"""What defects are planted in: functions of arrays and of numbers, and how they are judged."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from derivations.numeric.check import check_gradient, check_vjp
from derivations.numeric.errors import NumericError
from derivations.numeric.result import GradientCheck
from tests.defects.record import Bug, Defect, Outcome

Array = npt.NDArray[Any]
Rng = np.random.Generator
Draw = Callable[[Rng], Any]
TRIALS = 12


def outcome(check: Callable[[], GradientCheck]) -> Outcome:
    """The verdict of a check; a refusal, or an error of the candidate itself, is heard too."""
    try:
        return Outcome(check().verdict.value)
    except (NumericError, ValueError, IndexError, ZeroDivisionError, TypeError):
        return Outcome.RAISES


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A function with array values and its right vjp, ``(y_bar, x) -> like x``."""

    name: str
    draw: Draw
    f: Callable[[Any], Any]
    vjp: Callable[[Any, Any], Any]
    trials: int = TRIALS

    def right(self) -> Any:
        return self.vjp

    def judge(self, candidate: Any, trial: int) -> Outcome:
        x = self.draw(np.random.default_rng(trial))
        return outcome(lambda: check_vjp(self.f, candidate, x, seed=trial))


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A function whose value is one number, and its right gradient, ``x -> like x``."""

    name: str
    draw: Draw
    f: Callable[[Any], Any]
    gradient: Callable[[Any], Any]
    trials: int = TRIALS

    def right(self) -> Any:
        return self.gradient

    def judge(self, candidate: Any, trial: int) -> Outcome:
        x = self.draw(np.random.default_rng(trial))
        return outcome(lambda: check_gradient(self.f, candidate, x, seed=trial))


@dataclass(frozen=True, slots=True)
class Wrong:
    """A wrong derivative on its way into a record; ``fresh`` where it has to be built anew."""

    bug: Bug
    name: str
    candidate: Any
    reference: str | None = None
    exposes: str = "any input"
    fresh: bool = False


def plant(subject: Operation | Number, *wrong: Wrong) -> Iterator[Defect]:
    """The records of the wrong derivatives of one function."""
    for each in wrong:
        yield Defect(
            name=each.name,
            bug=each.bug,
            subject=subject,
            build=each.candidate if each.fresh else (lambda given=each.candidate: given),
            exposes=each.exposes,
            reference=each.reference,
        )
