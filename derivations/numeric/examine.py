"""The course of a check: contract, directions, second point, and the search for what is wrong."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from derivations.numeric.central import ENTRY_REACH, SHORT_REACH, CentralDifferences
from derivations.numeric.diagnose import diagnose, summed
from derivations.numeric.differences import (
    POINTS,
    ComplexStep,
    Oracle,
    Slope,
    prove_analytic,
)
from derivations.numeric.directions import (
    backwards,
    equalising_scales,
    leaf_sizes,
    leaf_step,
    only,
    random_step,
)
from derivations.numeric.exhaustive import Executor, look_at_all
from derivations.numeric.hygiene import Judged, Primal, at_path, same
from derivations.numeric.kinks import along_stratum, calm, judge_kinks
from derivations.numeric.noise import MOVES, gradient_noise, leaf_rounding, leaf_tops
from derivations.numeric.result import GradientCheck, Verdict
from derivations.numeric.scene import Finding, Record, Scene
from derivations.numeric.search import Course, search
from derivations.numeric.trees import BLOCK, Vector, name_of, rebuild

MANY = 2**12
SECOND_POINT = 2.0**-3  # how far off it lies, in sizes of x


@np.errstate(all="ignore")  # what is not finite is judged, not warned of
def examine(
    primal: Primal,
    judged: Judged,
    *,
    seed: int,
    second: Judged | None = None,
    exhaustive: bool | None = None,
    executor: Executor | None = None,
) -> GradientCheck:
    """Judge a gradient; at the second point ``second`` in its place, where there is one."""
    rng = np.random.default_rng(seed)
    course = Course(primal=primal, judged=judged, rng=rng, seed=seed, thrifty=not exhaustive)
    x = primal.tree.vector()
    value = primal.first(x)
    g = first_gradient(judged, x)
    if g is None:
        return broken(course)
    if not primal.tree.size:
        return nothing_to_check(course)
    here = set_scene(course, x, g, value)
    compare_directions(course, here)
    if exhaustive:
        look_at_all(course, here, executor)
    if here.finding is not Finding.AGREES and not course.wrong:
        if any(record.slope.kink for record in here.records):
            calm(here)
        search(course, here)
    if course.kinks and not course.wrong:
        settle_kinks(course, here)
    there = None
    if not course.wrong or course.widespread:
        there = second_scene(course, replace(here, judged=second or judged))
    return conclude(course, here, there)


def first_gradient(judged: Judged, x: Vector, name: str = "gradient") -> Vector | None:
    """The gradient at the given point, called twice."""
    g = judged.first(x)
    again = judged.repeated(x)
    if g is None or again is None:
        return None
    before = [g[part].reshape(leaf.shape) for part, leaf in judged.places(again)]
    if not all(map(same, again, before)):
        doubled = all(np.array_equal(a, 2 * b) for a, b in zip(again, before, strict=True))
        judged.breach(
            f"{name}: accumulates from call to call; the second result is twice the first"
            if doubled
            else f"{name}: two calls at the same point differ"
        )
    return g


def settle_kinks(course: Course, here: Scene) -> None:
    """At a kink: is the gradient one of the subgradients?  Stays open where that cannot be told."""
    found = judge_kinks(here, course.kinks)
    if found is None:
        record = along_stratum(here)
        # A function that is noisy even there has turns that nobody saw, not kinks.
        course.joint = not record.slope.noisy and record.finding is Finding.DISAGREES
    elif found.wrong:
        course.wrong.extend(found.wrong)
    else:
        here.records = found.records
        course.kinks.clear()
        course.thrifty = False  # at a kink the gradient must be compared along each entry


def set_scene(course: Course, x: Vector, g: Vector, value: float) -> Scene:
    """A point with an oracle chosen by what f proves to be there, and one direction compared."""
    sizes = leaf_sizes(course.tree, x)
    v = leaf_step(course.tree, sizes, course.rng)
    # The slope itself and the one at the second point are complex steps too.
    points = ComplexStep.most - course.primal.evaluations - 2 if course.thrifty else POINTS
    proof = prove_analytic(course.primal, x, v, value, points)
    blunt = CentralDifferences(primal=course.primal, centre=(x, value), thrifty=course.thrifty)
    oracle: Oracle = proof[0] if proof else blunt
    # Among many entries a gradient's own rounding is measured only once it matters.
    moves = MOVES if course.tree.size <= MANY else 0
    noise = gradient_noise(course.judged, x, g, course.rng, moves=moves)
    scene = Scene(
        tree=course.tree,
        judged=course.judged,
        oracle=oracle,
        x=x,
        g=g,
        sizes=sizes,
        noise=noise,
        rng=course.rng,
    )
    scene.records.append(scene.record(v, proof[1] if proof else oracle.slope(x, v)))
    return scene


def compare_directions(course: Course, scene: Scene) -> None:
    """A second direction through all entries, and more for hidden leaves, within the means."""
    if scene.finding is Finding.DISAGREES:
        return
    if isinstance(scene.oracle, CentralDifferences):
        uncover(course, scene, scene.oracle)
    # Among so many entries the direction at the second point is second enough.
    few = scene.tree.size <= MANY
    if (few or hidden_leaves(scene)) and (affords(scene) or not course.thrifty):
        fair = scene.natural
        if scene.oracle.name == "complex step":
            fair = equalising_scales(scene.tree, scene.g, scene.natural)
        if np.any(fair):
            scene.compare(random_step(fair, scene.rng))
    for part in hidden_leaves(scene):
        if course.thrifty and not affords(scene):
            return
        v = random_step(only(part, scene.natural), scene.rng)
        if isinstance(scene.oracle, CentralDifferences):
            scene.records.append(scene.record(v, scene.oracle.far_slope(scene.x, v)))
        else:
            scene.compare(v)


def uncover(course: Course, scene: Scene, oracle: CentralDifferences) -> None:
    """Directions along hidden leaves: those that are 0 together, the others in steps that show."""
    hidden = hidden_leaves(scene)
    flat = [part for part in hidden if not np.any(scene.g[part])]
    steep = [part for part in hidden if np.any(scene.g[part])]
    if flat and spares(course, oracle, SHORT_REACH):
        alone = np.sum([only(part, scene.natural) for part in flat], axis=0)
        v = random_step(alone, scene.rng)
        scene.records.append(scene.record(v, oracle.rest(scene.x, v)))
    for parts in [steep, *([part] for part in steep if len(steep) > 1)]:
        v = np.zeros(scene.tree.size)
        for part in [part for part in hidden_leaves(scene) if part in parts]:
            step = random_step(scene.natural[part], scene.rng)
            v[part] = step * oracle.visible(abs(float(scene.g[part] @ step)))
        if np.any(v) and spares(course, oracle, ENTRY_REACH):
            scene.records.append(scene.record(v, oracle.glance(scene.x, v)))


def spares(course: Course, oracle: CentralDifferences, reach: int) -> bool:
    """Whether some points on either side leave enough for a direction at the second point."""
    used = oracle.primal.evaluations + oracle.elsewhere
    return not course.thrifty or used + 2 * reach <= oracle.most


def affords(scene: Scene) -> bool:
    """Whether one more direction leaves enough for the one at the second point."""
    oracle = scene.oracle
    return oracle.primal.evaluations + oracle.here + oracle.elsewhere <= oracle.most


def hidden_leaves(scene: Scene) -> list[slice]:
    """The leaves that could be 0, or have the wrong sign, with nothing to show for it."""
    return [
        part
        for leaf, part in enumerate(scene.tree.slices())
        if part.stop > part.start
        and not any(resolves(record, scene.g, leaf, part) for record in scene.records)
    ]


def resolves(record: Record, g: Vector, leaf: int, part: slice) -> bool:
    """Whether a direction would show the loss of one leaf of the gradient."""
    if record.slope.sides is not None and record.v.size == 1:
        return True
    if abs(record.shares[leaf]) > record.bound:
        return True
    if np.any(g[part]) or not record.slope.still:
        return False
    return bool(np.any(record.v[part]) and not np.any(g[record.v != 0]))


def second_scene(course: Course, here: Scene) -> Scene | None:
    """Another point for the same functions, compared there; None where f has no value near by."""
    v = backwards(course.tree, here.records[0].v)
    for point in neighbours(here, v):
        x = course.tree.held(point)
        slope = here.oracle.slope(x, v)
        if np.isfinite(slope.value):
            g = here.judged.at(x)
            return None if g is None else second_comparison(here, x, g, v, slope)
    return None


def neighbours(here: Scene, v: Vector) -> Iterator[Vector]:
    """Points near by, each nearer than the one before, or with the signs of x."""
    for reach in (SECOND_POINT, SECOND_POINT**3):
        yield here.oracle.primal.point(here.x, v, reach)
        yield here.x * (1 + reach * v / here.natural)


def second_comparison(here: Scene, x: Vector, g: Vector, v: Vector, slope: Slope) -> Scene:
    """The gradient there, along one direction; its rounding is scaled over from the first."""
    tree = here.tree
    tops, before = leaf_tops(tree, g), leaf_tops(tree, here.g)
    growth = np.divide(tops, before, out=np.ones_like(tops), where=before > 0)
    noise = np.maximum(here.noise * np.maximum(growth, 1), leaf_rounding(tree, tops))
    there = replace(here, x=x, g=g, noise=noise, excuse=None, records=[])
    there.records.append(there.record(v, slope))
    return there


def proved_there(course: Course, there: Scene) -> Scene:
    """The second point under an oracle that suits it: f need not be analytic at both."""
    v, value = there.records[0].v, course.primal.value(there.x.copy())
    if there.oracle.name != "complex step" or prove_analytic(course.primal, there.x, v, value):
        return there
    blunt = CentralDifferences(primal=course.primal, centre=(there.x, value))
    there = replace(there, oracle=blunt, records=[])
    there.compare(v)
    return there


def conclude(course: Course, here: Scene, there: Scene | None) -> GradientCheck:
    """The answer, once every direction has been compared."""
    if there is not None and not course.wrong and there.finding is not Finding.AGREES:
        there = proved_there(course, there)
        elsewhere = Course(
            primal=course.primal, judged=course.judged, rng=course.rng, seed=course.seed
        )
        search(elsewhere, there)
        course.elsewhere = bool(elsewhere.wrong)
    clear = here.finding is Finding.AGREES and not hidden_leaves(here)
    clear = clear and (there is None or there.finding is Finding.AGREES)
    at_kink = any(record.slope.kink for record in here.records)
    dear = course.primal.evaluations > here.oracle.most
    if clear and course.thrifty and dear and not at_kink:
        clear, course.overdrawn = False, True
    verdict = Verdict.AGREES if clear else Verdict.INCONCLUSIVE
    if course.breaches or course.wrong or course.joint or course.elsewhere:
        verdict = Verdict.DISAGREES
    return report(course, here, there, verdict)


def report(course: Course, here: Scene, there: Scene | None, verdict: Verdict) -> GradientCheck:
    return GradientCheck(
        verdict=verdict,
        wrong=tuple(course.wrong),
        resolution=resolution(course, here),
        oracle=here.oracle.name,
        diagnosis=hint(course, here, there, verdict),
        evaluations=course.primal.evaluations,
        size=course.tree.size,
        seed=course.seed,
        inconclusive=course.unsure + len(course.kinks),
    )


def hint(course: Course, here: Scene, there: Scene | None, verdict: Verdict) -> str | None:
    """What is wrong, or what stood in the way."""
    if verdict is Verdict.DISAGREES:
        found = diagnose(course.breaches, course.wrong, here, there)
        if course.joint and not found:
            return "no subgradient: wrong along entries of x that are equal, moved together"
        elsewhere = "right at the given point, wrong at a second" if course.elsewhere else None
        return found or elsewhere
    if verdict is Verdict.AGREES:
        return None
    if course.overdrawn:
        return (
            f"right as far as seen, but it took more than {here.oracle.most} evaluations of f; "
            "exhaustive=True sets no limit"
        )
    if course.kinks:
        path, index = course.tree.where(course.kinks[0])
        return f"f has a kink at the given point, met by moving {name_of('x', path)}{list(index)}"
    if any(record.slope.kink for record in here.records):
        return "f has a kink at the given point"
    if not np.all(np.isfinite(here.g)):
        return "the gradient is not finite, and neither are the slopes"
    hidden = hidden_leaves(here)
    if hidden:
        path, _ = course.tree.where(hidden[0].start)
        return f"the bound is as large as {name_of('gradient(x)', path)} itself"
    return "the difference is no larger than the rounding of the gradient may be"


def resolution(course: Course, scene: Scene) -> float:
    """The smallest error in one entry, whichever it is, that the directions would have shown."""
    if course.dense or not all(np.isfinite(record.gap) for record in scene.records):
        return float("inf")
    records = course.settled or scene.records
    if len(records) == 1:
        v = records[0].v
        blocks = (v[start : start + BLOCK] for start in range(0, v.size, BLOCK))
        smallest = min(float(np.min(np.abs(block))) for block in blocks)
        return float(np.divide(blur(records[0]), smallest))
    bluntest = np.min(np.max([np.abs(record.v) / blur(record) for record in records], axis=0))
    return 1 / float(bluntest) if bluntest else float("inf")


def blur(record: Record) -> float:
    """The smallest change of a direction's gap that would have shown; what is exact sees all."""
    return (record.bound + abs(record.gap)) or float(np.finfo(np.float64).tiny)


