"""Signs, factors of the chain, and transposes."""

import numpy as np

from tests.defects.inputs import box, matrix, square, vector, with_zeros
from tests.defects.record import Bug
from tests.defects.subjects import Array, Number, Operation, Rng, Wrong, plant

Z0 = np.array([0.3, -0.8, 1.1])
Y0 = np.array([0.0, 1.0, 0.25])
FORM = np.array([[2.0, -1.0, 0.5], [0.3, 1.0, -0.7], [1.2, 0.4, 3.0]])
SPARSE = np.array([[0.0, 2.0, 0.0], [0.0, 0.0, -1.5], [0.5, 0.0, 0.0]])
GAMMA = np.array([0.5, 2.0, -1.5])
STEPS = 4


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def log_density(S: Array) -> object:
    """Of a normal distribution at Z0, up to a constant, with S + S^T + 8 as its covariance."""
    C = S + S.T + 8 * np.eye(3)
    return -np.log(np.linalg.det(C)) / 2 - Z0 @ np.linalg.inv(C) @ Z0 / 2


def log_density_gradient(S: Array, sign: float = 1.0) -> Array:
    inverse = np.linalg.inv(S + S.T + 8 * np.eye(3))
    return -inverse + sign * np.outer(inverse @ Z0, inverse @ Z0)


def batch_norm(x: Array) -> Array:
    centred = x - x.mean(axis=0)
    return GAMMA * centred / np.sqrt((centred**2).mean(axis=0) + 0.1)


def batch_norm_vjp(y_bar: Array, x: Array, gamma: Array = GAMMA, through: bool = True) -> Array:
    spread = np.sqrt(x.var(axis=0) + 0.1)
    h, h_bar = (x - x.mean(axis=0)) / spread, gamma * y_bar
    if not through:
        return h_bar / spread
    return (h_bar - h_bar.mean(axis=0) - h * (h_bar * h).mean(axis=0)) / spread


def unrolled(h: Array) -> Array:
    for _ in range(STEPS):
        h = np.tanh(FORM / 3 @ h)
    return h


def unrolled_vjp(y_bar: Array, h: Array, slope: bool = True) -> Array:
    states = [h]
    for _ in range(STEPS):
        states.append(np.tanh(FORM / 3 @ states[-1]))
    for state in states[:0:-1]:
        y_bar = FORM.T / 3 @ (y_bar * (1 - state**2) if slope else y_bar)
    return y_bar


def overwritten(x: Array) -> Array:
    y = x**2
    y[0] = 3.0
    return y


def overwritten_vjp(y_bar: Array, x: Array, overwrites: bool = True) -> Array:
    x_bar = 2 * x * y_bar
    if overwrites:
        x_bar[0] = 0
    return x_bar


def masked_scores(x: dict[str, Array]) -> Array:
    scores = x["q"] + x["bias"]
    powers = np.exp(scores - scores.real.max())
    return powers / powers.sum()


def masked_scores_vjp(y_bar: Array, x: dict[str, Array], captured: bool = True) -> dict[str, Array]:
    p = masked_scores(x)
    q_bar = p * (y_bar - y_bar @ p)
    return {"q": q_bar, "bias": q_bar.copy() if captured else np.zeros_like(q_bar)}


def two_vectors(rng: Rng) -> dict[str, Array]:
    return {"q": rng.standard_normal(4), "bias": rng.standard_normal(4)}


def three_logits(rng: Rng) -> Array:
    return rng.standard_normal((int(rng.integers(2, 6)), 3))


def half_square(z: Array) -> object:
    return ((sigmoid(z) - Y0) ** 2).sum() / 2


def hidden(x: Array) -> Array:
    return np.tanh(x @ FORM) @ FORM


def hidden_vjp(y_bar: Array, x: Array, slope: object = None) -> Array:
    z = x @ FORM
    chosen = (1 - np.tanh(z) ** 2) if slope is None else slope(z)
    return ((y_bar @ FORM.T) * chosen) @ FORM.T


