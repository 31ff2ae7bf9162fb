"""Random arrays for the subjects of defects, with what exposes a defect drawn often enough."""

from tests.defects.subjects import Array, Draw, Rng


def vector(low: int = 1, high: int = 8, *, shift: float = 0.0) -> Draw:
    return lambda rng: shift + rng.standard_normal(int(rng.integers(low, high)))


def matrix(low: int = 1, high: int = 6, *, shift: float = 0.0) -> Draw:
    return lambda rng: shift + rng.standard_normal(rng.integers(low, high, 2))


def box(*shape: int) -> Draw:
    """One shape, whatever the trial."""
    return lambda rng: rng.standard_normal(shape)


def positive(low: int = 1, high: int = 6) -> Draw:
    return lambda rng: 0.2 + rng.random(rng.integers(low, high, 2)) * 2


def sometimes(special: Draw, usual: Draw) -> Draw:
    """One or the other, as likely."""
    return lambda rng: (special if rng.integers(2) else usual)(rng)


def with_zeros(draw: Draw, share: float = 0.4) -> Draw:
    """Some entries exactly 0, one at least."""

    def drawn(rng: Rng) -> Array:
        x = draw(rng)
        x[rng.random(x.shape) < share] = 0
        x.flat[int(rng.integers(x.size))] = 0
        return x

    return drawn


def with_ties(draw: Draw) -> Draw:
    """The largest entry occurs twice, by position at random."""

    def drawn(rng: Rng) -> Array:
        x = draw(rng)
        first, second = rng.choice(x.size, 2, replace=False)
        x.flat[first] = x.flat[second] = x.max() + 0.5
        return x

    return drawn


def square(low: int = 2, high: int = 6) -> Draw:
    def drawn(rng: Rng) -> Array:
        n = int(rng.integers(low, high))
        return rng.standard_normal((n, n))

    return drawn
