"""What the tests know of each op beyond its record: arguments to try it on, and NumPy's and PyTorch's function for it.

An op enters the tests with one line here. Arguments are drawn away from kinks, ties and poles: those have tests of
their own, with the conventions.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FunctionType, MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import scipy.linalg
from scipy import special

from autograd.engine.op import Op
from autograd.testing.op_inputs import domain, is_float
from tests.helpers import windows
from tests.helpers.support import numbers


class Sample(NamedTuple):
    args: tuple[np.ndarray, ...]
    params: Mapping[str, Any] = MappingProxyType({})


class Elementwise(NamedTuple):
    numpy: Callable[..., Any]
    torch: Callable[..., Any] | None = None  # takes the module first; None: the function of NumPy's name
    params: tuple[dict[str, Any], ...] = ({},)


class Structural(NamedTuple):
    samples: tuple[Sample, ...]
    numpy: Callable[..., Any]
    torch: Callable[..., Any] | None  # None: nothing there to compare with


def sigma(x: Any) -> Any:
    return np.exp(-np.logaddexp(0.0, -x))


ELEMENTWISE = {
    "abs": Elementwise(np.abs),
    "add": Elementwise(np.add),
    "arctan": Elementwise(np.arctan),
    "arctan2": Elementwise(np.arctan2),
    "binary_cross_entropy": Elementwise(
        lambda p, t: -(t * np.log(p) + (1 - t) * np.log1p(-p)),
        lambda t, p, target: -(target * t.log(p) + (1 - target) * t.log1p(-p)),
    ),
    "binary_cross_entropy_with_logits": Elementwise(
        lambda x, t, pos_weight: pos_weight * t * np.logaddexp(0, -x) + (1 - t) * np.logaddexp(0, x),
        lambda t, x, target, w: w * target * t.logaddexp(0 * x, -x) + (1 - target) * t.logaddexp(0 * x, x),
    ),
    "cos": Elementwise(np.cos),
    "cosh": Elementwise(np.cosh),
    "div": Elementwise(np.divide),
    "elu": Elementwise(
        lambda x, alpha: np.where(x > 0, x, alpha * (np.exp(x) - 1)),
        lambda t, x, alpha: t.nn.functional.elu(x, alpha),
        ({"alpha": 1.0}, {"alpha": 0.3}),
    ),
    "equal": Elementwise(np.equal),
    "erf": Elementwise(np.vectorize(math.erf, otypes=[float]), lambda t, x: t.erf(x)),
    "erfc": Elementwise(np.vectorize(math.erfc, otypes=[float]), lambda t, x: t.erfc(x)),
    "exp": Elementwise(np.exp),
    "expm1": Elementwise(np.expm1),
    "floor_divide": Elementwise(np.floor_divide),
    "greater": Elementwise(np.greater),
    "greater_equal": Elementwise(np.greater_equal),
    "hypot": Elementwise(np.hypot),
    "heaviside": Elementwise(np.heaviside, lambda t, x, h0: 0 * x + 0 * h0 + (x > 0)),
    "isfinite": Elementwise(np.isfinite),
    "less": Elementwise(np.less),
    "less_equal": Elementwise(np.less_equal),
    "log": Elementwise(np.log),
    "log1p": Elementwise(np.log1p),
    "logical_and": Elementwise(np.logical_and),
    "logical_not": Elementwise(np.logical_not),
    "logical_or": Elementwise(np.logical_or),
    "maximum": Elementwise(np.maximum),
    "minimum": Elementwise(np.minimum),
    "mod": Elementwise(np.mod, lambda t, a, b: t.remainder(a, b)),
    "mul": Elementwise(np.multiply),
    "neg": Elementwise(np.negative),
    "not_equal": Elementwise(np.not_equal),
    "positive": Elementwise(np.positive),
    "pow": Elementwise(np.power, lambda t, a, b: t.pow(a, b)),
    "pow_number": Elementwise(
        lambda x, exponent: x**exponent,
        lambda t, x, exponent: x**exponent,
        tuple({"exponent": c} for c in (2, 3, -1, 0.5, -1.5, 1, 0)),
    ),
    "relu": Elementwise(lambda x: np.maximum(x, 0.0), lambda t, x: t.relu(x)),
    "sigmoid": Elementwise(sigma, lambda t, x: t.sigmoid(x)),
    "sign": Elementwise(np.sign),
    "sin": Elementwise(np.sin),
    "sinc": Elementwise(lambda x, order=0: np.sinc(x), lambda t, x, order=0: t.sinc(x)),
    "sinh": Elementwise(np.sinh),
    "softplus": Elementwise(lambda x: np.log1p(np.exp(x)), lambda t, x: t.logaddexp(x, t.zeros_like(x))),
    "sqrt": Elementwise(np.sqrt),
    "sub": Elementwise(np.subtract),
    "tan": Elementwise(np.tan),
    "tanh": Elementwise(np.tanh),
    "where": Elementwise(np.where),
    "arccos": Elementwise(np.arccos),
    "arccosh": Elementwise(np.arccosh),
    "arcsin": Elementwise(np.arcsin),
    "arcsinh": Elementwise(np.arcsinh),
    "arctanh": Elementwise(np.arctanh),
    "cbrt": Elementwise(np.cbrt, lambda t, x: t.sign(x) * t.abs(x) ** (1 / 3)),
    "ceil": Elementwise(np.ceil),
    "exp2": Elementwise(np.exp2),
    "floor": Elementwise(np.floor),
    "fmod": Elementwise(np.fmod),
    "isinf": Elementwise(np.isinf),
    "isnan": Elementwise(np.isnan),
    "log10": Elementwise(np.log10),
    "log2": Elementwise(np.log2),
    "logaddexp": Elementwise(np.logaddexp),
    "logaddexp2": Elementwise(np.logaddexp2),
    "rint": Elementwise(np.rint, lambda t, x: t.round(x)),
    "signbit": Elementwise(np.signbit),
    "trunc": Elementwise(np.trunc),
    "bessel": Elementwise(
        lambda x, family="jv", order=0: getattr(special, family)(order, x),
        lambda t, x, family="jv", order=0: t.special.bessel_j0(x),
    ),
    "betaln": Elementwise(special.betaln, lambda t, a, b: t.lgamma(a) + t.lgamma(b) - t.lgamma(a + b)),
    "erfcinv": Elementwise(special.erfcinv, lambda t, x: t.erfinv(1 - x)),
    "erfcx": Elementwise(special.erfcx, lambda t, x: t.special.erfcx(x)),
    "erfinv": Elementwise(special.erfinv, lambda t, x: t.erfinv(x)),
    "gamma": Elementwise(special.gamma, lambda t, x: t.exp(t.lgamma(x))),
    "gammaln": Elementwise(special.gammaln, lambda t, x: t.lgamma(x)),
    "polygamma_of_order": Elementwise(lambda x, n: special.polygamma(n, x), params=({"n": 0}, {"n": 1})),
}


def over(x: np.ndarray, *params: dict[str, Any]) -> tuple[Sample, ...]:
    return tuple(Sample((x,), p) for p in params)


def reductions(*keepdims: bool) -> tuple[Sample, ...]:
    axes = [None, 0, 1, -1, (0, 2), (-1, 0), (0, 1, 2)]
    return over(numbers((2, 3, 4)), *({"axis": a, "keepdims": k} for k in keepdims for a in axes))


def axes() -> tuple[Sample, ...]:
    return over(numbers((2, 3, 4)), {"axis": -1}, {"axis": 0}, {"axis": 1})


def by_axis(name: str) -> Callable[..., Any]:
    return lambda t, x, axis: getattr(t, name)(x, axis)


def by_axes(name: str) -> Callable[..., Any]:
    def reduced(t: Any, x: Any, axis: Any, keepdims: bool) -> Any:
        axes = 0 if not x.ndim else tuple(range(x.ndim)) if axis is None else axis
        return getattr(t, name)(x, axes, keepdim=keepdims)

    return reduced


def product(t: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    axes = range(x.ndim) if axis is None or not x.ndim else (axis,) if isinstance(axis, int) else axis
    for k in sorted((k % x.ndim for k in axes), reverse=True):
        x = t.prod(x, k, keepdim=keepdims)
    return x


def deviations() -> tuple[Sample, ...]:
    return tuple(Sample(args, {**params, "ddof": n}) for args, params in reductions(False, True) for n in (0, 1))


def spread(name: str) -> Callable[..., Any]:
    return lambda t, x, axis, ddof, keepdims: getattr(t, name)(x, axis, correction=ddof, keepdim=keepdims)


def recurrent(xp: Any, a: Any, x: Any, axis: int = 0) -> Any:
    """Each number from the one before, one at a time."""
    terms, factors = (list(xp.moveaxis(v, axis, 0)) for v in (a + 0 * x, x + 0 * a))
    for k in range(1, len(terms)):
        terms[k] = terms[k] + factors[k] * terms[k - 1]
    return xp.stack(terms, axis) if terms else a


def index_along(shape: tuple[int, ...], axis: Any) -> np.ndarray:
    """The position of each element among those along an axis."""
    axes = range(len(shape)) if axis is None else (axis,) if isinstance(axis, int) else axis
    lengths = [n if k in {a % len(shape) for a in axes} else 1 for k, n in enumerate(shape)]
    return np.broadcast_to(np.arange(np.prod(lengths)).reshape(lengths), shape)


def scattered(g: np.ndarray, like: np.ndarray, *indices: np.ndarray, key: Any) -> np.ndarray:
    out = np.zeros(like.shape)
    np.add.at(out, indices, g)
    return out


def repeated(t: Any, x: Any, like: Any) -> Any:
    return t.broadcast_to(x, like.shape)


def folded(x: np.ndarray, like: np.ndarray) -> np.ndarray:
    """What undoes broadcasting, one axis at a time."""
    while x.ndim > like.ndim:
        x = x.sum(axis=0)
    for axis, n in enumerate(like.shape):
        x = x.sum(axis=axis, keepdims=True) if n == 1 else x
    return x


def off_diagonal(xp: Any, x: Any) -> Any:
    return xp.tril(x, -1) + xp.triu(x, 1)


def in_columns(xp: Any, values: Any, vectors: Any) -> Any:
    """Eigenvalues and eigenvectors in one array, as the ops have them."""
    return xp.concatenate([values[..., None], vectors], -1)


def triangle_read(x: Any, UPLO: str) -> Any:
    """The symmetric matrix of which a triangle is given."""
    return (
        np.tril(x) + np.swapaxes(np.tril(x, -1), -1, -2) if UPLO == "L" else triangle_read(np.swapaxes(x, -1, -2), "L")
    )


def parts_of_svd(x: Any, full_matrices: bool = False) -> Any:
    u, s, v = np.linalg.svd(x, full_matrices)
    rows = max(u.shape[-1], v.shape[-2])
    parts = [np.swapaxes(u, -1, -2), v, s[..., None]]
    return np.concatenate([np.pad(a, [(0, 0)] * (x.ndim - 2) + [(0, rows - a.shape[-2]), (0, 0)]) for a in parts], -1)


def parts_of_qr(x: Any, complete: bool = False) -> Any:
    q, r = np.linalg.qr(x, "complete" if complete else "reduced")
    below = [(0, 0)] * (x.ndim - 2) + [(0, q.shape[-2] - r.shape[-2]), (0, 0)]
    return np.concatenate([q, np.pad(r, below)], -1)


def signed(t: Any, columns: Any, like: np.ndarray) -> Any:
    """Columns that are known up to their signs, with those of others; further ones are turned as little as may be."""
    like, k = t.tensor(like.copy()), columns.shape[-1]
    columns = columns * t.sign((columns.detach() * like[..., :k]).sum(-2, keepdim=True))
    further = like[..., k:]
    return t.cat([columns, further - columns @ (columns.mT @ further)], -1)


def torchs_eigh(t: Any, x: Any, UPLO: str = "L") -> Any:
    x = t.tril(x) + t.tril(x, -1).mT if UPLO == "L" else t.triu(x) + t.triu(x, 1).mT
    values, vectors = t.linalg.eigh(x)
    return t.cat([values[..., None], signed(t, vectors, np.linalg.eigh(x.detach().numpy(), UPLO)[1])], -1)


def torchs_eig(t: Any, x: Any) -> Any:
    values, vectors = (a.real for a in t.linalg.eig(x))
    return t.cat([values[..., None], signed(t, vectors, np.linalg.eig(x.detach().numpy())[1])], -1)


def torchs_svd(t: Any, x: Any, full_matrices: bool = False) -> Any:
    u, s, v = t.linalg.svd(x, full_matrices=False)
    their_u, _, their_v = np.linalg.svd(x.detach().numpy(), full_matrices)
    parts = [signed(t, u, their_u).mT, signed(t, v.mT, np.swapaxes(their_v, -1, -2)).mT, s[..., None]]
    rows = max(a.shape[-2] for a in parts)
    return t.cat([t.nn.functional.pad(a, (0, 0, 0, rows - a.shape[-2])) for a in parts], -1)


def torchs_qr(t: Any, x: Any, complete: bool = False) -> Any:
    q, r = t.linalg.qr(x)
    q = signed(t, q, np.linalg.qr(x.detach().numpy(), "complete" if complete else "reduced")[0])
    return t.cat([q, t.nn.functional.pad(r, (0, 0, 0, q.shape[-2] - r.shape[-2]))], -1)


def by_eigenvectors(t: Any, x: Any, of: str = "expm") -> Any:
    """A function of a matrix, from those of its eigenvalues."""
    if of == "expm":
        return t.matrix_exp(x)
    values, vectors = t.linalg.eig(x)
    return ((vectors * getattr(t, of[:-1])(values)[..., None, :]) @ t.linalg.inv(vectors)).real


def sylvesters(xp: Any, a: Any, b: Any, q: Any) -> Any:
    """The solution of a·y + y·b = q as that of a system of linear equations."""
    system = xp.kron(a, xp.eye(b.shape[0])) + xp.kron(xp.eye(a.shape[0]), b.T.reshape(-1).reshape(b.shape))
    return xp.linalg.solve(system, q.reshape(-1)).reshape(q.shape)


A, B, C = numbers((2, 3), 1), numbers((4, 3), 2), numbers((1, 3), 3)
LIKE = np.zeros((2, 3))
PLACES = np.array([2, 0, 2])
REGULAR = numbers((2, 3, 3), 4) + 3 * np.eye(3) * np.array([1.0, -1.0, 1.0])
REAL = np.array([[2.0, 1.0, 0.3], [0.4, -1.0, 0.2], [0.1, 0.5, 3.0]])  # its eigenvalues are
DEFINITE = REGULAR @ REGULAR.swapaxes(-1, -2)
PLACED = over(numbers((2, 3, 2)), *({"axis": a, "keepdims": k} for a in (None, 0, -1) for k in (False, True)))
HERE, THERE = ((2, 3), (2, 1), (3,), (1, 3), (), (1, 1)), (2, 3)

WINDOWS = {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 2), "groups": 2}
POOLED = (
    *over(numbers((2, 3, 5)), {"kernel": (2,)}, {"kernel": (3,), "stride": 2, "padding": 1}),
    *over(
        numbers((2, 4, 5)), {"kernel": (2, 2), "stride": 2, "ceil_mode": True}, {"kernel": (2, 2), "dilation": (1, 2)}
    ),
)
PICKED = [((2, 5), np.array([[0, 2, 2], [3, 0, 1]])), ((2, 2, 3), np.array([[[0, 2], [2, 5]], [[3, 0], [1, 1]]]))]
AVERAGED = (
    *over(numbers((2, 3, 5)), {"kernel": (2,)}, {"kernel": (3,), "stride": 2, "padding": 1, "ceil_mode": True}),
    *over(
        numbers((2, 4, 5)),
        {"kernel": (3, 2), "stride": (2, 1), "padding": 1, "count_include_pad": False},
        {"kernel": (2, 2), "divisor_override": 3},
    ),
)

STRUCTURAL = {
    "copy": Structural(over(A, {}), np.copy, lambda t, x: t.clone(x)),
    "to_floats": Structural(
        over(A, {"dtype": "float64"}), lambda x, dtype: x.astype(dtype), lambda t, x, dtype: t.clone(x)
    ),
    "to_integers": Structural(
        over(3 * A, *({"dtype": d} for d in ("int64", "int8", "bool"))), lambda x, dtype: x.astype(dtype), None
    ),
    "broadcast_like": Structural(
        tuple(Sample((numbers(s, 1), np.zeros(THERE))) for s in HERE),
        lambda x, like: np.broadcast_to(x, like.shape),
        repeated,
    ),
    "broadcast_to": Structural(
        tuple(Sample((numbers(s, 1),), {"shape": THERE}) for s in HERE),
        lambda x, shape: np.broadcast_to(x, shape),
        lambda t, x, shape: t.broadcast_to(x, shape),
    ),
    "count": Structural(
        over(A, {"axis": None}, {"axis": 0}, {"axis": -1}, {"axis": (0, 1)}),
        lambda x, axis: np.sum(np.ones_like(x), axis).max(),
        None,
    ),
    "eig_parts": Structural(
        (Sample((REAL,)), Sample((np.stack([REAL[:2, :2], REAL[1:, 1:]]),))),
        lambda x: in_columns(np, *(a.real for a in np.linalg.eig(x))),
        torchs_eig,
    ),
    "eigh_parts": Structural(
        (Sample((REGULAR[0],)), Sample((REGULAR,), {"UPLO": "U"})),
        lambda x, UPLO="L": in_columns(np, *np.linalg.eigh(triangle_read(x, UPLO), UPLO)),
        torchs_eigh,
    ),
    "expand_dims": Structural(
        over(A, {"axis": 0}, {"axis": -1}, {"axis": (0, 2)}, {"axis": (-1, 0)}),
        np.expand_dims,
        lambda t, x, axis: x.reshape(np.expand_dims(np.zeros(x.shape), axis).shape),
    ),
    "getitem": Structural(
        (
            Sample((A, PLACES % 2), {"key": ("array",)}),
            Sample((A, A > 0), {"key": ("array",)}),
            Sample((B, PLACES), {"key": (("slice", 1, None, 2), "array")}),
            Sample((B,), {"key": (-1, ("slice", None, None, 2))}),
        ),
        lambda x, *indices, key: x[written(key, indices)],
        lambda t, x, *indices, key: x[written(key, indices)],
    ),
    "concatenate_args": Structural(
        (Sample((A, B, C), {"axis": 0}), Sample((A.T, B.T), {"axis": -1}), Sample((A,), {"axis": 1})),
        lambda *arrays, axis: np.concatenate(arrays, axis),
        lambda t, *arrays, axis: t.cat(arrays, axis),
    ),
    "linear": Structural(
        tuple(Sample((numbers(s, 1), numbers((4, 3), 2), numbers((4,), 3))) for s in [(3,), (2, 3), (2, 2, 3)]),
        lambda x, weight, bias: x @ weight.T + bias,
        lambda t, x, weight, bias: t.nn.functional.linear(x, weight, bias),
    ),
    "log_softmax": Structural(
        axes(),
        lambda x, axis: x - np.log(np.exp(x).sum(axis, keepdims=True)),
        lambda t, x, axis: x - by_axes("logsumexp")(t, x, axis, True),
    ),
    "logsumexp": Structural(
        reductions(False, True),
        lambda x, axis, keepdims: np.log(np.sum(np.exp(x), axis, keepdims=keepdims)),
        by_axes("logsumexp"),
    ),
    "matmul": Structural(
        tuple(
            Sample((numbers(a, 1), numbers(b, 2)))
            for a, b in [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((2, 2, 3), (3, 2))]
        ),
        np.matmul,
        lambda t, a, b: t.matmul(a, b),
    ),
    "matrix_function": Structural(
        (
            *over(REAL, {}),
            *over(DEFINITE[0] / 10, {"of": "sqrtm"}),
            *over(np.stack([REAL @ REAL + np.eye(3), DEFINITE[1]]), {"of": "logm"}),
        ),
        lambda x, of="expm": np.reshape([getattr(scipy.linalg, of)(a) for a in x.reshape(-1, *x.shape[-2:])], x.shape),
        by_eigenvectors,
    ),
    "max": Structural(reductions(False, True), np.max, by_axes("amax")),
    "mean": Structural(reductions(False, True), np.mean, by_axes("mean")),
    "min": Structural(reductions(False, True), np.min, by_axes("amin")),
    "stack_args": Structural(
        (Sample((A, A + 1)), Sample((A, -A, 2 * A), {"axis": -1}), Sample((A[0],), {"axis": 1})),
        lambda *arrays, axis=0: np.stack(arrays, axis),
        lambda t, *arrays, axis=0: t.stack(arrays, axis),
    ),
    "euclidean_norm": Structural(
        (
            *over(numbers((2, 3, 4)), *({"axis": a} for a in [None, 0, -1, (0, 2), (-1, 0)])),
            *over(numbers((2, 3, 4)), *({"axis": a, "keepdims": True} for a in [None, 0, -1, (0, 2)])),
        ),
        lambda x, axis=None, keepdims=False: np.sqrt(np.sum(x * x, axis, keepdims=keepdims)),
        lambda t, x, axis=None, keepdims=False: t.linalg.vector_norm(x, 2, axis, keepdim=keepdims),
    ),
    "prod_of_others": Structural(
        over(numbers((2, 3, 2)), *({"axis": a} for a in [None, 0, 1, -1, (0, 2), (-1, 0), ()])),
        lambda x, axis: np.prod(x, axis=axis, keepdims=True) / x,
        None,
    ),
    "prod": Structural(reductions(False, True), np.prod, product),
    "reshape": Structural(
        over(A, {"shape": (3, 2)}, {"shape": 6}, {"shape": (-1, 2)}, {"shape": (1, 6, 1)}),
        lambda x, shape: x.reshape(shape),
        lambda t, x, shape: x.reshape(shape),
    ),
    "reshape_like": Structural(
        (Sample((A, np.zeros((3, 2)))), Sample((A, np.zeros(6)))),
        lambda x, like: x.reshape(like.shape),
        lambda t, x, like: x.reshape(like.shape),
    ),
    "scatter_like": Structural(
        (
            Sample((numbers((3, 3)), np.zeros((4, 3)), PLACES), {"key": ("array",)}),
            Sample((numbers((3,)), LIKE, np.array([0, 1, 0]), PLACES), {"key": ("array", "array")}),
        ),
        scattered,
        None,
    ),
    "softmax": Structural(axes(), lambda x, axis: np.exp(x) / np.exp(x).sum(axis, keepdims=True), by_axis("softmax")),
    "squeeze": Structural(
        over(numbers((1, 3, 1)), {"axis": None}, {"axis": 0}, {"axis": -1}, {"axis": (0, 2)}),
        np.squeeze,
        lambda t, x, axis: t.squeeze(x) if axis is None else t.squeeze(x, axis),
    ),
    "std": Structural(deviations(), np.std, spread("std")),
    "sum": Structural(reductions(False, True), np.sum, by_axes("sum")),
    "sum_like": Structural(
        tuple(Sample((numbers(THERE, 1), np.zeros(s))) for s in HERE),
        folded,
        lambda t, x, like: x.sum_to_size(like.shape),
    ),
    "swapaxes": Structural(
        over(numbers((2, 3, 4)), {"axis1": 0, "axis2": 2}, {"axis1": -1, "axis2": 0}, {"axis1": 1, "axis2": 1}),
        np.swapaxes,
        lambda t, x, axis1, axis2: t.swapaxes(x, axis1, axis2),
    ),
    "transpose": Structural(
        over(numbers((2, 3, 4)), {"axes": None}, {"axes": (1, 2, 0)}, {"axes": (-1, 0, 1)}),
        np.transpose,
        lambda t, x, axes: t.permute(x, axes or tuple(range(x.ndim))[::-1]),
    ),
    "one_hot_masks": Structural(
        over(A, {"axis": None}, {"axis": 0}, {"axis": -1}, {"axis": (0, 1)}),
        lambda x, axis: np.array(
            [np.isin(index_along(x.shape, axis), k) for k in range(index_along(x.shape, axis).max() + 1)]
        ),
        None,
    ),
    "var": Structural(deviations(), np.var, spread("var")),
    "zeros_like": Structural((Sample((A,)),), np.zeros_like, None),
    "argmax": Structural(PLACED, np.argmax, lambda t, x, axis, keepdims: t.argmax(x, axis, keepdims)),
    "argmin": Structural(PLACED, np.argmin, lambda t, x, axis, keepdims: t.argmin(x, axis, keepdims)),
    "bounds": Structural(
        (Sample((A, B)), Sample((A, A[:, :1], A[:, 1:]), {"axis": -1})),
        lambda *arrays, axis=0: [sum(a.shape[axis] for a in arrays[:i]) for i in range(len(arrays) + 1)],
        None,
    ),
    "argpartition": Structural(
        (*over(A, {"kth": 1}, {"kth": (0, 1), "axis": -1}), *over(A.T, {"kth": 1, "axis": 0})), np.argpartition, None
    ),
    "argsort": Structural(over(A, {}, {"axis": 0}, {"axis": -2}, {"axis": 1, "kind": "stable"}), np.argsort, None),
    "cholesky": Structural(
        (Sample((DEFINITE[0],)), Sample((DEFINITE,))),
        lambda x: np.linalg.cholesky(np.tril(x) + np.swapaxes(np.tril(x, -1), -1, -2)),  # the lower half alone is read
        lambda t, x: t.linalg.cholesky(t.tril(x) + t.tril(x, -1).mT),
    ),
    "contraction": Structural(
        (
            Sample((A, B), {"subscripts": "ij,kj->ik"}),
            Sample((A, B, C[0]), {"subscripts": "ij,kj,j->ki"}),
            Sample((A,), {"subscripts": "ij->ji"}),
            Sample((numbers((2, 3, 4)), numbers((2, 4, 2))), {"subscripts": "bij,bjk->bik"}),
        ),
        lambda *operands, subscripts: np.einsum(subscripts, *operands),
        lambda t, *operands, subscripts: t.einsum(subscripts, *operands),
    ),
    "cofactor": Structural(
        (Sample((REGULAR[0],)), Sample((REGULAR,))),
        lambda x: np.cross(np.roll(x, -1, -2), np.roll(x, -2, -2)),  # det(x)·x⁻ᵀ would lose digits near singular ones
        lambda t, x: t.linalg.cross(x.roll(-1, -2), x.roll(-2, -2)),
    ),
    "cumprod": Structural(
        over(numbers((2, 3, 4)), {"axis": 0}, {"axis": 1}, {"axis": -1}, {"axis": None})
        + over(numbers((2, 0)), {"axis": 1}),
        np.cumprod,
        lambda t, x, axis: t.cumprod(x.reshape(-1) if axis is None or not x.ndim else x, axis or 0),
    ),
    "cumsum": Structural(
        over(numbers((2, 3, 2)), {"axis": 0}, {"axis": 1}, {"axis": -1}, {"axis": None})
        + over(numbers((0, 2)), {"axis": 0}),
        np.cumsum,
        lambda t, x, axis: t.cumsum(x.reshape(-1) if axis is None or not x.ndim else x, axis or 0),
    ),
    "det": Structural((Sample((REGULAR[0],)), Sample((REGULAR,))), np.linalg.det, lambda t, x: t.linalg.det(x)),
    "diag": Structural(
        (*over(A, {}, {"k": 1}, {"k": -1}), *over(A[0], {}, {"k": 1}, {"k": -2})),
        np.diag,
        lambda t, x, k=0: t.diag(x, k),
    ),
    "diagonal": Structural(
        over(numbers((2, 3, 3)), {}, {"offset": 1}, {"offset": -1, "axis1": -1, "axis2": 1}, {"axis1": 2, "axis2": 0}),
        np.diagonal,
        lambda t, x, offset=0, axis1=0, axis2=1: t.diagonal(x, offset, axis1, axis2),
    ),
    "flatnonzero": Structural((Sample((A > 0,)), Sample((np.round(A),)), Sample((B[0],))), np.flatnonzero, None),
    "full_convolution": Structural(
        (Sample((A[0], B[0])), Sample((A[0, :1], B[0])), Sample((B[0], A[0, :2]))),
        np.convolve,
        lambda t, a, b: t.nn.functional.conv1d(a[None, None], b.flip(0)[None, None], padding=len(b) - 1)[0, 0],
    ),
    "valid_correlation": Structural(
        (Sample((B[0], A[0])), Sample((B[0], A[0, :2]))),
        np.correlate,
        lambda t, a, b: t.nn.functional.conv1d(a[None, None], b[None, None])[0, 0],
    ),
    "flip": Structural(
        over(A, {"axis": None}, {"axis": 0}, {"axis": -1}, {"axis": (0, 1)}) + over(numbers((0, 2)), {"axis": None}),
        np.flip,
        lambda t, x, axis: t.flip(x, tuple(np.atleast_1d(range(x.ndim) if axis is None else axis))),
    ),
    "half_tril": Structural(
        (Sample((REGULAR[0],)), Sample((REGULAR,))), lambda x: np.tril(x) - np.eye(3) * x / 2, None
    ),
    "inverse_gaps": Structural(
        (*over(A, {}, {"sign": 1}), *over(A[0] + 3, {"sign": 1})),
        lambda x, sign=-1: off_diagonal(np, 1 / (np.eye(x.shape[-1]) + x[..., None, :] + sign * x[..., None])),
        lambda t, x, sign=-1: off_diagonal(t, 1 / (t.eye(x.shape[-1]) + x[..., None, :] + sign * x[..., None])),
    ),
    "inv": Structural((Sample((REGULAR[0],)), Sample((REGULAR,))), np.linalg.inv, lambda t, x: t.linalg.inv(x)),
    "logabsdet": Structural(
        (Sample((REGULAR[0],)), Sample((REGULAR,))),
        lambda x: np.linalg.slogdet(x)[1],
        lambda t, x: t.linalg.slogdet(x)[1],
    ),
    "median_indices": Structural(
        (*axes(), *over(numbers((4, 2)), {"axis": 0})),
        lambda x, axis=-1: np.take(np.argsort(x, axis), sorted({(x.shape[axis] - 1) // 2, x.shape[axis] // 2}), axis),
        None,
    ),
    "moveaxis": Structural(
        over(
            numbers((2, 3, 4)),
            {"source": 0, "destination": -1},
            {"source": -1, "destination": 0},
            {"source": (0, 1), "destination": (-1, 0)},
        ),
        np.moveaxis,
        lambda t, x, source, destination: t.moveaxis(x, source, destination),
    ),
    "pad_array": Structural(
        over(
            A,
            {"pad_width": 1},
            {"pad_width": ((1, 0), (2, 1))},
            *({"pad_width": ((1, 1), (2, 1)), "mode": mode} for mode in ("edge", "reflect", "symmetric", "wrap")),
        ),
        np.pad,
        None,
    ),
    "pseudoinverse": Structural(
        (Sample((A,)), Sample((A.T,), {"rcond": 1e-3}), Sample((REGULAR,))),
        lambda x, rcond=None: np.linalg.pinv(x),
        lambda t, x, rcond=None: t.linalg.pinv(x),
    ),
    "put_back": Structural(
        (
            Sample((A, np.zeros((2, 3))), {"how": "flip", "given": (0,)}),
            Sample((numbers((4, 3)), np.zeros((2, 3))), {"how": "tile", "given": ((2, 1),)}),
            Sample((numbers((3,)), np.zeros((3, 3))), {"how": "diag", "given": (0,)}),
        ),
        lambda x, like, how, given=(): {
            "flip": lambda: x[::-1],
            "tile": lambda: x[:2] + x[2:],
            "diag": lambda: np.diag(x),
        }[how](),
        None,
    ),
    "qr_parts": Structural(
        (
            Sample((A.T,)),
            Sample((REGULAR,)),
            Sample((A,), {"complete": True}),
            Sample((A,)),
            Sample((A.T,), {"complete": True}),
        ),
        parts_of_qr,
        torchs_qr,
    ),
    "recurrence": Structural(
        (
            *(Sample((numbers((3, 11), 1), numbers((3, 11), 2)), {"axis": k}) for k in (0, 1, -1, -2)),
            *(Sample((numbers((n, 2), 3), numbers((n, 2), 4))) for n in (0, 1, 5)),
        ),
        lambda a, x, axis=0: recurrent(np, a, x, axis),
        recurrent,
    ),
    "repeat": Structural(
        over(A, {"repeats": 2}, {"repeats": 2, "axis": 0}, {"repeats": (2, 0, 1), "axis": -1}),
        lambda x, repeats, axis=None: np.repeat(x, np.asarray(repeats), axis),
        lambda t, x, repeats, axis=None: t.repeat_interleave(x, t.tensor(repeats), axis if x.ndim else None),
    ),
    "roll": Structural(
        over(A, {"shift": 1}, {"shift": -1, "axis": 1}, {"shift": (1, 2), "axis": (0, -1)}),
        np.roll,
        lambda t, x, shift, axis=None: t.roll(
            x, (shift,) * len(axis) if np.shape(axis) > np.shape(shift) else shift, axis
        ),
    ),
    "rot90": Structural(
        over(numbers((2, 3, 2)), {}, {"k": 2}, {"k": -1, "axes": (1, 2)}),
        np.rot90,
        lambda t, x, k=1, axes=(0, 1): t.rot90(x, k, axes),
    ),
    "searchsorted": Structural(
        (Sample((np.sort(A[0]), B)), Sample((np.sort(A[0]), A[0]), {"side": "right"})), np.searchsorted, None
    ),
    "signdet": Structural((Sample((REGULAR[0],)), Sample((REGULAR,))), lambda x: np.linalg.slogdet(x)[0], None),
    "solve": Structural(
        (
            Sample((REGULAR[0], C[0])),
            Sample((REGULAR[0], B.T)),
            Sample((REGULAR, C[0])),
            Sample((REGULAR, B.T)),
            Sample((REGULAR[:1], numbers((2, 3, 2)))),
        ),
        np.linalg.solve,
        lambda t, a, b: t.linalg.solve(a, b) if b.ndim > 1 else t.linalg.solve(a, b[:, None])[..., 0],
    ),
    "svd_parts": Structural(
        (
            Sample((A,)),
            Sample((REGULAR,), {"full_matrices": True}),
            Sample((A.T,)),
            *(Sample((x,), {"full_matrices": True}) for x in (A, A.T)),
        ),
        parts_of_svd,
        torchs_svd,
    ),
    "first_difference": Structural(
        over(numbers((2, 3, 4)), {}, {"axis": 0}, {"axis": -2}) + over(numbers((2, 0)), {}),
        lambda x, axis=-1: np.diff(x, 1, axis),
        lambda t, x, axis=-1: t.diff(x, 1, axis),
    ),
    "mean_square": Structural(
        reductions(False, True),
        lambda x, axis=None, keepdims=False: (x * x).mean(axis, keepdims=keepdims),
        lambda t, x, axis=None, keepdims=False: (x * x).mean(axis, keepdim=keepdims),
    ),
    "standardise": Structural(
        over(numbers((3, 4)), {}, {"axis": 0, "eps": 0.1}, {"axis": (0, 1), "centred": False}),
        lambda x, axis=-1, eps=1e-5, centred=True: (
            (x - centred * x.mean(axis, keepdims=True))
            / np.sqrt(((x - centred * x.mean(axis, keepdims=True)) ** 2).mean(axis, keepdims=True) + eps)
        ),
        lambda t, x, axis=-1, eps=1e-5, centred=True: (
            (x - centred * x.mean(axis, keepdim=True))
            / t.sqrt(((x - centred * x.mean(axis, keepdim=True)) ** 2).mean(axis, keepdim=True) + eps)
        ),
    ),
    "tile": Structural(
        over(A, {"reps": 2}, {"reps": (2, 1)}, {"reps": (2, 1, 3)}, {"reps": ()}),
        np.tile,
        lambda t, x, reps: t.tile(x, (reps,) if isinstance(reps, int) else reps),
    ),
    "solve_sylvester": Structural(
        (Sample((DEFINITE[0], REAL + 3 * np.eye(3), REGULAR[1])), Sample((DEFINITE[0], REAL[:1, :1], C.T))),
        lambda a, b, q: sylvesters(np, a, b, q),
        sylvesters,
    ),
    "tril": Structural(
        over(numbers((2, 3, 3)), {}, {"k": 1}, {"k": -1}),
        np.tril,
        lambda t, x, k=0: t.tril(x.expand(x.shape[-1], *x.shape) if x.ndim == 1 else x, k),
    ),
    "triu": Structural(
        over(numbers((2, 3, 3)), {}, {"k": 1}, {"k": -1}),
        np.triu,
        lambda t, x, k=0: t.triu(x.expand(x.shape[-1], *x.shape) if x.ndim == 1 else x, k),
    ),
    "avg_pool": Structural(AVERAGED, windows.avg_pool, windows.torchs("avg_pool")),
    "conv": Structural(
        (
            Sample((numbers((2, 3, 5)), numbers((2, 3, 2)))),
            Sample((numbers((3, 5)), numbers((2, 3, 2))), {"padding": 1}),
            Sample((numbers((2, 4, 3, 4)), numbers((2, 2, 2, 2))), WINDOWS),
        ),
        windows.conv,
        windows.torchs("conv"),
    ),
    "conv_transpose": Structural(
        (
            Sample((numbers((2, 2, 4)), numbers((2, 3, 2)), np.zeros((2, 3, 5)))),
            Sample((numbers((2, 2, 2, 2)), numbers((2, 2, 2, 2)), np.zeros((2, 4, 3, 4))), WINDOWS),
        ),
        windows.conv_transpose,
        windows.torchs_gradient("input"),
    ),
    "conv_weight": Structural(
        (
            Sample((numbers((2, 2, 4)), numbers((2, 3, 5)), np.zeros((2, 3, 2)))),
            Sample((numbers((2, 2, 2, 2)), numbers((2, 4, 3, 4)), np.zeros((2, 2, 2, 2))), WINDOWS),
        ),
        windows.conv_weight,
        windows.torchs_gradient("weight"),
    ),
    "max_pool": Structural(POOLED, windows.max_pool, windows.torchs("max_pool")),
    "pick": Structural(
        tuple(Sample((numbers(shape), at), {"rank": at.ndim - 1}) for shape, at in PICKED), windows.pick, None
    ),
    "spread_pool": Structural(
        tuple(Sample((windows.avg_pool(x, **params), np.zeros(x.shape)), params) for (x,), params in AVERAGED),
        windows.spread_pool,
        None,
    ),
    "max_unpool": Structural(
        tuple(Sample((numbers(at.shape), at, np.zeros(shape)), {"rank": at.ndim - 1}) for shape, at in PICKED),
        windows.max_unpool,
        None,
    ),
    "max_pool_places": Structural(POOLED, windows.max_pool_places, None),
    "unique_indices": Structural(
        over(np.array([3.0, 1.0, 3.0, 2.0, 1.0]), {"which": 1}, {"which": 2}, {"which": 3}),
        lambda x, which: np.unique(x, True, True, True)[which],
        None,
    ),
}


def written(key: tuple[Any, ...], indices: tuple[Any, ...]) -> tuple[Any, ...]:
    rest = iter(indices)
    return tuple(next(rest) if k == "array" else slice(*k[1:]) if isinstance(k, tuple) else k for k in key)


def arguments(op: Op[Any], shapes: Sequence[tuple[int, ...]], params: Mapping[str, Any]) -> tuple[np.ndarray, ...]:
    """Arguments of an elementwise op from where it is smooth; of one that compares halves, some of them equal."""
    ranges = domain(op, tuple(params.items())).ranges
    args = [numbers(shape, 7 * i + 1, *ranges[i]) for i, shape in enumerate(shapes)]
    if isinstance(op(*(a.flat[0] if a.size else 1.0 for a in args), **params), bool):
        args = [np.round(2 * a) / 2 for a in args]
    return tuple(a if is_float(op, i) else a > 0 for i, a in enumerate(args))


def known(op: Op[Any]) -> Elementwise | Structural:
    """The line of an op in this file."""
    table = "ELEMENTWISE" if op.elementwise else "STRUCTURAL"
    line = {**ELEMENTWISE, **STRUCTURAL}.get(op.__name__)
    if line is None:
        raise LookupError(
            f"{op.__name__} has no line in {table} of tests/helpers/samplers.py, which says who else computes it: "
            f"\"{op.__name__}\": {table.capitalize()}(NumPy's function or formula, PyTorch's)"
        )
    return line


def samples(op: Op[Any], shape: tuple[int, ...] = (2, 3)) -> Iterator[Sample]:
    """Arguments to try an op on; those of an elementwise one in the given shape."""
    line = known(op)
    if isinstance(line, Structural):
        yield from line.samples
    else:
        for params in line.params:
            yield Sample(arguments(op, [shape] * op.arity, params), params)


def reference(op: Op[Any]) -> Callable[..., Any]:
    """NumPy's function for an op, or its textbook form written in NumPy."""
    return known(op).numpy


