"""Many documents on every executor: the same bytes, how much faster, and how much memory.

``python -m tests.benchmarks.scale`` checks a folder in one process, in two processes of its own,
and on loky and a local Dask cluster of two (extra ``scale``).  With ``--documents 1000 --memory``
it follows the memory of one call in the command and in each of its processes.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from derivations import check_documents
from derivations.check import DocumentCheck, each_check
from derivations.report.json import as_json
from derivations.report.output import Report
from derivations.workers import Workers
from tests.isolation.notes import write_folder

CORPUS = Path(__file__).parents[1] / "corpus"


def write_corpus(folder: Path, count: int) -> Path:
    """Real documents with their notations, over and over."""
    sources = sorted(CORPUS.glob("*.md"))
    for number in range(count):
        source = sources[number % len(sources)]
        for suffix in (".md", ".toml"):
            text = source.with_suffix(suffix).read_text(encoding="utf-8")
            (folder / f"{number:05}{suffix}").write_text(text, encoding="utf-8")
    return folder


@contextmanager
def loky() -> Iterator[Any]:
    from loky import get_reusable_executor

    executor = get_reusable_executor(max_workers=2)
    yield executor
    executor.shutdown(kill_workers=True)


@contextmanager
def dask() -> Iterator[Any]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,  # type: ignore[no-untyped-call]
    ):
        yield client.get_executor()


EXECUTORS: dict[str, Any] = {
    "one process": nullcontext,
    "gradproof --jobs 2": lambda: Workers(2),
    "loky, 2 processes": loky,
    "Dask, 2 processes": dask,
}


def compare(folder: Path) -> bool:
    """Times in one run, the first for comparison; whether all bytes are the same."""
    texts, alone = set(), 0.0
    for name, executor in EXECUTORS.items():
        with executor() as started:
            if started is not None:  # warm, so that the work alone is timed
                check_documents([next(iter(sorted(folder.glob("*.md"))))], executor=started)
            start = time.perf_counter()
            texts.add(as_json(check_documents([folder], executor=started)))
            seconds = time.perf_counter() - start
        alone = alone or seconds
        print(f"{name:<22}{seconds:8.1f} s{alone / seconds:8.2f} times as fast")
    print("the bytes are the same" if len(texts) == 1 else "THE BYTES DIFFER")
    return len(texts) == 1


def resident(pid: int | str = "self") -> float:
    """Units: MiB."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def follow(folder: Path, jobs: int = 2) -> tuple[list[float], list[float]]:
    """Memory here and in the largest worker, each time a tenth of the documents is reported."""
    here: list[float] = []
    there: list[float] = []
    every = max(sum(1 for _ in folder.glob("*.md")) // 10, 1)
    with Workers(jobs) as workers, Report("json", Path(os.devnull), None, None) as report:

        def seen(checks: Iterator[DocumentCheck]) -> Iterator[DocumentCheck]:
            for number, check in enumerate(checks, 1):
                if number % every == 0:
                    here.append(resident())
                    there.append(max(resident(each.process.pid or 0) for each in workers._workers))
                yield check

        report.take(seen(each_check([folder], executor=workers)))
        report.publish()
    return here, there


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=22)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--small", action="store_true", help="six claims in each document")
    parser.add_argument("--folder", type=Path, help="documents of your own instead")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        write = write_folder if asked.small else write_corpus
        folder = asked.folder or write(Path(name), asked.documents)
        if not asked.memory:
            sys.exit(0 if compare(folder) else 1)
        start = time.perf_counter()
        for here, there in zip(*follow(folder, len(os.sched_getaffinity(0))), strict=True):
            print(f"command {here:7.1f} MiB    largest process {there:7.1f} MiB")
        print(f"in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
