"""Two engines on the same cases: equal to the bit, within the running-error bound, or changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from time import perf_counter
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from derivations.conformance.bounds import running_error
from derivations.conformance.cases import Case, sample_cases
from derivations.conformance.comparing import call, flat, named_gradients
from derivations.conformance.protocol import METHODS, Engine

Outcome: TypeAlias = list[tuple[str, NDArray[Any]]] | str
CASES = 1000
TIMES = 3


class Change(Enum):
    """How far one result is from what it was, from the best to the worst."""

    NONE = "equal to the bit"
    ROUNDING = "within the running-error bound"
    BEYOND = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What became of one method's result on one case."""

    case: Case
    method: str
    change: Change
    text: str
    ulps: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """All differences, smallest case first, and the time ratios, new to old, of each method."""

    calls: int
    differences: tuple[Difference, ...]
    ratios: dict[str, tuple[float, float, float]]

    def of(self, change: Change) -> list[Difference]:
        """The differences of that kind."""
        return [found for found in self.differences if found.change is change]

    def lines(self) -> Iterator[str]:
        """The summary, one line after another."""
        changed, rounded = self.of(Change.BEYOND), self.of(Change.ROUNDING)
        equal = self.calls - len(changed) - len(rounded)
        yield f"{self.calls} calls"
        yield f"  {Change.NONE.value}: {equal}"
        for change, found in ((Change.ROUNDING, rounded), (Change.BEYOND, changed)):
            yield f"  {change.value}: {len(found)}"
            for method in METHODS:
                of_method = [one for one in found if one.method == method]
                if of_method:
                    worst = max(one.ulps for one in of_method)
                    yield f"    {method}: {len(of_method)}, largest difference {worst:.3g} ulps"
                    yield f"      smallest case  {of_method[0].text}"
                    yield f"                     {of_method[0].case}"
                    shared = _shared([one.case for one in of_method])
                    if shared and len(of_method) > 1:
                        yield f"      all of them    {', '.join(shared)}"
        for method, (low, middle, high) in self.ratios.items():
            yield f"  time of {method}: {middle:.2f} of what it was ({low:.2f} to {high:.2f})"


def _shared(cases: list[Case]) -> list[str]:
    """What all of the cases have in common, of what the cases tried have several of."""
    features = [
        {
            case.dtype,
            f"{case.labels} labels",
            f"{case.regime.name.lower()} entries",
            case.layout.value,
            f"{'odd' if case.samples % 2 else 'even'} number of samples",
            "hidden layers" if len(case.parameters) > 1 else "no hidden layer",
            "one output" if case.widths[-1] == 1 else "several outputs",
        }
        for case in cases
    ]
    return sorted(set.intersection(*features))


def compare_engines(new: Any, old: Any, count: int = CASES, seed: int = 0) -> Regression:
    """Run both on so many random cases, and on input that is to be refused."""
    cases = sorted(sample_cases(count, seed), key=_size)
    differences, calls = [], 0
    for case in cases:
        for method in METHODS:
            for tried in (case, *_refused(case)):
                calls += 1
                found = _compare(new, old, method, tried)
                if found is not None:
                    differences.append(found)
    return Regression(
        calls=calls, differences=tuple(differences), ratios=_time_ratios(new, old, cases)
    )


def ulps_between(a: NDArray[Any], b: NDArray[Any]) -> float:
    """The largest difference of two arrays, in units of the last place of the larger entry."""
    with np.errstate(all="ignore"):
        gap = np.abs(a.astype(float) - b.astype(float))
        unit = np.spacing(np.maximum(np.abs(a), np.abs(b))).astype(float)
        return float(np.max(np.where(gap == 0, 0, gap / unit)))


def _size(case: Case) -> int:
    return case.samples + sum(W.size + b.size for W, b in case.parameters)


