"""Slopes of any function along directions, by central differences with steps that adapt."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from derivations.numeric.differences import Slope, Slopes
from derivations.numeric.hygiene import Primal
from derivations.numeric.noise import PESSIMISM, difference_noise, rounding_floor
from derivations.numeric.stencils import ONE_SIDED, central
from derivations.numeric.trees import Array, Vector

REACH = 5  # points on either side of the centre
ENTRY_REACH = 3  # the same for one entry, along which f hardly bends
SHORT_REACH = 2  # the same for a quick look
FIRST_STEP = 2.0**-7
SHORT_STEP = 2.0**-27  # where there is a kink, or no value, not far from the point
LAST_STEP = 2.0**-30  # a kink nearer than that counts as at the point
LARGEST_SHRINK = 2.0**-5
GROWTH = 2.0**3
FARTHEST = 2.0**20
FINE_GRIDS = 3  # steps of 2.0**-17, 2.0**-22 and 2.0**-27


def truncation(values: Array, order: int) -> float:
    """Error of the rule of an order: the widest gap between the two rules below it.

    Taken over as many neighbouring centres as the values allow: at one alone, two rules can agree
    by chance, and a third rule below them is asked.
    """
    sides = (-1, 0, 1) if order > 6 else (0,)
    gaps = [
        abs(central(values, order - 2, centre) - central(values, order - 4, centre))
        for centre in sides
    ]
    if len(sides) == 1:
        gaps.append(PESSIMISM * abs(central(values, order) - central(values, order - 2)))
    return max(gaps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Values of f at equally spaced points along a direction, and what they say.

    Shapes: ``values`` (2 reach + 1,), the point itself in the middle.
    """

    values: Array
    step: float

    @property
    def reach(self) -> int:
        return len(self.values) // 2

    @property
    def finite(self) -> bool:
        return bool(np.all(np.isfinite(self.values)))

    @property
    def slope(self) -> float:
        return central(self.values, 2 * self.reach) / self.step

    @property
    def truncation(self) -> float:
        if not self.finite:
            return np.inf
        return truncation(self.values, 2 * self.reach) / self.step

    @property
    def floor(self) -> float:
        """Error of the slope if f had no more than the rounding of its result."""
        return rounding_floor(self.values) / self.step

    @property
    def noise(self) -> float:
        """Error of the slope that the noise of f makes."""
        if not self.finite:
            return np.inf
        return PESSIMISM * max(difference_noise(self.values) / self.step, self.floor)

    @property
    def suiting(self) -> float:
        """The factor on the step that may suit the full reach, from how two short rules differ.

        Where f has derivatives that grow like powers of c, the rules differ by (c h)^2 / 6 of the
        slope, and the last two rules of the full reach by (c h)^6 / 140.
        """
        size = float(np.max(np.abs(self.values - self.values[self.reach]))) / self.reach
        gap = abs(central(self.values, 4) - central(self.values, 2))
        if not np.isfinite(size + gap) or not size or not gap:
            return 1.0
        due = (140 * self.floor * self.step / size / PESSIMISM**2) ** (1 / 6)
        return whole_power((due / np.sqrt(6 * gap / size)) ** (6 / 7), 1.0)

    @property
    def bend(self) -> float:
        """Difference of the slopes on the two sides of the point."""
        left, middle, right = self.values[self.reach - 1 : self.reach + 2]
        return float(right - 2 * middle + left) / self.step

    @property
    def still(self) -> bool:
        return bool(np.all(self.values == self.values[0]))

    @property
    def quiet(self) -> bool:
        """Whether f has no more noise than its rounding makes."""
        return self.noise <= PESSIMISM**2 * self.floor

    @property
    def bound(self) -> float:
        return self.truncation + self.noise

    @property
    def vain(self) -> bool:
        """Whether the points tell nothing of the slope."""
        return not PESSIMISM * self.bound <= abs(self.slope)

    @property
    def shrink(self) -> float:
        """The factor on the step that would bring truncation down to the rounding of f."""
        if not self.finite or not self.floor:
            return LARGEST_SHRINK
        return whole_power((self.floor / self.bound) ** (1 / 7), 0.5)


def whole_power(factor: float, most: float) -> float:
    """A power of two near a factor, so that grids share points."""
    return float(np.clip(2.0 ** np.round(np.log2(factor)), LARGEST_SHRINK, most))


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
            return Slope(value=0.0, bound=PESSIMISM * grid.floor, still=True)
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

    def both_sides(self, x: Vector, v: Vector) -> tuple[float, float, float]:
        """The slopes to the left and to the right of the point, and the bound of both."""
        return sides(self.adapt(x, v, 4 * FIRST_STEP))

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


def sides(grids: list[Grid]) -> tuple[float, float, float]:
    """The slopes to the left and to the right of the point, and the bound of both."""
    found = []
    for grid in grids:
        right, left = grid.values[grid.reach :], grid.values[grid.reach :: -1]
        slopes = [(-(w @ left[: w.size]), w @ right[: w.size]) for w in ONE_SIDED.values()]
        gap = PESSIMISM * np.max(np.abs(np.diff(slopes, axis=0)))
        noise = PESSIMISM**2 * rounding_floor(grid.values)
        found.append((*(np.array(slopes[-1]) / grid.step), (gap + noise) / grid.step))
    left_slope, right_slope, bound = min(found, key=lambda sides: sides[2])
    return float(left_slope), float(right_slope), float(bound)


def settled(grids: list[Grid]) -> bool:
    """Whether a smaller step would tell no more than the last grid."""
    last = grids[-1]
    if last.step <= LAST_STEP or last.still:
        return True
    if not last.finite:
        return False
    best = min(grid.bound for grid in grids)
    if PESSIMISM * last.floor >= best:
        return True
    # Half the step has twice the noise: it is worth its evaluations if it halves the bound.
    if last.bound > 2 * (2 * last.noise):
        return False
    return last.quiet or noisy(grids)


def telling(grids: list[Grid]) -> bool:
    """Whether the bound of the best grid leaves little open."""
    best = min(grids, key=lambda grid: grid.bound)
    return bool(PESSIMISM**3 * best.bound <= abs(best.slope))


def noisy(grids: list[Grid]) -> bool:
    """Whether the error grew with the shrinking step, as that of noise does."""
    if len(grids) == 1:
        return False
    before, last = grids[-2:]
    return bool(last.noise > before.noise * np.sqrt(before.step / last.step))


def kinked(grids: list[Grid]) -> bool:
    """Whether the slopes on the two sides stay apart while the step shrinks.

    Their difference is proportional to the step where f is smooth, and to its inverse where it is
    noise.
    """
    if len(grids) == 1 or not grids[-2].finite:
        return False
    before, last = grids[-2:]
    middle = np.sqrt(last.step / before.step)
    return bool(
        abs(last.bend) > PESSIMISM * last.floor
        and middle * abs(before.bend) < abs(last.bend) < abs(before.bend) / middle
    )


def read(grids: list[Grid]) -> Slope:
    """The slope of the best grid; a kink where the two sides differ down to the last grid."""
    best = min(grids, key=lambda grid: grid.bound)
    if not best.finite:
        return Slope(value=np.nan, bound=np.inf)
    if kinked(grids) and best.reach == REACH:
        left, right, bound = sides(grids)
        return Slope(value=best.slope, bound=bound, kink=True, sides=(left, right))
    return Slope(
        value=best.slope,
        bound=best.bound,
        # Gaps between rules mean little before the rules converge.
        doubt=PESSIMISM * best.truncation,
        kink=kinked(grids),
        still=best.still,
        noisy=not best.quiet,
    )
