"""Slopes of any function along directions, by central differences with steps that adapt."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from derivations.numeric.differences import Slope, Slopes
from derivations.numeric.grids import (
    LARGEST_SHRINK,
    REACH,
    Grid,
    kinked,
    read,
    settled,
    sides,
    telling,
)
from derivations.numeric.hygiene import Primal
from derivations.numeric.noise import PESSIMISM, RAY, ray_noise
from derivations.numeric.stencils import central
from derivations.numeric.trees import Array, Vector

ENTRY_REACH = 3  # points on either side for one entry, along which f hardly bends
SHORT_REACH = 2  # the same for a quick look
FIRST_STEP = 2.0**-7
SHORT_STEP = 2.0**-27  # where there is a kink, or no value, not far from the point
GROWTH = 2.0**3
FARTHEST = 2.0**20
FINE_GRIDS = 3  # steps of 2.0**-17, 2.0**-22 and 2.0**-27
RAY_STEP = 2.0**-22


@dataclass(slots=True, kw_only=True)
class CentralDifferences:
    """The blunt oracle, for any function."""

    primal: Primal
    step: float = FIRST_STEP
    probed: bool = False
    short_error: float = 0.0
    last_noise: float = 0.0
    centre: tuple[Vector, float] | None = None
    name: str = "central differences"
    thrifty: bool = True
    here: ClassVar[int] = 2 * REACH
    elsewhere: ClassVar[int] = 2 * REACH + 1
    most: ClassVar[int] = 40

    def glance(self, x: Vector, v: Vector) -> Slope:
        """One slope from six points."""
        return read([self.grid(x, v, FIRST_STEP, entry_reach(v), {})])

    def rest(self, x: Vector, v: Vector) -> Slope:
        """One slope where f is thought to stand still, from four points if it does."""
        known: dict[float, float] = {}
        grid = self.grid(x, v, FIRST_STEP, SHORT_REACH, known)
        if grid.still:
            return Slope(value=0.0, bound=PESSIMISM * grid.floor, still=True, step=grid.step)
        return read([self.grid(x, v, FIRST_STEP, entry_reach(v), known)])

    def entry_slopes(self, x: Vector, positions: range, steps: Vector) -> Slopes:
        """The slopes along single entries, each in its own of all ``steps``."""
        found = []
        for position in positions:
            v = np.zeros_like(x)
            v[position] = steps[position]
            found.append(self.glance(x, v))
        return Slopes(
            values=np.array([slope.value for slope in found]),
            bounds=np.array([slope.bound for slope in found]),
            kinks=np.array([slope.kink for slope in found]),
        )

    def sharp_slope(self, x: Vector, v: Vector, seen: Slope) -> Slope:
        """One slope with the step that suits its own direction."""
        return read(self.adapt(x, v, 4 * FIRST_STEP, entry_reach(v)))

    def far_slope(self, x: Vector, v: Vector) -> Slope:
        """One slope with steps that grow until it stands out from the noise.

        For arrays on which f hardly depends: what their entries do is soon lost in its rounding.
        Steps beyond the first that show a slope are not tried, nor trusted: f may be flat there.
        """
        known: dict[float, float] = {}
        first = grid = self.grid(x, v, FIRST_STEP, REACH, known)
        while PESSIMISM * grid.bound > abs(grid.slope) and grid.truncation <= grid.noise:
            if grid.step > FARTHEST or (self.thrifty and self.short):
                return read([first])
            grid = self.grid(x, v, GROWTH * grid.step, REACH, known)
        return read([grid if PESSIMISM * grid.bound <= abs(grid.slope) else first])

    def visible(self, share: float) -> float:
        """The factor on a step that lifts its share of a slope out of the noise; 0 if none does."""
        due = PESSIMISM * self.last_noise * self.step / FIRST_STEP
        factor = 2.0 ** np.ceil(np.log2(max(due / share, 1.0))) if share else np.inf
        return float(factor) if factor <= FARTHEST else 0.0

    def fine_slope(self, x: Vector, v: Vector, seen: Slope) -> Slope:
        """The slope in steps so small that what seemed noise is gone; the one seen if it stays.

        Noise that stays where it is grows with the inverse of the step.
        """
        known: dict[float, float] = {}
        steps = FIRST_STEP * LARGEST_SHRINK ** np.arange(2, FINE_GRIDS + 2)
        grids = [self.grid(x, v, float(step), ENTRY_REACH, known) for step in steps]
        better = [grid for grid in grids if grid.bound < seen.bound and not grid.still]
        return read([min(better, key=lambda grid: grid.bound)]) if better else seen

    def hum(self, x: Vector, v: Vector) -> float:
        """Noise of f beyond its rounding, on the shortest ray from a point along which f moves."""
        step = RAY_STEP
        while step <= FARTHEST:
            noise = self.ray(x, v, step)
            if noise is not None:
                return noise
            step /= LARGEST_SHRINK
        return 0.0

    def ray(self, x: Vector, v: Vector, length: float) -> float | None:
        """Noise of f beyond its rounding, to one side of a point; None where f stands still."""
        values = self.primal.values_along(x, v, length * RAY)
        return ray_noise(values) if np.any(values != values[0]) else None

    def both_sides(self, x: Vector, v: Vector, hum: float) -> tuple[float, float, float]:
        """The slopes to the left and to the right of the point, and the bound of both."""
        return sides(self.adapt(x, v, 4 * FIRST_STEP), hum)

    def slope(self, x: Vector, v: Vector) -> Slope:
        """A slope with the step that the directions before this one settled on."""
        if not np.isfinite(self.value(x)):
            return Slope(value=np.nan, bound=np.inf)
        grids = self.adapt(x, v, self.step, probe=not self.probed, thrifty=self.thrifty)
        self.probed = True
        found = read(grids)
        if found.kink:
            return found
        best = min(grids, key=lambda grid: grid.bound)
        self.step = best.step
        self.short_error = abs(central(best.values, 4) / best.step - best.slope)
        self.last_noise = best.noise
        return found

    def quick_slope(self, x: Vector, v: Vector) -> Slope:
        """One slope from four points; its error is that of four points on the last full grid.

        Its truncation falls with the fourth power of the step, its rounding grows with the
        inverse; the step is where they balance.
        """
        truncation = PESSIMISM * self.short_error + np.finfo(float).tiny
        share = float(np.clip((self.last_noise / truncation / 4) ** (1 / 5), 1 / 16, 1.0))
        bound = truncation * share**4 + self.last_noise / share
        values = self.line(x, v, share * self.step, SHORT_REACH, {})
        slope = central(values, 4) / (share * self.step)
        return Slope(value=slope, bound=bound if np.isfinite(slope) else np.inf)

    def adapt(
        self,
        x: Vector,
        v: Vector,
        step: float,
        reach: int = REACH,
        probe: bool = False,
        thrifty: bool = False,
    ) -> list[Grid]:
        """Grids of ever smaller steps, until truncation falls below the noise of f.

        ``probe``: four points are looked at before the step of the first grid is settled;
        ``thrifty``: where the slope is told well enough, another grid must leave the means for a
        direction at a second point.
        """
        known: dict[float, float] = {}
        look = self.grid(x, v, step, SHORT_REACH, known) if probe else None
        step *= look.suiting if look else 1.0
        grids = [self.grid(x, v, step, reach, known)] if look is None or look.finite else []
        if thrifty and not self.short and all(grid.vain for grid in grids):
            leap = self.grid(x, v, SHORT_STEP, reach, known)
            if telling([leap]) and not kinked([*grids, leap]):
                return [leap]
        grids = grids or [self.grid(x, v, step, reach, known)]
        while not settled(grids) and not (thrifty and self.short and telling(grids)):
            step *= grids[-1].shrink
            grids.append(self.grid(x, v, step, reach, known))
        return grids

    @property
    def short(self) -> bool:
        """Whether a check that may still pass has no evaluations left for another grid."""
        used = self.primal.evaluations
        return used <= self.most < used + self.here + self.elsewhere

    def grid(
        self, x: Vector, v: Vector, step: float, reach: int, known: dict[float, float]
    ) -> Grid:
        return Grid(values=self.line(x, v, step, reach, known), step=step)

    def value(self, x: Vector) -> float:
        """The value of f at the centre of all lines, asked for once."""
        if self.centre is None or self.centre[0] is not x:
            self.centre = (x, self.primal.value(x.copy()))
        return self.centre[1]

    def line(
        self, x: Vector, v: Vector, step: float, reach: int, known: dict[float, float]
    ) -> Array:
        """Values at 2 reach + 1 points; ``known`` are those along this direction by their place."""
        known[0.0] = self.value(x)
        places = [j * step for j in range(-reach, reach + 1)]
        new = [place for place in places if place not in known]
        values = self.primal.values_along(x, v, new)
        known.update(zip(new, values.tolist(), strict=True))
        return np.array([known[place] for place in places])


def entry_reach(v: Vector) -> int:
    """A function of one number gets the long reach, for the sides of a kink."""
    return ENTRY_REACH if v.size > 1 else REACH
