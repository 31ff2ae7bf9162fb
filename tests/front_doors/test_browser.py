"""The report in Chromium: no message, nothing run, nothing too wide, nothing out of reach."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from derivations.check import BUILT_IN, check_conventions, check_document
from derivations.report.html import as_html
from tests.front_doors.browser import (
    AXE,
    SCHEMES,
    UNFOLD,
    WIDTHS,
    browser,
    messages,
    show,
    violations,
)
from tests.front_doors.hostile import RUN, write_hostile
from tests.report.documents import RIGHT, UNREADABLE, WRONG, write_page

needs_axe = pytest.mark.skipif(
    not AXE.is_file(), reason="axe-core is not installed: npm install --prefix .ci axe-core"
)
TITLE = "return document.title"
SCREENS = [(width, scheme) for width in WIDTHS for scheme in SCHEMES]
REORDERING = "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u0590-\u08ff]"

CONVENTIONS = r"""
[convention.rows]

[convention.columns.shape]
X = "n m"
W = "k n"
Y = "k m"
A = "k m"
[convention.columns.model]
forward = ['A = W X', 'L = \frac{1}{m} \operatorname{total}((A - Y)^2)']
"""


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    with browser() as found:
        found.set_script_timeout(60)
        yield found


@pytest.fixture(scope="module")
def built_in() -> str:
    return as_html(check_conventions(BUILT_IN, in_full=True))


@pytest.fixture(scope="module")
def every_verdict(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Right, wrong and unreadable claims of two documents, one under two conventions."""
    directory = tmp_path_factory.mktemp("verdicts")
    formulas = (*RIGHT, WRONG, UNREADABLE, "A = W X", "A = Q")
    one = write_page(directory / "one.md", *formulas)
    two = write_page(directory / "two.md", *formulas)
    head, _, rest = two.read_text(encoding="utf-8").partition("]\n```\n")
    two.write_text(f"{head}]\n{CONVENTIONS}```\n{rest}", encoding="utf-8")
    return as_html(
        [
            *check_conventions(one, in_full=True),
            *check_conventions(two, convention="all", in_full=True),
        ]
    )


def test_the_report_opens_without_a_message(driver: Any, built_in: str, tmp_path: Path) -> None:
    show(driver, built_in, tmp_path)
    assert driver.title == "gradproof: The built-in document"
    assert messages(driver) == []


def test_every_formula_and_picture_is_drawn(driver: Any, built_in: str, tmp_path: Path) -> None:
    show(driver, built_in, tmp_path)
    driver.execute_script(UNFOLD)
    drawn = driver.execute_script(
        "return ['math', 'svg'].map(tag => [...document.querySelectorAll(tag)]"
        ".filter(part => part.getBoundingClientRect().height > 8).length)"
    )
    assert drawn == [built_in.count("<math"), built_in.count("<svg")]
    assert drawn[0] > 100
    assert drawn[1] > 5


def test_nothing_of_a_hostile_document_runs_or_reorders(driver: Any, tmp_path: Path) -> None:
    text = as_html(check_conventions(write_hostile(tmp_path), in_full=True))
    show(driver, text, tmp_path)
    driver.execute_script(UNFOLD)
    assert driver.title.startswith("gradproof: ")
    assert messages(driver) == []
    shown = driver.execute_script("return document.documentElement.textContent")
    assert RUN in shown  # the attempt is there to be read
    assert re.findall(REORDERING, shown) == []
    assert driver.execute_script("return document.querySelectorAll('script, img, a').length") == 0


def test_the_policy_stops_what_the_escaping_would_let_through(
    driver: Any, built_in: str, tmp_path: Path
) -> None:
    planted = built_in.replace("<main>", f"<main><script>{RUN}</script><p style='color:red'></p>")
    show(driver, planted, tmp_path)
    assert driver.title != "run"
    assert len(messages(driver)) == 2  # so that the console is really heard
    opened = re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>', "", planted)
    show(driver, opened, tmp_path)
    assert driver.title == "run"  # and the policy alone is what stopped it


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_the_report_fits_every_width(
    driver: Any, every_verdict: str, tmp_path: Path, width: int, scheme: str
) -> None:
    show(driver, every_verdict, tmp_path, width, scheme)
    driver.execute_script(UNFOLD)
    page, table = driver.execute_script(
        "return [document.documentElement.scrollWidth, document.querySelector('table').offsetWidth]"
    )
    assert page <= width
    assert table > 0.85 * min(width, 1248)


def test_a_formula_that_cannot_scroll_is_too_wide(
    driver: Any, built_in: str, tmp_path: Path
) -> None:
    planted = built_in.replace(".long { overflow-x: auto; overflow-y: hidden;", ".long {")
    assert planted != built_in
    planted = re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>', "", planted)
    show(driver, planted, tmp_path, WIDTHS[0])
    driver.execute_script(UNFOLD)
    assert driver.execute_script("return document.documentElement.scrollWidth") > WIDTHS[0]


@needs_axe
@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_an_accessibility_checker_finds_nothing(
    driver: Any, every_verdict: str, tmp_path: Path, width: int, scheme: str
) -> None:
    show(driver, every_verdict, tmp_path, width, scheme)
    driver.execute_script(UNFOLD)
    assert violations(driver) == []


@needs_axe
def test_an_accessibility_checker_finds_nothing_in_the_built_in_document(
    driver: Any, built_in: str, tmp_path: Path
) -> None:
    show(driver, built_in, tmp_path)
    driver.execute_script(UNFOLD)
    assert violations(driver) == []


@needs_axe
def test_the_accessibility_checker_sees_a_pale_text_and_a_nameless_picture(
    driver: Any, every_verdict: str, tmp_path: Path
) -> None:
    planted = every_verdict.replace("--soft: #565a63", "--soft: #c0c0c0")
    planted = re.sub('(<svg[^>]*) aria-label="[^"]*"', r"\1", planted)
    planted = re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>', "", planted)
    show(driver, planted, tmp_path)
    driver.execute_script(UNFOLD)
    rules = {text.partition(":")[0] for text in violations(driver)}
    assert {"color-contrast", "svg-img-alt"} <= rules


def test_a_notebook_shows_a_document_and_a_check(driver: Any, tmp_path: Path) -> None:
    check = check_document(write_page(tmp_path / "notes.md", *RIGHT, WRONG, UNREADABLE))
    page = "<!DOCTYPE html><html lang='en'><meta charset='utf-8'><title>cell</title>"
    show(driver, page + check._repr_html_(), tmp_path)
    assert messages(driver) == []
    rows = driver.execute_script("return document.querySelectorAll('tbody tr').length")
    assert rows == len(check.claims)
