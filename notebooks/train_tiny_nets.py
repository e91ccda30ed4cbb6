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
# # Train tiny nets
#
# Three problems, each of which a net with a few dozen to a few thousand weights learns in seconds: two moons, a spiral,
# and handwritten digits. On the way the same net is taken apart into single numbers.

# %%
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np

import nn
from autograd import Tensor, gradients, graph, viz

# A plot is shown where it is the last line of a cell, and there only. In this order:
# a notebook's backend, when it is loaded, turns the showing of all new plots on.
plt.switch_backend(plt.get_backend())
_ = plt.ioff()

# %% [markdown]
# ## Two moons
#
# Two hundred points in the plane, on two half circles that reach into each other. No straight line parts them.

# %%
X, y = nn.data.moons(200, noise=0.1, rng=0)

figure, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
for k in (0, 1):
    ax.plot(*X[y == k].T, "os"[k], markersize=4, label=f"moon {k}")
ax.set(aspect="equal")
ax.legend()
figure

# %% [markdown]
# A net with two hidden layers of eight neurons gives one number for a point, its *score*: above 0 means moon 1. How
# wrong it is says the binary cross-entropy. `nn.fit` takes it from there: in every epoch all points once, in small
# batches, a step after each. `LiveView` draws while it learns; what stays is the last picture.

# %%
net = nn.MLP([2, 8, 8, 1], "tanh", rng=0)
history = nn.fit(
    net, X, y[:, None], loss="bce_with_logits", optimizer=nn.optim.Adam(net.parameters(), lr=0.02), epochs=60,
    batch_size=20, metrics=["accuracy"], callbacks=[nn.LiveView(threshold=0.0)], rng=0, progress=False,
)  # fmt: skip
assert history["accuracy"][-1] >= 0.99
history

# %% [markdown]
# How does it bend a line? Each neuron of the first layer parts the plane by a straight one, softly. The second layer
# adds such parts up, so that its neurons have curved borders: here all eight found nearly the same one. Blue is above
# 0, red below.

# %%
sides = np.linspace(-1.6, 2.6, 80), np.linspace(-1.1, 1.6, 80)
plane = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)

figure, axes = plt.subplots(2, 8, figsize=(10, 2.5), layout="constrained")
for row, layers in zip(axes, (net[:2], net[:4]), strict=True):
    for ax, values in zip(row, nn.predict(layers, plane).T.reshape(8, 80, 80), strict=True):
        ax.pcolormesh(*sides, values, cmap="RdBu", vmin=-1, vmax=1, rasterized=True)
        ax.contour(*sides, values, levels=[0.0], colors="black", linewidths=0.8)
        ax.set(xticks=[], yticks=[])
axes[0, 0].set_ylabel("layer 1")
axes[1, 0].set_ylabel("layer 2")
figure

# %% [markdown]
# The net at one point, with the outputs in its neurons and the weights as lines:

# %%
viz.draw_network(net, X[0])

# %% [markdown]
# ## One net, number by number
#
# `scalar=True` makes the same net of `Value`s: every weight is a node of its own, and so is every product and every
# sum. Nothing else changes, because a matrix of `Value`s is a NumPy array like any other. From the same seed the two
# start with the same weights.

# %%
array_net = nn.MLP([2, 2, 1], "tanh", rng=1)
scalar_net = nn.MLP([2, 2, 1], "tanh", rng=1, scalar=True)
for name, weight in scalar_net.state_dict().items():
    assert np.array_equal(weight, array_net.state_dict()[name])
    print(f"{name:8}", weight.round(3).tolist())

# %% [markdown]
# One point through the array net: two layers, a hyperbolic tangent between them.

# %%
viz.draw(array_net(X[0]), names=array_net, compact=True)

# %% [markdown]
# The same point through the first of the scalar net's hidden neurons. Here is every step that the array net takes at
# once:

# %%
neuron = scalar_net[:2](X[0])[0]
viz.draw(neuron, direction="TB", compact=True)

# %% [markdown]
# Both learn, from the same points in the same order. `record=["weights"]` keeps all weights of all epochs.

# %%
few, labels = X[:40], y[:40, None]


