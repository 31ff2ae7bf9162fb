"""How far engines are from the certified truth, as a share of the running-error bound, in Markdown.

    python -m tests.benchmarks.enclosure_distance [NETWORKS]

Every entry of every gradient of so many random networks of one to eight layers is held to its
enclosure: the engine's to the bound of a careful one, the peers' (extra ``bench``) to that too.  A
share above 1 is outside the bound, which for a peer says no more than that it evaluates 1 - A or
exp less carefully.  Peers that are not installed are named and left out.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import flint
import numpy as np

import engine
from derivations.conformance.bounds import running_error
from derivations.conformance.cases import Case, Regime, build_case
from derivations.conformance.enclosure import exact_network, precision
from tests.conformance.adapters import ADAPTERS

DEEPEST = 8
LAYERS = range(1, DEEPEST + 1)


@dataclass(slots=True, kw_only=True)
class Distance:
    """What was seen of one engine: entries, those outside the bound, and the largest share."""

    entries: int = 0
    outside: int = 0
    worst: float = 0.0
    shares: list[float] = field(default_factory=list)


def networks(count: int) -> Iterator[Case]:
    """Networks of each depth in turn, in every regime, in both precisions.

    The shapes come back after a while, because a library may compile anew for each.
    """
    rng = np.random.default_rng(0)
    shapes = [
        (tuple(int(d) for d in rng.integers(1, 6, layers + 1)), int(rng.integers(1, 8)))
        for layers in LAYERS
        for _ in range(3)
    ]
    regimes = tuple(Regime)
    for number in range(count):
        widths, samples = shapes[number % len(shapes)]
        yield build_case(
            widths,
            samples,
            regime=regimes[number // len(shapes) % len(regimes)],
            dtype="float32" if number % 5 == 4 else "float64",
            labels="hard" if number % 2 else "soft",
            seed=number,
        )


def shares(computed: Any, exact: Any, bounds: Any) -> Iterator[float]:
    """The error of each entry over its bound, rounded up; nan counts as infinitely far."""
    with precision():
        for got, true, room in zip(
            *(np.concatenate([np.ravel(a) for pair in x for a in pair]) for x in (computed, exact)),
            np.concatenate([np.ravel(a) for pair in bounds for a in pair]),
            strict=True,
        ):
            if not np.isfinite(got):
                yield float("inf")
                continue
            error = float(abs(flint.arb(float(got)) - true).upper())
            yield error / room if room else float("inf" if error else 0)


def measure(engines: dict[str, Any], count: int) -> dict[str, Distance]:
    """Every engine on every network."""
    found = {name: Distance() for name in engines}
    for case in networks(count):
        _, _, exact = exact_network(case.parameters, case.X, case.Y)
        bounds = running_error(case.parameters, case.X, case.Y, careful=True).gradients
        for name, one in engines.items():
            with np.errstate(all="ignore"):  # a peer may overflow; its result is what counts
                computed = one.gradients(case.parameters, case.X, case.Y)
            seen, distance = list(shares(computed, exact, bounds)), found[name]
            distance.entries += len(seen)
            distance.outside += sum(share > 1 for share in seen)
            distance.worst = max(distance.worst, *seen)
            distance.shares.append(float(np.median(seen)))
    return found


def main() -> None:
    count = next((int(word) for word in sys.argv[1:] if word.isdigit()), 1000)
    engines: dict[str, Any] = {"engine": engine}
    absent = []
    for name, make in ADAPTERS.items():
        try:
            engines[name] = make()
        except ImportError:
            absent.append(name)
    print(f"{count} networks of 1 to {DEEPEST} layers; errors as shares of the bound\n")
    print("| engine | entries | outside the bound | largest share | median share |")
    print("|---|---|---|---|---|")
    for name, seen in measure(engines, count).items():
        print(
            f"| {name} | {seen.entries:,} | {seen.outside:,} | {seen.worst:.3g} | "
            f"{np.median(seen.shares):.3f} |"
        )
    for name in absent:
        print(f"{name}: not installed, left out")


if __name__ == "__main__":
    main()
