"""Weights turn values into slopes exactly, and steps suit the size of what they move."""

from fractions import Fraction

import numpy as np
import pytest

from derivations.numeric.cotangents import gapped, random_cotangent
from derivations.numeric.directions import (
    BLOCK,
    FALSE_ALARM_CHANCE,
    SIGN_FACTOR,
    backwards,
    equalising_scales,
    only,
    random_step,
    random_weights,
    root_mean_square,
    scales,
)
from derivations.numeric.errors import DtypeError, NotFiniteError, StructureError
from derivations.numeric.stencils import BEND, CENTRAL, ONE_SIDED, bend, central
from derivations.numeric.trees import read_tree

EPS = float(np.finfo(np.float64).eps)
ROUNDINGS = 100  # more than any of these takes


def exact(weights: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> list[Fraction]:
    return [Fraction(float(weight)).limit_denominator(5040) for weight in weights]


@pytest.mark.parametrize("order", CENTRAL)
def test_central_weights_are_exact_for_polynomials_of_their_degree(order: int) -> None:
    weights = exact(CENTRAL[order])
    assert len(weights) == order // 2
    for power in range(1, order + 2, 2):
        slope = sum(2 * w * j**power for j, w in enumerate(weights, 1))
        assert (slope == (power == 1)) is (power <= order)
    assert central(np.arange(-5.0, 6.0) ** 2, order) == 0
    for centre in (-1, 1) if order == 2 else ():
        assert central(np.arange(5.0) ** 2, 2, centre) == 2 * (2 + centre)


@pytest.mark.parametrize("order", ONE_SIDED)
def test_weights_on_one_side_are_exact_for_polynomials_of_their_degree(order: int) -> None:
    weights = exact(ONE_SIDED[order])
    assert len(weights) == order + 1
    for power in range(order + 2):
        slope = sum(w * j**power for j, w in enumerate(weights))
        assert (slope == (power == 1)) is (power <= order)


@pytest.mark.parametrize("order", BEND)
def test_a_bend_is_seen_and_even_powers_are_not(order: int) -> None:
    weights = exact(BEND[order])
    assert len(weights) == order
    assert sum(2 * w * j for j, w in enumerate(weights, 1)) == 2
    for power in range(2, 2 * order + 1, 2):
        flat = sum(2 * w * j**power for j, w in enumerate(weights, 1))
        assert (flat == 0) is (power < 2 * order)
    kink = np.abs(np.arange(-float(order), order + 1)) * 3
    assert abs(bend(kink) - 6) <= ROUNDINGS * EPS * 6
    slanted = kink + 5 * np.arange(-float(order), order + 1) + 7
    assert abs(bend(slanted) - 6) <= ROUNDINGS * EPS * np.max(slanted)


def test_a_step_has_the_size_of_its_leaf_as_a_power_of_two() -> None:
    nest = [np.array([3.0, -4.0]), np.zeros(2), np.array(1000.0)]
    tree = read_tree("x", nest)
    whole = np.sqrt((9 + 16 + 10**6) / 5)
    due = [4.0, 4.0, 2.0 ** np.round(np.log2(whole)), 2.0 ** np.round(np.log2(whole)), 1024.0]
    assert scales(tree, tree.vector()).tolist() == due
    zeros = read_tree("x", np.zeros(3))
    assert scales(zeros, zeros.vector()).tolist() == [1, 1, 1]


def test_a_root_mean_square_neither_overflows_nor_vanishes() -> None:
    assert root_mean_square(np.array([3.0, 4.0, 0.0, 0.0])) == 2.5
    for far in (2.0**1000, 1 / 2.0**1000):
        found = root_mean_square(np.array([3.0, 4.0]) * far) / far
        assert abs(found - np.sqrt(12.5)) <= ROUNDINGS * EPS
    assert root_mean_square(np.zeros(2)) == root_mean_square(np.zeros(0)) == 0
    assert root_mean_square(np.array([np.inf])) == 0
    assert root_mean_square(np.array([np.nan, 1.0])) == 0


def test_weights_have_random_signs_and_sizes_from_a_half_to_one_and_a_half() -> None:
    weights = random_weights(BLOCK + 1000, np.random.default_rng(1))
    sizes = np.abs(weights)
    assert sizes.min() >= 0.5
    assert sizes.max() <= 1.5
    for part in (slice(0, BLOCK), slice(BLOCK, None)):
        assert sizes[part].min() < 0.51
        assert sizes[part].max() > 1.49
        assert 0.4 < (weights[part] > 0).mean() < 0.6
        assert 0.95 < sizes[part].mean() < 1.05
    again = random_step(np.full(3, 2.0), np.random.default_rng(1))
    assert again.tolist() == (2 * random_weights(3, np.random.default_rng(1))).tolist()
    assert 2 * np.exp(-(SIGN_FACTOR**2) / 2) <= FALSE_ALARM_CHANCE * (1 + ROUNDINGS * EPS)


def test_a_direction_is_turned_array_by_array() -> None:
    tree = read_tree("x", [np.zeros(2), np.zeros(3)])
    assert backwards(tree, np.arange(5.0)).tolist() == [1, 0, 4, 3, 2]
    assert only(slice(1, 3), np.arange(5.0)).tolist() == [0, 1, 2, 0, 0]


def test_steps_let_every_entry_weigh_the_same() -> None:
    tree = read_tree("x", [np.zeros(3), np.zeros(2)])
    natural = np.ones(5)
    steps = equalising_scales(tree, np.array([4.0, -2.0, 0.0, 0.0, 0.0]), natural)
    root = np.sqrt(EPS)
    due = np.array([root, 2 * root, 1, 0, 0])
    assert (np.abs(steps - due) <= ROUNDINGS * EPS * due).all()
    even = equalising_scales(tree, np.array([1.0, 2.0, 4.0, 8.0, 8.0]), natural)
    assert even.tolist() == [1, 0.5, 0.25, 0.125, 0.125]
    wide = equalising_scales(tree, np.array([1.0, 2.0, 4.0, 8.0, 8.0]), natural * 2)
    assert wide.tolist() == [2, 1, 0.5, 0.25, 0.25]
    assert equalising_scales(tree, np.zeros(5), natural) is natural


def test_a_cotangent_with_gaps_holds_the_same_numbers_elsewhere() -> None:
    plain = np.arange(6.0).reshape(2, 3)
    wide = gapped(plain)
    assert wide.tolist() == plain.tolist()
    assert wide.strides == (48, -16)
    assert np.isnan(wide.base).sum() == 6  # type: ignore[arg-type]
    for small in (np.array(2.0), np.zeros((0, 3))):
        assert gapped(small).tolist() == small.tolist()
        assert not np.shares_memory(gapped(small), small)


def test_a_cotangent_is_of_short_decimals_in_the_layout_of_the_result() -> None:
    y = np.asfortranarray(np.ones((40, 50), np.float32))
    found = random_cotangent(y, np.random.default_rng(3))
    assert (found.shape, found.dtype, found.flags.f_contiguous) == (y.shape, y.dtype, True)
    hundredths = np.round(np.abs(found) * 100)
    assert (np.float32(hundredths / 100) == np.abs(found)).all()
    assert (hundredths.min(), hundredths.max()) == (25, 199)
    assert 0.4 < (found > 0).mean() < 0.6


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (None, StructureError, "f(x) is None, but should be a NumPy array"),
        ([1.0], StructureError, "f(x) is of type list, but should be a NumPy array"),
        (np.ones(2, int), DtypeError, "f(x).dtype=int64, but should be float64 or float32"),
        (np.array([np.nan]), NotFiniteError,
         "f(x) has entries that are nan or infinite at the given point"),
    ],
)  # fmt: skip
def test_what_has_no_cotangent_is_named(
    value: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        random_cotangent(value, np.random.default_rng(0))
    assert str(caught.value) == message
