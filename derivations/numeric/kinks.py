"""Kinks at the point: which subgradients a function has there, where its shape can be told.

Near the point f may be smooth but for terms c abs(n . (x' - x)), each over entries of its own: a
ReLU at 0, an absolute value, a tie of two in a maximum.  Then every subgradient is the mean of
the slopes on the two sides plus t c n, with one t in [-1, 1] for each term.  That f has this
shape is shown by its slopes along pairs of entries, along random directions, and along those that
leave every term as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from derivations.numeric.central import CentralDifferences
from derivations.numeric.differences import Slope
from derivations.numeric.directions import random_step, random_weights
from derivations.numeric.noise import PESSIMISM, gradient_reach, leaf_eps, leaf_rounding
from derivations.numeric.result import WrongEntry
from derivations.numeric.scene import Record, Scene
from derivations.numeric.trees import Vector

MOST = 12  # kinked entries at a time
DIRECTIONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The slopes to the left and to the right along a direction, and the bound of both."""

    left: float
    right: float
    bound: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    @property
    def half_bend(self) -> float:
        return (self.right - self.left) / 2

    @property
    def shown(self) -> bool:
        """Whether the two sides differ by far more than what is not known of them."""
        return abs(self.half_bend) > PESSIMISM * self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """c abs(n . (x' - x)): ``weights`` has c n at ``positions``; ``sign`` is that of c.

    Units: ``weights`` and ``bounds`` as the slope along the step of each entry.
    """

    positions: list[int]
    middles: Vector
    weights: Vector
    bounds: Vector
    sign: float

    def bend(self, steps: Vector) -> float:
        """Half the difference of the slopes on the two sides, for steps of the entries."""
        return self.sign * abs(float(self.weights @ steps))

    def place(self, g: Vector) -> tuple[float, Vector]:
        """The t in [-1, 1] that most entries agree on, and by how far each entry of g misses.

        Shapes: ``g`` and the misses as ``positions``, in units of slopes.
        The sum of absolute misses is smallest at the t of some entry, and a wrong one among right
        ones does not move it.
        """
        away = g - self.middles
        candidates = np.clip(away / self.weights, -1, 1)
        misses = away - candidates[:, None] * self.weights
        best = int(np.argmin(np.sum(np.abs(misses), axis=1)))
        return float(candidates[best]), misses[best]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgradients:
    """How the gradient stands to the subgradients at the point.

    ``records``: random directions with the kinks accounted for; ``wrong``: entries that no
    subgradient has.
    """

    records: list[Record]
    wrong: list[WrongEntry]


def calm(scene: Scene) -> None:
    """Take a jump of the gradient, at a kink of f, out of what is held to be its rounding."""
    reach = gradient_reach(scene.judged, scene.x, scene.g)
    floor = leaf_rounding(scene.tree, reach)
    jump = np.sqrt(leaf_eps(scene.tree)) * reach  # no rounding costs half of the digits
    scene.noise = np.where(scene.noise < jump, scene.noise, floor)
    excuse = scene.noise if scene.excuse is None else scene.excuse
    scene.excuse = np.where(excuse < PESSIMISM * jump, excuse, PESSIMISM * floor)


def along_stratum(scene: Scene) -> Record:
    """A direction in which zeros stay and equal entries move together.

    f is smooth there if its kinks are zeros and ties, and then every subgradient has the same
    projection.
    """
    values, first, group = np.unique(scene.x, return_index=True, return_inverse=True)
    weights = random_weights(values.size, scene.rng) * scene.natural[first]
    weights[values == 0] = 0
    v = weights[group]
    return scene.record(v, scene.with_hum(v, scene.oracle.slope(scene.x, v)))


def judge_kinks(scene: Scene, positions: list[int]) -> Subgradients | None:
    """The gradient beside the subgradients at the point; None where the shape cannot be told."""
    oracle = scene.oracle
    if not isinstance(oracle, CentralDifferences) or not 0 < len(positions) <= MOST:
        return None
    alone = {i: look(oracle, scene, {i: 1.0}) for i in positions}
    if not all(s.shown for s in alone.values()):
        return None
    terms = group(oracle, scene, alone)
    if terms is None:
        return None
    if not all(fits(scene, terms, v, sides_of(oracle, scene, v)) for v in flat(scene, terms)):
        return None
    directions = [random_step(scene.natural, scene.rng) for _ in range(DIRECTIONS)]
    seen = [sides_of(oracle, scene, v) for v in directions]
    if not all(fits(scene, terms, v, s) for v, s in zip(directions, seen, strict=True)):
        return None
    records = [smooth_record(scene, terms, v, s) for v, s in zip(directions, seen, strict=True)]
    return Subgradients(records=records, wrong=misplaced(scene, terms))


def look(oracle: CentralDifferences, scene: Scene, steps: dict[int, float]) -> Sides:
    """The slopes along a few entries, in their natural steps."""
    v = np.zeros(scene.tree.size)
    for position, step in steps.items():
        v[position] = step * scene.natural[position]
    return sides_of(oracle, scene, v)


