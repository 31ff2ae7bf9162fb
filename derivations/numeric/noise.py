"""How much of a computed number is rounding: of a function, and of a gradient."""

from collections.abc import Sequence
from math import factorial

import numpy as np

from derivations.numeric.hygiene import Judged
from derivations.numeric.trees import Array, Tree, Vector

# A measured noise is the largest of a few samples, so it may fall short of the largest there is.
PESSIMISM = 8.0
MOVES = 3
RAY = np.modf(np.arange(1, 13) * np.sqrt(5) / 2)[0]  # uneven, and no two near to each other
RAY_DEGREE = 6
SHRINKS = (2.0**-1, 2.0**-3, 2.0**-6, 2.0**-9, 2.0**-12, 2.0**-16)
LEAF_SHRINKS = (2.0**-3, 2.0**-9)
LEAVES = 16
WOBBLE_STEPS = (2.0**-11, 2.0**-9, 2.0**-7, 2.0**-5)
GROWTHS = (2.0**1, 2.0**4, 2.0**7, 2.0**10)


def difference_noise(values: Array) -> float:
    """Noise of a function from its values at equally spaced points, as a standard deviation.

    High differences of a smooth function vanish, those of noise do not; the largest of the three
    highest is taken, for a remainder of the smooth part only makes it larger.
    Source: Moré and Wild, Estimating computational noise, SIAM J. Sci. Comput. 33 (2011).
    """
    orders = range(max(1, len(values) - 3), len(values))
    largest = float(np.max(np.abs(values), initial=0.0))
    if not largest or not np.isfinite(largest):
        return largest
    estimates = []
    for order in orders:
        differences = np.diff(values / largest, order)  # whose squares do not overflow
        scale = factorial(order) ** 2 / factorial(2 * order)
        estimates.append(np.sqrt(scale * np.mean(np.square(differences))))
    return largest * float(max(estimates, default=0.0))


def ray_noise(values: Array) -> float:
    """Noise of a function from its values at the places ``RAY`` of a line that starts at a point.

    What a polynomial leaves of them, as a standard deviation; 0 where that is rounding.  Values
    that are multiples of a coarse unit can lie on a line by luck at even spacings, not at these.
    """
    largest = float(np.max(np.abs(values)))
    if not largest or not np.isfinite(largest):
        return 0.0
    inside = np.linalg.qr(np.polynomial.chebyshev.chebvander(2 * RAY - 1, RAY_DEGREE))[0]
    left = (values - values[0]) / largest
    left = left - inside @ (inside.T @ left)
    noise = largest * float(np.linalg.norm(left)) / np.sqrt(len(RAY) - 1 - RAY_DEGREE)
    return noise if noise > PESSIMISM**2 * rounding_floor(values) else 0.0


def rounding_floor(values: Array) -> float:
    """Rounding that any double has, whatever its history."""
    return float(np.finfo(np.float64).eps * np.max(np.abs(values), initial=0.0))


def ulp_moved(tree: Tree, x: Vector, rng: np.random.Generator) -> Vector:
    """``x`` with each entry moved by an ulp, or two, in its leaf's own arithmetic.

    Zeros stay: their neighbours are too small to change any sum.
    """
    moved = x.copy()
    for leaf, part in zip(tree.leaves, tree.slices(), strict=True):
        inside = x[part].astype(leaf.dtype)
        signs = 2 * rng.integers(0, 2, inside.size, dtype=np.int8) - 1
        moved[part] = inside + signs * np.finfo(leaf.dtype).eps * inside
    return moved


def leaf_tops(tree: Tree, g: Vector) -> Vector:
    """The largest finite absolute entry of each leaf.

    Shapes: (P,) -> (number of leaves,).
    """
    return np.array([largest_finite(g[part]) for part in tree.slices()])


def largest_finite(entries: Vector) -> float:
    """The largest absolute value among those that are numbers."""
    largest = max(entries.max(initial=0.0), -entries.min(initial=0.0))
    if np.isfinite(largest):
        return float(largest)
    return float(np.max(np.abs(entries[np.isfinite(entries)]), initial=0.0))


