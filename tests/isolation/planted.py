"""Work that ends badly, each in a way of its own, for the processes that have to survive it."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flint


def double(number: int) -> int:
    return 2 * number


def where() -> int:
    return os.getpid()


def threads() -> list[str | None]:
    return [os.environ.get("OPENBLAS_NUM_THREADS"), os.environ.get("OMP_NUM_THREADS")]


def noise() -> str:
    """Prints to both streams, past Python."""
    os.write(1, b"noise")
    os.write(2, b"noise")
    print("noise", file=sys.stderr, flush=True)
    return "said"


def spin() -> int:
    """A loop in C that no handler of Python's interrupts."""
    return sum(range(10**15))


def sleep() -> None:
    time.sleep(1000)


def hoard() -> int:
    """More than any limit of memory, asked for politely."""
    return len([bytearray(2**27) for _ in range(64)])


def explode() -> int:
    """More than any limit of memory, in a library that aborts."""
    return int(flint.fmpz_mat(20_000, 20_000).nrows())


def fail() -> None:
    raise ValueError("planted")


def leave(code: int) -> None:
    os._exit(code)


def die(number: int) -> None:
    os.kill(os.getpid(), number)


def die_once(mark: Path) -> str:
    """Killed as if from outside the first time, done the second."""
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


KEPT: list[bytearray] = []


class Cubes:
    """The sum of cubes, and its gradient; ``at`` names an entry in which the gradient is wrong."""

    def __init__(self, at: int | None) -> None:
        self.at = at

    def value(self, x: Any) -> float:
        return float((x**3).sum())

    def slopes(self, x: Any) -> Any:
        slopes = 3 * x**2
        if self.at is not None:
            slopes[self.at] *= 1.5
        return slopes


def cubes(at: int | None) -> tuple[Callable[[Any], float], Callable[[Any], Any]]:
    both = Cubes(at)
    return both.value, both.slopes


def leaking(task: object) -> object:
    """A judge that forgets nothing."""
    from derivations.tasks import judged

    KEPT.append(bytearray(b"x" * 2**18))
    return judged(task)  # type: ignore[arg-type]
