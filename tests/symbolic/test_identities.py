"""Identities that hold for all sizes are proved, and stop holding when one side is doubled."""

from dataclasses import replace

import pytest

from derivations.answer import AsPrinted, Strength, Verdict
from derivations.claims.claim import read_claims
from derivations.claims.notation_file import parse_notation
from derivations.claims.plans import strict_plan
from derivations.context import Context
from derivations.document.markdown import parse_page
from derivations.document.syntax import Neg
from derivations.symbolic.steps import Proof, proof_steps, replayed
from derivations.verdict import Judge

NOTATION = parse_notation(
    r"""
[sizes]
k = "outputs"
n = "inputs"
[shape]
S = "k k"
R = "k k"
D = "k k"
V = "k k"
H = "k k"
u = "k 1"
c = "scalar"
p = "n 1"
e = "n 1"
O = "n k"
Q = "n k"
[domain]
p = "positive"
e = "ones"
O = "one-hot rows"
Q = "one-hot columns"
D = "positive definite"
[model]
forward = ["V = R S", 'H = V \odot V']
""",
    "identities.toml",
)["default"]

PROVED = [
    # matrix powers, inverses, traces
    ("S S S", "S^3"),
    ("S^{-1} S^{-1}", "S^{-2}"),
    (r"\operatorname{trace}(S)", r"\sum_{j=1}^k S_{jj}"),
    (r"\operatorname{trace}(S S^T)", r"\sum_{j=1}^k \sum_{i=1}^k S_{ij}^2"),
    (r"\operatorname{trace}(S R)", r"\operatorname{trace}(R S)"),
    (r"\operatorname{diag}(u) u", r"u \odot u"),
    (r"u^T \operatorname{diag}(u)", r"(u \odot u)^T"),
    ("(S R)^T", "R^T S^T"),
    (r"\|S\|^2", r"\operatorname{trace}(S^T S)"),
    ("S^2 u", "S (S u)"),
    # declared domains
    ("e^T p", r"\sum_{j=1}^n p_j"),
    ("e^T e", "n"),
    (r"\sum_{j=1}^k O_{ij}", "1"),
    (r"\sum_{i=1}^n Q_{ij}", "1"),
    # sums over written indices
    (r"(\sum_{j=1}^k u_j)^2", r"\sum_{j=1}^k \sum_{i=1}^k u_i u_j"),
    (r"\sum_{j=0}^{k-1} u_j", r"\sum_{j} u_j"),
    (r"\sum_{j \neq i} u_j", r"\sum_{j=1}^k u_j - u_i"),
    (r"\|u\|^2", "u^T u"),
    (r"\|u\|^4", "(u^T u)^2"),
    # exponentials, logarithms, roots and the functions made of them
    (r"\exp(c + c)", r"\exp(c)^2"),
    (r"\exp(2 c)", r"\exp(c)^2"),
    (r"\exp(\frac{1}{2} c)^2", r"\exp(c)"),
    (r"\exp(-c)", r"\frac{1}{\exp(c)}"),
    (r"\exp(\log(p))", "p"),
    (r"\exp(\frac{1}{2} \log(p))", r"\sqrt{p}"),
    (r"\log(\exp(c))", "c"),
    (r"\log(\sum_{j=1}^n p_j^2)", r"\log(\sum_{j=1}^n p_j \cdot p_j)"),
    (r"p^{1/2} \odot p^{1/2}", "p"),
    ("p^{3/2}", r"p \odot \sqrt{p}"),
    ("p^{0.3}", "(p^{0.15})^2"),
    (r"\sigma(-c)", r"1 - \sigma(c)"),
    (r"\tanh(c)", r"2 \sigma(2 c) - 1"),
    (r"\operatorname{softplus}(c) - c", r"\operatorname{softplus}(-c)"),
    (r"\operatorname{relu}(c)^2", r"c \operatorname{relu}(c)"),
    ("|c|", r"\operatorname{sign}(c) c"),
    # derivatives
    (r"\frac{\partial \operatorname{softplus}(c)}{\partial c}", r"\sigma(c)"),
    (r"\frac{\partial \sigma(c)}{\partial c}", r"\sigma(c) (1 - \sigma(c))"),
    (r"\frac{\partial \tanh(c)}{\partial c}", r"1 - \tanh(c)^2"),
    (r"\frac{\partial c^3}{\partial c}", "3 c^2"),
    (r"\frac{\partial \log(c)}{\partial c}", r"\frac{1}{c}"),
    (r"\frac{\partial (u^T S u)}{\partial u}", "(S + S^T) u"),
    (r"\frac{\partial \operatorname{trace}(S R)}{\partial S}", "R^T"),
    (r"\frac{\partial \det(S)}{\partial S}", r"\det(S) (S^{-1})^T"),
    (r"\frac{\partial \log \det(D)}{\partial D}", "(D^{-1})^T"),
    (r"\frac{\partial (u^T S^{-1} u)}{\partial S}", "-(S^{-1})^T u u^T (S^{-1})^T"),
    (r"\frac{\partial \sqrt{c}}{\partial c}", r"\frac{1}{2 \sqrt{c}}"),
    (r"\frac{\partial |c|}{\partial c}", r"\operatorname{sign}(c)"),
    (r"\sigma''(c)", r"\sigma'(c) (1 - 2 \sigma(c))"),
    (r"\tanh''(c)", r"-2 \tanh(c) \tanh'(c)"),
    (r"\frac{\partial (S u)}{\partial u}", "S^T"),
    # derivatives through what the model computes
    (r"\frac{\partial \operatorname{trace}(V)}{\partial R}", "S^T"),
    (r"\frac{\partial \operatorname{total}(H)}{\partial R}", "2 V S^T"),
    (r"\frac{\partial \operatorname{total}(V \odot H)}{\partial R}", r"3 (V \odot V) S^T"),
    (r"\frac{\partial \operatorname{total}(V \odot H)}{\partial S}", r"3 R^T (V \odot V)"),
    (r"\frac{\partial (u^T V u)}{\partial S}", "R^T u u^T"),
    (r"\frac{\partial \operatorname{total}(V \odot R)}{\partial R}", "R S^T + V"),
    # rational functions
    (r"\frac{c^2 - 1}{c - 1}", "c + 1"),
    ("c^{-1}", r"\frac{1}{c}"),
    # alternatives
    (r"\operatorname{relu}(c)", r"\begin{cases} c & c > 0 \\ 0 & \text{otherwise} \end{cases}"),
    (r"\frac{\partial \operatorname{relu}(c)}{\partial c}", r"\mathbb{1}_{c > 0}"),
]
TESTED = [
    (r"\det(S R)", r"\det(S) \det(R)"),
    (r"\det(S^T)", r"\det(S)"),
    (r"\det(2 S)", r"2^k \det(S)"),
    ("p^{c}", r"\exp(c \log(p))"),
    ("2^c", r"\exp(c \log(2))"),
    ("S^{-1} S", "S S^{-1}"),
    ("(S^{-1})^{-1}", "S"),
    (r"\log(p^2)", r"2 \log(p)"),
    (r"\log(\frac{1}{\sum_{j=1}^n p_j})", r"-\log(\sum_{j=1}^n p_j)"),
]


