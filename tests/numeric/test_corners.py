"""Functions and gradients that behave badly: each is answered by name, none is taken for right."""

from collections import namedtuple
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from derivations.numeric.check import check_gradient, check_vjp
from derivations.numeric.errors import DtypeError, NotFiniteError, NotScalarError, StructureError
from derivations.numeric.examine import neighbours
from derivations.numeric.result import GradientCheck, Verdict, WrongEntry
from derivations.numeric.trees import read_tree, same_structure

X = np.array([1.5, -2.0, 0.5])


def cubes(x: Any) -> Any:
    return (x**3).sum() / 3


def square(x: Any) -> Any:
    return x**2


def test_a_function_that_answers_otherwise_each_time_is_named() -> None:
    calls = iter(range(10**6))
    check = check_gradient(lambda x: cubes(x) + next(calls), square, X)
    assert check.verdict is Verdict.DISAGREES
    assert check.diagnosis is not None
    assert check.diagnosis.startswith("f: two calls at the same point differ, ")
    assert "came first" in check.diagnosis


def test_a_gradient_that_answers_otherwise_each_time_is_named() -> None:
    calls = iter(range(10**6))
    check = check_gradient(cubes, lambda x: x**2 + next(calls), X)
    assert check.verdict is Verdict.DISAGREES
    assert check.diagnosis == "gradient: two calls at the same point differ"


def test_a_gradient_that_accumulates_is_named() -> None:
    kept = np.zeros(3)

    def gradient(x: Any) -> Any:
        kept[:] += x**2
        return kept.copy()

    check = check_gradient(cubes, gradient, X)
    assert check.diagnosis is not None
    assert "accumulates from call to call; the second result is twice the first" in check.diagnosis


def test_a_buffer_that_is_handed_out_again_is_named() -> None:
    kept = np.zeros(3)
    check = check_gradient(cubes, lambda x: np.multiply(x, x, out=kept), X)
    assert check.verdict is Verdict.DISAGREES
    assert check.diagnosis == "gradient: a later call overwrites the arrays an earlier one returned"


def test_two_results_in_one_buffer_are_named() -> None:
    x = (X.copy(), X.copy())

    def gradient(x: Any) -> Any:
        g = x[0] ** 2
        return (g, g)

    check = check_gradient(lambda x: cubes(x[0]) + cubes(x[1]), gradient, x)
    assert check.diagnosis == "gradient(x)[1] shares memory with another of the returned arrays"


def test_a_read_only_input_that_is_changed_all_the_same_is_named() -> None:
    x = X.copy()
    x.flags.writeable = False

    def gradient(x: Any) -> Any:
        g = x**2
        forced = np.lib.stride_tricks.as_strided(x)
        x.flags.writeable = True
        x *= 2
        x.flags.writeable = False
        del forced
        return g

    check = check_gradient(cubes, gradient, x)
    assert check.verdict is Verdict.DISAGREES
    assert check.diagnosis == "gradient: changes its input x in place"


def test_a_batched_function_of_the_wrong_shape_is_refused() -> None:
    def batched(x: Any) -> Any:
        return (x**3).sum() / 3

    batched.batched = True  # type: ignore[attr-defined]
    with pytest.raises(NotScalarError, match=r"f\(x\)\.shape=\(\), but should be \(1,\): f says"):
        check_gradient(batched, square, X)


@pytest.mark.parametrize("value", [True, "1", [1.0]])
def test_what_is_no_number_is_refused_as_a_value(value: Any) -> None:
    with pytest.raises(NotScalarError, match=f"of type {type(value).__name__}, but should be one"):
        check_gradient(lambda x: value, square, X)


def test_a_function_without_a_value_around_its_point_is_inconclusive() -> None:
    """An isolated point has no slope, whatever the gradient says."""

    def f(x: Any) -> float:
        return 1.0 if np.array_equal(x, X) else float("nan")

    check = check_gradient(f, np.zeros_like, X)
    assert check.verdict is Verdict.INCONCLUSIVE


