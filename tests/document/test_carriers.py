"""Formulas in LaTeX, reStructuredText, MyST and notebooks, with the lines where they stand."""

import json
import time
from contextlib import suppress
from pathlib import Path

import pytest

from derivations.check import check_documents, open_page
from derivations.document.latex import latex_page
from derivations.document.markdown import Formula, Page, parse_page
from derivations.document.notebook import notebook_page
from derivations.errors import DocumentError


def formulas(page: Page) -> list[tuple[str, int]]:
    return [(item.tex, item.line) for item in page.items if isinstance(item, Formula)]


LATEX = [
    ("a $x$ b\n\\[\n y = z\n\\]", [("x", 1), ("y = z", 3)]),
    ("\\(x\\) and $$y$$", [("x", 1), ("y", 1)]),
    ("it costs \\$5 and $x$", [("x", 1)]),
    ("% $x$\n$y$ % $z$\n", [("y", 2)]),
    ("5\\% of $x$", [("x", 1)]),
    ("\\begin{verbatim}\n$x$\n\\end{verbatim}\n$y$", [("y", 4)]),
    ("\\newcommand{\\W}{$w$}\n\\begin{document}\n$x$\n\\end{document}", [("x", 3)]),
    ("\\begin{align*}\nx &= y\n\\end{align*}", [("\\begin{align*}\nx &= y\n\\end{align*}", 1)]),
    (
        "\\newcommand{\\eq}[1]{\\begin{align} #1 \\end{align}}\n\n\\eq{\n x = {y}\n}",
        [("x = {y}", 4)],
    ),
    ("$x", []),
    ("\\[ x", []),
    ("\\[ \\] $x$ $ $", [("x", 1)]),
    ("\\[ x $y$ \\[ z", [("y", 1)]),
    ("\\begin{verbatim}\n$x$\n\\begin{verbatim}\n$y$", [("x", 2), ("y", 4)]),
    ("\\newcommand{\\W}{$w$ and $x$", [("w", 1), ("x", 1)]),
    ("\\newcommand{\\eq}[1]{\\[ #1 \\]}\n\\eq{x", []),
]


@pytest.mark.parametrize(("text", "due"), LATEX)
def test_latex_has_its_formulas_where_they_stand(text: str, due: list[tuple[str, int]]) -> None:
    assert formulas(latex_page(text)) == due


def test_a_comment_takes_the_next_formula_of_latex_out() -> None:
    items = latex_page("$x$\n% gradproof: skip, not ours\n$y$ and $z$\n").items
    assert [getattr(item, "skipped", "") for item in items] == [None, "not ours", None]


RESTRUCTURED = [
    (".. math:: x = y\n\nwords", [("x = y", 1)]),
    (
        ".. math::\n   :label: one\n\n   x = y\n   + z\n\n   a = b\n\nwords",
        [("x = y\n   + z", 4), ("a = b", 7)],
    ),
    ("So :math:`x = y` and {math}`z`.", [("x = y", 1), ("z", 1)]),
    ("* item\n\n  .. math::\n\n     x = y\n\n* item :math:`z`", [("x = y", 5), ("z", 7)]),
    ("::\n\n    .. code :math:`x`\n", []),
    ("``:math:`x` ``", []),
]  # fmt: skip


@pytest.mark.parametrize("dollars", [True, False])
@pytest.mark.parametrize(("text", "due"), RESTRUCTURED)
def test_directives_and_roles_are_formulas_in_every_page(
    text: str, due: list[tuple[str, int]], dollars: bool
) -> None:
    assert formulas(parse_page(text, dollars)) == due


def test_a_dollar_is_a_dollar_in_restructured_text(tmp_path: Path) -> None:
    path = tmp_path / "notes.rst"
    path.write_text("It costs $5, or $6.  But :math:`x = y`.\n", encoding="utf-8")
    assert formulas(open_page(path)) == [("x = y", 1)]


def notebook(*cells: tuple[str, object], **style: object) -> str:
    made = [{"cell_type": kind, "metadata": {}, "source": source} for kind, source in cells]
    return json.dumps({"cells": made, "nbformat": 4}, **style)  # type: ignore[arg-type]


CELLS = (
    ("markdown", ["Größe $x$ \\\n", "\n", "$$y = z$$"]),
    ("code", ["# $w$\n"]),
    ("markdown", ["$v$"]),
)


@pytest.mark.parametrize("plain", [True, False])
def test_a_notebook_has_its_formulas_at_the_lines_of_the_file(plain: bool) -> None:
    text = notebook(*CELLS, indent=1, ensure_ascii=plain)
    lines = text.split("\n")
    found = formulas(notebook_page(text, "n"))
    assert [tex for tex, _ in found] == ["x", "y = z", "v"]
    assert all(f"${tex}$" in lines[line - 1] for tex, line in found)


def test_cells_on_one_line_are_read_too() -> None:
    text = notebook(("markdown", "$x$\n\n$y$"), ("markdown", "$z$"))
    assert [tex for tex, _ in formulas(notebook_page(text, "n"))] == ["x", "y", "z"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"cells": [1]}', '{"cells": [{}]}', "[" * 10**5])
def test_what_is_no_notebook_is_told(text: str) -> None:
    with pytest.raises(DocumentError, match="not a notebook"):
        notebook_page(text, "n")


def test_a_comment_in_a_formula_is_no_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "notes.tex"
    path.write_text("\\[ 1 + 1 % = 3, no\n = 2 \\]\n\\[ 1 = 2 % not\n\\]\n", encoding="utf-8")
    (check,) = check_documents([path])
    assert [verdict.as_printed.value for _, verdict in check.claims] == ["holds", "fails"]


def test_a_folder_is_searched_for_every_kind_of_document(tmp_path: Path) -> None:
    for name, text in {
        "a.md": "$1 = 1$",
        "b.rst": ":math:`1 = 1`",
        "c.tex": "\\(1 = 1\\)",
        "d.ipynb": notebook(("markdown", "$1 = 1$")),
        "e.txt": "$1 = 2$",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert len(check_documents([tmp_path])) == 4


LONG = 100_000
BOMBS = {
    "listings": ("n.tex", "\\begin{verbatim} " * (LONG // 10)),
    "displays": ("n.tex", "\\begin{align} " * (LONG // 10)),
    "formulas": ("n.tex", "$x$\n" * (LONG // 2)),
    "comments": ("n.tex", "%" * LONG + "\\" * LONG),
    "macros": ("n.tex", "\\newcommand{\\a}{\\a" * (LONG // 10)),
    "shorthands": ("n.tex", "\\newcommand{\\e}[1]{\\[ #1 \\]}" + "\\e{" * (LONG // 10)),
    "roles": ("n.rst", ":math:`" * (LONG // 2)),
    "directives": ("n.rst", ".. math::\n" * (LONG // 5)),
    "nested directives": ("n.rst", "".join(" " * n + ".. math::\n" for n in range(500))),
    "cells": (
        "n.ipynb",
        '{"cells": [{"cell_type": "markdown", "source": ['
        + ",".join(['"\\u0024x$"'] * (LONG // 5))
        + "]}]}",
    ),
    "brackets": ("n.ipynb", "[" * LONG),
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_document_takes_its_reader_long(name: str, tmp_path: Path) -> None:
    """Seconds are generous: what grows with the square of the length would take minutes."""
    file, text = BOMBS[name]
    path = tmp_path / file
    path.write_text(text, encoding="utf-8")
    start = time.process_time()
    with suppress(DocumentError):
        open_page(path)
    assert time.process_time() - start < 10
