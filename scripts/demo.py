"""Nets from the textbooks, built, seen and trained: each number beside the one expected, each picture in a page.

Run it with ``scripts/demo.sh``, which installs what it needs, or ``python scripts/demo.py`` where that is installed.
It ends with status 1 if a number or table differs from ``scripts/expected.json``, and says which.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import plots
from report import Section, page, text
from sklearn.datasets import load_iris

import autograd
import nn
from autograd import Value, viz
from nn import optim

HERE = Path(__file__).resolve().parent


def the_line():
    """K5: the smallest graph worth a picture."""
    m, x, b = Value(3.0, "m"), Value(2.0, "x"), Value(1.0, "b")
    y = m * x + b
    y.label = "y"
    y.backward()
    return Section(
        "K5",
        "The line y = mx + b",
        "At m = 3, x = 2, b = 1. Backwards, + hands its gradient on unchanged, and × hands each factor the other one.",
        {"y": y.data, "∂y/∂m": m.grad, "∂y/∂x": x.grad, "∂y/∂b": b.grad},
        {"line": viz.draw(y, inputs=x)},
    )


def one_sample():
    """L1: forward, backward and one step of the 2-2-1 net without biases, all in scalars."""
    a, b = Value(0.5, "a"), Value(0.8, "b")
    wca, wcb = Value(0.1, "Wca"), Value(0.7, "Wcb")
    wda, wdb = Value(0.3, "Wda"), Value(0.2, "Wdb")
    wec, wed = Value(0.4, "Wec"), Value(0.6, "Wed")
    weights = [wca, wcb, wda, wdb, wec, wed]
    target = Value(1.0, "target", requires_grad=False)

    def forward():
        hc = wca * a + wcb * b
        hd = wda * a + wdb * b
        oc, od = hc.sigmoid(), hd.sigmoid()
        he = wec * oc + wed * od
        oe = he.sigmoid()
        loss = (oe - target) ** 2 / 2
        nodes = {"h(c)": hc, "h(d)": hd, "O(c)": oc, "O(d)": od, "h(e)": he, "O(e)": oe, "L": loss}
        for name, node in nodes.items():
            node.label = name
        return nodes

    nodes = forward()
    nodes["L"].backward()
    numbers = {name: node.data for name, node in nodes.items()}
    numbers |= {f"δ{neuron}": nodes[f"h({neuron})"].grad for neuron in "ecd"}  # δ = ∂L/∂(weighted input)
    numbers |= {f"∂L/∂{w.label}": w.grad for w in weights}
    figure = viz.draw(nodes["L"], inputs=[a, b], direction="TB")
    optim.SGD(weights, lr=0.1).step()
    after = forward()
    numbers |= {f"{name} after the step": after[name].data for name in ("O(e)", "L")}
    return Section(
        "L1",
        "One sample through a 2-2-1 net, and back",
        "Neurons c and d are hidden, e is the output: h is a weighted input, O = σ(h) an output, L = ½(O(e) − 1)² the "
        "loss. The δ of a neuron is ∂L/∂h, the gradient that its h holds after the backward pass. The step is "
        "0.1 against the gradient.",
        numbers,
        {"one_sample": figure},
    )


class HandMade(nn.Module):
    """K1's net, written out: two sigmoid neurons and a linear one, nine scalars."""

    def __init__(self, w, b):
        self.w = [Value(x, f"w{i}") for i, x in enumerate(w)]
        self.b = [Value(x, f"b{i}") for i, x in enumerate(b)]

    def forward(self, x0, x1):
        w, b = self.w, self.b
        z0 = w[0] * x0 + w[2] * x1 + b[0]
        z1 = w[1] * x0 + w[3] * x1 + b[1]
        a0, a1 = autograd.sigmoid(z0), autograd.sigmoid(z1)
        return w[4] * a0 + w[5] * a1 + b[2]


def nine_partials():
    """K1: the hand-made net at the text's weights."""
    net = HandMade([0.15, -0.35, 0.4, 0.25, 0.7, -0.6], [0.05, -0.1, 0.2])
    a2 = net(0.5, -1.2)
    loss = 0.5 * (1 - a2) ** 2
    loss.backward()
    return Section(
        "K1",
        "The nine partials of the hand-made net",
        "z0 = w0·x0 + w2·x1 + b0 and z1 = w1·x0 + w3·x1 + b1 go through σ to a0 and a1; a2 = w4·a0 + w5·a1 + b2; "
        "L = ½(y − a2)², at x = (0.5, −1.2), y = 1.",
        {"a2": a2.data, "L": loss.data} | {f"∂L/∂{p.label}": p.grad for p in net.parameters()},
    )


