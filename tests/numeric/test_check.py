"""check_gradient: the three answers, and what passes silently through other checkers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from derivations.numeric.check import check_gradient
from derivations.numeric.result import Verdict

Array = Any
ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)


def cubes(x: Array) -> Any:
    return (x**3).sum() / 3


def real_cubes(x: Array) -> float:
    return float((np.asarray(x, dtype=float) ** 3).sum() / 3)


@pytest.mark.parametrize("f", [cubes, real_cubes])
@pytest.mark.parametrize(
    "x",
    [
        np.array(1.5),
        np.array([1.5, -2.0, 0.0]),
        np.arange(12.0).reshape(3, 4)[:, ::-2],
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.zeros((0, 3)),
        np.zeros(3),
        np.broadcast_to(np.array([1.0, 2.0]), (3, 2)),
        np.array([1e-9, 2e-9]),
        np.array([1e9, -3e9]),
        np.array([0.5, 2.0], dtype=np.float32),
    ],
    ids=lambda x: f"{x.dtype}{x.shape}",
)
def test_right_gradient_agrees_whatever_the_array(f: Callable[[Any], Any], x: Array) -> None:
    """Shapes, strides, sizes, dtypes and read-only arrays make no difference."""
    before = x.copy()
    check = check_gradient(f, lambda x: x**2, x)
    zero_everywhere = x.size and not x.any()
    assert check.verdict is (Verdict.AGREES if not zero_everywhere else check.verdict)
    assert check.verdict is not Verdict.DISAGREES
    assert np.array_equal(x, before)


@pytest.mark.parametrize("f", [cubes, real_cubes])
@pytest.mark.parametrize(
    "x",
    [np.array(1.5), np.array([1.5, -2.0, 3.0]), np.arange(1.0, 13).reshape(3, 4)[:, ::-2]],
    ids=lambda x: str(x.shape),
)
def test_doubled_gradient_disagrees_whatever_the_array(f: Callable[[Any], Any], x: Array) -> None:
    """Beside the right gradients: a wrong one on the same arrays."""
    check = check_gradient(f, lambda x: 2 * x**2, x)
    assert check.verdict == "disagrees"
    assert check.diagnosis == "every ratio is 2: a constant factor"
    assert {entry.where for entry in check.wrong} == {((), index) for index in np.ndindex(x.shape)}
    assert all(abs(e.analytic - 2 * e.numeric) <= 2 * e.bound for e in check.wrong)


def test_nested_arguments_are_named_by_their_path() -> None:
    """A wrong entry of an array in a dict of lists is found under its keys."""
    x = {"W": [np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5])], "b": (np.array(2.0),)}

    def f(x: Any) -> Any:
        return (x["W"][0] ** 2).sum() + (x["W"][1] ** 2).sum() * x["b"][0]

    def gradient(x: Any, error: float = 0.0) -> Any:
        dW = 2 * x["W"][0]
        dW[0, 1] += error
        return {
            "W": [dW, 2 * x["W"][1] * x["b"][0]],
            "b": (np.asarray((x["W"][1] ** 2).sum()),),
        }

    assert check_gradient(f, gradient, x)
    check = check_gradient(f, lambda x: gradient(x, 1e-8), x)
    assert [entry.where for entry in check.wrong] == [(("W", 0), (0, 1))]


# Silent passes of other checkers.


@pytest.mark.parametrize("f", [cubes, real_cubes])
def test_a_hundred_of_4000_entries_set_to_zero_are_missed_by_no_projection(
    f: Callable[[Any], Any],
) -> None:
    """The bound of a direction does not grow with the number of entries."""
    x = np.random.default_rng(1).uniform(0.5, 1.5, 4000)

    def gradient(x: Array) -> Array:
        g = x**2
        g[::40] = 0
        return g

    assert check_gradient(f, lambda x: x**2, x)
    check = check_gradient(f, gradient, x)
    assert check.verdict is Verdict.DISAGREES
    assert {entry.where[1][0] % 40 for entry in check.wrong} == {0}


def test_zero_derivative_of_sin_in_float32_is_caught() -> None:
    """Single precision is judged in doubles, with the rounding of single precision."""
    x = np.linspace(0.1, 3, 400, dtype=np.float32)

    def f(x: Array) -> Any:
        return np.sin(x).sum()

    assert check_gradient(f, np.cos, x)
    assert check_gradient(f, np.zeros_like, x).verdict is Verdict.DISAGREES


def test_zero_derivative_is_caught_in_float32_only_functions() -> None:
    """A function that refuses doubles is judged within its own noise."""
    x = np.linspace(0.1, 3, 400, dtype=np.float32)

    def f(x: Array) -> Any:
        if x.dtype != np.float32:
            raise TypeError("float32 only")
        return np.sin(x).sum()

    assert check_gradient(f, np.zeros_like, x).verdict is Verdict.DISAGREES
    assert check_gradient(f, np.cos, x).verdict is not Verdict.DISAGREES


@pytest.mark.parametrize("scale", [1e-6, 1e-12])
def test_flipped_sign_of_a_small_gradient_is_caught(scale: float) -> None:
    """No absolute tolerance hides it."""
    x = np.array([0.3, 0.7])
    assert check_gradient(lambda x: scale * cubes(x), lambda x: scale * x**2, x)
    check = check_gradient(lambda x: scale * cubes(x), lambda x: -scale * x**2, x)
    assert check.verdict is Verdict.DISAGREES
    assert check.diagnosis == "every sign is flipped: the gradient of -f"


@pytest.mark.parametrize("special", [0.3, 0.0])
def test_gradient_wrong_at_the_point_alone_is_caught(special: float) -> None:
    """Its neighbours are right, and what sets the point apart from them is no rounding."""
    x = np.array([special, 0.4, 0.7])

    def gradient(x: Array) -> Array:
        return np.cos(x) * np.where(x == special, 2, 1)

    for f in (lambda x: np.sin(x).sum(), lambda x: float(np.sin(x).sum())):
        check = check_gradient(f, gradient, x)
        assert [entry.where for entry in check.wrong] == [((), (0,))]


@pytest.mark.parametrize("period", [2, 3, 4, 5, 6])
def test_gradient_wrong_in_every_so_many_calls_is_caught(period: int) -> None:
    """A race: no noise is believed that does not repeat."""
    calls = [0]

    def gradient(x: Array) -> Array:
        calls[0] += 1
        return np.cos(x) * (1.5 if calls[0] % period == 0 else 1.0)

    x = np.array([0.3, 0.4, 0.7])
    assert check_gradient(lambda x: np.sin(x).sum(), gradient, x).verdict is Verdict.DISAGREES


def test_gradient_that_reads_between_the_entries_is_caught() -> None:
    """Every other cell belongs to somebody else."""
    x = np.arange(0.5, 12.5)[::2]

    def gradient(x: Array) -> Array:
        return np.cos(np.lib.stride_tricks.as_strided(x, x.shape, (x.itemsize,)))

    assert check_gradient(lambda x: np.sin(x).sum(), gradient, x).verdict is Verdict.DISAGREES


def test_function_with_noise_is_judged_within_it() -> None:
    """Rounding to 1e-9 leaves the right gradient right and a wrong one wrong."""
    x = np.array([0.3, 0.7, 1.1])

    def f(x: Array) -> float:
        return round(float((x**3).sum() / 3), 9)

    check = check_gradient(f, lambda x: x**2, x)
    assert check.verdict is not Verdict.DISAGREES
    assert check_gradient(f, lambda x: 1.01 * x**2, x).verdict is Verdict.DISAGREES


def test_function_that_is_not_analytic_falls_back_to_differences() -> None:
    """abs() of a complex number is real: its part of the slope would be lost."""
    x = np.array([0.4, -1.3, 2.0])

    def f(x: Array) -> Any:
        return (x**2).sum() + 1e-6 * np.abs(x).sum()

    check = check_gradient(f, lambda x: 2 * x + 1e-6 * np.sign(x), x)
    assert check.verdict is Verdict.AGREES
    assert check.oracle == "central differences"
    assert check_gradient(f, lambda x: 2 * x, x).verdict is Verdict.DISAGREES


def test_zero_gradient_agrees_only_where_f_stands_still() -> None:
    """Exactly 0 is certified by an f that does not move, never by a bound."""
    x = np.array([1.0, 2.0])
    assert check_gradient(lambda x: 3.0, np.zeros_like, x)
    assert check_gradient(lambda x: 0 * x.sum() + 3.0, np.zeros_like, x)
    assert not check_gradient(lambda x: 1e-300 * x.sum() + 3.0, np.zeros_like, x)


def test_hidden_layer_of_tiny_gradients_is_not_waved_through() -> None:
    """Small weights in five layers: the first gradient zeroed, flipped, doubled, shuffled."""
    rng = np.random.default_rng(3)
    weights = [0.05 * rng.standard_normal((4, 4)) for _ in range(5)]
    X = rng.standard_normal((6, 4))

    def f(W: Any) -> Any:
        A = X
        for layer in W:
            A = np.tanh(A @ layer)
        return (A * A).sum()

    def gradient(W: Any) -> Any:
        A = [X]
        for layer in W:
            A.append(np.tanh(A[-1] @ layer))
        delta = 2 * A[-1]
        found = []
        for layer, inside, outside in zip(W[::-1], A[-2::-1], A[:0:-1], strict=True):
            delta = delta * (1 - outside**2)
            found.append(inside.T @ delta)
            delta = delta @ layer.T
        return found[::-1]

    assert check_gradient(f, gradient, weights)
    slips: list[Callable[[Array], Array]] = [
        np.zeros_like,
        np.negative,
        lambda g: 2 * g,
        lambda g: g[::-1].copy(),
    ]
    for slip in slips:
        for real in (False, True):
            check = check_gradient(
                (lambda W: float(f(W))) if real else f,
                lambda W, slip=slip: [slip(gradient(W)[0]), *gradient(W)[1:]],
                weights,
            )
            assert not check
            assert real or check.verdict is Verdict.DISAGREES


def test_every_entry_is_looked_at_when_asked() -> None:
    """exhaustive=True, one by one or in batches, finds what directions find."""
    x = np.random.default_rng(2).uniform(0.5, 1.5, (7, 3))

    def batched(x: Array) -> Array:
        return (x**3).sum(axis=(1, 2)) / 3

    batched.batched = True  # type: ignore[attr-defined]

    def wrong(x: Array) -> Array:
        g = x**2
        g[4, 1] *= 1 + 1e-9
        return g

    for f in (cubes, batched):
        assert check_gradient(f, lambda x: x**2, x, exhaustive=True)
        check = check_gradient(f, wrong, x, exhaustive=True)
        assert [entry.where for entry in check.wrong] == [((), (4, 1))]


@pytest.mark.parametrize("f", [cubes, real_cubes], ids=["complex", "real"])
@pytest.mark.parametrize("error", [0.0, 1e-9, 1e-3])
def test_an_executor_changes_nothing_but_the_time(f: Callable[[Any], Any], error: float) -> None:
    """Every entry looked at by two threads: the same answer to the byte."""
    x = np.random.default_rng(2).uniform(0.5, 1.5, 300)

    def gradient(x: Array) -> Array:
        g = x**2
        g[[7, 150, 299]] *= 1 + error
        return g

    alone = check_gradient(f, gradient, x, exhaustive=True)
    with ThreadPoolExecutor(2) as executor:
        shared = check_gradient(f, gradient, x, exhaustive=True, executor=executor)
    assert shared == alone
    assert str(shared) == str(alone)
    if error == 1e-3 or (error and f is cubes):
        assert [entry.where[1] for entry in shared.wrong] == [(7,), (150,), (299,)]


@pytest.mark.parametrize("real", [False, True], ids=["complex", "real"])
@pytest.mark.parametrize("scale", [1e200, 1e-200])
def test_functions_of_any_size_are_judged(scale: float, real: bool) -> None:
    """No square of a bound overflows, or vanishes."""
    x = np.array([0.3, -1.2, 2.0])

    def f(x: Array) -> Any:
        value = scale * (x**2).sum()
        return float(value) if real else value

    assert check_gradient(f, lambda x: 2 * scale * x, x)
    check = check_gradient(f, lambda x: 2 * scale * x * np.array([1, 1.01, 1]), x)
    assert [entry.where[1] for entry in check.wrong] == [(1,)]


def test_entries_of_very_different_sizes_in_one_array_are_not_called_wrong() -> None:
    """In steps that suit the largest, a sine of the smallest turns a million million times."""
    sizes = np.array([1e-6, 1.0, 1e6])
    x = sizes * np.array([0.3, -1.2, 0.7])

    def f(x: Array) -> Any:
        return np.sin(x / sizes).sum()

    def gradient(x: Array) -> Array:
        return np.cos(x / sizes) / sizes

    for seed in range(6):
        assert check_gradient(f, gradient, x, seed=seed).verdict is not Verdict.DISAGREES
    check = check_gradient(f, lambda x: gradient(x) * np.array([1, 1.5, 1]), x)
    assert [entry.where[1] for entry in check.wrong] == [(1,)]
    assert check.diagnosis is None


@pytest.mark.parametrize("scale", [1.01, 1 + 1e-6])
def test_gradient_that_grows_without_end_towards_zero_hides_nothing(scale: float) -> None:
    """An inverse is no saturated network: what happens near 0 is no rounding here."""
    A = 3 * np.eye(3) + np.random.default_rng(0).standard_normal((3, 3))

    def f(A: Array) -> Any:
        return (np.linalg.inv(A) ** 2).sum()

    def gradient(A: Array, scale: float = 1.0) -> Array:
        B = np.linalg.inv(A)
        g = -2 * B.T @ B @ B.T
        g[1, 2] *= scale
        return g

    assert check_gradient(f, gradient, A)
    check = check_gradient(f, lambda A: gradient(A, scale), A)
    assert [entry.where[1] for entry in check.wrong] == [(1, 2)]


def test_slope_is_not_taken_where_f_is_analytic_at_the_first_point_only() -> None:
    """The second point has an oracle of its own before anything there is called wrong."""
    x = np.array([0.0, 0.0, 3.0])

    def f(x: Array) -> Any:
        return np.linalg.norm(x[:2]) ** 3 + x[2] ** 2

    def gradient(x: Array) -> Array:
        size = np.linalg.norm(x[:2])
        return np.array([3 * size * x[0], 3 * size * x[1], 2 * x[2]])

    assert check_gradient(f, gradient, x).verdict is not Verdict.DISAGREES


def test_function_that_keeps_what_it_was_given_is_judged_like_any_other() -> None:
    """A cache that compares with the array it got, and not with a copy, meets no array twice."""
    kept: list[tuple[Array, Any]] = []

    def f(x: Array) -> Any:
        for seen, value in kept:
            if seen.dtype == x.dtype and np.array_equal(seen, x):
                return value
        kept.append((x, cubes(x)))
        return kept[-1][1]

    x = np.random.default_rng(0).uniform(0.5, 1.5, 30)
    check = check_gradient(f, lambda x: x**2, x)
    assert (check.verdict, check.oracle) == (Verdict.AGREES, "complex step")
    assert check_gradient(f, lambda x: 1.01 * x**2, x).verdict is Verdict.DISAGREES
    assert check_gradient(f, lambda x: x**2, x, exhaustive=True)
