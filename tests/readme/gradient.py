import numpy as np

from derivations import check_gradient

rng = np.random.default_rng(0)
X, y = rng.normal(size=(5, 3)), rng.normal(size=5)


def loss(w):
    return ((X @ w - y) ** 2).mean()


def gradient(w):
    return X.T @ (X @ w - y) / len(y)


print(check_gradient(loss, gradient, np.zeros(3)))
