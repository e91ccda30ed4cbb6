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
# # Forward and backward
#
# The systems of chapter 8 of Krishnendu Chaudhury's *Math and Architectures of Deep Learning*: the bend in a neuron,
# layers as matrix-vector products, the way down a loss, and a net that forecasts demand. Each section ends with its
# numbers beside those expected of it.

# %%
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from lesson import check

import nn
from autograd import Tensor, elementwise_grad, grad, sigmoid, tanh, value_and_grad, viz

# %% [markdown]
# ## C1 · Sigmoid and tanh
#
# A neuron is a weighted sum with a bend in it. The bend was once a step; the sigmoid σ(x) = 1/(1 + e⁻ˣ) is a
# step with a slope, so that a small change of a weight has a small effect that can be measured.

# %%
x = np.linspace(-8, 8, 401)
curves, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.8), layout="constrained", sharey=True)
for w in (0.5, 1, 3, 30):
    left.plot(x, sigmoid(w * x), label=f"w = {w}")
left.plot(x, np.heaviside(x, 0.5), "k:", label="step")
for b in (-4, 0, 4):
    right.plot(x, sigmoid(2 * x + b), label=f"b = {b}")
left.set(xlabel="x", title="σ(wx): w is the steepness")
right.set(xlabel="x", title="σ(2x + b): b is the place")
for ax in (left, right):
    ax.legend()
    ax.grid(alpha=0.25)
curves

# %% [markdown]
# `elementwise_grad` is the derivative at every point of an array. The sigmoid's is a hill whose top is ¼, and tanh's
# one whose top is 1: where either is flat, a neuron hardly learns.

# %%
slopes, axes = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained")
for ax, f, name in zip(axes, (sigmoid, tanh), ("σ", "tanh")):
    ax.plot(x, f(x), label=name)
    ax.plot(x, elementwise_grad(f)(x), "--", label=f"{name}′")
    axes[2].plot(x, elementwise_grad(f)(x), label=f"{name}′")
for ax, title in zip(axes, ("the sigmoid", "tanh", "both derivatives")):
    ax.set(xlabel="x", title=title)
    ax.legend()
    ax.grid(alpha=0.25)
slopes

# %% [markdown]
# Three identities save work by hand: $\sigma(-x) = 1 - \sigma(x)$, $\sigma' = \sigma(1 - \sigma)$ and
# $\tanh x = 2\sigma(2x) - 1$. Here is how far each is from true on the 401 points above.

# %%
identities = {
    "σ(−x) = 1 − σ(x)": sigmoid(-x) - (1 - sigmoid(x)),
    "σ′ = σ(1 − σ)": elementwise_grad(sigmoid)(x) - sigmoid(x) * (1 - sigmoid(x)),
    "tanh x = 2σ(2x) − 1": tanh(x) - (2 * sigmoid(2 * x) - 1),
}
for identity, difference in identities.items():
    print(f"{identity:22} {np.abs(difference).max():.1e}")

# %% [markdown]
# Far out, $e^{1000}$ is too large for a float, but σ is not: here every warning of NumPy's would be an error.

# %%
with np.errstate(all="raise"):
    far = sigmoid(np.array([1000.0, -1000.0]))
far

# %%
check(
    "C1",
    {
        "σ(0.5)": sigmoid(0.5),
        "σ′(0.5)": grad(sigmoid)(0.5),
        "tanh 0.5": tanh(0.5),
        "tanh′ 0.5": grad(tanh)(0.5),
        "σ(±1000)": far,
    }
    | {identity: np.abs(difference).max() for identity, difference in identities.items()},
    {"curves": curves, "slopes": slopes},
)

# %% [markdown]
# ## C2 · Layers, forward and backward
#
# A linear layer is a matrix-vector product, z = Wx + b. A multilayer perceptron is a nested function, such as
# a = σ(W1 σ(W0 x + b0) + b1), computed layer by layer from the inside. The loss is ½‖a − y‖².


# %%
def layer(W, b, x):
    return sigmoid(W @ x + b)


