"""Slopes, their bounds, the noise of a function, and arrays in nests."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from derivations.numeric.central import CentralDifferences
from derivations.numeric.differences import complex_slope, prove_analytic
from derivations.numeric.hygiene import Judged, Primal
from derivations.numeric.noise import difference_noise
from derivations.numeric.trees import empty_in_layout, read_tree

V = np.ones(1)


def primal(f: Callable[[Any], Any], x: Any) -> Primal:
    return Primal(f=f, tree=read_tree("x", x))


FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[float], float]]] = {
    "exp": (np.exp, np.exp),
    "sin": (np.sin, np.cos),
    "1/x": (lambda x: 1 / x, lambda x: -1 / x**2),
    "x**7": (lambda x: x**7, lambda x: 7 * x**6),
    "tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("at", [0.3, 1.0, 1.7, 3.1])
def test_slope_lies_within_its_bound(name: str, at: float) -> None:
    """Central differences and complex step, against the derivative by hand."""
    f, derivative = FUNCTIONS[name]
    x = np.array([at])
    p = primal(lambda x: f(x)[0], x)
    due = derivative(at)
    own = 8 * np.spacing(abs(due))  # the rounding of the derivative by hand
    slope = CentralDifferences(primal=p).slope(x, V)
    assert abs(slope.value - due) <= slope.bound + own
    assert slope.bound <= abs(due) * np.sqrt(np.finfo(float).eps)
    proof = prove_analytic(p, x, x, p.value(x))  # in steps relative to x
    assert proof is not None
    sharp = proof[0].slope(x, V)
    assert abs(sharp.value - due) <= sharp.bound + own


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.abs(x[0]),
        lambda x: x[0] * np.conj(x[0]),
        lambda x: x[0].real ** 2,
        lambda x: float(x[0]),
        lambda x: np.maximum(x[0], 1.0),
    ],
    ids=["abs", "conj", "real", "float", "max at a tie"],
)
def test_functions_that_are_not_analytic_are_not_taken_for_such(f: Callable[[Any], Any]) -> None:
    """The planted counterpart of the complex step."""
    x = np.array([1.0])
    p = primal(f, x)
    assert prove_analytic(p, x, V, p.value(x)) is None


def test_complex_step_has_no_cancellation() -> None:
    """The classic example, to the last digits."""
    x = np.array([1.5])
    p = primal(lambda x: (np.exp(x) / np.sqrt(np.sin(x) ** 3 + np.cos(x) ** 3))[0], x)
    slope = complex_slope(p, x, V)
    assert f"{slope:.13f}" == "4.0534278938986"


@pytest.mark.parametrize("size", [1e-12, 1e-8, 1e-4])
def test_noise_is_measured_within_a_factor(size: float) -> None:
    """Uniform noise on a smooth function: its standard deviation, up and down by four."""
    rng = np.random.default_rng(0)
    t = np.linspace(-0.05, 0.05, 11)
    estimates = [
        difference_noise(np.cos(t) + size * np.sqrt(3) * rng.uniform(-1, 1, 11)) for _ in range(50)
    ]
    assert size / 4 <= np.median(estimates) <= 4 * size


def test_smooth_function_shows_only_its_rounding() -> None:
    """The planted counterpart: no noise, no estimate of it."""
    t = np.linspace(-0.05, 0.05, 11)
    assert difference_noise(np.cos(t)) <= 4 * np.finfo(float).eps


@given(
    hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4), elements=st.just(1.0)),
    st.booleans(),
    st.booleans(),
)
def test_layout_of_an_array_is_kept(array: Any, fortran: bool, backwards: bool) -> None:
    """Order and sign of the strides survive in the copies that functions meet."""
    view = np.asfortranarray(array) if fortran else array
    view = view[..., ::-1] if backwards else view
    copy = empty_in_layout(view, np.float64)
    assert copy.shape == view.shape
    longer = [axis for axis, length in enumerate(view.shape) if length > 1]
    assert all(np.sign(copy.strides[a]) == np.sign(view.strides[a]) for a in longer)
    order = [a for a in np.argsort(np.abs(view.strides), kind="stable") if a in longer]
    assert order == [a for a in np.argsort(np.abs(copy.strides), kind="stable") if a in longer]


def test_tree_goes_to_a_vector_and_back() -> None:
    """Every entry keeps its place and its name."""
    nest = {"a": (np.arange(4.0).reshape(2, 2), np.array(7.0)), "b": [np.zeros((0, 3))]}
    tree = read_tree("x", nest)
    vector = tree.vector()
    assert vector.tolist() == [0, 1, 2, 3, 7]
    back = tree.nested(vector)
    assert np.array_equal(back["a"][0], nest["a"][0])
    assert [tree.where(i) for i in (3, 4)] == [(("a", 0), (1, 1)), (("a", 1), ())]
    assert [tree.position(tree.where(i)) for i in range(5)] == list(range(5))


def test_every_entry_has_its_slope_by_its_own_imaginary_step() -> None:
    x = np.array([0.5, 1.0, 2.0, 4.0])
    p = primal(lambda x: (x**3).sum(), x)
    proof = prove_analytic(p, x, x, p.value(x))
    assert proof is not None
    before = p.evaluations
    found = proof[0].entry_slopes(x, range(1, 4), np.array([1.0, 2.0, 1.0, 0.5]))
    assert found.values.tolist() == [6, 12, 24]
    assert not found.kinks.any()
    assert p.takes_complex
    assert p.evaluations == before + 3


@pytest.mark.parametrize(
    ("f", "due", "grids"),
    [
        (lambda x: 3 * x[0], 3.0, 1),
        (lambda x: 1e6 + 1e-9 * x[0], 1e-9, 5),
        (lambda x: 1e6 + 1e-13 * x[0], 1e-13, 10),
    ],
)
def test_steps_grow_until_a_faint_slope_stands_out_from_the_rounding(
    f: Callable[[Any], Any], due: float, grids: int
) -> None:
    """By factors of 8; each grid has five points on either side of the one in the middle."""
    x = np.array([1.0])
    p = primal(lambda x: float(f(x)), x)
    slope = CentralDifferences(primal=p, thrifty=False).far_slope(x, V)
    assert abs(slope.value - due) <= slope.bound < due / 2
    assert p.evaluations == 1 + 10 * grids


@pytest.mark.parametrize(
    "f",
    [
        lambda x: 1e6,
        lambda x: 1e6 + 1e-20 * x[0],
        lambda x: 1e6 + 1e-9 * np.sin(x[0]),
        lambda x: 1e6 + 1e-9 * np.tanh(x[0]),
    ],
)
def test_slope_that_never_stands_out_keeps_the_bound_of_the_first_steps(
    f: Callable[[Any], Any],
) -> None:
    """Far steps would miss what the sine does, and take the tangent's ends for its middle."""
    x = np.array([1.0])
    p = primal(lambda x: float(f(x)), x)
    slope = CentralDifferences(primal=p, thrifty=False).far_slope(x, V)
    first = CentralDifferences(primal=primal(lambda x: float(f(x)), x)).slope(x, V)
    assert (slope.value, slope.bound) == (first.value, first.bound)
    assert p.evaluations == 1 + 10 * 11  # up to the first step beyond 2**20


