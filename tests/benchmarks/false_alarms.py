"""Right gradients by the million: does any entry exceed its bound, and is the bound worth having?

Run: python -m tests.benchmarks.false_alarms [ENTRIES]
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

import engine
from derivations.numeric.check import check_engine, check_gradient
from derivations.numeric.engine_check import flat
from derivations.numeric.models import ACTIVATIONS, LOSSES, Model
from derivations.numeric.result import Verdict
from derivations.numeric.unit_injection import inject
from tests.numeric import networks

WEIGHTS = (1e-3, 1e-1, 1.0, 10.0, 100.0)
INPUTS = (1.0, 1e2, 1e4)
WIDEST = 40


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was seen in one group of cases."""

    entries: int = 0
    beyond: int = 0
    inconclusive: int = 0
    worst: float = 0.0
    relative: list[float] = field(default_factory=list)
    verdicts: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        median = float(np.median(self.relative)) if self.relative else float("nan")
        share = 100 * self.inconclusive / max(self.entries, 1)
        return (
            f"{self.entries:>9,} entries, beyond the bound {self.beyond}, worst ratio "
            f"{self.worst:.2g}, median bound/|g| {median:.1e}, inconclusive {share:.2f} %, "
            f"verdicts {self.verdicts}"
        )


def draw(rng: np.random.Generator, weight: float, size: float, dtype: Any, widest: int) -> Any:
    """A network of random depth and widths, with weights and inputs of a given size."""
    depth = int(rng.integers(1, 5))
    widths = [int(width) for width in rng.integers(1, widest, depth + 1)]
    parameters = [
        (
            (weight * rng.standard_normal((d, e)) / np.sqrt(d)).astype(dtype),
            (weight * rng.standard_normal((1, e)) / 4).astype(dtype),
        )
        for d, e in pairwise(widths)
    ]
    m = int(rng.integers(1, 20))
    X = (size * rng.standard_normal((m, widths[0]))).astype(dtype)
    labels = rng.integers(0, 2, (m, widths[-1]))
    Y = (labels if rng.integers(0, 2) else rng.random(labels.shape)).astype(dtype)
    return parameters, X, Y


def saturated(parameters: Any, X: Any) -> bool:
    """Whether some unit is within the rounding of float32 of an end of its range."""
    wide = [(W.astype(float), b.astype(float)) for W, b in parameters]
    ends = [np.abs(A - 0.5) for A in networks.forward(wide, X.astype(float))[1:]]
    return any(bool(np.any(0.5 - np.finfo(np.float32).eps < A)) for A in ends)


def compare(tally: Tally, gradients: Any, parameters: Any, X: Any, Y: Any) -> None:
    """Every entry of an engine's gradient beside the injected one."""
    sigmoid = ACTIVATIONS[0]
    model = Model(
        activations=(sigmoid,) * len(parameters),
        loss=LOSSES[0],
        reduction="mean over the samples",
    )
    eps = float(np.finfo(X.dtype).eps)
    wide = [(W.astype(float), b.astype(float)) for W, b in parameters]
    with np.errstate(all="ignore"):
        injection = inject(model, wide, X.astype(float), Y.astype(float), eps)
        analytic = flat(gradients(parameters, X, Y))
        due, bound = flat(injection.gradients), flat(injection.bounds)
        ratio = np.abs(analytic - due) / bound
    tally.entries += due.size
    tally.beyond += int(np.sum(~(ratio <= 1)))
    tally.worst = max(tally.worst, float(np.max(ratio)))
    tally.inconclusive += int(np.sum((np.abs(due) <= bound) & ((due != 0) | (analytic != 0))))
    seen = np.abs(due) > 0
    tally.relative += list(bound[seen] / np.abs(due[seen]))


def regimes() -> Iterator[tuple[float, float]]:
    while True:
        for weight in WEIGHTS:
            for size in INPUTS:
                yield weight, size


def injection_run(entries: int, seed: int) -> dict[str, Tally]:
    """Unit injection against two engines, in both precisions."""
    rng = np.random.default_rng(seed)
    tallies: dict[str, Tally] = {}
    for name, gradients in (("engine", engine.gradients), ("plain", networks.gradients)):
        for dtype in (np.float64, np.float32):
            count = 0
            for weight, size in regimes():
                parameters, X, Y = draw(rng, weight, size, dtype, WIDEST)
                kind = "saturated" if saturated(parameters, X) else "unsaturated"
                tally = tallies.setdefault(f"{name} {dtype.__name__} {kind}", Tally())
                compare(tally, gradients, parameters, X, Y)
                count += sum(W.size + b.size for W, b in parameters)
                if count >= entries // 4:
                    break
    return tallies


def verdict_run(cases: int, seed: int) -> dict[str, Tally]:
    """The verdicts at every door, on small networks; entry by entry for complex input."""
    rng = np.random.default_rng(seed)
    tallies: dict[str, Tally] = {}
    for (weight, size), case in zip(regimes(), range(cases), strict=False):
        dtype = (np.float64, np.float32)[case % 2]
        parameters, X, Y = draw(rng, weight, size, dtype, 7)
        kind = f"{dtype.__name__} {'saturated' if saturated(parameters, X) else 'unsaturated'}"
        wide_X, wide_Y = X.astype(float), Y.astype(float)

        def f(p: Any, X: Any = wide_X, Y: Any = wide_Y) -> Any:
            return networks.loss(p, X, Y)

        def gradient(p: Any, X: Any = X, Y: Any = Y) -> Any:
            return networks.gradients(p, X, Y)

        checks = {
            "engine": check_engine(engine, parameters, X, Y, seed=case),
            "complex step": check_gradient(f, gradient, parameters, seed=case, exhaustive=True),
            "differences": check_gradient(lambda p: float(f(p)), gradient, parameters, seed=case),
        }
        for door, check in checks.items():
            tally = tallies.setdefault(f"{door} {kind}", Tally())
            tally.entries += check.size
            tally.beyond += len(check.wrong)
            tally.inconclusive += check.inconclusive
            verdict = str(check.verdict)
            tally.verdicts[verdict] = tally.verdicts.get(verdict, 0) + 1
            if check.verdict is Verdict.DISAGREES:
                print(door, weight, size, case, check, sep="\n")
    return tallies


def main() -> None:
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else 1_200_000
    start = time.perf_counter()
    for name, tally in injection_run(entries, 0).items():
        print(f"{name:<28} {tally}")
    for name, tally in verdict_run(entries // 1000, 1).items():
        print(f"{name:<28} {tally}")
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
