"""What is wrong with a gradient, in one sentence, where only one sentence fits."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from derivations.numeric.result import WrongEntry
from derivations.numeric.scene import Record, Scene
from derivations.numeric.trees import Array, Tree, Vector, name_of

Change = Callable[[Scene], Vector]


def diagnose(
    breaches: list[str], wrong: list[WrongEntry], here: Scene, there: Scene | None
) -> str | None:
    """The hint of a check: a broken contract, or the one change that would put all right."""
    if breaches:
        return breaches[0]
    scenes = [scene for scene in (here, there) if scene is not None]
    fitting = [
        sentence
        for sentence, change in changes(here)
        if all(fits(scene, change(scene)) for scene in scenes)
    ]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        return None
    factor = constant_factor(scenes)
    if factor is not None and all(shows(entry, factor) for entry in wrong):
        return f"every ratio is {factor:.6g}: a constant factor"
    scaled = [name for name, part in named_leaves(here) if leaf_factor(scenes, wrong, part)]
    if len(scaled) == 1:
        return f"{scaled[0]} is multiplied by one factor"
    return single_precision(scenes) or stale(wrong, here, there) or lines(wrong, here.tree)


def fits(scene: Scene, g: Vector) -> bool:
    """Whether another gradient agrees with every slope that was taken."""
    return all(agrees_with(record, g) for record in scene.records)


def agrees_with(record: Record, g: Vector) -> bool:
    return bool(abs(record.slope.value - float(g @ record.v)) <= record.bound)


def changes(scene: Scene) -> Iterator[tuple[str, Change]]:
    """Sentences, each with the change to the gradient that it claims to be due."""
    yield "every sign is flipped: the gradient of -f", lambda s: -s.g
    parts = list(scene.tree.slices())
    alone = len(parts) == 1
    for path, leaf, part in zip(scene.tree.paths, scene.tree.leaves, parts, strict=True):
        name = name_of("gradient(x)", path)
        if not alone:
            yield f"{name} has its sign flipped", partial(on_leaf, part=part, turn=np.negative)
        for sentence, turn in rearrangements(leaf):
            flat = partial(turned, turn=turn, shape=leaf.shape)
            yield f"{name} {sentence}", partial(on_leaf, part=part, turn=flat)


def named_leaves(scene: Scene) -> list[tuple[str, slice]]:
    """The arrays of the gradient by name."""
    names = [name_of("gradient(x)", path) for path in scene.tree.paths]
    return list(zip(names, scene.tree.slices(), strict=True))


def rearrangements(leaf: Array) -> Iterator[tuple[str, Callable[[Array], Array]]]:
    """Ways in which the entries of one array can have lost their places."""
    if leaf.ndim == 2 and leaf.shape[0] == leaf.shape[1] > 1:
        yield "is transposed", np.transpose
    if leaf.ndim == 2 and 1 < leaf.shape[0] != leaf.shape[1] > 1:
        yield (
            "has its entries in transposed order",
            lambda a: a.reshape(a.shape[::-1]).T,
        )
    for axis, length in enumerate(leaf.shape):
        if length > 1:
            yield f"is reversed along axis {axis}", partial(np.flip, axis=axis)
        if length > 2:
            for shift in (1, -1):
                moved = partial(np.roll, shift=shift, axis=axis)
                yield f"is shifted by {-shift} along axis {axis}", moved


def turned(flat: Vector, turn: Callable[[Array], Array], shape: tuple[int, ...]) -> Vector:
    """One leaf, which lies flat, with its entries rearranged in its own shape."""
    return turn(flat.reshape(shape)).ravel()


def on_leaf(scene: Scene, part: slice, turn: Callable[[Array], Array]) -> Vector:
    """The gradient with one leaf changed."""
    g = scene.g.copy()
    g[part] = turn(g[part])
    return g


def leaf_factor(scenes: list[Scene], wrong: list[WrongEntry], part: slice) -> bool:
    """Whether one factor on one leaf puts every slope right, and every wrong entry."""
    record = scenes[0].records[0]
    share = float(scenes[0].g[part] @ record.v[part])
    if not share:
        return False
    factor = 1 + record.gap / share
    if not factor or not all(shows(entry, 1 / factor) for entry in wrong):
        return False
    return all(fits(scene, on_leaf(scene, part, lambda flat: flat * factor)) for scene in scenes)


def constant_factor(scenes: list[Scene]) -> float | None:
    """The factor that every slope shows between the gradient and what it should be."""
    records = [record for scene in scenes for record in scene.records]
    factors = [r.projection / r.slope.value for r in records if r.slope.value]
    if len(factors) < max(2, len(records)) or not np.isfinite(factors).all():
        return None
    factor = factors[0]
    same = all(abs(r.projection - factor * r.slope.value) <= slack(r, factor) for r in records)
    return factor if same and factor else None


def shows(entry: WrongEntry, factor: float) -> bool:
    """Whether a wrong entry is off by a factor, as far as can be told."""
    room = 2 * entry.bound * (1 + abs(factor))
    return bool(abs(entry.analytic - factor * entry.numeric) <= room)


def slack(record: Record, factor: float) -> float:
    """The bound of a record when its slope is multiplied by a factor that is itself uncertain."""
    return 2 * record.bound * (1 + abs(factor))


def single_precision(scenes: list[Scene]) -> str | None:
    """Whether the gradient of doubles holds nothing but floats."""
    g = np.concatenate([scene.g for scene in scenes])
    if scenes[0].tree.eps != np.finfo(np.float64).eps or not np.all(np.isfinite(g)):
        return None
    with np.errstate(over="ignore"):
        rounded = g.astype(np.float32).astype(np.float64)
        short = g.astype(np.float16).astype(np.float64) == g  # as any type would have it
    if np.unique(g[~short]).size > 2 and np.array_equal(rounded, g):
        return "every entry is a float32 number: float32 inside"
    return None


def stale(wrong: list[WrongEntry], here: Scene, there: Scene | None) -> str | None:
    """Whether the gradient of another point is that of the first, right at the first alone."""
    if wrong or there is None or not np.any(here.g) or not np.array_equal(here.g, there.g):
        return None
    if fits(here, here.g) and not fits(there, there.g):
        return "the gradient at a second point is that of the first: a stale buffer or cache"
    return None


def lines(wrong: list[WrongEntry], tree: Tree) -> str | None:
    """Whether the wrong entries lie in one row, or one column, of one array."""
    paths = {entry.where[0] for entry in wrong}
    if len(wrong) < 2 or len(paths) != 1:
        return None
    path = paths.pop()
    leaf = tree.leaves[tree.paths.index(path)]
    indices = np.array([entry.where[1] for entry in wrong])
    for axis, kind in enumerate(("row", "column")[: leaf.ndim if leaf.ndim == 2 else 0]):
        if len(set(indices[:, axis])) == 1 and len(wrong) == leaf.shape[1 - axis]:
            return f"{name_of('gradient(x)', path)} is wrong in {kind} {indices[0, axis]} only"
    return None


def summed(given: Array, shape: tuple[int, ...]) -> tuple[Array, list[int]] | None:
    """An array summed down to a shape that broadcasts to its own, and along which axes."""
    extra = given.ndim - len(shape)
    if extra < 0:
        return None
    padded = (1,) * extra + shape
    axes = [i for i, n in enumerate(padded) if n != given.shape[i]]
    if not axes or any(padded[i] != 1 for i in axes):
        return None
    return given.sum(axis=tuple(axes), keepdims=True).reshape(shape), axes
