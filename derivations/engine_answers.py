"""An engine held to the true gradient of a claim: the document's model in balls beside it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np

from .answer import Found
from .claims.networks import Network
from .claims.notation import Dim, Notation, Symbol
from .claims.plans import subject_of
from .conformance.bounds import running_error
from .conformance.enclosure import outside
from .conformance.protocol import EngineNotFoundError, load_engine, missing
from .conformance.trying import Called, precisions
from .context import Context
from .document.syntax import Index, Ref
from .errors import UsageError
from .numeric.enclosure import Balls, ball, precision
from .numeric.trial import Draws, distinct_sizes, size_names
from .numeric.world import World

METHODS = ("forward", "loss", "gradients")


class EngineAnswer(Enum):
    AGREES = "agrees"
    DISAGREES = "disagrees"
    NOT_IMPLEMENTED = "not-implemented"


Ask = Callable[[Found, Context], str | None]


def engine_named(name: str) -> Ask:
    """A function that says what the engine makes of a true gradient.

    Raises: UsageError where there is no such engine.
    """
    try:
        engine = load_engine(name)
    except EngineNotFoundError as error:
        raise UsageError(str(error)) from error

    def ask(found: Found, context: Context) -> str | None:
        answer = _answer(engine, found, context)
        return None if answer is None else answer.value

    return ask


def _answer(engine: Any, found: Found, context: Context) -> EngineAnswer | None:
    """None for a claim that is about no gradient of a parameter."""
    subject = subject_of(found.plan.left)
    if not found.plan.is_slope or subject is None or _is_computed(subject, context):
        return None
    roles = _roles(context.notation)
    if roles is None or subject.name not in roles or missing(engine, METHODS):
        return EngineAnswer.NOT_IMPLEMENTED
    takes = precisions(engine)
    if takes and "float64" not in takes:
        return EngineAnswer.NOT_IMPLEMENTED
    with precision():
        agrees = all(
            _agrees(engine, subject, network, roles, context) for network in found.plan.networks
        )
    return EngineAnswer.AGREES if agrees else EngineAnswer.DISAGREES


def _is_computed(subject: Ref, context: Context) -> bool:
    return any(name == subject.name for name, _ in context.model.at(1))


def _roles(notation: Notation) -> dict[str, int] | None:
    """Which symbols are the engine's W and b (0 and 1), if the shapes are the engine's."""
    width = notation.layers.width
    before, own, one = Dim(width, Index("l", -1)), Dim(width, Index("l")), Dim("1")
    shapes = {(before, own): 0, (one, own): 1}
    found = {name: shapes[symbol.shape] for name, symbol in notation.symbols.items()
             if symbol.shape in shapes}  # fmt: skip
    data = [symbol for symbol in notation.symbols.values() if _is_data(symbol, notation)]
    fits = sorted(found.values()) == [0, 1] and len(data) == 2 and notation.loss is not None
    return found if fits else None


def _is_data(symbol: Symbol, notation: Notation) -> bool:
    """X or Y: samples as rows, no layers."""
    return not symbol.layered and symbol.shape[0].name in notation.sample_sizes


def _agrees(
    engine: Any, subject: Ref, network: Network, roles: dict[str, int], context: Context
) -> bool:
    world = _world_of_floats(network, context)
    names = {role: name for name, role in roles.items()}
    layers = range(1, network.depth + 1)
    parameters = [tuple(_floats(world.value((names[role], layer))) for role in (0, 1))
                  for layer in layers]  # fmt: skip
    X, Y = (_floats(world.value((name, None))) for name in _data_names(context.notation))
    layer = world.scope.layer_of(subject) or 1
    true = world.slope(Ref(context.notation.loss or ""), subject, {})
    role = roles[subject.name]
    try:
        called: Any = Called(engine)
        computed = np.asarray(called.gradients(parameters, X, Y)[layer - 1][role])
    except Exception:  # whatever it raises on valid input, it gives no gradient
        return False
    bound = running_error(parameters, X, Y).gradients[layer - 1][role]
    return not outside(computed, true.reshape(true.shape[-2:]), bound)


def _data_names(notation: Notation) -> tuple[str, str]:
    inputs = notation.layers.inputs
    names = [name for name, symbol in notation.symbols.items() if _is_data(symbol, notation)]
    X = next(name for name in names if notation.symbols[name].shape[1].name == inputs)
    return X, next(name for name in names if name != X)


def _world_of_floats(network: Network, context: Context) -> World:
    """A world whose inputs are float64 numbers exactly, as the engine gets them."""
    draws = Draws(context.notation, context.seed)

    def draw(name: str, shape: tuple[int, int]) -> Balls:
        values = draws(name, shape)
        for place, value in np.ndenumerate(values):
            values[place] = ball(Fraction(float(value)))
        return values

    sizes = distinct_sizes(size_names(context.notation, network))
    return World(context.notation, context.model.at(network.depth), network, sizes, draw)


def _floats(values: Balls) -> Any:
    return np.array([[float(value) for value in row] for row in values])
