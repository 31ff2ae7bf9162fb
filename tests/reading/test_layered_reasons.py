"""What is said of layers: which exist, how wide they are, and which a loop visits."""

from pathlib import Path

import pytest

from derivations.answer import AsPrinted, Strength, Verdict
from derivations.check import check_document
from derivations.claims.claim import read_claims
from derivations.claims.notation_file import parse_notation
from derivations.document.markdown import parse_page
from derivations.verdict import Judge

TEXT = r"""
rate = "\\alpha"
[sizes]
m = "samples"
n = "inputs"
k = "outputs"
[layers]
index = ["l", "i"]
last = "N"
count = ["N"]
[shape]
X = "m n"
Y = "m k"
W = "d[l-1] d[l]"
b = "1 d[l]"
Z = "m d[l]"
A = "m d[l]"
R = "d[1] d[N]"
L = "scalar"
"\\alpha" = "scalar"
[at]
Y = "N"
[model]
loss = "L"
forward = [
    'A^0 = X',
    'Z^l = A^{l-1} W^l + b^l',
    'A^l = \sigma(Z^l)',
    'L = \frac{1}{2m} \|A^N - Y\|^2',
]
"""
NOTATION = parse_notation(TEXT, "n.toml")["default"]
ERROR = r"\frac{1}{m} (A^N - Y) \odot A^N \odot (1 - A^N)"
ERRORS = r"\frac{\partial L}{\partial Z^l}"
SLOPES = r"\frac{\partial L}{\partial W^l}"


def judged(tex: str) -> Verdict:
    (claim,) = read_claims(parse_page(f"$${tex}$$"), NOTATION)
    return Judge(NOTATION, 4).judge(claim)


PROVED = [
    ("Z^1 = X W^1 + b^1", "proved for all sizes, whatever layers follow"),
    ("Z^3 = A^2 W^3 + b^3", "proved for all sizes, whatever layers follow"),
    ("Z^N = A^{N-1} W^N + b^N", "proved for all sizes, in the last layer of any depth"),
    (rf"\frac{{\partial L}}{{\partial Z^N}} = {ERROR}", "in the last layer of any depth"),
    ("Z^l = A^{l-1} W^l + b^l", "all sizes and depths, by the step from layer to layer"),
    (
        rf"{SLOPES} = (A^{{l-1}})^T {ERRORS}",
        "all sizes and depths, by the step from layer to layer",
    ),
    (
        rf"{ERRORS} = ({ERRORS.replace('Z^l', 'Z^{l+1}')} (W^{{l+1}})^T) \odot \sigma'(Z^l), l < N",
        "all sizes and depths, by the step from layer to layer",
    ),
    (rf"W^l = W^l - \alpha {SLOPES}", "all sizes and depths, by the step from layer to layer"),
]


@pytest.mark.parametrize(("tex", "reason"), PROVED)
def test_a_claim_about_layers_is_proved_for_those_it_speaks_of(tex: str, reason: str) -> None:
    verdict = judged(tex)
    assert (verdict.as_printed, verdict.strength) == (AsPrinted.HOLDS, Strength.PROVED)
    assert reason in verdict.reason


def test_a_claim_under_a_condition_on_its_layer_is_judged_in_those_layers_only() -> None:
    assert judged(f"{ERRORS} = {ERROR}, l = N").as_printed is AsPrinted.HOLDS
    assert judged(f"{ERRORS} = {ERROR}, l = 1").as_printed is not AsPrinted.HOLDS
    assert judged(f"{ERRORS} = {ERROR}").as_printed is not AsPrinted.HOLDS


WRONG = [
    (rf"{SLOPES} = (A^l)^T {ERRORS}", "ill-typed", "A^(l-1)ᵀ·(∂L/∂Z^l)"),
    (rf"W^l = W^l + \alpha {SLOPES}", "fails", "W^l - α·(∂L/∂W^l)"),
    ("Z^l = A^l W^l + b^l", "ill-typed", "A^(l-1)·W^l + b^l"),
    ("Z^N = A^N W^N + b^N", "ill-typed", "A^(N-1)·W^N + b^N"),
]


@pytest.mark.parametrize(("tex", "due", "reading"), WRONG)
def test_a_slip_of_one_edit_is_mended(tex: str, due: str, reading: str) -> None:
    verdict = judged(tex)
    assert verdict.as_printed is AsPrinted(due)
    assert (verdict.reading, verdict.cost) == (reading, 1)


UNDECLARED = [
    ("A^l = Y^l", "Y^l is not declared: Y belongs to layer N only"),
    ("A^{N+1} = X", "No network has all the layers that it names."),
    ("W^0 = X", "No network has all the layers that it names."),
    (r"\operatorname{shape}(W^0) = [n, n]", "No network has the layers of shape(W^0)."),
    (r"m \notin \operatorname{shape}(W^0)", "No network has the layers of shape(W^0)."),
    ("X = X, z > 0", "The condition z > 0 is about no index of the formula."),
]


@pytest.mark.parametrize(("tex", "reason"), UNDECLARED)
def test_what_no_layer_has_is_undeclared(tex: str, reason: str) -> None:
    verdict = judged(tex)
    assert verdict.as_printed is AsPrinted.UNDECLARED
    assert reason in verdict.reason


