"""Derived functions: each function that is written in other ops, against the same calls made by hand in NumPy.

The function runs on Tensors, recording. Beside it stand, on arrays: the very calls that it recorded, one after the
other, views staying views until the result ("calls"); and NumPy's own function of that name ("NumPy"), which may be
fused. A result that is a view is copied on all sides, because a node owns its memory. Functions whose result is no
array (shape, ndim, size) are left out.

    python scripts/bench/derived.py [--quick] [--size N] [FUNCTION ...]
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import sys
from collections.abc import Callable, Iterator
from math import isqrt
from typing import Any, NamedTuple

import numpy as np
import scipy.special
from timing import Gates, interleaved, ratio, table

from autograd import Tensor
from autograd.engine.node import Node, functions, registry
from autograd.engine.op import Op
from autograd.graph import toposort
from autograd.namespaces import arrays

LIMIT = 1.3
# Recording an op takes some microseconds whatever the size: what is judged calculates for longer, in seconds.
FIXED = 100e-6


class Data(NamedTuple):
    """The operands of the calls: vectors and square matrices of about a number of elements."""

    x: Any  # vectors
    y: Any
    a: Any  # matrices
    b: Any
    small: Any  # a matrix of 10 rows and columns, for products of blocks
    short: Any  # a vector as long as a matrix has rows
    places: Any  # of elements, as many as the vectors have
    solid: Any  # a well-conditioned matrix of 300 rows


def data(size: int) -> Data:
    """Vectors of `size` numbers, and matrices of about as many."""
    rng = np.random.default_rng(0)
    n = isqrt(size) // 20 * 20
    x, y, a, b = (rng.uniform(0.5, 1.5, shape) for shape in (size, size, (n, n), (n, n)))
    return Data(
        x, y, a, b, rng.uniform(0.5, 1.5, (10, 10)), a[0].copy(), rng.integers(0, size, size),
        np.eye(300) + rng.uniform(0.0, 0.001, (300, 300)),
    )  # fmt: skip


# A call of each, as arguments; where NumPy's function takes others, they follow.
CALLS: dict[str, Callable[[Data], tuple[Any, ...]]] = {
    "all": lambda d: (d.a, 0),
    "any": lambda d: (d.a, 0),
    "append": lambda d: (d.x, d.y),
    "argwhere": lambda d: (d.a > 1,),
    "around": lambda d: (d.x, 3),
    "array": lambda d: (d.a,),
    "array_split": lambda d: (d.a, 3),
    "asanyarray": lambda d: ([d.x, d.y],),
    "asarray": lambda d: ([d.x, d.y],),
    "asarray_chkfinite": lambda d: (d.x,),
    "ascontiguousarray": lambda d: ([d.x, d.y],),
    "asfortranarray": lambda d: ([d.x, d.y],),
    "astype": lambda d: (d.x, np.float32),
    "atleast_1d": lambda d: (d.x, d.y),
    "atleast_2d": lambda d: (d.x,),
    "atleast_3d": lambda d: (d.a,),
    "average": lambda d: (d.x, None, d.y),
    "bincount": lambda d: (d.places, d.x),
    "bitwise_and": lambda d: (d.x > 1, d.y > 1),
    "bitwise_or": lambda d: (d.x > 1, d.y > 1),
    "bitwise_xor": lambda d: (d.x > 1, d.y > 1),
    "block": lambda d: ([[d.a, d.b], [d.b, d.a]],),
    "broadcast_arrays": lambda d: (d.a, d.short),
    "choose": lambda d: ((d.x > 1).astype(int), [d.x, d.y]),
    "clip": lambda d: (d.x, 0.8, 1.2),
    "column_stack": lambda d: ([d.x, d.y],),
    "compress": lambda d: (d.x > 1, d.y),
    "concatenate": lambda d: ([d.a, d.b], 1),
    "cond": lambda d: (d.solid,),
    "conjugate": lambda d: (d.x,),
    "convolve": lambda d: (d.x, d.short[:30]),
    "copysign": lambda d: (d.x, d.y - 1),
    "corrcoef": lambda d: (d.solid,),
    "correlate": lambda d: (d.x, d.short[:30], "same"),
    "count_nonzero": lambda d: (d.a, 0),
    "cov": lambda d: (d.solid,),
    "cross": lambda d: (d.x[: len(d.x) // 3 * 3].reshape(-1, 3), d.y[: len(d.y) // 3 * 3].reshape(-1, 3)),
    "cumulative_prod": lambda d: (d.x,),
    "cumulative_sum": lambda d: (d.x,),
    "deg2rad": lambda d: (d.x,),
    "degrees": lambda d: (d.x,),
    "delete": lambda d: (d.x, d.places[:10]),
    "diagflat": lambda d: (d.short,),
    "diff": lambda d: (d.x,),
    "digamma": lambda d: (d.x,),
    "digitize": lambda d: (d.x, np.sort(d.short)),
    "divmod": lambda d: (d.x, d.y),
    "dot": lambda d: (d.solid, d.solid),
    "dsplit": lambda d: (d.a.reshape(10, 10, -1), 2),
    "dstack": lambda d: ([d.a, d.b],),
    "ediff1d": lambda d: (d.x,),
    "eig": lambda d: (d.small + d.small.T,),
    "eigh": lambda d: (d.solid,),
    "eigvals": lambda d: (d.small + d.small.T,),
    "eigvalsh": lambda d: (d.solid,),
    "einsum": lambda d: ("ij,ij->i", d.a, d.b),
    "extract": lambda d: (d.x > 1, d.y),
    "fix": lambda d: (d.x,),
    "fliplr": lambda d: (d.a,),
    "flipud": lambda d: (d.a,),
    "float_power": lambda d: (d.x, d.y),
    "fmax": lambda d: (d.x, d.y),
    "fmin": lambda d: (d.x, d.y),
    "full": lambda d: (d.a.shape, d.short),
    "full_like": lambda d: (d.a, d.short),
    "geomspace": lambda d: (d.short, 2.0, len(d.short)),
    "gradient": lambda d: (d.x,),
    "hsplit": lambda d: (d.a, 2),
    "hstack": lambda d: ([d.a, d.b],),
    "i0": lambda d: (d.x,),
    "imag": lambda d: (d.x,),
    "inner": lambda d: (d.solid, d.solid.copy()),  # BLAS knows a matrix times its own transpose
    "insert": lambda d: (d.x, d.places[:10], 0.0),
    "interp": lambda d: (d.x, np.sort(d.short), d.short),
    "intersect1d": lambda d: (d.x, d.x[:100]),
    "invert": lambda d: (d.x > 1,),
    "isclose": lambda d: (d.x, d.y),
    "iscomplex": lambda d: (d.x,),
    "isin": lambda d: (d.x, d.short),
    "isneginf": lambda d: (d.x,),
    "isposinf": lambda d: (d.x,),
    "isreal": lambda d: (d.x,),
    "iv": lambda d: (1, d.x),
    "ive": lambda d: (1, d.x),
    "ix_": lambda d: (d.x > 1, d.y > 1),
    "jv": lambda d: (1, d.x),
    "kron": lambda d: (d.a[: len(d.a) // 10, : len(d.a) // 10].copy(), d.small),
    "kv": lambda d: (1, d.x),
    "ldexp": lambda d: (d.x, d.places % 8),
    "lexsort": lambda d: ([d.x, d.places],),
    "linspace": lambda d: (d.short, 2.0, len(d.short)),
    "logical_xor": lambda d: (d.x > 1, d.y > 1),
    "logspace": lambda d: (d.short, 2.0, len(d.short)),
    "lstsq": lambda d: (d.solid[:, :50].copy(), d.solid[0].copy()),
    "matrix_norm": lambda d: (d.a,),
    "matrix_power": lambda d: (d.solid, 5),
    "matrix_rank": lambda d: (d.solid,),
    "matrix_transpose": lambda d: (d.a,),
    "matvec": lambda d: (d.a, d.short),
    "median": lambda d: (d.a, 1),
    "meshgrid": lambda d: (d.short, d.short),
    "modf": lambda d: (d.x,),
    "multi_dot": lambda d: ([d.solid, d.solid, d.solid[0].copy()],),
    "nan_to_num": lambda d: (d.x,),
    "nanargmax": lambda d: (d.a, 1),
    "nanargmin": lambda d: (d.a, 1),
    "nancumprod": lambda d: (d.x,),
    "nancumsum": lambda d: (d.x,),
    "nanmax": lambda d: (d.a, 1),
    "nanmean": lambda d: (d.a, 1),
    "nanmedian": lambda d: (d.a, 1),
    "nanmin": lambda d: (d.a, 1),
    "nanpercentile": lambda d: (d.x, 30.0),
    "nanprod": lambda d: (d.a, 1),
    "nanquantile": lambda d: (d.x, 0.3),
    "nanstd": lambda d: (d.a, 1),
    "nansum": lambda d: (d.a, 1),
    "nanvar": lambda d: (d.a, 1),
    "nonzero": lambda d: (d.a > 1,),
    "norm": lambda d: (d.a, 1),
    "ones_like": lambda d: (d.a,),
    "outer": lambda d: (d.short, d.short),
    "pad": lambda d: (d.a, 2),
    "percentile": lambda d: (d.a, 30.0, 1),
    "pinv": lambda d: (d.solid,),
    "poly": lambda d: (d.short[:30],),
    "polyadd": lambda d: (d.x, d.y),
    "polyder": lambda d: (d.x,),
    "polygamma": lambda d: (1, d.x),
    "polyint": lambda d: (d.x,),
    "polysub": lambda d: (d.x, d.y),
    "polyval": lambda d: (d.short[:10], d.x),
    "ptp": lambda d: (d.a, 1),
    "qr": lambda d: (d.solid,),
    "quantile": lambda d: (d.x, 0.3),
    "rad2deg": lambda d: (d.x,),
    "radians": lambda d: (d.x,),
    "ravel": lambda d: (d.a,),
    "real": lambda d: (d.x,),
    "real_if_close": lambda d: (d.x,),
    "reciprocal": lambda d: (d.x,),
    "resize": lambda d: (d.x, 2 * len(d.x)),
    "rollaxis": lambda d: (d.a, 1),
    "round": lambda d: (d.x, 3),
    "select": lambda d: ([d.x > 1.2, d.x > 0.8], [d.x, d.y]),
    "setdiff1d": lambda d: (d.x, d.short),
    "setxor1d": lambda d: (d.x, d.short),
    "slogdet": lambda d: (d.solid,),
    "sort": lambda d: (d.a,),
    "split": lambda d: (d.a, 2),
    "square": lambda d: (d.x,),
    "stack": lambda d: ([d.x, d.y],),
    "svd": lambda d: (d.solid,),
    "svdvals": lambda d: (d.solid,),
    "take": lambda d: (d.x, d.places),
    "take_along_axis": lambda d: (d.x, d.places, 0),
    "tensordot": lambda d: (d.solid, d.solid, 1),
    "tensorinv": lambda d: (d.solid, 1),
    "tensorsolve": lambda d: (d.solid, d.solid[0].copy()),
    "trace": lambda d: (d.a,),
    "trapezoid": lambda d: (d.a,),
    "union1d": lambda d: (d.x, d.short),
    "unique": lambda d: (d.x,),
    "unstack": lambda d: (d.a[:10],),
    "unwrap": lambda d: (9 * d.x,),
    "vander": lambda d: (d.x[: len(d.x) // 10], 10),
    "vdot": lambda d: (d.x, d.y),
    "vecdot": lambda d: (d.a, d.b),
    "vecmat": lambda d: (d.short, d.a),
    "vector_norm": lambda d: (d.x,),
    "vsplit": lambda d: (d.a, 2),
    "vstack": lambda d: ([d.x, d.y],),
    "yv": lambda d: (1, d.x),
}
# What calls a function of the user's, or gives no array: True or False, places that only a shape decides, a dtype;
# or an order that NumPy leaves open.
NO_ARRAYS = {
    "allclose", "apply_along_axis", "apply_over_axes", "array_equal", "array_equiv", "diag_indices_from", "empty_like",
    "iscomplexobj", "isrealobj", "isscalar", "iterable", "ndim", "partition", "piecewise", "result_type", "row_stack",
    "shape", "size", "tril_indices_from", "triu_indices_from",
}  # fmt: skip


def derived() -> list[str]:
    """NumPy's names of the functions that are written in other ops."""
    return sorted(n for n, f in functions().items() if not isinstance(f, Op) and n not in NO_ARRAYS)


