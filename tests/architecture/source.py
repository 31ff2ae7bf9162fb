"""What a module imports and calls, read off its syntax tree."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*(ROOT / "derivations").rglob("*.py"), *(ROOT / "engine").rglob("*.py")])
IMPORTERS = {"import_module", "__import__", "find_spec", "spec_from_file_location"}


def name_of(path: Path) -> str:
    """A path below the root, with slashes."""
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> list[str]:
    """Every module that is imported, or may be one, relative ones written out."""
    package = name_of(path.parent).replace("/", ".").split(".")
    return list(imports_in(path.read_text(encoding="utf-8"), package))


def imports_in(text: str, package: list[str]) -> Iterator[str]:
    """``from a import b`` may import the module a.b, so both are named.

    So is what an importing function is given as text: ``import_module("a")``.
    """
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and called(node) in IMPORTERS:
            yield from (str(text) for text in texts_of(node))


def dynamic_imports(tree: ast.AST) -> list[str]:
    """The importing functions that are called, by whatever name they were imported."""
    names = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in IMPORTERS
    }
    found = [called(node) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [names.get(name, name) for name in found if name in IMPORTERS or name in names]


def below(module: str, *packages: str) -> bool:
    """Whether a module is one of the packages, or in one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def breaches(path: Path, *packages: str) -> list[str]:
    """The imports of a module that it must not have."""
    return [module for module in imports(path) if below(module, *packages)]


def foreign(path: Path) -> set[str]:
    """The packages that a module needs, those of the standard library apart."""
    heads = {module.split(".")[0] for module in imports(path)}
    return heads - set(sys.stdlib_module_names)


def called(call: ast.Call) -> str:
    """The last name of what is called."""
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def texts_of(call: ast.Call) -> list[object]:
    """The arguments of a call that are texts: constants, f-strings and joined ones."""
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    return [
        argument.value if isinstance(argument, ast.Constant) else ast.unparse(argument)
        for argument in arguments
        if is_text(argument)
    ]


def is_text(node: ast.AST) -> bool:
    """Whether an expression is seen to be a text."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.BinOp):
        return is_text(node.left) or is_text(node.right)
    if isinstance(node, ast.Call):
        return called(node) in ("str", "repr", "format", "join")
    return isinstance(node, ast.JoinedStr)
