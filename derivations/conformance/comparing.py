"""Arrays by their names, how far two lists of them may be apart, and how a failure reads."""

from collections import Counter
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from derivations.conformance.bounds import Parameters, running_error
from derivations.conformance.cases import Case, build_case
from derivations.conformance.enclosure import Stray
from derivations.conformance.protocol import Engine
from derivations.numeric.engine_check import check_engine

Named: TypeAlias = list[tuple[str, NDArray[Any]]]
SHOWN = 3


def fail(speaker: str, found: list[Stray], hint: str | None = None) -> None:
    """Raise for the entries that were found: how many of which array, the worst, and the cause."""
    if not found:
        return
    counts = Counter(stray.array for stray in found)
    where = ", ".join(f"{name} ({count})" for name, count in counts.items())
    lines = [f"{speaker}: further from the truth than rounding explains: {where}"]
    worst = sorted(found, key=lambda stray: -stray.excess)[:SHOWN]
    lines += [f"{'worst' if stray is worst[0] else '':8} {stray}" for stray in worst]
    lines += [f"hint     {hint}"] if hint else []
    raise AssertionError("\n".join(lines))


def factor(computed: float, true: float, case: Case) -> str | None:
    """What a loss is a multiple of, if it is one of the usual."""
    usual = {"m": case.samples, "k": case.widths[-1], "m k": case.samples * case.widths[-1]}
    slack = 2.0**-20 * abs(true)
    times = [n for n, size in usual.items() if size > 1 and abs(computed / size - true) <= slack]
    over = [n for n, size in usual.items() if size > 1 and abs(computed * size - true) <= slack]
    if times:
        return f"times {' or '.join(times)}: a sum where the mean is due"
    return f"divided by {' or '.join(over)} once too often" if over else None


def guess(engine: Engine, case: Case) -> str | None:
    """What may be wrong with the gradients, as far as the check against differences can tell.

    Asked on the case itself, and on a plain one of the same depth, whose sizes all differ.
    """
    depth = len(case.parameters)
    plain = build_case((*range(depth + 1, 1, -1), depth + 3), depth + 5, dtype=case.dtype)
    for tried in (case, plain):
        try:
            result = check_engine(engine, tried.parameters, tried.X, tried.Y)
        except Exception:  # the engine is broken; a guess must not hide how
            return None
        if str(result.verdict.value) == "disagrees" and result.diagnosis:
            return result.diagnosis
    return None


def call(engine: Engine, method: str, case: Case) -> Any:
    """One call, of any of the three methods."""
    arguments = (case.parameters, case.X, case.Y)
    return getattr(engine, method)(*arguments[: 2 if method == "forward" else 3])


def inputs_of(case: Case) -> Named:
    """All input arrays with their names."""
    pairs: Named = []
    for layer, (W, b) in enumerate(case.parameters, start=1):
        pairs += [(f"W[{layer}]", W), (f"b[{layer}]", b)]
    return [*pairs, ("X", case.X), ("Y", case.Y)]


def outputs_of(engine: Engine, case: Case) -> Named:
    """All arrays that the engine returns, with their names; forward's where it has one."""
    outputs = named_gradients(engine.gradients(case.parameters, case.X, case.Y))
    if callable(getattr(engine, "forward", None)):
        A = engine.forward(case.parameters, case.X)
        outputs += [(f"A[{layer}]", np.asarray(array)) for layer, array in enumerate(A)]
    return outputs


def named_gradients(computed: Any) -> Named:
    """The gradients as a flat list, with their names."""
    named: Named = []
    for layer, (dW, db) in enumerate(computed, start=1):
        named += [(f"dW[{layer}]", np.asarray(dW)), (f"db[{layer}]", np.asarray(db))]
    return named


def bounds_of(case: Case) -> list[NDArray[np.float64]]:
    """The bounds of all gradients, as a flat list."""
    return flat(running_error(case.parameters, case.X, case.Y).gradients)


def flat(pairs: Any) -> list[Any]:
    """The arrays of a list of pairs."""
    return [array for pair in pairs for array in pair]


def gradients_and_bounds(
    engine: Engine, parameters: Parameters, X: NDArray[Any], Y: NDArray[Any]
) -> tuple[Named, list[Any]]:
    """The engine's gradients in doubles, and their bounds, as flat lists."""
    computed = named_gradients(engine.gradients(parameters, X, Y))
    bounds = flat(running_error(parameters, X, Y).gradients)
    return [(name, array.astype(float)) for name, array in computed], bounds


def mixed(
    share: float, one: tuple[Named, list[Any]], two: tuple[Named, list[Any]]
) -> tuple[Named, list[Any]]:
    """``share`` of one and the rest of the other, with the bound of that, our rounding included."""
    named, room = [], []
    for (name, a), (_, b), a_bound, b_bound in zip(one[0], two[0], one[1], two[1], strict=True):
        a_part, b_part = share * a, (1 - share) * b
        # Two products, a difference and the sum, each rounded once.
        ours = 4 * np.finfo(float).eps * (np.abs(a_part) + np.abs(b_part))
        named.append((name, a_part + b_part))
        room.append(share * a_bound + (1 - share) * b_bound + ours)
    return named, room


def compare(what: str, here: Named, there: Named, bounds: list[Any], others: list[Any]) -> None:
    """Raise where two lists of arrays are further apart than their bounds allow together."""
    for (name, a), (_, b), a_bound, b_bound in zip(here, there, bounds, others, strict=True):
        gap, room = np.abs(np.asarray(a, float) - np.asarray(b, float)), a_bound + b_bound
        apart = ~(gap <= room)
        if apart.any():
            place = tuple(int(i) for i in np.argwhere(apart)[0])
            raise AssertionError(
                f"{what}: {name} differs in {int(apart.sum())} of {apart.size} entries\n"
                f"first    {name} {list(place)}  {b[place]:.17g}  instead of {a[place]:.17g} "
                f"± {room[place]:.3g}"
            )


def same_layers(computed: Any, case: Case) -> None:
    if len(computed) != len(case.parameters):
        raise AssertionError(
            f"gradients: {len(computed)} pairs, but should be {len(case.parameters)}"
        )
