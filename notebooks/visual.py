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
# # Backpropagation, visually
#
# The systems of chapter 14 of Andrew Glassner's *Deep Learning: A Visual Approach*: what an error is, why its slope is
# enough to learn from, how δs walk through a net, and what a learning rate decides.

# %%
import warnings

import matplotlib.pyplot as plt
import numpy as np
from lesson import check
from sklearn.datasets import make_moons

import autograd
import nn
from autograd import Tensor, grad, gradients, sigmoid, tanh, viz

# %% [markdown]
# ## G1 · What an error is made of
#
# A classifier's five outputs go through a softmax, and the cross-entropy with the right class says how wrong they are.
# Other terms can be added to an error, such as a penalty on weights that grow too large.
#
# The outputs here are probabilities already, so their logarithms are what went into the softmax. Class 3 is right.

# %%
p, label = np.array([0.35, 0.2, 0.15, 0.1, 0.2]), 2  # counted from 0
scores = Tensor(np.log(p), "scores")
cross_entropy = nn.CrossEntropyLoss()
error = cross_entropy(scores[None], [label])
error.backward()
error.item(), scores.grad

# %% [markdown]
# The gradient is $p - t$, the probabilities less 1 at the right class. Learning goes against it: that score goes up,
# all others go down, the most probable ones most.

# %%
classes = np.arange(1, 6)
sides, (left, right) = plt.subplots(1, 2, figsize=(8.5, 3.2), layout="constrained")
left.bar(classes, p, color=[nn.plots.COLOURS[2] if k == 3 else nn.plots.COLOURS[0] for k in classes])
left.set(title="outputs; class 3 is right", xlabel="class", ylim=(0, 1))
right.bar(classes, scores.grad, color=[nn.plots.COLOURS[2] if k == 3 else nn.plots.COLOURS[0] for k in classes])
right.set(title="gradient of the error", xlabel="class", ylim=(-1.1, 1))
right.axhline(0, color="#1F2328", linewidth=0.8)
for ax, heights in ((left, p), (right, scores.grad)):
    ax.bar_label(ax.containers[0], [f"{h:.2f}".replace("-", "−") for h in heights], padding=2)
sides

# %% [markdown]
# The formula $-\log(e^{s_3}/\sum e^{s})$ overflows for scores such as 1000. The loss does not, and its gradient stays
# right.

# %%
extreme = Tensor([1000.0, -1000.0, 0.0, 1000.0, -1000.0], "extreme")
worst = cross_entropy(extreme[None], [label])
worst.backward()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    naive = -np.log(np.exp(extreme.data)[label] / np.exp(extreme.data).sum())
print(f"by the formula {naive}, by the loss {worst.item()}, gradient {extreme.grad}")

# %% [markdown]
# A penalty that is 0 for weights in [−1, 1], and beyond grows with the square of what they exceed it by:

# %%
penalty_curve = viz.plot_function(
    lambda w: nn.penalties.outside([w]), at=1.8, interval=(-3.0, 3.0), derivatives=1
).figure
above, below = penalty_curve.axes
above.set(ylabel="penalty", title="penalty on a weight outside [−1, 1]")
below.set(xlabel="w", ylabel="its slope")
penalty_curve

# %% [markdown]
# Error terms are added like any numbers. Each part's gradient arrives, and they add up: the weight 0.5 hears of the
# cross-entropy only, 3 and −2 of the penalty too.

# %%
w = Tensor([0.5, 3.0, -2.0, 0.0, 0.0], "w")
penalty = nn.penalties.outside([w])
first = cross_entropy(w[None], [label])
penalty.label, first.label = "penalty", "cross-entropy"
total = first + 0.1 * penalty
total.label = "error"
total.backward()
terms = viz.draw(total, depth=2)
parts = gradients(first, w) + 0.1 * gradients(penalty, w)
terms