def oracle(op: Op[Any], torch: Any) -> Callable[..., Any] | None:
    """PyTorch's function for an op, where there is one."""
    line = known(op)
    if line.torch is not None:
        return lambda *args, **params: line.torch(torch, *args, **params)
    return getattr(torch, line.numpy.__name__, None) if op.elementwise else None


def varied(op: Op[Any], args: tuple[np.ndarray, ...]) -> list[int]:
    """The positions of the arguments that a derivative is taken by: floats that have one."""
    return [i for i, a in enumerate(args) if op.vjp(i) is not None and np.asarray(a).dtype.kind == "f"]


def traced(op: Op[Any], jax: Any) -> Callable[..., Any] | None:
    """The reference for an op with JAX's NumPy in the place of NumPy: JAX differentiates it by itself."""
    # Functions of Python's, and one that writes in place; factorisations take seconds each to be compiled.
    compiled_slowly = op.__name__.endswith(("_parts", "_function")) or op.__name__ in ("inverse_gaps", "pseudoinverse")
    if op.__name__ in ("bessel", "erf", "erfc", "scatter_like") or compiled_slowly or op.__module__.endswith("windows"):
        return None
    f = reference(op)
    if f is getattr(special, f.__name__, None):
        return getattr(jax.scipy.special, f.__name__, None)
    if isinstance(f, FunctionType) and f.__globals__ is globals():
        spaces = {**globals(), "np": jax.numpy, "special": jax.scipy.special}
        on_jax = FunctionType(f.__code__, spaces, f.__name__, f.__defaults__, f.__closure__)
        on_jax.__kwdefaults__ = f.__kwdefaults__
        return on_jax
    return getattr(jax.numpy.linalg if f is getattr(np.linalg, f.__name__, None) else jax.numpy, f.__name__)
