"""Every entry by itself, in chunks that any executor may share out."""

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from derivations.numeric.differences import Oracle, Slopes
from derivations.numeric.directions import SIGN_FACTOR
from derivations.numeric.hygiene import Spares
from derivations.numeric.scene import Scene
from derivations.numeric.search import Course, examine_entry
from derivations.numeric.trees import Vector

CHUNKS = 64  # however many workers there are, so that every split gives the same answer
SMALLEST_CHUNK = 64
BATCH_CELLS = 2**22  # numbers that a batched function is given at a time, at most


class Executor(Protocol):
    """Whatever shares out calls as ``concurrent.futures`` does: threads, processes, a cluster."""

    def submit(self, fn: Any, /, *args: Any) -> "Future[Any]": ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Entries to be moved one by one from ``x``, and the oracle that tells their slopes."""

    oracle: Oracle
    x: Vector
    steps: Vector
    first: int
    stop: int

    def slopes(self) -> tuple[Slopes, int]:
        """The slope along each entry's step, and the evaluations that it took."""
        primal = replace(self.oracle.primal, evaluations=0, breaches=[], spares=Spares())
        oracle = replace(self.oracle, primal=primal)  # type: ignore[type-var]
        found = oracle.entry_slopes(self.x, range(self.first, self.stop), self.steps)
        return found, primal.evaluations


def look_at_all(course: Course, scene: Scene, executor: Executor | None) -> None:
    """Every entry by itself, the doubtful ones twice."""
    chunks = list(split(course, scene))
    if executor is None:
        answers = (chunk.slopes() for chunk in chunks)
    else:
        futures = [executor.submit(Chunk.slopes, chunk) for chunk in chunks]
        answers = (future.result() for future in futures)
    doubtful: list[int] = []
    for chunk, (slopes, evaluations) in zip(chunks, answers, strict=True):
        course.primal.evaluations += evaluations
        doubtful += compare(course, scene, chunk, slopes)
    for position in doubtful:
        examine_entry(course, scene, position)


def split(course: Course, scene: Scene) -> Iterator[Chunk]:
    size = scene.tree.size
    length = max(SMALLEST_CHUNK, -(-size // CHUNKS))
    if course.primal.batched:
        length = max(1, min(length, BATCH_CELLS // size))
    for first in range(0, size, length):
        stop = min(first + length, size)
        yield Chunk(oracle=scene.oracle, x=scene.x, steps=scene.natural, first=first, stop=stop)


def compare(course: Course, scene: Scene, chunk: Chunk, slopes: Slopes) -> list[int]:
    """The entries of a chunk whose gap is beyond their bound."""
    part = slice(chunk.first, chunk.stop)
    steps = scene.natural[part]
    shares = scene.g[part] * steps
    bounds = slopes.bounds + 2 * SIGN_FACTOR * steps * scene.tree.spread(scene.noise)[part]
    agree = (np.abs(slopes.values - shares) <= bounds) & ~slopes.kinks
    course.unsure += int(np.sum(agree & (bounds >= np.abs(shares)) & (shares != 0)))
    return [chunk.first + int(i) for i in np.flatnonzero(~agree)]
