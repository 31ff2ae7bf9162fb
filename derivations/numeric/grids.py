"""Values of a function at equally spaced points along a line, and what they say of its slope."""

from dataclasses import dataclass

import numpy as np

from derivations.numeric.differences import Slope
from derivations.numeric.noise import PESSIMISM, difference_noise, rounding_floor
from derivations.numeric.stencils import ONE_SIDED, central
from derivations.numeric.trees import Array

REACH = 5  # points on either side of the centre
LAST_STEP = 2.0**-30  # a kink nearer than that counts as at the point
LARGEST_SHRINK = 2.0**-5


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


def sides(grids: list[Grid], hum: float = 0.0) -> tuple[float, float, float]:
    """The slopes to the left and to the right of the point, and the bound of both."""
    found = []
    for grid in grids:
        right, left = grid.values[grid.reach :], grid.values[grid.reach :: -1]
        slopes = [(-(w @ left[: w.size]), w @ right[: w.size]) for w in ONE_SIDED.values()]
        gap = PESSIMISM * np.max(np.abs(np.diff(slopes, axis=0)))
        noise = PESSIMISM**2 * rounding_floor(grid.values) + PESSIMISM * hum
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
        return Slope(value=best.slope, bound=bound, kink=True, sides=(left, right), step=best.step)
    return Slope(
        value=best.slope,
        bound=best.bound,
        # Gaps between rules mean little before the rules converge.
        doubt=PESSIMISM * best.truncation,
        kink=kinked(grids),
        still=best.still,
        noisy=not best.quiet,
        step=best.step,
    )
