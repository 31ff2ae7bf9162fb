"""Equations that are no identities: where a gradient vanishes, and conditions."""

import pytest

from derivations.answer import AsPrinted, Verdict
from derivations.claims.claim import read_claims
from derivations.claims.notation_file import parse_notation
from derivations.document.markdown import parse_page
from derivations.verdict import Judge

NOTATION = r"""
rate = '\alpha'
[sizes]
m = "samples"
n = "features"
[shape]
X = "m n"
w = "n 1"
y = "m 1"
u = "n 1"
J = "scalar"
'\alpha' = "scalar"
'\lambda' = "scalar"
[model]
loss = "J"
forward = ['J = \frac{1}{2} \|X w - y\|^2 + \frac{\lambda}{2} w^T w']
"""
HOLDS, FAILS, NO_CLAIM = AsPrinted.HOLDS, AsPrinted.FAILS, AsPrinted.NOT_A_CLAIM


def judged(text: str) -> list[Verdict]:
    (notation,) = parse_notation(NOTATION, "n.toml").values()
    judge = Judge(notation, budget=0)
    return [judge.judge(claim) for claim in read_claims(parse_page(text), notation)]


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"X^T X w + \lambda w = X^T y", HOLDS),
        (r"\lambda w = X^T (y - X w)", HOLDS),
        (r"2 X^T X w = 2 X^T y - 2 \lambda w", HOLDS),
        (r"\frac{1}{m} X^T (X w - y) + \frac{\lambda}{m} w = 0", HOLDS),
        (r"X^T X w = X^T y", FAILS),
        (r"X^T X w - \lambda w = X^T y", FAILS),
        (r"X w = y", FAILS),  # what the outputs should be, and no least of anything
        (r"w^T w = 1", FAILS),
        (r"w^T w = 0", HOLDS),  # where the loss is least in lambda
        (r"w = X^T y", FAILS),
        (r"w^T u = u^T w", HOLDS),
        (r"w^T u = u^T u", FAILS),
        (r"u^T u = 1", FAILS),  # the loss does not depend on u
    ],
)
def test_an_equation_between_given_quantities(tex: str, expected: AsPrinted) -> None:
    (verdict,) = judged(f"$${tex}$$")
    assert verdict.as_printed is expected


def test_it_is_told_what_vanishes() -> None:
    (verdict,) = judged(r"$$X^T X w + \lambda w = X^T y$$")
    assert verdict.reason.startswith("The gradient of J by w vanishes where it holds.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$$\\frac{\\partial J}{\\partial w} = 0$$", FAILS),
        ("Set the gradient to zero:\n\n$$\\frac{\\partial J}{\\partial w} = 0$$", NO_CLAIM),
        ("令梯度为零：\n\n$$\\nabla_w J = 0$$", NO_CLAIM),
        ("Igualando a cero $\\nabla_w J = 0$", NO_CLAIM),
        ("The gradient is zero: $\\nabla_w J = 0$", FAILS),
        ("El gradiente se anula: $\\nabla_w J = 0$", FAILS),
        ("Zero it is.\n\nOne.\n\nTwo.\n\nThree.\n\n$$\\nabla_w J = 0$$", FAILS),
    ],
)
def test_a_derivative_that_is_zero_is_claimed_or_set(text: str, expected: AsPrinted) -> None:
    (verdict,) = judged(text)
    assert verdict.as_printed is expected


def test_the_zero_behind_a_derivation_is_a_condition() -> None:
    chain = r"$$\frac{\partial J}{\partial w} = X^T (X w - y) + \lambda w = 0$$"
    assert [verdict.as_printed for verdict in judged(chain)] == [HOLDS, NO_CLAIM]
    wrong = chain.replace("+", "-")
    assert [verdict.as_printed for verdict in judged(wrong)] == [FAILS, NO_CLAIM]


@pytest.mark.parametrize(
    "tex",
    [
        "\\lambda > 0",
        "0 < \\lambda",
        r"y_i \in \{0, 1\}",
        r"i \in \{1, \dots, n\}",
        r"\lambda \in (0, 1)",
        r"w \in [0, 1]",
    ],
)
def test_a_range_of_values_claims_nothing(tex: str) -> None:
    (verdict,) = judged(f"${tex}$")
    assert verdict.as_printed is NO_CLAIM


def test_a_space_is_a_claim_about_a_shape() -> None:
    wrong, right = judged(r"$w \in \mathbb{R}^m$ and $w \in \mathbb{R}^n$")
    assert (wrong.as_printed, right.as_printed) == (FAILS, HOLDS)


@pytest.mark.parametrize(
    ("words", "down", "up"),
    [
        ("A step.", HOLDS, FAILS),
        ("We use gradient descent.", HOLDS, FAILS),
        ("Gradient ascent on J:", FAILS, HOLDS),
        ("梯度上升法：", FAILS, HOLDS),
        ("Unlike gradient ascent, gradient descent goes down.", HOLDS, FAILS),
        ("We maximize it.", HOLDS, FAILS),
    ],
)
def test_a_step_goes_the_way_that_the_text_says(words: str, down: AsPrinted, up: AsPrinted) -> None:
    steps = [rf"$$w := w {sign} \alpha \frac{{\partial J}}{{\partial w}}$$" for sign in "-+"]
    found = judged("\n\n".join([words, *steps]))
    assert [verdict.as_printed for verdict in found] == [down, up]
