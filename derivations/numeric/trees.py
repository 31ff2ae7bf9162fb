"""A point in many dimensions: an array, or a tuple, list or dict of arrays, as one vector."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from derivations.numeric.errors import DtypeError, StructureError

Array = npt.NDArray[Any]
Vector = npt.NDArray[np.float64]
Path = tuple[Any, ...]

DEEPEST = 64
BLOCK = 2**14  # numbers at a time that fit a cache
DTYPES = (np.dtype(np.float64), np.dtype(np.float32))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Arrays with their places in a nest of tuples, lists and dicts.

    Shapes: ``leaves`` one array each; ``starts`` the offsets of the leaves in the flat vector,
    and their total at the end.
    """

    nest: Any
    paths: tuple[Path, ...]
    leaves: tuple[Array, ...]
    starts: tuple[int, ...]

    @property
    def size(self) -> int:
        return self.starts[-1]

    @property
    def eps(self) -> float:
        """Machine epsilon of the coarsest leaf."""
        return max((float(np.finfo(leaf.dtype).eps) for leaf in self.leaves), default=0.0)

    def slices(self) -> Iterator[slice]:
        for start, stop in zip(self.starts[:-1], self.starts[1:], strict=True):
            yield slice(start, stop)

    def vector(self) -> Vector:
        """All entries in C order, leaf after leaf."""
        return concatenate(self.leaves)

    def spread(self, per_leaf: npt.ArrayLike) -> Vector:
        """One number a leaf, repeated for each of its entries."""
        return np.repeat(np.asarray(per_leaf, dtype=np.float64), np.diff(self.starts))

    def where(self, position: int) -> tuple[Path, tuple[int, ...]]:
        """The leaf and the index in it of an entry of the flat vector."""
        leaf = int(np.searchsorted(self.starts, position, side="right")) - 1
        index = np.unravel_index(position - self.starts[leaf], self.leaves[leaf].shape)
        return self.paths[leaf], tuple(int(i) for i in index)

    def position(self, where: tuple[Path, tuple[int, ...]]) -> int:
        """The place in the flat vector of an index in a leaf."""
        path, index = where
        leaf = self.paths.index(path)
        inside = np.ravel_multi_index(index, self.leaves[leaf].shape) if index else 0
        return self.starts[leaf] + int(inside)

    def held(self, vector: Vector) -> Vector:
        """``vector`` rounded to what the leaves can hold."""
        if all(leaf.dtype == vector.dtype for leaf in self.leaves):
            return vector
        return concatenate(
            tuple(
                vector[part].astype(leaf.dtype)
                for leaf, part in zip(self.leaves, self.slices(), strict=True)
            )
        )

    def nested(self, vector: Array, dtype: Any = None) -> Any:
        """A fresh nest of arrays with the leaves' memory layout that holds ``vector``."""
        fresh = []
        for leaf, part in zip(self.leaves, self.slices(), strict=True):
            fresh.append(copy_in_layout(vector[part], leaf, dtype or leaf.dtype))
        return rebuild(self.nest, iter(fresh))

    def lent(self, vector: Array, dtype: Any = None) -> Any:
        """Like ``nested``, but with parts of ``vector`` itself where they have the layout."""
        fresh = []
        for leaf, part in zip(self.leaves, self.slices(), strict=True):
            inside = vector[part].reshape(leaf.shape)
            if not leaf.flags.c_contiguous or inside.dtype != (dtype or leaf.dtype):
                inside = copy_in_layout(inside, leaf, dtype or leaf.dtype)
            fresh.append(inside)
        return rebuild(self.nest, iter(fresh))


def copy_in_layout(entries: Array, leaf: Array, dtype: Any) -> Array:
    """Entries in C order as an array of the shape and memory layout of ``leaf``."""
    inside = entries.reshape(leaf.shape)
    if leaf.flags.c_contiguous:
        return np.array(inside, dtype=dtype)
    copy = empty_in_layout(leaf, dtype)
    copy[...] = inside
    return copy


def concatenate(leaves: tuple[Array, ...]) -> Vector:
    """The entries of several arrays in one vector of doubles."""
    parts = [np.asarray(leaf, dtype=np.float64).ravel() for leaf in leaves]
    return np.concatenate(parts) if parts else np.zeros(0)


