"""This checker beside its peers: planted defects caught, and time, as a Markdown table.

Run: python -m tests.benchmarks.peers [ROUNDS] [--slow]   (prints the table)
"""

import sys
import time
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from derivations.numeric.check import check_engine, check_gradient
from derivations.numeric.result import Verdict
from derivations.numeric.trees import read_tree
from tests.benchmarks.peer_checkers import installed
from tests.benchmarks.perceptron import Perceptron
from tests.defects.corpus import NETWORKS
from tests.numeric import networks

SIZES = {7_114: (100, 64, 10), 101_770: (784, 128, 10), 1_863_690: (784, 1024, 1024, 10)}
DRAWS = 12


def flat_problem(problem: networks.Problem, gradients: Any) -> Any:
    """f, its gradient and x on one flat vector, as the peers want them."""
    tree = read_tree("x", problem.parameters)

    def f(x: Any) -> float:
        return float(networks.loss(tree.nested(x, np.float64), problem.X, problem.Y))

    def g(x: Any) -> Any:
        found = gradients(tree.nested(x, np.float64), problem.X, problem.Y)
        return read_tree("g", found).vector()

    return f, g, tree.vector()


def refuses(peer: Any, problem: networks.Problem, gradients: Any) -> bool | float:
    """What a peer says of a gradient: True if wrong, or an error; what it cannot take is wrong."""
    f, g, x = flat_problem(problem, gradients)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            answer = peer(f, g, x)
    except Exception:
        return True
    return not answer if isinstance(answer, bool) else float(answer)


def ours(problem: networks.Problem, gradients: Any) -> bool:
    check = check_gradient(
        lambda p: networks.loss(p, problem.X, problem.Y),
        lambda p: gradients(p, problem.X, problem.Y),
        problem.parameters,
    )
    return check.verdict is Verdict.DISAGREES


def problems() -> list[networks.Problem]:
    rng = np.random.default_rng(7)
    return [networks.draw(rng) for _ in range(DRAWS)]


def defect_table(peers: dict[str, Any]) -> list[str]:
    """For each checker: defects caught on random shapes, and right gradients called wrong."""
    drawn = problems()
    lines = [
        f"| checker | of {len(NETWORKS)} defects caught | right gradients called wrong, "
        f"of {len(drawn)} |",
        "|---|---|---|",
    ]
    caught = sum(any(ours(p, defect.build().gradients) for p in drawn) for defect in NETWORKS)
    alarms = sum(ours(p, networks.gradients) for p in drawn)
    lines.append(f"| gradproof check_gradient | {caught} | {alarms} |")
    for name, peer in peers.items():
        right = [refuses(peer, p, networks.gradients) for p in drawn]
        bar = max((e for e in right if not isinstance(e, bool)), default=0.0)

        def wrong(answer: bool | float, bar: float = bar) -> bool:
            return answer if isinstance(answer, bool) else not answer <= bar

        caught = sum(
            any(wrong(refuses(peer, p, defect.build().gradients)) for p in drawn)
            for defect in NETWORKS
        )
        lines.append(f"| {name} | {caught} | {sum(wrong(e) for e in right)} |")
    return lines


def torch_network(network: Perceptron, wrong_entry: bool = False) -> tuple[Any, Any]:
    """The same network in torch's own operations, its first dW with one entry off by 10 %."""
    import torch

    X, Y = torch.from_numpy(network.X), torch.from_numpy(network.Y)

    class Tampered(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, W: Any) -> Any:
            return W.clone()

        @staticmethod
        def backward(ctx: Any, y_bar: Any) -> Any:
            y_bar = y_bar.clone()
            y_bar[1, 2] *= 1.1
            return y_bar

    def f(*flat: Any) -> Any:
        A, pairs = X, list(zip(flat[::2], flat[1::2], strict=True))
        for number, (W, b) in enumerate(pairs):
            if wrong_entry and not number:
                W = Tampered.apply(W)
            Z = A @ W + b
            A = torch.sigmoid(Z)
        loss = torch.nn.functional.binary_cross_entropy_with_logits
        return loss(Z, Y, reduction="sum") / len(X)

    flat = tuple(
        torch.tensor(array, requires_grad=True) for pair in network.parameters for array in pair
    )
    return f, flat


def seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def ratio_line(label: str, theirs: list[float], own: list[float]) -> str:
    """The fastest round of each, their ratio, and the spread of the ratios round by round."""
    ratios = [a / b for a, b in zip(theirs, own, strict=True)]
    return (
        f"| {label} | {min(own):.4f} s | {min(theirs):.4f} s | "
        f"{min(theirs) / min(own):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |"
    )


def timing_table(rounds: int, slow: bool) -> list[str]:
    """The same work in turn: ratios above 1 are in our favour."""
    from torch.autograd import gradcheck

    lines = ["| work | gradproof, fastest | torch, fastest | ratio (spread) |", "|---|---|---|---|"]
    for size, widths in SIZES.items():
        network = Perceptron.draw(widths, samples=64, seed=0)
        f, flat = torch_network(network)
        own, theirs = [], []
        for _ in range(rounds):
            own.append(
                seconds(lambda n=network: check_gradient(n.loss, n.gradients, n.parameters))  # type: ignore[misc]
            )
            theirs.append(seconds(lambda f=f, flat=flat: gradcheck(f, flat, fast_mode=True)))  # type: ignore[misc]
        lines.append(ratio_line(f"passing check, {size:,} parameters, fast mode", theirs, own))
    network = Perceptron.draw(SIZES[101_770], samples=64, seed=0)
    engine = SimpleNamespace(
        forward=networks.forward,
        loss=lambda *a: float(networks.loss(*a)),
        gradients=networks.gradients,
    )
    call = lambda: check_engine(engine, network.parameters, network.X, network.Y)  # noqa: E731
    own = [seconds(call) for _ in range(max(rounds, 3))]
    if slow:
        f, flat = torch_network(network)
        theirs = [seconds(lambda: gradcheck(f, flat))] * len(own)
        lines.append(ratio_line("every entry, 101,770 parameters, slow mode", theirs, own))
        box = [
            seconds(
                lambda: check_gradient(
                    network.loss, network.gradients, network.parameters, exhaustive=True
                )
            )
        ]
        lines.append(ratio_line("every entry of the black box, slow mode", theirs[:1], box))
    else:
        lines.append(f"| every entry, 101,770 parameters | {np.median(own):.4f} s | not run | |")
    return lines


def sensitivity(trials: int) -> list[str]:
    """One entry of 101,770 off by 10 %: how often is it seen?"""
    from torch.autograd import gradcheck

    network = Perceptron.draw(SIZES[101_770], samples=64, seed=0)

    def wrong(parameters: Any) -> Any:
        g = network.gradients(parameters)
        g[0][0][1, 2] *= 1.1
        return g

    f, flat = torch_network(network, wrong_entry=True)
    mine = theirs = 0
    for seed in range(trials):
        mine += not check_gradient(network.loss, wrong, network.parameters, seed=seed)
        theirs += not gradcheck(f, flat, fast_mode=True, raise_exception=False)
    return [
        "| one entry of 101,770 off by 10 % | seen |",
        "|---|---|",
        f"| gradproof | {mine} of {trials} |",
        f"| torch gradcheck, fast | {theirs} of {trials} |",
    ]


def main() -> None:
    rounds = next((int(word) for word in sys.argv[1:] if word.isdigit()), 5)
    peers, absent = installed()
    for name in absent:
        print(f"{name}: not installed, left out", file=sys.stderr)
    print("\n".join(defect_table(peers)), flush=True)
    if "torch gradcheck, fast" in peers:
        print("", *sensitivity(50), sep="\n", flush=True)
        print("", *timing_table(rounds, "--slow" in sys.argv), sep="\n")


if __name__ == "__main__":
    main()
