"""One point with its gradient and its oracle: directions are compared here, entries shown wrong."""

from dataclasses import dataclass, field, replace
from enum import Enum, auto

import numpy as np

from derivations.numeric.central import ENTRY_REACH, CentralDifferences
from derivations.numeric.differences import Oracle, Slope
from derivations.numeric.directions import SIGN_FACTOR, norm, random_step
from derivations.numeric.hygiene import Judged
from derivations.numeric.noise import (
    PESSIMISM,
    gradient_noise,
    gradient_reach,
    gradient_wobble,
    leaf_rounding,
    leaf_tops,
    single_rounding,
)
from derivations.numeric.result import WrongEntry
from derivations.numeric.trees import Tree, Vector

# How often a rounding is measured again before a difference is laid to the gradient.
CAREFUL_MOVES = 6
FAR_SMALLER = 2.0**-7
FINEST = 2.0**-8  # part of a step by which f is followed at least


def root_sum_of_squares(noise: Vector, norms: Vector) -> float:
    """The Euclidean norm of the products, of any size; nothing is added where there is no noise.

    Shapes: both one number a leaf.
    """
    parts = np.where(noise > 0, noise * norms, 0.0)
    largest = float(np.max(parts))
    if not largest or not np.isfinite(largest):
        return largest
    return float(largest * np.linalg.norm(parts / largest))


