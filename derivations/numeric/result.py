"""What a check found: its verdict, the wrong entries, and how sure it is."""

from dataclasses import dataclass
from enum import StrEnum

from derivations.numeric.trees import Path

SHOWN = 8


class Verdict(StrEnum):
    """The three answers."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongEntry:
    """An entry of the gradient that is shown to be wrong at the given point.

    Units: ``analytic``, ``numeric`` and ``bound`` in units of f per unit of x.
    """

    where: tuple[Path, tuple[int, ...]]
    analytic: float
    numeric: float
    bound: float

    @property
    def excess(self) -> float:
        """The difference in units of the bound; infinite where the entry is no number."""
        gap = abs(self.analytic - self.numeric)
        if gap != gap or not self.bound:
            return float("inf")
        return gap / self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientCheck:
    """The answer of a check: true only where the gradient agrees.

    ``resolution``: the smallest error in one entry that would have been seen; ``wrong``: the
    entries shown to be wrong, a sample of them where nearly all are; ``summary``: where the
    wrong ones lie, by array, row and column.

    Units: ``resolution`` in units of f per unit of x.

    >>> import numpy as np
    >>> from derivations import check_gradient
    >>> check = check_gradient(lambda x: (x**2).sum(), lambda x: 1 * x, np.array([1.0, -3.0]))
    >>> check.verdict.value, check.diagnosis, bool(check)
    ('disagrees', 'every ratio is 0.5: a constant factor', False)
    >>> sorted(entry.where for entry in check.wrong)
    [((), (0,)), ((), (1,))]
    """

    verdict: Verdict
    wrong: tuple[WrongEntry, ...] = ()
    resolution: float = 0.0
    oracle: str = ""
    diagnosis: str | None = None
    evaluations: int = 0
    size: int = 0
    seed: int = 0
    name: str = "gradient"
    summary: tuple[str, ...] = ()
    inconclusive: int = 0

    def __bool__(self) -> bool:
        return self.verdict is Verdict.AGREES

    def __str__(self) -> str:
        lines = [self.headline(), *self.table()]
        lines += [row("where", line) for line in self.summary]
        if self.diagnosis:
            lines.append(row("hint", self.diagnosis))
        lines.append(row("oracle", f"{self.oracle}, {self.evaluations} evaluations of f"))
        if self:
            lines.append(row("sees", f"errors in one entry from {number(self.resolution)} on"))
        lines.append(row("repeat", f"seed={self.seed}"))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from derivations.report.gradient_html import gradient_html

        return gradient_html(self)

    def headline(self) -> str:
        """One sentence."""
        if self.verdict is Verdict.AGREES:
            return f"{self.name}: agrees with the {self.oracle} in {self.size} entries"
        if self.verdict is Verdict.DISAGREES:
            return f"{self.name}: disagrees with the {self.oracle}"
        return f"{self.name}: could not be judged by the {self.oracle}"

    def table(self) -> list[str]:
        """The worst entries first."""
        worst = sorted(self.wrong, key=lambda entry: -entry.excess)
        lines = [
            row("worst" if i == 0 else "", line(entry)) for i, entry in enumerate(worst[:SHOWN])
        ]
        if lines:
            lines[0] += f"   ({len(self.wrong)} shown wrong of {self.size} entries)"
        return lines


def line(entry: WrongEntry) -> str:
    """An entry with both its values."""
    analytic, numeric = values(entry)
    return f"{place(entry.where)}  analytic {analytic}   numeric {numeric} ± {entry.bound:.1g}"


def values(entry: WrongEntry) -> tuple[str, str]:
    """Both values with the digits that tell them apart."""
    digits = 6
    while digits < 17 and f"{entry.analytic:.{digits}g}" == f"{entry.numeric:.{digits}g}":
        digits += 1
    return f"{entry.analytic:.{digits}g}", f"{entry.numeric:.{digits}g}"


def place(where: tuple[Path, tuple[int, ...]]) -> str:
    """``['W'][0, 2]``."""
    path, index = where
    return "".join(f"[{key!r}]" for key in path) + str(list(index))


def row(label: str, text: str) -> str:
    return f"  {label:<8} {text}"


def number(value: float) -> str:
    return f"{value:.2g}"
