"""What textbooks print: right formulas hold, planted wrong ones never do."""

from __future__ import annotations

from functools import cache

import pytest

from derivations.answer import Verdict
from derivations.claims.claim import read_claims
from derivations.claims.notation import Notation
from derivations.claims.notation_file import parse_notation
from derivations.document.markdown import parse_page
from derivations.verdict import Judge

from .textbook import KNOWN, RIGHT, WRONG

# Proofs need a rule in index notation; alternatives have none.
TESTED = (r"\begin{cases}",)


@cache
def notation(text: str) -> Notation:
    return parse_notation(text, "textbook.toml")["default"]


@cache
def judge(text: str) -> Judge:
    return Judge(notation(text))


def verdict(text: str, tex: str) -> Verdict:
    (claim,) = read_claims(parse_page(f"$$\n{tex}\n$$\n"), notation(text))
    return judge(text).judge(claim)


def each(formulas: dict[str, tuple[str, ...]]) -> list[object]:
    return [pytest.param(text, tex, id=tex) for text, group in formulas.items() for tex in group]


def test_there_are_enough_formulas_of_each_kind_and_none_stands_twice() -> None:
    right, wrong = (
        [(text, tex) for text, group in kind.items() for tex in group] for kind in (RIGHT, WRONG)
    )
    assert min(len(right), len(wrong)) >= 40
    assert len({*right, *wrong}) == len(right) + len(wrong)


def test_every_known_misjudgment_is_one_of_the_formulas() -> None:
    printed = {tex for kind in (RIGHT, WRONG) for group in kind.values() for tex in group}
    assert set(KNOWN) <= printed


@pytest.mark.parametrize(("text", "tex"), each(RIGHT))
def test_a_right_formula_holds(text: str, tex: str) -> None:
    found = verdict(text, tex)
    if tex in KNOWN:
        assert found.as_printed.value == KNOWN[tex][0]
        assert found.as_printed.value != "holds"
        return
    assert found.contradiction is None
    assert found.as_printed.value == "holds", found.reason
    assert found.strength is not None
    expected = {"proved"}
    if any(part in tex for part in TESTED):
        expected = {"proved", "tested"}
    if r"\in" in tex:
        expected = {"shapes"}
    assert found.strength.value in expected


@pytest.mark.parametrize(("text", "tex"), each(WRONG))
def test_a_wrong_formula_never_holds(text: str, tex: str) -> None:
    found = verdict(text, tex)
    if tex in KNOWN:
        assert found.as_printed.value == KNOWN[tex][0]
        return
    assert found.contradiction is None
    assert found.as_printed.value in ("fails", "ill-typed"), found.reason
