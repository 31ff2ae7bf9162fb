"""The claims of a page, the readings of each, and the networks they speak of."""

import pytest

from derivations.claims.claim import Claim, read_claims
from derivations.claims.model import Model
from derivations.claims.networks import Network
from derivations.claims.notation_file import parse_notation
from derivations.claims.plans import Plan, plans, strict_plan, subject_of, updated
from derivations.document.markdown import parse_page
from derivations.document.syntax import Expr, Ref
from derivations.document.write import to_tex, to_text
from derivations.errors import UndeclaredError

NOTATION = parse_notation(
    r"""
rate = "\\alpha"
[sizes]
m = "samples"
n = "inputs"
k = "outputs"
[layers]
index = ["l"]
last = ["L"]
[shape]
X = "m n"
Y = "m k"
W = "d[l-1] d[l]"
Z = "m d[l]"
A = "m d[l]"
S = "k k"
u = "k 1"
c = "scalar"
J = "scalar"
"\\alpha" = "scalar"
[at]
Y = "L"
[samples]
y = "Y"
[assume]
one = "u_j = 1"
[model]
loss = "J"
forward = ["A^0 = X", "Z^l = A^{l-1} W^l", 'A^L = \sigma(Z^L)', 'A^l = \tanh(Z^l)',
           'J = \frac{1}{2 m} \|A^L - Y\|^2', 'c = u^T u']
[example]
u = [[1], [2]]
""",
    "n.toml",
)["default"]

# A page (⏎ is the end of a line), and of each of its claims the line, the kind, the side before,
# the two sides it is about, its conditions and what is remarked of it.
PAGES = r"""
$$c = u^T u$$
  1 definition c | c = u^{T} u
$$c = u^T u = 5 = u^T S u$$
  1 definition c | c = u^{T} u
  1 instance u^{T} u | c = 5 continued
  1 definition 5 | c = u^{T} S u continued
$c = 3$⏎⏎and⏎$$⏎= u^T u$$
  1 definition c | c = 3
  5 definition 3 | c = u^{T} u continued
$$c = 1, \quad u = c$$
  1 definition c | c = 1
  1 definition u | u = c
$$\begin{aligned}⏎c &= + * \\⏎&= 3 \\⏎u &= 3⏎\end{aligned}$$
  2 mention - | - = - [unreadable: cannot read it: not in the grammar, found '*' at column 8]
  3 mention - | - = - [unreadable: it goes on with the formula before, and that could not be read]
  4 instance u | u = 3
$$\begin{aligned}⏎c &= 2 \\⏎&= * 3 \\⏎&= u⏎\end{aligned}$$
  2 definition c | c = 2
  3 mention - | - = - [unreadable: cannot read it: not in the grammar, found '*' at column 3]
  4 definition 2 | c = u continued
$$= c$$
  1 mention - | - = - [unreadable: it goes on with the formula before, and none could be read]
$$c + u$$⏎⏎$$= c$$
  1 mention - | - = - [remark: an expression that claims nothing]
  3 mention - | - = - [unreadable: it goes on with the formula before, and none could be read]
$$W^l := c$$
  1 update W^{l} | W^{l} := c
$$u = u - \alpha \frac{\partial J}{\partial u}$$
  1 update u | u = u - \alpha \frac{\partial J}{\partial u}
$$u = S u - u$$
  1 update u | u = S u - u
$$u = \frac{\partial u}{\partial c}$$
  1 definition u | u = \frac{\partial u}{\partial c}
$$S u = S u$$
  1 definition S u | S u = S u
$$\frac{\partial J}{\partial u} = u = \frac{\partial J}{\partial c} u$$
  1 gradient \frac{\partial J}{\partial u} | \frac{\partial J}{\partial u} = u
  1 chain u | \frac{\partial J}{\partial u} = \frac{\partial J}{\partial c} u continued
$$du = u$$
  1 gradient du | du = u
$$d_u = 2 u$$
  1 gradient d_{u} | d_{u} = 2 u
$$\sigma'(c) = c$$
  1 gradient \sigma'(c) | \sigma'(c) = c
$$\sigma(c) = c$$
  1 definition \sigma(c) | \sigma(c) = c
$$X \in \mathbb{R}^{m \times n}$$
  1 shape X | X \in \mathbb{R}^{m \times n}
$$c \notin X$$
  1 shape c | c \notin X
$$\operatorname{rows}(X) = m$$
  1 shape \mathrm{rows}(X) | \mathrm{rows}(X) = m
$$u = \begin{bmatrix} 1 \\ 2 \end{bmatrix}$$
  1 instance u | u = \begin{bmatrix} 1 \\ 2 \end{bmatrix}
$$u^T u = 5$$
  1 instance u^{T} u | u^{T} u = 5
$$u^T u = 5.0$$
  1 instance u^{T} u | u^{T} u = 5.0
$$u^T u \approx 5$$
  1 instance u^{T} u | u^{T} u \approx 5
$$u^T u = \begin{bmatrix} 1 \end{bmatrix}$$
  1 instance u^{T} u | u^{T} u = \begin{bmatrix} 1 \end{bmatrix}
$$c = \frac{1}{2} = 0.5$$
  1 definition c | c = \frac{1}{2}
  1 instance \frac{1}{2} | c = 0.5 continued
$$c = u = 7$$
  1 definition c | c = u
  1 instance u | c = 7 continued
$$\text{as above}$$
  1 mention - | - = - [remark: words, no formula]
$$c = \frac{$$
  1 mention - | - = - [unreadable: cannot read it: expected a formula, found the end at column
    11]
$$⏎c = u^T u⏎\\⏎= 3⏎$$
  2 definition c | c = u^{T} u
  4 instance u^{T} u | c = 3 continued
$$\begin{aligned}⏎c &= u^T u \\⏎&= \frac{1 \\⏎&= 3 \end{aligned}$$
  2 definition c | c = u^{T} u
  3 mention - | - = - [unreadable: cannot read it: expected '}', found '\\' at column 11]
$$u_j = c$$
  1 definition u_{j} | u_{j} = c if u_{j} = 1
$$u_j = c = u_1$$
  1 definition u_{j} | u_{j} = c if u_{j} = 1
  1 definition c | u_{j} = u_{1} if u_{j} = 1 continued
$$\sum_j u_j = c$$
  1 definition \sum_{j} u_{j} | \sum_{j} u_{j} = c
$$A^l = c, \quad l < L$$
  1 definition A^{l} | A^{l} = c if l < L
$$c = 1$$⏎⏎$$c = 1$$
  1 definition c | c = 1
  3 definition c | c = 1
"""

