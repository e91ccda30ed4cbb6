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
# # Four equations
#
# The systems of chapter 2 of Michael Nielsen's *Neural Networks and Deep Learning*: the error δ of a neuron, the four
# equations of backpropagation, and what they say about learning. Here the equations are checked against an engine that
# does not know them: it only knows the derivatives of its ops.

# %%
from itertools import pairwise
from time import perf_counter

import matplotlib.pyplot as plt
import numpy as np
from lesson import check, leave_out, mnist_folder

import autograd
import nn
from autograd import Tensor, Value, elementwise_grad, gradients, no_grad, relu, sigmoid, softplus, tanh, viz
from autograd.graph import count_paths, explain, stats

# %% [markdown]
# ## N1 · Weighted inputs, activations and δ
#
# A layer computes its weighted inputs $z = wa + b$ and from them its activations $\sigma(z)$; the cost is
# $C = \frac12\lVert a - y\rVert^2$. The error of a neuron is $\delta = \partial C/\partial z$, which is asked for like
# any other gradient.

# %%
rng = np.random.default_rng(0)
x, y = Tensor([0.8, -0.3], "x", requires_grad=False), Tensor([1.0, 0.0], "y", requires_grad=False)
w2, b2 = Tensor(rng.normal(size=(3, 2)), "w2"), Tensor(rng.normal(size=3), "b2")
w3, b3 = Tensor(rng.normal(size=(2, 3)), "w3"), Tensor(rng.normal(size=2), "b3")

z2 = w2 @ x + b2
a2 = sigmoid(z2)
z3 = w3 @ a2 + b3
a3 = sigmoid(z3)
C = 0.5 * ((a3 - y) ** 2).sum()

δ2, δ3 = gradients(C, [z2, z3])
print(f"δ of the hidden layer {δ2}\nδ of the output layer {δ3}")

# %% [markdown]
# After `C.backward()` every node holds its gradient; in the picture the δs stand in the cards of z2 and z3.

# %%
C.backward()
graph = viz.draw(C, inputs=x, names=locals(), direction="TB", compact=True)
graph

# %% [markdown]
# The same as a network: a neuron shows its activation and its δ.

# %%
net = nn.MLP([2, 3, 2], "sigmoid", output="sigmoid")
for layer, w, b in ((net[0], w2, b2), (net[2], w3, b3)):
    layer.weight.data, layer.bias.data = w.data, b.data


def cost(a, y=y.data):
    return 0.5 * ((a - y) ** 2).sum()


network = viz.draw_network(net, x, loss=cost)
network

# %% [markdown]
# The chapter writes $s \odot t$ for the product of two vectors element by element, the Hadamard product. In code it is
# `*`.

# %%
hadamard = Tensor([1.0, 2.0]) * Tensor([3.0, 4.0])
hadamard

# %%
check(
    "N1",
    {
        "(1, 2) ⊙ (3, 4)": hadamard.data,
        "largest |z − (wa + b)|": np.abs(z3.data - (w3.data @ a2.data + b3.data)).max(),
        "largest |δ − (a − y) ⊙ σ′(z)|": np.abs(δ3 - (a3.data - y.data) * a3.data * (1 - a3.data)).max(),
        "largest |δ − its bias's gradient|": max(np.abs(δ2 - b2.grad).max(), np.abs(δ3 - b3.grad).max()),
    },
    {"graph": graph, "network": network},
)

# %% [markdown]
# ## N2 · The demon
#
# A demon sits at a neuron and adds a little $\Delta z$ to its weighted input. The cost changes by $\delta\,\Delta z$,
# to first order: where δ is large the demon can do much good, where it is 0 none.


# %%
def disturbed(Δz, neuron):
    """The cost when the demon sits at a hidden neuron."""
    z = z2.data + Δz * np.eye(3)[neuron]
    return cost(sigmoid(w3.data @ sigmoid(z) + b3.data))


# %% [markdown]
# Dashed is what δ promises, the curve what happens.

# %%
Δ = np.linspace(-2.0, 2.0, 81)
demon, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
for neuron, δ in enumerate(δ2):
    change = [disturbed(each, neuron) - C.data for each in Δ]
    ax.plot(Δ, change, color=nn.plots.COLOURS[neuron], label=f"neuron {neuron + 1}, δ = {δ:.3f}")
    ax.plot(Δ, δ * Δ, "--", color=nn.plots.COLOURS[neuron], linewidth=1)
