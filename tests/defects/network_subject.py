"""A sigmoid network as the subject of defects, judged at one of three doors."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from derivations.numeric.check import check_engine, check_gradient
from derivations.numeric.result import GradientCheck
from tests.defects.record import Bug, Defect, Outcome
from tests.defects.subjects import TRIALS, Array, outcome
from tests.numeric.networks import (
    RIGHT,
    Backward,
    Layers,
    Problem,
    draw,
    forward,
    loss,
    slipped,
)

DOORS = ("complex", "real", "engine")
Change = Callable[[Layers, Problem], Layers]
Slip = tuple[Bug, str, Callable[[], Backward]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Random networks; ``door`` says which oracle can be used on them."""

    door: str = "complex"
    trials: int = 3 * TRIALS  # some slips want a regime that is drawn seldom

    @property
    def name(self) -> str:
        return "network" if self.door == "complex" else f"network, {self.door}"

    def right(self) -> Backward:
        return RIGHT

    def judge(self, candidate: Any, trial: int) -> Outcome:
        return outcome(
            lambda: self.check(candidate, draw(np.random.default_rng([7, trial])), trial)
        )

    def check(self, candidate: Any, p: Problem, seed: int) -> GradientCheck:
        """One network at the door."""
        if self.door == "engine":
            engine = SimpleNamespace(
                forward=forward,
                loss=lambda *given: float(loss(*given)),
                gradients=candidate.gradients,
            )
            return check_engine(engine, p.parameters, p.X, p.Y, seed=seed)

        def f(parameters: Any) -> Any:
            value = loss(parameters, p.X, p.Y)
            return float(value) if self.door == "real" else value

        def gradient(parameters: Any) -> Layers:
            found: Layers = candidate.gradients(parameters, p.X, p.Y)
            return found

        return check_gradient(f, gradient, p.parameters, seed=seed)


def defects(slips: list[Slip]) -> Iterator[Defect]:
    """The records of slips in the backward pass."""
    for bug, name, make in slips:
        exposes = name if "only" in name or "where" in name else "any input"
        yield Defect(name=name, bug=bug, subject=Network(), build=make, exposes=exposes)


def after(bug: Bug, name: str, change: Change) -> Slip:
    """A slip in the finished gradients."""
    return bug, name, lambda: slipped(after=change)


def each(change: Callable[[Array], Array]) -> Change:
    return lambda g, p: [(change(dW), change(db)) for dW, db in g]


def in_layer(number: int, part: int, change: Callable[[Array], Array]) -> Any:
    """Change dW (part 0) or db (part 1) of one layer."""

    def changed(g: Layers, p: Problem) -> Layers:
        pair = list(g[number])
        pair[part] = change(pair[part])
        g[number] = (pair[0], pair[1])
        return g

    return changed
