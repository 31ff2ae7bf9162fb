"""The smallest shapes and numbers at which a formula is wrong, and why another has no shape."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from .answer import Counterexample
from .claims.networks import Network, Scope, coinciding
from .claims.plans import Plan
from .claims.readings import variants
from .claims.shapes import infer, shape_text
from .context import Context, inner
from .document.syntax import Derivative, Expr, Name, Product, children, with_children
from .document.write import to_text
from .errors import LimitError, ShapeError, UndeclaredError
from .numeric.step_curve import StepCurve, step_curve
from .numeric.trial import Answer, Draws, Outcome, compare, fits, size_choices, size_names
from .numeric.world import World

MAX_SHAPES = 160  # shapes tried for a counterexample


def counterexample(context: Context, plan: Plan) -> Counterexample | None:
    """The smallest shapes at which the formula has values and they are wrong."""
    tried = 0
    for network in plan.networks:
        names = size_names(context.notation, network)
        for sizes in size_choices(names):
            tried += 1
            if tried > MAX_SHAPES:
                return None
            example = _wrong_at(context, plan, network, sizes)
            if example is not None:
                return example
    return None


def _wrong_at(
    context: Context, plan: Plan, network: Network, sizes: dict[str, int]
) -> Counterexample | None:
    same = coinciding(sizes, context.notation)
    try:
        lefts, rights = (
            variants(tree, Scope(context.notation, network, same))
            for tree in (plan.truth, plan.right)
        )
    except UndeclaredError:
        return None
    pairs = [(a.tree, b.tree) for a in lefts for b in rights if a.shape == b.shape]
    if not pairs:
        return None
    world = World(
        context.notation,
        context.model.at(network.depth),
        network,
        sizes,
        Draws(context.notation, context.seed, small=True),
        same,
    )
    try:
        outcomes = [compare(a, b, world, plan.conditions) for a, b in pairs]
    except (LimitError, ShapeError, UndeclaredError):  # the written indices do not fit these shapes
        return None
    if any(outcome.answer is not Answer.DIFFERENT for outcome in outcomes):
        return None
    first = outcomes[0]
    values = {name: _plain(value) for name, value in sorted(world.inputs().items())}
    shapes = {name: tuple(np.shape(value)) for name, value in sorted(world.inputs().items())}
    return Counterexample(
        shapes=shapes,
        values=values,
        printed=_plain(first.printed),
        true=_plain(first.true),
        printed_digits=_digits(first.printed),
        true_digits=_digits(first.true),
        curve=_curve(context, world, pairs[0][0], first),
    )


def _curve(context: Context, world: World, left: Expr, outcome: Outcome) -> StepCurve | None:
    if not context.in_full or outcome.printed is None or outcome.true is None:
        return None
    return step_curve(world, left, outcome.printed, outcome.true)


def misfit(context: Context, plan: Plan) -> str:
    """Why no declared meaning gives the right side the shape of the left."""
    for network in sorted(plan.networks, key=inner, reverse=True):
        scope = Scope(context.notation, network)
        found = variants(plan.right, scope)
        if not found:
            return _lowest_misfit(plan.right, scope)
        lefts = variants(plan.truth, Scope(context.notation, network))
        if not any(fits(a.shape, b.shape, context.notation) for a in lefts for b in found):
            shown = shape_text(lefts[0].shape) if lefts else "without a shape"
            return (
                f"{to_text(plan.left)} is {shown} and the right side is "
                f"{shape_text(found[0].shape)}"
            )
    return "the written indices do not run over the same sizes"


def _anew(scope: Scope) -> Scope:
    """The scope before any written index has a size."""
    return Scope(scope.notation, scope.network, scope.same)


def _lowest_misfit(tree: Expr, scope: Scope) -> str:
    """The smallest part of a tree that has no shape, and why."""
    for child in children(tree) if not isinstance(tree, Derivative) else (tree.of,):
        if not variants(child, _anew(scope)):
            return _lowest_misfit(child, _anew(scope))
    meanings = scope.notation.products.get(tree.sign, ()) if isinstance(tree, Product) else (None,)
    parts = [variants(child, _anew(scope)) for child in children(tree)]
    if not all(parts):  # what is differentiated by has no shape
        return f"{to_text(tree)} has no shape"
    for meaning in meanings:
        try:
            if isinstance(tree, Product):
                infer(
                    replace(tree, left=parts[0][0].tree, right=parts[1][0].tree, meaning=meaning),
                    _anew(scope),
                )
            else:
                infer(with_children(tree, [part[0].tree for part in parts]), _anew(scope))
        except ShapeError as error:
            return str(error)
    return f"{to_text(tree)} has no shape"


def _digits(value: Any) -> Any:
    """Balls as nested lists of texts: the exact whole number, or 30 digits that are all certain."""
    if np.ndim(value):
        return [_digits(item) for item in value]
    text = str(value.str(30, radius=False))
    return text.rstrip("0").rstrip(".") if value.is_exact() and "." in text else text


def sizes_text(example: Counterexample) -> str:
    """The shapes of the arrays that have more than one entry."""
    long = {name: shape for name, shape in example.shapes.items() if set(shape) != {1}}
    if not long:
        return "at arrays of one entry each"
    shown = (f"{to_text(Name(name))} {'×'.join(map(str, shape))}" for name, shape in long.items())
    return f"at {', '.join(shown)}"


def _plain(value: Any) -> Any:
    """Balls as nested lists of plain numbers, whole where they are whole."""

    def number(x: Any) -> float | int:
        middle = float(x)
        return int(middle) if middle.is_integer() and abs(middle) < 2**53 else middle

    array = np.asarray(value, dtype=object)
    if array.ndim == 0:
        return number(array.item())
    return [_plain(item) if np.ndim(item) else number(item) for item in array]
