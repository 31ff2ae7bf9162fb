"""check_engine: every gradient of a layered network at once, or the general check."""

from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from derivations.numeric.directions import random_step, scales
from derivations.numeric.engine_diagnosis import diagnose_engine
from derivations.numeric.errors import ShapeError, StructureError
from derivations.numeric.examine import examine, first_gradient
from derivations.numeric.hygiene import Judged, Primal
from derivations.numeric.models import Model
from derivations.numeric.network_enclosure import LARGEST, Enclosure, enclose
from derivations.numeric.result import GradientCheck, Verdict, WrongEntry
from derivations.numeric.running_error import Layers
from derivations.numeric.trees import (
    Array,
    Tree,
    Vector,
    concatenate,
    name_of,
    read_leaf,
    read_tree,
)
from derivations.numeric.unit_injection import Injection, inject, recognise

LISTED = 64
REACH = 2.0**-3
OTHER_BATCH = 9


class Engine(Protocol):
    """What an engine offers, as a module or as an object; samples are rows.

    Shapes: ``parameters`` a list of (W (d[l-1], d[l]), b (1, d[l])); ``X`` (m, d[0]); ``Y``
    (m, d[N]); ``forward`` returns A[0], ..., A[N].
    """

    def forward(self, parameters: Any, X: Array) -> list[Array]: ...

    def loss(self, parameters: Any, X: Array, Y: Array) -> float: ...

    def gradients(self, parameters: Any, X: Array, Y: Array) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """An engine's gradient beside the injected one, at one point and one batch.

    ``exact``: the same in ball arithmetic, where the bounds of the injection leave doubt.
    """

    tree: Tree
    layers: Layers
    X: Array
    Y: Array
    analytic: Vector
    numeric: Vector
    bound: Vector
    injection: Injection
    exact: Enclosure | None = None

    @property
    def beyond(self) -> Array:
        """Whether an entry is off by more than its bound."""
        gap = np.abs(self.analytic - self.numeric)
        return np.asarray(~(gap <= self.bound) & np.isfinite(self.numeric))

    @property
    def small(self) -> Array:
        """Whether an entry is no larger than its bound, and not 0 on both sides."""
        nothing = (self.analytic == 0) & (self.numeric == 0)
        return np.asarray((np.abs(self.numeric) <= self.bound) & ~nothing)

    @property
    def wrong(self) -> Array:
        """Positions of the entries beyond their bound, in ball arithmetic too."""
        if self.exact is None:
            return np.flatnonzero(self.beyond)
        return np.flatnonzero(self.beyond & self.exact.refutes(self.analytic, self.bound))

    @property
    def doubtful(self) -> Array:
        """Whether an entry is no larger than its bound, and ball arithmetic does not help."""
        if self.exact is None:
            return self.small
        return self.small & ~self.exact.certifies(self.analytic, self.tree.eps)

    @property
    def unsure(self) -> int:
        return int(np.sum(self.doubtful))

    def hidden(self) -> str | None:
        """The name of an array that could be 0 with nothing to show for it."""
        for path, part in zip(self.tree.paths, self.tree.slices(), strict=True):
            seen = np.any(~self.doubtful[part] & (self.numeric[part] != 0))
            if not seen and (np.any(self.numeric[part]) or np.any(self.analytic[part])):
                return name_of("gradients", path)
        return None


@dataclass(slots=True, kw_only=True)
class Bench:
    """An engine with its input, and every call to it watched."""

    engine: Engine
    tree: Tree
    X: Array
    Y: Array
    evaluations: int = 0
    breaches: list[str] = field(default_factory=list)

    def layers(self, x: Vector) -> Layers:
        """Parameters in doubles, each W (d, e) with its b (1, e)."""
        nest = self.tree.nested(x, np.float64)
        return [(W, b) for W, b in nest]

    def judged(self, X: Array, Y: Array) -> Judged:
        """The engine's gradient as a function of the parameters, for one batch."""

        def gradient(parameters: Any) -> Any:
            X_given, Y_given = X.copy(order="K"), Y.copy(order="K")
            result = self.engine.gradients(parameters, X_given, Y_given)
            for name, given, due in (("X", X_given, X), ("Y", Y_given, Y)):
                if not np.array_equal(given, due) and not self.breaches:
                    self.breaches.append(f"gradients: changes {name} in place; work on a copy")
            return result

        return Judged(gradient=gradient, tree=self.tree, breaches=self.breaches)

    def observed(self, x: Vector, X: Array, Y: Array) -> Any:
        """What the forward functions say at a point, in doubles where the engine takes them."""
        self.evaluations += 1
        parameters = self.tree.nested(x)
        outputs = self.engine.forward(parameters, X.copy(order="K"))
        value = float(self.engine.loss(self.tree.nested(x), X.copy(order="K"), Y.copy(order="K")))
        wide = [np.asarray(A, dtype=np.float64) for A in outputs]
        return self.layers(x), X.astype(np.float64), Y.astype(np.float64), wide, value


