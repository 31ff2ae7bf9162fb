"""Every slip that a formula could be, and none else: a factor, a sign, a symbol, an index."""

from collections.abc import Iterator

import pytest

from derivations.claims.networks import Network, Scope
from derivations.claims.notation_file import parse_notation
from derivations.claims.readings import Change
from derivations.claims.resolve import resolve
from derivations.claims.slips import slipped
from derivations.document.syntax import Expr, Product, children, walk, with_children
from derivations.document.tex import parse_expression
from derivations.document.write import to_text

NOTATION = parse_notation(
    r"""
[sizes]
m = "samples"
[layers]
index = ["l"]
[shape]
S = "m m"
u = "m 1"
v = "m 1"
c = "scalar"
A = "m d[l]"
B = "m d[l]"
Q = "m d[l]"
[bare]
Q = "1"
[samples]
x = "S"
[model]
forward = ["A^0 = S"]
""",
    "slips.toml",
)["default"]

# A formula with every slip of it, by its edit; ``among`` other edits the rarer slips are left out.
# u is what may have been left out as a factor; l is layer 1 of 2, and A alone has a layer 0.
DUE = r"""
alone: u + c
  SIGN: u - c | -u + c | -(u + c)
  FACTOR: 2·u + c | (1/2)·u + c | m·u + c | u/m + c | u + 2·c | u + (1/2)·c | u + m·c | u + c/m
    | 2·(u + c) | (1/2)·(u + c) | m·(u + c) | (u + c)/m | (u + c) ⊙ u | u ⊙ u + c | u + c ⊙ u
  SYMBOL: v + c
among: u - c
  SIGN: u + c | -u - c | u + c
  SYMBOL: v - c
  FACTOR: 2·(u - c) | (1/2)·(u - c) | m·(u - c) | (u - c)/m | (u - c) ⊙ u
among: -2 c
  SIGN: 2·c | -(-2·c)
  FACTOR: -2 | -c | -4·c | -1·c | -3·c | -1·c | -(-2)·c | 2·(-2·c) | (1/2)·(-2·c) | m·(-2·c) |
    (-2·c)/m | (-2·c) ⊙ u
alone: c / u
  FACTOR: c | 2·(c/u) | (1/2)·(c/u) | m·(c/u) | c/u/m | c/u ⊙ u | (c ⊙ u)/u | c/(u ⊙ u)
  SIGN: -c/u
  SYMBOL: c/v
among: \frac{5}{2}
  FACTOR: 5 | 10/2 | 5/2/2 | 6/2 | 4/2 | (-5)/2 | 5/4 | 5/1 | 5/3 | 5/1 | 5/(-2) | 2·(5/2) |
    (1/2)·(5/2) | m·(5/2) | 5/2/m | 5/2 ⊙ u
  SIGN: -5/2
among: A^l
  SYMBOL: B^l | Q^l
  MOVE: A^(l-1) | A^(l+1)
  FACTOR: 2·A^l | (1/2)·A^l | m·A^l | A^l/m | A^l ⊙ u
among: B^2
  SYMBOL: A^2 | Q^2
  MOVE: B^1
  FACTOR: 2·B^2 | (1/2)·B^2 | m·B^2 | B^2/m | B^2 ⊙ u
among: Q
  SYMBOL: A^1 | B^1
  MOVE: Q^2
  FACTOR: 2·Q^1 | (1/2)·Q^1 | m·Q^1 | Q^1/m | Q^1 ⊙ u
alone: \tanh'(c)
  PRIME: tanh(c) | tanh''(c)
  FACTOR: tanh'(2·c) | tanh'((1/2)·c) | (tanh'(c))^2 | 2·tanh'(c) | (1/2)·tanh'(c) | m·tanh'(c)
    | tanh'(c)/m | tanh'(c) ⊙ u | tanh'(c ⊙ u)
  SIGN: tanh'(-c)
alone: c^3
  FACTOR: c | (c)^6 | (c)^(3/2) | (c)^4 | (c)^2 | (c)^(-3) | 2·(c)^3 | (1/2)·(c)^3 | m·(c)^3 |
    (c)^3/m | (c)^3 ⊙ u | (c ⊙ u)^3
alone: S_{ij} u_j
  FACTOR: S[i, j] | u[j] | 2·(S[i, j]·u[j]) | (1/2)·(S[i, j]·u[j]) | m·(S[i, j]·u[j]) |
    S[i, j]·u[j]/m | S[i, j]·u[j] ⊙ u | (S[i, j] ⊙ u)·u[j] | S[i, j]·(u[j] ⊙ u)
  SIGN: -S[i, j]·u[j]
  MOVE: S[i-1, j]·u[j] | S[i+1, j]·u[j] | S[i, j-1]·u[j] | S[i, j+1]·u[j] | S[i, j]·u[j-1] |
    S[i, j]·u[j+1]
  TRANSPOSE: S[j, i]·u[j]
  SYMBOL: S[j, j]·u[j] | S[i, i]·u[j] | S[i, j]·v[j] | S[i, j]·u[i]
among: S_{1i}
  MOVE: S[2, i] | S[1, i-1] | S[1, i+1]
  FACTOR: 2·S[1, i] | (1/2)·S[1, i] | m·S[1, i] | S[1, i]/m | S[1, i] ⊙ u
among: S_{1:}
  MOVE: S[2, :]
  FACTOR: 2·S[1, :] | (1/2)·S[1, :] | m·S[1, :] | S[1, :]/m | S[1, :] ⊙ u
alone: x^i
  MOVE: x^(i-1) | x^(i+1)
  FACTOR: 2·x^i | (1/2)·x^i | m·x^i | x^i/m | x^i ⊙ u
alone: \frac{\partial c}{\partial u}
  FACTOR: 2·(∂c/∂u) | (1/2)·(∂c/∂u) | m·(∂c/∂u) | ∂c/∂u/m | ∂c/∂u ⊙ u
alone: \operatorname{trace}(-S)
  FACTOR: trace(2·(-S)) | trace((1/2)·(-S)) | (trace(-S))^2 | 2·trace(-S) | (1/2)·trace(-S) |
    m·trace(-S) | trace(-S)/m | trace(-S) ⊙ u | trace((-S) ⊙ u) | trace(-S ⊙ u)
  SIGN: trace(S) | trace(S)
"""


