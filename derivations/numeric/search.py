"""The search for the entries that are wrong, each shown to be so by itself."""

from dataclasses import dataclass, field, replace

import numpy as np

from derivations.numeric.directions import random_step
from derivations.numeric.hygiene import Judged, Primal
from derivations.numeric.localize import Search
from derivations.numeric.result import WrongEntry
from derivations.numeric.scene import Finding, Record, Scene
from derivations.numeric.trees import Tree

# Up to so many entries, a gradient that fails is looked at entry by entry.
FEW = 64
SAMPLE = 16
ROUNDS = 3


@dataclass(slots=True, kw_only=True)
class Course:
    """What a check has gathered on its way.

    ``settled``: records of the gradient with the wrong entries put right; ``joint``: no entry is
    wrong by itself, but along entries that are tied the gradient is; ``thrifty``: a check that
    passes keeps within the evaluations that its oracle may cost; ``overdrawn``: it did not.
    """

    primal: Primal
    judged: Judged
    rng: np.random.Generator
    seed: int
    wrong: list[WrongEntry] = field(default_factory=list)
    kinks: list[int] = field(default_factory=list)
    settled: list[Record] = field(default_factory=list)
    unsure: int = 0
    joint: bool = False
    elsewhere: bool = False
    dense: bool = False
    thrifty: bool = True
    overdrawn: bool = False

    @property
    def tree(self) -> Tree:
        return self.primal.tree

    @property
    def breaches(self) -> list[str]:
        return self.primal.breaches + self.judged.breaches

    @property
    def widespread(self) -> bool:
        """Whether so many entries are wrong that one cause may lie behind them."""
        return self.dense or self.tree.size <= FEW


def examine_entry(course: Course, scene: Scene, position: int) -> None:
    """Put one entry among the wrong, the kinks, the unsure, or nowhere."""
    finding, entry, slope = scene.examine(position)
    if finding is Finding.DISAGREES:
        course.wrong.append(entry)
    elif slope.kink:
        course.kinks.append(position)
    elif finding is Finding.UNSURE:
        course.unsure += 1


def search(course: Course, scene: Scene) -> None:
    """Find entries that are wrong beyond doubt."""
    broken = np.flatnonzero(~np.isfinite(scene.g))
    if course.tree.size <= FEW:
        look_at(course, scene, list(range(course.tree.size)))
    elif broken.size:
        look_at(course, scene, [int(position) for position in broken[:SAMPLE]])
    else:
        hunt(course, scene)


def look_at(course: Course, scene: Scene, positions: list[int]) -> None:
    for position in positions:
        examine_entry(course, scene, position)


def hunt(course: Course, scene: Scene) -> None:
    """Group testing, once more with what it found put right, until nothing is left to explain."""
    record = max(scene.records, key=lambda r: abs(r.gap) / r.bound if r.bound else 0.0)
    mended = replace(scene, g=scene.g.copy(), records=[])
    for _ in range(ROUNDS):
        if record.slope.kink or not np.isfinite(record.gap):
            return look_at(course, scene, sorted({*sample(course, scene), *special(scene)}))
        group_test = Search(measure=mended.residual, weights=record.v, rng=course.rng)
        suspects = group_test.run(record.gap, record.bound)
        if group_test.dense:
            course.dense = True
            return look_at(course, scene, sorted({*suspects, *sample(course, scene)}))
        before = len(course.wrong)
        look_at(course, scene, [position for position in suspects if position not in found(course)])
        if len(course.wrong) == before:
            return None
        record = mend(course, mended)
        if record.finding is Finding.AGREES:
            return None
    return None


def found(course: Course) -> set[int]:
    return {course.tree.position(entry.where) for entry in course.wrong}


def mend(course: Course, mended: Scene) -> Record:
    """Put the wrong entries right, and compare along a new direction."""
    for entry in course.wrong:
        mended.g[course.tree.position(entry.where)] = entry.numeric
    v = random_step(mended.natural, course.rng)
    record = mended.quick_record(v)
    course.settled = [*course.settled, record]
    return record


def special(scene: Scene) -> list[int]:
    """Entries that are 0 or tied with another, where they are few: kinks lie there."""
    _, group, counts = np.unique(scene.x, return_inverse=True, return_counts=True)
    places = np.flatnonzero((counts[group] > 1) | (scene.x == 0))
    return [int(place) for place in places] if places.size <= SAMPLE else []


def sample(course: Course, scene: Scene) -> list[int]:
    """The largest entries of every leaf and some random ones."""
    chosen: set[int] = set()
    for part in scene.tree.slices():
        inside = np.abs(scene.g[part])
        chosen.update(part.start + int(i) for i in np.argsort(-inside, kind="stable")[:4])
    chosen.update(int(i) for i in course.rng.integers(0, course.tree.size, SAMPLE))
    return sorted(chosen)
