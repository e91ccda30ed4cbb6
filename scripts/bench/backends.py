"""Other libraries' arrays: eager steps on PyTorch beside its own autograd, and jitted ones beside ``jax.grad``.

Every step is that of SGD with a mean squared error, on one thread, in float32; in the same run, by turns.

    python scripts/bench/backends.py [--quick]
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import torch
from timing import table

import nn
from autograd import Tensor, backends

SIZES = ((196, 100, 50, 10), 64), ((784, 256, 128, 10), 128)
RATE = 0.05
Step = Callable[[], object]


def net(sizes: tuple[int, ...]) -> nn.Sequential:
    """Linear layers with tanh between them, in float32."""
    layers: list[nn.Module] = []
    for i, (n, m) in enumerate(pairwise(sizes)):
        layers += [nn.Linear(n, m, rng=i, dtype="float32"), nn.Tanh()]
    return nn.Sequential(*layers[:-1])


def data(sizes: tuple[int, ...], batch: int) -> list[np.ndarray]:
    """A minibatch."""
    rng = np.random.default_rng(0)
    return [rng.normal(size=(batch, n)).astype(np.float32) for n in (sizes[0], sizes[-1])]


def on_torch(sizes: tuple[int, ...], batch: int) -> tuple[Step, Step]:
    """A step of ours, eagerly on PyTorch's tensors, and PyTorch's own."""
    X, y = map(torch.tensor, data(sizes, batch))
    ours, loss = net(sizes).to("torch"), nn.MSELoss()
    optimizer = nn.optim.SGD(ours.parameters(), lr=RATE)

    def our_step() -> object:
        optimizer.zero_grad()
        error = loss(ours(X), y)
        error.backward()
        optimizer.step()
        return error

    layers: list[torch.nn.Module] = []
    for n, m in pairwise(sizes):
        layers += [torch.nn.Linear(n, m), torch.nn.Tanh()]
    theirs, their_loss = torch.nn.Sequential(*layers[:-1]), torch.nn.MSELoss()
    sgd = torch.optim.SGD(theirs.parameters(), lr=RATE)

    def their_step() -> object:
        sgd.zero_grad()
        error = their_loss(theirs(X), y)
        error.backward()
        sgd.step()
        return error

    return our_step, their_step


def jitted(model: nn.Module, X: jax.Array, y: jax.Array) -> Step:
    """A step of our engine on tracers, under ``jax.jit``: the forward pass, the backward pass and the update."""
    leaves, loss = list(model.parameters()), nn.MSELoss()

    @jax.jit
    def update(arrays: list[jax.Array], X: jax.Array, y: jax.Array) -> tuple[jax.Array, list[jax.Array]]:
        with backends.lent(leaves, arrays):
            error = loss(model(Tensor(X, requires_grad=False)), Tensor(y, requires_grad=False))
            error.backward()
            return error.data, [p.data - RATE * p.grad for p in leaves]

    state = [jnp.asarray(p.numpy()) for p in leaves]

    def step() -> object:
        error, state[:] = update(state, X, y)
        return float(error)

    return step


def on_jax(sizes: tuple[int, ...], batch: int, compiled: bool = False) -> tuple[Step, Step]:
    """A step of ours that JAX compiles, by ``jax.jit`` or by ``nn.compile_step``, and one of ``jax.grad``."""
    X, y = map(jnp.asarray, data(sizes, batch))
    model = net(sizes).to("jax")
    optimizer = nn.optim.SGD(model.parameters(), lr=RATE)
    whole = nn.compile_step(model, nn.MSELoss(), optimizer, using="jax") if compiled else None
    ours = partial(whole, X, y) if whole is not None else jitted(model, X, y)

    def loss(parameters: list[jax.Array], X: jax.Array, y: jax.Array) -> jax.Array:
        h = X
        pairs = list(zip(parameters[::2], parameters[1::2], strict=True))
        for W, b in pairs[:-1]:
            h = jnp.tanh(h @ W.T + b)
        return jnp.mean((h @ pairs[-1][0].T + pairs[-1][1] - y) ** 2)

    @jax.jit
    def update(parameters: list[jax.Array], X: jax.Array, y: jax.Array) -> tuple[jax.Array, list[jax.Array]]:
        error, slopes = jax.value_and_grad(loss)(parameters, X, y)
        return error, [p - RATE * g for p, g in zip(parameters, slopes, strict=True)]

    state = [jnp.asarray(p.numpy()) for p in model.parameters()]

    def their_step() -> object:
        error, state[:] = update(state, X, y)
        return float(error)

    return ours, their_step


def ratio(ours: Step, theirs: Step, rounds: int) -> tuple[float, float, float]:
    """The median times of each in microseconds, and the median of their ratios, step by step."""
    for _ in range(5):
        ours()
        theirs()
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        ours()
        between = time.perf_counter()
        theirs()
        times.append((between - begin, time.perf_counter() - between))
    a, b = zip(*times, strict=True)
    return statistics.median(a) * 1e6, statistics.median(b) * 1e6, statistics.median(x / y for x, y in times)


def main() -> int:
    """Measure and print; 1 if a gate is missed."""
    torch.set_num_threads(1)
    rounds = 200 if "--quick" in sys.argv else 1000
    rows, missed = [], False
    compiled = partial(on_jax, compiled=True)
    cases = ("PyTorch, eager", on_torch, 1.3), ("jax.jit", on_jax, 1.15), ("nn.compile_step", compiled, None)
    for name, make, gate in cases:
        for sizes, batch in SIZES:
            a, b, of = ratio(*make(sizes, batch), rounds)
            missed |= gate is not None and of > gate
            rows.append([name, f"{'-'.join(map(str, sizes))}, batch {batch}", f"{a:.0f}", f"{b:.0f}", f"{of:.2f}",
                         f"{gate or ''}"])  # fmt: skip
    print(table(["arrays", "net", "ours, µs", "theirs, µs", "ratio", "gate"], rows))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
