"""An entry in index notation has the number that the same formula has on arrays."""

from itertools import product
from typing import Any

import pytest
import sympy as sp

from derivations.claims.model import Model
from derivations.claims.networks import Network
from derivations.claims.shapes import infer
from derivations.document.syntax import Expr, Filled, Ref, Total
from derivations.errors import LimitError
from derivations.numeric.enclosure import precision
from derivations.symbolic import atoms
from derivations.symbolic.encode import Encoder
from derivations.symbolic.indices import array, size
from tests.numeric.test_evaluate import NOTATION, SIZES, VALUES, exact, read, world

NODES = ["X", "S", "Q", "G", "H", "u", "v", "y", "b", "c", "z", "J", "K", "P", "R", "F"]


def encoder() -> Encoder:
    return Encoder(NOTATION, Model(NOTATION).at(1), Network(1))


def given() -> dict[Any, Any]:
    """The number of every entry of every array, of its inverse and of its determinant."""
    found: dict[Any, Any] = {}
    with precision():
        for name in NODES:
            rows = sp.Matrix(exact(world().value((name, None))))
            matrices = {array(name, None): rows}
            if rows.rows == rows.cols and rows.det() != 0:
                inverse = array("inverse", name, None)
                matrices[inverse] = rows.inv()
                matrices[array("determinant", inverse)] = sp.Matrix([[rows.det()]])
            for base, matrix in matrices.items():
                for i, j in product(range(matrix.rows), range(matrix.cols)):
                    found[base[i, j]] = matrix[i, j]
    return found


GIVEN = given()
NUMBERS = {size(name): number for name, number in SIZES.items()}


def number(value: Any) -> Any:
    value = value.subs(NUMBERS).doit().xreplace(GIVEN)
    return value.replace(atoms.Sign, sp.sign).doit()


def entries(tree: Expr, env: dict[str, Any] | None = None) -> Any:
    """Nested lists of the entries, each worked out from its index notation."""
    coder = encoder()
    shape = [SIZES.get(name) or int(name) for name in infer(tree, coder.scope)]

    def part(at: tuple[int, ...]) -> Any:
        if len(at) == len(shape):
            return number(coder.encode(tree, tuple(sp.Integer(n) for n in at), env or {}))
        return [part((*at, n)) for n in range(shape[len(at)])]

    return part(())


# What has no rule in index notation, by a part of how it is written.
WITHOUT = {
    "G H": "a correlation has no rule in index notation",
    r"\prod": "a product over an index has no rule in index notation",
    "bmatrix": "a matrix of numbers has no rule in index notation",
    "z = 0": "= between values has no rule in index notation",
    "c = 0": "= between values has no rule in index notation",
    r"\neq 0": "\\neq between values has no rule in index notation",
    r"u \neq 1": "\\neq between values has no rule in index notation",
}
# At a kink, or on the rim of a condition, an entry in index notation says nothing.
RIM = ("sign}(z)", r"z \geq 0", r"z \leq 0")
WITH = [
    row for row in VALUES
    if not any(mark in row[1] for mark in (*WITHOUT, *RIM)) and row[1] not in ("m", "0.5")
]  # fmt: skip


@pytest.mark.parametrize(("sign", "tex", "due"), WITH, ids=[f"{row[0]} {row[1]}" for row in WITH])
def test_an_entry_has_the_number_worked_out_by_hand(sign: str, tex: str, due: object) -> None:
    assert entries(read(sign, tex)) == due


@pytest.mark.parametrize(("mark", "message"), WITHOUT.items())
def test_what_has_no_rule_is_refused_in_these_words(mark: str, message: str) -> None:
    rows = [row for row in VALUES if mark in row[1]]
    assert rows
    for sign, tex, _ in rows:
        with pytest.raises(LimitError) as caught:
            entries(read(sign, tex))
        assert str(caught.value) == message


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (read("x", "(S + Q)^{-1}"), "the inverse of an expression has no rule in index notation"),
        (read("x", r"\det(S + Q)"), "the inverse of an expression has no rule in index notation"),
        (Total("samples", read("x", r"\frac{\partial y}{\partial u}")),
         "a sum over Jacobians has no rule in index notation"),
    ],
)  # fmt: skip
def test_what_is_beyond_a_rule_is_refused_in_these_words(tree: Expr, message: str) -> None:
    with pytest.raises(LimitError) as caught:
        entries(tree)
    assert str(caught.value) == message


def test_a_total_and_an_array_filled_entry_by_entry_are_sums_and_entries() -> None:
    assert entries(Total("samples", Ref("X"))) == [[9, 0]]
    assert entries(Total("outputs", Ref("X"))) == [[3], [7], [-1]]
    assert entries(Total("all", Ref("X"))) == [[9]]
    body = read("x", "X_{ij} + u_j")
    assert entries(Filled(body, ("i", "j"))) == [[2, 0], [4, 2], [6, -8]]
    assert entries(Filled(body, (None, "j")), {"i": sp.Integer(1)}) == [[4, 2]]


def test_a_norm_and_a_softmax_are_made_of_roots_and_exponentials() -> None:
    assert entries(read("x", r"\|u\|")) == [[sp.sqrt(5)]]
    found = entries(read("x", r"\operatorname{softmax}(X)"))
    due = [[sp.exp(e) / (sp.exp(a) + sp.exp(b)) for e in (a, b)] for a, b in ((1, 2), (3, 4))]
    for row, wanted in zip(found, due, strict=False):
        assert [sp.simplify(a - b) for a, b in zip(row, wanted, strict=True)] == [0, 0]
    assert len(found) == 3


def test_parts_of_a_formula_know_the_indices_around_it() -> None:
    row = entries(read("x", r"\operatorname{softmax}(X_{i:})"), {"i": sp.Integer(1)})
    due = [sp.exp(e) / (sp.exp(3) + sp.exp(4)) for e in (3, 4)]
    assert [sp.simplify(a - b) for a, b in zip(row[0], due, strict=True)] == [0, 0]


def test_indices_take_their_numbers_from_around() -> None:
    one, two = sp.Integer(0), sp.Integer(1)
    assert entries(read("x", "X_{ij}"), {"i": one, "j": two}) == [[2]]
    assert entries(read("x", "X_{i,j-1}"), {"i": two, "j": two}) == [[3]]
    assert entries(read("x", r"\sum_{j \neq i} v_j"), {"i": two}) == [[3]]
    assert entries(read("x", r"\mathbb{1}_{i = j}"), {"i": two, "j": two}) == [[1]]
    assert entries(read("x", r"\mathbb{1}_{i \neq j}"), {"i": two, "j": two}) == [[0]]
    with pytest.raises(LookupError, match=r"^the index i is not bound$"):
        entries(read("x", "X_{ij}"))
