"""The page: well formed, complete, self-contained, and no text of a document is obeyed."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from derivations.check import BUILT_IN, DocumentCheck, check_conventions, check_document
from derivations.document.grammar import GREEK
from derivations.document.letters import letter
from derivations.document.lexer import Vocabulary
from derivations.document.tex import parse_expression
from derivations.report.html import as_html
from derivations.report.html_style import STYLE
from derivations.report.markup import element, leaves
from derivations.report.mathml import differing, equation
from tests.report.documents import NOTATION, RIGHT, UNREADABLE, WRONG, write_page

VOID = {"meta", "br"}
LIMIT = 400_000


class Page(HTMLParser):
    """What a browser would find: elements, attributes, text; an unbalanced tag is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())

    def count(self, tag: str, **attributes: str) -> int:
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return sum(name == tag and wanted.items() <= found.items() for name, found in self.tags)


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> DocumentCheck:
    path = tmp_path_factory.mktemp("html") / "notes.md"
    return check_document(write_page(path, *RIGHT, WRONG, UNREADABLE))


@pytest.fixture(scope="module")
def built_in() -> str:
    return as_html([*check_conventions(BUILT_IN)])


def math(tex: str) -> str:
    return str(equation(None, "", parse_expression(tex, Vocabulary())).children[0])


def test_the_page_of_the_built_in_document_is_complete_and_light(built_in: str) -> None:
    page = Page(built_in)
    judged = len(re.findall(r"<tr id=", built_in))
    assert len(built_in.encode()) < LIMIT
    assert judged > 30
    assert page.count("math") > judged
    assert "The built-in document" in page.words


def test_every_heading_cell_has_its_scope_and_colour_is_never_alone(check: DocumentCheck) -> None:
    page = Page(as_html([check]))
    assert page.count("th") == page.count("th", scope="col") + page.count("th", scope="row")
    assert page.count("th", scope="row") == len(check.claims)
    for word in ("holds", "fails", "unreadable"):
        assert word in page.words
    assert {"✓", "✗", "…"} <= set(page.words)


def test_the_page_may_load_only_its_own_style(check: DocumentCheck) -> None:
    page = Page(as_html([check]))
    [policy] = [
        str(found["content"])
        for tag, found in page.tags
        if tag == "meta" and found.get("http-equiv") == "Content-Security-Policy"
    ]
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'")
    assert STYLE in page.words  # as it stands in the page, so that the hash fits
    names = {name for _, found in page.tags for name in found}
    assert not names & {"src", "href", "style", "action", "srcdoc"}
    assert not any(name.startswith("on") for name in names)
    assert page.count("script") == 0


def test_a_wrong_claim_shows_its_edit_in_both_formulas(check: DocumentCheck) -> None:
    rows = as_html([check]).split("<tr ")
    [row] = [row for row in rows if "</span> fails</span></td>" in row]
    assert 'class="was"' in row
    assert 'class="now"' in row
    assert "insert, drop or change one factor" in row
    assert "for example" in rows[rows.index(row) + 1]


def test_conventions_stand_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    both = "\n[convention.rows]\n\n[convention.columns]\n"
    head, fence, _ = NOTATION.rpartition("```")
    path.write_text(f"{head}{both}{fence}\n\n$$\n{RIGHT[0]}\n$$\n")
    page = Page(as_html(check_conventions(path, convention="all")))
    heads = [word for word in page.words if word in ("rows", "columns")]
    assert heads == ["rows", "columns"]
    assert page.count("th", scope="col") == 4


def test_the_same_checks_give_the_same_bytes(check: DocumentCheck) -> None:
    assert as_html([check]) == as_html([check])


def test_a_notebook_gets_a_table(check: DocumentCheck) -> None:
    page = Page(check._repr_html_())
    assert page.count("table") == 1
    assert page.count("tr") == len(check.claims) + 1


def test_text_and_attributes_are_escaped() -> None:
    text = str(element("p", "</p><script>&\u202e", title='"><b onclick=x>'))
    assert text == (
        '<p title="&quot;&gt;&lt;b onclick=x&gt;">&lt;/p&gt;&lt;script&gt;&amp;\\u202e</p>'
    )


def test_only_what_differs_is_marked() -> None:
    old, new = (
        equation(None, "", parse_expression(tex, Vocabulary()))
        for tex in (r"\frac{1}{n} (A - Y)", r"\frac{1}{m} (A - Y)")
    )
    before, after = differing(old, new)
    assert list(leaves(before)) == list(leaves(old))
    assert str(before).count("class=") == str(after).count("class=") == 1
    assert '<mi class="was">n</mi>' in str(before)
    assert '<mi class="now">m</mi>' in str(after)


@pytest.mark.parametrize(
    ("tex", "found"),
    [
        (r"\alpha", "<mi>α</mi>"),
        (r"\lambda", "<mi>λ</mi>"),
        (r"\hat{y}", '<mover accent="true"><mi>y</mi><mo stretchy="false">^</mo></mover>'),
        (
            r"W^{[l]}",
            "<msup><mi>W</mi><mrow><mrow><mo>[</mo><mi>l</mi><mo>]</mo></mrow></mrow></msup>",
        ),
        (r"\frac{a}{b}", "<mfrac><mi>a</mi><mi>b</mi></mfrac>"),
        (r"a - b", "<mrow><mi>a</mi><mo>−</mo><mi>b</mi></mrow>"),
        (r"\sqrt{a}", "<msqrt><mi>a</mi></msqrt>"),
        (r"a \odot b", "<mrow><mi>a</mi><mo>⊙</mo><mi>b</mi></mrow>"),
        (r"x'", "<msup><mi>x</mi><mrow><mo>′</mo></mrow></msup>"),
        (r"\begin{bmatrix} 1 & 2 \end{bmatrix}", "<mtable><mtr><mtd><mn>1</mn></mtd>"),
        (r"\sum_{i=1}^{m} a_i", "<munderover><mo>∑</mo>"),
        (r"\|a\|", "<mo>‖</mo><mi>a</mi><mo>‖</mo>"),
        (r"\log(a)", "<mi>log</mi><mo>\u2061</mo>"),
    ],
)
def test_a_tree_becomes_the_mathml_that_it_means(tex: str, found: str) -> None:
    assert found in math(tex)


def test_brackets_stand_where_the_tree_needs_them() -> None:
    assert math("(a + b) c").count("<mo>(</mo>") == 1
    assert math("(a b) c").count("<mo>(</mo>") == 0
    assert math("a (b c)").count("<mo>(</mo>") == 1


@pytest.mark.parametrize("name", ["alpha", "Sigma", "varepsilon", "lambda", "Lambda"])
def test_greek_letters_have_one_character(name: str) -> None:
    assert len(letter(name) or "") == 1


def test_no_two_commands_are_the_same_letter() -> None:
    assert len({letter(name.removeprefix("\\")) for name in GREEK} - {None}) == len(GREEK)


def test_an_unknown_command_is_no_letter() -> None:
    assert letter("loss") is None
