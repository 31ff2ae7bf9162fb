"""Slopes of a function along directions, by complex step where f proves to be analytic."""

from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from derivations.numeric.hygiene import Primal
from derivations.numeric.noise import PESSIMISM
from derivations.numeric.stencils import bend, central
from derivations.numeric.trees import Array, Vector

EPS = float(np.finfo(np.float64).eps)
# Small enough for its square to vanish beside 1, large enough to stay clear of underflow.
COMPLEX_STEP = 2.0**-70
LONGEST_COMPLEX_STEP = 2.0**-27  # whose square is still no more than rounding
SMALLEST = float(np.finfo(np.float64).tiny) / EPS
# Steps in which f is followed on the real line, at first, and where it is not smooth so far off.
RADIUS = 2.0**-9
SHORT_RADIUS = 2.0**-24
ENTRY_RADII = (2.0**-2, 2.0**-5)  # one entry can be moved far
REACHES = (2, 3, 4)  # points on either side: each more raises the stencil's order by two
POINTS = 24  # on all lines together, where nobody counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """A directional derivative: ``bound`` covers truncation and the noise of f.

    ``doubt`` is how far off the rule itself may be: it excuses a difference of that size, and
    certifies nothing.  ``kink`` says that the slopes on the two sides differ.
    """

    value: float
    bound: float
    doubt: float = 0.0
    kink: bool = False
    sides: tuple[float, float] | None = None  # the slopes left and right of a kink
    still: bool = False  # f took the very same value at every point
    noisy: bool = False  # f jumped by more than its rounding, for one reason or another
    step: float = 0.0  # between the points that it was told from, where there were some


@dataclass(frozen=True, slots=True, kw_only=True)
class Slopes:
    """The slopes along several entries, each by itself.

    Shapes: all (number of entries,).
    """

    values: Vector
    bounds: Vector
    kinks: Array


class Oracle(Protocol):
    """A source of slopes.

    ``here`` and ``elsewhere``: the evaluations that a direction costs, at the first point and at
    another; ``most``: those that a check which passes costs at most.
    """

    name: str
    primal: Primal
    here: ClassVar[int]
    elsewhere: ClassVar[int]
    most: ClassVar[int]

    def slope(self, x: Vector, v: Vector) -> Slope: ...

    def glance(self, x: Vector, v: Vector) -> Slope: ...

    def sharp_slope(self, x: Vector, v: Vector, seen: Slope) -> Slope: ...

    def quick_slope(self, x: Vector, v: Vector) -> Slope: ...

    def entry_slopes(self, x: Vector, positions: range, steps: Vector) -> Slopes: ...


def imaginary_steps(sizes: npt.ArrayLike) -> Vector:
    """How far to go beside x along directions whose largest entries have some sizes.

    Far less than f takes to bend, which it does over the sizes of its own entries: a step that
    suits the largest of them bends what is small beside it.  But what is added is no number so
    small that its last digits are gone.
    """
    least = np.divide(SMALLEST, sizes, out=np.zeros(np.shape(sizes)), where=np.asarray(sizes) > 0)
    return np.clip(least, COMPLEX_STEP, LONGEST_COMPLEX_STEP)


def complex_slope(primal: Primal, x: Vector, v: Vector) -> float:
    """The slope from the imaginary part of f a tiny imaginary step away; nan where f takes none.

    Source: Squire and Trapp, SIAM Review 40 (1998).
    """
    step = float(imaginary_steps(largest(v)))
    values = primal.complex_values([primal.imaginary_point(x, v, step)])
    return np.nan if values is None else float(values.imag[0] / step)


def largest(v: Vector) -> float:
    """The largest absolute entry, with no copy of all of them."""
    return float(max(v.max(initial=0.0), -v.min(initial=0.0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A complex step beside what f does on the real line through x.

    ``defect``: by how much the two slopes differ, as they do where f is not analytic; ``before``:
    the same with two points less; ``floor``: the rounding that hides a smaller difference;
    ``bend``: by how much the slopes to the left and to the right differ, as at the kink of abs(x),
    where they have the mean of 0 that a complex step has; ``size``: that of f and of its slope.
    """

    radius: float
    points: int
    defect: float
    before: float
    bend: float
    size: float

    @property
    def floor(self) -> float:
        return PESSIMISM**2 * EPS * self.size / self.radius

    @property
    def smooth(self) -> float:
        """What f leaves of a bend that has none."""
        return PESSIMISM**2 * self.size * self.radius**3

    @property
    def analytic(self) -> bool:
        return bool(self.defect <= self.floor and self.bend <= max(self.smooth, self.floor))

    def shows(self, longer: "Comparison | None") -> bool:
        """Whether f is analytic, by this line or by how it differs from a longer one."""
        if self.analytic or longer is None or self.defect > self.floor:
            return self.analytic
        # What a smooth function leaves of a bend falls with the third power of the radius.
        left = PESSIMISM * longer.bend * (self.radius / longer.radius) ** 3
        return bool(self.bend <= left)

    @property
    def flaw(self) -> float:
        """What keeps f from being analytic: it is not gone where a shorter line cannot show it."""
        flaw = self.bend if self.defect <= self.floor else self.defect
        return flaw if np.isfinite(flaw) else np.inf

    @property
    def hopeless(self) -> bool:
        """Whether two more points would still leave a defect, by what the last two took away."""
        left = PESSIMISM * self.defect * (self.defect / self.before) if self.before else 0.0
        return bool(self.defect > self.floor and left > self.floor)

    @property
    def shorter(self) -> float:
        """The radius that brings the defect down to rounding; it falls with the fourth power."""
        if not PESSIMISM * self.defect < self.before:
            return SHORT_RADIUS
        excess = max(self.defect, self.bend) / self.floor
        return float(self.radius * 2.0 ** -max(np.ceil(np.log2(PESSIMISM * excess) / 5), 1.0))

    @property
    def exhausted(self) -> bool:
        """Whether the defect is down to rounding itself."""
        return bool(self.defect <= self.floor / PESSIMISM**2)

    @property
    def hidden(self) -> float:
        """How large a part that is not analytic may be, the defect being rounding itself."""
        return PESSIMISM * self.defect + self.floor / PESSIMISM**2