def test_the_second_point_lies_within_an_eighth_of_the_first_or_has_its_signs() -> None:
    primal = SimpleNamespace(point=lambda x, v, reach: x + reach * v)
    here: Any = SimpleNamespace(
        x=np.array([4.0, -8.0]),
        natural=np.array([4.0, 16.0]),
        oracle=SimpleNamespace(primal=primal),
    )
    found = [point.tolist() for point in neighbours(here, np.array([4.0, -16.0]))]
    far, near = 1 / 8, 1 / 512
    assert found == [
        [4 + 4 * far, -8 - 16 * far],
        [4 * (1 + far), -8 * (1 - far)],
        [4 + 4 * near, -8 - 16 * near],
        [4 * (1 + near), -8 * (1 - near)],
    ]


def test_a_function_that_ends_close_to_its_point_is_judged_at_a_second_one() -> None:
    """A step as large as the other entries would leave the domain of the logarithm."""
    x = np.array([1e-6, 1.0, 3.0])
    check = check_gradient(lambda x: float(np.log(x).sum()), lambda x: 1 / x, x)
    assert check.verdict is Verdict.AGREES, check
    here_only = lambda y: np.where(np.array_equal(y, x), 1 / y, 2 / y)  # noqa: E731
    check = check_gradient(lambda x: float(np.log(x).sum()), here_only, x)
    assert check.verdict is Verdict.DISAGREES


def test_a_gradient_that_is_no_number_where_f_has_a_slope_disagrees() -> None:
    check = check_gradient(cubes, lambda x: np.array([np.nan, *(x**2)[1:]]), X)
    assert check.verdict is Verdict.DISAGREES
    assert [entry.where for entry in check.wrong] == [((), (0,))]
    assert check.wrong[0].excess == float("inf")


def test_an_end_of_the_domain_near_by_does_not_condemn_a_right_gradient() -> None:
    """sqrt(x) at 1e-3: the first stencils leave the domain."""
    x = np.array([1e-3, 2.0])
    for f in (lambda x: np.sqrt(x).sum(), lambda x: float(np.sqrt(np.real(x)).sum())):
        assert check_gradient(f, lambda x: 0.5 / np.sqrt(x), x).verdict is not Verdict.DISAGREES
        wrong = check_gradient(f, lambda x: 0.6 / np.sqrt(x), x)
        assert wrong.verdict is Verdict.DISAGREES


def test_a_kink_along_every_direction_is_named() -> None:
    """The norm has a kink at 0 that no single entry shows alone."""

    def norm(x: Any) -> float:
        return float(np.sqrt((np.real(x) ** 2).sum()))

    def gradient(x: Any) -> Any:
        size = norm(x)
        return x / size if size else np.zeros_like(x)

    check = check_gradient(norm, gradient, np.zeros(2))
    assert check.verdict is Verdict.INCONCLUSIVE
    assert check.diagnosis is not None
    assert check.diagnosis.startswith("f has a kink at the given point")


@pytest.mark.parametrize("count", [1, 2, 3, 9])
def test_some_wrong_entries_of_many_are_all_found(count: int) -> None:
    """Group testing: one is located by its code, several by halving."""
    x = np.random.default_rng(count).uniform(0.5, 1.5, 600)
    places = np.random.default_rng(10 + count).choice(600, count, replace=False)

    def gradient(x: Any) -> Any:
        g = x**2
        g[places] *= 1.25
        return g

    for f in (cubes, lambda x: float(cubes(np.real(x)))):
        check = check_gradient(f, gradient, x)
        assert check.verdict is Verdict.DISAGREES
        assert {entry.where[1][0] for entry in check.wrong} == {int(i) for i in places}


def test_a_named_tuple_is_handed_on_as_one() -> None:
    Layer = namedtuple("Layer", "W b")
    x = Layer(np.array([[1.0, 2.0]]), np.array([0.5]))

    def f(x: Any) -> Any:
        return (x.W**2).sum() + (x.b**3).sum()

    assert check_gradient(f, lambda x: Layer(2 * x.W, 3 * x.b**2), x)
    check = check_gradient(f, lambda x: Layer(2 * x.W, 2 * x.b**2), x)
    assert {entry.where for entry in check.wrong} == {((1,), (0,))}


@pytest.mark.parametrize(
    ("given", "due", "same"),
    [
        ([1, 2], (1, 2), True),
        ([1, 2], [1, 2, 3], False),
        ({"a": 1}, [1], False),
        ([1], {0: 1}, False),
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1, "b": [2]}, {"b": [0], "a": 0}, True),
        ({"a": 1}, {"a": [1]}, False),
        (1, 2, True),
        ([], 1, False),
    ],
)
def test_structure_is_containers_and_keys(given: Any, due: Any, same: bool) -> None:
    assert same_structure(given, due) is same