# %%
check(
    "G1",
    {
        "cross-entropy": error.item(),
        "gradient at the softmax inputs": scores.grad,
        "cross-entropy of inputs ±1000": worst.item(),
        "its gradient": extreme.grad,
        "penalty of (0.5, 3, −2, 0, 0)": penalty.item(),
        "gradient of the penalty": gradients(penalty, w),
        "gradient of two terms, less the sum of theirs": np.abs(w.grad - parts).max(),
    },
    {"outputs": sides, "penalty": penalty_curve, "terms": terms},
)

# %% [markdown]
# ## G2 · The slow way to learn
#
# Without derivatives one can still learn: change a random weight by a random amount, keep the change if the error fell,
# else undo it. Each try costs a forward pass.

# %%
X, y = nn.data.moons(200, noise=0.1, rng=0)
y = y[:, None]
loss = nn.BCEWithLogitsLoss()


def by_chance(net, passes, rng):
    """The error after each forward pass."""
    single = [(p.data, place) for p in net.parameters() for place in np.ndindex(p.shape)]
    errors = []
    with autograd.no_grad():
        least = loss(net(X), y).item()
        for _ in range(passes):
            weights, place = single[rng.integers(len(single))]
            before = weights[place]
            weights[place] = before + rng.normal(0, 0.3)
            error = loss(net(X), y).item()
            if error < least:
                least = error
            else:
                weights[place] = before
            errors.append(least)
    return errors


# %% [markdown]
# Backpropagation changes all weights at once, each in the right direction. A step is a forward and a backward pass, and
# the backward one costs about two forward ones: three passes.


# %%
def by_backpropagation(net, steps):
    """The error after each step."""
    optimizer = nn.optim.SGD(net.parameters(), lr=0.5, momentum=0.9)
    return nn.fit(net, X, y, loss=loss, optimizer=optimizer, epochs=steps, batch_size=None, progress=False)["loss"]


# %% [markdown]
# Two nets race, one with 33 weights and biases and one with 4417.

# %%
goal, needed = 0.05, []
race, axes = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True, layout="constrained")
for ax, sizes in zip(axes, ([2, 8, 1], [2, 64, 64, 1]), strict=True):
    chance = by_chance(nn.MLP(sizes, "tanh", rng=0), 10_000, np.random.default_rng(0))
    slopes = by_backpropagation(nn.MLP(sizes, "tanh", rng=0), 1000)
    ax.plot(np.arange(1, len(chance) + 1), chance, color=nn.plots.COLOURS[1], label="random changes, kept if better")
    ax.plot(3 * np.arange(1, len(slopes) + 1), slopes, color=nn.plots.COLOURS[0], label="backpropagation")
    needed.append([times * (int(np.argmax(np.array(e) < goal)) + 1) for times, e in ((1, chance), (3, slopes))])
    weights = sum(p.size for p in nn.MLP(sizes).parameters())
    ax.axhline(goal, color="#1F2328", linewidth=0.8, linestyle=":")
    ax.set(xscale="log", yscale="log", xlabel="forward passes, or as much work", title=f"{weights} weights")
    ax.grid(alpha=0.3)
axes[0].set_ylabel("error")
axes[0].legend(loc="lower left")
race

# %%
for chance, slopes in needed:
    print(f"to an error of {goal}: {chance} passes by chance, {slopes} by backpropagation, {chance / slopes:.0f} times")

# %% [markdown]
# Chance is not hopeless with few weights. But it tries them one at a time, so that more weights make it slower;
# backpropagation takes three passes for a step of any net.

# %%
check(
    "G2",
    {
        "33 weights, times as many passes by chance": needed[0][0] / needed[0][1],
        "4417 weights, times as many passes by chance": needed[1][0] / needed[1][1],
    },
    {"race": race},
)

# %% [markdown]
# ## G3 · The error curve and its tangent
#
# One output P shall be 1, and its error is $(1 - P)^2$. At P = −1 the error is 4 and its slope −4. The tangent
# foretells what a small step will do, and is wrong about a large one.


# %%
def squared(P):
    return (1 - P) ** 2


