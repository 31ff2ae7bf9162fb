"""Plant 1, 3 and 10 wrong entries in a large gradient, find them, and count evaluations.

Run: python -m tests.benchmarks.locating [TRIALS]
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from derivations.numeric.check import check_gradient
from tests.benchmarks.perceptron import Perceptron

SMALL, LARGE = (784, 128, 10), (784, 1024, 1024, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One trial."""

    exact: bool
    extra: int
    missed_in_sight: int  # missed although off by more than the resolution
    evaluations: int


def trial(network: Perceptron, count: int, error: float, real: bool, seed: int) -> Outcome:
    """Plant wrong entries at random places of the weights and see what is named."""
    rng = np.random.default_rng(seed)
    right = network.gradients(network.parameters)
    wrong = [(dW.copy(), db.copy()) for dW, db in right]
    planted: dict[Any, float] = {}
    while len(planted) < count:
        layer = int(rng.integers(0, len(wrong)))
        dW = wrong[layer][0]
        index = tuple(int(rng.integers(0, n)) for n in dW.shape)
        where = ((layer, 0), index)
        if where not in planted:
            planted[where] = abs(error * dW[index])
            dW[index] *= 1 + error
    offset = [(a - c, b - d) for (a, b), (c, d) in zip(wrong, right, strict=True)]

    def gradient(parameters: Any) -> Any:
        found = network.gradients(parameters)
        return [(a + c, b + d) for (a, b), (c, d) in zip(found, offset, strict=True)]

    f: Callable[[Any], Any] = network.real_loss if real else network.loss
    check = check_gradient(f, gradient, network.parameters, seed=seed)
    named = {entry.where for entry in check.wrong}
    missed = [size for where, size in planted.items() if where not in named]
    return Outcome(
        exact=named == set(planted),
        extra=len(named - set(planted)),
        missed_in_sight=sum(size > check.resolution for size in missed),
        evaluations=check.evaluations,
    )


def report(widths: tuple[int, ...], errors: dict[bool, float], trials: int) -> None:
    network = Perceptron.draw(widths, samples=64, seed=0)
    for real, error in errors.items():
        for count in (1, 3, 10):
            start = time.perf_counter()
            outcomes = [trial(network, count, error, real, seed) for seed in range(trials)]
            used = [outcome.evaluations for outcome in outcomes]
            print(
                f"{network.size:>9,} parameters, {'real   ' if real else 'complex'} f, "
                f"{count:>2} wrong by {error:g}: exact {sum(o.exact for o in outcomes)}/{trials}, "
                f"extra {sum(o.extra for o in outcomes)}, missed above the resolution "
                f"{sum(o.missed_in_sight for o in outcomes)}, evaluations median "
                f"{int(np.median(used))} most {max(used)}, "
                f"{(time.perf_counter() - start) / trials:.2f} s a trial",
                flush=True,
            )


def main() -> None:
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    report(SMALL, {False: 1e-6, True: 1e-3}, trials)
    report(LARGE, {False: 1e-3, True: 1e-3}, max(trials // 20, 1))


if __name__ == "__main__":
    main()
