"""A formula that does not hold is told why, in words that name what is wrong with it."""

import pytest

from derivations.answer import AsPrinted, Verdict
from derivations.claims.claim import read_claims
from derivations.claims.model import Model
from derivations.claims.notation_file import parse_notation
from derivations.document.markdown import parse_page
from derivations.document.syntax import Total
from derivations.errors import NotationError
from derivations.verdict import Judge

TEXT = r"""
[sizes]
m = "samples"
n = "inputs"
k = "outputs"
[shape]
X = "m n"
Y = "m k"
W = "n k"
A = "m k"
S = "k k"
u = "k 1"
c = "scalar"
p = "n 1"
q = "n 1"
e = "n 1"
D = "k k"
L = "scalar"
[samples]
x = "X"
z = "c"
[domain]
p = "positive"
q = "(0, 1)"
e = "ones"
D = "positive definite"
[model]
loss = "L"
forward = ['A = X W', 'L = \frac{1}{2 m} \|A - Y\|^2']
"""
NOTATION = parse_notation(TEXT, "n.toml")["default"]
CASES = [
    # names and scripts
    ("undeclared", "c = z", "z is declared per sample and stands here without its index."),
    ("undeclared", "c = x", "x is declared per sample and stands here without its index."),
    ("undeclared", "c = z^i", "z^{i}: the index i has no meaning there."),
    ("undeclared", "A = W'", "W' is not declared, and W is no function."),
    ("ill-typed", "A = (X W)_i", "X·W is m×k, and 1 index stands below it"),
    ("undeclared", r"u = \sigma_2(u)", r"\sigma(u)_{2} is a function at an index, which is not"),
    ("undeclared", "c = u_{jl}", "u has 1 axes for 2 indices."),
    ("undeclared", "c = u_{12}", "u has no entry 12 of"),
    ("undeclared", r"A = X \Omega", r"\Omega is not declared; add  Omega = "),
    # shapes
    ("ill-typed", "A = X + W", "X is m×n and W is n×k: no declared meaning of + fits"),
    ("ill-typed", "A = X / W", "X is m×n and W is n×k: no declared meaning of / fits"),
    ("ill-typed", r"A = X \odot W", "X is m×n and W is n×k: no declared meaning of ⊙ fits"),
    (
        "ill-typed",
        r"A = (\frac{\partial A}{\partial W})^T",
        "is a Jacobian (m×k by n×k) and has no",
    ),
    ("ill-typed", r"A = (\frac{\partial A}{\partial W})^2", "(m×k by n×k) and has no power"),
    ("ill-typed", r"c = \operatorname{trace}(X)", "X is m×n, not square"),
    ("ill-typed", r"S = \operatorname{diag}(W)", "W is n×k, not a vector"),
    ("ill-typed", "c = 2^W", "The exponent W is no number"),
    (
        "ill-typed",
        r"c = \frac{\partial L}{\partial (X W)}",
        "X·W is not a variable to differentiate",
    ),
    (
        "ill-typed",
        r"c = \frac{\partial}{\partial W}\frac{\partial A}{\partial W}",
        "∂²A/(∂W ∂W) is a derivative of a Jacobian",
    ),
    ("ill-typed", r"A = \begin{cases} X & c > 0 \\ Y & c \leq 0 \end{cases}", "differ in shape"),
    ("ill-typed", r"X = 2 \begin{bmatrix} W & 1 \end{bmatrix}", "W is no number, and stands in a"),
    # sums over written indices
    (
        "ill-typed",
        r"c = \sum_{j=2}^k u_j",
        "The sum starts at 2, not at 1 (or at 0, up to one less)",
    ),
    (
        "ill-typed",
        r"c = \sum_{j=0}^k u_j",
        "The sum starts at 0, not at 1 (or at 0, up to one less)",
    ),
    ("ill-typed", r"c = \sum_{j=1}^n u_j", "The sum ends at n, but j runs over k"),
    ("ill-typed", r"c = \sum_j c", "the index j does not occur in the sum"),
    ("fails", r"c = \sum_{j=1}^k c", "The two sides differ at"),
    ("ill-typed", r"c = \sum_{j=1}^k u_j p_j", "j runs over k and, in p[j], over n"),
    (
        "ill-typed",
        r"p_i = \sum_{j \neq i} u_j",
        "The written indices do not run over the same sizes",
    ),
    ("fails", r"c = \sum_{j \neq i} u_j", "The two sides differ at"),
    (
        "undeclared",
        r"c = \sum_{j \neq \log(c)} u_j",
        "The index left out of a sum over j is no index.",
    ),
    # stated shapes
    ("holds", r"X \in \mathbb{R}^{m \times n}", "The declared shapes and the model give it."),
    ("holds", r"\operatorname{shape}(c) = [1, 1]", "The declared shapes and the model give it."),
    ("holds", r"u \in \mathbb{R}^k", "The declared shapes and the model give it."),
    ("holds", r"c \in \mathbb{R}", "The declared shapes and the model give it."),
    ("fails", r"u \in \mathbb{R}", "shape(u) is k×1."),
    ("holds", r"k \notin \operatorname{shape}(X)", "No network gives the array that size."),
    ("fails", r"X \in \mathbb{R}^{n \times m}", "shape(X) is m×n."),
    ("fails", r"\operatorname{rows}(X) = 3", "rows(X) is m."),
    ("fails", r"\operatorname{columns}(X) = m", "columns(X) is n."),
    ("fails", r"m \notin \operatorname{shape}(X)", "m is a size of shape(X)."),
    ("undeclared", r"X \in \mathbb{R}^{m \times g}", "g is no size that the notation declares."),
    ("undeclared", r"\operatorname{shape}(X W) = [m, k]", "X·W is no declared array."),
    ("undeclared", r"\operatorname{shape}(X_1) = [m, k]", "X_1 is no declared array."),
    # matrices of numbers
    ("holds", r"e = \begin{bmatrix} 1 \\ 1 \end{bmatrix}", "The shape is as declared."),
    ("holds", r"p = \begin{bmatrix} 1 \\ 2 \end{bmatrix}", "The shape is as declared."),
    ("holds", r"q = \begin{bmatrix} 0.5 \end{bmatrix}", "The shape is as declared."),
    ("holds", r"D = \begin{bmatrix} 3 \end{bmatrix}", "The shape is as declared."),
    (
        "fails",
        r"e = \begin{bmatrix} 1 \\ 2 \end{bmatrix}",
        "2 is no entry of e, whose domain is ones.",
    ),
    ("fails", r"p = \begin{bmatrix} -1 \\ 2 \end{bmatrix}", "-1 is no entry of p, whose domain is"),
    ("fails", r"p = \begin{bmatrix} 0 \\ 2 \end{bmatrix}", "0 is no entry of p, whose domain is"),
    (
        "fails",
        r"q = \begin{bmatrix} 0.5 \\ 1 \end{bmatrix}",
        "1 is no entry of q, whose domain is (0",
    ),
    (
        "fails",
        r"X = \begin{bmatrix} c & 1 \\ 2 & 3 \end{bmatrix}",
        "must have numbers as its entries.",
    ),
    (
        "ill-typed",
        r"S = \begin{bmatrix} 1 & 2 \end{bmatrix}",
        "S is k×k, where k is 1, and the matrix",
    ),
    (
        "undeclared",
        r"A = \begin{bmatrix} 1 \end{bmatrix}",
        "A is computed by the model, and no exam",
    ),
    # what no number settles
    ("inconclusive", "c / (c - c) = c", "The numbers do not tell the two sides apart."),
    (
        "inconclusive",
        r"\frac{d}{dc}\frac{d}{dc}\frac{d c^3}{dc} = 6",
        "a second derivative of an array",
    ),
    ("inconclusive", "c < u^T u", "Only equations are decided, not <"),
]


