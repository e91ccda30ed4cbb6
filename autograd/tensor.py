"""``Tensor``: a node on a NumPy array, for vectors, matrices and minibatches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any, ClassVar, Self

import numpy as np

from autograd.engine.coercion import array
from autograd.engine.contributions import is_float
from autograd.engine.libraries import library_of
from autograd.engine.moving import destination, is_elsewhere, move
from autograd.engine.node import NODE_CLASSES, Node
from autograd.engine.pickling import copied
from autograd.messages import describe, short
from autograd.methods import TensorMethods
from autograd.ops import indexing, reductions
from autograd.ops._helpers import Axis
from autograd.tracebacks import entrance
from autograd.typing import Array, ArrayLike, DTypeLike, Params, X

__all__ = ["Tensor"]


# Most losses end in a reduction over all axes; these are its static arguments.
_WHOLE = MappingProxyType({"axis": None, "keepdims": False})


class Tensor(TensorMethods, native=np.ndarray):
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
    _sum: Callable[[Params], Tensor]
    _mean: Callable[[Params], Tensor]
    _stated: ClassVar[type[Tensor] | None] = None

    def __init_subclass__(cls, results: type[Tensor] | None = None) -> None:
        """State the class of what is computed from a subclass, and from its own ones; by default each gives itself."""
        super().__init_subclass__()
        cls._stated = results or cls._stated
        cls._results = cls._stated or cls

    def __new__(cls, data: X = None, *args: object, **kwargs: object) -> Self:
        """Make a node of the class for its data: other libraries' arrays have one for each library."""
        library = library_of(data)
        node: Self = object.__new__(cls if library is None else NODE_CLASSES.on_library(cls, library))
        return node

    @entrance
    def __init__(
        self,
        data: ArrayLike,
        label: str | None = None,
        requires_grad: bool | None = None,
        dtype: DTypeLike = None,
    ) -> None:
        if isinstance(data, Node):
            raise TypeError("Tensor: this is a node already; x.detach() makes a leaf of its data")
        try:
            library = library_of(data)
            data = array(data, dtype) if library is None else library.array(data, dtype=dtype)
        except (TypeError, ValueError) as error:
            raise type(error)(f"Tensor: {error}") from None
        floating = is_float(data)
        if requires_grad and not floating:
            raise TypeError(
                f"Tensor: data of dtype {data.dtype} cannot require a gradient; write 1.0 for 1, or dtype=float"
            )
        self._fill(data, label, floating if requires_grad is None else requires_grad)

    def _as_gradient(self, value: X) -> Array:
        gradient = self._gradient_array(value)
        if self._data.dtype.kind != "f":
            raise TypeError(
                f"{describe(self)}: data of dtype {self._data.dtype} have no gradient; write 1.0 for 1, or dtype=float"
            )
        gradient = gradient.astype(self._data.dtype, copy=False)
        return gradient if gradient.shape == self.shape else np.full(self.shape, gradient)

    def _coerced(self, value: X) -> Array:
        try:
            data = array(value._data if isinstance(value, Node) else value)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{describe(self)}: the new data: {error}") from None
        if data.shape != self._data.shape:
            raise ValueError(f"{describe(self)} keeps its shape; the new data have shape {data.shape}")
        if self._data.dtype.kind == "f":
            return data.astype(self._data.dtype, copy=False)
        with np.errstate(invalid="ignore"):
            converted = data.astype(self._data.dtype)
        if not np.array_equal(converted, data):
            raise TypeError(
                f"{describe(self)} keeps its dtype, and the new data, {short(data)}, would change in it; write whole "
                "numbers (conditions for bool), or make the leaf with dtype=float"
            )
        return converted

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the data."""
        return self._data.dtype  # type: ignore[no-any-return]

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes; () for a 0-d array."""
        return self._data.shape  # type: ignore[no-any-return]  # np.shape, which Node calls, takes thrice the time

    @entrance
    def to(self, library: X = None, *, device: X = None, dtype: X = None) -> Tensor:
        """The tensor on another library, on another device of its own one, or in another dtype.

        Parameters
        ----------
        library : str, optional
            ``"numpy"``, ``"torch"``, ``"jax"``, ``"cupy"``; or a dtype, or a device of the present library.
        device : device, optional
            A device, as the library names it.
        dtype : dtype, optional
            float32 or float64; a result in another dtype is recorded.

        Returns
        -------
        Tensor
            A leaf of its own; the tensor itself if there is nothing to change.

        Raises
        ------
        TypeError
            If it is a result, which stays where its graph is; or if there is no such place.
        ImportError
            If the library is not installed.

        Examples
        --------
        >>> from autograd import Tensor
        >>> Tensor([1.0, 2.0], "x").to(dtype="float32")
        Tensor([1., 2.], dtype=float32, label='x')
        """
        to = destination(self._data, library, device, dtype)
        if not is_elsewhere(self._data, to):
            return self
        if self.op is not None and not is_elsewhere(self._data, to._replace(dtype=None)):
            converted: Tensor = self.astype(str(to.dtype))
            return converted
        twin = self if self.op is not None else copied(self, ())
        move(twin, to)
        twin._grad = None
        return twin  # type: ignore[return-value]

    @entrance
    def __len__(self) -> int:
        if self._data.ndim == 0:
            raise TypeError(f"{describe(self)} has no length; x.item() is its number")
        return len(self._data)

    @entrance
    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    @entrance
    def __getitem__(self, key: object) -> Tensor:
        picked: Tensor = indexing.index(self, key)
        return picked

    @entrance
    def sum(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The sum; see :func:`autograd.sum`."""
        return reductions.sum(self, axis, keepdims) if axis is not None or keepdims else self._sum(_WHOLE)

    @entrance
    def mean(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The mean; see :func:`autograd.mean`."""
        return reductions.mean(self, axis, keepdims) if axis is not None or keepdims else self._mean(_WHOLE)
