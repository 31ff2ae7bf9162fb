"""Central differences of a document's loss: their error stays below its bound."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from derivations.check import check_conventions
from derivations.errors import LimitError
from derivations.numeric import rounded, step_curve
from derivations.numeric.enclosure import ball
from derivations.numeric.floats import FLOAT64
from derivations.numeric.rounded import Rounded
from derivations.numeric.step_curve import StepCurve
from tests.report.documents import RIGHT, WRONG, write_page

INSIDE = r"\frac{\partial L}{\partial A} = \frac{1}{m} (A - Y)"
SIGMOID = r"A = \operatorname{sigmoid}(X W)"


def curves(directory: Path, *formulas: str, model: str = "A = X W") -> list[StepCurve]:
    """Those of the counterexamples of a page."""
    path = write_page(directory / "notes.md", *formulas)
    path.write_text(path.read_text(encoding="utf-8").replace("A = X W", model), encoding="utf-8")
    [check] = check_conventions(path, in_full=True)
    examples = [verdict.counterexample for _, verdict in check.claims]
    return [found.curve for found in examples if found is not None and found.curve is not None]


def test_the_error_stays_below_the_bound_and_a_wrong_slope_does_not(tmp_path: Path) -> None:
    found = curves(tmp_path, WRONG, INSIDE) + curves(tmp_path, WRONG, INSIDE, model=SIGMOID)
    assert len(found) == 4
    for curve in found:
        pairs = list(zip(curve.true, curve.bounds, strict=True))
        assert len(pairs) > 20
        assert all(error <= bound for error, bound in pairs)
        assert any(wrong > bound for wrong, bound in zip(curve.printed, curve.bounds, strict=True))


def test_a_bound_without_rounding_is_exceeded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounded, "_wider", lambda value, share=0: Rounded(value))
    [curve] = curves(tmp_path, WRONG, model=SIGMOID)
    assert any(error > bound for error, bound in zip(curve.true, curve.bounds, strict=True))


def test_what_is_no_gradient_has_no_curve_and_a_true_gradient_none_either(tmp_path: Path) -> None:
    assert curves(tmp_path, *RIGHT, "A = W X", "L = 1") == []


def test_no_curve_is_drawn_unless_it_is_asked_for(tmp_path: Path) -> None:
    [check] = check_conventions(write_page(tmp_path / "notes.md", WRONG))
    [(_, verdict)] = check.claims
    assert verdict.counterexample is not None
    assert verdict.counterexample.curve is None
    assert verdict.steps == ()
    assert step_curve.STEPS[0] == 0.5


@given(st.sampled_from(sorted(FLOAT64)), st.floats(0.01, 20))
def test_a_double_lies_in_its_ball(name: str, x: float) -> None:
    for rule in FLOAT64[name]:
        inside = rule(Rounded(ball(Fraction(x))))
        double = ball(Fraction(float(rule(np.float64(x)))))
        assert inside.ball.contains(double) if isinstance(inside, Rounded) else inside == double


def test_a_ball_on_both_sides_decides_nothing() -> None:
    wide = Rounded(arb(0, 1))
    for ask in (lambda: wide > 0, lambda: wide <= 0, lambda: wide == 0):
        with pytest.raises(LimitError):
            ask()
    assert abs(Rounded(arb(-2))) >= 2


@given(st.floats(-9, 9), st.floats(0.1, 9))
def test_sums_products_and_quotients_lie_in_their_balls(a: float, b: float) -> None:
    left, right = Rounded(ball(Fraction(a))), Rounded(ball(Fraction(b)))
    pairs = [(a + b, left + right), (a - b, left - right), (a * b, left * right)]
    pairs += [(a / b, left / right), (1 / b, 1 / right), (1 - b, 1 - right), (-a, -left)]
    for double, inside in pairs:
        assert inside.ball.contains(ball(Fraction(double)))
    assert (left > right) == (a > b)
    assert (left < right) == (a < b)
