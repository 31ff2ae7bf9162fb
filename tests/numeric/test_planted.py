"""Every planted gradient bug is caught, and none of the right gradients beside them."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from derivations.numeric.check import check_engine, check_gradient, check_vjp
from derivations.numeric.result import GradientCheck, Verdict
from tests.numeric.networks import Backward, draw, forward, gradients, loss
from tests.numeric.planted_networks import (
    NETWORK_DEFECTS,
    PROVED_EQUIVALENT,
    mean_of_samples,
)
from tests.numeric.planted_operations import OPERATIONS, softmax_vjp

DRAWS = 12  # random shapes until a defect shows
WRONG_VJPS = [(name, wrong) for name, op in OPERATIONS.items() for wrong in op.wrong]


def judge(gradients: Any, rng: np.random.Generator, *, door: str) -> GradientCheck:
    """One random network at one of the doors."""
    p = draw(rng)
    if door == "engine":
        engine = SimpleNamespace(
            forward=forward, loss=lambda *a: float(loss(*a)), gradients=gradients
        )
        return check_engine(engine, p.parameters, p.X, p.Y)

    def f(parameters: Any) -> Any:
        value = loss(parameters, p.X, p.Y)
        return float(value) if door == "real" else value

    return check_gradient(f, lambda parameters: gradients(parameters, p.X, p.Y), p.parameters)


def caught(make: Callable[[], Backward], door: str) -> bool:
    rng = np.random.default_rng(7)
    return any(
        judge(make().gradients, rng, door=door).verdict is Verdict.DISAGREES for _ in range(DRAWS)
    )


def test_there_are_at_least_120_defects() -> None:
    """The table keeps its size."""
    assert len(NETWORK_DEFECTS) + len(WRONG_VJPS) >= 120


@pytest.mark.parametrize("name", NETWORK_DEFECTS)
def test_wrong_network_gradient_is_caught(name: str) -> None:
    """Random shapes expose every slip to the complex step."""
    assert caught(NETWORK_DEFECTS[name], "complex")


@pytest.mark.parametrize("name", list(NETWORK_DEFECTS)[::4])
def test_wrong_network_gradient_is_caught_without_complex_input(name: str) -> None:
    """Central differences find the same slips; a sample, for time."""
    assert caught(NETWORK_DEFECTS[name], "real")


@pytest.mark.parametrize("name", list(NETWORK_DEFECTS)[1::3])
def test_wrong_engine_is_caught(name: str) -> None:
    """Unit injection finds the same slips; a sample, for time."""
    assert caught(NETWORK_DEFECTS[name], "engine")


@pytest.mark.parametrize("door", ["complex", "real", "engine"])
def test_right_network_gradient_is_never_called_wrong(door: str) -> None:
    """The gradient that the slips are planted in is right, and hardly ever in doubt."""
    rng = np.random.default_rng(8)
    verdicts = [judge(gradients, rng, door=door).verdict for _ in range(30)]
    assert Verdict.DISAGREES not in verdicts
    assert verdicts.count(Verdict.AGREES) >= 28


@pytest.mark.parametrize(("name", "wrong"), WRONG_VJPS)
def test_wrong_vjp_is_caught(name: str, wrong: str) -> None:
    """Random shapes and cotangents expose every wrong derivative of one operation."""
    operation = OPERATIONS[name]
    rng = np.random.default_rng(5)
    checks = (
        check_vjp(operation.f, operation.wrong[wrong], operation.draw(rng)) for _ in range(DRAWS)
    )
    assert any(check.verdict is Verdict.DISAGREES for check in checks)


@pytest.mark.parametrize("name", OPERATIONS)
def test_right_vjp_is_never_called_wrong(name: str) -> None:
    """The operations that the defects are planted in have right derivatives beside them."""
    operation = OPERATIONS[name]
    rng = np.random.default_rng(6)
    verdicts = [
        check_vjp(operation.f, operation.vjp, operation.draw(rng)).verdict for _ in range(10)
    ]
    assert Verdict.DISAGREES not in verdicts
    assert Verdict.AGREES in verdicts


def test_slips_proved_equivalent_are_not_called_wrong() -> None:
    """What looks like a slip and is none agrees; the proofs stand beside their names."""
    assert all(PROVED_EQUIVALENT.values())
    rng = np.random.default_rng(9)
    checks = [judge(mean_of_samples, rng, door="complex") for _ in range(5)]
    assert all(checks)

    def shifted(y_bar: Any, x: Any) -> Any:
        return softmax_vjp(y_bar - 3.0, x)

    softmax = OPERATIONS["softmax"]
    assert all(check_vjp(softmax.f, shifted, softmax.draw(rng)) for _ in range(5))
