"""Elements of a page; their text is escaped when they are written, without exception."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape

from .visible import visible

_EMPTY = frozenset({"meta", "br"})
INVISIBLE = frozenset({"\u2061", "\u2062"})  # MathML's own signs: of a function, of a product


@dataclass(frozen=True, slots=True)
class Element:
    """A tag with its attributes and what stands in it; plain texts are shown, never obeyed."""

    tag: str
    children: tuple[Element | str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return "".join(_written(self))


def element(tag: str, *children: Element | str, **attributes: str | None) -> Element:
    """``class_`` and the like lose their underscore; an attribute of None is left out."""
    kept = tuple(
        (name.rstrip("_").replace("_", "-"), value)
        for name, value in attributes.items()
        if value is not None
    )
    return Element(tag, children, kept)


def _written(node: Element | str) -> Iterator[str]:
    if isinstance(node, str):
        yield node if node in INVISIBLE else escape(visible(node), quote=False)
        return
    attributes = "".join(f' {name}="{escape(visible(value))}"' for name, value in node.attributes)
    yield f"<{node.tag}{attributes}>"
    for child in node.children:
        yield from _written(child)
    if node.tag not in _EMPTY:
        yield f"</{node.tag}>"


def leaves(node: Element) -> Iterator[str]:
    """The texts of an element, in order."""
    for child in node.children:
        if isinstance(child, str):
            yield child
        else:
            yield from leaves(child)


def marked(node: Element, places: set[int], name: str) -> Element:
    """The element with a class on those of its texts' elements whose number is given."""
    return _marked(node, places, name, 0)[0]


def _marked(node: Element, places: set[int], name: str, count: int) -> tuple[Element, int]:
    done: list[Element | str] = []
    here = False
    for child in node.children:
        if isinstance(child, str):
            here = here or count in places
            done.append(child)
            count += 1
        else:
            inner, count = _marked(child, places, name, count)
            done.append(inner)
    attributes = (*node.attributes, ("class", name)) if here else node.attributes
    return replace(node, children=tuple(done), attributes=attributes), count
