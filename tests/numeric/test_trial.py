"""What a formula is tried on: sizes, drawn arrays, and which shapes may be equal."""

from itertools import product

import numpy as np
import pytest

from derivations.claims.networks import Network
from derivations.claims.notation_file import parse_notation
from derivations.numeric.trial import Draws, distinct_sizes, fits, size_choices, size_names

NOTATION = parse_notation(
    r"""
[sizes]
m = "samples"
n = "inputs"
k = "outputs"
q = "what it counts"
[layers]
index = ["l"]
[shape]
X = "m n"
W = "d[l-1] d[l]"
A = "m d[l]"
S = "n n"
Y = "m k"
c = "scalar"
[domain]
S = "positive definite"
Y = "one-hot rows"
[model]
forward = ["A^0 = X"]
""",
    "trial.toml",
)["default"]


@pytest.mark.parametrize(
    ("count", "most"), [(0, 3), (1, 3), (2, 3), (3, 3), (3, 2), (2, 1), (4, 2)]
)
def test_every_choice_of_small_sizes_comes_once_and_the_smallest_first(
    count: int, most: int
) -> None:
    names = list("abcd")[:count]
    due = sorted(product(range(1, most + 1), repeat=count), key=sum)
    assert [tuple(choice.values()) for choice in size_choices(names, most)] == due
    assert all(list(choice) == names for choice in size_choices(names, most))


@pytest.mark.parametrize(
    ("depth", "due"), [(1, ["m", "n", "k", "q"]), (3, ["m", "n", "d1", "d2", "k", "q"])]
)
def test_the_sizes_of_a_network_are_those_of_its_arrays_and_of_the_notation(
    depth: int, due: list[str]
) -> None:
    assert size_names(NOTATION, Network(depth)) == due


def test_distinct_sizes_are_distinct_and_none_is_one() -> None:
    assert distinct_sizes(["m", "n", "k"]) == {"m": 2, "n": 3, "k": 4}


def test_what_is_drawn_is_what_it_is_declared_to_be() -> None:
    draws = Draws(NOTATION, seed=1)
    hot = draws("Y", (4, 3)).astype(float)
    assert sorted(np.unique(hot)) == [0, 1]
    assert hot.sum(axis=1).tolist() == [1] * 4
    definite = draws("S", (3, 3)).astype(float)
    assert np.array_equal(definite, definite.T)
    assert np.linalg.eigvalsh(definite).min() > 0
    assert not np.array_equal(draws("X", (3, 3)), draws("X", (3, 3)))


@pytest.mark.parametrize(
    ("left", "right", "due"),
    [
        (("m", "n"), ("m", "n"), True),
        (("m", "n"), ("n", "m"), False),
        (("m", "n", "m", "n"), ("1", "1"), True),
        (("m", "n", "m", "1"), ("1", "1"), False),
        (("m", "n", "m", "n"), ("m", "n"), True),
        (("m", "n"), ("m", "n", "m", "n"), True),
        (("m", "1", "n", "1"), ("n", "m"), True),
        (("m", "1", "n", "1"), ("m", "n"), False),
        (("m", "n", "n", "1"), ("n", "m"), False),
        (("m", "1", "n", "1"), ("m", "1", "n"), False),
    ],
)
def test_shapes_that_may_be_equal(left: tuple[str, ...], right: tuple[str, ...], due: bool) -> None:
    """A Jacobian equals the array of its own slopes, or a matrix in the layout of denominators."""
    assert fits(left, right, NOTATION) is due
