"""What a name, a script, brackets or an operator stands for, or why it stands for nothing."""

import pytest

from derivations.claims.resolve import any_sample_of, resolve
from derivations.document.syntax import Expr, Index, Ref, walk
from derivations.document.tex import parse_expression
from derivations.document.write import to_text
from derivations.errors import UndeclaredError
from tests.reading.layers_and_more import NOTATION

READ = r"""
X  =>  X
J  =>  J
q  =>  S
r  =>  A^(l-1)
m  =>  m
\mathbf{1}  =>  𝟏
\mathbb{1}  =>  𝟏
A  =>  A
A^l  =>  A^l
A^{l-1}  =>  A^(l-1)
A^L  =>  A^N
A^{(l)}  =>  A^l
A^{[l](i)}  =>  A^([l](i))
A^{(i)}  =>  A^i
A^i  =>  A^i
A^2  =>  A^2
A_l  =>  A^l
W_k  =>  W[k]
W_{12}  =>  W[12]
W^{l}_{ij}  =>  W^l[i, j]
W^{l T}  =>  W^lᵀ
W^{lT}_{ij}  =>  W^l[j, i]
Z  =>  Z^N
Z_{ij}  =>  Z^N[i, j]
Z^T  =>  Z^Nᵀ
O  =>  O
O^L  =>  O^N
O^2  =>  (O)^2
X_{12}  =>  X[1, 2]
X_{1:}  =>  X[1, :]
X_{i}  =>  X[i]
X_{ij}  =>  X[i, j]
X_{i,j}  =>  X[i, j]
X_{i+1,j-2}  =>  X[i+1, j-2]
X^{(i)}  =>  X^i
X^i  =>  X^i
X^{\top}  =>  Xᵀ
X^{-T}  =>  (X)^(-1)ᵀ
X^t  =>  X^t
X'  =>  Xᵀ
x^i  =>  x^iᵀ
x^{(i)}  =>  x^iᵀ
x^{(i)T}  =>  x^i
x_j  =>  x^jᵀ
x_i  =>  x^iᵀ
x^i_j  =>  x^i[j]
y_i^j  =>  y_i^j
a^{[L](i)}  =>  a^i
p_i  =>  p[i]
z^i  =>  z^i
z_i  =>  z^i
t_i  =>  t[i]
t^i  =>  t^i
u_j  =>  u[j]
u_{12}  =>  u[12]
u^2  =>  (u)^2
u^{-1}  =>  (u)^(-1)
S^{-1}  =>  (S)^(-1)
S^{-T}  =>  (S)^(-1)ᵀ
S^{n}  =>  (S)^n
S^c  =>  (S)^c
S^{c+1}  =>  (S)^(c + 1)
S_{i}  =>  S[i]
q_{ij}  =>  S[i, j]
q^T_{ij}  =>  S[j, i]
r^T  =>  A^(l-1)ᵀ
h_1  =>  h_1
h_{1}  =>  h_1
b'  =>  b'
b'_j  =>  b'[j]
b'^2  =>  (b')^2
h_1'  =>  h_1ᵀ
c^2  =>  (c)^2
c'  =>  cᵀ
n_x  =>  n_x
v_{ij}  =>  V[i, j]
x_{ij}  =>  x[i, j]
s_{ij}  =>  S[i, j]
\delta_{ij}  =>  {1 if i = j; 0 otherwise}
(X V)_{ij}  =>  (X·V)_(ij)
(X V)_i  =>  (X·V)_i
(X V)^T  =>  (X·V)ᵀ
(X V)^2  =>  (X·V)^2
(X V)'  =>  (X·V)ᵀ
(X V)^{u}  =>  (X·V)^u
V w  =>  u
s(w)  =>  V
D u  =>  ∂u/∂w
D D u  =>  ∂²u/(∂w ∂w)
u D c  =>  u·(∂c/∂w)
g(u)  =>  tanh(u)
g'(u)  =>  tanh'(u)
g^{[l]}(u)  =>  tanh(u)
g^{l}(u)  =>  tanh(u)
g^{2}(u)  =>  (tanh(u))^2
J(w)  =>  J
J(w, V)  =>  J
J(w, X)  =>  J
J(c)  =>  J·c
u(w)  =>  u
t(w)  =>  t
t(w, x^i)  =>  t^i
t(x^i)  =>  t^i
u(x^i)  =>  u·x^iᵀ
\nabla_w J  =>  ∂J/∂w
\nabla_{w^T} J  =>  (∂J/∂w)ᵀ
\nabla_J J  =>  ∂J/∂J
\nabla J(w)  =>  ∂J/∂w
\nabla_w u  =>  ∂u/∂w
\nabla_w (J + c)  =>  ∂(J + c)/∂w
\nabla_w J u  =>  (∂J/∂w)·u
\nabla_w u^T u  =>  ∂(uᵀ·u)/∂w
\frac{\partial J}{\partial w}  =>  ∂J/∂w
\frac{\partial J}{\partial w^T}  =>  (∂J/∂w)ᵀ
\frac{\partial u}{\partial w^T}  =>  ∂u/∂wᵀ
dw  =>  ∂J/∂w
d_w  =>  ∂J/∂w
\mathbb{1}_{i=j}  =>  {1 if i = j; 0 otherwise}
\mathbb{1}[i = j]  =>  {1 if i = j; 0 otherwise}
\mathbb{1}\{u > 0\}  =>  {1 if u > 0; 0 otherwise}
1\{u_i \leq c\}  =>  {1 if u[i] ≤ c; 0 otherwise}
\mathbb{1}_{i \neq j}^2  =>  {1 if i ≠ j; 0 otherwise}^2
\mathbf{1}^T  =>  𝟏ᵀ
2 \{i=j\}  =>  2·{1 if i = j; 0 otherwise}
\begin{cases} 1 & u > 0 \\ 0 & u \leq 0 \end{cases}  =>  {1 if u > 0; 0 if u ≤ 0}
\begin{cases} 1 & c = 0 \\ 0 & \text{otherwise} \end{cases}  =>  {1 if c = 0; 0 otherwise}
\sum_{i=1}^m X_{ij}  =>  Σ[i=1..m] X[i, j]
\sum_{j=1}^n X_j  =>  Σ[j=1..n] X[j]
\sum_{i=1}^m X_i  =>  Σ[i=1..m] X[i]
\sum_i X_{ij}  =>  Σ[i] X[i, j]
\sum_{j \neq i} u_j  =>  Σ[j≠i] u[j]
\sum_{j \neq i+1} u_j u_i  =>  Σ[j≠i+1] u[j]·u[i]
\sum_{i=1}^m x^i_j  =>  Σ[i=1..m] x^i[j]
\sum_{j=1}^{n} x_j  =>  Σ[j=1..n] x^jᵀ
\log(c)  =>  log(c)
\exp c u  =>  exp(c)·u
\sqrt{u}  =>  sqrt(u)
|u|  =>  abs(u)
\|u\|  =>  norm(u)
\|u\|^2  =>  (norm(u))^2
c (u)  =>  c·u
X \odot X_{ij}  =>  X ⊙ X[i, j]
X^{u}  =>  X^u
X^{i}  =>  X^i
A^{l+1}_{i:}  =>  A^(l+1)[i, :]
A^{l}_{:j}  =>  A^l[:, j]
O^{l}  =>  O^l
u_{1}  =>  u[1]
X_{ij}^T  =>  X[j, i]
X^T_{ij}  =>  X[j, i]
X^{T}_{i}  =>  X[i]ᵀ
(X V)^{-T}  =>  (X·V)^(-1)ᵀ
J^2  =>  (J)^2
c(c)  =>  c·c
J(w)(w)  =>  J·w
J(\dots, w)  =>  J
"""

