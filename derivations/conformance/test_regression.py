"""The engine as it stands beside itself at a revision: ``pytest --against REV``."""

import pytest

from derivations.conformance.regression import Change, Regression


def test_engine_computes_what_it_did(regression_against_revision: Regression) -> None:
    """No result has moved further than rounding explains, and no exception has changed."""
    changed = regression_against_revision.of(Change.BEYOND)
    if changed:
        told = f"{len(changed)} of {regression_against_revision.calls} calls have changed; the "
        pytest.fail(f"{told}smallest: {changed[0].method}, {changed[0].text}", pytrace=False)
