"""What a notation file says is what the notation holds; a fault is named with line and remedy."""

import re
from dataclasses import fields

import pytest

from derivations.claims.conditions import UNKNOWN
from derivations.claims.notation import Dim, Layers, Notation, Symbol
from derivations.claims.notation_file import DOMAINS, TABLES, parse_notation
from derivations.document.syntax import Index, Meaning, Relation
from derivations.document.write import to_tex
from derivations.errors import NotationError
from derivations.functions import FUNCTIONS, SPELLINGS

FULL = r"""
title = "Notes"
layout = "numerator"
prime = "transpose"
rate = "alpha"
target = "dW"
per_sample = ["dZ", "dQ"]
[sizes]
p = "inputs"
b = "samples"
nx = "inputs"
[layers]
index = ["l", "j"]
last = ["L"]
count = ["K"]
width = "w"
inputs = "p"
outputs = "nx"
[functions]
g = "tanh"
phi = "relu"
[alias]
theta = "W"
'h_1' = "u"
'g(Z)' = "A"
[samples]
x = "u^T"
z_i = "u"
[operator]
D = "W"
[product]
"*" = "entry by entry"
"@" = ["entry by entry", "matrix product"]
[shape]
W = "w[l-1] w[l]"
Z = "b w[l]"
A = "b w[l]"
Y = "b w[L]"
R = "b w[+2]"
T = "b 3"
P = "3 1"
u = "b"
c = "scalar"
alpha = "scalar"
H = "b b"
'h_ 2' = "b p"
"\\Sigma" = "b b"
J = "scalar"
[at]
Y = "L"
R = 2
T = "1"
[domain]
u = "positive"
"h_2" = "one-hot rows"
[bare]
W = 1
"\\Sigma" = "L"
[example]
u = [[1], [2.5]]
[assume]
first = "u_i = 1"
second = "rows of P sum to 1"
third = "J is any function of Z"
fourth = "i ≠ k"
[model]
loss = "J"
forward = ["A^0 = T", "Z^l = A^{l-1} W^l", "H^{j} = c", 'J = \frac{1}{b} \|A^L\|^2']
[part.one]
when = ["Z"]
lines = [3, 9]
shape.E = "b 1"
[part.two]
when = ["A", "u"]
[part.two.model]
forward = ["u = H P"]
"""
NOTATION = parse_notation(FULL, "full.toml", 10)["default"]


def test_the_words_and_tables_of_a_file_are_taken_over() -> None:
    assert (NOTATION.source, NOTATION.convention) == ("full.toml", "default")
    assert (NOTATION.layout, NOTATION.layout_declared) == ("numerator", True)
    assert NOTATION.prime_transposes
    assert (NOTATION.rate, NOTATION.loss) == ("\\alpha", "J")
    assert NOTATION.target is not None
    assert to_tex(NOTATION.target) == "dW"
    assert NOTATION.sizes == {"p": "inputs", "b": "samples", "nx": "inputs"}
    assert NOTATION.sample_sizes == {"b"}
    assert NOTATION.layers == Layers(
        letters=frozenset("lj"),
        last=frozenset("L"),
        count=frozenset("K"),
        width="w",
        inputs="p",
        outputs="nx",
    )
    assert NOTATION.examples == {"u": ((1,), (2.5,))}
    assert NOTATION.assume == (
        "u_i = 1", "rows of P sum to 1", "J is any function of Z", "i ≠ k"
    )  # fmt: skip
    assert [(r.sign, to_tex(r.left), to_tex(r.right)) for r in NOTATION.assumed] == [
        ("=", "u_{i}", "1"), ("\\neq", "i", "k")
    ]  # fmt: skip
    assert NOTATION.symbols["P"].domain == "rows sum to 1"
    assert all(isinstance(item, Relation) for item in NOTATION.assumed)


def symbol(name: str, *shape: str | Dim, layered: bool = False, **more: object) -> Symbol:
    dims = tuple(Dim(each) if isinstance(each, str) else each for each in shape)
    return Symbol(name=name, shape=dims, layered=layered, **more)  # type: ignore[arg-type]