def _refused(case: Case) -> list[Case]:
    """Variants of small cases that an engine should refuse in the same way as before."""
    if case.seed % 8:
        return []
    nan = case.X.copy()
    nan[-1, -1] = np.nan
    wider = np.concatenate([case.X, case.X[:, :1]], axis=1)
    return [_with_samples(case, X) for X in (nan, wider, case.X[:0])]


def _with_samples(case: Case, X: NDArray[Any]) -> Case:
    fields = {name: getattr(case, name) for name in Case.__dataclass_fields__}
    return Case(**fields | {"X": X})


def _outcome(engine: Engine, method: str, case: Case) -> Outcome:
    """The arrays of a call by their names, or the exception that it ends with."""
    try:
        result = call(engine, method, case)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if method == "loss":
        return [("L", np.asarray(result))]
    if method == "forward":
        return [(f"A[{layer}]", np.asarray(A)) for layer, A in enumerate(result)]
    return named_gradients(result)


def _compare(new: Engine, old: Engine, method: str, case: Case) -> Difference | None:
    now, then = _outcome(new, method, case), _outcome(old, method, case)
    if isinstance(now, str) or isinstance(then, str):
        if now == then:
            return None
        text = f"now {_brief(now)}, was {_brief(then)}"
        return Difference(case=case, method=method, change=Change.BEYOND, text=text)
    forms = [[(name, array.shape, array.dtype) for name, array in result] for result in (now, then)]
    if forms[0] != forms[1]:
        text = f"now {_brief(now)}, was {_brief(then)}"
        return Difference(case=case, method=method, change=Change.BEYOND, text=text)
    if all(a.tobytes() == b.tobytes() for (_, a), (_, b) in zip(now, then, strict=True)):
        return None
    return _measured(method, case, now, then)


def _measured(
    method: str,
    case: Case,
    now: list[tuple[str, NDArray[Any]]],
    then: list[tuple[str, NDArray[Any]]],
) -> Difference:
    """The difference of two results of the same form, against twice the bound."""
    bounds = _bounds(method, case)
    ulps, worst, text = 0.0, Change.ROUNDING, ""
    for (name, a), (_, b), bound in zip(now, then, bounds, strict=True):
        ulps = max(ulps, ulps_between(a, b))
        gap = np.abs(a.astype(float) - b.astype(float))
        beyond = ~(gap <= 2 * bound)
        shown = beyond if beyond.any() else gap > 0
        if shown.any() and (not text or (beyond.any() and worst is Change.ROUNDING)):
            place = tuple(int(i) for i in np.argwhere(shown)[0])
            room = float(np.broadcast_to(2 * bound, a.shape)[place])
            text = f"{name} {list(place)} now {a[place]}, was {b[place]}, bound {room:.3g}"
        if beyond.any():
            worst = Change.BEYOND
    return Difference(case=case, method=method, change=worst, text=text, ulps=ulps)


def _bounds(method: str, case: Case) -> list[Any]:
    bound = running_error(case.parameters, case.X, case.Y)
    if method == "loss":
        return [np.asarray(bound.loss)]
    return bound.A if method == "forward" else flat(bound.gradients)


def _brief(outcome: Outcome) -> str:
    if isinstance(outcome, str):
        return outcome
    return ", ".join(f"{name} {array.shape} {array.dtype}" for name, array in outcome)


def _time_ratios(
    new: Engine, old: Engine, cases: Sequence[Case]
) -> dict[str, tuple[float, float, float]]:
    """New time over old, paired by case: the lower quartile, the median and the upper quartile."""
    ratios: dict[str, tuple[float, float, float]] = {}
    for method in METHODS:
        paired = [
            _best_time(new, method, case) / _best_time(old, method, case)
            for case in cases[:: max(1, len(cases) // 100)]
        ]
        low, middle, high = np.quantile(paired, [0.25, 0.5, 0.75])
        ratios[method] = (float(low), float(middle), float(high))
    return ratios


def _best_time(engine: Engine, method: str, case: Case) -> float:
    times = []
    for _ in range(TIMES):
        start = perf_counter()
        _outcome(engine, method, case)
        times.append(perf_counter() - start)
    return min(times)
