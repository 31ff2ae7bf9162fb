"""A network: its activations and its loss, and what it computes from parameters and samples."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.activations import SIGMOID, Activation
from engine.arrays import (
    Array,
    ParameterList,
    Parameters,
    affine,
    check_labels,
    check_parameters,
    check_real,
    check_samples,
    quiet,
)
from engine.backward import back_propagate
from engine.errors import SettingError
from engine.losses import BINARY_CROSS_ENTROPY, Loss


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Layers Z[l] = A[l-1] W[l] + b[l], A[l] = f(Z[l]) with A[0] = X, and a loss of A[N] and Y.

    ``hidden`` is the activation of every hidden layer, or one for each; ``output`` that of the
    last.  ``l2`` adds l2/2 times the sum of the squared weights, biases left out, to the loss.

    Raises: SettingError if a setting is of another kind, the loss does not go with the output, or
        ``l2`` is negative.
    """

    hidden: Activation | tuple[Activation, ...] = SIGMOID
    output: Activation = SIGMOID
    cost: Loss = BINARY_CROSS_ENTROPY
    l2: float = 0.0

    def __post_init__(self) -> None:
        hidden = (self.hidden,) if isinstance(self.hidden, Activation) else self.hidden
        kinds = (("hidden", hidden, Activation), ("output", [self.output], Activation))
        for name, values, kind in (*kinds, ("cost", [self.cost], Loss)):
            if not isinstance(values, Sequence) or any(not isinstance(v, kind) for v in values):
                raise SettingError(
                    f"Network: {name} is {getattr(self, name)!r}, but should be one of the "
                    f"engine's {'losses' if kind is Loss else 'activations'}"
                )
        check_real("Network", "l2", self.l2)
        due = self.cost.output
        if due is not None and self.output != due:
            raise SettingError(
                f"Network: {self.cost.name} needs {due.name} in the last layer, "
                f"but that has {self.output.name}"
            )
        if not 0 <= self.l2 < float("inf"):
            raise SettingError(f"Network: l2 is {self.l2}, but should be finite and not negative")

    @quiet
    def forward(self, parameters: Parameters, X: Array) -> list[Array]:
        """The activations A[0], ..., A[N], all of them new arrays.

        Shapes: ``X`` (m, d[0]) -> (m, d[0]), ..., (m, d[N]).
        Source: training/formulas.md, the forward recurrence.
        Raises: EngineError, of the kind that says what is wrong.
        """
        layers = check_parameters("forward", parameters)
        X = check_samples("forward", "X", X, layers)
        A, _, Z = self._run(layers, self.layer_activations("forward", len(layers)), X)
        return [X.copy(), *A[1:], self.output.value(Z)]

    @quiet
    def loss(self, parameters: Parameters, X: Array, Y: Array) -> float:
        """The loss: a mean over the samples, and a sum over the outputs.

        Shapes: ``X`` (m, d[0]), ``Y`` (m, d[N]) -> a number.
        Units: nats per sample, for the cross-entropies.
        Raises: EngineError, of the kind that says what is wrong.
        """
        layers, X, Y = self.check("loss", parameters, X, Y)
        _, _, Z = self._run(layers, self.layer_activations("loss", len(layers)), X)
        value, _ = self._evaluate(layers, Z, Y)
        return value

    def gradients(self, parameters: Parameters, X: Array, Y: Array) -> ParameterList:
        """The gradients of the loss: a pair (dW[l], db[l]) for each layer.

        Shapes: ``X`` (m, d[0]), ``Y`` (m, d[N]) -> those of the parameters.
        Units: nats per sample and unit of the parameter, for the cross-entropies.
        Source: training/formulas.md, dL/dW and dL/db.
        Raises: EngineError, of the kind that says what is wrong.
        """
        _, gradients = self._step("gradients", *self.check("gradients", parameters, X, Y))
        return gradients

    def loss_and_gradients(
        self, parameters: Parameters, X: Array, Y: Array
    ) -> tuple[float, ParameterList]:
        """Both, from a single pass forward."""
        checked = self.check("loss_and_gradients", parameters, X, Y)
        return self._step("loss_and_gradients", *checked)

    def check(
        self, speaker: str, parameters: Parameters, X: Array, Y: Array
    ) -> tuple[ParameterList, Array, Array]:
        """The input as contiguous arrays of one dtype, or an error in the name of ``speaker``."""
        layers = check_parameters(speaker, parameters)
        X = check_samples(speaker, "X", X, layers)
        return layers, X, check_labels(speaker, Y, len(X), layers, self.cost.probabilities)

    def layer_activations(self, speaker: str, depth: int) -> list[Activation]:
        """The activation of each of ``depth`` layers.

        Raises: SettingError if the network has one for each hidden layer, but not so many layers.
        """
        if isinstance(self.hidden, Activation):
            return [self.hidden] * (depth - 1) + [self.output]
        if len(self.hidden) != depth - 1:
            raise SettingError(
                f"{speaker}: the network has {len(self.hidden)} hidden activations, "
                f"but the parameters have {depth - 1} hidden layers"
            )
        return [*self.hidden, self.output]

    @quiet
    def _step(
        self, speaker: str, layers: ParameterList, X: Array, Y: Array
    ) -> tuple[float, ParameterList]:
        activations = self.layer_activations(speaker, len(layers))
        A, kept, Z = self._run(layers, activations, X)
        value, error = self._evaluate(layers, Z, Y)
        del Z
        return value, back_propagate(layers, activations, A, kept, error, self.l2)

    def _run(
        self, layers: ParameterList, activations: list[Activation], X: Array
    ) -> tuple[list[Array], list[Array], Array]:
        """A[0], ..., A[N-1], what their activations keep for the way back, and Z[N].

        The last activation is left to the loss, which takes both from the logits.
        """
        A, kept = [X], [X]
        for (W, b), activation in zip(layers[:-1], activations[:-1], strict=True):
            value, of_value = activation.run(affine(A[-1], W, b))
            A.append(value)
            kept.append(of_value)
        return A, kept, affine(A[-1], *layers[-1])

    def _evaluate(self, layers: ParameterList, Z: Array, Y: Array) -> tuple[float, Array]:
        value, error = self.cost.evaluate(self.output, Z, Y)
        if self.l2:
            value += self.l2 / 2 * sum(float((W.astype(float) ** 2).sum()) for W, _ in layers)
        return value, error


