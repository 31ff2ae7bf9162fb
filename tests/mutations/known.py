"""Formulas that are judged wrongly today: what is said of each, and why.

The verdict stands here so that a repair is noticed: then the line goes.
"""

BROADCAST = "a row times a column is read entry by entry, as an outer product"
DERIVED = "a derivative of an expression gets no meaning for the products inside it"
NO_SIGN = "the relation is read as an equality whatever its sign"
BEYOND = "an index beyond an axis yields no entries, and nothing to compare is equal"
FREE_INDEX = "written indices bound by the left side clash, and the judge stops"
FEW_SIZES = "the sizes tried are the same numbers in another order"
FEW_LAYERS = "a layer letter does not run far enough for the layer it is moved to"
FLOATS = "float64 values meet functions of exact numbers where double precision is tried"
NEVER_TRIED = "no size that is tried reaches the condition"
ORDER = "Jacobians are contracted in either order"

KNOWN: dict[str, tuple[str, str]] = {
    # Right, and not called so.
    r"\frac{\partial (w^T w)}{\partial w} = 2 w": ("ill-typed", DERIVED),
    r"\frac{\partial (A x)}{\partial x} = A": ("ill-typed", DERIVED),
    r"r := X w - y": ("fails", "every := is read as a gradient step, never as a definition"),
    r"L \geq R": ("fails", NO_SIGN),
    r"\frac{\partial r}{\partial y} = -1": ("inconclusive", "a number beside a Jacobian"),
    r"\frac{\partial L}{\partial b} = \frac{1}{m} \mathbf{1}^T (P - Y)": (
        "ill-typed",
        "a bold 1 is the number, not the vector of ones",
    ),
    r"\frac{\partial s}{\partial x} = x^T (B + B^T)": (
        "ill-typed",
        "numerator layout does not reach the gradient of a number",
    ),
    # Wrong, and not called so.
    r"X_{ij} = 3 X_{ij}, \quad i > 10": ("inconclusive", NEVER_TRIED),
    r"a \neq \sigma(z)": ("holds", NO_SIGN),
    r"a < \sigma(z)": ("holds", NO_SIGN),
    r"\operatorname{shape}(X) \neq [m, n]": ("holds", NO_SIGN),
    r"\frac{\partial L}{\partial w_j} = \frac{1}{m} \sum_{i=1}^m r_{i+1} X_{ij} + \lambda w_j": (
        "holds",
        BEYOND,
    ),
    r"L = \sum_i r_{i+1}": ("holds", BEYOND),
    r"L = X_{9,1}": ("holds", BEYOND),
    r"m + n = 5": ("holds", FEW_SIZES),
    r"m n = 6": ("holds", FEW_SIZES),
    r"a^{l-4} = x": ("holds", FEW_LAYERS),
    r"z^{l-3} = W^{l-3} x + b^{l-3}": ("inconclusive", FEW_LAYERS),
    r"\frac{\partial L}{\partial W^l} = (a^{l-1})^T \delta^l": ("holds", BROADCAST),
    r"\frac{\partial v}{\partial x} = \frac{\partial u}{\partial x}"
    r" \frac{\partial v}{\partial u}": (
        "holds",
        ORDER,
    ),
    r"\frac{\partial r_i}{\partial w_j} = X_{ji}": ("inconclusive", FREE_INDEX),
    r"\frac{\partial L}{\partial W^l_{ij}} = \delta^l_j a^{l-1}_i": ("inconclusive", FREE_INDEX),
}

# Stopped on the way, right or wrong.
KNOWN |= dict.fromkeys(
    (
        r"\frac{\partial L}{\partial W} = \frac{1}{m} X^T (P - Y)",
        r"\frac{\partial L}{\partial Z} = \frac{1}{m} (P - Y)",
        r"\frac{\partial L}{\partial P} = -\frac{1}{m} \frac{Y}{P}",
        r"\frac{\partial L}{\partial b} = \frac{1}{m} \sum_{i=1}^m (P^{(i)} - Y^{(i)})",
        r"\frac{\partial L}{\partial X} = \frac{1}{m} (P - Y) W^T",
        r"L = -\frac{1}{m} \sum_{i=1}^m \sum_{j=1}^k Y_{ij} \log P_{ij}",
        r"\delta^N = (a^N - y) \odot (1 - (a^N)^2)",
        r"\delta^l = ((W^{l+1})^T \delta^{l+1}) \odot \tanh'(z^l)",
        r"\delta^l = \operatorname{diag}(1 - (a^l)^2) (W^{l+1})^T \delta^{l+1}",
        r"\frac{\partial v}{\partial x} = \operatorname{diag}(1 - v \odot v) A",
        r"\frac{\partial L}{\partial W} = \frac{1}{m} X^T (Y - P)",
        r"\frac{\partial L}{\partial W} = \frac{1}{m} X (P - Y)",
        r"\frac{\partial L}{\partial Z} = P - Y",
        r"\frac{\partial L}{\partial b} = \frac{1}{m} (P - Y)",
        r"\frac{\partial L}{\partial X} = \frac{1}{m} W^T (P - Y)",
        r"\delta^N = (y - a^N) \odot (1 - (a^N)^2)",
        r"\delta^l = (W^{l+1} \delta^{l+1}) \odot \tanh'(z^l)",
        r"\delta^l = ((W^{l+1})^T \delta^{l+1}) \odot \tanh(z^l)",
        r"\delta^l = ((W^{l+1})^T \delta^{l+1}) \odot \tanh'(z^{l+1})",
        r"\delta^l = (W^{l+1})^T \delta^{l+1}",
        r"\frac{\partial L}{\partial b} = \frac{1}{m} \mathbf{1}^T (P - Y)",
    ),
    ("inconclusive", FLOATS),
)
