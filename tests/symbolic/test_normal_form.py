"""The normal form decides what is zero for all sizes, within its limits; no answer is guessed."""

from typing import Any

import pytest
import sympy as sp

from derivations.errors import LimitError
from derivations.symbolic import atoms, normal
from derivations.symbolic.atoms import Delta, Side, Sigmoid, Sign, Softplus, Step, Tanh
from derivations.symbolic.indices import array, fresh, size
from derivations.symbolic.normal import remainder

m, n = size("m"), size("n")
i, j, k, q = (sp.Symbol(name, integer=True) for name in "ijkq")
u, v, X, Y = (array(name) for name in ("u", "v", "X", "Y"))
x, y, z = u[i, 0], v[i, 0], X[i, j]


def over(body: Any, *limits: tuple[Any, Any]) -> Any:
    return sp.Sum(body, *((index, 0, high - 1) for index, high in limits))


ZEROS = {
    "a square of a sum": over(x, (i, m)) ** 2 - over(x * u[j, 0], (i, m), (j, m)),
    "a cube of a sum": over(x, (i, m)) ** 3
    - over(x * u[j, 0] * u[k, 0], (i, m), (j, m), (k, m)),
    "a product of sums": over(x, (i, m)) * over(y, (i, m)) - over(x * v[j, 0], (j, m), (i, m)),
    "the name of an index": over(x * y, (i, m)) - over(u[j, 0] * v[j, 0], (j, m)),
    "the order of two sums": over(z, (i, m), (j, n)) - over(X[j, i], (i, n), (j, m)),
    "a sum of one value": over(y, (j, m)) - m * y,
    "a sum of nothing": over(sp.Integer(0), (i, m)),
    "a factor of a sum": 2 * over(x, (i, m)) - over(2 * x, (i, m)),
    "a sum of two": over(x + y, (i, m)) - over(x, (i, m)) - over(y, (i, m)),
    "a polynomial": (x + y) ** 3 - x**3 - 3 * x**2 * y - 3 * x * y**2 - y**3,
    "a fraction": 1 / x + 1 / y - (x + y) / (x * y),
    "a negative power": x**-2 * (x + y) ** 2 - 1 - 2 * y / x - y**2 / x**2,
    "a share": over(sp.exp(x) / over(sp.exp(u[j, 0]), (j, m)), (i, m)) - 1,
    "a share of a share": over(2 * y * sp.exp(x) / over(sp.exp(u[j, 0]), (j, m)), (i, m))
    - 2 * over(y * sp.exp(x), (i, m)) / over(sp.exp(u[j, 0]), (j, m)),
    "exponentials": sp.exp(2 * x + y) - sp.exp(x) ** 2 * sp.exp(y),
    "an exponential of a log": sp.exp(3 * sp.log(x) + y) - x**3 * sp.exp(y),
    "an exponential of twice a log": sp.exp(2 * sp.log(x), evaluate=False) - x**2,
    "a half of a log": sp.exp(sp.log(x) / 2) ** 2 - sp.exp(sp.log(x) / 2) ** 2,
    "a sigmoid": Sigmoid(x) + Sigmoid(-x) - 1,
    "a slope of a sigmoid": Sigmoid(x) * Sigmoid(-x) - Sigmoid(x) * (1 - Sigmoid(x)),
    "a tanh": Tanh(x) - 2 * Sigmoid(2 * x) + 1,
    "a softplus": Softplus(x) - Softplus(-x) - x,
    "a log of a sigmoid": sp.log(Sigmoid(x)) + Softplus(-x),
    "a log of sizes": sp.log(m * n) - sp.log(m) - sp.log(n),
    "a log of a quotient": sp.log(sp.exp(x) / m) - x + sp.log(m),
    "a log of a number": sp.log(6 * m) - sp.log(sp.Integer(6)) - sp.log(m),
    "a log of a sum": sp.log(over(sp.exp(x), (i, m)) * m) - sp.log(m)
    - sp.log(over(sp.exp(u[j, 0]), (j, m))),
    "a log of a power": sp.log(m**3) - 3 * sp.log(m),
    "a root": sp.sqrt(x) ** 2 - x,
    "a root of a square root's power": x ** sp.Rational(3, 2) - x * sp.sqrt(x),
    "a root below": 1 / sp.sqrt(x) - sp.sqrt(x) / x,
    "roots of two": sp.sqrt(x) * sp.sqrt(x) * sp.sqrt(y) ** 4 - x * y**2,
    "a step's square": Step(x) ** 2 - Step(x),
    "a step's cube": Step(x) ** 3 - Step(x),
    "a side": Side(x) + Side(-x) - 1,
    "a sign": Sign(x) ** 2 - 1,
    "a sign turned": Sign(x) + Sign(-x),
    "a delta's square": Delta(i, j) ** 2 - Delta(i, j),
    "a delta turned": Delta(i, j) - Delta(j, i),
    "a delta summed": over(Delta(i, j) * u[j, 0], (j, m)) - x,
    "two deltas summed": over(Delta(i, j) * Delta(j, k) * u[j, 0], (j, m), (k, m)) - x,
    "a delta in a sum": over(x + Delta(i, j) * y, (j, m)) - m * x - y,
    "a delta within": over(over(Delta(i, j) * X[j, k], (j, m)), (k, n)) - over(X[i, k], (k, n)),
    "a delta of a product opened": over((Delta(i, j) + x) * v[j, 0], (j, m))
    - y - x * over(v[j, 0], (j, m)),
}  # fmt: skip