def test_a_place_and_its_position_are_each_others_inverse() -> None:
    tree = read_tree("x", {"W": [np.zeros((2, 3)), np.array(1.0)], "b": np.zeros(4)})
    assert tree.size == 11
    places = [tree.where(position) for position in range(tree.size)]
    assert [tree.position(place) for place in places] == list(range(tree.size))
    assert places[6] == (("W", 1), ())
    assert places[5] == (("W", 0), (1, 2))


# check_vjp's own contract


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (lambda x: [1.0], StructureError, r"f\(x\) is of type list, but should be a NumPy array"),
        (lambda x: x > 0, DtypeError, r"f\(x\)\.dtype=bool, but should be float64 or float32"),
        (lambda x: x / 0, NotFiniteError, r"f\(x\) has entries that are nan or infinite"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_value_that_no_cotangent_fits_is_refused(f: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        check_vjp(f, lambda y_bar, x: y_bar, X)


def test_a_value_whose_shape_changes_is_refused() -> None:
    shapes = iter([3, *[2] * 100])
    with pytest.raises(StructureError, match=r"f\(x\)\.shape=\(2,\), but came as \(3,\) before"):
        check_vjp(lambda x: x[: next(shapes)], lambda y_bar, x: y_bar, X)


def test_a_vjp_that_changes_its_cotangent_is_named() -> None:
    def vjp(y_bar: Any, x: Any) -> Any:
        y_bar *= 2 * x
        return y_bar.copy()

    check = check_vjp(lambda x: x**2, vjp, X)
    assert check.verdict is Verdict.DISAGREES
    assert check.diagnosis == "vjp: changes y_bar in place; work on a copy"


# The table


def test_values_that_look_alike_are_shown_with_the_digits_that_tell_them_apart() -> None:
    entry = WrongEntry(where=((), (0,)), analytic=1.00000000123, numeric=1.0, bound=1e-15)
    check = GradientCheck(verdict=Verdict.DISAGREES, wrong=(entry,), oracle="complex step", size=3)
    assert "[0]  analytic 1.000000001   numeric 1 ± 1e-15" in str(check)
    assert "(1 shown wrong of 3 entries)" in str(check)


def test_the_worst_entries_come_first_and_a_zero_bound_is_infinitely_exceeded() -> None:
    entries = [
        WrongEntry(where=((), (n,)), analytic=2.0, numeric=1.0, bound=bound)
        for n, bound in enumerate([0.5, 0.1, 0.0])
    ]
    assert [entry.excess for entry in entries] == [2.0, 10.0, float("inf")]
    check = GradientCheck(verdict=Verdict.DISAGREES, wrong=tuple(entries), size=3)
    rows = check.table()
    assert [text.partition("  analytic")[0].split()[-1] for text in rows] == ["[2]", "[1]", "[0]"]


def test_each_verdict_has_its_headline() -> None:
    lines = {
        verdict: GradientCheck(verdict=verdict, oracle="complex step", size=4).headline()
        for verdict in Verdict
    }
    assert lines == {
        Verdict.AGREES: "gradient: agrees with the complex step in 4 entries",
        Verdict.DISAGREES: "gradient: disagrees with the complex step",
        Verdict.INCONCLUSIVE: "gradient: could not be judged by the complex step",
    }
    assert [bool(GradientCheck(verdict=verdict)) for verdict in Verdict] == [True, False, False]
    assert "hint" not in str(GradientCheck(verdict=Verdict.AGREES))


def test_a_product_with_a_cotangent_is_held_to_its_contract_at_the_second_point_too() -> None:
    """There the cotangent is not contiguous, and this one answers in another precision."""

    def vjp(y_bar: Any, x: Any) -> Any:
        result = y_bar / np.cosh(x) ** 2
        return result if y_bar.flags.c_contiguous else result.astype(np.float32)

    check = check_vjp(np.tanh, vjp, np.array([[1.0, -2.0], [0.5, 3.0]]))
    assert check.verdict is Verdict.DISAGREES
    assert check.diagnosis is not None
    assert "dtype=float32, but should be float64" in check.diagnosis
