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


FAULTS = (
    Fault(
        why="an activation may have any numbers as its example",
        check="holds_falsely",
        convention="rows",
        origin=r"b=\begin{bmatrix} 2 \\ 2 \\ \end{bmatrix}",
        example=r"A=\begin{bmatrix} 2 \\ 2 \\ \end{bmatrix}",
        pattern=r"^A(\^1)?=\\begin",
    ),
    Fault(
        why="the transpose of a shape stops the judge",
        check="contradicts",
        convention="stated",
        origin=r"\operatorname{shape}(b) = [\operatorname{rows}(X), \operatorname{columns}(W)]",
        example=r"\operatorname{shape}(b)^T = [\operatorname{rows}(X), \operatorname{columns}(W)]",
        pattern=r"(shape|rows|columns)\}\(.{1,5}\)\^T",
    ),
)


def known(check: str, tex: str) -> bool:
    """Whether a complaint is one of a known fault."""
    return any(fault.check == check and re.search(fault.pattern, tex) for fault in FAULTS)