@pytest.mark.parametrize("name", ZEROS)
def test_what_is_zero_for_all_sizes_is_found_so(name: str) -> None:
    assert not remainder(ZEROS[name])


@pytest.mark.parametrize("name", ZEROS)
def test_what_is_left_over_is_never_taken_for_zero(name: str) -> None:
    """The planted defect, in four places: one more, one entry more, one sum more, a size more."""
    for more in (sp.Integer(1), y * x, over(v[k, 0], (k, n)), m):
        assert remainder(ZEROS[name] + more)
        assert len(remainder(ZEROS[name] - more)) >= 1


NOT_ZERO = {
    "a sum over another size": over(x, (i, m)) - over(x, (i, n)),
    "a transpose": over(z * Y[i, j], (i, m), (j, m)) - over(z * Y[j, i], (i, m), (j, m)),
    "a log of what may be negative": sp.log(x * y) - sp.log(x) - sp.log(y),
    "a log of a difference": sp.log(sp.exp(x) - m) - x + sp.log(m),
    "a power that is no half": sp.cbrt(x * y) - sp.cbrt(x) * sp.cbrt(y),
    "a share of other values": over(sp.exp(x) / over(sp.exp(v[j, 0]), (j, m)), (i, m)) - 1,
    "a delta": Delta(i, j) - 1,
    "another entry": u[i, 0] - u[j, 0],
    "the rim of a step": Step(x) + Step(-x) - 1,
    "an inverse sum": over(1 / x, (i, m)) - 1 / over(x, (i, m)),
}


@pytest.mark.parametrize("name", NOT_ZERO)
def test_what_is_not_zero_is_not_found_so(name: str) -> None:
    assert remainder(NOT_ZERO[name])


def test_rows_that_are_known_to_sum_to_one_do() -> None:
    ones = ((X[i, q], q),)
    value = over(X[i, j] * x, (j, n)) - x
    assert not remainder(value, ones)
    assert remainder(value)
    assert remainder(over(X[j, i], (j, n)) - 1, ones)
    assert remainder(over(X[i, j] ** 2, (j, n)) - 1, ones)
    assert remainder(over(X[i, j] * v[j, 0], (j, n)) - 1, ones)
    assert not remainder(over(X[i, j] + X[i, j] * x, (j, n)) - 1 - x, ones)
    assert not remainder(over(X[i, j] * Y[i, k], (j, n), (k, n)) - over(Y[i, k], (k, n)), ones)


def message(value: Any) -> str:
    with pytest.raises(LimitError) as caught:
        remainder(value)
    return str(caught.value)


def test_a_form_that_grows_past_its_limits_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    three = x + y + z
    sums = over(x, (i, m)) + over(y, (i, m)) + over(z, (i, m))
    monkeypatch.setattr(normal, "MAX_TERMS", 3)
    assert remainder(sums)
    assert message(sums + over(x * y, (i, m))) == "more than 3 terms"
    assert message(sums**2) == "more than 3 terms"
    share = sp.exp(x) / over(sp.exp(u[j, 0]), (j, m))
    assert remainder(over(share * three, (i, m)) - 1)
    assert message(over(share * (three + x * y), (i, m))) == "more than 3 terms"
    monkeypatch.setattr(normal, "MAX_TERMS", 400)
    monkeypatch.setattr(normal, "MAX_LENGTH", 9)
    assert remainder(three * three)
    assert message(three * (three + x * y)) == "a product of more than 9 terms"
    assert message(three**3) == "a product of more than 9 terms"
    assert message((1 / three + 1) * three**2) == "a product of more than 9 terms"


