"""Worked examples of the textbooks, number by number, on scalars and on arrays.

Letters are the texts': K is Kneusel's Math for Deep Learning (ch. 10), L a course lesson, G Glassner's Deep Learning: A
Visual Approach (ch. 14).
"""

from math import exp

import numpy as np
import pytest

from autograd import Tensor, Value, grad, gradients, sigmoid, sin
from autograd.graph import toposort
from tests.helpers.support import KINDS

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def is_(actual, expected):
    """Equal to the twelve digits that the texts' numbers are given with, or to the number computed by hand."""
    np.testing.assert_allclose(np.asarray(actual, float), np.asarray(expected, float), rtol=1e-12, atol=1e-12)


# ---- K1: the hand-made 2-2-1 net ----

K1 = {
    "w0": (0.15, -0.0616946960689), "w1": (-0.35, 0.0502920700365), "w2": (0.4, 0.148067270565),
    "w3": (0.25, -0.120700968088), "w4": (0.7, -0.299866795826), "w5": (-0.6, -0.261972209028),
    "b0": (0.05, -0.123389392138), "b1": (-0.1, 0.100584140073), "b2": (0.2, -0.727531018895),
}  # fmt: skip


def k1(p, x0=0.5, x1=-1.2, y=1.0):
    z0 = p["w0"] * x0 + p["w2"] * x1 + p["b0"]
    a0 = sigmoid(z0)
    z1 = p["w1"] * x0 + p["w3"] * x1 + p["b1"]
    a1 = sigmoid(z1)
    a2 = p["w4"] * a0 + p["w5"] * a1 + p["b2"]
    return 0.5 * (y - a2) ** 2, a2, a0, a1


def k1_by_hand():
    """All nine partials, derived with pencil and paper."""
    p = {name: value for name, (value, _) in K1.items()}
    _, a2, a0, a1 = k1(p)
    d = a2 - 1.0
    d0, d1 = d * p["w4"] * a0 * (1 - a0), d * p["w5"] * a1 * (1 - a1)
    return {
        "w0": d0 * 0.5, "w2": d0 * -1.2, "b0": d0, "w1": d1 * 0.5, "w3": d1 * -1.2, "b1": d1,
        "w4": d * a0, "w5": d * a1, "b2": d,
    }  # fmt: skip


@pytest.mark.system("K1")
@kinds
def test_k1_the_hand_made_net(kind):
    p = {name: kind(value, name) for name, (value, _) in K1.items()}
    loss, a2, *_ = k1(p)
    is_(a2.data, 0.272468981105)
    is_(loss.data, 0.264650691727)
    loss.backward()
    by_hand = k1_by_hand()
    for name, (_, partial) in K1.items():
        is_(p[name].grad, partial)
        np.testing.assert_allclose(p[name].grad, by_hand[name], rtol=1e-14)


@pytest.mark.system("K1")
def test_k1_as_matrices():
    W = Tensor([[0.15, 0.4], [-0.35, 0.25]])
    b, v, c = Tensor([0.05, -0.1]), Tensor([0.7, -0.6]), Tensor(0.2)
    a2 = v @ sigmoid(W @ [0.5, -1.2] + b) + c
    loss = 0.5 * (1.0 - a2) ** 2
    loss.backward()
    g = {name: partial for name, (_, partial) in K1.items()}
    is_(loss.data, 0.264650691727)
    is_(W.grad, [[g["w0"], g["w2"]], [g["w1"], g["w3"]]])
    is_(b.grad, [g["b0"], g["b1"]])
    is_(v.grad, [g["w4"], g["w5"]])
    is_(c.grad, g["b2"])


# ---- K5: the graph of y = mx + b ----


@pytest.mark.system("K5")
@kinds
def test_k5_the_line(kind):
    m, x, b = kind(3.0, "m"), kind(2.0, "x"), kind(1.0, "b")
    y = m * x + b
    order = toposort(y)
    assert [n.label or n.op.symbol for n in order] == ["m", "x", "b", "×", "+"]
    y.backward()
    is_([y.data, m.grad, x.grad, b.grad], [7.0, 2.0, 3.0, 1.0])


