"""Layers of sequences, forward and backward, beside the same by hand in NumPy; PyTorch's CPU layer is reported.

RNN, LSTM and GRU by `nn.compile_step`, attention and embedding eager; float32, one BLAS thread. --quick: fewer rounds.
"""

import argparse
import os
import sys
from time import perf_counter

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402
from timing import Gates, interleaved, ratio, table  # noqa: E402

import nn  # noqa: E402
from autograd import Tensor  # noqa: E402

try:
    import torch
except ImportError:
    torch = None
else:
    torch.set_num_threads(1)

LIMIT = 1.5
RECURRENT = [(8, 16, 8, 16), (20, 32, 32, 64), (32, 64, 64, 128)]  # steps, samples, inputs, units
ATTENTION = [(32, 16, 128, 4), (64, 16, 128, 8), (128, 8, 256, 8)]  # places, samples, length, heads
EMBEDDING = [(65, 32, 512), (1000, 64, 1024), (10000, 128, 2048)]  # rows, length, numbers looked up


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def recurrent_by_hand(kind, weights, x, target):
    """Gradients of the mean squared error of all states, as one writes it who knows backpropagation through time."""
    W, U, b, c = weights
    (T, N, _), H = x.shape, U.shape[1]

    def run():
        xs = x @ W.T + (b if kind == "GRU" else b + c)
        hs, cells, kept = np.zeros((T + 1, N, H), x.dtype), np.zeros((T + 1, N, H), x.dtype), []
        for t in range(T):
            u, h = hs[t] @ U.T, hs[t]
            if kind == "RNN":
                hs[t + 1] = np.tanh(xs[t] + u)
            elif kind == "LSTM":
                z = xs[t] + u
                i, f, o = sigmoid(z[:, :H]), sigmoid(z[:, H : 2 * H]), sigmoid(z[:, 3 * H :])
                g = np.tanh(z[:, 2 * H : 3 * H])
                cells[t + 1] = f * cells[t] + i * g
                tanh = np.tanh(cells[t + 1])
                hs[t + 1] = o * tanh
                kept.append((i, f, g, o, tanh))
            else:
                u += c
                r, z = sigmoid(xs[t, :, :H] + u[:, :H]), sigmoid(xs[t, :, H : 2 * H] + u[:, H : 2 * H])
                n = np.tanh(xs[t, :, 2 * H :] + r * u[:, 2 * H :])
                hs[t + 1] = n + z * (h - n)
                kept.append((r, z, n, u[:, 2 * H :]))
        error = hs[1:] - target
        (error * error).mean()  # the loss, which one wants to see
        given = error * (2 / error.size)
        dx = np.empty_like(xs)
        du = np.empty_like(xs) if kind == "GRU" else dx
        dh, dc = np.zeros((N, H), x.dtype), np.zeros((N, H), x.dtype)
        for t in reversed(range(T)):
            dh = dh + given[t]
            if kind == "RNN":
                dx[t] = dh * (1 - hs[t + 1] * hs[t + 1])
                dh = dx[t] @ U
            elif kind == "LSTM":
                i, f, g, o, tanh = kept[t]
                dc = dc + dh * o * (1 - tanh * tanh)
                dx[t, :, :H] = dc * g * i * (1 - i)
                dx[t, :, H : 2 * H] = dc * cells[t] * f * (1 - f)
                dx[t, :, 2 * H : 3 * H] = dc * i * (1 - g * g)
                dx[t, :, 3 * H :] = dh * tanh * o * (1 - o)
                dc, dh = dc * f, dx[t] @ U
            else:
                r, z, n, u = kept[t]
                dn = dh * (1 - z) * (1 - n * n)
                dx[t, :, :H] = du[t, :, :H] = dn * u * r * (1 - r)
                dx[t, :, H : 2 * H] = du[t, :, H : 2 * H] = dh * (hs[t] - n) * z * (1 - z)
                dx[t, :, 2 * H :] = dn
                du[t, :, 2 * H :] = dn * r
                dh = dh * z + du[t] @ U
        dx, du = (d.reshape(-1, d.shape[-1]) for d in (dx, du))
        return dx.T @ x.reshape(-1, x.shape[-1]), du.T @ hs[:-1].reshape(-1, H), dx.sum(axis=0), du.sum(axis=0)

    return run


