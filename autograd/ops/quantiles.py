"""Quantiles and percentiles, by all of NumPy's methods, and those that leave nan out.

They pick elements as ``sort`` does: of equal ones, that which comes first in a stable order has the gradient.
"""

from collections.abc import Callable, Mapping
from math import prod as product_of

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.engine.libraries import library_of, numpy_dtype, values_of
from autograd.ops._helpers import Axis, X, with_inferred_length
from autograd.ops.arithmetic import add, div, mod, mul, sub
from autograd.ops.creation import astype
from autograd.ops.indexing import take_along_axis
from autograd.ops.joining import as_node_or_array, atleast_1d
from autograd.ops.logic import equal, greater, isinf, isnan, less, logical_and, logical_not, logical_or
from autograd.ops.rearranging import moveaxis
from autograd.ops.reductions import sum
from autograd.ops.rounding import ceil, floor, rint
from autograd.ops.sampling import or_infinite_end
from autograd.ops.selection import minimum, where
from autograd.ops.shaping import ndim, reshape, shape, squeeze
from autograd.ops.sorting import sort

__all__ = ["nanmedian", "nanpercentile", "nanquantile", "percentile", "quantile"]

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

    >>> import autograd.numpy as np
    >>> from autograd import Tensor, Value
    >>> x, q = Tensor([1.0, 2.0, 6.0]), Value(0.75)
    >>> y = np.quantile(x, q)
    >>> y.sum().backward()
    >>> y.item(), x.grad.tolist(), float(q.grad)  # it lies half way from 2 to 6
    (4.0, [0.0, 0.5, 0.5], 8.0)
    """
    return _quantile(x, _shares("quantile", x, q, 1), axis, method, keepdims, "quantile")


def percentile(x: X, q: X, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> X:
    """What `q` percent of the elements lie below, of all or along `axis`, by NumPy's methods; nan where one is nan.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 2.0, 6.0])
    >>> np.percentile(x, [50, 75]).tolist(), np.percentile(x, 75, method="lower").item()
    ([2.0, 4.0], 2.0)
    """
    return _quantile(x, _shares("percentile", x, q, 100), axis, method, keepdims, "percentile")


def nanquantile(x: X, q: X, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> X:
    """What the share `q` of the elements that are not nan lies below, of all or along `axis`.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.nanquantile(Tensor([1.0, np.nan, 2.0, 6.0]), 0.75).item()
    4.0
    """
    return _quantile(x, _shares("nanquantile", x, q, 1), axis, method, keepdims, "nanquantile", without_nan=True)


def nanpercentile(x: X, q: X, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> X:
    """What `q` percent of the elements that are not nan lie below, of all or along `axis`.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.nanpercentile(Tensor([1.0, np.nan, 2.0, 6.0]), 75).item()
    4.0
    """
    return _quantile(x, _shares("nanpercentile", x, q, 100), axis, method, keepdims, "nanpercentile", without_nan=True)


def nanmedian(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """The middle element of those that are not nan, of all or along `axis`; of an even number the mean of the two.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.nanmedian(Tensor([1.0, np.nan, 2.0, 6.0])).item()
    2.0
    """
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