def judged(tex: str) -> Verdict:
    (claim,) = read_claims(parse_page(f"$${tex}$$"), NOTATION)
    return Judge(NOTATION, 0).judge(claim)


@pytest.mark.parametrize(("left", "right"), PROVED)
def test_an_identity_is_proved(left: str, right: str) -> None:
    verdict = judged(f"{left} = {right}")
    assert (verdict.as_printed, verdict.strength) == (AsPrinted.HOLDS, Strength.PROVED)


@pytest.mark.parametrize(("left", "right"), TESTED)
def test_an_identity_beyond_the_normal_form_is_tested(left: str, right: str) -> None:
    verdict = judged(f"{left} = {right}")
    assert (verdict.as_printed, verdict.strength) == (AsPrinted.HOLDS, Strength.TESTED)


@pytest.mark.parametrize(("left", "right"), PROVED + TESTED)
def test_twice_one_side_is_refuted(left: str, right: str) -> None:
    verdict = judged(f"{left} = 2 ({right})")
    assert verdict.as_printed is AsPrinted.FAILS
    assert verdict.contradiction is None


# Entries of an inverse and determinants have no counterpart on a page.
UNWRITTEN = ("S^{-1}", "D^{-1}", r"\det")


def written_out(left: str, right: str) -> tuple[Context, Proof | None]:
    (claim,) = read_claims(parse_page(f"$${left} = {right}$$"), NOTATION)
    context = Context(NOTATION)
    found = next(iter(context.typed(strict_plan(claim, NOTATION))))
    return context, proof_steps(found.left, found.right, NOTATION, context.model)


@pytest.mark.parametrize(("left", "right"), PROVED)
def test_a_proof_is_written_out_and_replays_from_its_trees(left: str, right: str) -> None:
    context, one = written_out(left, right)
    if any(mark in left + right for mark in UNWRITTEN):
        assert one is None
        return
    assert one is not None
    assert all(replayed(one, NOTATION, context.model))
    changed = tuple(replace(step, after=Neg(step.after)) for step in one.steps)
    assert not any(replayed(replace(one, steps=changed), NOTATION, context.model))
