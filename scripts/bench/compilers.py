"""Compilers: the steps of compile.py by ``jax.jit``, in PyTorch and by ``torch.compile``; the demo in CasADi.

Each beside the same by hand in NumPy, in one process; runs in an environment that has the library and needs nothing of
this package. What is not installed is left out.

    python scripts/bench/compilers.py {jax,torch,torch.compile,casadi} [--quick] [--json]
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

import demo
import numpy as np
from peers import torch_manual, torch_sgd
from steps import ADAM_RATE, BETAS, EPS, LEARNING_RATE, SIZES, Array, Size, Step, adam_by_hand, agree, by_hand, problem
from timing import Spread, interleaved, ratio, table

# Of parameters, inputs and targets: each form's name, step, and the parameters as they then are.
Form = tuple[str, Step, Callable[[], list[Array]]]
Forms = Callable[[list[Array], Array, Array], Iterator[Form]]


def _jax(update: str) -> Forms:
    """The step as one function under ``jax.jit``: donated or not, the minibatch on the device or from NumPy."""

    def forms(parameters: list[Array], x: Array, t: Array) -> Iterator[Form]:
        import jax
        import jax.numpy as jnp

        def loss(parameters: list[Any], x: Any, t: Any) -> Any:
            for W, b in zip(parameters[::2], parameters[1::2], strict=True):
                x = jax.nn.sigmoid(x @ W + b)
            return ((x - t) ** 2).mean()

        def descend(state: Any, x: Any, t: Any) -> Any:
            value, gradients = jax.value_and_grad(loss)(state, x, t)
            return [p - LEARNING_RATE * g for p, g in zip(state, gradients, strict=True)], value

        def adam(state: Any, x: Any, t: Any) -> Any:
            parameters, means, squares, count = state
            value, gradients = jax.value_and_grad(loss)(parameters, x, t)
            (beta1, beta2), count = BETAS, count + 1
            means = [beta1 * m + (1 - beta1) * g for m, g in zip(means, gradients, strict=True)]
            squares = [beta2 * v + (1 - beta2) * g * g for v, g in zip(squares, gradients, strict=True)]
            rate, bias = ADAM_RATE / (1 - beta1**count), 1 - beta2**count
            rows = zip(parameters, means, squares, strict=True)
            return ([p - rate * m / (jnp.sqrt(v / bias) + EPS) for p, m, v in rows], means, squares, count), value

        rule = descend if update == "SGD" else adam
        for name, options, on_device in (
            ("donated, on the device", {"donate_argnums": 0}, True),
            ("on the device", {}, True),
            ("donated, from NumPy", {"donate_argnums": 0}, False),
        ):
            step = jax.jit(rule, **options)
            state: Any = [jnp.array(p) for p in parameters]
            if update == "Adam":
                state = (state, *([jnp.zeros_like(p) for p in state] for _ in range(2)), jnp.array(0.0, jnp.float32))
            batch = (jnp.array(x), jnp.array(t)) if on_device else (x, t)
            held = [state]

            def run(step: Any = step, held: list[Any] = held, batch: Any = batch) -> None:
                held[0], value = step(held[0], *batch)
                jax.block_until_ready((held[0], value))

            yield name, run, lambda held=held: [np.asarray(p) for p in (held[0] if update == "SGD" else held[0][0])]

    return forms


def _torch(update: str) -> Forms:
    def forms(parameters: list[Array], x: Array, t: Array) -> Iterator[Form]:
        if update == "SGD":
            yield ("no_grad", *torch_manual(parameters, x, t))
            yield ("SGD", *torch_sgd(parameters, x, t))
            return
        import torch

        rule = lambda leaves: torch.optim.Adam(leaves, lr=ADAM_RATE, betas=BETAS, eps=EPS)
        yield ("Adam", *torch_sgd(parameters, x, t, rule))

    return forms


def _torch_compiled(parameters: list[Array], x: Array, t: Array) -> Iterator[Form]:
    """Forward and backward pass compiled; the update under no_grad."""
    import torch

    torch._dynamo.reset()
    yield ("forward and backward", *torch_manual(parameters, x, t, torch.compile))


STEPS: dict[str, dict[str, Forms]] = {
    "jax": {"SGD": _jax("SGD"), "Adam": _jax("Adam")},
    "torch": {"SGD": _torch("SGD"), "Adam": _torch("Adam")},
    "torch.compile": {"SGD": _torch_compiled},
}


def measure(size: Size, update: str, forms: Forms, quick: bool) -> dict[str, Spread]:
    """Seconds a step of SGD by hand, and of each form of the update that agrees with it by hand."""
    hand, x, t = problem(size)
    expected, *_ = problem(size)
    reference = (by_hand if update == "SGD" else adam_by_hand)(expected, x, t)
    for _ in range(3):
        reference()
    cases: dict[str, Step] = {"by hand": by_hand(hand, x, t)}
    for name, step, state in forms(problem(size)[0], x, t):
        start = perf_counter()
        step()
        print(f"{size}, {update}, {name}: first call {perf_counter() - start:.2f} s", file=sys.stderr)
        for _ in range(2):
            step()
        if not agree([np.asarray(p) for p in state()], expected):
            raise SystemExit(f"{update}, {name}, {size}: other parameters after three steps than by hand")
        cases[name] = step
    small = size.layers[0] < 100
    return interleaved(cases, rounds=10 if quick else 40, number=50 if small else 8)


def casadi_demo(quick: bool) -> dict[str, Spread]:
    """Loss and gradients of micrograd's demo as CasADi's SX, called with buffers, and by hand in NumPy arrays."""
    import casadi

    class Scalar:
        """An SX with the names that the demo uses."""

        def __init__(self, sx: Any) -> None:
            self.sx = casadi.SX(sx)

        def __add__(self, other: Any) -> "Scalar":
            return Scalar(self.sx + getattr(other, "sx", other))

        def __mul__(self, other: Any) -> "Scalar":
            return Scalar(self.sx * getattr(other, "sx", other))

        __radd__, __rmul__ = __add__, __mul__

        def relu(self) -> "Scalar":
            return Scalar(casadi.fmax(self.sx, 0))

    loss, parameters = demo.demo(Scalar)
    start = [float(p.sx) for p in parameters]
    leaves = casadi.SX.sym("p", len(parameters))
    for k, p in enumerate(parameters):
        p.sx = leaves[k]
    total = loss().sx
    f = casadi.Function("f", [leaves], [total, casadi.gradient(total, leaves)])
    hand = demo.by_hand()
    value, gradients = hand()
    got, slopes = f(start)
    if abs(float(got) - value) > 1e-12 or not np.allclose(np.ravel(slopes), demo.flat(gradients), rtol=0, atol=1e-12):
        raise SystemExit("CasADi: other numbers than by hand")
    buffer, call = f.buffer()
    values, out, slope = np.array(start), np.zeros(1), np.zeros(len(start))
    buffer.set_arg(0, memoryview(values))
    buffer.set_res(0, memoryview(out))
    buffer.set_res(1, memoryview(slope))
    return interleaved({"by hand": hand, "CasADi": call}, rounds=10 if quick else 40, number=50)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", choices=[*STEPS, "casadi"])
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument(
        "--json", action="store_true", help="case -> form -> [min, median, [min of each turn]] in seconds"
    )
    options = parser.parse_args()
    times: dict[str, dict[str, Spread]] = {}
    try:
        if options.library == "casadi":
            times["micrograd's demo"] = casadi_demo(options.quick)
        else:
            for update, forms in STEPS[options.library].items():
                for size in SIZES:
                    times[f"{size}, {update}"] = measure(size, update, forms, options.quick)
    except ImportError as error:
        print(f"{options.library} is left out: {error}", file=sys.stderr)
    if options.json:
        print(json.dumps(times))
        return
    rows = [
        [f"{case}: {name}", f"{1e6 * s.least:.0f}", f"{1e6 * s.median:.0f}", f"{ratio(s, measured['by hand']):.2f}"]
        for case, measured in times.items()
        for name, s in measured.items()
    ]
    print(table(["", "min, µs", "median", "turn / by hand"], rows))


if __name__ == "__main__":
    main()
