"""The script that looks for flaky tests finds one."""

from pathlib import Path

import pytest

from tests.benchmarks.flaky import count

ORDER = """
STATE = []
def test_that_leaves_something_behind():
    STATE.append(1)
def test_that_minds():
    assert not STATE
def test_that_does_not():
    pass
"""


def test_a_test_that_depends_on_the_order_is_found(tmp_path: Path) -> None:
    pytest.importorskip("random_order", reason="pytest-random-order is not installed (extra dev)")
    path = tmp_path / "test_order.py"
    path.write_text(ORDER, encoding="utf-8")
    seen = count(runs=2, workers=0, first=3, paths=[str(path), "--rootdir", str(tmp_path)])
    assert [name.split("::")[1] for name in seen] == ["test_that_minds"]
    assert seen.total() == 1
