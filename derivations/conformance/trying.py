"""One property tried on one engine: what is not implemented, what failed, and how that reads."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from traceback import extract_tb
from typing import Any

import numpy as np

from derivations.conformance.cases import Case, Layout, Regime, build_case, rebuilt
from derivations.conformance.protocol import METHODS, Engine, missing

DTYPES = ("float64", "float32")
PLAIN: dict[str, Any] = {
    "regime": Regime.GENERIC,
    "layout": Layout.PLAIN,
    "dtype": "float64",
    "labels": "soft",
}


class NotImplementedByEngineError(Exception):
    """The engine lacks what a property speaks of; it has neither passed nor failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A property, the methods that an engine needs for it, and who may know why it fails."""

    check: Callable[[Engine, Case], None]
    needs: tuple[str, ...]
    cause: Callable[[Engine, Case], str | None] | None = None

    @property
    def name(self) -> str:
        return self.check.__name__


class PropertyError(AssertionError):
    """An engine lacks a property, on the case that is named.

    The cause is looked for only when the error is read: while a case is made smaller, most are not.
    """

    def __init__(self, claimed: Property, engine: Any, case: Case, found: str) -> None:
        super().__init__(claimed, case)
        self.claimed, self.engine, self.case, self.found = claimed, engine, case, found

    def __str__(self) -> str:
        lines = [f"the engine fails {self.claimed.name}"]
        lines += [f"  {line}" for line in self.found.splitlines()]
        if "\nhint" not in self.found:
            hint = self._cause() or circumstances(self.claimed, self.engine, self.case)
            lines += [f"  hint     {hint}"] if hint else []
        return "\n".join([*lines, f"  case     {self.case}"])

    def _cause(self) -> str | None:
        if self.claimed.cause is None:
            return None
        return self.claimed.cause(self.engine, rebuilt(self.case))


class Called:
    """An engine whose results are lists, whatever iterable they came as, and quiet ones.

    NumPy's warnings are left out: a result that is not finite is judged, not warned of.
    """

    def __init__(self, engine: Any) -> None:
        for method in METHODS:
            if not missing(engine, (method,)):
                setattr(self, method, _called(getattr(engine, method), method))


def _called(function: Callable[..., Any], method: str) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        with np.errstate(all="ignore"):
            result = function(*arguments)
            if method == "loss":
                return result
            listed = list(result) if isinstance(result, Iterable) else result
            return [tuple(pair) for pair in listed] if method == "gradients" else listed

    return call


def try_property(claimed: Property, engine: Any, case: Case) -> None:
    """Check a property on a case, in a precision that the engine takes.

    Raises: NotImplementedByEngineError; PropertyError with what was found, and where.
    """
    lacking = missing(engine, claimed.needs)
    if lacking:
        raise NotImplementedByEngineError(", ".join(lacking))
    dtypes = precisions(engine)
    dtype = case.dtype if case.dtype in dtypes or not dtypes else dtypes[0]
    # Built anew, because an engine may have written to the arrays of an earlier try.
    case = rebuilt(case, dtype=dtype)
    found = _found(claimed, engine, rebuilt(case))
    if found is not None:
        raise PropertyError(claimed, engine, case, found) from None


def precisions(engine: Any) -> tuple[str, ...]:
    """Those of float64 and float32 that the engine takes without an error."""
    method = next(name for name in reversed(METHODS) if not missing(engine, (name,)))
    return tuple(dtype for dtype in DTYPES if _takes(engine, method, dtype))


def _takes(engine: Any, method: str, dtype: str) -> bool:
    case = build_case((2, 2), 2, dtype=dtype)
    arguments = (case.parameters, case.X, case.Y)
    try:
        getattr(Called(engine), method)(*arguments[: 2 if method == "forward" else 3])
    except Exception:  # what it raises is its own affair: it does not take that precision
        return False
    return True


def _found(claimed: Property, engine: Any, case: Case) -> str | None:
    """What the property has to say of the engine, if anything."""
    try:
        claimed.check(Called(engine), case)  # type: ignore[arg-type]  # what it lacks is not needed
    except NotImplementedByEngineError:
        raise
    except AssertionError as failure:
        return str(failure)
    except Exception as error:
        return _raised(error)
    return None


def _raised(error: Exception) -> str:
    """An exception of the engine, with the place in its own code that raised it."""
    ours = Path(__file__).parents[1]
    frames = [f for f in extract_tb(error.__traceback__) if ours not in Path(f.filename).parents]
    place = f"\nat {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"valid input raises {type(error).__name__}: {error}{place}"


def circumstances(claimed: Property, engine: Any, case: Case) -> str | None:
    """Which settings of the case the failure needs, where the plain ones do without it."""
    words = {
        "regime": f"{case.regime.name.lower()} entries",
        "layout": case.layout.value,
        "dtype": case.dtype,
        "labels": f"{case.labels} labels",
    }
    needed = [
        words[name]
        for name, plain in PLAIN.items()
        if getattr(case, name) != plain
        and not _fails(claimed, engine, rebuilt(case, **{name: plain}))
    ]
    return f"only with {' and '.join(needed)}" if needed else None


def _fails(claimed: Property, engine: Any, case: Case) -> bool:
    try:
        return _found(claimed, engine, case) is not None
    except NotImplementedByEngineError:
        return True