ax.set(xlabel="Δz", ylabel="change of the cost", title="curve: ΔC, dashed: δ Δz")
ax.grid(alpha=0.3)
ax.legend()
demon

# %% [markdown]
# "To first order" means: what δ Δz misses shrinks with the square of Δz. A tenth of the change, a hundredth of the
# miss.

# %%
sizes = np.array([1e-1, 1e-2, 1e-3])
missed = np.array([[abs(disturbed(Δz, k) - C.data - δ2[k] * Δz) for Δz in sizes] for k in range(3)])
orders = np.log10(missed[:, :-1] / missed[:, 1:])
print(missed)

# %%
check(
    "N2",
    {"least order of what is missed": orders.min(), "largest order": orders.max()},
    {"demon": demon},
)

# %% [markdown]
# ## N3 · BP1 to BP4
#
# Four equations give every gradient. They hold for any activation function, for each neuron its own.
#
# $$\delta^L = \nabla_a C \odot \sigma'(z^L) \tag{BP1}$$
#
# $$\delta^l = \big((w^{l+1})^\top \delta^{l+1}\big) \odot \sigma'(z^l) \tag{BP2}$$
#
# $$\frac{\partial C}{\partial b^l_j} = \delta^l_j \tag{BP3}$$
#
# $$\frac{\partial C}{\partial w^l_{jk}} = a^{l-1}_k\,\delta^l_j \tag{BP4}$$
#
# Written down in NumPy, they are the function below. The engine only provides σ′.


# %%
def by_equations(parameters, σ, x, y):
    """The gradients of ½‖a − y‖², for each layer by its weights and its biases."""
    activations, zs = [x], []
    for w, b in parameters:
        zs.append(w @ activations[-1] + b)
        activations.append(σ(zs[-1]))
    dσ = elementwise_grad(σ)
    δ = (activations[-1] - y) * dσ(zs[-1])  # BP1
    found = []
    for layer in reversed(range(len(parameters))):
        found.append((np.outer(δ, activations[layer]), δ))  # BP4, BP3
        if layer:
            δ = (parameters[layer][0].T @ δ) * dσ(zs[layer - 1])  # BP2
    return found[::-1]


# %% [markdown]
# The chapter has a second form, with ordinary matrix products only: $\odot\,\sigma'(z)$ becomes a product with
# $\Sigma'(z)$, the diagonal matrix of $\sigma'(z)$. Then it is plain to see that a gradient is a product of matrices,
#
# $$\delta^l = \Sigma'(z^l)\,(w^{l+1})^\top \cdots \Sigma'(z^{L-1})\,(w^L)^\top\,\Sigma'(z^L)\,\nabla_a C.$$


# %%
def by_matrices(parameters, σ, x, y):
    """The same by matrix products only."""
    activations, Σ = [x], []
    for w, b in parameters:
        z = w @ activations[-1] + b
        Σ.append(np.diag(elementwise_grad(σ)(z)))
        activations.append(σ(z))
    found, back = [], np.eye(len(y))
    for layer in reversed(range(len(parameters))):
        δ = Σ[layer] @ back @ (activations[-1] - y)
        found.append((δ[:, None] @ activations[layer][None, :], δ))
        back = parameters[layer][0].T @ Σ[layer] @ back
    return found[::-1]


# %% [markdown]
# The third way is the engine's: it records what is computed, and asks each op.


# %%
def by_engine(parameters, σ, x, y):
    nodes = [(Tensor(w), Tensor(b)) for w, b in parameters]
    a = x
    for w, b in nodes:
        a = σ(w @ a + b)
    cost(a, y).backward()
    return [(w.grad, b.grad) for w, b in nodes]


# %% [markdown]
# One odd neuron in a layer changes nothing: where the others have σ, here the second one of each layer has a sine. Nor
# do linear neurons, whose σ′ is 1; then BP2 is $\delta^l = (w^{l+1})^\top\delta^{l+1}$ alone.


# %%
def odd(z):
    """σ everywhere but in the second neuron, which has a sine."""
    return autograd.where(np.arange(len(z)) == 1, autograd.sin(z), sigmoid(z))


def linear(z):
    return 1.0 * z


kinds = {"σ": sigmoid, "tanh": tanh, "ReLU": relu, "softplus": softplus, "one odd neuron": odd, "linear": linear}

