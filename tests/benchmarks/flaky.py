"""Runs the quick suite over and over in random order, and lists the tests that do not always pass.

``python -m tests.benchmarks.flaky`` (extra ``dev``) makes 30 runs on two workers; each run's seed
is printed, and ``pytest -n 2 --random-order --random-order-seed=SEED`` repeats it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[2]
BAD = ("failure", "error")


def run(seed: int, workers: int, report: Path, paths: list[str]) -> int:
    """One run of the quick profile, every test in a place that the seed decides."""
    call = [sys.executable, "-m", "pytest", "-q", "-n", str(workers), "--random-order"]
    call += [f"--random-order-seed={seed}", "--random-order-bucket=global"]
    call += ["-p", "no:cacheprovider", "--junitxml", str(report), *paths]
    quick = {**os.environ, "HYPOTHESIS_PROFILE": "quick"}
    return subprocess.run(call, cwd=ROOT, env=quick, capture_output=True, check=False).returncode


def failed(report: Path) -> list[str]:
    """The names of the tests that did not pass."""
    cases = ElementTree.parse(report).iter("testcase")
    return [
        f"{case.get('classname')}::{case.get('name')}"
        for case in cases
        if any(case.find(kind) is not None for kind in BAD)
    ]


def count(runs: int, workers: int, first: int, paths: list[str]) -> Counter[str]:
    """How often each test failed."""
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + runs):
            start, report = time.perf_counter(), Path(folder, f"{seed}.xml")
            code = run(seed, workers, report, paths)
            if not report.exists() or code not in (0, 1):
                sys.exit(f"seed {seed}: pytest ended with exit code {code}")
            bad = failed(report)
            if bool(bad) != bool(code):
                sys.exit(f"seed {seed}: exit code {code}, yet {len(bad)} tests failed")
            seen.update(bad)
            print(
                f"seed {seed}: {len(bad)} failed, {time.perf_counter() - start:.0f} s", flush=True
            )
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1, help="of the first run")
    parser.add_argument("paths", nargs="*", help="instead of the whole suite")
    asked = parser.parse_args()
    seen = count(asked.runs, asked.workers, asked.seed, asked.paths)
    for name, times in seen.most_common():
        print(f"{times} of {asked.runs}  {name}")
    print("none flaky" if not seen else f"{len(seen)} tests did not always pass")
    sys.exit(int(bool(seen)))


if __name__ == "__main__":
    main()
