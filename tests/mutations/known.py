"""Formulas that are not judged as a person would: what is said of each, and why.

The verdict stands here so that a repair is noticed: then the line goes.  None is green.
"""

NO_SIGN = "only equations are decided"
BEYOND = "an index runs beyond its axis, where the notation knows no entry"

KNOWN: dict[str, tuple[str, str]] = {
    # Right, and not called so.
    r"L \geq R": ("inconclusive", NO_SIGN),
    # Wrong, and honestly left open.
    r"X_{ij} = 3 X_{ij}, \quad i > 10": ("inconclusive", "no size that is tried reaches it"),
    r"a \neq \sigma(z)": ("inconclusive", NO_SIGN),
    r"a < \sigma(z)": ("inconclusive", NO_SIGN),
    r"\operatorname{shape}(X) \neq [m, n]": ("inconclusive", NO_SIGN),
    r"\frac{\partial L}{\partial w_j} = \frac{1}{m} \sum_{i=1}^m r_{i+1} X_{ij} + \lambda w_j": (
        "undeclared",
        BEYOND,
    ),
    r"L = \sum_i r_{i+1}": ("undeclared", BEYOND),
    r"L = X_{9,1}": ("undeclared", BEYOND),
}
