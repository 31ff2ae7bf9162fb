"""Whether a page's dZ is the gradient of each sample's own loss, beside an averaged dW."""

from __future__ import annotations

from collections.abc import Iterator

from ..document.grammar import LOSS
from ..document.syntax import Derivative, Divide, Expr, Name, Neg, Number, Product, walk
from .facts import Facts, head_use, is_slope, symbols_in
from .formulas import Equation


def per_sample_slopes(facts: Facts) -> dict[str, int]:
    """The symbols whose bare slopes are those of each sample's own loss, and the line that says so.

    With a mean over samples as the loss, ``dZ = A - Y`` has no 1/m and ``dW = (1/m) dZ A^T`` has:
    both hold only if dZ is per sample.  A page that writes 1/m into dZ, or dZ as the derivative of
    the loss itself, says otherwise, and a second 1/m is then an error of the page.
    """
    size = _mean_over(facts)
    if size is None:
        return {}
    computed = set(_computed(facts))
    found: dict[str, int] = {}
    for e in _slope_equations(facts):
        inner = set(_bare_slopes(e.side, facts))
        if _by(e.head, facts) in computed or not inner or not _averages(e.side, size):
            continue
        if all(key in computed and _plain(key, facts, size) for key in inner):
            found |= dict.fromkeys(sorted(inner - found.keys()), e.line)
    return _followed(found, computed, facts, size)


def _followed(found: dict[str, int], computed: set[str], facts: Facts, size: str) -> dict[str, int]:
    """Whatever is computed from slopes per sample, without a mean, is per sample too."""
    while found:
        more = {
            key: e.line
            for e in _slope_equations(facts)
            if (key := _by(e.head, facts)) in computed
            and key not in found
            and not _averages(e.side, size)
            and set(_bare_slopes(e.side, facts)) & found.keys()
        } | {
            key: e.line
            for e in _slope_equations(facts)
            if _by(e.head, facts) in found and not _averages(e.side, size)
            for key in _bare_slopes(e.side, facts)
            if key in computed and key not in found
        }
        if not more:
            break
        found |= more
    return found


def _computed(facts: Facts) -> Iterator[str]:
    """What a formula gives from other symbols; an update gives nothing new."""
    for e in facts.equations:
        use = head_use(facts, e.head)
        if use is None or e.sign != "=" or is_slope(e.side):
            continue
        if all(other.key != use.key for other in symbols_in(e.side, facts)):
            yield use.key


def _mean_over(facts: Facts) -> str | None:
    """The size that the loss is divided by."""
    for e in facts.equations:
        use = head_use(facts, e.head)
        if facts.loss is None or use is None or use.key != facts.loss[0]:
            continue
        for factor in _factors(e.side):
            if isinstance(factor, Divide) and isinstance(factor.top, Number):
                sizes = [part.text for part in _factors(factor.bottom) if isinstance(part, Name)]
                if len(sizes) == 1:
                    return sizes[0]
    return None


def _plain(key: str, facts: Facts, size: str) -> bool:
    """Whether some formula gives dZ without other slopes, and none with 1/m or as ∂L/∂Z."""
    own = [e for e in _slope_equations(facts) if _by(e.head, facts) == key]
    based = any(not is_slope(e.side) for e in own)
    literal = any(isinstance(e.side, Derivative) and e.side.of != LOSS for e in own)
    return based and not literal and not any(_divides(e.side, size) for e in own)


def _slope_equations(facts: Facts) -> Iterator[Equation]:
    for e in facts.equations:
        if e.sign == "=" and isinstance(e.head, Derivative) and e.head.of == LOSS:
            yield e


def _by(head: Expr, facts: Facts) -> str | None:
    use = head_use(facts, head.by) if isinstance(head, Derivative) else None
    return None if use is None else use.key


def _bare_slopes(side: Expr, facts: Facts) -> Iterator[str]:
    for node in walk(side):
        if isinstance(node, Derivative) and node.of == LOSS:
            key = _by(node, facts)
            if key is not None:
                yield key


def _averages(side: Expr, size: str) -> bool:
    """Whether 1/m is a factor of the whole."""
    return any(
        isinstance(factor, Divide) and Name(size) in _factors(factor.bottom)
        for factor in _factors(side)
    )


def _divides(side: Expr, size: str) -> bool:
    return any(isinstance(node, Divide) and Name(size) in walk(node.bottom) for node in walk(side))


def _factors(node: Expr) -> list[Expr]:
    if isinstance(node, Neg):
        return _factors(node.arg)
    if isinstance(node, Product):
        return [*_factors(node.left), *_factors(node.right)]
    return [node]
