"""Assembling: grids, blocks, what is put in or left out, and functions of each row.

What puts in or leaves out asks NumPy's own function of the places 0, 1, 2, ... where each element comes from.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.engine.coercion import has_node
from autograd.engine.libraries import numpy_dtype
from autograd.engine.node import Node
from autograd.ops._helpers import X, as_integer, normalise_axis
from autograd.ops.creation import astype
from autograd.ops.cumulative import diff
from autograd.ops.indexing import take
from autograd.ops.joining import as_node_or_array, asarray, broadcast_arrays, concatenate, ravel, stack, vstack
from autograd.ops.rearranging import diag, moveaxis
from autograd.ops.selection import where
from autograd.ops.shaping import expand_dims, ndim, reshape
from autograd.typing import Function

__all__ = [
    "apply_along_axis", "apply_over_axes", "block", "delete", "diagflat", "ediff1d", "insert", "meshgrid",
    "piecewise", "resize", "rollaxis", "row_stack", "unstack",
]  # fmt: skip


def meshgrid(*xi: X, sparse: bool = False, indexing: str = "xy") -> tuple[X, ...]:
    """The coordinates of a grid's points from those along each axis: an array for each, or with ``sparse`` one row.

    The first axis of the results is the second one's, as in a picture, but for ``indexing="ij"``.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x, y = np.meshgrid(Tensor([1.0, 2.0]), Tensor([10.0, 20.0, 30.0]))
    >>> x.tolist(), y.tolist()
    ([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]], [[10.0, 10.0], [20.0, 20.0], [30.0, 30.0]])
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f'meshgrid: indexing={indexing!r}; it is "xy" or "ij"')
    n = len(xi)
    order = [1, 0, *range(2, n)] if indexing == "xy" and n > 1 else range(n)
    rows = tuple(
        reshape(as_node_or_array(x), (1,) * k + (-1,) + (1,) * (n - k - 1)) for k, x in zip(order, xi, strict=True)
    )
    return rows if sparse or not rows else broadcast_arrays(*rows)


def block(arrays: X | Sequence[X]) -> X:
    """Nested lists of arrays as one array: the innermost lists lie along the last axis, those around before it.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.block([[Tensor([1.0]), Tensor([2.0])], [Tensor([3.0, 4.0])]]).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    depth = _depth(arrays)
    rank = max(depth, *_ranks(arrays), 1) if depth else _ranks(arrays)[0]

    def joined(parts: Any, level: int) -> X:
        if level == depth:
            part = as_node_or_array(parts)
            return reshape(part, (1,) * (rank - part.ndim) + part.shape) if part.ndim < rank else part
        return concatenate([joined(part, level + 1) for part in parts], level - depth)

    return joined(arrays, 0)


def _depth(arrays: Any) -> int:
    if not isinstance(arrays, list):
        return 0
    depths = {_depth(part) for part in arrays}
    if not depths:
        raise ValueError("block: a list is empty; give each at least one array")
    if len(depths) != 1:
        raise ValueError("block: the lists are nested to different depths")
    return 1 + depths.pop()


def _ranks(arrays: Any) -> list[int]:
    return [r for part in arrays for r in _ranks(part)] if isinstance(arrays, list) else [ndim(arrays)]


def delete(x: X, obj: Any, axis: int | None = None) -> X:
    """`x` without the elements at `obj` (integers, a slice or conditions) along `axis`; without one, in a row.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 2.0, 3.0])
    >>> y = np.delete(x, 1)
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist()
    ([1.0, 3.0], [1.0, 0.0, 1.0])
    """
    x = ravel(x) if axis is None else as_node_or_array(x)
    k = normalise_axis("delete", 0 if axis is None else axis, x.ndim)
    return take(x, _edited("delete", np.arange(x.shape[k]), obj), k)


def insert(x: X, obj: Any, values: X, axis: int | None = None) -> X:
    """`x` with `values` put in before the places `obj` along `axis`; without one, of all elements in a row.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.insert(Tensor([1.0, 2.0]), 1, 9.0).tolist()
    [1.0, 9.0, 2.0]
    """
    x, values = as_node_or_array(x), as_node_or_array(values)
    places = np.arange(np.prod(x.shape, dtype=int)).reshape(x.shape)
    new = places.size + np.arange(np.prod(values.shape, dtype=int)).reshape(values.shape)
    if isinstance(values, Node) or numpy_dtype(values) != numpy_dtype(x):
        values = astype(values, x.dtype, copy=False)  # as NumPy, which puts them into an array of that dtype
    return concatenate([ravel(x), ravel(values)])[_edited("insert", places, obj, new, axis)]


def _edited(name: str, places: Any, obj: Any, *args: Any) -> Any:
    """NumPy's function of that name of the places; `obj`, of nodes too, becomes plain integers or conditions."""
    try:
        return getattr(np, name)(places, asarray(obj).data if has_node([obj]) else obj, *args)
    except IndexError as error:
        raise IndexError(f"{name}: {error}") from None


def resize(x: X, new_shape: int | tuple[int, ...]) -> X:
    """The elements of `x` in a new shape: as many as it takes, from the first again after the last.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 2.0])
    >>> y = np.resize(x, (3,))
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist()
    ([1.0, 2.0, 1.0], [2.0, 1.0])
    """
    x = ravel(as_node_or_array(x))
    return x[np.resize(np.arange(x.shape[0]), new_shape)]


