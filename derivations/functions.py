"""The functions that a formula may name, and how they are spelled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a function does to the shape of its argument."""

    ENTRYWISE = "entry by entry"
    ROWS = "along each sample's units"
    SCALAR = "to one number"
    DIAGONAL = "vector to diagonal matrix"
    SQUARE = "square matrix to square matrix"


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    kind: Kind
    tex: str


def _entrywise(name: str, tex: str | None = None) -> Function:
    return Function(name, Kind.ENTRYWISE, tex or f"\\operatorname{{{name}}}")


FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        _entrywise("sigmoid"),
        _entrywise("tanh", "\\tanh"),
        _entrywise("softplus"),
        _entrywise("relu"),
        _entrywise("exp", "\\exp"),
        _entrywise("log", "\\log"),
        _entrywise("sqrt", "\\sqrt"),
        _entrywise("sin", "\\sin"),
        _entrywise("cos", "\\cos"),
        _entrywise("tan", "\\tan"),
        _entrywise("arctan", "\\arctan"),
        _entrywise("sinh", "\\sinh"),
        _entrywise("cosh", "\\cosh"),
        _entrywise("sech"),
        _entrywise("abs"),
        _entrywise("sign"),
        _entrywise("step"),
        _entrywise("identity"),
        Function("softmax", Kind.ROWS, "\\operatorname{softmax}"),
        Function("norm", Kind.SCALAR, "\\operatorname{norm}"),
        Function("total", Kind.SCALAR, "\\operatorname{total}"),
        Function("trace", Kind.SCALAR, "\\operatorname{tr}"),
        Function("det", Kind.SCALAR, "\\det"),
        Function("inv", Kind.SQUARE, "\\operatorname{inv}"),
        Function("diag", Kind.DIAGONAL, "\\operatorname{diag}"),
    )
}

SPELLINGS: dict[str, str] = {
    **{name: name for name in FUNCTIONS},
    "\\sigma": "sigmoid",
    "|": "abs",
    "Sigmoid": "sigmoid",
    "\\tanh": "tanh",
    "\\log": "log",
    "\\ln": "log",
    "ln": "log",
    "\\exp": "exp",
    "\\sqrt": "sqrt",
    **{f"\\{name}": name for name in ("sin", "cos", "tan", "arctan", "sinh", "cosh")},
    "\\det": "det",
    "ReLU": "relu",
    "Relu": "relu",
    "RELU": "relu",
    "Softmax": "softmax",
    "SoftMax": "softmax",
    "tr": "trace",
    "Tr": "trace",
    "sgn": "sign",
    "e": "exp",
}
