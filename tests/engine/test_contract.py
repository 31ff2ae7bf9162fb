"""What holds for every call: inputs stay, outputs are new, calls do not know of each other."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given

import engine
from derivations.conformance.cases import Case, Layout, laid_out, rebuilt
from derivations.conformance.strategies import cases


def arrays_of(case: Case) -> list[np.ndarray]:
    """All input arrays of a case."""
    return [*(array for pair in case.parameters for array in pair), case.X, case.Y]


def outputs_of(case: Case) -> list[np.ndarray]:
    """All arrays that the engine returns for a case."""
    pairs = engine.gradients(case.parameters, case.X, case.Y)
    return engine.forward(case.parameters, case.X) + [array for pair in pairs for array in pair]


@given(cases())
def test_no_input_is_modified(case: Case) -> None:
    before = [array.copy() for array in arrays_of(case)]
    outputs_of(case)
    engine.loss(case.parameters, case.X, case.Y)
    for array, copy in zip(arrays_of(case), before, strict=True):
        assert array.tobytes() == copy.tobytes()


@given(cases())
def test_no_output_shares_memory_with_an_input_or_another_output(case: Case) -> None:
    outputs = outputs_of(case)
    assert not any(np.shares_memory(a, b) for a in outputs for b in arrays_of(case))
    assert not any(np.shares_memory(a, b) for a, b in combinations(outputs, 2))


@pytest.mark.parametrize("output", [engine.IDENTITY, engine.RELU], ids=lambda a: a.name)
def test_activations_that_change_nothing_still_give_new_arrays(output: engine.Activation) -> None:
    network = engine.Network(hidden=output, output=output, cost=engine.SQUARED_ERROR)
    parameters, X = [(np.eye(2), np.zeros((1, 2)))] * 2, np.ones((3, 2))
    A = network.forward(parameters, X)
    pairs = network.gradients(parameters, X, X)
    outputs = [*A, *(array for pair in pairs for array in pair)]
    assert not any(np.shares_memory(a, b) for a, b in combinations([*outputs, X], 2))


@given(cases())
def test_shapes_and_dtype_are_those_of_the_inputs(case: Case) -> None:
    A = engine.forward(case.parameters, case.X)
    assert [a.shape for a in A] == [(case.samples, width) for width in case.widths]
    for given_pair, pair in zip(
        case.parameters, engine.gradients(case.parameters, case.X, case.Y), strict=True
    ):
        for array, gradient in zip(given_pair, pair, strict=True):
            assert (gradient.shape, gradient.dtype) == (array.shape, array.dtype)
    assert {a.dtype for a in A} == {case.X.dtype}
    assert type(engine.loss(case.parameters, case.X, case.Y)) is float


@given(cases(), cases())
def test_calls_keep_no_state(case: Case, other: Case) -> None:
    """The same call gives the same bits, whatever came between, and leaves old results alone."""
    first = outputs_of(case)
    copies = [array.copy() for array in first]
    # Of the same shapes, as a buffer that is kept would be; and of others.
    outputs_of(rebuilt(case, seed=case.seed + 1))
    outputs_of(other)
    for results in (lambda: first, lambda: outputs_of(case), lambda: outputs_of(case)):
        for array, copy in zip(results(), copies, strict=True):
            assert array.tobytes() == copy.tobytes()


@given(cases())
def test_layout_in_memory_changes_no_bit(case: Case) -> None:
    plain = outputs_of(case)
    for layout in Layout:
        moved = outputs_of(rebuilt(case, layout=layout))
        for array, other in zip(plain, moved, strict=True):
            assert array.tobytes() == other.tobytes()


def test_input_may_be_read_only_and_broadcast() -> None:
    """A stride of 0, as np.broadcast_to gives."""
    X = np.broadcast_to(np.array([[0.5, -1.0]]), (4, 2))
    Y = laid_out(np.ones((4, 1)), Layout.READ_ONLY)
    parameters = [(np.ones((2, 1)), np.zeros((1, 1)))]
    broadcast = engine.gradients(parameters, X, Y)
    copied = engine.gradients(parameters, X.copy(), Y)
    assert all(np.array_equal(a, b) for a, b in zip(broadcast[0], copied[0], strict=True))


Change = Callable[[list[tuple[np.ndarray, np.ndarray]], np.ndarray, np.ndarray], tuple]
W, b = np.ones((3, 2)), np.zeros((1, 2))

WRONG_INPUT: dict[str, tuple[Change, type[Exception], str]] = {
    "weights that do not follow": (
        lambda p, X, Y: ([p[0], (np.ones((3, 4)), np.zeros((1, 4)))], X, Y),
        ValueError,
        r"W\[2\] has shape \(3, 4\), but A\[1\] has 2 columns",
    ),
    "bias with a row for each sample": (
        lambda p, X, Y: ([(p[0][0], np.zeros((5, 2))), p[1]], X, Y),
        ValueError,
        r"b\[1\] has shape \(5, 2\), but should have \(1, 2\)",
    ),
    "flat bias": (
        lambda p, X, Y: ([(p[0][0], np.zeros(2)), p[1]], X, Y),
        ValueError,
        r"b\[1\] has shape \(2,\), but should have two dimensions",
    ),
    "samples as columns": (
        lambda p, X, Y: (p, X.T.copy(), Y),
        ValueError,
        r"X has shape \(3, 5\), but W\[1\] has 3 rows",
    ),
    "no samples": (
        lambda p, X, Y: (p, X[:0], Y[:0]),
        ValueError,
        r"X has shape \(0, 3\), but should have two dimensions, neither of them 0",
    ),
    "too few labels": (
        lambda p, X, Y: (p, X, Y[:4]),
        ValueError,
        r"Y has shape \(4, 1\), but the outputs have shape \(5, 1\)",
    ),
    "whole numbers": (
        lambda p, X, Y: (p, X.astype(int), Y),
        TypeError,
        r"X has dtype int64, but should have float64 or float32; convert it with X\.astype",
    ),
    "half precision": (
        lambda p, X, Y: (p, X.astype(np.float16), Y),
        TypeError,
        "X has dtype float16",
    ),
    "complex numbers": (lambda p, X, Y: (p, X + 1j, Y), TypeError, "X has dtype complex128"),
    "two precisions": (
        lambda p, X, Y: (p, X.astype(np.float32), Y),
        TypeError,
        r"X has dtype float32, but W\[1\] has float64",
    ),
    "labels of another precision": (
        lambda p, X, Y: (p, X, Y.astype(np.float32)),
        TypeError,
        r"Y has dtype float32, but W\[1\] has float64",
    ),
    "a list of lists": (
        lambda p, X, Y: (p, X.tolist(), Y),
        TypeError,
        "X is a list, but should be a NumPy array",
    ),
    "a masked array": (
        lambda p, X, Y: (p, np.ma.masked_less(X, 0), Y),
        TypeError,
        "X is a MaskedArray",
    ),
    "no layers": (lambda p, X, Y: ([], X, Y), TypeError, "list of pairs"),
    "a dict of layers": (lambda p, X, Y: (dict(enumerate(p)), X, Y), TypeError, "list of pairs"),
    "weights alone": (
        lambda p, X, Y: ([p[0][0], p[1][0]], X, Y),
        TypeError,
        r"parameters\[0\] should be a pair",
    ),
    "nan": (
        lambda p, X, Y: (p, np.where(X[1, 2] == X, np.nan, X), Y),
        ValueError,
        r"X\[1, 2\] is nan, but should be finite",
    ),
    "an infinite weight": (
        lambda p, X, Y: ([(p[0][0] * [[1], [np.inf], [1]], p[0][1]), p[1]], X, Y),
        ValueError,
        r"W\[1\]\[1, 0\] is inf, but should be finite",
    ),
    "a label above 1": (
        lambda p, X, Y: (p, X, Y + 0.5),
        ValueError,
        r"Y\[1, 0\] is 1.5, but a label should lie between 0 and 1",
    ),
    "a label below 0": (lambda p, X, Y: (p, X, -Y), ValueError, r"Y\[1, 0\] is -1.0"),
}


@pytest.mark.parametrize("name", WRONG_INPUT)
def test_wrong_input_is_refused_with_what_came_and_what_was_due(name: str) -> None:
    """A typed error, a builtin's subclass, in the name of the function that was called."""
    change, kind, message = WRONG_INPUT[name]
    parameters = [(W, b), (np.ones((2, 1)), np.zeros((1, 1)))]
    X = np.arange(15.0).reshape(5, 3)
    wrong = change(parameters, X, np.array([[0.0], [1], [0], [1], [1]]))
    for function in (engine.gradients, engine.loss):
        with pytest.raises(kind, match=message) as caught:
            function(*wrong)
        assert isinstance(caught.value, engine.EngineError)
        assert str(caught.value).startswith(f"{function.__name__}: ")


def test_forward_refuses_wrong_input_too() -> None:
    with pytest.raises(engine.EngineError, match=r"^forward: X has shape \(2, 4\)"):
        engine.forward([(W, b)], np.ones((2, 4)))


def test_refused_input_is_left_as_it_was() -> None:
    X = np.array([[1.0, np.nan, 2.0]])
    with pytest.raises(engine.EngineError):
        engine.forward([(W, b)], X)
    assert np.array_equal(X, [[1.0, np.nan, 2.0]], equal_nan=True)
