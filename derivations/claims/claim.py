"""Claims: what a page states, one a link of a chain, and the layers it speaks of."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from ..document.lexer import Vocabulary
from ..document.markdown import Formula, Page, Remark
from ..document.statements import Chain, Link, Loop, Statement, Words, parse_formula
from ..document.syntax import (
    Add,
    Arguments,
    Bracket,
    Call,
    Derivative,
    Expr,
    Matrix,
    Name,
    Neg,
    Number,
    Product,
    Ref,
    Relation,
    Script,
    Sum,
    children,
    walk,
)  # fmt: skip
from ..document.tex import parse_expression
from ..document.write import to_tex, to_text
from ..errors import FormulaError
from .assumed import conditions_on
from .cues import Lines, climbs, looks_for_zero, speaks_generally
from .notation import Notation
from .rows import goes_on, rows

SHAPE_WORDS = frozenset({"shape", "rows", "columns"})
BOUNDS = frozenset({"<", ">", "\\leq", "\\geq"})
RANGE = "it says which values a symbol takes"
SET_TO_ZERO = "a condition: that the derivative vanishes"
MAX_WORDS = 2000  # characters of a line that are searched for words
MAX_FORMULAS = 2000  # read in one document


class ClaimKind(Enum):
    DEFINITION = "definition"
    INSTANCE = "instance"
    GRADIENT = "gradient"
    CHAIN = "chain"
    UPDATE = "update"
    LOOP = "loop"
    SHAPE = "shape"
    MENTION = "mention"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """``left sign right`` as printed, or what could not be read and why."""

    id: str
    line: int
    tex: str
    kind: ClaimKind
    continues: str | None = None
    before: Expr | None = None  # the side that stands before this link
    left: Expr | None = None
    right: Expr | None = None
    sign: str = "="
    conditions: tuple[Relation, ...] = ()
    ascent: bool | None = False  # of an update: whether the loss is to grow; None for perhaps
    loop: Loop | None = None
    unreadable: str | None = None
    unread: str | None = None  # why it was not even tried
    skipped: str | None = None
    remark: str | None = None


def read_claims(page: Page, notation: Notation) -> list[Claim]:
    """Every claim of a page in order; what cannot be read is a claim too."""
    words = vocabulary(page, notation)
    claims: list[Claim] = []
    heading: Relation | None = None
    headed, lines = 0, [line[:MAX_WORDS] for line in page.text.splitlines()]
    for item in page.items[:MAX_FORMULAS]:
        if isinstance(item, Remark):
            claims += _of_remark(item)
            continue
        own = notation_at(item.line, notation)
        if heading is not None and speaks_generally(lines, headed, item.line):
            heading = None
        found = [_assuming(claim, own, heading) for claim in _of_formula(item, words, claims, own)]
        heading, headed = _heading(found, words), item.line
        remark = None if heading is None else "a condition of the formula after it"
        claims += [replace(claim, remark=remark or claim.remark) for claim in found]
    claims = [_as_meant(claim, lines) for claim in claims]
    return _with_ids([*claims, *_beyond(page)])


def _as_meant(claim: Claim, lines: Lines) -> Claim:
    """The claim with what the words around it say: a condition, a range, the way of a step."""
    if _is_set_to_zero(claim, lines):
        return replace(claim, remark=SET_TO_ZERO)
    if _is_range(claim):
        return replace(claim, remark=RANGE)
    if claim.kind is ClaimKind.UPDATE:
        return replace(claim, ascent=climbs(lines, claim.line))
    return claim


def _is_set_to_zero(claim: Claim, lines: Lines) -> bool:
    """``dL/dw = ... = 0``, or ``dL/dw = 0`` where the text looks for a minimum."""
    zero = isinstance(claim.right, Number) and not claim.right.value
    if not zero or claim.sign != "=" or not isinstance(claim.left, Derivative):
        return False
    return claim.before != claim.left or looks_for_zero(lines, claim.line)


def _is_range(claim: Claim) -> bool:
    """``y_i \\in \\{0, 1\\}``, ``x \\in [0, 1]`` or ``T > 0``: no shape, and nothing to compare."""
    if claim.sign in BOUNDS:
        sides = (claim.left, claim.right)
        plain = [side.arg if isinstance(side, Neg) else side for side in sides]
        known = all(isinstance(side, Name | Script | Number) for side in plain)
        return known and any(isinstance(side, Number) for side in plain)
    listed = isinstance(claim.right, Arguments | Matrix) or (
        isinstance(claim.right, Name) and claim.right != Name("\\mathbb{R}")
    )
    return claim.sign == "\\in" and listed and not isinstance(claim.left, Call)


def _heading(found: list[Claim], words: Vocabulary) -> Relation | None:
    """``i = j`` by itself, before a formula of entries i and j: it says of which entries."""
    if len(found) != 1:
        return None
    (claim,) = found
    letters = [side.text for side in (claim.left, claim.right) if isinstance(side, Name)]
    if len(letters) != 2 or claim.sign not in ("=", "\\neq") or claim.conditions:
        return None
    if any(len(letter) > 1 or letter in words.symbols for letter in letters):
        return None
    return Relation(claim.sign, Name(letters[0]), Name(letters[1]))


def _beyond(page: Page) -> Iterator[Claim]:
    """One claim for all that stands beyond a limit."""
    blank = Claim(id="", line=page.unread or 1, tex="", kind=ClaimKind.MENTION)
    rest = page.items[MAX_FORMULAS:]
    if rest:
        text = rest[0].tex if isinstance(rest[0], Formula) else rest[0].text
        why = (
            f"not checked: this formula and all after it, beyond {MAX_FORMULAS}; split the document"
        )
        yield replace(blank, line=rest[0].line, tex=text, unread=why)
    elif page.unread is not None:
        why = f"not checked: what follows line {page.unread - 1}; split the document"
        yield replace(blank, unread=why)


def notation_at(line: int, notation: Notation) -> Notation:
    """The part of a notation that covers a line, else all of it."""
    found = (part.notation for part in notation.parts if part.lines and part.covers(line, ""))
    return next(found, notation)


def _assuming(claim: Claim, notation: Notation, heading: Relation | None) -> Claim:
    """The claim under the assumptions about entries whose index it leaves free, and under the
    condition that heads it."""
    if claim.left is None or claim.right is None:
        return claim
    found = conditions_on((claim.left, claim.right), notation, heading)
    return replace(claim, conditions=(*claim.conditions, *found)) if found else claim


def vocabulary(page: Page, notation: Notation) -> Vocabulary:
    known = notation.vocabulary
    return Vocabulary(
        functions=known.functions | (SHAPE_WORDS - known.symbols),
        symbols=known.symbols,
        macros=page.macros,
        slopes=known.slopes,
    )


def _of_remark(item: Remark) -> list[Claim]:
    return [
        Claim(
            id="",
            line=item.line,
            tex=item.text,
            kind=ClaimKind.MENTION,
            remark=f"a claim in words; decided by {item.test}",
        )
    ]


def _of_formula(
    item: Formula, words: Vocabulary, before: list[Claim], notation: Notation
) -> list[Claim]:
    blank = Claim(id="", line=item.line, tex=item.tex, kind=ClaimKind.MENTION)
    if item.skipped is not None:
        return [replace(blank, skipped=item.skipped)]
    try:
        statements = parse_formula(item.tex, words)
        target = parse_expression(item.target, words) if item.target else notation.target
    except FormulaError as error:
        lines = list(rows(item, words))
        if len(lines) > 1:
            return _row_by_row(lines, words, before, notation)
        return [replace(blank, unreadable=f"cannot read it: {error}")]
    found: list[Claim] = []
    for statement in statements:
        if isinstance(statement, Chain):
            statement = _aimed(statement, target)
        found += _of_statement(statement, item, [*before, *found])
    return [_in_numbers(claim, notation) for claim in found]


def _row_by_row(
    lines: list[Formula], words: Vocabulary, before: list[Claim], notation: Notation
) -> list[Claim]:
    """What cannot be read costs its own line; a line that begins with a relation goes on with the
    last one before it that could be read, unless its own head is lost."""
    found: list[Claim] = []
    lost = False
    for row in lines:
        continued = goes_on(row)
        if continued and lost:
            blank = Claim(id="", line=row.line, tex=row.tex, kind=ClaimKind.MENTION)
            reason = "it goes on with the formula before, and that could not be read"
            found.append(replace(blank, unreadable=reason))
            continue
        readable = [claim for claim in (*before, *found) if claim.unreadable is None]
        claims = _of_formula(row, words, readable, notation)
        lost = not continued and any(claim.unreadable is not None for claim in claims)
        found += claims
    return found


def _aimed(chain: Chain, target: Expr | None) -> Chain:
    """A formula without a relation says what its target is, where one is declared."""
    leaf = isinstance(chain.head, Name | Script | Number | Bracket)
    if target is None or chain.head is None or chain.links or leaf:
        return chain
    link = Link("=", chain.head, chain.start, chain.stop)
    return replace(chain, head=target, links=(link,))


def _in_numbers(claim: Claim, notation: Notation) -> Claim:
    """A link to a side made of printed numbers speaks of the document's example."""
    if claim.kind is ClaimKind.INSTANCE or claim.right is None or claim.before is None:
        return claim
    if not notation.examples or not is_closed(claim.right):
        return claim
    printed = any(isinstance(n, Matrix) or getattr(n, "places", None) for n in walk(claim.right))
    example = _is_symbol(claim.before) and to_tex(claim.before) in notation.examples
    given = not example and _is_given(claim.before, notation)
    if printed or example or given or is_closed(claim.before) or claim.sign == "\\approx":
        return replace(claim, kind=ClaimKind.INSTANCE)
    return claim


