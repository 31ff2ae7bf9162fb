"""Every structural reading of a formula within a budget of edits, with its shape."""

from collections.abc import Iterator

import pytest

from derivations.claims.networks import Network, Scope
from derivations.claims.notation_file import parse_notation
from derivations.claims.readings import (
    COSTS,
    MAX_VARIANTS,
    Change,
    Variant,
    Work,
    variants,
)  # fmt: skip
from derivations.claims.resolve import resolve
from derivations.document.syntax import Expr
from derivations.document.tex import parse_expression
from derivations.document.write import to_text
from derivations.errors import LimitError

NOTATION = parse_notation(
    r"""
[sizes]
m = "samples"
n = "inputs"
k = "outputs"
[product]
"*" = ["matrix product", "entry by entry"]
[shape]
X = "m n"
W = "n k"
Y = "m k"
v = "n 1"
c = "scalar"
""",
    "structures.toml",
)["default"]

# A budget and a formula; its readings, by the edits that lead to them.
DUE = r"""
1: X
  NONE: X : m×n
  TRANSPOSE: Xᵀ : n×m
  SAMPLES: Σ[samples] X : 1×n
  OUTPUTS: Σ[outputs] X : m×1
1: X W
  NONE: X·W : m×k
  SAMPLES: (Σ[samples] X)·W : 1×k | Σ[samples] X·W : 1×k
  TRANSPOSE: (X·W)ᵀ : k×m
  OUTPUTS: Σ[outputs] X·W : m×1
1: W X
  SWAP: X·W : m×k
1: X * X
  NONE: X ⊙ X : m×n
  TRANSPOSE: X·Xᵀ : m×m | Xᵀ·X : n×n | (X ⊙ X)ᵀ : n×m
  SAMPLES: X ⊙ (Σ[samples] X) : m×n | (Σ[samples] X) ⊙ X : m×n | Σ[samples] X ⊙ X : 1×n
  OUTPUTS: X ⊙ (Σ[outputs] X) : m×n | (Σ[outputs] X) ⊙ X : m×n | Σ[outputs] X ⊙ X : m×1
1: c X
  NONE: c·X : m×n
  MEANING: c ⊙ X : m×n
  TRANSPOSE: c·Xᵀ : n×m | (c·X)ᵀ : n×m
  SAMPLES: c·(Σ[samples] X) : 1×n | Σ[samples] c·X : 1×n
  OUTPUTS: c·(Σ[outputs] X) : m×1 | Σ[outputs] c·X : m×1
1: X^T Y
  NONE: Xᵀ·Y : n×k
  OUTPUTS: Xᵀ·(Σ[outputs] Y) : n×1 | (Σ[outputs] Xᵀ)·Y : 1×k
  TRANSPOSE: (Xᵀ·Y)ᵀ : k×n
1: c c
  NONE: c·c : 1×1
  MEANING: c·c : 1×1 | c ⊙ c : 1×1 | c·c : 1×1
1: \sum_{i=1}^m c + c
  NONE: (Σ[i=1..m] c) + c : 1×1
  BODY: Σ[i=1..m] (c + c) : 1×1
1: \sum_{i=1}^m c - c
  NONE: (Σ[i=1..m] c) - c : 1×1
  BODY: Σ[i=1..m] (c - c) : 1×1
1: -\sum_{i=1}^m c + c
  NONE: -(Σ[i=1..m] c) + c : 1×1
  BODY: -(Σ[i=1..m] (c + c)) : 1×1
1: c + \sum_{i=1}^m c + c
  NONE: (c + (Σ[i=1..m] c)) + c : 1×1
  BODY: c + (Σ[i=1..m] (c + c)) : 1×1
1: \prod_{i=1}^m c + c
  NONE: (Π[i=1..m] c) + c : 1×1
1: -\sum v + v
  NONE: -(Σ[all] v) + v : n×1
  BODY: -(Σ[all] (v + v)) : 1×1
  TRANSPOSE: (-(Σ[all] v) + v)ᵀ : 1×n
  OUTPUTS: Σ[outputs] (-(Σ[all] v) + v) : 1×1
1: v^T v
  NONE: vᵀ·v : 1×1
  SWAP: v·vᵀ : n×n
  TRANSPOSE: vᵀ ⊙ vᵀ : 1×n | v ⊙ v : n×1
  OUTPUTS: vᵀ·(Σ[outputs] v) : 1×n | (Σ[outputs] vᵀ)·v : n×1
1: X + W^T
  SAMPLES: (Σ[samples] X) + Wᵀ : k×n
1: X + v
  TRANSPOSE: X + vᵀ : m×n | Xᵀ + v : n×m
  OUTPUTS: X + (Σ[outputs] v) : m×n
1: X + v^T
  NONE: X + vᵀ : m×n
  TRANSPOSE: (X + vᵀ)ᵀ : n×m
  SAMPLES: Σ[samples] (X + vᵀ) : 1×n
  OUTPUTS: Σ[outputs] (X + vᵀ) : m×1
1: \frac{X}{v}
  TRANSPOSE: X/vᵀ : m×n | Xᵀ/v : n×m
  OUTPUTS: X/(Σ[outputs] v) : m×n
1: \exp(X)
  NONE: exp(X) : m×n
  TRANSPOSE: exp(Xᵀ) : n×m | exp(X)ᵀ : n×m
  SAMPLES: exp(Σ[samples] X) : 1×n | Σ[samples] exp(X) : 1×n
  OUTPUTS: exp(Σ[outputs] X) : m×1 | Σ[outputs] exp(X) : m×1
0: \sum X
  NONE: Σ[samples] X : 1×n | Σ[all] X : 1×1 | Σ[outputs] X : m×1
0: \sum v
  NONE: Σ[all] v : 1×1
0: \mathbf{1} c
  NONE: 𝟏·c : m×1 | 𝟏·c : n×1 | 𝟏·c : k×1
1: v * X
  SWAP: X·v : m×1
  TRANSPOSE: v ⊙ Xᵀ : n×m | vᵀ ⊙ X : m×n
  SAMPLES: v·(Σ[samples] X) : n×n
  OUTPUTS: (Σ[outputs] v)·X : m×n
2: X
  NONE: X : m×n
  TRANSPOSE: Xᵀ : n×m
  SAMPLES: Σ[samples] X : 1×n
  OUTPUTS: Σ[outputs] X : m×1
2: W X
  SWAP: X·W : m×k
  SAMPLES SWAP: (Σ[samples] X)·W : 1×k
  TRANSPOSE TRANSPOSE: Wᵀ·Xᵀ : k×m
  TRANSPOSE SAMPLES: Wᵀ ⊙ (Σ[samples] X) : k×n
  SWAP TRANSPOSE: (X·W)ᵀ : k×m
  SWAP SAMPLES: Σ[samples] X·W : 1×k
  SWAP OUTPUTS: Σ[outputs] X·W : m×1
1: \frac{\partial (v * v)}{\partial v}
  NONE: ∂(v ⊙ v)/∂v : n×1×n×1
1: \operatorname{trace}(X)
"""


