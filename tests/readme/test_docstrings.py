"""Everything public is typed and documented, and its examples run."""

import doctest
import inspect
import typing
from importlib import import_module
from types import ModuleType

import pytest

import derivations
import engine

PACKAGES = (derivations, engine)
FUNCTIONS = [
    (f"{package.__name__}.{name}", getattr(package, name))
    for package in PACKAGES
    for name in package.__all__
    if inspect.isfunction(getattr(package, name))
]
MODULES = sorted(
    {function.__module__ for _, function in FUNCTIONS} | {"derivations.numeric.result", "engine"}
)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_every_public_name_is_there_and_documented(package: ModuleType) -> None:
    for name in package.__all__:
        found = getattr(package, name)
        assert inspect.getdoc(found if callable(found) else type(found)), name


@pytest.mark.parametrize("function", [f for _, f in FUNCTIONS], ids=[n for n, _ in FUNCTIONS])
def test_a_public_function_gives_shapes_errors_types_and_an_example(function: typing.Any) -> None:
    text = inspect.getdoc(function) or ""
    parts = {line.partition(":")[0] for line in text.splitlines()}
    assert {"Shapes", "Raises"} <= parts
    assert ">>> " in text
    hints = typing.get_type_hints(inspect.unwrap(function))
    assert set(inspect.signature(function).parameters) | {"return"} <= set(hints)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    failed, tried = doctest.testmod(import_module(name))
    assert (failed, tried > 0) == (0, True)


def test_a_wrong_example_is_seen() -> None:
    module = ModuleType("planted", ">>> 1 + 1\n3\n")
    assert doctest.testmod(module, report=False).failed == 1
