"""Defects that come out as inconclusive: never green, and not refuted either, with the reason."""

SPECIAL = "wrong at a special point only: the right answers around it are taken for rounding"
TIED = "f has a kink at ties, where no direction is judged"

OPEN: dict[str, str] = {
    "G two equal leaves: kept under their value": SPECIAL,
    "J largest of rows: all of it to each of two": TIED,
    "J largest entry: all of it to each of two": TIED,
    "J largest entry: a count of ties that is squared": TIED,
    "J ReLU: slope 2 at 0": TIED,
    "M largest of 300 equal entries: counted in eight bits": TIED,
    "N squared distances of a slice: cells of the base array": (
        "cells that are no part of the input hold other numbers in each copy"
    ),
    "Q sine of a vector: every fourth call loses a part": (
        "the fourth call measures the rounding, and its error is taken for that"
    ),
}
