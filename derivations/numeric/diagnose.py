"""What is wrong with a gradient, in one sentence, where only one sentence fits."""

from typing import TYPE_CHECKING

from derivations.numeric.hygiene import Judged
from derivations.numeric.result import Verdict
from derivations.numeric.scene import Scene

if TYPE_CHECKING:
    from derivations.numeric.examine import Course


def diagnose(
    course: "Course", here: Scene, there: Scene | None, verdict: Verdict
) -> str | None:
    """The hint of a check."""
    if course.breaches:
        return course.breaches[0]
    return None


def misshapen(judged: Judged) -> str | None:
    """The hint for a gradient of the wrong shape."""
    return judged.breaches[0] if judged.breaches else None
