"""What shape a formula has, or in which words it has none."""

from dataclasses import replace
from fractions import Fraction

import pytest

from derivations.claims.axes import softmax_axis, total_axes
from derivations.claims.networks import Network, Scope
from derivations.claims.resolve import resolve
from derivations.claims.shapes import (
    SCALAR,
    Shape,
    broadcast,
    infer,
    is_square,
    product_shape,
    shape_text,
    whole_exponent,
)
from derivations.document.syntax import (
    Expr,
    Filled,
    Index,
    Meaning,
    Neg,
    Number,
    Product,
    Ref,
    Size,
    Total,
    transform,
)
from derivations.document.tex import parse_expression
from derivations.errors import GradproofError, ShapeError, UndeclaredError
from tests.reading.layers_and_more import NOTATION

MEANINGS = {
    "x": Meaning.MATMUL,
    "o": Meaning.HADAMARD,
    "s": Meaning.SCALE,
    "c": Meaning.CONTRACT,
    "k": Meaning.CORRELATE,
    "-": None,
}

# What a product without a meaning means, a formula, and its shape in a network of three layers,
# where l is the second.
SHAPES = r"""
- : A^l  =>  m d2
- : A^3  =>  m k
- : A^0  =>  m n
- : W^3  =>  d2 k
- : B^1  =>  1 d1
- : O^L  =>  k 1
- : O^2  =>  k 1
- : X_{ij}  =>  1 1
- : X_i  =>  m 1
- : X_{i1}  =>  1 1
- : X_{12}  =>  1 1
- : (X + X)_{ij}  =>  1 1
- : (t)_i  =>  1 1
- : X + X  =>  m n
- : X + c  =>  m n
- : c + X  =>  m n
- : X / c  =>  m n
x : X V  =>  m k
o : X X  =>  m n
o : X c  =>  m n
s : c X  =>  m n
s : X c  =>  m n
x : V^T X^T  =>  k m
x : u^T u  =>  1 1
- : X^T  =>  n m
- : \frac{\partial u}{\partial w}  =>  k 1 n 1
- : \frac{\partial J}{\partial w}  =>  n 1
- : \frac{\partial w}{\partial c}  =>  n 1
c : \frac{\partial u}{\partial w} \frac{\partial w}{\partial V}  =>  k 1 n k
c : \frac{\partial w}{\partial V} \frac{\partial u}{\partial w}  =>  k 1 n k
c : \frac{\partial J}{\partial u} \frac{\partial u}{\partial w}  =>  n 1
c : u \frac{\partial u}{\partial u}  =>  k 1
c : \frac{\partial u}{\partial u} u  =>  k 1
o : u \frac{\partial u}{\partial u}  =>  k 1
o : \frac{\partial u}{\partial u} u  =>  k 1
- : g(X)  =>  m n
- : \operatorname{softmax}(X)  =>  m n
- : \operatorname{trace}(S)  =>  1 1
- : \operatorname{inv}(S)  =>  k k
- : \|X\|  =>  1 1
- : \operatorname{diag}(u)  =>  k k
- : \operatorname{diag}(u^T)  =>  k k
- : \sum_{i=1}^m X_{ij}  =>  1 1
- : \sum_{i=0}^{m-1} X_{ij}  =>  1 1
- : \sum_{i=1}^{m} c  =>  1 1
- : \sum_{i \neq j} u_i  =>  1 1
- : u^2  =>  k 1
- : u^{c}  =>  k 1
- : 3  =>  1 1
- : m  =>  1 1
- : \begin{bmatrix} 1 & c \\ 2 & m \end{bmatrix}  =>  2 2
- : \begin{cases} u & u > 0 \\ c & u \leq c \end{cases}  =>  k 1
- : \mathbb{1}_{i = j}  =>  1 1
- : -X  =>  m n
- : |X|  =>  m n
- : \sum_{i=1}^m \sum_{j=1}^n X_{ij}  =>  1 1
- : \sum_{i=1}^m t_i + \sum_{i=1}^n w_i  =>  1 1
- : \sum_{i=1}^m (t_i + \sum_{i=1}^n w_i)  =>  1 1
"""
REFUSED = r"""
- : A  =>  A stands here without its layer
- : A^4  =>  A^4 is not declared: there is no layer 4 in a network of 3
- : W^0  =>  W^0 is not declared: there is no layer 0 in a network of 3
- : A^q  =>  A stands here without its layer
- : X_{ij} + Y_{ji}  =>  j runs over n and, in Y[j, i], over m
- : X_{ij} + Y_{ij}  =>  j runs over n and, in Y[i, j], over k
- : (X + X)_i  =>  X + X is m×n, and 1 index stands below it
- : (X + X)_{ij} Y_{ji}  =>  j runs over n and, in Y[j, i], over m
- : X + B^1  =>  X is m×n and B^1 is 1×d1: no declared meaning of + fits
- : u + B^3  =>  u is k×1 and B^3 is 1×k: no declared meaning of + fits
- : X + u  =>  X is m×n and u is k×1: no declared meaning of + fits
- : X / V  =>  X is m×n and V is n×k: no declared meaning of / fits
x : X X  =>  X is m×n and X is m×n: no declared meaning of the product fits
o : X V  =>  X is m×n and V is n×k: no declared meaning of the product fits
s : X X  =>  X is m×n and X is m×n: no declared meaning of the product fits
- : X V  =>  X is m×n and V is n×k: no declared meaning of the product fits
- : X \odot V  =>  X is m×n and V is n×k: no declared meaning of ⊙ fits
- : X @ V  =>  X is m×n and V is n×k: no declared meaning of @ fits
k : X V  =>  X is m×n and V is n×k: no declared meaning of the product fits
- : (\frac{\partial u}{\partial w})^T  =>  ∂u/∂w is a Jacobian (k×1 by n×1) and has no transpose
- : \frac{\partial u}{\partial (w + w)}  =>  w + w is not a variable to differentiate by
- : \nabla_w \frac{\partial u}{\partial w}  =>  ∂²u/(∂w ∂w) is a derivative of a Jacobian
c : w \frac{\partial u}{\partial u}
    =>  w is n×1 and ∂u/∂u is a Jacobian (k×1 by k×1): no declared meaning of the product fits
o : w \frac{\partial u}{\partial u}
    =>  w is n×1 and ∂u/∂u is a Jacobian (k×1 by k×1): no declared meaning of the product fits
- : \operatorname{trace}(X)  =>  X is m×n, not square
- : \det(X)  =>  X is m×n, not square
- : \operatorname{inv}(X)  =>  X is m×n, not square
- : \operatorname{diag}(X)  =>  X is m×n, not a vector
- : g(\frac{\partial u}{\partial w})
    =>  tanh(∂u/∂w): tanh does not apply to a Jacobian (k×1 by n×1)
- : \operatorname{softmax}'(X)  =>  softmax'(X): softmax does not apply to m×n
- : \sum_{i=1}^n X_{ij}  =>  the sum ends at n, but i runs over m
- : \sum_{i=0}^{m} X_{ij}  =>  the sum starts at 0, not at 1 (or at 0, up to one less)
- : \sum_{i=2}^{m} X_{ij}  =>  the sum starts at 2, not at 1 (or at 0, up to one less)
- : \sum_{i=0}^{m+1} X_{ij}  =>  the sum starts at 0, not at 1 (or at 0, up to one less)
- : \sum_{i=0}^{m} c  =>  Σ[i=0..m] c: the index i does not occur in the sum
- : \sum_{i} c  =>  Σ[i] c: the index i does not occur in the sum
- : \sum_{i=1}^{c} c  =>  Σ[i=1..c] c: the index i does not occur in the sum
- : \sum_{i \neq j} u_i X_{jj}  =>  j runs over m and, in X[j, j], over n
- : \sum_{i=1}^m (\sum_{i=1}^n X_{1i}) t_i
    =>  Σ[i=1..n] X[1, i] is a number and t[i] is a number: no declared meaning of the product fits
- : u^{w}  =>  the exponent w is no number
- : (\frac{\partial u}{\partial w})^2  =>  ∂u/∂w is a Jacobian (k×1 by n×1) and has no power
- : \mathbf{1}  =>  how long the column of ones is, nothing here fixes
- : \begin{bmatrix} 1 & u \end{bmatrix}  =>  u is no number, and stands in a matrix
- : \begin{cases} u & u > 0 \\ w & u \leq c \end{cases}
    =>  the cases of {u if u > 0; w if u ≤ c} differ in shape
- : \mathbb{1}\{u = w\}  =>  the cases of {1 if u = w; 0 otherwise} differ in shape
- : \sum_{i=1}^m (t_i + \sum_{j=1}^n w_i)  =>  i runs over m and, in w[i], over n
- : X_{ij} + w_j + u_j  =>  j runs over n and, in u[j], over k
"""


