"""A nest of arrays is one vector, and comes back as the nest it was, laid out in memory alike."""

from collections import namedtuple
from typing import Any

import numpy as np
import pytest

from derivations.numeric.errors import DtypeError, StructureError
from derivations.numeric.trees import (
    DEEPEST,
    concatenate,
    copy_in_layout,
    empty_in_layout,
    name_of,
    read_tree,
    same_structure,
    stride_gap,
)

Pair = namedtuple("Pair", "left right")
SINGLE = np.float32
NEST = {
    "W": np.arange(6.0).reshape(2, 3),
    "b": [np.array(7.0), (np.zeros((2, 0)), Pair(np.array([8.0, 9.0]), np.array([[10.0]])))],
}
PATHS = (("W",), ("b", 0), ("b", 1, 0), ("b", 1, 1, 0), ("b", 1, 1, 1))


def test_the_entries_are_in_order_leaf_after_leaf() -> None:
    tree = read_tree("x", NEST)
    assert tree.paths == PATHS
    assert tree.starts == (0, 6, 7, 7, 9, 10)
    assert tree.size == 10
    assert tree.vector().tolist() == [0, 1, 2, 3, 4, 5, 7, 8, 9, 10]
    assert tree.vector().dtype == np.float64
    assert list(tree.slices()) == [
        slice(0, 6), slice(6, 7), slice(7, 7), slice(7, 9), slice(9, 10)
    ]  # fmt: skip
    assert tree.spread([1, 2, 3, 4, 5]).tolist() == [1] * 6 + [2] + [4] * 2 + [5]


def test_a_place_in_the_vector_is_an_index_in_a_leaf_and_back() -> None:
    tree = read_tree("x", NEST)
    due = [(("W",), (row, column)) for row in range(2) for column in range(3)]
    due += [(("b", 0), ()), (("b", 1, 1, 0), (0,)), (("b", 1, 1, 0), (1,)), (PATHS[4], (0, 0))]
    assert [tree.where(position) for position in range(10)] == due
    assert [tree.position(where) for where in due] == list(range(10))
    assert all(type(part) is int for _, index in due for part in index)


def test_a_vector_comes_back_as_the_same_nest() -> None:
    tree = read_tree("x", NEST)
    vector = np.arange(10.0, 20.0)
    for back, own in ((tree.nested(vector), False), (tree.lent(vector), True)):
        assert same_structure(back, NEST)
        assert isinstance(back["b"][1], tuple)
        assert type(back["b"][1][1]) is Pair
        assert back["W"].tolist() == [[10, 11, 12], [13, 14, 15]]
        assert back["b"][0] == 16
        assert back["b"][1][1].left.tolist() == [17, 18]
        assert np.shares_memory(back["W"], vector) is own
    assert tree.nested(vector, np.complex128)["W"].dtype == np.complex128
    assert tree.lent(vector, np.complex128)["W"].dtype == np.complex128
    turned = read_tree("x", np.asfortranarray(NEST["W"]))
    lent = turned.lent(np.arange(6.0))
    assert lent.flags.f_contiguous
    assert lent.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_vector_is_rounded_to_what_the_leaves_hold() -> None:
    third = np.array([1 / 3, 1 / 3])
    mixed = read_tree("x", [np.zeros(1), np.zeros(1, SINGLE)])
    assert mixed.held(third).tolist() == [1 / 3, float(SINGLE(1 / 3))]
    assert mixed.held(third).dtype == np.float64
    assert mixed.eps == np.finfo(SINGLE).eps
    double = read_tree("x", np.zeros(2))
    assert double.held(third) is third
    assert double.eps == np.finfo(np.float64).eps
    assert read_tree("x", []).eps == 0
    assert mixed.nested(third)[1].dtype == SINGLE
    assert mixed.lent(third)[1].dtype == SINGLE


def test_a_nest_of_nothing_is_a_vector_of_nothing() -> None:
    assert read_tree("x", ()).vector().tolist() == []
    assert concatenate(()).dtype == np.float64


