"""What is wrong with an engine's gradients: the usual slips of back-propagation, tried in turn."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from derivations.numeric.models import Model
from derivations.numeric.running_error import Layers
from derivations.numeric.trees import Array, Vector, concatenate

if TYPE_CHECKING:
    from derivations.numeric.engine_check import Trial

Slip = Callable[["Trial"], Vector]


def diagnose_engine(model: Model, trials: list["Trial"]) -> str | None:
    """The one slip that explains every trial, if there is but one."""
    fitting = [sentence for sentence, slip in slips(model, trials[0]) if explains(slip, trials)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        return None
    return constant(trials) or only_elsewhere(trials)


def explains(slip: Slip, trials: list["Trial"]) -> bool:
    """Whether a slip gives what the engine gave, and not what is right, somewhere."""
    for t in trials:
        with np.errstate(all="ignore"):
            claimed = slip(t)
            growth = np.maximum(1, np.abs(claimed / t.numeric))
            growth[~np.isfinite(growth)] = np.max(growth[np.isfinite(growth)], initial=1.0)
        if not np.all(np.abs(t.analytic - claimed) <= t.bound * growth):
            return False
    return any(t.wrong.size for t in trials)


def slips(model: Model, first: "Trial") -> Iterator[tuple[str, Slip]]:
    """Sentences, each with the gradient that an engine with that slip returns."""
    yield "every sign is flipped", lambda t: -t.numeric
    yield "times m: the mean over the samples is missing", lambda t: len(t.X) * t.numeric
    yield "divided by m twice", lambda t: t.numeric / len(t.X)
    if first.Y.shape[1] > 1:
        yield "divided by k: a mean over the outputs", lambda t: t.numeric / t.Y.shape[1]
        yield "times k: the mean over the outputs is missing", lambda t: t.numeric * t.Y.shape[1]
    yield "times 2", lambda t: 2 * t.numeric
    yield "times 0.5", lambda t: t.numeric / 2
    depth = len(first.injection.gradients)
    for layer in range(1, depth + 1):
        yield from layer_slips(model, layer, depth)


def layer_slips(model: Model, layer: int, depth: int) -> Iterator[tuple[str, Slip]]:
    """Slips in one layer."""
    name = f"layer {layer}"
    pair = 2 * (layer - 1)
    yield f"dW of {name} has its sign flipped", lambda t: one_leaf(t, pair, np.negative)
    yield f"db of {name} has its sign flipped", lambda t: one_leaf(t, pair + 1, np.negative)
    yield f"dW of {name} is 0", lambda t: one_leaf(t, pair, np.zeros_like)
    yield f"db of {name} is 0", lambda t: one_leaf(t, pair + 1, np.zeros_like)
    yield (
        f"dW of {name} is transposed",
        lambda t: one_leaf(t, pair, lambda a: a.T if a.shape[0] == a.shape[1] else a),
    )
    yield (
        f"times m in dW of {name}: the mean over the samples is missing",
        lambda t: one_leaf(t, pair, lambda a: a * len(t.X)),
    )
    yield (
        f"times m in db of {name}: the mean over the samples is missing",
        lambda t: one_leaf(t, pair + 1, lambda a: a * len(t.X)),
    )
    yield (
        f"db of {name} divided by m: a mean where the sum over the samples is due",
        lambda t: one_leaf(t, pair + 1, lambda a: a / len(t.X)),
    )
    if layer < depth:
        yield (
            f"a missing factor sigma' in {name}",
            lambda t: backward(t, {layer: lambda slope, t: np.ones_like(slope)}),
        )
        yield (
            f"sigma' of {name} taken at A instead of Z",
            lambda t: backward(t, {layer: lambda slope, t: slope_at_output(model, t, layer)}),
        )
    if depth > 2 and layer == 1:
        everywhere = {hidden: (lambda slope, t: np.ones_like(slope)) for hidden in range(1, depth)}
        yield "a missing factor sigma' in every hidden layer", lambda t: backward(t, everywhere)


def one_leaf(t: "Trial", number: int, turn: Callable[[Array], Array]) -> Vector:
    """The right gradient with one array changed."""
    arrays = [array for pair in t.injection.gradients for array in pair]
    arrays[number] = turn(arrays[number])
    return concatenate(tuple(arrays))


def slope_at_output(model: Model, t: "Trial", layer: int) -> Array:
    return model.activations[layer - 1].slope(t.injection.run.A[layer])


def backward(t: "Trial", replaced: dict[int, Callable[[Array, "Trial"], Array]]) -> Vector:
    """Back-propagation with the slope of some layers replaced."""
    run, deltas = t.injection.run, t.injection.deltas
    layers = t.layers
    delta = deltas[-1]
    gradients: Layers = []
    for layer in range(len(layers), 0, -1):
        gradients.append((run.A[layer - 1].T @ delta, delta.sum(axis=0, keepdims=True)))
        if layer > 1:
            slope = run.slope[layer - 1]
            if layer - 1 in replaced:
                slope = replaced[layer - 1](slope, t)
            delta = (delta @ layers[layer - 1][0].T) * slope
    return concatenate(tuple(array for pair in gradients[::-1] for array in pair))


def constant(trials: list["Trial"]) -> str | None:
    """The factor between what came and what was due, if it is the same for every entry."""
    factors = []
    for t in trials:
        largest = int(np.argmax(np.abs(t.numeric)))
        factor = t.analytic[largest] / t.numeric[largest] if t.numeric[largest] else np.nan
        slack = 2 * t.bound * (1 + abs(factor))
        if not np.all(np.abs(t.analytic - factor * t.numeric) <= slack):
            return None
        factors.append((factor, slack[largest] / abs(t.numeric[largest])))
    first, margin = factors[0]
    if any(abs(factor - first) > margin + other for factor, other in factors):
        return None
    return f"every ratio is {first:.6g}: a constant factor"


def only_elsewhere(trials: list["Trial"]) -> str | None:
    """Whether the wrong entries depend on the batch."""
    if trials[0].wrong.size:
        return None
    wrong = [len(t.X) for t in trials[1:] if t.wrong.size]
    sizes = " and ".join(str(m) for m in wrong)
    return f"right at the given point, wrong at another with m={sizes} samples" if wrong else None