def compare_on_line(
    primal: Primal,
    x: Vector,
    v: Vector,
    slope: float,
    radius: float,
    value: float,
    *,
    sharp: bool = False,
    most: int = POINTS,
) -> Comparison:
    """The slope by complex step beside that of a few points, more of them until the two agree.

    |z|, a conjugate, or a kink among the points make a difference that no order removes.
    ``sharp``: go on until nothing but rounding is left.
    """
    values = np.array([value])
    for reach in REACHES:
        offsets = [n for n in range(-reach, reach + 1) if abs(n) > len(values) // 2]
        new = primal.values_along(x, v, [offset * radius for offset in offsets])
        values = np.concatenate([new[: len(new) // 2], values, new[len(new) // 2 :]])
        seen = Comparison(
            radius=radius,
            points=2 * reach,
            defect=float(abs(central(values, 2 * reach) / radius - slope)),
            before=float(abs(central(values, 2 * reach - 2) / radius - slope)),
            bend=abs(bend(values)) / radius,
            size=float(np.max(np.abs(values))) + abs(slope),
        )
        left = most - seen.points
        vain = not sharp and seen.hopeless and left >= 2 * REACHES[0]
        done = seen.analytic and (not sharp or seen.exhausted)
        if not np.isfinite(seen.defect) or done or vain or left < 2:
            break
    return seen


@dataclass(slots=True, kw_only=True)
class ComplexStep:
    """The sharp oracle, for functions shown to be analytic around the point."""

    primal: Primal
    size: float
    doubt: float  # slope that a non-analytic part of f might hide, for a step of ``size``
    centre: tuple[Vector, float]  # a point, and the value of f there
    name: str = "complex step"
    here: ClassVar[int] = 1
    elsewhere: ClassVar[int] = 1
    most: ClassVar[int] = 12

    def slope(self, x: Vector, v: Vector) -> Slope:
        return self.read(complex_slope(self.primal, x, v), largest(v))

    quick_slope = slope

    def read(self, value: float, step: float) -> Slope:
        """A slope with its bound, for a direction whose largest entry is ``step``."""
        return Slope(
            value=value,
            bound=2 * EPS * abs(value),
            doubt=self.doubt * step / self.size,
            still=value == 0,
        )

    def entry_slopes(self, x: Vector, positions: range, steps: Vector) -> Slopes:
        """The slopes along single entries, each in its own of all ``steps``."""
        own = steps[positions.start : positions.stop]
        parts = imaginary_steps(own)
        values = self.primal.complex_entry_values(x, positions, parts * own)
        slopes = np.full(len(positions), np.nan)
        if values is not None:
            slopes = values.imag / parts
        bounds = 2 * EPS * np.abs(slopes)
        return Slopes(values=slopes, bounds=bounds, kinks=np.zeros(slopes.shape, bool))

    def glance(self, x: Vector, v: Vector) -> Slope:
        return self.slope(x, v)

    def sharp_slope(self, x: Vector, v: Vector, seen: Slope) -> Slope:
        """A slope that was seen, with the least doubt that a comparison of its own can leave."""
        if not seen.doubt:
            return seen
        if self.centre[0] is not x:
            self.centre = (x, self.primal.value(x.copy()))
        for radius in ENTRY_RADII:
            compared = compare_on_line(
                self.primal, x, v, seen.value, radius, self.centre[1], sharp=True
            )
            if compared.analytic:
                return replace(seen, doubt=min(seen.doubt, compared.hidden))
        return seen


def prove_analytic(
    primal: Primal, x: Vector, v: Vector, value: float, points: int = POINTS
) -> tuple[ComplexStep, Slope] | None:
    """The complex-step oracle and the slope along v, if f takes complex input and is analytic.

    ``value``: that of f at x; ``points``: how many more may be asked for.
    """
    size = largest(v)
    slope = complex_slope(primal, x, v)
    radius, longer = RADIUS, None
    while np.isfinite(slope) and points >= 2 * REACHES[0]:
        seen = compare_on_line(primal, x, v, slope, radius, value, most=points)
        points -= seen.points
        if longer is not None and seen.floor >= longer.flaw:
            return None
        if seen.shows(longer):
            doubt = 2 * max(seen.floor, seen.defect, seen.bend)
            oracle = ComplexStep(primal=primal, size=size, doubt=doubt, centre=(x, value))
            return oracle, oracle.read(slope, size)
        if longer is not None and seen.shorter >= radius:
            return None
        radius, longer = seen.shorter, seen
    return None
