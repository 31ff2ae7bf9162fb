"""What a formula says of the shapes of its symbols, as equations between their sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..document.grammar import LOSS
from ..document.syntax import (
    LAST,
    Add,
    Bracket,
    Call,
    Case,
    Derivative,
    Divide,
    Expr,
    Index,
    Matrix,
    Name,
    Neg,
    Number,
    Power,
    Product,
    Relation,
    Script,
    Sum,
    Total,
    walk,
)  # fmt: skip
from ..functions import FUNCTIONS, Kind
from .dims import Choice, Dims, Pair, Term
from .habits import TRANSPOSES, Habits, Use, use_of

Axes = tuple[Term, Term]
UNIT: Term = ("1", 0)
NUMBER: Axes = (UNIT, UNIT)
HADAMARD_ONLY = frozenset({"\\odot", "\\circ", "\\otimes"})
_BIASES = ("b", "c", "\\beta", "B")


class UntypedError(Exception):
    """A formula of whose shapes nothing can be said."""


@dataclass(slots=True)
class Typing:
    """The equations between sizes that the formulas of a page amount to."""

    habits: Habits
    functions: Mapping[str, str]
    scalars: set[str]
    whole: Mapping[str, str]  # y -> Y where y^{(i)} is a sample of Y
    sizes: set[str]
    defined: set[str]
    dims: Dims = field(default_factory=Dims)
    choices: list[Choice] = field(default_factory=list)
    concrete: dict[str, tuple[str, int, Index]] = field(default_factory=dict)
    samples: set[str] = field(default_factory=set)  # unknowns that count samples
    vectors: set[str] = field(default_factory=set)  # symbols that are no numbers
    matrices: set[str] = field(default_factory=set)  # symbols that are no vectors either
    widths: list[tuple[Term, Index]] = field(default_factory=list)  # of written layers
    biases: list[tuple[str, Axes, Axes, int]] = field(default_factory=list)
    axes_of: dict[str, Axes] = field(default_factory=dict)
    grounded: set[str] = field(default_factory=set)  # those that definitions or the text speak of
    sampled: dict[str, tuple[Axes, Term, Axes]] = field(default_factory=dict)
    beside: dict[str, Axes] = field(default_factory=dict)  # the first vector of each index
    turned: bool = False  # whether a sample of a whole array is first taken as a turned row
    loss: str | None = None
    layout: str | None = None  # how the page says that Jacobians are arranged
    line: int = 0
    serial: int = 0

    def __post_init__(self) -> None:
        self.dims.call(UNIT, "1")

    # -- unknowns ---------------------------------------------------------------
    def fresh(self) -> Axes:
        self.serial += 1
        return (f"?{self.serial}.0", 0), (f"?{self.serial}.1", 0)

    def size(self, name: str) -> Term:
        node = ("1", 0) if name == "1" else (f"size {name}", 0)
        self.dims.call(node, name)
        return node

    def index(self, letter: str) -> Term:
        return f"index {self.line} {letter}", 0

    def choose(self, *ways: tuple[Pair, ...]) -> None:
        self.choices.append(Choice(self.line, ways))

    def axes(self, key: str, layer: Index | None) -> Axes:
        """The two sizes of a symbol at a layer."""
        base = (f"{key}.0", f"{key}.1")
        own = self.axes_of.setdefault(key, ((base[0], 0), (base[1], 0)))
        if layer is None:
            for node in base:
                self.dims.fixed.add(self.dims.find(node)[0])
            return own
        if layer.base not in (None, LAST):
            return (base[0], layer.offset), (base[1], layer.offset)
        found: list[Term] = []
        for axis in (0, 1):
            node = f"{key}.{axis}@{layer.base}{layer.offset}"
            self.concrete[node] = (key, axis, layer)
            self.dims.fixed.add(self.dims.find(node)[0])
            found.append((node, 0))
        return found[0], found[1]

    def settle(self) -> None:
        """The sizes at a written layer, as far as those at every layer are known."""
        for node, (key, axis, layer) in self.concrete.items():
            root, steps = self.dims.at((f"{key}.{axis}", 0))
            if root in self.dims.fixed:
                self.dims.unify((node, 0), (root, 0))
            else:
                at = f"{root}@{layer.base}{layer.offset + steps}"
                self.dims.fixed.add(self.dims.find(at)[0])
                self.dims.unify((node, 0), (at, 0))

    # -- formulas ---------------------------------------------------------------
    def equation(self, head: Expr, side: Expr, line: int) -> None:
        """Both sides of a definition have one shape.

        Raises: UntypedError where the formula holds something whose shape cannot be told.
        """
        self.line = line
        left, right = self.shape(head), self.shape(side)
        self.choose(tuple(zip(left, right, strict=True)))

    def shape(self, node: Expr) -> Axes:
        if isinstance(node, Number):
            return NUMBER
        if isinstance(node, Name | Script):
            return self.named(node)
        if isinstance(node, Add):
            return self.added(node)
        if isinstance(node, Neg):
            return self.shape(node.arg)
        if isinstance(node, Product):
            return self.product(node)
        if isinstance(node, Divide):
            return self.divided(self.shape(node.top), self.shape(node.bottom))
        if isinstance(node, Power):
            return self.shape(node.base)
        if isinstance(node, Call):
            return self.called(node)
        if isinstance(node, Sum):
            return self.summed(node)
        if isinstance(node, Total) and not node.over:
            self.shape(node.arg)
            return NUMBER
        if isinstance(node, Derivative) and self.is_loss(node.of):
            return self.shape(node.by)
        if isinstance(node, Matrix):
            return self.size(str(len(node.rows))), self.size(str(len(node.rows[0])))
        if isinstance(node, Bracket):
            return self.shape(node.arg)
        if isinstance(node, Case) and isinstance(node.branches[0][1], Relation):
            return self.shape(node.branches[0][1].left)
        raise UntypedError

    def is_loss(self, node: Expr) -> bool:
        use = use_of(node, self.habits)
        return node == LOSS or (use is not None and use.key == self.loss)

    def named(self, node: Name | Script) -> Axes:
        use = use_of(node, self.habits)
        if use is None:
            return self.scripted(node)
        if use.primes or any(not self.is_exponent(power) for power in use.power):
            raise UntypedError
        key = self.whole.get(use.key, use.key)
        if key in self.scalars or (_plain(key) in self.sizes and not use.entries):
            return NUMBER
        if use.layer is None and key in self.habits.layered:
            raise UntypedError
        axes = self.entries(key, use)
        if use.turned:
            self.vectors.add(key)
        return axes[::-1] if use.turned else axes

    def scripted(self, node: Name | Script) -> Axes:
        """Scripts on brackets: transposes and powers; a condition below an indicator."""
        if not isinstance(node, Script):
            raise UntypedError
        for sub in node.sub:
            if isinstance(sub, Relation):
                return self.shape(sub.left)
        if node.sub or node.primes:
            raise UntypedError
        axes = self.shape(node.base)
        for piece in node.sup:
            if piece in TRANSPOSES:
                axes = axes[::-1]
            elif not self.is_exponent(piece):
                raise UntypedError
        return axes

    def is_exponent(self, piece: Expr) -> bool:
        inner = piece.arg if isinstance(piece, Neg) else piece
        return isinstance(inner, Number)

    def entries(self, key: str, use: Use) -> Axes:
        """The shape of a symbol, or of the sample or entry that its indices pick out."""
        axes = self.axes(key, use.layer)
        if use.sample is not None:
            index = self.index(use.sample)
            self.samples.add(index[0])
            rest = self.fresh()
            ways = (
                ((axes[1], index), (rest[0], axes[0]), (rest[1], UNIT)),
                ((axes[0], index), (rest[0], UNIT), (rest[1], axes[1])),
                ((axes[0], index), (rest[0], axes[1]), (rest[1], UNIT)),
            )
            self.choose(*(ways[::-1] if self.turned else ways))
            self.sampled[use.key] = (axes, index, rest)
            axes = rest
        letters = [self.index(entry) for entry in use.entries if not entry.isdigit()]
        if not use.entries:
            return axes
        self.vectors.add(key)
        if len(use.entries) == 1:
            self.vector(axes, letters[0] if letters else self.fresh()[0])
        elif len(use.entries) == 2 and len(letters) == 2:
            self.choose(((axes[0], letters[0]), (axes[1], letters[1])))
            self.matrices.add(key)
        elif len(use.entries) > 2:
            raise UntypedError
        return NUMBER

    def vector(self, axes: Axes, index: Term) -> None:
        """One index runs over one axis; vectors that share it lie the same way as a rule."""
        beside = self.beside.setdefault(index[0], axes)
        if beside != axes:
            turned = beside[::-1]
            self.choose(*(tuple(zip(axes, way, strict=True)) for way in (beside, turned)))
        self.choose(((axes[0], index), (axes[1], UNIT)), ((axes[1], index), (axes[0], UNIT)))

    # -- operations ---------------------------------------------------------------
    def is_number(self, axes: Axes) -> bool:
        return all(self.dims.name(axis) == "1" for axis in axes)

    def added(self, node: Add) -> Axes:
        left = self.shape(node.left)
        bias = self.bias(node)
        if bias is not None:
            self.biases.append((bias, self.axes(bias, self.layer_of(node.right)), left, self.line))
            return left
        return self.spread(left, self.shape(node.right))

    def bias(self, node: Add) -> str | None:
        """``W x + b``: what is added to a product, and is itself given."""
        use = use_of(node.right, self.habits)
        if use is None or use.entries or use.sample or use.turned or use.key in self.scalars:
            return None
        product = any(isinstance(part, Product) for part in walk(node.left))
        known = use.key.startswith(_BIASES) and use.key not in self.defined
        unlayered = use.layer is None and use.key in self.habits.layered
        return use.key if product and known and not unlayered else None

    def layer_of(self, node: Expr) -> Index | None:
        use = use_of(node, self.habits)
        return None if use is None else use.layer

    def spread(self, left: Axes, right: Axes) -> Axes:
        """The shape of a sum: of both, or of the one that the other is repeated to fit."""
        if self.is_number(left) or self.is_number(right):
            return right if self.is_number(left) else left
        (a, b), (c, d), (e, f) = left, right, self.fresh()
        same = ((a, c), (b, d), (e, a), (f, b))
        whole = ((e, a), (f, b))
        other = ((e, c), (f, d))
        self.choose(
            same,
            ((c, UNIT), (d, UNIT), *whole),
            ((a, UNIT), (b, UNIT), *other),
            ((c, UNIT), (b, d), *whole),
            ((a, c), (d, UNIT), *whole),
            ((a, UNIT), (b, d), *other),
            ((a, c), (b, UNIT), *other),
        )
        return e, f

    def divided(self, top: Axes, bottom: Axes) -> Axes:
        return self.spread(top, bottom)

    def product(self, node: Product) -> Axes:
        left, right = self.shape(node.left), self.shape(node.right)
        if node.sign in HADAMARD_ONLY or self.is_number(left) or self.is_number(right):
            return self.spread(left, right)
        (a, b), (c, d), (e, f) = left, right, self.fresh()
        ways = (
            ((b, c), (e, a), (f, d)),
            ((a, UNIT), (b, UNIT), (e, c), (f, d)),
            ((c, UNIT), (d, UNIT), (e, a), (f, b)),
            ((a, c), (b, d), (e, a), (f, b)),
        )
        self.choose(*ways)
        return e, f

    def called(self, node: Call) -> Axes:
        axes = self.shape(node.arg)
        meant = self.functions.get(node.function, node.function)
        function = FUNCTIONS.get(meant)
        if function is None:
            if meant:
                raise UntypedError
            return axes  # a letter that the page applies to arrays, entry by entry
        if meant in ("trace", "det", "inv"):
            self.choose(((axes[0], axes[1]),))
        if function.kind is Kind.SCALAR:
            self.vectors |= {u.key for part in walk(node.arg) if (u := self.whole_use(part))}
            return NUMBER
        if function.kind is Kind.DIAGONAL:
            size = self.fresh()
            self.choose(
                ((axes[1], UNIT), (size[0], axes[0]), (size[1], axes[0])),
                ((axes[0], UNIT), (size[0], axes[1]), (size[1], axes[1])),
            )
            return size
        if function.kind is Kind.ROWS:
            self.vectors |= {u.key for part in walk(node.arg) if (u := self.whole_use(part))}
        return axes

    def whole_use(self, part: Expr) -> Use | None:
        use = use_of(part, self.habits) if isinstance(part, Name | Script) else None
        return None if use is None or use.key in self.scalars else use

    def summed(self, node: Sum) -> Axes:
        upper = node.upper if node.upper != Name("\\neq") else None
        name = size_name(upper) if upper is not None else None
        letters = {u for part in walk(node.body) for u in self.letters(part)}
        if name is not None and node.index in letters and name not in self.habits.last:
            index = self.index(node.index)
            if self.dims.name(index) is None and not self.dims.unify(index, self.size(name)):
                raise UntypedError
        return self.shape(node.body)

    def letters(self, part: Expr) -> tuple[str, ...]:
        use = use_of(part, self.habits) if isinstance(part, Name | Script) else None
        return () if use is None else (*use.entries, *((use.sample,) if use.sample else ()))

    def argument(self, node: Expr, line: int) -> None:
        """What a function is applied to, in a statement about the function alone."""
        self.line = line
        self.shape(node)

    def derivative(self, head: Expr, slope: Derivative, line: int) -> None:
        """A name for a derivative of the loss has the shape of the variable."""
        self.line = line
        name, by = use_of(head, self.habits), use_of(slope.by, self.habits)
        layers = self.habits.layers
        last = Index(LAST)
        alike = name and by and (name.entries, name.sample) == (by.entries, by.sample)
        if name and by and name.layer == by.layer == last and layers and alike:
            every = Index(min(layers))  # what is named so at the last layer is so at each
            self.choose(
                tuple(zip(self.axes(name.key, every), self.axes(by.key, every), strict=True))
            )
            return
        own, of = self.shape(head), self.shape(slope.by)
        same = tuple(zip(own, of, strict=True))
        row = (*zip(own, of[::-1], strict=True), (of[1], UNIT))  # of a column
        self.choose(*((row, same) if self.layout == "numerator" else (same,)))


def _plain(key: str) -> str:
    """``d_k`` for ``d_{k}``, as sizes are named."""
    return key.translate({ord("{"): None, ord("}"): None})


def size_name(node: Expr) -> str | None:
    """A size as a notation file would name it: ``m``, ``D_h``, ``10``."""
    if isinstance(node, Number) and node.value.denominator == 1 and node.value > 0:
        return str(node.value)
    if isinstance(node, Name):
        text = node.text.removeprefix("\\")
        return text if text.isalnum() and not text[0].isdigit() else None
    if isinstance(node, Script) and not node.sup and len(node.sub) == 1:
        base, sub = size_name(node.base), size_name(node.sub[0])
        return f"{base}_{sub}" if base and sub and not base[0].isdigit() else None
    if isinstance(node, Product) and node.sign == "":
        left, right = size_name(node.left), size_name(node.right)
        return f"{left}{right}" if left and right and left.isalpha() and right.isalpha() else None
    if isinstance(node, Call) and node.function == "|":
        return size_name(node.arg)
    return None
