"""Group testing finds exactly the planted entries, in few measurements."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivations.numeric.check import check_gradient
from derivations.numeric.localize import Search
from derivations.numeric.trees import Vector


def run(errors: dict[int, float], size: int, noise: float, seed: int) -> tuple[Search, int]:
    """A search among ``size`` entries whose measurements carry noise within their bound."""
    rng = np.random.default_rng(seed)
    weights = rng.choice([-1.0, 1.0], size) * rng.uniform(0.5, 1.5, size)
    calls = 0

    def measure(v: Vector) -> tuple[float, float]:
        nonlocal calls
        calls += 1
        exact = sum(error * float(v[i]) for i, error in errors.items())
        return exact + noise * rng.uniform(-1, 1), noise

    search = Search(measure=measure, weights=weights, rng=rng)
    gap, bound = measure(weights)
    search.run(gap, bound)
    return search, calls


@given(
    positions=st.sets(st.integers(0, 9_999), min_size=1, max_size=6),
    seed=st.integers(0, 2**32 - 1),
)
def test_planted_entries_are_found_and_no_others(positions: set[int], seed: int) -> None:
    """Errors of different sizes, measured with relative noise of 1e-9."""
    errors = {position: 1.0 + 0.37 * i for i, position in enumerate(sorted(positions))}
    search, calls = run(errors, 10_000, 1e-9, seed)
    assert set(search.found) == positions
    assert calls <= 20 * len(positions)


@pytest.mark.parametrize("count", [1, 3, 10])
def test_measurements_grow_with_the_wrong_entries_not_with_the_size(count: int) -> None:
    """k wrong among a million cost a few measurements each."""
    rng = np.random.default_rng(count)
    errors = {int(i): 1.0 for i in rng.choice(1_000_000, count, replace=False)}
    search, calls = run(errors, 1_000_000, 1e-9, 0)
    assert set(search.found) == set(errors)
    assert calls <= 12 * count


def test_dense_errors_are_called_dense() -> None:
    """Where every entry is wrong the search stops and keeps a few witnesses."""
    search, calls = run(dict.fromkeys(range(2_000), 1.0), 2_000, 1e-9, 0)
    assert search.dense
    assert search.found
    assert calls <= 400


def test_nothing_is_found_in_noise() -> None:
    """The planted counterpart: no error, no entry."""
    search, _ = run({}, 1_000, 1e-9, 0)
    assert not search.found


@pytest.mark.parametrize("size", [200, 20_000])
def test_one_entry_off_by_a_millionth_is_found_whatever_the_function_leaves_of_a_bend(
    size: int,
) -> None:
    """A sum of sines bends more than the complex step may take for granted along all entries."""
    x = np.random.default_rng(0).uniform(0.5, 1.5, size)

    def wrong(x: Vector) -> Vector:
        g = np.cos(x)
        g[7] *= 1 + 1e-6
        return g

    check = check_gradient(lambda x: np.sin(x).sum(), wrong, x)
    assert [entry.where for entry in check.wrong] == [((), (7,))]
    assert check.evaluations <= 30
    assert check_gradient(lambda x: np.sin(x).sum(), np.cos, x)