# ---- K6: y = σ(Wx + b) ----

K6_W, K6_X, K6_B = [[0.1, 0.7], [0.3, 0.2]], [0.5, 0.8], [0.1, -0.2]
K6_BY_B = [0.220963444736, 0.249245272494]
K6_BY_W = [[0.110481722368, 0.176770755789], [0.124622636247, 0.199396217995]]
K6_BY_X = [0.0968699262224, 0.204523465814]


@pytest.mark.system("K6")
def test_k6_the_neurons_on_arrays():
    W, x, b = Tensor(K6_W, "W"), Tensor(K6_X, "x"), Tensor(K6_B, "b")
    y = sigmoid(W @ x + b)
    is_(y.data, [0.670401159809, 0.527472304345])
    y.backward(np.ones(2))
    is_(b.grad, K6_BY_B)
    is_(W.grad, K6_BY_W)
    is_(x.grad, K6_BY_X)
    for node, g in zip((W, x, b), gradients(y, [W, x, b], np.ones(2), create_graph=True), strict=True):
        is_(g.data, node.grad)


@pytest.mark.system("K6")
def test_k6_the_neurons_on_scalars():
    W = np.array([[Value(w) for w in row] for row in K6_W], dtype=object)
    x, b = (np.array([Value(v) for v in row], dtype=object) for row in (K6_X, K6_B))
    y = sigmoid(W @ x + b)
    is_([v.data for v in y], [0.670401159809, 0.527472304345])
    y.sum().backward()
    is_([v.grad for v in b], K6_BY_B)
    is_([[v.grad for v in row] for row in W], K6_BY_W)
    is_([v.grad for v in x], K6_BY_X)


# ---- L1: the 2-2-1 net without biases, and one step of gradient descent ----

L1_W1, L1_W2 = [[0.1, 0.7], [0.3, 0.2]], [0.4, 0.6]
L1_BY_W1 = [[-0.00368017030020144, -0.00588827248032231], [-0.00590684735610142, -0.00945095576976227]]
L1_BY_W2 = [-0.0522663563677792, -0.0465346379558512]


@pytest.mark.system("L1")
@kinds
def test_l1_neuron_by_neuron(kind):
    (ca, cb), (da, db) = [[kind(w) for w in row] for row in L1_W1]
    ec, ed = (kind(w) for w in L1_W2)

    def forward():
        hc, hd = ca * 0.5 + cb * 0.8, da * 0.5 + db * 0.8
        oc, od = sigmoid(hc), sigmoid(hd)
        he = ec * oc + ed * od
        oe = sigmoid(he)
        return hc, hd, oc, od, he, oe, 0.5 * (oe - 1.0) ** 2

    hc, hd, oc, od, he, oe, loss = forward()
    is_(
        [n.data for n in (hc, hd, oc, od, he, oe, loss)],
        [0.61, 0.31, 0.64794080208065, 0.576885261132046, 0.605307477511488, 0.646869632605513, 0.0623505281880827],
    )
    loss.backward()
    is_([n.grad for n in (he, hc, hd)], [-0.0806653265235695, -0.00736034060040289, -0.0118136947122028])
    is_([[ca.grad, cb.grad], [da.grad, db.grad]], L1_BY_W1)
    is_([ec.grad, ed.grad], L1_BY_W2)
    for w in (ca, cb, da, db, ec, ed):
        w.data -= 0.1 * w.grad
    *_, oe, loss = forward()
    is_([oe.data, loss.data], [0.648304387444039, 0.0618449019455564])


@pytest.mark.system("L1")
def test_l1_as_matrices():
    W1, W2 = Tensor(L1_W1), Tensor(L1_W2)
    forward = lambda: sigmoid(W2 @ sigmoid(W1 @ [0.5, 0.8]))
    (0.5 * (forward() - 1.0) ** 2).backward()
    is_(W1.grad, L1_BY_W1)
    is_(W2.grad, L1_BY_W2)
    for w in (W1, W2):
        w.data -= 0.1 * w.grad
    is_(forward().data, 0.648304387444039)


