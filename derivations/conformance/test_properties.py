"""The properties as tests: ``pytest --pyargs derivations.conformance --engine package.module``."""

from typing import Any

import pytest
from hypothesis import example, given, settings

from derivations.conformance.cases import Case, Layout, Regime, build_case
from derivations.conformance.properties import PROPERTIES, Property
from derivations.conformance.protocol import missing
from derivations.conformance.strategies import cases


@pytest.mark.parametrize("claimed", PROPERTIES, ids=lambda claimed: claimed.name)
@settings(deadline=None)
@given(case=cases())
@example(case=build_case((3, 4, 2), 5))
@example(case=build_case((2, 3, 4, 2, 1), 7, regime=Regime.SATURATED, labels="hard"))
@example(case=build_case((1, 1), 1, layout=Layout.FORTRAN, dtype="float32"))
def test_engine(claimed: Property, case: Case, engine_under_test: Any) -> None:
    """The engine has the property, on every network that is drawn."""
    lacking = missing(engine_under_test, claimed.needs)
    if lacking:
        pytest.skip(f"not implemented: {', '.join(lacking)}")
    claimed.check(engine_under_test, case)
