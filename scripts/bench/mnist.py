"""MNIST from a folder: K4 (14×14 pixels, 196-100-50-10, 40,000 minibatches of 64) and N5 (784-30-10, 3 epochs).

Time and accuracy of `nn.fit`, beside the same arithmetic by hand in NumPy and beside the text's own code, which runs
one sample at a time. One BLAS thread, float64. The whole takes some minutes; --quick leaves out the trainings.
"""

import argparse
import os
import sys
from itertools import pairwise
from time import perf_counter

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402
from timing import Gates, interleaved, ratio, table  # noqa: E402

import nn  # noqa: E402
from nn import data, functional  # noqa: E402

SIZES, BATCH, RATE, MINIBATCHES = [196, 100, 50, 10], 64, 1.0, 40_000


def sigma(x):
    return 1 / (1 + np.exp(-x))


def start(sizes, rng):
    """Weights (in, out) and biases, uniform in ±½, as the text has them."""
    return [(rng.random((n, m)) - 0.5, rng.random(m) - 0.5) for n, m in pairwise(sizes)]


def by_hand(layers, X, T, chosen):
    """One minibatch as matrices; the loss is the mean over samples of ½‖a − t‖²."""
    outputs = [X[chosen]]
    for W, b in layers:
        outputs.append(sigma(outputs[-1] @ W + b))
    g = (outputs[-1] - T[chosen]) / len(chosen)
    for k in reversed(range(len(layers))):
        W, b = layers[k]
        g = g * (outputs[k + 1] * (1 - outputs[k + 1]))
        dW, db = outputs[k].T @ g, g.sum(axis=0)
        if k:
            g = g @ W.T
        W -= RATE * dW
        b -= RATE * db


def by_sample(layers, X, T, chosen):
    """One minibatch as the text computes it: sample by sample, adding up each layer's gradients.

    With all that its code does: the loss of each sample, σ anew in each layer's derivative, the product that is the
    gradient of the weights twice, and the gradient of the first layer's input.
    """
    sums = [[np.zeros_like(W), np.zeros_like(b)] for W, b in layers]
    for i in chosen:
        a, inputs, sums_in = X[i : i + 1], [], []
        for W, b in layers:
            inputs.append(a)
            sums_in.append(np.dot(a, W) + b)
            a = sigma(sums_in[-1])
        (0.5 * (T[i : i + 1] - a) ** 2).mean()
        g = a - T[i : i + 1]
        for k in reversed(range(len(layers))):
            g = sigma(sums_in[k]) * (1 - sigma(sums_in[k])) * g
            back = np.dot(g, layers[k][0].T)
            np.dot(inputs[k].T, g)
            sums[k][0] += np.dot(inputs[k].T, g)
            sums[k][1] += g[0]
            g = back
    for (W, b), (dW, db) in zip(layers, sums, strict=True):
        W -= RATE * dW / len(chosen)
        b -= RATE * db / len(chosen)


def net(layers):
    model = nn.MLP([layers[0][0].shape[0], *(W.shape[1] for W, _ in layers)], "sigmoid", output="sigmoid", rng=0)
    linear = [m for m in model if isinstance(m, nn.Linear)]
    for m, (W, b) in zip(linear, layers, strict=True):
        m.weight.data, m.bias.data = W.T, b
    return model


def half_square(output, target):
    """The text's loss: ½‖a − t‖², mean over samples."""
    return functional.mse_loss(output, target, "sum") * (0.5 / len(target))


def accuracy(model, X, y):
    return float(np.mean(nn.predict(model, X).argmax(axis=1) == y))


def same(a, b):
    pairs = [xy for p, q in zip(a, b, strict=True) for xy in zip(p, q, strict=True)]
    return all(np.allclose(x, y, rtol=0, atol=1e-9) for x, y in pairs)


