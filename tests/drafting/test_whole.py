"""Formulas of entries or samples as formulas of whole arrays, or not drafted at all."""

import tomllib

import pytest

from derivations.answer import AsPrinted
from derivations.claims.claim import read_claims
from derivations.claims.notation_file import parse_notation
from derivations.document.markdown import parse_page
from derivations.drafting.draft import draft_notation
from derivations.verdict import Judge

LOSS = r"$\frac{\partial L}{\partial w} = 1$"  # so that there is something to differentiate
WHOLE = r"""
z_j = \sum_k w_{jk} a_k + b_j  =>  z = w a + b
z_j = \sum_k w_{kj} a_k + b_j  =>  z = w^{T} a + b
z_j = \sum_k a_k w_{kj} + b_j  =>  z = w^{T} a + b
C_{ij} = \sum_k A_{ik} B_{kj}  =>  C = A B
C_{ij} = \sum_k A_{ki} B_{kj}  =>  C = A^{T} B
C_{ij} = \sum_k A_{ik} B_{jk}  =>  C = A B^{T}
C_{ij} = \sum_k B_{jk} A_{ik}  =>  C = A B^{T}
C_{ij} = \sum_k A_{ki} B_{jk}  =>  C = A^{T} B^{T}
C_{ij} = 2 \sum_k A_{ik} B_{kj}  =>  C = 2 (A B)
C_{ij} = A_{ij} B_{ij}  =>  C = A \odot B
C_{ij} = A_{ji}  =>  C = A^{T}
C_{ij} = A_{ij} + B_{ji}  =>  C = A + B^{T}
z_i = c_i \sum_j w_{ij} x_j  =>  z = c \odot w x
p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}  =>  p = \operatorname{softmax}(z)
p_i = \frac{\exp(z_i)}{\sum_j \exp(z_j)}  =>  p = \operatorname{softmax}(z)
a_i = \sigma(z_i)  =>  a = \sigma(z)
a_i = z_i^2 y_i  =>  a = z^{2} \odot y
z_i = x_i / y_i  =>  z = \frac{x}{y}
z_i = -x_i  =>  z = -x
L = \sum_i (y_i - p_i)^2  =>  L = \sum_{i} (y_{i} - p_{i})^{2}
L = \sum_i \|A_i - Y_i\|^2  =>  L = \operatorname{total}((A - Y)^{2})
"""
# Of these nothing is said: what stands there is no operation on whole arrays, or not for certain.
NOT_WHOLE = [
    r"C_{ij} = c_i \sum_k A_{ik} B_{kj}",
    r"p_i = \frac{e^{z_i}}{\sum_{j \neq i} e^{z_j}}",
    r"p_i = \frac{e^{z_i}}{\sum_j e^{y_j}}",
    r"p_i = \frac{\sin(z_i)}{\sum_j e^{z_j}}",
    r"z_i = \sum_{k \neq i} w_{ik} x_k",
    r"z_i = \sum_k w_{ik} x_k y_k",
    r"z_i = \sum_k w_{ik}^T x_k",
    r"z_i = \sum_j w_{ij} x_j^2",
    r"z_j^{(i)} = \sum_k w_{jk} x_k^{(i)} + b_j",
    r"z_{i1} = w_i x_i",
    r"z_i = w_{ij} x_j",
    r"z_{ij} = x_i y_j",
    r"z_i = \max_j x_{ij}",
    r"z_{ii} = w_{ii}",
    r"e^{(i)} = \sum_j y_j^{(i)}",
]


def drafted(formula: str) -> tuple[str, list[str]]:
    """The draft of a page of one formula, and what its model computes from the page's own."""
    text = draft_notation(parse_page(f"${formula}$\n\n{LOSS}\n"))
    forward = tomllib.loads(text)["model"]["forward"]
    return text, [line for line in forward if "softplus" not in line]  # that stands for any loss


@pytest.mark.parametrize("line", WHOLE.strip().splitlines())
def test_a_formula_of_entries_is_one_of_whole_arrays(line: str) -> None:
    """And evaluated entry by entry, as it is printed, it holds of what the whole arrays give."""
    formula, due = line.split("  =>  ")
    text, forward = drafted(formula)
    assert forward == [due]
    (notation,) = parse_notation(text, "draft").values()
    (claim,) = read_claims(parse_page(f"${formula}$"), notation)
    assert Judge(notation, budget=0).judge(claim).as_printed is AsPrinted.HOLDS


@pytest.mark.parametrize("formula", NOT_WHOLE)
def test_a_formula_of_entries_that_is_none_of_whole_arrays_is_left_out(formula: str) -> None:
    assert drafted(formula)[1] == []


TOTALS = r"""
\sum_{i=1}^m (y^{(i)} - a^{(i)})^2  =>  \operatorname{total}((y - a)^{2})
\sum_{i=1}^m \|W x^{(i)} - y^{(i)}\|^2  =>  \operatorname{total}((W x - y)^{2})
\sum_{i=1}^m \log(A^{(i)})  =>  \operatorname{total}(\log(A))
\sum Y \log A  =>  \operatorname{total}(Y \odot \log(A))
"""


@pytest.mark.parametrize("line", TOTALS.strip().splitlines())
def test_a_loss_that_is_a_sum_over_samples_is_one_over_whole_arrays(line: str) -> None:
    formula, due = line.split("  =>  ")
    assert drafted(rf"L = \frac{{1}}{{m}} {formula}")[1] == [rf"L = \frac{{1}}{{m}} {due}"]
