"""How an engine is found by its name, and what cases it is tried on."""

import sys
from pathlib import Path

import numpy as np
import pytest

import engine
from derivations.conformance.cases import Layout, Regime, build_case, rebuilt, sample_cases
from derivations.conformance.protocol import METHODS, EngineNotFoundError, load_engine, missing


def test_an_engine_is_a_module_or_an_object_inside_one() -> None:
    assert load_engine("engine") is engine
    assert load_engine("engine.network:DOCUMENT_NETWORK") == engine.Network()
    assert load_engine("engine:network.DOCUMENT_NETWORK") == engine.Network()


def test_a_module_that_raises_on_import_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "raising_engine.py").write_text("raise OSError('no licence')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    with pytest.raises(EngineNotFoundError, match=r"raising_engine: OSError: no licence"):
        load_engine("raising_engine")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no_such_package", "cannot import no_such_package: ModuleNotFoundError"),
        ("engine:network.NOTHING", "engine has no network.NOTHING"),
        ("engine.errors", "it has none of forward, loss, gradients"),
        ("", "engine : cannot import"),
    ],
)
def test_a_name_without_an_engine_is_refused(name: str, message: str) -> None:
    with pytest.raises(ImportError, match=message):
        load_engine(name)


def test_what_an_engine_lacks_is_listed() -> None:
    class Half:
        forward = loss = staticmethod(len)
        gradients = "not a function"

    assert missing(Half, METHODS) == ["gradients"]


def test_the_same_settings_build_the_same_case() -> None:
    case = build_case((3, 2), 4, regime=Regime.LARGE, layout=Layout.FORTRAN, seed=9)
    assert case.X.flags.f_contiguous
    assert rebuilt(case).X.tobytes("A") == case.X.tobytes("A")
    assert np.array_equal(rebuilt(case, layout=Layout.REVERSED).X, case.X)
    assert rebuilt(case, seed=10).X.tobytes() != case.X.tobytes()


def test_layouts_are_what_they_are_called() -> None:
    layouts = {layout: build_case((3, 3), 3, layout=layout).X for layout in Layout}
    assert layouts[Layout.REVERSED].strides < (0, 0)
    assert not layouts[Layout.STRIDED].flags.contiguous
    assert not layouts[Layout.READ_ONLY].flags.writeable
    assert len({array.tolist().__repr__() for array in layouts.values()}) == 1


def test_sampled_cases_are_of_every_kind() -> None:
    """How many of 200 have what the properties are to be tried on."""
    cases = list(sample_cases(200))
    assert {case.layout for case in cases} == set(Layout)
    assert {case.regime for case in cases} == set(Regime)
    assert {case.dtype for case in cases} == {"float64", "float32"}
    assert {len(case.parameters) for case in cases} >= {1, 2, 3, 4, 5}
    assert sum(1 in case.widths for case in cases) > 20
    assert sum(case.samples == 1 for case in cases) > 10
    assert sum(case.samples > 8 for case in cases) > 10
    assert sum(len(set(case.widths)) > 1 for case in cases) > 100
    assert sum(bool((case.X == 0).any()) for case in cases) > 20
    assert sum(len(np.unique(case.X)) == case.X.size for case in cases) > 100
