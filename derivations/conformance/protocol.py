"""What an engine offers, and how one is found by its name."""

from importlib import import_module
from typing import Any

from derivations.numeric.engine_check import Engine

METHODS = ("forward", "loss", "gradients")

__all__ = ["METHODS", "Engine", "EngineNotFoundError", "load_engine", "missing"]


class EngineNotFoundError(ImportError):
    """No engine goes by the name that was given."""


def load_engine(name: str) -> Any:
    """The engine called ``package.module``, or ``package.module:object`` for one inside a module.

    Raises: EngineNotFoundError if there is none, or it has none of the methods of an engine.
    """
    module_name, _, path = name.partition(":")
    try:
        found: Any = import_module(module_name)
    except Exception as error:  # whatever the module raises, the name is what was given
        reason = f"{type(error).__name__}: {error}"
        raise EngineNotFoundError(
            f"engine {name}: cannot import {module_name}: {reason}"
        ) from error
    for attribute in path.split(".") if path else ():
        if not hasattr(found, attribute):
            raise EngineNotFoundError(f"engine {name}: {module_name} has no {path}")
        found = getattr(found, attribute)
    if len(missing(found, METHODS)) == len(METHODS):
        raise EngineNotFoundError(
            f"engine {name}: it has none of {', '.join(METHODS)}; an engine offers "
            "forward(parameters, X), loss(parameters, X, Y) and gradients(parameters, X, Y)"
        )
    return found


def missing(engine: Any, methods: tuple[str, ...]) -> list[str]:
    """Those of the methods that the engine does not offer."""
    return [method for method in methods if not callable(getattr(engine, method, None))]