# %% [markdown]
# Fifty random nets of each kind, of two to five layers with up to eight neurons:

# %%
rng = np.random.default_rng(3)


def largest(one, other):
    return max(np.abs(g - h).max() for layer in zip(one, other, strict=True) for g, h in zip(*layer, strict=True))


differences = {name: [0.0, 0.0] for name in kinds}
for name, σ in kinds.items():
    for _ in range(50):
        sizes = rng.integers(2, 9, rng.integers(3, 7))
        parameters = [(rng.normal(size=(m, n)) / np.sqrt(n), rng.normal(size=m)) for n, m in pairwise(sizes)]
        case = parameters, σ, rng.normal(size=sizes[0]), rng.normal(size=sizes[-1])
        engine = by_engine(*case)
        for k, form in enumerate((by_equations, by_matrices)):
            differences[name][k] = max(differences[name][k], largest(engine, form(*case)))
    print(f"{name:15} BP1 to BP4 {differences[name][0]:.1e}   by matrices {differences[name][1]:.1e}")

# %% [markdown]
# BP1 and BP2 at work. First the net has its activations only.

# %%
forward, last, hidden = viz.network_frames(net, x, loss=cost)
forward

# %% [markdown]
# BP1 gives the δs of the output layer,

# %%
last

# %% [markdown]
# and BP2 brings them back through the weights.

# %%
hidden

# %%
check(
    "N3",
    {f"{name}, largest difference": each[0] for name, each in differences.items()}
    | {f"{name}, matrix form": each[1] for name, each in differences.items()},
    {"BP1": last, "BP2": hidden},
)

# %% [markdown]
# ## N4 · Saturated neurons learn slowly
#
# In BP1 and BP2 stands σ′(z), which is nearly 0 where σ is nearly flat. A neuron whose |z| is large passes almost
# nothing back, and its weights hardly learn.

# %%
dσ = elementwise_grad(sigmoid)
places = np.array([0.0, 2.0, 4.0, 10.0])
for z, slope in zip(places, dσ(places), strict=True):
    print(f"σ′({z:g}) = {slope:.3g}")

# %%
saturation = viz.plot_function(sigmoid, interval=(-12.0, 12.0), derivatives=1).figure
above, below = saturation.axes
above.set(ylabel="σ", title="σ and σ′")
below.plot(places, dσ(places), "o", color=nn.plots.COLOURS[1], label="σ′ at 0, 2, 4, 10")
below.set(xlabel="z", ylabel="σ′")
below.legend(handles=below.lines[-1:], frameon=False)
saturation

# %% [markdown]
# Four hidden neurons in one layer, at z = 0, 2, 4 and 10, that are otherwise alike: same inputs, same weight to the
# output. Their δs show who will learn.

# %%
layer = nn.MLP([2, 4, 1], "sigmoid", output="sigmoid")
layer[0].weight.data, layer[0].bias.data = np.full((4, 2), 0.5), places - 0.5
layer[2].weight.data, layer[2].bias.data = np.full((1, 4), 0.5), [-1.5]
sample = [0.5, 0.5]
neurons = viz.draw_network(layer, sample, loss=lambda a: cost(a, 0.0))
neurons

# %% [markdown]
# The gradients of their weights, on a scale where each line is a tenth of the next:

# %%
cost(layer(sample), 0.0).backward()
size = np.abs(layer[0].weight.grad[:, 0])
bars, ax = plt.subplots(figsize=(5.5, 3.4), layout="constrained")
ax.bar([f"z = {z:g}" for z in places], size, color=nn.plots.COLOURS[0], width=0.6)
ax.bar_label(ax.containers[0], fmt="{:.2g}", padding=2)
ax.set(yscale="log", ylabel="|∂C/∂w|", ylim=(size.min() / 3, size.max() * 4))
bars

# %% [markdown]
# What that means for learning: single neurons with input 1 shall give 0. One starts at z = 0, the others saturated. The
# further off a neuron is, the slower it starts.

# %%
slow, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
for z in places:
    neuron = nn.MLP([1, 1], output="sigmoid")
    neuron[0].weight.data, neuron[0].bias.data = [[z / 2]], [z / 2]
    optimizer = nn.optim.SGD(neuron.parameters(), lr=0.5)
    outputs = []
    for _ in range(300):
        optimizer.zero_grad()
        a = neuron([1.0])
        cost(a, 0.0).backward()
        optimizer.step()
        outputs.append(a.data[0])
    ax.plot(outputs, label=f"starts at z = {z:g}")
