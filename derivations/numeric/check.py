"""The front doors: check_gradient, check_vjp, check_engine and assert_gradient."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from derivations.numeric.cotangents import LARGER, Contraction, random_cotangent
from derivations.numeric.engine_check import Engine, check_engine
from derivations.numeric.errors import StructureError
from derivations.numeric.examine import examine
from derivations.numeric.exhaustive import Executor
from derivations.numeric.hygiene import Judged, Primal
from derivations.numeric.result import GradientCheck
from derivations.numeric.trees import describe, read_tree

__all__ = ["Engine", "assert_gradient", "check_engine", "check_gradient", "check_vjp"]


def check_gradient(
    f: Callable[[Any], Any],
    gradient: Callable[[Any], Any],
    x: Any,
    *,
    seed: int = 0,
    exhaustive: bool | None = None,
    executor: Executor | None = None,
) -> GradientCheck:
    """Judge a gradient of a scalar function at and near a point.

    ``f`` and ``gradient`` are black boxes.  Random directions are judged, and wrong entries
    searched for where one fails; ``exhaustive=True`` looks at every entry one by one, shared out
    by ``executor``, if there is one: any with ``submit`` as in ``concurrent.futures``, such as
    that of loky or of a Dask client.  The answer is the same without it; its workers must be able
    to call ``f``.  A function with the attribute ``batched = True`` is given many points at a
    time: every array with one more axis in front, for one number each.

    Shapes: ``x`` an array, or a tuple, list or dict of arrays; ``gradient(x)`` like ``x``.
    Units: bounds and the resolution in units of f per unit of x.
    Source: Squire and Trapp, SIAM Review 40 (1998), for the complex step.
    Raises: NumericError for a call that cannot be judged.

    >>> x = np.array([1.0, -2.0, 0.5])
    >>> bool(check_gradient(lambda x: np.sin(x).sum(), np.cos, x))
    True
    >>> print(check_gradient(lambda x: np.sin(x).sum(), lambda x: -np.cos(x), x).diagnosis)
    every sign is flipped: the gradient of -f
    """
    read_functions(f=f, gradient=gradient)
    tree = read_tree("x", x)
    primal = Primal(f=f, tree=tree)
    judged = Judged(gradient=gradient, tree=tree)
    return examine(primal, judged, seed=seed, exhaustive=exhaustive, executor=executor)


def check_vjp(
    f: Callable[[Any], Any],
    vjp: Callable[[Any, Any], Any],
    x: Any,
    *,
    seed: int = 0,
) -> GradientCheck:
    """Judge a vector-Jacobian product of a function with array values at and near a point.

    The cotangent is random; at the second point it is larger, and not contiguous in memory.

    Shapes: ``vjp(y_bar, x)`` like ``x``, with ``y_bar`` like ``f(x)``.
    Units: bounds and the resolution in units of f per unit of x.
    Raises: NumericError for a call that cannot be judged.

    >>> x = np.array([[1.0, -2.0], [0.5, 3.0]])
    >>> bool(check_vjp(np.tanh, lambda y_bar, x: y_bar / np.cosh(x) ** 2, x))
    True
    """
    read_functions(f=f, vjp=vjp)
    tree = read_tree("x", x)
    y = f(tree.nested(tree.vector()))
    y_bar = random_cotangent(y, np.random.default_rng(seed))
    contraction = Contraction(f=f, vjp=vjp, y_bar=y_bar)
    primal = Primal(f=contraction.value, tree=tree, evaluations=1)
    judged = Judged(gradient=contraction.gradient, tree=tree, breaches=contraction.breaches)
    gaps = replace(contraction, gaps=True)
    second = Judged(gradient=gaps.gradient, tree=tree, breaches=contraction.breaches, factor=LARGER)
    return examine(primal, judged, seed=seed, second=second)


def read_functions(**given: Any) -> None:
    """Refuse what cannot be called.

    Raises: StructureError.
    """
    for name, function in given.items():
        if not callable(function):
            raise StructureError(f"{name} is {describe(function)}, but should be a function")


def assert_gradient(f: Callable[[Any], Any], gradient: Callable[[Any], Any], x: Any) -> None:
    """Pass if the gradient agrees; for tests of one's own.

    Shapes: ``x`` an array, or a tuple, list or dict of arrays; ``gradient(x)`` like ``x``.
    Raises: AssertionError with the table of the check, NumericError for a call that cannot be
        judged.

    >>> assert_gradient(lambda x: (x**3).sum(), lambda x: 3 * x**2, np.array([1.0, -2.0]))
    """
    check = check_gradient(f, gradient, x)
    if not check:
        raise AssertionError(str(check))
