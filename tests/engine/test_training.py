"""Gradient descent: its steps, its batches, its history, and where it stops."""

import numpy as np
import pytest

import engine

X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
Y = np.array([[0.0], [1], [1], [0]])
NETWORK = engine.Network()


def start(seed: int = 0, dtype: type = float) -> list[tuple[np.ndarray, np.ndarray]]:
    """A small network's parameters before training."""
    return engine.initial_parameters([2, 3, 1], np.random.default_rng(seed), dtype)


def test_a_step_subtracts_the_rate_times_the_gradient() -> None:
    """W = W - alpha dL/dW and b = b - alpha dL/db, to the bit."""
    trained = engine.train(NETWORK, start(), X, Y, rate=0.25, epochs=1)
    for before, gradient, after in zip(
        start(), engine.gradients(start(), X, Y), trained.parameters, strict=True
    ):
        for old, slope, new in zip(before, gradient, after, strict=True):
            assert np.array_equal(new, old - 0.25 * slope)
    assert trained.losses == (engine.loss(start(), X, Y),)


def test_steps_follow_each_other() -> None:
    """Two epochs are one epoch, and one more from where it ended."""
    two = engine.train(NETWORK, start(), X, Y, rate=1.0, epochs=2)
    one = engine.train(NETWORK, start(), X, Y, rate=1.0, epochs=1)
    again = engine.train(NETWORK, one.parameters, X, Y, rate=1.0, epochs=1)
    assert two.losses == one.losses + again.losses
    assert same_bits(two.parameters, again.parameters)


def same_bits(first: list, second: list) -> bool:
    """Whether all arrays of two lists of parameters are equal."""
    return all(
        np.array_equal(a, b)
        for left, right in zip(first, second, strict=True)
        for a, b in zip(left, right, strict=True)
    )


def test_a_batch_of_all_samples_in_their_order_is_the_full_batch() -> None:
    class InOrder(np.random.Generator):
        def permutation(self, x: int) -> np.ndarray:
            return np.arange(x)

    rng = InOrder(np.random.PCG64(0))
    batches = engine.train(NETWORK, start(), X, Y, rate=1.0, epochs=3, batch_size=4, rng=rng)
    whole = engine.train(NETWORK, start(), X, Y, rate=1.0, epochs=3)
    assert same_bits(batches.parameters, whole.parameters)


def test_each_epoch_sees_every_sample_once_in_a_new_order() -> None:
    """At a rate that moves nothing, the losses of an epoch are those of the single samples."""
    tiny = np.finfo(float).tiny
    trained = engine.train(
        NETWORK, start(), X, Y, rate=tiny, epochs=2, batch_size=1, rng=np.random.default_rng(5)
    )
    singles = sorted(engine.loss(start(), X[[i]], Y[[i]]) for i in range(4))
    first, second = trained.losses[:4], trained.losses[4:]
    assert sorted(first) == sorted(second) == singles
    assert first != second


def test_the_last_batch_may_be_smaller() -> None:
    seen: list[engine.Step] = []
    engine.train(
        NETWORK,
        start(),
        X,
        Y,
        rate=1.0,
        epochs=2,
        batch_size=3,
        rng=np.random.default_rng(0),
        on_step=seen.append,
    )
    assert [(step.number, step.epoch) for step in seen] == [(1, 1), (2, 1), (3, 2), (4, 2)]


def test_the_same_seed_gives_the_same_bits() -> None:
    def run(seed: int) -> engine.Training:
        rng = np.random.default_rng(seed)
        return engine.train(NETWORK, start(), X, Y, rate=1.0, epochs=5, batch_size=2, rng=rng)

    assert run(1).losses == run(1).losses
    assert same_bits(run(1).parameters, run(1).parameters)
    assert run(1).losses != run(2).losses


def test_the_callback_sees_each_step_and_its_loss() -> None:
    seen: list[engine.Step] = []
    trained = engine.train(NETWORK, start(), X, Y, rate=1.0, epochs=4, on_step=seen.append)
    assert tuple(step.loss for step in seen) == trained.losses
    assert [step.number for step in seen] == [1, 2, 3, 4]


