"""One error per way the input can be wrong."""

from __future__ import annotations


class GradproofError(Exception):
    """Base of every error that a caller or a document can cause."""


class UsageError(GradproofError, ValueError):
    """A call that cannot be carried out as given."""


class DocumentError(GradproofError, ValueError):
    """A document that cannot be read."""


class NotationError(GradproofError, ValueError):
    """A notation file that does not say what is needed."""


class FormulaError(GradproofError, ValueError):
    """A formula outside the grammar; ``offset`` counts characters from its start."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.offset = offset


class UndeclaredError(GradproofError, LookupError):
    """A symbol, or a symbol at an index, that the notation does not know."""

    def __init__(self, message: str, symbol: str = "") -> None:
        super().__init__(message)
        self.symbol = symbol


class ShapeError(GradproofError, ValueError):
    """Operands whose shapes no declared meaning of the operation fits."""


class LimitError(GradproofError, RuntimeError):
    """A computation that was cut off at one of its limits."""


class TimeLimitError(GradproofError, TimeoutError):
    """A claim that took too long; unlike a `LimitError` it ends the whole claim."""


class LostError(GradproofError, RuntimeError):
    """A task whose process ended before it answered."""
