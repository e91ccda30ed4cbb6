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
# # Six whys
#
# Six questions that everyone asks who writes or uses an automatic derivative, each answered by doing it wrong first.

# %%
from collections import defaultdict, deque
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np

import autograd.numpy as anp
import nn
from autograd import Tensor, Value, detect_anomaly, grad, gradients, graph, hessian, log, sigmoid, softplus, viz
from autograd.testing import check_gradients, numerical_gradient

# A plot is shown where it is the last line of a cell, and there only. In this order:
# a notebook's backend, when it is loaded, turns the showing of all new plots on.
plt.switch_backend(plt.get_backend())
_ = plt.ioff()

# %% [markdown]
# ## Why a topological sort?
#
# A backward pass hands gradients from each node to its operands. Does the order matter? Take the smallest graph in
# which it does: $b = a + a$, then $c = b + b$. So $c = 4a$.

# %%
a = Value(1.0)
b = a + a
c = b + b
c

# %% [markdown]
# The local derivatives of a sum are 1, so an operand receives what the result has. The obvious way to write that is to
# hand the gradient on, and to go on from the operand at once.


# %%
def depth_first(node, grads):
    """Hand the gradient of a node on to its operands, going on from each of them at once."""
    for operand in node.parents:
        grads[operand] += grads[node]
        depth_first(operand, grads)


grads = defaultdict(float, {c: 1.0})
depth_first(c, grads)
print(f"∂c/∂b = {grads[b]:g}   ∂c/∂a = {grads[a]:g}")
assert grads[b] == 2.0
assert grads[a] == 6.0  # wrong: it is 4

# %% [markdown]
# $b$ is reached twice. The first time its gradient is 1, and $a$ receives $1 + 1$. The second time it is 2, *in which
# the 1 is contained*, and $a$ receives $2 + 2$ more: 6 in all. The first 1 was handed on twice.
#
# So handle every node once? Level by level from the result:


# %%
def breadth_first(y):
    """Hand the gradients on level by level, from every node once."""
    grads, queue, seen = defaultdict(float, {y: 1.0}), deque([y]), {y}
    while queue:
        node = queue.popleft()
        for operand in node.parents:
            grads[operand] += grads[node]
            if operand not in seen:
                seen.add(operand)
                queue.append(operand)
    return grads


print(f"c:     ∂/∂a = {breadth_first(c)[a]:g}")
print(f"c + b: ∂/∂a = {breadth_first(c + b)[a]:g}")
print(f"b + c: ∂/∂a = {breadth_first(b + c)[a]:g}")
assert breadth_first(c)[a] == 4.0
assert breadth_first(c + b)[a] == 6.0
assert breadth_first(b + c)[a] == 2.0  # wrong: it is 6

# %% [markdown]
# Right for $c$, right for $c + b$, wrong for $b + c$: there $b$ comes first, and hands on what it has before $c$ has
# given it the rest. What it then receives stays with it.

# %%
viz.draw(b + c)

# %% [markdown]
# One can also hand on only what has just arrived. That is right, and hopeless: it walks every path, and a chain of $n$
# doublings has $2^n$ of them.


# %%
def path_by_path(node, g, grads):
    """Hand on only what has just arrived; returns the number of calls."""
    grads[node] += g
    return 1 + sum(path_by_path(operand, g, grads) for operand in node.parents)


calls = []
y = Value(1.0)
for n in range(1, 15):
    y = y + y
    grads = defaultdict(float)
    calls.append(path_by_path(y, 1.0, grads))
    assert max(grads.values()) == 2.0**n  # the right gradient

figure, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
ax.semilogy(range(1, 15), calls, "o-", label="path by path")
ax.semilogy(range(1, 15), range(2, 16), "s-", label="each node once")
ax.set(xlabel="doublings", ylabel="nodes handled")
ax.legend()
figure

# %% [markdown]
# What all three miss is one rule: **a node hands its gradient on when it has received all of it**, so after every node
# that uses it. An order in which operands come before results is a *topological order*; backwards, it is what is asked
# for. With it, the whole backward pass is three lines.