ax = viz.plot_function(squared, at=-1.0, interval=(-3.0, 3.0), derivatives=0)
ax.set(xlabel="P", ylabel="error", ylim=(-1, 16.5))
ax.plot([-2, 0], [8, 0], "s", color=nn.plots.COLOURS[1], markersize=5, label="(−2, 8) and (0, 0)")
ax.lines[0].set_label("(1 − P)²")
ax.legend(frameon=False)
tangent_plot = ax.figure
tangent_plot

# %%
value, slope = squared(-1.0), grad(squared)(-1.0)


def tangent(P):
    """What the slope at −1 foretells."""
    return value + slope * (P + 1)


for step in (0.01, 0.5):
    print(f"a step of {step}: foretold {tangent(-1 + step):g}, found {squared(-1 + step):g}")

# %% [markdown]
# The miss is the square of the step: 0.0001 here, 0.25 there. That is why steps are small.

# %%
steps = np.linspace(0, 2, 101)
foretold, ax = plt.subplots(figsize=(5.5, 3.4), layout="constrained")
ax.plot(steps, squared(-1 + steps), color=nn.plots.COLOURS[0], label="error")
ax.plot(steps, tangent(-1 + steps), "--", color=nn.plots.COLOURS[1], label="foretold by the slope")
ax.fill_between(steps, tangent(-1 + steps), squared(-1 + steps), color=nn.plots.COLOURS[1], alpha=0.12, label="missed")
ax.set(xlabel="step from P = −1", ylabel="error")
ax.legend()
foretold

# %%
check(
    "G3",
    {
        "error at P = −1": value,
        "slope": slope,
        "tangent at P = −2": tangent(-2.0),
        "tangent at P = 0": tangent(0.0),
        "missed by a step of 0.01": squared(-0.99) - tangent(-0.99),
        "missed by a step of 0.5": squared(-0.5) - tangent(-0.5),
    },
    {"tangent": tangent_plot, "foretold": foretold},
)

# %% [markdown]
# ## G4 · Four neurons and their δs
#
# Inputs X and Y, neurons A and B, then C and D; no biases and no activation functions, so that every number can be
# followed. The input is (1, 2), the label (1, 0), the error $E = \frac12\sum(o - y)^2$.

# %%
four = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
four[0].weight.data = [[0.5, -0.3], [0.8, 0.2]]  # XA YA, XB YB
four[1].weight.data = [[0.7, -0.6], [-0.4, 0.9]]  # AC BC, AD BD
sample, wanted = np.array([1.0, 2.0]), np.array([1.0, 0.0])


def half_square(o):
    return 0.5 * ((o - wanted) ** 2).sum()


net_of_four = viz.draw_network(four, sample, loss=half_square, precision=4)
net_of_four

# %% [markdown]
# δ is how much the error changes for a change of what a neuron gives. At the output it is $o - y$: C is 1.79 too low, D
# 1.12 too high. A's δ is what C and D say, each through its weight: $0.7\cdot(-1.79) + (-0.4)\cdot 1.12 = -1.701$.
#
# A weight's partial derivative is the δ of the neuron that it leads to, times what it carries.

# %%
AB = four[0](sample)
CD = four[1](AB)
E = half_square(CD)
δ_AB, δ_CD = gradients(E, [AB, CD])
E.backward()
print("by XA YA\n   XB YB", four[0].weight.grad, "\nby AC BC\n   AD BD", four[1].weight.grad, sep="\n")

# %% [markdown]
# One step of 0.1 against these gradients, and the error falls from 2.23 to 0.17.

# %%
weights = [p.data.copy() for p in four.parameters()]


def after_a_step(rate):
    """The error after one step from the start."""
    for p, w in zip(four.parameters(), weights, strict=True):
        p.data = w - rate * p.grad
    return half_square(four(sample)).item()


right_sign = after_a_step(0.1)
after_step = viz.draw_network(four, sample, loss=half_square, precision=2)
after_step

# %% [markdown]
# **The sign of δ.** The text calculates δ as *label − output*, and then subtracts δ times what comes in from the
# weights. With that δ the update goes up the slope. A δ of label − output has to be added, one of output − label
# subtracted; the text's mixture makes the error grow:

