"""TeX is read as one tree, whichever way a page writes it, and written back as it reads."""

import pytest

from derivations.document.lexer import Vocabulary
from derivations.document.statements import Chain, parse_formula
from derivations.document.tex import parse_expression
from derivations.document.write import to_tex, to_text
from derivations.errors import FormulaError

WORDS = Vocabulary(
    symbols=frozenset({"x", "y", "W", "L", "\\theta"}),
    functions=frozenset({"\\sigma", "f", "norm", "abs", "log"}),
)
SAME = [
    ("x % = 1\n  + y % z", "x + y"),
    ("x % \\% 2\n  + y", "x + y"),
    (r"\frac12 x", r"\frac{1}{2} x"),
    (r"\frac x y", r"\frac{x}{y}"),
    (r"\frac{d}{dx} y", r"\frac{d y}{d x}"),
    (r"\frac{\partial}{\partial W} L", r"\frac{\partial L}{\partial W}"),
    (r"\nabla_W L", r"\frac{\partial L}{\partial W}"),
    (r"\mathbf{x} + \boldsymbol{\theta}", r"x + \theta"),
    (r"\left( x + y \right) W", "(x + y) W"),
    (r"x\,y\;W", "x y W"),
    (r"\underbrace{x + y}_{\text{sum}}", "x + y"),
    (r"\sum_{j=1}^n x_j", r"\sum\limits_{j = 1}^{n} x_{j}"),
    ("x'", r"x^{\prime}"),
    ("α + β", r"\alpha + \beta"),
    ("x′", "x'"),
    (r"\| x \|", r"\lVert x \rVert"),
    (r"\log x", r"\log(x)"),
    (r"\dfrac{x}{y}", r"\frac{x}{y}"),
    (r"{x}{y}", "x y"),
    (r"x / y", r"\frac{x}{y}"),
    (r"\textbf{} x", "x"),
]
TEXTS = [
    (r"\sum_{j \neq i} x_j", "Σ[j≠i] x_j"),
    (r"\sum_{j=1}^n x_j + y", "(Σ[j=1..n] x_j) + y"),
    (
        r"\begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}",
        "{x if x > 0; 0 otherwise}",
    ),
    (r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}", "[1 2; 3 4]"),
    (r"\frac{\partial L}{\partial W}", "∂L/∂W"),
    ("x - (y - W)", "x - (y - W)"),
    ("(x - y) - W", "x - y - W"),
    ("(x + y) W", "(x + y)·W"),
    (r"x \odot y + W", "x ⊙ y + W"),
    (r"2 \cdot 3", "2 · 3"),
    ("-3.50", "-3.50"),
    (r"\sqrt{x + y}", "sqrt(x + y)"),
    (r"e^{-x}", "e^(-x)"),
    (r"\ell + \xi", "ℓ + ξ"),
    (r"\hat y \tilde{x} \bar{\beta} \dot W", "y\u0302·x\u0303·β\u0304·W\u0307"),
    (r"\hat{y}_i", "y\u0302_i"),
    (r"f''(x)", "f''(x)"),
    (r"\|x\|_F", "norm(x)"),
    (r"|x|", "|x|"),
    (r"W^T x", "Wᵀ·x"),
    (r"\mathbb{R}^T", "ℝ^T"),
    (r"x^{[l-1]}", "x^(l - 1)"),
    (r"\partial L / \partial W", "∂L/∂W"),
    (r"\log x (1 - y)", "log(x)·(1 - y)"),
    (r"\log f(x)", "log(f(x))"),
    (r"\max(x, y)", "{x if x ≥ y; y otherwise}"),
    (r"\min(x, y)", "{x if x ≤ y; y otherwise}"),
    ("1/2m", "1/(2·m)"),
    ("1/2 m", "(1/2)·m"),
    ("x_f", "x_f"),
    ("x_{f}", "x_f"),
    ("x_{a' b}", "x_(a'b)"),
    (r"W^{l-1\top} x", "W^(l - 1)ᵀ·x"),
]
BAD = [
    ("x_", "expected a formula, found the end at column 3"),
    (r"\frac{x", "expected '}', found the end at column"),
    (r"\partial_x L", "not in the grammar, found '_' at column 9"),
    ("x²", "character U+00B2 is outside the grammar"),
    ("x_12", "a script of several digits without braces"),
    ("x + ) y", "at column 5"),
    ("x % 1\n + ) y", "at column 10"),
    (r"x \% y", "found"),
    ("x" + " + x" * 5000, "20001 characters, at most 4096 are read"),
    (r"\begin{bmatrix} 1 & 2 \\ 3 \end{bmatrix}", "row"),
    (r"\partial L / W", r"expected '\partial', found 'W' at column 14"),
    (r"\nabla^3 L", "a derivative of a higher order than 2 is not in the grammar"),
    (r"\frac{d^3 L}{dx^3}", "a derivative of a higher order than 2 is not in the grammar"),
    (r"\frac{\partial^2 L}{\partial x}", "expected the two variables of a second derivative"),
    (r"\nabla_{x,y} L", r"expected one variable under \nabla"),
    (r"\|x\|_3", "a norm other than F, 2 and 1 is not in the grammar"),
    (r"\max_i(x, y)", r"scripts on \max"),
    (r"x_\log", r"expected a script, found '\log' at column 3"),
    ("x_+", "not in the grammar, found '+' at column 3"),
    ("x_{1:3}", "a range of indices is not in the grammar"),
    (r"\text{for } 3 \text{ from } 1 \text{ to } N", "expected the loop's index"),
    (r"\text{for } l \text{ from } 1 \text{ up } N", "expected 'to', found 'up' at column 31"),
    (r"\text{for } l = \text{ from } 1", "expected 'from', found '=' at column 15"),
    (r"\text{for } l \text{ from } 1 \text{ to } N )", "expected the end of the loop's head"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_ways_to_write_a_formula_are_one_tree(one: str, other: str) -> None:
    assert parse_expression(one, WORDS) == parse_expression(other, WORDS)


@pytest.mark.parametrize("tex", [tex for tex, _ in SAME + TEXTS])
def test_a_formula_that_is_written_reads_as_it_was(tex: str) -> None:
    tree = parse_expression(tex, WORDS)
    assert parse_expression(to_tex(tree), WORDS) == tree


@pytest.mark.parametrize(("tex", "text"), TEXTS)
def test_a_formula_as_text(tex: str, text: str) -> None:
    assert to_text(parse_expression(tex, WORDS)) == text


@pytest.mark.parametrize(("tex", "message"), BAD, ids=[tex[:20] for tex, _ in BAD])
def test_what_is_no_formula_is_refused_with_its_place(tex: str, message: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse_formula(tex, WORDS)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("condition", "due"),
    [("-i = j", "-i = j"), ("i - 1 = j", "i - 1 = j"), (r"i + 1 \leq j", "i + 1 ≤ j")],
)
def test_a_relation_of_indices_behind_a_formula_is_its_condition(condition: str, due: str) -> None:
    (chain,) = parse_formula(rf"L = x_i, \quad {condition}", WORDS)
    assert isinstance(chain, Chain)
    assert [to_text(each) for each in chain.conditions] == [due]
    assert len(chain.links) == 1


def test_macros_that_grow_by_one_another_are_stopped() -> None:
    macros = {"a": (0, r"\b " * 100), "b": (0, "x " * 100)}
    with pytest.raises(FormulaError, match=r"^more than 4096 tokens"):
        parse_expression(r"\a", Vocabulary(macros=macros))