# %%
def backward(y):
    """Hand the gradients on, from each node once, after every node that uses it."""
    grads = defaultdict(float, {y: 1.0})
    for node in reversed(graph.toposort(y)):
        for operand in node.parents:
            grads[operand] += grads[node]
    return grads


assert backward(c)[a] == 4.0 == gradients(c, a)
assert backward(b + c)[a] == 6.0 == gradients(b + c, a)
assert backward(c + b)[a] == 6.0 == gradients(c + b, a)
viz.stepper(b + c)

# %% [markdown]
# ## Why do gradients add up?
#
# In $y = x \cdot x$ the number $x$ is used twice. Give each use a name of its own, and there is nothing new in it: each
# has its derivative.

# %%
first, second = Value(3.0), Value(3.0)
product = first * second
product.backward()
product

# %% [markdown]
# Changing $x$ by $h$ changes both uses by $h$, and the result by $3h$ for the one and by $3h$ for the other (and by
# $h^2$, which is nothing beside $h$). So the derivative is the sum over the uses, $3 + 3$.

# %%
x = Value(3.0)
y = x * x
assert gradients(y, x) == first.grad + second.grad == 6.0
graph.explain(y, x)

# %% [markdown]
# Where arrays broadcast, a number is used many times without being written many times. A bias is added to every row; in
# the backward pass the rows' gradients add up to that of the bias. Below, the copy in each row is a leaf of its own.

# %%
rng = np.random.default_rng(0)
X, bias = rng.normal(size=(6, 4)), np.array([0.5, -1.0, 0.0, 1.0])
shared = Tensor(bias)
copies = Tensor(np.tile(bias, (6, 1)))
loss = lambda b: (sigmoid(X + b) ** 2).sum()
loss(shared).backward()
loss(copies).backward()
assert np.allclose(shared.grad, copies.grad.sum(axis=0))

figure, axes = plt.subplots(2, 1, figsize=(5, 3.6), height_ratios=(6, 1), layout="constrained")
pictures = {"a bias for each row": copies.grad, "one for all: the columns' sums": shared.grad[None]}
for ax, (title, g) in zip(axes, pictures.items(), strict=True):
    ax.imshow(g, cmap="Blues", vmin=0, vmax=shared.grad.max(), aspect="auto")
    for (i, j), number in np.ndenumerate(g):
        ax.text(j, i, f"{number:.2f}", ha="center", va="center", color="white" if number > 0.6 else "black")
    ax.set(title=title, xticks=[], yticks=[])
figure

# %% [markdown]
# ## Why `zero_grad`?
#
# Since uses add up, so do backward passes: a second one adds to the leaves' gradients. Inner nodes hold those of the
# last pass, so that nothing is counted twice on the way.

# %%
x = Value(3.0)
inner = x * 2
y = inner * x
y.backward()
print(f"after one pass:   x.grad = {x.grad:g}   inner.grad = {inner.grad:g}")
y.backward()
print(f"after two passes: x.grad = {x.grad:g}   inner.grad = {inner.grad:g}")
assert x.grad == 24.0
assert inner.grad == 3.0

# %% [markdown]
# Forget `zero_grad` in training, and every step goes along the sum of all gradients so far. It is gradient descent with
# momentum 1: a ball that rolls without friction, and never comes to rest.


# %%
def descend(zero_grad, momentum=0.0):
    """Forty steps down a valley; returns the points on the way."""
    p = nn.Parameter([-4.0, 1.5])
    optimizer = nn.optim.SGD([p], lr=0.08, momentum=momentum)
    path = [p.data.copy()]
    for _ in range(40):
        if zero_grad:
            optimizer.zero_grad()
        valley(*p).backward()
        optimizer.step()
        path.append(p.data.copy())
    return np.array(path)


valley = lambda u, v: (u**2 + 5 * v**2) / 2
paths = {"with zero_grad": descend(True), "without": descend(False)}
assert np.allclose(paths["without"], descend(True, momentum=1.0))
ends = {name: valley(*path[-1]) for name, path in paths.items()}
assert ends["with zero_grad"] < 0.02
assert ends["without"] > 1.0

