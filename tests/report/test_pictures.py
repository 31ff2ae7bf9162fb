"""Pictures of a wrong gradient: every entry and every point stands where its number says."""

import re

from derivations.numeric.step_curve import StepCurve
from derivations.report.pictures import heat_map, step_picture

CURVE = StepCurve(
    place=(0, 2),
    steps=(1e-1, 1e-3, 1e-5),
    bounds=(1e-2, 3e-6, 1e-4),
    true=(1e-2, 0.0, 1e-5),
    printed=(0.5, 0.5, 0.5),
)


def test_a_map_marks_the_wrong_entries_and_says_how_many() -> None:
    text = str(heat_map([[1.0, 2.0], [3.0, 8.0]], [[1.0, 2.5], [3.0, 4.0]]))
    assert "2 of 4 entries are wrong, the worst by 4" in text
    assert re.findall('<rect[^>]*class="(shade.)"', text) == [
        "shade0",
        "shade1",
        "shade0",
        "shade4",
    ]
    assert (text.count("✗"), text.count("✓")) == (2, 2)


def test_no_map_of_one_entry_of_two_shapes_or_of_too_many() -> None:
    assert heat_map([[1.0]], [[2.0]]) is None
    assert heat_map([[1.0, 2.0]], [[1.0], [2.0]]) is None
    assert heat_map([[1.0] * 13], [[2.0] * 13]) is None


def test_a_curve_has_a_mark_for_each_step_and_the_best_step_in_words() -> None:
    text = str(step_picture(CURVE))
    assert text.count("<circle") == text.count("<path") == len(CURVE.steps) + 1  # one in the key
    assert "entry [1, 3], at a step of 1e-03: 0 from the true slope" in text
    assert "within the bound of 3e-06; 0.5 from the printed one" in text


def test_larger_errors_stand_higher_and_larger_steps_further_right() -> None:
    text = str(step_picture(CURVE))
    [line] = re.findall('<polyline points="([^"]*)"', text)
    points = [tuple(map(float, pair.split(","))) for pair in line.split()]
    assert [x for x, _ in points] == sorted((x for x, _ in points), reverse=True)
    assert points[0][1] < points[2][1] < points[1][1]
    [lowest] = [
        y for x, y in re.findall('cx="([^"]*)" cy="([^"]*)"', text) if float(x) == points[1][0]
    ]
    assert float(lowest) > points[1][1]  # an error of 0 lies on the axis
