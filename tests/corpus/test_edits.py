"""A true formula with one thing changed in it is true no more, and the change is noticed."""

import random
from dataclasses import replace

import pytest

from derivations.answer import AsPrinted
from derivations.claims.claim import Claim
from derivations.claims.networks import Network, Scope
from derivations.claims.notation import Notation
from derivations.claims.readings import variants
from derivations.claims.resolve import resolve
from derivations.claims.shapes import SCALAR
from derivations.document.syntax import Expr, Name, Script
from derivations.document.write import to_text
from derivations.errors import GradproofError
from derivations.verdict import Judge
from tests.corpus.edits import edited, indices
from tests.corpus.reading import DOCUMENTS, document, notation_of

SEED = 20240607
EDITS = 6  # of each formula
# Edits that leave a true formula true, and why.
EQUAL = {
    "∂C/∂z^l": "the derivative of z by b is the identity",
    "∂C/∂z^l ⊙ ∂z^l/∂b^l": "the derivative of z by b is the identity",
    "(∂J/∂y\u0302)·(∂y\u0302/∂θ)": "the derivative of theta by b_2 is the identity",
    "(∂J/∂y\u0302)·(∂y\u0302/∂θ) ⊙ ∂θ/∂b_2": "the derivative of theta by b_2 is the identity",
    "∂J/∂θ": "the derivative of theta by b_2 is the identity",
    "(∂J/∂θ) ⊙ ∂θ/∂b_2": "the derivative of theta by b_2 is the identity",
    "∂J/∂θ ⊙ ∂θ/∂b_2": "the derivative of theta by b_2 is the identity",
    "δ_1 ⊙ ∂θ/∂b_2": "the derivative of theta by b_2 is the identity",
    "δ_2 ⊙ ∂z/∂b_1": "the derivative of z by b_1 is the identity",
    "δ_1": "the derivative of theta by b_2 is the identity",
    "δ_2": "the derivative of z by b_1 is the identity",
    "∂C/∂a^L ⊙ ∂a^L/∂z^L": "the activation acts entry by entry",
    "a_j·(1 - a_i)": "for i = j",
    "a_i·(1 - a_j)": "for i = j",
    "a_i - y_i": "y sums to 1",
    "p_i - y_i": "y sums to 1",
    "sgn(ReLU'(x))": "the slope is 0 or 1, and so is its sign",
    "(Σ·e^(f_k) - e^(f_k)·D·Σ)/Σ^2": "the exponential is its own derivative",
    "σ(z)_i·(δ_(ji) - σ(z)_j)": "the Kronecker delta is symmetric",
    "Iᵀ": "the identity is symmetric",
    "diag(f'(x))ᵀ": "a diagonal matrix is symmetric",
    "diag(𝟙_(z_1 > 0))ᵀ": "a diagonal matrix is symmetric",
    "W^l - η ⊙ ∂C/∂w^l": "the rate is a number",
    "b^l - η ⊙ ∂C/∂b^l": "the rate is a number",
    "δ_1·(∂θ/∂h) ⊙ ∂h/∂z": "the activation acts entry by entry",
    "W^l - η/batch_size ⊙ (Σ ∂C/∂W^l)": "the rate is a number",
    "W^l - α ⊙ dW^l": "the rate is a number",
    "(∂J/∂θ)·(∂θ/∂h) ⊙ ∂h/∂z": "the activation acts entry by entry",
    "δ_1·Uᵀ ⊙ ∂h/∂z": "the activation acts entry by entry",
    "-0": "0 has no sign",
    "2·0": "twice 0 is 0",
}


def changes(name: str) -> list[tuple[Claim, str, Expr]]:
    """Some edits of every formula of a document that holds, the same ones each time."""
    page, chance = document(name), random.Random(SEED)
    found = []
    for claim, verdict in zip(page.claims, page.verdicts, strict=True):
        if verdict.as_printed is AsPrinted.HOLDS and claim.left and claim.right:
            letters = sorted({*indices(claim.left), *indices(claim.right)})
            every = list(edited(claim.right, letters))
            picked = chance.sample(every, min(EDITS, len(every)))
            found += [(claim, kind, tree) for kind, tree in picked]
    return found


def is_number(tree: Expr, notation: Notation) -> bool:
    """Whether a formula is one number, so that it is its own transpose."""
    inner = Network(3, tuple((letter, 2) for letter in sorted(notation.layers.letters)))
    try:
        shapes = {v.shape for v in variants(resolve(tree, notation), Scope(notation, inner))}
    except GradproofError:
        return False
    return shapes == {SCALAR}


def is_turned_gradient(claim: Claim, tree: Expr, notation: Notation) -> bool:
    """Whether the gradient of a number by a vector was turned as a whole: pages in numerator layout
    print it as a row and as a column."""
    inner = Network(3, tuple((letter, 2) for letter in sorted(notation.layers.letters)))
    assert claim.left is not None
    assert claim.right is not None
    if notation.layout != "numerator" or tree != Script(claim.right, (), (Name("T"),)):
        return False
    found = variants(resolve(claim.left, notation), Scope(notation, inner))
    return all(len(v.shape) == 2 and "1" in v.shape for v in found)


def changes_nothing(claim: Claim, kind: str, tree: Expr, notation: Notation) -> bool:
    assert claim.right is not None
    if to_text(tree) in EQUAL:
        return True
    if kind == "transpose" and is_turned_gradient(claim, tree, notation):
        return True
    same_for_numbers = kind == "transpose" or "⊙" in to_text(tree)
    return same_for_numbers and is_number(claim.right, notation)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_changed_formula_is_noticed(name: str) -> None:
    page = document(name)
    judge = Judge(page.notation, 0)
    unnoticed = []
    for claim, kind, tree in changes(name):
        verdict = judge.judge(replace(claim, right=tree))
        assert not verdict.contradiction
        if verdict.as_printed is AsPrinted.HOLDS and not changes_nothing(
            claim, kind, tree, notation_of(claim, page)
        ):
            unnoticed.append((kind, to_text(claim.right or tree), to_text(tree)))
    assert unnoticed == []


def test_edits_are_of_every_kind_and_many() -> None:
    kinds = [kind for name in DOCUMENTS for _, kind, _ in changes(name)]
    assert len(kinds) > 500
    for kind in ("sign", "factor", "transpose", "operator", "index", "dropped term"):
        assert kinds.count(kind) > 15, kind