def test_a_symbol_has_its_shape_its_layer_and_its_domain() -> None:
    here, before = Dim("w", Index("l", 0)), Dim("w", Index("l", -1))
    last, second = Index("last"), Index(None, 2)
    due = [
        symbol("W", before, here, layered=True),
        symbol("Z", "b", here, layered=True),
        symbol("A", "b", here, layered=True),
        symbol("Y", "b", Dim("w", last), at=last),
        symbol("R", "b", Dim("w", second), at=second),
        symbol("T", "b", "3", at=Index(None, 1)),
        symbol("P", "3", "1", domain="rows sum to 1"),
        symbol("u", "b", "1", domain="positive"),
        symbol("c", "1", "1"),
        symbol("\\alpha", "1", "1"),
        symbol("H", "b", "b", layered=True),  # the model writes H^{j}
        symbol("h_{2}", "b", "p", domain="one-hot rows"),
        symbol("\\Sigma", "b", "b"),
        symbol("J", "1", "1"),
        symbol("dZ", "b", here, layered=True),
    ]
    assert list(NOTATION.symbols.values()) == due
    assert [*NOTATION.symbols] == [each.name for each in due]
    assert NOTATION.bare == {"W": Index(None, 1), "\\Sigma": last}


def test_names_that_stand_for_others_are_trees() -> None:
    assert {key: to_tex(tree) for key, tree in NOTATION.alias.items()} == {
        "\\theta": "W", "h_{1}": "u"
    }  # fmt: skip
    assert {to_tex(key): to_tex(tree) for key, tree in NOTATION.phrases.items()} == {"g(Z)": "A"}
    assert {key: to_tex(tree) for key, tree in NOTATION.samples.items()} == {
        "x": "u^{T}", "z_{i}": "u"
    }  # fmt: skip
    assert {key: to_tex(tree) for key, tree in NOTATION.operators.items()} == {"D": "W"}


def test_functions_are_those_known_and_those_declared_unless_a_symbol_takes_the_name() -> None:
    taken = {"g": "tanh", "\\phi": "relu"}
    assert NOTATION.functions == {**SPELLINGS, **taken}
    own = parse_notation('[shape]\nexp = "scalar"\n[sizes]\ntanh = "units"\n', "n.toml")["default"]
    left = {key: value for key, value in SPELLINGS.items() if key not in ("exp", "tanh")}
    assert own.functions == left
    both = parse_notation('[functions]\nf = "exp"\n[sizes]\nf = "units"\n', "n.toml")["default"]
    assert both.functions == {**SPELLINGS, "f": "exp"}


def test_a_product_sign_means_what_the_file_says() -> None:
    matrix = (Meaning.MATMUL, Meaning.HADAMARD)
    assert NOTATION.products == {
        "": matrix,
        "*": (Meaning.HADAMARD,),
        "\\cdot": matrix,
        "\\times": matrix,
        "@": (Meaning.HADAMARD, Meaning.MATMUL),
        "\\odot": (Meaning.HADAMARD,),
        "\\circ": (Meaning.HADAMARD,),
        "\\otimes": (Meaning.HADAMARD,),
    }


def test_the_model_is_kept_with_its_lines_and_gains_what_is_per_sample() -> None:
    """dQ is the gradient by nothing, and says nothing."""
    own = r"dZ^{l} = b \frac{\partial J}{\partial Z^{l}}"
    printed = ("A^0 = T", "Z^l = A^{l-1} W^l", "H^{j} = c", r"J = \frac{1}{b} \|A^L\|^2")
    assert NOTATION.forward == (*printed, own)
    line = FULL[: FULL.index("forward")].count("\n") + 10
    assert NOTATION.lines == {**dict.fromkeys(printed, line), own: 10}
    assert NOTATION.depends == {
        "A": {"T"},
        "Z": {"A", "W", "T"},
        "H": {"c"},
        "J": {"A", "T"},
        "dZ": {"J", "Z", "A", "W", "T"},
    }


