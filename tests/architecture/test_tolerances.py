"""No tolerance is typed in: every comparison has a bound that was computed."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("derivations", "engine", "tests")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
CALLS = re.compile(r"\bapprox$|isclose|allclose|almost_?equal|array_max_ulp", re.IGNORECASE)
KEYWORDS = re.compile(r"^(r|a|rel_|abs_)?tol(erance)?$")
NAMES = re.compile(r"(^|_)(r|a)?tol(erance)?s?(_|$)", re.IGNORECASE)
SMALL = 1 / 1024  # a literal below it is no count and no proportion
SIZES = ("abs", "max", "min", "sum", "norm", "float", "sqrt")  # calls that a literal may scale


def complaints(text: str) -> list[str]:
    """What in a module looks like a tolerance, line by line."""
    return [f"{node.lineno}: {ast.unparse(node)}" for node in suspects(ast.parse(text))]


def suspects(tree: ast.Module) -> Iterator[ast.expr | ast.stmt]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            keywords = [k.arg for k in node.keywords if k.arg and KEYWORDS.match(k.arg)]
            if CALLS.search(called(node)) or keywords:
                yield node
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(value_is_small(value) for side in sides for value in figures(side)):
                yield node
        elif isinstance(node, ast.Assign | ast.AnnAssign) and named_tolerance(node):
            yield node


def called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def figures(side: ast.expr) -> Iterator[float]:
    """The numbers that one side of a comparison is made of, whatever they scale."""
    if isinstance(side, ast.Constant) and isinstance(side.value, float):
        yield side.value
    elif isinstance(side, ast.BinOp):
        whole = power(side)
        if whole is not None:
            yield whole
        else:
            yield from (*figures(side.left), *figures(side.right))
    elif isinstance(side, ast.UnaryOp):
        yield from figures(side.operand)
    elif isinstance(side, ast.Call) and called(side) in SIZES:
        for argument in side.args:
            yield from figures(argument)


def power(node: ast.BinOp) -> float | None:
    """The value of ``2.0**-20``, a small number in other clothes."""
    try:
        base, exponent = ast.literal_eval(node.left), ast.literal_eval(node.right)
    except ValueError:
        return None
    numbers = isinstance(base, int | float) and isinstance(exponent, int | float)
    return float(base) ** exponent if numbers and isinstance(node.op, ast.Pow) else None


def value_is_small(value: float) -> bool:
    return 0 < abs(value) < SMALL


def named_tolerance(node: ast.Assign | ast.AnnAssign) -> bool:
    """Whether a literal gets a name that says what it is for."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    literal = node.value is not None and any(figures(node.value))
    return literal and any(NAMES.search(name) for name in names)


@pytest.mark.parametrize("path", [pytest.param(p, id=str(p.relative_to(ROOT))) for p in FILES])
def test_no_tolerance_is_typed_in(path: Path) -> None:
    """Peers are called at their own defaults, so not even they need one."""
    assert not complaints(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "line",
    [
        "assert abs(a - b) < 1e-9",
        "assert a - b <= 1e-9 * abs(b)",
        "assert 1e-12 > gap",
        "ok = abs(a - b) < scale * 2.0**-20",
        "ok = gap / size < 2**-30",
        "ok = gap <= max(1e-8, size)",
        "if -1e-6 < gap < 1e-6: pass",
        "np.testing.assert_allclose(a, b)",
        "assert math.isclose(a, b)",
        "assert a == pytest.approx(b)",
        "self.assertAlmostEqual(a, b)",
        "check(a, b, rtol=0.1)",
        "check(a, b, tol=bound)",
        "GRADIENT_TOLERANCE = 1e-7",
        "atol: float = 0.5",
    ],
)
def test_a_typed_in_tolerance_is_seen(line: str) -> None:
    """The planted defects, in every guise."""
    assert complaints(line)


@pytest.mark.parametrize(
    "line",
    [
        "assert gap <= bound",
        "assert gap <= PESSIMISM * eps * size",
        "assert share < 0.5",
        "planted = g * (1 + 1e-9)",
        "assert check(f, wrong(1e-9)) == 'disagrees'",
        "EPS = float(np.finfo(float).eps)",
        "numeric = approx_derivative(f, x)",
    ],
)
def test_what_is_computed_or_planted_is_let_through(line: str) -> None:
    assert not complaints(line)