def learn(net):
    """Train a net on forty points; returns its history and the seconds that it took."""
    start = perf_counter()
    optimizer = nn.optim.SGD(net.parameters(), lr=0.3, momentum=0.9)
    history = nn.fit(
        net, few, labels, loss="bce_with_logits", optimizer=optimizer, epochs=40, batch_size=20,
        record=["weights"], rng=0, progress=False,
    )  # fmt: skip
    return history, perf_counter() - start


arrays, array_seconds = learn(array_net)
scalars, scalar_seconds = learn(scalar_net)
for name, path in arrays.weights.items():
    assert np.allclose(path, scalars.weights[name], rtol=0, atol=1e-10)

figure, ax = plt.subplots(figsize=(7.5, 3.6), layout="constrained")
arrays.plot_weights(ax)
for path in scalars.weights.values():
    ax.plot(np.reshape(path, (len(path), -1)), ".", color="black", markersize=2)
ax.set_title("lines: the array net, dots: the scalar net")
figure

# %% [markdown]
# The same numbers, then. What differs is the size of the graph, and so the time: for a small formula scalars are fine,
# for a net arrays are worth having.

# %%
loss_fn = nn.BCEWithLogitsLoss()
losses = {"array net": loss_fn(array_net(few), labels), "scalar net": loss_fn(scalar_net(few), labels)}
for (name, loss), seconds in zip(losses.items(), (array_seconds, scalar_seconds), strict=True):
    print(f"{name:10}  {len(graph.toposort(loss)):5} nodes  {1000 * seconds / 80:6.2f} ms a step")
assert np.isclose(losses["array net"].item(), losses["scalar net"].item())

# %% [markdown]
# ## A spiral
#
# Three arms, wound around each other. The net gives a score for each arm, and the largest wins; the loss is the
# cross-entropy of their softmax.

# %%
X, y = nn.data.spiral(600, classes=3, rng=0)
net = nn.MLP([2, 16, 16, 3], "tanh", rng=0)
adam = nn.optim.Adam(net.parameters(), lr=0.02)
history = nn.fit(
    net, X, y, loss="cross_entropy", optimizer=adam, epochs=80, metrics=["accuracy"],
    callbacks=[nn.LiveView()], rng=0, progress=False,
)  # fmt: skip
assert history["accuracy"][-1] > 0.95
history

# %% [markdown]
# How many neurons does it take? Four nets with two hidden layers each, all trained in the same way:

# %%
widths = (2, 4, 8, 32)
nets = {width: nn.MLP([2, width, width, 3], "tanh", rng=0) for width in widths}
accuracy = {}
for width, net in nets.items():
    history = nn.fit(
        net, X, y, loss="cross_entropy", optimizer=nn.optim.Adam(net.parameters(), lr=0.02), epochs=80,
        metrics=["accuracy"], rng=0, progress=False,
    )  # fmt: skip
    accuracy[width] = history["accuracy"][-1]
assert accuracy[2] < 0.7
assert accuracy[8] > 0.9
assert accuracy[32] > 0.95

figure, axes = plt.subplots(1, 4, figsize=(11, 3), layout="constrained")
for ax, (width, net) in zip(axes, nets.items(), strict=True):
    nn.plots.decision_boundary(net, X, y, ax=ax)
    ax.get_legend().remove()
    plt.setp(ax.lines, markersize=2.5, markeredgewidth=0)
    ax.set(title=f"2-{width}-{width}-3: {accuracy[width]:.0%}", xticks=[], yticks=[], aspect="equal")
figure

# %% [markdown]
# Two neurons can fold the plane only so far. Eight are enough; what is left are points in the middle, where the arms
# meet.
#
# Which way to go down is the optimiser's choice: plain gradient descent, with momentum, or Adam, which finds a rate of
# its own for every weight. Same net, same start, same batches:

# %%
optimizers = {
    "SGD, rate 0.1": lambda p: nn.optim.SGD(p, lr=0.1),
    "SGD, rate 0.1, momentum 0.9": lambda p: nn.optim.SGD(p, lr=0.1, momentum=0.9),
    "Adam, rate 0.02": lambda p: nn.optim.Adam(p, lr=0.02),
}
figure, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
ends = {}
for name, make in optimizers.items():
    net = nn.MLP([2, 16, 16, 3], "tanh", rng=0)
    history = nn.fit(
        net, X, y, loss="cross_entropy", optimizer=make(net.parameters()), epochs=80, rng=0, progress=False
    )  # fmt: skip
    ax.semilogy(history["loss"], label=name)
    ends[name] = history["loss"][-1]