def _is_given(side: Expr, notation: Notation) -> bool:
    """Arithmetic on symbols that the example gives: ``c c`` is no one number for every c."""
    nodes = list(walk(side))
    names = {node.text for node in nodes if isinstance(node, Name)} - {"T", "\\top"}
    return names <= notation.examples.keys() and all(
        isinstance(node, Name | Number | Add | Neg | Product | Script | Bracket) for node in nodes
    )


def is_closed(side: Expr) -> bool:
    """Whether a side is made of numbers and functions only."""
    marks = (Name("T"), Name("\\top"), Name("t"))
    return all(
        not isinstance(node, Name | Ref | Derivative | Sum) or node in marks for node in walk(side)
    )


def _of_statement(statement: Statement, item: Formula, before: list[Claim]) -> list[Claim]:
    blank = Claim(id="", line=item.line, tex=item.tex, kind=ClaimKind.MENTION)
    if isinstance(statement, Words):
        return [replace(blank, remark="words, no formula")]
    if isinstance(statement, Loop):
        return [replace(blank, kind=ClaimKind.LOOP, loop=statement)]
    line = item.line + item.tex[: statement.start].count("\n")
    if statement.head is not None and not statement.links:
        return [replace(blank, line=line, remark="an expression that claims nothing")]
    return list(_of_chain(statement, item, before))