def sides_of(oracle: CentralDifferences, scene: Scene, v: Vector) -> Sides:
    left, right, bound = oracle.both_sides(scene.x, v, scene.humming)
    return Sides(left=left, right=right, bound=bound)


def group(oracle: CentralDifferences, scene: Scene, alone: dict[int, Sides]) -> list[Term] | None:
    """The kinked entries in groups that share a term; None where two fit no such picture."""
    groups: list[dict[int, float]] = []  # position -> sign of its weight in the group
    for i, mine in alone.items():
        joined = []
        for members in groups:
            first = next(iter(members))
            sign = relation(oracle, scene, {first: alone[first], i: mine})
            if sign is None:
                return None
            if sign:
                joined.append((members, sign))
        if len(joined) > 1:
            return None
        if joined:
            members, sign = joined[0]
            members[i] = sign
        else:
            groups.append({i: 1.0})
    return [term(members, alone) for members in groups]


def relation(oracle: CentralDifferences, scene: Scene, pair: dict[int, Sides]) -> float | None:
    """1 or -1 for two entries of one term, 0 for two of different terms, None for neither."""
    (i, one), (j, other) = pair.items()
    bends = [one.half_bend, other.half_bend]
    together = look(oracle, scene, {i: 1.0, j: 1.0})
    apart = look(oracle, scene, {i: 1.0, j: -1.0})
    slack = PESSIMISM * (one.bound + other.bound + together.bound + apart.bound)
    if min(map(abs, bends)) <= slack:
        return None
    whole = [abs(s.half_bend - sum(bends)) <= slack for s in (together, apart)]
    if all(whole):
        return 0.0
    left = abs(bends[0] - bends[1])
    less = [abs(abs(s.half_bend) - left) <= slack for s in (together, apart)]
    if bends[0] * bends[1] > 0 and whole[0] and less[1]:
        return 1.0
    return -1.0 if bends[0] * bends[1] > 0 and whole[1] and less[0] else None


def term(members: dict[int, float], alone: dict[int, Sides]) -> Term:
    sides = [alone[i] for i in members]
    signs = np.array(list(members.values()))
    return Term(
        positions=list(members),
        middles=np.array([s.middle for s in sides]),
        weights=signs * np.array([abs(s.half_bend) for s in sides]),
        bounds=np.array([s.bound for s in sides]),
        sign=float(np.sign(sides[0].half_bend)),
    )


def steps_of(scene: Scene, positions: list[int], v: Vector) -> Vector:
    """A direction in units of the natural steps of some entries."""
    return np.array([v[i] / scene.natural[i] for i in positions])


def flat(scene: Scene, terms: list[Term]) -> Iterator[Vector]:
    """Random directions along which no term changes: a second term over the same entries does."""
    for _ in range(DIRECTIONS):
        v = random_step(scene.natural, scene.rng)
        for t in terms:
            steps = steps_of(scene, t.positions, v)
            away = (t.weights @ steps) / (t.weights @ t.weights) * t.weights
            v[t.positions] = scene.natural[t.positions] * (steps - away)
        yield v


def fits(scene: Scene, terms: list[Term], v: Vector, seen: Sides) -> bool:
    """Whether the terms explain how the slopes on the two sides of a direction differ."""
    due = sum(t.bend(steps_of(scene, t.positions, v)) for t in terms)
    return bool(abs(seen.half_bend - due) <= seen.bound + spread(scene, terms, v))


def spread(scene: Scene, terms: list[Term], v: Vector) -> float:
    """How far off the terms may be along a direction."""
    return float(sum(t.bounds @ np.abs(steps_of(scene, t.positions, v)) for t in terms))


def smooth_record(scene: Scene, terms: list[Term], v: Vector, seen: Sides) -> Record:
    """The record of a direction with the kinked entries' own part of the slope put in by place."""
    value = seen.middle
    for t in terms:
        steps = steps_of(scene, t.positions, v)
        place, _ = t.place(scale(scene, t))
        value += place * float(t.weights @ steps)
    bound = seen.bound + 2 * spread(scene, terms, v)
    return scene.record(v, Slope(value=value, bound=bound))


def scale(scene: Scene, t: Term) -> Vector:
    """The gradient at a term's entries, as slopes along their natural steps."""
    return np.array([scene.g[i] * scene.natural[i] for i in t.positions])


def misplaced(scene: Scene, terms: list[Term]) -> list[WrongEntry]:
    """The entries of the gradient that no subgradient has; the nearest is put beside them."""
    found = []
    for t in terms:
        _, misses = t.place(scale(scene, t))
        for i, miss in zip(t.positions, misses, strict=True):
            room = scene.entry_record(i, scene.unit(i), Slope(value=0.0, bound=0.0)).excuse
            room += PESSIMISM * float(np.max(t.bounds))
            if abs(miss) > room:
                step = float(scene.natural[i])
                found.append(
                    WrongEntry(
                        where=scene.tree.where(i),
                        analytic=float(scene.g[i]),
                        numeric=float(scene.g[i] - miss / step),
                        bound=float(room) / step,
                    )
                )
    return found
