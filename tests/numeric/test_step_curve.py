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
from derivations.numeric.enclosure import ball, balls, precision
from derivations.numeric.floats import FLOAT64
from derivations.numeric.rounded import Rounded
from derivations.numeric.step_curve import StepCurve
from tests.numeric.test_evaluate import read, world
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


def slope_of_the_loss(
    *printed: int, tex: str = r"\frac{\partial J}{\partial u}"
) -> StepCurve | None:
    """The curve of a printed dJ/du of u = (1, -2), where (67, -128) is true."""
    with precision():
        place = world()
        place.evaluate(read("x", "J"), {})
        both = (balls([[value] for value in values]) for values in (printed, (67, -128)))
        return step_curve.step_curve(place, read("x", tex), *both)


@pytest.mark.parametrize(
    ("printed", "place", "gap"), [((60, -128), (0, 0), 7), ((66, -100), (1, 0), 28)]
)
def test_a_curve_is_that_of_the_entry_furthest_off(
    printed: tuple[int, int], place: tuple[int, int], gap: int
) -> None:
    """J is a square, of which differences are exact but for rounding, which small steps magnify."""
    curve = slope_of_the_loss(*printed)
    assert curve is not None
    assert curve.place == place
    assert curve.steps == step_curve.STEPS
    for error, bound, wrong in zip(curve.true, curve.bounds, curve.printed, strict=True):
        assert error <= bound
        assert abs(wrong - gap) <= bound
    assert max(curve.bounds[:5]) < np.sqrt(np.finfo(float).eps)
    assert curve.bounds[-1] > gap


@pytest.mark.parametrize(
    "tex",
    [
        "J",
        r"\frac{\partial J}{\partial u_1}",
        r"\frac{\partial (J + c)}{\partial u}",
        r"\frac{\partial y}{\partial u}",
        r"\frac{\partial J}{\partial X}",
    ],
)
def test_only_the_slope_of_a_number_by_a_whole_array_has_a_curve(tex: str) -> None:
    assert slope_of_the_loss(1, 1, tex=tex) is None


def test_no_curve_is_drawn_unless_it_is_asked_for(tmp_path: Path) -> None:
    [check] = check_conventions(write_page(tmp_path / "notes.md", WRONG))
    [(_, verdict)] = check.claims
    assert verdict.counterexample is not None
    assert verdict.counterexample.curve is None
    assert verdict.steps == ()
    assert step_curve.STEPS[0] == 0.5


@pytest.mark.parametrize("x", [0.01, 0.75, 3.0, 19.9])
@pytest.mark.parametrize("name", sorted(FLOAT64))
def test_a_double_lies_in_its_ball(name: str, x: float) -> None:
    """And the ball is narrow: a thousandth of a thousandth beside the value lies outside."""
    for rule in FLOAT64[name]:
        inside = rule(Rounded(ball(Fraction(x))))
        double = ball(Fraction(float(rule(np.float64(x)))))
        assert inside.ball.contains(double) if isinstance(inside, Rounded) else inside == double
        if isinstance(inside, Rounded) and not inside.ball.contains(0):
            assert not inside.ball.contains(double * (1 + arb(2) ** -20))


def test_a_power_and_a_root_lie_in_their_balls() -> None:
    for x in (0.3, 7.0):
        inside = Rounded(ball(Fraction(x)))
        assert (inside**3).ball.contains(ball(Fraction(x**3)))
        assert not (inside**3).ball.contains(ball(Fraction(x**2)))
        assert inside.sqrt().ball.contains(ball(Fraction(float(np.sqrt(x)))))


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
