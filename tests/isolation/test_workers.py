"""A task that ends badly costs itself only, and no process outlives the work."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from derivations import workers
from derivations.errors import LostError, UsageError
from derivations.workers import GIB, Limits, Pending, Workers
from tests.isolation import planted

QUICK = Limits(seconds=0.5, clock=30, memory=GIB)


@pytest.fixture(scope="module")
def pool() -> Iterator[Workers]:
    with Workers(2, QUICK) as started:
        yield started


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def gone(pids: list[int]) -> bool:
    until = time.monotonic() + 10
    while any(map(alive, pids)) and time.monotonic() < until:
        time.sleep(0.01)
    return not any(map(alive, pids))


def reason(pending: Pending[object]) -> str:
    with pytest.raises(LostError) as lost:
        pending.result()
    return str(lost.value)


def test_answers_come_to_those_who_asked(pool: Workers) -> None:
    pending = [pool.submit(planted.double, number) for number in range(40)]
    assert [each.result() for each in reversed(pending)] == [2 * n for n in reversed(range(40))]


def test_a_loop_in_c_is_killed_and_costs_itself_only(pool: Workers) -> None:
    before = pool.submit(planted.double, 1)
    stuck = pool.submit(planted.spin)
    after = [pool.submit(planted.double, number) for number in range(5)]
    start = time.process_time()
    assert reason(stuck) == "It took more than 0.5 s."
    assert time.process_time() - start < 0.5  # the time was spent there, not here
    assert [each.result() for each in (before, *after)] == [2, 0, 2, 4, 6, 8]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ((planted.hoard,), "It needs more memory than is allowed."),
        ((planted.explode,), "The process that checked it was ended by SIGABRT."),
        ((planted.leave, 3), "The process that checked it was ended by exit code 3."),
        ((planted.die, signal.SIGSEGV), "The process that checked it was ended by SIGSEGV."),
        ((planted.die, signal.SIGKILL), "The process that checked it was ended by SIGKILL."),
        ((planted.fail,), "ValueError: planted"),
    ],
    ids=lambda value: getattr(value[0], "__name__", "") if isinstance(value, tuple) else None,
)
def test_a_task_that_ends_badly_is_lost_with_its_reason(
    call: tuple[object, ...], told: str
) -> None:
    with Workers(1, Limits(seconds=20, clock=60)) as one:
        lost, next_one = one.submit(*call), one.submit(planted.double, 4)  # type: ignore[arg-type]
        assert reason(lost) == told
        assert next_one.result() == 8


def test_a_task_that_only_waits_is_ended_by_the_clock() -> None:
    with Workers(1, Limits(seconds=5, clock=0.5)) as one:
        lost = one.submit(planted.sleep)
        assert reason(lost) == "It took more than 0.5 s by the clock."


def test_a_process_killed_from_outside_is_replaced_and_its_task_done(
    pool: Workers, tmp_path: Path
) -> None:
    assert pool.submit(planted.die_once, tmp_path / "mark").result() == "done"
    pids = {pool.submit(planted.where).result() for _ in range(10)}
    for pid in pids:  # while they are idle
        os.kill(pid, signal.SIGKILL)
    assert pool.submit(planted.double, 21).result() == 42


def test_a_stopped_process_is_ended_by_the_clock() -> None:
    with Workers(1, Limits(seconds=5, clock=0.5)) as one:
        pid = one.submit(planted.where).result()
        os.kill(pid, signal.SIGSTOP)
        assert "by the clock" in reason(one.submit(planted.double, 1))
        assert gone([pid])


def test_leaving_ends_every_process_whatever_it_is_at() -> None:
    pids: list[int] = []

    def work() -> None:
        with Workers(2, Limits(seconds=60)) as two:
            pids.append(two.submit(planted.where).result())
            for call in (planted.spin, planted.sleep, planted.noise):
                two.submit(call)
            pids.extend(worker.process.pid or 0 for worker in two._workers)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        work()
    assert len(set(pids)) == 2
    assert gone(pids)


def test_what_a_library_prints_is_not_seen(capfd: pytest.CaptureFixture[str]) -> None:
    with Workers(1) as one:
        assert one.submit(planted.noise).result() == "said"
        assert one.submit(planted.threads).result() == ["1", "1"]
    assert capfd.readouterr() == ("", "")


def test_a_cancelled_task_is_not_done(pool: Workers) -> None:
    pending = [pool.submit(planted.double, number) for number in range(10)]
    pending[9].cancel()
    assert pending[8].result() == 16
    assert pending[9].outcome is None


def test_where_there_is_no_fork_each_process_starts_anew() -> None:
    with Workers(1, QUICK, method="spawn") as one:
        stuck, after = one.submit(planted.spin), one.submit(planted.double, 3)
        assert "more than 0.5 s" in reason(stuck)
        assert after.result() == 6


def test_a_process_that_cannot_start_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "TRIES", 1)
    with Workers(1) as one:
        one._workers[0].process.kill()
        pending = one.submit(planted.double, 1)
        with pytest.raises(UsageError, match="no process could be started"):
            pending.result()


def test_no_process_at_all_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("Resource temporarily unavailable")

    monkeypatch.setattr(workers, "_started", refuse)
    with pytest.raises(UsageError, match="temporarily unavailable; --jobs 0"), Workers(1):
        pass


def test_a_worker_in_this_process_serves_until_nobody_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The loop itself, with its answers as they go over the wire."""
    asked = iter([(planted.double, (4,)), (planted.fail, ())])
    sent: list[object] = []

    class Wire:
        def recv(self) -> object:
            return next(asked)

        def send(self, message: object) -> None:
            sent.append(message)

    monkeypatch.setattr(workers, "_keep_quiet", lambda: None)
    monkeypatch.setattr(workers, "_bound_memory", lambda size: None)
    workers.serve(Wire(), QUICK)  # type: ignore[arg-type]
    assert sent == [("ready", None), ("answer", 8), ("error", "ValueError: planted")]


@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_the_script_that_calls_is_not_run_again(tmp_path: Path, method: str) -> None:
    """Not even one without the customary guard."""
    script = tmp_path / "script.py"
    script.write_text(
        "print('run')\n"
        "from derivations.workers import Workers\n"
        "from tests.isolation import planted\n"
        f"with Workers(1, method={method!r}) as one:\n"
        "    print(one.submit(planted.double, 4).result())\n",
        encoding="utf-8",
    )
    root = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    call = [sys.executable, str(script)]
    done = subprocess.run(call, env=root, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("run\n8\n", "")
