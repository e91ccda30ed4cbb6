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
# # Testing gradients
#
# A wrong derivative seldom crashes. The loss still falls, only slower, or to a worse place. So gradients are tested: they
# are put beside something that cannot make the same mistake.

# %%
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from hypothesis import HealthCheck, Phase, find, settings

import autograd
from autograd import grad, mul, primitive, relu, tanh
from autograd.testing import (
    GradientError,
    NotDifferentiableError,
    check_gradients,
    mutants,
    numerical_gradient,
    strategies,
)

plt.switch_backend(plt.get_backend())  # Jupyter sets up its plots at the first one, unless this is said before
_ = plt.ioff()  # a plot is shown where it is the last line of a cell

# %% [markdown]
# ## A second way to a derivative
#
# The definition is one: a small step, and the difference of the values over it.


# %%
def f(x):
    return np.exp(np.sin(x))


def slope(x):
    return np.exp(np.sin(x)) * np.cos(x)


h = 1e-6
quotient = (f(1.0 + h) - f(1.0)) / h
print(f"by the formula {slope(1.0):.12f}\nby differences {quotient:.12f}")
assert 1e-8 < abs(quotient - slope(1.0)) < 1e-5

# %% [markdown]
# Six digits. A smaller step should do better. Does it?

# %%
steps = np.logspace(-16, 0, 129)


def error(method, h):
    found = numerical_gradient(f, 1.0, method, step=h).gradient
    return max(abs(found / slope(1.0) - 1), 1e-17)


errors = {method: np.array([error(method, h) for h in steps]) for method in ("forward", "central")}
figure, ax = plt.subplots(figsize=(7.4, 4), layout="constrained")
for (method, e), colour in zip(errors.items(), ("tab:red", "tab:blue"), strict=True):
    ax.loglog(steps, e, color=colour, label=method)
eps = np.finfo(float).eps
ax.loglog(steps, eps / steps, "k:", lw=1, label="ε/h")
ax.loglog(steps, steps, "k--", lw=1, label="h")
ax.loglog(steps, steps**2, "k-.", lw=1, label="h²")
ax.set(xlabel="step h", ylabel="relative error", ylim=(1e-14, 1e2))
figure.legend(loc="outside right upper")
figure

# %% [markdown]
# It does not: the error is a **U**. A long step measures the curve's bend. That is *truncation*: it falls with $h$ for
# the forward quotient, with $h^2$ for the central one, $(f(x+h) - f(x-h))/2h$. A short step subtracts two numbers that
# agree in most digits, and divides what is left of them, the *rounding*, by $h$.
#
# The two meet near $\sqrt\varepsilon$ and $\sqrt[3]\varepsilon$: that is the best either can do.

# %%
for method, power in (("forward", 1 / 2), ("central", 1 / 3)):

    def near(h, method=method):
        return np.median(errors[method][np.abs(np.log10(steps / h)) < 0.5])

    h = eps**power
    print(f"{method}: error about {near(h):.0e} near h = {h:.0e}")
    print(f"   with steps 100 times shorter {near(h / 100):.0e}, longer {near(h * 100):.0e}")
    assert near(h) < {"forward": 1e-7, "central": 1e-9}[method]
    assert min(near(h / 100), near(h * 100)) > 20 * near(h)

# %% [markdown]
# ## Two ways out of the U
#
# **Richardson** takes central differences at several long steps, where rounding is small, and extrapolates them to step
# 0. **The complex step** goes sideways: the imaginary part of $f(x + ih)$, over $h$. It subtracts nothing, so it has
# no left side.

# %%
for method, colour in (("richardson", "tab:green"), ("complex", "black")):
    errors[method] = np.array([error(method, h) for h in steps])
figure, ax = plt.subplots(figsize=(7.4, 4), layout="constrained")
colours = {"forward": "tab:red", "central": "tab:blue", "richardson": "tab:green", "complex": "black"}
for method, colour in colours.items():
    ax.loglog(steps, errors[method], "--" if method == "complex" else "-", color=colour, label=method)
ax.set(xlabel="step h", ylabel="relative error", ylim=(1e-18, 1e2))
figure.legend(loc="outside right upper")
figure

# %%
smallest = {method: e.min() for method, e in errors.items()}
assert smallest["richardson"] < 1e-12
assert (errors["complex"][steps < 1e-9] < 1e-15).all()

# %% [markdown]
# ## How far off is it?
#
# Nobody knows the exact slope when it matters. `numerical_gradient` chooses its steps, and says how far off it may be.
# Is it honest? Here are four methods on six functions: the error it admits, and the true one.

