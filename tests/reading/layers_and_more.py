"""A notation with a symbol of every kind: layers, samples, sizes, scripts, primes."""

from derivations.claims.notation_file import parse_notation

NOTATION = parse_notation(
    r"""
prime = "transpose"
[sizes]
m = "samples"
n = "inputs"
k = "outputs"
n_x = "inputs"
[layers]
index = ["l"]
last = ["L"]
[functions]
g = "tanh"
[shape]
X = "m n"
Y = "m k"
W = "d[l-1] d[l]"
A = "m d[l]"
Z = "m d[l]"
B = "1 d[l]"
V = "n k"
S = "k k"
u = "k 1"
w = "n 1"
c = "scalar"
J = "scalar"
t = "m"
O = "d[L] 1"
K = "n m"
'h_1' = "k 1"
"b'" = "k 1"
[bare]
Z = "L"
[at]
O = "L"
[alias]
q = "S"
r = "A^{l-1}"
'V w' = "u"
's(w)' = "V"
[samples]
x = "X^T"
y_i = "Y"
f = "c"
a = "A"
p = "t"
z = "K"
[operator]
D = "w"
[model]
loss = "J"
forward = ["A^0 = X", "u = V^T w", 't = X w', 'J = \|u\|^2 + \|t\|^2']
""",
    "n.toml",
)["default"]
