"""What check_gradient says: its table, broken contracts by name, and bad input refused by name."""

from typing import Any

import numpy as np
import pytest

from derivations.numeric.check import assert_gradient, check_gradient, check_vjp
from derivations.numeric.errors import (
    DtypeError,
    NotFiniteError,
    NotScalarError,
    NumericError,
    StructureError,
)
from derivations.numeric.result import Verdict

Array = Any
ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)


def cubes(x: Array) -> Any:
    return (x**3).sum() / 3


def test_same_seed_gives_the_same_answer() -> None:
    """No global random state takes part."""
    x = np.array([1.0, 2.0, 3.0])
    first = check_gradient(cubes, lambda x: 1.5 * x**2, x, seed=4)
    np.random.default_rng().random()
    assert str(first) == str(check_gradient(cubes, lambda x: 1.5 * x**2, x, seed=4))


def test_table_shows_where_how_far_and_how_to_repeat() -> None:
    """One glance at the message is enough."""
    check = check_gradient(cubes, lambda x: 2 * x**2, np.array([1.0, 2.0]), seed=3)
    table = str(check)
    assert "gradient: disagrees with the complex step" in table
    assert "worst    [0]  analytic 2   numeric 1 ± " in table or "worst    [1]" in table
    assert "(2 shown wrong of 2 entries)" in table
    assert "hint     every ratio is 2: a constant factor" in table
    assert "repeat   seed=3" in table
    assert "every ratio is 2: a constant factor" in check._repr_html_()


def test_assert_gradient_raises_with_the_table() -> None:
    """The short form for other people's tests."""
    assert_gradient(cubes, lambda x: x**2, np.array([1.0, 2.0]))
    with pytest.raises(AssertionError, match="every ratio is 2"):
        assert_gradient(cubes, lambda x: 2 * x**2, np.array([1.0, 2.0]))


@pytest.mark.parametrize(
    ("f", "gradient", "x", "error", "message"),
    [
        (cubes, lambda x: x, np.array([1, 2]), DtypeError, r"x\.dtype=int64, but should be"),
        (cubes, lambda x: x, np.array([1.0, None]), DtypeError, r"x\.dtype=object"),
        (cubes, lambda x: x, [1.0, 2.0], StructureError, r"x\[0\] is of type float"),
        (cubes, lambda x: x, None, StructureError, "x is None"),
        (None, lambda x: x, np.ones(3), StructureError, "f is None, but should be a function"),
        (cubes, 3.0, np.ones(3), StructureError, "gradient is of type float, but should be"),
        (cubes, lambda x: x, np.ma.array([1.0], mask=[1]), StructureError, "of type MaskedArray"),
        (cubes, lambda x: x, ENDLESS, StructureError, "nested more than 64 deep"),
        (lambda x: x, lambda x: x, np.ones(3), NotScalarError, r"f\(x\)\.shape=\(3,\)"),
        (lambda x: None, lambda x: x, np.ones(3), NotScalarError, r"f\(x\) is None"),
        (lambda x: "1", lambda x: x, np.ones(3), NotScalarError, r"f\(x\) is of type str"),
        (lambda x: np.nan, lambda x: x, np.ones(3), NotFiniteError, r"f\(x\)=nan"),
        (cubes, lambda x: None, np.ones(3), StructureError, r"gradient\(x\) is None"),
        (cubes, lambda x: [x], np.ones(3), StructureError, r"arranged like x"),
        (cubes, lambda x: x.astype(object), np.ones(3), DtypeError, r"\.dtype=object"),
        (cubes, lambda x: x + 0j, np.ones(3), DtypeError, r"\.dtype=complex128"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_name(
    f: Any, gradient: Any, x: Any, error: type[NumericError], message: str
) -> None:
    """The error names the argument, what came and what was due."""
    with pytest.raises(error, match=message):
        check_gradient(f, gradient, x)


@pytest.mark.parametrize(
    ("gradient", "diagnosis"),
    [
        (lambda x: (x**2)[:2], "gradient(x).shape=(2,), but should be (3,)"),
        (lambda x: (x**2)[:, None], "gradient(x).shape=(3, 1), but should be (3,)"),
        (lambda x: (x**2).astype(np.float32), "gradient(x).dtype=float32, but should be float64"),
        (lambda x: x, "gradient(x) shares memory with the input; return a copy"),
        (lambda x: np.multiply(x, x, out=x), "gradient: changes its input x in place"),
    ],
)  # fmt: skip
def test_broken_contract_disagrees_and_is_named(gradient: Any, diagnosis: str) -> None:
    """What the caller gave comes back as it was."""
    x = np.array([1.5, -2.0, 3.0])
    check = check_gradient(cubes, gradient, x)
    assert check.verdict is Verdict.DISAGREES
    assert check.diagnosis == diagnosis
    assert np.array_equal(x, [1.5, -2.0, 3.0])


def test_function_that_changes_its_input_is_named() -> None:
    """f is held to its contract too."""

    def f(x: Array) -> Any:
        x *= 2
        return x.sum()

    check = check_gradient(f, lambda x: np.full_like(x, 2.0), np.ones(3))
    assert check.diagnosis == "f: changes its input in place; work on a copy"


def test_vjp_of_a_matrix_product_agrees_and_its_transpose_does_not() -> None:
    """A tuple of arrays through check_vjp."""
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((3, 4)), rng.standard_normal((4, 4)))

    def f(x: Any) -> Array:
        return x[0] @ x[1]

    assert check_vjp(f, lambda y_bar, x: (y_bar @ x[1].T, x[0].T @ y_bar), x)
    check = check_vjp(f, lambda y_bar, x: (y_bar @ x[1].T, y_bar.T @ x[0]), x)
    assert check.verdict is Verdict.DISAGREES
    assert check.diagnosis == "gradient(x)[1] is transposed"


def test_missing_sum_over_the_samples_is_named() -> None:
    """A bias gradient that still has its row for each sample."""
    X = np.random.default_rng(0).standard_normal((5, 3))

    def f(b: Array) -> Any:
        return np.sin(X + b).sum()

    check = check_gradient(f, lambda b: np.cos(X + b), np.array([[0.1, 0.2, 0.3]]))
    assert check.verdict is Verdict.DISAGREES
    assert check.diagnosis == (
        "gradient(x).shape=(5, 3), but should be (1, 3); a sum over axis 0 is missing"
    )
