"""Hypothesis strategies for networks and samples; the only file here that needs Hypothesis.

Shapes are drawn one by one, so that a failure shrinks to small shapes.
"""

from hypothesis import strategies as st

from derivations.conformance.cases import (
    DEEP,
    MANY_SAMPLES,
    WIDE,
    Case,
    Layout,
    Regime,
    build_case,
    mostly_generic,
)

# Few of the large sizes, because the enclosure's cost grows with them.
DEPTHS = st.sampled_from((1, 2, 3, 4, 5) * 3 + (DEEP,))
WIDTHS = st.sampled_from(tuple(range(1, 7)) * 5 + (WIDE,))
SAMPLES = st.sampled_from(tuple(range(1, 10)) * 3 + MANY_SAMPLES)


@st.composite
def cases(
    draw: st.DrawFn,
    *,
    depth: st.SearchStrategy[int] | None = None,
    width: st.SearchStrategy[int] | None = None,
    samples: st.SearchStrategy[int] | None = None,
    regimes: tuple[Regime, ...] = tuple(Regime),
    dtypes: tuple[str, ...] = ("float64", "float32"),
) -> Case:
    """Networks of mostly one to five layers, of widths 1 to 6, on 1 to 9 samples."""
    layers = draw(depth if depth is not None else DEPTHS)
    one_width = width if width is not None else WIDTHS
    widths = tuple(draw(st.lists(one_width, min_size=layers + 1, max_size=layers + 1)))
    return build_case(
        widths,
        draw(samples if samples is not None else SAMPLES),
        regime=draw(st.sampled_from(mostly_generic(regimes))),
        layout=draw(st.sampled_from(Layout)),
        dtype=draw(st.sampled_from(dtypes)),
        labels=draw(st.sampled_from(("soft", "hard"))),
        seed=draw(st.integers(0, 2**32 - 1)),
    )