class Iris:
    """Two features of two kinds of iris: 35 samples of each for training, the last 15 of each for the test."""

    def __init__(self):
        features, kinds = load_iris(return_X_y=True)
        features = features[:, :2]
        features = (features - features.mean(axis=0)) / features.std(axis=0)
        first, second = np.flatnonzero(kinds == 0), np.flatnonzero(kinds == 1)
        training, test = np.r_[first[:35], second[:35]], np.r_[first[-15:], second[-15:]]
        self.X, self.y = features[training], kinds[training]
        self.X_test, self.y_test = features[test], kinds[test]

    def confusion(self, score):
        """Counts on the test samples: a row for each true kind, a column for each predicted one."""
        predicted = score(self.X_test) > 0
        return [[int(np.sum((self.y_test == i) & (predicted == j))) for j in (0, 1)] for i in (0, 1)]


def by_hand(iris):
    """K2: the hand-made net learns to tell the two kinds apart."""
    rng = np.random.default_rng(2)
    net = HandMade(rng.uniform(-5e-5, 5e-5, 6), [0.0, 0.0, 0.0])
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    x0, x1 = iris.X.T

    def score(X):
        return net(*X.T).data - 0.5

    tables = {"before training": iris.confusion(score)}
    losses = []
    for _ in range(1000):
        optimizer.zero_grad()
        loss = autograd.mean(0.5 * (iris.y - net(x0, x1)) ** 2)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    tables["after training"] = iris.confusion(score)
    section = Section(
        "K2",
        "Iris by hand",
        "The same net with its nine scalars, trained on 70 samples at once for 1000 epochs at rate 0.1 from weights "
        "within 0.00005 of 0. An output above 0.5 means kind 1. The tables count the 30 test samples.",
        tables,
    )
    return section, score, losses


def by_layers(iris):
    """K3: the same task for layers, with an output for each kind."""
    rng = np.random.default_rng(3)
    net = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 2))
    for p in net.parameters():
        p.data = rng.uniform(-0.5, 0.5, p.shape)
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    squares = nn.MSELoss(reduction="sum")
    targets = np.eye(2)[iris.y]

    def score(X):
        kind0, kind1 = net(X).data.T
        return kind1 - kind0

    losses = []
    for _ in range(4000):
        optimizer.zero_grad()
        loss = squares(net(iris.X), targets) / (2 * len(targets))  # the mean over samples of ½‖a − y‖²
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    section = Section(
        "K3",
        "Iris by layers",
        "Linear(2, 2), σ, Linear(2, 2) with one output for each kind, 4000 steps on all 70 samples at rate 0.1 from "
        "weights and biases uniform in ±0.5. The larger output names the kind. The plots show both nets: where each "
        "draws the line, and how its loss fell.",
        {"after training": iris.confusion(score)},
    )
    return section, score, losses


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--expected", type=Path, default=HERE / "expected.json", help="the numbers to compare with")
    parser.add_argument("--out", type=Path, default=HERE.parent / "out", help="where the pictures and the page go")
    options = parser.parse_args(arguments)
    sys.stdout.reconfigure(encoding="utf-8")
    expected = json.loads(options.expected.read_text(encoding="utf-8"))
    options.out.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()

    iris = Iris()
    k2, k2_score, k2_losses = by_hand(iris)
    k3, k3_score, k3_losses = by_layers(iris)
    k3.pictures["boundary"] = plots.boundaries(iris, {"K2, by hand": k2_score, "K3, by layers": k3_score})
    k3.pictures["loss"] = plots.losses({"K2, by hand": k2_losses, "K3, by layers": k3_losses})
    sections = [the_line(), one_sample(), nine_partials(), k2, k3]

    for section in sections:
        section.compare(expected.get(section.key, {}))
        print(text(section))
    written = [path for section in sections for path in section.save(options.out)]
    report = options.out / "report.html"
    report.write_text(page(sections), encoding="utf-8")
    print("Written:")
    for path in [*written, report]:
        print(f"  {path}")

    wrong = [f"{section.key} {name}" for section in sections for name in section.wrong()]
    wrong += [f"{key} (no such system)" for key in expected if key not in {s.key for s in sections}]
    agree = [row.agrees for section in sections for row in section.rows]
    print(f"\n{sum(agree)} of {len(agree)} agree, in {time.perf_counter() - start:.1f} s.")
    if wrong:
        print(f"NOT as expected: {'; '.join(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
