"""check_engine: every entry of an engine, whatever it is made of, and what is wrong with it."""

from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import engine
from derivations.numeric.check import check_engine
from derivations.numeric.engine_check import Bench, flat
from derivations.numeric.engine_diagnosis import constant
from derivations.numeric.errors import DtypeError, ShapeError, StructureError
from derivations.numeric.models import ACTIVATIONS, LOSSES, REDUCTIONS, Model
from derivations.numeric.network_enclosure import enclose
from derivations.numeric.result import Verdict
from derivations.numeric.trees import read_tree
from derivations.numeric.unit_injection import inject
from tests.numeric.networks import Array, Backward, Layers, Problem, forward, loss, slipped


def problem(widths: tuple[int, ...] = (5, 4, 3), m: int = 6, dtype: Any = float) -> Any:
    rng = np.random.default_rng(0)
    parameters = [
        (
            (rng.standard_normal((d, e)) / np.sqrt(d)).astype(dtype),
            (rng.standard_normal((1, e)) / 4).astype(dtype),
        )
        for d, e in pairwise(widths)
    ]
    X = rng.standard_normal((m, widths[0])).astype(dtype)
    Y = rng.integers(0, 2, (m, widths[-1])).astype(dtype)
    return parameters, X, Y


def engine_with(backward: Backward) -> Any:
    return SimpleNamespace(
        forward=forward, loss=lambda *a: float(loss(*a)), gradients=backward.gradients
    )


def network(hidden: Any, cost: Any, output: Any) -> Any:
    return engine.Network(hidden=hidden, cost=cost, output=output)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("m", [1, 2, 9])
@pytest.mark.parametrize("widths", [(3, 2), (5, 4, 3), (1, 1, 1), (4, 4, 4, 4, 4)])
def test_the_engine_agrees(widths: tuple[int, ...], m: int, dtype: Any) -> None:
    """Any depth, any batch, both precisions; by unit injection."""
    check = check_engine(engine, *problem(widths, m, dtype))
    assert check.verdict is Verdict.AGREES, check
    assert check.oracle == "unit injection"


@pytest.mark.parametrize(
    ("net", "oracle"),
    [
        (network(engine.TANH, engine.SQUARED_ERROR, engine.IDENTITY), "unit injection"),
        (network(engine.SOFTPLUS, engine.SQUARED_ERROR, engine.SIGMOID), "unit injection"),
        (network(engine.RELU, engine.BINARY_CROSS_ENTROPY, engine.SIGMOID), "unit injection"),
        (network(engine.TANH, engine.SOFTMAX_CROSS_ENTROPY, engine.SOFTMAX), "central differences"),
        (engine.Network(l2=0.1), "central differences"),
    ],
)  # fmt: skip
def test_other_networks_are_judged_by_what_their_forward_shows(net: Any, oracle: str) -> None:
    """Known layers by unit injection, all others like any function; both catch a slip."""
    parameters, X, Y = problem()
    check = check_engine(net, parameters, X, Y)
    assert check.verdict is Verdict.AGREES, check
    assert check.oracle == oracle

    def wrong(parameters: Layers, X: Array, Y: Array) -> Layers:
        g = net.gradients(parameters, X, Y)
        g[0][0][1, 2] *= 1.01
        return g

    broken = SimpleNamespace(forward=net.forward, loss=net.loss, gradients=wrong)
    check = check_engine(broken, parameters, X, Y)
    assert check.verdict is Verdict.DISAGREES
    assert ((0, 0), (1, 2)) in {entry.where for entry in check.wrong}


def test_layer_that_is_not_affine_in_W_is_not_taken_for_one() -> None:
    """W + 1e-9 W**2 in the forward pass: unit injection is refused, the check still right."""
    parameters, X, Y = problem()

    def bent(parameters: Layers) -> Layers:
        return [(W + 1e-9 * W**2, b) for W, b in parameters]

    crooked = SimpleNamespace(
        forward=lambda p, X: forward(bent(p), X),
        loss=lambda p, X, Y: float(loss(bent(p), X, Y)),
        gradients=lambda p, X, Y: [
            (dW * (1 + 2e-9 * W), db)
            for (dW, db), (W, _) in zip(slipped().gradients(bent(p), X, Y), p, strict=True)
        ],
    )
    check = check_engine(crooked, parameters, X, Y)
    assert check.oracle == "central differences"
    assert check.verdict is Verdict.AGREES, check


