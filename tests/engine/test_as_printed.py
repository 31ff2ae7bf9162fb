"""What the document's recurrences do when they are followed to the letter."""

import numpy as np
import pytest

import engine
from derivations.conformance.bounds import running_error
from derivations.conformance.cases import build_case
from derivations.conformance.enclosure import exact_network, outside, violations
from engine.as_printed import printed_forward, printed_loop, repaired_gradients
from engine.errors import PrintedShapeError, UndeclaredError


def test_printed_product_stops_at_its_shapes() -> None:
    """The document's own example: W^1 is (2, 1), X is (2, 2)."""
    W, b = np.array([[1.0], [3.0]]), np.array([[2.0], [2.0]])
    with pytest.raises(
        PrintedShapeError,
        match=r"^Z\^1 = W\^1\*X \+ b\^1: W\^1 is \(2, 1\) and X is \(2, 2\): 1 columns, but 2 rows",
    ):
        printed_forward([(W, b)], np.array([[1.0, 2.0], [3.0, 4.0]]))


def test_printed_bias_stops_at_its_shape() -> None:
    """b has the rows of X and the columns of W; the product W*X, where it types, does not."""
    with pytest.raises(PrintedShapeError, match=r"the product is \(2, 2\) and b\^1 is \(1, 1\)"):
        printed_forward([(np.ones((2, 1)), np.ones((1, 1)))], np.ones((1, 2)))


def test_printed_forward_runs_where_everything_is_square() -> None:
    """With all dimensions equal it types, and is the network of the transposed arrays."""
    case = build_case((3, 3, 3), 3, seed=1)
    square = [(W, np.tile(b, (3, 1)).T) for W, b in case.parameters]
    transposed = [(W.T.copy(), b.copy()) for W, b in case.parameters]
    A = printed_forward(square, case.X)
    exact, _, _ = exact_network(transposed, case.X.T.copy(), case.Y)
    bounds = running_error(transposed, case.X.T.copy(), case.Y).A
    for printed, true, room in zip(A, exact, bounds, strict=True):
        assert outside(printed.T, true, room) == []


def test_printed_loop_stops_at_the_labels_of_a_hidden_layer() -> None:
    """Square shapes let the last pair of layers through; then Y^2 of three layers is asked for."""
    case = build_case((2, 2, 2, 2), 2, seed=2)
    parameters = [(W, np.tile(b, (2, 1))[:1]) for W, b in case.parameters]
    A = engine.forward(parameters, case.X)
    with pytest.raises(PrintedShapeError, match=r"b\^2 = .* b\^2 is \(1, 2\) and"):
        printed_loop(parameters, A, {3: case.Y}, rate=1.0)
    with pytest.raises(UndeclaredError, match=r"needs Y\^3.* it has Y\^2"):
        printed_loop(parameters, A, {2: case.Y}, rate=1.0)


def test_printed_loop_stops_at_undeclared_labels_of_a_hidden_layer() -> None:
    """One sample and widths of 1 let every shape through, but Y^2 is still nowhere declared."""
    case = build_case((1, 1, 1, 1), 1, seed=4)
    A = engine.forward(case.parameters, case.X)
    with pytest.raises(LookupError, match=r"needs Y\^2, the labels of hidden layer 2") as caught:
        printed_loop(case.parameters, A, {3: case.Y}, rate=1.0)
    assert isinstance(caught.value, engine.EngineError)
    assert str(caught.value).endswith("which the document does not declare; it has Y^3")
    with pytest.raises(LookupError, match=r"; it has no Y at all$"):
        printed_loop(case.parameters, A, {}, rate=1.0)


def test_printed_loop_stops_at_the_shapes_of_its_product() -> None:
    case = build_case((3, 4, 2), 5)
    A = engine.forward(case.parameters, case.X)
    with pytest.raises(
        PrintedShapeError, match=r"A\^2 - Y\^2 is \(5, 2\) and A\^\(1\) is \(5, 4\): 2 columns"
    ):
        printed_loop(case.parameters, A, {2: case.Y}, rate=1.0)


def test_printed_loop_never_updates_the_last_layer() -> None:
    """Given a Y for every layer, at the one size that types, it runs from n-1 to 1."""
    case = build_case((1, 1, 1, 1), 1, seed=4)
    A = engine.forward(case.parameters, case.X)
    updated = printed_loop(case.parameters, A, {2: case.Y, 3: case.Y}, rate=1.0)
    changed = [
        not np.array_equal(before[0], after[0])
        for before, after in zip(case.parameters, updated, strict=True)
    ]
    assert changed == [True, True, False]


def test_printed_loop_modifies_no_input() -> None:
    case = build_case((1, 1, 1), 1, seed=4)
    before = [array.copy() for pair in case.parameters for array in pair]
    printed_loop(case.parameters, engine.forward(case.parameters, case.X), {2: case.Y}, rate=1.0)
    after = [array for pair in case.parameters for array in pair]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_printed_loop_over_one_layer_does_nothing() -> None:
    """From 0 to 1 there is nothing to go down: the one-layer network is never trained."""
    case = build_case((2, 1), 3)
    A = engine.forward(case.parameters, case.X)
    updated = printed_loop(case.parameters, A, {1: case.Y}, rate=1.0)
    assert np.array_equal(updated[0][0], case.parameters[0][0])


def test_repaired_recurrence_is_the_gradient_of_the_last_layer_only() -> None:
    """Hidden widths equal to the outputs; the layers before the last disagree beyond any bound."""
    case = build_case((3, 2, 2, 2), 5, seed=7)
    repaired = repaired_gradients(case.parameters, case.X, case.Y)
    _, _, exact = exact_network(case.parameters, case.X, case.Y)
    bounds = running_error(case.parameters, case.X, case.Y).gradients
    wrong = violations(repaired, exact, bounds)
    assert {stray.array for stray in wrong} == {"dW[1]", "db[1]", "dW[2]", "db[2]"}


def test_repaired_recurrence_stops_where_a_hidden_width_is_not_that_of_the_labels() -> None:
    case = build_case((3, 4, 2), 5)
    with pytest.raises(PrintedShapeError, match=r"A\^1 is \(5, 4\) and Y is \(5, 2\)"):
        repaired_gradients(case.parameters, case.X, case.Y)
