"""The generated parts of README.md are what the program prints today.

Run with GRADPROOF_WRITE_README=1 to write them anew.
"""

import os
import re
from pathlib import Path

import pytest

from derivations import check_document
from derivations.check import BUILT_IN, check_conventions
from derivations.report.terminal import claim_text

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
EXAMPLE = Path(__file__).with_name("example.md")


def example() -> str:
    """The example page, and the table that it gives."""
    table = str(check_document(EXAMPLE)).replace(str(EXAMPLE), "notes.md")
    page = EXAMPLE.read_text(encoding="utf-8")
    return f"````markdown\n{page}````\n\n```\n$ gradproof check notes.md\n{table}```\n"


def claims() -> str:
    """The built-in document's claims under every convention."""
    checks = check_conventions(BUILT_IN, convention="all")
    names = [check.convention for check in checks]
    lines = [f"| line | as printed | {' | '.join(names)} |", "|---|---|" + "---|" * len(names)]
    for pairs in zip(*(check.claims for check in checks), strict=True):
        verdicts = [verdict for _, verdict in pairs]
        if verdicts[0].as_printed.value == "not-a-claim":
            continue
        text = claim_text(pairs[0][0]).replace("|", "\\|")
        cells = [
            v.as_printed.value + (f": `{v.reading}`" if v.reading and v.cost else "")
            for v in verdicts
        ]
        lines.append(f"| {pairs[0][0].line} | `{text}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


SECTIONS = {"example": example, "claims": claims}


@pytest.mark.parametrize("name", SECTIONS)
def test_a_generated_section_of_the_readme_is_fresh(name: str) -> None:
    text = README.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- generated: {name} -->\n)(.*?)(<!-- end -->)", re.DOTALL)
    found = pattern.search(text)
    assert found is not None
    due = SECTIONS[name]()
    if os.environ.get("GRADPROOF_WRITE_README"):
        README.write_text(pattern.sub(lambda m: m[1] + due + m[3], text), encoding="utf-8")
        return
    assert found.group(2) == due


def test_both_commands_of_the_readme_stand_first() -> None:
    """The installing commands are its first two sh blocks, without a prompt sign."""
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert "gradproof check" in blocks[0]
    assert "pytest" in blocks[1]
    assert all(block.startswith("python3 -m venv .venv") for block in blocks[:2])
