"""The functions of formulas as SymPy functions, and the contraction of Kronecker deltas."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..errors import LimitError


class Sigmoid(sp.Function):  # type: ignore[misc]
    def fdiff(self, argindex: int = 1) -> Any:
        return self * (1 - self)


class Softplus(sp.Function):  # type: ignore[misc]
    def fdiff(self, argindex: int = 1) -> Any:
        return Sigmoid(self.args[0])


class Step(sp.Function):  # type: ignore[misc]
    """1 above 0, and 0 at 0 and below."""

    @classmethod
    def eval(cls, argument: Any) -> Any:
        if argument.is_positive:
            return sp.Integer(1)
        return sp.Integer(0) if argument.is_nonpositive else None

    def fdiff(self, argindex: int = 1) -> Any:
        return sp.Integer(0)


class Side(Step):
    """Step of an argument that is 0 nowhere but on the rim: Side(u) + Side(-u) is 1."""

    @classmethod
    def eval(cls, argument: Any) -> Any:
        if argument == 0:
            raise LimitError("which side of 0 an argument is on that is 0")
        if argument.could_extract_minus_sign():
            return 1 - cls(-argument)
        return super().eval(argument)


class Sign(sp.Function):  # type: ignore[misc]
    """The sign of such an argument: 1 or -1."""

    @classmethod
    def eval(cls, argument: Any) -> Any:
        if argument == 0:
            raise LimitError("the sign of an argument that is 0")
        return -cls(-argument) if argument.could_extract_minus_sign() else None

    def fdiff(self, argindex: int = 1) -> Any:
        return sp.Integer(0)


class Tanh(sp.Function):  # type: ignore[misc]
    def fdiff(self, argindex: int = 1) -> Any:
        return 1 - self**2


class Delta(sp.Function):  # type: ignore[misc]
    """1 where two indices are equal, else 0; SymPy's own asks its assumptions at every turn."""

    @classmethod
    def eval(cls, a: Any, b: Any) -> Any:
        if a == b:
            return sp.Integer(1)
        if a.is_Integer and b.is_Integer:
            return sp.Integer(0)
        return None if str(a) <= str(b) else cls(b, a)


ENTRYWISE = {
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "softplus": Softplus,
    "exp": sp.exp,
    "log": sp.log,
    "sqrt": sp.sqrt,
    "sin": sp.sin,
    "cos": sp.cos,
    "tan": lambda x: sp.sin(x) / sp.cos(x),
    "arctan": sp.atan,
    "sinh": lambda x: (sp.exp(x) - sp.exp(-x)) / 2,
    "cosh": lambda x: (sp.exp(x) + sp.exp(-x)) / 2,
    "sech": lambda x: 2 / (sp.exp(x) + sp.exp(-x)),
    "identity": lambda x: x,
}


PIECEWISE = frozenset({"relu", "abs", "sign", "step"})


def piecewise(function: str, argument: Any, order: int, generic: bool) -> Any:
    """A function with a kink at 0, differentiated ``order`` times, away from the kink.

    ``generic``: the argument is 0 on no open set, so that what happens at 0 is left open.
    """
    above = Side(argument) if generic else Step(argument)
    sign = Sign(argument) if generic else Step(argument) - Step(-argument)
    found = {
        "relu": (argument * above, above),
        "step": (above,),
        "abs": (argument * sign, sign),
        "sign": (sign,),
    }[function]
    return found[order] if order < len(found) else sp.Integer(0)


def applied(function: str, argument: Any, order: int) -> Any:
    """A function at an argument, differentiated ``order`` times."""
    if not order:
        return ENTRYWISE[function](argument)
    inner = sp.Dummy(real=True)
    value = ENTRYWISE[function](inner)
    for _ in range(order):
        value = value.diff(inner)
    return value.xreplace({inner: argument})


# The arrays that stand for the inverse and the determinant of another, by their differential rules.
INVERSE_OF: dict[Any, Any] = {}
DETERMINANT_OF: dict[Any, tuple[Any, Any]] = {}  # -> (the matrix, its inverse)


def slope(value: Any, target: sp.Indexed) -> Any:
    """The partial derivative of an indexed expression by one entry of an array."""
    if isinstance(value, sp.Indexed):
        return _entry_slope(value, target)
    if not any(_source(item.base) == target.base for item in value.atoms(sp.Indexed)):
        return sp.Integer(0)
    if isinstance(value, sp.Add):
        return sp.Add(*(slope(part, target) for part in value.args))
    if isinstance(value, sp.Mul):
        parts = [(n, slope(part, target)) for n, part in enumerate(value.args)]
        return sp.Add(*(sp.Mul(*value.args[:n], part, *value.args[n + 1 :]) for n, part in parts))
    if isinstance(value, sp.Sum):
        inner = slope(value.function, target)
        return inner if inner == 0 else sp.Sum(inner, *value.limits)
    if isinstance(value, sp.Pow):
        return _power_slope(value, target)
    if isinstance(value, sp.Function):
        return value.fdiff() * slope(value.args[0], target)
    raise TypeError(f"no rule to differentiate {type(value).__name__}")


def _source(base: Any) -> Any:
    if base in DETERMINANT_OF:
        return DETERMINANT_OF[base][0]
    return INVERSE_OF.get(base, base)


def _entry_slope(value: sp.Indexed, target: sp.Indexed) -> Any:
    """Of the array itself, of its inverse (-B dA B), or of its determinant (det tr(B dA))."""
    if _source(value.base) != target.base:
        return sp.Integer(0)
    p, q = target.indices
    if value.base in INVERSE_OF:
        i, j = value.indices
        return -value.base[i, p] * value.base[q, j]
    if value.base in DETERMINANT_OF:
        return value * DETERMINANT_OF[value.base][1][q, p]
    return sp.Mul(*(Delta(a, b) for a, b in zip(value.indices, target.indices, strict=True)))


def _power_slope(value: sp.Pow, target: sp.Indexed) -> Any:
    base, exponent = value.args
    by_base = exponent * base ** (exponent - 1) * slope(base, target)
    by_exponent = slope(exponent, target)
    return by_base if by_exponent == 0 else by_base + value * sp.log(base) * by_exponent


def contract(value: Any) -> Any:
    """The value with every delta over a summed index carried out."""
    if not value.has(Delta):
        return value
    if isinstance(value, sp.Sum):
        return _contracted(contract(value.function), value.limits)
    if not value.args or isinstance(value, Delta):
        return value
    return value.func(*(contract(part) for part in value.args))


def _contracted(body: Any, limits: tuple[Any, ...]) -> Any:
    """The sum of a body over indices, of which deltas fix as many as they can."""
    if not limits:
        return body
    bound = {limit[0] for limit in limits}
    if not any(bound & set(delta.args) for delta in body.atoms(Delta)):
        return sp.Sum(body, *limits)
    if isinstance(body, sp.Add):
        return sp.Add(*(_contracted(part, limits) for part in body.args))
    if isinstance(body, sp.Sum):
        return _contracted(body.function, (*body.limits, *limits))
    for part in sp.Mul.make_args(body):
        delta = part.base if isinstance(part, sp.Pow) else part
        if isinstance(delta, Delta) and bound & set(delta.args):
            index, other = delta.args if delta.args[0] in bound else delta.args[::-1]
            left = tuple(limit for limit in limits if limit[0] != index)
            return _contracted((body / part).xreplace({index: other}), left)
        if isinstance(part, sp.Sum) and part.has(Delta):
            return _contracted(body / part * part.function, (*part.limits, *limits))
    opened = sp.expand_mul(body)
    return sp.Sum(body, *limits) if opened == body else _contracted(opened, limits)
