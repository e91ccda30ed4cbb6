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
# # Expressions
#
# Write a formula with `Value`s instead of floats, and it is still there after Python has calculated it: to look at, to
# differentiate, to step through, to evaluate at other numbers, to print as mathematics. This notebook is a walk through
# what can be asked of an expression.

# %%
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Math

from autograd import Tensor, Value, exp, formula, gradients, graph, sin, viz

# A plot is shown where it is the last line of a cell, and there only. In this order:
# a notebook's backend, when it is loaded, turns the showing of all new plots on.
plt.switch_backend(plt.get_backend())
_ = plt.ioff()

# %% [markdown]
# ## Build
#
# A `Value` is a number that remembers where it came from. Type its name, and you see it.

# %%
a = Value(2.0)
b = Value(-3.0)
c = Value(10.0)
d = a * b
e = d + c
e

# %% [markdown]
# Boxes are what you made, round boxes what was computed from it, discs the operations. In a terminal the same graph is
# a tree.

# %%
print(viz.text(e))

# %% [markdown]
# There is nothing behind it: each node knows its number, the operation that made it, and the operands.

# %%
for node in graph.toposort(e):
    print(f"{node.data:6.1f}  {node.op.name if node.op else 'leaf':5}", [p.data for p in node.parents])

assert e.parents == (d, c) and d.parents == (a, b) and a.parents == ()

# %% [markdown]
# ## Name
#
# In a prompt or notebook a node finds its name by itself: it is the variable's. A label is a name that stays with the
# node, wherever it goes; use it for what a function computes inside. (A compact picture has an operation and its result
# on one card; an input is drawn as a sheet of paper.)


# %%
def bell(x, centre, width):
    """The bell curve, of height 1."""
    z = (x - centre) / width
    z.label = "z"
    return exp(-(z**2) / 2)


x, centre, width = Value(1.0, "x"), Value(0.4, "μ"), Value(0.5, "σ")
p = bell(x, centre, width)
assert np.isclose(p.data, np.exp(-0.72))
viz.draw(p, inputs=x, compact=True, direction="TB")

# %% [markdown]
# The same expression as mathematics:

# %%
Math(graph.to_latex(p))

# %% [markdown]
# ## Differentiate
#
# `backward()` goes from the result to the leaves and leaves in each node how fast the result changes with it. From now
# on the picture shows that too.

# %%
p.backward()
viz.draw(p, inputs=x, compact=True, direction="TB")

# %% [markdown]
# Moving the curve to the right is moving $x$ to the left, so the two gradients are opposite:

# %%
print(f"∂p/∂x = {x.grad:.6f}   ∂p/∂μ = {centre.grad:.6f}   ∂p/∂σ = {width.grad:.6f}")
assert np.isclose(x.grad, -1.2 / 0.5 * np.exp(-0.72)) and np.isclose(centre.grad, -x.grad)
assert np.isclose(width.grad, x.grad * -1.2)

# %% [markdown]
# The backward pass runs over the same graph, from right to left. Each card has a value and below it the gradient; on each
# arrow stands the local derivative, as a formula and as a number. What comes back over several arrows is added.

# %%
viz.draw_backward(e)

# %% [markdown]
# The formulas are those of the operations' own records. Nothing is hidden in them:

# %%
print(formula("mul"), formula("exp"), sep="\n\n")

# %% [markdown]
# ## Explain
#
# Where does a gradient come from? Follow every path from the result to the variable, multiply the local derivatives on
# it, and add up the paths. Here $b$ reaches $y$ in two ways.

# %%
a, b, c = Value(1.0), Value(2.0), Value(3.0)
d = a + b
e = b * c
y = d * e
graph.explain(y, b)

# %%
worked = graph.explain(y, b)
assert [path.product for path in worked.paths] == [6.0, 9.0]
assert worked.total == 15.0 == gradients(y, b)
y.backward()
y

# %% [markdown]
# ## Step
#
# The engine does not walk the paths one by one: it visits each node once, when everything that the node contributed to
# has been dealt with. These are its steps, in its order.

# %%
for step in graph.steps(y):
    print(step)

# %% [markdown]
# Or step through them yourself: with the slider, the buttons or the arrow keys. A click on a node shows its details.

# %%
viz.stepper(y)

# %% [markdown]
# ## Ask again
#
# A recorded graph can be evaluated at other numbers without running your Python again. So one recording gives a whole
# curve.

# %%
mu = np.linspace(-1, 2, 201)
heights = [graph.replay(p, {centre: m}) for m in mu]

figure, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
ax.plot(mu, heights)
ax.plot(centre.data, p.data, "o", color="C1")
ax.axline((centre.data, p.data), slope=centre.grad, color="C1", linewidth=1, label="slope by backward()")
ax.set(xlabel="centre of the bell μ", ylabel="p", ylim=(0, 1.1), title="one recorded graph, 201 replays")
ax.legend(loc="upper left")
figure

