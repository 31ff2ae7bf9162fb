"""Textbook gradients are proved for all sizes, and each planted error is refuted by numbers."""

from functools import cache

import pytest

from derivations.answer import AsPrinted, Strength, Verdict
from derivations.claims.claim import read_claims
from derivations.claims.notation import Notation
from derivations.claims.notation_file import parse_notation
from derivations.document.markdown import parse_page
from derivations.verdict import Judge

from .textbook import CHAPTERS

RIGHT = [
    pytest.param(c.notation, pair.right, id=f"{c.name}: {pair.right}")
    for c in CHAPTERS
    for pair in c.pairs
]
WRONG = [
    pytest.param(c.notation, pair.wrong, id=f"{c.name}: {pair.wrong}")
    for c in CHAPTERS
    for pair in c.pairs
]


@cache
def judge(text: str) -> tuple[Notation, Judge]:
    (notation,) = parse_notation(text, "textbook.toml").values()
    return notation, Judge(notation, budget=0)


def verdict(text: str, tex: str) -> Verdict:
    notation, judged = judge(text)
    (claim,) = read_claims(parse_page(f"$$\n{tex}\n$$\n"), notation)
    return judged.judge(claim)


@pytest.mark.parametrize(("text", "tex"), RIGHT)
def test_a_textbook_gradient_is_proved(text: str, tex: str) -> None:
    found = verdict(text, tex)
    assert found.as_printed is AsPrinted.HOLDS, found.reason
    assert found.strength is Strength.PROVED, found.method


@pytest.mark.parametrize(("text", "tex"), WRONG)
def test_a_planted_error_is_refuted(text: str, tex: str) -> None:
    found = verdict(text, tex)
    assert found.as_printed in (AsPrinted.FAILS, AsPrinted.ILL_TYPED), found.reason
    assert found.contradiction is None
    example = found.counterexample
    if found.as_printed is AsPrinted.FAILS:
        assert example is not None
    assert example is None or example.printed != example.true