def attention_by_hand(layer, x, given):
    """Gradients of self-attention by its parameters and its input, which has the samples first."""
    W, b, V, c = (p.data for p in layer.parameters())
    (N, L, E), H = x.shape, layer.num_heads
    scale = np.float32(1 / np.sqrt(E // H))

    def run():
        z = (x.reshape(-1, E) @ W.T + b).reshape(N, L, 3, H, E // H).transpose(2, 0, 3, 1, 4)
        q, k, v = z
        scores = q @ k.swapaxes(-1, -2) * scale
        e = np.exp(scores - scores.max(axis=-1, keepdims=True))
        w = e / e.sum(axis=-1, keepdims=True)
        taken = (w @ v).swapaxes(1, 2).reshape(-1, E)
        y = taken @ V.T + c
        w.mean(axis=1)  # the weights, which the layer returns too
        g = given.reshape(-1, E)
        dV, dc = g.T @ taken, g.sum(axis=0)
        d = (g @ V).reshape(N, L, H, E // H).swapaxes(1, 2)
        dw = d @ v.swapaxes(-1, -2)
        ds = w * (dw - (w * dw).sum(axis=-1, keepdims=True)) * scale
        dz = np.stack([ds @ k, ds.swapaxes(-1, -2) @ q, w.swapaxes(-1, -2) @ d])
        dz = dz.transpose(1, 3, 0, 2, 4).reshape(-1, 3 * E)
        return y.reshape(x.shape), dz.T @ x.reshape(-1, E), dz.sum(axis=0), dV, dc, (dz @ W).reshape(x.shape)

    return run


def embedding_by_hand(layer, numbers, given):
    table = layer.weight.data

    def run():
        y, gradient = table[numbers], np.zeros_like(table)
        np.add.at(gradient, numbers, given)
        return y, gradient

    return run


def as_torch(layer, theirs, call):
    """PyTorch's layer with the same weights, as a case."""
    theirs.load_state_dict({name: torch.from_numpy(w) for name, w in layer.state_dict().items()})
    return {"torch": lambda: (theirs.zero_grad(), call(theirs))}


def recurrent(kind, size, rng):
    T, N, n, H = size
    x, target = (rng.normal(size=(T, N, k)).astype(np.float32) for k in (n, H))

    class Net(nn.Module):
        def __init__(self):
            self.layer = getattr(nn, kind)(n, H, rng=0, dtype=np.float32)

        def forward(self, x):
            return self.layer(x)[0]

    net = Net()
    step = nn.compile_step(net, "mse", nn.optim.SGD(net.parameters(), 0.0))
    hand = recurrent_by_hand(kind, [p.data for p in net.parameters()], x, target)
    start = perf_counter()
    step.backward(x, target)
    first = perf_counter() - start
    same = all(np.allclose(p.grad, g, rtol=1e-3, atol=1e-6) for p, g in zip(net.parameters(), hand(), strict=True))
    assert step.compiled is True
    cases = {"ours": lambda: step.backward(x, target), "by hand": hand}
    if torch is not None:
        a, b = torch.from_numpy(x), torch.from_numpy(target)
        loss = lambda layer: torch.nn.functional.mse_loss(layer(a)[0], b).backward()
        cases |= as_torch(net.layer, getattr(torch.nn, kind)(n, H), loss)
    return cases, same, f"first call {first * 1e3:.0f} ms"


def attention(size, rng):
    L, N, E, H = size
    x, given = (rng.normal(size=(N, L, E)).astype(np.float32) for _ in range(2))
    layer = nn.MultiheadAttention(E, H, batch_first=True, rng=0, dtype=np.float32)
    hand, input = attention_by_hand(layer, x, given), Tensor(x)

    def ours():
        layer.zero_grad()
        input.zero_grad()
        output, weights = layer(input, input, input)
        output.backward(given)
        return output, weights

    y = ours()[0]
    pairs = zip([y.data, *(p.grad for p in layer.parameters()), input.grad], hand(), strict=True)
    same = all(np.allclose(a, b, rtol=1e-3, atol=1e-4) for a, b in pairs)
    cases = {"ours": ours, "by hand": hand}
    if torch is not None:
        a, g = torch.from_numpy(x).requires_grad_(), torch.from_numpy(given)
        theirs = torch.nn.MultiheadAttention(E, H, batch_first=True)
        cases |= as_torch(layer, theirs, lambda m: m(a, a, a)[0].backward(g))
    return cases, same, ""


def embedding(size, rng):
    rows, length, n = size
    numbers, given = rng.integers(0, rows, n), rng.normal(size=(n, length)).astype(np.float32)
    layer = nn.Embedding(rows, length, rng=0, dtype=np.float32)
    hand = embedding_by_hand(layer, numbers, given)

    def ours():
        layer.zero_grad()
        y = layer(numbers)
        y.backward(given)
        return y

    same = np.array_equal(ours().data, hand()[0]) and np.allclose(layer.weight.grad, hand()[1], rtol=1e-5)
    cases = {"ours": ours, "by hand": hand}
    if torch is not None:
        a, g = torch.from_numpy(numbers), torch.from_numpy(given)
        cases |= as_torch(layer, torch.nn.Embedding(rows, length), lambda m: m(a).backward(g))
    return cases, same, ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    options = parser.parse_args()
    gates, rng, rows = Gates(), np.random.default_rng(0), []
    layers = [
        (kind, size, lambda s, k=kind: recurrent(k, s, rng)) for kind in ("RNN", "LSTM", "GRU") for size in RECURRENT
    ]
    layers += [("MultiheadAttention", size, lambda s: attention(s, rng)) for size in ATTENTION]
    layers += [("Embedding", size, lambda s: embedding(s, rng)) for size in EMBEDDING]
    for name, size, make in layers:
        cases, same, note = make(size)
        times = interleaved(cases, rounds=5 if options.quick else 15, number=2 if options.quick else 4)
        beside = {k: ratio(times["ours"], times[k]) for k in times if k != "ours"}
        texts = [f"{times[k].median * 1e6:.0f}" if k in times else "-" for k in ("ours", "by hand", "torch")]
        peers = f"{beside['torch']:.2f}" if "torch" in beside else "-"
        rows.append([f"{name} {'×'.join(map(str, size))}", *texts, f"{beside['by hand']:.2f}", peers, note])
        what = f"{name} {size}: {beside['by hand']:.2f} times by hand (at most {LIMIT}), same numbers: {same}"
        gates.check(what, same and beside["by hand"] <= LIMIT)
    print(table(["float32, µs", "ours", "by hand", "PyTorch", "ours/by hand", "ours/PyTorch", ""], rows))
    return gates.status()


if __name__ == "__main__":
    sys.exit(main())