def test_one_entry_off_by_a_billionth_is_named() -> None:
    """Exactly that entry, in the largest network of the tests."""
    parameters, X, Y = problem((40, 30, 10), 16)

    def wrong(parameters: Layers, X: Array, Y: Array) -> Layers:
        g = engine.gradients(parameters, X, Y)
        g[0][0][7, 5] *= 1 + 1e-9
        return g

    right = check_engine(engine, parameters, X, Y)
    broken = SimpleNamespace(forward=engine.forward, loss=engine.loss, gradients=wrong)
    check = check_engine(broken, parameters, X, Y)
    assert 0 < right.resolution == check.resolution
    (entry,) = check.wrong
    assert right.resolution < abs(entry.analytic - entry.numeric) < abs(entry.numeric)
    assert [entry.where for entry in check.wrong] == [((0, 0), (7, 5))]
    assert check.summary == (
        "gradients[0][0]: 1 of 1200 entries, in 1 of 40 rows and 1 of 30 columns",
    )


def test_entries_in_doubt_are_settled_by_ball_arithmetic() -> None:
    """Where units are saturated the bounds are as large as the entries; balls are not."""
    parameters, X, Y = problem((5, 4, 3), 6)
    parameters = [(40 * W, b) for W, b in parameters]
    Y = np.round(engine.forward(parameters, X)[-1])  # all but learned: A - Y is nearly 0
    check = check_engine(engine, parameters, X, Y)
    assert check.oracle == "unit injection and ball arithmetic"
    assert check.verdict is Verdict.AGREES, check
    assert check.inconclusive == 0

    def wrong(parameters: Layers, X: Array, Y: Array) -> Layers:
        """Every entry that the injection is in doubt about, doubled."""
        g = engine.gradients(parameters, X, Y)
        smallest = int(np.argmin(np.abs(g[0][0])))
        g[0][0].flat[smallest] *= 2
        return g

    broken = SimpleNamespace(forward=engine.forward, loss=engine.loss, gradients=wrong)
    check = check_engine(broken, parameters, X, Y)
    assert check.inconclusive or check.verdict is Verdict.DISAGREES


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(
    ("hidden", "output", "loss"),
    [(0, 0, 0), (1, 4, 1), (3, 0, 2), (1, 1, 2), (4, 0, 0), (2, 0, 0)],
)
def test_balls_hold_the_injected_gradient(
    hidden: int, output: int, loss: int, reduction: str
) -> None:
    """Two routes to one gradient, for every activation and every loss."""
    model = Model(
        activations=(ACTIVATIONS[hidden], ACTIVATIONS[output]),
        loss=LOSSES[loss],
        reduction=reduction,
    )
    parameters, X, Y = problem((5, 4, 3), 6)
    exact = enclose(model, parameters, X, Y)
    injection = inject(model, parameters, X, Y, float(np.finfo(float).eps))
    numeric, bound = flat(injection.gradients), flat(injection.bounds)
    assert not np.any(exact.refutes(numeric, bound))
    doubled = 2 * numeric
    assert np.all(exact.refutes(doubled, bound)[np.abs(numeric) > 2 * bound])


DIAGNOSES: dict[str, Callable[[], Backward]] = {
    "times m: the mean over the samples is missing": lambda: slipped(output=lambda A, Y: A - Y),
    "divided by m twice": lambda: slipped(output=lambda A, Y: (A - Y) / len(Y) ** 2),
    "every sign is flipped": lambda: slipped(output=lambda A, Y: (Y - A) / len(Y)),
    "divided by k: a mean over the outputs": lambda: slipped(output=lambda A, Y: (A - Y) / Y.size),
    "a missing factor sigma' in layer 1": lambda: slipped(slope=lambda A, **_: np.ones_like(A)),
    "sigma' of layer 1 taken at A instead of Z": lambda: slipped(
        slope=lambda A, **_: np.exp(-A) / (1 + np.exp(-A)) ** 2
    ),
    "db of layer 2 is 0": lambda: slipped(
        after=lambda g, p: [g[0], (g[1][0], np.zeros_like(g[1][1]))]
    ),
    "times k: the mean over the outputs is missing": lambda: slipped(
        output=lambda A, Y: (A - Y) * Y.shape[1] / len(Y)
    ),
    "times 2": lambda: slipped(output=lambda A, Y: 2 * (A - Y) / len(Y)),
    "times 0.5": lambda: slipped(output=lambda A, Y: (A - Y) / len(Y) / 2),
    "every ratio is 1.75: a constant factor": lambda: slipped(
        after=lambda g, p: [(1.75 * dW, 1.75 * db) for dW, db in g]
    ),
    "gradients: changes X in place; work on a copy": lambda: slipped(
        after=lambda g, p: [g[0], (g[1][0], g[1][1] + np.multiply(p.X, 2, out=p.X)[0, 0])]
    ),
    "gradients: two calls at the same point differ": lambda: slipped(
        after=lambda g, p, state=[0.0]: counted(g, state)  # type: ignore[misc]
    ),
}


