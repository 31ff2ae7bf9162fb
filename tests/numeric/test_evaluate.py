"""What a formula evaluates to on given arrays is what their numbers, worked out by hand, say."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from derivations.claims.model import Model
from derivations.claims.networks import Network
from derivations.claims.notation_file import parse_notation
from derivations.claims.resolve import resolve
from derivations.document.syntax import Call, Expr, Filled, Meaning, Product, Ref, Total, transform
from derivations.document.tex import parse_expression
from derivations.errors import LimitError, UndeclaredError
from derivations.numeric.enclosure import Balls, balls, precision
from derivations.numeric.world import World, undrawn

NOTATION = parse_notation(
    r"""
[sizes]
m = "samples"
n = "inputs"
k = "outputs"
[shape]
X = "m n"
S = "n n"
Q = "n n"
G = "3 4"
H = "2 2"
u = "n 1"
v = "n 1"
y = "m"
b = "1 k"
c = "scalar"
z = "scalar"
I = "n n"
O = "n m"
E = "m"
J = "scalar"
K = "m n"
P = "n m"
R = "n n"
F = "scalar"
[domain]
I = "identity"
O = "zeros"
E = "ones"
[model]
loss = "J"
forward = ["y = X u", 'K = X \odot X', 'P = X^T', 'J = \frac{1}{2} y^T y', 'R = c S',
    'F = u^T Q v + c u^T u']
