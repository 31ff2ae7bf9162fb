"""Networks of other libraries pass the suite, through adapters of a few lines."""

import pytest

from derivations.conformance.cases import Layout, Regime, build_case
from derivations.conformance.properties import PROPERTIES
from derivations.conformance.trying import NotImplementedByEngineError, try_property
from tests.conformance.adapters import ADAPTERS

# Few, because a library may compile anew for each shape.
CASES = (
    build_case((3, 4, 2), 5, seed=1),
    build_case((2, 3, 1), 3, regime=Regime.SATURATED, layout=Layout.REVERSED, labels="hard"),
    build_case((2, 2, 2), 4, regime=Regime.ZEROS, layout=Layout.FORTRAN, dtype="float32"),
)


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_network_of_another_library_fails_no_property(name: str) -> None:
    library = name.partition("_")[0]
    pytest.importorskip(library, reason=f"{library} is not installed")
    engine, lacking = ADAPTERS[name](), set()
    for case in CASES:
        for claimed in PROPERTIES:
            try:
                try_property(claimed, engine, case)
            except NotImplementedByEngineError as lack:
                lacking.add(str(lack))
    assert lacking <= {"validation of shapes"}
