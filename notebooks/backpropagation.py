# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Backpropagation
#
# The systems of chapter 10 of Ronald Kneusel's *Math for Deep Learning*: first the chain rule by hand on a net of nine
# numbers, then layers of matrices, then graphs that differentiate themselves. Each section ends with its numbers beside
# those expected of it.

# %%
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from lesson import check, leave_out, mnist_folder

import autograd
import nn
from autograd import Tensor, Value, formula, grad, gradients, primitive, sigmoid, viz
from autograd.graph import explain, replay, steps, toposort
from autograd.testing import GradientError, check_gradients

# %% [markdown]
# ## K1 · The hand-made 2-2-1 net
#
# Two sigmoid neurons and a linear one, written out in nine scalars: z0 = w0·x0 + w2·x1 + b0 and z1 = w1·x0 + w3·x1 + b1
# go through σ to a0 and a1; a2 = w4·a0 + w5·a1 + b2. The loss is L = ½(y − a2)², at x = (0.5, −1.2) and y = 1.

# %%
w0, w1, w2, w3, w4, w5 = (Value(w, f"w{i}") for i, w in enumerate([0.15, -0.35, 0.4, 0.25, 0.7, -0.6]))
b0, b1, b2 = (Value(b, f"b{i}") for i, b in enumerate([0.05, -0.1, 0.2]))
x0, x1, y = (Value(v, name, requires_grad=False) for v, name in [(0.5, "x0"), (-1.2, "x1"), (1.0, "y")])

a0 = sigmoid(w0 * x0 + w2 * x1 + b0)
a1 = sigmoid(w1 * x0 + w3 * x1 + b1)
a2 = w4 * a0 + w5 * a1 + b2
L = 0.5 * (y - a2) ** 2

# %% [markdown]
# `L` knows how it was computed. One call goes back from it to all nine parameters.

# %%
L.backward()
names = {"a0": a0, "a1": a1, "a2": a2, "L": L}
graph = viz.draw(L, inputs=[x0, x1, y], names=names, direction="TB", precision=3)
graph

# %% [markdown]
# By hand, the chain rule starts at the loss, $\partial L/\partial a_2 = a_2 - y$, and goes through each sigmoid with
# $\sigma' = \sigma(1 - \sigma)$:
#
# $$\delta_0 = \frac{\partial L}{\partial z_0} = (a_2 - y)\,w_4\,a_0(1 - a_0) \qquad
# \delta_1 = \frac{\partial L}{\partial z_1} = (a_2 - y)\,w_5\,a_1(1 - a_1)$$
#
# What is left for each parameter is the factor that it is multiplied with.

# %%
d2 = a2 - y
d0, d1 = d2 * w4 * a0 * (1 - a0), d2 * w5 * a1 * (1 - a1)
by_hand = {w0: d0 * x0, w1: d1 * x0, w2: d0 * x1, w3: d1 * x1, w4: d2 * a0, w5: d2 * a1}
by_hand |= {b0: d0, b1: d1, b2: d2}

print("         by the engine      by hand")
for p, partial in by_hand.items():
    print(f"∂L/∂{p.label}  {p.grad:15.12f}  {partial.data:15.12f}")

# %% [markdown]
# The same nine numbers in two layers are a network, and the δs are in its neurons.

# %%
layers = nn.MLP([2, 2, 1], "sigmoid")
layers[0].weight.data, layers[0].bias.data = [[0.15, 0.4], [-0.35, 0.25]], [0.05, -0.1]
layers[2].weight.data, layers[2].bias.data = [[0.7, -0.6]], [0.2]
network = viz.draw_network(layers, [0.5, -1.2], loss=lambda a: 0.5 * (y - a[0]) ** 2)
network

# %%
check(
    "K1",
    {"a2": a2.data, "L": L.data}
    | {f"∂L/∂{p.label}": p.grad for p in by_hand}
    | {"largest difference from those by hand": max(abs(p.grad - by_hand[p].data) for p in by_hand)},
    {"graph": graph, "network": network},
)

