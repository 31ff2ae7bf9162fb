"""The documents under test: their claims by label, and what each label expects."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from derivations.answer import AsPrinted, Verdict
from derivations.check import find_notation, open_page
from derivations.claims.claim import Claim, notation_at, read_claims
from derivations.claims.notation import Notation
from derivations.verdict import Judge

HERE = Path(__file__).parent
DOCUMENTS = sorted(path.stem for path in HERE.glob("*.md"))
WORST_FIRST = (
    AsPrinted.FAILS,
    AsPrinted.ILL_TYPED,
    AsPrinted.UNDECLARED,
    AsPrinted.UNREADABLE,
    AsPrinted.INCONCLUSIVE,
    AsPrinted.HOLDS,
)
WRONG = frozenset({AsPrinted.FAILS, AsPrinted.ILL_TYPED, AsPrinted.UNDECLARED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a formula is known to be; ``short`` where the verdict is another one, and why."""

    name: str
    expect: str
    links: tuple[int, ...] | None = None
    reason: str = ""
    repair: str = ""
    short: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    notation: Notation
    claims: list[Claim]
    verdicts: list[Verdict]
    headings: list[tuple[int, list[str]]]


def labels() -> list[Label]:
    tables = tomllib.loads((HERE / "labels.toml").read_text())
    found = []
    for name, table in tables.items():
        links = tuple(table.pop("links")) if "links" in table else None
        found.append(Label(name=name, links=links, **table))
    return found


@cache
def document(name: str) -> Document:
    """A document judged under its notation file."""
    path = HERE / f"{name}.md"
    page = open_page(path)
    found, _ = find_notation(path, page, None)
    notation = next(iter(found.values()))
    claims = read_claims(page, notation)
    judge = Judge(notation)
    headings = [
        (number, match.group(1).split())
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if (match := re.fullmatch(r"### (.+)", line))
    ]
    return Document(notation, claims, [judge.judge(claim) for claim in claims], headings)


def labelled(label: Label) -> list[tuple[Claim, Verdict]]:
    """The claims under a label with their verdicts; mentions are left out."""
    page = document(label.name[:2])
    first = next(line for line, names in page.headings if label.name in names)
    after = next((line for line, _ in page.headings if line > first), 10**6)
    pairs = [
        (claim, verdict)
        for claim, verdict in zip(page.claims, page.verdicts, strict=True)
        if first < claim.line < after and verdict.as_printed is not AsPrinted.NOT_A_CLAIM
    ]
    if label.links is None or len(pairs) <= max(label.links):
        return pairs
    return [pairs[link] for link in label.links]


def worst(pairs: list[tuple[Claim, Verdict]]) -> AsPrinted:
    """A chain is its worst link."""
    return min((verdict.as_printed for _, verdict in pairs), key=WORST_FIRST.index)


def agrees(label: Label) -> bool:
    pairs = labelled(label)
    found = worst(pairs)
    if label.expect == "holds":
        return found is AsPrinted.HOLDS
    if label.expect == "reading":
        return all(v.as_printed is AsPrinted.HOLDS or v.reading is not None for _, v in pairs)
    return found in WRONG


def notation_of(claim: Claim, page: Document) -> Notation:
    return notation_at(claim.line, page.notation)
