"""Broadcasting, reductions, constant factors, and arrays of no entries or of one."""

import numpy as np

from tests.defects.inputs import box, matrix, vector
from tests.defects.record import Bug
from tests.defects.subjects import Array, Number, Operation, Rng, Wrong, plant

TABLE = np.linspace(-1.5, 2.0, 20).reshape(5, 4)
BLOCK = np.linspace(-2.0, 1.0, 24).reshape(2, 3, 4)
IMAGES = np.linspace(-1.0, 2.0, 24).reshape(2, 1, 3, 4)
LABELS = np.linspace(0.0, 1.0, 15).reshape(5, 3)
COUNTS = np.array([2, 0, 1, 0, 3])


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def swish_slope(beta: Array) -> Array:
    return TABLE**2 * sigmoid(beta * TABLE) * (1 - sigmoid(beta * TABLE))


def pair(first: tuple[int, ...], second: tuple[int, ...]) -> object:
    return lambda rng: (rng.standard_normal(first), rng.standard_normal(second))


def samples_by_outputs(rng: Rng) -> Array:
    return rng.standard_normal((4, int(rng.integers(2, 5))))


def squared_error(W: Array) -> object:
    """Mean over samples and outputs."""
    return ((TABLE @ W) ** 2).mean() / 2


def squared_error_gradient(W: Array, outputs: bool = True) -> Array:
    return TABLE.T @ (TABLE @ W) / (len(TABLE) * (W.shape[1] if outputs else 1))


def logsoftmax_loss(Z: Array) -> object:
    top = Z.real.max(axis=1, keepdims=True)
    return (np.log(np.exp(Z - top).sum(axis=1)) + top[:, 0] - (LABELS * Z).sum(axis=1)).mean()


def logsoftmax_gradient(Z: Array) -> Array:
    powers = np.exp(Z - Z.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True) - LABELS) / len(Z)


def no_columns_or_few(rng: Rng) -> Array:
    return rng.standard_normal((4, int(rng.integers(0, 3))))


def repeated_sums(y_bar: Array, x: Array) -> Array:
    ends = np.cumsum(COUNTS)
    return np.array([y_bar[e - n : e].sum() for n, e in zip(COUNTS, ends, strict=True)])


