"""Slopes of a function along directions, by complex step where f proves to be analytic."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from derivations.numeric.hygiene import Primal, Spare
from derivations.numeric.noise import PESSIMISM
from derivations.numeric.stencils import bend, central
from derivations.numeric.trees import Array, Vector

EPS = float(np.finfo(np.float64).eps)
# Small enough for its square to vanish beside 1, large enough to stay clear of underflow.
COMPLEX_STEP = 2.0**-70
# Steps in which f is followed on the real line.  The first two are close: they tell a kink from
# the error of the stencil, which falls with a high power.
RADII = (2.0**-9, 2.0**-11, 2.0**-16, 2.0**-24)
ENTRY_RADIUS = 0.25  # one entry can be moved far
REACHES = (2, 3, 4)  # points on either side: each more raises the stencil's order by two


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Slopes:
    """The slopes along several entries, each by itself.

    Shapes: all (number of entries,).
    """

    values: Vector
    bounds: Vector
    kinks: Array


class Oracle(Protocol):
    """A source of slopes."""

    name: str
    primal: Primal

    def slope(self, x: Vector, v: Vector) -> Slope: ...

    def glance(self, x: Vector, v: Vector) -> Slope: ...

    def sharp_slope(self, x: Vector, v: Vector, seen: Slope) -> Slope: ...

    def slopes(self, x: Vector, directions: list[Vector]) -> list[Slope]: ...

    def entry_slopes(self, x: Vector, positions: range, steps: Vector) -> Slopes: ...


def imaginary_step(x: Vector, step: Vector, size: float, spare: Spare) -> Array:
    """x + i size step, in a spare array if there is one."""
    point = spare.take(x.size)
    point.real = x
    np.multiply(step, size, out=point.imag)
    return point


def entry_points(x: Vector, positions: range, size: float) -> Iterator[Array]:
    """Points an imaginary step away from x, each along another entry."""
    base = x.astype(complex)
    for position in positions:
        point = base.copy()
        point[position] += 1j * size
        yield point


def moved(x: Vector, v: Vector, step: float) -> Vector:
    """x + step v."""
    point = step * v
    point += x
    return point


def complex_slopes(primal: Primal, x: Vector, directions: list[Vector], size: float) -> Array:
    """Slopes from the imaginary part of f a tiny imaginary step away; nan where f takes none.

    Source: Squire and Trapp, SIAM Review 40 (1998).
    """
    steps = [COMPLEX_STEP * size / (largest(v) or 1.0) for v in directions]
    spare = primal.spare
    points = (imaginary_step(x, v, step, spare) for step, v in zip(steps, directions, strict=True))
    values = primal.complex_values(points)
    if values is None:
        return np.full(len(directions), np.nan)
    return np.asarray(values.imag / np.array(steps), dtype=np.float64)


def largest(v: Vector) -> float:
    """The largest absolute entry, with no copy of all of them."""
    return float(max(v.max(initial=0.0), -v.min(initial=0.0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A complex step beside what f does on the real line through x.

    ``defect``: by how much the two slopes differ, as they do where f is not analytic; ``floor``:
    the rounding that hides a smaller difference; ``bend``: by how much the slopes to the left
    and to the right differ, as at the kink of abs(x), where they have the mean of 0 that a
    complex step has; ``smooth``: what f leaves of a bend that has none.
    """

    defect: float
    floor: float
    bend: float
    smooth: float

    @property
    def analytic(self) -> bool:
        return bool(self.defect <= self.floor and self.bend <= max(self.smooth, self.floor))

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
    sharp: bool = False,
) -> Comparison:
    """The slope by complex step beside that of a few points, more of them until the two agree.

    |z|, a conjugate, or a kink among the points make a difference that no order removes.
    ``sharp``: go on until nothing but rounding is left.
    """
    values = np.array([value])
    for reach in REACHES:
        offsets = [n for n in range(-reach, reach + 1) if abs(n) > len(values) // 2]
        new = primal.values(moved(x, v, offset * radius) for offset in offsets)
        values = np.concatenate([new[: len(new) // 2], values, new[len(new) // 2 :]])
        defect = abs(central(values, 2 * reach) / radius - slope)
        size = float(np.max(np.abs(values))) + abs(slope)
        seen = Comparison(
            defect=float(defect),
            floor=PESSIMISM**2 * EPS * size / radius,
            bend=abs(bend(values)) / radius,
            smooth=PESSIMISM**2 * size * radius**3,
        )
        if not np.isfinite(defect) or (seen.analytic and (not sharp or seen.exhausted)):
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

    def slope(self, x: Vector, v: Vector) -> Slope:
        return self.slopes(x, [v])[0]

    def slopes(self, x: Vector, directions: list[Vector]) -> list[Slope]:
        values = complex_slopes(self.primal, x, directions, self.size)
        pairs = zip(values, directions, strict=True)
        return [self.read(float(value), largest(v)) for value, v in pairs]

    def read(self, value: float, step: float) -> Slope:
        """A slope with its bound, for a direction whose largest entry is ``step``."""
        return Slope(
            value=value,
            bound=2 * EPS * abs(value),
            doubt=self.doubt * step / self.size,
            still=bool(value == 0),
        )

    def entry_slopes(self, x: Vector, positions: range, steps: Vector) -> Slopes:
        """The slopes along single entries, each in its own of all ``steps``."""
        tiny = COMPLEX_STEP * self.size
        values = self.primal.complex_values(entry_points(x, positions, tiny))
        slopes = np.full(len(positions), np.nan)
        if values is not None:
            slopes = values.imag / tiny * steps[positions.start : positions.stop]
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
        compared = compare_on_line(
            self.primal, x, v, seen.value, ENTRY_RADIUS, self.centre[1], sharp=True
        )
        if not compared.analytic:
            return seen
        return replace(seen, doubt=min(seen.doubt, compared.hidden))


def prove_analytic(
    primal: Primal, x: Vector, v: Vector, value: float
) -> tuple[ComplexStep, Slope] | None:
    """The complex-step oracle and the slope along v, if f takes complex input and is analytic.

    ``value``: that of f at x.
    """
    size = largest(v)
    slope = float(complex_slopes(primal, x, [v], size)[0])
    defect = np.inf
    for radius in RADII if np.isfinite(slope) else ():
        seen = compare_on_line(primal, x, v, slope, radius, value)
        # A defect that a shorter stencil could no longer show is not gone.
        if radius < RADII[1] and seen.floor >= defect:
            return None
        if seen.analytic:
            doubt = 2 * max(seen.floor, seen.defect, seen.bend)
            oracle = ComplexStep(primal=primal, size=size, doubt=doubt, centre=(x, value))
            return oracle, oracle.read(slope, size)
        defect = seen.defect if np.isfinite(seen.defect) else np.inf
    return None
