"""What is public changes only on purpose."""

import inspect
import json
import os
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest

import derivations
import engine
from derivations import check as checking
from derivations.cli import main
from tests.architecture.contract import NOTES, RECORD, as_text, contract, described, signature

HOW = (
    "the public contract has changed: {changes}\n"
    "  if that is meant, tell it in README.md, and record it with\n"
    "  GRADPROOF_RECORD_CONTRACT=1 python -m pytest tests/architecture/test_contract.py"
)
HOLDS = NOTES.replace("\\frac{1}{m} X^T", "\\frac{2}{m} X^T")


def differences(recorded: Any, found: Any, where: str = "") -> list[str]:
    """Where two contracts differ, with both sides."""
    if isinstance(recorded, dict) and isinstance(found, dict):
        return [
            line
            for key in sorted({*recorded, *found})
            for line in differences(recorded.get(key), found.get(key), f"{where} {key}".strip())
        ]
    return [] if recorded == found else [f"{where}: {recorded!r} was recorded, {found!r} found"]


def test_the_contract_is_the_recorded_one(tmp_path: Path) -> None:
    """Names, signatures, commands, options, fields and values."""
    found = contract(tmp_path)
    if os.environ.get("GRADPROOF_RECORD_CONTRACT"):
        RECORD.write_text(as_text(found), encoding="utf-8")
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    changes = differences(recorded, json.loads(as_text(found)))
    assert not changes, HOW.format(changes="; ".join(changes))


@pytest.mark.parametrize(
    "path",
    [
        ("derivations", "check_gradient"),
        ("commands", "check", "--seed"),
        ("json", "claim"),
        ("values", "as_printed"),
    ],
)
def test_a_change_of_the_contract_is_seen(tmp_path: Path, path: tuple[str, ...]) -> None:
    """The planted defects: a name, an option, a field, a value that is no longer there."""
    found = contract(tmp_path)
    changed = deepcopy(found)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = None
    assert differences(found, changed)
    assert not differences(found, deepcopy(found))


def test_a_signature_tells_order_kind_and_default() -> None:
    assert signature(lambda f, x, *, seed=0: None) == "(f, x, *, seed=0)"
    assert signature(lambda x, f, *, seed=0: None) != "(f, x, *, seed=0)"
    assert described(int)["kind"] == "class"


def code_of(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    return int(stopped.value.code or 0)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (HOLDS, 0),
        (NOTES, 1),
        (NOTES.replace("X^T X w$", "X^T X q$"), 2),
        (NOTES.replace('"m n"', '"m o"'), 3),
    ],
    ids=["holds", "fails", "undeclared", "bad input"],
)
def test_exit_codes_are_those_of_the_contract(tmp_path: Path, text: str, code: int) -> None:
    page = tmp_path / "notes.md"
    page.write_text(text, encoding="utf-8")
    assert code_of("check", page) == code


def test_two_routes_that_contradict_each_other_give_exit_code_4(tmp_path: Path) -> None:
    page = tmp_path / "notes.md"
    page.write_text(HOLDS, encoding="utf-8")
    check = checking.check_document(page)
    ((claim, verdict),) = check.claims
    torn = replace(check, claims=((claim, replace(verdict, contradiction="planted")),))
    assert (checking.exit_code([check]), checking.exit_code([torn])) == (0, 4)


def undocumented(thing: Any, name: str) -> list[str]:
    """Where a docstring is missing: the thing itself, and the public members of a class."""
    found = [] if inspect.getdoc(thing) else [name]
    if inspect.isclass(thing):
        for member, value in vars(thing).items():
            function = getattr(value, "fget", value)
            if not member.startswith("_") and inspect.isfunction(function):
                found += undocumented(function, f"{name}.{member}")
    return found


@pytest.mark.parametrize("module", [derivations, engine], ids=lambda module: module.__name__)
def test_public_names_have_docstrings(module: Any) -> None:
    things = {name: getattr(module, name) for name in module.__all__}
    called = {name: thing for name, thing in things.items() if callable(thing)}
    assert not [line for name, thing in called.items() for line in undocumented(thing, name)]


def test_a_docstring_that_is_missing_is_seen() -> None:
    class Bare:
        def method(self) -> None:
            pass

    assert undocumented(Bare, "Bare") == ["Bare", "Bare.method"]


def test_commands_and_their_options_are_explained() -> None:
    """An option whose name says all may go without."""
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        assert command.help
        options = [p for p in command.params if isinstance(p, click.Option)]
        plain = {p.name for p in options if not p.help}
        assert plain <= {"form", "seed", "jobs"}
