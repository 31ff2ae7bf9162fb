"""The benchmark of distances: the engine is inside its bound, and what is not is counted."""

import engine
from tests.benchmarks.enclosure_distance import DEEPEST, measure, networks
from tests.conformance.planted import DEFECTS


def test_the_engine_stays_inside_the_bound_at_every_depth_and_a_defect_does_not() -> None:
    found = measure({"engine": engine, "wrong": DEFECTS["one entry of dW[1] off by 1e-9"]}, 32)
    assert found["engine"].outside == 0
    assert 0 < found["engine"].worst <= 1
    assert found["engine"].entries == found["wrong"].entries
    assert found["wrong"].outside > 16


def test_networks_are_of_every_depth() -> None:
    depths = {len(case.parameters) for case in networks(48)}
    assert depths == set(range(1, DEEPEST + 1))