ax.set(xlabel="step", ylabel="output", ylim=(0, 1.03))
ax.grid(alpha=0.3)
ax.legend()
slow

# %%
check(
    "N4",
    {f"σ′({z:g})": slope for z, slope in zip(places, dσ(places), strict=True)}
    | {"|∂C/∂w| at z = 10, over that at z = 0": size[3] / size[0]},
    {"saturation": saturation, "neurons": neurons, "bars": bars, "slow": slow},
)

# %% [markdown]
# ## N5 · Minibatches, one by one and as one matrix
#
# Stochastic gradient descent learns from ten images at a time. They can be taken one after the other or as the rows of
# one matrix: the step is the same, the matrix is faster. A net [784, 30, 10] then reads MNIST in three epochs at rate
# 3; where there is no folder with MNIST, a smaller one reads scikit-learn's digits, 8×8 pixels each.

# %%
folder = mnist_folder()
if folder:
    X, digits, X_test, digits_test = nn.data.mnist(folder)
    X, digits = X[:50_000], digits[:50_000]
    epochs = 3
else:
    print("MNIST_DIR names no folder with MNIST: these are scikit-learn's digits.")
    X, X_test, digits, digits_test = nn.data.train_test_split(*nn.data.digits(), test_size=400, rng=0)
    epochs = 15
Y = nn.data.one_hot(digits, 10)


# %%
def pictures(images, titles):
    """Images in a row."""
    figure, axes = plt.subplots(1, len(images), figsize=(0.8 * len(images), 1.2), layout="constrained")
    for ax, image, title in zip(axes, images, titles, strict=True):
        ax.imshow(image.reshape(int(image.size**0.5), -1), cmap="gray_r")
        ax.set_title(title, fontsize=9)
        ax.axis("off")
    return figure


images = pictures(X[:10], digits[:10])
images

# %% [markdown]
# Weights and biases start standard normal. The cost of a minibatch is the mean over its images of
# $\frac12\lVert a - y\rVert^2$.


# %%
def normal_net(inputs, rng):
    net = nn.MLP([inputs, 30, 10], "sigmoid", output="sigmoid")
    for p in net.parameters():
        nn.init.normal_(p, rng=rng)
    return net


def half_square(a, y):
    return nn.functional.mse_loss(a, y, "sum") * (0.5 / len(y))


# %% [markdown]
# One after the other: gradients add up from one `backward` to the next, until `zero_grad`.


# %%
def one_by_one(net, optimizer, x, y):
    optimizer.zero_grad()
    for image, target in zip(x, y, strict=True):
        (cost(net(image), target) / len(x)).backward()
    optimizer.step()


def as_matrix(net, optimizer, x, y):
    optimizer.zero_grad()
    half_square(net(x), y).backward()
    optimizer.step()


# %%
parameters, seconds = {}, {}
for way in (one_by_one, as_matrix):
    net = normal_net(X.shape[1], np.random.default_rng(0))
    optimizer = nn.optim.SGD(net.parameters(), lr=3.0)
    start = perf_counter()
    for k in range(0, 1000, 10):
        way(net, optimizer, X[k : k + 10], Y[k : k + 10])
    seconds[way] = perf_counter() - start
    parameters[way] = [p.data.copy() for p in net.parameters()]
difference = max(np.abs(p - q).max() for p, q in zip(*parameters.values(), strict=True))
ratio = seconds[one_by_one] / seconds[as_matrix]
print(f"largest difference of a parameter after 100 minibatches: {difference:.1e}")
print(f"the matrix is {ratio:.1f} times as fast")

# %% [markdown]
# The loop over minibatches and epochs is `nn.fit`. Three starts:

# %%
accuracies = []
for seed in range(3):
    rng = np.random.default_rng(seed)
    net = normal_net(X.shape[1], rng)
    history = nn.fit(
        net, X, Y, loss=half_square, optimizer=nn.optim.SGD(net.parameters(), lr=3.0), epochs=epochs, batch_size=10,
        validation_data=(X_test, nn.data.one_hot(digits_test, 10)), metrics=["accuracy"], rng=rng, progress=False,
    )  # fmt: skip
    accuracies.append(history["val_accuracy"][-1])
