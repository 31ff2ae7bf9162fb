"""A page's names and scripts -> declared arrays, sizes, powers and transposes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import reduce

from ..document.grammar import LOSS
from ..document.second import TWO
from ..document.syntax import (
    LAST,
    ONE,
    ZERO,
    Arguments,
    Bracket,
    Call,
    Case,
    Derivative,
    Divide,
    Expr,
    Name,
    Ones,
    Place,
    Power,
    Product,
    Ref,
    Relation,
    Script,
    Size,
    Sum,
    Total,
    Transpose,
    rebuild,
    walk,
)  # fmt: skip
from ..document.write import to_tex, to_text
from ..errors import UndeclaredError
from ..functions import FUNCTIONS, Kind
from .determinants import entry_by_entry, is_square
from .indicators import INDICATORS, kronecker, with_indicators
from .notation import Notation
from .scripts import Scripts, index_of, is_power, pieces_of, with_scripts, without_index

COMPARED = frozenset({"=", "\\neq", "<", ">", "\\leq", "\\geq"})


def resolve(
    node: Expr, notation: Notation, bound: frozenset[str] = frozenset(), any_sample: str = ""
) -> Expr:
    """The tree with every name replaced by what the notation says it is.

    ``any_sample``: the index of what is declared per sample and stands without one.
    Raises: UndeclaredError for a symbol, or a symbol at an index, that it does not know.
    """
    return _Resolver(notation, any_sample).resolve(node, bound)


def any_sample_of(trees: tuple[Expr, ...], notation: Notation) -> str:
    """An index for what is declared per sample, where it never has one, so that any is meant."""
    declared = notation.samples.keys() - notation.symbols.keys()
    if not declared:
        return ""
    scripts = [node for tree in trees for node in walk(tree) if isinstance(node, Script)]
    resolver = _Resolver(notation)
    for node in scripts:
        named = resolver.longest_name(node)
        marks = [piece for part in node.sup for piece in pieces_of(part)]
        if named and named[0].text in declared and not all(map(resolver.is_transpose, marks)):
            return ""
        if named and named[0].text in declared and node.sub:
            return ""
    written = {node.text for tree in trees for node in walk(tree) if isinstance(node, Name)}
    return next((letter for letter in "istuv" if letter not in written), "")


class _Resolver(Scripts):
    def resolve(self, node: Expr, bound: frozenset[str]) -> Expr:
        if node in self.notation.phrases:
            with self.opening(to_tex(node)):
                return self.resolve(self.notation.phrases[node], bound)
        if isinstance(node, Product) and node.sign == "":
            return self.side_by_side(node, bound)
        if isinstance(node, Name):
            return self.name(node, bound)
        if isinstance(node, Script):
            return self.script(node, bound)
        if isinstance(node, Sum):
            return self.sum(node, bound)
        if isinstance(node, Call):
            return self.call(node, bound)
        if isinstance(node, Bracket):
            return self.resolve(node.arg, bound)
        if isinstance(node, Derivative) and node.of == LOSS:
            return self.gradient(node.by, bound)
        if isinstance(node, Derivative):
            of, by = self.resolve(node.of, bound), self.resolve(node.by, bound)
            number = isinstance(of, Ref) and self.is_number(node.of)
            return slope(of, by) if number else Derivative(of, by)
        if isinstance(node, Relation):
            return self.indicator(node, bound)
        if isinstance(node, Case):
            return self.case(node, bound)
        if isinstance(node, Arguments):
            return self.factor(node, bound)
        if isinstance(node, Total):
            return replace(node, arg=self.resolve(entry_by_entry(node.arg), bound))
        return rebuild(node, lambda child: self.resolve(child, bound))

    def side_by_side(self, node: Product, bound: frozenset[str]) -> Expr:
        """Factors without a sign: an indicator before its condition, an operator before another,
        a symbol before what it is a function of."""
        parts = list(with_indicators(list(_row(node))))
        if len(parts) == 1:
            return self.resolve(parts[0], bound)
        if any(isinstance(p, Name) and p.text in self.notation.operators for p in parts):
            return self.operated(parts, bound)
        if any(isinstance(p, Arguments) or (isinstance(p, Derivative) and p.open) for p in parts):
            return self.applied(parts, bound)
        return _product([self.resolve(part, bound) for part in parts])

    def operated(self, parts: list[Expr], bound: frozenset[str]) -> Expr:
        """A product in which an operator differentiates the factor after it."""
        result: Expr | None = None
        waiting: list[Expr] = []
        for part in parts:
            if isinstance(part, Name) and part.text in self.notation.operators:
                waiting.append(self.resolve(self.notation.operators[part.text], bound))
                continue
            factor = self.resolve(part, bound)
            while waiting:
                factor = Derivative(factor, waiting.pop())
            result = factor if result is None else Product("", result, factor)
        if waiting or result is None:
            raise UndeclaredError("an operator stands before nothing")
        return result

    def applied(self, parts: list[Expr], bound: frozenset[str]) -> Expr:
        """A product in which brackets may hold what the symbol before them is a function of,
        and a nabla goes on with the factors after it unless it stands before a number."""
        done: list[Expr] = []
        taken = 0
        for position, part in enumerate(parts):
            if position < taken:
                continue
            following = parts[position + 1] if position + 1 < len(parts) else None
            if self.is_loss_of(part, following) and isinstance(following, Arguments):
                taken = position + 2  # nabla L(w): by the one argument that is written
                done.append(self.gradient(following.items[0], bound))
            elif isinstance(part, Arguments) and done:
                called = self.application(done[-1], part, bound)
                done[-1:] = [called] if called is not None else [done[-1], self.factor(part, bound)]
            elif isinstance(part, Derivative) and part.open and not self.is_number(part.of):
                taken = len(parts)
                whole = _product([part.of, *parts[position + 1 :]])
                by = self.resolve(part.by, bound)
                done.append(Derivative(self.resolve(whole, bound), by))
            else:
                done.append(self.resolve(part, bound))
        return _product(done)

    def is_loss_of(self, part: Expr, following: Expr | None) -> bool:
        """``\\nabla L`` before one argument, L being the loss."""
        single = isinstance(following, Arguments) and len(following.items) == 1
        if not single or not isinstance(part, Derivative) or part.of != LOSS:
            return False
        return part.by == Name(self.notation.loss or "")

    def is_number(self, node: Expr) -> bool:
        """Whether a symbol is declared as one number, such as the loss."""
        if node == LOSS:
            return True
        named = self.longest_name(node if isinstance(node, Script) else Script(node))
        symbol = self.notation.symbols.get(named[0].text) if named else None
        return symbol is not None and all(dim.name == "1" for dim in symbol.shape)

    def application(self, head: Expr, brackets: Arguments, bound: frozenset[str]) -> Expr | None:
        """The symbol itself, at the sample of its arguments, if the model computes it from all
        of them; None where the brackets are a factor."""
        inner = head
        while isinstance(inner, Derivative):
            inner = inner.of
        several = len(brackets.items) > 1
        if not isinstance(inner, Ref):
            return None
        sources = self.notation.depends.get(inner.name, frozenset())
        items = [item for item in brackets.items if item != Name("\\dots")]
        found = [self.resolve(item, bound) for item in items]
        plain = [_argument(tree) for tree in found]
        names = [ref.name if isinstance(ref, Ref) else None for ref in plain]
        if not all(name in sources for name in names):
            if several:
                raise UndeclaredError(f"the model does not compute {inner.name} from all of these")
            return None
        samples = {ref.entries[ref.sample] for ref in plain
                   if isinstance(ref, Ref) and ref.entries and ref.sample is not None}  # fmt: skip
        if not samples or inner.entries is not None:
            return head
        symbol = self.notation.symbols[inner.name]
        if not any(dim.name in self.notation.sample_sizes for dim in symbol.shape):
            return head
        if len(samples) > 1 or inner is not head:
            raise UndeclaredError(f"{inner.name} is declared at no such samples", inner.name)
        return self.with_entries(symbol, inner, next(iter(samples)), [])

    def factor(self, brackets: Arguments, bound: frozenset[str]) -> Expr:
        if len(brackets.items) > 1:
            raise UndeclaredError(f"{to_text(brackets)} stands behind no function")
        return self.resolve(brackets.items[0], bound)

    def indicator(self, condition: Relation, bound: frozenset[str]) -> Expr:
        """1 where a condition holds, else 0."""
        return Case(((ONE, self.condition(condition, bound)), (ZERO, None)))

    def case(self, node: Case, bound: frozenset[str]) -> Expr:
        return Case(tuple((self.resolve(value, bound), when if when is None
                           else self.condition(when, bound))
                          for value, when in node.branches))  # fmt: skip

    def condition(self, node: Expr, bound: frozenset[str]) -> Expr:
        """A comparison of values, or of two written indices."""
        if not isinstance(node, Relation) or node.sign not in COMPARED:
            raise UndeclaredError(f"{to_text(node)} is no condition that is decided")
        sides = [self.compared(side, bound) for side in (node.left, node.right)]
        return Relation(node.sign, sides[0], sides[1])

    def compared(self, side: Expr, bound: frozenset[str]) -> Expr:
        """A side of a condition; a letter that is declared as nothing is an index."""
        known = (self.notation.symbols, self.notation.alias, self.notation.sizes)
        letter = isinstance(side, Name) and not any(side.text in names for names in known)
        index = index_of(side, self.notation) if letter else None
        return self.resolve(side, bound) if index is None else Place(index)

    # -- leaves ---------------------------------------------------------------
    def name(self, node: Name, bound: frozenset[str]) -> Expr:
        text, notation = node.text, self.notation
        if node == LOSS:
            if notation.loss is None:
                raise UndeclaredError('no loss is declared; add  loss = "L"  under [model]')
            return self.name(Name(notation.loss), bound)
        if text in notation.symbols:
            return Ref(text, notation.bare.get(text))
        if text in notation.alias:
            with self.opening(text):
                return self.resolve(notation.alias[text], bound)
        if text in notation.samples and self.any_sample:
            try:
                return self.sample(text, Script(node), bound)
            except UndeclaredError as error:
                raise without_index(text) from error
        if text in notation.samples:
            raise without_index(text)
        if text in notation.sizes:
            return Size(text)
        if node in INDICATORS:
            return Ones()
        raise self.unknown(text)

    def call(self, node: Call, bound: frozenset[str]) -> Expr:
        meant = self.notation.functions.get(node.function, node.function)
        if meant not in FUNCTIONS:
            raise UndeclaredError(f"{node.function} is no function of numbers", node.function)
        adds_up = FUNCTIONS[meant].kind is Kind.SCALAR
        argument = self.resolve(entry_by_entry(node.arg) if adds_up else node.arg, bound)
        if node.function == "|" and is_square(argument, self.notation):
            meant = "det"
        inside = node.arg.right if isinstance(node.arg, Product) else None
        if isinstance(inside, Arguments) and isinstance(argument, Product):
            raise UndeclaredError(
                f"{to_text(node)}: whether the brackets belong to the argument is not clear"
            )
        return Call(meant, argument, node.order)

    def gradient(self, by: Expr, bound: frozenset[str]) -> Expr:
        loss, variable = self.name(LOSS, bound), self.resolve(by, bound)
        if variable == loss:
            raise UndeclaredError(f"by what {to_text(loss)} is differentiated, it does not say")
        return slope(loss, variable)

    def sum(self, node: Sum, bound: frozenset[str]) -> Expr:
        if node.upper == Name("\\neq"):
            without = index_of(node.lower, self.notation)
            if without is None:
                raise UndeclaredError(f"the index left out of a sum over {node.index} is no index")
            body = self.resolve(node.body, bound | {node.index})
            return Sum(node.index, None, None, body, without, node.times)
        lower = None if node.lower is None else self.resolve(node.lower, bound)
        upper = None if node.upper is None else self.resolve(node.upper, bound)
        around = dict(self.runs)
        if isinstance(upper, Size):
            self.runs[node.index] = upper.name
        body = self.resolve(node.body, bound | {node.index})
        self.runs = around
        return Sum(node.index, lower, upper, body, times=node.times)

    # -- scripts --------------------------------------------------------------
    def script(self, node: Script, bound: frozenset[str]) -> Expr:
        if node.base in INDICATORS and len(node.sub) == 1 and isinstance(node.sub[0], Relation):
            return self.raised(self.indicator(node.sub[0], bound), replace(node, sub=()), bound)
        named = self.longest_name(node)
        if named is not None:
            return self.scripted(named[0], named[1], bound)
        if node.base in self.notation.phrases:
            with self.opening(to_tex(node.base)):
                return self.script(with_scripts(self.notation.phrases[node.base], node), bound)
        if (size := self.size_named(node)) is not None:
            return size
        if node.base == Name("d") and len(node.sub) == 1 and not node.sup and not node.primes:
            return self.gradient(node.sub[0], bound)
        if isinstance(node.base, Arguments):
            return self.script(replace(node, base=self.factor(node.base, bound)), bound)
        if isinstance(node.base, Name) and node.base in INDICATORS and not node.sub:
            return self.raised(Ones(), node, bound)
        if (entry := self.small_letter(node)) is not None:
            return self.script(entry, bound)
        if isinstance(node.base, Name):
            if (delta := kronecker(node, self.notation)) is not None:
                return delta
            if node.base.text in self.notation.functions:
                raise UndeclaredError(
                    f"{to_tex(node)} is a function at an index, which is not declared",
                    node.base.text,
                )
            raise self.unknown(node.base.text)
        if isinstance(node.base, Call) and not is_power(node.sup, self.notation):
            return self.call_at_layer(node.base, node, bound)
        return self.raised(self.resolve(node.base, bound), node, bound)

    def small_letter(self, node: Script) -> Script | None:
        """``x_{ij}`` as an entry of a declared matrix X."""
        if not isinstance(node.base, Name) or len(node.base.text) != 1:
            return None
        capital = node.base.text.upper()
        symbol = self.notation.symbols.get(capital)
        pieces = [piece for part in node.sub for piece in pieces_of(part)]
        if capital == node.base.text or symbol is None or len(pieces) != 2:
            return None
        axes = sum(dim.name != "1" for dim in symbol.shape)
        return replace(node, base=Name(capital)) if axes == 2 else None

    def size_named(self, node: Script) -> Size | None:
        """``n_x`` as a size, where it is declared as one."""
        text = re.sub(r"[\s{}]", "", to_tex(replace(node, sup=())))
        if text not in self.notation.sizes or node.primes:
            return None
        if node.sup:
            raise UndeclaredError(f"{to_tex(node)}: a power of a size with an index is not read")
        return Size(text)

    def call_at_layer(self, call: Call, node: Script, bound: frozenset[str]) -> Expr:
        """``g^{[l]}(z)``: the activation, which is declared once for every layer."""
        pieces = [piece for part in node.sup for piece in pieces_of(part)]
        indices = [index_of(piece, self.notation) for piece in pieces]
        letters = self.notation.layers.letters | {LAST}
        if node.sub or node.primes or not pieces or not all(
            index is not None
            and (index.base in letters or (isinstance(piece, Bracket) and piece.kind == "["))
            for index, piece in zip(indices, pieces, strict=True)
        ):  # fmt: skip
            raise UndeclaredError(
                f"{to_tex(node)} is a function at an index, which is not declared"
            )
        return self.call(call, bound)


def slope(of: Expr, by: Expr) -> Expr:
    """A number's derivative; by a transpose it is the transpose of the derivative, by the square
    of a number it goes through that number."""
    if isinstance(by, Transpose):
        return Transpose(slope(of, by.arg))
    if isinstance(by, Power) and by.exponent == TWO and isinstance(by.base, Ref):
        return Divide(Derivative(of, by.base), Product("", TWO, by.base))
    return Derivative(of, by)


def _argument(tree: Expr) -> Expr:
    """The symbol that a function is said to depend on: L(w^T) and l(\\sigma^2) do on theirs."""
    return (
        tree.arg if isinstance(tree, Transpose) else tree.base if isinstance(tree, Power) else tree
    )


def _product(parts: list[Expr]) -> Expr:
    return reduce(lambda left, right: Product("", left, right), parts)


def _row(node: Expr) -> Iterator[Expr]:
    """The factors that stand side by side without a sign."""
    if isinstance(node, Product) and node.sign == "":
        yield from _row(node.left)
        yield node.right
    else:
        yield node
