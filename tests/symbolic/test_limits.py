"""A claim that would take for ever ends at one of its limits, and is never green for it."""

import threading
import time

from derivations.answer import AsPrinted, Strength, Verdict
from derivations.claims.claim import read_claims
from derivations.claims.notation_file import parse_notation
from derivations.document.markdown import parse_page
from derivations.limits import time_limit
from derivations.verdict import Judge

LETTERS = "abcdefgh"
SCALARS = "[shape]\n" + "\n".join(f'{letter} = "scalar"' for letter in LETTERS)
SUM, TURNED = "+".join(LETTERS), "+".join(reversed(LETTERS))


def verdict(tex: str, seconds: float | None = None) -> Verdict:
    (notation,) = parse_notation(SCALARS, "scalars.toml").values()
    (claim,) = read_claims(parse_page(f"$${tex}$$"), notation)
    judge = Judge(notation)
    judge.seconds = judge.seconds if seconds is None else seconds
    return judge.judge(claim)


def test_a_power_too_long_to_expand_is_tested_and_not_proved() -> None:
    left, right = "a+b+c+d", "e+f+g+h"
    found = verdict(f"({SUM})^{{40}} = ({SUM})^{{39}} ({left}) + ({SUM})^{{39}} ({right})")
    assert found.as_printed is AsPrinted.HOLDS
    assert found.strength is Strength.TESTED
    assert verdict(f"({SUM})^2 = ({TURNED}) ({SUM})").strength is Strength.PROVED


def test_a_claim_that_takes_too_long_is_inconclusive() -> None:
    found = verdict(f"({SUM})^2 = ({TURNED})^3", seconds=1e-6)
    assert found.as_printed is AsPrinted.INCONCLUSIVE
    assert "took more than" in found.reason
    assert found.contradiction is None


def test_no_alarm_is_left_behind_and_none_is_set_off_the_main_thread() -> None:
    with time_limit(0.05):
        pass
    time.sleep(0.1)
    seen: list[str] = []

    def run() -> None:
        with time_limit(0.001):
            time.sleep(0.01)
            seen.append("done")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == ["done"]
