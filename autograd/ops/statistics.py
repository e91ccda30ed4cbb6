"""Statistics: ranges, covariances, and the functions that leave nan out.

What leaves nan out selects by ``where``, so that no gradient reaches an element that is nan.
"""

from collections.abc import Callable

from autograd.engine.libraries import numpy_dtype, values_of
from autograd.ops._helpers import INF, NAN, Axis, X, as_integer
from autograd.ops.arithmetic import div, mul, sqrt, square, sub
from autograd.ops.creation import astype
from autograd.ops.cumulative import cumprod, cumsum
from autograd.ops.joining import as_node_or_array, atleast_2d, concatenate, floats_of
from autograd.ops.linear_algebra import euclidean_norm
from autograd.ops.logic import all, greater, isnan, logical_not
from autograd.ops.products import matmul
from autograd.ops.rearranging import diag
from autograd.ops.reductions import average, max, min, prod, sum
from autograd.ops.selection import clip, where
from autograd.ops.shaping import expand_dims, squeeze, transpose

__all__ = [
    "corrcoef", "cov", "nancumprod", "nancumsum", "nanmax", "nanmean", "nanmin", "nanprod", "nanstd", "nansum",
    "nanvar", "ptp",
]  # fmt: skip


def ptp(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """The largest element less the smallest, of all or along `axis`.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([3.0, 1.0, 7.0])
    >>> y = np.ptp(x)
    >>> y.backward()
    >>> y.item(), x.grad.tolist()
    (6.0, [0.0, -1.0, 1.0])
    """
    return sub(max(x, axis, keepdims), min(x, axis, keepdims))


def cov(
    m: X, y: X = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None, fweights: X = None,
    aweights: X = None,
) -> X:  # fmt: skip
    """The covariances of variables, each a row of `m` (and of `y`); with ``rowvar=False`` a column.

    `fweights` say how often each observation is there, `aweights` how much it counts. The sum is divided by their
    number less `ddof`, which is 1, or 0 with ``bias=True``.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> m = Tensor([[1.0, 2.0, 3.0], [2.0, 4.0, 9.0]])
    >>> np.cov(m).tolist()
    [[1.0, 3.5], [3.5, 13.0]]
    """
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
    """The correlations of variables, each a row of `x` (and of `y`); with ``rowvar=False`` a column.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.corrcoef(Tensor([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]])).data.round(6).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    c = cov(x, y, rowvar)
    if c.ndim == 0:
        return div(c, c)
    deviations = sqrt(diag(c))
    return clip(div(div(c, expand_dims(deviations, 1)), deviations), -1, 1)


# ---- without nan ----


def nansum(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """The sum of the elements that are not nan, of all or along `axis`.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([1.0, np.nan, 3.0])
    >>> y = np.nansum(x)
    >>> y.backward()
    >>> y.item(), x.grad.tolist()
    (4.0, [1.0, 0.0, 1.0])
    """
    return sum(_with(0, x), axis, keepdims)


def nanprod(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """The product of the elements that are not nan, of all or along `axis`.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.nanprod(Tensor([2.0, np.nan, 3.0])).item()
    6.0
    """
    return prod(_with(1, x), axis, keepdims)


def nancumsum(x: X, axis: int | None = None) -> X:
    """The sums of the first 1, 2, 3, ... elements, along `axis`, in which nan counts as 0.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.nancumsum(Tensor([2.0, np.nan, 3.0])).tolist()
    [2.0, 2.0, 5.0]
    """
    return cumsum(_with(0, x), axis)


def nancumprod(x: X, axis: int | None = None) -> X:
    """The products of the first 1, 2, 3, ... elements, along `axis`, in which nan counts as 1.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.nancumprod(Tensor([2.0, np.nan, 3.0])).tolist()
    [2.0, 2.0, 6.0]
    """
    return cumprod(_with(1, x), axis)


def nanmax(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """The largest element that is not nan, or the largest along `axis`; nan where all are.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.nanmax(Tensor([2.0, np.nan, 3.0])).item()
    3.0
    """
    return _extreme(max, -INF, x, axis, keepdims)


def nanmin(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """The smallest element that is not nan, or the smallest along `axis`; nan where all are.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.nanmin(Tensor([2.0, np.nan, 3.0])).item()
    2.0
    """
    return _extreme(min, INF, x, axis, keepdims)


def nanmean(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """The mean of the elements that are not nan, of all or along `axis`; nan where all are.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([1.0, np.nan, 3.0])
    >>> y = np.nanmean(x)
    >>> y.backward()
    >>> y.item(), x.grad.tolist()
    (2.0, [0.5, 0.0, 0.5])
    """
    return div(nansum(x, axis, keepdims), _number(x, axis, keepdims))


def nanvar(x: X, axis: Axis = None, ddof: X = 0, keepdims: bool = False) -> X:
    """The variance of the elements that are not nan, of all or along `axis`.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.nanvar(Tensor([1.0, np.nan, 3.0])).item()
    1.0
    """
    return div(sum(square(_centred(x, axis)), axis, keepdims), _freedom(x, axis, ddof, keepdims))


def nanstd(x: X, axis: Axis = None, ddof: X = 0, keepdims: bool = False) -> X:
    """The standard deviation of the elements that are not nan; its gradient for constant data is 0, as of `std`.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.nanstd(Tensor([1.0, np.nan, 5.0])).item()
    2.0
    """
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
