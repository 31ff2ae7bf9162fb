"""Calls to the functions under check, with everything their contract promises watched."""

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from sys import getrefcount
from typing import Any

import numpy as np

from derivations.numeric.errors import (
    DtypeError,
    NotFiniteError,
    NotScalarError,
    StructureError,
)
from derivations.numeric.trees import (
    BLOCK,
    Array,
    Tree,
    Vector,
    concatenate,
    describe,
    name_of,
    rebuild,
    same_structure,
)

NAN = float("nan")


@dataclass(slots=True, kw_only=True)
class Spare:
    """A large array to use again, for fresh memory costs more than what is done in it.

    It is lent anew only once nobody holds a part of it any more: a function may keep what it got.
    """

    dtype: type = float
    array: Array | None = None

    def take(self, size: int) -> Array:
        """An array of ``size`` numbers of no particular value."""
        # The attribute and the argument of the count itself are two.
        if self.array is None or self.array.size != size or getrefcount(self.array) > 2:
            self.array = np.empty(size, dtype=self.dtype)
        return self.array


@dataclass(slots=True, kw_only=True)
class Spares:
    """One for the points on the real line, and one for those beside it."""

    real: Spare = field(default_factory=Spare)
    complex: Spare = field(default_factory=lambda: Spare(dtype=complex))


@dataclass(slots=True, kw_only=True)
class Primal:
    """The function ``f`` of a flat vector; counts its evaluations and never shows it its own data.

    ``f`` may carry an attribute ``batched = True``: it then takes every array with one more axis
    in front and returns one number for each of its places.
    """

    f: Callable[[Any], Any]
    tree: Tree
    dtype: Any = None  # of the arrays that f sees; None for the leaves' own
    takes_complex: bool = True
    evaluations: int = 0
    breaches: list[str] = field(default_factory=list)
    spares: Spares = field(default_factory=Spares)

    @property
    def batched(self) -> bool:
        return bool(getattr(self.f, "batched", False))

    def first(self, x: Vector) -> float:
        """The value at the given point, in the widest arithmetic that ``f`` takes.

        Raises: NotScalarError, NotFiniteError.
        """
        given = self.tree.lent(x)
        value = self.finite(float(self.call(given).real))
        if changed(given, self.tree.nest):
            self.breaches.append("f: changes its input in place; work on a copy")
            x[...] = self.tree.vector()
            given = self.tree.lent(x)
        if float(self.call(given).real) != value:
            self.breaches.append(f"f: two calls at the same point differ, {value!r} came first")
        if self.tree.eps > np.finfo(np.float64).eps:
            return self.widen(x, value)
        return value

    def widen(self, x: Vector, value: float) -> float:
        """The value in double precision, where ``f`` takes doubles for its floats."""
        self.dtype = np.float64
        try:
            wide = self.value(x.copy())
        except Exception:  # whatever f raises, it does not take doubles
            wide = NAN
        if np.isfinite(wide):
            return wide
        self.dtype = None
        return value

    def finite(self, value: float) -> float:
        if np.isfinite(value):
            return value
        raise NotFiniteError(f"f(x)={value!r}, but should be finite at the given point")

    def value(self, x: Vector) -> float:
        """The value at a point, which is lent to ``f``; nan where ``f`` has none."""
        return float(self.call(self.tree.lent(x, self.dtype)).real)

    def values_along(self, x: Vector, v: Vector, steps: Iterable[float]) -> Vector:
        """The values at x + step v for several steps, in one call where ``f`` is batched."""
        if self.batched:
            points = (self.tree.nested(x + step * v, self.dtype) for step in steps)
            return self.call_batch(list(points)).real
        return np.array([self.value(self.point(x, v, step)) for step in steps])

    def point(self, x: Vector, v: Vector, step: float) -> Vector:
        """x + step v, in a spare array if there is one."""
        point = self.spares.real.take(x.size)
        for start in range(0, x.size, BLOCK):  # what fits a cache is passed over faster
            part = slice(start, start + BLOCK)
            np.multiply(v[part], step, out=point[part])
            point[part] += x[part]
        return point

    def imaginary_point(self, x: Vector, v: Vector, step: float) -> Array:
        """x + i step v, in a spare array if there is one."""
        point = self.spares.complex.take(x.size)
        for start in range(0, x.size, BLOCK):
            part = slice(start, start + BLOCK)
            point.real[part] = x[part]
            np.multiply(v[part], step, out=point.imag[part])
        return point

    def complex_values(self, points: Iterable[Array]) -> Array | None:
        """The values at complex points; None, and no more tried, where ``f`` takes none."""
        nests = (self.tree.lent(point, np.complex128) for point in points)
        if self.batched:
            return self.if_complex(lambda: self.call_batch(list(nests)))
        return self.if_complex(lambda: [self.call(nest) for nest in nests])

    def complex_entry_values(self, x: Vector, positions: range, steps: Vector) -> Array | None:
        """The values beside x, each a step of one entry away; None where ``f`` takes none.

        Shapes: ``steps`` as ``positions``.
        """
        if self.batched:
            return self.complex_values(entry_points(x, positions, steps))
        return self.if_complex(lambda: self.entry_calls(x, positions, steps))

    def entry_calls(self, x: Vector, positions: range, steps: Vector) -> list[complex]:
        """The values along one entry at a time, in one array unless a function keeps it."""
        point, values = x.astype(complex), []
        for position, step in zip(positions, steps, strict=True):
            if getrefcount(point) > 2:  # the name and the argument of the count itself
                point = x.astype(complex)
            point[position] += 1j * step
            values.append(self.call(self.tree.lent(point, np.complex128)))
            point[position] = x[position]
        return values

    def if_complex(self, values: Callable[[], Any]) -> Array | None:
        """Complex values; None, and no more tried, where ``f`` takes no complex input."""
        if not self.takes_complex:
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", np.exceptions.ComplexWarning)
                return np.asarray(values(), dtype=complex)
        except Exception:  # whatever f raises, it takes no complex input
            self.takes_complex = False
            return None

    def call(self, nest: Any) -> complex:
        """One evaluation."""
        if self.batched:
            return complex(self.call_batch([nest])[0])
        self.evaluations += 1
        with np.errstate(all="ignore"):
            return as_number(self.f(nest))

    def call_batch(self, nests: list[Any]) -> Array:
        """As many evaluations as there are points, in one call."""
        self.evaluations += len(nests)
        stacked = self.stack(nests)
        with np.errstate(all="ignore"):
            values = np.asarray(self.f(stacked))
        if values.shape != (len(nests),):
            raise NotScalarError(
                f"f(x).shape={values.shape}, but should be ({len(nests)},): f says batched=True"
            )
        return values

    def stack(self, nests: list[Any]) -> Any:
        columns = zip(*(self.leaves_of(nest) for nest in nests), strict=True)
        return rebuild(self.tree.nest, iter([np.stack(column) for column in columns]))

    def leaves_of(self, nest: Any) -> list[Array]:
        return [at_path(nest, path) for path in self.tree.paths]


