"""The course of a check: contract, directions, second point, and the search for what is wrong."""

from dataclasses import dataclass, field, replace

import numpy as np

from derivations.numeric.central import CentralDifferences
from derivations.numeric.diagnose import diagnose, misshapen
from derivations.numeric.differences import Oracle, Slope, prove_analytic
from derivations.numeric.directions import equalising_scales, only, random_weights, scales
from derivations.numeric.hygiene import Judged, Primal
from derivations.numeric.localize import Search
from derivations.numeric.noise import gradient_noise, leaf_eps, leaf_tops
from derivations.numeric.result import GradientCheck, Verdict, WrongEntry
from derivations.numeric.scene import Finding, Record, Scene
from derivations.numeric.trees import Tree, Vector, name_of

# Up to so many entries, a gradient that fails is looked at entry by entry.
FEW = 64
SAMPLE = 16
SECOND_POINT = 2.0**-3  # how far off it lies, in sizes of x


@dataclass(slots=True, kw_only=True)
class Course:
    """What a check has gathered on its way."""

    primal: Primal
    judged: Judged
    rng: np.random.Generator
    seed: int
    wrong: list[WrongEntry] = field(default_factory=list)
    kinks: list[int] = field(default_factory=list)
    unsure: int = 0
    elsewhere: bool = False
    dense: bool = False

    @property
    def tree(self) -> Tree:
        return self.primal.tree

    @property
    def breaches(self) -> list[str]:
        return self.primal.breaches + self.judged.breaches


@np.errstate(all="ignore")  # what is not finite is judged, not warned of
def examine(
    primal: Primal,
    judged: Judged,
    *,
    seed: int,
    second: Judged | None = None,
    exhaustive: bool | None = None,
) -> GradientCheck:
    """Judge a gradient; at the second point ``second`` in its place, where there is one."""
    course = Course(primal=primal, judged=judged, rng=np.random.default_rng(seed), seed=seed)
    primal.first()
    g = first_gradient(course)
    if g is None:
        return broken(course)
    if not primal.tree.size:
        return nothing_to_check(course)
    here = set_scene(course, primal.tree.vector(), g)
    compare_directions(here)
    there = second_scene(course, replace(here, judged=second or judged))
    if exhaustive:
        look_at_all(course, here)
    return conclude(course, here, there)


def first_gradient(course: Course) -> Vector | None:
    """The gradient at the given point, called twice."""
    judged = course.judged
    g = judged.first()
    again = judged.first()
    if g is None or again is None:
        return None
    if not np.array_equal(g, again, equal_nan=True):
        with np.errstate(all="ignore"):
            doubled = np.array_equal(again, 2 * g)
        judged.breach(
            "gradient: accumulates from call to call; the second result is twice the first"
            if doubled
            else "gradient: two calls at the same point differ"
        )
    return g


def set_scene(course: Course, x: Vector, g: Vector, oracle: Oracle | None = None) -> Scene:
    """A point with an oracle chosen by what f proves to be there."""
    natural = scales(course.tree, x)
    noise = gradient_noise(course.judged, x, g, course.rng)
    if oracle is None:
        v = natural * random_weights(course.tree.size, course.rng)
        oracle = prove_analytic(course.primal, x, v) or CentralDifferences(primal=course.primal)
    return Scene(
        tree=course.tree,
        judged=course.judged,
        oracle=oracle,
        x=x,
        g=g,
        natural=natural,
        noise=noise,
        rng=course.rng,
    )


def compare_directions(scene: Scene) -> None:
    """Two directions through all entries, one for entries that are 0, more for hidden leaves."""
    size = scene.tree.size
    scene.compare(scene.natural * random_weights(size, scene.rng))
    if scene.finding is Finding.DISAGREES:
        return
    fair = scene.natural
    if scene.oracle.name == "complex step":
        fair = equalising_scales(scene.tree, scene.g, scene.natural)
    if np.any(fair):
        scene.compare(fair * random_weights(size, scene.rng))
    for part in hidden_leaves(scene):
        scene.compare(only(part, scene.natural) * random_weights(size, scene.rng))


def hidden_leaves(scene: Scene) -> list[slice]:
    """The leaves that could be 0, or have the wrong sign, with nothing to show for it."""
    return [
        part
        for part in scene.tree.slices()
        if part.stop > part.start and not any(resolves(r, scene.g, part) for r in scene.records)
    ]


def resolves(record: Record, g: Vector, part: slice) -> bool:
    """Whether a direction would show the loss of one leaf of the gradient."""
    v = record.v[part]
    share = abs(float(g[part] @ v))
    if not np.any(g[part]):
        alone = np.count_nonzero(record.v) == np.count_nonzero(v) > 0
        return alone and record.slope.still
    return share > record.bound


def second_scene(course: Course, here: Scene) -> Scene | None:
    """Another point for the same functions, compared there; None where f has no value near by."""
    v = here.natural * random_weights(course.tree.size, course.rng)
    for reach in (SECOND_POINT, SECOND_POINT**3):
        steps = reach * random_weights(course.tree.size, course.rng)
        for x in (here.x + steps * here.natural, here.x * (1 + steps)):
            x = course.tree.held(x)
            slope = here.oracle.slope(x, v)
            if np.isfinite(slope.value):
                g = here.judged.at(x)
                return None if g is None else second_comparison(here, x, g, v, slope)
    return None