SHAPES = [
    ("W^l", "[d_{l-1}, d_l]", "holds"),
    ("W^1", "[n, d_1]", "holds"),
    ("W^N", "[d_{N-1}, k]", "holds"),
    ("W^l", "[n, d_l]", "fails"),
    ("W^l", "[d_l, d_{l-1}]", "fails"),
    ("A^9", "[m, d_9]", "holds"),
    ("R", "[d_1, k]", "holds"),
    ("Y", "[m, d_N]", "holds"),
    ("b^l", "[1, d_l]", "holds"),
    ("b^l", "[m, d_l]", "fails"),
    ("b^l", "[d_l]", "fails"),
]


@pytest.mark.parametrize(("array", "sizes", "due"), SHAPES)
def test_a_layers_sizes_are_those_of_its_neighbours(array: str, sizes: str, due: str) -> None:
    verdict = judged(rf"\operatorname{{shape}}({array}) = {sizes}")
    assert verdict.as_printed is AsPrinted(due)
    assert verdict.strength is Strength.SHAPES


def test_a_size_that_some_layer_has_is_found_in_it() -> None:
    assert judged(r"n \notin \operatorname{shape}(W^l)").as_printed is AsPrinted.FAILS
    assert judged(r"m \notin \operatorname{shape}(W^l)").as_printed is AsPrinted.HOLDS


LOOPS = [
    ("N", "1", "It reaches every layer."),
    ("1", "N", "It reaches every layer."),
    ("(N)", "1", "It reaches every layer."),
    ("N", "-1+2", "It reaches every layer."),
    ("N-1", "1", "With 3 layers it visits layer 2, 1, and never layer 3."),
    ("2", "N", "With 3 layers it visits layer 2, 3, and never layer 1."),
    ("1", "N-1", "With 3 layers it visits layer 1, 2, and never layer 3."),
    ("N", "0", "With 3 layers it visits layer 3, 2, 1, 0, and layers that do not exist."),
    ("3", "1", "With 4 layers it visits layer 3, 2, 1, and never layer 4."),
    ("m", "1", "m is no layer; name the letter of the number of layers under  count  in [layers]."),
    ("0.5", "1", "0.5 is no layer; name the letter of the number of layers"),
]


@pytest.mark.parametrize(("first", "last", "reason"), LOOPS)
def test_a_loop_is_told_by_the_layers_it_visits(first: str, last: str, reason: str) -> None:
    verdict = judged(rf"for \quad l \quad from \quad {first} \quad to \quad {last}:")
    assert verdict.reason.startswith(reason)
    holds = reason == "It reaches every layer."
    assert (verdict.as_printed is AsPrinted.HOLDS) is holds


@pytest.mark.parametrize(
    ("first", "last", "reading"),
    [
        ("2", "N", "for l from 1 to N"),
        ("1", "N-1", "for l from 1 to N"),
        ("N-1", "1", "for l from N to 1"),
        ("N", "0", "for l from N to 1"),
    ],
)
def test_a_loop_is_mended_in_its_own_direction(first: str, last: str, reading: str) -> None:
    verdict = judged(rf"for \quad l \quad from \quad {first} \quad to \quad {last}:")
    assert (verdict.reading, verdict.cost) == (reading, 1)
    assert verdict.reading_tex is not None
    assert judged(verdict.reading_tex).as_printed is AsPrinted.HOLDS


def test_a_loop_over_a_letter_of_no_layer_is_undeclared() -> None:
    verdict = judged(r"for \quad j \quad from \quad N \quad to \quad 1:")
    assert verdict.as_printed is AsPrinted.UNDECLARED
    assert "j is no letter of a layer; add it under  index  in [layers]" in verdict.reason


BEFORE = rf"{SLOPES.replace('W^l', 'W^{l-1}')} = (A^{{l-1}})^T {ERRORS}"
AFTER = rf"{SLOPES.replace('W^l', 'W^{l+1}')} = (A^{{l-1}})^T {ERRORS}"
BIAS = rf"{SLOPES.replace('W^l', 'b^{l-1}')} = \sum_{{\text{{samples}}}} {ERRORS}"


def read_together(folder: Path, *formulas: str) -> list[str | None]:
    """The readings of a document of these formulas."""
    page = folder / "page.md"
    page.write_text("\n\n".join(f"$${tex}$$" for tex in formulas), encoding="utf-8")
    page.with_suffix(".toml").write_text(TEXT, encoding="utf-8")
    verdicts = [verdict for _, verdict in check_document(page).claims]
    assert len(verdicts) == len(formulas)
    assert not any(verdict.as_printed is AsPrinted.HOLDS for verdict in verdicts)
    return [verdict.reading for verdict in verdicts]


def test_a_shift_of_the_layers_is_the_same_in_the_whole_document_or_none_at_all(
    tmp_path: Path,
) -> None:
    """One page that counts layers otherwise is read so; one that does both ways is not."""
    one, other = "A^(l-2)ᵀ·(∂L/∂Z^(l-1))", "Σ[samples] ∂L/∂Z^(l-1)"
    assert read_together(tmp_path, BEFORE) == [one]
    assert read_together(tmp_path, AFTER) == ["A^lᵀ·(∂L/∂Z^(l+1))"]
    assert read_together(tmp_path, BEFORE, BIAS) == [one, other]
    assert read_together(tmp_path, BEFORE, AFTER) == [None, None]