def entry_points(x: Vector, positions: range, steps: Vector) -> Iterator[Array]:
    """Points an imaginary step away from x, each along another entry."""
    for position, step in zip(positions, steps, strict=True):
        point = x.astype(complex)
        point[position] += 1j * step
        yield point


def as_number(value: Any) -> complex:
    """The number that ``f`` returned.

    Raises: NotScalarError.
    """
    if isinstance(value, np.ndarray) and value.ndim:
        raise NotScalarError(
            f"f(x).shape={value.shape}, but should be one number; "
            "check_vjp judges functions with array values"
        )
    if isinstance(value, np.ndarray | np.generic):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, float | int | complex):
        raise NotScalarError(f"f(x) is {describe(value)}, but should be one number")
    return complex(value)


def at_path(nest: Any, path: tuple[Any, ...]) -> Any:
    """The value at one place of a nest."""
    for key in path:
        nest = nest[key]
    return nest


def changed(nest: Any, before: Any) -> bool:
    """Whether any entry of a nest differs, nan for nan counted as equal."""
    if isinstance(nest, dict):
        return any(changed(nest[key], before[key]) for key in before)
    if isinstance(nest, tuple | list):
        return any(changed(a, b) for a, b in zip(nest, before, strict=True))
    return not same(nest, before)


def same(one: Array, other: Array) -> bool:
    """Whether two arrays are equal, nan for nan counted as equal, which is slower to see."""
    return np.array_equal(one, other) or np.array_equal(one, other, equal_nan=True)


