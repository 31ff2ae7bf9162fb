"""The pytest plugin: which engine the conformance suite is run against."""

from typing import Any

import pytest

from derivations.conformance.protocol import EngineNotFoundError, load_engine

NOT_IMPLEMENTED = "not implemented: "


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gradproof")
    group.addoption(
        "--engine",
        metavar="MODULE",
        default="engine",
        help="the engine to test, as package.module or package.module:object (default: engine)",
    )


@pytest.fixture(scope="session")
def engine_under_test(request: pytest.FixtureRequest) -> Any:
    """The engine named by ``--engine``."""
    try:
        return load_engine(request.config.getoption("--engine"))
    except EngineNotFoundError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what an engine lacks: a property that was not tried has not passed."""
    lacking: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
        _, found, methods = reason.partition(NOT_IMPLEMENTED)
        if found:
            lacking[methods] = lacking.get(methods, 0) + 1
    for methods, count in lacking.items():
        terminalreporter.write_line(f"{NOT_IMPLEMENTED}{methods} ({count} properties not tried)")
