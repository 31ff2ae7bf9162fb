"""Every refusal says who speaks; and sums at the end of the range come out right."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine.arrays import affine, quiet
from engine.as_printed import printed_forward, printed_loop, repaired_gradients
from engine.errors import EngineError, PrintedShapeError

P = [(np.full((2, 3), 0.5), np.zeros((1, 3))), (np.full((3, 1), 0.5), np.zeros((1, 1)))]
X, Y = np.ones((4, 2)), np.ones((4, 1))
NETWORK = engine.Network()
Call = Callable[[Any, Any, Any], object]
CALLS: dict[str, Call] = {
    "forward": lambda p, x, y: engine.forward(p, x),
    "loss": engine.loss,
    "gradients": engine.gradients,
    "loss_and_gradients": NETWORK.loss_and_gradients,
    "train": lambda p, x, y: engine.train(NETWORK, p, x, y, rate=1.0, epochs=1),
    "repaired_gradients": repaired_gradients,
    "printed_loop": lambda p, x, y: printed_loop(p, [x] * 3, {2: y}, rate=1.0),
}
SPOILED: dict[str, tuple[Any, Any, Any]] = {
    "no list of pairs": (None, X, Y),
    "no pair": ([(P[0][0],)], X, Y),
    "another dtype": ([P[0], (P[1][0], P[1][1].astype(np.float32))], X, Y),
    "a bias that is no row": ([(P[0][0], np.zeros(3)), P[1]], X, Y),
    "neighbours that do not fit": ([P[0], (np.ones((2, 1)), P[1][1])], X, Y),
    "a weight that is no number": ([(P[0][0] * np.nan, P[0][1]), P[1]], X, Y),
}
SAMPLES: dict[str, tuple[Any, Any, Any]] = {
    "samples of another width": (P, X[:, :1], Y),
    "samples of another dtype": (P, X.astype(np.float32), Y),
    "samples that are no numbers": (P, X * np.inf, Y),
    "samples in a list": (P, X.tolist(), Y),
}
LABELS: dict[str, tuple[Any, Any, Any]] = {
    "labels of another height": (P, X, Y[:2]),
    "labels of another dtype": (P, X, Y.astype(np.float32)),
    "labels beyond 1": (P, X, 2 * Y),
}


def refusal(call: Call, arguments: tuple[Any, Any, Any]) -> str:
    with pytest.raises(EngineError) as caught, np.errstate(invalid="ignore"):
        call(*arguments)
    return str(caught.value)


@pytest.mark.parametrize("speaker", CALLS)
@pytest.mark.parametrize("what", [*SPOILED, *SAMPLES, *LABELS])
def test_a_refusal_begins_with_the_call_that_refuses(speaker: str, what: str) -> None:
    if speaker == "printed_loop" and what not in SPOILED:
        return
    if speaker == "forward" and what in LABELS:
        return
    arguments = {**SPOILED, **SAMPLES, **LABELS}[what]
    assert refusal(CALLS[speaker], arguments).startswith(f"{speaker}: ")


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"rate": "1", "epochs": 1}, "rate"),
        ({"rate": 1.0, "epochs": 1.5}, "epochs"),
        ({"rate": 1.0, "epochs": True}, "epochs"),
        ({"rate": 1.0, "epochs": 1, "batch_size": 1.5}, "batch_size"),
        ({"rate": 1.0, "epochs": 1, "batch_size": 0}, "batch_size"),
        ({"rate": 0.0, "epochs": 1}, "rate"),
        ({"rate": np.inf, "epochs": 1}, "rate"),
        ({"rate": 1.0, "epochs": -1}, "epochs"),
    ],
)
def test_a_setting_is_refused_by_its_name(settings: dict[str, Any], name: str) -> None:
    text = refusal(lambda p, x, y: engine.train(NETWORK, p, x, y, **settings), (P, X, Y))
    assert text.startswith(f"train: {name} ")


@pytest.mark.parametrize("l2", ["1", -1.0, np.inf, np.nan])
def test_a_network_speaks_for_itself(l2: Any) -> None:
    with pytest.raises(EngineError) as caught:
        engine.Network(l2=l2)
    assert str(caught.value).startswith("Network: l2 ")


def test_a_width_is_refused_by_the_call_that_draws_parameters() -> None:
    with pytest.raises(EngineError, match=r"^initial_parameters: a width "):
        engine.initial_parameters([2, 1.5], np.random.default_rng(0))  # type: ignore[list-item]


@pytest.mark.parametrize("of_loop", [True, False])
def test_a_printed_sum_that_does_not_fit_names_both_its_terms(of_loop: bool) -> None:
    if of_loop:
        square = [(np.ones((2, 2)), np.zeros((1, 2)))] * 2
        A = [np.ones((2, 2)), np.ones((2, 3)), np.ones((2, 2))]
        with pytest.raises(PrintedShapeError) as caught:
            printed_loop(square, A, {2: np.zeros((2, 2))}, rate=1.0)
        assert "W^1 is (2, 2) and the product is (2, 3)" in str(caught.value)
    else:
        with pytest.raises(PrintedShapeError) as caught:
            printed_forward([(np.ones((3, 3)), np.zeros((1, 3)))], np.ones((3, 3)))
        assert "the product is (3, 3) and b^1 is (1, 3)" in str(caught.value)


# -- the end of the range ----------------------------------------------------------------
BIG = float(np.finfo(float).max)


@quiet
def test_a_product_beyond_the_range_is_brought_back_by_its_bias() -> None:
    """Twice 2^1023 is out of range; less 2^1023 it is in it again, to the bit."""
    A, W = np.array([[2.0]]), np.array([[2.0**1023]])
    assert affine(A, W, -W).tolist() == [[2.0**1023]]
    assert affine(-A, W, W).tolist() == [[-(2.0**1023)]]
    assert affine(A, W, 0 * W).tolist() == [[BIG]]
    assert affine(-A, W, 0 * W).tolist() == [[-BIG]]


@quiet
def test_entries_within_the_range_are_not_touched_by_one_beyond_it() -> None:
    """Only what overflows is computed anew: the others keep every bit."""
    A = np.array([[1.5, 0.1], [0.1, 0.7]])
    W = np.array([[BIG, 0.3], [0.0, 0.9]])
    b = np.array([[0.0, 0.1]])
    plain = A @ W + b
    found = affine(A, W, b)
    finite = np.isfinite(plain)
    assert not finite.all()
    assert found[finite].tolist() == plain[finite].tolist()
    assert found[0, 0] == BIG
