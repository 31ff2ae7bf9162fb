"""The engine as it stands beside itself at a revision: ``pytest --against REV``."""

from derivations.conformance.regression import Change, Regression


def test_engine_computes_what_it_did(regression_against_revision: Regression) -> None:
    """No result has moved further than rounding explains, and no exception has changed."""
    changed = regression_against_revision.of(Change.BEYOND)
    assert not changed, "\n".join(regression_against_revision.lines())