def judged(tex: str) -> Verdict:
    (claim,) = read_claims(parse_page(f"$${tex}$$"), NOTATION)
    return Judge(NOTATION, 0).judge(claim)


@pytest.mark.parametrize(("due", "tex", "reason"), CASES, ids=[tex for _, tex, _ in CASES])
def test_the_verdict_says_why(due: str, tex: str, reason: str) -> None:
    verdict = judged(tex)
    assert verdict.as_printed is AsPrinted(due)
    assert reason in verdict.reason
    assert verdict.contradiction is None


MODELS = [
    (r"A = \frac{X", "expected '}', found the end at column 12"),
    ("A = X W, Y = A", "write one equation  SYMBOL = FORMULA"),
    ("A = X W = Y", "write one equation  SYMBOL = FORMULA"),
    ("A = X V", "V is not declared"),
    ("A_{ij} = c", "the right side has not the shape m×k of A"),
    ("X W = A", "X·W is no symbol"),
    ("A = X + W", "the right side has not the shape m×k of A; mend [shape] or the formula"),
    ("A = X", "the right side has not the shape m×k of A; mend [shape] or the formula"),
    (
        r"S = S (\mathbf{1}^T \mathbf{1})",
        "two readings of it fit; write what its sums run over and how long its ones are, and use "
        r"\odot or declare the sign under [product]",
    ),
]


