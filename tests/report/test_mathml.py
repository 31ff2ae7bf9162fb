"""A formula as MathML: every part of it is there, in its order and in its place."""

from fractions import Fraction
from xml.etree import ElementTree

import pytest

from derivations.claims.claim import vocabulary
from derivations.claims.notation_file import parse_notation
from derivations.claims.resolve import resolve
from derivations.document.markdown import Page
from derivations.document.syntax import Call, Expr, Name, Number, Total
from derivations.document.tex import parse_expression
from derivations.report.markup import Element, leaves
from derivations.report.mathml import differing, equation

NOTATION = parse_notation(
    """
[sizes]
m = "samples"
k = "outputs"
[layers]
index = ["l"]
last = "N"
[shape]
X = "m k"
W = "d[l-1] d[l]"
u = "k 1"
L = "scalar"
[samples]
x = "X"
[model]
loss = "L"
""",
    "n.toml",
)["default"]
WORDS = vocabulary(Page((), None, {}), NOTATION)


def shown(tree: Expr) -> tuple[str, ElementTree.Element]:
    """The letters a reader sees, and the parsed element."""
    math = equation(None, "", tree)
    letters = "".join(leaves(math)).replace("\u2061", "").replace("\u2062", "")
    return letters, ElementTree.fromstring(str(math))


AS_PRINTED = [
    (r"\hat{u} + \bar{u}", "u^+u¯", "mover"),
    (r"\underline{u}", "u_", "munder"),
    (r"\mathbb{R}^{m \times k}", "ℝm×k", "msup"),
    (r"u_1^2", "u12", "msubsup"),
    ("u'_{12}", "u12′", "msubsup"),
    (r"\begin{cases} u & u > 0 \\ 0 & \text{otherwise} \end{cases}", "{u(u>0)0otherwise", "mtable"),
    (r"\sum_{j=1}^m u_j", "∑j=1muj", "munderover"),
    (r"\sum_{j \neq i} u_j", "∑j≠iuj", "munder"),
    (r"\sum_j u_j", "∑juj", "munder"),
    ("-3.50", "−3.50", "mn"),
    (r"-\frac{1}{3}", "−13", "mfrac"),
    (r"\sqrt{u}", "u", "msqrt"),
    (r"\frac{\partial L}{\partial W}", "∂L∂W", "mfrac"),
    (r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}", "[1234]", "mtd"),
    (r"u \otimes W", "u⊗W", "mo"),
    (r"2 \cdot 3", "2·3", "mo"),
    (r"u - (W + 1)", "u−(W+1)", "mo"),
    (r"u - W + 1", "u−W+1", "mo"),
    (r"u^{[l-1]}", "u[l−1]", "msup"),
    (r"\log(u)", "log(u)", "mi"),
    (r"\frac{\partial^2 L}{\partial u \partial W}", "∂2L∂u∂W", "msup"),
    ("u(X, W)", "u(X,W)", "mrow"),
]


@pytest.mark.parametrize(("tex", "letters", "tag"), AS_PRINTED)
def test_a_printed_formula_is_shown_with_all_its_parts(tex: str, letters: str, tag: str) -> None:
    text, root = shown(parse_expression(tex, WORDS))
    assert text == letters
    assert root.find(f".//{tag}") is not None
    assert root.get("alttext")


RESOLVED = [
    ("u^2", "(u)2", "msup"),
    ("(u + u)^2", "(u+u)2", "msup"),
    (r"\sigma(u)^2", "(sigmoid(u))2", "msup"),
    (r"W^{l-1}", "Wl−1", "msup"),
    (r"W^{l+1}", "Wl+1", "msup"),
    (r"W^N", "WN", "msup"),
    (r"W^2", "W2", "msup"),
    (r"x^i", "x(i)", "msup"),
    (r"x^{(i)}_j", "xj(i)", "msubsup"),
    (r"X_{ij}", "Xi,j", "msub"),
    (r"X_{:1}", "X:,1", "msub"),
    (r"(X + X)_{ij}", "(X+X)i,j", "msub"),
    (r"X^T", "X⊤", "msup"),
    (r"\sum_{j \neq i} u_j", "∑j≠iuj", "munder"),
    (r"\sigma'(u)", "sigmoid′(u)", "msup"),
    (r"\sum_{j=1}^k u_j", "∑j=1kuj", "munderover"),
]


@pytest.mark.parametrize(("tex", "letters", "tag"), RESOLVED)
def test_a_reading_is_shown_with_all_its_parts(tex: str, letters: str, tag: str) -> None:
    text, root = shown(resolve(parse_expression(tex, WORDS), NOTATION, frozenset("ij")))
    assert text == letters
    assert root.find(f".//{tag}") is not None


def test_a_number_that_is_no_decimal_is_a_fraction() -> None:
    text, root = shown(Number(Fraction(-2, 3)))
    assert text == "−23"
    assert root.find(".//mfrac") is not None


@pytest.mark.parametrize(
    ("over", "letters"), [("samples", "∑samplesu"), ("outputs", "∑outputsu"), ("", "∑u")]
)
def test_a_sum_over_an_axis_names_it(over: str, letters: str) -> None:
    assert shown(Total(over, Name("u")))[0] == letters


@pytest.mark.parametrize(
    ("name", "letters"), [("\\mathbf{x}", "𝐱"), ("\\mathcal{L}", "ℒ"), ("\\mathsf{W}", "𝖶")]
)
def test_a_styled_letter_has_its_own_sign_where_there_is_one(name: str, letters: str) -> None:
    found = shown(Name(name))[0]
    assert found in (letters, name[-2])
    assert shown(Name("\\mathbf{xy}"))[0] == "xy"
    assert shown(Name("\\fancy{x}"))[0] == "x"


def test_a_function_keeps_its_primes_and_a_differentiated_root_is_no_root_sign() -> None:
    assert shown(Call("f", Name("u"), 2))[0] == "f′′(u)"
    text, root = shown(Call("sqrt", Name("u"), 1))
    assert text == "sqrt′(u)"
    assert root.find(".//msqrt") is None


def marks(element: Element, name: str) -> list[str]:
    """The texts that carry a mark."""
    return [
        node.text or ""
        for node in ElementTree.fromstring(str(element)).iter()
        if node.get("class") == name
    ]


def test_only_what_differs_is_marked() -> None:
    before, after = (
        equation(None, "", parse_expression(tex, WORDS)) for tex in ("u - W + 1", "u + X + 1")
    )
    was, now = differing(before, after)
    assert marks(was, "was") == ["−", "W"]
    assert marks(now, "now") == ["X"]
    assert marks(differing(before, before)[0], "was") == []
