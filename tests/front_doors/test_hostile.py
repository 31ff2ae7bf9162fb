"""A hostile document gives reports in which nothing runs, hides or reorders."""

import json
import re
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from derivations.check import DocumentCheck, check_conventions, check_document
from derivations.cli import main
from derivations.report.html import as_html
from derivations.report.output import render
from tests.front_doors.hostile import BIDI, FORMULAS, RUN, write_hostile
from tests.report.documents import write_page

TAGS = frozenset(
    """html head meta title style body header main footer section h1 h2 h3 p ul li b span table
    caption thead tbody tr th td div code details summary dl dt dd math mrow mi mo mn mtext
    mspace mfrac msub msup msubsup munder mover munderover msqrt mtable mtr mtd ol figure figcaption
    svg rect text line path circle polyline polygon""".split()  # noqa: SIM905
)
ATTRIBUTES = frozenset(
    """lang charset http-equiv content name class id scope role tabindex aria-label aria-hidden
    data-label alttext displaystyle accent stretchy width colspan viewBox height x y x1 y1 x2 y2
    cx cy r d points transform text-anchor""".split()  # noqa: SIM905
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> DocumentCheck:
    path = write_hostile(tmp_path_factory.mktemp("hostile"))
    return check_conventions(path, in_full=True)[0]


def tags(text: str) -> tuple[set[str], set[str]]:
    """Every tag of a page and every attribute's name; a page that is not well formed is an error.

    The writer closes every element but ``meta``, so that an XML parser can be the judge.
    """
    tree = ElementTree.fromstring(
        re.sub(r"(<meta[^>]*)>", r"\1/>", text.removeprefix("<!DOCTYPE html>"))
    )
    names = {name for node in tree.iter() for name in node.attrib}
    return {node.tag for node in tree.iter()}, names


def hidden(text: str) -> set[str]:
    """Characters that hide or reorder others."""
    return {
        c for c in text if unicodedata.category(c) in ("Cc", "Cf") and c not in "\n\u2061\u2062"
    }


def test_every_formula_of_a_hostile_document_is_judged(hostile: DocumentCheck) -> None:
    assert len(hostile.claims) >= len(FORMULAS)


def test_a_page_has_no_element_and_no_attribute_but_ours(hostile: DocumentCheck) -> None:
    found, names = tags(as_html([hostile]))
    assert found <= TAGS
    assert names <= ATTRIBUTES
    found, names = tags(f"<div>{hostile._repr_html_()}</div>")
    assert found <= TAGS
    assert names <= ATTRIBUTES


def test_the_judge_of_pages_sees_what_an_unescaped_page_would_do(hostile: DocumentCheck) -> None:
    text = as_html([hostile]).replace("&lt;", "<").replace("&gt;", ">")
    with pytest.raises(ElementTree.ParseError):
        tags(text)
    planted = as_html([hostile]).replace(
        "<main>", f'<main><p onclick="{RUN}"></p><script></script>'
    )
    found, names = tags(planted)
    assert found - TAGS == {"script"}
    assert names - ATTRIBUTES == {"onclick"}


@pytest.mark.parametrize("form", ["html", "github", "table"])
def test_nothing_hides_and_nothing_reorders(hostile: DocumentCheck, form: str) -> None:
    assert hidden(BIDI) == set(BIDI)
    assert hidden(render([hostile], form)) == set()


def test_an_annotation_starts_no_command_of_the_document(hostile: DocumentCheck) -> None:
    *commands, totals = render([hostile], "github").splitlines()
    assert all(re.match(r"::(error|warning) file=", line) for line in commands)
    assert not totals.startswith("::")


@pytest.mark.parametrize("form", ["html", "github"])
def test_ten_thousand_braces_do_not_bury_the_rest(hostile: DocumentCheck, form: str) -> None:
    text = render([hostile], form)
    assert "(10005 characters)" in text
    assert "{" * 301 not in text


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_what_machines_read_is_json(hostile: DocumentCheck, form: str) -> None:
    assert json.loads(render([hostile], form))


def test_a_line_of_the_document_stays_a_line_of_the_report(hostile: DocumentCheck) -> None:
    lines = Path(hostile.document).read_text(encoding="utf-8").splitlines()
    for claim, _ in hostile.claims[:5]:
        assert claim.tex in lines[claim.line - 1]


@pytest.mark.parametrize(
    "formula",
    [
        *("L = " + sign.join("1" * 1900) for sign in ("+", "-", " * ", "/")),
    ],
)
def test_a_long_formula_costs_no_other_its_verdict(tmp_path: Path, formula: str) -> None:
    path = write_page(tmp_path / "long.md", formula, "A = X W")
    done = CliRunner().invoke(
        main, ["check", str(path), "--format", "json", "--jobs", "0"], catch_exceptions=False
    )
    assert done.exit_code in (0, 1, 2)
    verdicts = [claim["as_printed"] for claim in json.loads(done.stdout)["documents"][0]["claims"]]
    assert verdicts[-1] == "holds"
    assert len(verdicts) == 2
    assert len(render([check_document(path)], "html")) < 200_000