def test_a_definition_that_cannot_be_read_says_nothing_of_what_depends_on_what() -> None:
    text = "[shape]\nu = 'm'\nv = 'm'\n[model]\nforward = ['u = \\frac{', 'u = v', 'v = ']\n"
    assert parse_notation(text, "n.toml")["default"].depends == {"u": {"v"}}


def test_a_symbol_has_layers_where_the_model_writes_a_layer_of_one_letter() -> None:
    text = "[layers]\nindex = ['l', '\\ell']\n[shape]\nH = 'm'\n[model]\nforward = ['{}']\n"
    for formula, layered in (("H^l = H", True), ("H^{[l]} = H", True), ("H^{(l-1)} = H", True),
                             ("H^q = H", False), ("GH^l = G", False), ("H^{lr} = H", False),
                             ("H = H", False)):  # fmt: skip
        found = parse_notation(text.format(formula), "n.toml")["default"]
        assert found.symbols["H"].layered is layered


def test_a_part_has_its_own_tables_over_the_documents() -> None:
    one, two = NOTATION.parts
    assert (one.when, one.lines) == ({"Z"}, (3, 9))
    assert (two.when, two.lines) == ({"A", "u"}, None)
    assert one.notation.symbols == {**NOTATION.symbols, "E": symbol("E", "b", "1")}
    assert one.notation.forward == NOTATION.forward
    assert two.notation.loss is None
    assert two.notation.forward[0] == "u = H P"
    assert not two.notation.parts
    assert "E" in NOTATION.vocabulary.symbols
    assert {"nx", "x", "D", "\\theta", "W", "h_{2}"} <= NOTATION.vocabulary.symbols
    assert not {"b", "p"} & NOTATION.vocabulary.symbols  # one letter is read as such anyway
    assert {"g", "\\phi", "tanh"} <= NOTATION.vocabulary.functions
    assert one.covers(3, "") is one.covers(9, "") is two.covers(1, "u") is True
    assert one.covers(2, "Z") is one.covers(10, "Z") is two.covers(1, "Z") is False


def test_a_file_that_says_nothing_has_these_defaults() -> None:
    plain = parse_notation("", "none.toml")["default"]
    assert plain.layers == Layers()
    assert plain.sizes == {"m": "samples", "n": "inputs", "k": "outputs"}
    assert (plain.layout, plain.layout_declared) == ("denominator", False)
    empty = {"symbols", "alias", "phrases", "operators", "bare", "samples", "lines", "depends"}
    empty |= {"examples", "assume", "assumed", "parts", "forward", "loss", "rate", "target"}
    assert not any(getattr(plain, name) for name in empty)
    assert plain.prime_transposes is False
    assert plain.functions == SPELLINGS
    assert {field.name for field in fields(Notation)} >= empty
    layered = parse_notation("[layers]\nindex = ['l']\n", "n.toml")["default"]
    assert layered.layers == Layers(letters=frozenset("l"), last=frozenset("N"))


def test_conventions_share_the_tables_and_keep_their_order() -> None:
    text = """
[sizes]
m = "samples"
[shape]
u = "m"
[convention.rows]
shape.v = "1 m"
[convention.columns]
layout = "numerator"
[convention.columns.shape]
u = "1 m"
"""
    found = parse_notation(text, "n.toml")
    assert list(found) == ["rows", "columns"]
    rows, columns = found.values()
    assert (rows.convention, columns.convention) == ("rows", "columns")
    assert rows.symbols == {"u": symbol("u", "m", "1"), "v": symbol("v", "1", "m")}
    assert columns.symbols == {"u": symbol("u", "1", "m")}
    assert (rows.layout, columns.layout) == ("denominator", "numerator")


