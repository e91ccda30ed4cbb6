"""`nn.MLPClassifier` beside scikit-learn's: a fit of the digits, epoch by epoch, by each solver.

One BLAS thread, float64. --quick fits fewer epochs, fewer times.
"""

import os
import sys
from pathlib import Path

# This file has the library's name, and Python looks for modules beside a script first.
_FOLDER = str(Path(__file__).resolve().parent)
_BEFORE, sys.path[:] = list(sys.path), [p for p in sys.path if str(Path(p).resolve()) != _FOLDER]
if __name__ != "__main__":  # Another benchmark of this folder wants the library, which takes this module's place.
    del sys.modules[__name__]
    import sklearn

    sys.path[:] = _BEFORE
else:
    for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[_name] = "1"
    import argparse
    import warnings
    from time import perf_counter

    import sklearn.neural_network
    from sklearn.datasets import load_digits
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.model_selection import train_test_split

    sys.path.append(_FOLDER)
    from timing import Gates, interleaved, ratio, table

    import nn

    SOLVERS = {
        "adam": {"solver": "adam"},
        "sgd, batch 32": {"solver": "sgd", "batch_size": 32, "learning_rate_init": 0.01},
        "lbfgs": {"solver": "lbfgs"},
    }


def compare(gates, name, options, epochs, rounds):
    """The same fit by both, from the same random state; the first one of ours, which compiles, is shown by itself."""
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X / 16, y, test_size=0.2, random_state=0)
    fitted = {}

    def fit(package):
        net = package.MLPClassifier(max_iter=epochs, tol=0, random_state=0, n_iter_no_change=epochs, **options)
        fitted[package] = net.fit(X, y)

    begun = perf_counter()
    fit(nn)
    first = perf_counter() - begun
    cases = {"nn": lambda: fit(nn), "scikit-learn": lambda: fit(sklearn.neural_network)}
    times = interleaved(cases, rounds=rounds)
    done = {key: net.n_iter_ for key, net in zip(cases, (fitted[nn], fitted[sklearn.neural_network]), strict=True)}
    rows = [[key, f"{t.least / done[key] * 1e3:.2f}", f"{t.median / done[key] * 1e3:.2f}"] for key, t in times.items()]
    rows.append(["nn, first fit", f"{first / done['nn'] * 1e3:.2f}", ""])
    print(table([f"{name}: an epoch", "least ms", "median ms"], rows))
    times_theirs = ratio(times["nn"], times["scikit-learn"]) * done["scikit-learn"] / done["nn"]
    gates.check(f"{name}: {times_theirs:.2f} times scikit-learn's time an epoch (at most 1.0)", times_theirs <= 1)
    ours, theirs = (fitted[package].score(X_test, y_test) for package in (nn, sklearn.neural_network))
    gates.check(f"{name}: accuracy {ours:.4f}, scikit-learn's {theirs:.4f}", ours >= theirs - 0.01)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer epochs and rounds")
    parser.add_argument("--epochs", type=int, help="how many epochs a fit has (50, or 10 if quick)")
    options = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    epochs = options.epochs or (10 if options.quick else 50)
    gates = Gates()
    for name, arguments in SOLVERS.items():
        compare(gates, name, arguments, epochs, 5 if options.quick else 15)
    return gates.status()


if __name__ == "__main__":
    sys.exit(main())
