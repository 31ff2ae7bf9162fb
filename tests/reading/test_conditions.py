"""Conditions in words become domains, and what is drawn and proved keeps to them."""

import numpy as np
import pytest

from derivations.claims.conditions import as_relation
from derivations.claims.notation_file import parse_notation
from derivations.document.lexer import Vocabulary
from derivations.document.write import to_text
from derivations.numeric.trial import Draws

SHAPES = """
[sizes]
m = "samples"
k = "classes"
[shape]
Y = "m k"
T = "k m"
t = "k"
u = "1 k"
"""


def domains(text: str) -> dict[str, str]:
    notation = parse_notation(f'{SHAPES}[assume]\na = "{text}"\n', "n.toml")["default"]
    found = {name: symbol.domain for name, symbol in notation.symbols.items()}
    return {name: domain for name, domain in found.items() if domain != "real"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Y is one-hot", {"Y": "one-hot rows"}),
        ("T is one-hot", {"T": "one-hot columns"}),
        ("u is one-hot", {"u": "one-hot rows"}),
        ("t, Y are one-hot", {"t": "one-hot columns", "Y": "one-hot rows"}),
        ("rows of T are one-hot", {"T": "one-hot rows"}),
        ("the columns of T each sum to one", {"T": "columns sum to 1"}),
        ("rows of Y sum to 1", {"Y": "rows sum to 1"}),
    ],
)
def test_words_about_an_array_are_its_domain(text: str, expected: dict[str, str]) -> None:
    assert domains(text) == expected


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize(("side", "axis"), [("rows", 1), ("columns", 0)])
def test_what_is_drawn_sums_to_one_along_its_side_only(side: str, axis: int, small: bool) -> None:
    text = f'{SHAPES}[assume]\na = "{side} of Y sum to 1"\n'
    draws = Draws(parse_notation(text, "n.toml")["default"], seed=3, small=small)
    array = draws("Y", (4, 3)).astype(float)
    assert (array > 0).all()
    assert np.round(array.sum(axis=axis), 12).tolist() == [1.0] * array.shape[1 - axis]
    assert np.round(array.sum(axis=1 - axis), 12).tolist() != [1.0] * array.shape[axis]


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("i = j", "i = j"),
        (r"i \neq j", "i ≠ j"),
        ("y_k = 1", "y_k = 1"),
        ("x = j", None),
        ("i = x", None),
        ("x = x", None),
        ("i + 1 = j", None),
        ("i", None),
        ("i = j = k", None),
        ("i = (", None),
    ],
)
def test_a_relation_of_indices_or_of_an_entry_is_a_condition(text: str, due: str | None) -> None:
    found = as_relation(text, Vocabulary(symbols=frozenset({"x", "y"})))
    assert (None if found is None else to_text(found)) == due