KNOWN = ", ".join(sorted(FUNCTIONS))
SPELT = '; write two sizes such as "m d[l]", or "scalar"'
LAYERED = '[layers]\nindex = ["l"]\n[shape]\n'
LAYER = "write a number or the last layer's letter"
MEANT = (
    "the signs are *, \\cdot, \\times, @, \\odot, \\circ, \\otimes, "
    "the meanings matrix product, entry by entry, correlation"
)
TEXT = "write a text in quotes"
FAULTS = [
    # the whole file
    ("a = 1\nb = ", 2, "not TOML: Invalid value; mend that line"),
    ("x = '", 1, "not TOML: Expected \"'\"; mend that line"),
    ("\n[shapes]\n", 2, f"unknown table 'shapes'; the tables are {', '.join(sorted(TABLES))}"),
    ("\ntitle = 3\n", 2, "'title' must be a text in quotes"),
    ("layout = 'row'\n", 1, "layout 'row' is unknown; known are denominator, numerator"),
    ("\nprime = 'p'\n", 2, "prime 'p' is unknown; write  prime = \"transpose\"  or leave it out"),
    ("shape = 'scalar'\n", 1, "'shape' must be a table; write it as [shape]"),
    ("per_sample = 'dZ'\n", 1, 'write the gradients per sample as  per_sample = ["dZ"]'),
    ("per_sample = ['Z']\n", 1, 'write the gradients per sample as  per_sample = ["dZ"]'),
    # tables of texts, layers and numbers
    ("[alias]\na = 1\n", 2, f"'a' in [alias]: {TEXT}"),
    ("[samples]\na = 1\n", 2, f"'a' in [samples]: {TEXT}"),
    ("[operator]\na = 1\n", 2, f"'a' in [operator]: {TEXT}"),
    ("[functions]\na = 1\n", 2, f"'a' in [functions]: {TEXT}"),
    ("[domain]\na = 1\n", 2, f"'a' in [domain]: {TEXT}"),
    ("[assume]\na = 1\n", 2, f"'a' in [assume]: {TEXT}"),
    ("[at]\nY = true\n", 2, "'Y' in [at]: write a layer in quotes"),
    ("[bare]\nY = 1.5\n", 2, "'Y' in [bare]: write a layer in quotes"),
    ('[product]\n"*" = 2\n', 2, "'*' in [product]: write one meaning, or a list of them"),
    ("[model]\nforward = [1]\n", 2,
     "'forward' in [model]: write  loss = TEXT  and  forward = [TEXT, ...]"),
    ("[part]\none = 1\n", 2, "'one' in [part]: write it as a table [part.NAME]"),
    ("[convention]\na = 1\n", 2, "'a' in [convention]: write it as a table [convention.NAME]"),
    *((f"[example]\nu = {rows}\n", 2,
       "'u' in [example]: write rows of numbers, such as [[1, 2], [3, 4]]")
      for rows in ("1", "[]", "[1]", "[[]]", "[[1], [1, 2]]", "[['a']]", "[[true]]")),
    ("[convention.a]\nlayout = 1\n", 2, "'layout' must be a text in quotes"),
    ("[part.a]\nlayout = 1\n", 2, "'layout' must be a text in quotes"),
    # parts
    ("[part.a]\nlines = [1]\n", 2, "lines of a part: write  lines = [FIRST, LAST]"),
    ("[part.a]\nlines = [1, true]\n", 2, "lines of a part: write  lines = [FIRST, LAST]"),
    ("[part.a]\nlines = 1\n", 2, "lines of a part: write  lines = [FIRST, LAST]"),
    ("[part.a]\nwhen = 'Z'\n", 2, 'when of a part: write  when = ["SYMBOL"]'),
    ("[part.a]\nwhen = [1]\n", 2, 'when of a part: write  when = ["SYMBOL"]'),
    # names and formulas
    ("[functions]\ng = 'bessel'\n", 2, f"function 'bessel' is unknown; known are {KNOWN}"),
    ("[shape]\n'a + b' = 'scalar'\n", 2, "'a + b' is not one symbol; write one symbol a line"),
    ("[shape]\n'a_{' = 'scalar'\n", 2,
     "symbol 'a_{' cannot be read: expected a formula, found the end at column 4"),
    ("[alias]\n'a_{' = 'b'\n", 2,
     "alias 'a_{' cannot be read: expected a formula, found the end at column 4"),
    ("[alias]\na = 'b_{'\n", 2,
     "'b_{' cannot be read: expected a formula, found the end at column 4"),
    ("\ntarget = 'b_{'\n", 2,
     "target 'b_{' cannot be read: expected a formula, found the end at column 4"),
    ('[product]\n"*" = "outer"\n', 2,
     f"product '*' = 'outer': {MEANT}"),
    ("[product]\nx = 'matrix product'\n", 2,
     f"product 'x' = 'matrix product': {MEANT}"),
    # sizes, shapes and layers
    ("[sizes]\nq = 3\n", 2, "size 'q' needs a word for what it counts"),
    ("[layers]\nindex = 3\n", 1, "[layers] needs lists of letters"),
    ("[shape]\nu = 3\n", 2, f"symbol 'u' has the shape 3{SPELT}"),
    ("[shape]\nu = '3'\n", 2, f"symbol 'u' has the shape '3'{SPELT}"),
    ("[shape]\nu = 'm m m'\n", 2, f"symbol 'u' has the shape 'm m m'{SPELT}"),
    ("[shape]\nu = 'm 0'\n", 2, "size '0' of 'u' cannot be read; write m or d[l-1]"),
    ("[shape]\nu = 'q'\n", 2,
     "size 'q' of 'u' is not declared; add  q = \"what it counts\"  under [sizes]"),
    (LAYERED + "u = 'm w[l]'\n", 4, "'w[l]' of 'u': the layers' width is d"),
    (LAYERED + "u = 'm d[i]'\n", 4, "layer letter 'i' of 'u' is not under [layers] index"),
    ('title = "\\\\phi"\n[shape]\n"\\\\psi" = "m"\n"\\\\phi" = "q"\n', 4,
     "size 'q' of '\\phi' is not declared; add  q = \"what it counts\"  under [sizes]"),
    ("[shape]\nu = 'm'\n[domain]\nu = 'whole'\n", 2,
     f"domain 'whole' is unknown; known are {', '.join(sorted(DOMAINS))}"),
    # conditions
    *((f"[shape]\nu = 'm'\n[assume]\na = '{text}'\n", 4,
       f"'{text}' in [assume]{UNKNOWN}")
      for text in ("the samples are independent", "u = 1", "m = 1", "i = j = k", "u_i = {",
                   "i < j")),
    ("[shape]\nu = 'm'\n[assume]\na = 'rows of v sum to 1'\n", 4,
     "'rows of v sum to 1' in [assume]: v is not under [shape]"),
    ("[shape]\nu = 'n k'\n[assume]\na = 'u is one-hot'\n", 4,
     "'u is one-hot' in [assume]: say whether rows or columns of u"),
    ("[shape]\nu = 'scalar'\n[assume]\na = 'u is one-hot'\n", 4,
     "'u is one-hot' in [assume]: say whether rows or columns of u"),
    ("[shape]\nu = 'm k'\n[domain]\nu = 'positive'\n[assume]\na = 'u is one-hot'\n", 6,
     "'u is one-hot' in [assume], but the domain of u is 'positive'"),
    ("[shape]\nY = 'm'\n[at]\nY = 'L'\n", 2, f"layer 'L' of Y: {LAYER}"),
    ("[shape]\nY = 'm'\n[bare]\nY = 'L'\n", 2, f"layer 'L' of Y: {LAYER}"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "message"), FAULTS)
def test_a_fault_is_told_with_its_line_and_its_remedy(text: str, line: int, message: str) -> None:
    with pytest.raises(NotationError, match=r"^n\.toml:") as caught:
        parse_notation(text, "n.toml", 5)
    assert str(caught.value) == f"n.toml:{line + 4}: {message}"


def test_tables_in_tables_without_end_are_refused() -> None:
    with pytest.raises(NotationError, match=re.escape("n.toml: nested too deeply; write it flat")):
        parse_notation("a = " + "[" * 100_000, "n.toml")
