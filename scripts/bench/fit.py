"""What `nn.fit` costs over a loop written by hand, and the small systems trained with it: K3, C4, G6.

One BLAS thread, float64. --quick leaves out the trainings.
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
from nn import data  # noqa: E402

EPOCHS = 8


def overhead(gates, minibatches, rounds):
    """Eight epochs by `fit` and by the loop that one would write, at K4's size, and one sample at a time at G6's."""
    rng = np.random.default_rng(0)
    for sizes, activation, batch, loss, limit in (
        ([196, 100, 50, 10], "sigmoid", 64, nn.MSELoss(), 1.03),
        ([2, 4, 4, 1], "relu", 1, nn.BCELoss(), None),
    ):
        n, done = minibatches * batch, minibatches * EPOCHS
        X, y = rng.random((n, sizes[0])), (rng.random((n, sizes[-1])) > 0.5) * 1.0
        model = nn.MLP(sizes, activation, output="sigmoid", rng=0)
        optimizer = nn.optim.SGD(model.parameters(), 0.01)

        def by_fit():
            nn.fit(model, X, y, loss=loss, optimizer=optimizer, epochs=EPOCHS, batch_size=batch, rng=1, progress=False)  # noqa: B023

        def by_loop():
            generator = np.random.default_rng(1)
            for _ in range(EPOCHS):
                order = generator.permutation(n)  # noqa: B023
                for start in range(0, n, batch):  # noqa: B023
                    chosen = order[start : start + batch]  # noqa: B023
                    optimizer.zero_grad()  # noqa: B023
                    error = loss(model(X[chosen]), y[chosen])  # noqa: B023
                    error.item()
                    error.backward()
                    optimizer.step()  # noqa: B023

        times = interleaved({"nn.fit": by_fit, "by hand": by_loop}, rounds=rounds)
        name = "-".join(map(str, sizes)) + f", batch {batch}"
        lines = [[k, f"{t.least / done * 1e6:.1f}", f"{t.median / done * 1e6:.1f}"] for k, t in times.items()]
        print(table([name, "least µs", "median µs"], lines))
        times_loop = ratio(times["nn.fit"], times["by hand"])
        if limit:
            gates.check(f"fit takes {times_loop:.3f} times the loop by hand (at most {limit})", times_loop <= limit)
        else:
            least = times["nn.fit"].least / done * 1e6
            gates.check(f"an update with one sample takes {least:.0f} µs (at most 150)", least <= 150)


def k3(gates):
    X, kinds = data.iris()
    X = X[:, :2]
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    first, second = np.flatnonzero(kinds == 0), np.flatnonzero(kinds == 1)
    training, test = np.r_[first[:35], second[:35]], np.r_[first[-15:], second[-15:]]
    model = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 2))
    rng = np.random.default_rng(3)
    for p in model.parameters():
        nn.init.uniform_(p, -0.5, 0.5, rng)
    loss = lambda output, y: nn.functional.mse_loss(output, y, "sum") * (0.5 / len(y))
    nn.fit(model, X[training], data.one_hot(kinds[training], 2), loss=loss, epochs=4000, batch_size=None,
           optimizer=nn.optim.SGD(model.parameters(), 0.1), progress=False)  # fmt: skip
    predicted = nn.predict(model, X[test]).argmax(axis=1)
    counts = [[int(np.sum((kinds[test] == i) & (predicted == j))) for j in (0, 1)] for i in (0, 1)]
    gates.check(f"K3: {counts} is [[14, 1], [0, 15]]", counts == [[14, 1], [0, 15]])


def c4(gates, starts):
    X, y = data.demand(rng=0)
    X, y = data.min_max(X)[0], data.min_max(y)[0]
    line = np.linalg.lstsq(np.c_[X, np.ones(len(X))], y, rcond=None)[0]
    print(f"C4: plain linear regression reaches {np.mean((np.c_[X, np.ones(len(X))] @ line - y) ** 2):.1e}")
    losses = []
    for seed in range(starts):
        model = nn.MLP([3, 10, 5, 1], "sigmoid", rng=seed)
        optimizer = nn.optim.SGD(model.parameters(), 0.2, momentum=0.9)
        begun = perf_counter()
        history = nn.fit(model, X, y, loss="mse", optimizer=optimizer, epochs=1000, batch_size=None, progress=False)
        losses.append(history["loss"][-1])
        print(f"C4, start {seed}: {losses[-1]:.2e}, {perf_counter() - begun:.1f} s", flush=True)
    reached = sum(loss < 1e-4 for loss in losses)
    gates.check(f"C4: {reached} of {starts} starts end below 1e-4 (at least 8 of 10)", reached >= 0.8 * starts)


def g6(gates):
    from sklearn.datasets import make_moons

    state = np.random.RandomState(42)
    X, y = make_moons(2048, noise=0.08, random_state=state)
    X, X_test, y, y_test = data.train_test_split(X, y[:, None], test_size=512, random_state=state)
    X, scaler = data.standardize(X)
    X_test = scaler.transform(X_test)
    for rate, epochs in ((0.5, 21), (0.05, 16), (0.01, 173)):
        rng = np.random.default_rng(1034)
        model = nn.MLP([2, 4, 4, 1], "relu", output="sigmoid", rng=0)
        for layer in model:
            if isinstance(layer, nn.Linear):
                layer.weight.data = rng.normal(0, 0.05, layer.weight.shape[::-1]).T
                nn.init.zeros_(layer.bias)
        perfect = []

        def note(run):
            if run.history["accuracy"][-1] == 1 == run.history["val_accuracy"][-1]:
                perfect.append(run.epoch)  # noqa: B023
                run.stopped = "100 % on both sets"

        begun = perf_counter()
        history = nn.fit(
            model, X, y, loss="bce", optimizer=nn.optim.SGD(model.parameters(), rate), epochs=epochs + 20, batch_size=1,
            rng=rng, validation_data=(X_test, y_test), metrics=["accuracy"], callbacks=[note], record=["dead"],
            progress=False,
        )  # fmt: skip
        seconds = perf_counter() - begun
        each = seconds / len(history) / len(X) * 1e6
        print(f"G6, rate {rate}: {len(history)} epochs, {seconds:.0f} s, {each:.0f} µs an update")
        if rate == 0.5:
            best, dead = max(history["accuracy"][:epochs]), max(map(max, zip(*history.dead.values(), strict=True)))
            gates.check(f"G6: at rate 0.5 at most {best:.4f} to epoch 21, dead {dead:.2f}", best < 0.51 and dead == 1)
        else:
            gates.check(
                f"G6: at rate {rate} 100 % on both sets first at epoch {perfect} ({epochs})", perfect == [epochs]
            )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="the overhead only, briefly")
    options = parser.parse_args()
    gates = Gates()
    overhead(gates, 20 if options.quick else 60, 7 if options.quick else 15)
    if not options.quick:
        k3(gates)
        c4(gates, 10)
        g6(gates)
    return gates.status()


if __name__ == "__main__":
    sys.exit(main())
