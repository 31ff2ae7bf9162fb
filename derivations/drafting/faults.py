"""An error of ours while a page is drafted costs the line that it comes from, not the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..document.markdown import Formula, Page

MOST = 8  # lines that are left out before the page is given up
SKIPPED = "its line stopped the draft"


class BeyondError(Exception):
    """No few lines are to blame; its cause is the error of the page."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that is left out, and the error that it led to."""

    line: int
    why: str


def without_faults(page: Page, draft: Callable[[Page], str]) -> tuple[str, list[Fault]]:
    """The draft of a page without the lines on which it breaks down, and these lines.

    What such a line defines is left open, since it is not known how it is computed.
    Raises: BeyondError where leaving out a few lines does not help.
    """
    faults: list[Fault] = []
    while True:
        try:
            return draft(_leaving_out(page, faults)), faults
        except Exception as error:
            line = _breaking(_leaving_out(page, faults), draft)
            if line is None or len(faults) == MOST or any(f.line == line for f in faults):
                raise BeyondError from error
            what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            faults.append(Fault(line, what))


def _breaking(page: Page, draft: Callable[[Page], str]) -> int | None:
    """The line with which a page that is read from its start first breaks the draft."""
    good, bad = 0, len(page.text.splitlines())
    if not bad or _breaks(_up_to(page, good), draft):
        return None
    while bad - good > 1:
        middle = (good + bad) // 2
        if _breaks(_up_to(page, middle), draft):
            bad = middle
        else:
            good = middle
    return bad


def _breaks(page: Page, draft: Callable[[Page], str]) -> bool:
    try:
        draft(page)
    except Exception:
        return True
    return False


def _up_to(page: Page, line: int) -> Page:
    items = tuple(item for item in page.items if item.line <= line)
    return replace(page, items=items, text="\n".join(page.text.splitlines()[:line]))


def _leaving_out(page: Page, faults: list[Fault]) -> Page:
    lines = {fault.line for fault in faults}
    text = "\n".join(
        "" if number in lines else line
        for number, line in enumerate(page.text.splitlines(), start=1)
    )
    items = tuple(
        replace(item, skipped=SKIPPED) if isinstance(item, Formula) and item.line in lines else item
        for item in page.items
    )
    return replace(page, items=items, text=text) if lines else page
