"""Derivations in the notations that people use: every formula is read, and judged by what it says.

The heading over a formula is what each of its links is: `holds`, `wrong`, or an answer itself.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from derivations.answer import AsPrinted
from derivations.check import find_notation, open_page
from derivations.claims.claim import read_claims
from derivations.verdict import Judge

HERE = Path(__file__).parent
DOCUMENTS = sorted(HERE.glob("*.md"))
WRONG = {AsPrinted.FAILS.value, AsPrinted.ILL_TYPED.value}


def judged(path: Path) -> list[tuple[list[str], list[str]]]:
    """The labels over each formula and the answers for its links."""
    page = open_page(path)
    notation = next(iter(find_notation(path, page, None)[0].values()))
    claims, judge = read_claims(page, notation), Judge(notation, budget=0)
    lines = list(enumerate(path.read_text().splitlines(), start=1))
    heads = [(n, text[4:].split()) for n, text in lines if text.startswith("### ")]
    ends = [n for n, _ in heads[1:]] + [len(lines) + 1]
    found = []
    for (start, labels), stop in zip(heads, ends, strict=True):
        verdicts = [judge.judge(claim) for claim in claims if start < claim.line < stop]
        assert not [v.contradiction for v in verdicts if v.contradiction]
        found.append((labels, [verdict.as_printed.value for verdict in verdicts]))
    return found


def agree(label: str, answer: str) -> bool:
    return answer in WRONG if label == "wrong" else answer == label


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_formula_is_judged_as_it_deserves(path: Path) -> None:
    found = judged(path)
    unlike = [
        (number, labels, answers)
        for number, (labels, answers) in enumerate(found)
        if len(labels) != len(answers)
        or not all(agree(a, b) for a, b in zip(labels, answers, strict=True))
    ]
    assert unlike == []


def test_a_third_of_the_formulas_is_wrong_and_the_documents_are_many() -> None:
    texts = [path.read_text() for path in DOCUMENTS]
    labels = [word for text in texts for line in re.findall(r"^### (.+)$", text, re.M)
              for word in line.split()]  # fmt: skip
    assert len(DOCUMENTS) > 20
    assert len(labels) > 300
    assert labels.count("wrong") > len(labels) / 3
