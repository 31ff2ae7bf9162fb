"""Gradients of each sample's own loss: ``dZ = A - Y`` beside ``dW = (1/m) dZ A^T``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def with_per_sample(tables: Mapping[str, Any]) -> dict[str, Any]:
    """``per_sample = ["dZ"]``: dZ is the gradient of each sample's own loss, so that with a mean
    over samples it is m times the derivative by Z."""
    if "per_sample" not in tables:
        return dict(tables)
    result = dict(tables)
    layers = tables.get("layers", {})
    letter = next(iter(layers.get("index", ())), None)
    size = next((s for s, role in tables.get("sizes", {}).items() if role == "samples"), "m")
    model = dict(tables.get("model", {}))
    shapes = dict(tables.get("shape", {}))
    for name in tables["per_sample"]:
        plain = name[1:].strip()
        if plain in shapes and name not in shapes:
            at = f"^{{{letter}}}" if letter and "[" in str(shapes[plain]) else ""
            slope = f"\\frac{{\\partial {model.get('loss')}}}{{\\partial {plain}{at}}}"
            shapes[name] = shapes[plain]
            model["forward"] = [*model.get("forward", ()), f"{name}{at} = {size} {slope}"]
    return {**result, "shape": shapes, "model": model}