figure, ax = plt.subplots(figsize=(7.5, 3.6), layout="constrained")
nn.plots.loss_surface(valley, (-5, 5), (-2.2, 2.2), path=paths, ax=ax)
figure

# %% [markdown]
# Then why does the engine not forget by itself? Because adding up is useful: a batch that does not fit into memory is
# cut in two, and the two backward passes give the gradient of the whole.

# %%
X, t = rng.normal(size=(100, 3)), rng.normal(size=(100, 1))
model = nn.MLP([3, 8, 1], "tanh", rng=0)
loss_fn = nn.MSELoss(reduction="sum")

loss_fn(model(X), t).backward()
whole = [p.grad.copy() for p in model.parameters()]

model.zero_grad()
for half in (slice(0, 50), slice(50, 100)):
    loss_fn(model(X[half]), t[half]).backward()
assert all(np.allclose(p.grad, g) for p, g in zip(model.parameters(), whole, strict=True))

# %% [markdown]
# ## Why `nan`?
#
# Floats have numbers for what is too large, and for what cannot be said: $\infty - \infty$, $0 \cdot \infty$,
# $0 / 0$. Everything that touches such a `nan` becomes one. It rarely begins where it is seen. Here is the
# cross-entropy of a neuron that is very sure, and wrong:

# %%
w = Value(1.0)
z = w * -800.0
p = sigmoid(z)
loss = -log(p)
loss.backward()
assert np.isinf(loss.data) and np.isnan(w.grad)
viz.draw(loss, color="finite", compact=True, direction="TB")

# %% [markdown]
# $\sigma(-800)$ is $e^{-800}$, which is no float any more but 0. Its logarithm is $-\infty$, with slope
# $1/0 = \infty$; the sigmoid's own slope is 0, and $\infty \cdot 0$ is `nan`. What is found in the weights was born in
# the logarithm. `detect_anomaly` says so, and quotes the line:

# %%
try:
    with detect_anomaly():
        -log(sigmoid(w * -800.0))
except FloatingPointError as error:
    print(error)
else:
    raise AssertionError("no anomaly was found")

# %% [markdown]
# The cure is not to compute it in two steps. $-\log\sigma(z) = \log(1 + e^{-z})$ is one function, `softplus(-z)`, and
# it is as harmless as a straight line. Every loss here that takes scores (`nn.BCEWithLogitsLoss`,
# `nn.CrossEntropyLoss`) is computed in this way.

# %%
scores = np.linspace(-900.0, 100.0, 401)
two_steps, one_step = Tensor(scores), Tensor(scores)
with np.errstate(divide="ignore"):
    values = -log(sigmoid(two_steps))
values.sum().backward()
stable = softplus(-one_step)
stable.sum().backward()
assert np.isnan(two_steps.grad[scores < -710]).all()
assert np.isfinite(one_step.grad).all()
assert np.allclose(one_step.grad[scores > -700], two_steps.grad[scores > -700])

figure, axes = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
curves = {"the loss": (stable.data, values.data), "its derivative": (one_step.grad, two_steps.grad)}
for ax, (title, (good, bad)) in zip(axes, curves.items(), strict=True):
    ax.plot(scores, good, color="C0", linewidth=5, alpha=0.35, label="softplus(−z)")
    ax.plot(scores, bad, color="C1", label="−log(sigmoid(z))")
    ax.axvspan(-900, -710, color="C3", alpha=0.12, label="∞ and nan")
    ax.set(title=title, xlabel="score z")
axes[0].legend()
figure

# %% [markdown]
# A second kind comes from choosing too late: both branches of a `where` are computed. The one not taken receives a
# gradient of 0, and where its slope is infinite, $0 \cdot \infty$ strikes again; in most libraries the next line gives
# `nan`. Here it does not: this 0 means *does not depend*, and stays 0 through whatever comes below.

# %%
slope = grad(lambda x: anp.where(x > 0, anp.sqrt(x), 0.0))(0.0)
assert slope == 0.0
slope

