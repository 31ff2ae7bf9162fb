"""A page's formulas with their lines, and files that are no page."""

import os
from pathlib import Path

import pytest

from derivations.document import markdown
from derivations.document.markdown import Formula, Remark, parse_page, read_text
from derivations.errors import DocumentError


def formulas(text: str) -> list[tuple[str, int]]:
    return [(i.tex, i.line) for i in parse_page(text).items if isinstance(i, Formula)]


PAGES = [
    ("$$x = y$$", [("x = y", 1)]),
    ("text\n\n$$\nx = y\n$$\n", [("x = y", 4)]),
    ("a $x$ and $y$\nand $z$", [("x", 1), ("y", 1), ("z", 2)]),
    ("\\[x = y\\]", [("x = y", 1)]),
    ("one \\(x\\) two", [("x", 1)]),
    ("- item $x$\n- item\n\n  $$y$$", [("x", 1), ("y", 4)]),
    ("> quoted $x$", [("x", 1)]),
    ("`$x$` and $y$", [("y", 1)]),
    ("```\n$x$\n```\n\n$y$", [("y", 5)]),
    ("no formula", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "due"), PAGES)
def test_formulas_are_found_where_they_stand(text: str, due: list[tuple[str, int]]) -> None:
    assert [(tex.strip(), line) for tex, line in formulas(text)] == due


def test_an_environment_is_one_formula_with_the_line_of_its_first_character() -> None:
    found = formulas("text\n\n\\begin{align}\nx &= y\n\\end{align}\n")
    assert len(found) == 1
    assert "x &= y" in found[0][0]
    assert found[0][1] in (3, 4)


def test_a_directive_takes_the_next_formula_out_and_no_other() -> None:
    page = parse_page("<!-- gradproof: skip, not ours -->\n\n$$x$$\n\n$$y$$\n")
    found = [item for item in page.items if isinstance(item, Formula)]
    assert [(item.tex, item.skipped) for item in found] == [("x", "not ours"), ("y", None)]


def test_a_directive_waits_for_a_formula() -> None:
    page = parse_page("<!-- gradproof: skip, later -->\n\nwords\n\n$$x$$\n")
    assert [item.skipped for item in page.items if isinstance(item, Formula)] == ["later"]


def test_a_claim_in_words_may_be_mentioned_away() -> None:
    page = parse_page("<!-- gradproof: mention, a story -->\n\nAll is $x$ well.\n\n$$y$$\n")
    remarks = [item for item in page.items if isinstance(item, Remark)]
    assert len(remarks) == 1
    assert [item.tex for item in page.items if isinstance(item, Formula)] == ["y"]


def test_the_first_notation_block_counts_and_knows_its_line() -> None:
    page = parse_page("# T\n\n```notation\n[sizes]\n```\n\n```notation\n[shape]\n```\n")
    assert page.notation == ("[sizes]\n", 4)
    assert parse_page("$x$").notation is None


def test_what_is_no_page_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe, latin, long = (tmp_path / name for name in ("pipe", "latin.md", "long.md"))
    os.mkfifo(pipe)
    latin.write_bytes(b"fine\nfine\n\xff\xfe")
    long.write_text("$x$" * 10, encoding="utf-8")
    monkeypatch.setattr(markdown, "MAX_BYTES", 20)
    messages = {
        tmp_path: "is a directory; name a document",
        tmp_path / "absent.md": "no such file; check the name",
        pipe: "not a regular file; name a document",
        long: "more than the 20 bytes that are read; split it",
    }
    for path, message in messages.items():
        with pytest.raises(DocumentError) as caught:
            read_text(path)
        assert str(caught.value) == f"{path}: {message}"
    with pytest.raises(DocumentError) as caught:
        read_text(latin)
    assert str(caught.value) == f"{latin}:3: not UTF-8; save the file as UTF-8"


def test_a_file_that_the_system_withholds_is_told_by_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "notes.md"
    path.write_text("$x$", encoding="utf-8")

    def withheld(*arguments: object, **settings: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(markdown, "open", withheld, raising=False)
    with pytest.raises(DocumentError, match="cannot be read: Permission denied"):
        read_text(path)


def test_a_byte_order_mark_is_no_part_of_the_page(tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_bytes(b"\xef\xbb\xbf$x$")
    assert [
        item.tex for item in parse_page(read_text(path)).items if isinstance(item, Formula)
    ] == ["x"]


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("words\n\\eq{\nx = {y}\n}\n\nmore $z$", [("x = {y}", 5), ("z", 8)]),
        ("* item\n\n  \\eq{x = y}\n\nmore $z$", [("x = y", 5), ("z", 7)]),
        ("\\eq{x = y\n\nmore $z$", [("z", 5)]),
        ("\\qe{x = y}\n\nmore $z$", [("z", 5)]),
    ],
)
def test_a_macro_that_sets_a_display_is_one_where_it_begins_a_line(
    text: str, due: list[tuple[str, int]]
) -> None:
    page = parse_page("\\newcommand{\\eq}[1]{\\begin{align} #1 \\end{align}}\n\n" + text)
    found = [(item.tex, item.line) for item in page.items if isinstance(item, Formula)]
    assert found == due