# A formula, and its readings with so many edits: both sides; in [] what the left side has to be
# equal to, where that is another; the edits; the networks by their depth and the letters' layers.
PLANS = r"""
2 edits: c = u^T u
  c = uᵀ·u in 1, 2, 3 any
1 edits: A^l = Z^l
  A^l = Z^l in 1 l=1, 2 l=1, 2 l=2, 3 l=1, 3 l=2, 3 l=3 any
  A^N = Z^N {LAST: A^l -> A^N} if l = L in 1, 2, 3 fixed any
1 edits: A^2 = Z^2
  A^2 = Z^2 in 2, 3 any
2 edits: A^L = Z^L
  A^N = Z^N in 1, 2, 3 any
1 edits: A = Z
  A = Z in 1 any
1 edits: A = X
  A = X in 1 any
1 edits: u = m c
  u = m·c in 1, 2, 3 any
  u = k·c {SIZE: m -> k} in 1, 2, 3 any
  u = n·c {SIZE: m -> n} in 1, 2, 3 any
1 edits: c = m + n
  c = m + n in 1, 2, 3 any
  c = k + n {SIZE: m -> k} in 1, 2, 3 any
  c = n + n {SIZE: m -> n} in 1, 2, 3 any
  c = m + k {SIZE: n -> k} in 1, 2, 3 any
  c = m + m {SIZE: n -> m} in 1, 2, 3 any
1 edits: Z^l = A W^l
  Z^l = A·W^l in 1 l=1, 2 l=1, 2 l=2, 3 l=1, 3 l=2, 3 l=3 any
  Z^N = A·W^N {LAST: Z^l -> Z^N} if l = L in 1, 2, 3 fixed any
  Z^l = A^l·W^l {INDEX: A -> A^l} in 1 l=1, 2 l=1, 2 l=2, 3 l=1, 3 l=2, 3 l=3 any
2 edits: c = \sum_i y u_i
  c = Σ[i] y^s·u[i] in 1, 2, 3 any
  c = Σ[i] y^i·u[i] {INDEX: y -> y^i} in 1, 2, 3
2 edits: \frac{\partial J}{\partial W^{l+1}} = A^l \frac{1}{m}
  ∂J/∂W^(l+1) = A^l·(1/m) in 1 l=0, 2 l=0, 2 l=1, 3 l=0, 3 l=1, 3 l=2 any slope
  ∂J/∂W^N = A^(N-1)·(1/m) {LAST: ∂J/∂W^(l+1) -> ∂J/∂W^N} if l + 1 = L in 1, 2, 3 fixed any slope
  ∂J/∂W^(l+1) = A^l·(1/k) {SIZE: m -> k} in 1 l=0, 2 l=0, 2 l=1, 3 l=0, 3 l=1, 3 l=2 any slope
  ∂J/∂W^(l+1) = A^l·(1/n) {SIZE: m -> n} in 1 l=0, 2 l=0, 2 l=1, 3 l=0, 3 l=1, 3 l=2 any slope
  ∂J/∂W^(l+1) = A^(l-1)·(1/m) {SHIFT: W^(l+1) -> W^(l+2)} in 2 l=1, 3 l=1, 3 l=2, 4 l=1, 4 l=2,
    4 l=3 shift 1 any slope
  ∂J/∂W^(l+1) = A^(l+1)·(1/m) {SHIFT: W^(l+1) -> W^l} in 1 l=0, 2 l=0, 2 l=1, 3 l=0, 3 l=1, 3
    l=2 shift -1 any slope
  ∂J/∂W^N = A^(N-1)·(1/k) {SIZE: m -> k} {LAST: ∂J/∂W^(l+1) -> ∂J/∂W^N} if l + 1 = L in 1, 2, 3
    fixed any slope
  ∂J/∂W^N = A^(N-1)·(1/n) {SIZE: m -> n} {LAST: ∂J/∂W^(l+1) -> ∂J/∂W^N} if l + 1 = L in 1, 2, 3
    fixed any slope
2 edits: \frac{\partial J}{\partial W^{l-1}} = Z^l
  ∂J/∂W^(l-1) = Z^l in 2 l=2, 3 l=2, 3 l=3 any slope
  ∂J/∂W^(l-1) = Z^(l-1) {SHIFT: W^(l-1) -> W^l} in 1 l=2, 2 l=2, 2 l=3, 3 l=2, 3 l=3, 3 l=4
    shift 1 any slope
  ∂J/∂W^(l-1) = Z^(l+1) {SHIFT: W^(l-1) -> W^(l-2)} in 3 l=2, 4 l=2, 4 l=3 shift -1 any slope
2 edits: \frac{\partial J}{\partial W} = A
  ∂J/∂W = A in 1 any slope
2 edits: W^l := W^l - \alpha c
  W^l = W^l - α·c [W^l - α·(∂J/∂W^l)] in 1 l=1, 2 l=1, 2 l=2, 3 l=1, 3 l=2, 3 l=3 any slope
  W^N = W^N - α·c [W^N - α·(∂J/∂W^N)] {LAST: W^l -> W^N} if l = L in 1, 2, 3 fixed any slope
  W^l = W^l - α·c [W^l - α·(∂J/∂W^l)] {SHIFT: W^l -> W^(l+1)} in 1 l=1, 2 l=1, 2 l=2, 3 l=1, 3
    l=2, 3 l=3 shift 1 any slope
  W^l = W^l - α·c [W^l - α·(∂J/∂W^l)] {SHIFT: W^l -> W^(l-1)} in 1 l=1, 2 l=1, 2 l=2, 3 l=1, 3
    l=2, 3 l=3 shift -1 any slope
1 edits: u := c
  u = c [u - α·(∂J/∂u)] in 1, 2, 3 any slope
1 edits: c := u
  c = u in 1, 2, 3 any
1 edits: y = c
  y^i = c in 1, 2, 3 any
1 edits: A^l = c, \quad l < L
  A^l = c if l < L in 1 l=0, 2 l=0, 2 l=1, 3 l=0, 3 l=1, 3 l=2 any
  A^N = c {LAST: A^l -> A^N} if l < L if l = L in 1, 2, 3 fixed any
1 edits: A^l = c, \quad l > 1
  A^l = c if l > 1 in 2 l=2, 3 l=2, 3 l=3 any
  A^N = c {LAST: A^l -> A^N} if l > 1 if l = L in 1, 2, 3 fixed any
1 edits: A^3 = A^5
  A^3 = A^5 in 5, 6 any
1 edits: A^l = A^{l+3}
  A^l = A^(l+3) in 3 l=0, 4 l=0, 4 l=1, 5 l=0, 5 l=1, 5 l=2 any
1 edits: Y^l = A^l
  Y^l = A^l in 1 l=1, 2 l=1, 2 l=2, 3 l=1, 3 l=2, 3 l=3 any
  Y^N = A^N {LAST: Y^l -> Y^N} if l = L in 1, 2, 3 fixed any
1 edits: W^l = A^{l-1}
  W^l = A^(l-1) in 1 l=1, 2 l=1, 2 l=2, 3 l=1, 3 l=2, 3 l=3 any
  W^N = A^(N-1) {LAST: W^l -> W^N} if l = L in 1, 2, 3 fixed any
2 edits: \frac{\partial Z^l}{\partial W^l} = A^{l-1}
  ∂Z^l/∂W^l = A^(l-1) in 1 l=1, 2 l=1, 2 l=2, 3 l=1, 3 l=2, 3 l=3 any slope
  ∂Z^N/∂W^N = A^(N-1) {LAST: ∂Z^l/∂W^l -> ∂Z^N/∂W^N} if l = L in 1, 2, 3 fixed any slope
  ∂Z^l/∂W^l = A^(l-2) {SHIFT: W^l -> W^(l+1)} in 2 l=2, 3 l=2, 3 l=3, 4 l=2, 4 l=3, 4 l=4 shift
    1 any slope
  ∂Z^l/∂W^l = A^l {SHIFT: W^l -> W^(l-1)} in 1 l=1, 2 l=1, 2 l=2, 3 l=1, 3 l=2, 3 l=3 shift -1
    any slope
"""

