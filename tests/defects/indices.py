"""Axes, strides, repeated indices: small convolutions, normalisations and gathers."""

from functools import partial

import numpy as np

from tests.defects.inputs import box, vector
from tests.defects.record import Bug
from tests.defects.subjects import Array, Operation, Rng, Wrong, plant

KERNEL = np.linspace(-1.0, 1.5, 12).reshape(2, 2, 3)  # outputs, inputs, taps
NARROW = np.linspace(-1.0, 1.5, 18).reshape(3, 2, 3)
WIDE = np.linspace(-0.7, 0.9, 14).reshape(1, 2, 7)
ROWS, COLUMNS = np.array([0, 1, 0, 2]), np.array([1, 0, 1, 1])
ALONG = np.array([[0, 0, 1], [1, 1, 1]])
ONE, WORDS = np.array([0, 0]), np.array([2, 0, 2, 2, 1])
SEQUENCE = 5


def convolve(
    x: Array, kernel: Array = KERNEL, *, stride: int = 1, pad: int = 0, dilation: int = 1
) -> Array:
    """Correlation of channels with taps.  Shapes: (c, n), (k, c, w) -> (k, p)."""
    x = np.pad(x, ((0, 0), (pad, pad)))
    reach = dilation * (kernel.shape[2] - 1) + 1
    starts = range(0, x.shape[1] - reach + 1, stride)
    taps = [x[:, s : s + reach : dilation] for s in starts]
    return np.stack([np.einsum("kcw,cw->k", kernel, tap) for tap in taps], axis=1)


def convolve_vjp(
    y_bar: Array,
    x: Array,
    kernel: Array = KERNEL,
    *,
    stride: int = 1,
    pad: int = 0,
    dilation: int = 1,
) -> Array:
    x_bar = np.zeros((x.shape[0], x.shape[1] + 2 * pad))
    reach = dilation * (kernel.shape[2] - 1) + 1
    for position in range(y_bar.shape[1]):
        start = position * stride
        tap = np.einsum("kcw,k->cw", kernel, y_bar[:, position])
        x_bar[:, start : start + reach : dilation] += tap
    return x_bar[:, pad : pad + x.shape[1]]


def signal(low: int, high: int, channels: int = 2):
    return lambda rng: rng.standard_normal((channels, int(rng.integers(low, high))))


def unstrided(y_bar: Array, x: Array) -> Array:
    """Each window put back as if the stride were 1."""
    return convolve_vjp(y_bar, x, stride=1)


def shifted_by_the_rest(y_bar: Array, x: Array) -> Array:
    rest = (x.shape[1] - 3) % 2
    return np.roll(convolve_vjp(y_bar, x, stride=2), rest, axis=1)


def short_by_the_rest(y_bar: Array, x: Array) -> Array:
    """The size worked back from the result, which knows no remainder."""
    return convolve_vjp(y_bar, x, stride=2)[:, : 2 * (y_bar.shape[1] - 1) + 3]


def swapped(y_bar: Array, x: Array) -> Array:
    """Stride and dilation in each other's place, as far as that fits."""
    x_bar = np.zeros_like(x)
    for position in range(y_bar.shape[1]):
        tap = np.einsum("kcw,k->cw", KERNEL, y_bar[:, position])
        room = x_bar[:, position : position + 5 : 2]
        room += tap[:, : room.shape[1]]
    return x_bar


def wrongly_padded(y_bar: Array, x: Array) -> Array:
    return np.roll(convolve_vjp(y_bar, x, WIDE, stride=3, pad=2), 1, axis=1)


def crossed_channels(y_bar: Array, x: Array) -> Array:
    """Inputs counted through as if there were as many as outputs."""
    flat = NARROW.reshape(-1, 3)
    crossed = np.array([[flat[(k + 3 * c) % 6] for c in range(2)] for k in range(3)])
    return convolve_vjp(y_bar, x, crossed)


def by_pairs(y_bar: Array, x: Array) -> Array:
    """Channels read two at a time, the second of an even number never."""
    kernel = KERNEL.copy()
    kernel[:, 1::2] = 0
    return convolve_vjp(y_bar, x, kernel)


def layer_norm(x: Array, axes: tuple[int, ...] = (1, 2)) -> Array:
    centred = x - x.mean(axis=axes, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=axes, keepdims=True) + 0.1)


