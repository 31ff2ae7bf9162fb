"""Arrays by their names, how far two lists of them may be apart, and how a failure reads."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from derivations.conformance.bounds import Parameters, running_error
from derivations.conformance.cases import Case
from derivations.conformance.protocol import Engine
from derivations.numeric.engine_check import check_engine

Named: TypeAlias = list[tuple[str, NDArray[Any]]]
SHOWN = 3


def fail(speaker: str, found: list[str], engine: Engine, case: Case) -> None:
    """Raise for what was found, the first entries with their figures and a guess at the cause."""
    if not found:
        return
    lines = [f"{speaker}: further from the truth than rounding explains, entries: {len(found)}"]
    lines += [f"  {text}" for text in found[:SHOWN]]
    hint = guess(engine, case)
    lines += [f"  hint     {hint}"] if hint else []
    raise AssertionError("\n".join([*lines, f"  {case}"]))


def guess(engine: Engine, case: Case) -> str | None:
    """What may be wrong, as far as the check against differences can tell."""
    try:
        result = check_engine(engine, case.parameters, case.X, case.Y)
    except Exception:  # the engine is broken; a guess must not hide how
        return None
    return result.diagnosis


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


def compare(
    what: str, here: Named, there: Named, bounds: list[Any], others: list[Any], case: Case
) -> None:
    """Raise where two lists of arrays are further apart than their bounds allow together."""
    for (name, a), (_, b), a_bound, b_bound in zip(here, there, bounds, others, strict=True):
        gap = np.abs(np.asarray(a, float) - np.asarray(b, float))
        apart = ~(gap <= a_bound + b_bound)
        if apart.any():
            place = tuple(int(i) for i in np.argwhere(apart)[0])
            raise AssertionError(
                f"{what}: {name} {list(place)} is {b[place]}, but should be {a[place]} "
                f"({int(apart.sum())} of {apart.size} entries)  {case}"
            )


def same_layers(computed: Any, case: Case) -> None:
    if len(computed) != len(case.parameters):
        raise AssertionError(
            f"gradients: {len(computed)} pairs, but should be {len(case.parameters)}  {case}"
        )