# What the model computes, in networks of one layer and of three.
MODEL = {
    (1, "A", 0): "X",
    (1, "A", 1): "sigmoid(Z^1)",
    (1, "J", None): "(1/(2·m))·(norm(A^1 - Y))^2",
    (1, "c", None): "uᵀ·u",
    (1, "Z", 1): "A^0·W^1",
    (3, "A", 0): "X",
    (3, "A", 3): "sigmoid(Z^3)",
    (3, "J", None): "(1/(2·m))·(norm(A^3 - Y))^2",
    (3, "c", None): "uᵀ·u",
    (3, "Z", 1): "A^0·W^1",
    (3, "Z", 2): "A^1·W^2",
    (3, "Z", 3): "A^2·W^3",
    (3, "A", 1): "tanh(Z^1)",
    (3, "A", 2): "tanh(Z^2)",
}


def table(text: str) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for line in text.strip().split("\n"):
        if line.startswith("    "):
            found[-1][1][-1] += " " + line.strip()
        elif line.startswith("  "):
            found[-1][1].append(line.strip())
        else:
            found.append((line, []))
    return found


def shown(claim: Claim) -> str:
    def side(tree: Expr | None) -> str:
        return "-" if tree is None else to_tex(tree)

    notes = {
        "remark": claim.remark,
        "unreadable": claim.unreadable,
        "skipped": claim.skipped,
        "unread": claim.unread,
    }
    parts = [
        f"{claim.line} {claim.kind.value} {side(claim.before)} |",
        f"{side(claim.left)} {claim.sign} {side(claim.right)}",
        *(f"if {to_tex(condition)}" for condition in claim.conditions),
        *(["continued"] if claim.continues else []),
        *(f"[{name}: {note}]" for name, note in notes.items() if note),
    ]
    return " ".join(parts)


