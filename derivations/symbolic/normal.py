"""Whether an indexed SymPy expression is zero for all sizes: a normal form over exact fractions.

An expression becomes a list of terms, each a rational function under sums.  Everything made of
an exponential is written with it, summed indices of one size are symmetrised, and a group of
terms vanishes when its numerator, over independent generators, does.  Zero is a proof;
anything else is no refutation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, permutations, product
from typing import Any

import sympy as sp
from sympy.polys.domains import QQ
from sympy.polys.fields import FracField

from ..errors import LimitError
from . import atoms

MAX_TERMS = 400
MAX_LENGTH = 20_000  # of a product of polynomials, before like terms are joined
MAX_BOUND = 4  # summed indices of one size in one term

Bounds = tuple[tuple[Any, Any], ...]  # (index, size)


class Exp(sp.Function):  # type: ignore[misc]
    """exp without SymPy's own rewriting: exp(-x) is a power of exp(x) here."""


class Log(sp.Function):  # type: ignore[misc]
    pass


class Root(sp.Function):  # type: ignore[misc]
    """A square root; its square is its argument."""


class Raised(sp.Function):  # type: ignore[misc]
    """A power that is neither whole nor half."""


@dataclass(frozen=True, slots=True)
class Term:
    """``value`` summed over ``bounds``."""

    bounds: Bounds
    value: Any


def remainder(value: Any, ones: tuple[Any, ...] = ()) -> list[Term]:
    """The groups of terms that do not vanish; empty for zero, whatever arrays and sizes are.

    ``ones``: pairs (entry, index) of which the sum over the index is known to be 1.
    Raises: LimitError where the normal form grows past its limits.
    """
    groups: dict[tuple[str, ...], list[Term]] = {}
    for term in _terms(closed(atoms.contract(value))):
        for reduced in _reduced(term, ones):
            key = tuple(sorted(str(size) for _, size in reduced.bounds))
            groups.setdefault(key, []).append(reduced)
    left = [Term(*_aligned(terms)) for terms in groups.values()]
    return [term for term in left if not _vanishes(term.value)]


def _aligned(terms: list[Term]) -> tuple[Bounds, Any]:
    """The terms of one group under the same indices, symmetrised over those of one size."""
    total: Any = sp.Integer(0)
    bounds: Bounds = ()
    for term in terms:
        by_size: dict[Any, list[Any]] = {}
        for index, size in sorted(term.bounds, key=lambda bound: str(bound[1])):
            by_size.setdefault(size, []).append(index)
        slots = {
            size: [sp.Symbol(f"b{size}_{n}", integer=True) for n in range(len(indices))]
            for size, indices in by_size.items()
        }
        if any(len(indices) > MAX_BOUND for indices in by_size.values()):
            raise LimitError(f"more than {MAX_BOUND} sums over one size in one term")
        choices = list(product(*(permutations(slots[size]) for size in by_size)))
        for choice in choices:
            names = dict(zip(chain(*by_size.values()), chain(*choice), strict=True))
            total += term.value.xreplace(names) / len(choices)
        bounds = tuple((name, size) for size, names in slots.items() for name in names)
    return bounds, total


# -- terms ------------------------------------------------------------------------
def _open_sum(value: Any) -> bool:
    """Whether a sum stands where it can be drawn out: not in a function or a denominator."""
    if isinstance(value, sp.Sum):
        return True
    if isinstance(value, sp.Add | sp.Mul):
        return any(_open_sum(part) for part in value.args)
    whole = isinstance(value, sp.Pow) and value.exp.is_Integer and value.exp > 0
    return whole and _open_sum(value.base)


def _terms(value: Any) -> list[Term]:
    if not _open_sum(value):
        return [Term((), value)]
    if isinstance(value, sp.Sum):
        found = _summed(value)
    elif isinstance(value, sp.Add):
        found = [term for part in value.args for term in _terms(part)]
    elif isinstance(value, sp.Mul):
        found = _multiplied(value.args)
    else:
        found = _multiplied([value.base] * int(value.exp))
    if len(found) > MAX_TERMS:
        raise LimitError(f"more than {MAX_TERMS} terms")
    return found


def _summed(value: sp.Sum) -> list[Term]:
    result = _terms(value.function)
    for index, _, high in value.limits:
        result = [Term((*term.bounds, (index, high + 1)), term.value) for term in result]
    return result


def _multiplied(parts: Iterable[Any]) -> list[Term]:
    result = [Term((), sp.Integer(1))]
    for part in parts:
        found = [_renamed(term) for term in _terms(part)]
        result = [Term(a.bounds + b.bounds, a.value * b.value) for a in result for b in found]
        if len(result) > MAX_TERMS:
            raise LimitError(f"more than {MAX_TERMS} terms")
    return result


