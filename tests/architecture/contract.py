"""The public contract as it stands in the code: what others build on."""

import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import click

import derivations
import engine
from derivations import check_document, pytest_documents, pytest_plugin
from derivations.answer import AsPrinted, Strength
from derivations.claims.claim import ClaimKind
from derivations.claims.readings import Edit
from derivations.cli import main
from derivations.conformance.protocol import Engine
from derivations.numeric.result import GradientCheck, Verdict, WrongEntry
from derivations.report.json import as_json

SPECIAL = ("__bool__", "__str__", "_repr_html_")
RECORD = Path(__file__).with_name("contract.json")
NOTES = """```notation
[sizes]
m = "samples"
n = "inputs"
[shape]
X = "m n"
w = "n 1"
L = "scalar"
[model]
loss = "L"
forward = ['L = \\frac{1}{m} \\|X w\\|^2']
```
$$\\frac{\\partial L}{\\partial w} = \\frac{1}{m} X^T X w$$
"""


def signature(callable: Callable[..., Any]) -> str:
    """Names, order, kinds and defaults; annotations may be sharpened."""
    parameters = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in inspect.signature(callable).parameters.values()
        if parameter.name != "self"
    ]
    return str(inspect.Signature(parameters))


def public(module: Any) -> dict[str, Any]:
    """Each public name of a package: how it is called, and what an object offers."""
    return {name: described(getattr(module, name)) for name in sorted(module.__all__)}


def described(thing: Any) -> Any:
    if inspect.isclass(thing):
        return {"kind": "class", "members": members(thing)}
    if callable(thing):
        return signature(thing)
    return {"kind": type(thing).__name__}


def members(owner: type) -> list[str]:
    """Public attributes, and the special methods that the contract speaks of.

    What comes from a builtin type is no promise of ours.
    """
    own = {name for base in owner.__mro__ if base.__module__ != "builtins" for name in vars(base)}
    own |= {each.name for each in fields(owner)} if is_dataclass(owner) else set()
    return sorted(name for name in own if not name.startswith("_") or name in SPECIAL)


def values(kind: type[Enum]) -> list[str]:
    return sorted(str(member.value) for member in kind)


def commands() -> dict[str, dict[str, str]]:
    """Each command with its arguments and options, and what they take."""
    context = click.Context(main)
    return {
        name: {written(p): taken(p) for p in main.get_command(context, name).params}
        for name in main.list_commands(context)
    }


def written(parameter: click.Parameter) -> str:
    return " ".join(parameter.opts) if isinstance(parameter, click.Option) else str(parameter.name)


def taken(parameter: click.Parameter) -> str:
    """Type, choices or range, number, and default."""
    kind = parameter.type
    text = "|".join(kind.choices) if isinstance(kind, click.Choice) else kind.name
    if isinstance(kind, click.IntRange):
        text += f" {kind.min}..{'' if kind.max is None else kind.max}"
    number = "" if parameter.nargs == 1 else " any number"
    needed = " required" if parameter.required else ""
    default = parameter.default
    plain = default if isinstance(default, int | str) and not isinstance(default, bool) else None
    return text + number + needed + ("" if plain is None else f" ={plain}")


def json_fields(folder: Path) -> dict[str, list[str]]:
    """The fields of the report, with those of what it holds."""
    page = folder / "notes.md"
    page.write_text(NOTES, encoding="utf-8")
    report = json.loads(as_json([check_document(page)]))
    (document,) = report["documents"]
    (claim,) = document["claims"]
    return {
        "report": list(report),
        "document": list(document),
        "claim": list(claim),
        "edit": list(claim["edits"][0]),
        "counterexample": list(claim["counterexample"]),
        "totals": sorted(document["totals"]),
    }


@dataclass(slots=True)
class Recorder:
    """In the place of pytest's parser: what is added to it."""

    names: list[str] = field(default_factory=list)

    def getgroup(self, name: str) -> "Recorder":
        return self

    def addoption(self, *names: str, **settings: Any) -> None:
        self.names += names

    def addini(self, name: str, *settings: Any, **more: Any) -> None:
        self.names.append(f"ini {name}")


def pytest_options() -> list[str]:
    """The options and settings that the plugin adds to pytest."""
    recorder = Recorder()
    for plugin in (pytest_plugin, pytest_documents):
        plugin.pytest_addoption(recorder)
    return sorted(recorder.names)


def contract(folder: Path) -> dict[str, Any]:
    """Everything that is public."""
    return {
        "derivations": public(derivations),
        "engine": public(engine),
        "protocol": {
            name: signature(getattr(Engine, name)) for name in ("forward", "loss", "gradients")
        },
        "gradient check": [each.name for each in fields(GradientCheck)],
        "wrong entry": [each.name for each in fields(WrongEntry)],
        "commands": commands(),
        "pytest": pytest_options(),
        "json": json_fields(folder),
        "values": {
            "verdict": values(Verdict),
            "as_printed": values(AsPrinted),
            "strength": values(Strength),
            "kind": values(ClaimKind),
            "edit": values(Edit),
        },
    }


def as_text(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"
