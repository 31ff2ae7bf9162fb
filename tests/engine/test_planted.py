"""The engine's own tests, with an engine planted under them that is wrong in one place."""

from collections.abc import Callable

import numpy as np
import pytest

import engine
from derivations.conformance.cases import Case, Layout, Regime, build_case, rebuilt
from tests.conformance.planted import DEFECTS, RIGHT, Careless, Plain, Remembering, result, step
from tests.conformance.styles import STYLES
from tests.engine import test_contract as contract
from tests.engine import test_gradients as truth
from tests.engine import test_symmetries as symmetries

CASES = (
    build_case((3, 4, 2), 5, seed=1),
    build_case((2, 3, 4, 2, 3), 7, labels="hard", seed=2),
    build_case((1, 1), 1, regime=Regime.SATURATED, labels="hard", seed=3),
    build_case((2, 3, 2), 4, regime=Regime.SATURATED, labels="hard", seed=4),
    build_case((3, 2), 4, regime=Regime.LARGE, seed=5),
    build_case((2, 5, 3), 4, seed=8),
    build_case((2, 2, 2), 3, layout=Layout.FORTRAN, dtype="float32", seed=6),
)

ENCLOSURE = truth.test_gradients_lie_within_the_running_error_of_the_enclosure
FORWARD = truth.test_activations_and_loss_lie_within_the_running_error_of_the_enclosure
STEP = truth.test_gradients_agree_with_the_complex_step
ONE_LAYER = truth.test_one_layer_gradient_is_the_output_error_times_the_input
UNCHANGED = contract.test_no_input_is_modified
ALIAS = contract.test_no_output_shares_memory_with_an_input_or_another_output
FORMS = contract.test_shapes_and_dtype_are_those_of_the_inputs
STATE = contract.test_calls_keep_no_state
LAYOUT = contract.test_layout_in_memory_changes_no_bit
ORDER = symmetries.test_order_of_the_samples_does_not_matter
BATCHES = symmetries.test_gradients_add_up_over_batches
UNITS = symmetries.test_permuting_hidden_units_permutes_the_gradients
MIRROR = symmetries.test_swapping_labels_and_signs_swaps_the_gradient_of_the_last_layer


def last_row_weighted(gradients: list, parameters: object, X: np.ndarray, Y: np.ndarray) -> list:
    """The last sample counts twice in dW[1]."""
    A = RIGHT.forward(parameters, X)
    if len(gradients) == 1:
        gradients[0] = (gradients[0][0] + X[-1:].T @ (A[-1] - Y)[-1:] / len(X), gradients[0][1])
    return gradients


# A - Y and A (1 - A) as they are printed: right, but not to the last digits where A is near 1.
PLAIN_RESIDUAL = step("output_error", lambda A, Y: (A - Y) / len(Y))

PLANTED: list[tuple[str, Callable, Plain]] = [
    ("the printed A - Y", ENCLOSURE, PLAIN_RESIDUAL),
    ("1/m missing", ENCLOSURE, DEFECTS["1/m missing"]),
    ("an entry off by 1e-9", ENCLOSURE, DEFECTS["one entry of dW[1] off by 1e-9"]),
    ("bias added twice", FORWARD, DEFECTS["bias added twice"]),
    ("loss by log(A)", FORWARD, DEFECTS["loss by log(A)"]),
    ("labels rounded", STEP, DEFECTS["labels rounded"]),
    ("sign of the hidden errors", STEP, DEFECTS["sign of the hidden errors"]),
    ("factor 2", ONE_LAYER, DEFECTS["factor 2"]),
    ("last bias negated", ONE_LAYER, DEFECTS["sign of the last bias"]),
    ("samples overwritten", UNCHANGED, Careless("writes X")),
    ("labels overwritten", UNCHANGED, Careless("writes Y")),
    ("A[0] is X", ALIAS, STYLES["without validation"].engine),
    ("flat biases", FORMS, Careless("flat b")),
    ("float64 always", FORMS, Careless("float64 always")),
    ("a counter", STATE, Remembering("calls counted")),
    ("an accumulator", STATE, Remembering("accumulates")),
    ("one buffer", STATE, Remembering("one buffer")),
    ("C order assumed", LAYOUT, DEFECTS["layout taken for C order"]),
    ("a sample counted twice", ORDER, result(last_row_weighted)),
    ("bias of the first sample", ORDER, DEFECTS["bias of the first sample only"]),
    ("1/m missing", BATCHES, DEFECTS["1/m missing"]),
    ("columns reversed", UNITS, DEFECTS["columns of dW reversed"]),
    ("Y + A", MIRROR, DEFECTS["Y + A"]),
]


def fails(test: Callable, case: Case) -> bool:
    """Whether the test, for this case alone, fails."""
    inner = test.hypothesis.inner_test
    arguments = (case, CASES[0]) if test is STATE else (case,)
    try:
        inner(*arguments)
    except (AssertionError, ValueError):
        return True
    return False


def fitting(test: Callable) -> list[Case]:
    """The cases that the test's own strategy could have drawn."""
    if test is ONE_LAYER:
        return [case for case in CASES if len(case.parameters) == 1]
    if test is UNITS:
        return [case for case in CASES if len(case.parameters) > 1]
    if test is STEP:
        return [case for case in CASES if case.dtype == "float64"]
    return [case for case in CASES if case.samples > 1 or test is not BATCHES]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # a plain engine may overflow on its way
@pytest.mark.parametrize(("name", "test", "wrong"), PLANTED, ids=lambda part: str(part)[:40])
def test_a_planted_defect_fails_the_test_that_is_there_for_it(
    monkeypatch: pytest.MonkeyPatch, name: str, test: Callable, wrong: Plain
) -> None:
    assert not any(fails(test, rebuilt(case)) for case in fitting(test))
    for method in ("forward", "loss", "gradients"):
        monkeypatch.setattr(engine, method, getattr(wrong, method))
    assert any(fails(test, rebuilt(case)) for case in fitting(test))