# %% [markdown]
# ## K2 · Iris by hand
#
# The same nine scalars learn to tell two kinds of iris apart, by the length and width of a sepal: 35 flowers of each
# kind are for training, 15 for the test. An output above ½ means versicolor.

# %%
features, kinds = nn.data.iris()
features, _ = nn.data.standardize(features[:, :2])  # by the mean and deviation of all 150
first, second = np.flatnonzero(kinds == 0), np.flatnonzero(kinds == 1)
training, test = np.r_[first[:35], second[:35]], np.r_[first[35:], second[35:]]
X, t = features[training], kinds[training]
X_test, t_test = features[test], kinds[test]
names = np.array(["setosa", "versicolor"])

# %%
scatter, ax = plt.subplots(figsize=(5.5, 4), layout="constrained")
for kind, marker, color in ((0, "o", "C0"), (1, "s", "C1")):
    ax.plot(*X[t == kind].T, marker, color=color, label=f"{names[kind]}, training")
    ax.plot(*X_test[t_test == kind].T, marker, color=color, mfc="none", label=f"{names[kind]}, test")
ax.set(xlabel="sepal length, standardised", ylabel="sepal width, standardised")
ax.legend()
scatter

# %% [markdown]
# A module is a class with parameters and a formula. The scalars meet whole columns of samples here: what the formula
# says of one flower, it says of seventy.


# %%
class HandMade(nn.Module):
    """The net of K1."""

    def __init__(self, rng):
        self.w = [Value(w, f"w{i}") for i, w in enumerate(rng.uniform(-5e-5, 5e-5, 6))]
        self.b = [Value(0.0, f"b{i}") for i in range(3)]

    def forward(self, x):
        (x0, x1), w, b = x.T, self.w, self.b
        a0 = sigmoid(w[0] * x0 + w[2] * x1 + b[0])
        a1 = sigmoid(w[1] * x0 + w[3] * x1 + b[1])
        return w[4] * a0 + w[5] * a1 + b[2]


# %% [markdown]
# A test table counts flowers: the rows are their true kinds, the columns the predicted ones, so it reads TN FP in the
# first row and FN TP in the second.


# %%
def table(output):
    return [[int(np.sum((t_test == i) & ((output > 0.5) == j))) for j in (0, 1)] for i in (0, 1)]


def train(net):
    """1000 steps of gradient descent on all 70 samples at once."""
    optimizer = nn.optim.SGD(net.parameters(), lr=0.1)
    losses = []
    for _ in range(1000):
        optimizer.zero_grad()
        loss = autograd.mean(0.5 * (t - net(X)) ** 2)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


# %% [markdown]
# The start hardly matters, as long as it is small: from five of them the loss falls along the same curve, and they end
# with the same table.

# %%
nets = [HandMade(np.random.default_rng(seed)) for seed in range(5)]
before = [table(net(X_test).data) for net in nets]
losses = [train(net) for net in nets]
after = [table(net(X_test).data) for net in nets]
print("before", before[0], " after", after[0])

# %% [markdown]
# At first the net says setosa to everything. For a hundred steps little happens, because weights near 0 hold each
# other's gradients near 0; then it finds the line between the kinds.

# %%
learned, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4), layout="constrained")
for each in losses:
    left.plot(each)
left.set(xlabel="step", ylabel="loss", title="five starts")
nn.plots.decision_boundary(nets[0], X_test, names[t_test], ax=right)
right.set(xlabel="sepal length, standardised", ylabel="sepal width, standardised", title="the test set")
learned

# %%
tables, axes = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
for ax, title, net in zip(axes, ("before", "after"), (HandMade(np.random.default_rng(0)), nets[0])):
    predicted = (net(X_test).data > 0.5).astype(int)
    nn.plots.confusion_matrix(names[t_test], names[predicted], ax=ax).set_title(title)
tables

