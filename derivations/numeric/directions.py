"""Random directions through a point, in steps that suit the size of its entries."""

import numpy as np

from derivations.numeric.trees import Array, Tree, Vector

# Chance that random signs alone carry a true projection beyond its bound, for each comparison.
FALSE_ALARM_CHANCE = 2.0**-40
# Hoeffding: a sum of fixed errors under random signs exceeds this many times its root sum of
# squares with no more than that chance.
SIGN_FACTOR = float(np.sqrt(2 * np.log(2 / FALSE_ALARM_CHANCE)))


def scales(tree: Tree, x: Vector) -> Vector:
    """The size of the entries of ``x``, leaf by leaf, as powers of two.

    Shapes: (P,) -> (P,).  A leaf of zeros takes the size of the whole, or 1.
    """
    whole = root_mean_square(x) or 1.0
    sizes = [root_mean_square(x[part]) or whole for part in tree.slices()]
    powers = [2.0 ** np.round(np.log2(size)) for size in sizes]
    return tree.spread(powers)


def root_mean_square(x: Array) -> float:
    """Root mean square without overflow; 0 for no entries."""
    top = float(np.max(np.abs(x), initial=0.0))
    if not top or not np.isfinite(top):
        return 0.0
    return top * float(np.sqrt(np.mean(np.square(x / top))))


def random_weights(size: int, rng: np.random.Generator) -> Vector:
    """Random signs times random sizes in [0.5, 1.5], so that no entry is left out.

    The sizes differ, so that two wrong entries do not cancel.
    """
    drawn = rng.integers(-1024, 1024, size, dtype=np.int16)
    weights = drawn / 1024.0
    return weights + np.copysign(0.5, weights)


def equalising_scales(tree: Tree, g: Vector, natural: Vector) -> Vector:
    """Steps that let every entry of ``g`` weigh the same in the projection.

    A wrong entry of a small gradient then stands out among large ones.  Entries below the square
    root of eps times their leaf's largest are stepped as if they had that size: their own
    rounding would drown the others.  Leaves that are 0 throughout get no step.
    """
    sizes = np.abs(g)
    tops = tree.spread([np.max(sizes[part], initial=0.0) for part in tree.slices()])
    floors = np.maximum(sizes, np.sqrt(tree.eps) * tops)
    with np.errstate(divide="ignore", over="ignore"):
        steps = np.where(floors > 0, 1 / floors, 0.0)
    largest = np.max(steps / natural, initial=0.0)
    return steps / largest if np.isfinite(largest) and largest > 0 else natural


def only(part: slice, scale: Vector) -> Vector:
    """``scale`` inside one leaf, 0 elsewhere."""
    masked = np.zeros_like(scale)
    masked[part] = scale[part]
    return masked
