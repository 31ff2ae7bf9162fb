"""Printed numbers against those that the example gives, within a unit of their last digit."""

import pytest

from derivations.answer import AsPrinted, Verdict
from derivations.claims.claim import ClaimKind, read_claims
from derivations.claims.notation_file import parse_notation
from derivations.document.markdown import parse_page
from derivations.verdict import Judge

NOTATION = r"""
rate = "r"
[sizes]
n = "inputs"
[shape]
X = "1 n"
W = "n 1"
S = "n n"
u = "6 1"
v = "6 1"
t = "scalar"
z = "scalar"
r = "scalar"
q = "scalar"
[example]
X = [[1, 2]]
W = [[0.5], [-1]]
S = [[1, 2], [3, 4]]
u = [[1], [2], [3], [4], [5], [6]]
t = [[2]]
r = [[0.5]]
[model]
loss = "q"
forward = ["z = X W", "v = 2 u", "q = X W"]
"""

HOLD = r"""
z = X W = -1.5
z = X W = -1.4
z = X W \approx -1.5
z = X W = -1.25 - 0.25
W = S W = \begin{bmatrix} -1.5 \\ -2.5 \end{bmatrix}
v = u + u = \begin{bmatrix} 2 \\ 4 \\ 6 \\ 8 \\ 10 \\ 12 \end{bmatrix}
X = 2 X = [2, 4]
X = \frac{X}{3} = [0.3333, 0.6667]
z = \frac{t}{3} = \frac{2}{3}
z = \exp(t) = 7.39
z = t^{0.5} t^{0.5} = 2
"""
# What fails, the closest numbers that do not, and how many are wrong.
FAIL = r"""
z = X W = -1.3  =>  -1.5, 1
z = X W = -1  =>  -1.5000, 1
z = X W \approx -1.2 - 0.25  =>  -1.50, 1
z = X W = -1.2 - 0.25  =>  -1.5000, 1
z = \frac{t}{3} = \frac{1}{3}  =>  0.6667, 1
z = \exp(t) = 7.37  =>  7.39, 1
z = \exp(t) = 7.41  =>  7.39, 1
W = S W = \begin{bmatrix} -1.7 \\ -2.8 \end{bmatrix}  =>  [-1.5; -2.5], 2
X = \frac{X}{3} = [0.33, 1]  =>  [0.33 0.6667], 1
v = -u = \begin{bmatrix} 9 \\ 9 \\ 9 \\ 9 \\ -5 \\ -6 \end{bmatrix}  =>
    [-1.0000; -2.0000; -3.0000; -4.0000; -5.0000; -6.0000], 4
v = -u = \begin{bmatrix} 9 \\ 9 \\ 9 \\ 9 \\ 9 \\ -6 \end{bmatrix}  =>  None, None
"""
NO_NUMBER = r"""
z = X W = \begin{bmatrix} 1 & 2 \end{bmatrix}  =>  ill-typed: The side before is 1×1 and the
    printed side is 1×2.
z = X + u = 3  =>  ill-typed: X is 1×2 and u is 6×1: no declared meaning of + fits.
z = X S u = 3  =>  ill-typed: X is 1×2 and S is 2×2: no declared meaning of the product fits.
z = \log(-t) = 3  =>  inconclusive: The numbers do not tell.
z = \exp(\log(t)) = 2  =>  holds: The printed numbers are those of the example.
z = \exp(t - t + \log(t)) = 4  =>  fails: The example gives other numbers.
"""


def instance(tex: str, notation: str = NOTATION) -> Verdict:
    """The verdict on the last link of a chain, which ends in numbers."""
    (read,) = parse_notation(notation, "n.toml").values()
    claim = read_claims(parse_page(f"${tex}$"), read)[-1]
    assert claim.kind is ClaimKind.INSTANCE
    return Judge(read, budget=0).judge(claim)


def lines(table: str) -> list[list[str]]:
    joined = table.strip().replace("\n    ", " ").splitlines()
    return [[part.strip() for part in line.split("  =>  ")] for line in joined]


@pytest.mark.parametrize("tex", HOLD.strip().splitlines())
def test_numbers_of_the_example_hold(tex: str) -> None:
    verdict = instance(tex)
    assert verdict.as_printed is AsPrinted.HOLDS
    assert (verdict.cost, verdict.changes, verdict.counterexample) == (0, (), None)


@pytest.mark.parametrize(("tex", "due"), lines(FAIL.replace("=>\n", "=> ")))
def test_other_numbers_fail_and_the_closest_are_given(tex: str, due: str) -> None:
    """Unless more than four of them are wrong: then nothing is close."""
    verdict = instance(tex)
    assert verdict.as_printed is AsPrinted.FAILS
    assert f"{verdict.reading}, {verdict.cost}" == due
    assert len(verdict.changes) == (verdict.cost or 0)
    assert verdict.counterexample is not None
    assert verdict.counterexample.printed != verdict.counterexample.true


@pytest.mark.parametrize(("tex", "due"), lines(NO_NUMBER))
def test_what_stands_in_the_way_of_a_number_is_told(tex: str, due: str) -> None:
    verdict = instance(tex)
    assert f"{verdict.as_printed.value}: {verdict.reason}" == due


def test_numbers_of_a_step_are_those_that_descent_makes() -> None:
    """W := W - r dq/dW with dq/dW = X' = (1, 2) and r = 0.5."""
    step = r"W := W - r \frac{\partial q}{\partial W} = \begin{bmatrix} %s \end{bmatrix}"
    assert instance(step % r"0 \\ -2").as_printed is AsPrinted.HOLDS
    wrong = instance(step % r"1 \\ -2")
    assert (wrong.as_printed, wrong.cost) == (AsPrinted.FAILS, 1)


def test_a_symbol_without_a_value_and_an_example_of_two_sizes_are_told() -> None:
    missing = NOTATION.replace("W = [[0.5], [-1]]\n", "")
    verdict = instance("z = X W = 3.5", missing)
    assert verdict.as_printed is AsPrinted.UNDECLARED
    assert verdict.reason == "W has no value; add it under [example]."
    two = NOTATION.replace("[[0.5], [-1]]", "[[0.5], [-1], [3]]")
    verdict = instance("z = X W = 3.5", two)
    assert verdict.as_printed is AsPrinted.UNDECLARED
    assert verdict.reason == "The example gives n two values; mend [example]."
