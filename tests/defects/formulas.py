"""Formulas as the subject of defects: the ones that textbooks print, each with one error."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from derivations.answer import AsPrinted
from derivations.claims.claim import read_claims
from derivations.claims.notation import Notation
from derivations.claims.notation_file import parse_notation
from derivations.document.markdown import parse_page
from derivations.verdict import Judge
from tests.defects.record import Defect, Outcome
from tests.symbolic.textbook import CHAPTERS

MEANING = {
    AsPrinted.HOLDS: Outcome.AGREES,
    AsPrinted.FAILS: Outcome.DISAGREES,
    AsPrinted.ILL_TYPED: Outcome.DISAGREES,
}


@cache
def judge(text: str) -> tuple[Notation, Judge]:
    (notation,) = parse_notation(text, "textbook.toml").values()
    return notation, Judge(notation, budget=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """One true formula under its notation; it is proved or refuted, so once is enough."""

    name: str
    notation: str
    true: str
    trials: int = 1

    def right(self) -> str:
        return self.true

    def judge(self, candidate: Any, trial: int) -> Outcome:
        notation, judged = judge(self.notation)
        (claim,) = read_claims(parse_page(f"$$\n{candidate}\n$$\n"), notation)
        return MEANING.get(judged.judge(claim).as_printed, Outcome.INCONCLUSIVE)


def formula_defects() -> Iterator[Defect]:
    for chapter in CHAPTERS:
        for pair in chapter.pairs:
            subject = Formula(name=chapter.name, notation=chapter.notation, true=pair.right)
            yield Defect(
                name=pair.wrong,
                bug=pair.bug,
                subject=subject,
                build=lambda wrong=pair.wrong: wrong,
                exposes="the formula itself",
            )


FORMULAS = tuple(formula_defects())
