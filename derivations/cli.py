"""The gradproof command."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .errors import GradproofError

if TYPE_CHECKING:
    from .check import Progress

FORMATS = ("table", "json", "html", "sarif", "github")
BAD_INPUT = 3


class _Main(click.Group):
    """Bad calls and bad input end with exit code 3 and one line, never with a traceback."""

    def main(self, *args: object, **kwargs: object) -> None:  # type: ignore[override]
        try:
            code = super().main(*args, **{**kwargs, "standalone_mode": False})  # type: ignore[call-overload]
            sys.exit(code if isinstance(code, int) else 0)
        except click.exceptions.Exit as error:
            sys.exit(error.exit_code)
        except click.ClickException as error:
            _fail(error.format_message())
        except GradproofError as error:
            _fail(str(error))
        except (KeyboardInterrupt, click.Abort):
            sys.exit(130)


def _fail(message: str) -> None:
    click.echo(f"gradproof: {_escaped(message)}", err=True)
    sys.exit(BAD_INPUT)


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
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True)
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
    jobs: int,
) -> int:
    """Judge every claim of DOCUMENTS; without one, of the built-in document."""
    from .check import BUILT_IN, check_many, exit_code
    from .report.output import refuse_overwriting, render, write
    from .report.recorded import differences, expected_verdicts
    from .report.recorded import record as record_verdicts

    expected = expected_verdicts(record, expect)
    with _Progress() as progress:
        checks = check_many(
            documents or (BUILT_IN,),
            notation,
            convention,
            budget=budget,
            seed=seed,
            engine=engine,
            in_full=form == "html",
            jobs=jobs,
            progress=progress,
        )
    refuse_overwriting(checks, (output, record), expect)
    write(render(checks, form), output, form, checks)
    if record is not None:
        record_verdicts(checks, record)
    if expect is None:
        return exit_code(checks)
    found = differences(expected, checks, expect)
    for line in found:
        click.echo(_escaped(line), err=True)
    return 4 if exit_code(checks) == 4 else int(bool(found))


@main.command()
@click.argument("claim")
@click.argument("document", required=False, type=click.Path(path_type=Path))
@click.option("--notation", type=click.Path(path_type=Path), help="What the symbols mean.")
@click.option("--convention", metavar="NAME", help="One of the notation's conventions.")
def explain(
    claim: str, document: Path | None, notation: Path | None, convention: str | None
) -> int:
    """The derivation of CLAIM step by step: its id, its line (L159), or its left side (dL/dW)."""
    from .check import BUILT_IN
    from .report.explain import explain_claim

    text = explain_claim(claim, document or BUILT_IN, notation, convention)
    click.echo(text, nl=False)
    return 0


@main.command()
@click.argument("document", type=click.Path(path_type=Path))
def notation(document: Path) -> int:
    """Draft a notation file from DOCUMENT, to be completed by hand."""
    from .check import open_page
    from .claims.draft import draft_notation

    click.echo(draft_notation(open_page(document)), nl=False)
    return 0


class _Progress:
    """A bar on standard error while the work runs, where somebody can see it."""

    def __enter__(self) -> Progress | None:
        self.bar = None
        if not sys.stderr.isatty():
            return None
        from rich.console import Console
        from rich.progress import Progress as Bar

        self.bar = Bar(console=Console(stderr=True), transient=True)
        self.bar.start()
        task = self.bar.add_task("checking")
        bar = self.bar
        return lambda done, total: bar.update(task, completed=done, total=total)

    def __exit__(self, *error: object) -> None:
        if self.bar is not None:
            self.bar.stop()
