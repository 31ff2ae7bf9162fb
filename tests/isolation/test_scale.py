"""Other people's executors give the same bytes, and many documents need no more memory than few."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from derivations import check_documents, check_gradient
from derivations.report.json import as_json
from tests.benchmarks import scale
from tests.benchmarks.scale import follow
from tests.isolation import planted
from tests.isolation.notes import write_folder

BEGUN, MORE = 6, 12  # documents: with the first the caches fill up
PER_CLAIM = 0.1  # MiB that an answer may keep; here it is a fiftieth of that


@pytest.fixture(scope="module", params=["loky", "distributed"])
def executor(request: pytest.FixtureRequest) -> Iterator[Any]:
    pytest.importorskip(request.param, reason=f"{request.param} is not installed (extra scale)")
    name = {"loky": "loky, 2 processes", "distributed": "Dask, 2 processes"}[request.param]
    with scale.EXECUTORS[name]() as started:
        yield started


def test_a_folder_on_loky_and_on_dask_gives_the_bytes_of_one_process(
    executor: Any, tmp_path: Path
) -> None:
    folder = write_folder(tmp_path, 3)
    assert as_json(check_documents([folder], executor=executor)) == as_json(
        check_documents([folder])
    )


def test_every_entry_of_a_gradient_on_loky_and_on_dask_gives_the_answer_of_one_process(
    executor: Any,
) -> None:
    """The second gradient is wrong in one entry, which both find."""
    x = np.linspace(0.1, 2.0, 40)
    for at in (None, 7):
        f, gradient = planted.cubes(at)
        alone = check_gradient(f, gradient, x, exhaustive=True)
        found = check_gradient(f, gradient, x, exhaustive=True, executor=executor)
        assert bool(found) is (at is None)
        assert str(found) == str(alone)
        assert [entry.where for entry in found.wrong] == [entry.where for entry in alone.wrong]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_many_documents_need_no_more_memory_than_their_answers(tmp_path: Path) -> None:
    here, there = follow(write_folder(tmp_path, BEGUN + MORE), jobs=1)
    claims = 6 * MORE
    assert here[-1] - here[len(here) // 3] < PER_CLAIM * claims
    assert there[-1] - there[len(there) // 3] < PER_CLAIM * claims


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_a_judge_that_leaks_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted defect keeps a quarter of a mebibyte a claim."""
    monkeypatch.setattr("derivations.check.judged", planted.leaking)
    here, there = follow(write_folder(tmp_path, BEGUN + MORE), jobs=1)
    assert there[-1] - there[len(there) // 3] > PER_CLAIM * 6 * MORE
    assert here
