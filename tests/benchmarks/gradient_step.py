"""A gradient step of the engine beside its peers and the bare matrix products, in Markdown.

    python -m tests.benchmarks.gradient_step [ROUNDS] [--one-thread]

A step is the forward pass, the loss and all gradients of sigmoid layers under mean binary
cross-entropy.  Every contestant does the same step on arrays of its own kind, made beforehand, and
all of them agree within the running-error bound before a time is taken.  They take turns; a ratio
is taken within a round, and shown as its median and quartiles over the rounds.  The peers (extra
``bench``) that are not installed are named and left out.  With ``--one-thread`` each library gets
one, and processor time is taken, which other work on the machine disturbs less.

Older OpenBLAS builds are held to a plainer kernel by OPENBLAS_CORETYPE, which the other libraries
do not know.  Where it is set, the whole run is made twice, with it and without.

The C library may hand freed memory back and fetch it anew page by page, whenever what was freed
last passes a threshold.  Which contestant that befalls is an accident of what the process held
before, and it more than doubled the time of some; so glibc is told to keep what it has.
"""

import gc
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, process_time, sleep
from typing import Any, TypeAlias

import numpy as np

import engine
from derivations.conformance.bounds import running_error
from tests.benchmarks.perceptron import Perceptron

Array: TypeAlias = np.ndarray
Step: TypeAlias = Callable[[], Any]
Clock: TypeAlias = Callable[[], float]
SIZES = (((3, 4, 1), 5), ((784, 128, 10), 64), ((784, 1024, 1024, 10), 256))
KERNELS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
KEPT_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(2**25), "MALLOC_TRIM_THRESHOLD_": str(2**30)}
# Long enough for the threads of one library to stop waiting for work beside those of the next.
REST = 0.05
# The time that a contestant gets in one round.
TURN = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Parameters and a batch, in one precision."""

    parameters: list[tuple[Array, Array]]
    X: Array
    Y: Array

    @property
    def arguments(self) -> tuple[list[tuple[Array, Array]], Array, Array]:
        return self.parameters, self.X, self.Y


def problem(widths: tuple[int, ...], samples: int, dtype: type[np.floating]) -> Problem:
    """Random weights of the usual scale."""
    drawn = Perceptron.draw(widths, samples=samples, seed=0)
    return Problem(
        parameters=[(W.astype(dtype), b.astype(dtype)) for W, b in drawn.parameters],
        X=drawn.X.astype(dtype),
        Y=drawn.Y.astype(dtype),
    )


def products_of(given: Problem) -> Step:
    """The matrix products of a step and nothing else, on arrays of their sizes."""
    weights = [W for W, _ in given.parameters]
    A = engine.forward(given.parameters, given.X)
    errors = [np.full_like(array, 0.5) for array in A[1:]]

    def step() -> list[Array]:
        kept: list[Array] = []
        for array, W in zip(A[:-1], weights, strict=True):
            array @ W
        for layer in range(len(weights), 0, -1):
            kept.append(A[layer - 1].T @ errors[layer - 1])
            if layer > 1:
                errors[layer - 1] @ weights[layer - 1].T
        return kept

    return step


def torch_step(given: Problem) -> Step:
    import torch

    pairs = [
        tuple(torch.from_numpy(array.copy()).requires_grad_() for array in pair)
        for pair in given.parameters
    ]
    flat = [array for pair in pairs for array in pair]
    X, Y = torch.from_numpy(given.X), torch.from_numpy(given.Y)
    cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits

    def step() -> Any:
        A = X
        for number, (W, b) in enumerate(pairs):
            Z = torch.addmm(b, A, W)
            A = torch.sigmoid(Z) if number < len(pairs) - 1 else Z
        value = cross_entropy(A, Y, reduction="sum") / len(X)
        return value.item(), torch.autograd.grad(value, flat)

    return step


def jax_step(given: Problem) -> Step:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def value(parameters: Any, X: Any, Y: Any) -> Any:
        A = X
        for W, b in parameters[:-1]:
            A = jax.nn.sigmoid(A @ W + b)
        W, b = parameters[-1]
        Z = A @ W + b
        return jnp.sum(jax.nn.softplus(Z) - Y * Z) / len(X)

    both = jax.jit(jax.value_and_grad(value))
    parameters = [tuple(jnp.asarray(array) for array in pair) for pair in given.parameters]
    X, Y = jnp.asarray(given.X), jnp.asarray(given.Y)

    def step() -> Any:
        found, gradients = jax.block_until_ready(both(parameters, X, Y))
        return float(found), [array for pair in gradients for array in pair]

    return step


def autograd_step(given: Problem) -> Step:
    import autograd.numpy as anp
    from autograd import value_and_grad

    def value(parameters: Any) -> Any:
        A = given.X
        for W, b in parameters[:-1]:
            A = 1 / (1 + anp.exp(-(anp.dot(A, W) + b)))
        W, b = parameters[-1]
        Z = anp.dot(A, W) + b
        return anp.sum(anp.logaddexp(anp.zeros_like(Z), Z) - given.Y * Z) / len(given.X)

    both = value_and_grad(value)

    def step() -> Any:
        found, gradients = both(given.parameters)
        return float(found), [array for pair in gradients for array in pair]

    return step


PEERS: dict[str, Callable[[Problem], Step]] = {
    "torch": torch_step,
    "JAX, jit": jax_step,
    "autograd": autograd_step,
}


def engine_step(given: Problem) -> Step:
    network = engine.Network()

    def step() -> Any:
        value, gradients = network.loss_and_gradients(*given.arguments)
        return value, [array for pair in gradients for array in pair]

    return step


def validation(given: Problem) -> Step:
    """What the engine's step spends on looking at its input."""
    network = engine.Network()
    return lambda: network.check("check", *given.arguments)