# %%
check(
    "K2",
    {
        "table before training": before[0],
        "table after training": after[0],
        "starts of 5 with these tables": list(zip(before, after)).count((before[0], after[0])),
    },
    {"scatter": scatter, "tables": tables, "learned": learned},
)

# %% [markdown]
# ## K3 · Layers as classes
#
# A full layer is y = xW + b, with a sample in each row of x; a network is layers in order, with `fit`, which draws
# each minibatch at random, and `predict`. Two of them with a sigmoid between learn the irises, with one output for each
# kind.


# %%
class FullyConnected(nn.Module):
    """The layer y = xW + b."""

    def __init__(self, inputs, outputs, rng):
        self.W = nn.Parameter(rng.uniform(-0.5, 0.5, (inputs, outputs)), "W")
        self.b = nn.Parameter(rng.uniform(-0.5, 0.5, outputs), "b")

    def forward(self, x):
        return x @ self.W + self.b


def half_square(a, y):
    """The mean over samples of ½‖a − y‖²."""
    return ((a - y) ** 2).sum() / (2 * len(y))


class Network(nn.Sequential):
    """Layers in order, trained on minibatches drawn at random."""

    def fit(self, x, y, minibatches, learning_rate, batch_size=64, rng=None):
        rng, optimizer = np.random.default_rng(rng), nn.optim.SGD(self.parameters(), learning_rate)
        losses = []
        for _ in range(minibatches):
            chosen = rng.choice(len(x), batch_size, replace=False)
            optimizer.zero_grad()
            loss = half_square(self(x[chosen]), y[chosen])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    def predict(self, x):
        return nn.predict(self, x)


# %% [markdown]
# The text derives a backward method for each layer. For the full layer it is
#
# $$\frac{\partial E}{\partial x} = \frac{\partial E}{\partial y}W^\top \qquad
# \frac{\partial E}{\partial W} = x^\top\frac{\partial E}{\partial y} \qquad
# \frac{\partial E}{\partial b} = \frac{\partial E}{\partial y}\text{, summed over the samples.}$$
#
# Our class has no backward method, because the engine knows these already:

# %%
rng = np.random.default_rng(3)
layer, x = FullyConnected(3, 2, rng), Tensor(rng.normal(size=(4, 3)), "x")
dE_dy = rng.normal(size=(4, 2))
y = layer(x)
y.label = "y"
y.backward(dE_dy)
derived = {x: dE_dy @ layer.W.data.T, layer.W: x.data.T @ dE_dy, layer.b: dE_dy.sum(axis=0)}
layer_difference = max(np.abs(node.grad - by_formula).max() for node, by_formula in derived.items())
backward = viz.draw_backward(y, gradient=dE_dy, inputs=x, names={}, precision=2)
backward

# %%
net = Network(FullyConnected(2, 2, rng), nn.Sigmoid(), FullyConnected(2, 2, rng))
net.fit(X, nn.data.one_hot(t, 2), minibatches=4000, learning_rate=0.1, batch_size=len(X), rng=rng)
by_layers = table(net.predict(X_test).argmax(axis=1))
by_layers

# %% [markdown]
# `nn` has all of this. There the same net is one line, its training one call, and the table is the same.

# %%
model = nn.MLP([2, 2, 2], "sigmoid", rng=3)
optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
targets = nn.data.one_hot(t, 2)
options = {"epochs": 4000, "batch_size": None, "progress": False}
nn.fit(model, X, targets, loss=half_square, optimizer=optimizer, **options)
in_one_call = table(nn.predict(model, X_test).argmax(axis=1))

# %%
boundaries, axes = plt.subplots(1, 2, figsize=(9.5, 4), layout="constrained", sharey=True)
for ax, title, trained in zip(axes, ("our classes", "nn.MLP and nn.fit"), (net, model)):
    nn.plots.decision_boundary(trained, X_test, names[t_test], ax=ax)
    ax.set(xlabel="sepal length, standardised", title=title)
axes[0].set_ylabel("sepal width, standardised")
boundaries