def second_comparison(here: Scene, x: Vector, g: Vector, v: Vector, slope: Slope) -> Scene:
    """The gradient there, along one direction; its rounding is scaled over from the first."""
    tree = here.tree
    tops, before = leaf_tops(tree, g), leaf_tops(tree, here.g)
    growth = np.divide(tops, before, out=np.ones_like(tops), where=before > 0)
    noise = np.maximum(here.noise * np.maximum(growth, 1), leaf_eps(tree) * tops)
    there = replace(here, x=x, g=g, noise=noise, excuse=None, records=[])
    there.records.append(there.record(v, slope))
    return there


def look_at_all(course: Course, scene: Scene) -> None:
    """Every entry by itself, the doubtful ones twice."""
    positions = range(course.tree.size)
    chunk = 256
    for start in range(0, course.tree.size, chunk):
        some = list(positions[start : start + chunk])
        directions = [scene.unit(position) for position in some]
        slopes = scene.oracle.slopes(scene.x, directions)
        for position, v, slope in zip(some, directions, slopes, strict=True):
            record = scene.record(v, slope)
            if record.finding is Finding.AGREES:
                course.unsure += bool(record.bound >= abs(record.projection) > 0)
            else:
                examine_entry(course, scene, position)


def examine_entry(course: Course, scene: Scene, position: int) -> None:
    """Put one entry among the wrong, the kinks, the unsure, or nowhere."""
    finding, entry, slope = scene.examine(position)
    if finding is Finding.DISAGREES:
        course.wrong.append(entry)
    elif slope.kink:
        course.kinks.append(position)
    elif finding is Finding.UNSURE:
        course.unsure += 1


def conclude(course: Course, here: Scene, there: Scene | None) -> GradientCheck:
    """The answer, once every direction has been compared."""
    finding = here.finding
    if finding is not Finding.AGREES and not course.wrong:
        search(course, here)
    if there is not None and not course.wrong and there.finding is not Finding.AGREES:
        elsewhere = Course(
            primal=course.primal, judged=course.judged, rng=course.rng, seed=course.seed
        )
        search(elsewhere, there)
        course.elsewhere = bool(elsewhere.wrong)
    clear = finding is Finding.AGREES and not hidden_leaves(here)
    clear = clear and (there is None or there.finding is Finding.AGREES)
    verdict = Verdict.AGREES if clear else Verdict.INCONCLUSIVE
    if course.breaches or course.wrong or course.elsewhere:
        verdict = Verdict.DISAGREES
    return report(course, here, there, verdict)


def report(course: Course, here: Scene, there: Scene | None, verdict: Verdict) -> GradientCheck:
    return GradientCheck(
        verdict=verdict,
        wrong=tuple(course.wrong),
        resolution=resolution(here),
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
        return diagnose(course.breaches, course.wrong, here, there)
    if verdict is Verdict.AGREES:
        return None
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


def resolution(scene: Scene) -> float:
    """The smallest error in one entry, whichever it is, that the directions would have shown."""
    best = np.full(scene.tree.size, np.inf)
    for record in scene.records:
        blur = record.bound + abs(record.gap)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            best = np.fmin(best, np.where(record.v != 0, blur / np.abs(record.v), np.inf))
    return float(np.max(best, initial=0.0))


def search(course: Course, scene: Scene) -> None:
    """Find entries that are wrong beyond doubt."""
    if course.tree.size <= FEW:
        for position in range(course.tree.size):
            examine_entry(course, scene, position)
        return
    broken = np.flatnonzero(~np.isfinite(scene.g))
    if broken.size:
        for position in broken[:SAMPLE]:
            examine_entry(course, scene, int(position))
        return
    suspects = pick_out(course, scene)
    for position in suspects:
        examine_entry(course, scene, position)


def pick_out(course: Course, scene: Scene) -> list[int]:
    """The suspects by group testing, or a sample where nearly all are wrong."""
    record = max(scene.records, key=lambda r: abs(r.gap) / r.bound if r.bound else 0.0)
    if record.slope.kink or not np.isfinite(record.gap):
        return sample(course, scene)
    hunt = Search(measure=scene.residual, weights=record.v, rng=course.rng)
    suspects = hunt.run(record.gap, record.bound)
    course.dense = hunt.dense
    return sample(course, scene) if hunt.dense else suspects


def sample(course: Course, scene: Scene) -> list[int]:
    """The largest entries of every leaf and some random ones."""
    chosen: set[int] = set()
    for part in scene.tree.slices():
        inside = np.abs(scene.g[part])
        chosen.update(part.start + int(i) for i in np.argsort(-inside, kind="stable")[:4])
    chosen.update(int(i) for i in course.rng.integers(0, course.tree.size, SAMPLE))
    return sorted(chosen)


def broken(course: Course) -> GradientCheck:
    """The answer to a gradient whose shape is wrong."""
    return GradientCheck(
        verdict=Verdict.DISAGREES,
        oracle="contract",
        diagnosis=misshapen(course.judged, course.primal),
        evaluations=course.primal.evaluations,
        size=course.tree.size,
        seed=course.seed,
    )


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
