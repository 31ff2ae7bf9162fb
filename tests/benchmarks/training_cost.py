"""What the document's errors cost in training: loss curves, and the angle to the true gradient.

    python tests/benchmarks/training_cost.py [--picture FILE.png]

Trains on the digits and the breast cancer set of scikit-learn and on XOR, each with the right
gradients, with the right ones at the only widths at which the printed recurrences run once they
are repaired, and with those.  The data and the picture need the extra ``demo``.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import engine  # noqa: E402 - found through the line above, in a clone that is not installed
from derivations.conformance.bounds import running_error  # noqa: E402
from engine.arrays import Array, ParameterList, Parameters  # noqa: E402
from engine.as_printed import printed_forward, printed_loop, repaired_gradients  # noqa: E402


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Samples and labels, those for training first; one sample in five is for testing."""

    name: str
    X: Array
    Y: Array
    X_test: Array
    Y_test: Array
    rate: float
    epochs: int
    batch_size: int | None
    hidden: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One training: its loss by epoch, and the angles by layer where they were taken."""

    name: str
    widths: tuple[int, ...]
    losses: list[float]
    angles: list[list[float]]
    accuracy: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired(engine.Network):
    """The network of the document with its printed recurrences, repaired, for gradients."""

    angles: list[list[float]] = field(default_factory=list)

    def loss_and_gradients(
        self, parameters: Parameters, X: Array, Y: Array
    ) -> tuple[float, ParameterList]:
        value, true = super(Repaired, self).loss_and_gradients(parameters, X, Y)
        printed = repaired_gradients(parameters, X, Y)
        bounds = running_error(parameters, X, Y).gradients
        self.angles.append(
            [
                angle(p[0], t[0]) if settled(t[0], bound[0]) else float("nan")
                for p, t, bound in zip(printed, true, bounds, strict=True)
            ]
        )
        return value, printed


def settled(gradient: Array, bound: Array) -> bool:
    """Whether a gradient is more than its rounding errors, so that it has a direction at all."""
    return bool(np.linalg.norm(gradient) > np.linalg.norm(bound))


def angle(a: Array, b: Array) -> float:
    """The angle between two matrices, in degrees; nan where one of them is 0."""
    sizes = np.linalg.norm(a), np.linalg.norm(b)
    if 0 in sizes:
        return float("nan")
    a, b = a / sizes[0], b / sizes[1]
    # Exact at 0 and at 180 degrees, where the arc cosine is not.
    return float(np.degrees(2 * np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b))))


def xor() -> Data:
    """XOR with an output for each answer, so that a hidden layer of two units is wide enough."""
    X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    Y = np.eye(2)[[0, 1, 1, 0]]
    return Data(
        name="XOR",
        X=X,
        Y=Y,
        X_test=X,
        Y_test=Y,
        rate=2.0,
        epochs=3000,
        batch_size=None,
        hidden=4,
        seed=1,
    )


def shipped(name: str, load: Callable[..., Any], hidden: int, rate: float, epochs: int) -> Data:
    """A data set of scikit-learn, standardised by its training samples; one output per class."""
    X, labels = load(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    X, Y = X[order].astype(float), np.eye(labels.max() + 1)[labels[order]]
    test = len(X) // 5
    spread = X[test:].std(axis=0)
    X = (X - X[test:].mean(axis=0)) / np.where(spread > 0, spread, 1)
    return Data(
        name=name,
        X=X[test:],
        Y=Y[test:],
        X_test=X[:test],
        Y_test=Y[:test],
        rate=rate,
        epochs=epochs,
        batch_size=32,
        hidden=hidden,
        seed=0,
    )


def all_data() -> list[Data]:
    """Every data set; without scikit-learn, XOR alone and a line that says so."""
    try:
        from sklearn.datasets import load_breast_cancer, load_digits
    except ImportError:
        print("only XOR: the other data need scikit-learn, pip install 'gradproof[demo]'")
        return [xor()]
    return [
        xor(),
        shipped("breast cancer", load_breast_cancer, hidden=8, rate=0.1, epochs=40),
        shipped("digits", load_digits, hidden=48, rate=0.5, epochs=40),
    ]


def train(name: str, network: engine.Network, data: Data, hidden: tuple[int, ...]) -> Run:
    """One seeded training, its losses averaged over each epoch."""
    widths = (data.X.shape[1], *hidden, data.Y.shape[1])
    rng = np.random.default_rng(data.seed)
    by_epoch: list[list[float]] = [[] for _ in range(data.epochs)]

    def record(step: engine.Step) -> None:
        by_epoch[step.epoch - 1].append(step.loss)

    start = perf_counter()
    trained = engine.train(
        network,
        engine.initial_parameters(widths, rng),
        data.X,
        data.Y,
        rate=data.rate,
        epochs=data.epochs,
        batch_size=data.batch_size,
        rng=rng,
        on_step=record,
    )
    seconds = perf_counter() - start
    answers = network.forward(trained.parameters, data.X_test)[-1].argmax(axis=1)
    return Run(
        name=name,
        widths=widths,
        losses=[float(np.mean(losses)) for losses in by_epoch],
        angles=network.angles if isinstance(network, Repaired) else [],
        accuracy=float((answers == data.Y_test.argmax(axis=1)).mean()),
        seconds=seconds,
    )


def three_runs(data: Data) -> list[Run]:
    """The right gradients, the same at the widths of the printed ones, and the printed ones."""
    outputs = data.Y.shape[1]
    return [
        train("right", engine.Network(), data, (data.hidden,)),
        train("right, widths as printed", engine.Network(), data, (outputs, outputs)),
        train("printed, repaired", Repaired(), data, (outputs, outputs)),
    ]


def stops(data: Data) -> list[str]:
    """What the recurrences say that are printed, without any repair."""
    widths = (data.X.shape[1], data.hidden, data.Y.shape[1])
    parameters = engine.initial_parameters(widths, np.random.default_rng(data.seed))
    A = engine.forward(parameters, data.X)
    said = []
    for call in (
        lambda: printed_forward(parameters, data.X),
        lambda: printed_loop(parameters, A, {len(parameters): data.Y}, rate=data.rate),
    ):
        try:
            call()
        except engine.EngineError as error:
            said.append(str(error))
    return said


def report(data: Data, runs: list[Run]) -> None:
    """The figures of one data set as a table."""
    print(f"\n{data.name}: {len(data.X)} samples, {data.epochs} epochs, rate {data.rate}")
    for run in runs:
        widths = "-".join(str(width) for width in run.widths)
        print(
            f"  {run.name:26} {widths:12} loss {run.losses[0]:7.4f} -> {run.losses[-1]:7.4f}  "
            f"accuracy {run.accuracy:6.1%}  {run.seconds:5.1f} s"
        )
        if run.angles:
            middle = np.nanmedian(run.angles, axis=0)
            text = ", ".join(f"W[{i}] {degrees:.1f}" for i, degrees in enumerate(middle, start=1))
            print(f"  {'':26} median angle to the true gradient in degrees: {text}")
    for text in stops(data):
        print(f"  as printed it stops: {text}")


def draw(results: list[tuple[Data, list[Run]]], path: Path) -> None:
    """Loss curves above, angles by layer below, a column for each data set."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    # White of its own, so that it reads the same on a light page and on a dark one.
    figure, axes = pyplot.subplots(
        2, len(results), figsize=(4.2 * len(results), 6.2), squeeze=False, facecolor="white"
    )
    for column, (data, runs) in enumerate(results):
        draw_losses(axes[0, column], data, runs)
        draw_angles(axes[1, column], data, runs[-1])
    for row, y in ((0, 1.0), (1, 0.5)):
        lines, names = axes[row, 0].get_legend_handles_labels()
        place = {"loc": "upper center", "bbox_to_anchor": (0.5, y), "ncols": len(names)}
        figure.legend(lines, names, frameon=False, **place)
    figure.subplots_adjust(left=0.06, right=0.99, top=0.9, bottom=0.08, hspace=0.5, wspace=0.3)
    figure.savefig(path, dpi=110)


