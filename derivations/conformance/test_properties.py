"""The properties as tests: ``pytest --pyargs derivations.conformance --engine package.module``."""

from typing import Any

import pytest
from hypothesis import given, settings

from derivations.conformance.cases import Case, sample_cases
from derivations.conformance.properties import PROPERTIES
from derivations.conformance.strategies import cases
from derivations.conformance.trying import NotImplementedByEngineError, Property, try_property

# The same in every run, so that what a draw may miss is not a matter of chance alone.
FIXED = tuple(sample_cases(60))


@pytest.mark.parametrize("claimed", PROPERTIES, ids=lambda claimed: claimed.name)
def test_engine(claimed: Property, engine_under_test: Any) -> None:
    """The engine has the property, on every network that is drawn, and on the fixed ones."""

    @settings(deadline=None, report_multiple_bugs=False)
    @given(case=cases())
    def has_it_where_drawn(case: Case) -> None:
        try_property(claimed, engine_under_test, case)

    try:
        # Those first, because a drawn network is made smaller until it is the smallest that fails.
        has_it_where_drawn()
        for case in FIXED:
            try_property(claimed, engine_under_test, case)
    except NotImplementedByEngineError as lacking:
        pytest.skip(f"not implemented: {lacking}")
