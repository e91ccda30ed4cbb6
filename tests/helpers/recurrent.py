"""Nets that repeat in time, written by hand in arrays and in scalars, after a backward pass."""

import numpy as np

import autograd as ag
import nn
from autograd import Tensor, Value


def finish(loss):
    loss.label = "L"
    loss.backward()
    return loss


def rnn(steps, labels=True, losses=False):
    """h = tanh(Wx @ x + Wh @ h + b)."""
    rng = np.random.default_rng(0)
    Wx, Wh, b = Tensor(rng.normal(size=(4, 3)), "Wx"), Tensor(rng.normal(size=(4, 4)), "Wh"), Tensor(np.zeros(4), "b")
    V = Tensor(rng.normal(size=4), "V")
    h, total = Tensor(np.zeros(4), "h0", requires_grad=False), Value(0.0, requires_grad=False)
    for t in range(1, steps + 1):
        x = Tensor(rng.normal(size=3), f"x{t}" if labels else None, requires_grad=False)
        h = (Wx @ x + Wh @ h + b).tanh()
        h.label = f"h{t}" if labels else None
        if losses:
            total = total + (V @ h - 1.0) ** 2
    return finish(total if losses else (V @ h - 1.0) ** 2)


def rnn_of_scalars(steps, units=1, labels=True):
    rng = np.random.default_rng(0)
    W = [[Value(rng.normal(), f"w{i}{j}") for j in range(units + 1)] for i in range(units)]
    b = [Value(0.0, f"b{i}") for i in range(units)]
    h = [Value(0.0, "h0", requires_grad=False) for _ in range(units)]
    for t in range(1, steps + 1):
        x = Value(rng.normal(), f"x{t}" if labels else None, requires_grad=False)
        h = [sum((w * v for w, v in zip(row, [x, *h])), c).tanh() for row, c in zip(W, b)]
        for i, v in enumerate(h):
            v.label = f"h{t},{i}" if labels else None
    return finish(sum(h[1:], h[0]) ** 2)


def gru(steps, labels=True):
    rng = np.random.default_rng(0)
    W, U = ([Tensor(rng.normal(size=(4, n)), k + g) for g in "rzn"] for k, n in (("W", 3), ("U", 4)))
    b = [Tensor(np.zeros(4), f"b{g}") for g in "rzn"]
    h = Tensor(np.zeros(4), "h0", requires_grad=False)
    for t in range(1, steps + 1):
        x = Tensor(rng.normal(size=3), f"x{t}" if labels else None, requires_grad=False)
        r, z = (ag.sigmoid(W[i] @ x + U[i] @ h + b[i]) for i in (0, 1))
        n = (W[2] @ x + r * (U[2] @ h) + b[2]).tanh()
        h = (1 - z) * n + z * h
        if labels:
            for node, name in ((r, "r"), (z, "z"), (n, "n"), (h, "h")):
                node.label = f"{name}{t}"
    return finish((h * h).sum())


def gru_of_scalars(steps):
    rng = np.random.default_rng(0)
    w, u, b = ([Value(rng.normal(), k + g) for g in "rzn"] for k in "wub")
    h = Value(0.0, "h0", requires_grad=False)
    for t in range(1, steps + 1):
        x = Value(rng.normal(), f"x{t}", requires_grad=False)
        r, z = (ag.sigmoid(w[i] * x + u[i] * h + b[i]) for i in (0, 1))
        n = (w[2] * x + r * (u[2] * h) + b[2]).tanh()
        h = (1 - z) * n + z * h
        h.label = f"h{t}"
    return finish(h * h)


def lstm(steps):
    """Stacked gates, no labels in time."""
    rng = np.random.default_rng(0)
    W, U, b = Tensor(rng.normal(size=(16, 3)), "W"), Tensor(rng.normal(size=(16, 4)), "U"), Tensor(np.zeros(16), "b")
    h, c = (Tensor(np.zeros(4), name, requires_grad=False) for name in ("h0", "c0"))
    for _ in range(steps):
        a = W @ Tensor(rng.normal(size=3), requires_grad=False) + U @ h + b
        i, f, o = (ag.sigmoid(a[4 * k : 4 * k + 4]) for k in range(3))
        c = f * c + i * a[12:].tanh()
        h = o * c.tanh()
    return finish((h * h).sum())


def attention(steps):
    """A recurrent net whose states a query weighs."""
    rng = np.random.default_rng(0)
    W, U, q = (
        Tensor(rng.normal(size=(4, 3)), "W"),
        Tensor(rng.normal(size=(4, 4)), "U"),
        Tensor(rng.normal(size=4), "q"),
    )
    h, states = Tensor(np.zeros(4), "h0", requires_grad=False), []
    for _ in range(steps):
        h = (W @ Tensor(rng.normal(size=3), requires_grad=False) + U @ h).tanh()
        states.append(h)
    H = ag.stack(states)
    return finish(((ag.softmax(H @ q) @ H) ** 2).sum())


def two_layers(steps):
    """Two layers of cells made of modules, without a first state of weights."""
    rng = np.random.default_rng(0)
    a, b = (nn.Linear(n, 4, rng=rng) for n in (3, 4))
    c, d = (nn.Linear(4, 4, bias=False, rng=rng) for _ in range(2))
    h = k = np.zeros((1, 4))
    for x in rng.normal(size=(steps, 1, 3)):
        h = ag.tanh(a(x) + c(h))
        k = ag.tanh(b(h) + d(k))
    return finish(k.sum())


def newton(steps):
    """The square root of two, an iteration without any weights."""
    a, x = Value(2.0, "a"), Value(1.0, "x0")
    for _ in range(steps):
        x = 0.5 * (x + a / x)
    return finish(x)