def draw_losses(axes: Any, data: Data, runs: list[Run]) -> None:
    """The loss of each run by epoch, told apart by colour and by dashes."""
    styles = (("tab:blue", "-"), ("tab:cyan", "--"), ("tab:red", "-."))
    for run, (colour, dashes) in zip(runs, styles, strict=True):
        epochs = np.arange(1, len(run.losses) + 1)
        axes.plot(epochs, run.losses, dashes, color=colour, label=f"gradients: {run.name}")
    axes.set(title=data.name, xlabel="epoch", ylabel="loss, nats per sample", yscale="log")


def draw_angles(axes: Any, data: Data, run: Run) -> None:
    """The angle of each layer by epoch, as long as the gradient is more than rounding."""
    series = np.array(run.angles)
    steps = np.linspace(0, len(series), data.epochs + 1).astype(int)
    for layer, dashes in zip(range(series.shape[1]), ("-", "--", "-."), strict=False):
        middle = [np.median(series[low:high, layer]) for low, high in pairwise(steps)]
        axes.plot(np.arange(1, len(middle) + 1), middle, dashes, label=f"W[{layer + 1}]")
    axes.axhline(90, color="grey", linewidth=0.8, linestyle=":")
    axes.set(xlabel="epoch", ylabel="angle, printed to true, degrees", ylim=(-5, 185))
    last = int(np.flatnonzero(np.isfinite(series).any(axis=1))[-1]) * data.epochs // len(series)
    if last < data.epochs // 2:
        axes.set_xlim(-0.03 * last, 1.05 * last)
        text = f"after epoch {last} the\ntrue gradient is rounding"
        axes.text(0.97, 0.35, text, ha="right", va="center", transform=axes.transAxes, fontsize=9)


def main() -> int:
    """Train, print, and draw where a picture is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--picture", type=Path, help="draw the curves to this file")
    options = parser.parse_args()
    results = []
    for data in all_data():
        runs = three_runs(data)
        report(data, runs)
        results.append((data, runs))
    if options.picture is not None:
        draw(results, options.picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
