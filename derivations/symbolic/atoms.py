"""The functions of formulas as SymPy functions, and the contraction of Kronecker deltas."""

from __future__ import annotations

from typing import Any

import sympy as sp


class Sigmoid(sp.Function):  # type: ignore[misc]
    def fdiff(self, argindex: int = 1) -> Any:
        return self * (1 - self)


class Softplus(sp.Function):  # type: ignore[misc]
    def fdiff(self, argindex: int = 1) -> Any:
        return Sigmoid(self.args[0])


class Step(sp.Function):  # type: ignore[misc]
    """1 above 0 and 0 below; at 0 nothing is claimed."""

    def fdiff(self, argindex: int = 1) -> Any:
        return sp.Integer(0)


class Sign(sp.Function):  # type: ignore[misc]
    """1 above 0 and -1 below; at 0 nothing is claimed."""

    def fdiff(self, argindex: int = 1) -> Any:
        return sp.Integer(0)


class Tanh(sp.Function):  # type: ignore[misc]
    def fdiff(self, argindex: int = 1) -> Any:
        return 1 - self**2


ENTRYWISE = {
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "softplus": Softplus,
    "relu": lambda x: x * Step(x),
    "abs": lambda x: x * Sign(x),
    "sign": Sign,
    "step": Step,
    "exp": sp.exp,
    "log": sp.log,
    "sqrt": sp.sqrt,
    "identity": lambda x: x,
}


def applied(function: str, argument: Any, order: int) -> Any:
    """A function at an argument, differentiated ``order`` times."""
    if not order:
        return ENTRYWISE[function](argument)
    inner = sp.Dummy(real=True)
    value = ENTRYWISE[function](inner)
    for _ in range(order):
        value = value.diff(inner)
    return value.xreplace({inner: argument})


def contract(value: Any) -> Any:
    """The value with every delta over a summed index carried out."""
    if not value.has(sp.KroneckerDelta):
        return value
    if isinstance(value, sp.Sum):
        return _contracted(contract(value.function), value.limits)
    if not value.args or isinstance(value, sp.KroneckerDelta):
        return value
    return value.func(*(contract(part) for part in value.args))


def _contracted(body: Any, limits: tuple[Any, ...]) -> Any:
    """The sum of a body over indices, of which deltas fix as many as they can."""
    if not limits:
        return body
    bound = {limit[0] for limit in limits}
    if not any(bound & set(delta.args) for delta in body.atoms(sp.KroneckerDelta)):
        return sp.Sum(body, *limits)
    if isinstance(body, sp.Add):
        return sp.Add(*(_contracted(part, limits) for part in body.args))
    if isinstance(body, sp.Sum):
        return _contracted(body.function, (*body.limits, *limits))
    for part in sp.Mul.make_args(body):
        delta = part.base if isinstance(part, sp.Pow) else part
        if isinstance(delta, sp.KroneckerDelta) and bound & set(delta.args):
            index, other = delta.args if delta.args[0] in bound else delta.args[::-1]
            left = tuple(limit for limit in limits if limit[0] != index)
            return _contracted((body / part).xreplace({index: other}), left)
        if isinstance(part, sp.Sum) and part.has(sp.KroneckerDelta):
            return _contracted(body / part * part.function, (*part.limits, *limits))
    opened = sp.expand_mul(body)
    return sp.Sum(body, *limits) if opened == body else _contracted(opened, limits)