def _renamed(term: Term) -> Term:
    """The term with indices of its own, so that (Σ a)² is Σ Σ a a'."""
    names = {index: sp.Dummy(integer=True) for index, _ in term.bounds}
    bounds = tuple((names[index], size) for index, size in term.bounds)
    return Term(bounds, term.value.xreplace(names))


# -- relations ----------------------------------------------------------------------
def _reduced(term: Term, ones: tuple[Any, ...]) -> list[Term]:
    """The term with rows that sum to one carried out, and unused indices as sizes."""
    term = _used(term)
    inverses = any(isinstance(power.base, sp.Sum) for power in term.value.atoms(sp.Pow))
    if not term.bounds or not (inverses or ones):
        return [term]
    parts = sp.Add.make_args(_opened(term.value))
    if len(parts) > MAX_TERMS:
        raise LimitError(f"more than {MAX_TERMS} terms")
    return [_row_sums(_used(Term(term.bounds, part)), ones) for part in parts]


def _opened(value: Any) -> Any:
    return sp.expand(value, basic=False, log=False, power_exp=False, power_base=False)


def _used(term: Term) -> Term:
    bounds, value = [], term.value
    for index, size in term.bounds:
        if value.has(index):
            bounds.append((index, size))
        else:
            value = value * size
    return Term(tuple(bounds), value)


def _row_sums(term: Term, ones: tuple[Any, ...]) -> Term:
    for index, size in term.bounds:
        for body, own, factor in _row_rules(term.value, ones):
            rest = term.value / (body.xreplace({own: index}) * factor)
            if not rest.has(index):
                bounds = tuple(bound for bound in term.bounds if bound[0] != index)
                return _row_sums(_used(Term(bounds, rest)), ones)
        del size
    return term


def _row_rules(value: Any, ones: tuple[Any, ...]) -> list[tuple[Any, Any, Any]]:
    """(body, index, factor): the sum of body times factor over the index is 1."""
    rules = []
    powers = [power for power in value.atoms(sp.Pow) if isinstance(power.base, sp.Sum)]
    for power in sorted(powers, key=_text):
        whole = power.base
        if power.exp.is_Integer and power.exp < 0:
            rules.append((whole.function, whole.limits[0][0], 1 / whole))
    for pattern, own in ones:
        axis = pattern.indices.index(own)
        same = [found for found in value.atoms(sp.Indexed) if found.base == pattern.base]
        for found in sorted(same, key=_text):
            indices = list(found.indices)
            indices[axis] = own
            rules.append((found.base[tuple(indices)], own, sp.Integer(1)))
    return rules


# -- functions ------------------------------------------------------------------------
def closed(value: Any) -> Any:
    """The value with every function written by exponentials, logarithms and roots."""
    if not value.args or isinstance(value, sp.Indexed | atoms.Delta):
        return value
    if isinstance(value, sp.Sum):
        return sp.Sum(closed(value.function), *value.limits)
    parts = [closed(part) for part in value.args]
    if isinstance(value, atoms.Sigmoid):
        return _exponential(parts[0]) / (1 + _exponential(parts[0]))
    if isinstance(value, atoms.Tanh):
        e = _exponential(2 * parts[0])
        return (e - 1) / (e + 1)
    if isinstance(value, sp.exp):
        return _exponential(parts[0])
    if isinstance(value, atoms.Sign):
        return 2 * atoms.Side(parts[0]) - 1
    if isinstance(value, atoms.Softplus):
        return _logarithm(1 + _exponential(parts[0]))
    if isinstance(value, sp.log):
        return _logarithm(parts[0])
    if isinstance(value, sp.Pow) and not parts[1].is_Integer:
        return _root(parts[0], parts[1])
    return value.func(*parts)


def _exponential(argument: Any) -> Any:
    """exp as a product over the argument's terms, so that exp(a + b) = exp(a) exp(b)."""
    result: Any = sp.Integer(1)
    for part in sp.Add.make_args(_opened(argument)):
        factor, rest = part.as_coeff_Mul()
        if not factor.is_Integer or rest == 1:
            factor, rest = sp.Integer(1), part
        result *= rest.args[0] ** factor if isinstance(rest, Log) else Exp(rest) ** factor
    return result


def _logarithm(argument: Any) -> Any:
    """log of a product of positive factors as a sum of logarithms."""
    top, bottom = sp.fraction(sp.together(argument))
    result: Any = sp.Integer(0)
    for sign, side in ((1, top), (-1, bottom)):
        constant, powers = sp.factor_list(side)
        for base, power in ((constant, 1), *powers):
            if not _positive(base):
                return Log(sp.cancel(argument))
            if base != 1:
                part = base.args[0] if isinstance(base, Exp) else Log(base)
                result += sign * power * part
    return result


