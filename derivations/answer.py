"""What is said of a claim: the verdict's fields, as in the public contract."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from .claims.plans import Plan
from .claims.readings import Change, cost_of
from .document.syntax import Expr

if TYPE_CHECKING:
    from .numeric.step_curve import StepCurve

EXAMPLE = "at the document's example"  # how a printed number was tested
OUT_OF_MEMORY = "It needs more memory than is allowed."


class AsPrinted(Enum):
    HOLDS = "holds"
    FAILS = "fails"
    ILL_TYPED = "ill-typed"
    UNDECLARED = "undeclared"
    UNREADABLE = "unreadable"
    INCONCLUSIVE = "inconclusive"
    NOT_A_CLAIM = "not-a-claim"


class Strength(Enum):
    DEFINITION = "definition"
    SHAPES = "shapes"
    TESTED = "tested"
    PROVED = "proved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterexample:
    shapes: dict[str, tuple[int, ...]]
    values: dict[str, Any]
    printed: Any
    true: Any
    printed_digits: Any = None  # the same to 30 digits, as text
    true_digits: Any = None
    curve: StepCurve | None = field(default=None, compare=False)  # of a gradient, when asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenStep:
    """One step of a derivation, ``before = after`` in index notation; checked by itself or not."""

    rule: str
    before: Expr
    after: Expr
    checked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One claim's answer; the fields are those of the public contract."""

    as_printed: AsPrinted
    reason: str
    reading: str | None = None
    reading_tex: str | None = None
    changes: tuple[Change, ...] = ()
    cost: int | None = None
    rivals: tuple[str, ...] = ()
    scope: str = "never"
    strength: Strength | None = None
    counterexample: Counterexample | None = None
    floats: str | None = None
    engine: str | None = None
    assuming: tuple[str, ...] = ()
    contradiction: str | None = None
    method: str | None = None
    found: Found | None = field(default=None, compare=False)
    steps: tuple[WrittenStep, ...] = field(default=(), compare=False)  # when asked for


@dataclass(frozen=True, slots=True)
class Found:
    """A true reading: its plan and both typed sides."""

    plan: Plan
    left: Expr
    right: Expr
    changes: tuple[Change, ...]

    @property
    def cost(self) -> int:
        return cost_of(self.changes)


def sentence(text: object) -> str:
    """A message as a sentence; one that starts with a symbol keeps it as it is."""
    whole, symbol = str(text).rstrip(".") + ".", getattr(text, "symbol", "")
    return whole if symbol and whole.startswith(symbol) else capital(whole)


def capital(text: str) -> str:
    """A capital first letter, unless the sentence starts with a symbol."""
    first = text.split(" ", 1)[0].rstrip(".,:;")
    word = len(first) > 1 and first.isascii() and first.isalpha() and first.islower()
    return text[:1].upper() + text[1:] if word else text
