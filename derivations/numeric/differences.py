"""Slopes of a function along directions, by complex step where f proves to be analytic."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from derivations.numeric.hygiene import Primal
from derivations.numeric.noise import PESSIMISM
from derivations.numeric.trees import Array, Vector

EPS = float(np.finfo(np.float64).eps)
# Small enough for its square to vanish beside 1, large enough to stay clear of underflow.
COMPLEX_STEP = 2.0**-70
ENTRY_RADII = (0.25,)  # one entry can be moved far
RADII = (2.0**-8, 2.0**-10, 2.0**-16, 2.0**-24)


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


class Oracle(Protocol):
    """A source of slopes."""

    name: str

    def slope(self, x: Vector, v: Vector) -> Slope: ...

    def glance(self, x: Vector, v: Vector) -> Slope: ...

    def sharp_slope(self, x: Vector, v: Vector) -> Slope: ...

    def slopes(self, x: Vector, directions: list[Vector]) -> list[Slope]: ...


def imaginary_step(x: Vector, step: Vector) -> Array:
    """x + i step."""
    point = np.empty(x.shape, dtype=complex)
    point.real, point.imag = x, step
    return point


def complex_slopes(primal: Primal, x: Vector, directions: list[Vector], size: float) -> Array:
    """Slopes from the imaginary part of f a tiny imaginary step away; nan where f takes none.

    Source: Squire and Trapp, SIAM Review 40 (1998).
    """
    steps = [COMPLEX_STEP * size / (np.max(np.abs(v), initial=0.0) or 1.0) for v in directions]
    points = [imaginary_step(x, step * v) for step, v in zip(steps, directions, strict=True)]
    values = primal.complex_values(points)
    return np.asarray(values.imag / np.array(steps), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """What f does on a circle around x in the complex line along v.

    ``defect``: the part of f there that no analytic function has; ``floor``: the rounding that
    hides a smaller one; both as slopes.
    """

    slope: float
    defect: float
    floor: float

    @property
    def analytic(self) -> bool:
        return bool(self.defect <= self.floor)

    @property
    def hidden(self) -> float:
        """How large a part that is not analytic may be, the defect being rounding itself."""
        return PESSIMISM * self.defect + self.floor / PESSIMISM**2


def circle(primal: Primal, x: Vector, v: Vector, radius: float) -> Circle:
    """Eight points on a circle, of which the lower three mirror the upper.

    The Fourier coefficients of order -1 and -2 vanish where f is analytic, up to the fifth power
    of the radius; |z|, a conjugate, or a kink within the circle leave them.
    """
    step = radius * v
    turns = np.exp(0.25j * np.pi * np.arange(1, 4))
    upper = primal.complex_values(
        [imaginary_step(x + turn.real * step, turn.imag * step) for turn in turns]
    )
    if not primal.takes_complex:
        return Circle(slope=np.nan, defect=np.nan, floor=np.nan)
    right, left = primal.values([x + step, x - step])
    values = np.concatenate([[right], upper, [left], np.conj(upper[::-1])])
    coefficients = np.fft.fft(values) / 8
    slope = float(coefficients[1].real) / radius
    defect = float(np.max(np.abs(coefficients[6:]))) / radius
    size = float(np.max(np.abs(values))) + abs(slope)
    return Circle(slope=slope, defect=defect, floor=PESSIMISM**2 * EPS * size / radius)


@dataclass(slots=True, kw_only=True)
class ComplexStep:
    """The sharp oracle, for functions shown to be analytic around the point."""

    primal: Primal
    size: float
    doubt: float  # slope that a non-analytic part of f might hide, for a step of ``size``
    name: str = "complex step"

    def slope(self, x: Vector, v: Vector) -> Slope:
        return self.slopes(x, [v])[0]

    def slopes(self, x: Vector, directions: list[Vector]) -> list[Slope]:
        values = complex_slopes(self.primal, x, directions, self.size)
        found = []
        for value, v in zip(values, directions, strict=True):
            share = float(np.max(np.abs(v), initial=0.0)) / self.size
            found.append(
                Slope(
                    value=float(value),
                    bound=2 * EPS * abs(float(value)),
                    doubt=self.doubt * share,
                    still=bool(value == 0),
                )
            )
        return found

    def glance(self, x: Vector, v: Vector) -> Slope:
        return self.slope(x, v)

    def sharp_slope(self, x: Vector, v: Vector) -> Slope:
        """One slope with the least doubt that a circle of its own can leave."""
        value = self.slope(x, v)
        if not value.doubt:
            return value
        doubt = value.doubt
        for radius in ENTRY_RADII:
            seen = circle(self.primal, x, v, radius)
            if seen.analytic and abs(seen.slope - value.value) <= seen.floor:
                doubt = min(doubt, seen.hidden)
        return Slope(value=value.value, bound=value.bound, doubt=doubt)


def prove_analytic(primal: Primal, x: Vector, v: Vector) -> ComplexStep | None:
    """The complex-step oracle, if f takes complex input and is analytic around x along v."""
    size = float(np.max(np.abs(v)))
    defect = np.inf
    for radius in RADII:
        seen = circle(primal, x, v, radius)
        # A defect that a smaller circle could no longer show is not gone; the first two circles
        # are close, and tell a kink from the fifth power of the radius.
        if not primal.takes_complex or (radius < RADII[1] and seen.floor >= defect):
            return None
        if seen.analytic:
            return ComplexStep(primal=primal, size=size, doubt=2 * max(seen.floor, seen.defect))
        defect = seen.defect if np.isfinite(seen.defect) else np.inf
    return None
