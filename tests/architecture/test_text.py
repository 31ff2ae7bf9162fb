"""No text is run: not by Python, not by SymPy, not out of a pickle."""

import ast
import gc
import subprocess
import sys
from pathlib import Path

import pytest
import sympy as sp

from derivations.claims.claim import read_claims
from derivations.claims.notation_file import parse_notation
from derivations.document.markdown import parse_page
from derivations.verdict import Judge
from tests.architecture.source import (
    ROOT,
    SOURCES,
    breaches,
    called,
    imports_in,
    name_of,
    texts_of,
    tree_of,
)

PARAMETERS = [pytest.param(path, id=name_of(path)) for path in SOURCES]
RUNS_TEXT = {"eval", "exec", "compile", "execfile", "runcode", "runsource"}
# Parts of SymPy that run eval or exec on what they are given.
SYMPY_RUNS_TEXT = {"sympify", "parse_expr", "S", "lambdify", "autowrap", "ufuncify", "parse_latex"}
UNPICKLES = ("pickle", "shelve", "marshal", "dill", "joblib", "cloudpickle", "code", "codeop")
NAMES = ("Symbol", "Dummy", "IndexedBase", "Idx", "Function", "Wild")
NOTATION = """
[sizes]
m = "samples"
n = "inputs"
[shape]
giraffe = "m n"
zebra = "n 1"
L = "scalar"
lambda = "scalar"
[model]
loss = "L"
forward = ['L = \\frac{\\lambda}{2} \\|giraffe zebra\\|^2']
"""
CLAIM = r"\frac{\partial L}{\partial zebra} = \lambda giraffe^T giraffe zebra"
GUARD = """
import sys
from pathlib import Path
from derivations.check import BUILT_IN
from derivations.claims.claim import read_claims
from derivations.claims.notation_file import parse_notation
from derivations.document.markdown import parse_page
from derivations.verdict import Judge
import sympy, sympy.parsing.sympy_parser
{before}
seen = []
def watch(event, arguments):
    if event == "compile" and str(arguments[1]).startswith("<"):
        seen.append(str(arguments[1]))
    if event.startswith("pickle."):
        seen.append(event)
sys.addaudithook(watch)
{body}
print("|" + ",".join(seen))
"""
JUDGES = """
file = Path(BUILT_IN).with_name("notation.toml")
notation = parse_notation(file.read_text(encoding="utf-8"), file.name)["rows"]
claims = read_claims(parse_page(BUILT_IN.read_text(encoding="utf-8")), notation)
judge = Judge(notation)
verdicts = [judge.judge(claim) for claim in claims]
assert any(v.strength and v.strength.value == "proved" for v in verdicts)
"""


def runs_text(tree: ast.AST) -> list[str]:
    """Calls that run a text, or get at such a call by its name."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = called(node)
            bare = isinstance(node.func, ast.Name)
            owner = getattr(getattr(node.func, "value", None), "id", "")
            if (bare or owner in ("builtins", "__builtins__")) and name in RUNS_TEXT:
                found.append(name)
            if name in SYMPY_RUNS_TEXT:
                found.append(name)
            if name == "getattr":
                found += [str(text) for text in texts_of(node) if text in RUNS_TEXT]
            found += [str(k.arg) for k in node.keywords if k.arg == "allow_pickle"]
        if isinstance(node, ast.ImportFrom):
            found += [a.name for a in node.names if a.name in RUNS_TEXT | SYMPY_RUNS_TEXT]
    return found


def texts_for_sympy(tree: ast.AST) -> list[str]:
    """Texts among the arguments of SymPy, the names of new symbols apart."""
    direct = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sympy")
        for alias in node.names
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            owner = getattr(getattr(node.func, "value", None), "id", "")
            of_sympy = owner in ("sp", "sympy") or getattr(node.func, "id", "") in direct
            if of_sympy and called(node) not in NAMES:
                found += [str(text) for text in texts_of(node)]
    return found


@pytest.mark.parametrize("path", PARAMETERS)
def test_no_text_is_run_and_nothing_is_unpickled(path: Path) -> None:
    assert not runs_text(tree_of(path))
    assert not breaches(path, *UNPICKLES, "sympy.parsing")


@pytest.mark.parametrize("path", PARAMETERS)
def test_no_text_is_handed_to_sympy_but_generated_names(path: Path) -> None:
    """Symbols take a name; every other call of SymPy takes expressions."""
    assert not texts_for_sympy(tree_of(path))


@pytest.mark.parametrize(
    "text",
    [
        "eval(x)",
        "exec(x)",
        "compile(x, '', 'eval')",
        "import builtins\nbuiltins.eval(x)",
        "getattr(builtins, 'eval')(x)",
        "from sympy import sympify as s\ns(x)",
        "sp.S(x)",
        "sp.lambdify(x, y)",
        "np.load(f, allow_pickle=True)",
    ],
)
def test_a_call_that_runs_text_is_seen(text: str) -> None:
    assert runs_text(ast.parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "sp.Integer('1')",
        "sp.Add(x, f'{y}')",
        "sp.Rational(str(x))",
        "sp.Rational('1' + x)",
        "from sympy import Add\nAdd(x, 'y')",
        "sp.diff(x, y, evaluate='no')",
    ],
)
def test_a_text_for_sympy_is_seen(text: str) -> None:
    assert texts_for_sympy(ast.parse(text))


@pytest.mark.parametrize("module", UNPICKLES)
def test_a_module_that_unpickles_is_seen(module: str) -> None:
    assert module in list(imports_in(f"def f():\n    from {module} import loads", ["engine"]))


def compiled(body: str, before: str = "") -> list[str]:
    """What is compiled or unpickled while some code runs."""
    done = subprocess.run(
        [sys.executable, "-c", GUARD.format(body=body, before=before)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in done.stdout.rsplit("|", 1)[1].strip().split(",") if name]


def test_judging_a_document_compiles_no_text() -> None:
    """At run time, SymPy included: the interpreter itself reports every text that is compiled.

    The same document comes before, so that whatever is imported late has been.
    """
    assert compiled(JUDGES, before=JUDGES) == []


@pytest.mark.parametrize(
    "body",
    [
        "sympy.sympify('x + 1')",
        "eval('1')",
        "exec('x = 1')",
        "import pickle; pickle.loads(b'cos\\nsystem\\n.')",
    ],
)
def test_a_text_that_is_compiled_at_run_time_is_seen(body: str) -> None:
    assert compiled(body)


def symbol_names() -> set[str]:
    """The names of all symbols that SymPy holds."""
    return {thing.name for thing in gc.get_objects() if isinstance(thing, sp.Symbol)}


def test_no_symbol_of_sympy_bears_a_name_of_the_document() -> None:
    """Symbols are named by counters: a name of the document could mean something to SymPy."""
    (notation,) = parse_notation(NOTATION, "notation.toml").values()
    judge = Judge(notation)
    (claim,) = read_claims(parse_page(f"$${CLAIM}$$"), notation)
    assert judge.judge(claim).as_printed.value == "holds"
    assert not {"zebra", "giraffe"} & symbol_names()
    planted = sp.Symbol("zebra")
    assert planted.name in symbol_names()