# %%
wrong_sign = after_a_step(-0.1)
print(f"E {E.item():.5f}; after a step with δ = o − y {right_sign:.5f}; with the text's sign {wrong_sign:.5f}")

# %%
rates = np.linspace(-0.1, 0.25, 71)
signs, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
ax.plot(rates, [after_a_step(rate) for rate in rates], color=nn.plots.COLOURS[0])
marks = [(0, E.item(), "start"), (0.1, right_sign, "a step, δ = output − label")]
for rate, error, name in [*marks, (-0.1, wrong_sign, "the same step, δ = label − output")]:
    ax.plot(rate, error, "o", markersize=8, label=name)
ax.set(xlabel="rate, in the direction of −∂E/∂w", ylabel="error")
ax.grid(alpha=0.3)
ax.legend()
signs

# %%
check(
    "G4",
    dict(zip("ABCD", [*AB.data, *CD.data], strict=True))
    | {"E": E.item()}
    | dict(zip(["δ of C", "δ of D", "δ of A", "δ of B"], [*δ_CD, *δ_AB], strict=True))
    | {"E after one step": right_sign, "E after a step with the text's sign": wrong_sign},
    {"start": net_of_four, "after": after_step, "signs": signs},
)

# %% [markdown]
# ## G5 · δs walk back through a larger net
#
# A net 2-2-4-3-2: after the forward pass every neuron knows its output. The δs then come layer by layer, from the
# output to the input, each from those to its right.

# %%
larger = nn.MLP([2, 2, 4, 3, 2], "tanh", output="sigmoid", rng=4)
sample = np.array([0.9, -0.5])
frames = viz.network_frames(larger, sample, loss=half_square)
frames[0]

# %% [markdown]
# The output layer's δ is $(o - y)\,\sigma'(z)$. It needs nothing but the outputs.

# %%
frames[1]

# %% [markdown]
# A neuron of the layer before adds up these δs, each times the weight that leads there, and multiplies by its own
# slope.

# %%
frames[2]

# %% [markdown]
# The same again, one layer further to the left.

# %%
frames[3]

# %% [markdown]
# The first layer comes last. Only now weights may change: every δ was computed with the old ones.

# %%
frames[4]

# %% [markdown]
# The rule in code, beside what the engine gives:

# %%
layers = larger[::2]
zs, a = [], sample
for i, layer in enumerate(layers):
    zs.append(layer(a))
    a = (sigmoid if i == 3 else tanh)(zs[-1])
by_engine = gradients(half_square(a), zs)

δ = (a.data - wanted) * a.data * (1 - a.data)
by_rule = [δ]
for layer, z in zip(layers[:0:-1], zs[-2::-1], strict=True):
    δ = (layer.weight.data.T @ δ) * (1 - np.tanh(z.data) ** 2)
    by_rule.insert(0, δ)
differences = [np.abs(one - other).max() for one, other in zip(by_engine, by_rule, strict=True)]

# %%
check(
    "G5",
    {"neurons of each layer": [len(δ) for δ in by_rule], "pictures": len(frames)}
    | {f"layer {i}, largest difference of a δ from the rule": d for i, d in enumerate(differences, 1)},
    {f"frame_{i}": frame for i, frame in enumerate(frames)},
)

# %% [markdown]
# ## G6 · Two moons, three learning rates
#
# A net 2-4-4-1 learns to tell two moons apart, one sample at a time, from the same start at three learning rates. 0.05
# is good; 0.01 gets there too, ten times as late; at 0.5 the net is dead after the first epoch. This start is a lucky
# draw: of 200 starts, 73 reach 100 % at both smaller rates.

# %%
state = np.random.RandomState(42)
X, y = make_moons(2048, noise=0.08, random_state=state)
X, X_test, y, y_test = nn.data.train_test_split(X, y[:, None], test_size=512, random_state=state)
X, scaler = nn.data.standardize(X)  # by the training part
X_test = scaler.transform(X_test)

