"""How good check_gradients is: right functions that it refuses, and planted mistakes that it misses.

Random expressions over the op table are checked as they are, to second order; then with a mistake of a given size,
relative to their largest derivative, in the derivative of one argument. Each of n expressions counts once a column.
Then what a check of a net costs, to second order, in evaluations of its loss.
"""

import argparse
from time import perf_counter

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings

import autograd
from autograd.testing import GradientError, NotDifferentiableError, check_gradients
from autograd.testing.strategies import expressions

MISTAKES = (1e-1, 1e-3, 1e-5, 1e-7, 1e-9, 1e-11)


def verdict(f, args, order):
    try:
        with np.errstate(all="ignore"):
            check_gradients(f, args, order=order)
    except GradientError:
        return "wrong"
    except NotDifferentiableError:
        return "refused"
    return "right"


def mistaken(f, args, size):
    """The same but for the derivative by one element, off by a part of the largest derivative; None where all are 0."""
    xs = [autograd.Tensor(a) for a in args]
    largest = [float(np.abs(g).max(initial=0.0)) for g in autograd.gradients(autograd.sum(f(*xs)), xs)]
    k = int(np.argmax(largest))

    def wrong(*xs):
        first = xs[k].reshape(-1)[0]
        return autograd.sum(f(*xs)) + size * largest[k] * (first - first.detach())

    return wrong if largest[k] > 0 else None


def count(dtype, n, start):
    verdicts = {}

    @seed(start)
    @settings(max_examples=n, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=HealthCheck)
    @given(expressions(max_nodes=8))
    def collect(e):
        args = tuple(a.astype(dtype) for a in e.inputs)
        verdicts.setdefault(0.0, []).append(verdict(e, args, 2))
        for size in MISTAKES:
            wrong = mistaken(e, args, size)
            if wrong is not None:
                verdicts.setdefault(size, []).append(verdict(wrong, args, 1))

    collect()
    return verdicts


def cost(activation, seed):
    """A net of 200-50-10 in a batch of 64: calls of its loss by a check, and its time in evaluations of the loss."""
    rng = np.random.default_rng(seed)
    p = {"W1": rng.normal(size=(200, 50)) / 14, "b1": rng.normal(size=50) / 10, "W2": rng.normal(size=(50, 10)) / 7}
    X, target = rng.normal(size=(64, 200)), np.eye(10)[rng.integers(0, 10, 64)]
    calls = 0

    def loss(p):
        nonlocal calls
        calls += 1
        h = activation(X @ p["W1"] + p["b1"])
        return -autograd.mean(autograd.sum(target * autograd.log_softmax(h @ p["W2"]), axis=1))

    def seconds(work):
        start = perf_counter()
        work()
        return perf_counter() - start

    nodes = {k: autograd.Tensor(a) for k, a in p.items()}
    one = min(seconds(lambda: loss(nodes)) for _ in range(100))
    calls = 0
    all_of_it = seconds(lambda: check_gradients(loss, (p,), rng=seed))
    return calls, all_of_it / one


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=300, help="expressions for each dtype")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for dtype in (np.float64, np.float32):
        for size, verdicts in count(dtype, options.n, options.seed).items():
            n = len(verdicts)
            if size:
                print(f"{dtype.__name__}: a mistake of {size:.0e}: found in {verdicts.count('wrong')} of {n}", end="")
            else:
                print(f"{dtype.__name__}: right: called wrong {verdicts.count('wrong')} of {n}", end="")
            print(f", called not differentiable {verdicts.count('refused')}")
    for activation in (autograd.tanh, autograd.relu):
        calls, evaluations = zip(*(cost(activation, seed) for seed in range(5)), strict=True)
        print(f"{activation.__name__} net of 200-50-10: at most {max(calls)} calls, ", end="")
        print(f"{np.median(evaluations):.0f} times an evaluation")


if __name__ == "__main__":
    main()
