"""Random directions through a point, in steps that suit the size of its entries."""

import numpy as np

from derivations.numeric.trees import BLOCK, Array, Tree, Vector

# Chance that random signs alone carry a true projection beyond its bound, for each comparison.
FALSE_ALARM_CHANCE = 2.0**-40
# Hoeffding: a sum of fixed errors under random signs exceeds this many times its root sum of
# squares with no more than that chance.
SIGN_FACTOR = float(np.sqrt(2 * np.log(2 / FALSE_ALARM_CHANCE)))
DOUBLE = np.finfo(np.float64)


def leaf_sizes(tree: Tree, x: Vector) -> Vector:
    """The size of the entries of each leaf of ``x``, as a power of two.

    Shapes: (P,) -> (number of leaves,).  A leaf of zeros takes the size of the whole, or 1.
    """
    whole = root_mean_square(x) or 1.0
    sizes = [root_mean_square(x[part]) or whole for part in tree.slices()]
    return np.array([2.0 ** np.round(np.log2(size)) for size in sizes])


def scales(tree: Tree, x: Vector) -> Vector:
    """The size of the leaf for each entry of ``x``.

    Shapes: (P,) -> (P,).
    """
    return tree.spread(leaf_sizes(tree, x))


def root_mean_square(x: Array) -> float:
    """Root mean square without overflow; 0 for no entries."""
    with np.errstate(over="ignore", under="ignore"):
        square = float(np.dot(x, x))
    if x.size * DOUBLE.tiny / DOUBLE.eps < square < np.inf:
        return float(np.sqrt(square / x.size))
    top = float(np.max(np.abs(x), initial=0.0))
    if not top or not np.isfinite(top):
        return 0.0
    return top * float(np.sqrt(np.mean(np.square(x / top))))


def norm(x: Array) -> float:
    """Euclidean norm without overflow or underflow."""
    return root_mean_square(x) * float(np.sqrt(x.size))


def random_step(scale: Vector, rng: np.random.Generator) -> Vector:
    """``scale`` times random weights.

    Shapes: (P,) -> (P,).
    """
    weights = random_weights(scale.size, rng)
    weights *= scale
    return weights


def backwards(tree: Tree, v: Vector) -> Vector:
    """The weights of a direction in reverse order, array by array: another direction, for less.

    For steps that are the same for all entries of an array.
    """
    turned = np.empty_like(v)
    for part in tree.slices():
        turned[part] = v[part][::-1]
    return turned


def leaf_step(tree: Tree, sizes: Vector, rng: np.random.Generator) -> Vector:
    """Random weights times a size, a power of two, for each leaf.

    Shapes: ``sizes`` (number of leaves,) -> (P,).
    """
    drawn, step = random_integers(tree.size, rng), np.empty(tree.size)
    for size, part in zip(sizes, tree.slices(), strict=True):
        weigh(drawn[part], float(size), step[part])
    return step


def random_weights(size: int, rng: np.random.Generator) -> Vector:
    """Random signs times random sizes in [0.5, 1.5], so that no entry is left out.

    The sizes differ, so that two wrong entries do not cancel.
    """
    weights = np.empty(size)
    weigh(random_integers(size, rng), 1.0, weights)
    return weights


def random_integers(size: int, rng: np.random.Generator) -> Array:
    return np.frombuffer(rng.bytes(2 * size), dtype=np.int16)


def weigh(drawn: Array, scale: float, weights: Vector) -> None:
    """Write ``scale`` times the weights that random integers stand for."""
    halves = np.empty(min(BLOCK, weights.size))
    for start in range(0, weights.size, BLOCK):  # what fits a cache is passed over faster
        block = weights[start : start + BLOCK]
        np.multiply(drawn[start : start + BLOCK], scale * 2.0**-15, out=block)
        block += np.copysign(scale / 2, block, out=halves[: block.size])


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
