"""A document under its conventions: every claim with its verdict."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from .answer import AsPrinted, Verdict
from .claims.claim import Claim, read_claims
from .claims.model import Model
from .claims.notation import Notation
from .document.markdown import Page
from .errors import GradproofError, LostError
from .limits import SECONDS
from .sources import BUILT_IN, choose, find_notation, open_page, pages_in
from .tasks import Executor, Future, InThisProcess, Task, asked, judged, shifts_of

Progress = Callable[[int, int], None]
AHEAD = 256  # claims handed to an executor before the first answer is waited for
DOCUMENT_SECONDS = 120.0  # of processor time; what is left then is not checked
_FAILED = frozenset({AsPrinted.FAILS, AsPrinted.ILL_TYPED})
_SETTLED = _FAILED | {AsPrinted.HOLDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCheck:
    """Every claim of a document with its verdict, under one convention.

    It is falsy unless every judged claim holds as printed and at least one was judged; as text it
    is the table of the command, and in a notebook it shows itself.
    """

    document: str
    notation: str
    convention: str
    claims: tuple[tuple[Claim, Verdict], ...]

    @property
    def totals(self) -> Mapping[str, int]:
        """How many claims have each value of ``as_printed``."""
        counts = Counter(verdict.as_printed for _, verdict in self.claims)
        return {kind.value: counts[kind] for kind in AsPrinted if counts[kind]}

    @property
    def exit_code(self) -> int:
        """What ``gradproof check`` ends with for this document alone."""
        return exit_code([self])

    def __bool__(self) -> bool:
        return self.exit_code == 0

    def __str__(self) -> str:
        from .report.terminal import document_text

        return document_text([self])

    def _repr_html_(self) -> str:
        from .report.html import check_html

        return check_html(self)


def by_document(checks: Iterable[DocumentCheck]) -> Iterator[list[DocumentCheck]]:
    """Each document under its conventions, which follow each other."""
    for _, group in groupby(checks, lambda check: check.document):
        yield list(group)


def exit_code(checks: Iterable[DocumentCheck]) -> int:
    """0 all hold, 1 something is wrong, 2 something could not be checked, 4 routes disagree."""
    return code_of(outcomes(checks))


def outcomes(checks: Iterable[DocumentCheck]) -> set[tuple[AsPrinted, bool]]:
    """The verdicts that occur, and whether with a contradiction: all that an exit code rests on."""
    return {(v.as_printed, bool(v.contradiction)) for check in checks for _, v in check.claims}


def code_of(found: set[tuple[AsPrinted, bool]]) -> int:
    """The exit code of documents whose `outcomes` are these."""
    if any(contradicted for _, contradicted in found):
        return 4
    kinds = {kind for kind, _ in found}
    if kinds & _FAILED:
        return 1
    unchecked = kinds - _SETTLED - {AsPrinted.NOT_A_CLAIM}
    return 2 if unchecked or AsPrinted.HOLDS not in kinds else 0


def check_document(
    path: str | Path, notation: str | Path | None = None, convention: str | None = None
) -> DocumentCheck:
    """Judge every claim of a Markdown document.

    Shapes: those that the notation declares.
    Source: the notation file, else the document's own notation block, else the file beside it.
    Raises: DocumentError, NotationError or UsageError where an input is bad.

    >>> from derivations.check import BUILT_IN
    >>> check = check_document(BUILT_IN, convention="columns")
    >>> bool(check), check.exit_code, check.convention
    (False, 1, 'columns')
    >>> claim, verdict = check.claims[0]
    >>> claim.line, claim.tex, verdict.as_printed.value
    (9, 'y = k*x+b', 'holds')
    """
    return check_conventions(Path(path), None if notation is None else Path(notation), convention)[
        0
    ]


def check_conventions(
    path: Path,
    notation: Path | None = None,
    convention: str | None = None,
    *,
    budget: int | None = None,
    seed: int = 0,
    engine: str | None = None,
    in_full: bool = False,
) -> list[DocumentCheck]:
    """A document under one convention, or under each for ``all``.

    ``in_full`` also writes the derivations out and draws curves for the counterexamples.
    """
    call = _Call(notation, convention, budget, seed, engine, in_full)
    begun = list(call.begin(path, open_page(path), InThisProcess()))
    return [document.finished(lambda: None) for document in begun]


def check_documents(
    paths: Sequence[str | Path],
    notation: str | Path | None = None,
    convention: str | None = None,
    *,
    budget: int | None = None,
    seed: int = 0,
    engine: str | None = None,
    in_full: bool = False,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> list[DocumentCheck]:
    """Judge every claim of several documents, or of all below a folder, in their order.

    The answers are the same on every executor: ``executor.submit(function, argument)`` returns a
    future, as those of `concurrent.futures`, of loky and of Dask do.  Without one the work is done
    in this process.  ``progress`` is told how many claims are done, of how many so far.

    Shapes: those that each notation declares.
    Raises: DocumentError, NotationError or UsageError where an input is bad.

    >>> from derivations.sources import BUILT_IN
    >>> [check.convention for check in check_documents([BUILT_IN], convention="all")]
    ['stated', 'rows', 'columns']
    """
    return list(
        each_check(
            paths,
            notation,
            convention,
            budget=budget,
            seed=seed,
            engine=engine,
            in_full=in_full,
            executor=executor,
            progress=progress,
        )
    )


def each_check(
    paths: Sequence[str | Path],
    notation: str | Path | None = None,
    convention: str | None = None,
    *,
    budget: int | None = None,
    seed: int = 0,
    engine: str | None = None,
    in_full: bool = False,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Iterator[DocumentCheck]:
    """Like `check_documents`, one after the other: who keeps none needs memory for a few only.

    Shapes: those that each notation declares.
    Raises: DocumentError, NotationError or UsageError where an input is bad.
    """
    asked(engine)
    given = None if notation is None else Path(notation)
    call = _Call(given, convention, budget, seed, engine, in_full)
    pages = pages_in([Path(path) for path in paths or (BUILT_IN,)])
    yield from _checks(pages, call, executor or InThisProcess(), progress or (lambda *_: None))


def _checks(
    pages: Iterator[tuple[Path, Page]], call: _Call, executor: Executor, progress: Progress
) -> Iterator[DocumentCheck]:
    """Documents are read so far ahead that no process waits, and no farther."""
    done = known = 0

    def step() -> None:
        nonlocal done
        done += 1
        progress(done, known)

    begun: deque[_Begun] = deque()
    for path, page in pages:
        for document in call.begin(path, page, executor):
            begun.append(document)
            known += len(document.tasks)
        while known - done > AHEAD:
            yield begun.popleft().finished(step)
    while begun:
        yield begun.popleft().finished(step)


@dataclass(frozen=True, slots=True)
class _Call:
    """What is asked of every document alike."""

    notation: Path | None
    convention: str | None
    budget: int | None
    seed: int
    engine: str | None
    in_full: bool

    def begin(self, path: Path, page: Page, executor: Executor) -> Iterator[_Begun]:
        """A document under each convention that is asked for, its claims handed out."""
        found, source = find_notation(path, page, self.notation)
        for notation in choose(found, self.convention, source):
            _refuse_bad_models(notation)
            tasks = [
                Task(
                    claim=claim,
                    notation=notation,
                    budget=self.budget,
                    seed=self.seed,
                    engine=self.engine,
                    in_full=self.in_full,
                )
                for claim in read_claims(page, notation)
            ]
            answers = [executor.submit(judged, task) for task in tasks]
            yield _Begun(str(path), source, notation.convention, tasks, answers, executor)


def _refuse_bad_models(notation: Notation) -> None:
    """Raises NotationError where a definition cannot be read."""
    Model(notation)
    for part in notation.parts:
        _refuse_bad_models(part.notation)


@dataclass(frozen=True, slots=True)
class _Begun:
    """A document whose claims are being judged."""

    document: str
    source: str
    convention: str
    tasks: list[Task]
    answers: list[Future[Any]]
    executor: Executor

    def finished(self, step: Callable[[], None]) -> DocumentCheck:
        """A layer shift is the same in all readings of a document, or absent."""
        verdicts = self._collected(step)
        if len(shifts_of(verdicts)) > 1:
            again = {
                number: self.executor.submit(judged, replace(task, shifts=False))
                for number, (task, verdict) in enumerate(zip(self.tasks, verdicts, strict=True))
                if shifts_of([verdict]) - {0}
            }
            for number, answer in again.items():
                verdicts[number] = _verdict(answer)[0]
        return DocumentCheck(
            document=self.document,
            notation=self.source,
            convention=self.convention,
            claims=tuple((t.claim, v) for t, v in zip(self.tasks, verdicts, strict=True)),
        )

    def _collected(self, step: Callable[[], None]) -> list[Verdict]:
        verdicts = []
        spent = 0.0
        for answer in self.answers:
            if spent > DOCUMENT_SECONDS:
                answer.cancel()
                verdicts.append(_inconclusive(_TOO_LONG))
            else:
                verdict, seconds = _verdict(answer)
                spent += seconds
                verdicts.append(verdict)
            step()
        return verdicts


_TOO_LONG = (
    f"Not checked: the claims before it took more than {DOCUMENT_SECONDS:g} s; split the document."
)


def _verdict(answer: Future[Any]) -> tuple[Verdict, float]:
    """An answer that was lost on its way leaves its claim open, and no other."""
    try:
        found: tuple[Verdict, float] = answer.result()
    except LostError as error:
        return _inconclusive(str(error)), SECONDS
    except GradproofError:
        raise
    except Exception as error:  # of whatever kind that executor has
        return _inconclusive(f"Its answer was lost: {type(error).__name__}."), SECONDS
    return found


def _inconclusive(reason: str) -> Verdict:
    return Verdict(as_printed=AsPrinted.INCONCLUSIVE, reason=reason)
