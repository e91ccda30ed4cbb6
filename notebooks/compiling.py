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
# # Backpropagation, written out
#
# A graph is recorded anew each time a function runs; that is what makes it easy to use. Nothing says that it has to be:
# what was recorded once is a list of operations, and the backward pass over it is one more. `autograd.compile` writes
# both down as a program, and runs that. This notebook reads such programs.

# %%
import matplotlib.pyplot as plt
import numpy as np

import autograd
import autograd.numpy as anp
import nn
from autograd import Value, grad, sigmoid, tanh, value_and_grad, viz

# A plot is shown where it is the last line of a cell, and there only.
plt.switch_backend(plt.get_backend())
_ = plt.ioff()

# %% [markdown]
# ## One neuron
#
# A neuron with two inputs, a target, and the error squared. Its gradient by the weights, as a program:


# %%
def error(w1, w2, b, x1=0.5, x2=-0.8, target=1.0):
    z = w1 * x1 + w2 * x2 + b
    return (sigmoid(z) - target) ** 2


neuron = autograd.compile(value_and_grad(error, (0, 1, 2)))
neuron(0.4, 0.3, 0.1)

# %%
print(neuron.source(0.4, 0.3, 0.1))

# %% [markdown]
# Every line stands for an operation of the graph, and says where it was written; a line with ∂ is a derivative of the
# operation there. `d4` is the gradient of `t4`, and `d6` that of `t6`: each gradient is the one above it times a local
# derivative. That is all that backpropagation is. The graph of the same function has the same numbers on its arrows:

# %%
w1, w2, b = Value(0.4, "w1"), Value(0.3, "w2"), Value(0.1, "b")
viz.draw_backward(error(w1, w2, b))

# %% [markdown]
# ## The derivative of a derivative
#
# A gradient is a function, so it is compiled like one. Parts that the first and the second derivative share are calculated
# once, and what nobody asked for is not there: neither the value nor the first derivative.

# %%
bend = autograd.compile(grad(grad(tanh)))
print(bend.source(0.5))

# %% [markdown]
# ## Layers
#
# On arrays each line is a call of NumPy, and its last argument is the array into which it writes. `_1` is used again and
# again: what nobody reads any more is written over.


# %%
def loss(W, b, x, t):
    y = anp.tanh(x @ W + b)
    return ((y - t) ** 2).mean()


rng = np.random.default_rng(0)
layer = autograd.compile(grad(loss, (0, 1)))
arguments = rng.normal(size=(3, 2)), np.zeros(2), rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
print(layer.source(*arguments))

# %% [markdown]
# Two of the four equations of backpropagation can be read off: the gradient of the bias is the sum of δ over the samples
# (a product with ones), and that of the weights is the inputs, transposed, times δ. Here δ is `d2`.
#
# ## Branches
#
# `if` and `while` are Python's, and a recording takes one way through them. The program remembers which: the condition is
# one of its results. Where that comes out otherwise, another way is recorded.


# %%
@autograd.compile
def collatz(x):
    steps = x * 0
    while x > 1:
        x = x / 2 if x % 2 == 0 else 3 * x + 1
        steps = steps + 1
    return steps


[collatz(x) for x in (1.0, 2.0, 3.0, 4.0)], len(collatz.variants)

# %% [markdown]
# ## Many neurons
#
# A net of single numbers has an operation for every weight of every neuron for every sample. Operations of one kind at
# one depth do not wait for each other, so they can be done together, in one call on arrays. This is what a library of
# arrays does with one's neurons, found by looking at the graph alone:

# %%
net = nn.MLP([2, 4, 1], "tanh", rng=0).to_scalars()
points = rng.normal(size=(10, 2))
total = sum((net(point)[0] - float(point[0] * point[1] > 0)) ** 2 for point in points)
viz.levels(total)

# %% [markdown]
# ## Training
#
# A training is the same step over and over. `fit(..., compiled=True)` writes the step down once; the losses are those of
# the training without it.

# %%
X = rng.normal(size=(200, 2))
y = (X[:, :1] * X[:, 1:] > 0) * 1.0


def train(compiled):
    model = nn.MLP([2, 16, 16, 1], "tanh", rng=1)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    return nn.fit(model, X, y, loss="mse", optimizer=optimizer, epochs=60, rng=2, progress=False, compiled=compiled)


histories = [train(False), train(True)]
np.allclose(histories[0]["loss"], histories[1]["loss"]), histories[1].compiled

# %%
figure, ax = plt.subplots(figsize=(5.5, 3.2), layout="constrained")
histories[1].plot(ax)
figure

# %% [markdown]
# ## Try
#
# - Print the source of `grad(error)` alone. Which lines does the bias need that the weights do not?
# - Let `error` return `abs(sigmoid(z) - target)`. What is the local derivative now?
# - Print `layer`, and not its source. What does it say about memory?
