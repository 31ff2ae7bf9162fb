"""Which entries are wrong: group testing with the gaps between slopes and projections."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from derivations.numeric.trees import Vector

Positions = npt.NDArray[np.intp]
Measure = Callable[[Vector], tuple[float, float]]

# More suspects than this at a time, and the error is dense: no search pays.
DENSE = 24
WITNESSES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Entries that together make a gap, known to within a bound."""

    members: Positions
    gap: float
    bound: float

    @property
    def silent(self) -> bool:
        return not abs(self.gap) > self.bound


@dataclass(slots=True, kw_only=True)
class Search:
    """A search for the few wrong among many entries.

    The gap along a direction is linear in it: the sum of each entry's error times its weight. A
    second look with weights that count up from 1 to 2 tells, if one entry alone is wrong, which;
    groups for which that fails are split.
    """

    measure: Measure
    weights: Vector
    rng: np.random.Generator
    found: list[int] = field(default_factory=list)
    dense: bool = False

    def run(self, gap: float, bound: float) -> list[int]:
        """Positions of the wrong entries; a few, and ``dense`` set, where they are too many."""
        everyone = np.flatnonzero(self.weights)
        groups = [Group(members=self.rng.permutation(everyone), gap=gap, bound=bound)]
        while groups and not self.dense:
            groups = [child for group in groups for child in self.pursue(group)]
            self.dense = len(groups) > DENSE
        if self.dense:
            groups.sort(key=lambda group: -abs(group.gap) / group.bound if group.bound else 0.0)
            self.found += [self.witness(group) for group in groups[:WITNESSES]]
        return sorted(set(self.found))

    def witness(self, group: Group) -> int:
        """One wrong entry of a group of several: the louder half, again and again."""
        while len(group.members) > 1:
            halves = self.split(group, slice(len(group.members) // 2))
            group = max(halves, key=lambda half: abs(half.gap))
        return int(group.members[0])

    def pursue(self, group: Group) -> list[Group]:
        """The groups that remain of one: none once its single wrong entry is found."""
        if group.silent:
            return []
        if len(group.members) == 1:
            self.found.append(int(group.members[0]))
            return []
        window = self.decode(group)
        if window is None:
            return self.split(group, slice(len(group.members) // 2))
        inside, rest = self.split(group, window)
        if rest.silent:
            return [inside]
        # Two or more are wrong.  An empty window is no progress: halve what is left.
        return [inside, rest] if not inside.silent else self.halve(rest)

    def halve(self, group: Group) -> list[Group]:
        if len(group.members) == 1:
            return [group]
        return self.split(group, slice(len(group.members) // 2))

    def decode(self, group: Group) -> slice | None:
        """The members among which the wrong one is, if there is but one; None if that fails."""
        count = len(group.members)
        codes = 1 + np.arange(count) / count
        gap, bound = self.look(group.members, codes)
        place = (gap / group.gap - 1) * count
        margin = (bound + 2 * group.bound) / abs(group.gap) * count
        if not np.isfinite(place):
            return None
        # The place of a single wrong entry is a whole number; of several, hardly ever.
        first = int(np.ceil(max(place - margin, 0.0)))
        last = int(np.floor(min(place + margin, count - 1.0)))
        if first > last or 2 * (last + 1 - first) > max(count, 2):
            return None
        return slice(first, last + 1)

    def split(self, group: Group, part: slice) -> list[Group]:
        """Some neighbouring members, and the rest."""
        chosen = group.members[part]
        gap, bound = self.look(chosen, np.ones(len(chosen)))
        rest = np.delete(group.members, part)
        return [
            Group(members=chosen, gap=gap, bound=bound),
            Group(members=rest, gap=group.gap - gap, bound=group.bound + bound),
        ]

    def look(self, members: Positions, codes: Vector) -> tuple[float, float]:
        """The gap that some entries make under some weights."""
        v = np.zeros(len(self.weights))
        v[members] = self.weights[members] * codes
        return self.measure(v)
