"""A proof is written out in these steps, each of which holds when it is read back."""

import pytest

from derivations.claims.claim import read_claims
from derivations.claims.notation_file import parse_notation
from derivations.document.markdown import parse_page
from derivations.symbolic.steps import Proof, proof_steps, replayed
from derivations.verdict import Judge

NOTATION = parse_notation(
    r"""
[sizes]
m = "samples"
n = "inputs"
k = "outputs"
[layers]
index = ["l"]
last = ["L"]
[shape]
X = "m n"
Y = "m k"
W = "d[l-1] d[l]"
Z = "m d[l]"
A = "m d[l]"
J = "scalar"
S = "n n"
u = "n 1"
c = "scalar"
[at]
Y = "L"
[model]
loss = "J"
forward = ["A^0 = X", "Z^l = A^{l-1} W^l", 'A^L = Z^L', 'A^l = \tanh(Z^l)',
           'J = \frac{1}{2 m} \|A^L - Y\|^2', 'c = u^T u']
""",
    "n.toml",
)["default"]

# A claim; the network, the layer that stays closed and the method of its proof; and its steps.
WRITTEN = r"""
\frac{\partial J}{\partial A^L} = \frac{1}{m} (A^L - Y)
  [4 | None | for all sizes, in the last layer of any depth]
  the model: J = (Σ[q=1..m] (Σ[p=1..k] (A^4[q, p] - Y[q, p])^2))/(2·m)
  differentiate J: ∂J/∂A^4[i, j] = (2·A^4[i, j] - 2·Y[i, j])/(2·m)
  the right side, entry by entry: ∂J/∂A^4[i, j] = (A^4[i, j] - Y[i, j])/m
\frac{\partial J}{\partial Z^l} = \frac{\partial J}{\partial Z^{l+1}} W^{(l+1)T} \odot \tanh'(Z^l)
  [6 l=2 | 3 | for all sizes and depths, by the step from layer to layer]
  chain rule through A^3: ∂J/∂Z^3[i, j] = (1 - (tanh(Z^3[i, j]))^2)·(∂J/∂A^3[i, j])
  chain rule through Z^3: ∂J/∂A^2[i, j] = Σ[p=1..d3] W^3[j, p]·(∂J/∂Z^3[i, p])
  chain rule through A^2: ∂J/∂Z^2[i, j] = (1 - (tanh(Z^2[i, j]))^2)·(∂J/∂A^2[i, j])
  the right side, entry by entry: ∂J/∂Z^2[i, j] = (1 - (tanh(Z^2[i, j]))^2)·(Σ[p=1..d3] (1 -
    (tanh(Z^3[i, p]))^2)·W^3[j, p]·(∂J/∂A^3[i, p]))
\frac{\partial J}{\partial W^l} = A^{(l-1)T} \frac{\partial J}{\partial Z^l}
  [6 l=3 | 3 | for all sizes and depths, by the step from layer to layer]
  chain rule through A^3: ∂J/∂Z^3[i, j] = (1 - (tanh(Z^3[i, j]))^2)·(∂J/∂A^3[i, j])
  chain rule through Z^3: ∂J/∂W^3[i, j] = Σ[p=1..m] A^2[p, i]·(∂J/∂Z^3[p, j])
  the right side, entry by entry: ∂J/∂W^3[i, j] = Σ[p=1..m] (1 - (tanh(Z^3[p, j]))^2)·A^2[p,
    i]·(∂J/∂A^3[p, j])
\frac{\partial J}{\partial W^L_{ij}} = \frac{1}{m} \sum_{q=1}^m A^{L-1}_{qi} (A^L_{qj} - Y_{qj})
  [4 | None | for all sizes, in the last layer of any depth]
  the model: J = (Σ[q=1..m] (Σ[p=1..k] (A^4[q, p] - Y[q, p])^2))/(2·m)
  differentiate J: ∂J/∂A^4[i, j] = (2·A^4[i, j] - 2·Y[i, j])/(2·m)
  chain rule through A^4: ∂J/∂Z^4[i, j] = ∂J/∂A^4[i, j]
  chain rule through Z^4: ∂J/∂W^4[i, j] = Σ[p=1..m] A^3[p, i]·(∂J/∂Z^4[p, j])
  the right side, entry by entry: ∂J/∂W^N[i, j] = (Σ[p=1..m] A^3[p, i]·(A^4[p, j] - Y[p, j]))/m
c = \sum_{i=1}^n u_i^2
  [1 | None | for all sizes]
  the right side, entry by entry: c = Σ[p=1..n] (u[p])^2
S^2 = S S
  [1 | None | for all sizes]
  the right side, entry by entry: Σ[p=1..n] S[i, p]·S[p, j] = Σ[p=1..n] S[i, p]·S[p, j]
\frac{\partial c}{\partial u} = 2 u
  [1 | None | for all sizes]
  the right side, entry by entry: 2·u[i] = 2·u[i]
\operatorname{trace}(S) = \sum_i S_{ii}
  [1 | None | for all sizes]
  the right side, entry by entry: Σ[p=1..n] S[p, p] = Σ[p=1..n] S[p, p]
c^{-2} = \frac{1}{c^2}
  [1 | None | for all sizes]
  the right side, entry by entry: 1/(c)^2 = 1/(c)^2
m c - n c = c m - n c
  [1 | None | for all sizes]
  the right side, entry by entry: m·c - n·c = m·c - n·c
-c - u = -(u + c)
  [1 | None | for all sizes]
  the right side, entry by entry: -c - u[i] = -c - u[i]
\sum_{i=1}^n c = n c
  [1 | None | for all sizes]
  the right side, entry by entry: n·c = n·c
\exp(c) + \log(c) = \log(c) + \exp(c)
  [1 | None | for all sizes]
  the right side, entry by entry: exp(c) + log(c) = exp(c) + log(c)
\sqrt{c} = c^{0.5}
  [1 | None | for all sizes]
  the right side, entry by entry: sqrt(c) = sqrt(c)
\sigma'(u) = \sigma(u) \odot (1 - \sigma(u))
  [1 | None | for all sizes]
  the right side, entry by entry: (1 - sigmoid(u[i]))·sigmoid(u[i]) = (1 -
    sigmoid(u[i]))·sigmoid(u[i])
|u| \odot |u| = u \odot u
  [1 | None | for all sizes]
  the right side, entry by entry: (sign(u[i]))^2·(u[i])^2 = (u[i])^2
\operatorname{relu}(u) = u \odot \operatorname{relu}'(u)
  [1 | None | for all sizes]
  the right side, entry by entry: step(u[i])·u[i] = step(u[i])·u[i]
c u_1 = u_1 c
  [1 | None | for all sizes]
  the right side, entry by entry: c·u[1] = c·u[1]
S_{2j} u_1 = u_1 S_{2j}
  [1 | None | for all sizes]
  the right side, entry by entry: S[2, j]·u[1] = S[2, j]·u[1]
\frac{u}{2 c} = \frac{1}{2} \frac{u}{c}
  [1 | None | for all sizes]
  the right side, entry by entry: u[i]/(2·c) = u[i]/(2·c)
\sum_{i=1}^n \sum_{j=1}^n S_{ij} = \sum_{j=1}^n \sum_{i=1}^n S_{ij}
  [1 | None | for all sizes]
  the right side, entry by entry: Σ[q=1..n] (Σ[p=1..n] S[q, p]) = Σ[q=1..n] (Σ[p=1..n] S[p, q])
"""


def table() -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for line in WRITTEN.strip().split("\n"):
        if line.startswith("    "):
            found[-1][1][-1] += " " + line.strip()
        elif line.startswith("  "):
            found[-1][1].append(line.strip())
        else:
            found.append((line, []))
    return found


def written(judge: Judge, tex: str) -> Proof | None:
    (claim,) = read_claims(parse_page(f"$${tex}$$"), NOTATION)
    found = judge.judge(claim).found
    assert found is not None
    return proof_steps(found.left, found.right, NOTATION, judge.context.model)


@pytest.mark.parametrize(("tex", "due"), table(), ids=[tex for tex, _ in table()])
def test_a_proof_has_these_steps(tex: str, due: list[str]) -> None:
    judge = Judge(NOTATION)
    proof = written(judge, tex)
    assert proof is not None
    network = f"{proof.network.depth}" + "".join(f" {a}={b}" for a, b in proof.network.layers)
    head = f"[{network} | {proof.frontier} | {proof.method}]"
    assert [head, *(f"{step.rule}: {step.text()}" for step in proof.steps)] == due
    assert all(replayed(proof, NOTATION, judge.context.model))
