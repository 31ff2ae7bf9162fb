"""The path of a newcomer, timed: install, check the built-in document, check notes of one's own.

Run as ``python tests/front_doors/newcomer.py``; it needs a package index, so it is no test.
"""

import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 120  # seconds of machine time
NOTES = r"""The model is $A = X W$, and its loss
$L = \frac{1}{m} \operatorname{total}((A - Y)^2)$.

Therefore $\frac{\partial L}{\partial W} = \frac{1}{m} X^T (A - Y)$.
"""
NOTATION = r"""
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
forward = ['A = X W', 'L = \frac{1}{m} \operatorname{total}((A - Y)^2)']
"""
UNDERSTOOD = ("1 fails", "fails", "(2/m)·Xᵀ·(A - Y)", "insert, drop or change one factor")


def step(name: str, *command: str | Path, code: int = 0) -> str:
    """One command with its time; another exit code than the one that is due ends the path."""
    start = time.perf_counter()
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    print(f"{name:<32}{time.perf_counter() - start:6.1f} s   exit {done.returncode}")
    if done.returncode != code:
        sys.exit(f"{name}: exit {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
    return done.stdout


def walk(directory: Path) -> None:
    venv.create(directory / "env", with_pip=True)
    scripts = directory / "env" / "bin"
    step("install", scripts / "pip", "install", "-q", ROOT)
    step("check the built-in document", scripts / "gradproof", "check", code=1)
    notes = directory / "notes.md"
    notes.write_text(NOTES, encoding="utf-8")
    notes.with_suffix(".toml").write_text(NOTATION, encoding="utf-8")
    text = step("check notes with a wrong gradient", scripts / "gradproof", "check", notes, code=1)
    missing = [words for words in UNDERSTOOD if words not in text]
    if missing:
        sys.exit(f"the output does not say {missing}:\n{text}")


def main() -> None:
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as directory:
        walk(Path(directory))
    spent = time.perf_counter() - start
    print(f"{'in all':<32}{spent:6.1f} s   at most {LIMIT}")
    sys.exit(int(spent > LIMIT))


if __name__ == "__main__":
    main()