def counted(g: Layers, state: list[float]) -> Layers:
    state[0] += 1
    return [(dW + state[0], db) for dW, db in g]


@pytest.mark.parametrize("diagnosis", DIAGNOSES)
def test_slip_is_named(diagnosis: str) -> None:
    """One sentence, confirmed at other points with other batches."""
    check = check_engine(engine_with(DIAGNOSES[diagnosis]()), *problem())
    assert check.verdict is Verdict.DISAGREES
    assert check.diagnosis == diagnosis


ONE_LAYER: dict[str, Callable[[Array, Array, int], tuple[Array, Array]]] = {
    "dW of {} has its sign flipped": lambda dW, db, m: (-dW, db),
    "db of {} has its sign flipped": lambda dW, db, m: (dW, -db),
    "dW of {} is 0": lambda dW, db, m: (0 * dW, db),
    "db of {} is 0": lambda dW, db, m: (dW, 0 * db),
    "dW of {} is transposed": lambda dW, db, m: (dW.T.copy(), db),
    "times m in dW of {}: the mean over the samples is missing": lambda dW, db, m: (m * dW, db),
    "times m in db of {}: the mean over the samples is missing": lambda dW, db, m: (dW, m * db),
    "db of {} divided by m: a mean where the sum over the samples is due": lambda dW, db, m: (
        dW,
        db / m,
    ),
}


@pytest.mark.parametrize("layer", [1, 2, 3])
@pytest.mark.parametrize("diagnosis", ONE_LAYER)
def test_slip_in_one_layer_is_named_with_its_layer(diagnosis: str, layer: int) -> None:
    def after(g: Layers, p: Problem) -> Layers:
        changed = ONE_LAYER[diagnosis](*g[layer - 1], len(p.X))
        return [*g[: layer - 1], changed, *g[layer:]]

    check = check_engine(engine_with(slipped(after=after)), *problem((3, 3, 3, 3), 4))
    assert check.diagnosis == diagnosis.format(f"layer {layer}")


@pytest.mark.parametrize(("layers", "where"), [((1,), "layer 1"), ((2,), "layer 2"), ((1, 2), "")])
def test_missing_slope_is_named_with_the_layers_that_lack_it(
    layers: tuple[int, ...], where: str
) -> None:
    def without(A: Array, *, layer: int, **_: Any) -> Array:
        return np.ones_like(A) if layer in layers else A * (1 - A)

    check = check_engine(engine_with(slipped(slope=without)), *problem((5, 4, 3, 2)))
    assert check.diagnosis == f"a missing factor sigma' in {where or 'every hidden layer'}"


def trial(numeric: list[float], analytic: list[float], bound: list[float]) -> Any:
    arrays = map(np.array, (numeric, analytic, bound))
    return SimpleNamespace(**dict(zip(("numeric", "analytic", "bound"), arrays, strict=True)))


def test_factor_is_constant_where_all_ratios_agree_within_their_bounds() -> None:
    """A bound b blurs a ratio of 3 by 2 b (1 + 3), divided by the largest entry of what was due."""
    exact = trial([1, -2], [3, -6], [0, 0])
    assert constant([exact, exact]) == "every ratio is 3: a constant factor"
    blurred = trial([1, -2], [3, -6], [0, 0.25])
    at_the_edge = trial([-4], [-16], [0])  # 4 is 3 + 8 * 0.25 / 2
    assert constant([blurred, at_the_edge]) == "every ratio is 3: a constant factor"
    assert constant([at_the_edge, blurred]) == "every ratio is 4: a constant factor"
    beyond = trial([-4], [-16.5], [0])
    assert constant([blurred, beyond]) is None
    assert constant([beyond, blurred]) is None