@np.errstate(all="ignore")  # what is not finite is judged, not warned of
def check_engine(
    engine: Engine,
    parameters: Any,
    X: Array,
    Y: Array,
    *,
    seed: int = 0,
    exhaustive: bool | None = None,
) -> GradientCheck:
    """Judge every entry of an engine's gradients.

    Where the forward functions prove at three points to be layers affine in W with known
    activations and a known loss, by unit injection; otherwise like any function, in random
    directions unless ``exhaustive=True``.

    Shapes: ``X`` (m, d[0]), ``Y`` (m, d[N]).
    Units: bounds and the resolution in units of the loss per unit of the parameter.
    Raises: NumericError for a call that cannot be judged.

    >>> import engine  # or any other that keeps to the protocol
    >>> rng = np.random.default_rng(0)
    >>> parameters = engine.initial_parameters((3, 4, 2), rng)
    >>> X, Y = rng.normal(size=(5, 3)), rng.uniform(size=(5, 2))
    >>> bool(check_engine(engine, parameters, X, Y))
    True
    """
    tree = read_parameters(parameters)
    bench = Bench(engine=engine, tree=tree, X=read_leaf("X", X), Y=read_leaf("Y", Y))
    check_shapes(bench)
    rng = np.random.default_rng(seed)
    model = None if exhaustive is False else recognised(bench, rng)
    if model is None:
        return generic(bench, seed, exhaustive)
    return injected(bench, model, rng, seed)


def read_parameters(parameters: Any) -> Tree:
    """The parameters as a tree.

    Raises: StructureError, DtypeError.
    """
    pairs = isinstance(parameters, list | tuple) and len(parameters) > 0
    if not pairs or not all(isinstance(p, list | tuple) and len(p) == 2 for p in parameters):
        raise StructureError("parameters should be a list of pairs (W, b), one for each layer")
    return read_tree("parameters", parameters)


def check_shapes(bench: Bench) -> None:
    """Raises: ShapeError where parameters, X and Y do not fit together."""
    X, Y = bench.X, bench.Y
    if X.ndim != 2 or Y.ndim != 2 or len(X) != len(Y):
        raise ShapeError(f"X.shape={X.shape}, Y.shape={Y.shape}, but should be (m, n) and (m, k)")
    width = X.shape[1]
    leaves = bench.tree.leaves
    for layer, (W, b) in enumerate(zip(leaves[::2], leaves[1::2], strict=True), start=1):
        if W.ndim != 2 or W.shape[0] != width:
            raise ShapeError(f"W[{layer}].shape={W.shape}, but A[{layer - 1}] has {width} columns")
        width = W.shape[1]
        if b.shape != (1, width):
            raise ShapeError(f"b[{layer}].shape={b.shape}, but should be (1, {width})")
    if Y.shape[1] != width:
        raise ShapeError(f"Y.shape={Y.shape}, but the last layer has {width} columns")


def moved(tree: Tree, x: Vector, rng: np.random.Generator) -> Vector:
    """Another point near by."""
    return tree.held(x + random_step(REACH * scales(tree, x), rng))


def recognised(bench: Bench, rng: np.random.Generator) -> Model | None:
    """The model that the forward functions follow at the point and at two others."""
    x = bench.tree.vector()
    points = [x, moved(bench.tree, x, rng), moved(bench.tree, x, rng)]
    with np.errstate(all="ignore"):
        items = [bench.observed(point, bench.X, bench.Y) for point in points]
        return recognise(items, bench.tree.eps)


def batches(X: Array, Y: Array) -> list[tuple[Array, Array]]:
    """Batches of other sizes: one sample, and a few that no power of two divides."""
    rows = np.arange(OTHER_BATCH if len(X) != OTHER_BATCH else OTHER_BATCH + 2) % len(X)
    return [(X[:1], Y[:1]), (X[rows], Y[rows])]


def injected(bench: Bench, model: Model, rng: np.random.Generator, seed: int) -> GradientCheck:
    """The check by unit injection: at the point, and at others with other batches."""
    x = bench.tree.vector()
    judged = bench.judged(bench.X, bench.Y)
    g = first_gradient(judged, x, "gradients")
    if g is None:
        return misshapen(bench, seed)
    trials = [trial(bench, model, x, bench.X, bench.Y, g)]
    for X, Y in batches(bench.X, bench.Y) if len(bench.X) else []:
        other = moved(bench.tree, x, rng)
        there = bench.judged(X, Y)
        there.last = judged.last
        h = there.at(other)
        if h is not None:
            trials.append(trial(bench, model, other, X, Y, h))
    return answer(bench, model, trials, seed)


