"""Layers of nn, forward and backward, beside the same layer by hand in NumPy; beside PyTorch's, if that is installed.

Each is run at three sizes in float32 with one thread: the output and the gradients of input and parameters. By hand
means as one writes it with care: windows as columns of one matrix, what the backward pass needs kept from the forward
one. Both copy the gradient that they start from, as `backward` does. ``--quick`` takes fewer rounds.
"""

import argparse
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from timing import Gates, interleaved, ratio, table

import nn
from autograd import Tensor

LIMIT = 1.5
Layer = tuple[str, tuple[Any, ...], list[tuple[int, ...]], Callable[..., Any]]


def windows(x: np.ndarray, k: tuple[int, ...]) -> np.ndarray:
    """The windows of samples as columns: (samples, channels · places in a window, windows)."""
    n = len(k)
    v = np.lib.stride_tricks.sliding_window_view(x, k, tuple(range(-n, 0)))
    v = v.transpose(0, 1, *range(2 + n, 2 + 2 * n), *range(2, 2 + n))
    return v.reshape(len(x), x.shape[1] * int(np.prod(k)), -1)


def padded(x: np.ndarray, p: int) -> np.ndarray:
    """Samples in a border of zeros."""
    out = np.zeros((*x.shape[:2], *(m + 2 * p for m in x.shape[2:])), x.dtype)
    out[(..., *(slice(p, p + m) for m in x.shape[2:]))] = x
    return out


