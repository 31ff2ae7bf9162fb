"""What the generators make: each thing that breaks gradients often enough, plain cases mostly."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from derivations.conformance.cases import Case, sample_cases
from derivations.conformance.strategies import cases
from tests.generators.arrays import Values, arrays
from tests.generators.features import Feature, of_array, of_network, shares, shortfalls
from tests.numeric import networks

EXAMPLES = 500
NETWORKS = [f for f in Feature if f not in (Feature.EMPTY, Feature.NO_AXES)]
# Networks of the numeric tests come in two layouts, and are right for every one of them.
DRAWN = [Feature.SIZE_1, Feature.FORTRAN, Feature.SATURATED, Feature.GENERIC]


def drawn(strategy: st.SearchStrategy[Any], features: Callable[[Any], set[Feature]]) -> Any:
    """The shares over many examples, the same ones each time."""
    seen: list[set[Feature]] = []

    @seed(0)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example: Any) -> None:
        seen.append(features(example))

    collect()
    assert len(seen) >= EXAMPLES // 2
    return shares(seen)


def of_case(case: Case) -> set[Feature]:
    return of_network(case.parameters, case.X, networks.forward)


def test_arrays_have_each_feature_often_enough() -> None:
    found = drawn(arrays(), of_array)
    assert not shortfalls(found, Feature)


def test_cases_have_each_feature_often_enough() -> None:
    """A network has axes, and samples: what it does with none is a property of its own."""
    found = drawn(cases(), of_case)
    assert not shortfalls(found, NETWORKS)


def test_sample_cases_have_each_feature_often_enough() -> None:
    found = shares(of_case(case) for case in sample_cases(400))
    assert not shortfalls(found, NETWORKS)


def test_networks_of_the_numeric_tests_have_each_feature_often_enough() -> None:
    def problems() -> Iterator[networks.Problem]:
        rng = np.random.default_rng(0)
        for _ in range(400):
            yield networks.draw(rng)

    found = shares(of_network(p.parameters, p.X, networks.forward) for p in problems())
    assert not shortfalls(found, DRAWN)


@pytest.mark.parametrize(
    ("poor", "missing"),
    [
        (npst.arrays(np.float64, (3, 2), elements=st.just(1.0)), Feature.GENERIC),
        (npst.arrays(np.float64, npst.array_shapes(min_side=2)), Feature.SIZE_1),
        (npst.arrays(np.float64, npst.array_shapes()), Feature.NEGATIVE_STRIDES),
        (arrays(values=st.just(Values.GENERIC)), Feature.ZEROS),
    ],
    ids=["ones", "two or more", "defaults", "distinct only"],
)
def test_a_poor_strategy_is_rejected(poor: st.SearchStrategy[Any], missing: Feature) -> None:
    """The planted defects, Hypothesis's own default among them."""
    found = drawn(poor, of_array)
    assert any(missing.value[0] in line for line in shortfalls(found, Feature))


@pytest.mark.parametrize(
    ("array", "feature"),
    [
        (np.ones((3, 1)), Feature.SIZE_1),
        (np.ones((3, 0)), Feature.EMPTY),
        (np.array(1.0), Feature.NO_AXES),
        (np.arange(3.0)[::-1], Feature.NEGATIVE_STRIDES),
        (np.ones((2, 3)).T, Feature.FORTRAN),
        (np.broadcast_to(1.0, (2, 2)), Feature.READ_ONLY),
        (np.array([1.0, 2.0, 2.0]), Feature.TIES),
        (np.array([1.0, 0.0]), Feature.ZEROS),
        (np.array([1.0, 1.0, 2.0]), Feature.DUPLICATES),
        (np.array([-50.0]), Feature.SATURATED),
        (np.array([1.0, 2.0, 3.0, 4.0]), Feature.GENERIC),
    ],
)
def test_a_feature_is_seen_where_it_is_and_nowhere_else(
    array: np.ndarray, feature: Feature
) -> None:
    assert feature in of_array(array)
    other = np.array([]) if feature is Feature.GENERIC else np.array([[0.5, 0.25], [-2.0, 1.5]])
    assert feature not in of_array(other)
