"""Links to printed numbers: judged at the values that the document gives for its symbols.

The side before the link is evaluated with the declared example; what it prints for an
intermediate result stands for that result, so that each link answers for its own step only.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from .answer import EXAMPLE, AsPrinted, Counterexample, Strength, Verdict
from .claims.claim import Claim
from .claims.model import Model
from .claims.networks import Network, Scope
from .claims.notation import Notation
from .claims.plans import updated
from .claims.readings import Change, Edit, variants
from .claims.resolve import resolve
from .claims.shapes import Shape, infer
from .document.syntax import Expr, Matrix, Neg, Number, walk
from .document.write import to_tex, to_text
from .errors import ShapeError, UndeclaredError
from .numeric.enclosure import Balls, ball, balls, surely_equal
from .numeric.world import World


def judge_numbers(claim: Claim, notation: Notation) -> Verdict:
    """Whether the side before a link has the printed value, within a unit of its last digit."""
    assert claim.before is not None
    assert claim.right is not None
    world = _example(notation)
    try:
        lefts = _values(_meant(claim, notation), world)
        rights = _values(resolve(claim.right, notation), world)
    except ShapeError as error:
        return Verdict(as_printed=AsPrinted.ILL_TYPED, reason=f"{error}.")
    pairs = [(a, b) for a in lefts for b in rights if a.shape == b.shape]
    if not pairs:
        left, right = _shown(lefts[0]), _shown(rights[0])
        return Verdict(
            as_printed=AsPrinted.ILL_TYPED,
            reason=f"The side before is {left} and the printed side is {right}.",
        )
    return min((_compared(claim, a, b) for a, b in pairs), key=_order)


def _order(verdict: Verdict) -> int:
    """A choice among declared meanings costs nothing: the best answer counts."""
    best = (AsPrinted.HOLDS, AsPrinted.INCONCLUSIVE)
    return best.index(verdict.as_printed) if verdict.as_printed in best else len(best)


def _compared(claim: Claim, left: Balls, right: Balls) -> Verdict:
    assert claim.right is not None
    units = _units(claim, right.shape)
    answers = [
        _within(a, b, unit)
        for a, b, unit in zip(left.flat, right.flat, np.ravel(units), strict=True)
    ]
    if any(answer is False for answer in answers):
        return _fails(claim, left, right, units, answers)
    if any(answer is None for answer in answers):
        return Verdict(as_printed=AsPrinted.INCONCLUSIVE, reason="The numbers do not tell.")
    return Verdict(
        as_printed=AsPrinted.HOLDS,
        reason="The printed numbers are those of the example.",
        reading=to_text(claim.right),
        reading_tex=to_tex(claim.right),
        cost=0,
        scope="no layers",
        strength=Strength.TESTED,
        method=EXAMPLE,
    )


def _meant(claim: Claim, notation: Notation) -> Expr:
    """What the printed numbers are held against: for an update, what a step makes of it."""
    assert claim.before is not None
    side = resolve(claim.before, notation)
    updating = claim.sign == ":=" and claim.before == claim.left
    return updated(side, notation, claim.ascent is True) if updating else side


def _example(notation: Notation) -> World:
    """The world in which every symbol has the value that the document prints for it."""
    network = Network(1)
    names = _sizes(notation)
    same = {name: str(number) for name, number in names.items()}
    sizes = _Shown({str(number): number for number in names.values()} | names)
    world = World(notation, Model(notation).at(1), network, sizes, _no_example, same)
    for name, rows in notation.examples.items():
        if name in notation.symbols:
            world.values[(name, None)] = balls([[Fraction(str(v)) for v in row] for row in rows])
    return world


class _Shown(dict[str, int]):
    """The sizes that the examples have.

    Raises: UndeclaredError for another one.
    """

    def __missing__(self, name: str) -> int:
        raise UndeclaredError(f"no example shows how many {name} are; add one under [example]")


def _sizes(notation: Notation) -> dict[str, int]:
    scope = Scope(notation, Network(1))
    sizes: dict[str, int] = {}
    for name, rows in notation.examples.items():
        symbol = notation.symbols.get(name)
        lengths = (len(rows), len(rows[0])) if rows else ()
        for dim, length in zip(symbol.shape if symbol else (), lengths, strict=False):
            size = scope.size(dim, 1)
            if sizes.setdefault(size, length) != length:
                raise UndeclaredError(f"the example gives {size} two values; mend [example]", name)
    return {name: number for name, number in sizes.items() if not name.isdigit()}


def _no_example(name: str, shape: tuple[int, int]) -> Balls:
    raise UndeclaredError(f"{name} has no value; add it under [example]", name)


def _values(tree: Expr, world: World) -> list[Balls]:
    """The numbers of a side under every declared meaning of its product signs."""
    found = variants(tree, world.scope)
    if not found:
        _explain(tree, world.scope)
    for variant in found:
        scope = world.scope
        infer(variant.tree, scope)
        if letter := next(iter(scope.index_sizes), ""):
            raise UndeclaredError(f"for which {letter} the printed numbers are, they do not say")
    return [world.evaluate(variant.tree, {}) for variant in found]


def _explain(tree: Expr, scope: Scope) -> Shape:
    infer(tree, scope)
    raise ShapeError(f"no declared meaning of a product fits in {to_text(tree)}")


def _units(claim: Claim, shape: tuple[int, ...]) -> Any:
    """One unit of the last digit printed in each entry; 0 where no decimals are printed."""
    side = claim.right
    assert side is not None
    about = claim.sign == "\\approx"
    if isinstance(side, Matrix):
        return np.array([[_unit(cell, about) for cell in row] for row in side.rows], dtype=object)
    return np.full(shape, _unit(side, about), dtype=object)


def _unit(side: Expr, about: bool) -> Fraction:
    """A printed number is rounded; arithmetic on printed numbers is exact, unless told about."""
    plain = side.arg if isinstance(side, Neg) else side
    if not isinstance(plain, Number) and not about:
        return Fraction(0)
    places = [node.places for node in walk(side) if isinstance(node, Number) and node.places]
    return Fraction(1, 10 ** max(places)) if places else Fraction(0)


def _within(value: Any, printed: Any, unit: Fraction) -> bool | None:
    if surely_equal(value, printed):
        return True
    gap = abs(value - printed)
    if gap < ball(unit) or surely_equal(gap, ball(unit)):
        return True
    return False if gap > ball(unit) else None


def _fails(
    claim: Claim, left: Balls, right: Balls, units: Any, answers: list[bool | None]
) -> Verdict:
    assert claim.right is not None
    rounded = [[_rounded(x, unit) for x, unit in zip(*row, strict=True)] for row in
               zip(left, units, strict=True)]  # fmt: skip
    reading: Expr = Matrix(tuple(tuple(row) for row in rounded))
    if left.shape == (1, 1):
        reading = rounded[0][0]
    change = Change(Edit.FACTOR, claim.right, reading)
    wrong = sum(answer is False for answer in answers)
    verdict = Verdict(
        as_printed=AsPrinted.FAILS,
        reason="The example gives other numbers.",
        counterexample=Counterexample(
            shapes={}, values={}, printed=_plain(right), true=_plain(left)
        ),
    )
    if wrong > 4:
        return verdict
    return replace(
        verdict,
        reading=to_text(reading),
        reading_tex=to_tex(reading),
        changes=(change,) * wrong,
        cost=wrong,
        scope="no layers",
        strength=Strength.TESTED,
        method=EXAMPLE,
    )


def _rounded(value: Any, unit: Fraction) -> Number:
    places = len(str(unit.denominator)) - 1 if unit else 4
    whole = round(Fraction(float(value)) * 10**places)
    return Number(Fraction(whole, 10**places), places)


def _plain(values: Balls) -> list[list[float]]:
    return [[float(x) for x in row] for row in values]


def _shown(values: Balls) -> str:
    return "×".join(map(str, values.shape))
