"""The properties as tests: ``pytest --pyargs derivations.conformance --engine package.module``."""

from typing import Any

import pytest
from hypothesis import example, given, settings

from derivations.conformance.cases import Case, Layout, Regime, build_case
from derivations.conformance.properties import PROPERTIES, Property
from derivations.conformance.protocol import missing
from derivations.conformance.strategies import cases


@pytest.fixture(autouse=True)
def skip_what_is_not_implemented(claimed: Property, engine_under_test: Any) -> None:
    """A property is not tried on an engine that lacks what it speaks of."""
    lacking = missing(engine_under_test, claimed.needs)
    if lacking:
        pytest.skip(f"not implemented: {', '.join(lacking)}")


@pytest.mark.parametrize("claimed", PROPERTIES, ids=lambda claimed: claimed.name)
@settings(deadline=None)
@given(case=cases())
@example(case=build_case((3, 4, 2), 5))
@example(case=build_case((2, 3, 4, 2, 1), 7, regime=Regime.SATURATED, labels="hard"))
@example(case=build_case((1, 1), 1, layout=Layout.FORTRAN, dtype="float32"))
def test_engine(claimed: Property, case: Case, engine_under_test: Any) -> None:
    """The engine has the property, on every network that is drawn."""
    claimed.check(engine_under_test, case)
