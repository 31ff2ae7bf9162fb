"""Along which axis of a shape a sum or a softmax runs."""

from __future__ import annotations

from .notation import Notation


def total_axes(over: str, shape: tuple[str, ...], notation: Notation) -> tuple[int, ...] | None:
    """The axes that a sum over samples, outputs or all entries runs along."""
    if len(shape) != 2:
        return None
    samples = [axis for axis in (0, 1) if shape[axis] in notation.sample_sizes]
    units = [axis for axis in (0, 1) if axis not in samples and shape[axis] != "1"]
    if over == "all":
        return (0, 1) if samples or units else None
    if over == "samples":
        return (samples[0],) if len(samples) == 1 else None
    if over == "outputs":
        return (units[0],) if len(units) == 1 else None
    return None


def softmax_axis(shape: tuple[str, ...], notation: Notation) -> int:
    """The axis that a softmax runs along: each sample's units, else the rows of a matrix."""
    units = [n for n in (0, 1) if shape[n] != "1" and shape[n] not in notation.sample_sizes]
    return units[-1] if units else 1
