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
# # A worked example
#
# A course lesson goes through backpropagation with a pencil: one sample, a net of three neurons, and every function,
# path, partial derivative and update written out. Here each of these lines is computed by the engine, which can also
# say why it is what it is.

# %%
import matplotlib.pyplot as plt
import numpy as np
from lesson import check

import nn
from autograd import Value, grad, hessian, primitive, sigmoid, sin, viz
from autograd.graph import count_paths, explain, paths, steps
from autograd.testing import GradientError, check_gradients

# %% [markdown]
# ## L1 · One sample through a 2-2-1 net, and back
#
# Two inputs a and b, two hidden neurons c and d, one output e, and no biases. A neuron adds up its weighted inputs to
# $h$ and gives $O = \sigma(h)$; the loss is $L = \frac12(O(e) - y)^2$. One step of gradient descent at rate 0.1 must
# make it smaller.
#
# This is the net before anything is computed. A weight $W_{ca}$ leads to c from a.

# %%
W1, W2 = [[0.1, 0.7], [0.3, 0.2]], [[0.4, 0.6]]  # the rows of W1 belong to c and d
sample, target = [0.5, 0.8], 1.0

net = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Sigmoid(), nn.Linear(2, 1, bias=False), nn.Sigmoid())
net[0].weight.data, net[2].weight.data = W1, W2
viz.draw_network(net, sample)

# %% [markdown]
# ### Every function
#
# To see single numbers, the net is written out in scalars. Each line is a line of the lesson.

# %%
a, b, y = (Value(x, name, requires_grad=False) for name, x in {"a": 0.5, "b": 0.8, "y": 1.0}.items())
Wca, Wcb, Wda, Wdb = Value(0.1, "Wca"), Value(0.7, "Wcb"), Value(0.3, "Wda"), Value(0.2, "Wdb")
Wec, Wed = Value(0.4, "Wec"), Value(0.6, "Wed")
weights = [Wca, Wcb, Wda, Wdb, Wec, Wed]


def forward(σ=sigmoid):
    """Every function from the inputs to the loss, by name."""
    hc = Wca * a + Wcb * b
    hd = Wda * a + Wdb * b
    Oc, Od = σ(hc), σ(hd)
    he = Wec * Oc + Wed * Od
    Oe = σ(he)
    error = Oe - y
    L = error**2 / 2
    return {"h(c)": hc, "h(d)": hd, "O(c)": Oc, "O(d)": Od, "h(e)": he, "O(e)": Oe, "error": error, "L": L}


nodes = forward()
for name, node in nodes.items():
    node.label = name
    print(f"{name} = {node.data:.15g}")

# %% [markdown]
# Read the graph from the leaves to the loss. Sheets are inputs, yellow boxes weights, dashed boxes constants.

# %%
L = nodes["L"]
viz.draw(L, inputs=[a, b], direction="TB")

# %% [markdown]
# ### Every partial
#
# Going back, each op multiplies what comes from the loss, $g$, with its own local derivative. The whole pass, in the
# engine's order:

# %%
for step in steps(L):
    if step.op:
        print(step)

# %% [markdown]
# The same to step through, forwards and back (where scripts may run):

# %%
steps_of_L = viz.stepper(L, inputs=[a, b])
steps_of_L

# %% [markdown]
# ### Every path
#
# From a weight of the output neuron one path leads to the loss, and the gradient is the product of the local
# derivatives on it.

# %%
explain(L, Wec)

# %%
explain(L, Wed)

# %% [markdown]
# The path of a hidden weight is longer: it goes through the hidden neuron, and through the output neuron as before.

# %%
for w in weights[:4]:
    print(explain(L, w), end="\n\n")

# %% [markdown]
# Path by path much would be computed again and again, even in this small net:

# %%
walked = sum(len(path) - 1 for w in weights for path in paths(L, w))
passed = sum(len(step.contributions) for step in steps(L))
print(f"local derivatives: {walked} on the six paths, {passed} in the backward pass")

# %% [markdown]
# What the paths have in common is computed once and kept, as the δ of a neuron: $\delta = \partial L/\partial h$.
#
# $$\delta_e = (O_e - y)\,O_e(1 - O_e) \qquad \delta_c = \delta_e W_{ec}\,O_c(1 - O_c) \qquad
# \delta_d = \delta_e W_{ed}\,O_d(1 - O_d)$$
#
# A weight's gradient is the δ of the neuron it leads to, times what comes in:
# $\partial L/\partial W_{ca} = \delta_c\,a$. In the graph, the δs are the gradients that the $h$ keep.

