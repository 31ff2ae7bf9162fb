"""What is shown of a proof does not depend on the documents that were judged before it."""

import re
from pathlib import Path

from derivations.report.explain import explain_claim
from derivations.symbolic import indices
from derivations.symbolic.indices import array, fresh, size

NOTES = Path(__file__).parents[1] / "readme" / "example.md"


def explained() -> str:
    line = next(
        number
        for number, text in enumerate(NOTES.read_text(encoding="utf-8").splitlines(), 1)
        if "partial" in text
    )
    return explain_claim(f"L{line}", NOTES, None, None)


def test_the_steps_are_the_same_after_any_other_document() -> None:
    """Other arrays first, and in another order: the factors keep theirs."""
    first = explained()
    for names in (("w", "X", "y"), ("y", "w", "X", "lambda")):
        array.cache_clear()
        size.cache_clear()
        for name in names:
            array(name)
        assert explained() == first


def test_a_name_is_that_of_its_key_and_of_no_other() -> None:
    keys = [("a",), ("b",), ("a", "b"), ("a,b",), ("a'", "b"), ("a", "'b"), (1,), ("1",)]
    names = {str(array(*key)) for key in keys}
    assert len(names) == len(keys)
    assert all(re.fullmatch(r"s[0-9a-f]+", name) for name in names)
    before = str(array("a"))
    array.cache_clear()
    assert str(array("a")) == before


def test_new_indices_are_ordered_as_they_come() -> None:
    """Across any number of digits: the order by name is the order of creation."""
    made = [str(fresh("m")) for _ in range(1200)]
    assert made == sorted(made)
    assert fresh("1") == indices.ZERO
