"""Weights that turn values at equally spaced points into slopes."""

import numpy as np

from derivations.numeric.trees import Array

# Weights of (f(x + j h) - f(x - j h)) / h, j = 1, 2, ...: exact for polynomials of that degree.
CENTRAL = {
    2: np.array([1 / 2]),
    4: np.array([2 / 3, -1 / 12]),
    6: np.array([3 / 4, -3 / 20, 1 / 60]),
    8: np.array([4 / 5, -1 / 5, 4 / 105, -1 / 280]),
    10: np.array([5 / 6, -5 / 21, 5 / 84, -5 / 504, 1 / 1260]),
}
# Weights of f(x), f(x + h), ...: the slope on one side.
ONE_SIDED = {
    4: np.array([-25 / 12, 4, -3, 4 / 3, -1 / 4]),
    5: np.array([-137 / 60, 5, -5, 10 / 3, -5 / 4, 1 / 5]),
}

# Weights of f(x + j h) + f(x - j h) - 2 f(x), j = 1, 2, ...: the slope to the right less that to
# the left, all even powers up to twice their number taken out.
BEND = {
    2: np.array([2, -1 / 2]),
    3: np.array([5 / 2, -1, 1 / 6]),
    4: np.array([14 / 5, -7 / 5, 2 / 5, -1 / 20]),
}


def central(values: Array, order: int, centre: int = 0) -> float:
    """Derivative per step at the middle of equally spaced values, or ``centre`` steps from it."""
    middle = len(values) // 2 + centre
    weights = CENTRAL[order]
    reach = np.arange(1, len(weights) + 1)
    return float(weights @ (values[middle + reach] - values[middle - reach]))


def bend(values: Array) -> float:
    """By how much the slope to the right exceeds that to the left, per step, at the middle."""
    reach = len(values) // 2
    both = values[reach + 1 :] + values[:reach][::-1]
    return float(BEND[reach] @ (both - 2 * values[reach]))
