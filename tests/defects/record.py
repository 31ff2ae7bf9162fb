"""The one shape in which every planted defect is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol


class Bug(Enum):
    """How a gradient comes to be wrong, after public reports of wrong gradients."""

    BROADCAST = ("A", "broadcast or reduction not summed, or summed too far")
    CONSTANT = ("B", "wrong constant factor")
    SIGN = ("C", "wrong sign")
    CHAIN = ("D", "missing or wrong factor of the chain, or the wrong tensor")
    TRANSPOSE = ("E", "transpose or adjoint confused")
    INDEX = ("F", "wrong axis, index or stride")
    FAN_OUT = ("G", "several uses not added up, or added up once too often")
    REPEATED = ("H", "repeated indices overwritten")
    SINGULAR = ("I", "singular points")
    KINK = ("J", "ties and kinks")
    SATURATION = ("K", "saturation, cancellation, clipping")
    MASK = ("L", "nan out of a branch that is not taken")
    DTYPE = ("M", "dtype, or width of an accumulator")
    LAYOUT = ("N", "layout in memory")
    ALIAS = ("O", "in place, aliased or stale")
    EMPTY = ("P", "no entries, or one")
    RANDOM = ("Q", "two calls differ")
    SECOND = ("R", "gradient of a gradient")
    CHECKER = ("S", "what fools a checker")
    EQUIVALENT = ("T", "reported as a bug, and right")

    @property
    def letter(self) -> str:
        return self.value[0]

    @property
    def title(self) -> str:
        return self.value[1]


class Outcome(Enum):
    """What the checks said of one candidate."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    INCONCLUSIVE = "inconclusive"
    RAISES = "raises"


class Subject(Protocol):
    """What is computed, with a right candidate, and how a candidate is judged.

    A trial is a number: the same one gives the same random input, whatever the candidate.
    """

    @property
    def name(self) -> str: ...

    @property
    def trials(self) -> int:
        """How many random inputs a defect has to show itself in."""
        ...

    def right(self) -> Any: ...

    def judge(self, candidate: Any, trial: int) -> Outcome: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One wrong candidate in the place of a right one.

    ``exposes``: the input that shows it; ``reference``: the public report that it mirrors, as
    repository and number.
    """

    name: str
    bug: Bug
    subject: Subject
    build: Callable[[], Any]
    exposes: str = "any input"
    reference: str | None = None

    @property
    def title(self) -> str:
        return f"{self.bug.letter} {self.subject.name}: {self.name}"
