"""Every edit of every true formula of the corpus: how many are noticed, and which are not.

Run: python -m tests.benchmarks.every_edit [--seed N]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from derivations.answer import AsPrinted, Verdict
from derivations.document.write import to_text
from derivations.verdict import Judge
from tests.corpus.edits import edited, indices
from tests.corpus.reading import DOCUMENTS, document, notation_of
from tests.corpus.test_edits import EQUAL, changes_nothing


def judged(name: str, seed: int) -> Iterator[tuple[str, str, str, Verdict, bool]]:
    """Each edit of a document: its kind, the formula before and after, and whether it is equal."""
    page = document(name)
    judge = Judge(page.notation, 0, seed)
    for claim, verdict in zip(page.claims, page.verdicts, strict=True):
        if verdict.as_printed is not AsPrinted.HOLDS or claim.left is None or claim.right is None:
            continue
        letters = sorted({*indices(claim.left), *indices(claim.right)})
        for kind, tree in edited(claim.right, letters):
            answer = judge.judge(replace(claim, right=tree))
            same = answer.as_printed is AsPrinted.HOLDS and changes_nothing(
                claim, kind, tree, notation_of(claim, page)
            )
            yield kind, to_text(claim.right), to_text(tree), answer, same


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    seed = parser.parse_args().seed
    changed: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    equal = contradictions = 0
    for name in DOCUMENTS:
        for kind, before, after, answer, same in judged(name, seed):
            contradictions += answer.contradiction is not None
            if same:
                equal += 1
                continue
            changed[kind] += 1
            if answer.as_printed is AsPrinted.HOLDS:
                missed[kind] += 1
                print(f"{name}: {kind}: {before}  is not told from  {after}")
    for kind, count in sorted(changed.items()):
        print(f"{kind:<14}{count:6} edits, {count - missed[kind]} noticed")
    whole = changed.total()
    print(f"{'all':<14}{whole:6} edits, {100 * (1 - missed.total() / whole):.2f} % noticed")
    print(f"{equal} more leave the formula as true as it was: a number transposed, and")
    print("".join(f"  {after}: {why}\n" for after, why in EQUAL.items()), end="")
    sys.exit(1 if missed.total() > 0.01 * whole or contradictions else 0)


if __name__ == "__main__":
    main()
