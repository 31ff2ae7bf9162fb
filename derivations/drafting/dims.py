"""Sizes of axes as unknowns: which are equal, which are one layer apart, which have a name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

Term = tuple[str, int]  # an unknown, seen from so many layers on
Pair = tuple[Term, Term]


@dataclass(slots=True)
class Dims:
    """A union-find whose members may stand some layers apart.

    ``names`` has the size that a class is known to have, ``fixed`` the classes that are the same
    at every layer.
    """

    parent: dict[str, Term] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    fixed: set[str] = field(default_factory=set)
    undo: list[Callable[[], object]] = field(default_factory=list)

    def find(self, node: str) -> Term:
        steps = 0
        while node in self.parent:
            node, step = self.parent[node]
            steps += step
        return node, steps

    def at(self, term: Term) -> Term:
        root, steps = self.find(term[0])
        return root, steps + term[1]

    def name(self, term: Term) -> str | None:
        return self.names.get(self.find(term[0])[0])

    def call(self, term: Term, name: str) -> bool:
        """Give a size its name; False if it has another one."""
        root = self.find(term[0])[0]
        if root not in self.fixed:
            self.fixed.add(root)
            self.undo.append(lambda: self.fixed.discard(root))
        if root not in self.names:
            self.names[root] = name
            self.undo.append(lambda: self.names.pop(root))
        return self.names[root] == name

    def unify(self, one: Term, other: Term) -> bool:
        """Make two sizes equal; False if they are known to differ."""
        (a, steps_a), (b, steps_b) = self.at(one), self.at(other)
        if a == b:
            if steps_a != steps_b and a not in self.fixed:
                self.fixed.add(a)
                self.undo.append(lambda: self.fixed.discard(a))
            return True
        mine, theirs = self.names.get(a), self.names.get(b)
        if mine and theirs and mine != theirs:
            return False
        self._join(a, b, steps_a - steps_b)
        return True

    def _join(self, a: str, b: str, steps: int) -> None:
        """Put the class of b under a."""
        self.parent[b] = (a, steps)
        self.undo.append(lambda: self.parent.pop(b))
        if b in self.names:
            name, own = self.names.pop(b), self.names.get(a)
            self.names[a] = name
            self.undo.append(lambda: self._unname(a, b, name, own))
        if b in self.fixed and a not in self.fixed:
            self.fixed.add(a)
            self.undo.append(lambda: self.fixed.discard(a))

    def _unname(self, a: str, b: str, name: str, own: str | None) -> None:
        self.names[b] = name
        if own is None:
            del self.names[a]

    def all(self, pairs: Iterable[Pair]) -> bool:
        """Make every pair equal; False if some of them are known to differ."""
        return sum([not self.unify(one, other) for one, other in pairs]) == 0

    def allows(self, pairs: Iterable[Pair]) -> bool:
        """Whether every pair can be equal; nothing is changed."""
        kept = len(self.undo)
        possible = all(self.unify(one, other) for one, other in pairs)
        self.back_to(kept)
        return possible

    def back_to(self, kept: int) -> None:
        """Take back all but so many of the changes."""
        while len(self.undo) > kept:
            self.undo.pop()()

    def members(self) -> dict[str, list[Term]]:
        """Every class by its root, with its members and how many layers on each stands."""
        found: dict[str, list[Term]] = {}
        for node in dict.fromkeys((*self.parent, *(root for root, _ in self.parent.values()))):
            root, steps = self.find(node)
            found.setdefault(root, []).append((node, steps))
        return found


@dataclass(frozen=True, slots=True)
class Choice:
    """Ways in which a formula can be typed, the likeliest first."""

    line: int
    ways: tuple[tuple[Pair, ...], ...]


def solve(dims: Dims, choices: list[Choice], settle: Callable[[], None]) -> list[Choice]:
    """Decide the choices: first those that only one way fits, then the likeliest ways.

    ``settle`` draws what follows from the sizes known so far.  Returns what no way fits.
    """
    open_choices, failed = list(choices), []
    while open_choices:
        settle()
        progress = False
        for choice in list(open_choices):
            fits = [way for way in choice.ways if dims.allows(way)]
            if len(fits) == 1 or not fits:
                open_choices.remove(choice)
                progress = True
                if fits:
                    dims.all(fits[0])
                else:
                    failed.append(choice)
        if not progress and open_choices:
            choice = open_choices.pop(0)
            dims.all(next(way for way in choice.ways if dims.allows(way)))
    settle()
    return failed
