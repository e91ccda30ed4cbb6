"""``Tensor``: a node on a NumPy array, for vectors, matrices and minibatches."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import numpy as np

from autograd.engine.node import KINDS, Node, array, describe, short
from autograd.engine.record import on_arrays
from autograd.operators import Operators
from autograd.ops import arithmetic, exponential, indexing, neural, products, reductions, trigonometric
from autograd.ops._helpers import Axis
from autograd.tracebacks import entrance

__all__ = ["Tensor"]


# Most losses end in a reduction over all axes; these are its static arguments.
_WHOLE = MappingProxyType({"axis": None, "keepdims": False})


class Tensor(Operators):
    """An array node: a NumPy array, also a 0-d one, that remembers how it was computed.

    Parameters
    ----------
    data : array_like
        Real numbers, which are copied. float32 stays float32; integers are carried but not differentiated.
    label : str, optional
        Its name in texts and pictures.
    requires_grad : bool, optional
        Whether backward passes give it a gradient; by default True for floats.
    dtype : dtype, optional
        The dtype of the data.

    Raises
    ------
    TypeError
        If the data are no real numbers, or a gradient is asked for integers.
    ValueError
        If the rows of a list differ in length.

    Examples
    --------
    >>> from autograd import Tensor
    >>> W = Tensor([[0.1, 0.7], [0.3, 0.2]], "W")
    >>> y = (W @ [0.5, 0.8]).sigmoid().sum()
    >>> y.backward()
    >>> W.grad.shape
    (2, 2)
    """

    __slots__ = ()
    __hash__ = object.__hash__

    @entrance
    def __init__(
        self, data: Any, label: str | None = None, requires_grad: bool | None = None, dtype: Any = None
    ) -> None:
        if isinstance(data, Node):
            raise TypeError("Tensor: this is a node already; x.detach() makes a leaf of its data")
        try:
            data = array(data, dtype)
        except (TypeError, ValueError) as error:
            raise type(error)(f"Tensor: {error}") from None
        floating = data.dtype.kind == "f"
        if requires_grad and not floating:
            raise TypeError(
                f"Tensor: data of dtype {data.dtype} cannot require a gradient; write 1.0 for 1, or dtype=float"
            )
        self._fill(data, label, floating if requires_grad is None else requires_grad)

    __add__, __radd__ = on_arrays(arithmetic.add), on_arrays(arithmetic.add, reflected=True)
    __sub__, __rsub__ = on_arrays(arithmetic.sub), on_arrays(arithmetic.sub, reflected=True)
    __mul__, __rmul__ = on_arrays(arithmetic.mul), on_arrays(arithmetic.mul, reflected=True)
    __truediv__, __rtruediv__ = on_arrays(arithmetic.div), on_arrays(arithmetic.div, reflected=True)
    __matmul__, __rmatmul__ = on_arrays(products.matmul), on_arrays(products.matmul, reflected=True)
    __neg__ = on_arrays(arithmetic.neg)
    _pow_number = on_arrays(arithmetic.pow_number)
    _sum, _mean = on_arrays(reductions.sum), on_arrays(reductions.mean)
    exp, log, sqrt = on_arrays(exponential.exp), on_arrays(exponential.log), on_arrays(arithmetic.sqrt)
    sin, cos, tanh = on_arrays(trigonometric.sin), on_arrays(trigonometric.cos), on_arrays(trigonometric.tanh)
    sigmoid, relu = on_arrays(neural.sigmoid), on_arrays(neural.relu)

    def _coerced(self, value: Any) -> np.ndarray[Any, Any]:
        try:
            given = array(value._data if isinstance(value, Node) else value)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{describe(self)}: the new data: {error}") from None
        if given.shape != self._data.shape:
            raise ValueError(f"{describe(self)} keeps its shape; the new data have shape {given.shape}")
        if self._data.dtype.kind == "f":
            return given.astype(self._data.dtype, copy=False)
        with np.errstate(invalid="ignore"):
            new = given.astype(self._data.dtype)
        if not np.array_equal(new, given):
            raise TypeError(
                f"{describe(self)} keeps its dtype, and the new data, {short(given)}, would change in it; write whole "
                "numbers (conditions for bool), or make the leaf with dtype=float"
            )
        return new

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the data."""
        return self._data.dtype  # type: ignore[no-any-return]

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes; () for a 0-d array."""
        return self._data.shape  # type: ignore[no-any-return]  # np.shape, which Node calls, takes thrice the time

    @entrance
    def __len__(self) -> int:
        if self._data.ndim == 0:
            raise TypeError(f"{describe(self)} has no length; x.item() is its number")
        return len(self._data)

    @entrance
    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    @entrance
    def __getitem__(self, key: Any) -> Any:
        return indexing.index(self, key)

    @entrance
    def sum(self, axis: Axis = None, keepdims: bool = False) -> Any:
        """The sum; see :func:`autograd.sum`."""
        return reductions.sum(self, axis, keepdims) if axis is not None or keepdims else self._sum(_WHOLE)

    @entrance
    def mean(self, axis: Axis = None, keepdims: bool = False) -> Any:
        """The mean; see :func:`autograd.mean`."""
        return reductions.mean(self, axis, keepdims) if axis is not None or keepdims else self._mean(_WHOLE)


KINDS[np.ndarray] = Tensor
