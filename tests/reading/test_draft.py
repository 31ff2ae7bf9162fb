"""A notation file drafted from a document: what it says is inferred, and what it lacks is told."""

import tomllib

import pytest

from derivations.check import open_page
from derivations.claims.claim import read_claims
from derivations.claims.model import Model
from derivations.claims.notation_file import parse_notation
from derivations.document.markdown import parse_page
from derivations.drafting.draft import draft_notation
from derivations.verdict import Judge
from tests.corpus.reading import DOCUMENTS, HERE

COLUMNS = r"""
$z^l = W^l a^{l-1} + b^l$

$a^l = \sigma(z^l)$

$C = \frac{1}{2}||a^L - y||^2$

$\delta^l = \frac{\partial C}{\partial z^l}$

$\frac{\partial C}{\partial w^l} = \delta^l (a^{l-1})^T$

$b^l = b^l - \eta \frac{\partial C}{\partial b^l}$
"""
ROWS = COLUMNS.replace("W^l a^{l-1}", "A^{l-1} W^l").replace("a^", "A^").replace("z^", "Z^")
SPACES = r"""
$r \in \mathbb{R}$, $x \in \mathbb{R}^d$ and $W_1 \in \mathbb{R}^{h \times d}$

$z_1 = W_1 x$

$L = \log(y)$

$\frac{\partial L}{\partial W_1} = 1$
"""


def tables(text: str) -> dict[str, dict[str, str]]:
    return tomllib.loads(draft_notation(parse_page(text)))


def test_a_weight_before_its_argument_means_columns() -> None:
    shapes = tables(COLUMNS)["shape"]
    assert shapes["W"] == "d[l] d[l-1]"
    assert shapes["b"] == "d[l] 1"
    assert shapes["y"] == "k 1"


def test_a_weight_behind_its_argument_means_rows() -> None:
    shapes = tables(ROWS)["shape"]
    assert shapes["W"] == "d[l-1] d[l]"
    assert shapes["A"] == "m d[l]"


def test_shapes_come_from_stated_spaces() -> None:
    shapes = tables(SPACES)["shape"]
    assert (shapes["x"], shapes["W_{1}"], shapes["z_{1}"]) == ("d 1", "h d", "h 1")
    assert shapes["r"] == "scalar"


def test_printed_numbers_give_shapes_and_examples() -> None:
    text = (
        r"$X = [1, 2]$ and $W = \begin{bmatrix} 0.5 \\ -1 \end{bmatrix}$ and $z = X W \approx -1.5$"
    )
    found = tables(text)
    assert found["shape"] == {"X": "1 n", "W": "n 1", "z": "scalar"}
    assert found["example"]["W"] == [[0.5], [-1]]


def test_a_condition_on_a_symbol_is_no_value_of_it() -> None:
    assert "example" not in tables(r"$z > 0$ and $L = \log(z)$")


def test_every_inferred_line_tells_its_source_and_every_gap_is_a_line_to_fill_in() -> None:
    lines = draft_notation(parse_page(SPACES)).splitlines()
    assert any(line.startswith("W") or "W_{1}" in line for line in lines)
    assert all("# line" in line for line in lines if line.startswith("'"))
    assert [line for line in lines if "fill in" in line and "y" in line]


def test_true_formulas_hold_under_the_draft_alone() -> None:
    page = parse_page(COLUMNS)
    (notation,) = parse_notation(draft_notation(page), "draft").values()
    judge = Judge(notation)
    verdicts = [judge.judge(claim).as_printed.value for claim in read_claims(page, notation)]
    assert verdicts == ["holds"] * 6


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_draft_can_be_loaded_as_it_is(name: str) -> None:
    text = draft_notation(open_page(HERE / f"{name}.md"))
    (notation,) = parse_notation(text, "draft").values()
    assert notation.symbols or notation.parts
    for each in (notation, *(part.notation for part in notation.parts)):
        assert bool(Model(each).at(2)) == bool(each.forward)


def test_an_error_of_ours_is_told_in_the_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(page: object) -> str:
        raise KeyError("planted")

    monkeypatch.setattr("derivations.drafting.draft._drafted", broken)
    text = draft_notation(parse_page(COLUMNS))
    assert "KeyError: 'planted'" in text
    assert parse_notation(text, "draft")["default"].forward == ()


def test_a_symbol_that_is_set_equal_on_the_way_is_defined_too() -> None:
    page = parse_page(
        r"$\hat{y} = a = \sigma(z)$ and $L = (a - y)^2$, $\frac{\partial L}{\partial z} = 1$"
    )
    assert "'a = \\sigma(z)'" in draft_notation(page)


def test_a_symbol_whose_definition_is_not_understood_is_not_taken_for_given() -> None:
    page = parse_page(
        r"$z = W x$, $a = \mystery z$, $L = a^T a$, $\frac{\partial L}{\partial x} = 0$"
    )
    text = draft_notation(page)
    assert not [line for line in text.splitlines() if line.startswith("a = ")]
