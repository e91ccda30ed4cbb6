"""Calls to try the functions on that are written in other ops and stand in late chapters of the table."""

import numpy as np

from tests.helpers.derived import (
    AWAY,
    CUBE,
    HOLES,
    ONE,
    POSITIVE,
    ROW,
    SQUARE,
    TRUTH,
    WITH_ZEROS,
    Derived,
    U,
    V,
    W,
    X,
    Y,
    axes,
    call,
    of,
)  # fmt: skip
from tests.helpers.derived import DERIVED as EARLY
from tests.helpers.support import numbers

HOLLOW = np.where(np.arange(12).reshape(2, 2, 3) % 7 == 1, np.nan, numbers((2, 2, 3), 6))
BLOCK = numbers((2, 2, 3), 16)
UNITS = np.array([3, 0, 3, 1])
ASCENDING = np.array([-1.0, 0.2, 0.9, 2.5])
BETWEEN = np.array([[-2.1, -0.4], [1.7, 3.1]])
LONG, SEVEN = numbers((9,), 13), numbers((7,), 14)
VECTORS = ((U, V), (V, U), (V, V))
MINUS = np.asarray(-0.7)
SHARES = [0.0, 0.3, 0.55, 1.0]
CONTINUOUS = ("linear", "interpolated_inverted_cdf", "hazen", "weibull", "median_unbiased", "normal_unbiased")
METHODS = (
    *CONTINUOUS, "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "lower", "higher", "midpoint",
    "nearest",
)  # fmt: skip
without_nan = (*axes(HOLLOW, 0, (0, 2)), call(V), call(HOLES, axis=1, keepdims=True))
spread = (*axes(HOLLOW, (0, 2)), call(V), call(HOLES, ddof=1), call(HOLES, axis=1, ddof=1, keepdims=True))
quantiles = (
    call(X, 0.3), call(BLOCK, SHARES[:2], axis=1), call(BLOCK, 0.4, axis=(0, 2)), call(V, np.asarray(0.35)),
    call(BLOCK, SHARES[:2], axis=-1, keepdims=True), call(X, 0.7, keepdims=True), call(U, 0.5),
    *(call(SEVEN[:5], SHARES, method=m) for m in METHODS),
)  # fmt: skip
percents = (
    call(SEVEN, 30), call(X, [20.0, 65.0], axis=1), call(X, 40, axis=0, method="hazen", keepdims=True),
    call(V, np.asarray(35.0)),
)  # fmt: skip
without_holes = (call(HOLES, [0.2, 0.7], axis=-1), call(HOLES, 0.3, axis=1, method="weibull"))
sets = (call(V, W), call(X, V), call(V, U, assume_unique=True))