# %%
curves = {
    "exp(x) at 1": (np.exp, np.exp, 1.0),
    "log(x) at 1e-8, by its pole": (np.log, lambda x: 1 / x, 1e-8),
    "sin(x) at 1000": (np.sin, np.cos, 1000.0),
    "x³ at a million": (lambda x: x**3, lambda x: 3 * x**2, 1e6),
    "tanh(x) at −3, flat": (np.tanh, lambda x: 1 / np.cosh(x) ** 2, -3.0),
    "(sin(x) + 1e5) − 1e5": (lambda x: (np.sin(x) + 1e5) - 1e5, np.cos, 0.7),
}
markers = dict(zip(curves, "os^Dv*", strict=True))
figure, ax = plt.subplots(figsize=(7.4, 4.6), layout="constrained")
for name, (curve, exact, x) in curves.items():
    for method, colour in colours.items():
        found = numerical_gradient(curve, x, method)
        true = max(abs(found.gradient / exact(x) - 1), 1e-17)
        admitted = max(found.error / abs(exact(x)), 1e-17)
        ax.loglog(admitted, true, markers[name], color=colour, ms=7)
        assert true <= 10 * admitted + 4e-16 or (name.startswith("(") and method != "richardson")
ax.plot([1e-17, 1], [1e-17, 1], "k:", lw=1)
ax.set(xlabel="admitted error", ylabel="true error")
handles = [plt.Line2D([], [], color="grey", marker=m, ls="", label=name) for name, m in markers.items()]
handles += [plt.Line2D([], [], color=c, lw=4, label=method) for method, c in colours.items()]
figure.legend(handles=handles, loc="outside right upper", fontsize=9)
figure

# %% [markdown]
# Below the dotted line a method is better than it says. The stars are the hard case: a term of 100,000 comes and goes,
# and takes the last digits of the sine with it. The values do not show it. Richardson's finest differences do, and its
# estimate knows.

# %% [markdown]
# ## What it costs
#
# Differences call the function again for every parameter. A backward pass goes over the recorded graph once, however
# many parameters there are. That is why differences test gradients and do not train nets.

# %%
sizes = [1, 10, 100, 1000]
count = lambda n, method: numerical_gradient(lambda x: np.sum(x * x), np.ones(n), method).calls
calls = {method: [count(n, method) for n in sizes] for method in colours}
figure, ax = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
for method, colour in colours.items():
    ax.loglog(sizes, calls[method], "o-", color=colour, label=method)
ax.set(xlabel="parameters", ylabel="calls of the function")
ax.legend()
figure

# %%
assert calls["forward"] == [2 * n + 1 for n in sizes]
assert calls["central"] == [4 * n + 1 for n in sizes]
assert calls["richardson"] == [16 * n + 1 for n in sizes]
assert calls["complex"] == [n + 20 for n in sizes]

# %% [markdown]
# ## When to trust which
#
# | method | digits | trust it |
# | --- | --- | --- |
# | forward | 7 | to see the idea |
# | central | 10 | for a quick look |
# | Richardson | 12 | for tests, of any function that is smooth here |
# | complex step | 16 | for analytic functions of plain NumPy |
#
# The complex step has a trap. `abs`, comparisons and real parts drop the imaginary part, and the derivative with it,
# in silence.

# %%
h = 1e-100
print("d|x|/dx at 2, by a complex step:", np.imag(np.abs(2.0 + 1j * h)) / h)
try:
    numerical_gradient(np.abs, 2.0, "complex")
except TypeError as refused:
    print(refused)
else:
    raise AssertionError("it should be refused")

# %% [markdown]
# ## Where there is nothing to test
#
# At a kink the slopes from the left and from the right differ, and the central difference is neither: it is 0.5 for
# relu at 0, at every step.

# %%
x = np.linspace(-1, 1, 201)
figure, ax = plt.subplots(figsize=(5.6, 3.2), layout="constrained")
ax.plot(x, np.maximum(x, 0), "k", lw=2, label="relu")
ax.plot(x, 0 * x, color="tab:blue", ls="--", label="slope from the left: 0")
ax.plot(x, x, color="tab:red", ls="--", label="slope from the right: 1")
ax.plot(x, x / 2, color="grey", ls=":", label="central difference: ½")
ax.legend()
figure

# %% [markdown]
# The engine has a convention there, 0, which is neither right nor wrong. A test should say so, and not fail blindly.

# %%
assert grad(relu)(0.0) == 0.0
try:
    check_gradients(relu, (0.0,))
except NotDifferentiableError as lesson:
    print(lesson)
else:
    raise AssertionError("a kink should be noticed")

