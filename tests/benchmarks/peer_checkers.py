"""Other gradient checkers behind one signature, at their own default settings.

A peer that returns an error instead of an answer gets the threshold that suits it best: the
largest error it reports for a right gradient in the same run.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
F = Callable[[Vector], float]
G = Callable[[Vector], Vector]
Peer = Callable[[F, G, Vector], bool | float]


def torch_peer(fast: bool) -> Peer:
    import torch

    def check(f: F, g: G, x: Vector) -> bool:
        class Wrapped(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, given: Any) -> Any:
                ctx.save_for_backward(given)
                return torch.tensor(f(given.detach().numpy().copy()), dtype=torch.float64)

            @staticmethod
            def backward(ctx: Any, y_bar: Any) -> Any:
                (given,) = ctx.saved_tensors
                return y_bar * torch.from_numpy(g(given.detach().numpy().copy()).copy())

        given = torch.tensor(x, requires_grad=True)
        return bool(
            torch.autograd.gradcheck(Wrapped.apply, (given,), raise_exception=False, fast_mode=fast)
        )

    return check


def jax_peer() -> Peer:
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)

    def check(f: F, g: G, x: Vector) -> bool:
        shape = jax.ShapeDtypeStruct((), np.float64)
        array = jax.ShapeDtypeStruct(x.shape, np.float64)

        @jax.custom_vjp
        def wrapped(given: Any) -> Any:
            return jax.pure_callback(lambda a: np.float64(f(np.array(a))), shape, given)

        def forward(given: Any) -> Any:
            return wrapped(given), given

        def backward(given: Any, y_bar: Any) -> Any:
            return (y_bar * jax.pure_callback(lambda a: np.array(g(np.array(a))), array, given),)

        wrapped.defvjp(forward, backward)
        return passes(lambda: check_grads(wrapped, (x,), order=1, modes=["rev"]))

    return check


def autograd_peer() -> Peer:
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    def check(f: F, g: G, x: Vector) -> bool:
        wrapped = primitive(f)
        defvjp(wrapped, lambda ans, given: lambda y_bar: y_bar * g(given))
        return passes(lambda: check_grads(wrapped, modes=["rev"], order=1)(x))

    return check


def scipy_peer() -> Peer:
    from scipy.optimize import check_grad

    def check(f: F, g: G, x: Vector) -> float:
        return float(check_grad(f, g, x)) / (1 + float(np.linalg.norm(g(x))))

    return check


def approx_derivative_peer() -> Peer:
    from scipy.optimize._numdiff import approx_derivative

    def check(f: F, g: G, x: Vector) -> float:
        due, came = approx_derivative(f, x, method="3-point"), g(x)
        return float(np.max(np.abs(due - came) / (1 + np.abs(came))))

    return check


def numdifftools_peer() -> Peer:
    import numdifftools

    def check(f: F, g: G, x: Vector) -> float:
        due, came = np.atleast_1d(numdifftools.Gradient(f)(x)), g(x)
        return float(np.max(np.abs(due - came) / (1 + np.abs(came))))

    return check


def passes(call: Callable[[], None]) -> bool:
    """Whether a check that raises did not."""
    try:
        call()
    except Exception:
        return False
    return True


MAKERS: dict[str, tuple[str, Callable[[], Peer]]] = {
    "torch gradcheck, slow": ("torch", lambda: torch_peer(False)),
    "torch gradcheck, fast": ("torch", lambda: torch_peer(True)),
    "jax check_grads": ("jax", jax_peer),
    "autograd check_grads": ("autograd", autograd_peer),
    "scipy check_grad": ("scipy", scipy_peer),
    "scipy approx_derivative": ("scipy", approx_derivative_peer),
    "numdifftools Gradient": ("numdifftools", numdifftools_peer),
}


def installed() -> tuple[dict[str, Peer], list[str]]:
    """The peers that are there, and the names of those that are not."""
    there = {name: make() for name, (module, make) in MAKERS.items() if find_spec(module)}
    return there, [name for name in MAKERS if name not in there]
