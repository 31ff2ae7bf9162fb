"""Words before a formula that say what is meant by it."""

from __future__ import annotations

import re
from itertools import islice

_ZERO = re.compile(
    r"\b(?:set|sets|setting|equate|equating|zero|vanish(?:es|ing)?|stationary|optim\w+|minim\w+|"
    r"maxim\w+|solv(?:e|es|ing)|igual\w*|cero|anula\w*)\b|令|设|零|等于\s*0|为\s*0|最优|极值|最小|最大",
    re.IGNORECASE,
)
_NEAR = 2  # lines with words


def looks_for_zero(text: str, line: int) -> bool:
    """Whether the words before a line, or on it, set something to zero or look for an optimum."""
    before = text.splitlines()[:line]
    near = islice((words for words in reversed(before) if words.strip("$ ")), 1 + _NEAR)
    return any(_ZERO.search(words) for words in near)