DOCUMENT_NETWORK = Network()


def forward(parameters: Parameters, X: Array) -> list[Array]:
    """The activations A[0], ..., A[N] of a network of sigmoid layers.

    Shapes: ``X`` (m, d[0]) -> (m, d[0]), ..., (m, d[N]).
    Source: training/formulas.md, the forward recurrence.
    Raises: EngineError, of the kind that says what is wrong.

    >>> import numpy as np
    >>> parameters = [(np.zeros((2, 1)), np.zeros((1, 1)))]
    >>> forward(parameters, np.ones((1, 2)))[-1].tolist()
    [[0.5]]
    """
    return DOCUMENT_NETWORK.forward(parameters, X)


def loss(parameters: Parameters, X: Array, Y: Array) -> float:
    """The mean binary cross-entropy of a network of sigmoid layers.

    Shapes: ``X`` (m, d[0]), ``Y`` (m, d[N]) -> a number.
    Units: nats per sample.
    Source: training/formulas.md, the loss.
    Raises: EngineError, of the kind that says what is wrong.

    >>> import numpy as np
    >>> parameters = [(np.zeros((2, 1)), np.zeros((1, 1)))]
    >>> bool(np.isclose(loss(parameters, np.ones((1, 2)), np.ones((1, 1))), np.log(2)))
    True
    """
    return DOCUMENT_NETWORK.loss(parameters, X, Y)


def gradients(parameters: Parameters, X: Array, Y: Array) -> ParameterList:
    """The gradients of ``loss``: a pair (dW[l], db[l]) for each layer.

    Shapes: ``X`` (m, d[0]), ``Y`` (m, d[N]) -> those of the parameters.
    Units: nats per sample and unit of the parameter.
    Source: training/formulas.md, dL/dW and dL/db.
    Raises: EngineError, of the kind that says what is wrong.

    >>> import numpy as np
    >>> parameters = [(np.zeros((2, 1)), np.zeros((1, 1)))]
    >>> [(dW, db)] = gradients(parameters, np.ones((1, 2)), np.ones((1, 1)))
    >>> dW.tolist(), db.tolist()
    ([[-0.5], [-0.5]], [[-0.5]])
    """
    return DOCUMENT_NETWORK.gradients(parameters, X, Y)
