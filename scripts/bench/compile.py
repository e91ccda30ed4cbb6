"""The compiler: training steps, micrograd's demo, a derivative at a float, K4 and first calls, against NumPy by hand.

One BLAS thread; each pair takes turns in one process. JAX and PyTorch run in a process of their own (compilers.py),
each beside NumPy by hand there, in the interpreter given by `--python`; so does CasADi, in that given by `--casadi`.
MNIST's files in a folder add K4.

    python scripts/bench/compile.py [FOLDER] [--quick] [--numbers FILE] [--python PYTHON] [--torch-compile]
                                    [--casadi PYTHON]
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from itertools import repeat
from pathlib import Path
from time import perf_counter
from typing import Any

import demo
import mnist
import numpy as np
from record import add_option, record
from steps import ADAM_RATE, LEARNING_RATE, SIZES, Array, Size, Step, adam_by_hand, agree, by_hand, problem
from timing import Gates, Spread, interleaved, ratio, table

import autograd
import nn
from autograd import Value, grad
from autograd.compiler import program
from nn import data, functional

# At most so many times NumPy by hand with plain descent.
LIMITS = {
    "SGD": dict(zip(SIZES, (0.85, 0.97, 0.5), strict=True)),
    "Adam": dict(zip(SIZES, (1.0, 1.15, 0.6), strict=True)),
}
LEVELS, MACHINE, MACHINE_BY_HAND = 60, 250, 1.3  # times eager; times NumPy on arrays
CALL, FIRST_STEP, FIRST_DEMO = 2e-6, 0.03, 0.3  # seconds
K4 = 0.9
OPTIMIZERS: dict[str, Callable[[list[Any]], Any]] = {
    "SGD": lambda parameters: nn.optim.SGD(parameters, LEARNING_RATE),
    "Adam": lambda parameters: nn.optim.Adam(parameters, ADAM_RATE),
}
CALLS = 1000  # of a derivative, in a sample


def compiled(size: Size, update: str) -> tuple[Step, Callable[[], list[Array]]]:
    """The step by ``nn.compile_step``, and the parameters as they then are; the minibatch comes as plain arrays."""
    parameters, x, t = problem(size)
    model = nn.MLP(size.layers, "sigmoid", output="sigmoid", dtype=np.float32)
    linear = [m for m in model if isinstance(m, nn.Linear)]
    for m, W, b in zip(linear, parameters[::2], parameters[1::2], strict=True):
        m.weight.data, m.bias.data = W.T, b
    step = nn.compile_step(model, nn.MSELoss(), OPTIMIZERS[update](model.parameters()))
    return lambda: step(x, t), lambda: [p for m in linear for p in (m.weight.data.T, m.bias.data)]


def same(size: Size, update: str) -> bool:
    """Whether three steps by hand and compiled end at the same parameters."""
    hand, x, t = problem(size)
    step, state = compiled(size, update)
    for call in ((by_hand if update == "SGD" else adam_by_hand)(hand, x, t), step):
        for _ in range(3):
            call()
    return agree(state(), hand)


def steps(gates: Gates, quick: bool) -> dict[str, float]:
    """Each size and optimiser beside plain descent by hand; the multiples of it."""
    rows, ours = [], {}
    for update, limits in LIMITS.items():
        for size, limit in limits.items():
            gates.check(f"{size}, {update}: same parameters after three steps as by hand", same(size, update))
            hand, small = by_hand(*problem(size)), size.layers[0] < 100
            cases = {"SGD by hand": hand, "compiled": compiled(size, update)[0]}
            times = interleaved(cases, rounds=10 if quick else 40, number=50 if small else 8)
            case = f"{size}, {update}"
            ours[case] = ratio(times["compiled"], times["SGD by hand"])
            rows += lines(case, times)
            gates.check(f"{case}: {ours[case]:.3f} times SGD by hand, at most {limit}", ours[case] <= limit)
    print("\n" + table(["one step, float32", "least µs", "median µs", "turn / by hand"], rows), end="\n\n")
    return ours


def lines(case: str, times: dict[str, Spread]) -> list[list[str]]:
    """Rows of a table: microseconds, and multiples of the first one."""
    first = next(iter(times.values()))
    return [
        [f"{case}: {name}", f"{1e6 * s.least:.0f}", f"{1e6 * s.median:.0f}", f"{ratio(s, first):.2f}"]
        for name, s in times.items()
    ]


def others(python: Path, library: str, quick: bool, limit: float | None = None) -> dict[str, dict[str, Spread]]:
    """What compilers.py measures of a library: case -> form -> times; nothing if it takes longer than the limit."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    command = [str(python), str(Path(__file__).with_name("compilers.py")), library, "--json", *["--quick"] * quick]
    try:
        answer = subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True, text=True, timeout=limit).stdout
    except subprocess.TimeoutExpired:
        print(f"{library} is left out: it took more than {limit:.0f} s", file=sys.stderr)
        return {}
    return {case: {name: Spread(*s) for name, s in times.items()} for case, times in json.loads(answer).items()}


