"""The pytest plugin: which engine the conformance suite is run on, and beside which revision."""

from collections.abc import Generator
from typing import Any

import pytest

pytest_plugins = ("derivations.pytest_documents",)
NOT_IMPLEMENTED = "not implemented: "
REGRESSION = pytest.StashKey[Any]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gradproof")
    group.addoption(
        "--engine",
        metavar="MODULE",
        help="the engine to test, as package.module or package.module:object (default: engine)",
    )
    group.addoption(
        "--against",
        metavar="REV",
        help="compare the engine with itself as of this git revision",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Say at once, and in one line, that there is no such engine or revision."""
    from derivations.conformance.protocol import EngineNotFoundError, load_engine
    from derivations.conformance.revision import RevisionError, engine_at

    name, revision = config.getoption("--engine"), config.getoption("--against")
    try:
        if name is not None:
            load_engine(name)
        if revision is not None:
            with engine_at(revision, name or "engine"):
                pass
    except (EngineNotFoundError, RevisionError) as error:
        raise pytest.UsageError(str(error)) from error


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without ``--against`` there is nothing to compare."""
    if config.getoption("--against") is not None:
        return
    unasked = [
        item for item in items if "regression_against_revision" in getattr(item, "fixturenames", ())
    ]
    if unasked:
        config.hook.pytest_deselected(items=unasked)
        items[:] = [item for item in items if item not in unasked]


@pytest.fixture(scope="session")
def engine_under_test(request: pytest.FixtureRequest) -> Any:
    """The engine named by ``--engine``."""
    from derivations.conformance.protocol import load_engine

    return load_engine(request.config.getoption("--engine") or "engine")


@pytest.fixture(scope="session")
def regression_against_revision(request: pytest.FixtureRequest, engine_under_test: Any) -> Any:
    """What has changed since the revision named by ``--against``."""
    from derivations.conformance.regression import compare_engines
    from derivations.conformance.revision import engine_at

    name = request.config.getoption("--engine") or "engine"
    with engine_at(request.config.getoption("--against"), name) as old:
        regression = compare_engines(old.beside(engine_under_test), old)
    request.config.stash[REGRESSION] = regression
    return regression


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A property that an engine lacks is told by its message: where, how far, how to repeat."""
    report = yield
    error = call.excinfo.value if call.excinfo is not None else None
    if isinstance(error, AssertionError) and "engine_under_test" in getattr(
        item, "fixturenames", ()
    ):
        name = item.config.getoption("--engine")
        chosen = f" --engine {name}" if name else ""
        wanted = item.name.partition("[")[2].rstrip("]") or item.name
        repeat = f"pytest --pyargs derivations.conformance{chosen} -k {wanted}"
        report.longrepr = f"{error}\n  repeat   {repeat}"
    return report


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what an engine lacks, which has not passed, and what has changed since the revision."""
    lacking: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
        _, found, methods = reason.partition(NOT_IMPLEMENTED)
        if found:
            lacking[methods] = lacking.get(methods, 0) + 1
    for methods, count in lacking.items():
        terminalreporter.write_line(f"{NOT_IMPLEMENTED}{methods}, properties not tried: {count}")
    regression = config.stash.get(REGRESSION, None)
    if regression is not None:
        revision = config.getoption("--against")
        terminalreporter.section(f"engine against {revision}")
        for line in regression.lines():
            terminalreporter.write_line(line)
