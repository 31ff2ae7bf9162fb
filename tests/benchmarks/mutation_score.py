"""How many small changes of the code the tests notice: a random sample, scored.

Run as ``python -m tests.benchmarks.mutation_score`` (extra ``mutation``).  mutmut makes the mutants
and runs the tests that reach each of them, in a copy of the project, so that nothing here changes;
``--work DIR`` keeps the copy and what was learned in it.  The figures go to standard output.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from math import sqrt
from pathlib import Path
from shutil import copy2

ROOT = Path(__file__).parents[2]
PACKAGES = ("derivations.claims", "derivations.numeric", "derivations.symbolic", "engine")
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.toml")
FIRST = "engine.losses.*__mutmut_1"  # the first call only makes mutants and times the tests
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
NORMAL_95 = 1.959964


class Fate(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"


# Exit codes that mutmut keeps: pytest's own, "no tests", its time-outs.  Whatever is not known
# to be a kill is a survivor.
KILLS = {1: Fate.KILLED, 3: Fate.KILLED, 36: Fate.TIMED_OUT, -24: Fate.TIMED_OUT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One mutant: mutmut's name for it, the lines it takes out and puts in, and its fate."""

    name: str
    before: str
    after: str
    fate: Fate

    @property
    def function(self) -> str:
        return self.name.rpartition("__mutmut_")[0]

    @property
    def package(self) -> str:
        return next(each for each in PACKAGES if self.name.startswith(each))


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share, by Wilson's score."""
    if not count:
        return 0.0, 1.0
    share, z = hits / count, NORMAL_95
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    return max(0.0, middle - half), min(1.0, middle + half)


def copy_project(work: Path) -> None:
    """The tracked files, as they are in the working tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            copy2(ROOT / name, work / name)


def mutmut(work: Path, *arguments: str) -> str:
    """What mutmut answers there."""
    environment = os.environ | {
        "HYPOTHESIS_PROFILE": "quick",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(work / "mutants"),
    }
    done = subprocess.run(
        [Path(sys.executable).with_name("mutmut"), *arguments],  # -m would import the original
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = (done.stdout + done.stderr).replace("\r", "\n").splitlines()
        said = "\n".join(line for line in lines if line[:1] not in SPINNER)[-5000:]
        sys.exit(f"mutmut {arguments[0]} ended with {done.returncode}: {said}")
    return done.stdout


def exit_codes(work: Path) -> dict[str, int | None]:
    """The exit code of every mutant of the four packages, None for those that were not tried."""
    found: dict[str, int | None] = {}
    for path in sorted((work / "mutants").rglob("*.meta")):
        found |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    return {name: code for name, code in found.items() if name.startswith(PACKAGES)}


def sample(names: Iterable[str], count: int, seed: int) -> list[str]:
    """A simple random sample, the same for the same seed."""
    every = sorted(names)
    return random.Random(seed).sample(every, min(count, len(every)))


def described(work: Path, name: str, code: int | None) -> Mutant:
    """The mutant with its changed lines, which do not move when others are added above them."""
    fate = KILLS.get(-1 if code is None else code, Fate.SURVIVED)
    lines: list[str] = []
    if fate is not Fate.KILLED:
        lines = mutmut(work, "show", name).splitlines()
    before = "\n".join(x[1:].strip() for x in lines if x.startswith("-") and x[:3] != "---")
    after = "\n".join(x[1:].strip() for x in lines if x.startswith("+") and x[:3] != "+++")
    mutant = Mutant(name=name, before=before, after=after, fate=fate)
    if fate is Fate.SURVIVED and (key(mutant) in equivalent() or unguards(before, after)):
        return Mutant(name=name, before=before, after=after, fate=Fate.EQUIVALENT)
    return mutant


def unguards(before: str, after: str) -> bool:
    """Whether a mutant only takes away zip's own check that its arguments are of one length.

    They always are; the check is there for our mistakes.  Where they are not, the mutant is killed.
    """
    plain = [re.sub(r",? *strict=\w+,?|,(?= *\))| ", "", text) for text in (before, after)]
    return "strict=True" in before and plain[0] == plain[1]


def key(mutant: Mutant) -> tuple[str, str, str]:
    return mutant.function, mutant.before, mutant.after


def equivalent() -> dict[tuple[str, str, str], str]:
    """Why each mutant that is argued equivalent is: by its function and its changed lines."""
    entries = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("mutant", [])
    return {(e["function"], e["before"], e["after"]): e["why"] for e in entries}


def row(label: str, mutants: list[Mutant]) -> str:
    """A line of the table; equivalent mutants count for neither side."""
    count = Counter(each.fate for each in mutants)
    noticed = count[Fate.KILLED] + count[Fate.TIMED_OUT]
    judged = noticed + count[Fate.SURVIVED]
    low, high = wilson(noticed, judged)
    share = f"{noticed / judged:.1%}" if judged else "-"
    numbers = " | ".join(str(count[fate]) for fate in Fate)
    return f"| {label} | {len(mutants)} | {numbers} | {share} | {low:.1%} to {high:.1%} |"


def left_out(work: Path) -> list[str]:
    """The tests that fail without a mutant, and judged none."""
    path = work / "mutants" / "failing.txt"
    return sorted(set(path.read_text(encoding="utf-8").splitlines())) if path.exists() else []


def report(mutants: list[Mutant]) -> str:
    """The table, and every mutant that was not killed."""
    heads = ["package", "mutants", *(fate.value for fate in Fate), "score", "95 % interval"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for package in PACKAGES:
        lines.append(row(package, [each for each in mutants if each.package == package]))
    lines.append(row("all", mutants))
    for fate in (Fate.SURVIVED, Fate.TIMED_OUT, Fate.EQUIVALENT):
        for each in (each for each in mutants if each.fate is fate):
            lines.append(f"\n{fate.value}: {each.name}\n- {each.before}\n+ {each.after}")
    return "\n".join(lines)


def measured(work: Path, options: argparse.Namespace) -> list[Mutant]:
    copy_project(work)
    (work / "mutants").mkdir(exist_ok=True)  # a path that is not there at the start is never read
    workers = ("--max-children", str(options.workers))
    if not (work / "mutants" / "mutmut-stats.json").exists():
        mutmut(work, "run", *workers, FIRST)
    names = [name for name in exit_codes(work) if name.startswith(tuple(options.package))]
    drawn = sample(names, options.count, options.seed)
    mutmut(work, "run", *workers, *drawn)
    for name in left_out(work):
        print(f"left out, for it fails without a mutant: {name}")
    codes = exit_codes(work)
    return [described(work, name, codes[name]) for name in sorted(drawn)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500, help="mutants in the sample")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--package", action="append", choices=PACKAGES)
    parser.add_argument("--work", type=Path, help="where the copy is kept; else it is thrown away")
    options = parser.parse_args()
    options.package = options.package or list(PACKAGES)
    if options.work:
        options.work.mkdir(parents=True, exist_ok=True)
        print(report(measured(options.work.resolve(), options)))
        return
    with tempfile.TemporaryDirectory() as directory:
        print(report(measured(Path(directory), options)))


if __name__ == "__main__":
    main()
