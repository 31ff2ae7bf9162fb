"""A parameter with a hat, a star or the name of an estimate: where the loss is least."""

from __future__ import annotations

from dataclasses import replace

from ..document.grammar import STAR
from ..document.lexer import Vocabulary
from ..document.syntax import Expr, Name, Script, transform
from ..document.tex import parse_expression
from ..document.write import to_tex
from .claim import Claim, ClaimKind
from .notation import Notation

_HATS = ("\\hat{", "\\widehat{", "\\bar{", "\\tilde{")
_ESTIMATES = frozenset({"ML", "MLE", "MAP", "LS", "OLS", "opt", "min", "ridge"})


def without_marks(claim: Claim, notation: Notation) -> Claim | None:
    """The claim about the parameter itself, where it gives one a value under such a mark.

    None where the model computes the marked symbol, or the one below the mark is no parameter.
    """
    if claim.kind is not ClaimKind.DEFINITION or claim.left is None or claim.right is None:
        return None
    of = notation.depends.get(notation.loss or "", frozenset())
    parameters = of - notation.depends.keys()

    def plain(node: Expr) -> Expr:
        below = _below(node) if _key(node) not in notation.depends else None
        return below if below is not None and _key(below) in parameters else node

    left = plain(claim.left)
    if left == claim.left:
        return None
    return replace(claim, left=left, right=transform(claim.right, plain), conditions=())


def _key(node: Expr) -> str:
    return node.text if isinstance(node, Name) else to_tex(node)


def _below(node: Expr) -> Expr | None:
    """The symbol under a hat, or without its star or the name of its estimate."""
    if isinstance(node, Name) and node.text.startswith(_HATS):
        inner = node.text.partition("{")[2].removesuffix("}")
        return parse_expression(inner, Vocabulary(symbols=frozenset({inner})))
    if not isinstance(node, Script) or not isinstance(node.base, Name) or node.primes:
        return None
    if node.sup == (STAR,):
        return Script(node.base, node.sub) if node.sub else node.base
    mark = node.sub[-1] if node.sub and not node.sup else None
    if mark == STAR or (isinstance(mark, Name) and mark.text in _ESTIMATES):
        return Script(node.base, node.sub[:-1]) if len(node.sub) > 1 else node.base
    return None
