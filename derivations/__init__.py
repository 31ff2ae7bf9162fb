"""gradproof: which gradient formulas are true, and whether a gradient engine is honest."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .check import DocumentCheck, check_document, check_documents
    from .numeric.check import assert_gradient, check_engine, check_gradient, check_vjp
    from .numeric.result import GradientCheck

__all__ = [
    "DocumentCheck",
    "GradientCheck",
    "assert_gradient",
    "check_document",
    "check_documents",
    "check_engine",
    "check_gradient",
    "check_vjp",
]
_HOMES = {
    "DocumentCheck": ".check",
    "check_document": ".check",
    "check_documents": ".check",
    "GradientCheck": ".numeric.result",
}


def __getattr__(name: str) -> Any:
    """Public names are imported when first asked for, so that the command starts fast."""
    if name not in __all__:
        raise AttributeError(f"module 'derivations' has no attribute '{name}'")
    return getattr(import_module(_HOMES.get(name, ".numeric.check"), __name__), name)