# %%
assert np.isclose(graph.replay(p, {centre: 1.0}), 1.0)  # x is at the top of the curve
assert np.allclose(heights, np.exp(-((1.0 - mu) ** 2) / 0.5))

# %% [markdown]
# What changes when a leaf changes? Keep the graph as it was, change the leaf, compute anew, and compare.

# %%
before = graph.to_dict(bell(x, centre, width))
width.data = 1.0
change = graph.diff(before, bell(x, centre, width))
print(change)
assert len(change.changed) == 6 and not change.added and not change.removed

# %% [markdown]
# ## Differentiate again
#
# With `create_graph=True` the gradient itself is an expression: it can be drawn, replayed, explained, differentiated.
# Pictures show it as one would write it; `tidy=False` draws also the 1 that every backward pass starts from.

# %%
x = Value(1.0)
f = sin(x**3 + 5)
slope = gradients(f, x, create_graph=True)
viz.draw(slope, compact=True, direction="TB")

# %%
Math(graph.to_latex(slope))

# %%
bend = gradients(slope, x)
print(f"f′(1) = {slope.data:.6f}   f″(1) = {bend:.6f}   f′(1.5) = {graph.replay(slope, {x: 1.5}):.6f}")
assert np.isclose(slope.data, 3 * np.cos(6)) and np.isclose(bend, 6 * np.cos(6) - 9 * np.sin(6))
assert np.isclose(graph.replay(slope, {x: 1.5}), 6.75 * np.cos(8.375))

# %% [markdown]
# For a function of one number, one call plots it with its derivatives and a tangent.

# %%
viz.plot_function(lambda x: sin(x**3 + 5), at=1.0, interval=(0.0, 1.6), derivatives=1).figure

# %% [markdown]
# ## Arrays
#
# A `Tensor` is a node that holds an array. Everything above works for it too: here a layer of a network, with the
# matrix product as one operation.

# %%
W, x, bias = Tensor([[0.1, 0.7], [0.3, 0.2]]), Tensor([0.5, 0.8]), Tensor([0.1, -0.2])
activity = (W @ x + bias).sigmoid()
total = activity.sum()
total.backward()
viz.draw(total, inputs=x, compact=True, direction="TB")

# %%
graph.explain(total, x)

# %%
s = activity.data
assert np.allclose(x.grad, W.data.T @ (s * (1 - s)))
assert np.allclose(W.grad, np.outer(s * (1 - s), x.data))

# %% [markdown]
# ## Large graphs
#
# A picture of hundreds of nodes is no picture. What is computed in the same way is drawn once, and says how many it
# stands for: here sixty points on which a line is fitted.

# %%
rng = np.random.default_rng(0)
m, k = Value(0.5), Value(0.0)
points = [(t, 2 * t - 1 + rng.normal(0, 0.1)) for t in np.linspace(-1, 1, 60)]
loss = sum((m * t + k - u) ** 2 for t, u in points)
loss.backward()
print(graph.stats(loss))
viz.draw(loss, compact=True, direction="TB")

# %% [markdown]
# Nor is size an obstacle for anything else. Doubling two hundred times gives $2^{200}$ paths; they are counted exactly,
# and the gradient takes two hundred steps.

# %%
x = Value(1.0)
y = x
for _ in range(200):
    y = y + y
y.backward()
assert graph.count_paths(y, x) == 2**200 == x.grad
print(f"{graph.count_paths(y, x):,} paths")

# %% [markdown]
# ## Take it with you
#
# Pictures are saved as `.svg`, `.png`, `.pdf` or `.dot`, a stepper as one `.html` page. The graph itself goes through
# JSON and comes back as a graph.

# %%
text = graph.to_json(p)
again = graph.from_json(text)
assert again.data == p.data and len(graph.toposort(again)) == len(graph.toposort(p))
print(*text.splitlines()[4:7], "⋮", sep="\n")

# %% [markdown]
# ## Mistakes
#
# What cannot work says so at once, where it happens, and says what to do instead.


# %%
def attempt(call):
    """Show the error that a call ends in."""
    try:
        call()
    except Exception as error:
        print(f"{type(error).__name__}: {error}\n")
    else:
        raise AssertionError("there was no error")


u, v = Tensor([1.0, 2.0], "u"), Tensor([1.0, 2.0, 3.0], "v")
attempt(lambda: u + v)
attempt(lambda: u.backward())
attempt(lambda: np.asarray(u * 2))
attempt(lambda: u.__setitem__(0, 5.0))
attempt(lambda: gradients(u.sum(), Value(1, "n", requires_grad=False)))