def speed(X, T, gates, minibatches, rounds):
    """The three ways, in turns, on the same minibatches; `fit` runs an epoch of as many."""
    rows = np.arange(minibatches * BATCH)
    order = rows.reshape(minibatches, BATCH)
    few = max(minibatches // 10, 1)
    fresh = lambda: start(SIZES, np.random.default_rng(1))
    model, hand, text, again = net(fresh()), fresh(), fresh(), fresh()
    optimizer = nn.optim.SGD(model.parameters(), RATE)
    options = {"loss": half_square, "optimizer": optimizer, "batch_size": BATCH, "epochs": 1, "progress": False}
    inputs, targets = X[rows], T[rows]
    nn.fit(model, inputs, targets, shuffle=False, **options)
    for k, chosen in enumerate(order):
        by_hand(hand, X, T, chosen)
        if k < few:
            by_hand(again, X, T, chosen)
            by_sample(text, X, T, chosen)
    gates.check(
        "the three ways give the same parameters to 1e-9",
        same([(m.weight.data.T, m.bias.data) for m in model if isinstance(m, nn.Linear)], hand) and same(text, again),
    )
    cases = {
        "nn.fit": lambda: nn.fit(model, inputs, targets, rng=1, **options),
        "NumPy by hand": lambda: [
            by_hand(hand, X, T, chosen) for chosen in np.random.default_rng(1).permutation(order)
        ],
        "the text's code": lambda: [by_sample(text, X, T, chosen) for chosen in order[:few]],
    }
    times = interleaved(cases, rounds=rounds)
    per = {"nn.fit": minibatches, "NumPy by hand": minibatches, "the text's code": few}
    lines = []
    for name, t in times.items():
        least, median = t.least / per[name], t.median / per[name]
        lines.append([name, f"{least * 1e6:.0f}", f"{median * 1e6:.0f}", f"{median * MINIBATCHES:.0f}"])
    print(table(["196-100-50-10, batch 64", "least µs", "median µs", "s for 40,000"], lines))
    hand_ratio = ratio(times["nn.fit"], times["NumPy by hand"])
    text_ratio = ratio(times["the text's code"], times["nn.fit"]) * minibatches / few
    gates.check(f"K4: nn.fit takes {hand_ratio:.2f} times NumPy by hand (at most 2)", hand_ratio <= 2)
    gates.check(f"K4: and is {text_ratio:.1f} times as fast as the text's code (at least 12)", text_ratio >= 12)


def k4(X, y, X_test, y_test, gates, seed):
    rng = np.random.default_rng(seed)
    model = net(start(SIZES, rng))
    begun = perf_counter()
    steps = -(-len(X) // BATCH)
    nn.fit(model, X, functional.one_hot(y, 10), loss=half_square, optimizer=nn.optim.SGD(model.parameters(), RATE),
           epochs=round(MINIBATCHES / steps), batch_size=BATCH, rng=rng, progress=True)  # fmt: skip
    right = accuracy(model, X_test, y_test)
    predicted = nn.predict(model, X_test).argmax(axis=1)
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (y_test, predicted), 1)
    seconds = perf_counter() - begun
    print(f"K4, seed {seed}: {right:.4f} after {round(MINIBATCHES / steps) * steps} minibatches, {seconds:.0f} s")
    print(counts)
    gates.check(f"K4: {right:.4f} on the test set (0.972 to 0.973 in the text's runs; at least 0.970)", right >= 0.970)


def n5(X, y, X_test, y_test, gates, seeds):
    rights = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        model = nn.MLP([784, 30, 10], "sigmoid", output="sigmoid", rng=0)
        for p in model.parameters():
            nn.init.normal_(p, rng=rng)
        begun = perf_counter()
        nn.fit(
            model, X[:50_000], functional.one_hot(y[:50_000], 10), loss=half_square, epochs=3, batch_size=10, rng=rng,
            optimizer=nn.optim.SGD(model.parameters(), 3.0), progress=False,
        )  # fmt: skip
        rights.append(accuracy(model, X_test, y_test))
        print(f"N5, seed {seed}: {rights[-1]:.4f}, {perf_counter() - begun:.0f} s", flush=True)
    median = float(np.median(rights))
    gates.check(f"N5: median of {seeds} seeds {median:.4f} (at least 0.925)", median >= 0.925)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", help="where the four IDX files are")
    parser.add_argument("--quick", action="store_true", help="speeds only, briefly")
    parser.add_argument("--seed", type=int, default=0, help="of K4's training")
    options = parser.parse_args()
    gates = Gates()
    X, y, X_test, y_test = data.mnist(options.folder, reduce=14)
    speed(X, functional.one_hot(y, 10), gates, 50 if options.quick else 200, 3 if options.quick else 9)
    if not options.quick:
        k4(X, y, X_test, y_test, gates, options.seed)
        X, y, X_test, y_test = data.mnist(options.folder)
        n5(X, y, X_test, y_test, gates, 5)
    return gates.status()


if __name__ == "__main__":
    sys.exit(main())
