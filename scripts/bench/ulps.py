"""The worst error of each op's value and derivatives at hard points, in ulp, against mpmath; in float64 and float32.

Points are tiny, huge, near kinks, near overflow and where terms cancel. What is more than 4 ulp (units in the last
place) off must be stated in the op's record, with its reason (`Op.caveat`), from where the op page has it. Arguments
are normal numbers, and results that are not may be rounded to 0. Value and Tensor are judged.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import mpmath as mp
import numpy as np

from autograd import Tensor, Value, gradients
from autograd.engine.op import Op
from autograd.namespaces import arrays
from autograd.ops import table

BOUND = 4.0  # ulp
# Decimal digits to calculate with: the step of a difference is 2⁻¹⁰⁰ of a number that may be the smallest.
DIGITS = {np.float64: 700, np.float32: 150}
Exact = Callable[..., Any]


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def _softplus(x: Any) -> Any:
    return mp.log(1 + mp.exp(x))


def _log_gamma(x: Any) -> Any:
    return mp.re(mp.loggamma(x))


def _inverse_erfc(x: Any) -> Any:
    """By Newton's method from a float's digits on, of the logarithm, which is nearly a parabola."""
    if not 0 < x < 2:
        raise ValueError
    y = mp.mpf(float(arrays.erfcinv(float(x))))
    if x > 1e-3:
        return mp.findroot(lambda y: mp.erfc(y) - x, y)
    return mp.findroot(lambda y: mp.log(mp.erfc(y)) - mp.log(x), y)


# Those that round nothing, or once.
ROUND_ONCE = frozenset({
    "abs", "add", "fmod", "heaviside", "maximum", "minimum", "mod", "neg", "positive", "relu", "sub", "where",
})  # fmt: skip
# The exact values of all others.
OPS: dict[str, Exact] = {
    "arccos": mp.acos,
    "arccosh": lambda x: mp.log(x + mp.sqrt(x - 1) * mp.sqrt(x + 1)),
    "arcsin": mp.asin,
    "arcsinh": lambda x: mp.sign(x) * mp.log(abs(x) + mp.sqrt(x * x + 1)),
    "arctan": mp.atan,
    "arctan2": mp.atan2,
    "bessel": lambda x, family, order: {"jv": mp.besselj, "iv": mp.besseli, "yv": mp.bessely}[family](order, x),
    "betaln": lambda a, b: _log_gamma(a) + _log_gamma(b) - _log_gamma(a + b),
    "arctanh": lambda x: mp.log((1 + x) / (1 - x)) / 2,
    "binary_cross_entropy": lambda p, t: -t * mp.log(p) - (1 - t) * mp.log(1 - p),
    "binary_cross_entropy_with_logits": lambda x, t, w: w * t * _softplus(-x) + (1 - t) * _softplus(x),
    "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "cos": mp.cos,
    "cosh": mp.cosh,
    "div": lambda a, b: a / b,
    "elu": lambda x, alpha: x if x > 0 else alpha * (mp.exp(x) - 1),
    "erf": mp.erf,
    "erfc": mp.erfc,
    "erfcinv": lambda x: _inverse_erfc(x),
    "erfcx": lambda x: mp.exp(x * x) * mp.erfc(x),
    "erfinv": lambda x: _inverse_erfc(1 - x),
    "exp": mp.exp,
    "exp2": lambda x: mp.power(2, x),
    "expm1": lambda x: mp.exp(x) - 1,
    "gamma": mp.gamma,
    "gammaln": lambda x: _log_gamma(x),
    "hypot": lambda a, b: mp.sqrt(a * a + b * b),
    "log": mp.log,
    "log10": lambda x: mp.log(x) / mp.log(10),
    "log1p": lambda x: mp.log(1 + x),
    "log2": lambda x: mp.log(x) / mp.log(2),
    "logaddexp": lambda a, b: max(a, b) + _softplus(-abs(a - b)),
    "logaddexp2": lambda a, b: max(a, b) + mp.log(1 + mp.power(2, -abs(a - b))) / mp.log(2),
    "mul": lambda a, b: a * b,
    "polygamma_of_order": lambda x, n: mp.psi(int(n), x),
    "pow": mp.power,
    "pow_number": lambda x, exponent: mp.power(x, exponent),
    "sigmoid": _sigmoid,
    "sin": mp.sin,
    "sinc": lambda x, order: mp.sincpi(x),
    "sinh": mp.sinh,
    "softplus": lambda x: max(x, mp.mpf(0)) + mp.log(1 + mp.exp(-abs(x))),
    "sqrt": mp.sqrt,
    "tan": mp.tan,
    "tanh": mp.tanh,
}
PARAMS: dict[str, tuple[dict[str, Any], ...]] = {
    "elu": ({"alpha": 1.0}, {"alpha": 0.3}),
    "bessel": ({"family": "jv", "order": 0}, {"family": "iv", "order": 1}, {"family": "yv", "order": 1.5}),
    "polygamma_of_order": ({"n": 0}, {"n": 1}),
    "sinc": ({"order": 0},),
    "pow_number": tuple({"exponent": c} for c in (2, 3, -1, 0.5, -1.5, 10, 0.125)),
}
SIZES = (
    0.0, 1e-200, 1e-160, 1e-40, 1e-25, 1e-16, 1e-8, 1e-5, 1e-3, 0.1, 0.3, 0.499999, 0.5, 0.7, 0.9, 0.999999,
    1 - 2**-53, 1.0, 1 + 2**-52, 1.5, 2.0, 3.0, 4.37, 5.5, 6.113, 8.9, 9.01, 13.77, 17.5, 19.31, 23.456, 26.1, 37.0,
    40.0, 65.4321, 88.0, 89.5, 100.0, 126.5, 300.0, 354.5, 611.37,
    700.0, 709.7, 745.0, 1023.7, 1024.0, 1e5, 1e8, 1e16, 1e20, 1e38, 1e100, 1e155, 1e200, 1e307, 1.7e308,
)  # fmt: skip
FEW = (
    0.0, 1e-200, 1e-35, 1e-20, 1e-9, 0.1, 0.9, 1.0, 1.57, 3.0, 20.0, 40.0, 100.0, 745.0, 1e8, 1e19, 1e30, 1e160, 1e308,
)  # fmt: skip


# Where SciPy's functions are swept: beyond lie what overflows, or sines of large numbers.
_LIMITS = {
    "bessel": (1e-30, 700.0), "betaln": (1e-30, 1e8), "erfcx": (-26.0, 1e8), "gamma": (-170.0, 171.0),
    "gammaln": (-1e3, 1e100), "polygamma_of_order": (-40.0, 1e8), "sinc": (-1e6, 1e6),
}  # fmt: skip


def within(op: Op[Any], args: Sequence[Any]) -> bool:
    """Whether an op means anything at a point."""
    if op.__name__ == "binary_cross_entropy":
        return all(0 <= a <= 1 for a in args) and args[0] > 1e-43  # below lies PyTorch's limit
    if op.__name__ == "binary_cross_entropy_with_logits":
        return 0 <= args[1] <= 1 and args[2] >= 0.1
    if op.__name__ in _LIMITS:
        low, high = _LIMITS[op.__name__]
        return all(low <= float(a) <= high for a in args)
    return op.__name__ != "pow" or args[0] >= 0 or abs(args[1]) < 2**24  # larger ones are all even


def _spread(xs: Sequence[Any]) -> Any:
    mean = sum(xs) / len(xs)
    return sum((x - mean) ** 2 for x in xs) / len(xs)


def _log_sum(xs: Sequence[Any]) -> Any:
    return max(xs) + mp.log(sum(mp.exp(x - max(xs)) for x in xs))


# Of a row of numbers, what an op gives; where that is a row, its first number.
ROWS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "euclidean_norm": lambda xs: mp.sqrt(sum(x * x for x in xs)),
    "log_softmax": lambda xs: xs[0] - _log_sum(xs),
    "logsumexp": _log_sum,
    "mean": lambda xs: sum(xs) / len(xs),
    "prod": mp.fprod,
    "softmax": lambda xs: mp.exp(xs[0] - _log_sum(xs)),
    "std": lambda xs: mp.sqrt(_spread(xs)),
    "var": _spread,
}
DATA = (
    (1.0, 2.0, 4.0), (0.1, 0.2, 0.3, 0.7), (1e-200, 3e-200), (1e200, 3e200), (1e-30, 3e-30), (1e30, 3e30), (1e-20, 1.0),
    (1e-300, 2e-300, 5e-300), (2e307, 9e307), (1000.0, -1000.0, 0.0), (-745.0, -746.5, -1000.0), (0.0, 40.0),
    (88.5, 89.0, 3.0), (40.0, 0.0), (1e-5, 2e-5, -1e-5), (1e16, 1.0, 3.0), (60.0, 0.1), (1e150, 1.0, 1e-150),
)  # fmt: skip


class Case(NamedTuple):
    """An op at a point."""

    op: Op[Any]
    args: tuple[Any, ...]  # NumPy's numbers, or for a reduction one row of them
    params: dict[str, Any]


class Error(NamedTuple):
    """How far a number is from the exact one, in units in the last place."""

    of: str  # "value", or the argument that a derivative is by
    ulps: float
    case: Case
    got: float
    exact: float

    def __str__(self) -> str:
        at = ", ".join([*map(repr, map(float, self.case.args)), *(f"{k}={v:g}" for k, v in self.case.params.items())])
        return f"({at}): {self.got!r}, exact {self.exact!r}"


def points(dtype: Any, sizes: Sequence[float] = SIZES) -> list[Any]:
    """Numbers of a dtype of both signs."""
    top = np.finfo(dtype).max
    with np.errstate(all="ignore"):
        points = {dtype(s * x) for x in sizes if x <= top for s in (1, -1)}
    points = {x for x in points if x == 0 or abs(x) >= np.finfo(dtype).tiny}
    return sorted(points, key=lambda x: (abs(x), x))


def cases(op: Op[Any], dtype: Any, sizes: Sequence[float] | None = None) -> Iterator[Case]:
    """The points for an op: all sizes for one argument, a grid of fewer for several."""
    sizes = sizes or (*(SIZES, FEW, FEW[::2])[op.arity - 1], float(np.finfo(dtype).tiny))
    for params in PARAMS.get(op.__name__, ({},)):
        for args in product(points(dtype, sizes), repeat=op.arity):
            if within(op, args):
                yield Case(op, args, params)


def errors(case: Case) -> Iterator[Error]:
    """The errors of an op's value and derivatives at a point where they are real numbers."""
    op, args, params = case
    exact = OPS[op.__name__]
    at = [mp.mpf(float(a)) for a in args]
    exact_params = {k: v if isinstance(v, str) else mp.mpf(v) for k, v in params.items()}
    y = _real(lambda: exact(*at, **exact_params))
    if y is None:
        return
    kinds = (Tensor, Value) if isinstance(args[0], np.float64) else (Tensor,)
    for kind in kinds:
        nodes = [kind(a) for a in args]
        with np.errstate(all="ignore"):
            z = op(*nodes, **params)
            computed = gradients(z, nodes)
        yield _error("value", case, z.data, y)
        for i, (name, g) in enumerate(zip(op.argnames, computed, strict=True)):
            if any(s.arg == name and np.any(arrays.quietly(s.where, arrays, *args, **params)) for s in op.conventions):
                continue
            if (slope := _real(lambda i=i: _slope(exact, at, exact_params, i))) is not None:
                yield _error(name, case, g, slope)


