"""The built-in document: every formula read, judged, and given the reading that is true."""

import pytest

from derivations import DocumentCheck, check_document
from derivations.check import BUILT_IN, open_page
from derivations.document.markdown import Formula

CONVENTIONS = ("stated", "rows", "columns")
SOURCE_LINES = [34, 43, 47, 58, 62, 70, 74, 80, 84, 88, 95, 102, 105, 114, 124, 138, 142, 147, 151,
                155, 159, 163, 167, 171, 175, 184, 188, 194, 198, 202]  # fmt: skip


@pytest.fixture(scope="module", params=CONVENTIONS)
def check(request: pytest.FixtureRequest) -> DocumentCheck:
    return check_document(BUILT_IN, convention=request.param)


def test_thirty_formulas_and_nine_claims_in_words_are_found() -> None:
    """Display, inline, and the one display without a blank line before it."""
    items = open_page(BUILT_IN).items
    stated = [item for item in items if isinstance(item, Formula) and "operatorname" in item.tex]
    printed = [item for item in items if isinstance(item, Formula) and item not in stated]
    assert len(printed) == len(SOURCE_LINES)
    assert len(items) - len(printed) == 9


def test_no_formula_is_unreadable_and_no_routes_disagree(check: DocumentCheck) -> None:
    assert "unreadable" not in check.totals
    assert not [claim.id for claim, verdict in check.claims if verdict.contradiction]


@pytest.mark.parametrize("tex", ["(A-Y)*X", "(A(1-A))*X", "(A(1-A))*1", "=\\frac{1}{n}(A-Y)"])
def test_long_and_short_gradients_have_a_reading_proved_for_all_shapes(
    check: DocumentCheck, tex: str
) -> None:
    found = [v for claim, v in check.claims if claim.tex.endswith(tex) and "partial" in claim.tex]
    assert found
    for verdict in found:
        assert verdict.strength is not None
        assert verdict.strength.value == "proved"
        assert verdict.as_printed.value in ("fails", "ill-typed")


@pytest.mark.parametrize("start", ["d_{w", "d_{b", "W^i=", "b^i="])
def test_printed_recurrences_have_no_reading_for_every_layer(
    check: DocumentCheck, start: str
) -> None:
    """A hidden layer has no Y; with one put in, shapes and then numbers refute them."""
    (verdict,) = [v for claim, v in check.claims if claim.tex.startswith(start)]
    assert verdict.as_printed.value == "undeclared"
    assert verdict.scope != "every layer"
    assert verdict.counterexample is not None
    assert verdict.counterexample.printed != verdict.counterexample.true