moons, ax = plt.subplots(figsize=(5.5, 3.6), layout="constrained")
for moon in (0, 1):
    ax.plot(*X[y[:, 0] == moon].T, "os"[moon], markersize=2.5, color=nn.plots.COLOURS[moon], label=f"moon {moon}")
ax.legend()
moons

# %% [markdown]
# ReLUs in the hidden layers, a sigmoid at the output, binary cross-entropy, and plain gradient descent. Starts and
# orders come from one generator, so that the three trainings see the same samples in the same order.


# %%
def train(rate, epochs, seed=1034):
    """The net and the history of its training."""
    rng = np.random.default_rng(seed)
    net = nn.MLP([2, 4, 4, 1], "relu", output="sigmoid")
    for layer in net[::2]:
        layer.weight.data = rng.normal(0, 0.05, layer.weight.shape[::-1]).T  # drawn with a column for each neuron
        nn.init.zeros_(layer.bias)
    history = nn.fit(
        net, X, y, loss="bce", optimizer=nn.optim.SGD(net.parameters(), rate), epochs=epochs, batch_size=1,
        validation_data=(X_test, y_test), metrics=["accuracy"], record=["weights", "dead"], rng=rng, progress=False,
    )  # fmt: skip
    return net, history


def figures(net, history, rate):
    """The boundary, accuracy and loss, and the history of all 37 weights."""
    figure, ((boundary, weights), (accuracy, loss)) = plt.subplots(2, 2, figsize=(9, 6.3), layout="constrained")
    nn.plots.decision_boundary(net, X_test, y_test, ax=boundary)
    boundary.set_title("boundary, test set")
    history.plot_weights(weights)
    weights.set_title("37 weights")
    weights.legend(loc="upper left", fontsize=8, ncols=2)
    epochs = np.arange(1, len(history) + 1)
    for ax, name in ((accuracy, "accuracy"), (loss, "loss")):
        ax.plot(epochs, history[name], color=nn.plots.COLOURS[0], label="training")
        ax.plot(epochs, history[f"val_{name}"], "--", color=nn.plots.COLOURS[1], label="test")
        ax.set(xlabel="epoch", title=name)
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.grid(alpha=0.3)
        ax.legend()
    accuracy.set_ylim(0.45, 1.02)
    figure.suptitle(f"rate {rate}")
    return figure


def perfect(history):
    """The first epoch after which all of both sets is right."""
    both = np.minimum(history["accuracy"], history["val_accuracy"])
    return int(np.argmax(both == 1.0)) + 1 if both.max() == 1.0 else None


# %% [markdown]
# ### Rate 0.05
#
# The boundary bends round both moons after 16 epochs.

# %%
good, good_history = train(0.05, epochs=16)
good_figure = figures(good, good_history, 0.05)
good_figure

# %% [markdown]
# ### Rate 0.01
#
# The same road, walked slowly: a long plateau near 88 %, and perfection at epoch 173.

# %%
slow, slow_history = train(0.01, epochs=173)
slow_figure = figures(slow, slow_history, 0.01)
slow_figure

# %% [markdown]
# The history has all weights of every epoch, so that the net of any epoch can be looked at again. On the plateau the
# boundary is nearly straight, about the best that a straight line can do. Then it finds its bends.

# %%
stages, axes = plt.subplots(1, 4, figsize=(11, 2.75), sharey=True, layout="constrained")
for ax, epoch in zip(axes, (20, 150, 160, 173), strict=True):
    slow.load_state_dict({name: each[epoch] for name, each in slow_history.weights.items()})
    nn.plots.decision_boundary(slow, X_test, y_test, ax=ax)
    ax.set_title(f"epoch {epoch}")
    ax.legend().remove()
stages

# %% [markdown]
# ### Rate 0.5
#
# Nothing is learned. In the first epoch a few steps are so large that all ReLUs of the second layer end below 0 for all
# samples. No gradient passes them any more: 36 numbers stand still for ever, and only the output's bias still moves. So
# the net says the same of every point. That is right for 49.7 % of them or, where the bias has just changed its sign,
# for the other 50.3 %.