SIGNS = (
    *plant(
        Number(
            name="normal density by its covariance",
            draw=box(3, 3),
            f=log_density,
            gradient=log_density_gradient,
        ),
        Wrong(
            Bug.SIGN,
            "second term subtracted",
            lambda S: log_density_gradient(S, -1.0),
            "HIPS/autograd#412",
        ),
        Wrong(
            Bug.SIGN, "both terms negated", lambda S: -log_density_gradient(S), "HIPS/autograd#412"
        ),
    ),
    *plant(
        Number(
            name="half a squared error of sigmoids",
            draw=box(3),
            f=half_square,
            gradient=lambda z: (sigmoid(z) - Y0) * sigmoid(z) * (1 - sigmoid(z)),
        ),
        Wrong(
            Bug.SIGN,
            "y - a for a - y",
            lambda z: (Y0 - sigmoid(z)) * sigmoid(z) * (1 - sigmoid(z)),
            "dennybritz/nn-from-scratch#11",
        ),
        Wrong(
            Bug.CHAIN,
            "sigma' missing",
            lambda z: sigmoid(z) - Y0,
            "Bot-Academy/NeuralNetworkFromScratch#3",
        ),
        Wrong(
            Bug.CHAIN,
            "sigma' of a",
            lambda z: (sigmoid(z) - Y0) * sigmoid(sigmoid(z)) * (1 - sigmoid(sigmoid(z))),
            "louisjc/mnist-neural-network#1",
        ),
        Wrong(
            Bug.CHAIN,
            "a for sigma'",
            lambda z: (sigmoid(z) - Y0) * sigmoid(z),
            "filipecalasans/mlp#1",
        ),
        Wrong(
            Bug.CHAIN,
            "twice the error",
            lambda z: 2 * (sigmoid(z) - Y0) * sigmoid(z) * (1 - sigmoid(z)),
            "ADGEfficiency/teaching-monolith#1",
        ),
        Wrong(
            Bug.CHAIN,
            "z (1 - z) for sigma'",
            lambda z: (sigmoid(z) - Y0) * z * (1 - z),
            "the-deep-learners/deep-learning-illustrated#6",
        ),
    ),
)