# %%
check(
    "K3",
    {
        "test table": by_layers,
        "test table, nn.fit": in_one_call,
        "largest difference from the layer's formulas": layer_difference,
    },
    {"backward": backward, "boundaries": boundaries},
)

# %% [markdown]
# ## K4 · Handwritten digits
#
# The classes of K3 learn MNIST at 14×14 pixels: 196-100-50-10 with a sigmoid after every layer, 40,000 minibatches of
# 64, rate 1. Where there is no folder with MNIST, scikit-learn's small digits take its place: 8×8 pixels and 3,000
# minibatches.
#
# This start, seed 2, gets 97.24 % of the test digits right; seeds 0 to 5 get 97.18 to 97.48 %.

# %%
folder = mnist_folder()
if folder:
    pixels, digits, pixels_test, digits_test = nn.data.mnist(folder, reduce=14)
    minibatches = 40_000
else:
    print("MNIST_DIR names no folder with MNIST: these are scikit-learn's digits.")
    split = nn.data.train_test_split(*nn.data.digits(), test_size=500, rng=0)
    pixels, pixels_test, digits, digits_test = split
    minibatches = 3_000

# %%
side = int(pixels.shape[1] ** 0.5)
samples, axes = plt.subplots(2, 8, figsize=(7, 2.2), layout="constrained")
for ax, image, digit in zip(axes.flat, pixels, digits):
    ax.imshow(image.reshape(side, side), cmap="gray_r")
    ax.set_title(digit, fontsize=9)
    ax.axis("off")
samples

# %%
rng = np.random.default_rng(2)
net = Network()
for n, m in pairwise([pixels.shape[1], 100, 50, 10]):
    net.extend([FullyConnected(n, m, rng), nn.Sigmoid()])
losses = net.fit(pixels, nn.data.one_hot(digits, 10), minibatches, learning_rate=1.0, rng=rng)
predicted = net.predict(pixels_test).argmax(axis=1)
accuracy = np.mean(predicted == digits_test)
print(f"{accuracy:.1%} of the test set is right")

# %%
curve, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
window = 100
ax.plot(np.arange(window, len(losses) + 1), np.convolve(losses, np.full(window, 1 / window), "valid"))
ax.set(xlabel="minibatch", ylabel=f"loss, mean of {window}", yscale="log")
ax.grid(alpha=0.3)
curve

# %%
confusion, ax = plt.subplots(figsize=(5.5, 5.2), layout="constrained")
nn.plots.confusion_matrix(digits_test, predicted, ax=ax)
confusion

# %% [markdown]
# These are the first that it gets wrong; people hesitate at some of them too.

# %%
wrong = np.flatnonzero(predicted != digits_test)
mistakes, axes = plt.subplots(2, 8, figsize=(7, 2.6), layout="constrained")
for ax in axes.flat:
    ax.axis("off")
for ax, i in zip(axes.flat, wrong):
    ax.imshow(pixels_test[i].reshape(side, side), cmap="gray_r")
    ax.set_title(f"{digits_test[i]}, not {predicted[i]}", fontsize=8)
mistakes

# %% [markdown]
# **Mind the loss.** The text's code prints the mean over the ten outputs, `0.5 * mean((a - y)**2)`, but its derivative
# is `a - y`, which is that of the *sum*, ten times as steep. Both are fine losses, but they are not the same: who
# differentiates the printed one must take rate 10 for the same training.

# %%
a = Tensor(net.predict(pixels_test[0]), "a")
squares = (a - nn.data.one_hot(digits_test[:1], 10)[0]) ** 2
ratio = gradients(0.5 * squares.sum(), a) / gradients(0.5 * squares.mean(), a)
ratio

# %%
if folder:
    shown = check(
        "K4",
        {
            "accuracy": accuracy,
            "minibatches": len(losses),
            "rows of the table, summed": np.bincount(digits_test),
            "gradient of the sum / gradient of the mean": ratio,
        },
        {"samples": samples, "curve": curve, "confusion": confusion, "mistakes": mistakes},
    )
