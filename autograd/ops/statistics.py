"""Statistics: ranges, covariances, quantiles, and the functions that leave nan out.

What leaves nan out selects by ``where``, so that no gradient reaches an element that is nan. Quantiles pick elements as
``sort`` does: of equal ones, that which comes first in a stable order has the gradient.
"""

from collections.abc import Callable, Mapping
from math import prod as product_of

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.engine.libraries import library_of, numpy_dtype, values_of
from autograd.ops._helpers import INF, NAN, Axis, X, as_integer, with_inferred_length
from autograd.ops.arithmetic import add, div, mod, mul, sqrt, square, sub
from autograd.ops.creation import astype
from autograd.ops.cumulative import cumprod, cumsum
from autograd.ops.indexing import take_along_axis
from autograd.ops.joining import as_node_or_array, atleast_1d, atleast_2d, concatenate, floats_of
from autograd.ops.linear_algebra import euclidean_norm
from autograd.ops.logic import all, equal, greater, isinf, isnan, less, logical_and, logical_not, logical_or
from autograd.ops.products import matmul
from autograd.ops.rearranging import diag, moveaxis
from autograd.ops.reductions import average, max, min, prod, sum
from autograd.ops.rounding import ceil, floor, rint
from autograd.ops.sampling import or_infinite_end
from autograd.ops.selection import clip, minimum, where
from autograd.ops.shaping import expand_dims, ndim, reshape, shape, squeeze, transpose
from autograd.ops.sorting import sort

__all__ = [
    "corrcoef", "cov", "nancumprod", "nancumsum", "nanmax", "nanmean", "nanmedian", "nanmin", "nanpercentile",
    "nanprod", "nanquantile", "nanstd", "nansum", "nanvar", "percentile", "ptp", "quantile",
]  # fmt: skip