def leaf_eps(tree: Tree) -> Vector:
    """Machine epsilon of each leaf."""
    return np.array([float(np.finfo(leaf.dtype).eps) for leaf in tree.leaves])


def leaf_rounding(tree: Tree, tops: Vector) -> Vector:
    """Rounding that no computed entry of a leaf is without, for a largest entry of ``tops``.

    Shapes: (number of leaves,) -> the same.
    Below the smallest number of its arithmetic a gradient has nothing but 0 to say.
    """
    smallest = [float(np.finfo(leaf.dtype).smallest_subnormal) for leaf in tree.leaves]
    return np.array(leaf_eps(tree) * tops + smallest, dtype=np.float64)


def gradient_noise(
    judged: Judged, x: Vector, g: Vector, rng: np.random.Generator, *, moves: int = MOVES
) -> Vector:
    """Rounding of a gradient, leaf by leaf, measured at inputs moved by an ulp.

    Shapes: ``x``, ``g`` (P,) -> (number of leaves,).
    The largest spread in a leaf stands for all its entries: rounding follows the size of what
    was added, not of what came out.  The spread is that of the moved points alone, so that a
    gradient which is wrong at ``x`` and nowhere else does not pass for noise.
    """
    tree = judged.tree
    floor = leaf_rounding(tree, leaf_tops(tree, g))
    points = [ulp_moved(tree, x, rng) for _ in range(moves)]
    rows = [judged.at(point) for point in points]
    if not rows or any(row is None for row in rows):
        return floor
    noise = spread(tree, rows)
    if np.any(noise > PESSIMISM * floor):
        watch_repetition(judged, points, rows, PESSIMISM * floor)
    return np.maximum(floor, noise)


def spread(tree: Tree, rows: Sequence[Vector | None]) -> Vector:
    """The widest gap between two rows in each leaf."""
    return leaf_tops(tree, np.ptp(np.array(rows), axis=0))


def watch_repetition(
    judged: Judged, points: list[Vector], rows: Sequence[Vector | None], floor: Vector
) -> None:
    """Noise is believed only if it repeats: a second call at the same point finds the same."""
    for point, row in zip(points[::-1], rows[::-1], strict=True):
        again = judged.at(point)
        if again is not None and np.any(spread(judged.tree, [row, again]) > floor):
            judged.breach("gradient: two calls at the same point differ")


def gradient_wobble(judged: Judged, x: Vector, steps: Vector, reach: Vector) -> Vector:
    """Rounding of a gradient, leaf by leaf, from its sixth differences along a line.

    Shapes: ``x``, ``steps`` (P,); ``reach`` (number of leaves,) -> (number of leaves,).
    Moves by an ulp leave a rounding where it is that happens far from the input, in the difference
    of two numbers near 1; so does a spacing too short to shake it, and in one too long there is
    some of the smooth part.
    """
    tree = judged.tree
    scale = factorial(6) / factorial(12) ** 0.5
    estimates = []
    for spacing in WOBBLE_STEPS:
        rows = [judged.at(tree.held(x + j * spacing * steps)) for j in range(-3, 4)]
        if all(row is not None for row in rows):
            estimates.append(leaf_tops(tree, scale * np.diff(np.array(rows), 6, axis=0)[0]))
    if not estimates:
        return np.zeros(len(tree.leaves))
    wobble = plateau(np.array(estimates))
    most = most_lost(tree, reach)
    if np.any(wobble > most):
        most = np.maximum(most, PESSIMISM**2 * leaf_eps(tree) * gradient_span(judged, x, steps))
    return np.where(wobble <= most, wobble, 0.0)


