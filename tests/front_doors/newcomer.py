"""The path of a newcomer, timed: README's first command, then five lines of one's own.

Run as ``python tests/front_doors/newcomer.py``; it needs a package index, so it is no test.
"""

import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT = 120  # seconds of processor time
LEFT_OUT = (".venv", ".git", "node_modules", "__pycache__", ".*_cache", ".hypothesis", "dist")
NOTES = r"""# Least squares
With $X \in \mathbb{R}^{m \times n}$, $w \in \mathbb{R}^{n}$ and $y \in \mathbb{R}^{m}$, the loss is
$$L = \frac{1}{m} \|X w - y\|^2$$
and its gradient
$$\frac{\partial L}{\partial w} = \frac{1}{m} X^T (X w - y)$$
"""
UNDERSTOOD = {
    "check": ("1 fails", "(2/m)·Xᵀ·(X·w - y)", "(1 → 2)", "gradproof notation notes.md"),
    "explain": ("The two sides differ", "differentiate L", "printed = [", "true = ["),
}


def spent() -> float:
    """Processor time of every command so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def step(name: str, command: str, directory: Path, code: int, *words: str) -> None:
    """One command with its time; another exit code or a missing word ends the path."""
    start, before = time.perf_counter(), spent()
    done = subprocess.run(
        ["bash", "-c", command], cwd=directory, capture_output=True, text=True, check=False
    )
    took = (
        f"{spent() - before:6.1f} s of processor {time.perf_counter() - start:6.1f} s by the clock"
    )
    print(f"{name:<32} exit {done.returncode} {took}")
    text = " ".join(done.stdout.split())
    missing = [word for word in words if word not in text]
    if done.returncode != code or missing:
        sys.exit(f"{command}\nnot exit {code}, or without {missing}:\n{done.stdout}{done.stderr}")


def walk(directory: Path) -> None:
    clone = directory / "gradproof"
    shutil.copytree(ROOT, clone, ignore=shutil.ignore_patterns(*LEFT_OUT))
    readme = (clone / "README.md").read_text(encoding="utf-8")
    [first, *_] = re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)
    step("README's first command", first, clone, 1, "ill-typed", "closest true formula")
    (directory / "notes.md").write_text(NOTES, encoding="utf-8")
    command = f"{clone}/.venv/bin/gradproof"
    step("five lines of one's own", f"{command} check notes.md", directory, 1, *UNDERSTOOD["check"])
    explain = f"{command} explain dL/dw notes.md"
    step("what is wrong with them", explain, directory, 0, *UNDERSTOOD["explain"])


def main() -> None:
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as directory:
        walk(Path(directory))
    clock = time.perf_counter() - start
    print(f"in all {spent():.1f} s of processor, at most {LIMIT}; {clock:.1f} s by the clock")
    sys.exit(int(spent() > LIMIT))


if __name__ == "__main__":
    main()