@pytest.mark.parametrize(("page", "due"), table(PAGES))
def test_a_page_makes_these_claims(page: str, due: list[str]) -> None:
    found = read_claims(parse_page(page.replace("⏎", "\n")), NOTATION)
    assert [shown(claim) for claim in found] == due


def test_a_claim_goes_on_with_the_one_before_and_keeps_its_own_text() -> None:
    first, second = read_claims(parse_page("$$c = u^T u = 5$$"), NOTATION)
    assert (first.tex, second.tex) == ("c = u^T u", "= 5")
    assert (first.continues, second.continues) == (None, first.id)
    (whole,) = read_claims(parse_page("$$ c = u^T u $$"), NOTATION)
    assert whole.id.split("-")[0] == "c"
    assert whole.id == first.id


def test_each_line_keeps_its_own_text() -> None:
    page = "$$\\begin{aligned}\nc &= + * \\\\\n&= 3 \\\\\nu &= 3\n\\end{aligned}$$"
    found = read_claims(parse_page(page), NOTATION)
    assert [claim.tex for claim in found] == ["c &= + *", "= 3", "u &= 3"]


def readings(tex: str, edits: int) -> list[Plan]:
    (claim,) = read_claims(parse_page(f"$${tex}$$"), NOTATION)
    found = plans(claim, NOTATION, edits)
    strict = strict_plan(claim, NOTATION)
    assert strict == found[0]
    return found


