"""Many documents in one call: the same bytes on every executor, and nothing carried over."""

import json
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from derivations import check as checking
from derivations import check_documents
from derivations.answer import AsPrinted
from derivations.check import DocumentCheck, exit_code
from derivations.claims.claim import MAX_FORMULAS
from derivations.errors import DocumentError, GradproofError, NotationError
from derivations.report.json import as_json
from derivations.workers import Limits, Workers
from tests.isolation.notes import RIGHT, write_folder, write_notes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("docs"), 3)


@pytest.fixture(scope="module")
def alone(folder: Path) -> str:
    return as_json(check_documents([folder]))


class Answer:
    def __init__(self, owner: "Backwards", call: Callable[[], Any]) -> None:
        self.owner, self.call = owner, call
        self.value: Any = None
        self.error: Exception | None = None

    def result(self) -> Any:
        self.owner.run()
        if self.error is not None:
            raise self.error
        return self.value

    def cancel(self) -> None:
        pass


class Backwards:
    """Does the tasks in the opposite order, as a cluster well might."""

    def __init__(self) -> None:
        self.waiting: list[Answer] = []

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Answer:
        self.waiting.append(Answer(self, lambda: function(*arguments)))
        return self.waiting[-1]

    def run(self) -> None:
        while self.waiting:
            answer = self.waiting.pop()
            answer.value = answer.call()


class Losing(Backwards):
    """Loses every second answer."""

    def run(self) -> None:
        while self.waiting:
            answer = self.waiting.pop()
            if len(self.waiting) % 2:
                answer.error = ConnectionError("planted")
            else:
                answer.value = answer.call()


def test_the_order_of_the_work_changes_no_byte(folder: Path, alone: str) -> None:
    assert as_json(check_documents([folder], executor=Backwards())) == alone