def test_factor_is_not_constant_where_one_entry_has_another_ratio() -> None:
    """2 * 0.125 * (1 + 3) is 1."""
    assert constant([trial([1, -2], [4, -6], [0.125, 0])]) == "every ratio is 3: a constant factor"
    assert constant([trial([1, -2], [4.25, -6], [0.125, 0])]) is None
    assert constant([trial([0, 0], [1, 1], [0.125, 0.125])]) is None


def test_slip_that_no_sentence_fits_gets_none() -> None:
    """No diagnosis rather than a guess."""
    check = check_engine(engine_with(slipped(slope=lambda A, **_: A**2)), *problem())
    assert check.verdict is Verdict.DISAGREES
    assert check.diagnosis is None


def test_batch_on_which_an_engine_fails_is_named() -> None:
    """Right for the batch it was given, wrong for a single sample."""
    backward = slipped(after=lambda g, p: [(2 * dW, db) for dW, db in g] if len(p.X) == 1 else g)
    check = check_engine(engine_with(backward), *problem())
    assert check.verdict is Verdict.DISAGREES
    assert check.diagnosis == "right at the given point, wrong at another with m=1 samples"


def test_gradients_of_the_wrong_shape_are_told_and_compared_with_nothing() -> None:
    backward = slipped(after=lambda g, p: [g[0], (g[1][0].T, g[1][1])])
    check = check_engine(engine_with(backward), *problem(), seed=7)
    assert check.verdict is Verdict.DISAGREES
    assert check.diagnosis == "gradient(x)[1][0].shape=(3, 4), but should be (4, 3)"
    assert (check.oracle, check.wrong, check.summary) == ("contract", (), ())
    assert (check.name, check.seed, check.size) == ("gradients", 7, 39)


def test_gradients_that_are_right_at_the_first_batch_only_in_shape_are_told() -> None:
    """db as a row for each sample has the right shape for a single one."""
    backward = slipped(bias=lambda delta, **_: delta)
    parameters, X, Y = problem(m=1)
    check = check_engine(engine_with(backward), parameters, X, Y)
    assert check.verdict is Verdict.DISAGREES
    assert check.diagnosis is not None
    assert check.diagnosis.startswith("gradient(x)[0][1].shape=(9, 4), but should be (1, 4)")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda p, X, Y: (p, X[:3], Y), ShapeError, r"X\.shape=\(3, 5\), Y\.shape=\(6, 3\)"),
        (lambda p, X, Y: (p, X[:, :2], Y), ShapeError, r"W\[1\]\.shape=\(5, 4\), but A\[0\] has 2"),
        (lambda p, X, Y: (p, X, Y[:, :1]), ShapeError, r"the last layer has 3 columns"),
        (lambda p, X, Y: ([(p[0][0], p[0][1][0]), p[1]], X, Y), ShapeError, r"b\[1\]\.shape"),
        (lambda p, X, Y: (p, X.astype(int), Y), DtypeError, r"X\.dtype=int64"),
        (lambda p, X, Y: (p[0][0], X, Y), StructureError, "list of pairs"),
        (lambda p, X, Y: ([], X, Y), StructureError, "list of pairs"),
        (lambda p, X, Y: (p, None, Y), StructureError, "X is None"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_name(change: Any, error: Any, message: str) -> None:
    """The error names the argument, what came and what was due."""
    with pytest.raises(error, match=message):
        check_engine(engine, *change(*problem()))


def test_an_engine_in_single_precision_is_judged_in_doubles() -> None:
    parameters, X, Y = problem(dtype=np.float32)
    tree = read_tree("parameters", parameters)
    layers = Bench(engine=engine, tree=tree, X=X, Y=Y).layers(tree.vector())
    for (W, b), (given_W, given_b) in zip(layers, parameters, strict=True):
        assert W.dtype == b.dtype == np.float64
        assert np.array_equal(W, given_W)
        assert np.array_equal(b, given_b)
