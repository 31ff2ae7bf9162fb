"""Documents that have something to say in every field of the report."""

from pathlib import Path

NOTATION = """[sizes]
m = "samples"
n = "inputs"
[shape]
X = "m n"
w = "n 1"
y = "m 1"
L = "scalar"
[model]
loss = "L"
forward = ['L = \\frac{1}{2m} \\|X w - y\\|^2']
"""
SLOPE = r"\frac{\partial L}{\partial w}"
RIGHT = rf"${SLOPE} = \frac{{1}}{{m}} X^T (X w - y)$"
WRONG = rf"${SLOPE} = \frac{{2}}{{m}} X^T (X w - y)$"
UNTYPED = rf"${SLOPE} = \frac{{1}}{{m}} X (X w - y)$"
UNKNOWN = rf"${SLOPE} = \frac{{1}}{{m}} Q^T (X w - y)$"
UNREADABLE = r"$\frac{\partial L}{\partial$"
ALL = (RIGHT, WRONG, UNTYPED, UNKNOWN, UNREADABLE, "$w$")


def write_notes(path: Path, *formulas: str) -> Path:
    """A document with its notation beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(formulas or ALL) + "\n", encoding="utf-8")
    path.with_suffix(".toml").write_text(NOTATION, encoding="utf-8")
    return path


def write_folder(folder: Path, count: int) -> Path:
    """So many documents, no two with the same claims in the same order."""
    for number in range(count):
        turned = ALL[number % len(ALL) :] + ALL[: number % len(ALL)]
        write_notes(folder / f"{number:04}.md", *turned)
    return folder
