"""One claim on the page: its formulas with the difference marked, and what unfolds below them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..answer import AsPrinted, Counterexample, Verdict, WrittenStep
from ..claims.claim import Claim
from ..document.lexer import Vocabulary
from ..document.syntax import Expr
from ..document.tex import parse_expression
from ..errors import FormulaError
from .markup import Element, element, leaves
from .mathml import differing, equation
from .pictures import heat_map, step_picture
from .visible import brief
from .words import claim_text, edit_words, outcome_text, strength_text

LONG = 20  # characters of a formula that may be wider than a phone


# -- formulas -----------------------------------------------------------------------
def formulas(claim: Claim, verdict: Verdict) -> tuple[Element, Element | None]:
    """The claim as printed and its true reading, with the difference marked in both."""
    before, true = _math(claim), _true(claim, verdict)
    if before is None or true is None:
        return printed(claim), None if true is None else _formula(true)
    before, after = differing(before, true)
    return _formula(before), _formula(after)


def printed(claim: Claim) -> Element:
    found = _math(claim)
    return element("code", brief(claim_text(claim))) if found is None else _formula(found)


def _math(claim: Claim) -> Element | None:
    if claim.left is None or claim.right is None:
        return None
    right = (claim.right, *claim.conditions)
    return equation(claim.left, claim.sign, *right, lead="… " if claim.continues else "")


def _true(claim: Claim, verdict: Verdict) -> Element | None:
    if verdict.as_printed is AsPrinted.HOLDS or verdict.reading is None:
        return None
    if verdict.found is not None:
        plan = verdict.found.plan
        return equation(plan.left, claim.sign, verdict.found.right, *plan.conditions)
    tree = _tree(verdict.reading_tex or "")
    if claim.left is None or tree is None:
        return element("code", verdict.reading)
    return equation(claim.left, claim.sign, tree)


def _tree(tex: str) -> Expr | None:
    try:
        return parse_expression(tex, Vocabulary())
    except FormulaError:
        return None


def _formula(math: Element) -> Element:
    """A formula; one that may be too wide scrolls by itself, with the keyboard too."""
    if sum(map(len, leaves(math))) <= LONG:
        return element("div", math, class_="formula")
    focus = {"tabindex": "0", "role": "group", "aria_label": "formula"}
    return element("div", math, class_="formula long", **focus)


# -- what is said of it ---------------------------------------------------------------
def closest(claim: Claim, verdict: Verdict, true: Element | None) -> Iterator[Element]:
    """The true formula and its edits, or why there is none."""
    if true is None:
        yield element("span", outcome_text(verdict), class_="soft")
    else:
        yield true
        edits = (element("li", words) for words in edit_words(verdict))
        yield element("ul", *edits, class_="edits")


def details(words: str, line: int, body: Element) -> Element:
    """What unfolds."""
    place = element("span", f" of line {line}", class_="aside")
    return element("details", element("summary", words, place), body)


def sheets(verdict: Verdict) -> Element:
    """How the verdict was reached, the counterexample, and the derivation."""
    found = (
        _listed(_facts(verdict)),
        _listed(_pictures(verdict)),
        _listed(_derivation(verdict), "wide"),
    )
    return element("div", *filter(None, found), class_="sheets")


def _listed(facts: Iterator[tuple[str, Element]], kind: str | None = None) -> Element | None:
    parts = [part for name, fact in facts for part in (element("dt", name), fact)]
    return element("dl", *parts, class_=kind) if parts else None


def _facts(verdict: Verdict) -> Iterator[tuple[str, Element]]:
    """What is known beyond the verdict, each with its name."""
    stated = verdict.as_printed is AsPrinted.HOLDS  # its strength stands in the cell already
    for name, text in (
        ("reason", verdict.reason),
        ("strength", "" if stated else strength_text(verdict)),
        ("scope", "" if verdict.scope in ("never", "no layers") else verdict.scope),
        ("assuming", ", ".join(verdict.assuming)),
        ("double precision", verdict.floats),
        ("engine", verdict.engine),
        ("as close", "; ".join(verdict.rivals)),
    ):
        if text:
            yield name, element("dd", text)
    if verdict.counterexample is not None:
        agree = verdict.as_printed is AsPrinted.ILL_TYPED
        name = "where shapes agree" if agree else "for example"
        yield name, element("dd", *_numbers(verdict.counterexample))


def _derivation(verdict: Verdict) -> Iterator[tuple[str, Element]]:
    if verdict.steps:
        yield "derivation", element("dd", element("ol", *map(_step, verdict.steps)))


def _step(step: WrittenStep) -> Element:
    """A step's rule and its equation; one that its replay does not confirm says so."""
    doubt = [] if step.checked else [element("b", " not confirmed", class_="fails")]
    return element("li", step.rule, *doubt, _formula(equation(step.before, "=", step.after)))


# -- the counterexample ---------------------------------------------------------------
def _numbers(example: Counterexample) -> Iterator[Element]:
    given = (_value(name, value) for name, value in example.values.items())
    yield element("div", *given, class_="numbers")
    sides = (_value("printed", example.printed), _value("true", example.true))
    yield element("div", *sides, class_="numbers")


def _value(name: str, value: Any) -> Element:
    """``name = value`` with a matrix laid out in rows."""
    rows = value if isinstance(value, list) else [value]
    rows = [row if isinstance(row, list) else [row] for row in rows]
    cells = (
        element("mtr", *(element("mtd", element("mn", _digits(cell))) for cell in row))
        for row in rows
    )
    bracketed = (element("mo", "["), element("mtable", *cells), element("mo", "]"))
    tree = _tree(name) if name not in ("printed", "true") else None
    head = element("mtext", name) if tree is None else equation(None, "", tree).children[0]
    math = element("math", head, element("mo", "="), element("mrow", *bracketed))
    return _formula(math)


def _digits(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text.replace("-", "−")


def _pictures(verdict: Verdict) -> Iterator[tuple[str, Element]]:
    """Where a gradient is wrong, and that differences of the loss say so too."""
    example = verdict.counterexample
    if example is None or example.curve is None:
        return
    where = heat_map(example.printed, example.true)
    if where is not None:
        yield "wrong entries", element("dd", where)
    yield "by differences", element("dd", step_picture(example.curve))