def empty_in_layout(leaf: Array, dtype: Any) -> Array:
    """A new array whose axes run in memory as those of ``leaf`` do: order, sign and gaps.

    A stride of 0 is not kept: its entries are one memory cell and could not be moved singly.
    """
    if leaf.ndim == 0 or leaf.size == 0:
        return np.empty(leaf.shape, dtype)
    order = np.argsort([-abs(stride) for stride in leaf.strides], kind="stable")
    gaps = [stride_gap(leaf, axis) for axis in range(leaf.ndim)]
    cells = [leaf.shape[axis] * gaps[axis] for axis in order]
    # Whoever reads a cell between the entries shall show it.
    base = np.full(cells, np.nan, dtype) if max(gaps) > 1 else np.empty(cells, dtype)
    back = np.argsort(order)
    return base.transpose(back)[
        tuple(
            slice(None, None, -gap if stride < 0 else gap)
            for gap, stride in zip(gaps, leaf.strides, strict=True)
        )
    ]


def stride_gap(leaf: Array, axis: int) -> int:
    """2 where the innermost axis of ``leaf`` skips cells, else 1."""
    inner = min((abs(stride) for stride in leaf.strides if stride), default=leaf.itemsize)
    return 2 if abs(leaf.strides[axis]) == inner and inner > leaf.itemsize else 1


def rebuild(nest: Any, leaves: Iterator[Array]) -> Any:
    """The nest with its arrays replaced, in order."""
    if isinstance(nest, dict):
        return {key: rebuild(value, leaves) for key, value in nest.items()}
    if isinstance(nest, tuple) and hasattr(nest, "_fields"):
        return type(nest)(*(rebuild(value, leaves) for value in nest))
    if isinstance(nest, tuple):
        return tuple(rebuild(value, leaves) for value in nest)
    if isinstance(nest, list):
        return [rebuild(value, leaves) for value in nest]
    return next(leaves)


def children(value: Any) -> list[tuple[Any, Any]] | None:
    """Keys and values of a container, None for anything else."""
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, tuple | list):
        return list(enumerate(value))
    return None


def walk(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value that is no container, with its path.

    Raises: StructureError for a nest without an end in sight.
    """
    if len(path) > DEEPEST:
        raise StructureError(f"x is nested more than {DEEPEST} deep; does it contain itself?")
    inside = children(value)
    if inside is None:
        yield path, value
        return
    for key, child in inside:
        yield from walk(child, (*path, key))


def name_of(argument: str, path: Path) -> str:
    """``x['W'][0]`` for an argument and a path."""
    return argument + "".join(f"[{key!r}]" for key in path)


def read_tree(argument: str, value: Any) -> Tree:
    """The tree of a nest of float arrays.

    Raises: StructureError for what is no array; DtypeError for arrays of another type.
    """
    found = list(walk(value))
    leaves = tuple(read_leaf(name_of(argument, path), leaf) for path, leaf in found)
    starts = np.cumsum([0, *(leaf.size for leaf in leaves)])
    return Tree(
        nest=value,
        paths=tuple(path for path, _ in found),
        leaves=leaves,
        starts=tuple(int(start) for start in starts),
    )


def read_leaf(name: str, leaf: Any) -> Array:
    """The array at one place of an argument.

    Raises: StructureError, DtypeError.
    """
    if not isinstance(leaf, np.ndarray | np.generic):
        raise StructureError(
            f"{name} is {describe(leaf)}, but should be a NumPy array or a tuple, list or dict "
            "of them; wrap numbers in np.array(...)"
        )
    if isinstance(leaf, np.ma.MaskedArray | np.matrix):
        raise StructureError(
            f"{name} is {describe(leaf)}, with arithmetic of its own; make it np.array(...)"
        )
    array = np.asarray(leaf)
    if array.dtype not in DTYPES:
        raise DtypeError(
            f"{name}.dtype={array.dtype}, but should be float64 or float32; "
            "convert it with .astype(float)"
        )
    return array


def describe(value: Any) -> str:
    """What a value is, in a message."""
    if value is None:
        return "None"
    return f"of type {type(value).__name__}"


def same_structure(given: Any, due: Any) -> bool:
    """Whether two nests have the same containers and keys, whatever their arrays."""
    mine, wanted = children(given), children(due)
    if mine is None or wanted is None:
        return mine is None and wanted is None
    if isinstance(given, dict) != isinstance(due, dict):
        return False
    if isinstance(given, dict):
        return set(given) == set(due) and all(same_structure(given[k], due[k]) for k in due)
    return len(mine) == len(wanted) and all(
        same_structure(a, b) for (_, a), (_, b) in zip(mine, wanted, strict=True)
    )