# %% [markdown]
# A 0 that is only a number is another matter. $\cos\sqrt x$ is as smooth as a function can be,
# $1 - \frac{x}{2} + \frac{x^2}{24} - \dots$, with slope $-\frac12$ at 0. The chain rule has for it the slope of the
# cosine, $-\sin 0 = 0$, times that of the root, $\infty$. For $(\sqrt x)^2 = x$, whose slope is 1, it has $0 \cdot \infty$
# too. So the two numbers do not tell the product, and the honest answer is `nan`, though a little to the right of 0 all is
# well. An engine that says 0 here is wrong without a word.

# %%
functions = {"cos(√x)": lambda x: anp.cos(anp.sqrt(x)), "(√x)²": lambda x: anp.sqrt(x) ** 2}
for name, f in functions.items():
    print(f"{name}: {grad(f)(0.0)} at 0, {grad(f)(1e-9):.6f} beside it")
    assert np.isnan(grad(f)(0.0))
assert np.isclose(grad(functions["cos(√x)"])(1e-9), -0.5)

try:
    with detect_anomaly():
        grad(functions["cos(√x)"])(0.0)
except FloatingPointError as error:
    print(str(error).splitlines()[0])

# %% [markdown]
# Who knows more than the two numbers can say so, by choosing: near 0 the first terms of the series are as exact as floats
# are, and the root, which is not chosen there, is dropped.

# %%
smooth = lambda x: anp.where(x > 1e-4, anp.cos(anp.sqrt(x)), 1 - x / 2 + x**2 / 24 - x**3 / 720)
slopes = [grad(smooth)(x) for x in (0.0, 5e-5, 2e-4)]
assert np.allclose(slopes, [-0.5 + x / 12 for x in (0.0, 5e-5, 2e-4)], rtol=1e-8)
slopes

# %% [markdown]
# ## Why do a mean and a sum of losses need different rates?
#
# A line through 50 points, by gradient descent. The sum of the squared errors is 50 times their mean, and so is its
# gradient. A step with the sum is a step with the mean at 50 times the rate:

# %%
n = 50
inputs = rng.uniform(-1, 1, (n, 1))
targets = 2 * inputs - 1 + rng.normal(0, 0.2, (n, 1))


def train(reduction, lr, steps=40):
    """The mean squared error after a training on the mean or the sum of squared errors."""
    line = nn.Linear(1, 1, rng=0)
    loss_fn, optimizer = nn.MSELoss(reduction=reduction), nn.optim.SGD(line.parameters(), lr=lr)
    with np.errstate(all="ignore"):  # a rate that is too high ends in inf and nan
        for _ in range(steps):
            optimizer.zero_grad()
            loss_fn(line(inputs), targets).backward()
            optimizer.step()
        return nn.MSELoss()(line(inputs), targets).item()


print(f"mean, rate 0.5:      {train('mean', 0.5):.6f}")
print(f"sum,  rate 0.5:      {train('sum', 0.5):.6g}")
print(f"sum,  rate 0.5 / 50: {train('sum', 0.5 / n):.6f}")
assert np.isclose(train("sum", 0.5 / n), train("mean", 0.5))
assert train("sum", 0.5) > 1e9

# %% [markdown]
# How high may a rate be? Along a direction in which the loss has curvature $\lambda$, a step multiplies the distance
# from the minimum by $1 - \eta\lambda$. It shrinks if $\eta < 2/\lambda$. The largest curvature is the largest
# eigenvalue of the Hessian, which the engine computes exactly; the sum's is 50 times the mean's.

# %%
mean_loss = lambda p: ((p[0] * inputs + p[1] - targets) ** 2).mean()
steepest = np.linalg.eigvalsh(hessian(mean_loss)(np.zeros(2))).max()
limit = 2 / steepest
print(f"largest curvature {steepest:.4f}: rates below {limit:.4f} for the mean, {limit / n:.5f} for the sum")