assert ends["SGD, rate 0.1"] > 4 * ends["Adam, rate 0.02"]
ax.set(xlabel="epoch", ylabel="loss")
ax.legend()
figure

# %% [markdown]
# ## Digits
#
# 1797 handwritten digits of 8×8 pixels, which come with scikit-learn. A quarter is kept apart for the test at the end:
# digits that have no say in the training. Of the others, one in six is for watching the training.

# %%
X, y = nn.data.digits()
X, X_test, y, y_test = nn.data.train_test_split(X, y, test_size=0.25, rng=0)
X, X_watch, y, y_watch = nn.data.train_test_split(X, y, test_size=1 / 6, rng=0)

figure, axes = plt.subplots(2, 12, figsize=(10, 2), layout="constrained")
for ax, pixels, digit in zip(axes.flat, X[:24], y[:24], strict=True):
    ax.imshow(pixels.reshape(8, 8), cmap="gray_r")
    ax.set_title(digit, fontsize=9)
    ax.axis("off")
figure

# %% [markdown]
# `EarlyStopping` ends the training when the validation loss no longer falls, and goes back to the best weights. The
# live view has no plane to draw here, but the curves and the weights.

# %%
net = nn.MLP([64, 32, 10], "relu", rng=0)
history = nn.fit(
    net, X, y, loss="cross_entropy", optimizer=nn.optim.Adam(net.parameters(), lr=0.003), epochs=60,
    validation_data=(X_watch, y_watch), metrics=["accuracy"],
    callbacks=[nn.LiveView(), nn.EarlyStopping(patience=8)], rng=0, progress=False,
)  # fmt: skip
scores = nn.predict(net, X_test)
predicted = scores.argmax(axis=1)
correct = (predicted == y_test).mean()
assert correct > 0.95
print(f"{len(history)} epochs, {correct:.1%} of {len(y_test)} test digits recognised")

# %% [markdown]
# Which digits does it take for which?

# %%
figure, ax = plt.subplots(figsize=(4.8, 4.8), layout="constrained")
nn.plots.confusion_matrix(y_test, predicted, ax=ax)
figure

# %% [markdown]
# The mistakes, with what the net saw in them and, in brackets, what was meant:

# %%
wrong = np.flatnonzero(predicted != y_test)[:12]
figure, axes = plt.subplots(1, 12, figsize=(10, 1.3), layout="constrained")
for ax in axes:
    ax.axis("off")
for ax, i in zip(axes, wrong, strict=False):
    ax.imshow(X_test[i].reshape(8, 8), cmap="gray_r")
    ax.set_title(f"{predicted[i]} ({y_test[i]})", fontsize=10)
figure

# %% [markdown]
# A gradient can be taken by anything that went in, so also by the pixels. By how much would the score of the digit rise
# with more ink here? Blue speaks for it, red against it.

# %%
shown = [int(np.flatnonzero((predicted == k) & (y_test == k))[0]) for k in range(10)]
ink = Tensor(X_test[shown])
own_score = net(ink)[np.arange(10), np.arange(10)].sum()
evidence = gradients(own_score, ink)
limit = np.abs(evidence).max()

figure, axes = plt.subplots(2, 10, figsize=(10, 2.1), layout="constrained")
for k in range(10):
    axes[0, k].imshow(X_test[shown[k]].reshape(8, 8), cmap="gray_r")
    axes[1, k].imshow(evidence[k].reshape(8, 8), cmap="RdBu", vmin=-limit, vmax=limit)
for ax in axes.flat:
    ax.axis("off")
figure

# %%
step = 1e-3 * evidence / np.linalg.norm(evidence)
rise = (net(X_test[shown] + step) - net(X_test[shown])).data.trace()
assert np.isclose(rise, (evidence * step).sum(), rtol=1e-2)

# %% [markdown]
# A trained net goes into one file, and comes back as it was.

# %%
with TemporaryDirectory() as folder:
    path = Path(folder) / "digits.safetensors"
    nn.save(net, path)
    again = nn.load(path)
    print(f"{path.stat().st_size:,} bytes")
assert np.array_equal(nn.predict(again, X_test), scores)