def mlp(layers, x):
    """The output of every layer, the input first."""
    outputs = [x]
    for W, b in layers:
        outputs.append(layer(W, b, outputs[-1]))
    return outputs


rng = np.random.default_rng(0)
layers = [
    (Tensor(rng.normal(size=(m, n)), f"W{i}"), Tensor(rng.normal(size=m), f"b{i}"))
    for i, (n, m) in enumerate(pairwise([2, 3, 1]))
]
x = Tensor([0.5, -1.0], "x", requires_grad=False)
y = Tensor([1.0], "y", requires_grad=False)

_, a1, a2 = mlp(layers, x)
loss = 0.5 * ((a2 - y) ** 2).sum()
names = {"a1": a1, "a2": a2, "L": loss}
forward = viz.draw(loss, names=names, precision=2, compact=True, direction="TB")
forward

# %% [markdown]
# Going back by hand, each layer has a $\delta = \partial L/\partial z$. The last one's is $(a - y)\,\sigma'$; each
# one before it gets its own through the weights between them; and a layer's weights get δ times *that layer's own
# input*. With $a_0 = x$ and $a_{i+1}$ the output of layer $i$, of which the last is $n$:
#
# $$\delta_n = (a_{n+1} - y) \odot a_{n+1}(1 - a_{n+1}) \qquad
# \delta_i = W_{i+1}^\top\delta_{i+1} \odot a_{i+1}(1 - a_{i+1})$$
#
# $$\frac{\partial L}{\partial W_i} = \delta_i\,a_i^\top \qquad \frac{\partial L}{\partial b_i} = \delta_i$$


# %%
def forward_and_backward(layers, x, y):
    """The loss, and for every layer the gradients of W and b."""
    W = [W.data for W, b in layers]
    a = mlp([(W.data, b.data) for W, b in layers], x)
    delta = (a[-1] - y) * a[-1] * (1 - a[-1])
    found = [(np.outer(delta, a[-2]), delta)]
    for i in reversed(range(len(W) - 1)):
        delta = W[i + 1].T @ delta * a[i + 1] * (1 - a[i + 1])
        found.insert(0, (np.outer(delta, a[i]), delta))
    return 0.5 * np.sum((a[-1] - y) ** 2), found


by_hand, found = forward_and_backward(layers, x.data, y.data)
loss.backward()
for i, ((_, b), (_, delta)) in enumerate(zip(layers, found)):
    print(f"layer {i}: δ = {np.round(delta, 6)}, the engine's {np.round(b.grad, 6)}")
pairs = [(p, d) for layer, by_layer in zip(layers, found) for p, d in zip(layer, by_layer)]
difference = max(np.abs(p.grad - d).max() for p, d in pairs)

# %% [markdown]
# In the net, every neuron shows its output and its δ.

# %%
model = nn.MLP([2, 3, 1], "sigmoid", output="sigmoid")
for linear, (W, b) in zip(model[::2], layers):
    linear.weight.data, linear.bias.data = W.data, b.data
network = viz.draw_network(model, x, loss=lambda a: 0.5 * ((a - y) ** 2).sum())
network

# %% [markdown]
# **The printed listing is wrong** in one place: for the first layer's weights it takes the *last* layer's output where
# that layer's input belongs. The shapes betray it: $W_0$ is 3×2, but $\delta_0 a_2^\top$ is 3×1. Subtracting it would
# even work, by broadcasting, and move both weights of a neuron alike.

# %%
delta0, output = found[0][1], mlp(layers, x)[-1].data
printed = np.outer(delta0, output)
print("W0", layers[0][0].shape, "  as printed", printed.shape, "  right", found[0][0].shape)

# %%
check(
    "C2",
    {
        "loss − loss by hand": loss.item() - by_hand,
        "largest difference between the gradients": difference,
        "shape of W0": layers[0][0].shape,
        "shape of its gradient": found[0][0].shape,
        "shape of the printed one": printed.shape,
    },
    {"forward": forward, "network": network},
)