def rows(table: str) -> list[list[str]]:
    lines = table.strip().replace("\n    =>", "  =>").split("\n")
    return [[head[0], *head[4:].split("  =>  ")] for head in lines]


def scope(**same: str) -> Scope:
    return Scope(NOTATION, Network(3, (("l", 2),)), same)


def read(sign: str, tex: str) -> Expr:
    def meant(node: Expr) -> Expr:
        bare = isinstance(node, Product) and node.meaning is None
        return replace(node, meaning=MEANINGS[sign]) if bare else node

    tree = resolve(parse_expression(tex, NOTATION.vocabulary), NOTATION)
    return transform(tree, meant)


@pytest.mark.parametrize(("sign", "tex", "due"), rows(SHAPES))
def test_a_formula_has_this_shape(sign: str, tex: str, due: str) -> None:
    assert infer(read(sign, tex), scope()) == tuple(due.split())


@pytest.mark.parametrize(("sign", "tex", "due"), rows(REFUSED))
def test_a_formula_without_a_shape_is_refused_in_these_words(sign: str, tex: str, due: str) -> None:
    with pytest.raises(GradproofError) as caught:
        infer(read(sign, tex), scope())
    assert str(caught.value) == due


def test_sizes_that_coincide_count_as_one() -> None:
    with pytest.raises(ShapeError):
        infer(read("-", r"\sum_{i=1}^n X_{ij}"), scope())
    assert infer(read("-", r"\sum_{i=1}^n X_{ij}"), scope(n="m")) == SCALAR
    assert infer(read("-", r"\sum_{i=1}^n c"), scope(n="m")) == SCALAR
    assert infer(read("x", "X X"), scope(n="m")) == ("m", "m")