# %%
dead, dead_history = train(0.5, epochs=21)
dead_figure = figures(dead, dead_history, 0.5)
dead_figure

# %%
moving = sum(int((np.ptp(np.array(w[1:]), axis=0) > 0).sum()) for w in dead_history.weights.values())
print("share of dead ReLUs after the first epoch:", {name: each[0] for name, each in dead_history.dead.items()})
print("weights that still move then:", moving)

# %% [markdown]
# ### A lucky draw
#
# Generator 1034 was chosen because it shows so clearly what the rate does. Other starts are less kind. Here are two
# hundred nets at rate 0.05, each with its own start and its own order of samples. Their weights are stacked, so that
# one matrix product computes a layer of all of them.


# %%
class ManyNets(nn.Module):
    """Nets 2-4-4-1 side by side, one for each generator."""

    def __init__(self, rngs):
        draws = zip(*[[rng.normal(0, 0.05, shape) for shape in ((2, 4), (4, 4), (4, 1))] for rng in rngs], strict=True)
        self.W1, self.W2, self.W3 = (nn.Parameter(np.stack(each)) for each in draws)
        self.b1, self.b2, self.b3 = (nn.Parameter(np.zeros((len(rngs), 1, n))) for n in (4, 4, 1))

    def forward(self, x):
        h = autograd.relu(x @ self.W1 + self.b1)
        h = autograd.relu(h @ self.W2 + self.b2)
        return h @ self.W3 + self.b3


# %%
rngs = [np.random.default_rng(seed) for seed in range(200)]
many = ManyNets(rngs)
optimizer = nn.optim.SGD(many.parameters(), lr=0.05)
loss = nn.BCEWithLogitsLoss(reduction="sum")  # a net's gradient is that of its own loss
reached = np.full(200, False)
counts = []
for _ in range(25):
    orders = np.stack([rng.permutation(len(X)) for rng in rngs], axis=1)
    for chosen in orders:  # a sample for each net
        optimizer.zero_grad()
        loss(many(X[chosen][:, None]), y[chosen][:, None]).backward()
        optimizer.step()
    right = [((nn.predict(many, A, len(A)) > 0) == (b == 1)).all(axis=(1, 2)) for A, b in ((X, y), (X_test, y_test))]
    reached |= right[0] & right[1]
    counts.append(int(reached.sum()))

# %%
luck, ax = plt.subplots(figsize=(5.5, 3.4), layout="constrained")
ax.plot(np.arange(1, 26), counts, color=nn.plots.COLOURS[0])
ax.axvline(16, color=nn.plots.COLOURS[1], linestyle="--", label="the net above")
ax.set(xlabel="epoch", ylabel="nets that had 100 % on both sets", ylim=(0, 200), title="200 starts, rate 0.05")
ax.grid(alpha=0.3)
ax.legend()
luck

# %% [markdown]
# At rate 0.01 it takes longer, too long for this page: of these two hundred starts, 73 have reached 100 % at both rates
# by epoch 280, and the others at one of them or at none.

# %%
lowest, highest = min(dead_history["accuracy"]), max(dead_history["accuracy"])
plateau = float(np.median(slow_history["accuracy"][9:100]))
check(
    "G6",
    {
        "samples for training and test": [len(X), len(X_test)],
        "weights": sum(p.size for p in good.parameters()),
        "rate 0.05, first epoch with 100 % on both sets": perfect(good_history),
        "rate 0.01, first epoch with 100 % on both sets": perfect(slow_history),
        "rate 0.01, accuracy on the plateau": plateau,
        "rate 0.5, lowest and highest accuracy to epoch 21": [lowest, highest],
        "rate 0.5, dead ReLUs of the second layer after epoch 1": dead_history.dead["3"][0],
        "rate 0.5, weights that move after epoch 1": moving,
        "of 200 starts, 100 % at rate 0.05 by epoch 25": counts[-1],
    },
    {"moons": moons, "good": good_figure, "slow": slow_figure, "stages": stages, "dead": dead_figure, "luck": luck},
)