def test_training_modifies_no_input() -> None:
    parameters, samples, labels = start(), X.copy(), Y.copy()
    engine.train(NETWORK, parameters, samples, labels, rate=1.0, epochs=3)
    assert same_bits(parameters, start())
    assert np.array_equal(samples, X)
    assert np.array_equal(labels, Y)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_training_keeps_the_dtype(dtype: type) -> None:
    trained = engine.train(
        NETWORK, start(dtype=dtype), X.astype(dtype), Y.astype(dtype), rate=1.0, epochs=2
    )
    assert {array.dtype for pair in trained.parameters for array in pair} == {np.dtype(dtype)}


def test_no_epochs_change_nothing() -> None:
    trained = engine.train(NETWORK, start(), X, Y, rate=1.0, epochs=0)
    assert same_bits(trained.parameters, start())
    assert trained.losses == ()


def test_training_that_diverges_stops_and_says_where() -> None:
    """A squared error with a rate far too large leaves the range of floats within some steps."""
    network = engine.Network(output=engine.IDENTITY, cost=engine.SQUARED_ERROR)
    seen: list[engine.Step] = []
    with pytest.raises(FloatingPointError, match=r"^train: .* at step \d+; lower the rate") as e:
        engine.train(network, start(), X, Y, rate=1e60, epochs=100, on_step=seen.append)
    assert isinstance(e.value, engine.EngineError)
    assert f"at step {len(seen) + 1};" in str(e.value)
    assert e.value.losses == tuple(step.loss for step in seen)


def test_a_parameter_that_leaves_the_range_is_named() -> None:
    """The loss is still finite; the step itself overflows."""
    network = engine.Network(output=engine.IDENTITY, cost=engine.SQUARED_ERROR)
    parameters = [(np.zeros((1, 1)), np.zeros((1, 1)))]
    with pytest.raises(FloatingPointError, match=r"^train: W\[1\] leaves the range of float64"):
        engine.train(
            network, parameters, np.full((1, 1), 1e200), np.ones((1, 1)), rate=1e200, epochs=1
        )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rate": 0.0}, "rate is 0.0"),
        ({"rate": float("nan")}, "rate is nan"),
        ({"epochs": -1}, "epochs is -1"),
        ({"batch_size": 0, "rng": np.random.default_rng(0)}, "batch_size is 0"),
        ({"batch_size": 2}, "batches need an rng"),
        ({"rate": "1"}, "rate is '1', but should be a real number"),
        ({"epochs": 2.5}, "epochs is 2.5, but should be a whole number"),
        ({"batch_size": True}, "batch_size is True, but should be a whole number"),
        ({"batch_size": 2, "rng": 7}, r"rng is 7, but should be a numpy\.random\.Generator"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        engine.train(NETWORK, start(), X, Y, **{"rate": 1.0, "epochs": 1} | settings)


@pytest.mark.parametrize("widths", [[], [3], [3, 0]])
def test_initial_parameters_need_two_widths(widths: list[int]) -> None:
    with pytest.raises(ValueError, match="widths are"):
        engine.initial_parameters(widths, np.random.default_rng(0))


def test_initial_parameters_refuse_other_kinds_of_settings() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(engine.EngineError, match=r"a width is 2\.5, but should be a whole number"):
        engine.initial_parameters([3, 2.5], rng)
    with pytest.raises(engine.EngineError, match="rng is 5"):
        engine.initial_parameters([3, 2], 5)
    with pytest.raises(TypeError, match="dtype is float16, but should be float64 or float32"):
        engine.initial_parameters([3, 2], rng, np.float16)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hidden": "tanh"}, "hidden is 'tanh', but should be one of the engine's activations"),
        ({"hidden": (engine.TANH, None)}, "hidden is .* but should be one of the engine's"),
        ({"output": None}, "output is None"),
        ({"cost": "bce"}, "cost is 'bce', but should be one of the engine's losses"),
        ({"l2": "a"}, "l2 is 'a', but should be a real number"),
    ],
)
def test_a_network_of_other_kinds_of_settings_is_refused(settings: dict, message: str) -> None:
    with pytest.raises(engine.EngineError, match=message):
        engine.Network(**settings)


def test_a_penalty_pulls_the_weights_towards_zero() -> None:
    sizes = [
        sum(
            float((W**2).sum())
            for W, _ in engine.train(
                engine.Network(l2=l2), start(), X, Y, rate=1.0, epochs=200
            ).parameters
        )
        for l2 in (0.0, 0.01)
    ]
    assert sizes[1] < sizes[0]
