"""A hint names what it is shown, and nothing where two would fit or none does."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from derivations.numeric.check import check_gradient
from derivations.numeric.diagnose import constant_factor, lines, rearrangements, shows, summed
from derivations.numeric.errors import DtypeError, NotFiniteError, NotScalarError, StructureError
from derivations.numeric.hygiene import as_number, changed, overlap, same
from derivations.numeric.result import WrongEntry
from derivations.numeric.trees import read_tree

SQUARE, TALL = np.arange(4.0).reshape(2, 2), np.arange(6.0).reshape(3, 2)


@pytest.mark.parametrize(
    ("leaf", "due"),
    [
        (SQUARE, {
            "is transposed": [[0, 2], [1, 3]],
            "is reversed along axis 0": [[2, 3], [0, 1]],
            "is reversed along axis 1": [[1, 0], [3, 2]],
        }),
        (TALL, {
            "has its entries in transposed order": [[0, 3], [1, 4], [2, 5]],
            "is reversed along axis 0": [[4, 5], [2, 3], [0, 1]],
            "is shifted by -1 along axis 0": [[4, 5], [0, 1], [2, 3]],
            "is shifted by 1 along axis 0": [[2, 3], [4, 5], [0, 1]],
            "is reversed along axis 1": [[1, 0], [3, 2], [5, 4]],
        }),
        (np.arange(3.0), {
            "is reversed along axis 0": [2, 1, 0],
            "is shifted by -1 along axis 0": [2, 0, 1],
            "is shifted by 1 along axis 0": [1, 2, 0],
        }),
        (np.zeros((1, 2)), {"is reversed along axis 1": [[0, 0]]}),
        (np.zeros((1, 1)), {}),
        (np.array(1.0), {}),
    ],
)  # fmt: skip
def test_an_array_can_have_lost_its_order_in_these_ways(
    leaf: Any, due: dict[str, list[Any]]
) -> None:
    assert {name: turn(leaf).tolist() for name, turn in rearrangements(leaf)} == due


@pytest.mark.parametrize(
    ("shape", "due", "axes"),
    [
        ((1, 3), [[3, 5, 7]], [0]),
        ((2, 1), [[3], [12]], [1]),
        ((3,), [3, 5, 7], [0]),
        ((1, 1), [[15]], [0, 1]),
        ((), 15, [0, 1]),
    ],
)
def test_an_array_is_summed_down_to_a_shape_that_broadcasts_to_it(
    shape: tuple[int, ...], due: Any, axes: list[int]
) -> None:
    found = summed(np.arange(6.0).reshape(2, 3), shape)
    assert found is not None
    assert found[0].tolist() == due
    assert found[1] == axes


@pytest.mark.parametrize("shape", [(2, 3), (3, 2), (2,), (1, 2, 3), (2, 2)])
def test_a_shape_that_does_not_broadcast_is_no_sum(shape: tuple[int, ...]) -> None:
    assert summed(np.arange(6.0).reshape(2, 3), shape) is None


def wrong(*places: tuple[int, ...], path: tuple[Any, ...] = ()) -> list[WrongEntry]:
    return [WrongEntry(where=(path, at), analytic=1.0, numeric=2.0, bound=0.1) for at in places]


def test_a_whole_row_or_column_is_named_and_a_part_of_one_is_not() -> None:
    tree = read_tree("x", np.zeros((2, 3)))
    assert lines(wrong((1, 0), (1, 1), (1, 2)), tree) == "gradient(x) is wrong in row 1 only"
    assert lines(wrong((0, 2), (1, 2)), tree) == "gradient(x) is wrong in column 2 only"
    assert lines(wrong((1, 0), (1, 1)), tree) is None
    assert lines(wrong((0, 0), (1, 1)), tree) is None
    assert lines(wrong((1, 0)), tree) is None
    assert lines([], tree) is None
    nest = read_tree("x", {"a": np.zeros((2, 2)), "b": np.zeros(2)})
    named = wrong((0, 0), (0, 1), path=("a",))
    assert lines(named, nest) == "gradient(x)['a'] is wrong in row 0 only"
    assert lines([*named, *wrong((0,), path=("b",))], nest) is None
    assert lines(wrong((0,), (1,), path=("b",)), nest) is None


@pytest.mark.parametrize(
    ("analytic", "factor", "due"),
    [(6.0, 3.0, True), (6.79, 3.0, True), (6.81, 3.0, False), (5.21, 3.0, True), (5.19, 3.0, False),
     (-6.79, -3.0, True), (-6.81, -3.0, False)],
)  # fmt: skip
def test_a_factor_shows_within_twice_the_bound_of_both_sides(
    analytic: float, factor: float, due: bool
) -> None:
    """2 * 0.1 * (1 + 3) is 0.8."""
    entry = WrongEntry(where=((), (0,)), analytic=analytic, numeric=2.0, bound=0.1)
    assert shows(entry, factor) is due


def test_how_far_an_entry_is_out_is_told_in_bounds() -> None:
    def entry(analytic: float, bound: float) -> WrongEntry:
        return WrongEntry(where=((), ()), analytic=analytic, numeric=2.0, bound=bound)

    assert entry(3.0, 0.25).excess == 4
    assert entry(1.0, 0.25).excess == 4
    assert entry(3.0, 0.0).excess == float("inf")
    assert entry(float("nan"), 0.25).excess == float("inf")


@pytest.mark.parametrize(
    ("value", "due"), [(2, 2), (2.5, 2.5), (1j, 1j), (np.float32(0.5), 0.5), (np.array(3.0), 3)]
)
def test_a_number_of_any_kind_is_one(value: Any, due: complex) -> None:
    assert as_number(value) == due
    assert type(as_number(value)) is complex


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.zeros(2), "f(x).shape=(2,), but should be one number; check_vjp judges functions with "
         "array values"),
        (np.zeros((1, 1)), "f(x).shape=(1, 1), but should be one number; check_vjp judges "
         "functions with array values"),
        (None, "f(x) is None, but should be one number"),
        (True, "f(x) is of type bool, but should be one number"),
        (np.True_, "f(x) is of type bool, but should be one number"),
        ("1", "f(x) is of type str, but should be one number"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_named(value: Any, message: str) -> None:
    with pytest.raises(NotScalarError) as caught:
        as_number(value)
    assert str(caught.value) == message


def test_two_nests_differ_where_an_entry_does_and_nan_is_nan() -> None:
    nan = np.array([np.nan, 1.0])
    before = {"a": nan, "b": [np.zeros(2), (np.ones(1),)]}
    after = {"a": nan.copy(), "b": [np.zeros(2), (np.ones(1),)]}
    assert not changed(after, before)
    after["b"][1][0][0] = 2  # type: ignore[index]
    assert changed(after, before)
    assert same(nan, nan.copy())
    assert not same(nan, np.array([np.nan, 2.0]))
    assert overlap(nan, nan[1:])
    assert not overlap(nan[:1], nan[1:])


X = np.array([1.0, 2.0])
FAULTS = [
    (lambda x: x.sum(), lambda x: [1.0, 1.0], StructureError,
     "gradient(x) is of type list, but should be arranged like x, which is of type ndarray"),
    (lambda x: x.sum(), lambda x: None, StructureError,
     "gradient(x) is None, but should be a NumPy array"),
    (lambda x: x.sum(), lambda x: np.array([1j, 1j]), DtypeError,
     "gradient(x).dtype=complex128, but should be float64"),
    (lambda x: np.inf, lambda x: x, NotFiniteError,
     "f(x)=inf, but should be finite at the given point"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "gradient", "error", "message"), FAULTS)
def test_what_cannot_be_judged_is_told_in_these_words(
    f: Any, gradient: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        check_gradient(f, gradient, X)
    assert str(caught.value) == message


HINTS = [
    (lambda x: np.ones(3), "gradient(x).shape=(3,), but should be (2,)"),
    (lambda x: (2 * x).astype(np.float32), "gradient(x).dtype=float32, but should be float64"),
    (lambda x: -2 * x, "every sign is flipped: the gradient of -f"),
    (lambda x: 2 * x[::-1], "gradient(x) is reversed along axis 0"),
    (lambda x: 6 * x, "every ratio is 3: a constant factor"),
    (
        lambda x: 2 * X,
        "the gradient at a second point is that of the first: a stale buffer or cache",
    ),
]


def test_one_array_that_is_multiplied_by_one_factor_is_named() -> None:
    x = {"a": np.array([1.0, 2.0]), "b": np.array([-0.5, 3.0, 1.5])}
    check = check_gradient(
        lambda x: sum((each**2).sum() for each in x.values()),
        lambda x: {"a": 2 * x["a"], "b": 7 * x["b"]},
        x,
    )
    assert check.diagnosis == "gradient(x)['b'] is multiplied by one factor"


def test_single_precision_inside_is_told() -> None:
    x = np.array([0.1, -0.7, 1.3, 2.9])
    short = lambda x: (2 * x.astype(np.float32)).astype(float)  # noqa: E731
    check = check_gradient(lambda x: (x**2).sum(), short, x)
    assert check.diagnosis == "every entry is a float32 number: float32 inside"


def test_a_factor_that_every_slope_shows_exactly_needs_no_slack() -> None:
    def scene(*pairs: tuple[float, float]) -> Any:
        records = [
            SimpleNamespace(projection=a, slope=SimpleNamespace(value=b), bound=0.0)
            for a, b in pairs
        ]
        return SimpleNamespace(records=records)

    assert constant_factor([scene((3, 1), (-6, -2))]) == 3
    assert constant_factor([scene((3, 1)), scene((-6, -2))]) == 3
    assert constant_factor([scene((3, 1), (-6, -3))]) is None
    assert constant_factor([scene((3, 1))]) is None
    assert constant_factor([scene((3, 1), (0, 0))]) is None
    assert constant_factor([scene((0, 1), (0, 2))]) is None


@pytest.mark.parametrize(("gradient", "hint"), HINTS)
def test_a_wrong_gradient_is_told_in_one_sentence(gradient: Any, hint: str) -> None:
    check = check_gradient(lambda x: (x**2).sum(), gradient, X)
    assert not check
    assert check.diagnosis is not None
    assert check.diagnosis.startswith(hint)