def peers(gates: Gates, ours: dict[str, float], options: argparse.Namespace) -> dict[str, dict[str, float]]:
    """JAX, in the best of its forms, must not be faster; the others are reported: library -> case -> multiples."""
    found: dict[str, dict[str, float]] = {}
    libraries = {"jax": None, "torch": None, **({"torch.compile": 600.0} if options.torch_compile else {})}
    for library, limit in libraries.items():
        measured = others(options.python, library, options.quick, limit)
        rows = [row for case, times in measured.items() for row in lines(case, times)]
        if rows:
            print("\n" + table([library, "least µs", "median µs", "turn / by hand"], rows), end="\n\n")
        for case, times in measured.items():
            theirs = min(ratio(s, times["by hand"]) for name, s in times.items() if name != "by hand")
            found.setdefault(library, {})[case] = theirs
            what = f"{case}: {ours[case]:.3f} times by hand, {library} {theirs:.3f}"
            if library == "jax":
                gates.check(what, ours[case] <= theirs)
            else:
                print(what)
    return found


def scalars(gates: Gates, options: argparse.Namespace) -> None:
    """Loss and gradients of micrograd's demo: eager, by levels, by the machine, and by hand in NumPy arrays."""
    loss, parameters = demo.demo(Value)
    values, hand = [p.data for p in parameters], demo.by_hand()
    expected, slopes = hand()

    def eager() -> Any:
        for p in parameters:
            p.grad = 0.0
        total = loss()
        total.backward()
        return total

    cases: dict[str, Callable[[], Any]] = {}
    has_numba = importlib.util.find_spec("numba") is not None
    for name in ["levels", "machine"] if has_numba else ["levels"]:
        one = Value(1.0)  # what is loaded for a first graph, numba above all, is there for any other
        program(one * one, [one], backend=name).value_and_gradients([2.0])
        start = perf_counter()
        run = program(loss(), parameters, backend=name)
        y, gradients = run.value_and_gradients(values)
        first = perf_counter() - start
        apart = max(abs(y - expected), *(abs(a - b) for a, b in zip(gradients, demo.flat(slopes), strict=True)))
        gates.check(f"demo, {name}: loss and gradients as by hand (furthest apart: {apart:.1e})", apart < 1e-12)
        gates.check(
            f"demo, {name}: first call {1e3 * first:.0f} ms, at most {1e3 * FIRST_DEMO:.0f}", first <= FIRST_DEMO
        )
        cases[name] = lambda run=run: run.value_and_gradients(values)
    if not has_numba:
        print("the machine is left out: it needs numba")
    rows = []
    rounds = 6 if options.quick else 30
    for name, call in cases.items():
        times = interleaved({name: call, "eager": eager}, rounds=rounds, number=3)
        times |= {f"{k} ": v for k, v in interleaved({name: call, "by hand": hand}, rounds=rounds, number=50).items()}
        rows += [[f"{k}", f"{1e6 * s.least:.0f}", f"{1e6 * s.median:.0f}"] for k, s in times.items()]
        faster, of_hand = ratio(times["eager"], times[name]), ratio(times[f"{name} "], times["by hand "])
        least = LEVELS if name == "levels" else MACHINE
        gates.check(f"demo, {name}: {faster:.0f} times as fast as eager, at least {least}", faster >= least)
        what = f"demo, {name}: {of_hand:.2f} times NumPy arrays by hand"
        if name == "machine":
            gates.check(f"{what}, at most {MACHINE_BY_HAND}", of_hand <= MACHINE_BY_HAND)
        else:
            print(what)
    print("\n" + table(["micrograd's demo", "least µs", "median µs"], rows), end="\n\n")
    if options.casadi:
        for case, times in others(options.casadi, "casadi", options.quick).items():
            print(f"{case}: CasADi {ratio(times['CasADi'], times['by hand']):.2f} times NumPy arrays by hand")