# %% [markdown]
# ## The whole test in one line
#
# `check_gradients` takes any function and its arguments. It compares every derivative, of first and second order, by
# backward passes and by pushing forward, with Richardson's differences. The tolerances follow from the differences' own
# error and from the engine's rounding, both measured. It is silent if all is right.

# %%
rng = np.random.default_rng(0)
W, b, X = rng.normal(size=(3, 2)), rng.normal(size=2), rng.normal(size=(5, 3))
check_gradients(lambda p, X: (tanh(X @ p["W"] + p["b"]) ** 2).mean(), ({"W": W, "b": b}, X))

# %% [markdown]
# Now an op of one's own, with a mistake in it: the derivative of $x^3$ is not $3x$.


# %%
@primitive("x³", elementwise=True)
def cube(xp, x):
    return x * x * x


cube.defvjps(x=lambda xp, g, y, x: g * (3 * x))

try:
    check_gradients(lambda X, W: autograd.sum(cube(X @ W)), (X, W))
except GradientError as caught:
    found = caught
    print(found)
else:
    raise AssertionError("the mistake should be found")

# %% [markdown]
# It names the argument, the worst element and the op. How? It goes through the recorded graph and checks each op alone, at
# the inputs it had there. The code at the end reproduces the failure without the rest of the function.

# %%
assert found.op is cube
assert "cube(x)" in found.snippet

# %% [markdown]
# ## Random functions
#
# One point tests one path. Hypothesis draws many: here random expressions over all ops. A planted bug (the derivative
# of a product has the wrong sign) is found inside some large expression, which then shrinks.


# %%
def is_wrong(expression):
    try:
        check_gradients(expression, expression.inputs, order=1)
    except GradientError:
        return True
    return False


bug = next(mutants(mul))
looking = settings(
    max_examples=1000,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)
with bug.planted():
    print(bug)
    smallest = find(strategies.expressions(max_nodes=10), is_wrong, settings=looking)
print(smallest)
assert len(smallest.lines) <= 3
assert not is_wrong(smallest)  # the bug is gone again

# %% [markdown]
# ## Who tests the tests?
#
# A test is worth what it notices. `mutants(op)` yields wrong versions of an op's derivative, one mistake each. Plant
# each, and see which tests fail. Here are those of tanh, before four tests that people write.


# %%
def finite():
    assert np.isfinite(grad(tanh)(0.5))


def at_zero():
    assert grad(tanh)(0.0) == 1.0


def descends():
    x = 0.5
    assert tanh(x - 0.1 * grad(tanh)(x)) < tanh(x)


def checked():
    check_gradients(lambda x: autograd.sum(tanh(x) * np.arange(1.0, 5.0).reshape(2, 2)), (W[:2],), order=1)


def killed(test, mutant):
    with mutant.planted():
        try:
            test()
        except (AssertionError, ValueError):
            return True
    return False


tests = {"is finite": finite, "is 1 at 0": at_zero, "goes downhill": descends, "check_gradients": checked}
wrong = list(mutants(tanh))
table = np.array([[killed(test, mutant) for test in tests.values()] for mutant in wrong])
figure, ax = plt.subplots(figsize=(7.2, 4.6), layout="constrained")
ax.imshow(table, cmap="Blues", vmin=-0.2, vmax=1.6, aspect="auto")
for (i, j), noticed in np.ndenumerate(table):
    ax.text(j, i, "noticed" if noticed else "–", ha="center", va="center", fontsize=9)
ax.set_xticks(range(len(tests)), tests)
ax.set_yticks(range(len(wrong)), [mutant.mistake for mutant in wrong])
ax.xaxis.tick_top()
ax.tick_params(length=0)
figure

# %%
noticed = dict(zip(tests, table.sum(axis=0).tolist(), strict=True))
print(", ".join(f"{name}: {n} of {len(wrong)}" for name, n in noticed.items()))
assert noticed["check_gradients"] == len(wrong)
assert max(n for name, n in noticed.items() if name != "check_gradients") < len(wrong)

# %% [markdown]
# That a net trains proves little: any gradient with the right sign goes downhill.
#
# ## In your own project
#
# Five lines, and pytest:

# %%
test = """\
import numpy as np
from autograd.testing import check_gradients
from my_project import loss

def test_the_gradient_of_the_loss():
    check_gradients(loss, (np.ones((3, 2)), np.linspace(-1, 1, 12).reshape(4, 3)))
"""
project = """\
import autograd.numpy as np

def loss(W, X):
    return np.mean(np.tanh(X @ W) ** 2)
"""
with tempfile.TemporaryDirectory() as folder:
    Path(folder, "test_loss.py").write_text(test)
    Path(folder, "my_project.py").write_text(project)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider", "test_loss.py"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
print(run.stdout.split(" in ")[0])
assert run.returncode == 0