def broken(course: Course) -> GradientCheck:
    """The answer to a gradient whose shape is wrong."""
    return GradientCheck(
        verdict=Verdict.DISAGREES,
        oracle="contract",
        diagnosis=misshapen(course),
        evaluations=course.primal.evaluations,
        size=course.tree.size,
        seed=course.seed,
    )


def misshapen(course: Course) -> str:
    """The hint for a gradient of the wrong shape: a missing sum, where that would put it right."""
    axes: set[int] = set()

    def gradient(nest: Any) -> Any:
        result = course.judged.gradient(nest)
        leaves = []
        for path, leaf in zip(course.tree.paths, course.tree.leaves, strict=True):
            given = np.asarray(at_path(result, path))
            found = summed(given, leaf.shape) if given.shape != leaf.shape else None
            axes.update(found[1] if found else ())
            leaves.append(found[0] if found else given)
        return rebuild(course.tree.nest, iter(leaves))

    sentence = course.breaches[0]
    mended = Judged(gradient=gradient, tree=course.tree)
    if mended.first(course.tree.vector()) is None or not axes:
        return sentence
    if examine(course.primal, mended, seed=course.seed) and len(axes) == 1:
        return f"{sentence}; a sum over axis {axes.pop()} is missing"
    return sentence


def nothing_to_check(course: Course) -> GradientCheck:
    """The answer for no entries at all: the contract is all there is."""
    breaches = course.breaches
    return GradientCheck(
        verdict=Verdict.DISAGREES if breaches else Verdict.AGREES,
        oracle="contract",
        diagnosis=breaches[0] if breaches else None,
        evaluations=course.primal.evaluations,
        seed=course.seed,
    )
