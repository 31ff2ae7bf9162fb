"""The command with a planted defect or none: ``python -m tests.isolation.call DEFECT ...``."""

import os
import sys
import time
from collections.abc import Callable

from derivations.check import DocumentCheck
from derivations.cli import main


def by_hash() -> None:
    """Totals in the order of a set of texts, which every process shuffles anew."""
    totals = DocumentCheck.totals.fget  # type: ignore[attr-defined]
    DocumentCheck.totals = property(  # type: ignore[assignment, method-assign]
        lambda check: {name: totals(check)[name] for name in set(totals(check))}
    )


def by_environment() -> None:
    """A convention that is called otherwise on a server that builds."""
    if "CI" in os.environ:
        by_name("ci")


def by_clock() -> None:
    by_name(str(time.time_ns()))


def by_name(name: str) -> None:
    DocumentCheck.totals = property(lambda check: {name: 1})  # type: ignore[assignment, method-assign]


DEFECTS: dict[str, Callable[[], None]] = {
    "none": lambda: None,
    "hash": by_hash,
    "environment": by_environment,
    "clock": by_clock,
}

if __name__ == "__main__":
    DEFECTS[sys.argv[1]]()
    main(sys.argv[2:])