def network(each: Network) -> str:
    return f"{each.depth}" + "".join(f" {name}={layer}" for name, layer in each.layers)


def written(plan: Plan) -> str:
    parts = [
        f"{to_text(plan.left)} = {to_text(plan.right)}",
        *([f"[{to_text(plan.truth)}]"] if plan.truth != plan.left else []),
        *(f"{{{change.edit.name}: {' -> '.join(change.shown())}}}" for change in plan.changes),
        *(f"if {to_text(condition)}" for condition in plan.conditions),
        f"in {', '.join(map(network, plan.networks))}",
        *(["fixed"] if plan.fixed else []),
        *([f"shift {plan.shift}"] if plan.shift else []),
        *(["any"] if plan.any_sample else []),
        *(["slope"] if plan.is_slope else []),
    ]
    return " ".join(parts)


@pytest.mark.parametrize(("call", "due"), table(PLANS))
def test_a_formula_has_these_readings_the_cheapest_first(call: str, due: list[str]) -> None:
    edits, _, tex = call.partition(" edits: ")
    found = readings(tex, int(edits))
    assert [written(plan) for plan in found] == due
    assert [plan.cost for plan in found] == sorted(plan.cost for plan in found)


def strict(tex: str) -> Plan:
    (claim,) = read_claims(parse_page(f"$${tex}$$"), NOTATION)
    return strict_plan(claim, NOTATION)


def test_a_condition_about_no_index_of_the_formula_is_refused() -> None:
    said = r"^the condition l = q is about no index of the formula$"
    with pytest.raises(UndeclaredError, match=said):
        strict(r"A^l = c, \quad l = q")


def test_an_update_needs_a_rate_and_a_loss() -> None:
    bare = parse_notation('[shape]\nu = "m"\n', "n.toml")["default"]
    with pytest.raises(UndeclaredError, match=r"^an update needs the learning rate; add  rate = "):
        updated(Ref("u"), bare)
    lossless = parse_notation('rate = "r"\n[shape]\nu = "m"\n', "n.toml")["default"]
    with pytest.raises(UndeclaredError, match=r"and  loss  under \[model\]$"):
        updated(Ref("u"), lossless)
    assert to_text(updated(Ref("u"), NOTATION)) == "u - α·(∂J/∂u)"


def test_a_formula_is_about_what_it_differentiates_by_or_updates() -> None:
    slope, plain, product = (strict(f"{left} = c").left for left in (
        r"\frac{\partial J}{\partial u}", "u", "S u"
    ))  # fmt: skip
    assert [subject_of(tree) for tree in (slope, plain, product)] == [Ref("u"), Ref("u"), None]


@pytest.mark.parametrize("depth", [1, 3])
def test_the_model_has_a_definition_for_every_layer(depth: int) -> None:
    found = Model(NOTATION).at(depth)
    assert all(definition.target == node for node, definition in found.items())
    assert {(depth, *node): to_text(each.right) for node, each in found.items()} == {
        key: text for key, text in MODEL.items() if key[0] == depth
    }