else:
    shown = leave_out("K4", "no folder with MNIST; scikit-learn's digits took its place")
shown

# %% [markdown]
# ## K5 · The line y = mx + b
#
# The smallest graph worth a picture: three leaves, one ×, one +. Backwards, + hands its gradient on unchanged, and ×
# hands each factor the other one.

# %%
m, x, b = Value(3.0, "m"), Value(2.0, "x"), Value(1.0, "b")
y = m * x + b
y.label = "y"
y.backward()
line = viz.draw(y, inputs=x)
line

# %% [markdown]
# Why is $\partial y/\partial m = 2$? One path leads from $y$ to $m$, and the local derivatives on it are multiplied.

# %%
explain(y, m)

# %% [markdown]
# The whole pass, to step through (where scripts may run):

# %%
walk = viz.stepper(y, inputs=x)
walk

# %%
check("K5", {"y": y.data, "∂y/∂m": m.grad, "∂y/∂x": x.grad, "∂y/∂b": b.grad}, {"line": line, "steps": walk})

# %% [markdown]
# ## K6 · Forward and backward graph of y = σ(Wx + b)
#
# A layer of two neurons, and beside its graph the one of its derivative. The seed ∂y/∂y = 1 goes into σ′, its result
# into ∂+, which has two results, and one of these into ∂@, which has two again.

# %%
W, x, b = Tensor([[0.1, 0.7], [0.3, 0.2]], "W"), Tensor([0.5, 0.8], "x"), Tensor([0.1, -0.2], "b")
y = sigmoid(W @ x + b)
y.label = "y"
y.backward(np.ones(2))
forward = viz.draw(y, inputs=x)
forward

# %%
backward = viz.draw_backward(y, inputs=x, precision=2, style="rows")
backward

# %% [markdown]
# The dashed arrows are what a derivative has to read from the forward pass. ∂@ reads $W$ for $x$'s gradient and $x$ for
# $W$'s, but nothing reads $b$: a sum needs no value to be differentiated. The op table says so.

# %%
print(formula("matmul"), formula("add"), sep="\n\n")

# %%
derivatives = [step for step in steps(y, np.ones(2)) if step.op]
for step in derivatives:
    print(step, end="\n\n")

# %%
check(
    "K6",
    {"y": y.data, "∂y/∂b": b.grad, "∂y/∂W": W.grad, "∂y/∂x": x.grad}
    | {f"results of ∂{step.op.symbol}": len(step.contributions) for step in derivatives}
    | {f"values read by ∂{step.op.symbol}": len(set().union(*step.op.uses)) for step in derivatives},
    {"forward": forward, "backward": backward},
)

# %% [markdown]
# ## K7 · Symbol to number, symbol to symbol
#
# Two ways to differentiate one function, y = σ(w·x). Symbol to number: the graph is recorded as the data come, and a
# backward pass turns it into numbers. Symbol to symbol: the derivative is itself a graph, made before any number.

# %%
w, x = Value(0.7, "w"), Value(1.2, "x")
y = sigmoid(w * x)
y.label = "y"
y.backward()
numeric = viz.draw(y, inputs=x)
numeric

# %% [markdown]
# **Symbol to symbol.** $w$ and $x$ hold nothing yet; the zeros keep their places. `create_graph=True` asks for the
# derivative as a graph over the same leaves. Read it off: $y(1 - y) \cdot x$.

# %%
w, x = Value(0.0, "w"), Value(0.0, "x")
y = sigmoid(w * x)
slope = gradients(y, w, create_graph=True)
y.label, slope.label = "y", "∂y/∂w"
symbolic = viz.draw([y, slope], inputs=x, values=False, compact=True)
symbolic

# %% [markdown]
# Side by side on the same data: for the left column each pair is a new graph and a backward pass, for the right one the
# numbers are put into the one graph. And a graph can be differentiated again.


# %%
def by_numbers(w, x):
    return grad(lambda w: sigmoid(w * x))(w)