# %%
L.backward()
δ = {neuron: nodes[f"h({neuron})"].grad for neuron in "ecd"}
Oc, Od, Oe = (nodes[f"O({neuron})"].data for neuron in "cde")
by_hand = (Oe - 1) * Oe * (1 - Oe)
print("         by the engine        by hand")
print(f"δe       {δ['e']:.15f}   {by_hand:.15f}")
print(f"δc       {δ['c']:.15f}   {by_hand * 0.4 * Oc * (1 - Oc):.15f}")
print(f"δd       {δ['d']:.15f}   {by_hand * 0.6 * Od * (1 - Od):.15f}")
print(f"∂L/∂Wca  {Wca.grad:.15f}   {δ['c'] * 0.5:.15f}")

# %%
graph = viz.draw(L, inputs=[a, b], direction="TB", precision=3)
graph

# %% [markdown]
# A net of layers shows its δs in its neurons.

# %%
network = viz.draw_network(net, sample, loss=lambda output: 0.5 * (output[0] - target) ** 2, precision=4)
network

# %% [markdown]
# ### Every update
#
# Each weight goes 0.1 against its gradient, $w \leftarrow w - 0.1\,\partial L/\partial w$. All gradients are negative,
# so all weights grow: the output is still below its target.

# %%
before, gradients = {w: w.data for w in weights}, {w: w.grad for w in weights}
nn.optim.SGD(weights, lr=0.1).step()
for w in weights:
    print(f"{w.label}: {before[w]} − 0.1·({gradients[w]:.15f}) = {w.data:.15f}")

# %% [markdown]
# Forward again with the new weights: the output came nearer to 1 and the loss fell.

# %%
after = forward()
print(f"O(e) {Oe:.15f} → {after['O(e)'].data:.15f}")
print(f"L    {L.data:.15f} → {after['L'].data:.15f}")

# %% [markdown]
# ### The number that the text prints
#
# The text ends with $O(e) = 0.648366218$ and $L = 0.061823158$. That is not what these steps give. Where
# $\sigma' = O(1 - O)$ belongs it took $h(1 - h)$, the weighted input for the output, in all three neurons. To prove
# that, here is a σ whose local derivative has this slip:


# %%
@primitive("σ slip", elementwise=True)
def slipped(xp, h):
    return 1 / (1 + xp.exp(-h))


slipped.defvjps(h=lambda xp, g, y, h: g * h * (1 - h))  # right: g * y * (1 - y)

for w in weights:
    w.data = before[w]
    w.zero_grad()
forward(slipped)["L"].backward()
nn.optim.SGD(weights, lr=0.1).step()
printed = forward(slipped)
print(f"O(e) {printed['O(e)'].data:.9f}, L {printed['L'].data:.9f}")

# %% [markdown]
# To the last digit. The loss falls even more than in the right step, so that training alone would never show the
# mistake. A gradient check does, and names the op:

# %%
try:
    check_gradients(slipped, (0.61,))
except GradientError as error:
    print(error)

# %%
check(
    "L1",
    {name: node.data for name, node in nodes.items() if name != "error"}
    | {f"δ{neuron}": d for neuron, d in δ.items()}
    | {f"∂L/∂{w.label}": g for w, g in gradients.items()}
    | {f"{name} after the step": after[name].data for name in ("O(e)", "L")}
    | {f"{name} as the text prints it": round(printed[name].data, 9) for name in ("O(e)", "L")},
    {"graph": graph, "network": network, "steps": steps_of_L},
)

# %% [markdown]
# ## L2 · Two paths, and two functions of one number
#
# In $y = (a + b)(b\cdot c)$ the number b is used twice, so that two paths lead from it to y. At (1, 2, 3) its gradient
# is 15 = 6 + 9. And $f(x) = \sin(x^3 + 5)$ has a chain of three ops, whose slope is a product.

# %%
a, b, c = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "c")
d, e = a + b, b * c
y = d * e
y.backward()
two_paths = viz.draw(y, names=locals())
two_paths

# %% [markdown]
# One after the other, with the local derivatives as formulas and as numbers:

# %%
by_b = explain(y, b, names=locals())
by_b

# %% [markdown]
# The same, to step through:

# %%
steps_of_y = viz.stepper(y, names=locals())
steps_of_y

