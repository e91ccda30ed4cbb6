"""``xp`` for NumPy arrays: NumPy itself, and the few functions that the op table needs beyond it."""

from collections.abc import Callable
from contextvars import Context
from math import copysign as _copysign
from math import erf as _erf
from math import erfc as _erfc
from math import factorial
from typing import Any

import numpy as np

from autograd.namespaces import factorisations, special, windows
from autograd.typing import Function, X

__all__ = ["quietly"]  # and the functions that the op table asks for


# Where the op table's name for a function of NumPy's is not that function's own.
_NAMED: dict[str, X] = {
    "pad_array": np.pad, "stated": np.where, "full_convolution": np.convolve, "valid_correlation": np.correlate,
    **{name: getattr(np.linalg, name) for name in ("cholesky", "det", "slogdet")},
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    own = vars(factorisations).get(name) or (vars(windows).get(name) if name in windows.__all__ else None)
    found = _NAMED.get(name) or special.function(name) or own or getattr(np, name)
    globals()[name] = found
    return found


# glibc gives the memory of an array of 128 KB or more back to the system when the array is freed, and pages it in anew
# for the next one, which takes longer than to calculate with it: a pass over such arrays was two to four times slower.
# Once a larger array was freed, it keeps memory up to that size, at most 32 MB (mallopt(3), M_MMAP_THRESHOLD).
np.empty(31 << 20, np.uint8)

NUMBERS = "fd?" + np.typecodes["AllInteger"]  # what nodes carry, by `dtype.char`
Axis = int | tuple[int, ...] | None


def power(a: X, b: X) -> X:
    # ndarray's operator knows x², √x and 1/x, which np.power does not; x¹, in the derivative of x², is neither's.
    return a if type(b) is not np.ndarray and b == 1 else a**b


def where(condition: X, a: X, b: X) -> X:
    # np.where branches at each element, which a processor guesses wrong in half of relu's: up to seven times slower
    # than a mask of bits, which gives the same numbers, nan and inf included.
    if (b.__class__ is float and b == 0 and a.__class__ is np.ndarray and a.size > 4096 and a.dtype.char in _BITS) and (
        condition.__class__ is np.ndarray and condition.dtype == bool and condition.shape == a.shape
        and _copysign(1, b) > 0
    ):  # fmt: skip
        return np.bitwise_and(a.view(_BITS[a.dtype.char]), np.negative(condition.view("b"))).view(a.dtype)
    return np.where(condition, a, b)


_BITS = {"d": "q", "f": "i"}


def copy(x: X) -> X:
    return x.copy() if isinstance(x, np.ndarray) else x


def astype(x: X, dtype: str) -> X:
    """`x` in another dtype; a number in its own stays one, in others it is an array."""
    if np.dtype(dtype).char not in NUMBERS:  # of a file, perhaps
        raise TypeError(f"astype: nodes carry no {dtype}")
    return x if not isinstance(x, np.ndarray) and np.dtype(type(x)) == dtype else np.asarray(x).astype(dtype)


def sigmoid(x: X) -> X:
    # exp overflows to inf below −709 (float32: −88), where 1/inf = 0 is the right value: hence no warning. The form
    # with tanh loses the whole negative tail, and one with two branches takes twice the time.
    token = ERROR_STATE.set(QUIET)
    try:
        t = np.exp(-x)
        if type(t) is not np.ndarray:
            return 1 / (1 + t)
        t += 1  # in place: a layer's largest arrays are made here
        return np.divide(1, t, t)
    finally:
        ERROR_STATE.reset(token)


def _one_by_one_in_c(function: Callable[[float], float]) -> Function:
    """A function of the C library's that NumPy has not: exact to an ulp and a third as fast as SciPy's."""

    def of_array(x: X) -> X:
        values = np.fromiter(map(function, np.ravel(x).tolist()), np.result_type(x, np.float32), np.size(x))
        return values.reshape(np.shape(x))[()]

    return of_array


erf, erfc = _one_by_one_in_c(_erf), _one_by_one_in_c(_erfc)


def sinc(x: X, order: int = 0) -> X:
    """A derivative of f = sin(u)/u, u = πx: near 0 by its series, elsewhere by u·f⁽ⁿ⁾ = sin⁽ⁿ⁾(u) − n·f⁽ⁿ⁻¹⁾."""
    y = np.sinc(x)
    if order == 0:
        return y
    u = np.pi * x
    small = np.abs(u) < 1 + order / 2
    near, far = np.where(small, u, 0), np.where(small, 1, u)
    turns = [np.sin(far), np.cos(far), -np.sin(far), -np.cos(far)]
    y = turns[0] / far
    for n in range(1, order + 1):
        y = (turns[n % 4] - n * y) / far
    series = np.zeros_like(near)
    for k in range(12 + 2 * order, (order - 1) // 2, -1):  # the smallest terms first
        series += (
            (-1) ** k * factorial(2 * k) / factorial(2 * k - order) / factorial(2 * k + 1) * near ** (2 * k - order)
        )
    return (np.where(small, series, y) * np.pi**order).astype(y.dtype)[()]


def swapaxes(x: X, axis1: int, axis2: int) -> X:
    return x.T if x.ndim == 2 and axis1 == -1 and axis2 == -2 else x.swapaxes(axis1, axis2)


# np.sum and its like spend most of their time on dispatch when the array is small.
_sum: Function = np.add.reduce
_max: Function = np.maximum.reduce
_min: Function = np.minimum.reduce


def sum(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    return _sum(x, axis, None, None, keepdims)


def max(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    return _max(x, axis, None, None, keepdims)


def min(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    return _min(x, axis, None, None, keepdims)


def count(x: X, axis: Axis = None) -> int:
    """Number of elements of `x` along `axis`: what a mean divides by."""
    if axis is None and type(x) is np.ndarray:
        return x.size
    shape = np.shape(x)
    axes = range(len(shape)) if axis is None else (axis,) if isinstance(axis, int) else axis
    n = 1
    for k in axes:
        if not -len(shape) <= k < len(shape):
            raise np.exceptions.AxisError(k, len(shape))
        n *= shape[k]
    return n


def norm(x: X, axis: Axis = None, keepdims: bool = False) -> X:
    """The Euclidean norm, without overflow."""
    return _of_squares(lambda v, kept: np.sqrt(_sum(v * v, axis, None, None, kept)), x, axis, keepdims)


def std(x: X, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> X:
    """The standard deviation, without overflow."""
    return _of_squares(lambda v, kept: np.std(v, axis, ddof=ddof, keepdims=kept), x, axis, keepdims)


def _of_squares(root: Callable[[X, bool], X], x: X, axis: Axis, keepdims: bool) -> X:
    """The root of a sum of squares; where one overflows or vanishes, of the elements in units of the largest."""
    y = quietly(root, x, keepdims) if np.size(x) else root(x, keepdims)
    tiny = np.finfo(y.dtype).tiny ** 0.5 * 1e8 if y.dtype.kind == "f" else 0
    if np.logical_and(y > tiny, np.isfinite(y)).all() or not np.size(x):
        return y
    top = max(np.abs(x), axis, True)
    # A unit is a power of 2, so that nothing is rounded in it.
    unit = np.ldexp(np.ones_like(top), np.frexp(np.where(np.isfinite(top), top, top.dtype.type(1)))[1] - 1)
    length = quietly(root, x / unit, True) * unit
    return length if keepdims else _sum(length, axis)  # of one element: drops the axes


def prod_of_others(x: X, axis: Axis = None) -> X:
    """For each element the product of the others, all or those along `axis`: of what is left and right of it."""
    n = np.ndim(x)
    axes = tuple(range(n)) if axis is None or n == 0 else (axis,) if isinstance(axis, int) else axis
    last = tuple(range(-len(axes), 0))
    moved = np.moveaxis(np.asarray(x), axes, last)
    rows = moved.reshape(*moved.shape[: n - len(axes)], count(x, axes))
    left, right = np.ones_like(rows), np.ones_like(rows)
    np.cumprod(rows[..., :-1], -1, out=left[..., 1:])
    np.cumprod(rows[..., :0:-1], -1, out=right[..., -2::-1])
    return np.moveaxis((left * right).reshape(moved.shape), last, axes)[()]


def recurrence(a: X, x: X, axis: int) -> X:
    """The numbers sₖ = aₖ + xₖ·sₖ₋₁ along an axis."""
    if np.shape(a) != np.shape(x):
        a, x = np.broadcast_arrays(a, x)
    a, x = np.moveaxis(a, axis, -1), np.moveaxis(x, axis, -1)
    found = _in_rows(a, x) if a.size > 1000 else None  # a few are faster one by one
    return np.moveaxis(_one_by_one(a, x) if found is None else found, -1, axis)


def _one_by_one(a: X, x: X) -> X:
    found = np.empty(a.shape, np.result_type(a, x))
    for place in np.ndindex(a.shape[:-1] if a.size else 0):
        s, *terms = a[place].tolist()
        numbers = [s]
        for term, factor in zip(terms, x[place][1:].tolist(), strict=True):
            s = term + factor * s
            numbers.append(s)
        found[place] = numbers
    return found


def _in_rows(a: X, x: X) -> X:
    """A recurrence in rows of √n, each from 0 at once, then one row after the other; None where that is not safe.

    It takes the products of a row's factors. Where one overflows, a number is not finite; where one underflows, what
    is left of a large number, or of larger factors that follow, is lost.
    """
    n = a.shape[-1]
    m = int(n**0.5)

    def in_rows(v: X) -> X:
        rows = np.ones((*v.shape[:-1], -(-n // m) * m), v.dtype)
        rows[..., :n] = v
        return rows.reshape(*v.shape[:-1], -1, m)

    sums, products = in_rows(a), in_rows(x)
    for k in range(1, m):
        sums[..., k] += products[..., k] * sums[..., k - 1]
        products[..., k] *= products[..., k - 1]
    for k in range(1, sums.shape[-2]):
        sums[..., k, :] += products[..., k, :] * sums[..., k - 1, -1:]
    small = np.abs(products[..., 1:, :]) < np.finfo(products.dtype).tiny
    if small.any() and not np.logical_or.accumulate(in_rows(x)[..., 1:, :] == 0, -1)[small].all():
        return None
    found = sums.reshape(*a.shape[:-1], -1)[..., :n]
    return found if np.isfinite(found).all() else None


def middle(x: X, axis: int) -> X:
    """The places of the one or two middle elements along an axis; where one is nan, its own."""
    order = np.argsort(x, axis)
    n = order.shape[axis]
    found, last = np.take(order, range((n - 1) // 2, n // 2 + 1), axis), np.take(order, [n - 1], axis)
    return np.where(np.isnan(np.take_along_axis(x, last, axis)), last, found)


def one_hot_masks(x: X, axis: Axis = None) -> X:
    """Masks in the shape of `x`, along a new first axis: one for each element, or each along `axis`."""
    n = np.ndim(x)
    axis = axis if n else None
    axes = {k % n for k in (range(n) if axis is None else (axis,) if isinstance(axis, int) else axis)}
    lengths = tuple(m if k in axes else 1 for k, m in enumerate(np.shape(x)))
    masks = np.eye(count(x, tuple(axes)), dtype=bool)
    return np.broadcast_to(masks.reshape(len(masks), *lengths), (len(masks), *np.shape(x)))


# NumPy keeps its error state in a context variable. Setting that to a value made once is what ``np.errstate`` does, at
# a tenth of its price, which is that of two small sums.
_quiet = Context()
_quiet.run(np.seterr, all="ignore")
((ERROR_STATE, QUIET),) = _quiet.items()


def quietly(formula: Function, /, *args: X, **params: X) -> X:
    """A formula's value, without NumPy's warnings."""
    token = ERROR_STATE.set(QUIET)
    try:
        return formula(*args, **params)
    finally:
        ERROR_STATE.reset(token)


def broadcast_to(x: X, shape: tuple[int, ...]) -> X:
    out = np.empty(shape, np.result_type(x))
    out[...] = x
    if np.ndim(x) > len(shape):  # assignment drops leading ones, broadcasting does not
        raise ValueError(f"shape {np.shape(x)} does not broadcast to {shape}")
    return out


def broadcast_like(x: X, like: X) -> X:
    """`x` in the shape, dtype and kind (float or array) of `like`."""
    if not isinstance(like, np.ndarray):
        return float(x)
    out = np.empty(like.shape, like.dtype if like.dtype.kind == "f" else np.result_type(x))
    out[...] = x
    return out


def broadcast_axes(shape: tuple[int, ...], like: tuple[int, ...]) -> tuple[int, ...]:
    """The axes that broadcasting `like` to `shape` made or made longer: a sum over them undoes it."""
    extra = len(shape) - len(like)
    return tuple(k for k, n in enumerate(shape) if k < extra or (like[k - extra] == 1 and n != 1))


def sum_like(x: X, like: X) -> X:
    """`x` summed down to the shape of `like`, in its dtype and kind (float or array): what undoes broadcasting."""
    if not isinstance(like, np.ndarray):
        return float(np.add.reduce(x, axis=None))
    if type(x) is np.ndarray and x.ndim == 2 and like.ndim == 1 and x.shape[1:] == like.shape:
        total = _sum(x, 0)  # a bias in a minibatch
        return total if total.dtype is like.dtype else total.astype(like.dtype)
    x = np.asarray(x)
    shape, extra = like.shape, x.ndim - like.ndim
    if x.shape != shape:
        x = np.add.reduce(x, axis=broadcast_axes(x.shape, shape), keepdims=True)
        if extra:
            x = x.reshape(x.shape[extra:])
        if x.shape != shape:
            raise ValueError(f"shape {x.shape} does not come from broadcasting {shape}")
    return x.astype(like.dtype, copy=False)


def reshape_like(x: X, like: X) -> X:
    return np.reshape(x, np.shape(like))


def bounds(*arrays: X, axis: int) -> X:
    """Where each of the arrays begins in ``concatenate(arrays, axis)``, and where the last ends."""
    return np.cumsum([0, *(a.shape[axis] for a in arrays)])


def assemble(key: tuple[X, ...], indices: tuple[X, ...]) -> tuple[X, ...]:
    """An index from its static part and its index arrays.

    These stand at the marks ``"array"``; at a mark ``("part", i)`` one stands of which two neighbours bound a slice.
    """
    arrays = iter(indices)
    found: list[X] = []
    for k in key:
        if k == "array":
            found.append(next(arrays))
        elif isinstance(k, tuple):
            found.append(slice(*k[1:]) if k[0] == "slice" else slice(*next(arrays)[k[1] : k[1] + 2]))
        else:
            found.append(... if k == "..." else k)
    return tuple(found)


def getitem(x: X, *indices: X, key: tuple[X, ...]) -> X:
    return x[assemble(key, indices)]


def scatter_like(g: X, like: X, *indices: X, key: tuple[X, ...]) -> X:
    """Zeros in the shape of `like`, with `g` added at an index; places named twice receive both."""
    out = np.zeros(like.shape, g.dtype)
    add_at(out, g, indices, key)
    return out


def pieces(*gs: X, keys: tuple[X, ...], shape: tuple[int, ...]) -> X:
    """Zeros in that shape, with each of the arrays added at its index."""
    out = np.zeros(shape, gs[0].dtype)
    for g, key in zip(gs, keys, strict=True):
        out[assemble(key, ())] += g
    return out


def add_at(out: X, g: X, indices: tuple[X, ...], key: tuple[X, ...]) -> None:
    """Add to an array at an index."""
    if all(np.asarray(i).dtype.kind == "b" for i in indices):
        out[assemble(key, indices)] += g
    elif key == ("array",) and out.ndim > 1 and out.flags.c_contiguous:
        # NumPy adds to single elements several times as fast as to rows; a negative number of a row counts from behind.
        row = out[:1].size
        places = np.asarray(indices[0]).astype(np.intp).reshape(-1, 1) * row + np.arange(row)
        np.add.at(out.reshape(-1), places.ravel(), np.ravel(g))
    else:
        np.add.at(out, assemble(key, indices), g)


def put_back(g: X, like: X, how: str, given: tuple[X, ...]) -> X:
    """Zeros in the shape of `like`, with `g` added where the function `how` took the elements of such an array from."""
    n = np.size(like)
    places = __getattr__(how)(np.arange(1, n + 1).reshape(np.shape(like)), *given)  # 0 is where it fills in
    return np.bincount(places.ravel(), np.ravel(g), n + 1)[1:].reshape(np.shape(like)).astype(np.result_type(g))