median = float(np.median(accuracies))
print(f"test accuracy {accuracies}, median {median}")

# %%
learning = history.plot().figure
learning

# %% [markdown]
# The first ten test images that the last net misreads, and as what:

# %%
predicted = nn.predict(net, X_test).argmax(axis=1)
wrong = np.flatnonzero(predicted != digits_test)[:10]
misread = pictures(X_test[wrong], predicted[wrong])
misread

# %%
assert difference <= 1e-12
if folder:
    shown = check(
        "N5",
        {
            "largest difference, one by one and as a matrix": difference,
            "times as fast as a matrix": ratio,
            "median accuracy of 3 starts": median,
        },
        {"images": images, "learning": learning, "misread": misread},
    )
else:
    shown = leave_out(
        "N5",
        "no folder with MNIST; on scikit-learn's digits both ways agree to 1e-12 and "
        f"{median:.1%} of the test set are read",
    )
shown

# %% [markdown]
# ## N6 · Why not finite differences
#
# A gradient could also be measured, $\partial C/\partial w_j \approx (C(w + \varepsilon e_j) - C(w))/\varepsilon$. This
# takes a forward pass for each weight, and never gives all digits.

# %%
net = normal_net(784, np.random.default_rng(0))
rng = np.random.default_rng(1)
image, target = rng.random(784), np.eye(10)[3]
passes = 0


def C_of_net():
    """One forward pass."""
    global passes
    passes += 1
    return half_square(net(image[None]), target[None])


# %% [markdown]
# One forward and one backward pass give all 23,860 partial derivatives.

# %%
times = []
for _ in range(20):
    net.zero_grad()
    start = perf_counter()
    C_of_net().backward()
    times.append(perf_counter() - start)
backward_seconds = np.median(times)

# %% [markdown]
# Differences need a pass for C(w), and one for each weight and bias.


# %%
def differences_of(p, ε):
    """(C(w + ε eⱼ) − C(w))/ε for each number w in a parameter."""
    found, w = np.empty(p.size), p.data.reshape(-1)  # the same memory
    with no_grad():
        unchanged = C_of_net().item()
        for j in range(p.size):
            before = w[j]
            w[j] = before + ε
            found[j] = (C_of_net().item() - unchanged) / ε
            w[j] = before
    return found.reshape(p.shape)


# %%
passes = 0
start = perf_counter()
measured = [differences_of(p, 1e-6) for p in net.parameters()]
measuring_seconds = perf_counter() - start
needed = passes - len(measured) + 1  # C(w) itself has to be computed only once
worst = max(np.abs(g - p.grad).max() for g, p in zip(measured, net.parameters(), strict=True))
print(f"{needed:,} forward passes, {measuring_seconds / backward_seconds:,.0f} times as long")
print(f"largest difference from the engine's gradient: {worst:.1e}")

# %% [markdown]
# What is the best ε? A large one measures the bend of the curve too, an error that shrinks with ε. A small one takes
# the difference of two numbers that agree in nearly all their digits, and what is left is rounding, divided by ε. So
# the error is a U: here for the 10 biases of the output, whose gradient the engine knows to 16 digits.

# %%
steps_ε = 10.0 ** np.arange(-15, 0.5, 0.5)
biases = net[2].bias
errors = np.array([np.abs(differences_of(biases, ε) - biases.grad).max() for ε in steps_ε])
u_shape, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
ax.loglog(steps_ε, errors, "o-", markersize=4, color=nn.plots.COLOURS[0])
best = steps_ε[errors.argmin()]
ax.annotate(f"best: {errors.min():.0e} at ε = {best:.0e}", (best, errors.min()), (best, errors.min() / 8), ha="center")
ax.set(xlabel="ε", ylabel="largest error", ylim=(errors.min() / 30, None))
ax.text(0.15, 0.86, "rounding, ~1/ε", transform=ax.transAxes)
ax.text(0.85, 0.86, "the curve's bend, ~ε", transform=ax.transAxes, ha="right")
ax.grid(alpha=0.3)
u_shape

