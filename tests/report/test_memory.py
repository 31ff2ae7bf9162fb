"""A report of many documents needs the memory of a few."""

import tracemalloc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from derivations.check import DocumentCheck, check_document
from derivations.cli import FORMATS
from derivations.errors import UsageError
from derivations.report import spool
from derivations.report.output import Report, pieces
from derivations.report.recorded import record
from tests.report.documents import RIGHT, UNREADABLE, WRONG, write_page

BALLAST = 2**18  # bytes that a check has about it, as many as some hundred claims have
FEW, MANY = 6, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Heavy(DocumentCheck):
    ballast: bytes


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> DocumentCheck:
    path = tmp_path_factory.mktemp("memory") / "notes.md"
    return check_document(write_page(path, *RIGHT, WRONG, UNREADABLE))


def checks(check: DocumentCheck, count: int) -> Iterator[DocumentCheck]:
    for number in range(count):
        yield Heavy(
            document=f"{number:05}.md",
            notation=check.notation,
            convention=check.convention,
            claims=tuple((claim, replace(verdict)) for claim, verdict in check.claims),
            ballast=bytes(BALLAST),
        )


def peak(check: DocumentCheck, count: int, form: str, folder: Path) -> int:
    """Bytes that the report of so many documents takes at most."""
    output, expected = folder / f"{form}{count}", folder / "expected.json"
    record([check], expected)
    tracemalloc.start()
    try:
        for kept in ({"record": folder / "record.json"}, {"expect": expected}):
            report = Report(form, output, kept.get("record"), kept.get("expect"))
            with report:
                report.take(checks(check, count))
                report.publish()
                assert report.exit_code() == 1
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", FORMATS)
def test_a_report_of_many_documents_needs_the_memory_of_a_few(
    check: DocumentCheck, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", 2**12)
    peak(check, 1, form, tmp_path)  # what is imported and cached stays
    grown = peak(check, MANY, form, tmp_path) - peak(check, FEW, form, tmp_path)
    assert grown < 4 * BALLAST
    assert (tmp_path / f"{form}{MANY}").stat().st_size > (tmp_path / f"{form}{FEW}").stat().st_size


def test_a_report_that_keeps_its_documents_would_be_seen(
    check: DocumentCheck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keeping(found: Iterable[DocumentCheck], *how: object) -> Iterator[str]:
        return pieces(list(found), "json")

    monkeypatch.setattr("derivations.report.output.pieces", keeping)
    grown = peak(check, MANY, "json", tmp_path) - peak(check, FEW, "json", tmp_path)
    assert grown > (MANY - FEW - 1) * BALLAST


@pytest.mark.parametrize("size", [1, 2**20])
def test_what_is_spooled_comes_back_as_it_was(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", size)
    text = ["a\r\n\u2028\ud800é\n", "𝛿" * 70_000, ""]
    kept = spool.Spool()
    for piece in text:
        kept.write(piece)
    assert "".join(kept) == "".join(text)
    assert "".join(kept) == "".join(text)
    kept.close()


def test_a_full_disk_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> int:
        raise OSError(28, "No space left on device")

    kept = spool.Spool()
    monkeypatch.setattr(kept._file, "write", full)
    with pytest.raises(UsageError, match="cannot be kept there: No space left on device"):
        kept.write("x")
    kept.close()