@pytest.mark.system("L1")
def test_l1_the_number_that_the_text_prints_is_h_in_the_place_of_o():
    s = lambda z: 1 / (1 + exp(-z))
    x, w1, w2 = np.array([0.5, 0.8]), np.array(L1_W1), np.array(L1_W2)
    h = w1 @ x
    o = np.array([s(v) for v in h])
    he = w2 @ o
    de = (s(he) - 1) * he * (1 - he)
    d = de * w2 * h * (1 - h)
    w1, w2 = w1 - 0.1 * np.outer(d, x), w2 - 0.1 * de * o
    after = s(w2 @ np.array([s(v) for v in w1 @ x]))
    assert round(after, 9) == 0.648366218
    assert round(0.5 * (after - 1) ** 2, 9) == 0.061823158


# ---- L2: two paths, and a curve ----


@pytest.mark.system("L2")
@kinds
def test_l2_two_paths(kind):
    a, b, c = kind(1.0), kind(2.0), kind(3.0)
    s, p = a + b, b * c
    y = s * p
    y.backward()
    is_([y.data, a.grad, b.grad, c.grad], [18.0, 6.0, 15.0, 6.0])
    is_([s.grad, p.grad], [6.0, 3.0])
    is_([s.grad * 1.0, p.grad * c.data], [6.0, 9.0])  # 15 = 6 + 9
    rows = [gradients(g, [a, b, c]) for g in gradients(y, [a, b, c], create_graph=True)]
    is_(rows, [[0, 3, 2], [3, 6, 5], [2, 5, 0]])


@pytest.mark.system("L2")
@kinds
def test_l2_the_curve(kind):
    f = lambda x: sin(x**3 + 5)
    start = (lambda v: v) if kind is Value else np.array
    is_(grad(f)(start(1.0)), 2.88051085995)
    is_(grad(f)(start(1.5)), -3.35990455387)
    is_(grad(grad(f))(start(1.0)), 8.27576120369)
    x = kind(1.0)
    is_(gradients(gradients(f(x), x, create_graph=True), x), 8.27576120369)


# ---- G4: the four-neuron net ----

G4 = {"XA": 0.5, "YA": -0.3, "XB": 0.8, "YB": 0.2, "AC": 0.7, "AD": -0.4, "BC": -0.6, "BD": 0.9}


@pytest.mark.system("G4")
@kinds
def test_g4_four_neurons(kind):
    w = {name: kind(value, name) for name, value in G4.items()}

    def forward():
        A, B = w["XA"] * 1.0 + w["YA"] * 2.0, w["XB"] * 1.0 + w["YB"] * 2.0
        C, D = w["AC"] * A + w["BC"] * B, w["AD"] * A + w["BD"] * B
        return A, B, C, D, 0.5 * ((C - 1.0) ** 2 + (D - 0.0) ** 2)

    A, B, C, D, E = forward()
    is_([n.data for n in (A, B, C, D, E)], [-0.1, 1.2, -0.79, 1.12, 2.22925])
    E.backward()
    is_([n.grad for n in (C, D, A, B)], [-1.79, 1.12, -1.701, 2.082])
    for node in w.values():
        node.data -= 0.1 * node.grad
    is_(forward()[-1].data, 0.165343018496)


@pytest.mark.system("G4")
def test_g4_as_matrices():
    W1, W2 = Tensor([[0.5, -0.3], [0.8, 0.2]]), Tensor([[0.7, -0.6], [-0.4, 0.9]])
    error = lambda: 0.5 * ((W2 @ (W1 @ [1.0, 2.0]) - [1.0, 0.0]) ** 2).sum()
    E = error()
    is_(E.data, 2.22925)
    E.backward()
    is_(W2.grad, np.outer([-1.79, 1.12], [-0.1, 1.2]))
    is_(W1.grad, np.outer([-1.701, 2.082], [1.0, 2.0]))
    for w in (W1, W2):
        w.data -= 0.1 * w.grad
    is_(error().data, 0.165343018496)
