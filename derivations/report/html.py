"""The report as one HTML file: no script, nothing loaded, everything from a document escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..answer import AsPrinted, Counterexample, Verdict
from ..check import BUILT_IN, DocumentCheck
from ..claims.claim import Claim
from ..document.lexer import Vocabulary
from ..document.syntax import Expr
from ..document.tex import parse_expression
from ..errors import FormulaError
from .findings import contradictions, place
from .html_style import STYLE, policy
from .json import gradproof_version
from .markup import Element, element, leaves
from .mathml import differing, equation
from .terminal import claim_text, edit_words
from .visible import brief

MARKS = {
    AsPrinted.HOLDS: "✓",
    AsPrinted.FAILS: "✗",
    AsPrinted.ILL_TYPED: "⊘",
    AsPrinted.UNDECLARED: "?",
    AsPrinted.UNREADABLE: "…",
    AsPrinted.INCONCLUSIVE: "≈",
    AsPrinted.NOT_A_CLAIM: "–",
}
LONG = 20  # characters of a formula that may be wider than a phone
Row = tuple[tuple[Claim, Verdict], ...]


def as_html(checks: Iterable[DocumentCheck]) -> str:
    """The whole report; equal checks give equal bytes."""
    checks = list(checks)
    names = ", ".join(dict.fromkeys(_name(check) for check in checks))
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy()),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"gradproof: {names}"),
        element("style", STYLE),
    )
    errors = [element("p", text, class_="error", role="alert") for text in contradictions(checks)]
    body = element(
        "body",
        element("header", element("h1", "gradproof report")),
        element("main", *errors, *_documents(checks)),
        element("footer", element("p", f"gradproof {gradproof_version()}")),
    )
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def check_html(check: DocumentCheck) -> str:
    """A small table for a notebook."""
    table = element(
        "table",
        _header(["line", "as printed", "verdict", "closest true formula, or why not"]),
        element("tbody", *(_brief(claim, verdict) for claim, verdict in check.claims)),
    )
    return f"{_totals(check)}{table}"


def _brief(claim: Claim, verdict: Verdict) -> Element:
    printed, true = _formulas(claim, verdict)
    last = true or element("span", _outcome_text(verdict))
    cells = (element("td", part) for part in (printed, _verdict(verdict), last))
    return element("tr", element("th", str(claim.line), scope="row"), *cells)


# -- documents ----------------------------------------------------------------------
def _documents(checks: list[DocumentCheck]) -> Iterator[Element]:
    for document in dict.fromkeys(check.document for check in checks):
        yield _document([check for check in checks if check.document == document])


def _document(group: list[DocumentCheck]) -> Element:
    several = len(group) > 1
    parts = [element("h2", _name(group[0]))]
    for check in group:
        title = f"Convention {check.convention}"
        parts.append(element("h3", title) if several else element("p", title, class_="soft"))
        parts.append(_totals(check))
    rows: list[Row] = list(zip(*(check.claims for check in group), strict=True))
    judged = [row for row in rows if any(_is_judged(verdict) for _, verdict in row)]
    if judged:
        parts.append(_table(group, judged))
    parts += _rest([row[0] for row in rows if row not in judged])
    return element("section", *parts)


def _is_judged(verdict: Verdict) -> bool:
    return verdict.as_printed is not AsPrinted.NOT_A_CLAIM


def _name(check: DocumentCheck) -> str:
    return "The built-in document" if check.document == str(BUILT_IN) else place(check.document)


def _totals(check: DocumentCheck) -> Element:
    chips = []
    for kind in MARKS:
        if kind.value in check.totals:
            count = element("b", str(check.totals[kind.value]))
            chips.append(element("li", count, _sign(kind), class_=kind.value))
    return element("ul", *chips, class_="totals")


def _sign(kind: AsPrinted) -> Element:
    """The verdict as a mark and a word, so that colour is never alone."""
    name = "no claim" if kind is AsPrinted.NOT_A_CLAIM else kind.value
    mark = element("span", MARKS[kind], class_="mark", aria_hidden="true")
    return element("span", mark, name, class_=f"verdict {kind.value}")


def _table(group: list[DocumentCheck], rows: list[Row]) -> Element:
    if len(group) == 1:
        heads = ["line", "as printed", "verdict", "closest true formula"]
        caption = "Every claim in the order of the document"
    else:
        heads = ["line", "as printed", *(check.convention for check in group)]
        caption = "Every claim under every convention"
    body = [_row(row, heads) for row in rows]
    parts = (element("caption", caption), _header(heads), element("tbody", *body))
    kind = "claims single" if len(group) == 1 else "claims"
    return element("table", *parts, class_=kind)


def _header(heads: list[str]) -> Element:
    cells = (element("th", head, scope="col") for head in heads)
    return element("thead", element("tr", *cells))


def _row(row: Row, heads: list[str]) -> Element:
    claim, verdict = row[0]
    line = element("th", str(claim.line), scope="row", data_label="line")
    printed, true = _formulas(claim, verdict)
    if len(row) == 1:
        cells = [
            element("td", printed),
            element("td", _verdict(verdict)),
            element("td", *_closest(claim, verdict, true), data_label=heads[3] if true else None),
        ]
    else:
        cells = [element("td", _printed(claim))]
        for head, (one, found) in zip(heads[2:], row, strict=True):
            parts = (
                element("div", _verdict(found)),
                *_closest(one, found, _formulas(one, found)[1]),
            )
            cells.append(element("td", *parts, data_label=head))
    return element("tr", line, *cells, id=claim.id)


def _verdict(verdict: Verdict) -> Element:
    return _sign(verdict.as_printed)


def _rest(claims: list[tuple[Claim, Verdict]]) -> list[Element]:
    """What claims nothing, out of the way but not left out."""
    if not claims:
        return []
    items = (
        element(
            "li",
            f"line {claim.line}: ",
            element("code", brief(claim.tex)),
            f" {verdict.reason}",
        )
        for claim, verdict in claims
    )
    summary = element("summary", f"{len(claims)} passages that were not judged")
    return [element("details", summary, element("ul", *items, class_="rest"))]


# -- one claim ----------------------------------------------------------------------
def _formulas(claim: Claim, verdict: Verdict) -> tuple[Element, Element | None]:
    """The claim as printed and its true reading, with the difference marked in both."""
    printed, true = _math(claim), _true(claim, verdict)
    if printed is None or true is None:
        return _printed(claim), None if true is None else _formula(true)
    before, after = differing(printed, true)
    return _formula(before), _formula(after)


def _printed(claim: Claim) -> Element:
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


def _closest(claim: Claim, verdict: Verdict, true: Element | None) -> Iterator[Element]:
    if true is None:
        yield element("span", _outcome_text(verdict), class_="soft")
    else:
        yield true
        edits = (element("li", words) for words in edit_words(verdict))
        yield element("ul", *edits, class_="edits")
    facts = list(_facts(verdict))
    if facts:
        about = element("span", f" of line {claim.line}", class_="aside")
        body = [part for name, fact in facts for part in (element("dt", name), fact)]
        yield element("details", element("summary", "Details", about), element("dl", *body))


def _outcome_text(verdict: Verdict) -> str:
    if verdict.as_printed is AsPrinted.HOLDS and verdict.strength is not None:
        return _strength(verdict)
    return verdict.reason


def _strength(verdict: Verdict) -> str:
    strength = verdict.strength.value if verdict.strength else None
    return " ".join(filter(None, (strength, verdict.method)))


def _facts(verdict: Verdict) -> Iterator[tuple[str, Element]]:
    """What is known beyond the verdict, each with its name."""
    stated = verdict.as_printed is AsPrinted.HOLDS  # its strength stands in the cell already
    for name, text in (
        ("reason", verdict.reason),
        ("strength", "" if stated else _strength(verdict)),
        ("scope", "" if verdict.scope in ("never", "no layers") else verdict.scope),
        ("assuming", ", ".join(verdict.assuming)),
        ("double precision", verdict.floats),
        ("engine", verdict.engine),
        ("as close", "; ".join(verdict.rivals)),
    ):
        if text:
            yield name, element("dd", text)
    if verdict.counterexample is not None:
        yield "for example", element("dd", *_numbers(verdict.counterexample))


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
