"""Tensors on other libraries' arrays: a class for each, made when its first array is met."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Self, cast

import numpy as np

from autograd.engine.coercion import array
from autograd.engine.contributions import is_float
from autograd.engine.fast import install
from autograd.engine.libraries import apart, library_of, numpy_dtype, place_of
from autograd.engine.modes import usual
from autograd.engine.node import NODE_CLASSES, Node, versions
from autograd.engine.trace import branched, taken, written
from autograd.messages import describe, short
from autograd.operators import MADE, Operators
from autograd.tensor import Tensor
from autograd.tracebacks import entrance
from autograd.typing import Array, DTypeLike, X

__all__ = ["LibraryTensor", "class_on", "plain_class"]


class LibraryTensor(Tensor):
    """What is particular to a tensor on another library's arrays; its subclasses have the library's operators."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __new__(cls, data: X = None, *args: X, **kwargs: X) -> Self:
        """Make a node of the class for its data, which may be of another library or of NumPy's."""
        node = cast("Self", object.__new__(class_on(cls, library_of(data))))
        if not isinstance(node, cls):  # which Python does not initialise
            node.__init__(data, *args, **kwargs)  # type: ignore[misc]
        return node

    @property
    def data(self) -> X:
        """The value: an array on the same memory. A result's is a copy, so that what is written to it stays there."""
        if usual() is not None:
            taken(self, ".data")
        library = library_of(self._data)
        return library.alias(self._data) if self.op is None else library.own(self._data, self._data)

    @data.setter
    @entrance
    def data(self, value: X) -> None:
        if self.op is not None or not library_of(self._data).is_alias(value, self._data):
            vars(Node)["data"].fset(self, value)
            return
        if usual() is not None:  # it was written in place, as by x.data -= 1
            written(self, value, ".data = ...")
        self._version = versions.latest = versions.latest + 1

    @property
    def grad(self) -> X:
        """The gradient, an array of the same library, shape, dtype and device; None where there is none."""
        grad = self._grad
        if grad is None:
            return None
        library = library_of(grad)
        return library.alias(grad) if self.op is None else library.own(grad, grad)

    @grad.setter
    @entrance
    def grad(self, value: X) -> None:
        if value is None:
            self._grad = None
            return
        if isinstance(value, Node):
            raise TypeError(f"{describe(self)}: a gradient is an array or None, not a node; pass its .data")
        if self._grad is None or not library_of(self._grad).is_alias(value, self._grad):  # as it is after x.grad += 1
            self._grad = self._as_gradient(value)

    def _as_gradient(self, value: X) -> X:
        library = library_of(self._data)
        gradient = self._beside(value, "a gradient")
        if not is_float(self._data):
            raise TypeError(
                f"{describe(self)}: data of dtype {self._data.dtype} have no gradient; write 1.0 for 1, or dtype=float"
            )
        if gradient.ndim and tuple(gradient.shape) != self.shape:
            raise ValueError(
                f"{describe(self)}: a gradient has the shape of the data, {self.shape}, and not {tuple(gradient.shape)}"
            )
        gradient = library.cast(gradient, self._data.dtype)
        return library.own(library.broadcast_to(gradient, self.shape))

    def _coerced(self, value: X) -> X:
        data = self._beside(value._data if isinstance(value, Node) else value, "the new data")
        if tuple(data.shape) != self.shape:
            raise ValueError(f"{describe(self)} keeps its shape; the new data have shape {tuple(data.shape)}")
        library = library_of(self._data)
        converted = library.cast(data, self._data.dtype)
        compared = () if is_float(self._data) or library.traced(data) else (converted, data)
        if compared and not np.array_equal(*map(library.to_numpy, compared)):
            raise TypeError(
                f"{describe(self)} keeps its dtype, and the new data, {short(data)}, would change in it; write whole "
                "numbers (conditions for bool), or make the leaf with dtype=float"
            )
        return library.own(converted)

    def _beside(self, value: X, what: str) -> X:
        """What a user gives, as an array of its own of the same library and device."""
        library = library_of(self._data)
        other = library_of(value)
        if other is not None and (other is not library or library.device(value) != library.device(self._data)):
            raise apart(what, value, self)
        try:
            return library.asarray_like(array(value), self._data) if other is None else library.array(value)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{describe(self)}: {what}: {error}") from None

    @property
    def device(self) -> X:
        """The library's device on which the data are."""
        return library_of(self._data).device(self._data)

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes; () for a 0-d array."""
        return tuple(self._data.shape)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._data.shape)

    @entrance
    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError(f"{describe(self)} has no length; x.item() is its number")
        return self.shape[0]

    @entrance
    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def _one(self, function: str) -> X:
        if prod(self.shape) != 1:
            raise TypeError(f"{function}: {describe(self)} is not one number; pick an element or reduce it first")
        return self._values(function).item()

    def _values(self, function: str) -> Array:
        """The data as a NumPy array of its own; an error in a trace, where there are none yet."""
        library = library_of(self._data)
        if library.traced(self._data):
            raise TypeError(
                f"{function}: {describe(self)} has no values yet, for it is being traced; take the values of what the "
                "traced function returns, or choose by them with autograd.where"
            )
        values: Array = library.to_numpy(self._data)
        return values

    def numpy(self) -> Array:
        """The value as a NumPy array of its own. It leaves the graph on purpose: no gradient flows through it."""
        if usual() is not None:
            taken(self, ".numpy()")
        return self._values("numpy")

    def tolist(self) -> X:
        """The value as a number or nested lists. It leaves the graph on purpose: no gradient flows through it."""
        if usual() is not None:
            taken(self, ".tolist()")
        return self._values("tolist").tolist()

    def __bool__(self) -> bool:
        if prod(self.shape) != 1:
            return super().__bool__()
        if usual() is not None:
            branched(self)
        return bool(self._one("bool"))

    @entrance
    def __index__(self) -> int:
        if numpy_dtype(self._data).kind not in "iu":
            raise TypeError(f"{describe(self)} cannot be interpreted as an integer")
        number: int = self._one("index")
        taken(self, "operator.index(x)")
        return number

    @entrance
    def __array__(self, dtype: DTypeLike = None, copy: bool | None = None) -> Array:  # type: ignore[override]
        if is_float(self._data) or (dtype is not None and np.dtype(dtype) == object):
            return Operators.__array__(self, dtype, copy)
        if usual() is not None:
            taken(self, "np.asarray(x)")
        return np.array(self._values("numpy.asarray"), dtype)

    def __reduce_ex__(self, protocol: object) -> X:
        if library_of(self._data).traced(self._data):
            self._values("pickle")
        return super().__reduce_ex__(protocol)

    def _values_text(self) -> str:
        data = self._data
        library = library_of(data)
        if library.traced(data) or str(library.device(data)) == "meta":  # PyTorch's device of shapes alone
            text = short(data)
        else:
            text = np.array2string(library.to_numpy(data), separator=", ", prefix="Tensor(", threshold=50)
            text += "" if numpy_dtype(data).kind in "ib" else f", dtype={numpy_dtype(data)}"
        return f"{text}, on={place_of(data)!r}"

    def _is_beside(self, x: X) -> bool:
        """Whether `x` is an array of the same library and device."""
        library = library_of(self._data)
        return library_of(x) is library and bool(library.device(x) == library.device(self._data))

    def _updated(self, op: X, ufunc: X, other: X) -> None:
        """Take what an in-place operator leaves."""
        library, where = library_of(self._data), f"{op.__name__} in place"
        if type(other) not in (int, float, bool) and not self._is_beside(other):
            other = self._beside(other, where)
        try:
            if is_float(self._data):
                data = library.updated(op, self._data, other, ufunc)
            elif library.is_float(data := op(self._data, other)):
                raise TypeError(f"the result would be of dtype {data.dtype}, and a leaf keeps its own")
        except (TypeError, ValueError, RuntimeError) as error:  # RuntimeError is PyTorch's for shapes
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"{where}, on {describe(self)}: {error}") from None
        if data is not self._data and tuple(data.shape) != self.shape:
            raise ValueError(
                f"{where}, on {describe(self)}: the result has shape {tuple(data.shape)}, and a leaf keeps its own"
            )
        if data is not self._data:  # PyTorch's is written to
            self._data = library.own(library.cast(data, self._data.dtype))
        self._version = versions.latest = versions.latest + 1


def class_on(kind: type[Tensor], library: X) -> type[Tensor]:
    """The class of a tensor of a class on a library's arrays, with the operators of that library; None is NumPy."""
    kind = cast("type[Tensor]", plain_class(kind))
    if library is None:
        return kind
    known: dict[X, type[Tensor]] = vars(kind).get("_on_libraries", {})
    if library not in known:
        name = f"{library.name.title().replace('_', '')}{kind.__name__}"
        body = {"__slots__": (), "__hash__": object.__hash__, "__module__": __name__, "__doc__": kind.__doc__,
                "_plain": kind}  # fmt: skip
        if kind is Tensor:
            made: X = type(name, (LibraryTensor,), body)
            install(made, library, MADE)
        else:
            own = cast("type[Tensor]", kind._results)
            results = class_on(own, library) if own is not kind else None
            made = type(name, (kind, class_on(Tensor, library)), body, results=results)
        known[library] = made
        setattr(kind, "_on_libraries", known)  # noqa: B010  # of the class alone, and gone with it
    return known[library]


def plain_class(kind: type[Node]) -> type[Node]:
    """The class of which a class is the one on a library's arrays; others are their own."""
    plain: type[Node] = vars(kind).get("_plain", kind)
    return plain


NODE_CLASSES.on_library = class_on