TWO, FOUR = ("3", "5"), ("3", "5", "2", "1")


@pytest.mark.parametrize(
    ("left", "right", "due"),
    [
        (TWO, TWO, TWO),
        (TWO, ("1", "5"), TWO),
        (("3", "1"), TWO, TWO),
        (("3", "1"), ("1", "5"), None),
        (TWO, ("3", "4"), None),
        (TWO, SCALAR, TWO),
        (FOUR, SCALAR, FOUR),
        (SCALAR, FOUR, FOUR),
        (FOUR, TWO, None),
    ],
)
def test_an_operand_is_repeated_to_fit_the_other(
    left: Shape, right: Shape, due: Shape | None
) -> None:
    assert broadcast(left, right) == due


@pytest.mark.parametrize(
    ("left", "right", "due"),
    [
        (TWO, ("2", "3"), ("2", "3")),
        (TWO, TWO, SCALAR),
        (TWO, ("3", "6"), None),
        (TWO, ("4", "5"), None),
        (("m", "5"), ("2", "3"), None),
        (FOUR, ("1", "1"), None),
        (TWO, FOUR, None),
    ],
)
def test_a_window_fits_into_an_array_of_numbers(
    left: Shape, right: Shape, due: Shape | None
) -> None:
    assert product_shape(Meaning.CORRELATE, left, right) == due


def test_a_product_with_a_jacobian_is_over_what_lies_between_in_the_order_of_the_layout() -> None:
    of, back = ("k", "1", "n", "1"), ("n", "1", "m", "2")
    for layout, turned in (("denominator", ("k", "1", "m", "2")), ("numerator", None)):
        assert product_shape(Meaning.CONTRACT, of, back, layout) == ("k", "1", "m", "2")
        assert product_shape(Meaning.CONTRACT, back, of, layout) == turned
    assert product_shape(Meaning.CONTRACT, ("k", "1"), ("n", "1")) is None
    backwards = read("c", r"\frac{\partial w}{\partial V} \frac{\partial u}{\partial w}")
    numerator = Scope(replace(NOTATION, layout="numerator"), Network(1))
    assert infer(backwards, scope()) == ("k", "1", "n", "k")
    with pytest.raises(ShapeError):
        infer(backwards, numerator)
    assert product_shape(None, TWO, TWO) is None
    assert product_shape(Meaning.MATMUL, FOUR, TWO) is None
    assert product_shape(Meaning.SCALE, TWO, TWO) is None