BROADCASTS = (
    *plant(
        Operation(
            name="(1,) times a matrix",
            draw=box(1),
            f=lambda x: x * TABLE,
            vjp=lambda y_bar, x: (y_bar * TABLE).sum(keepdims=True).reshape(1),
        ),
        Wrong(
            Bug.BROADCAST,
            "summed along the first axis only",
            lambda y_bar, x: (y_bar * TABLE).sum(axis=0),
            "pytorch/pytorch#1787",
            "an operand of shape (1,)",
        ),
    ),
    *plant(
        Operation(
            name="number times a vector",
            draw=lambda rng: np.array(rng.standard_normal()),
            f=lambda x: x * TABLE[0],
            vjp=lambda y_bar, x: np.asarray(y_bar @ TABLE[0]),
        ),
        Wrong(
            Bug.BROADCAST,
            "first term for the sum",
            lambda y_bar, x: np.asarray(y_bar[0] * TABLE[0, 0]),
            "pytorch/pytorch#13669",
            "an operand without axes",
        ),
    ),
    *plant(
        Operation(
            name="row added to each row",
            draw=box(1, 4),
            f=lambda x: np.sin(TABLE + x),
            vjp=lambda y_bar, x: (y_bar * np.cos(TABLE + x)).sum(axis=0, keepdims=True),
        ),
        Wrong(
            Bug.BROADCAST,
            "left in the shape of the result",
            lambda y_bar, x: y_bar * np.cos(TABLE + x),
            "deeplearning4j/nd4j#2424",
            "an operand with one row",
        ),
        Wrong(
            Bug.BROADCAST,
            "summed after a product with the inputs",
            lambda y_bar, x: (y_bar * np.cos(TABLE + x) * TABLE).sum(axis=0, keepdims=True),
            "rust0258/Deeplearning.ai-Natural-Language-Processing-Specialization#64",
            "inputs that are not all ones",
        ),
    ),
    *plant(
        Operation(
            name="inner product with a size-1 operand",
            draw=box(1),
            f=lambda x: np.asarray((TABLE[0] * x).sum()),
            vjp=lambda y_bar, x: np.array([y_bar * TABLE[0].sum()]),
        ),
        Wrong(
            Bug.BROADCAST,
            "one term for the sum",
            lambda y_bar, x: y_bar * TABLE[0, :1],
            "HIPS/autograd#376",
            "an operand of size 1 under a repeated index",
        ),
    ),
    *plant(
        Operation(
            name="swish with a factor a column",
            draw=box(4),
            f=lambda beta: TABLE * sigmoid(beta * TABLE),
            vjp=lambda y_bar, beta: (y_bar * swish_slope(beta)).sum(axis=0),
        ),
        Wrong(
            Bug.BROADCAST,
            "summed over the columns too",
            lambda y_bar, beta: np.full_like(beta, (y_bar * swish_slope(beta)).sum()),
            "tensorflow/tensorflow#127690",
            "a factor for each column",
        ),
    ),
    *plant(
        Operation(
            name="column times a block",
            draw=box(3, 1),
            f=lambda x: BLOCK * x,
            vjp=lambda y_bar, x: (y_bar * BLOCK).sum(axis=(0, 2))[:, None],
        ),
        Wrong(
            Bug.BROADCAST,
            "summed along the added axis only",
            lambda y_bar, x: (y_bar * BLOCK).sum(axis=0)[:, :1],
            "HomericIntelligence/Odyssey#2080",
            "fewer axes, and one of size 1",
        ),
    ),
    *plant(
        Operation(
            name="column plus row",
            draw=pair((5, 1), (1, 4)),
            f=lambda x: (x[0] + x[1]) ** 2,
            vjp=lambda y_bar, x: tuple(
                (2 * y_bar * (x[0] + x[1])).sum(axis=axis, keepdims=True) for axis in (1, 0)
            ),
        ),
        Wrong(
            Bug.BROADCAST,
            "axes of the sums swapped",
            lambda y_bar, x: tuple(
                (2 * y_bar * (x[0] + x[1])).sum(axis=axis, keepdims=True) for axis in (0, 1)
            ),
            "tracel-ai/burn#181",
            "(n, 1) + (1, k)",
        ),
        Wrong(
            Bug.BROADCAST,
            "axis lost",
            lambda y_bar, x: tuple((2 * y_bar * (x[0] + x[1])).sum(axis=axis) for axis in (1, 0)),
            "tracel-ai/burn#181",
            "(n, 1) + (1, k)",
        ),
    ),
    *plant(
        Operation(
            name="scale of each position",
            draw=box(2, 1, 3, 1),
            f=lambda x: IMAGES * x,
            vjp=lambda y_bar, x: (y_bar * IMAGES).sum(axis=-1, keepdims=True),
        ),
        Wrong(
            Bug.BROADCAST,
            "mean for the sum",
            lambda y_bar, x: (y_bar * IMAGES).mean(axis=-1, keepdims=True),
            "tenstorrent/tt-metal#40008",
            "(b, 1, t, h) times (b, 1, t, 1)",
        ),
    ),
)