def conv(x: np.ndarray, g: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> list[np.ndarray]:
    """A convolution with a border that keeps the lengths."""
    k = weight.shape[2:]
    p = k[0] // 2
    columns = windows(padded(x, p), k)
    kernels = weight.reshape(len(weight), -1)
    y = (kernels @ columns).reshape(len(x), len(weight), *x.shape[2:])
    y += bias.reshape(-1, *(1,) * len(k))
    flat = g.reshape(len(g), len(weight), -1)
    g_weight = np.tensordot(flat, columns, ((0, 2), (0, 2))).reshape(weight.shape)
    parts = (kernels.T @ flat).reshape(len(x), x.shape[1], *k, *x.shape[2:])
    g_x = np.zeros((*x.shape[:2], *(m + 2 * p for m in x.shape[2:])), x.dtype)
    for place in np.ndindex(k):
        g_x[(..., *(slice(a, a + m) for a, m in zip(place, x.shape[2:], strict=True)))] += parts[:, :, *place]
    g_x = g_x[(..., *(slice(p, p + m) for m in x.shape[2:]))]
    return [y, g_x, g_weight, g.sum((0, *range(2, g.ndim)))]


def max_pool(x: np.ndarray, g: np.ndarray) -> list[np.ndarray]:
    """The largest of each 2 × 2, or of each pair."""
    blocks, axes = _blocks(x)
    y = blocks.max(axes)
    winners = blocks == np.expand_dims(y, axes)
    return [y, (winners * np.expand_dims(g, axes)).reshape(x.shape)]


def avg_pool(x: np.ndarray, g: np.ndarray) -> list[np.ndarray]:
    """The mean of each 2 × 2, or of each pair."""
    blocks, axes = _blocks(x)
    share = np.expand_dims(g / x.dtype.type(2 ** len(axes)), axes)
    return [blocks.mean(axes), np.broadcast_to(share, blocks.shape).reshape(x.shape)]


def _blocks(x: np.ndarray) -> tuple[np.ndarray, tuple[int, ...]]:
    n = x.ndim - 2
    lengths = [m for length in x.shape[2:] for m in (length // 2, 2)]
    return x.reshape(*x.shape[:2], *lengths), tuple(range(3, 3 + 2 * n, 2))


def normalised(
    x: np.ndarray, g: np.ndarray, axis: Any, parameters: Any, weight: np.ndarray, bias: np.ndarray
) -> list[np.ndarray]:
    """Mean 0 and variance 1 along `axis`; gradients of parameters are sums along `parameters`. Last the statistics."""
    mean = x.mean(axis, keepdims=True)
    c = x - mean
    variance = (c * c).mean(axis, keepdims=True)
    unit = 1 / np.sqrt(variance + np.float32(1e-5))
    z = c * unit
    y = z * weight + bias
    g_z = g * weight
    g_x = (g_z - g_z.mean(axis, keepdims=True) - z * (g_z * z).mean(axis, keepdims=True)) * unit
    return [y, g_x, (g * z).sum(parameters), g.sum(parameters), mean, variance]


def batch_norm(
    x: np.ndarray, g: np.ndarray, weight: np.ndarray, bias: np.ndarray, mean: np.ndarray, variance: np.ndarray
) -> list[np.ndarray]:
    """Over the minibatch; the running statistics take a tenth of its own."""
    axis = (0, *range(2, x.ndim))
    shape = (-1, *(1,) * (x.ndim - 2))
    *found, own_mean, own_variance = normalised(x, g, axis, axis, weight.reshape(shape), bias.reshape(shape))
    n = np.float32(x.size // len(mean))
    mean += np.float32(0.1) * (own_mean.ravel() - mean)
    variance += np.float32(0.1) * (own_variance.ravel() * (n / (n - 1)) - variance)
    return found


def layer_norm(x: np.ndarray, g: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> list[np.ndarray]:
    """Over the last axis."""
    return normalised(x, g, -1, tuple(range(x.ndim - 1)), weight, bias)[:-2]


def rms_norm(x: np.ndarray, g: np.ndarray, weight: np.ndarray) -> list[np.ndarray]:
    """Over the last axis, without a mean."""
    unit = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + np.finfo(x.dtype).eps)
    z = x * unit
    g_z = g * weight
    g_x = (g_z - z * (g_z * z).mean(-1, keepdims=True)) * unit
    return [z * weight, g_x, (g * z).sum(tuple(range(x.ndim - 1)))]


def linear(x: np.ndarray, g: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> list[np.ndarray]:
    """Rows times rows of weights."""
    return [x @ weight.T + bias, g @ weight, g.T @ x, g.sum(0)]


def embedding(x: np.ndarray, g: np.ndarray, weight: np.ndarray) -> list[np.ndarray]:
    """Rows of a table."""
    g_weight = np.zeros_like(weight)
    np.add.at(g_weight, x, g)
    return [weight[x], g_weight]


LAYERS: list[Layer] = [
    ("Linear", (256, 128), [(64, 256)], linear),
    ("Linear", (784, 256), [(128, 784)], linear),
    ("Linear", (512, 512), [(256, 512)], linear),
    ("Embedding", (65, 16), [(32, 16)], embedding),
    ("Embedding", (1000, 32), [(32, 32)], embedding),
    ("Embedding", (5000, 64), [(64, 64)], embedding),
    ("Conv1d", (8, 16, 5, 1, 2), [(64, 8, 128)], conv),
    ("Conv1d", (16, 16, 5, 1, 2), [(32, 16, 128)], conv),
    ("Conv1d", (32, 32, 3, 1, 1), [(32, 32, 128)], conv),
    ("Conv2d", (1, 8, 3, 1, 1), [(32, 1, 28, 28)], conv),
    ("Conv2d", (8, 16, 3, 1, 1), [(32, 8, 14, 14)], conv),
    ("Conv2d", (16, 32, 3, 1, 1), [(16, 16, 28, 28)], conv),
    ("MaxPool1d", (2,), [(32, 16, 64)], max_pool),
    ("MaxPool1d", (2,), [(32, 32, 128)], max_pool),
    ("MaxPool1d", (2,), [(64, 16, 256)], max_pool),
    ("MaxPool2d", (2,), [(32, 8, 28, 28)], max_pool),
    ("MaxPool2d", (2,), [(32, 16, 14, 14)], max_pool),
    ("MaxPool2d", (2,), [(16, 32, 28, 28)], max_pool),
    ("AvgPool1d", (2,), [(32, 16, 64)], avg_pool),
    ("AvgPool1d", (2,), [(32, 32, 128)], avg_pool),
    ("AvgPool1d", (2,), [(64, 16, 256)], avg_pool),
    ("AvgPool2d", (2,), [(32, 8, 28, 28)], avg_pool),
    ("AvgPool2d", (2,), [(32, 16, 14, 14)], avg_pool),
    ("AvgPool2d", (2,), [(16, 32, 28, 28)], avg_pool),
    ("BatchNorm1d", (512,), [(512, 512)], batch_norm),
    ("BatchNorm1d", (128,), [(32, 128, 64)], batch_norm),
    ("BatchNorm1d", (32,), [(32, 32, 128)], batch_norm),
    ("BatchNorm2d", (8,), [(32, 8, 28, 28)], batch_norm),
    ("BatchNorm2d", (16,), [(32, 16, 14, 14)], batch_norm),
    ("BatchNorm2d", (32,), [(16, 32, 28, 28)], batch_norm),
    ("LayerNorm", (512,), [(128, 512)], layer_norm),
    ("LayerNorm", (128,), [(32, 32, 128)], layer_norm),
    ("LayerNorm", (1024,), [(256, 1024)], layer_norm),
    ("RMSNorm", (512,), [(128, 512)], rms_norm),
    ("RMSNorm", (128,), [(32, 32, 128)], rms_norm),
    ("RMSNorm", (1024,), [(256, 1024)], rms_norm),
]


def cases(kind: str, args: tuple[Any, ...], shape: tuple[int, ...], by_hand: Callable[..., Any]) -> dict[str, Any]:
    """Calls that give the output and the gradients: by hand, here, and in PyTorch if that is installed."""
    rng = np.random.default_rng(0)
    layer = getattr(nn, kind)(*args, **({} if "Pool" in kind else {"dtype": np.float32}))
    is_index = kind == "Embedding"
    x = rng.integers(0, args[0], shape) if is_index else rng.normal(size=shape).astype(np.float32)
    g = rng.normal(size=layer(x).shape).astype(np.float32)
    own = [p.data.copy() for p in layer.parameters()] + [b.copy() for b in layer.buffers() if b.ndim]
    node = x if is_index else Tensor(x)
    leaves = [*([] if is_index else [node]), *layer.parameters()]

    def ours() -> list[Any]:
        for leaf in leaves:
            leaf.grad = None
        y = layer(node)
        y.backward(g)
        return [y.data, *(leaf.grad for leaf in leaves)]

    found: dict[str, Any] = {"by hand": lambda: by_hand(x, g.copy(), *own), "here": ours}
    if "torch" in sys.modules:
        import torch

        twin = getattr(torch.nn, kind)(*args)
        if state := layer.state_dict():
            twin.load_state_dict({k: torch.tensor(v) for k, v in state.items()})
        t = torch.tensor(x, requires_grad=not is_index)
        seed = torch.tensor(g)
        of = [*([] if is_index else [t]), *twin.parameters()]

        def theirs() -> list[Any]:
            for leaf in of:
                leaf.grad = None
            y = twin(t)
            y.backward(seed)
            return [y, *(leaf.grad for leaf in of)]

        found["PyTorch"] = theirs
    return found


def main() -> int:
    """Time every layer; the exit status says whether each gate is met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="", help="layers whose names contain this")
    options = parser.parse_args()
    try:
        import torch

        torch.set_num_threads(1)
    except ImportError:
        pass
    gates, rows = Gates(), []
    for kind, args, (shape,), by_hand in LAYERS:
        if options.only.lower() not in kind.lower():
            continue
        calls = cases(kind, args, shape, by_hand)
        expected = calls["by hand"]()
        agree = all(
            np.allclose(np.asarray(a), b, rtol=1e-3, atol=1e-3) for a, b in zip(calls["here"](), expected, strict=True)
        )
        times = interleaved(calls, rounds=5 if options.quick else 25, number=10)
        name = f"{kind}({', '.join(map(str, args))}) of {shape}"
        factor = ratio(times["here"], times["by hand"])
        beside = f"{ratio(times['here'], times['PyTorch']):.2f}" if "PyTorch" in times else "–"
        rows.append([name, *(f"{1e6 * t.median:.0f}" for t in times.values()), f"{factor:.2f}", beside])
        gates.check(
            f"{name}: {factor:.2f} times NumPy by hand (at most {LIMIT}), same numbers", agree and factor <= LIMIT
        )
    print(table(["layer", *(f"{name} µs" for name in times), "of by hand", "of PyTorch"], rows))
    return gates.status()


if __name__ == "__main__":
    sys.exit(main())