def test_a_judge_that_remembers_would_be_seen(
    folder: Path, alone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted defect: the number of claims judged before finds its way into an answer."""
    judged, seen = checking.judged, []

    def remembering(task: Any) -> Any:
        verdict, seconds = judged(task)
        seen.append(task)
        return checking.replace(verdict, reason=f"{verdict.reason} {len(seen)}"), seconds

    monkeypatch.setattr(checking, "judged", remembering)
    first = as_json(check_documents([folder]))
    seen.clear()
    assert as_json(check_documents([folder], executor=Backwards())) != first


def test_processes_and_threads_give_the_bytes_of_one(folder: Path, alone: str) -> None:
    with Workers(2) as processes:
        assert as_json(check_documents([folder], executor=processes)) == alone
    with ThreadPoolExecutor(2) as threads:
        assert as_json(check_documents([folder], executor=threads)) == alone


def test_an_executor_that_loses_answers_leaves_their_claims_open(folder: Path) -> None:
    checks = check_documents([folder], executor=Losing())
    lost = [v for c in checks for _, v in c.claims if v.as_printed is AsPrinted.INCONCLUSIVE]
    assert lost
    assert {verdict.reason for verdict in lost} == {"Its answer was lost: ConnectionError."}


def test_a_claim_that_is_killed_costs_itself_only(folder: Path, alone: str) -> None:
    """With no time at all every claim that is computed is lost, each with its reason."""
    with Workers(2, Limits(seconds=1e-6)) as hurried:
        checks = check_documents([folder / "0000.md"], executor=hurried)
    reasons = [verdict.reason for _, verdict in checks[0].claims]
    assert len(reasons) == len(json.loads(alone)["documents"][0]["claims"])
    assert "It took more than 1e-06 s." in reasons
    assert exit_code(checks) == 2


def test_a_document_that_takes_too_long_is_left_unfinished(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "DOCUMENT_SECONDS", 0.0)
    for check in check_documents([folder]):
        first, *rest = [verdict for _, verdict in check.claims]
        assert not first.reason.startswith("Not checked")
        assert {verdict.as_printed for verdict in rest} == {AsPrinted.INCONCLUSIVE}
        assert all(verdict.reason.startswith("Not checked: ") for verdict in rest)
        assert check.exit_code != 0


def test_formulas_beyond_the_limit_are_counted_and_never_green(tmp_path: Path) -> None:
    page = write_notes(tmp_path / "long.md", RIGHT, *["$w$"] * (MAX_FORMULAS + 4))
    (check,) = check_documents([page])
    claim, verdict = check.claims[-1]
    assert len(check.claims) == MAX_FORMULAS + 1
    assert "this formula and all after it" in verdict.reason
    assert claim.line == 2 * MAX_FORMULAS + 1
    assert check.exit_code == 2
    (whole,) = check_documents([write_notes(tmp_path / "short.md", RIGHT, "$w$")])
    assert whole.exit_code == 0


def test_a_page_of_two_mebibytes_of_marks_is_read_in_part_and_never_green(tmp_path: Path) -> None:
    """Whether the marks are formulas or not, and however few lines there are."""
    start = time.process_time()
    for number, text in enumerate(("$w$ " * 2**19, "    $\n" * (2**19 // 2))):
        page = write_notes(tmp_path / f"{number}.md", RIGHT, text[: 2**21 - 200])
        (check,) = check_documents([page], executor=Losing())
        claim, verdict = check.claims[-1]
        assert verdict.as_printed is AsPrinted.INCONCLUSIVE
        assert claim.unread
        assert claim.unread.startswith("not checked: ")
    assert time.process_time() - start < 20 or sys.gettrace()


def test_progress_is_told_claim_by_claim(folder: Path) -> None:
    told: list[tuple[int, int]] = []
    checks = check_documents([folder], progress=lambda done, known: told.append((done, known)))
    total = sum(len(check.claims) for check in checks)
    assert [done for done, _ in told] == list(range(1, total + 1))
    assert told[-1] == (total, total)


# -- files ----------------------------------------------------------------------
def names(checks: list[DocumentCheck]) -> list[str]:
    return [Path(check.document).name for check in checks]


def refused(*paths: Path) -> str:
    with pytest.raises(GradproofError) as error:
        check_documents(paths)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_folder_gives_its_documents_in_order_and_leaves_the_rest(tmp_path: Path) -> None:
    for name in ("b.md", "a.md", "sub/c.md", ".hidden/d.md"):
        write_notes(tmp_path / name, RIGHT)
    (tmp_path / "readme.md").write_text("no formula\n", encoding="utf-8")
    (tmp_path / "e.txt").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "folder.md").mkdir()
    os.mkfifo(tmp_path / "pipe.md")
    assert names(check_documents([tmp_path])) == ["a.md", "b.md", "c.md"]
    assert names(check_documents([tmp_path / "sub", tmp_path / "a.md"])) == ["c.md", "a.md"]


def test_links_lead_neither_in_circles_nor_out(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    write_notes(inside / "a.md", RIGHT)
    write_notes(outside / "b.md", RIGHT)
    (inside / "circle").symlink_to(inside, target_is_directory=True)
    (inside / "again.md").symlink_to(inside / "a.md")
    (inside / "b.md").symlink_to(outside / "b.md")
    (inside / "zero.md").symlink_to("/dev/zero")
    (inside / "nowhere.md").symlink_to(tmp_path / "nowhere")
    assert names(check_documents([inside])) == ["a.md", "again.md"]
    assert names(check_documents([inside / "b.md"])) == ["b.md"]  # named, and so meant


def test_a_notation_that_is_a_link_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    page = write_notes(tmp_path / "in" / "a.md", RIGHT)
    beside = page.with_suffix(".toml")
    moved = beside.rename(tmp_path / "elsewhere.toml")
    beside.symlink_to(moved)
    assert "a link out of its folder; name it with --notation" in refused(page)
    assert check_documents([page], notation=beside)
    beside.unlink()
    beside.symlink_to("/dev/zero")
    assert check_documents([page])[0].notation != str(beside)  # no file, so it is drafted


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/proc/self/mem", "/nowhere.md"])
def test_what_is_no_document_is_refused_in_one_line(path: str) -> None:
    assert refused(Path(path)).startswith(f"{path}: ")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    assert "not a regular file" in refused(tmp_path / "pipe.md")


def test_a_document_beyond_two_mebibytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "big.md"
    path.write_bytes(b"$w$\n" * (2**19) + b"\n")
    assert "more than the 2097152 bytes that are read" in refused(path)


def test_a_folder_without_a_formula_is_refused(tmp_path: Path) -> None:
    (tmp_path / "readme.md").write_text("no formula\n", encoding="utf-8")
    assert "no document with a formula in this folder" in refused(tmp_path)


def test_a_file_that_vanishes_meanwhile_ends_the_call_in_one_line(folder: Path) -> None:
    class Vanishing(Backwards):
        def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Answer:
            last.unlink(missing_ok=True)
            return super().submit(function, *arguments)

    last = folder / "0002.md"
    kept = last.read_text(encoding="utf-8")
    try:
        with pytest.raises(DocumentError, match=r"0002\.md: no such file"):
            check_documents([folder], executor=Vanishing())
    finally:
        last.write_text(kept, encoding="utf-8")


@pytest.fixture
def strange(tmp_path: Path) -> list[Path]:
    names = ["a b.md", "new\nline.md", "$(touch x).md", "-n.md", os.fsdecode(b"\xff.md"), "é'\".md"]
    return [write_notes(tmp_path / name, RIGHT) for name in names]


def test_any_name_is_a_name(strange: list[Path]) -> None:
    checks = check_documents(strange)
    assert exit_code(checks) == 0
    assert len(json.loads(as_json(checks))["documents"]) == len(strange)


def test_a_model_that_cannot_be_read_is_refused_before_anything_is_judged(tmp_path: Path) -> None:
    page = write_notes(tmp_path / "a.md", RIGHT)
    beside = page.with_suffix(".toml")
    text = beside.read_text(encoding="utf-8")
    beside.write_text(text.replace("forward = ['L", "forward = ['Q"), encoding="utf-8")
    with pytest.raises(NotationError):
        check_documents([page], executor=Backwards())
