"""Arrays, sizes and indices as SymPy symbols, all with generated names.

SymPy orders what commutes by names, and so do the steps that are shown: a name may depend on what
it stands for, and on the order in one document, but not on the documents that came before.
"""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import Any

import sympy as sp

At = tuple[Any, ...]
ZERO = sp.Integer(0)
_numbers = count()


@cache
def array(*key: object) -> sp.IndexedBase:
    """The SymPy array for a key, such as a name and its layer; its own name is generated."""
    return sp.IndexedBase(sp.Symbol(f"s{repr(key).encode().hex()}"))


@cache
def size(name: str) -> Any:
    """A size as a positive integer symbol; ``1`` is the number."""
    return (
        sp.Integer(1)
        if name == "1"
        else sp.Symbol(f"n{name.encode().hex()}", positive=True, integer=True)
    )


def fresh(name: str) -> Any:
    """A new index along an axis; an axis of length 1 has only the index 0."""
    return ZERO if name == "1" else sp.Symbol(f"i{next(_numbers):012d}", integer=True)


def added(body: Any, index: Any, name: str) -> Any:
    """The sum of a body over an axis."""
    return body if index == ZERO else sp.Sum(body, (index, 0, size(name) - 1))


def own_sums(value: Any) -> Any:
    """The value with summed indices of its own, so that it may stand beside itself."""
    sums = value.atoms(sp.Sum)
    names = {limit[0]: fresh("index") for item in sums for limit in item.limits}
    return value.xreplace(names) if names else value