def ptp(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """The largest element less the smallest, of all or along `axis`."""
    return sub(max(x, axis, keepdims), min(x, axis, keepdims))


def cov(
    m: X, y: X = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None, fweights: X = None,
    aweights: X = None,
) -> X:  # fmt: skip
    """The covariances of variables, each a row of `m` (and of `y`); with ``rowvar=False`` a column."""
    rows = _variables(m, rowvar)
    if y is not None:
        rows = concatenate([rows, _variables(y, rowvar)], 0)
    _check_weights(fweights, aweights)
    weights = fweights if aweights is None else aweights if fweights is None else mul(fweights, aweights)
    ddof = (0 if bias else 1) if ddof is None else as_integer("cov", "ddof", ddof)
    if weights is None:
        total: X = rows.shape[1]
        number = total - ddof
        centred = sub(rows, average(rows, 1, keepdims=True))
        weighted = centred
    else:
        total = sum(weights)
        number = total - (ddof if aweights is None else ddof * sum(mul(weights, aweights)) / total if ddof else 0)
        centred = sub(rows, div(sum(mul(rows, weights), 1, True), total))
        weighted = mul(centred, weights)
    return squeeze(div(matmul(centred, transpose(weighted)), where(greater(number, 0), number, 0.0)))


def _check_weights(fweights: X, aweights: X) -> None:
    for name, weights in (("fweights", fweights), ("aweights", aweights)):
        data = values_of(0 if weights is None else weights)
        if data is not None and ((data < 0).any() or (name == "fweights" and (data % 1 != 0).any())):
            raise ValueError(f"cov: {name} must be {'whole ' * (name == 'fweights')}numbers, none below 0")


def _variables(x: X, rowvar: bool) -> X:
    """Variables as the rows of a matrix of float64, as NumPy calculates covariances; a vector is one variable."""
    x = as_node_or_array(x)
    if x.ndim > 2:
        raise ValueError(f"cov: the variables are the rows of a matrix, and this has {x.ndim} axes")
    matrix = atleast_2d(*floats_of(x))
    return matrix if rowvar or x.ndim < 2 else transpose(matrix)


def corrcoef(x: X, y: X = None, rowvar: bool = True) -> X:
    """The correlations of variables, each a row of `x` (and of `y`); with ``rowvar=False`` a column."""
    c = cov(x, y, rowvar)
    if c.ndim == 0:
        return div(c, c)
    deviations = sqrt(diag(c))
    return clip(div(div(c, expand_dims(deviations, 1)), deviations), -1, 1)


# ---- without nan ----


def nansum(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """The sum of the elements that are not nan, of all or along `axis`."""
    return sum(_with(0, x), axis, keepdims)


def nanprod(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """The product of the elements that are not nan, of all or along `axis`."""
    return prod(_with(1, x), axis, keepdims)


def nancumsum(x: X, axis: int | None = None) -> X:
    """The sums of the first 1, 2, 3, ... elements, along `axis`, in which nan counts as 0."""
    return cumsum(_with(0, x), axis)


def nancumprod(x: X, axis: int | None = None) -> X:
    """The products of the first 1, 2, 3, ... elements, along `axis`, in which nan counts as 1."""
    return cumprod(_with(1, x), axis)


def nanmax(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """The largest element that is not nan, or the largest along `axis`; nan where all are."""
    return _extreme(max, -INF, x, axis, keepdims)


def nanmin(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """The smallest element that is not nan, or the smallest along `axis`; nan where all are."""
    return _extreme(min, INF, x, axis, keepdims)


def nanmean(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """The mean of the elements that are not nan, of all or along `axis`; nan where all are."""
    return div(nansum(x, axis, keepdims), _number(x, axis, keepdims))


def nanvar(x: X, axis: Axis = None, ddof: X = 0, keepdims: bool = False) -> X:
    """The variance of the elements that are not nan, of all or along `axis`."""
    return div(sum(square(_centred(x, axis)), axis, keepdims), _freedom(x, axis, ddof, keepdims))


def nanstd(x: X, axis: Axis = None, ddof: X = 0, keepdims: bool = False) -> X:
    """The standard deviation of the elements that are not nan; its gradient for constant data is 0, as of `std`."""
    return div(euclidean_norm(_centred(x, axis), axis, keepdims), sqrt(_freedom(x, axis, ddof, keepdims)))


def _with(number: int, x: X) -> X:
    """`x` with a number for nan, of the dtype that it has."""
    x = as_node_or_array(x)
    return where(isnan(x), number, x) if numpy_dtype(x).kind == "f" else x


def _extreme(function: Callable[..., X], least: float, x: X, axis: Axis, keepdims: bool) -> X:
    x = as_node_or_array(x)
    if numpy_dtype(x).kind != "f":
        return function(x, axis, keepdims)
    return where(all(isnan(x), axis, keepdims), NAN, function(where(isnan(x), least, x), axis, keepdims))


def _number(x: X, axis: Axis, keepdims: bool) -> X:
    """How many are not nan, as a number of the dtype of the mean."""
    dtype = numpy_dtype(x := as_node_or_array(x))
    return astype(sum(logical_not(isnan(x)), axis, keepdims), dtype if dtype.kind == "f" else float, copy=False)


def _centred(x: X, axis: Axis) -> X:
    """The distances from the mean; 0 for what is nan."""
    x = as_node_or_array(x)
    return where(isnan(x), 0, sub(x, nanmean(x, axis, True)))


def _freedom(x: X, axis: Axis, ddof: X, keepdims: bool) -> X:
    freedom = sub(_number(x, axis, keepdims), ddof)
    return where(greater(freedom, 0), freedom, NAN)


# ---- quantiles ----

# The place of a quantile in an ascending row of n, counted from 0.
_Place = Callable[[X, X], X]


def _through(n: X, q: X) -> X:
    return mul(sub(n, 1), q)


def _between(alpha: float, beta: float) -> _Place:
    return lambda n, q: sub(add(mul(n, q), add(alpha, mul(q, 1 - alpha - beta))), 1)


def _averaged(n: X, q: X) -> X:
    """The place above; where the place is one, half way to the next."""
    place = sub(mul(n, q), 1)
    return where(equal(place, floor(place)), add(floor(place), 0.5), ceil(place))


def _closest(n: X, q: X) -> X:
    """The nearest place; of two equally near ones that which is even, counted from 1."""
    place = sub(mul(n, q), 1.5)
    halved = logical_and(equal(place, floor(place)), equal(mod(floor(place), 2), 1))
    return where(halved, floor(place), add(floor(place), 1))


# By NumPy's names. Those in _WHOLE pick an element; the others lie between two.
_PLACES: Mapping[str, _Place] = {
    "linear": _through,
    "lower": lambda n, q: floor(_through(n, q)),
    "higher": lambda n, q: ceil(_through(n, q)),
    "nearest": lambda n, q: rint(_through(n, q)),
    "midpoint": lambda n, q: div(add(floor(_through(n, q)), ceil(_through(n, q))), 2),
    "inverted_cdf": lambda n, q: ceil(sub(mul(n, q), 1)),
    "averaged_inverted_cdf": _averaged,
    "closest_observation": _closest,
    "interpolated_inverted_cdf": _between(0.0, 1.0),
    "hazen": _between(0.5, 0.5),
    "weibull": _between(0.0, 0.0),
    "median_unbiased": _between(1 / 3.0, 1 / 3.0),
    "normal_unbiased": _between(3 / 8.0, 3 / 8.0),
}
_WHOLE = {"lower", "higher", "nearest", "inverted_cdf", "closest_observation"}


def quantile(x: X, q: X, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> X:
    """What the share `q` of the elements lies below, of all or along `axis`, by NumPy's methods; nan where one is nan.

    Several shares make a first axis. The result has a derivative by `q` too, where the method goes between elements.
    """
    return _quantile(x, _shares("quantile", x, q, 1), axis, method, keepdims, "quantile")


def percentile(x: X, q: X, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> X:
    """What `q` percent of the elements lie below, of all or along `axis`, by NumPy's methods; nan where one is nan."""
    return _quantile(x, _shares("percentile", x, q, 100), axis, method, keepdims, "percentile")


def nanquantile(x: X, q: X, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> X:
    """What the share `q` of the elements that are not nan lies below, of all or along `axis`."""
    return _quantile(x, _shares("nanquantile", x, q, 1), axis, method, keepdims, "nanquantile", without_nan=True)


def nanpercentile(x: X, q: X, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> X:
    """What `q` percent of the elements that are not nan lie below, of all or along `axis`."""
    return _quantile(x, _shares("nanpercentile", x, q, 100), axis, method, keepdims, "nanpercentile", without_nan=True)


def nanmedian(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """The middle element of those that are not nan, of all or along `axis`; of an even number the mean of the two."""
    return _quantile(x, _shares("nanmedian", x, 0.5, 1), axis, "linear", keepdims, "nanmedian", without_nan=True)


def _shares(name: str, x: X, q: X, whole: int) -> X:
    """The shares as an array; one number has the dtype of the data, as everywhere."""
    dtype = numpy_dtype(as_node_or_array(x))
    weak = isinstance(q, (int, float)) or isinstance(getattr(q, "_data", None), float)
    q = as_node_or_array(q)
    own, shares = numpy_dtype(q), values_of(q)
    if own.kind not in "biuf" or q.ndim > 1 or not (shares is None or np.all((shares >= 0) & (shares <= whole))):
        raise ValueError(f"{name}: q must be numbers between 0 and {whole}, one or a vector of them")
    weak = weak or (library_of(x) is not None and library_of(q) is None)
    q = astype(q, dtype if weak and dtype.kind == "f" else np.result_type(own, 0.0), copy=False)
    return div(q, whole) if whole > 1 else q


def _quantile(x: X, q: X, axis: Axis, method: str, keepdims: bool, name: str, *, without_nan: bool = False) -> X:
    if method not in _PLACES:
        raise ValueError(f"{name}: method={method!r}; it is one of {', '.join(_PLACES)}")
    x = as_node_or_array(x)
    if method not in _WHOLE and numpy_dtype(x).kind != "f":
        x = astype(x, float)  # integers of few bits have no room for their differences
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim, name)
    ascending = sort(_rows(name, x, axes))  # nan comes last
    n = ascending.shape[-1]
    missing = isnan(ascending)
    count: X = astype(sum(logical_not(missing), -1, True), q.dtype) if without_nan else n
    place, last = _PLACES[method](count, atleast_1d(q)), sub(count, 1)
    place = where(less(place, 0), 0.0, where(greater(place, last), last, place))  # no limit shares a slope, as in clip
    if not without_nan and numpy_dtype(ascending).kind == "f":
        place = where(missing[..., -1:], n - 1, place)
    place = reshape(place, (1,) * (ascending.ndim - ndim(place)) + shape(place))
    below = floor(place)
    result = take_along_axis(ascending, astype(below, int), -1)
    if method not in _WHOLE:
        # At a whole place too the next element is looked at: the slope by the share is that of the line on the right.
        above = take_along_axis(ascending, astype(minimum(add(below, 1), last), int), -1)
        result = _on_line(result, above, sub(place, below))
    result = moveaxis(result, -1, 0) if q.ndim else squeeze(result, -1)
    if not keepdims:
        return result
    return reshape(result, shape(q) + tuple(1 if k in axes else m for k, m in enumerate(x.shape)))


def _on_line(start: X, end: X, t: X) -> X:
    """The number at the share `t` of the way, counted from the nearer end, as NumPy does."""
    infinite = logical_or(isinf(start), isinf(end))
    way = sub(where(infinite, 0.0, end), where(infinite, 0.0, start))
    line = where(less(t, 0.5), add(start, mul(way, t)), sub(end, mul(way, sub(1, t))))
    return or_infinite_end(line, start, end, t)


def _rows(name: str, x: X, axes: tuple[int, ...]) -> X:
    """`x` with some of its axes as one, the last."""
    kept = tuple(m for k, m in enumerate(x.shape) if k not in axes)
    n = product_of(x.shape[k] for k in axes)
    if n == 0:
        raise ValueError(f"{name}: nothing has none; x has shape {x.shape}")
    last = tuple(range(-len(axes), 0))
    moved = x if axes == tuple(k % x.ndim for k in last) else moveaxis(x, axes, last)
    return moved if len(axes) == 1 else reshape(moved, with_inferred_length((*kept, n), len(kept)))
