"""Small notation files of the textbook formulas, each a convention that books really use."""

LOGISTIC = r"""
[sizes]
n = "inputs"
[layers]
[shape]
x = "n 1"
w = "n 1"
b = "scalar"
z = "scalar"
a = "scalar"
y = "scalar"
L = "scalar"
[domain]
y = "{0, 1}"
[model]
loss = "L"
forward = [
    'z = w^T x + b',
    'a = \sigma(z)',
    'L = -(y \log(a) + (1 - y) \log(1 - a))',
]
"""

RELU_UNIT = r"""
[sizes]
n = "inputs"
[layers]
[shape]
x = "n 1"
w = "n 1"
b = "scalar"
z = "scalar"
a = "scalar"
y = "scalar"
L = "scalar"
[model]
loss = "L"
forward = ['z = w^T x + b', 'a = \operatorname{relu}(z)', 'L = \frac{1}{2} (a - y)^2']
"""

LINEAR = r"""
rate = "eta"
[sizes]
m = "samples"
n = "inputs"
[shape]
X = "m n"
w = "n 1"
y = "m 1"
r = "m 1"
L = "scalar"
R = "scalar"
lambda = "scalar"
eta = "scalar"
[domain]
lambda = "positive"
eta = "positive"
[model]
loss = "L"
forward = [
    'r = X w - y',
    'R = \frac{\lambda}{2} w^T w',
    'L = \frac{1}{2 m} r^T r + R',
]
"""

SOFTMAX = r"""
[sizes]
m = "samples"
n = "inputs"
k = "outputs"
[shape]
X = "m n"
W = "n k"
b = "1 k"
Z = "m k"
P = "m k"
Y = "m k"
L = "scalar"
[domain]
Y = "one-hot rows"
[model]
loss = "L"
forward = [
    'Z = X W + b',
    'P = \operatorname{softmax}(Z)',
    'L = -\frac{1}{m} \operatorname{total}(Y \odot \log(P))',
]
"""

# One sample as a column, tanh layers, squared error of the last layer.
TANH_NET = r"""
rate = "eta"
[sizes]
n = "inputs"
k = "outputs"
[layers]
index = ["l", "j"]
last = "N"
count = ["N"]
[shape]
x = "n 1"
y = "k 1"
W = "d[l] d[l-1]"
b = "d[l] 1"
z = "d[l] 1"
a = "d[l] 1"
delta = "d[l] 1"
L = "scalar"
eta = "scalar"
[at]
y = "N"
[model]
loss = "L"
forward = [
    'a^0 = x',
    'z^l = W^l a^{l-1} + b^l',
    'a^l = \tanh(z^l)',
    'L = \frac{1}{2} (a^N - y)^T (a^N - y)',
    '\delta^l = \frac{\partial L}{\partial z^l}',
]
"""

# Residual layers: every layer as wide as the input, samples as rows.
RESIDUAL = r"""
[sizes]
m = "samples"
n = "inputs"
[layers]
index = ["l"]
last = "N"
[shape]
X = "m n"
Y = "m n"
W = "n n"
V = "n n"
Z = "m n"
H = "m n"
G = "m n"
L = "scalar"
[model]
loss = "L"
forward = [
    'Z = X @ W',
    'H = X + \tanh(Z)',
    'G = H + H @ V',
    'L = \frac{1}{2 m} \operatorname{total}((G - Y) \odot (G - Y))',
]
"""

# Jacobians in numerator layout: rows for the values, columns for the variables.
NUMERATOR = r"""
layout = "numerator"
[sizes]
n = "inputs"
k = "outputs"
[shape]
x = "n 1"
u = "k 1"
v = "k 1"
A = "k n"
B = "n n"
s = "scalar"
t = "scalar"
[model]
forward = ['u = A x', 'v = \tanh(u)', 's = x^T B x', 't = u^T v']
"""
