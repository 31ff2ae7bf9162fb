"""Documents as test files: one test a claim, only for documents that are named."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr

    from .answer import Verdict
    from .check import DocumentCheck
    from .claims.claim import Claim
    from .report.recorded import Recorded, Verdicts

DOCUMENTS = frozenset({".md", ".markdown", ".rst", ".tex", ".ipynb"})
EXPECTED = pytest.StashKey["list[tuple[Path, Verdicts]]"]()
VERDICT, READING, DOCUMENT = "as_printed", "reading", "document"


class ClaimError(AssertionError):
    """A claim that does not hold as printed."""


class KnownError(ClaimError):
    """A claim that does not hold, just as it was recorded."""


# -- what pytest asks ---------------------------------------------------------------
def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gradproof")
    group.addoption(
        "--document",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="check every claim of this document as a test (a .md, .rst or .tex file needs none)",
    )
    parser.addini("gradproof_expect", "recorded verdicts: known errors are xfail", type="paths")
    parser.addini("gradproof_notation", "the notation file of the documents", default="")
    parser.addini("gradproof_convention", "the convention of the documents", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Take the named documents as arguments, and read at once what is expected of them."""
    config.addinivalue_line("markers", "gradproof_expect: a claim that is known not to hold")
    given = {Path(str(argument).partition("::")[0]).resolve() for argument in config.args}
    for path in config.getoption("--document"):
        if path.resolve() not in given:
            config.args.append(str(path))
    files = config.getini("gradproof_expect")
    config.stash[EXPECTED] = [(path, _loaded(path)) for path in files]


def _loaded(path: Path) -> Verdicts:
    from .errors import GradproofError
    from .report.recorded import load

    try:
        return load(path)
    except GradproofError as error:
        raise pytest.UsageError(f"gradproof_expect: {error}") from error


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A document that was named; no project's README is collected by surprise."""
    named = file_path.suffix in DOCUMENTS and parent.session.isinitpath(file_path)
    asked = {path.resolve() for path in parent.config.getoption("--document")}
    if named or file_path.resolve() in asked:
        document: pytest.Collector = DocumentFile.from_parent(parent, path=file_path)
        return document
    return None


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The claims by document and verdict, and those that do not hold."""
    found = [dict(report.user_properties) for report in _reports(terminalreporter)]
    if not found:
        return
    terminalreporter.section("claims")
    for document in dict.fromkeys(properties[DOCUMENT] for properties in found):
        counts = Counter(p[VERDICT] for p in found if p[DOCUMENT] == document)
        text = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        terminalreporter.write_line(f"{document}: {text}")
    rows = [(p["claim"], p[VERDICT], p[READING]) for p in found if p[VERDICT] != "holds"]
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(2)]
    for claim, verdict, reading in rows:
        line = f"  {claim:<{widths[0]}}  {verdict:<{widths[1]}}  {reading}"
        terminalreporter.write_line(line.rstrip())


def _reports(terminalreporter: Any) -> Iterator[Any]:
    for category in ("passed", "failed", "xfailed", "xpassed", "skipped"):
        for report in terminalreporter.stats.get(category, []):
            properties = dict(getattr(report, "user_properties", ()))
            if getattr(report, "when", None) == "call" and {VERDICT, DOCUMENT} <= set(properties):
                yield report


# -- documents and claims -----------------------------------------------------------
class DocumentFile(pytest.File):
    """A document; it is read when it is collected, and judged when its first claim is run."""

    def collect(self) -> Iterator[pytest.Item]:
        from .claims.claim import read_claims
        from .errors import GradproofError

        try:
            notation, page = self._opened()
            claims = [claim for claim in read_claims(page, notation) if claim.remark is None]
        except GradproofError as error:
            raise self.CollectError(str(error)) from None
        expected = self._expected(notation.convention)
        seen: Counter[str] = Counter()
        for claim in claims:
            name = _named(claim, seen)
            yield ClaimItem.from_parent(
                self, name=name, claim=claim, recorded=expected.get(claim.id)
            )

    def _opened(self) -> tuple[Any, Any]:
        from .sources import choose, find_notation, open_page

        page = open_page(self.path)
        found, source = find_notation(self.path, page, self._notation)
        return choose(found, self._convention, source)[0], page

    @property
    def _notation(self) -> Path | None:
        name = self.config.getini("gradproof_notation")
        return self.config.rootpath / name if name else None

    @property
    def _convention(self) -> str | None:
        return self.config.getini("gradproof_convention") or None

    def _expected(self, convention: str) -> dict[str, Recorded]:
        from .report.recorded import name_of

        expected: dict[str, Recorded] = {}
        for path, verdicts in self.config.stash[EXPECTED]:
            expected |= verdicts.get((name_of(str(self.path), path), convention), {})
        return expected

    @cached_property
    def check(self) -> DocumentCheck:
        from .check import check_conventions

        return check_conventions(self.path, self._notation, self._convention)[0]

    @cached_property
    def verdicts(self) -> dict[str, Verdict]:
        return {claim.id: verdict for claim, verdict in self.check.claims}


def _named(claim: Claim, seen: Counter[str]) -> str:
    """``L159 dL/dW``; a second one of that name is numbered."""
    from .report.findings import label

    name = label(claim)
    seen[name] += 1
    return name if seen[name] == 1 else f"{name} ({seen[name]})"


class ClaimItem(pytest.Item):
    """One claim: it passes when it holds as printed."""

    def __init__(self, *, claim: Claim, recorded: Recorded | None, **rest: Any) -> None:
        super().__init__(**rest)
        self.claim = claim
        self.recorded = recorded
        if recorded is not None and recorded.as_printed not in ("holds", "not-a-claim"):
            reason = f"recorded as {recorded.as_printed}"
            self.add_marker(pytest.mark.gradproof_expect)
            self.add_marker(pytest.mark.xfail(reason=reason, strict=True, raises=KnownError))

    def runtest(self) -> None:
        from .answer import AsPrinted
        from .report.visible import visible

        assert isinstance(self.parent, DocumentFile)
        verdict = self.parent.verdicts[self.claim.id]
        self.user_properties += [
            (DOCUMENT, visible(self.parent.nodeid)),
            ("claim", self.name),
            (VERDICT, verdict.as_printed.value),
            (READING, visible(verdict.reading or "")),
        ]
        if verdict.as_printed is AsPrinted.NOT_A_CLAIM:
            pytest.skip(visible(verdict.reason))
        if verdict.as_printed is not AsPrinted.HOLDS or verdict.contradiction:
            raise self._error(verdict)

    def _error(self, verdict: Verdict) -> ClaimError:
        from .report.recorded import recorded

        known = self.recorded == recorded(verdict) and not verdict.contradiction
        return (KnownError if known else ClaimError)("\n".join(self._lines(verdict)))

    def _lines(self, verdict: Verdict) -> Iterator[str]:
        from .report.findings import explained, headline
        from .report.visible import visible

        assert isinstance(self.parent, DocumentFile)
        place = f"{self.parent.nodeid}:{self.claim.line}"
        yield visible(f"{place}: {headline(self.claim, verdict)}")
        if verdict.contradiction:
            yield visible(f"  our error {verdict.contradiction}")
        yield from (visible(f"  {line}") for line in explained(verdict))
        if self.recorded is not None:
            yield f"  recorded  {self.recorded.as_printed}"
        yield visible(f"  repeat    pytest {shlex.quote(self.nodeid)}")

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None
    ) -> str | TerminalRepr:
        if isinstance(excinfo.value, ClaimError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.claim.line - 1, self.name
