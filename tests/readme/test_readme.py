"""README.md says what the program prints today, and its commands are those that work.

Run with GRADPROOF_WRITE_README=1 to write the generated sections anew.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.readme import picture
from tests.readme.sections import EXAMPLE, HERE, ROOT, SECTIONS

README = ROOT / "README.md"


@pytest.mark.parametrize("name", SECTIONS)
def test_a_generated_section_of_the_readme_is_fresh(name: str) -> None:
    text = README.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- generated: {name} -->\n)(.*?)(<!-- end -->)", re.DOTALL)
    found = pattern.search(text)
    assert found is not None
    due = SECTIONS[name]()
    if os.environ.get("GRADPROOF_WRITE_README"):
        if name == "picture" and found.group(2) != due:
            picture.main()
        README.write_text(pattern.sub(lambda m: m[1] + due + m[3], text), encoding="utf-8")
        return
    assert found.group(2) == due


def test_every_generated_section_has_a_source() -> None:
    names = re.findall(r"<!-- generated: (\S+) -->", README.read_text(encoding="utf-8"))
    assert sorted(names) == sorted(SECTIONS)


def test_both_commands_of_the_readme_stand_first() -> None:
    """The installing commands are its first two sh blocks, without a prompt sign."""
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert "gradproof check" in blocks[0]
    assert "pytest" in blocks[1]
    assert all(block.startswith("python3 -m venv .venv") for block in blocks[:2])


def test_every_file_that_the_readme_names_is_there() -> None:
    text = README.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    paths = re.findall(r"`((?:derivations|engine|tests|\.ci)/[\w./]+)`", text)
    assert links + paths
    missing = [name for name in links + paths if not (ROOT / name).exists()]
    assert missing == []


# -- the workflow -------------------------------------------------------------------
def workflow() -> Any:
    """The workflow as YAML."""
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    return yaml.safe_load((HERE / "workflow.yml").read_text(encoding="utf-8"))


def workflow_commands() -> dict[str, str]:
    """The commands of the workflow by their names, the installation left out."""
    steps = [step for job in workflow()["jobs"].values() for step in job["steps"]]
    return {step["name"]: step["run"] for step in steps if "name" in step}


def test_the_workflow_is_a_workflow() -> None:
    data = workflow()
    triggers = data[True]  # YAML 1.1 reads the key `on` as a truth value
    assert triggers == ["push", "pull_request"]
    assert data["permissions"] == {"contents": "read", "security-events": "write"}
    for job in data["jobs"].values():
        assert job["runs-on"]
        assert all(("run" in step) != ("uses" in step) for step in job["steps"])


@pytest.mark.parametrize(
    ("name", "code", "line"),
    [
        ("annotate the formulas", 1, "::error file=notes.md,line=8,"),
        ("report to code scanning", 0, ""),
    ],
)
def test_a_command_of_the_workflow_does_what_it_says(
    tmp_path: Path, name: str, code: int, line: str
) -> None:
    (tmp_path / "notes.md").write_bytes(EXAMPLE.read_bytes())
    tools = tmp_path / "bin"
    tools.mkdir()
    script = tools / "gradproof"
    script.write_text(f"#!{sys.executable}\nfrom derivations.cli import main\nmain()\n")
    script.chmod(0o755)
    done = subprocess.run(
        ["bash", "-e", "-c", workflow_commands()[name]],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert line in done.stdout
    if name == "report to code scanning":
        assert '"startLine": 8' in (tmp_path / "gradproof.sarif").read_text(encoding="utf-8")