# %%
check(
    "N6",
    {
        "weights and biases of [784, 30, 10]": sum(p.size for p in net.parameters()),
        "forward passes by differences": needed,
        "largest difference from the engine's gradient": worst,
        "exponent of the best ε": np.log10(best),
        "slope of the U, left": np.polyfit(np.log10(steps_ε[:9]), np.log10(errors[:9]), 1)[0],
        "slope of the U, right": np.polyfit(np.log10(steps_ε[-11:-2]), np.log10(errors[-11:-2]), 1)[0],
    },
    {"u_shape": u_shape},
)

# %% [markdown]
# ## N7 · The sum over paths
#
# Backpropagation is a sum over paths: $\partial C/\partial w$ adds up, for every path from w to C, the product of the
# local derivatives on it. The paths can be listed, in any graph and for any leaf.
#
# Here the weight w feeds one neuron, h, which feeds two others, p and q; so there are two paths to C.

# %%
x, w = Value(0.5, "x", requires_grad=False), Value(0.8, "w")
u, r = [Value(1.5, "u1"), Value(-0.7, "u2")], [Value(0.9, "r1"), Value(0.6, "r2")]
h = tanh(w * x)
p, q = sigmoid(u[0] * h), sigmoid(u[1] * h)
C = 0.5 * (r[0] * p + r[1] * q - 1.0) ** 2
by_paths = explain(C, w, names=locals())
by_paths

# %%
C.backward()
two_paths = viz.draw(C, names=locals(), inputs=x, direction="TB", compact=True)
two_paths

# %% [markdown]
# The sum of the products is the gradient, for every weight and bias of any net, such as this one of scalars:

# %%
small = nn.MLP([2, 3, 2, 1], "sigmoid", scalar=True, rng=0)
C = 0.5 * (small([0.5, -0.8])[0] - 1.0) ** 2
C.backward()
rows = []
for name, p in small.named_parameters():
    worked = explain(C, p)
    rows.append((name, len(worked.paths), sum(path.product for path in worked.paths), p.grad))
for name, count, total, gradient in rows:
    print(f"{name:12} {count} path{'s' if count > 1 else ' '}  {total:20.16f}  {gradient:20.16f}")
in_net = max(abs(total - gradient) for _, _, total, gradient in rows)

# %% [markdown]
# And in any other graph: two hundred at random, in which values are used again and again.


# %%
def random_graph(rng):
    """Leaves, and the last of twelve values made of those before."""
    leaves = [Value(x) for x in rng.normal(size=3)]
    values = list(leaves)
    for _ in range(12):
        a, b = (values[i] for i in rng.integers(max(len(values) - 4, 0), len(values), 2))
        values.append([a + b, a * b, a - b, tanh(a), sigmoid(a) * b][rng.integers(5)])
    return values[-1], leaves


rng = np.random.default_rng(0)
misses, path_counts = [], []
for _ in range(200):
    y, leaves = random_graph(rng)
    for leaf, gradient in zip(leaves, gradients(y, leaves), strict=True):
        total = sum((path.product for path in explain(y, leaf).paths), 0.0)
        misses.append(abs(total - gradient) / max(1.0, abs(gradient)))
        path_counts.append(count_paths(y, leaf))
print(f"{sum(path_counts):,} paths, at most {max(path_counts)} for one leaf; largest difference {max(misses):.0e}")

# %% [markdown]
# Nobody computes it so: with every layer the number of paths is multiplied by its width. The backward pass gives the
# same sum with one visit to each op, because it adds up at every node before it goes on.

# %%
depths = np.arange(1, 9)
path_counts, op_counts = [], []
for depth in depths:
    x = Value(0.5)
    y = nn.MLP([1, *[8] * depth, 1], "sigmoid", scalar=True, rng=0)(np.array([x], object))[0]
    path_counts.append(count_paths(y, x))
    op_counts.append(sum(stats(y).ops.values()))
growth, ax = plt.subplots(figsize=(5.5, 3.4), layout="constrained")
ax.semilogy(depths, path_counts, "o--", color=nn.plots.COLOURS[1], label="paths to the input")
ax.semilogy(depths, op_counts, "s-", color=nn.plots.COLOURS[0], label="ops, each visited once")
ax.set(xlabel="hidden layers of 8 neurons")
ax.grid(alpha=0.3)
ax.legend()
growth

# %%
check(
    "N7",
    {
        "paths from the weight to C": len(by_paths.paths),
        "largest difference in the net": in_net,
        "largest difference in random graphs, relative": max(misses),
    },
    {"two_paths": two_paths, "growth": growth},
)