def _of_chain(chain: Chain, item: Formula, before: list[Claim]) -> Iterator[Claim]:
    """One claim a link; each is held against the head of the chain."""
    head, previous = chain.head, None
    if head is None:
        earlier = next((claim for claim in reversed(before) if claim.remark is None), None)
        if earlier is None or earlier.left is None:
            yield Claim(
                id="",
                line=item.line,
                tex=item.tex,
                kind=ClaimKind.MENTION,
                unreadable="it goes on with the formula before, and none could be read",
            )
            return
        head, previous = earlier.left, earlier
    for position, link in enumerate(chain.links):
        assert head is not None
        first = position == 0 and previous is None
        start = chain.start if first else link.start
        tex = item.tex[start : link.stop].strip()
        if len(chain.links) == 1 and chain.head is not None:
            tex = item.tex
        kind = _kind(head, link.side, link.sign)
        side = chain.links[position - 1].side if position else head
        if position == 0 and previous is not None and previous.right is not None:
            side = previous.right
        yield Claim(
            id="",
            line=item.line + item.tex[:start].count("\n"),
            tex=tex,
            kind=kind,
            before=side,
            left=head,
            right=link.side,
            sign=link.sign,
            conditions=(*(previous.conditions if previous else ()), *chain.conditions),
            continues=None if first else "previous",
        )


def _kind(left: Expr, right: Expr, sign: str) -> ClaimKind:
    if sign in ("\\in", "\\notin") or (isinstance(left, Call) and left.function in SHAPE_WORDS):
        return ClaimKind.SHAPE
    if sign == ":=" or (_is_symbol(left) and _is_plain_update(left, right)):
        return ClaimKind.UPDATE
    if _is_symbol(left) and isinstance(right, Matrix):
        return ClaimKind.INSTANCE
    if (
        isinstance(left, Derivative)
        or (isinstance(left, Call) and left.order)
        or _is_differential(left)
    ):
        slopes = [node for node in walk(right) if isinstance(node, Derivative)]
        return ClaimKind.CHAIN if slopes else ClaimKind.GRADIENT
    return ClaimKind.DEFINITION


def _is_symbol(node: Expr) -> bool:
    return isinstance(node, Name) or (isinstance(node, Script) and isinstance(node.base, Name))


def _is_differential(node: Expr) -> bool:
    return isinstance(node, Script) and node.base == Name("d")


def _is_plain_update(left: Expr, right: Expr) -> bool:
    """``W = W - ...``: the symbol stands again on the right, outside every derivative."""
    if right == left:
        return True
    if isinstance(right, Derivative):
        return False
    return any(_is_plain_update(left, part) for part in _parts(right))


def _parts(node: Expr) -> list[Expr]:
    return list(children(node)) if isinstance(node, Add | Neg | Product) else []


# -- ids ------------------------------------------------------------------------
def _with_ids(claims: list[Claim]) -> list[Claim]:
    """Ids made of the claim's own text, so that edits elsewhere leave them as they are."""
    seen: dict[str, int] = {}
    done: list[Claim] = []
    for claim in claims:
        base = f"{_label(claim)}-{_digest(claim.tex)}"
        seen[base] = seen.get(base, 0) + 1
        number = base if seen[base] == 1 else f"{base}-{seen[base]}"
        continues = done[-1].id if claim.continues and done else None
        done.append(replace(claim, id=number, continues=continues))
    return done


def _label(claim: Claim) -> str:
    if claim.left is None:
        return claim.kind.value
    text = to_text(claim.left).replace("∂", "d").replace("/", "-")
    return re.sub(r"[^0-9A-Za-zα-ω-]+", "", text)[:24] or claim.kind.value


def _digest(tex: str) -> str:
    return hashlib.sha256(" ".join(tex.split()).encode(errors="backslashreplace")).hexdigest()[:6]
