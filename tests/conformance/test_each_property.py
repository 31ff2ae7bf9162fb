"""Each property by itself refuses an engine that lacks just that."""

from collections.abc import Callable
from itertools import count
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from derivations.conformance import comparing, properties
from derivations.conformance.cases import Case, Regime, sample_cases
from tests.conformance.planted import RIGHT

CASES = [case for case in sample_cases(60) if len(case.widths) > 2 and case.samples > 1]
CASE = next(
    case
    for case in CASES
    if case.dtype == "float64" and case.regime is Regime.GENERIC and min(case.widths) > 1
)


def engine_with(**methods: Callable[..., Any]) -> Any:
    """The right engine with some of its methods replaced."""
    right = {name: getattr(RIGHT, name) for name in ("forward", "loss", "gradients")}
    return SimpleNamespace(**{**right, **methods})


def moved(by: float) -> Callable[..., Any]:
    """Gradients of which the last bias is off."""

    def gradients(parameters: Any, X: Any, Y: Any) -> Any:
        found = RIGHT.gradients(parameters, X, Y)
        found[-1][1][...] += by
        return found

    return gradients


def forgetful() -> Callable[..., Any]:
    """Gradients that are right in every second call."""
    calls = count()

    def gradients(parameters: Any, X: Any, Y: Any) -> Any:
        return moved(1e-3 * (next(calls) % 2))(parameters, X, Y)

    return gradients


def careless(parameters: Any, X: Any, Y: Any) -> Any:
    """Ones for whatever comes, except biases of a wrong shape."""
    if any(len(b) > 1 for _, b in parameters):
        raise ValueError("b")
    return [(np.ones_like(W), np.ones_like(b)) for W, b in parameters]


def short(parameters: Any, X: Any, Y: Any) -> Any:
    return RIGHT.gradients(parameters, X, Y)[1:]


def blind(parameters: Any, X: Any, Y: Any) -> Any:
    return RIGHT.gradients(parameters, np.nan_to_num(X), np.nan_to_num(Y))


BREACHES: list[tuple[Callable[[Any, Case], None], Any, str]] = [
    (properties.gradients_agree_with_differences, engine_with(gradients=moved(0.25)), "disagrees"),
    (properties.gradients_agree_with_the_enclosure, engine_with(gradients=moved(0.25)), "db["),
    (properties.calls_keep_no_state, engine_with(gradients=forgetful()), "other bits again"),
    (
        properties.no_samples_give_an_error_or_zeros,
        engine_with(gradients=careless),
        "dW[1] of no samples should be 0, or an error",
    ),
    (
        properties.shapes_that_do_not_fit_are_refused,
        engine_with(gradients=careless),
        "takes Y",
    ),
    (properties.nan_is_refused_or_shown, engine_with(gradients=blind), "nan"),
    (
        properties.activations_agree_with_the_enclosure,
        engine_with(forward=lambda parameters, X: RIGHT.forward(parameters, X)[:-1]),
        "A",
    ),
    (
        properties.activations_agree_with_the_enclosure,
        engine_with(forward=lambda parameters, X: [a + 1e-3 for a in RIGHT.forward(parameters, X)]),
        "A[",
    ),
]


@pytest.mark.parametrize(
    ("check", "engine", "message"), BREACHES, ids=[check.__name__ for check, _, _ in BREACHES]
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_property_is_missed_where_it_is_lacking(
    check: Callable[[Any, Case], None], engine: Any, message: str
) -> None:
    check(RIGHT, CASE)
    with pytest.raises(AssertionError) as caught:
        check(engine, CASE)
    assert message in str(caught.value)


def test_a_missing_layer_is_told_by_the_number_of_pairs() -> None:
    pairs = short(CASE.parameters, CASE.X, CASE.Y)
    with pytest.raises(AssertionError, match=f"{len(pairs)} pairs, but should be {len(pairs) + 1}"):
        comparing.same_layers(pairs, CASE)
    comparing.same_layers(RIGHT.gradients(CASE.parameters, CASE.X, CASE.Y), CASE)


def test_an_engine_that_cannot_be_called_is_guessed_about_in_silence() -> None:
    """What is wrong with it has been said before; a guess that fails adds nothing."""

    def broken(parameters: Any, X: Any, Y: Any) -> Any:
        raise ZeroDivisionError

    assert comparing.guess(engine_with(gradients=broken), CASE) is None
    assert comparing.guess(engine_with(), CASE) is None

    def doubled(parameters: Any, X: Any, Y: Any) -> Any:
        return [(2 * dW, 2 * db) for dW, db in RIGHT.gradients(parameters, X, Y)]

    hint = comparing.guess(engine_with(gradients=doubled), CASE)
    assert hint is not None
    assert "2" in hint


def test_a_share_of_two_results_has_the_shares_of_their_bounds() -> None:
    one = ([("dW[1]", np.array([1.0, 2.0]))], [np.array([0.5, 0.25])])
    two = ([("dW[1]", np.array([3.0, 4.0]))], [np.array([0.125, 1.0])])
    named, room = comparing.mixed(0.25, one, two)
    assert named[0][0] == "dW[1]"
    assert named[0][1].tolist() == [2.5, 3.5]
    due = np.array([0.25 * 0.5 + 0.75 * 0.125, 0.25 * 0.25 + 0.75 * 1.0])
    ours = room[0] - due
    assert np.all(ours > 0)
    assert np.all(ours < 64 * np.finfo(float).eps)


def test_two_results_are_as_far_apart_as_both_bounds_allow_and_no_further() -> None:
    here = [("dW[1]", np.array([[1.0, 2.0]]))]
    there = [("dW[1]", np.array([[1.0, 2.75]]))]
    bounds = [np.array([[0.0, 0.5]])]
    comparing.compare("both", here, there, bounds, [np.array([[0.0, 0.25]])])
    with pytest.raises(
        AssertionError, match=r"both: dW\[1\] differs.*\n.*\[0, 1\]  2.75  instead of 2 "
    ):
        comparing.compare("both", here, there, bounds, [np.array([[0.0, 0.125]])])
    nan = [("dW[1]", np.array([[np.nan, 2.0]]))]
    with pytest.raises(AssertionError, match=r"1 of 2 entries\n.*\[0, 0\]  nan"):
        comparing.compare("both", here, nan, bounds, bounds)
