"""A planted engine: every gradient is twice what it should be."""

from typing import Any

import engine
from engine import forward, loss

__all__ = ["forward", "gradients", "loss"]


def gradients(parameters: Any, X: Any, Y: Any) -> Any:
    return [(2 * dW, 2 * db) for dW, db in engine.gradients(parameters, X, Y)]