@pytest.mark.parametrize(("equation", "message"), MODELS)
def test_a_model_that_does_not_fit_is_refused_with_its_line(equation: str, message: str) -> None:
    text = TEXT.replace("A = X W", equation)
    (notation,) = parse_notation(text, "n.toml").values()
    with pytest.raises(NotationError) as caught:
        Model(notation).at(1)
    place, _, said = str(caught.value).partition(": ")
    assert place == f"n.toml:{text[: text.index('forward')].count(chr(10)) + 1}"
    assert message in said
    assert f"'{equation}' (default): " in said


@pytest.mark.parametrize(("equation", "over"), [(r"c = \sum u", "all"), (r"c = \sum v", "samples")])
def test_a_sum_over_a_vector_needs_no_word_for_its_axis(equation: str, over: str) -> None:
    text = TEXT.replace("A = X W", equation).replace("[shape]", '[shape]\nv = "m 1"')
    (notation,) = parse_notation(text, "n.toml").values()
    (found,) = (d.right for node, d in Model(notation).at(1).items() if node[0] == "c")
    assert isinstance(found, Total)
    assert found.over == over


EXAMPLE = parse_notation(
    TEXT + "[example]\nX = [[1, 2], [3, 4]]\nW = [[1], [1]]\nc = [[2]]\n", "n.toml"
)["default"]
NUMBERS = [
    ("holds", r"X = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}", "Shape and entries are as", 0),
    ("fails", r"X = \begin{bmatrix} 1 & 3 \\ 2 & 4 \end{bmatrix}", "gives X other numbers", 1),
    ("fails", r"X = \begin{bmatrix} 1 & 2 \\ 3 & 5 \end{bmatrix}", "gives X other numbers", 1),
    ("fails", r"X = \begin{bmatrix} 1 & 0 \\ 3 & 5 \end{bmatrix}", "gives X other numbers", 2),
    ("fails", r"X = \begin{bmatrix} -1 & 2 \\ 3 & 4 \end{bmatrix}", "gives X other numbers", 1),
    ("holds", r"Y = \begin{bmatrix} 1 \\ 2 \end{bmatrix}", "The shape is as declared.", 0),
    (
        "ill-typed",
        r"Y = \begin{bmatrix} 1 & 2 & 3 \end{bmatrix}",
        "m is 2, and the matrix is 1×3",
        None,
    ),
    ("holds", "c = 2", "The printed numbers are those of the example.", 0),
    ("fails", "c = 3", "The example gives other numbers.", 1),
    ("holds", "c c = 4", "The printed numbers are those of the example.", 0),
    ("holds", "c^2 - 1 = 3", "The printed numbers are those of the example.", 0),
    ("fails", "c c = 5", "The example gives other numbers.", 1),
    ("holds", "c / 3 = 0.67", "The printed numbers are those of the example.", 0),
    ("fails", "c / 3 = 0.65", "The example gives other numbers.", 1),
    ("holds", r"c / 3 \approx 0.667", "The printed numbers are those of the example.", 0),
    ("fails", r"c / 3 \approx 0.6650", "The example gives other numbers.", 1),
    ("undeclared", r"c X_{ij} \approx 0.5", "or which i the printed numbers are", None),
    ("undeclared", r"c Y + c Y \approx 0.5", "Y has no value", None),
]


@pytest.mark.parametrize(("due", "tex", "reason", "cost"), NUMBERS)
def test_printed_numbers_are_held_to_the_example(
    due: str, tex: str, reason: str, cost: int | None
) -> None:
    (claim,) = read_claims(parse_page(f"$${tex}$$"), EXAMPLE)
    verdict = Judge(EXAMPLE, 0).judge(claim)
    assert verdict.as_printed is AsPrinted(due)
    assert reason in verdict.reason
    assert verdict.cost == cost


def test_an_example_that_gives_one_size_two_values_is_to_be_mended() -> None:
    """X has two columns, W three rows, and both are n."""
    text = TEXT + "[example]\nX = [[1, 2], [3, 4]]\nW = [[1], [1], [1]]\nc = [[2]]\n"
    (notation,) = parse_notation(text, "n.toml").values()
    (claim,) = read_claims(parse_page("$$c = 2$$"), notation)
    verdict = Judge(notation, 0).judge(claim)
    assert verdict.as_printed is AsPrinted.UNDECLARED
    assert "the example gives n two values; mend [example]" in verdict.reason.lower()