def single_rounding(judged: Judged, x: Vector, g: Vector, steps: Vector, reach: Vector) -> Vector:
    """Rounding of a float32 gradient, leaf by leaf: how far it is from the same code in doubles.

    Shapes: ``x``, ``g``, ``steps`` (P,); ``reach`` (number of leaves,) -> (number of leaves,).
    0 where the code does not compute in doubles, or does another thing in them.
    """
    single = leaf_eps(judged.tree) > np.finfo(np.float64).eps
    wide = judged.in_doubles(x) if np.any(single) else None
    if wide is None:
        return np.zeros(len(reach))
    gap = leaf_tops(judged.tree, wide - g)
    most = reach / PESSIMISM**2
    if np.any(gap > most):  # terms that cancel to nothing, wherever the way to 0 leads
        span = gradient_span(judged, x, steps)
        most = np.maximum(most, PESSIMISM**2 * leaf_eps(judged.tree) * span)
    return np.where(single & (gap <= most), gap, 0.0)


def most_lost(tree: Tree, reach: Vector) -> Vector:
    """The largest wobble of each leaf that is rounding, if no more is known than ``reach``.

    Shapes: (number of leaves,) -> the same.
    Where more than half of the digits of float64 are lost, there is a jump, at a kink of f, or
    arithmetic in float32; of float32, with its few digits, that would be half precision.
    """
    eps = leaf_eps(tree)
    lost = np.where(eps > np.finfo(np.float64).eps, PESSIMISM**2 * eps, np.sqrt(eps))
    return np.array(lost * reach, dtype=np.float64)


def gradient_span(judged: Judged, x: Vector, steps: Vector) -> Vector:
    """The largest entry of each leaf of the gradient on ways that lead far from ``x``.

    Shapes: ``x``, ``steps`` (P,) -> (number of leaves,).
    A mean of A - Y that cancels at ``x``, and on the way to 0, has terms of that size.
    """
    points = [x + side * growth * steps for growth in GROWTHS for side in (-1, 1)]
    tops = tops_at(judged, points)
    return np.array(np.max([np.zeros(len(judged.tree.leaves)), *tops], axis=0))


def plateau(estimates: Array) -> Vector:
    """The largest estimate that the next longer spacing does not outgrow; or the smallest.

    Shapes: (number of spacings, number of leaves) -> (number of leaves,).
    At four times the spacing rounding stays as large as it is, the smooth part of sixth
    differences grows 4096 times.  Rounding to a coarse unit can happen to leave no difference.
    """
    shorter, longer = estimates[:-1], estimates[1:]
    repeated = np.where(longer < PESSIMISM**2 * shorter, shorter, 0.0)
    return np.array(np.maximum(np.min(estimates, axis=0), np.max(repeated, axis=0, initial=0.0)))


def gradient_reach(judged: Judged, x: Vector, g: Vector) -> Vector:
    """The largest entry of each leaf of the gradient at ``x`` and on ways from it towards 0.

    Shapes: ``x``, ``g`` (P,) -> (number of leaves,).
    Where a network saturates, its gradient is the small difference of numbers of that size, and
    inputs moved by an ulp do not show their rounding.
    """
    tree = judged.tree
    here = leaf_tops(tree, g)
    whole = tops_at(judged, [x * shrink for shrink in SHRINKS])
    nearby = []
    for part in [*tree.slices()][:LEAVES]:
        # One layer brought out of saturation while the weights behind it stay large.
        for shrink in LEAF_SHRINKS:
            nearby.append(x.copy())
            nearby[-1][part] *= shrink
    single = tops_at(judged, nearby)
    reach = np.max([here, *whole, *single], axis=0)
    # A gradient that grows without end towards 0, like that of a logarithm, says nothing of x.
    endless = whole[-1] > PESSIMISM * whole[-2] if len(whole) > 1 else np.zeros_like(here, bool)
    return np.where(endless, here, reach)


def tops_at(judged: Judged, points: list[Vector]) -> list[Vector]:
    """The largest entry of each leaf of the gradient at several points."""
    found = [judged.at(judged.tree.held(point)) for point in points]
    return [leaf_tops(judged.tree, g) for g in found if g is not None]