def derivative(gates: Gates, quick: bool) -> None:
    """One call of a compiled derivative at a float."""
    f = lambda x: autograd.sin(x**3 + 5)
    eager, fast = grad(f), autograd.compile(grad(f))
    gates.check(f"grad(f)(1.0) is {fast(1.0)!r}, as eager", fast(1.0) == eager(1.0))

    def many(call: Callable[[float], float], n: int) -> Callable[[], None]:
        def run() -> None:
            for _ in repeat(None, n):
                call(1.0)

        return run

    times = interleaved(
        {"compiled": many(fast, CALLS), "eager": many(eager, CALLS // 10)}, rounds=10 if quick else 40, number=3
    )
    each = sorted(times["compiled"].turns)[len(times["compiled"].turns) // 2] / CALLS
    slow = sorted(times["eager"].turns)[len(times["eager"].turns) // 2] / (CALLS // 10)
    gates.check(
        f"compile(grad(f))(1.0): {1e6 * each:.2f} µs, at most {1e6 * CALL:.0f} (eager {1e6 * slow:.1f})", each <= CALL
    )


def first_calls(gates: Gates) -> None:
    """The first step of a new model, whose program is not known: the median of some, the compiler being imported."""
    for size in SIZES:
        taken = []
        for _ in range(7):
            step, _ = compiled(size, "SGD")
            start = perf_counter()
            step()
            taken.append(perf_counter() - start)
        median = sorted(taken)[len(taken) // 2]
        gates.check(f"{size}: first step {1e3 * median:.1f} ms, at most {1e3 * FIRST_STEP:.0f}", median <= FIRST_STEP)


def k4(gates: Gates, options: argparse.Namespace) -> None:
    """K4 by ``nn.fit(compiled=True)`` beside the same arithmetic by hand; then all of it, with its accuracy."""
    X, y, X_test, y_test = data.mnist(options.folder, reduce=14)
    T = functional.one_hot(y, 10)
    order = np.arange(len(X) // mnist.BATCH * mnist.BATCH).reshape(-1, mnist.BATCH)
    inputs, targets = X[order.ravel()], T[order.ravel()]
    hand = mnist.start(mnist.SIZES, np.random.default_rng(1))

    def fit(model: Any, inputs: Array, targets: Array, epochs: int = 1, **settings: Any) -> Any:
        optimizer = nn.optim.SGD(model.parameters(), mnist.RATE)
        return nn.fit(
            model, inputs, targets, loss=mnist.half_square, optimizer=optimizer, batch_size=mnist.BATCH,
            epochs=epochs, progress=False, compiled=True, **settings,
        )  # fmt: skip

    model = mnist.net(mnist.start(mnist.SIZES, np.random.default_rng(1)))
    history = fit(model, inputs, targets, shuffle=False)
    for chosen in order:
        mnist.by_hand(hand, X, T, chosen)
    linear = [(m.weight.data.T, m.bias.data) for m in model if isinstance(m, nn.Linear)]
    gates.check(
        "K4: fit compiled the step, and gives the parameters by hand to 1e-9",
        history.compiled is True and mnist.same(linear, hand),
    )
    shuffled = lambda: np.random.default_rng(1).permutation(order)
    times = interleaved(
        {
            "by hand": lambda: [mnist.by_hand(hand, X, T, chosen) for chosen in shuffled()],
            "fit, compiled": lambda: fit(model, inputs, targets, rng=1),
        },
        rounds=3 if options.quick else 9,
    )  # fmt: skip
    took = ratio(times["fit, compiled"], times["by hand"])
    gates.check(f"K4: {took:.3f} times NumPy by hand, at most {K4}", took <= K4)
    if options.quick:
        return
    rng = np.random.default_rng(0)
    model, start = mnist.net(mnist.start(mnist.SIZES, rng)), perf_counter()
    fit(model, X, T, epochs=round(mnist.MINIBATCHES * mnist.BATCH / len(X)), rng=rng)
    right = mnist.accuracy(model, X_test, y_test)
    gates.check(f"K4: {right:.4f} on the test set in {perf_counter() - start:.0f} s, at least 0.970", right >= 0.970)


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", help="where MNIST's four IDX files are")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, and no training of K4")
    parser.add_argument(
        "--python", type=Path, default=Path(sys.executable), help="interpreter that has JAX and PyTorch"
    )
    parser.add_argument("--torch-compile", action="store_true", help="torch.compile too, which takes minutes")
    parser.add_argument("--casadi", type=Path, metavar="PYTHON", help="interpreter that has CasADi")
    add_option(parser)
    options = parser.parse_args()
    gates = Gates()
    derivative(gates, options.quick)
    first_calls(gates)
    ours = steps(gates, options.quick)
    theirs = peers(gates, ours, options)
    scalars(gates, options)
    if options.folder:
        k4(gates, options)
    numbers = {
        f"compile.{size.net}.{update.lower()}.{library}": (multiples[case], ".2f")
        for library, multiples in {"graphgrad": ours, "jax": theirs.get("jax", {})}.items()
        for update, limits in LIMITS.items()
        for size in limits
        if (case := f"{size}, {update}") in multiples
    }
    record(options.numbers, numbers)
    return gates.status()


if __name__ == "__main__":
    sys.exit(main())
