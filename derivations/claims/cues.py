"""Words before a formula that say what is meant by it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import TypeAlias

# Words that set it so: that a gradient is zero may be claimed, and is judged then.
_ZERO = re.compile(
    r"\b(?:set|sets|setting|equate|equating|stationary|optim\w+|minim\w+|maxim\w+|"
    r"solv(?:e|es|ing)|igual\w*)\b|令|设|最优|极值|最小|最大",
    re.IGNORECASE,
)
_UP = re.compile(r"\bascent\b|\bascenso\b|上升", re.IGNORECASE)
_DOWN = re.compile(r"\bdescent\b|\bdescenso\b|下降", re.IGNORECASE)
_LARGEST = re.compile(r"\bmaximi[sz]\w*|likelihood|最大化|极大|似然|verosimilitud", re.IGNORECASE)
_GENERAL = re.compile(
    r"\b(?:general\w*|all|any|both|every|combined|combining|together|overall|ambos|todos?|juntos)\b|"
    r"一般|综合|合并|总之|任意|所有|综上",
    re.IGNORECASE,
)
_NEAR, _FAR = 2, 300  # lines with words, and lines at all, that are looked back at

Lines: TypeAlias = Sequence[str]


def looks_for_zero(lines: Lines, line: int) -> bool:
    """Whether the words before a line, or on it, set something to zero or look for an optimum."""
    before = reversed(lines[max(0, line - _FAR) : line])
    near = islice((words for words in before if words.strip("$ ")), 1 + _NEAR)
    return any(_ZERO.search(words) for words in near)


def climbs(lines: Lines, line: int) -> bool | None:
    """Whether the words before a line say that a step goes up; None where it perhaps does, for
    something is to be largest."""
    before = lines[max(0, line - _FAR) : line]
    for words in reversed(before):
        ends = [max((m.end() for m in cue.finditer(words)), default=0) for cue in (_UP, _DOWN)]
        if any(ends):
            return ends[0] > ends[1]
    return None if any(_LARGEST.search(words) for words in before) else False


def speaks_generally(lines: Lines, start: int, stop: int) -> bool:
    """Whether the words from one line to another leave the case that the first one opened."""
    return any(_GENERAL.search(words) for words in lines[start - 1 : stop])
