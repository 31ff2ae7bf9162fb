"""A NumPy engine for training layered networks by gradient descent.

>>> import numpy as np
>>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # (m, d[0])
>>> Y = np.array([[0.0], [1.0], [1.0], [1.0]])  # (m, d[N]): whether either is set
>>> network = Network(hidden=TANH, output=SIGMOID, cost=BINARY_CROSS_ENTROPY)
>>> parameters = initial_parameters((2, 3, 1), np.random.default_rng(0))
>>> trained = train(network, parameters, X, Y, rate=2.0, epochs=200)
>>> trained.losses[-1] < trained.losses[0]
True
>>> network.forward(trained.parameters, X)[-1].round().ravel().tolist()
[0.0, 1.0, 1.0, 1.0]
"""

from engine.activations import IDENTITY, RELU, SIGMOID, SOFTMAX, SOFTPLUS, TANH, Activation
from engine.errors import EngineError
from engine.losses import BINARY_CROSS_ENTROPY, SOFTMAX_CROSS_ENTROPY, SQUARED_ERROR, Loss
from engine.network import Network, forward, gradients, loss
from engine.training import Step, Training, initial_parameters, train

__all__ = [
    "BINARY_CROSS_ENTROPY",
    "IDENTITY",
    "RELU",
    "SIGMOID",
    "SOFTMAX",
    "SOFTMAX_CROSS_ENTROPY",
    "SOFTPLUS",
    "SQUARED_ERROR",
    "TANH",
    "Activation",
    "EngineError",
    "Loss",
    "Network",
    "Step",
    "Training",
    "forward",
    "gradients",
    "initial_parameters",
    "loss",
    "train",
]
