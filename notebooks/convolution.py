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
# # Convolution
#
# A net that reads digits of 28 × 28 pixels with small kernels that slide over them. First what one kernel does, and what
# its derivative is; then the whole net, its filters as pictures, and what it gets wrong.

# %%
import matplotlib.pyplot as plt
import numpy as np
from lesson import mnist_folder

import autograd
import nn
import nn.functional as F
from autograd import Tensor, graph, viz

# A plot is shown where it is the last line of a cell, and there only. In this order:
# a notebook's backend, when it is loaded, turns the showing of all new plots on.
plt.switch_backend(plt.get_backend())
_ = plt.ioff()


def pictures(images, titles=None, columns=8, size=1.1, **how):
    """Pictures side by side."""
    rows = -(-len(images) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(size * columns, (size + 0.25 * bool(titles)) * rows),
                                layout="constrained", squeeze=False)  # fmt: skip
    for ax in axes.flat:
        ax.axis("off")
    for k, (ax, image) in enumerate(zip(axes.flat, images, strict=False)):
        ax.imshow(image, **{"cmap": "gray_r", **how})
        if titles:
            ax.set_title(titles[k], fontsize=9)
    return figure


# %% [markdown]
# ## One kernel
#
# A kernel lies on a window of the picture; each of its numbers is multiplied by the pixel below it, and the products are
# added. Then it moves on by a pixel. This one compares each pixel with its right neighbour, so it finds edges.

# %%
step = np.zeros((1, 4, 6))
step[:, :, 3:] = 1.0
x = Tensor(step, "x")
kernel = Tensor([[[[-1.0, 1.0]]]], "kernel")
y = F.conv2d(x, kernel)
y.data

# %% [markdown]
# In the graph a convolution is one operation. Its derivatives are two others, which are differentiated by the same three:
# for the input, each number of the gradient times the kernel, added up where the windows lie; for the kernel, each
# number of the gradient times the window that it came from.

# %%
print(autograd.formula("conv"))

# %%
loss = (y * y).sum()
loss.backward()
viz.draw(loss)

# %%
print(graph.explain(loss, kernel))

# %% [markdown]
# Of a window, `max_pool` keeps the largest element, and only that one gets the gradient: it is put back where it came
# from, and the losers get nothing.

# %%
z = Tensor([[1.0, 4.0, 2.0, 3.0]], "z")
pooled = F.max_pool1d(z, 2)
pooled.sum().backward()
print(pooled.data, z.grad, graph.explain(pooled.sum(), z), sep="\n\n")

# %% [markdown]
# ## Digits of 28 × 28
#
# Where `MNIST_DIR` names a folder with MNIST, 6,000 and 1,000 of its digits; else scikit-learn's 1,797 of 8 × 8 pixels,
# enlarged to 28 × 28.

# %%
folder = mnist_folder()
if folder is not None:
    X, y, X_test, y_test = nn.data.mnist(folder)
    images, digits = np.concatenate([X[:6000], X_test[:1000]]).reshape(-1, 1, 28, 28), np.r_[y[:6000], y_test[:1000]]
    train, test = np.split(np.arange(7000), [6000])
else:
    small, digits = nn.data.digits()
    large = np.kron(small.reshape(-1, 1, 8, 8), np.ones((3, 3)))
    images = np.pad(large, [(0, 0), (0, 0), (2, 2), (2, 2)])
    train, test = np.split(np.random.default_rng(0).permutation(len(images)), [1400])
images = images.astype(np.float32)
pictures(images[train[:16], 0], [str(d) for d in digits[train[:16]]])

# %% [markdown]
# Two convolutions, each with a ReLU and a pooling that halves the sides: 28, 14, 7. The last layer gives a score for
# each digit. The first layer has 8 kernels of 5 × 5, the second one 16 of 8 × 3 × 3.

# %%
nn.manual_seed(0)
net = nn.Sequential(
    nn.Conv2d(1, 8, 5, padding="same", dtype=np.float32), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3, padding="same", dtype=np.float32), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(16 * 7 * 7, 10, dtype=np.float32),
)  # fmt: skip
net.summary(images[:32])

# %% [markdown]
# Five epochs of Adam. `compiled=True` records one step and makes a program of it.

# %%
history = nn.fit(
    net, images[train], digits[train], loss="cross_entropy", optimizer=nn.optim.Adam(net.parameters(), lr=0.003),
    epochs=5, batch_size=50, validation_data=(images[test], digits[test]), metrics=["accuracy"], compiled=True, rng=0,
    progress=False,
)  # fmt: skip
accuracy = history["val_accuracy"][-1]
assert accuracy > 0.95
print(f"right on {accuracy:.1%} of digits that it has not seen")

# %% [markdown]
# ## What it sees
#
# The kernels of the first layer: red is positive, blue negative. Some compare one side with the other, some add up.

# %%
kernels = net[0].weight.data[:, 0]
bound = abs(kernels).max()
pictures(kernels, cmap="RdBu_r", vmin=-bound, vmax=bound)

# %% [markdown]
# What the eight kernels make of one digit, behind the ReLU: some answer to its outline, others to the ink itself.

# %%
digit = images[test[0]]
seen = net[:2](digit[None]).data[0]
pictures([digit[0], *seen], [f"a {digits[test[0]]}", *(f"kernel {k}" for k in range(8))], columns=9)

# %% [markdown]
# Which pixels speak for the answer? The gradient of its score by the picture: more ink in red places would raise it, in
# blue ones lower it. It is the same backward pass as in training, by the input instead of the weights.

# %%
x = Tensor(images[test[:8]], "x")
scores = net(x)
answers = scores.data.argmax(1)
scores[np.arange(8), answers].sum().backward()
bound = abs(x.grad).max() / 2
pictures(x.grad[:, 0], [f"for {a}" for a in answers], cmap="RdBu_r", vmin=-bound, vmax=bound)

# %% [markdown]
# And those that it got wrong: the digit, and what it was taken for.

# %%
answers = nn.predict(net, images[test]).argmax(1)
wrong = test[answers != digits[test]][:8]
pictures(
    images[wrong, 0], [f"{digits[i]}, not {a}" for i, a in zip(wrong, answers[answers != digits[test]], strict=False)]
)