@pytest.mark.parametrize(
    ("over", "shape", "axes"),
    [
        ("samples", ("m", "k"), (0,)),
        ("samples", ("k", "m"), (1,)),
        ("samples", ("m", "m"), None),
        ("samples", ("n", "k"), None),
        ("outputs", ("m", "k"), (1,)),
        ("outputs", ("k", "1"), (0,)),
        ("outputs", ("n", "k"), None),
        ("outputs", ("m", "1"), None),
        ("all", ("m", "1"), (0, 1)),
        ("all", ("1", "k"), (0, 1)),
        ("all", SCALAR, None),
        ("all", FOUR, None),
        ("none", ("m", "k"), None),
    ],
)
def test_a_sum_over_samples_or_outputs_runs_along_their_axis(
    over: str, shape: Shape, axes: tuple[int, ...] | None
) -> None:
    assert total_axes(over, shape, NOTATION) == axes
    if axes is not None and shape == ("m", "k"):
        due = tuple("1" if axis in axes else size for axis, size in enumerate(shape))
        assert infer(Total(over, Ref("Y")), scope()) == due


def test_an_array_without_that_axis_is_not_summed() -> None:
    for over, said in (("samples", "samples"), ("", "samples"), ("outputs", "outputs")):
        with pytest.raises(ShapeError, match=rf"^V is n×k: it has no axis of {said}$"):
            infer(Total(over, Ref("V")), scope())
    loss = read("-", r"\frac{\partial t}{\partial w}")
    assert infer(Total("samples", loss), scope()) == ("n", "1")
    columns = read("-", r"\frac{\partial Y}{\partial w}")
    assert infer(Total("samples", columns), scope()) == ("1", "k", "n", "1")


def test_a_softmax_runs_along_the_units_of_a_sample() -> None:
    shapes = [("m", "k"), ("k", "m"), ("n", "k"), ("k", "1"), ("m", "1"), SCALAR]
    assert [softmax_axis(shape, NOTATION) for shape in shapes] == [1, 0, 1, 0, 1, 1]


def test_a_power_is_of_matrices_where_they_are_square() -> None:
    assert [is_square(s) for s in (("k", "k"), ("k", "n"), SCALAR, ("k", "k", "k", "k"))] == [
        True, False, False, False
    ]  # fmt: skip
    half, two = Number(Fraction(1, 2)), Number(Fraction(2))
    found = [whole_exponent(e) for e in (two, Neg(two), half, Number(Fraction(0)), Size("k"))]
    assert found == [2, -2, None, 0, None]
    assert whole_exponent(Neg(Size("k"))) is None


def test_an_array_given_entry_by_entry_has_an_index_for_each_axis() -> None:
    body = read("-", "X_{ij}")
    assert infer(Filled(body, ("i", "j")), scope()) == ("m", "n")
    assert infer(Filled(body, ("j", "i")), scope()) == ("n", "m")
    assert infer(Filled(body, ("i", None)), scope()) == ("m", "1")
    around = scope()
    around.index_sizes.update(i="k", q="n")
    assert infer(Filled(body, ("i", "j")), around) == ("m", "n")
    assert around.index_sizes == {"i": "k", "q": "n"}
    for letters, wrong in ((("i", "q"), body), (("i", None), read("-", "X"))):
        with pytest.raises(ShapeError, match=r"has no one value for each (q|i)$"):
            infer(Filled(wrong, letters), scope())


@pytest.mark.parametrize(("tex", "symbol"), [("A^4", "A"), ("A", "A"), ("W^0", "W"), ("O^2", "O")])
def test_a_layer_that_is_not_there_is_blamed_on_its_symbol(tex: str, symbol: str) -> None:
    with pytest.raises(UndeclaredError) as caught:
        infer(read("-", tex) if tex != "O^2" else Ref("O", Index(None, 2)), scope())
    assert caught.value.symbol == symbol


def test_what_no_rule_reads_has_no_meaning() -> None:
    with pytest.raises(UndeclaredError, match=r"^z has no declared meaning here$"):
        infer(parse_expression("z", NOTATION.vocabulary), scope())
    with pytest.raises(UndeclaredError, match=r"^function bessel is not declared$") as caught:
        infer(replace(read("-", r"\exp(c)"), function="bessel"), scope())  # type: ignore[call-arg]
    assert caught.value.symbol == "bessel"


def test_a_shape_is_told_in_words() -> None:
    assert [shape_text(s) for s in (SCALAR, TWO, FOUR)] == [
        "a number", "3×5", "a Jacobian (3×5 by 2×1)"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sign", "shown"),
    [("\\times", "times"), ("\\odot", "⊙"), ("*", r"\*"), ("", "the product")],
)
def test_a_product_that_does_not_fit_is_named_by_its_sign(sign: str, shown: str) -> None:
    product = Product(sign, Ref("X"), Ref("X"), Meaning.MATMUL)
    with pytest.raises(ShapeError, match=rf"no declared meaning of {shown} fits$"):
        infer(product, Scope(NOTATION, Network(3, (("l", 2),))))