def mapped(change: Callable[[Any], Any], x: Any) -> Any:
    """A call's arguments with its arrays changed, those in lists too."""
    if isinstance(x, (list, tuple)):
        return type(x)(mapped(change, a) for a in x)
    return change(x) if isinstance(x, np.ndarray) else x


def listed(results: Any) -> list[Any]:
    """One result or several, as a list."""
    return list(results) if isinstance(results, (list, tuple)) else [results]


def owned(results: list[Any]) -> list[Any]:
    """Results, of which those that are views are copied."""
    return [y.copy() if isinstance(y, np.ndarray) and y.base is not None else y for y in results]


def by_hand(outputs: list[Any]) -> Callable[[], Any]:
    """The calls that made some nodes, as they would be written in NumPy."""
    order = toposort([y for y in outputs if isinstance(y, Node)])
    place = {node: i for i, node in enumerate(order)}
    indices = [place[y] for y in outputs if isinstance(y, Node)]
    known = [node.data if node.op is None else None for node in order]
    calls = [(place[n], n.op.forward, [place[p] for p in n.parents], dict(n.params)) for n in order if n.op is not None]

    def composition() -> list[Any]:
        values = known.copy()
        for i, forward, parents, params in calls:
            values[i] = forward(arrays, *[values[p] for p in parents], **params)
        return owned([values[i] for i in indices])

    return composition


