"""Textbook gradients: a model, what is true of it, and one planted error for each."""

from dataclasses import dataclass

from tests.defects.record import Bug


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A true formula, the same with one error, and the error's kind."""

    right: str
    wrong: str
    bug: Bug


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A notation, and pairs of formulas."""

    name: str
    notation: str
    pairs: tuple[Pair, ...]


SIZES = '[sizes]\nm = "samples"\nn = "inputs"\nk = "outputs"\n'
LINEAR = '[shape]\nX = "m n"\nW = "n k"\nb = "1 k"\nY = "m k"\nZ = "m k"\nA = "m k"\nL = "scalar"\n'
SQUARE = '[shape]\nx = "n 1"\nv = "n 1"\nA = "n n"\nB = "n n"\ns = "scalar"\n'
NORM = (
    '[shape]\nX = "m n"\nmu = "{0}"\nv = "{0}"\nH = "m n"\nO = "m n"\ngamma = "1 n"\nbeta = "1 n"\n'
    'G = "m n"\nL = "scalar"\nepsilon = "scalar"\n[domain]\nepsilon = "positive"\n'
)


def model(*forward: str, loss: str = "L") -> str:
    return f"[model]\nloss = '{loss}'\nforward = [" + ", ".join(f"'{f}'" for f in forward) + "]\n"


def activation(name: str) -> str:
    return (
        SIZES
        + LINEAR
        + model(rf"A = \operatorname{{{name}}}(Z)", r"L = \operatorname{total}(Y \odot A)")
    )


SQUARED = r"L = \frac{1}{2m} \operatorname{total}((Z - Y)^2)"
BINARY = r"L = -\frac{1}{m} \operatorname{total}(Y \odot \log(A) + (1 - Y) \odot \log(1 - A))"
CROSS = r"L = -\frac{1}{m} \operatorname{total}(Y \odot \log(A))"
MOMENTS = (
    r"\mu = \frac{{1}}{{{size}}} \sum_{{\text{{{over}}}}} X",
    r"v = \frac{{1}}{{{size}}} \sum_{{\text{{{over}}}}} (X - \mu)^2",
    r"H = \frac{{X - \mu}}{{\sqrt{{v + \epsilon}}}}",
    r"O = \gamma \odot H + \beta",
    r"L = \operatorname{{total}}(G \odot O)",
)


def norm(shape: str, size: str, over: str) -> str:
    formulas = (formula.format(size=size, over=over) for formula in MOMENTS)
    return SIZES + NORM.format(shape) + model(*formulas)


def norm_pair(size: str, over: str, scaled: str) -> Pair:
    """dL/dX of a normalisation, and the same with a sign wrong; ``scaled`` is dL/dH."""
    each = rf"\sum_{{\text{{{over}}}}}"
    left = r"\frac{\partial L}{\partial X} = "
    scale = rf"\frac{{1}}{{{size} \sqrt{{v + \epsilon}}}} \odot "
    right, wrong = (
        f"({size} {scaled} - {each} {scaled} {sign} H \\odot {each} ({scaled} \\odot H))"
        for sign in "-+"
    )
    return Pair(right=left + scale + right, wrong=left + scale + wrong, bug=Bug.SIGN)


CHAPTERS = (
    Chapter(
        name="linear layer with squared error",
        notation=SIZES + LINEAR + model("Z = X W + b", SQUARED),
        pairs=(
            Pair(right=r"\frac{\partial L}{\partial Z} = \frac{1}{m} (Z - Y)",
             wrong=r"\frac{\partial L}{\partial Z} = \frac{2}{m} (Z - Y)", bug=Bug.CONSTANT),
            Pair(right=r"\frac{\partial L}{\partial W} = \frac{1}{m} X^T (Z - Y)",
             wrong=r"\frac{\partial L}{\partial W} = \frac{1}{m} X (Z - Y)", bug=Bug.TRANSPOSE),
            Pair(right=r"\frac{\partial L}{\partial X} = \frac{1}{m} (Z - Y) W^T",
             wrong=r"\frac{\partial L}{\partial X} = \frac{1}{m} (Y - Z) W^T", bug=Bug.SIGN),
            Pair(right=r"\frac{\partial L}{\partial b} = \frac{1}{m} \sum_{i=1}^m (Z^{(i)} - Y^{(i)})",
             wrong=r"\frac{\partial L}{\partial b} = \frac{1}{m} (Z - Y)", bug=Bug.BROADCAST),
            Pair(right=r"\frac{\partial L}{\partial W_{pq}} = \sum_{i=1}^m \frac{1}{m} (Z_{iq} - Y_{iq}) X_{ip}",
             wrong=r"\frac{\partial L}{\partial W_{pq}} = \sum_{i=1}^m \frac{1}{m} (Z_{iq} - Y_{iq}) X_{iq}", bug=Bug.INDEX),
        ),
    ),
    Chapter(
        name="sigmoid",
        notation=activation("sigmoid"),
        pairs=(Pair(right=r"\frac{\partial L}{\partial Z} = Y \odot A \odot (1 - A)",
                wrong=r"\frac{\partial L}{\partial Z} = Y \odot A \odot (1 + A)", bug=Bug.SIGN),),
    ),
    Chapter(
        name="tanh",
        notation=activation("tanh"),
        pairs=(Pair(right=r"\frac{\partial L}{\partial Z} = Y \odot (1 - A^2)",
                wrong=r"\frac{\partial L}{\partial Z} = Y \odot (1 - A)", bug=Bug.CHAIN),),
    ),
    Chapter(
        name="softplus",
        notation=activation("softplus"),
        pairs=(Pair(right=r"\frac{\partial L}{\partial Z} = Y \odot \sigma(Z)",
                wrong=r"\frac{\partial L}{\partial Z} = Y \odot \sigma(-Z)", bug=Bug.SIGN),),
    ),
    Chapter(
        name="ReLU away from 0",
        notation=activation("relu"),
        pairs=(Pair(right=r"\frac{\partial L}{\partial Z} = Y \odot \operatorname{step}(Z)",
                wrong=r"\frac{\partial L}{\partial Z} = Y \odot \operatorname{relu}(Z)", bug=Bug.CHAIN),),
    ),
    Chapter(
        name="binary cross-entropy by probabilities and by logits",
        notation=SIZES + LINEAR + '[domain]\nY = "(0, 1)"\n'
        + model("Z = X W + b", r"A = \sigma(Z)", BINARY),
        pairs=(
            Pair(right=r"\frac{\partial L}{\partial A} = \frac{1}{m} (-\frac{Y}{A} + \frac{1 - Y}{1 - A})",
             wrong=r"\frac{\partial L}{\partial A} = \frac{1}{m} (\frac{Y}{A} + \frac{1 - Y}{1 - A})", bug=Bug.SIGN),
            Pair(right=r"\frac{\partial L}{\partial Z} = \frac{1}{m} (A - Y)",
             wrong=r"\frac{\partial L}{\partial Z} = \frac{1}{m} (A - Y) \odot A \odot (1 - A)", bug=Bug.CHAIN),
        ),
    ),
    Chapter(
        name="softmax with cross-entropy",
        notation=SIZES + LINEAR + '[domain]\nY = "one-hot rows"\n'
        + model("Z = X W + b", r"A = \operatorname{softmax}(Z)", CROSS),
        pairs=(
            Pair(right=r"\frac{\partial A_{ij}}{\partial Z_{ij}} = A_{ij} (1 - A_{ij})",
             wrong=r"\frac{\partial A_{ij}}{\partial Z_{ij}} = A_{ij} (1 + A_{ij})", bug=Bug.SIGN),
            Pair(right=r"\frac{\partial A_{ij}}{\partial Z_{il}} = -A_{ij} A_{il}, \quad j \neq l",
             wrong=r"\frac{\partial A_{ij}}{\partial Z_{il}} = A_{ij} A_{il}, \quad j \neq l", bug=Bug.SIGN),
            Pair(right=r"\frac{\partial L}{\partial Z} = \frac{1}{m} (A - Y)",
             wrong=r"\frac{\partial L}{\partial Z} = A - Y", bug=Bug.CONSTANT),
        ),
    ),
    Chapter(
        name="ridge regression",
        notation=SIZES + '[shape]\nX = "m n"\nw = "n 1"\ny = "m 1"\nL = "scalar"\nlambda = "scalar"\n'
        + model(r"L = \frac{1}{2m} \|X w - y\|^2 + \frac{\lambda}{2} \|w\|^2"),
        pairs=(
            Pair(right=r"\frac{\partial L}{\partial w} = \frac{1}{m} X^T (X w - y) + \lambda w",
             wrong=r"\frac{\partial L}{\partial w} = \frac{1}{m} X^T (X w - y) + 2 \lambda w", bug=Bug.CONSTANT),
        ),
    ),
    Chapter(
        name="quadratic form",
        notation=SIZES + SQUARE + model("s = x^T A x", loss="s"),
        pairs=(Pair(right=r"\frac{\partial s}{\partial x} = (A + A^T) x",
                wrong=r"\frac{\partial s}{\partial x} = 2 A x", bug=Bug.TRANSPOSE),),
    ),
    Chapter(
        name="symmetric quadratic form",
        notation=SIZES + SQUARE + model("A = B + B^T", "s = x^T A x", loss="s"),
        pairs=(Pair(right=r"\frac{\partial s}{\partial x} = 2 A x",
                wrong=r"\frac{\partial s}{\partial x} = A x", bug=Bug.CONSTANT),),
    ),
    Chapter(
        name="trace of a product",
        notation=SIZES + SQUARE + model(r"s = \operatorname{tr}(A B)", loss="s"),
        pairs=(Pair(right=r"\frac{\partial s}{\partial A} = B^T",
                wrong=r"\frac{\partial s}{\partial A} = B", bug=Bug.TRANSPOSE),),
    ),
    Chapter(
        name="determinant",
        notation=SIZES + SQUARE + model(r"s = \det(A)", loss="s"),
        pairs=(Pair(right=r"\frac{\partial s}{\partial A} = \det(A) (A^{-1})^T",
                wrong=r"\frac{\partial s}{\partial A} = \det(A) A^{-1}", bug=Bug.TRANSPOSE),),
    ),
    Chapter(
        name="log-determinant",
        notation=SIZES + SQUARE + '[domain]\nB = "positive definite"\n'
        + model(r"s = \log(\det(B))", loss="s"),
        pairs=(Pair(right=r"\frac{\partial s}{\partial B} = (B^{-1})^T",
                wrong=r"\frac{\partial s}{\partial B} = -(B^{-1})^T", bug=Bug.SIGN),),
    ),
    Chapter(
        name="inverse in a bilinear form",
        notation=SIZES + SQUARE + model(r"s = x^T A^{-1} v", loss="s"),
        pairs=(Pair(right=r"\frac{\partial s}{\partial A} = -(A^{-1})^T x v^T (A^{-1})^T",
                wrong=r"\frac{\partial s}{\partial A} = -A^{-1} x v^T A^{-1}", bug=Bug.TRANSPOSE),),
    ),
    Chapter(
        name="batch normalisation",
        notation=norm("1 n", "m", "samples"),
        pairs=(
            norm_pair("m", "samples", r"(G \odot \gamma)"),
            Pair(right=r"\frac{\partial L}{\partial \gamma} = \sum_{\text{samples}} (G \odot H)",
             wrong=r"\frac{\partial L}{\partial \gamma} = G \odot H", bug=Bug.BROADCAST),
            Pair(right=r"\frac{\partial L}{\partial \beta} = \sum_{\text{samples}} G",
             wrong=r"\frac{\partial L}{\partial \beta} = -\sum_{\text{samples}} G", bug=Bug.SIGN),
        ),
    ),
    Chapter(
        name="layer normalisation",
        notation=norm("m 1", "n", "outputs"),
        pairs=(
            norm_pair("n", "outputs", r"(G \odot \gamma)"),
            Pair(right=r"\frac{\partial L}{\partial \gamma} = \sum_{\text{samples}} (G \odot H)",
             wrong=r"\frac{\partial L}{\partial \gamma} = \sum_{\text{samples}} G", bug=Bug.CHAIN),
        ),
    ),
    Chapter(
        name="scaled dot-product attention",
        notation='[sizes]\nm = "samples"\nn = "keys"\nd = "width"\nk = "values"\n[shape]\nQ = "m d"\n'
        'K = "n d"\nV = "n k"\nS = "m n"\nP = "m n"\nO = "m k"\nG = "m k"\nL = "scalar"\n'
        + model(r"S = \frac{1}{\sqrt{d}} Q K^T", r"P = \operatorname{softmax}(S)", "O = P V",
                r"L = \operatorname{total}(G \odot O)"),
        pairs=(
            Pair(right=r"\frac{\partial L}{\partial V} = P^T G",
             wrong=r"\frac{\partial L}{\partial V} = G^T P", bug=Bug.TRANSPOSE),
            Pair(right=r"\frac{\partial L}{\partial S} = P \odot (G V^T - \sum_{\text{outputs}} (P \odot (G V^T)))",
             wrong=r"\frac{\partial L}{\partial S} = P \odot (G V^T)", bug=Bug.BROADCAST),
            Pair(right=r"\frac{\partial L}{\partial Q} = \frac{1}{\sqrt{d}} \frac{\partial L}{\partial S} K",
             wrong=r"\frac{\partial L}{\partial Q} = \frac{1}{d} \frac{\partial L}{\partial S} K", bug=Bug.CONSTANT),
            Pair(right=r"\frac{\partial L}{\partial K} = \frac{1}{\sqrt{d}} (\frac{\partial L}{\partial S})^T Q",
             wrong=r"\frac{\partial L}{\partial K} = \frac{1}{\sqrt{d}} \frac{\partial L}{\partial S} Q", bug=Bug.TRANSPOSE),
        ),
    ),
    Chapter(
        name="residual network of any depth",
        notation='[sizes]\nm = "samples"\nn = "width"\n[layers]\nindex = ["l"]\nlast = "N"\n[shape]\n'
        'H = "m n"\nW = "n n"\nZ = "m n"\nX = "m n"\nY = "m n"\nL = "scalar"\n'
        + model("H^0 = X", "Z^l = H^{l-1} W^l", r"H^l = H^{l-1} + \tanh(Z^l)",
                r"L = \frac{1}{2} \operatorname{total}((H^N - Y)^2)"),
        pairs=(
            Pair(right=r"\frac{\partial L}{\partial H^{l-1}} = \frac{\partial L}{\partial H^l}"
             r" + (\frac{\partial L}{\partial H^l} \odot \tanh'(Z^l)) (W^l)^T",
             wrong=r"\frac{\partial L}{\partial H^{l-1}}"
             r" = (\frac{\partial L}{\partial H^l} \odot \tanh'(Z^l)) (W^l)^T", bug=Bug.FAN_OUT),
        ),
    ),
)  # fmt: skip
