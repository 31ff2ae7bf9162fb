"""Networks of other libraries as engines: what it takes to run the conformance suite on them.

    pytest --pyargs derivations.conformance --engine tests.conformance.adapters:torch_module

Each library is imported when its engine is first asked for, so that the others work without it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np


class TorchModule:
    """A ``torch.nn.Sequential`` of linear layers and sigmoids, samples as rows."""

    def __init__(self) -> None:
        import torch

        self.torch = torch

    def tensor(self, array: np.ndarray) -> Any:
        return self.torch.tensor(array.copy())  # torch takes no negative strides

    def module(self, parameters: Any) -> Any:
        layers = []
        for W, b in parameters:
            layer = self.torch.nn.Linear(*W.shape)
            layer.weight = self.torch.nn.Parameter(self.tensor(W.T))
            layer.bias = self.torch.nn.Parameter(self.tensor(b.reshape(W.shape[1])))
            layers += [layer, self.torch.nn.Sigmoid()]
        return self.torch.nn.Sequential(*layers)

    def forward(self, parameters: Any, X: np.ndarray) -> list[np.ndarray]:
        A = [self.tensor(X)]
        for layer in self.module(parameters):
            A.append(layer(A[-1]))
        return [array.detach().numpy() for array in A[::2]]

    def loss_of(self, module: Any, X: np.ndarray, Y: np.ndarray) -> Any:
        Z = module[:-1](self.tensor(X))  # the loss has the last sigmoid inside
        loss = self.torch.nn.BCEWithLogitsLoss(reduction="sum")
        return loss(Z, self.tensor(Y)) / len(X)

    def loss(self, parameters: Any, X: np.ndarray, Y: np.ndarray) -> float:
        return float(self.loss_of(self.module(parameters), X, Y))

    def gradients(self, parameters: Any, X: np.ndarray, Y: np.ndarray) -> list[Any]:
        module = self.module(parameters)
        self.loss_of(module, X, Y).backward()
        return [(a.weight.grad.numpy().T, a.bias.grad.numpy()[None]) for a in module[::2]]


class Function:
    """A loss as a function of the parameters, with the transformation that differentiates it."""

    def __init__(self, np_: Any, sigmoid: Any, grad: Callable[..., Any]) -> None:
        self.np, self.sigmoid, self.grad = np_, sigmoid, grad

    def logits(self, parameters: Any, X: Any) -> list[Any]:
        Z: list[Any] = []
        for W, b in parameters:
            Z.append(self.np.dot(self.sigmoid(Z[-1]) if Z else X, W) + b)
        return Z

    def mean_cross_entropy(self, parameters: Any, X: Any, Y: Any) -> Any:
        Z = self.logits(parameters, X)[-1]
        terms = self.np.logaddexp(self.np.zeros_like(Z), Z) - Y * Z
        return self.np.sum(terms) / len(X)

    def forward(self, parameters: Any, X: np.ndarray) -> list[np.ndarray]:
        return [X, *(np.array(self.sigmoid(Z)) for Z in self.logits(parameters, X))]

    def loss(self, parameters: Any, X: np.ndarray, Y: np.ndarray) -> float:
        return float(self.mean_cross_entropy(parameters, X, Y))

    def gradients(self, parameters: Any, X: np.ndarray, Y: np.ndarray) -> list[Any]:
        pairs = self.grad(self.mean_cross_entropy)(parameters, X, Y)
        return [tuple(np.array(array) for array in pair) for pair in pairs]


def _jax_function() -> Function:
    import jax

    jax.config.update("jax_enable_x64", True)
    return Function(jax.numpy, jax.nn.sigmoid, jax.grad)


def _autograd_function() -> Function:
    import autograd
    import autograd.numpy as anp

    return Function(anp, lambda Z: 1 / (1 + anp.exp(-Z)), autograd.grad)


ADAPTERS: dict[str, Callable[[], Any]] = {
    "torch_module": TorchModule,
    "jax_function": _jax_function,
    "autograd_function": _autograd_function,
}


def __getattr__(name: str) -> Any:
    """The engine of that name, made when it is asked for."""
    if name not in ADAPTERS:
        raise AttributeError(name)
    return ADAPTERS[name]()