# %% [markdown]
# ## C3 · Down the loss
#
# Gradient descent goes a small step against the gradient, again and again. The gradient is the steepest way, no other
# direction goes down faster at first; and the way it finds depends on where it starts.

# %% [markdown]
# **A surface.** A line is fitted to five points; the loss is a valley over slope and intercept. One path follows the
# gradient. The other also goes down in every step, and is not optimal: it changes one parameter at a time.

# %%
u = np.array([-1.0, -0.2, 0.3, 1.1, 1.8])
v = 1.4 * u - 0.5 + np.array([0.2, -0.3, 0.1, 0.2, -0.2])


def line_loss(p):
    return ((p[0] * u + p[1] - v) ** 2).mean()


def descend(f, start, rate, steps, direction=lambda k, g: g):
    """The points of a descent; `direction` may change the gradient g of step k."""
    path = [np.array(start)]
    for k in range(steps):
        path.append(path[-1] - rate * direction(k, grad(f)(path[-1])))
    return np.array(path)


start = [-1.5, 2.0]
paths = {
    "against the gradient": descend(line_loss, start, 0.1, 40),
    "not optimal": descend(line_loss, start, 0.1, 40, lambda k, g: g * ((k // 5) % 2 == np.arange(2))),
}
surface, ax = plt.subplots(figsize=(6.5, 4.5), layout="constrained")
nn.plots.loss_surface(lambda p, q: line_loss((p, q)), (-2, 3), (-2, 2.5), path=paths, ax=ax)
ax.set(xlabel="slope", ylabel="intercept")
surface

# %% [markdown]
# Is the gradient's way really the steepest? Of 3600 directions for a short step from the start, the one that lowers the
# loss most is the one against the gradient.

# %%
angles = np.arange(0, 360, 0.1)
circle = 1e-4 * np.stack([np.cos(np.radians(angles)), np.sin(np.radians(angles))], axis=1)
best = angles[np.argmin([line_loss(start + step) for step in circle])]
downhill = -grad(line_loss)(np.array(start))
against = np.degrees(np.arctan2(downhill[1], downhill[0])) % 360
print(f"best direction {best:.1f}°, against the gradient {against:.1f}°")

# %% [markdown]
# **One step.** What does a step $\Delta x$ change? To first order the tangent says it:
# $f(x + \Delta x) \approx f(x) + f'(x)\,\Delta x$. The function has two valleys: $f(x) = x^4 - 3x^2 + x$.


# %%
def f(x):
    return x**4 - 3 * x**2 + x


tangent = viz.plot_function(f, at=1.7, interval=(0.9, 2.1), derivatives=0).figure
tangent

# %% [markdown]
# With half the step, the error of the tangent is a quarter: it is of second order.

# %%
value, slope = value_and_grad(f)(1.7)
errors = []
print("    step   f changes by   tangent says")
for step in (-0.08, -0.04, -0.02, -0.01, -0.005):
    change = f(1.7 + step) - value
    errors.append(change - slope * step)
    print(f"{step:8} {change:14.6f} {slope * step:14.6f}")
shrink = errors[-2] / errors[-1]
print(f"the last halving divides the error by {shrink:.3f}")

# %% [markdown]
# **Two starts, two ends.** At rate 0.01 the descent from 2 ends in the nearer valley, a local minimum; the one from −2
# finds the global one. The gradient knows nothing of the other side of the hill.

# %%
ends, ax = plt.subplots(figsize=(6.5, 4.2), layout="constrained")
viz.plot_function(f, interval=(-2.1, 2.1), derivatives=0, ax=ax)
minima = {}
for k, origin in enumerate((2.0, -2.0), 1):
    path = descend(f, origin, rate=0.01, steps=500)
    minima[origin] = path[-1]
    label = f"from {origin:g} to {path[-1]:.4f}".replace("-", "−")
    ax.plot(path, f(path), "o-", color=nn.plots.COLOURS[k], markersize=4, linewidth=1, label=label)
ax.legend(frameon=False)
ends

# %%
check(
    "C3",
    {
        "from 2.0, the local minimum": minima[2.0],
        "from −2.0, the global minimum": minima[-2.0],
        "f at the local minimum": f(minima[2.0]),
        "f at the global minimum": f(minima[-2.0]),
        "degrees from the best direction to the gradient's": best - against,
        "error of the tangent, divided by that of half the step": shrink,
    },
    {"surface": surface, "tangent": tangent, "ends": ends},
)

# %% [markdown]
# ## C4 · Demand forecasting
#
# How much will a shop sell next week? Known are last week's sales, the discount in per cent and the weeks to the next
# holiday. The 10,000 rows are made by a formula.
#
# $$y = \lceil 1.2\,\mathrm{sales} + 5000\,(\mathrm{discount}/100)^2 + (10 - \mathrm{weeks})^3 +
# 100\,\varepsilon\rceil$$

# %%
table, demand = nn.data.demand(10_000, rng=0)
before = table.copy()
X, _ = nn.data.min_max(table)
y, scaler = nn.data.min_max(demand)
print(f"{np.sum(table != before)} numbers of the table changed; normalised from {X.min():g} to {X.max():g}")

# %%
scatter, axes = plt.subplots(1, 3, figsize=(11, 3.4), layout="constrained", sharey=True)
for ax, column, name in zip(axes, table.T, ("last week's sales", "discount, %", "weeks to the holiday")):
    ax.plot(column[::10], demand[::10], ".", markersize=2, alpha=0.6)
    ax.set_xlabel(name)
axes[0].set_ylabel("demand")
scatter

# %% [markdown]
# A net 3-10-5-1 with two sigmoids and a linear output. The loop of the text: forget the old gradients, go forward, go
# backward, make a step.

# %%
model = nn.MLP([3, 10, 5, 1], "sigmoid", rng=0)
loss_fn = nn.MSELoss()
optimizer = nn.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
losses = []
for _ in range(1000):
    optimizer.zero_grad()
    loss = loss_fn(model(X), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
print(model, f"\nloss {losses[-1]:.2e}")

# %% [markdown]
# One start may be lucky. `fit` is the same loop in one call, here from ten starts.


# %%
def trained(seed):
    model = nn.MLP([3, 10, 5, 1], "sigmoid", rng=seed)
    optimizer = nn.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
    options = {"epochs": 1000, "batch_size": None, "progress": False}
    return nn.fit(model, X, y, loss="mse", optimizer=optimizer, **options)["loss"]


runs = [trained(seed) for seed in range(10)]
below = sum(run[-1] < 1e-4 for run in runs)
print(f"{below} of 10 end below 1e-4:", *(f"{run[-1]:.1e}" for run in runs))

# %% [markdown]
# **To be honest**, no net is needed here. The first term outweighs the others, so that a plain linear regression,
# solved in one step, ends lower than all ten trainings.

# %%
columns = np.c_[X, np.ones(len(X))]
weights, *_ = np.linalg.lstsq(columns, y)
linear = np.mean((columns @ weights - y) ** 2)
print(f"{linear:.2e}")

# %%
curves, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for run in runs:
    left.plot(run, linewidth=1, alpha=0.8)
left.axhline(1e-4, color="0.4", linestyle=":", label="1e-4")
left.axhline(linear, color="black", linestyle="--", label="linear regression")
left.set(xlabel="step", ylabel="mean squared error", yscale="log", title="ten starts")
left.legend()
forecast = scaler.inverse_transform(nn.predict(model, X))
right.plot(demand[::10], forecast[::10], ".", markersize=3)
right.plot(*[[demand.min(), demand.max()]] * 2, color="black", linewidth=1, label="forecast = demand")
right.set(xlabel="demand", ylabel="forecast", title="the first net")
right.legend()
curves

# %%
check(
    "C4",
    {
        "starts of 10 that end below 1e-4": below,
        "loss of linear regression": linear,
        "starts of 10 that end below it": sum(run[-1] < linear for run in runs),
        "the loop's loss − fit's from the same start": losses[-1] - runs[0][-1],
        "numbers that the normalisation changed": np.sum(table != before),
    },
    {"scatter": scatter, "curves": curves},
)
