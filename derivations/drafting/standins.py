"""What stands for a loss or an activation that the page leaves open, and what is then assumed."""

from __future__ import annotations

from dataclasses import dataclass

from ..claims.conditions import ANY_FUNCTION, ANY_LOSS, NAMED_FUNCTION
from ..document.syntax import LAST, Call, Divide, walk
from ..functions import FUNCTIONS, SPELLINGS
from .facts import Facts, symbols_in
from .infer import Model
from .prose import Said
from .sizing import Sizing

_SMOOTH = "softplus"  # no formula that is true of every smooth function is false of it
_FREE_NAMES = ("\\tau", "\\kappa", "\\xi", "\\zeta", "\\nu")


@dataclass(frozen=True, slots=True)
class StandIn:
    """A loss that stands for any: a weighted sum of a smooth function of every last array."""

    symbol: str
    shape: str
    formula: str
    assumption: str


def functions_of(facts: Facts, said: Said) -> tuple[list[str], dict[str, str]]:
    """The lines of [functions], and what they assume."""
    lines: list[str] = []
    assumed: dict[str, str] = {}
    nodes = (node for _, tree in facts.trees for node in walk(tree))
    called = {node.function for node in nodes if isinstance(node, Call)}
    for name, known in sorted(facts.functions.items()):
        if name not in called:
            continue
        meant = _defined_as(name, facts)
        if meant is None and name == "e":
            meant = "exp"
        if meant is None and known:
            continue
        if meant is None and len(said.activations) == 1:
            meant = said.activations[0]
            assumed[f"function_{len(assumed)}"] = f"{name} is the {meant}, {NAMED_FUNCTION}"
        if meant is None:
            meant = _SMOOTH
            assumed[f"function_{len(assumed)}"] = f"{name} {ANY_FUNCTION}"
        key = f"'{name}'" if "\\" in name else name
        lines.append(f'{key} = "{meant}"')
    return lines, assumed


def _defined_as(name: str, facts: Facts) -> str | None:
    """``f(x) = \\tanh(x)``."""
    for equation in facts.equations:
        head, side = equation.head, equation.side
        if isinstance(head, Call) and head.function == name and not head.order:
            if isinstance(side, Call) and side.arg == head.arg:
                meant = SPELLINGS.get(side.function)
                return meant if meant in FUNCTIONS else None
            if isinstance(side, Divide) and name not in SPELLINGS:
                return "sigmoid"
    return None


def standin_loss(model: Model, sizing: Sizing, loss: str) -> StandIn | None:
    """A loss of everything that the model computes and uses no further."""
    used = {use.key for d in model.definitions for use in symbols_in(d.side, model.facts)}
    ends = [d for d in model.definitions if d.key not in used and d.key != loss]
    layered = [d for d in model.definitions if d.layer is not None and d.layer.base]
    if not ends and layered:
        ends = [layered[-1]]
    ends = [d for d in ends if sizing.shape(d.key) is not None]
    if len(ends) != 1:
        return None
    end = ends[0]
    shape = str(sizing.shape(end.key))
    last = min(model.facts.habits.last, default="L")
    at = f"^{last}" if end.layer is not None and end.layer.base not in (None, LAST) else ""
    if at:
        shape = shape.replace("d[l]", sizing.outputs)
    taken = {*model.uses, *sizing.sizes}
    symbol = next((name for name in _FREE_NAMES if name not in taken), "\\tau")
    inner = f"{symbol} \\odot \\operatorname{{softplus}}({end.key}{at})"
    return StandIn(
        symbol=symbol,
        shape=shape,
        formula=f"{loss} = \\operatorname{{total}}({inner})",
        assumption=f"{loss} {ANY_LOSS} {end.key}",
    )