DERIVED: dict[str, Derived] = EARLY | {
    "allclose": of(call(X, X), call(X, Y), call(X, X + 1e-9), call(HOLES, HOLES), call(HOLES, HOLES, equal_nan=True)),
    "apply_along_axis": of(
        call(lambda v: v * v[0], 0, BLOCK), call(lambda v: v[1] * v[0], 1, BLOCK), call(lambda v: v * 2, -1, V),
        call(lambda v, k: v[:2] * k, 1, BLOCK, 3.0), call(np.outer, 1, X, V),
    ),
    "apply_over_axes": of(call(np.sum, BLOCK, [0, 2]), call(np.cumsum, X, 1)),
    "argwhere": of(call(WITH_ZEROS), call(CUBE > 0), call(V), call(0 * X)),
    "array_equal": of(call(X, X), call(X, Y), call(X, V), call(HOLES, HOLES), call(HOLES, HOLES, equal_nan=True)),
    "array_equiv": of(call(ROW, ROW[0]), call(X, V), call(X, U)),
    "asanyarray": of(call(X), call([ONE, ONE])),
    "asarray_chkfinite": of(call(X)),
    "ascontiguousarray": of(call(X), call(ONE)),
    "asfortranarray": of(call(X)),
    "bincount": of(call(UNITS, U), call(UNITS, U, 6), call(UNITS, weights=U, minlength=2)),
    "bitwise_xor": of(call(X > 0, Y > 0)),
    "block": of(
        call([[X, Y], [Y, X]]), call([V, U]), call([[X, X[:, :1]], [ROW, ONE]]), call(X), call([ONE, V, 2.0]),
        call([[[BLOCK]], [[BLOCK]]]),
    ),
    "choose": of(
        call(np.array([1, 0, 1]), [V, W]), call(np.array([[4, 0, -3], [1, 1, 0]]), [X, V], mode="wrap"),
        call(np.array([4, 0, -3]), [V, 2.0], mode="clip"),
    ),
    "compress": of(
        call([True, False, True], V), call(np.array([0, 1]), X, axis=0), call([True], BLOCK, axis=-1),
        call([0, 1, 1], X),
    ),
    "conjugate": of(call(X)),
    "convolve": of(
        *(call(a, v, m) for a, v in VECTORS for m in ("full", "same", "valid")), call(ONE[None], V),
    ),
    "corrcoef": of(call(X), call(X.T, rowvar=False), call(V, W), call(U)),
    "correlate": of(
        *(call(a, v, m) for a, v in VECTORS for m in ("full", "same", "valid")), call(U, V),
    ),
    "cov": of(
        call(X), call(X.T, rowvar=False), call(V, W), call(U, bias=True),
        call(V, W, ddof=0), call(X, fweights=[1, 2, 3]), call(X, aweights=POSITIVE[0]),
        call(X, aweights=POSITIVE[0], ddof=0), call(X.T, Y.T, False, fweights=[2, 1, 1], aweights=POSITIVE[1]),
    ),
    "cumulative_prod": of(call(V), call(BLOCK, axis=1), call(X, axis=-1, include_initial=True)),
    "cumulative_sum": of(call(V), call(BLOCK, axis=1), call(X, axis=-1, include_initial=True)),
    "delete": of(
        call(V, 1), call(X, 2), call(BLOCK, [0, -1], axis=2), call(X, slice(0, 2), 1),
        call(V, np.array([True, False, True])),
    ),
    "diag_indices_from": of(call(SQUARE)),
    "diagflat": of(call(X), call(V, 1), call(ONE)),
    "digitize": of(call(BETWEEN, ASCENDING), call(BETWEEN, ASCENDING[::-1]), call(ASCENDING, ASCENDING, right=True)),
    "ediff1d": of(call(X), call(V, to_end=W), call(V, to_end=1.0, to_begin=ONE), call(ONE[None])),
    "empty_like": of(),
    "extract": of(call(TRUTH, X), call(UNITS > 0, U), call([1, 0, 0], V)),
    "float_power": of(call(POSITIVE, X), call(POSITIVE, 3), call(2, X)),
    "geomspace": of(call(ONE, 5.0, 6), call(-2.0, MINUS, 3), call(POSITIVE, POSITIVE[::-1], 4, endpoint=False)),
    "gradient": of(
        call(SEVEN), call(X), call(BLOCK, axis=-1), call(BLOCK, axis=(0, 2)), call(X, 0.3), call(X, 0.3, ONE),
        call(U, ASCENDING), call(BLOCK, 2.0, [0.0, 1.0, 3.0], axis=(0, 2)), call(U, ASCENDING, edge_order=2),
        call(LONG, 0.5, edge_order=2), call(BLOCK, V, axis=-1, edge_order=2), call(V[:2]),
    ),
    "imag": of(call(X)),
    "insert": of(
        call(V, 1, ONE), call(X, 1, V, axis=0), call(X, [0, 2], Y[:, :2], axis=1), call(V, [1, 1], [2.0, 3.0]),
        call(X, 2, 5.0), call(BLOCK, slice(0, 2), 1.0, axis=2), call(X, -1, V[:2], 1), call(V, [0, 3], W[:2]),
    ),
    "interp": of(
        call(BETWEEN, ASCENDING, U), call(BETWEEN[0], ASCENDING[:3], V, -1.0, ONE),
        call(BETWEEN[1], ASCENDING[:3], V, period=4.4),
        call(ONE, ASCENDING, U), call(BETWEEN, ONE[None], ONE[None], left=2.0), call(0.5, [0.0, 1.0], V[:2]),
    ),
    "intersect1d": of(*sets),
    "iscomplex": of(call(X)),
    "iscomplexobj": of(call(X)),
    "isclose": of(
        call(X, Y), call(X, X + 1e-9), call(HOLES, HOLES), call(HOLES, HOLES, equal_nan=True),
        call(np.array([np.inf, -np.inf, 1.0]), np.array([np.inf, np.inf, np.inf])), call(X, V, rtol=0.5, atol=0.1),
    ),
    "isin": of(
        call(X, X[0]), call(X, [0.5, X[1, 1]], invert=True), call(HOLES, HOLES), call(X, np.zeros(0)),
        call(X, 3.0, assume_unique=True),
    ),
    "isneginf": of(call(np.array([np.inf, -np.inf, np.nan, 1.0]))),
    "isposinf": of(call(np.array([np.inf, -np.inf, np.nan, 1.0]))),
    "isreal": of(call(HOLES)),
    "isrealobj": of(call(X)),
    "isscalar": of(call(X)),
    "iterable": of(call(X), call(ONE)),
    "ix_": of(call(UNITS, [1, 2]), call(V > 0, UNITS), call([])),
    "ldexp": of(call(X, UNITS[:3]), call(X, -3), call(ONE, 2)),
    "lexsort": of(call([V, UNITS[:3]]), call((X, np.round(Y))), call([UNITS, UNITS > 0], axis=0)),
    "logspace": of(call(ONE, 2.0, 5), call(V, W, 4, base=2.0), call(0.0, 1.0, 3, base=ONE)),
    "matvec": of(call(X, V), call(BLOCK, V), call(BLOCK, Y)),
    "meshgrid": of(
        call(V, U), call(V, U, indexing="ij"), call(V, U, sparse=True), call(V, U, W), call(V), call(ONE, V),
        call(V, U, sparse=True, indexing="ij"), call(),
    ),
    "modf": of(call(AWAY)),
    "nan_to_num": of(
        call(HOLES), call(np.array([np.inf, -np.inf, np.nan, 1.0]), True, 2.0, 3.0, -4.0), call(HOLES, nan=2.0),
    ),
    "nanargmax": of(call(HOLES), call(HOLLOW, axis=-1), call(HOLES, axis=1, keepdims=True)),
    "nanargmin": of(call(HOLES), call(HOLLOW, axis=-1), call(HOLES, axis=1, keepdims=True)),
    "nancumprod": of(call(HOLES), call(HOLLOW, axis=-1)),
    "nancumsum": of(call(HOLES), call(HOLLOW, axis=-1)),
    "nanmax": of(*without_nan),
    "nanmean": of(*without_nan),
    "nanmedian": of(*without_nan[2:]),
    "nanmin": of(*without_nan),
    "nanpercentile": of(call(HOLES, 40), call(HOLLOW, [20.0, 70.0], axis=-1)),
    "nanprod": of(*without_nan),
    "nanquantile": of(*without_holes),
    "nanstd": of(*spread),
    "nansum": of(*without_nan),
    "nanvar": of(*spread),
    "nonzero": of(call(WITH_ZEROS), call(CUBE > 0), call(V), call(0 * X)),
    "partition": of(call(V, 1), call(X, 1, axis=-1), call(X, 1, 0), call(V, (0, 1)), call(X[:, :2], 0, axis=1)),
    "percentile": of(*percents),
    "piecewise": of(
        call(X, [X < 0, X >= 0], [lambda x: x * x, lambda x: 3 * x]), call(X, [TRUTH], [lambda x: x * 2, 5.0]),
        call(V, V > 0, [lambda x, k: x * k], 3.0),
    ),
    "poly": of(call(V), call(ONE[None])),
    "polyadd": of(call(V, U), call(V, W)),
    "polyder": of(call(U), call(U, 2), call(V, 0)),
    "polyint": of(call(U), call(U, 2, [1.0, 2.0]), call(V, k=ONE), call(V, 0)),
    "polysub": of(call(V, U), call(U, V)),
    "polyval": of(call(V, X), call(U, ONE), call(ONE[None], X)),
    "ptp": of(call(X), *axes(BLOCK, 0, (0, 2)), call(X, axis=1, keepdims=True)),
    "quantile": of(*quantiles),
    "real": of(call(X)),
    "real_if_close": of(call(X)),
    "resize": of(call(X, (3, 4)), call(V, 7), call(X, (1, 2))),
    "result_type": of(),
    "rollaxis": of(*(call(BLOCK, a, s) for a, s in ((0, 3), (1, 0), (-1, 2), (1, -1))), call(BLOCK, 2)),
    "row_stack": of(),
    "setdiff1d": of(*sets),
    "setxor1d": of(call(V, W)),
    "tril_indices_from": of(call(SQUARE), call(X, 1)),
    "triu_indices_from": of(call(SQUARE), call(X, -1)),
    "union1d": of(call(V, W)),
    "unstack": of(call(X), call(BLOCK, axis=-1)),
    "unwrap": of(
        call(np.array([0.1, 3.4, 7.0, -1.0])), call(5 * X), call(5 * X, axis=0), call(5 * X, period=2.0),
        call(5 * X, discont=4.0), call(ONE[None]),
    ),
    "vander": of(call(V), call(U, 3), call(V, 4, increasing=True), call(V, 1), call(WITH_ZEROS[0])),
    "vecmat": of(call(V, X.T), call(X[0, :2], BLOCK), call(X[:, :2], BLOCK)),
}  # fmt: skip