@dataclass(slots=True, kw_only=True)
class Judged:
    """The gradient under check, as a flat vector; notes every breach of its contract.

    ``factor``: by how much the answers are too large on purpose, a power of 2.

    Shapes: results (P,), or None where a shape is wrong.
    """

    gradient: Callable[[Any], Any]
    tree: Tree
    factor: float = 1.0
    breaches: list[str] = field(default_factory=list)
    misshapen: list[Array] = field(default_factory=list)
    last: list[tuple[list[Array], Vector]] = field(default_factory=list)

    def first(self, x: Vector) -> Vector | None:
        """The gradient at the given arrays themselves, so that their strides are what it meets."""
        return self.call(self.tree.nest, x)

    def at(self, x: Vector) -> Vector | None:
        """The gradient at another point, laid out in memory like the first."""
        held = self.tree.held(x)
        return self.call(self.tree.nested(held), held)

    def in_doubles(self, x: Vector) -> Vector | None:
        """The gradient of the same point in doubles; None where it does not compute in them."""
        try:
            with np.errstate(all="ignore"):
                result = self.gradient(self.tree.nested(x, np.float64))
            leaves = [np.asarray(at_path(result, path)) for path in self.tree.paths]
        except Exception:  # whatever it raises, it does not take doubles
            return None
        pairs = zip(leaves, self.tree.leaves, strict=True)
        if any(leaf.dtype != np.float64 or leaf.shape != due.shape for leaf, due in pairs):
            return None
        return concatenate(tuple(leaves)) / self.factor

    def repeated(self, x: Vector) -> list[Array] | None:
        """The gradient at the given arrays once more, array by array."""
        return self.answer(self.tree.nest, x)

    def call(self, nest: Any, x: Vector) -> Vector | None:
        """The gradient at a nest that holds the entries of ``x``, kept to see whether it lasts."""
        leaves = self.answer(nest, x)
        if leaves is None:
            return None
        vector = concatenate(tuple(leaves))
        self.last = [(leaves, vector)]
        return vector if self.factor == 1 else vector / self.factor

    def answer(self, nest: Any, x: Vector) -> list[Array] | None:
        """The arrays of one call; None where a shape is wrong."""
        inputs = [np.asarray(at_path(nest, path)) for path in self.tree.paths]
        before = [x[part].reshape(array.shape) for part, array in self.places(inputs)]
        with np.errstate(all="ignore"):
            result = self.gradient(nest)
        self.watch_inputs(inputs, before)
        leaves = self.read(result)
        self.watch_aliases(leaves, inputs)
        self.watch_earlier(leaves)
        return None if self.misshapen else leaves

    def watch_inputs(self, inputs: list[Array], before: list[Array]) -> None:
        for path, array, old in zip(self.tree.paths, inputs, before, strict=True):
            if not same(array, old):
                if array.flags.writeable:
                    array[...] = old  # the caller's data are given back as they came
                self.breach(f"gradient: changes its input {name_of('x', path)} in place")

    def watch_aliases(self, leaves: list[Array], inputs: list[Array]) -> None:
        for path, leaf in zip(self.tree.paths, leaves, strict=True):
            if any(overlap(leaf, array) for array in inputs):
                name = name_of("gradient(x)", path)
                self.breach(f"{name} shares memory with the input; return a copy")
        for i, one in enumerate(leaves):
            if any(overlap(one, other) for other in leaves[:i]):
                name = name_of("gradient(x)", self.tree.paths[i])
                self.breach(f"{name} shares memory with another of the returned arrays")

    def watch_earlier(self, leaves: list[Array]) -> None:
        """An earlier result must survive a later call."""
        for earlier, vector in self.last:
            parts = [vector[part].reshape(leaf.shape) for part, leaf in self.places(earlier)]
            if not all(map(same, earlier, parts)):
                self.breach("gradient: a later call overwrites the arrays an earlier one returned")

    def places(self, leaves: list[Array]) -> list[tuple[slice, Array]]:
        return list(zip(self.tree.slices(), leaves, strict=True))

    def read(self, result: Any) -> list[Array]:
        """The arrays of a result, in the order of the leaves.

        Raises: StructureError, DtypeError.
        """
        if not same_structure(result, self.tree.nest):
            raise StructureError(
                f"gradient(x) is {describe(result)}, but should be arranged like x, "
                f"which is {describe(self.tree.nest)}"
            )
        leaves = []
        for path, leaf in zip(self.tree.paths, self.tree.leaves, strict=True):
            leaves.append(self.read_leaf(path, at_path(result, path), leaf))
        return leaves

    def read_leaf(self, path: tuple[Any, ...], given: Any, leaf: Array) -> Array:
        if isinstance(given, np.ndarray) and (given.dtype, given.shape) == (leaf.dtype, leaf.shape):
            return given
        name = name_of("gradient(x)", path)
        if not isinstance(given, np.ndarray | np.generic | float):
            raise StructureError(f"{name} is {describe(given)}, but should be a NumPy array")
        array = np.asarray(given)
        if array.dtype.kind not in "fiub":
            raise DtypeError(f"{name}.dtype={array.dtype}, but should be {leaf.dtype}")
        if array.dtype != leaf.dtype and not (leaf.ndim == 0 and isinstance(given, float)):
            self.breach(f"{name}.dtype={array.dtype}, but should be {leaf.dtype}")
        if array.shape != leaf.shape:
            self.breach(f"{name}.shape={array.shape}, but should be {leaf.shape}")
            self.misshapen.append(array)
        return array

    def breach(self, sentence: str) -> None:
        if sentence not in self.breaches:
            self.breaches.append(sentence)


def overlap(a: Array, b: Array) -> bool:
    """Whether two arrays share a memory cell."""
    return np.may_share_memory(a, b) and np.shares_memory(a, b)
