"""The document's claims in words, each decided by what the engine can be seen to do."""

from functools import partial

import flint
import numpy as np
import pytest

import engine
from derivations.conformance.bounds import running_error
from derivations.conformance.cases import build_case
from derivations.conformance.enclosure import exact_network, outside, precision, violations
from engine.as_printed import printed_forward, printed_loop, repaired_gradients
from engine.errors import PrintedShapeError, UndeclaredError

XOR_X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
XOR_Y = np.array([[0.0], [1], [1], [0]])


@pytest.mark.parametrize("hidden", [0, 1, 2, 3, 5, 8, 12])
def test_any_number_of_hidden_layers(hidden: int) -> None:
    """The gradient is right in every layer, with none of them and with a dozen."""
    widths = (3, *(2 + layer % 3 for layer in range(hidden)), 2)
    case = build_case(widths, 5, seed=hidden)
    _, _, exact = exact_network(case.parameters, case.X, case.Y)
    bounds = running_error(case.parameters, case.X, case.Y, careful=True).gradients
    assert violations(engine.gradients(case.parameters, case.X, case.Y), exact, bounds) == []
    assert len(exact) == hidden + 1


@pytest.mark.parametrize("outputs", [1, 2, 3, 7])
def test_several_outputs_are_possible(outputs: int) -> None:
    """Loss and gradients are right, and each output has a label, and an error, of its own."""
    case = build_case((3, 4, outputs), 5, seed=outputs)
    _, exact_loss, exact = exact_network(case.parameters, case.X, case.Y)
    bound = running_error(case.parameters, case.X, case.Y, careful=True)
    computed = engine.gradients(case.parameters, case.X, case.Y)
    assert violations(computed, exact, bound.gradients) == []
    loss = np.array(engine.loss(case.parameters, case.X, case.Y))
    assert outside(loss, np.array(exact_loss), np.array(bound.loss)) == []
    for output in range(outputs):
        labels = case.Y.copy()
        labels[:, output] = 1 - labels[:, output]
        moved = engine.gradients(case.parameters, case.X, labels)[-1][1] != computed[-1][1]
        assert moved.tolist() == [[other == output for other in range(outputs)]]


def test_activation_separates_what_no_line_separates() -> None:
    """XOR: a hidden sigmoid layer comes to a loss of 0.01; without one, none is below ln 2.

    The loss of the linear model is convex in (W, b), and its gradient at 0 is 0, exactly.  So the
    loss there, ln 2, is the smallest.
    """
    zero = [(np.zeros((2, 1)), np.zeros((1, 1)))]
    (dW, db) = engine.gradients(zero, XOR_X, XOR_Y)[0]
    assert (dW.tolist(), db.tolist()) == ([[0.0], [0.0]], [[0.0]])
    _, exact_loss, exact = exact_network(zero, XOR_X, XOR_Y)
    with precision():
        assert all(entry == 0 for array in exact[0] for entry in array.flat)
        assert exact_loss.overlaps(flint.arb.const_log2())
    linear = engine.train(engine.Network(), zero, XOR_X, XOR_Y, rate=1.0, epochs=50)
    assert set(linear.losses) == {engine.loss(zero, XOR_X, XOR_Y)}

    start = engine.initial_parameters([2, 4, 1], np.random.default_rng(1))
    trained = engine.train(engine.Network(), start, XOR_X, XOR_Y, rate=5.0, epochs=1500)
    loss = engine.loss(trained.parameters, XOR_X, XOR_Y)
    room = running_error(trained.parameters, XOR_X, XOR_Y, careful=True).loss
    assert loss + room < 0.01
    predicted = engine.forward(trained.parameters, XOR_X)[-1] > 0.5
    assert np.array_equal(predicted, XOR_Y == 1)


def test_the_loss_of_a_linear_model_is_convex() -> None:
    """Its second derivative along any line is a sum of terms A (1-A) x**2, none of them negative.

    Seen here on the gradient, which never falls along a line: its projection grows by more than
    the bounds of both ends, or not by less than they leave open.
    """
    rng = np.random.default_rng(3)
    for _ in range(50):
        W, V = rng.standard_normal((2, 3, 1)).round(2)
        ends = []
        for point in (W, W + V):
            parameters = [(point[:2], point[2:])]
            gradients = engine.gradients(parameters, XOR_X, XOR_Y)[0]
            bounds = running_error(parameters, XOR_X, XOR_Y).gradients[0]
            ends.append((np.vstack(gradients), np.vstack(bounds)))
        (low, low_bound), (high, high_bound) = ends
        growth = ((high - low) * V).sum()
        terms = len(V) * np.finfo(float).eps * (np.abs(high) + np.abs(low))
        assert growth >= -((low_bound + high_bound + terms) * np.abs(V)).sum()


def test_recurrences_through_the_depth_train_every_layer() -> None:
    """As printed they do not: they stop, or leave the last layer out, or are no gradient.

    Unequal widths: the forward pass stops at once, and so does the loop.  Widths and samples of 1,
    where every shape fits: the loop asks for the labels of a hidden layer.  With the labels taken
    for every layer it updates all layers but the last.  Repaired as far as that goes, its change is
    a gradient in the last layer alone.  The right recurrence gives the gradient of every layer.
    """
    unequal = build_case((3, 4, 2), 5, seed=1)
    A = engine.forward(unequal.parameters, unequal.X)
    with pytest.raises(PrintedShapeError):
        printed_forward(unequal.parameters, unequal.X)
    with pytest.raises(PrintedShapeError):
        printed_loop(unequal.parameters, A, {2: unequal.Y}, rate=1.0)

    single = build_case((1, 1, 1, 1), 1, seed=4)
    loop = partial(
        printed_loop, single.parameters, engine.forward(single.parameters, single.X), rate=1.0
    )
    with pytest.raises(UndeclaredError):
        loop({3: single.Y})
    trained = loop({2: single.Y, 3: single.Y})
    assert np.array_equal(trained[-1][0], single.parameters[-1][0])

    equal = build_case((3, 2, 2, 2), 5, seed=7)
    _, _, exact = exact_network(equal.parameters, equal.X, equal.Y)
    bounds = running_error(equal.parameters, equal.X, equal.Y, careful=True).gradients
    repaired = repaired_gradients(equal.parameters, equal.X, equal.Y)
    assert violations(repaired[-1:], exact[-1:], bounds[-1:]) == []
    for layer in (0, 1):
        assert violations([repaired[layer]], [exact[layer]], [bounds[layer]]) != []
    right = engine.gradients(equal.parameters, equal.X, equal.Y)
    assert violations(right, exact, bounds) == []
