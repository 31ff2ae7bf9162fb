"""The gradproof command."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import click

from .errors import GradproofError

FORMATS = ("table", "json", "html", "sarif", "github")
BAD_INPUT, INTERRUPTED = 3, 130
MAX_JOBS = 8  # by default: each process may take a gigabyte


class _Stopped(BaseException):
    """The user or the system wants it to end; the code is what a shell would make of the signal."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Main(click.Group):
    """Bad calls and bad input end with exit code 3 and one line, never with a traceback."""

    # click types its own arguments, and passes them all on.
    def main(self, *args: object, **kwargs: object) -> None:  # type: ignore[override]
        try:
            with _ended_by_signals():
                code = super().main(*args, **{**kwargs, "standalone_mode": False})  # type: ignore[call-overload]
            sys.exit(code if isinstance(code, int) else 0)
        except click.exceptions.Exit as error:
            sys.exit(error.exit_code)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.ctx.get_help() if error.ctx else "")
            sys.exit(BAD_INPUT)
        except click.ClickException as error:
            _fail(error.format_message())
        except GradproofError as error:
            _fail(str(error))
        except (KeyboardInterrupt, click.Abort):
            _fail("interrupted; nothing was written", INTERRUPTED)
        except _Stopped as stopped:
            _fail(str(stopped), stopped.code)

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with _before_click():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> object:
        with _before_click():
            return super().invoke(ctx)


@contextmanager
def _before_click() -> Iterator[None]:
    """An interrupt is told in one line, where click would write one of its own as well."""
    try:
        yield
    except KeyboardInterrupt:
        raise _Stopped(INTERRUPTED, "interrupted; nothing was written") from None


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A signal that would end the process unwinds it, so that nothing half done is left."""

    def stop(number: int, frame: object) -> None:
        name = signal.Signals(number).name
        raise _Stopped(128 + number, f"ended by {name}; nothing was written")

    main_thread = threading.current_thread() is threading.main_thread()
    numbers = [getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP")]
    ours = [n for n in numbers if main_thread and n and signal.getsignal(n) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _fail(message: str, code: int = BAD_INPUT) -> None:
    with suppress(OSError):  # nobody listens
        click.echo(f"gradproof: {_escaped(message)}", err=True)
    sys.exit(code)


def _escaped(message: str) -> str:
    """One line, without characters that a terminal would obey."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in " ".join(message.split()))


@click.group(cls=_Main, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gradproof")
def main() -> None:
    """Tells which gradient formulas of a derivation are true."""


@main.command()
@click.argument("documents", nargs=-1, type=click.Path(path_type=Path))
@click.option("--notation", type=click.Path(path_type=Path), help="What the symbols mean.")
@click.option("--convention", metavar="NAME|all", help="One of the notation's conventions.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), help="Write the report to this file.")
@click.option("--record", type=click.Path(path_type=Path), help="Record the verdicts as JSON.")
@click.option("--expect", type=click.Path(path_type=Path), help="Compare with recorded verdicts.")
@click.option("--engine", metavar="MODULE", help="Also hold this engine to the true gradients.")
@click.option(
    "--budget",
    type=click.IntRange(0, 6),
    default=4,
    show_default=True,
    help="How many edits a reading may need.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option(
    "--jobs",
    type=click.IntRange(0),
    default=None,
    help="Processes; 0 works in this one, without limits on memory.  [default: one a processor]",
)
def check(
    documents: tuple[Path, ...],
    notation: Path | None,
    convention: str | None,
    form: str,
    output: Path | None,
    record: Path | None,
    expect: Path | None,
    engine: str | None,
    budget: int,
    seed: int,
    jobs: int | None,
) -> int:
    """Judge every claim of DOCUMENTS; without one, of the built-in document."""
    from .check import each_check
    from .report.output import Report
    from .report.progress import ProgressBar
    from .workers import Workers

    count = _processors() if jobs is None else jobs
    with Report(form, output, record, expect) as report:
        with ProgressBar() as progress, Workers(count) if count else nullcontext() as executor:
            checks = each_check(
                documents,
                notation,
                convention,
                budget=budget,
                seed=seed,
                engine=engine,
                in_full=form == "html",
                executor=executor,
                progress=progress,
            )
            report.take(checks)
        report.publish()
        for line in report.differences():
            click.echo(_escaped(line), err=True)
        return report.exit_code()


def _processors() -> int:
    """How many this process may use, up to a bound."""
    usable = getattr(os, "sched_getaffinity", None)
    return min(len(usable(0)) if usable else os.cpu_count() or 1, MAX_JOBS)


@main.command()
@click.argument("claim")
@click.argument("document", required=False, type=click.Path(path_type=Path))
@click.option("--notation", type=click.Path(path_type=Path), help="What the symbols mean.")
@click.option("--convention", metavar="NAME", help="One of the notation's conventions.")
def explain(
    claim: str, document: Path | None, notation: Path | None, convention: str | None
) -> int:
    """The derivation of CLAIM step by step: its id, its line (L159), or its left side (dL/dW)."""
    from .report.explain import explain_claim
    from .report.writing import print_whole
    from .sources import BUILT_IN

    print_whole(explain_claim(claim, document or BUILT_IN, notation, convention))
    return 0


@main.command()
@click.argument("document", type=click.Path(path_type=Path))
def notation(document: Path) -> int:
    """Draft a notation file from DOCUMENT, to be completed by hand."""
    from .drafting.draft import draft_notation
    from .report.writing import print_whole
    from .sources import open_page

    print_whole(draft_notation(open_page(document)))
    return 0