def _real(f: Callable[[], Any]) -> Any:
    """A number of mpmath's; None where there is none, or a complex one."""
    try:
        y = f()
    except (ZeroDivisionError, ValueError, OverflowError):
        return None
    return y if isinstance(y, mp.mpf) and mp.isfinite(y) else None


def _slope(exact: Exact, at: list[Any], params: dict[str, Any], i: int) -> Any:
    h = mp.ldexp(min(abs(at[i]), 1), -100)
    if not h:
        h = mp.ldexp(min([1, *(abs(a) for a in at if a)]), -mp.mp.prec // 3)
    left, right = (exact(*at[:i], at[i] + s * h, *at[i + 1 :], **params) for s in (-1, 1))
    return (right - left) / (2 * h)


def _error(of: str, case: Case, got: Any, exact: Any, of_largest: Any = None) -> Error:
    dtype = type(case.args[0])
    info = np.finfo(dtype)
    got, top, tiny, eps = (float(x) for x in (got, info.max, info.tiny, info.eps))
    expected = float(exact) if abs(exact) <= top else float(mp.sign(exact)) * np.inf
    if abs(got) == np.inf or abs(exact) > top:  # beyond the largest number lies inf, give or take a few ulp
        right = (got > 0) == (exact > 0) and abs(exact) > top * (1 - 4 * eps)
        return Error(
            of,
            0.0 if right and (abs(got) == np.inf or abs(exact) < top * (1 + 4 * eps)) else np.inf,
            case,
            got,
            expected,
        )
    if got != got:
        return Error(of, np.inf, case, got, expected)
    size = abs(exact if of_largest is None else of_largest)
    if size < tiny:  # what is not normal has fewer digits, or none
        return Error(of, 0.0 if abs(got) <= 2 * tiny else np.inf, case, got, expected)
    spacing = mp.mpf(float(np.spacing(dtype(min(float(size), top)))))
    return Error(of, float(abs(mp.mpf(got) - exact) / spacing), case, got, expected)


def row_errors(op: Op[Any], row: np.ndarray) -> Iterator[Error]:
    """The errors of a reduction, and of its gradient in units in the last place of the largest component."""
    exact, case = ROWS[op.__name__], Case(op, tuple(row), {})
    at = [mp.mpf(float(a)) for a in row]
    x = Tensor(row)
    with np.errstate(all="ignore"):
        y = op(x)
        seed = np.ones_like(y.data) if y.ndim == 0 else np.eye(1, len(row), dtype=row.dtype)[0]
        g = gradients(y, x, seed)
    yield _error("value", case, y.data if y.ndim == 0 else y.data[0], exact(at))
    slopes = [_slope(lambda *xs: exact(xs), at, {}, i) for i in range(len(at))]
    largest = max(slopes, key=abs)
    for got, slope in zip(g, slopes, strict=True):
        yield _error("x", case, got, slope, of_largest=largest)


def worst(op: Op[Any], each: Iterator[Error], digits: int) -> dict[str, Error]:
    """The largest error of an op's value and of each derivative, calculated with so many digits."""
    worst: dict[str, Error] = {}
    with mp.workdps(digits):
        for e in each:
            if e.of not in worst or not e.ulps <= worst[e.of].ulps:
                worst[e.of] = e
    return worst


def swept(op: Op[Any], dtype: Any) -> Iterator[Error]:
    """The errors of an op at all points."""
    if op.__name__ in OPS:
        return (e for case in cases(op, dtype, None) for e in errors(case))
    low, high = 1e-30, 1e30
    rows = (row for row in DATA if all(low <= abs(x) <= high for x in row if x) or dtype is np.float64)
    return (e for row in rows for e in row_errors(op, np.array(row, dtype)))


def stated(op: Op[Any], of: str) -> bool:
    """Whether an op's record has a caveat about its value, or a derivative."""
    return any(c.of == ("y" if of == "value" else of) for c in op.caveats)


def main() -> int:
    """Print the table, and judge it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ops", nargs="*", help="these ops only")
    asked = parser.parse_args()
    passed = True
    print(f"{'op':34} {'of':11} {'float64':>9} {'float32':>9}   the worst point")
    for op in (op for op in table() if op.__name__ in {**OPS, **ROWS} and op.__name__ in (asked.ops or op.__name__)):
        double, single = (worst(op, swept(op, dtype), digits) for dtype, digits in DIGITS.items())
        for of, e in double.items():
            most = max(e, single[of], key=lambda e: e.ulps)
            right = stated(op, of) or most.ulps <= BOUND
            passed = passed and right
            mark = "stated" if stated(op, of) else "" if right else "FAIL"
            point = f"{most}" if most.ulps > 1 else ""
            print(f"{op.__name__:34} {of:11} {e.ulps:9.3g} {single[of].ulps:9.3g}   {mark:7}{point}", flush=True)
    print(f"{'PASS' if passed else 'FAIL'}: at most {BOUND:g} ulp wherever an op's record does not state more")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
