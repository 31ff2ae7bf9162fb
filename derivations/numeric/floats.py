"""Where double precision breaks a formula that is true: its float64 value beside its enclosure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..claims.model import Definition, Node
from ..claims.networks import Network, Scope
from ..claims.notation import Notation
from ..document.syntax import Call, Derivative, Expr, Ref, walk
from ..errors import LimitError, UndeclaredError
from .enclosure import Balls, ball, precision, primal
from .trial import Draws, size_names
from .world import World, undrawn

LARGEST = 1024  # beyond it exp overflows in either direction
BITS_PER_UNIT = 4  # 1 - sigmoid(z) needs z / log 2 bits to be told from 0; both factors, with room


def _logistic(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


# As a reader of the formula would write them.
FLOAT64: dict[str, tuple[Callable[[Any], Any], ...]] = {
    "sigmoid": (_logistic, lambda x: _logistic(x) * (1 - _logistic(x))),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "softplus": (lambda x: np.log(1 + np.exp(x)), _logistic),
    "relu": (lambda x: np.maximum(x, 0.0), lambda x: np.float64(x > 0)),
    "step": (lambda x: np.float64(x > 0),),
    "abs": (np.abs, np.sign),
    "sign": (np.sign,),
    "exp": (np.exp,) * 3,
    "log": (np.log, lambda x: 1 / x),
    "sqrt": (np.sqrt, lambda x: 1 / (2 * np.sqrt(x))),
    "sin": (np.sin, np.cos),
    "cos": (np.cos, lambda x: -np.sin(x)),
    "tan": (np.tan, lambda x: 1 / np.cos(x) ** 2),
    "arctan": (np.arctan, lambda x: 1 / (1 + x**2)),
    "sinh": (np.sinh, np.cosh),
    "cosh": (np.cosh, np.sinh),
    "sech": (lambda x: 1 / np.cosh(x), lambda x: -np.tanh(x) / np.cosh(x)),
    "identity": (lambda x: x, lambda x: np.float64(1.0)),
}


@dataclass(frozen=True, slots=True)
class Loss:
    """What became of a float64 value: too few right digits, or no number at all."""

    halved: bool
    broken: bool
    nan: bool


def float_range(
    tree: Expr, notation: Notation, definitions: Mapping[Node, Definition], network: Network
) -> str | None:
    """From which size of the activations' arguments on float64 fails; None where it is not asked.

    Units: z is what an activation is applied to.
    """
    arguments = {node for definition in definitions.values() for node in _arguments(definition)}
    if _needs_derivative(tree, definitions, network, notation) or not arguments:
        return None
    try:
        broken = _first(lambda z: _loss(tree, notation, definitions, network, z, arguments).broken)
        halved = _first(lambda z: _loss(tree, notation, definitions, network, z, arguments).halved)
    except (LimitError, UndeclaredError, KeyError):
        return None
    parts = []
    if halved is not None and (broken is None or halved < broken):
        parts.append(f"half of the digits lost for abs(z) > {halved}")
    if broken is not None:
        at = _loss(tree, notation, definitions, network, broken + 1, arguments)
        parts.append(f"{'nan' if at.nan else 'infinite'} for abs(z) > {broken}")
    return "; ".join(parts) or "safe"


def _needs_derivative(
    tree: Expr, definitions: Mapping[Node, Definition], network: Network, notation: Notation
) -> bool:
    """Whether a derivative stands in the formula, or behind a shorthand that it uses."""
    scope = Scope(notation, network)
    for node in walk(tree):
        if isinstance(node, Derivative):
            return True
        if isinstance(node, Ref):
            definition = definitions.get((node.name, scope.layer_of(node)))
            inner = walk(definition.right) if definition is not None else ()
            if any(isinstance(part, Derivative) for part in inner):
                return True
    return False


def _arguments(definition: Definition) -> list[str]:
    """The arrays that a definition applies a function to, entry by entry."""
    tree = definition.right
    return [tree.arg.name] if isinstance(tree, Call) and isinstance(tree.arg, Ref) else []


def _first(fails: Callable[[int], bool]) -> int | None:
    """The last z before the first failure, by doubling and halving; None if there is none."""
    good, bad = 0, 1
    while not fails(bad):
        good, bad = bad, bad * 2
        if bad > LARGEST:
            return None
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (good, middle) if fails(middle) else (middle, bad)
    return good


def _loss(
    tree: Expr,
    notation: Notation,
    definitions: Mapping[Node, Definition],
    network: Network,
    z: int,
    arguments: set[str],
) -> Loss:
    sizes = dict.fromkeys(size_names(notation, network), 2)
    with precision(128 + BITS_PER_UNIT * z):
        exact = World(notation, definitions, network, sizes, Draws(notation, 0))
        _saturate(exact, arguments, definitions, z)
        true = exact.evaluate(tree, {})
        world = World(notation, definitions, network, sizes, undrawn)
        world.functions, world.number = FLOAT64, _as_float
        for node, value in exact.values.items():
            if node not in definitions or node[0] in arguments:
                world.values[node] = _floats(value)
        with np.errstate(all="ignore"):
            return _compared(world.evaluate(tree, {}), true)


def _saturate(
    world: World, arguments: set[str], definitions: Mapping[Node, Definition], z: int
) -> None:
    """Plus and minus z by turns wherever an activation is applied."""
    for node in definitions:
        if node[0] in arguments:
            value = np.empty(world.shape_of(node), dtype=object)
            for number, place in enumerate(np.ndindex(*value.shape)):
                value[place] = ball(z if number % 2 else -z)
            world.values[node] = value


def _as_float(value: Fraction) -> Any:
    return np.float64(float(value))


def _floats(values: Balls) -> Balls:
    result = np.empty(values.shape, dtype=object)
    for place, value in np.ndenumerate(values):
        result[place] = np.float64(float(primal(value)))
    return result


def _compared(found: Balls, true: Balls) -> Loss:
    half = np.sqrt(np.finfo(np.float64).eps)
    least = ball(Fraction(float(np.finfo(np.float64).tiny)))  # what underflows is not counted
    halved = broken = nan = False
    for got, due in zip(np.ravel(found), np.ravel(true), strict=True):
        if not np.isfinite(float(due.mid())):
            raise LimitError("the true value is out of the range of float64")
        if not np.isfinite(got):
            broken, nan = True, nan or bool(np.isnan(got))
            continue
        error = abs(ball(Fraction(float(got))) - due)
        halved = halved or bool(error > abs(due) * ball(Fraction(float(half))) + least)
    return Loss(halved or broken, broken, nan)