def test_more_than_four_sums_over_one_size_are_given_up() -> None:
    letters = [sp.Symbol(f"t{place}", integer=True) for place in range(5)]
    four = over(sp.Mul(*(u[t, 0] for t in letters[:4])), *((t, m) for t in letters[:4]))
    five = over(sp.Mul(*(u[t, 0] for t in letters)), *((t, m) for t in letters))
    assert not remainder(four - over(x, (i, m)) ** 4)
    assert message(five) == "more than 4 sums over one size in one term"
    assert remainder(over(four * v[letters[4], 0], (letters[4], n)))


def test_what_has_no_normal_form_is_given_up() -> None:
    assert message(x / (Sigmoid(x) + Sigmoid(-x) - 1)) == "a denominator that is zero"
    assert message(sp.I * x) == "no normal form for ImaginaryUnit"


# -- the functions -----------------------------------------------------------------
def test_a_step_is_decided_where_its_argument_is() -> None:
    p = sp.Symbol("p", positive=True)
    assert [Step(p), Step(-p), Step(sp.Integer(0)), Step(sp.Integer(3))] == [1, 0, 0, 1]
    assert Step(x).func is Step
    assert (Side(p), Side(-p)) == (1, 0)
    assert Side(-x) == 1 - Side(x)
    assert Sign(-x) == -Sign(x)
    with pytest.raises(LimitError, match=r"^which side of 0 an argument is on that is 0$"):
        Side(sp.Integer(0))
    with pytest.raises(LimitError, match=r"^the sign of an argument that is 0$"):
        Sign(sp.Integer(0))


def test_a_delta_of_two_numbers_is_one_or_zero() -> None:
    assert (Delta(sp.Integer(2), sp.Integer(2)), Delta(sp.Integer(2), sp.Integer(3))) == (1, 0)
    assert Delta(i, i) == 1
    assert Delta(j, i) == Delta(i, j)
    assert Delta(j, i).args == (i, j)
    assert Delta(i, sp.Integer(2)).func is Delta


r = sp.Symbol("r", real=True)
SLOPES = {
    Sigmoid: Sigmoid(r) * (1 - Sigmoid(r)),
    Softplus: Sigmoid(r),
    Tanh: 1 - Tanh(r) ** 2,
    Step: sp.Integer(0),
    Side: sp.Integer(0),
    Sign: sp.Integer(0),
}


@pytest.mark.parametrize("function", SLOPES)
def test_a_function_has_its_slope(function: Any) -> None:
    assert function(r).diff(r) == SLOPES[function]


@pytest.mark.parametrize(
    ("function", "order", "due"),
    [
        ("sigmoid", 0, Sigmoid(x)),
        ("sigmoid", 1, Sigmoid(x) * (1 - Sigmoid(x))),
        ("exp", 3, sp.exp(x)),
        ("log", 1, 1 / x),
        ("log", 2, -1 / x**2),
        ("sqrt", 1, 1 / (2 * sp.sqrt(x))),
        ("identity", 0, x),
        ("identity", 1, sp.Integer(1)),
        ("identity", 2, sp.Integer(0)),
    ],
)
def test_a_function_is_applied_and_differentiated(function: str, order: int, due: Any) -> None:
    assert sp.simplify(atoms.applied(function, x, order) - due) == 0


@pytest.mark.parametrize(
    ("function", "values", "apart"),
    [
        ("relu", [x * Side(x), Side(x), 0], [x * Step(x), Step(x), 0]),
        ("step", [Side(x), 0], [Step(x), 0]),
        ("abs", [x * Sign(x), Sign(x), 0],
         [x * (Step(x) - Step(-x)), Step(x) - Step(-x), 0]),
        ("sign", [Sign(x), 0], [Step(x) - Step(-x), 0]),
    ],
)  # fmt: skip
def test_a_function_with_a_kink_is_differentiated_away_from_it(
    function: str, values: list[Any], apart: list[Any]
) -> None:
    for order, due in enumerate(values):
        assert atoms.piecewise(function, x, order, True) == due
    for order, due in enumerate(apart):
        assert sp.expand(atoms.piecewise(function, x, order, False) - due) == 0


def test_new_names_of_a_size_are_never_the_same() -> None:
    assert len({fresh("m") for _ in range(50)}) == 50