CONSTANTS = (
    *plant(
        Number(
            name="squared error",
            draw=samples_by_outputs,
            f=squared_error,
            gradient=squared_error_gradient,
        ),
        Wrong(
            Bug.CONSTANT,
            "not divided by the outputs",
            lambda W: squared_error_gradient(W, outputs=False),
            "scikit-learn/scikit-learn#8349",
            "two outputs or more",
        ),
    ),
    *plant(
        Operation(
            name="bias of the channels",
            draw=box(3),
            f=lambda b: BLOCK + b[:, None] ** 2,
            vjp=lambda y_bar, b: 2 * b * y_bar.sum(axis=(0, 2)),
        ),
        Wrong(
            Bug.CONSTANT,
            "divided by batch and positions",
            lambda y_bar, b: 2 * b * y_bar.mean(axis=(0, 2)),
            "sebgao/cTensor#3",
        ),
        Wrong(
            Bug.CONSTANT,
            "divided by the positions where the batch is larger than 1",
            lambda y_bar, b: 2 * b * y_bar.sum(axis=0).mean(axis=1),
            "victorlempitsky/Mate#2",
            "batch and positions larger than 1",
        ),
    ),
    *plant(
        Operation(
            name="sigmoid of 1.7 x",
            draw=matrix(),
            f=lambda x: sigmoid(1.7 * x),
            vjp=lambda y_bar, x: 1.7 * y_bar * sigmoid(1.7 * x) * (1 - sigmoid(1.7 * x)),
        ),
        Wrong(
            Bug.CONSTANT,
            "inner factor missing",
            lambda y_bar, x: y_bar * sigmoid(1.7 * x) * (1 - sigmoid(1.7 * x)),
            "fangwei123456/spikingjelly#412",
            "a width other than 1",
        ),
    ),
    *plant(
        Number(
            name="two arrays",
            draw=lambda rng: [rng.standard_normal((3, 2)), rng.standard_normal(3)],
            f=lambda x: np.sin(x[0]).sum() + (x[1] ** 2).sum(),
            gradient=lambda x: [np.cos(x[0]), 2 * x[1]],
        ),
        Wrong(
            Bug.CONSTANT,
            "one twice, the other four times as large",
            lambda x: [2 * np.cos(x[0]), 8 * x[1]],
            "bighuang624/Andrew-Ng-Deep-Learning-notes#10",
        ),
    ),
    *plant(
        Number(
            name="softmax cross-entropy",
            draw=box(5, 3),
            f=logsoftmax_loss,
            gradient=logsoftmax_gradient,
        ),
        Wrong(
            Bug.CONSTANT,
            "divided by the entries",
            lambda Z: logsoftmax_gradient(Z) / 3,
            "tensorflow/swift-apis#51",
            "more entries than samples",
        ),
        Wrong(
            Bug.CONSTANT,
            "logits taken for probabilities",
            lambda Z: (Z - LABELS) / len(Z),
            "tensorflow/swift-apis#51",
        ),
    ),
)

EMPTIES = (
    *plant(
        Operation(
            name="row sums",
            draw=no_columns_or_few,
            f=lambda x: (x**2).sum(axis=1),
            vjp=lambda y_bar, x: 2 * x * y_bar[:, None],
        ),
        Wrong(
            Bug.EMPTY,
            "a column where there is none",
            lambda y_bar, x: 2 * (x if x.size else np.zeros((len(x), 1))) * y_bar[:, None],
            "pytorch/pytorch#15223",
            "no columns",
        ),
        Wrong(
            Bug.EMPTY,
            "axis of size 1 lost",
            lambda y_bar, x: (2 * x * y_bar[:, None]).squeeze(),
            "pytorch/pytorch#15223",
            "one column",
        ),
    ),
    *plant(
        Operation(
            name="cumulative sums of rows",
            draw=no_columns_or_few,
            f=lambda x: np.cumsum(x, axis=1),
            vjp=lambda y_bar, x: np.cumsum(y_bar[:, ::-1], axis=1)[:, ::-1],
        ),
        Wrong(
            Bug.EMPTY,
            "reads the last column",
            lambda y_bar, x: 0 * y_bar[:, [-1]] + np.cumsum(y_bar[:, ::-1], axis=1)[:, ::-1],
            "pytorch/pytorch#31515",
            "no columns",
        ),
    ),
    *plant(
        Operation(
            name="repeated no times",
            draw=vector(),
            f=lambda x: np.repeat(x, 0),
            vjp=lambda y_bar, x: np.zeros_like(x),
        ),
        Wrong(
            Bug.EMPTY,
            "as empty as the result",
            lambda y_bar, x: y_bar.copy(),
            "pytorch/pytorch#45201",
            "0 repeats",
        ),
    ),
    *plant(
        Operation(
            name="repeated as often as told",
            draw=box(5),
            f=lambda x: np.repeat(x, COUNTS),
            vjp=repeated_sums,
        ),
        Wrong(
            Bug.EMPTY,
            "an empty run takes its neighbour's term",
            lambda y_bar, x: np.add.reduceat(y_bar, np.cumsum(COUNTS) - COUNTS),
            "Oneflow-Inc/oneflow#8371",
            "a count of 0",
        ),
    ),
)


REDUCTIONS = (*BROADCASTS, *CONSTANTS, *EMPTIES)