""",
    "numbers.toml",
)["default"]
SIZES = {"m": 3, "n": 2, "k": 1}
ARRAYS = {
    "X": [[1, 2], [3, 4], [5, -6]],
    "S": [[2, 1], [1, 1]],
    "Q": [[0, 2], [3, 0]],
    "G": [[1, 0, 2, -1], [0, 3, 1, 1], [2, 1, 0, 1]],
    "H": [[1, 2], [3, -1]],
    "u": [[1], [-2]],
    "v": [[3], [5]],
    "b": [[7]],
    "c": [[4]],
    "z": [[0]],
}
MEANINGS = {"x": Meaning.MATMUL, "o": Meaning.HADAMARD, "s": Meaning.SCALE, "c": Meaning.CONTRACT,
            "k": Meaning.CORRELATE}  # fmt: skip


def world() -> World:
    def drawn(name: str, shape: tuple[int, int]) -> Balls:
        found = balls(ARRAYS[name])
        assert found.shape == shape
        return found

    network = Network(1)
    return World(NOTATION, Model(NOTATION).at(1), network, SIZES, drawn)


def read(sign: str, tex: str) -> Expr:
    def meant(node: Expr) -> Expr:
        bare = isinstance(node, Product) and node.meaning is None
        return replace(node, meaning=MEANINGS[sign]) if bare else node

    tree = resolve(parse_expression(tex, NOTATION.vocabulary), NOTATION)
    return transform(tree, meant)


def exact(array: Balls) -> object:
    """Nested lists of the numbers, which all have to be exact."""
    return [exact(part) if isinstance(part, np.ndarray) else fraction(part) for part in array]


def fraction(value: arb) -> Fraction:
    assert value.is_exact(), value
    numerator, denominator = (int(part) for part in (value.fmpq().p, value.fmpq().q))
    return Fraction(numerator, denominator)


def numbers(tree: Expr, env: Mapping[str, int] | None = None) -> object:
    with precision():
        found = world().evaluate(tree, env or {})
        return exact(found)


HALF = Fraction(1, 2)
VALUES = [
    ("x", "S u", [[0], [-1]]),
    ("x", "u^T S", [[0, -1]]),
    ("o", "S Q", [[0, 2], [3, 0]]),
    ("o", "u S", [[2, 1], [-2, -2]]),
    ("s", "c u", [[4], [-8]]),
    ("s", "u c", [[4], [-8]]),
    ("k", "G H", [[-2, 12, 2], [11, 8, 2]]),
    ("o", r"u \frac{\partial v}{\partial v}", [[1], [-2]]),
    ("o", r"\frac{\partial v}{\partial v} u", [[1], [-2]]),
    ("x", "S + Q", [[2, 3], [4, 1]]),
    ("x", "S - Q", [[2, -1], [-2, 1]]),
    ("x", "-u", [[-1], [2]]),
    ("x", r"\frac{u}{c}", [[Fraction(1, 4)], [-HALF]]),
    ("x", "S^T Q^T", [[2, 6], [2, 3]]),
    ("x", "m", [[3]]),
    ("x", "0.5", [[HALF]]),
    # powers
    ("x", "S^0", [[1, 0], [0, 1]]),
    ("x", "S^1", [[2, 1], [1, 1]]),
    ("x", "u^0", [[1], [1]]),
    ("x", "u^1", [[1], [-2]]),
    ("x", "S^2", [[5, 3], [3, 2]]),
    ("x", "S^{-1}", [[1, -1], [-1, 2]]),
    ("x", "S^{-2}", [[2, -3], [-3, 5]]),
    ("x", "S^3", [[13, 8], [8, 5]]),
    ("x", "u^2", [[1], [4]]),
    ("x", "u^3", [[1], [-8]]),
    ("x", "u^{-1}", [[1], [-HALF]]),
    ("x", "u^{-2}", [[1], [Fraction(1, 4)]]),
    # functions of whole arrays
    ("x", r"\operatorname{trace}(S)", [[3]]),
    ("x", r"\det(S)", [[1]]),
    ("x", r"\det(Q)", [[-6]]),
    ("x", r"\operatorname{inv}(S)", [[1, -1], [-1, 2]]),
    ("x", r"\operatorname{diag}(u)", [[1, 0], [0, -2]]),
    ("x", r"\operatorname{diag}(v^T)", [[3, 0], [0, 5]]),
    ("x", "|u|", [[1], [2]]),
    ("x", r"\operatorname{relu}(u)", [[1], [0]]),
    ("x", r"\operatorname{sign}(u)", [[1], [-1]]),
    ("x", r"\operatorname{sign}(z)", [[0]]),
    ("x", r"\exp(z)", [[1]]),
    # what is declared, and what the model computes
    ("x", "I", [[1, 0], [0, 1]]),
    ("x", "O", [[0, 0, 0], [0, 0, 0]]),
    ("x", "E", [[1], [1], [1]]),
    ("x", "y", [[-3], [-5], [17]]),
    ("x", "K", [[1, 4], [9, 16], [25, 36]]),
    ("x", "R", [[8, 4], [4, 4]]),
    ("x", "F", [[12]]),
    # entries and sums
    ("x", "X_{32}", [[-6]]),
    ("x", "X_{2:}", [[3, 4]]),
    ("x", "X_{:1}", [[1], [3], [5]]),
    ("x", "(X + X)_{2,1}", [[6]]),
    ("x", "(u + v)_2", [[3]]),
    ("x", r"\sum_{i=1}^m y_i", [[9]]),
    ("x", r"\sum_{i=1}^m X_{i2}", [[0]]),
    ("x", r"\sum_{i} (X + X)_{i,1}", [[18]]),
    ("x", r"\sum_{i=1}^m c", [[12]]),
    ("x", r"\sum_{i \neq 2} v_i", [[3]]),
    ("x", r"\prod_{i=1}^n v_i", [[15]]),
    ("x", r"\prod_{i=1}^m X_{i1}", [[15]]),
    ("x", r"\begin{bmatrix} 1 & c \\ 2 & m \end{bmatrix}", [[1, 4], [2, 3]]),
    # conditions
    ("x", r"\begin{cases} c & u > 0 \\ 1 & u \leq 0 \end{cases}", [[4], [1]]),
    ("x", r"\begin{cases} v & u < 0 \\ 0 & u \geq 0 \end{cases}", [[0], [5]]),
    ("x", r"\begin{cases} 1 & z = 0 \\ 2 & \text{otherwise} \end{cases}", [[1]]),
    ("x", r"\begin{cases} 1 & z \neq 0 \\ 2 & \text{otherwise} \end{cases}", [[2]]),
    ("x", r"\begin{cases} 1 & c = 0 \\ 2 & \text{otherwise} \end{cases}", [[2]]),
    ("x", r"\begin{cases} 1 & u \neq 1 \\ 2 & \text{otherwise} \end{cases}", [[2], [1]]),
    ("x", r"\begin{cases} 1 & z \geq 0 \\ 1 & z \leq 0 \end{cases}", [[1]]),
    ("x", r"\mathbb{1}\{u > 0\}", [[1], [0]]),
    ("x", r"\sum_{i=1}^m \mathbb{1}\{y_i > 0\}", [[1]]),
    ("x", r"\begin{cases} v & u \geq 0 \\ 7 & u < 0 \end{cases}", [[3], [7]]),
    ("x", r"\begin{cases} 5 & u < 0 \\ 6 & u > 3 \\ 7 & \text{otherwise} \end{cases}", [[7], [5]]),
    ("x", r"\begin{cases} 1 & z \geq 0 \\ 2 & \text{otherwise} \end{cases}", [[1]]),
    ("x", r"\begin{cases} 1 & z \leq 0 \\ 2 & \text{otherwise} \end{cases}", [[1]]),
    # derivatives of the model
    ("x", r"\frac{\partial J}{\partial y}", [[-3], [-5], [17]]),
    ("x", r"\frac{\partial J}{\partial u}", [[67], [-128]]),
    ("x", r"\frac{\partial R}{\partial c}", [[2, 1], [1, 1]]),
    ("x", r"\frac{\partial y}{\partial u_1}", [[1], [3], [5]]),
    ("x", r"\frac{\partial y_2}{\partial u}", [[3], [4]]),
    ("x", r"\frac{\partial u}{\partial u}", [[[[1], [0]]], [[[0], [1]]]]),
    # second derivatives: the inner variable's axes come first
    ("x", r"\frac{\partial^2 J}{\partial u \partial u^T}", [[[[35], [-16]]], [[[-16], [56]]]]),
    ("x", r"\frac{\partial^2 J}{\partial u_1 \partial u_2}", [[-16]]),
    ("x", r"\frac{\partial^2 J}{\partial u_2^2}", [[56]]),
    ("x", r"\frac{\partial^2 F}{\partial u^2}", [[[[8], [0]]], [[[0], [8]]]]),
    ("x", r"\frac{\partial^2 F}{\partial u \partial v}", [[[[0], [3]]], [[[2], [0]]]]),
    ("x", r"\frac{\partial^2 F}{\partial v \partial u}", [[[[0], [2]]], [[[3], [0]]]]),
    ("x", r"\frac{\partial^2 F}{\partial u \partial c}", [[2], [-4]]),
    ("x", r"\frac{\partial^2 F}{\partial c \partial u}", [[2], [-4]]),
    ("x", r"\frac{\partial^2 F}{\partial c^2}", [[0]]),
    ("x", r"\frac{\partial^2 F}{\partial Q_{12} \partial u_1}", [[5]]),
    ("x", r"\frac{\partial^2 F}{\partial Q \partial v_2}", [[0, 1], [0, -2]]),
    ("c", r"\frac{\partial J}{\partial y} \frac{\partial y}{\partial u}", [[67], [-128]]),
    ("c", r"\frac{\partial y}{\partial u} \frac{\partial J}{\partial y}", [[67], [-128]]),
    ("s", r"c \frac{\partial u}{\partial u}", [[[[4], [0]]], [[[0], [4]]]]),
    ("s", r"\frac{\partial u}{\partial u} c", [[[[4], [0]]], [[[0], [4]]]]),
]


@pytest.mark.parametrize(("sign", "tex", "due"), VALUES)
def test_a_formula_has_the_numbers_worked_out_by_hand(sign: str, tex: str, due: object) -> None:
    assert numbers(read(sign, tex)) == due


@pytest.mark.parametrize(
    ("sign", "tex", "due"),
    [
        ("x", r"\frac{u}{z}", "nan"),
        ("x", r"\operatorname{relu}(z)", "nan"),
        ("x", r"\begin{cases} 1 & c < 0 \\ 2 & z > 0 \end{cases}", "nan"),
    ],
)
def test_what_has_no_number_is_none(sign: str, tex: str, due: str) -> None:
    with precision():
        found = world().evaluate(read(sign, tex), {})
    assert found.size
    assert all(str(value) == due for value in found.flat)


@pytest.mark.parametrize(
    ("tex", "due"),
    [
        (r"\exp(c)", arb(4).exp()),
        (r"c^{0.5}", arb(2)),
        (r"c^{-0.5}", arb(1) / 2),
        (r"c^{c}", arb(256)),
        (r"\|u\|", arb(5).sqrt()),
        (r"\sqrt{b}", arb(7).sqrt()),
        (r"\log(c)", arb(4).log()),
        (r"\sigma(c)", 1 / (1 + arb(-4).exp())),
        (r"\tanh(c)", arb(4).tanh()),
        (r"\operatorname{softplus}(c)", (1 + arb(4).exp()).log()),
        (r"\tanh'(c)", 1 - arb(4).tanh() ** 2),
        (r"\sigma'(c)", arb(4).exp() / (1 + arb(4).exp()) ** 2),
        (r"\log'(c)", arb(1) / 4),
        (r"\log''(c)", -arb(1) / 16),
        (r"\sqrt'(c)", arb(1) / 4),
        (r"\exp''(c)", arb(4).exp()),
    ],
)
def test_a_number_that_is_not_rational_lies_within_its_bound(tex: str, due: arb) -> None:
    """And the bound says something: it is narrower than half of the precision allows."""
    with precision():
        (value,) = world().evaluate(read("x", tex), {}).flat
        assert value.overlaps(due)
        assert value.rad() < arb(2) ** -64 * (1 + abs(due))
        assert not (value + arb(2) ** -32).overlaps(due)


def test_a_softmax_is_along_the_units_of_each_sample() -> None:
    with precision():
        found = world().evaluate(read("x", r"\operatorname{softmax}(X)"), {})
        for row, values in zip(found, ARRAYS["X"], strict=True):
            whole = sum(arb(value).exp() for value in values)
            assert all(
                entry.overlaps(arb(value).exp() / whole)
                for entry, value in zip(row, values, strict=True)
            )


@pytest.mark.parametrize(
    ("over", "due"),
    [("samples", [[9, 0]]), ("outputs", [[3], [7], [-1]]), ("all", [[9]])],
)
def test_a_total_is_over_its_axis(over: str, due: object) -> None:
    assert numbers(Total(over, Ref("X"))) == due


def test_a_total_of_slopes_keeps_the_axes_of_the_variable() -> None:
    slope = read("x", r"\frac{\partial y}{\partial u}")
    assert numbers(Total("samples", slope)) == [[9], [0]]
    square = read("x", r"\frac{\partial K}{\partial X}")  # K is X ⊙ X: 2 X at its own entry
    summed = np.array(numbers(Total("samples", square)))
    assert summed.shape == (1, 2, 3, 2)
    for column, row, other in np.ndindex(2, 3, 2):
        own = 2 * ARRAYS["X"][row][column] if other == column else 0
        assert summed[0, column, row, other] == own
    slopes = read("x", r"\frac{\partial K}{\partial c}")
    with pytest.raises(UndeclaredError, match="does not say how K depends on c"):
        numbers(slopes)


def test_an_array_is_filled_entry_by_entry() -> None:
    body = read("x", "X_{ij} + u_j")
    assert numbers(Filled(body, ("i", "j"))) == [[2, 0], [4, 2], [6, -8]]
    assert numbers(Filled(body, (None, "j")), {"i": 2}) == [[4, 2]]


def test_indices_take_their_numbers_from_around() -> None:
    assert numbers(read("x", "X_{ij}"), {"i": 3, "j": 2}) == [[-6]]
    assert numbers(read("x", "X_{i,j-1}"), {"i": 2, "j": 2}) == [[3]]
    assert numbers(read("x", r"\sum_{j \neq i} v_j"), {"i": 2}) == [[3]]
    assert numbers(read("x", r"\mathbb{1}_{i = j}"), {"i": 2, "j": 2}) == [[1]]
    assert numbers(read("x", r"\mathbb{1}_{i = j}"), {"i": 2, "j": 1}) == [[0]]


FAULTS = [
    ("X_{13}", "X has no entry 3 of 2"),
    ("(u + v)_3", "u + v has no entry 3 of 2"),
    ("(u + v)_0", "u + v has no entry 0 of 2"),
    (r"\mathbb{1}_{i = j}", "the index i stands below no array"),
    (r"\begin{cases} 1 & c > 0 \\ 2 & c > 1 \end{cases}",
     "two of the cases of {1 if c > 0; 2 if c > 1} hold at once and differ"),
    (r"\frac{\partial X}{\partial u}",
     "the model does not say what X is computed from; add its definition under  forward  in "
     "[model]"),
    (r"\frac{\partial^2 F}{\partial X \partial u}",
     "the model does not say how F depends on X; add the definitions between them under  forward "
     " in [model]"),
    (r"\frac{\partial^2 z}{\partial c^2}",
     "the model does not say what z is computed from; add its definition under  forward  in "
     "[model]"),
    (r"\frac{\partial y}{\partial c}",
     "the model does not say how y depends on c; add the definitions between them under  forward "
     " in [model]"),
]  # fmt: skip


@pytest.mark.parametrize(("tex", "message"), FAULTS)
def test_what_cannot_be_evaluated_is_refused_in_these_words(tex: str, message: str) -> None:
    with pytest.raises(UndeclaredError) as caught:
        numbers(read("x", tex))
    assert str(caught.value) == message


def test_derivatives_beyond_the_second_and_of_what_depends_on_another_are_refused() -> None:
    with pytest.raises(LimitError, match=r"^tanh differentiated 3 times$"):
        numbers(Call("tanh", Ref("c"), 3))
    for tex in (
        r"\frac{\partial^2 y}{\partial u^2}",
        r"\frac{\partial}{\partial c} \frac{\partial^2 F}{\partial u \partial v}",
    ):
        with pytest.raises(LimitError, match=r"^a second derivative of an array, or a third"):
            numbers(read("x", tex))
    for outer, inner in ("uy", "yu"):
        with pytest.raises(LimitError, match=rf"^{inner} and {outer} are not independent of each"):
            numbers(read("x", rf"\frac{{\partial^2 J}}{{\partial {outer} \partial {inner}}}"))
    twice = read("x", r"\frac{\partial J}{\partial u}")
    with pytest.raises(LimitError, match=r"^a derivative of a derivative$"):
        world().with_tangent(("u", None), (0, 0)).evaluate(twice, {})


def test_a_world_that_has_all_its_values_draws_none() -> None:
    bare = World(NOTATION, {}, Network(1), SIZES, undrawn)
    with pytest.raises(LimitError, match=r"^u 2×1 has no value to start from$"):
        bare.evaluate(read("x", "u"), {})


@pytest.mark.parametrize("value", [[[1, 2], [2, 4]], [[0, 0], [0, 0]]])
def test_a_singular_matrix_has_a_determinant_and_no_inverse(value: list[list[int]]) -> None:
    def drawn(name: str, shape: tuple[int, int]) -> Balls:
        return balls(value)

    singular = World(NOTATION, {}, Network(1), SIZES, drawn)
    with precision():
        assert exact(singular.evaluate(read("x", r"\det(S)"), {})) == [[0]]
        inverse = singular.evaluate(read("x", r"\operatorname{inv}(S)"), {})
    assert all(str(entry) == "nan" for entry in inverse.flat)


def test_a_determinant_of_any_size_is_that_of_its_permutations() -> None:
    rows = [[2, 0, 1, 3], [1, 4, 0, -2], [0, 1, 5, 1], [3, -1, 2, 0]]
    notation = parse_notation('[shape]\nB = "4 4"\n', "n.toml")["default"]
    own = World(notation, {}, Network(1), {}, lambda name, shape: balls(rows))
    tree = resolve(parse_expression(r"\det(B)", notation.vocabulary), notation)
    with precision():
        (found,) = own.evaluate(tree, {}).flat
    assert found.overlaps(arb(by_first_row(rows)))
    assert found.rad() < arb(2) ** -64


def by_first_row(rows: list[list[int]]) -> int:
    if not rows:
        return 1
    minors = ([row[:n] + row[n + 1 :] for row in rows[1:]] for n in range(len(rows)))
    return sum((-1) ** n * rows[0][n] * by_first_row(minor) for n, minor in enumerate(minors))