def measure(names: list[str], size: int, rounds: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """For each function the times of its three forms."""
    operands = data(size)
    for name in names:
        args = CALLS[name](operands)
        nodes = mapped(Tensor, args)
        ours = getattr(registry, name)
        theirs = getattr(np, name, None) or getattr(np.linalg, name, None) or getattr(scipy.special, name)
        cases: dict[str, Callable[[], Any]] = {
            "ours": lambda ours=ours, nodes=nodes: ours(*nodes),
            "calls": by_hand(listed(ours(*nodes))),
            "numpy": lambda theirs=theirs, args=args: owned(listed(theirs(*args))),
        }
        for expected, y in zip(listed(theirs(*args)), listed(ours(*nodes)), strict=True):
            np.testing.assert_allclose(y.data if isinstance(y, Node) else y, expected, rtol=1e-10, err_msg=name)
        yield name, interleaved(cases, rounds=rounds, number=3)


def misses(times: dict[str, Any]) -> bool:
    """Whether a function takes too long beside the same calls."""
    return bool(times["calls"].least > FIXED and ratio(times["ours"], times["calls"]) > LIMIT)


def main() -> int:
    """Print a table for each size, and the gates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help="NumPy's names; by default all")
    parser.add_argument("--size", type=int, action="append", help="elements in a vector; by default 100000 and 1000000")
    parser.add_argument("--quick", action="store_true", help="few rounds, one size")
    options = parser.parse_args()
    sizes = options.size or ([100_000] if options.quick else [100_000, 1_000_000])
    gates = Gates()
    names = options.functions or derived()
    gates.check("every derived function is timed", set(CALLS) == set(derived()))
    rounds = 7 if options.quick else 15
    for size in sizes:
        print(f"\n{size} elements")
        timings = dict(measure(names, size, rounds))
        # A slow spell of the machine may fall on one function: what misses is timed once more, for longer.
        timings |= measure([name for name, times in timings.items() if misses(times)], size, 3 * rounds)
        rows = []
        for name, times in timings.items():
            micros = [f"{1e6 * times[k].least:.0f}" for k in ("ours", "calls", "numpy")]
            rows.append([name, *micros, *(f"{ratio(times['ours'], times[k]):.2f}" for k in ("calls", "numpy"))])
        print(table(["function", "ours µs", "calls µs", "NumPy µs", "ours/calls", "ours/NumPy"], rows))
        slow = ", ".join(name for name, times in timings.items() if misses(times))
        judged = f"at most {LIMIT} times the same calls, where these take {1e6 * FIXED:.0f} µs"
        gates.check(f"{judged}{': not ' * bool(slow)}{slow}", not slow)
    return gates.status()


if __name__ == "__main__":
    sys.exit(main())
