"""check_gradient and check_vjp on arrays of every shape, layout, precision and kind of values."""

from typing import Any

import numpy as np
from hypothesis import example, given

from derivations.numeric.check import check_gradient, check_vjp
from derivations.numeric.result import Verdict
from tests.generators.arrays import arrays


def softened(x: Any) -> Any:
    """Analytic, with slopes that a saturated entry makes tiny."""
    return np.tanh(x / 128)


def slope(x: Any) -> Any:
    return (1 / np.cosh(x / 128) ** 2 / 128).astype(x.dtype)


@given(x=arrays())
@example(x=np.zeros((0, 3)))
@example(x=np.array(0.5, dtype=np.float32))
def test_a_right_gradient_agrees_on_any_array(x: Any) -> None:
    """With complex input and without; x is given back as it came."""
    before = x.copy()
    assert check_gradient(lambda x: softened(x).sum(), slope, x)
    real = check_gradient(lambda x: float(softened(np.asarray(x, float)).sum()), slope, x)
    assert real.verdict is not Verdict.DISAGREES
    assert np.array_equal(x, before)


@given(x=arrays())
@example(x=np.array([[1e-3]]))
def test_a_wrong_gradient_disagrees_on_any_array_that_has_entries(x: Any) -> None:
    """Off by an eighth everywhere, or in the last entry alone."""
    if not x.size:
        return

    def last(x: Any) -> Any:
        g = np.array(slope(x))
        g.flat[-1] *= 1.125
        return g

    for wrong in (lambda x: (1.125 * slope(x)).astype(x.dtype), last):
        check = check_gradient(lambda x: softened(x).sum(), wrong, x)
        assert check.verdict is Verdict.DISAGREES, str(check)


@given(x=arrays())
def test_a_vjp_is_judged_on_any_array(x: Any) -> None:
    """The right one agrees, the one of -f disagrees where there is anything to differentiate."""
    assert check_vjp(softened, lambda y_bar, x: y_bar * slope(x), x)
    wrong = check_vjp(softened, lambda y_bar, x: -y_bar * slope(x), x)
    assert bool(wrong) is (x.size == 0)