# %% [markdown]
# The graph with its backward pass, from right to left. Each card has a value and below it the gradient; on each arrow
# stands what the gradient is multiplied with on its way back.

# %%
backward = viz.draw_backward(y, names=locals())
backward

# %% [markdown]
# Gradients are graphs like any other, so they can be differentiated again. The Hessian has a row and a column for each
# of a, b and c; its corner is 0, because a occurs only once, and 6 in the middle is
# $\partial^2(ac\,b + c\,b^2)/\partial b^2 = 2c$.

# %%
H = hessian(lambda v: (v[0] + v[1]) * (v[1] * v[2]))(np.array([1.0, 2.0, 3.0]))
H

# %% [markdown]
# The chain $\sin(x^3 + 5)$: each op's slope is read at the place where the forward pass has left it, and the product is
# the slope of f.


# %%
def f(x):
    return sin(x**3 + 5)


x = Value(1.5, "x")
fx = f(x)
explain(fx, x, names=locals())

# %%
ax = viz.plot_function(f, at=1.5, interval=(0.0, 1.8), derivatives=1)
ax.set_title("sin(x³ + 5)")
curve = ax.figure
curve

# %% [markdown]
# `grad` makes a function of a function, so it can be applied twice.

# %%
slopes = grad(f)(1.0), grad(f)(1.5), grad(grad(f))(1.0)
slopes

# %%
check(
    "L2",
    {"y": y.data, "∂y/∂a": a.grad, "∂y/∂b": b.grad, "∂y/∂c": c.grad}
    | {"products of the paths to b": [path.product for path in by_b.paths], "Hessian": H}
    | dict(zip(["f′(1)", "f′(1.5)", "f″(1)"], slopes, strict=True)),
    {"two_paths": two_paths, "backward": backward, "curve": curve, "steps": steps_of_y},
)

# %% [markdown]
# ## L3 · Each node keeps what came from above
#
# A node adds up all that comes back to it before it passes anything on. So every local derivative is evaluated once in
# a backward pass, however many paths run through it.
#
# Doubling a number again and again, by adding it to itself, doubles the number of paths each time.

# %%
x = Value(1.0, "x")
y = x
for i in range(3):
    y = y + y
    y.label = f"y{i + 1}"
y.backward()
doubled = viz.draw(y)
doubled

# %% [markdown]
# Eight paths lead from x to the end:

# %%
explain(y, x)

# %% [markdown]
# The pass does not walk them. It goes node by node; each one's gradient is complete when its turn comes:

# %%
for step in steps(y):
    print(step)

# %% [markdown]
# To count what is evaluated, here is a sum whose local derivatives leave a mark each time that they are used.

# %%
marks = []


@primitive("+")
def marked_sum(xp, a, b):
    return a + b


def marking(xp, g, y, a, b):
    marks.append(1)
    return g


marked_sum.defvjps(a=marking, b=marking)


def count(doublings):
    """How many paths there are, and how many local derivatives a backward pass evaluates."""
    x = Value(1.0)
    y = x
    for _ in range(doublings):
        y = marked_sum(y, y)
    marks.clear()
    y.backward()
    assert x.grad == 2.0**doublings
    return count_paths(y, x), len(marks)


# %% [markdown]
# After 200 doublings there are more paths than the universe has atoms, and 400 local derivatives: two for each sum.

# %%
doublings = np.arange(1, 201)
path_counts, evaluated = zip(*map(count, doublings.tolist()), strict=True)
growth, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
ax.plot(doublings, path_counts, "--", color=nn.plots.COLOURS[1], label="paths")
ax.plot(doublings, evaluated, color=nn.plots.COLOURS[0], label="local derivatives evaluated")
ax.set(xlabel="doublings", yscale="log")
ax.grid(alpha=0.3)
ax.legend()
growth

# %% [markdown]
# The net of L1 was the same on a small scale: δe is on the paths of all six weights, and the pass computed it once.

# %%
print(f"L1: path by path {walked} local derivatives, in the pass {passed}")

# %%
check(
    "L3",
    {
        "paths through 200 doublings": path_counts[-1],
        "local derivatives evaluated there": evaluated[-1],
        "∂y/∂x of 3 doublings": x.grad,
        "local derivatives in L1, path by path": walked,
        "local derivatives in L1, in the backward pass": passed,
    },
    {"doubled": doubled, "growth": growth},
)