def contestants(given: Problem) -> tuple[dict[str, Step], list[str]]:
    """All that can be timed, each shown to compute the same, and the names of those absent."""
    steps, absent = {"engine": engine_step(given)}, []
    for name, make in PEERS.items():
        try:
            steps[name] = make(given)
        except ImportError:
            absent.append(name)
    for name, step in steps.items():
        check_agreement(name, given, step())
    steps["validation"] = validation(given)
    steps["products"] = products_of(given)
    return steps, absent


def check_agreement(name: str, given: Problem, outcome: tuple[float, list[Any]]) -> None:
    """Raise where a contestant is further from the engine than rounding explains."""
    value, gradients = engine_step(given)()
    bound = running_error(*given.arguments)
    pairs = [(np.asarray(outcome[0]), np.asarray(value), np.asarray(bound.loss))]
    room = [array for pair in bound.gradients for array in pair]
    pairs += [(np.asarray(a), b, c) for a, b, c in zip(outcome[1], gradients, room, strict=True)]
    for theirs, ours, allowed in pairs:
        # A peer may round its loss to the precision of the arrays.
        slack = 2 * allowed + np.finfo(given.X.dtype).eps * np.abs(ours)
        if not np.all(np.abs(theirs.astype(float) - ours) <= slack):
            raise AssertionError(f"{name} computes something else than the engine")


def seconds(step: Step, clock: Clock) -> float:
    """The median time of a call, over one turn; the first call, which warms up, left out."""
    step()
    times: list[float] = []
    began = perf_counter()
    while len(times) < 3 or perf_counter() - began < TURN:
        start = clock()
        step()
        times.append(clock() - start)
    return float(np.median(times))


def rounds_of(steps: dict[str, Step], rounds: int, clock: Clock) -> dict[str, Array]:
    """Times by contestant and round, in turn, and in another order in each round."""
    rng = np.random.default_rng(0)
    times: dict[str, list[float]] = {name: [] for name in steps}
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name in rng.permutation(list(steps)):
                sleep(REST)
                times[name].append(seconds(steps[name], clock))
    finally:
        gc.enable()
    return {name: np.array(found) for name, found in times.items()}


def spread(ratios: Array) -> str:
    low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def peak(given: Problem) -> float:
    """The peak of what a step allocates, over the sizes of its activations and gradients."""
    step = engine_step(given)
    step()
    tracemalloc.start()
    try:
        outcome = step()
        _, highest = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    A = engine.forward(given.parameters, given.X)[1:]
    return highest / sum(array.nbytes for array in (*A, *outcome[1]))


def table(rounds: int, clock: Clock) -> list[str]:
    """A line for each size and precision."""
    columns = ("size", "products", "engine", "engine, validation apart", *PEERS, "peak memory")
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    missing: list[str] = []
    for widths, samples in SIZES:
        for dtype in (np.float64, np.float32):
            given = problem(widths, samples, dtype)
            steps, missing = contestants(given)
            times = rounds_of(steps, rounds, clock)
            bare, own = times["products"], times["engine"]
            cells = [
                f"{list(widths)}, {samples} samples, {dtype.__name__}",
                f"{np.median(bare) * 1e3:.3g} ms",
                spread(own / bare),
                f"{spread((own - times['validation']) / bare)}",
                *(spread(times[name] / own) if name in times else "" for name in PEERS),
                f"{peak(given):.2f}",
            ]
            lines.append("| " + " | ".join(cells) + " |")
    lines += [f"{name}: not installed, left out" for name in missing]
    return lines


def kernel() -> str:
    """Which matrix kernel NumPy runs, as far as it can be asked."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return "unknown, threadpoolctl is not installed"
    found = [info for info in threadpool_info() if info.get("user_api") == "blas"]
    return ", ".join(
        f"{info['internal_api']} {info['version']} {info.get('architecture', '')}"
        f" with {info['num_threads']} threads"
        for info in found
    )


def again(title: str, environment: dict[str, str]) -> None:
    """The whole run in another process, because a library reads its environment as it loads."""
    print(f"{title}\n", flush=True)
    command = [sys.executable, "-m", "tests.benchmarks.gradient_step", *sys.argv[1:]]
    subprocess.run(command, env=environment, check=True)


def main() -> None:
    one_thread = "--one-thread" in sys.argv
    due = KEPT_MEMORY | (ONE_THREAD if one_thread else {})
    if not due.items() <= os.environ.items():
        again("One thread each, processor time." if one_thread else "Wall time.", os.environ | due)
        return
    rounds = next((int(word) for word in sys.argv[1:] if word.isdigit()), 15)
    print(f"NumPy's kernel: {kernel()}\n")
    print(
        "Engine: its time over that of the bare products.  Peers: their time over the engine's.\n"
        "Peak memory: over activations and gradients.\n"
    )
    print("\n".join(table(rounds, process_time if one_thread else perf_counter)), flush=True)
    if any(name in os.environ for name in KERNELS):
        free = {name: value for name, value in os.environ.items() if name not in KERNELS}
        again("\nThe same without OPENBLAS_CORETYPE:", free)


if __name__ == "__main__":
    main()