def table() -> list[tuple[str, bool, dict[str, list[str]]]]:
    found: list[tuple[str, bool, dict[str, list[str]]]] = []
    for line in DUE.strip().replace("\n    ", " ").split("\n"):
        head, _, rest = line.partition(": ")
        if line.startswith("  "):
            found[-1][2][head.strip()] = rest.split(" | ")
        else:
            found.append((rest, head == "alone", {}))
    return found


def read(tex: str) -> Expr:
    return resolve(parse_expression(tex, NOTATION.vocabulary), NOTATION)


def slips(tex: str, alone: bool) -> Iterator[tuple[Expr, Change]]:
    return slipped(read(tex), Scope(NOTATION, Network(2, (("l", 1),))), [read("u")], alone)


@pytest.mark.parametrize(("tex", "alone", "due"), table(), ids=[tex for tex, _, _ in table()])
def test_the_slips_of_a_formula_are_these(tex: str, alone: bool, due: dict[str, list[str]]) -> None:
    found: dict[str, list[str]] = {}
    for tree, change in slips(tex, alone):
        found.setdefault(change.edit.name, []).append(to_text(tree))
    assert found == due


def replaced(node: Expr, old: Expr | str, new: Expr | str) -> Iterator[Expr]:
    """The tree with one occurrence of a subtree replaced, for each occurrence."""
    assert not isinstance(new, str)
    if node == old:
        yield new
    parts = list(children(node))
    for place, part in enumerate(parts):
        for other in replaced(part, old, new):
            yield with_children(node, [*parts[:place], other, *parts[place + 1 :]])


@pytest.mark.parametrize(("tex", "alone"), [(tex, alone) for tex, alone, _ in table()])
def test_a_slip_is_undone_where_it_was_made(tex: str, alone: bool) -> None:
    for tree, change in slips(tex, alone):
        assert {node.sign for node in walk(tree) if isinstance(node, Product)} <= {"", "\\odot"}
        assert read(tex) in set(replaced(tree, change.after, change.before)), change.shown()
