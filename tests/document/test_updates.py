"""Steps of a descent are read as updates in whatever dress, and nothing else is."""

import pytest

from derivations.document.lexer import Vocabulary
from derivations.document.statements import Chain, parse_formula
from derivations.document.write import to_tex

STEP = r" - \eta \frac{\partial L}{\partial w}"


def read(tex: str, symbols: frozenset[str] = frozenset()) -> list[tuple[str, str, str]]:
    chains = parse_formula(tex, Vocabulary(symbols=symbols))
    return [
        (to_tex(chain.head), link.sign, to_tex(link.side))
        for chain in chains
        if isinstance(chain, Chain) and chain.head is not None
        for link in chain.links
    ]


@pytest.mark.parametrize(
    "tex",
    [
        r"\Delta w = -\eta \frac{\partial L}{\partial w}",
        r"w_{new} = w_{old} - \eta \frac{\partial L}{\partial w}",
        r"w^{new} = w - \eta \frac{\partial L}{\partial w}",
        r"w_{t+1} = w_t - \eta \frac{\partial L}{\partial w_t}",
        r"w^{(k+1)} := w^{(k)} - \eta \frac{\partial L}{\partial w}",
    ],
)
def test_a_step_is_an_update_of_the_plain_symbol(tex: str) -> None:
    assert read(tex) == [("w", ":=", f"w{STEP}")]


def test_a_step_in_two_links_is_two_updates() -> None:
    found = read(r"\Delta w = -\eta \nabla_w L = -\eta g")
    assert found == [("w", ":=", f"w{STEP}"), ("w", ":=", r"w - \eta g")]


@pytest.mark.parametrize(
    "tex",
    [
        r"\Delta x = -h",
        r"\Delta y = f(x + \Delta x) - f(x)",
        r"h_{t+1} = h_t + f(h_t)",
        r"a_{k+1} = a_k - b_k",
        r"w_{t+1} = w_{t-1} - \eta \frac{\partial L}{\partial w}",
    ],
)
def test_what_is_no_step_of_a_descent_stays_as_it_is(tex: str) -> None:
    assert all(sign == "=" for _, sign, _ in read(tex))


def test_a_declared_delta_is_a_symbol() -> None:
    assert read(r"\Delta w = -\eta g", frozenset({r"\Delta"}))[0][1] == "="
