"""What stops the check of one claim costs that claim only, and is told as what it is."""

import signal
import threading
from types import SimpleNamespace

import pytest

from derivations.answer import OUT_OF_MEMORY, AsPrinted, Verdict
from derivations.claims.claim import Claim, read_claims
from derivations.claims.notation_file import parse_notation
from derivations.document.markdown import parse_page
from derivations.errors import LimitError, NotationError, UndeclaredError
from derivations.limits import TimeLimitError, process_timer, time_limit
from derivations.verdict import Judge

(NOTATION,) = parse_notation('[shape]\nc = "scalar"\n', "n.toml").values()
RIGHT, WRONG = "c + c = 2 c", "c + c = 3 c"


def claim_of(tex: str, before: str = "") -> Claim:
    (claim,) = read_claims(parse_page(f"{before}\n\n${tex}$"), NOTATION)
    return claim


def judged_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> Verdict:
    def planted(judge: Judge, claim: Claim) -> Verdict:
        raise error

    monkeypatch.setattr(Judge, "_judged", planted)
    return Judge(NOTATION).judge(claim_of(RIGHT))


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (UndeclaredError("nobody knows q"), AsPrinted.UNDECLARED, "Nobody knows q."),
        (LimitError("too long"), AsPrinted.INCONCLUSIVE, "Too long."),
        (TimeLimitError("too slow"), AsPrinted.INCONCLUSIVE, "Too slow."),
        (MemoryError(), AsPrinted.INCONCLUSIVE, OUT_OF_MEMORY),
    ],
)
def test_what_stops_a_check_becomes_its_verdict(
    error: BaseException, kind: AsPrinted, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict = judged_with(error, monkeypatch)
    assert (verdict.as_printed, verdict.reason, verdict.contradiction) == (kind, reason, None)


def test_an_error_of_ours_is_told_as_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = judged_with(KeyError("planted"), monkeypatch)
    assert verdict.as_printed is AsPrinted.INCONCLUSIVE
    assert verdict.contradiction == "internal error: KeyError: 'planted'"
    assert "An error of gradproof's own stopped the check: KeyError" in verdict.reason


@pytest.mark.parametrize("error", [NotationError("a bad line"), KeyboardInterrupt()])
def test_what_concerns_more_than_one_claim_is_raised(
    error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(type(error)):
        judged_with(error, monkeypatch)


def test_routes_that_disagree_on_a_wrong_formula_are_told() -> None:
    judge = Judge(NOTATION, budget=0)
    assert judge.judge(claim_of(WRONG)).contradiction is None
    planted = SimpleNamespace(proved=True)
    judge.context.proof = lambda *given, **options: planted  # type: ignore[assignment,method-assign]
    verdict = judge.judge(claim_of(WRONG))
    assert verdict.as_printed is AsPrinted.FAILS
    assert verdict.contradiction == "the symbolic route proves what the numbers refute"


def test_a_skipped_formula_is_no_claim_and_its_reason_is_told() -> None:
    verdict = Judge(NOTATION).judge(claim_of(WRONG, "<!-- gradproof: skip, a joke -->"))
    assert (verdict.as_printed, verdict.reason) == (AsPrinted.NOT_A_CLAIM, "Skipped: a joke.")


def test_a_claim_is_judged_alike_in_a_thread_where_no_alarm_can_be_set() -> None:
    found: list[AsPrinted] = []
    judge = Judge(NOTATION)
    work = threading.Thread(target=lambda: found.append(judge.judge(claim_of(RIGHT)).as_printed))
    work.start()
    work.join()
    assert found == [AsPrinted.HOLDS]


def spin() -> None:
    while True:
        pass


def test_a_time_limit_ends_what_takes_longer_and_is_gone_afterwards() -> None:
    before = signal.getsignal(signal.SIGPROF)
    with pytest.raises(TimeLimitError, match=r"^it took more than 0\.05 s$"), time_limit(0.05):
        spin()
    assert signal.getitimer(signal.ITIMER_PROF) == (0, 0)
    assert signal.getsignal(signal.SIGPROF) is before


def test_a_time_limit_within_another_leaves_that_in_force() -> None:
    with pytest.raises(TimeLimitError, match=r"0\.05 s"), time_limit(0.05), time_limit(600):
        spin()


def test_without_timers_there_is_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(signal, "setitimer")
    with time_limit(1e-9), process_timer(1e-9):
        assert sum(range(10**6))
    assert Judge(NOTATION).judge(claim_of(RIGHT)).as_printed is AsPrinted.HOLDS
