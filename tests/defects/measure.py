"""How many defects are caught, and how often a right candidate is called wrong."""

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.defects.checkers import MISJUDGED
from tests.defects.corpus import EQUIVALENT, WRONG
from tests.defects.record import Bug, Defect, Outcome, Subject

HEARD = (Outcome.DISAGREES, Outcome.RAISES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One class of the table; an equivalent form counts as caught where it is accepted."""

    bug: Bug
    defects: int
    references: int
    caught: int


def outcomes(defect: Defect) -> Iterator[Outcome]:
    """What is said of a defect, trial by trial; it is built anew for each, and may warn."""
    for trial in range(defect.subject.trials):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield defect.subject.judge(defect.build(), trial)


def caught(defect: Defect) -> bool:
    """Whether one of the random inputs shows the defect."""
    return any(outcome in HEARD for outcome in outcomes(defect))


def verdicts(subject: Subject) -> list[Outcome]:
    """What is said of the right candidate."""
    return [subject.judge(subject.right(), trial) for trial in range(subject.trials)]


def accepted(found: list[Outcome]) -> bool:
    """Never called wrong, and not always left open."""
    return not set(found) & set(HEARD) and Outcome.AGREES in found


def subjects() -> list[Subject]:
    """Every subject once, and what other checkers were reported to reject."""
    given = [defect.subject for defect in (*WRONG, *EQUIVALENT)]
    return list({subject.name: subject for subject in (*given, *MISJUDGED.values())}.values())


def table(found: Callable[[Defect], bool]) -> list[Row]:
    """The catch rate of each class, by what is found."""
    return [row(bug, found) for bug in Bug]


def claimed(defect: Defect) -> bool:
    """What the defect's own test asserts, without the measurement."""
    return True


def measured(defect: Defect) -> bool:
    """Whether a defect is caught, or an equivalent form accepted."""
    if defect.bug is Bug.EQUIVALENT:
        return accepted(list(outcomes(defect)))
    return caught(defect)


def row(bug: Bug, found: Callable[[Defect], bool]) -> Row:
    group = [defect for defect in (*WRONG, *EQUIVALENT) if defect.bug is bug]
    good = [defect for defect in group if found(defect)]
    references = {defect.reference for defect in group} - {None}
    if bug is Bug.CHECKER:
        references |= set(MISJUDGED)
    return Row(bug=bug, defects=len(group), references=len(references), caught=len(good))


def markdown(rows: list[Row]) -> str:
    """The table of the catch rates, with a line for all that are wrong."""
    lines = ["| class | planted | public reports mirrored | caught |", "|---|---|---|---|"]
    for each in rows:
        caught = f"{each.caught} accepted" if each.bug is Bug.EQUIVALENT else str(each.caught)
        lines.append(
            f"| {each.bug.letter} {each.bug.title} | {each.defects} | {each.references} "
            f"| {caught} |"
        )
    wrong = [each for each in rows if each.bug is not Bug.EQUIVALENT]
    total, found = sum(each.defects for each in wrong), sum(each.caught for each in wrong)
    references = sum(each.references for each in wrong)
    lines.append(f"| all that are wrong | {total} | {references} | {found} ({found / total:.1%}) |")
    return "\n".join(lines) + "\n"


def alarms() -> str:
    """What is said of the right twins, in one line."""
    counts = Counter(outcome.value for subject in subjects() for outcome in verdicts(subject))
    said = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    return f"right twins of {len(subjects())} functions, engines and formulas: {said}"