def _positive(value: Any) -> bool:
    """Whether a value is positive by its build: from exponentials, sizes and positive numbers."""
    if value.is_Number:
        return bool(value > 0)
    if isinstance(value, Exp) or (value.is_Symbol and value.is_positive):
        return True
    if isinstance(value, sp.Sum):
        return _positive(value.function)
    if isinstance(value, sp.Pow):
        return _positive(value.base)
    return isinstance(value, sp.Add | sp.Mul) and all(_positive(part) for part in value.args)


def _root(base: Any, exponent: Any) -> Any:
    if exponent.is_Rational and exponent.q == 2:
        whole, half = divmod(int(exponent.p), 2)
        return base**whole * Root(base) ** half
    return Raised(base, exponent)


# -- rational identities ----------------------------------------------------------------
def _vanishes(value: Any) -> bool:
    """Whether a rational function of independent generators is zero."""
    generators: dict[Any, Any] = {}
    _collect(value, generators)
    if not generators:
        return bool(sp.nsimplify(value) == 0) if value.is_Number else False
    field = FracField([sp.Symbol(f"g{n}") for n in range(len(generators))], QQ)
    places = {key: n for n, key in enumerate(generators)}
    element = _element(value, field, places)
    for key, atom in generators.items():
        place = places[key]
        if isinstance(atom, Root):
            square = _element(atom.args[0], field, places)
            element = _folded(element, field, place, lambda n, s=square: (s ** (n // 2), n % 2))
        elif isinstance(atom, atoms.Step | atoms.Delta):
            element = _folded(element, field, place, lambda n: (field.one, min(n, 1)))
    return bool(element == 0)


def _folded(element: Any, field: Any, place: int, rule: Any) -> Any:
    """The numerator with powers of one generator reduced by its relation."""
    total = field.zero
    for powers, coefficient in element.numer.terms():
        factor, power = rule(powers[place])
        term = field.one * coefficient * factor
        for n, exponent in enumerate(powers):
            term = term * field.gens[n] ** (power if n == place else exponent)
        total = total + term
    return total


def _is_generator(value: Any) -> bool:
    if value.is_Symbol or isinstance(value, sp.Indexed | atoms.Delta | sp.Function | sp.Sum):
        return True
    return isinstance(value, sp.Pow) and not value.exp.is_Integer


def _collect(value: Any, generators: dict[Any, Any]) -> None:
    if _is_generator(value):
        generators.setdefault(_canonical(value), value)
        if isinstance(value, Root):
            _collect(value.args[0], generators)
        return
    for part in value.args:
        _collect(part, generators)


def _element(value: Any, field: Any, places: dict[Any, int]) -> Any:
    if value.is_Rational:
        return field.one * QQ(int(value.p), int(value.q))
    if _is_generator(value):
        return field.gens[places[_canonical(value)]]
    parts = [_element(part, field, places) for part in value.args if not isinstance(value, sp.Pow)]
    if isinstance(value, sp.Add):
        return sum(parts, field.zero)
    if isinstance(value, sp.Mul):
        result = field.one
        for part in parts:
            result = _product(result, part)
        return result
    if isinstance(value, sp.Pow):
        base = _element(value.base, field, places)
        if base == 0 and value.exp < 0:
            raise LimitError("a denominator that is zero")
        return _whole_power(base, int(value.exp), field)
    raise LimitError(f"no normal form for {type(value).__name__}")


def _length(element: Any) -> int:
    return len(element.numer) * len(element.denom)


def _product(left: Any, right: Any) -> Any:
    if _length(left) * _length(right) > MAX_LENGTH:
        raise LimitError(f"a product of more than {MAX_LENGTH} terms")
    return left * right


def _whole_power(base: Any, exponent: int, field: Any) -> Any:
    """The power by repeated products, so that its length is checked at every one."""
    result = field.one
    for _ in range(abs(exponent)):
        result = _product(result, base)
    return 1 / result if exponent < 0 else result


@lru_cache(maxsize=4096)
def _canonical(value: Any) -> Any:
    """The generator as it is whatever its own sums are indexed by."""
    if isinstance(value, sp.Indexed) or value.is_Symbol:
        return value
    sums = list(value.atoms(sp.Sum))
    if len(sums) > 1:
        sums.sort(key=lambda item: (len(_text(item)), _text(item)))
    for depth, inner in enumerate(sums):
        names = {limit[0]: sp.Symbol(f"c{depth}_{n}") for n, limit in enumerate(inner.limits)}
        value = value.xreplace(names)
    return _opened(value)


@lru_cache(maxsize=4096)
def _text(value: Any) -> str:
    """A text to sort by, so that the same input is worked out in the same order."""
    return str(value)
