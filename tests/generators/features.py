"""What an array or a case has that tends to break gradients, and how often a generator makes it."""

from collections import Counter
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

import numpy as np

from tests.defects.subjects import Array

SATURATES = 37.0  # from here on a sigmoid in double precision is 1
MANY = 4  # so many values, or as many as there are entries, make an array generic


class Feature(Enum):
    """A trait, with the share of examples that should have it at least."""

    SIZE_1 = ("an axis of length 1", 0.01)
    EMPTY = ("no entries", 0.01)
    NO_AXES = ("no axes", 0.01)
    NEGATIVE_STRIDES = ("negative strides", 0.01)
    FORTRAN = ("Fortran order", 0.01)
    READ_ONLY = ("read-only", 0.01)
    TIES = ("largest entry twice", 0.01)
    ZEROS = ("an entry of exactly 0", 0.01)
    DUPLICATES = ("a value twice", 0.01)
    SATURATED = ("a saturated sigmoid", 0.01)
    GENERIC = ("generic, distinct values", 0.5)

    @property
    def least(self) -> float:
        return self.value[1]


TRAITS: dict[Feature, Callable[[Array], bool]] = {
    Feature.SIZE_1: lambda a: 1 in a.shape,
    Feature.EMPTY: lambda a: a.size == 0,
    Feature.NO_AXES: lambda a: a.ndim == 0,
    Feature.NEGATIVE_STRIDES: lambda a: a.size > 1 and min(a.strides) < 0,
    Feature.FORTRAN: lambda a: a.flags.f_contiguous and not a.flags.c_contiguous,
    Feature.READ_ONLY: lambda a: not a.flags.writeable,
    Feature.TIES: lambda a: a.size > 1 and np.count_nonzero(a == a.max()) > 1,
    Feature.ZEROS: lambda a: bool(np.any(a == 0)),
    Feature.DUPLICATES: lambda a: np.unique(a[a != 0]).size < np.count_nonzero(a),
    Feature.SATURATED: lambda a: bool(np.any(np.abs(a) > SATURATES)),
}


def generic(a: Array) -> bool:
    """No entry 0, none saturated, and nearly all values different from each other."""
    values = np.unique(a).size
    plain = a.size > 0 and np.all(a != 0) and np.all(np.abs(a) < SATURATES)
    return bool(plain) and values >= min(MANY, a.size) and 2 * values > a.size


def of_array(a: Array) -> set[Feature]:
    """The features of one array."""
    found = {feature for feature, has in TRAITS.items() if has(a)}
    return found | ({Feature.GENERIC} if generic(a) else set())


def of_network(parameters: list[tuple[Array, Array]], X: Array, forward: Any) -> set[Feature]:
    """The features of a network's weights and samples; it saturates where an activation does."""
    arrays = [X, *(W for W, _ in parameters)]
    found = set().union(*map(of_array, arrays)) - {Feature.SATURATED, Feature.GENERIC}
    wide = [(W.astype(float), b.astype(float)) for W, b in parameters]
    ends = [np.abs(A - 0.5) for A in forward(wide, X.astype(float))[1:]]
    if any(bool(np.any(end >= 0.5 - np.finfo(float).eps)) for end in ends):
        found.add(Feature.SATURATED)
    elif all(generic(a / (np.max(np.abs(a)) or 1)) for a in arrays):
        found.add(Feature.GENERIC)
    return found


def shares(examples: Iterable[set[Feature]]) -> dict[Feature, float]:
    """The share of examples that has each feature."""
    seen = list(examples)
    counts = Counter(feature for features in seen for feature in features)
    return {feature: counts[feature] / len(seen) for feature in Feature}


def shortfalls(found: dict[Feature, float], wanted: Iterable[Feature]) -> list[str]:
    """Where a generator makes too little of what is wanted."""
    return [
        f"{feature.value[0]}: {found[feature]:.1%}, but should be {feature.least:.0%} at least"
        for feature in wanted
        if found[feature] < feature.least
    ]
