"""What the reader makes of each printed formula is what the hand-made SymPy says."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sympy as sp

from derivations.check import BUILT_IN, open_page
from derivations.claims.claim import Claim, read_claims
from derivations.claims.networks import Network, Scope
from derivations.claims.notation import Notation
from derivations.claims.notation_file import load_notation
from derivations.claims.plans import strict_plan
from derivations.claims.readings import variants
from derivations.document.syntax import Expr, Size, transform
from derivations.symbolic.encode import Encoder
from derivations.symbolic.indices import array, fresh
from derivations.symbolic.normal import remainder
from derivations.symbolic.proof import entrywise_opened
from derivations.training import derivation as by_hand
from derivations.verdict import Judge

Entry = Callable[..., Any]
CONVENTIONS = load_notation(BUILT_IN.with_name("notation.toml"))
STATED, ROWS = CONVENTIONS["stated"], CONVENTIONS["rows"]
CLAIMS = read_claims(open_page(BUILT_IN), STATED)

# The document's formulas by what they end or start with, and the same by hand.
READINGS: dict[str, Entry] = {
    "(1-y)*log(1-a^i)": lambda i, q: by_hand.loss(1),
    "\\frac{\\partial Z}{\\partial W}": by_hand.chain_W,
    "(A(1-A))*X": by_hand.long_W,
    "(A-Y)*X": by_hand.short_W,
    "\\frac{\\partial Z}{\\partial b}": by_hand.chain_b,
    "(A(1-A))*1": by_hand.long_b,
    "=\\frac{1}{n}(A-Y)": by_hand.short_b,
    "\\alpha \\frac{\\partial L}{\\partial W}": by_hand.updated_W,
    "\\alpha \\frac{\\partial L}{\\partial b}": by_hand.updated_b,
    "A=sigmoid(Z)": lambda i, q: by_hand.Sigmoid(by_hand.Z(1, i, q)),
}  # fmt: skip


def claim(ending: str) -> Claim:
    return next(c for c in CLAIMS if c.tex.endswith(ending))


def right_side(found: Claim, notation: Notation) -> Expr:
    verdict = Judge(notation).judge(found)
    assert verdict.found is not None
    return verdict.found.right


def equal(tree: Expr, entry: Entry, notation: Notation, network: Network) -> bool:
    judge = Judge(notation)
    coder = Encoder(notation, judge.context.model.at(network.depth), network)
    at = tuple(fresh(name) for name in coder.shape(tree))
    for layer in range(network.depth + 1):  # the hand-made side names arrays too
        for name in ("A", "Z"):
            coder.nodes[array(name, layer)] = (name, layer)
    difference = coder.encode(tree, at, {}) - entry(*at)
    return not remainder(entrywise_opened(coder, difference))


@pytest.mark.parametrize("ending", READINGS)
def test_reader_and_hand_agree_on_a_one_layer_formula(ending: str) -> None:
    tree = right_side(claim(ending), STATED)
    assert equal(tree, READINGS[ending], STATED, Network(1))


@pytest.mark.parametrize("ending", READINGS)
def test_a_changed_hand_made_formula_is_noticed(ending: str) -> None:
    """The planted defect: twice the hand-made side is never equal."""
    tree = right_side(claim(ending), STATED)
    assert not equal(tree, lambda *at: 2 * READINGS[ending](*at), STATED, Network(1))


def test_with_one_bias_a_unit_the_samples_add_up() -> None:
    tree = right_side(claim("=\\frac{1}{n}(A-Y)"), ROWS)
    assert equal(tree, lambda i, q: by_hand.summed_b(q), ROWS, Network(1))


def test_reader_and_hand_agree_on_the_linear_step_of_any_layer() -> None:
    tree = right_side(claim("Z^n=W^n*A^{n-1}+b^n"), STATED)
    network = Network(4, (("n", 2),))
    bias = array("b", 2)
    by = lambda i, q: by_hand.linear(2, "d1", i, q) + bias[i, q]  # noqa: E731
    assert equal(tree, by, STATED, network)


def with_labels_everywhere() -> Notation:
    """The assumption under which the printed recurrence means something at all."""
    labels = replace(STATED.symbols["Y"], shape=STATED.symbols["A"].shape, layered=True, at=None)
    without_loss = STATED.forward[:-1]  # it is about the last layer's Y
    return replace(STATED, symbols={**STATED.symbols, "Y": labels}, forward=without_loss)


def test_reader_and_hand_agree_on_the_printed_recurrence() -> None:
    """Read with a Y for every layer and its transpose repaired, it is what it says by hand."""
    notation = with_labels_everywhere()
    plan = strict_plan(next(c for c in CLAIMS if c.tex.startswith("d_{w")), notation)
    tree = transform(plan.right, lambda node: Size("m") if node == Size("n") else node)
    network = Network(5, (("n", 3),))
    found = variants(tree, Scope(notation, network), budget=2)
    turned = [item.tree for item in found if item.shape == ("d2", "d3")]
    assert turned
    target = array("Y", 3)
    by = lambda p, q: by_hand.printed_W(3, lambda i, r: target[i, r], p, q)  # noqa: E731
    assert all(equal(item, by, notation, network) for item in turned)


def test_the_right_recurrence_is_what_calculus_gives() -> None:
    """The step of the induction: dL/dZ of a layer from that of the next, and dL/dW from it."""
    judge = Judge(STATED)
    network = Network(6)
    coder = Encoder(STATED, judge.context.model.at(6), network, frontier=4)
    i, p, q = fresh("m"), fresh("d2"), fresh("d3")
    steps = [
        (("Z", 3), (i, q), by_hand.right_recurrence(3, "d4", i, q), 4),
        (("W", 3), (p, q), by_hand.right_W(3, p, q), 3),
    ]
    for node, at, by, known in steps:
        true, layer = coder.cotangent(node, at), array("cotangent", "Z", known)
        given = by.xreplace({
            item: coder.cotangent(("Z", known), item.indices)
            for item in by.atoms(sp.Indexed) if item.base == layer
        })  # fmt: skip
        assert given != by
        assert not remainder(entrywise_opened(coder, true - given))
        assert remainder(entrywise_opened(coder, true + given))


def test_every_reading_is_covered_by_hand() -> None:
    """No gradient, chain, update or loss of the one-layer part is left to the reader alone."""
    judged = [c for c in CLAIMS if c.kind.value in ("gradient", "chain", "update")]
    one_layer = [c for c in judged if "^" not in c.tex.replace("^{\\top}", "")]
    assert {c.tex for c in one_layer} <= {claim(ending).tex for ending in READINGS}