WHOLE = np.arange(24.0).reshape(2, 3, 4)
LAYOUTS = {
    "C order": WHOLE,
    "Fortran order": np.asfortranarray(WHOLE),
    "axes in another order": WHOLE.transpose(1, 0, 2),
    "the last axis backwards": WHOLE[..., ::-1],
    "the first axis backwards": WHOLE[::-1],
    "every other cell": np.zeros((2, 3, 8))[..., ::2],
    "every other cell backwards": np.zeros((2, 3, 8))[..., ::-2],
    "one number": np.array(1.0),
    "nothing": np.zeros((2, 0)),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_copy_lies_in_memory_as_the_leaf_does(name: str) -> None:
    leaf = LAYOUTS[name]
    fresh = empty_in_layout(leaf, np.float64)
    assert fresh.shape == leaf.shape
    assert [np.sign(s) for s in fresh.strides] == [np.sign(s) for s in leaf.strides]
    assert fresh.flags.c_contiguous == leaf.flags.c_contiguous
    assert fresh.flags.f_contiguous == leaf.flags.f_contiguous
    order = np.argsort([-abs(s) for s in leaf.strides], kind="stable")
    assert np.argsort([-abs(s) for s in fresh.strides], kind="stable").tolist() == order.tolist()
    copy = copy_in_layout(np.arange(float(leaf.size)), leaf, SINGLE)
    assert copy.dtype == SINGLE
    assert copy.ravel().tolist() == list(range(leaf.size))
    if "every other" in name:
        assert abs(fresh.strides[-1]) == 2 * fresh.itemsize
        cells = fresh.base
        assert cells is not None
        assert np.isnan(cells).sum() == cells.size


def test_only_the_innermost_axis_has_gaps() -> None:
    wide = np.zeros((2, 3, 8))[..., ::2]
    assert [stride_gap(wide, axis) for axis in range(3)] == [1, 1, 2]
    assert [stride_gap(WHOLE, axis) for axis in range(3)] == [1, 1, 1]
    repeated = np.broadcast_to(np.zeros((1, 3)), (2, 3))
    assert [stride_gap(repeated, axis) for axis in range(2)] == [1, 1]
    assert 0 not in empty_in_layout(repeated, np.float64).strides


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (None, StructureError, "x is None, but should be a NumPy array or a tuple, list or dict "
         "of them; wrap numbers in np.array(...)"),
        ({"a": [1.0]}, StructureError, "x['a'][0] is of type float, but should be a NumPy array or "
         "a tuple, list or dict of them; wrap numbers in np.array(...)"),
        (np.ma.array([1.0]), StructureError,
         "x is of type MaskedArray, with arithmetic of its own; make it np.array(...)"),
        ([np.zeros(1), np.zeros(1, int)], DtypeError,
         "x[1].dtype=int64, but should be float64 or float32; convert it with .astype(float)"),
        (np.zeros(1, np.float16), DtypeError,
         "x.dtype=float16, but should be float64 or float32; convert it with .astype(float)"),
    ],
)  # fmt: skip
def test_what_is_no_array_of_floats_is_named_with_its_place(
    value: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        read_tree("x", value)
    assert str(caught.value) == message


def nested(levels: int) -> Any:
    value: Any = np.zeros(1)
    for _ in range(levels):
        value = [value]
    return value


def test_a_nest_without_an_end_is_refused() -> None:
    assert read_tree("x", nested(DEEPEST)).size == 1
    endless: list[Any] = []
    endless.append(endless)
    for value in (nested(DEEPEST + 1), endless):
        with pytest.raises(StructureError) as caught:
            read_tree("x", value)
        assert str(caught.value) == "x is nested more than 64 deep; does it contain itself?"


def test_a_name_is_that_of_python() -> None:
    assert name_of("x", ("W", 0, 1)) == "x['W'][0][1]"
    assert name_of("x", ()) == "x"


@pytest.mark.parametrize(
    ("given", "due", "same"),
    [
        (1, 2, True),
        ([1], 2, False),
        (1, [2], False),
        ([1, 2], (1, 2), True),
        ([1, 2], [1], False),
        ([1, [2]], [1, 2], False),
        ({"a": 1}, {"a": 2}, True),
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ({"a": [1]}, {"a": 1}, False),
        ({0: 1}, [1], False),
        ([1], {0: 1}, False),
    ],
)
def test_two_nests_are_alike_by_their_containers_and_keys(given: Any, due: Any, same: bool) -> None:
    assert same_structure(given, due) is same
