"""Small documents whose verdicts are known."""

from pathlib import Path

NOTATION = r"""
```notation
[sizes]
m = "samples"
n = "inputs"
k = "outputs"

[shape]
X = "m n"
W = "n k"
Y = "m k"
A = "m k"
L = "scalar"

[model]
loss = "L"
forward = [
    'A = X W',
    'L = \frac{1}{m} \operatorname{total}((A - Y)^2)',
]
```
"""
RIGHT = [
    "A = X W",
    r"\frac{\partial L}{\partial A} = \frac{2}{m} (A - Y)",
    r"\frac{\partial L}{\partial W} = \frac{2}{m} X^T (A - Y)",
]
WRONG = r"\frac{\partial L}{\partial W} = \frac{1}{m} X^T (A - Y)"
UNREADABLE = r"\frac{\partial L}{\partial"


def page(*formulas: str) -> str:
    """A document with its notation and one display a formula."""
    return NOTATION + "".join(f"\n$$\n{formula}\n$$\n" for formula in formulas)


def write_page(path: Path, *formulas: str) -> Path:
    path.write_text(page(*formulas), encoding="utf-8")
    return path
