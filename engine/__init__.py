"""A NumPy engine for training layered networks by gradient descent."""

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