# Of the right: the symbol to blame, where there is one, and what is said.
REFUSED = r"""
x  =>  x: x is declared per sample and stands here without its index
f  =>  f: f is declared per sample and stands here without its index
\dots  =>  \dots: what the dots stand for is not declared
X_{ijk}  =>  X: X has 2 axes for 3 indices
X''  =>  X: X'' is not declared, and X is no function
y_i  =>  y_{i}: y_{i} is declared per sample and stands here without its index
f^i  =>  c: f^{i}: the index i has no meaning there
a^{[l]}  =>  a: a is declared per sample and stands here without its index
a  =>  a: a is declared per sample and stands here without its index
n_x^2  =>  : n_{x}^{2}: a power of a size with an index is not read
u_{ij}  =>  u: u has 1 axes for 2 indices
(X V)_{i+c}  =>  : (X V)_{i + c}: what stands below the brackets is no index
(X V)_{ijk}  =>  : (X V)_{i j k}: what stands below the brackets is no index
u D  =>  : an operator stands before nothing
g_l(u)  =>  : g(u)_{l} is a function at an index, which is not declared
g^{i}(u)  =>  : g(u)^{i} is a function at an index, which is not declared
g_i  =>  g: g_{i} is a function at an index, which is not declared
\sigma^{(i)}(u)  =>  : \sigma(u)^{(i)} is a function at an index, which is not declared
\sigma_2  =>  \sigma: \sigma_{2} is a function at an index, which is not declared
J(c, w)  =>  : the model does not compute J from all of these
t(x^i, x^j)  =>  t: t is declared at no such samples
dJ  =>  : by what J is differentiated, it does not say
1\{u_i \approx c\}  =>  : u_i ≈ c is no condition that is decided
\exp u (c)  =>  : exp(u(c)): whether the brackets belong to the argument is not clear
c (u, w)  =>  : the model does not compute c from all of these
W^i  =>  W: W^{i}: the index i has no meaning there
\sum_{j \neq 1.5} u_j  =>  : the index left out of a sum over j is no index
"""