FACTORS = (
    *plant(
        Operation(name="hidden layer", draw=three_logits, f=hidden, vjp=hidden_vjp),
        Wrong(
            Bug.CHAIN,
            "h for the pre-activation",
            lambda y_bar, x: hidden_vjp(y_bar, x, lambda z: 1 - np.tanh(np.tanh(z)) ** 2),
            "arthurdouillard/deepcourse#6",
        ),
        Wrong(
            Bug.CHAIN,
            "tanh for its slope",
            lambda y_bar, x: hidden_vjp(y_bar, x, np.tanh),
            "casper-hansen/Neural-Network-From-Scratch#1",
        ),
        Wrong(Bug.CHAIN, "slope left out", lambda y_bar, x: hidden_vjp(y_bar, x, np.ones_like)),
    ),
    *plant(
        Operation(
            name="leaky ReLU with slope 0.2",
            draw=matrix(2),
            f=lambda x: np.where(x.real > 0, x, 0.2 * x),
            vjp=lambda y_bar, x: y_bar * np.where(x > 0, 1, 0.2),
        ),
        Wrong(
            Bug.CHAIN,
            "slope of the whole where an entry is negative",
            lambda y_bar, x: y_bar * (0.2 if (x < 0).any() else 1.0),
            "scientific-computing/FKB#15",
            "a negative pre-activation",
        ),
    ),
    *plant(
        Operation(name="batch normalisation", draw=three_logits, f=batch_norm, vjp=batch_norm_vjp),
        Wrong(
            Bug.CHAIN,
            "gamma left out",
            lambda y_bar, x: batch_norm_vjp(y_bar, x, np.ones(3)),
            "denizyuret/Knet.jl#288",
            "gamma other than 1",
        ),
        Wrong(
            Bug.CHAIN,
            "statistics taken for constants",
            lambda y_bar, x: batch_norm_vjp(y_bar, x, through=False),
            "facebookresearch/CrypTen#143",
            "training mode",
        ),
    ),
    *plant(
        Operation(name="sine", draw=matrix(), f=np.sin, vjp=lambda y_bar, x: y_bar * np.cos(x)),
        Wrong(
            Bug.CHAIN, "forward for backward", lambda y_bar, x: np.sin(y_bar), "apache/mxnet#16938"
        ),
    ),
    *plant(
        Number(
            name="quadratic form",
            draw=box(3),
            f=lambda x: x @ FORM @ x,
            gradient=lambda x: (FORM + FORM.T) @ x,
        ),
        Wrong(
            Bug.CHAIN,
            "diagonal of the matrix only",
            lambda x: 2 * np.diag(FORM) * x,
            "AndreiChertkov/fpcross#2",
            "a matrix that is not diagonal",
        ),
        Wrong(
            Bug.TRANSPOSE,
            "matrix taken for symmetric",
            lambda x: 2 * FORM @ x,
            None,
            "a matrix that is not symmetric",
        ),
    ),
    *plant(
        Operation(
            name="square with an entry overwritten",
            draw=vector(2),
            f=overwritten,
            vjp=overwritten_vjp,
        ),
        Wrong(
            Bug.CHAIN,
            "gradient of what is overwritten",
            lambda y_bar, x: overwritten_vjp(y_bar, x, overwrites=False),
            "pytorch/pytorch#80839",
            "an entry overwritten by a constant",
        ),
    ),
    *plant(
        Operation(
            name="triple",
            draw=with_zeros(vector(2)),
            f=lambda x: 3 * x,
            vjp=lambda y_bar, x: 3 * y_bar,
        ),
        Wrong(
            Bug.CHAIN,
            "slope by division",
            lambda y_bar, x: y_bar * (3 * x) / x,
            "uptake/numpynet#35",
            "an input of exactly 0",
        ),
        Wrong(
            Bug.CHAIN,
            "slope 0 at 0",
            lambda y_bar, x: 3 * y_bar * (x != 0),
            "uptake/numpynet#35",
            "an input of exactly 0",
        ),
    ),
    *plant(
        Operation(name="recurrence of four steps", draw=box(3), f=unrolled, vjp=unrolled_vjp),
        Wrong(
            Bug.CHAIN,
            "adjoint without the slope",
            lambda y_bar, h: unrolled_vjp(y_bar, h, slope=False),
            "SciML/SciMLBook#164",
        ),
    ),
    *plant(
        Operation(
            name="softmax with a captured bias",
            draw=two_vectors,
            f=masked_scores,
            vjp=masked_scores_vjp,
        ),
        Wrong(
            Bug.CHAIN,
            "captured array taken for a constant",
            lambda y_bar, x: masked_scores_vjp(y_bar, x, captured=False),
            "pytorch/pytorch#163677",
            "a captured array that wants a gradient",
        ),
    ),
)

TRANSPOSES = (
    *plant(
        Operation(
            name="x times a square matrix",
            draw=square(3, 4),
            f=lambda x: x @ FORM,
            vjp=lambda y_bar, x: y_bar @ FORM.T,
        ),
        Wrong(
            Bug.TRANSPOSE,
            "x for the matrix",
            lambda y_bar, x: y_bar @ x.T,
            "cs231n/cs231n.github.io#229",
            "equal sizes",
        ),
        Wrong(
            Bug.TRANSPOSE,
            "no transpose",
            lambda y_bar, x: y_bar @ FORM,
            "mml-book/mml-book.github.io#210",
            "a matrix that is not symmetric",
        ),
    ),
    *plant(
        Operation(
            name="sparse matrix times x",
            draw=box(3),
            f=lambda x: SPARSE @ x,
            vjp=lambda y_bar, x: SPARSE.T @ y_bar,
        ),
        Wrong(
            Bug.TRANSPOSE,
            "matrix for its transpose",
            lambda y_bar, x: SPARSE @ y_bar,
            "jax-ml/jax#12811",
            "a sparse matrix that is not symmetric",
        ),
    ),
    *plant(
        Operation(
            name="trace of a product",
            draw=square(3, 4),
            f=lambda x: np.asarray(np.trace(x @ FORM)),
            vjp=lambda y_bar, x: y_bar * FORM.T,
        ),
        Wrong(Bug.TRANSPOSE, "matrix for its transpose", lambda y_bar, x: y_bar * FORM),
    ),
)

CHAINS = (*SIGNS, *FACTORS, *TRANSPOSES)
