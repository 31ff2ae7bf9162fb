"""The words of the grammar: signs, relations, Greek letters, dresses and limits."""

from __future__ import annotations

from fractions import Fraction

from .syntax import Name

MAX_DEPTH = 32
MAX_JOINED = 128  # sums and products in one formula: trees lean to the left, and are walked
MAX_SCRIPTS = 8
MAX_EXPONENT = 64
LOSS = Name("\\loss")  # the function differentiated by a bare dW or \nabla W

LOOSE_SIGNS = {
    "\\odot": "\\odot",
    "\\bigodot": "\\odot",
    "\\circ": "\\circ",
    "\\otimes": "\\otimes",
    "\\ast": "*",
}
TIGHT_SIGNS = {"*": "*", "\\cdot": "\\cdot", "\\times": "\\times", "@": "@"}
STAR = Name("*")  # the mark of an optimum, above or below a symbol
STARS = ("*", "\\ast", "\\star")
RELATIONS = {
    "=": "=",
    "\\neq": "\\neq",
    "\\ne": "\\neq",
    ">": ">",
    "<": "<",
    "\\ge": "\\geq",
    "\\geq": "\\geq",
    "\\le": "\\leq",
    "\\leq": "\\leq",
    "\\in": "\\in",
    "\\approx": "\\approx",
    "\\equiv": "=",
    "\\leftarrow": ":=",
    "\\gets": ":=",
    "\\notin": "\\notin",
}
EXTREMES = frozenset({"\\max", "\\min", "max", "min"})
TRANSPOSES = frozenset({"\\top", "\\intercal", "\\transpose"})
_GREEK = """alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu
nu xi pi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta
Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell"""
GREEK = frozenset("\\" + name for name in _GREEK.split())
STYLES = frozenset(
    {
        "\\mathbf",
        "\\boldsymbol",
        "\\bm",
        "\\mathcal",
        "\\mathit",
        "\\mathrm",
        "\\mathsf",
        "\\mathtt",
        "\\operatorname",
        "\\vec",
        "\\pmb",
        "\\mathscr",
        "\\overrightarrow",
    }
)
ACCENTS = frozenset(
    {
        "\\hat",
        "\\tilde",
        "\\bar",
        "\\dot",
        "\\overline",
        "\\widehat",
        "\\widetilde",
        "\\underline",
        "\\check",
    }
)
NAMED_FUNCTIONS = frozenset(
    {
        "\\log",
        "\\ln",
        "\\exp",
        "\\tanh",
        "\\sin",
        "\\cos",
        "\\det",
        "\\max",
        "\\min",
        "\\sqrt",
        "\\sinh",
        "\\cosh",
        "\\tan",
        "\\arctan",
    }
)
MATRICES = frozenset({"matrix", "bmatrix", "pmatrix", "vmatrix", "Bmatrix", "array", "smallmatrix"})
BARS = {"|": "|", "\\|": "\\|", "\\lVert": "\\rVert", "\\Vert": "\\Vert", "\\lvert": "\\rvert"}
CLOSING = {"(": ")", "[": "]", "{": "}"}
OPEN_CASES = frozenset({"\\begin{matrix}", "\\begin{array}", "\\begin{aligned}"})


def fraction(text: str) -> Fraction:
    """The exact number that digits and a point print."""
    whole, _, part = text.partition(".")
    return Fraction(int((whole or "0") + part), 10 ** len(part))
