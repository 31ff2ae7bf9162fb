"""The properties as tests: ``pytest --pyargs derivations.conformance --engine package.module``."""

from typing import Any

import pytest
from hypothesis import given, settings

from derivations.conformance.cases import Case
from derivations.conformance.properties import PROPERTIES
from derivations.conformance.strategies import cases
from derivations.conformance.trying import NotImplementedByEngineError, Property, try_property


@pytest.mark.parametrize("claimed", PROPERTIES, ids=lambda claimed: claimed.name)
@settings(deadline=None, report_multiple_bugs=False)
@given(case=cases())
def test_engine(claimed: Property, case: Case, engine_under_test: Any) -> None:
    """The engine has the property, on every network that is drawn."""
    try:
        try_property(claimed, engine_under_test, case)
    except NotImplementedByEngineError as lacking:
        pytest.skip(f"not implemented: {lacking}")