def layer_norm_vjp(y_bar: Array, x: Array, axes: tuple[int, ...] = (1, 2)) -> Array:
    y = layer_norm(x, axes)
    spread = np.sqrt(x.var(axis=axes, keepdims=True) + 0.1)
    mean = y_bar.mean(axis=axes, keepdims=True)
    return (y_bar - mean - y * (y_bar * y).mean(axis=axes, keepdims=True)) / spread


def softmax(x: Array, axis: int) -> Array:
    powers = np.exp(x - x.real.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def softmax_vjp(y_bar: Array, x: Array, axis: int = -2, along: int = -2) -> Array:
    y = softmax(x, axis)
    return y * (y_bar - (y_bar * y).sum(axis=along, keepdims=True))


def scan(x: Array) -> Array:
    """A recurrence over the first entries of a longer sequence."""
    states = [np.sin(x[0])]
    for entry in x[1:SEQUENCE]:
        states.append(np.sin(states[-1] / 2 + entry))
    return np.stack(states)


def scan_vjp(y_bar: Array, x: Array) -> Array:
    sums = [x[0]]
    for entry in x[1:SEQUENCE]:
        sums.append(np.sin(sums[-1]) / 2 + entry)
    x_bar, carried = np.zeros_like(x), 0.0
    for step in range(SEQUENCE - 1, -1, -1):
        x_bar[step] = (y_bar[step] + carried / 2) * np.cos(sums[step])
        carried = x_bar[step]
    return x_bar


def scattered(place: object, y_bar: Array, x: Array) -> Array:
    x_bar = np.zeros_like(x)
    np.add.at(x_bar, place, y_bar)
    return x_bar


def overwritten(place: object, y_bar: Array, x: Array) -> Array:
    x_bar = np.zeros_like(x)
    x_bar[place] = y_bar
    return x_bar


def added_once(place: object, y_bar: Array, x: Array) -> Array:
    x_bar = np.zeros_like(x)
    x_bar[place] += y_bar
    return x_bar


def along_scattered(y_bar: Array, x: Array) -> Array:
    return scattered((np.arange(2)[:, None], ALONG), y_bar, x)


def along_overwritten(y_bar: Array, x: Array) -> Array:
    x_bar = np.zeros_like(x)
    np.put_along_axis(x_bar, ALONG, y_bar, axis=1)
    return x_bar


def table(rng: Rng) -> Array:
    return rng.standard_normal((3, int(rng.integers(2, 5))))


STRIDED = Operation(
    name="convolution of stride 2",
    draw=signal(4, 11),
    f=partial(convolve, stride=2),
    vjp=partial(convolve_vjp, stride=2),
)

CONVOLUTIONS = (
    *plant(
        Operation(
            name="convolution, 2 to 3 channels",
            draw=signal(3, 8),
            f=partial(convolve, kernel=NARROW),
            vjp=partial(convolve_vjp, kernel=NARROW),
        ),
        Wrong(
            Bug.INDEX,
            "channels counted crosswise",
            crossed_channels,
            "NervanaSystems/neon#111",
            "more outputs than inputs",
        ),
    ),
    *plant(
        STRIDED,
        Wrong(
            Bug.INDEX,
            "stride forgotten",
            unstrided,
            "enggen/Deep-Learning-Coursera#7",
            "a stride above 1",
        ),
        Wrong(
            Bug.INDEX,
            "shifted by the remainder",
            shifted_by_the_rest,
            "flagos-ai/FlagGems#1576",
            "a size that the stride does not divide",
        ),
        Wrong(
            Bug.INDEX,
            "short by the remainder",
            short_by_the_rest,
            "f-dangel/backpack#30",
            "a size that the stride does not divide",
        ),
        Wrong(
            Bug.INDEX,
            "stride and dilation swapped",
            swapped,
            "huggingface/candle#2337",
            "stride 2 with dilation 1",
        ),
    ),
    *plant(
        Operation(
            name="convolution of stride 3",
            draw=signal(9, 14),
            f=partial(convolve, stride=3),
            vjp=partial(convolve_vjp, stride=3),
        ),
        Wrong(
            Bug.INDEX,
            "stride cut to 2",
            partial(convolve_vjp, stride=2),
            "Theano/Theano#602",
            "a stride above 2",
        ),
    ),
    *plant(
        Operation(
            name="convolution of 7 taps, stride 3, padding 2",
            draw=signal(5, 12),
            f=partial(convolve, kernel=WIDE, stride=3, pad=2),
            vjp=partial(convolve_vjp, kernel=WIDE, stride=3, pad=2),
        ),
        Wrong(
            Bug.INDEX,
            "padding off by one",
            wrongly_padded,
            "PKUFlyingPig/CMU10-714#6",
            "7 taps, stride 3, padding 2",
        ),
    ),
    *plant(
        Operation(name="convolution, 2 channels", draw=signal(3, 8), f=convolve, vjp=convolve_vjp),
        Wrong(
            Bug.INDEX,
            "second of each two channels never read",
            by_pairs,
            "ROCm/composable_kernel#2478",
            "an even number of channels",
        ),
        Wrong(Bug.INDEX, "taps not flipped", partial(convolve_vjp, kernel=KERNEL[:, :, ::-1])),
    ),
)

AXES = (
    *plant(
        Operation(
            name="layer normalisation of blocks",
            draw=box(2, 3, 4),
            f=layer_norm,
            vjp=layer_norm_vjp,
        ),
        Wrong(
            Bug.INDEX,
            "along the last axis only",
            partial(layer_norm_vjp, axes=(2,)),
            "flagos-ai/FlagGems#5392",
            "three axes or more",
        ),
    ),
    *plant(
        Operation(
            name="softmax along axis -2",
            draw=box(2, 3, 4),
            f=partial(softmax, axis=-2),
            vjp=softmax_vjp,
        ),
        Wrong(
            Bug.INDEX,
            "minus sign of the axis dropped",
            partial(softmax_vjp, along=2),
            "SKaiNET-developers/SKaiNET#863",
            "a negative axis, three axes or more",
        ),
    ),
    *plant(
        Operation(
            name="recurrence over the start of a sequence", draw=vector(6, 10), f=scan, vjp=scan_vjp
        ),
        Wrong(
            Bug.INDEX,
            "gradient at the end of the sequence",
            lambda y_bar, x: np.roll(scan_vjp(y_bar, x), len(x) - SEQUENCE),
            "Theano/Theano#166",
            "fewer steps than entries",
        ),
    ),
)

REPEATS = (
    *plant(
        Operation(
            name="entries by two indices",
            draw=box(3, 2),
            f=lambda x: x[ROWS, COLUMNS],
            vjp=partial(scattered, (ROWS, COLUMNS)),
        ),
        Wrong(
            Bug.REPEATED,
            "the last one wins",
            partial(overwritten, (ROWS, COLUMNS)),
            "apache/mxnet#9172",
            "a pair of indices that occurs twice",
        ),
    ),
    *plant(
        Operation(
            name="entries along an axis",
            draw=box(2, 3),
            f=lambda x: np.take_along_axis(x, ALONG, axis=1),
            vjp=along_scattered,
        ),
        Wrong(
            Bug.REPEATED,
            "the last one wins",
            along_overwritten,
            "pytorch/pytorch#1631",
            "an index that occurs twice in a row",
        ),
    ),
    *plant(
        Operation(
            name="first entry twice",
            draw=vector(1, 5),
            f=lambda x: x[ONE],
            vjp=partial(scattered, ONE),
        ),
        Wrong(
            Bug.REPEATED, "added once", partial(added_once, ONE), "HIPS/autograd#39", "x[[0, 0]]"
        ),
    ),
    *plant(
        Operation(
            name="rows of a table", draw=table, f=lambda x: x[WORDS], vjp=partial(scattered, WORDS)
        ),
        Wrong(
            Bug.REPEATED,
            "each row added once",
            partial(added_once, WORDS),
            "PaddlePaddle/Paddle#17690",
            "a row that is looked up twice",
        ),
        Wrong(
            Bug.REPEATED,
            "the first one wins",
            lambda y_bar, x: overwritten(WORDS[::-1], y_bar[::-1], x),
            "pymc-devs/pytensor#2242",
            "a row that is looked up twice",
        ),
        Wrong(
            Bug.TRANSPOSE,
            "gather for its adjoint",
            lambda y_bar, x: y_bar[np.array([0, 1, 2])],
            "ooples/AiDotNet.Tensors#894",
            "repeated indices",
        ),
    ),
)

INDICES = (*CONVOLUTIONS, *AXES, *REPEATS)
