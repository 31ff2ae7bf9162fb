"""The report in Chromium: no message, nothing run, nothing wider than the page."""

import json
import re
import shutil
import subprocess
from html import escape
from pathlib import Path

import pytest

from derivations.check import BUILT_IN, check_conventions, check_document
from derivations.report.html import as_html
from derivations.report.html_style import policy
from tests.front_doors.hostile import RUN, write_hostile

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--virtual-time-budget=3000",
    "--dump-dom",
]
WIDTHS = (390, 820, 1280)
MEASURE = """
<script>onload = () => { document.title = JSON.stringify([...document.querySelectorAll('iframe')]
  .map(frame => { const page = frame.contentDocument;
    page.querySelectorAll('details').forEach(part => { part.open = true; });
    return [page.documentElement.scrollWidth, page.querySelector('table').offsetWidth]; })); };
</script>"""


@pytest.fixture(scope="module")
def built_in() -> str:
    return as_html(check_conventions(BUILT_IN))


def opened(text: str, directory: Path) -> tuple[str, list[str]]:
    """The page's title after it was shown, and what the console had to say."""
    file = directory / "page.html"
    file.write_text(text, encoding="utf-8")
    command = [str(CHROMIUM), *OPTIONS, f"--user-data-dir={directory / 'profile'}", file.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    title = re.search(r"<title>(.*?)</title>", done.stdout, re.DOTALL)
    assert title is not None
    return title.group(1), re.findall(r"CONSOLE\S* (.*)", done.stderr)


def widths(text: str, directory: Path) -> list[list[int]]:
    """Of each width, how wide the page and its table become with everything unfolded."""
    inside = escape(text.replace(escape(policy()), "style-src 'unsafe-inline'"))
    frames = (f'<iframe width="{width}" srcdoc="{inside}"></iframe>' for width in WIDTHS)
    page = f"<!DOCTYPE html><title></title>{''.join(frames)}{MEASURE}"
    found: list[list[int]] = json.loads(opened(page, directory)[0])
    return found


def test_the_report_opens_without_a_message(built_in: str, tmp_path: Path) -> None:
    title, messages = opened(built_in, tmp_path)
    assert title == "gradproof: The built-in document"
    assert messages == []


def test_nothing_of_a_hostile_document_runs(tmp_path: Path) -> None:
    text = as_html([check_document(write_hostile(tmp_path))])
    title, messages = opened(text, tmp_path)
    assert title.startswith("gradproof: ")
    assert messages == []


def test_the_policy_stops_what_the_escaping_would_let_through(
    built_in: str, tmp_path: Path
) -> None:
    planted = built_in.replace("<main>", f"<main><script>{RUN}</script><p style='color:red'></p>")
    title, messages = opened(planted, tmp_path)
    assert title != "run"
    assert len(messages) == 2  # so that the console is really heard


def test_the_report_fits_every_width(built_in: str, tmp_path: Path) -> None:
    for width, (page, table) in zip(WIDTHS, widths(built_in, tmp_path), strict=True):
        assert page <= width
        assert table > 0.85 * min(width, 1248)


def test_a_formula_that_cannot_scroll_is_too_wide(built_in: str, tmp_path: Path) -> None:
    planted = built_in.replace(".long { overflow-x: auto;", ".long { overflow-x: visible;")
    assert planted != built_in
    planted = planted.replace("overflow-y: hidden; }", "}")
    assert widths(planted, tmp_path)[0][0] > WIDTHS[0]
