"""The benchmark of what the document's errors cost, on the one data set that needs no package."""

import numpy as np

from tests.benchmarks.training_cost import angle, stops, three_runs, xor


def test_xor_is_learnt_by_the_right_gradients_and_not_by_the_printed_ones() -> None:
    """At the same widths, from the same start; what is printed moves against the gradient."""
    right, same_widths, printed = three_runs(xor())
    assert max(right.losses[-1], same_widths.losses[-1]) < 0.01
    assert same_widths.losses[0] == printed.losses[0]
    assert printed.losses[-1] > np.log(2)
    assert (right.accuracy, same_widths.accuracy) == (1.0, 1.0)
    assert np.nanmax(printed.angles) > 90


def test_what_is_printed_says_where_it_stops() -> None:
    forward, loop = stops(xor())
    assert forward.startswith("Z^1 = W^1*X + b^1: ")
    assert loop.startswith("W^1 = W^1 - alpha*1/n(A^2 - Y^2)*A^(1): ")


def test_angles_are_exact_at_their_ends() -> None:
    a = np.array([[3.0, 4.0]])
    assert angle(a, a) == 0
    assert angle(a, -a) == 180
    assert np.isnan(angle(a, 0 * a))