data = [(0.7, 1.2), (-2.0, 0.5), (3.0, -1.0)]
to_number = [by_numbers(*pair) for pair in data]
to_symbol = [replay(slope, {w: a, x: b}) for a, b in data]
curvature = gradients(slope, w, create_graph=True)
print("   w     x   symbol to number   symbol to symbol   second derivative")
for (a, b), left, right in zip(data, to_number, to_symbol):
    print(f"{a:4} {b:5}   {left:16.12f}   {right:16.12f}   {replay(curvature, {w: a, x: b}):17.12f}")

# %% [markdown]
# What each is good for: a graph made beforehand is made once, and can be drawn, differentiated again or simplified
# before any data come. One that grows may differ from sample to sample: here Python's own `for` makes it longer with
# each number of a series.

# %%
w, h = Value(0.7, "w"), 0.5
nodes = []
for number in (1.2, -0.4):
    h = sigmoid(w * h + number)
    nodes.append(len(toposort(h)))
h.backward()
print("nodes in the graph:", nodes)
growing = viz.draw(h, compact=True, gradients=False)
growing

# %%
s = 1 / (1 + np.exp(-0.7 * 1.2))
check(
    "K7",
    {
        "largest difference between the two": max(abs(a - b) for a, b in zip(to_number, to_symbol)),
        "∂y/∂w at (0.7, 1.2) − x·σ·(1 − σ)": to_symbol[0] - 1.2 * s * (1 - s),
        "nodes as the data come": nodes,
    },
    {"numeric": numeric, "symbolic": symbolic, "growing": growing},
)

# %% [markdown]
# ## K8 · Functions and primitives of your own
#
# A function made of known operations needs no derivative written; a new primitive needs its local derivative only.
#
# The first: `swish` is two operations, and the chain rule does the rest.


# %%
def swish(x):
    return x * sigmoid(x)


grad(swish)(1.0), grad(grad(swish))(1.0)

# %% [markdown]
# The second: $e^{-x^2}$ as one operation. Its derivative is $-2xy$, in terms of the result $y$; `g` is the gradient
# that comes from above. Nothing else is needed for scalars, arrays, second derivatives or pictures.


# %%
@primitive("bell", elementwise=True)
def bell(xp, x):
    return xp.exp(-x * x)


bell.defvjps(x=lambda xp, g, y, x: g * (-2 * x * y))
grad(bell)(1.0), grad(grad(bell))(1.0), bell(Tensor([-1.0, 0.0, 1.0]))

# %%
curves, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.8), layout="constrained")
viz.plot_function(swish, ax=left).set_title("swish, a function")
viz.plot_function(bell, interval=(-3, 3), ax=right).set_title("bell, a primitive")
curves

# %%
w, x = Value(0.5, "w"), Value(1.6, "x")
y = bell(w * x)
y.label = "y"
backward = viz.draw_backward(y, inputs=x)
backward

# %% [markdown]
# Is it right? Differences of values know, to any order. With a sign forgotten, the error names the op.

# %%
check_gradients(bell, (np.array([-0.3, 0.8, 1.7]),))
check_gradients(lambda x: bell(x) * swish(x), (0.8,))


# %%
@primitive("bell", elementwise=True)
def forgetful(xp, x):
    return xp.exp(-x * x)


forgetful.defvjps(x=lambda xp, g, y, x: g * (2 * x * y))
caught = 0
try:
    check_gradients(lambda x: forgetful(x) * swish(x), (0.8,))
except GradientError as error:
    caught = 1
    print(error)

# %%
s = 1 / (1 + np.exp(-1))
check(
    "K8",
    {
        "swish′(1) − (σ + σ(1 − σ))": grad(swish)(1.0) - (s + s * (1 - s)),
        "bell′(1) + 2/e": grad(bell)(1.0) + 2 / np.e,
        "bell″(1) − 2/e": grad(grad(bell))(1.0) - 2 / np.e,
        "wrong derivatives caught": caught,
    },
    {"curves": curves, "backward": backward},
)
