"""Matrices that are said to be symmetric: drawn so, and proved with; their entries vary freely."""

import numpy as np
import pytest

from derivations.answer import AsPrinted, Strength, Verdict
from derivations.claims.claim import read_claims
from derivations.claims.notation_file import parse_notation
from derivations.document.markdown import parse_page
from derivations.errors import NotationError
from derivations.numeric.trial import Draws
from derivations.verdict import Judge

NOTATION = r"""
[sizes]
n = "features"
m = "samples"
[shape]
S = "n n"
A = "n n"
X = "m n"
w = "n 1"
[assume]
s = "S is symmetric"
"""


def judged(tex: str) -> Verdict:
    (notation,) = parse_notation(NOTATION, "n.toml").values()
    (claim,) = read_claims(parse_page(f"$${tex}$$"), notation)
    return Judge(notation, budget=0).judge(claim)


@pytest.mark.parametrize(
    "tex",
    [
        "S^T = S",
        r"\frac{\partial (w^T S w)}{\partial w} = 2 S w",
        r"\frac{\partial^2 (w^T S w)}{\partial w^2} = 2 S",
        r"\frac{\partial (w^T S w)}{\partial S} = w w^T",
        r"\frac{\partial \operatorname{tr}(S A)}{\partial S} = A^T",
        r"w^T S A w = w^T A^T S w",
    ],
)
def test_what_is_true_of_symmetric_matrices_is_proved(tex: str) -> None:
    verdict = judged(tex)
    assert (verdict.as_printed, verdict.strength) == (AsPrinted.HOLDS, Strength.PROVED)


@pytest.mark.parametrize(
    "tex",
    [
        "A^T = A",
        r"\frac{\partial (w^T A w)}{\partial w} = 2 A w",
        r"\frac{\partial (w^T S w)}{\partial w} = S w",
        r"\frac{\partial \operatorname{tr}(S A)}{\partial S} = A",
        "S A = A S",
    ],
)
def test_no_more_is_true_of_them(tex: str) -> None:
    assert judged(tex).as_printed is AsPrinted.FAILS


@pytest.mark.parametrize("small", [False, True])
def test_they_are_drawn_symmetric_and_others_are_not(small: bool) -> None:
    (notation,) = parse_notation(NOTATION, "n.toml").values()
    draws = Draws(notation, seed=1, small=small)
    one, other = (draws(name, (4, 4)).astype(float) for name in "SA")
    assert (one == one.T).all()
    assert len(np.unique(one)) > 1
    assert (other != other.T).any()


def test_a_matrix_that_is_not_square_cannot_be_symmetric() -> None:
    with pytest.raises(NotationError, match=r"'X is symmetric' in \[assume\]: X is not square"):
        parse_notation(NOTATION.replace("S is symmetric", "X is symmetric"), "n.toml")