shares = np.append(np.geomspace(1e-4, 0.98, 40), (1.02, 1.04, 1.06))  # of the highest rate
figure, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
for k, (reduction, highest) in enumerate({"mean": limit, "sum": limit / n}.items()):
    start = train(reduction, 0.0)
    ends = np.array([train(reduction, share * highest) for share in shares])
    assert np.array_equal(ends < start, shares < 1)
    ax.loglog(shares * highest, ends, "o-", markersize=3, color=f"C{k}", label=reduction)
    ax.axvline(highest, color=f"C{k}", linestyle="--", linewidth=1, label=f"2/λ of the {reduction}")
ax.set(xlabel="rate", ylabel="mean squared error after 40 steps", ylim=(0.01, 1e4))
ax.set_title("the same curve, 50 times further left")
ax.legend(loc="upper left")
figure

# %% [markdown]
# With the sum, the right rate also changes with the size of the batch, and the last, smaller batch of an epoch weighs
# less. That is why the mean is the default, here and elsewhere. The other side of it: with a mean, a larger batch makes
# no larger steps.
#
# ## Why not finite differences?
#
# A derivative can be measured: $\big(C(w + \varepsilon) - C(w)\big)/\varepsilon$. No graph, no formulas. Two things are
# wrong with it. The first is accuracy. Here is a small net as a plain function of its weights, its exact gradient, and
# the largest error of the measured one.

# %%
features, goal = rng.normal(size=(20, 10)), rng.normal(size=(20, 1))


def initial(hidden):
    """Weights of a 10-hidden-1 net."""
    return [rng.normal(size=s) / 3 for s in ((10, hidden), (hidden,), (hidden, 1), (1,))]


def cost(weights):
    """The mean squared error of a net with one hidden layer."""
    W1, b1, W2, b2 = weights
    return anp.mean((anp.tanh(features @ W1 + b1) @ W2 + b2 - goal) ** 2)


weights = initial(8)
exact = grad(cost)(weights)[0]
steps = np.logspace(-15, -1, 29)
figure, ax = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
for method, marker in (("forward", "o-"), ("central", "s-")):
    found = [numerical_gradient(cost, weights, method, step=step).gradient[0] for step in steps]
    errors = np.array([np.abs(g - exact).max() for g in found])
    ax.loglog(steps, errors, marker, markersize=4, label=method)
    assert 1e-12 < errors.min() < 1e-7 < errors[[0, -1]].min()  # a U, whose bottom is far above 1e-16
ax.axhline(np.finfo(float).eps, color="black", linestyle=":", label="a float's rounding")
ax.set(xlabel="step ε", ylabel="largest error", ylim=(1e-17, 10))
ax.legend(loc="lower left")
figure

# %% [markdown]
# To the right the step is so long that the curve's bend is measured too; to the left the two costs agree in nearly all
# of their digits, and the difference is made of what was rounded off. Half of the digits are lost at best.
#
# The second is the price. A difference tells one derivative, so that $P$ parameters need $P + 1$ forward passes. One
# backward pass tells all of them, for the price of a few forward ones.

# %%
hidden = [2, 8, 32, 128]
sizes, times = [], {"differences": [], "backward pass": []}
for h in hidden:
    weights = initial(h)
    sizes.append(sum(w.size for w in weights))
    for name, method in (
        ("differences", lambda w: numerical_gradient(cost, w, "forward", step=1e-7)),
        ("backward pass", grad(cost)),
    ):
        method(weights)  # the first call warms up
        start = perf_counter()
        result = method(weights)
        times[name].append(perf_counter() - start)
        if name == "differences":
            assert result.calls == 2 * sizes[-1] + 1  # two steps for each, to know the error too

figure, ax = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
for (name, seconds), marker in zip(times.items(), "os", strict=True):
    ax.loglog(sizes, 1000 * np.array(seconds), f"{marker}-", label=name)
ax.set(xlabel="parameters", ylabel="milliseconds for the gradient")
ax.legend()
figure

# %% [markdown]
# So differences do not train nets. But they know nothing of graphs and formulas, which makes them the perfect witness:
# on a small example, at well-chosen steps, they check what the engine says. No answer means that nothing is wrong.

# %%
check_gradients(cost, (initial(3),), order=1)