# A symbol that is not declared, and the key under which it would be.
UNDECLARED = r"""
\Omega  =>  \Omega  =>  Omega
Q  =>  Q  =>  Q
abc  =>  abc  =>  abc
y^i  =>  y  =>  y
h_{1j}  =>  h  =>  h
h_2  =>  h  =>  h
v  =>  v  =>  v
n_x'  =>  n  =>  n
\delta_i  =>  \delta  =>  delta
\delta_{ij}^2  =>  \delta  =>  delta
\delta'_{ij}  =>  \delta  =>  delta
\delta_{i1}  =>  \delta  =>  delta
s(w)^T  =>  s  =>  s
s(w)_{ij}  =>  s  =>  s
D  =>  D  =>  D
d_{w}^2  =>  d  =>  d
\mathbf{1}_m  =>  \mathbf{1}  =>  '\mathbf{1}'
\sum_{l=1}^{L} A^l  =>  L  =>  L
\operatorname{bessel}(u)  =>  bessel  =>  bessel
"""


def rows(table: str) -> list[list[str]]:
    return [line.split("  =>  ") for line in table.strip().split("\n")]


def read(tex: str, any_sample: str = "") -> Expr:
    tree = parse_expression(tex, NOTATION.vocabulary)
    return resolve(tree, NOTATION, any_sample=any_sample)


@pytest.mark.parametrize(("tex", "due"), rows(READ))
def test_what_is_printed_stands_for_this(tex: str, due: str) -> None:
    assert to_text(read(tex)) == due


@pytest.mark.parametrize(("tex", "due"), rows(REFUSED))
def test_what_stands_for_nothing_is_refused_in_these_words(tex: str, due: str) -> None:
    with pytest.raises(UndeclaredError) as caught:
        read(tex)
    assert f"{caught.value.symbol}: {caught.value}" == due


@pytest.mark.parametrize(("tex", "symbol", "key"), rows(UNDECLARED))
def test_an_undeclared_symbol_is_named_with_the_line_to_add(
    tex: str, symbol: str, key: str
) -> None:
    with pytest.raises(UndeclaredError) as caught:
        read(tex)
    due = f'{symbol} is not declared; add  {key} = "SIZE SIZE"  under [shape] in n.toml'
    assert (str(caught.value), caught.value.symbol) == (due, symbol)


ROW, COLUMN = Index("i"), Index("j")


@pytest.mark.parametrize(
    ("tex", "due"),
    [
        ("X_i", Ref("X", None, (None, ROW))),
        ("X_{:i}", Ref("X", None, (None, ROW), sliced=True)),
        ("X_{i:}", Ref("X", None, (ROW, None), sliced=True)),
        ("X^i", Ref("X", None, (ROW, None), sample=0)),
        ("X^i_j", Ref("X", None, (ROW, COLUMN), sample=0)),
        ("K^i", Ref("K", None, (None, ROW), sample=1)),
        ("A^{l}_i", Ref("A", Index("l"), (None, ROW))),
        ("A^{[l](i)}", Ref("A", Index("l"), (ROW, None), sample=0)),
        ("a^{[L](i)}", Ref("A", Index("last"), (ROW, None), sample=0, written="a")),
        ("x^{(i)T}", Ref("X", None, (ROW, None), sample=0, written="x")),
        ("z_i", Ref("K", None, (None, ROW), sample=1, written="z")),
        ("p_i", Ref("t", None, (ROW, None), sample=0, written="p")),
        ("u_j", Ref("u", None, (COLUMN, None))),
        ("B^1_j", Ref("B", Index(None, 1), (None, COLUMN))),
        ("S_{ij}", Ref("S", None, (ROW, COLUMN))),
        ("W_9", Ref("W", Index(None, 9))),
        ("W_{12}", Ref("W", None, (Index(None, 12), None))),
    ],
)
def test_an_index_runs_along_the_axis_that_is_left_for_it(tex: str, due: Ref) -> None:
    assert read(tex) == due


def test_a_sum_up_to_a_size_tells_its_index_an_axis() -> None:
    """The same X_j is a sample of X where j counts samples, and an input where it counts those."""
    assert to_text(read(r"\sum_{i=1}^m X_i u_i")) == "Σ[i=1..m] X[i]·u[i]"
    for size, entries in (("m", (ROW, None)), ("n", (None, ROW)), ("k", (None, ROW))):
        (found,) = (ref for ref in refs(read(rf"\sum_{{i=1}}^{size} X_i")))
        assert found.entries == entries


def refs(tree: Expr) -> list[Ref]:
    return [node for node in walk(tree) if isinstance(node, Ref)]


@pytest.mark.parametrize(
    ("texts", "letter"),
    [
        (["x", "c"], "i"),
        (["x i", "s"], "t"),
        (["x^T"], "i"),
        (["x", "X"], "i"),
        (["x", "x^j"], ""),
        (["x_j"], ""),
        (["X^j"], "i"),
        (["i s t u v"], ""),
    ],
)
def test_what_is_per_sample_and_has_no_index_gets_a_letter_that_is_free(
    texts: list[str], letter: str
) -> None:
    trees = tuple(parse_expression(tex, NOTATION.vocabulary) for tex in texts)
    assert any_sample_of(trees, NOTATION) == letter


def test_under_any_index_a_sample_stands_without_one() -> None:
    assert read("x", "i") == read("x^i")
    assert read("x^T", "i") == read("x^{iT}")
    with pytest.raises(UndeclaredError, match="f is declared per sample and stands here without"):
        read("f", "i")