def unstack(x: X, axis: int = 0) -> tuple[X, ...]:
    """The arrays that lie side by side along `axis`.

    >>> from autograd import Tensor
    >>> from autograd.ops.assembling import unstack
    >>> [row.tolist() for row in unstack(Tensor([[1.0, 2.0], [3.0, 4.0]]))]
    [[1.0, 2.0], [3.0, 4.0]]
    """
    x = as_node_or_array(x)
    if x.ndim == 0:
        raise ValueError("unstack: a number has no axis along which arrays lie")
    return tuple(moveaxis(x, axis, 0) if axis else x)


def row_stack(arrays: Sequence[X]) -> X:
    """The arrays one below the other, as ``vstack``, of which this is an older name.

    >>> from autograd import Tensor
    >>> from autograd.ops.assembling import row_stack
    >>> row_stack([Tensor([1.0, 2.0]), [3.0, 4.0]]).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    return vstack(arrays)


def rollaxis(x: X, axis: int, start: int = 0) -> X:
    """`x` with an axis moved to lie before the one at `start`; ``moveaxis`` says this more clearly.

    >>> import autograd.numpy as np
    >>> np.rollaxis(np.zeros((2, 3, 5)), 2).shape
    (5, 2, 3)
    """
    n = ndim(x)
    axis = normalise_axis("rollaxis", axis, n)
    start = as_integer("rollaxis", "start", start)
    if not -n <= start <= n:
        raise ValueError(f"rollaxis: start={start}, but x has {n} axes")
    start += n if start < 0 else 0
    return moveaxis(x, axis, start - 1 if axis < start else start)


def diagflat(x: X, k: int = 0) -> X:
    """The matrix with the elements of `x` on its `k`-th diagonal.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.diagflat(Tensor([[1.0], [2.0]])).tolist()
    [[1.0, 0.0], [0.0, 2.0]]
    """
    return diag(ravel(as_node_or_array(x)), k)


def ediff1d(x: X, to_end: X = None, to_begin: X = None) -> X:
    """The differences of neighbours in a row of all elements, between `to_begin` and `to_end`.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.ediff1d(Tensor([1.0, 4.0, 9.0]), to_end=0.0).tolist()
    [3.0, 5.0, 0.0]
    """
    differences = diff(ravel(as_node_or_array(x)))
    before, after = (v if v is None else astype(ravel(as_node_or_array(v)), differences.dtype, copy=False)
                     for v in (to_begin, to_end))  # fmt: skip
    parts = [v for v in (before, differences, after) if v is not None]
    return concatenate(parts) if len(parts) > 1 else differences


# ---- functions that users give ----


def apply_along_axis(func1d: Function, axis: int, x: X, *args: X, **kwargs: X) -> X:
    """A function of each vector along `axis`, its results (numbers or arrays) in the place of the vectors.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor, norm
    >>> x = Tensor([[3.0, 4.0], [5.0, 12.0]])
    >>> y = np.apply_along_axis(norm, 1, x)
    >>> y[0].backward()
    >>> y.tolist(), x.grad.tolist()
    ([5.0, 13.0], [[0.6, 0.8], [0.0, 0.0]])
    """
    x = as_node_or_array(x)
    axis = normalise_axis("apply_along_axis", axis, x.ndim)
    others = x.shape[:axis] + x.shape[axis + 1 :]
    if 0 in others:
        raise ValueError(f"apply_along_axis: there are no vectors along axis {axis} of an array of shape {x.shape}")
    rows = moveaxis(x, axis, -1) if axis != x.ndim - 1 else x
    results = [as_node_or_array(func1d(rows[place], *args, **kwargs)) for place in np.ndindex(others)]
    joined = reshape(stack(results), others + results[0].shape)
    inner = range(len(others), joined.ndim)
    return (
        moveaxis(joined, tuple(inner), tuple(range(axis, axis + len(inner))))
        if inner and axis < len(others)
        else joined
    )


def apply_over_axes(func: Function, x: X, axes: Any) -> X:
    """A function of `x` and an axis, one axis after the other; an axis that it drops is kept with one element.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> np.apply_over_axes(np.sum, Tensor([[1.0, 2.0], [3.0, 4.0]]), [0, 1]).tolist()
    [[10.0]]
    """
    x = as_node_or_array(x)
    n = x.ndim
    for axis in [axes] if np.ndim(axes) == 0 else axes:
        axis = normalise_axis("apply_over_axes", axis, n)
        result = func(x, axis)
        x = result if ndim(result) == n else expand_dims(result, axis)
        if x.ndim != n:
            raise ValueError(f"apply_over_axes: func gave {ndim(result)} axes for {n}; it may drop one axis or none")
    return x


def piecewise(x: X, condlist: X | Sequence[X], funclist: Sequence[Any], *args: X, **kwargs: X) -> X:
    """For each element the function, or the number, of the last condition that holds; one more is for where none does.

    Every function is called with the whole of `x`, and ``where`` selects of its results.

    >>> import autograd.numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor([-2.0, 3.0])
    >>> y = np.piecewise(x, [x < 0, x >= 0], [lambda x: -x, lambda x: x**2])
    >>> y.sum().backward()
    >>> y.tolist(), x.grad.tolist()
    ([2.0, 9.0], [-1.0, 6.0])
    """
    x = as_node_or_array(x)
    conditions = list(condlist) if isinstance(condlist, (list, tuple)) and ndim(condlist[0]) == x.ndim else [condlist]
    if len(funclist) - len(conditions) not in (0, 1):
        raise ValueError(
            f"piecewise: {len(conditions)} conditions and {len(funclist)} functions; one more is the default"
        )
    *functions, default = [*funclist, 0][: len(conditions) + 1]
    results = [f(x, *args, **kwargs) if callable(f) else f for f in (default, *functions)]
    y = results[0]
    for condition, result in zip(conditions, results[1:], strict=True):
        y = where(condition, result, y)
    return astype(y, x.dtype, copy=False) if ndim(y) else y
