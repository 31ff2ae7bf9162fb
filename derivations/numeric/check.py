"""The front doors: check_gradient, check_vjp and assert_gradient."""

from collections.abc import Callable
from typing import Any


from derivations.numeric.examine import examine
from derivations.numeric.hygiene import Judged, Primal
from derivations.numeric.result import GradientCheck
from derivations.numeric.trees import read_tree


def check_gradient(
    f: Callable[[Any], Any],
    gradient: Callable[[Any], Any],
    x: Any,
    *,
    seed: int = 0,
    exhaustive: bool | None = None,
) -> GradientCheck:
    """Judge a gradient of a scalar function at and near a point.

    ``f`` and ``gradient`` are black boxes.  Random directions are judged, and wrong entries
    searched for where one fails; ``exhaustive=True`` looks at every entry one by one.  A function
    with the attribute ``batched = True`` is given many points at a time: every array with one
    more axis in front, for one number each.

    Shapes: ``x`` an array, or a tuple, list or dict of arrays; ``gradient(x)`` like ``x``.
    Raises: NumericError for a call that cannot be judged.
    """
    tree = read_tree("x", x)
    primal = Primal(f=f, tree=tree)
    judged = Judged(gradient=gradient, tree=tree)
    return examine(primal, judged, seed=seed, exhaustive=exhaustive)


def assert_gradient(f: Callable[[Any], Any], gradient: Callable[[Any], Any], x: Any) -> None:
    """Pass if the gradient agrees.

    Raises: AssertionError with the table of the check.
    """
    check = check_gradient(f, gradient, x)
    if not check:
        raise AssertionError(str(check))