def trial(bench: Bench, model: Model, x: Vector, X: Array, Y: Array, g: Vector) -> Trial:
    """Both gradients at one point."""
    wide = [array.astype(np.float64) for array in (X, Y)]
    layers = bench.layers(x)
    with np.errstate(all="ignore"):
        injection = inject(model, layers, wide[0], wide[1], bench.tree.eps)
    bench.evaluations += injection.evaluations
    found = Trial(
        tree=bench.tree,
        layers=layers,
        X=wide[0],
        Y=wide[1],
        analytic=g,
        numeric=flat(injection.gradients),
        bound=flat(injection.bounds),
        injection=injection,
    )
    worth = bench.tree.size * len(X) <= LARGEST
    if worth and np.any(found.beyond | found.small):
        return replace(found, exact=enclose(model, layers, *wide))
    return found


def flat(layers: Layers) -> Vector:
    """All entries of a list of pairs in one vector."""
    return concatenate(tuple(array for pair in layers for array in pair))


def misshapen(bench: Bench, seed: int) -> GradientCheck:
    """The answer to gradients of the wrong shape."""
    return GradientCheck(
        verdict=Verdict.DISAGREES,
        oracle="contract",
        diagnosis=bench.breaches[0],
        evaluations=bench.evaluations,
        size=bench.tree.size,
        seed=seed,
        name="gradients",
    )


def answer(bench: Bench, model: Model, trials: list[Trial], seed: int) -> GradientCheck:
    """The verdict over all trials; the entries are those of the first."""
    first = trials[0]
    wrong = [t.wrong for t in trials]
    hidden = first.hidden()
    if bench.breaches or any(some.size for some in wrong):
        verdict = Verdict.DISAGREES
    else:
        verdict = Verdict.INCONCLUSIVE if hidden else Verdict.AGREES
    diagnosis = f"the bound is as large as {hidden} itself" if hidden else None
    if verdict is Verdict.DISAGREES:
        diagnosis = bench.breaches[0] if bench.breaches else diagnose_engine(model, trials)
    used_balls = any(t.exact is not None for t in trials)
    return GradientCheck(
        verdict=verdict,
        wrong=listed(first, wrong[0]),
        resolution=float(np.max(first.bound, initial=0.0)),
        oracle="unit injection and ball arithmetic" if used_balls else "unit injection",
        diagnosis=diagnosis,
        evaluations=bench.evaluations,
        size=bench.tree.size,
        seed=seed,
        name="gradients",
        summary=summary(first, wrong[0]),
        inconclusive=first.unsure,
    )


def listed(trial: Trial, wrong: Array) -> tuple[WrongEntry, ...]:
    """The wrong entries, or those furthest off where they are many."""
    gaps = np.abs(trial.analytic[wrong] - trial.numeric[wrong]) / trial.bound[wrong]
    worst = wrong[np.argsort(-gaps, kind="stable")[:LISTED]]
    return tuple(
        WrongEntry(
            where=trial.tree.where(int(i)),
            analytic=float(trial.analytic[i]),
            numeric=float(trial.numeric[i]),
            bound=float(trial.bound[i]),
        )
        for i in np.sort(worst)
    )


def summary(trial: Trial, wrong: Array) -> tuple[str, ...]:
    """How many entries of which array are wrong, and in how many rows and columns."""
    lines = []
    for path, leaf, part in zip(
        trial.tree.paths, trial.tree.leaves, trial.tree.slices(), strict=True
    ):
        inside = wrong[(wrong >= part.start) & (wrong < part.stop)] - part.start
        if inside.size:
            rows, columns = (
                np.unique(index).size for index in np.unravel_index(inside, leaf.shape)
            )
            lines.append(
                f"{name_of('gradients', path)}: {inside.size} of {leaf.size} entries, in "
                f"{rows} of {leaf.shape[0]} rows and {columns} of {leaf.shape[1]} columns"
            )
    return tuple(lines)


def generic(bench: Bench, seed: int, exhaustive: bool | None) -> GradientCheck:
    """The check of an engine that is no network this module knows."""

    def loss(parameters: Any) -> Any:
        X, Y = bench.X, bench.Y
        if isinstance(parameters[0][0], np.ndarray):
            # An engine with one dtype for all wants its samples in that of the parameters.
            X, Y = X.astype(parameters[0][0].dtype), Y.astype(parameters[0][0].dtype)
        return bench.engine.loss(parameters, X.copy(), Y.copy())

    primal = Primal(f=loss, tree=bench.tree, evaluations=bench.evaluations)
    return examine(primal, bench.judged(bench.X, bench.Y), seed=seed, exhaustive=exhaustive)
