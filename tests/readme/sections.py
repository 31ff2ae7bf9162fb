"""The generated parts of README.md: what the program prints today."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

from derivations.check import BUILT_IN, check_conventions
from derivations.drafting.draft import draft_notation
from derivations.report.words import claim_text
from derivations.sources import open_page
from tests.defects.measure import claimed, markdown, table
from tests.front_doors import hostile as front_doors
from tests.reading import hostile
from tests.readme import picture

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
EXAMPLE = HERE / "example.md"
INSTALLED = any(point.name == "gradproof" for point in entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "derivations.pytest_plugin")


def fenced(text: str, language: str = "") -> str:
    """A block that may hold three backticks itself."""
    fence = "````" if "```" in text else "```"
    return f"{fence}{language}\n{text.strip(chr(10))}\n{fence}\n"


def example() -> str:
    """The example page, and the table that it gives."""
    page = fenced(EXAMPLE.read_text(encoding="utf-8"), "markdown")
    table = beside_the_example("-c", "from derivations.cli import main; main()", "check")
    return page + "\n" + fenced(f"$ gradproof check notes.md\n{table}")


def notation() -> str:
    """What is drafted from it."""
    draft = draft_notation(open_page(EXAMPLE))
    return fenced(f"$ gradproof notation notes.md > notes.toml && cat notes.toml\n{draft}", "toml")


def documents() -> str:
    """What pytest says of the example page."""
    text = beside_the_example("-m", "pytest", *PLUGIN, "-q")
    return fenced(f"$ pytest -q notes.md\n{untimed(text)}")


def gradient() -> str:
    """A gradient with a forgotten factor, and what is said of it."""
    file = HERE / "gradient.py"
    return fenced(file.read_text(encoding="utf-8"), "python") + "\n" + fenced(printed(str(file)))


def engine() -> str:
    """An engine whose gradients are all doubled, held to one property."""
    file = ROOT / "tests" / "cli" / "doubled.py"
    wanted = ("-q", "-k", "enclosure")
    call = (
        "-m",
        "pytest",
        *PLUGIN,
        "--pyargs",
        "derivations.conformance",
        "-p",
        "no:cacheprovider",
    )
    text = untimed(printed(*call, "--engine", "tests.cli.doubled", *wanted))
    code = file.read_text(encoding="utf-8").partition('"""\n\n')[2]
    shown = text.replace("tests.cli.doubled", "doubled").replace(str(ROOT) + "/", "")
    command = "$ pytest --pyargs derivations.conformance --engine doubled -q -k enclosure"
    return fenced(code, "python") + "\n" + fenced(f"{command}\n{shown}")


def claims() -> str:
    """The built-in document's claims under every convention."""
    checks = check_conventions(BUILT_IN, convention="all")
    names = [check.convention for check in checks]
    lines = [f"| line | as printed | {' | '.join(names)} |", "|---|---|" + "---|" * len(names)]
    for pairs in zip(*(check.claims for check in checks), strict=True):
        verdicts = [verdict for _, verdict in pairs]
        if verdicts[0].as_printed.value == "not-a-claim":
            continue
        text = claim_text(pairs[0][0]).replace("|", "\\|")
        cells = [
            v.as_printed.value + (f": `{v.reading}`" if v.reading and v.cost else "")
            for v in verdicts
        ]
        lines.append(f"| {pairs[0][0].line} | `{text}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def workflow() -> str:
    """The workflow that a test parses and runs."""
    return fenced((HERE / "workflow.yml").read_text(encoding="utf-8"), "yaml")


def printed(*arguments: str, cwd: Path = ROOT) -> str:
    """What Python prints at a person's desk; nothing on standard error is due."""
    there = {key: value for key, value in os.environ.items() if key not in ("CI", "BUILD_NUMBER")}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, check=False,
        env={**there, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout


def beside_the_example(*arguments: str) -> str:
    """What a command prints of the example page, called notes.md."""
    with tempfile.TemporaryDirectory() as directory:
        shutil.copy(EXAMPLE, Path(directory, "notes.md"))
        return printed(*arguments, "notes.md", cwd=Path(directory))


def untimed(text: str) -> str:
    """Without what differs from run to run."""
    return re.sub(r" in \d+\.\d+s", "", text)


def defects() -> str:
    """The catch rate of each class, as the tests of the defects claim it."""
    return markdown(table(claimed))


def security() -> str:
    """What is promised of untrusted input, and how much of it is tried."""
    formulas, notations = len(hostile.FORMULAS), len(hostile.NOTATIONS)
    kinds = [len(group) for group in (hostile.CODE, hostile.BOMBS, hostile.MISREAD, hostile.HIDDEN)]
    rows = {
        "no text is run: not by Python, not by SymPy, not out of a pickle": (
            "every call in every module is read; while a document is judged, the "
            "interpreter reports each text that it compiles: none"
        ),
        "a hostile formula is read or refused in one line, in time, and never holds": (
            "{} formulas: {} with code, {} bombs, {} look-alikes, {} with hidden characters; and "
            "5,500 random ones".format(formulas, *kinds)
        ),
        "a hostile notation file is refused in one line with its place": f"{notations} files",
        "a report has no element, attribute, command or escape but ours": (
            f"{len(front_doors.FORMULAS)} formulas in every format, and in a browser"
        ),
        "no formula ends, delays or changes another": (
            "loops in C, hoarders of memory and killed processes in each other's company"
        ),
        "what is interrupted leaves no process and no half-written file": (
            "signals and kills at random moments, a full disk, a closed output"
        ),
    }
    lines = ["| promise | tried |", "|---|---|"]
    return "\n".join([*lines, *(f"| {what} | {how} |" for what, how in rows.items())]) + "\n"


SECTIONS: dict[str, Callable[[], str]] = {
    "picture": picture.markup,
    "example": example,
    "notation": notation,
    "documents": documents,
    "workflow": workflow,
    "gradient": gradient,
    "engine": engine,
    "claims": claims,
    "defects": defects,
    "security": security,
}
