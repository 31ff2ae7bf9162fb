"""Mutants that are judged wrongly today, by the fault behind them, each with one example.

The example stands here so that a repair is noticed: then the fault goes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong, the mutants that show it, and one of them."""

    why: str
    check: str  # the check that complains
    convention: str
    example: str
    origin: str
    pattern: str


FAULTS: tuple[Fault, ...] = ()


def known(check: str, tex: str) -> bool:
    """Whether a complaint is one of a known fault."""
    return any(fault.check == check and re.search(fault.pattern, tex) for fault in FAULTS)