class Finding(Enum):
    """What one comparison says."""

    AGREES = auto()
    UNSURE = auto()
    DISAGREES = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The slope of f along a direction beside the projection of the gradient on it.

    ``shares``: the projection array by array.

    ``bound`` certifies; ``excuse`` is wider, and only a gap beyond it is held against the gradient.
    """

    x: Vector
    v: Vector
    slope: Slope
    shares: Vector
    bound: float
    excuse: float

    @property
    def projection(self) -> float:
        return float(np.sum(self.shares))

    @property
    def gap(self) -> float:
        return self.slope.value - self.projection

    def membership(self, left: float, right: float) -> Finding:
        """Whether the projection lies between the two slopes of a function of one number."""
        low, high = min(left, right), max(left, right)
        outside = max(low - self.projection, self.projection - high)
        if outside <= self.bound:
            return Finding.AGREES
        return Finding.DISAGREES if outside > self.excuse else Finding.UNSURE

    @property
    def finding(self) -> Finding:
        if self.slope.sides is not None and self.v.size == 1:
            return self.membership(*self.slope.sides)
        if self.slope.kink or not np.isfinite(self.bound):
            return Finding.UNSURE
        if not np.isfinite(self.gap):
            wrong = np.isfinite(self.slope.value)
            return Finding.DISAGREES if wrong else Finding.UNSURE
        if abs(self.gap) <= self.bound:
            return Finding.AGREES
        return Finding.DISAGREES if abs(self.gap) > self.excuse else Finding.UNSURE


@dataclass(slots=True, kw_only=True)
class Scene:
    """A point, the gradient there, and all that judges it.

    Shapes: ``x``, ``g``, ``natural`` (P,); ``sizes``, ``noise``, ``excuse`` one number a leaf.
    """

    tree: Tree
    judged: Judged
    oracle: Oracle
    x: Vector
    g: Vector
    sizes: Vector
    noise: Vector
    rng: np.random.Generator
    excuse: Vector | None = None
    records: list[Record] = field(default_factory=list)
    spread_sizes: Vector | None = None
    hum: float | None = None  # noise of f beyond its rounding, once it is asked for

    @property
    def natural(self) -> Vector:
        """The size of its leaf for each entry; a check that passes does without."""
        if self.spread_sizes is None:
            self.spread_sizes = self.tree.spread(self.sizes)
        return self.spread_sizes

    def compare(self, v: Vector) -> None:
        """Keep the record of one direction."""
        self.records.append(self.record(v, self.oracle.slope(self.x, v)))

    def record(self, v: Vector, slope: Slope) -> Record:
        """Bounds for the difference of a slope and the projection on its direction.

        The signs of ``v`` are random, so the rounding of P entries adds up as their root sum of
        squares; once for the gradient, once for the slope, which rounds as much.
        """
        norms = np.array([norm(v[part]) for part in self.tree.slices()])
        excuse = self.noise if self.excuse is None else self.excuse
        roundoff = 2 * SIGN_FACTOR * root_sum_of_squares(self.noise, norms)
        wide = 2 * SIGN_FACTOR * root_sum_of_squares(excuse, norms)
        return Record(
            x=self.x,
            v=v,
            slope=slope,
            shares=np.array([np.dot(self.g[part], v[part]) for part in self.tree.slices()]),
            bound=slope.bound + roundoff,
            excuse=slope.bound + slope.doubt + wide,
        )

    def entry_record(self, position: int, v: Vector, slope: Slope) -> Record:
        """The record of a direction that moves one entry, with no sum over the others."""
        leaf = int(np.searchsorted(self.tree.starts, position, side="right")) - 1
        excuse = self.noise if self.excuse is None else self.excuse
        step = 2 * SIGN_FACTOR * abs(float(v[position]))
        return Record(
            x=self.x,
            v=v,
            slope=slope,
            shares=self.g[position : position + 1] * v[position],
            bound=slope.bound + step * float(self.noise[leaf]),
            excuse=slope.bound + slope.doubt + step * float(excuse[leaf]),
        )

    def look_again(self) -> None:
        """Measure the rounding of the gradient with care, before anything is held against it."""
        if self.excuse is not None:
            return
        self.ask_again()
        moved = gradient_noise(self.judged, self.x, self.g, self.rng, moves=CAREFUL_MOVES)
        reach = gradient_reach(self.judged, self.x, self.g)
        floor = PESSIMISM * leaf_rounding(self.tree, reach)
        steps = random_step(self.natural, self.rng)
        wobble = gradient_wobble(self.judged, self.x, steps, reach)
        single = single_rounding(self.judged, self.x, self.g, steps, reach)
        seen = PESSIMISM * np.max([moved, self.noise, wobble], axis=0)
        self.excuse = np.max([seen, floor, single], axis=0)
        self.records = [self.record(record.v, record.slope) for record in self.records]

    def ask_again(self) -> None:
        """The gradient at the same point once more: other calls have been made since."""
        again = self.judged.at(self.x)
        floor = PESSIMISM * leaf_rounding(self.tree, leaf_tops(self.tree, self.g))
        if again is not None and np.any(leaf_tops(self.tree, again - self.g) > floor):
            self.judged.breach("gradient: two calls at the same point differ")

    @property
    def finding(self) -> Finding:
        """The worst finding of all directions; a measurement of its rounding comes first."""
        if any(record.finding is not Finding.AGREES for record in self.records):
            self.look_again()
        return max((record.finding for record in self.records), key=lambda finding: finding.value)

    def unit(self, position: int) -> Vector:
        """The direction that moves one entry."""
        v = np.zeros(self.tree.size)
        v[position] = self.natural[position]
        return v

    def examine(self, position: int) -> tuple[Finding, WrongEntry, Slope]:
        """One entry under the sharpest slope there is."""
        self.look_again()
        v = self.unit(position)
        slope = self.oracle.glance(self.x, v)
        if self.entry_record(position, v, slope).finding is not Finding.DISAGREES:
            slope = self.oracle.sharp_slope(self.x, v, slope)
        record = self.entry_record(position, v, slope)
        if record.finding is Finding.DISAGREES:
            v, slope = self.closer(position, v, slope)
            record = self.entry_record(position, v, slope)
        if record.finding is Finding.DISAGREES:
            slope = self.with_hum(v, self.finer(position, v, slope))
            record = self.entry_record(position, v, slope)
        scale = v[position]
        entry = WrongEntry(
            where=self.tree.where(position),
            analytic=float(self.g[position]),
            numeric=float(slope.value / scale),
            bound=float(record.excuse / scale),
        )
        return record.finding, entry, slope

    def closer(self, position: int, v: Vector, slope: Slope) -> tuple[Vector, Slope]:
        """A far smaller step with its slope, if the entry's size or its own slope ask for one.

        In steps that suit its neighbours f may turn so often that its values look like noise.  A
        slope that is right takes f no further than its size in a step of the size over the slope.
        """
        size, steepness = abs(self.oracle.primal.value(self.x.copy())), abs(self.g[position])
        asked = [abs(self.x[position]), size / steepness if steepness else 0.0]
        own = float(min((step for step in asked if step), default=np.inf))
        if not own < FAR_SMALLER * self.natural[position]:
            return v, slope
        near = np.zeros(self.tree.size)
        near[position] = 2.0 ** np.floor(np.log2(own))  # so that x moves by just that
        seen = self.oracle.sharp_slope(self.x, near, self.oracle.glance(self.x, near))
        return near, self.with_room(position, seen, near[position])

    def finer(self, position: int, v: Vector, slope: Slope) -> Slope:
        """The slope in steps that show what a noise of f is made of, if it is none.

        A function with many steep steps passes for a noisy one between them.
        """
        if not slope.noisy or not isinstance(self.oracle, CentralDifferences):
            return slope
        return self.with_room(position, self.oracle.fine_slope(self.x, v, slope), v[position])

    @property
    def humming(self) -> float:
        """The noise of f beyond its rounding; asked for before anything is held against a gradient.

        Whether f has any is no matter of the direction, but a few values along one entry, evenly
        spaced, may not show it: those of a function that rounds its result, or works in float32.
        """
        if self.hum is None:
            oracle = self.oracle
            self.hum = 0.0
            if isinstance(oracle, CentralDifferences):
                self.hum = oracle.hum(self.x, random_step(self.natural, self.rng))
        return self.hum

    def with_hum(self, v: Vector, slope: Slope) -> Slope:
        """A slope with room for the noise of f, which may come from other entries alone."""
        if not self.humming or not isinstance(self.oracle, CentralDifferences):
            return slope
        own = self.oracle.ray(self.x, v, ENTRY_REACH * slope.step)
        noise = self.humming if own is None else own
        return replace(slope, bound=slope.bound + PESSIMISM * noise / slope.step)

    def with_room(self, position: int, slope: Slope, step: float) -> Slope:
        """A slope with room for the rounding of x, and of what f makes of it first.

        It may follow a small step like a slope.
        """
        unseen = np.spacing(abs(self.x[position])) / (step * FINEST)
        room = PESSIMISM * unseen * abs(slope.value)
        return replace(slope, bound=float(slope.bound + room))

    def quick_record(self, v: Vector) -> Record:
        """The record of one direction with the fewest evaluations."""
        return self.record(v, self.oracle.quick_slope(self.x, v))

    def residual(self, v: Vector) -> tuple[float, float]:
        """The gap along a direction, with its bound."""
        record = self.quick_record(v)
        return record.gap, record.bound
