"""Pictures of a refuted gradient as SVG: which entries are wrong, and what differences say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import ceil, floor, inf, log10

from ..numeric.step_curve import StepCurve
from .markup import Element, element

WIDTH, HEIGHT = 460, 310
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 10, 100
CELL, LABEL = 34, 34
BELOW = 2  # powers of ten that are shown below the least bound
SHADES = 4  # of a wrong entry, by the size of its error
MOST = 12  # rows and columns of a map
Row = Sequence[float]
Point = tuple[float, float]


# -- the heat map -------------------------------------------------------------------
def heat_map(printed: Sequence[Row], true: Sequence[Row]) -> Element | None:
    """Every entry of a gradient, the wrong ones marked and shaded by their error.

    None for a single entry, for arrays of two shapes, and for more than can be seen.
    """
    rows, columns = len(true), len(true[0]) if true else 0
    if [len(row) for row in printed] != [columns] * rows or rows * columns < 2:
        return None
    if max(rows, columns) > MOST:
        return None
    gaps = [[abs(a - b) for a, b in zip(*pair, strict=True)]
            for pair in zip(printed, true, strict=True)]  # fmt: skip
    worst = max(map(max, gaps))
    cells = [
        part
        for i, row in enumerate(gaps)
        for j, gap in enumerate(row)
        for part in _cell(i, j, gap, worst)
    ]
    heads = [_text(LABEL + CELL * (j + 0.5), 22, str(j + 1), "middle") for j in range(columns)]
    heads += [_text(22, LABEL + CELL * (i + 0.5) + 4, str(i + 1), "middle") for i in range(rows)]
    wrong = sum(gap > 0 for row in gaps for gap in row)
    said = f"{wrong} of {rows * columns} entries are wrong, the worst by {worst:.3g}"
    size = (LABEL + CELL * columns + 4, LABEL + CELL * rows + 4)
    return _figure(said, size, [*heads, *cells])


def _cell(i: int, j: int, gap: float, worst: float) -> Iterator[Element]:
    x, y = LABEL + CELL * j, LABEL + CELL * i
    shade = ceil(SHADES * gap / worst) if gap else 0
    box = {"width": str(CELL - 2), "height": str(CELL - 2), "class_": f"shade{shade}"}
    yield element("rect", x=str(x), y=str(y), **box)
    yield _text(x + CELL / 2 - 1, y + CELL / 2 + 4, "✗" if gap else "✓", "middle", "sign")


# -- the error against the step -------------------------------------------------------
def step_picture(curve: StepCurve) -> Element:
    """How far central differences are from the true and from the printed slope, by their step."""
    plot = _Plot(curve)
    place = ", ".join(str(number + 1) for number in curve.place)
    best = min(range(len(curve.steps)), key=lambda n: curve.bounds[n])
    said = (
        f"Central differences of the loss at entry [{place}], at a step of "
        f"{curve.steps[best]:.0e}: {_size(curve.true[best])} from the true slope, within the bound "
        f"of {curve.bounds[best]:.0e}; {curve.printed[best]:.2g} from the printed one"
    )
    lines = [
        plot.area(curve.bounds, "bound"),
        plot.line(curve.bounds, "bound"),
        *plot.dots(curve.true, "true"),
        *plot.crosses(curve.printed, "printed"),
    ]
    return _figure(said, (WIDTH, HEIGHT), [*plot.axes(), *lines, *plot.key()])


def _size(error: float) -> str:
    return f"{error:.0e}" if error else "0"


class _Plot:
    """Logarithmic axes: steps from right to left, errors upwards."""

    def __init__(self, curve: StepCurve) -> None:
        self.steps = curve.steps
        bounds = [value for value in curve.bounds if value > 0]
        self.low = floor(log10(min(bounds))) - BELOW
        self.high = ceil(log10(max(*bounds, *curve.printed)))
        self.first, self.last = floor(log10(min(self.steps))), ceil(log10(max(self.steps)))

    def x(self, step: float) -> float:
        share = (log10(step) - self.first) / (self.last - self.first)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, error: float) -> float:
        exponent = log10(error) if error > 0 else -inf  # an error of 0 lies on the axis
        share = (max(exponent, self.low) - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def points(self, values: Row) -> list[Point]:
        return [(self.x(s), self.y(v)) for s, v in zip(self.steps, values, strict=True)]

    def line(self, values: Row, name: str) -> Element:
        return element("polyline", points=_joined(self.points(values)), class_=f"line {name}")

    def area(self, values: Row, name: str) -> Element:
        floor_ = HEIGHT - BOTTOM
        ends = [(self.x(self.steps[-1]), floor_), (self.x(self.steps[0]), floor_)]
        corners = _joined([*self.points(values), *ends])
        return element("polygon", points=corners, class_=f"area {name}")

    def dots(self, values: Row, name: str) -> Iterator[Element]:
        for x, y in self.points(values):
            yield element("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="3", class_=name)

    def crosses(self, values: Row, name: str) -> Iterator[Element]:
        for x, y in self.points(values):
            yield _cross(x, y, name)

    def axes(self) -> Iterator[Element]:
        bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
        for exponent in _ticks(self.low, self.high):
            y = self.y(10.0**exponent)
            yield _stroke((LEFT, y), (right, y), "grid")
            yield _power(LEFT - 8, y + 4, exponent, "end")
        for exponent in _ticks(self.first, self.last):
            x = self.x(10.0**exponent)
            yield _stroke((x, bottom), (x, bottom + 4), "axis")
            yield _power(x, bottom + 18, exponent, "middle")
        yield _stroke((LEFT, bottom), (right, bottom), "axis")
        yield _text((LEFT + right) / 2, bottom + 36, "step", "middle")
        middle = (TOP + bottom) / 2
        turned = f"rotate(-90 14 {middle:.0f})"
        yield _text(14, middle, "error", "middle", transform=turned)

    def key(self) -> Iterator[Element]:
        """What is what, below the axis."""
        x, y, other = LEFT + 8, HEIGHT - 30, WIDTH / 2 + 20
        yield _cross(x, y - 4, "printed")
        yield _text(x + 12, y, "from the printed slope")
        yield element("circle", cx=f"{other:.1f}", cy=str(y - 4), r="3", class_="true")
        yield _text(other + 12, y, "from the true slope")
        yield _stroke((x - 8, y + 16), (x + 8, y + 16), "line bound")
        yield _text(x + 12, y + 20, "bound of the latter: truncation and rounding")


def _ticks(low: int, high: int) -> range:
    """At most five powers of ten, evenly spaced."""
    return range(low, high + 1, max(1, ceil((high - low) / 4)))


# -- elements -------------------------------------------------------------------------
def _figure(said: str, size: tuple[int, int], parts: Iterable[Element]) -> Element:
    """A picture and the sentence that says the same; the sentence also stands for it."""
    width, height = map(str, size)
    picture = element(
        "svg",
        *parts,
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        aria_label=said,
    )
    return element("figure", picture, element("figcaption", f"{said}.", aria_hidden="true"))


def _text(
    x: float, y: float, text: str, anchor: str = "start", class_: str | None = None, **rest: str
) -> Element:
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text_anchor": anchor}
    return element("text", text, **place, class_=class_, **rest)


def _power(x: float, y: float, exponent: int, anchor: str) -> Element:
    raised = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return _text(x, y, f"10{raised}", anchor)


def _stroke(start: Point, end: Point, name: str) -> Element:
    (x1, y1), (x2, y2) = start, end
    ends = {"x1": f"{x1:.1f}", "y1": f"{y1:.1f}", "x2": f"{x2:.1f}", "y2": f"{y2:.1f}"}
    return element("line", **ends, class_=name)


def _cross(x: float, y: float, name: str) -> Element:
    path = f"M{x - 3:.1f} {y - 3:.1f}l6 6m0-6l-6 6"
    return element("path", d=path, class_=name)


def _joined(points: Iterable[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