def test_a_check_with_few_evaluations_left_does_not_grow_its_steps() -> None:
    x, due = np.array([1.0]), 2.0**-43
    p = primal(lambda x: float(1e6 + due * x[0]), x)
    slope = CentralDifferences(primal=p, thrifty=True).far_slope(x, V)
    assert slope.bound > due
    assert p.evaluations == 1 + 10 * 2


def test_a_slope_at_another_point_is_compared_there() -> None:
    """What a complex step leaves in doubt, central differences at the same point take away."""
    x, there = np.array([0.5]), np.array([0.75])
    p = primal(lambda x: np.exp(x)[0], x)
    proof = prove_analytic(p, x, x, p.value(x))
    assert proof is not None
    oracle, _ = proof
    for point in (x, there, there):
        seen = oracle.slope(point, V)
        sharp = oracle.sharp_slope(point, V, seen)
        assert sharp.value == seen.value
        assert 0 < sharp.doubt < seen.doubt


def test_gradients_that_are_larger_on_purpose_are_told_without_their_factor() -> None:
    x = np.array([1.0, 3.0])
    judged = Judged(gradient=lambda x: 16 * x, tree=read_tree("x", x), factor=8.0)
    for found in (judged.first(x), judged.at(x), judged.in_doubles(x)):
        assert found is not None
        assert found.tolist() == [2, 6]