def table() -> list[tuple[int, str, dict[str, list[str]]]]:
    found: list[tuple[int, str, dict[str, list[str]]]] = []
    for line in DUE.strip().replace("\n    ", " ").split("\n"):
        head, _, rest = line.partition(": ")
        if line.startswith("  "):
            found[-1][2][head.strip()] = rest.split(" | ")
        else:
            found.append((int(head), rest, {}))
    return found


def read(tex: str) -> Expr:
    return resolve(parse_expression(tex, NOTATION.vocabulary), NOTATION)


def readings(tex: str, budget: int, work: Work | None = None) -> list[Variant]:
    return variants(read(tex), Scope(NOTATION, Network(1)), budget, work)


@pytest.mark.parametrize(("budget", "tex", "due"), table())
def test_the_readings_of_a_formula_are_these(
    budget: int, tex: str, due: dict[str, list[str]]
) -> None:
    found: dict[str, list[str]] = {}
    for item in readings(tex, budget):
        edits = " ".join(change.edit.name for change in item.changes) or "NONE"
        found.setdefault(edits, []).append(f"{to_text(item.tree)} : {'×'.join(item.shape)}")
    assert found == due


@pytest.mark.parametrize("tex", [tex for _, tex, _ in table()])
def test_readings_come_by_cost_within_the_budget_and_none_twice(tex: str) -> None:
    cheapest: dict[Expr, int] = {}
    for budget in range(3):
        found = readings(tex, budget)
        costs = [item.cost for item in found]
        assert costs == sorted(costs)
        assert all(cost <= budget for cost in costs)
        assert costs == [sum(COSTS[change.edit] for change in item.changes) for item in found]
        trees = {item.tree: item.cost for item in found}
        assert len(trees) == len(found)
        # More room for edits takes no reading away, and makes none dearer.
        assert cheapest.items() <= trees.items()
        cheapest = trees


def changes(tex: str) -> Iterator[Change]:
    return (change for item in readings(tex, 1) for change in item.changes)


@pytest.mark.parametrize(
    ("tex", "edit", "before", "after"),
    [
        ("W X", "SWAP", "W·X", "X·W"),
        ("X", "TRANSPOSE", "X", "Xᵀ"),
        ("X W", "SAMPLES", "X", "Σ[samples] X"),
        ("c c", "MEANING", "juxtaposition", "entry by entry"),
        (r"c \cdot c", "MEANING", "cdot", "entry by entry"),
        (r"\sum_{i=1}^m c - c", "BODY", "(Σ[i=1..m] c) - c", "Σ[i=1..m] (c - c)"),
    ],
)
def test_an_edit_shows_what_stood_there_and_what_is_put_there(
    tex: str, edit: str, before: str, after: str
) -> None:
    shown = {(change.edit.name, *change.shown()) for change in changes(tex)}
    assert (edit, before, after) in shown


def test_a_search_gives_up_once_its_work_is_spent() -> None:
    """The formula, X and W have been read, with one reading each: 1 + 1 for each of them."""
    work = Work(100)
    readings("X W", 0, work)
    assert work.done == 6
    assert readings("X W", 0, Work(6))
    with pytest.raises(LimitError, match=r"^more than 5 readings of subformulas$"):
        readings("X W", 0, Work(5))


def test_a_subformula_with_too_many_readings_is_given_up() -> None:
    with pytest.raises(LimitError, match=rf"^more than {MAX_VARIANTS} readings of one"):
        readings(" ".join(["v^T v"] * 5), 9)
