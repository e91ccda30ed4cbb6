"""``Value``: a node on a Python float, for graphs that are read number by number."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.engine.coercion import array
from autograd.engine.node import NODE_CLASSES, Node
from autograd.messages import describe
from autograd.methods import ValueMethods
from autograd.tracebacks import shorten
from autograd.typing import X

__all__ = ["Value"]


class Value(ValueMethods, native=float):
    """A scalar node: a Python float that remembers how it was computed.

    Arithmetic is IEEE's, as NumPy's float64: 1/0 is inf and log(-1) is nan, without an exception.

    Parameters
    ----------
    data : number
        The value; it is stored as a float.
    label : str, optional
        Its name in texts and pictures.
    requires_grad : bool
        Whether backward passes give it a gradient.

    Raises
    ------
    TypeError
        If `data` is not a real number.

    Examples
    --------
    >>> from autograd import Value
    >>> m, x, b = Value(3.0, "m"), Value(2.0, "x"), Value(1.0, "b")
    >>> y = m * x + b
    >>> y.backward()
    >>> y.data, m.grad, x.grad, b.grad
    (7.0, 2.0, 3.0, 1.0)
    """

    __slots__ = ()
    __hash__ = object.__hash__
    _cleared = 0.0

    def __init__(self, data: X, label: str | None = None, requires_grad: bool = True) -> None:
        try:
            self._fill(data if type(data) is float else _number(data), label, requires_grad)
        except Exception as error:
            shorten(error)
            raise

    @property
    def dtype(self) -> X:
        """The dtype that an array of the data would have: float64, or bool of a condition."""
        return _DTYPES[type(self._data)]

    def _as_gradient(self, value: X) -> float:
        return float(self._gradient_array(value))

    def _coerced(self, value: X) -> float:
        return value if type(value) is type(self._data) is bool else _number(value, describe(self))


class _NumberDtype:
    """The dtype of a number: equal to NumPy's and usable in its place, but it leaves nodes as they are.

    NumPy ends the mean of an object array with ``total.dtype.type(total / n)``, where the total of Values is a Value.
    """

    __slots__ = ("dtype",)

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype

    def type(self, x: X = 0) -> X:
        """Return a node as it is, and anything else as a number of the dtype."""
        return x if isinstance(x, Node) else self.dtype.type(x)

    def __getattr__(self, name: str) -> X:
        return getattr(self.dtype, name)

    def __eq__(self, other: object) -> bool:
        return bool(self.dtype == other)

    def __hash__(self) -> int:
        return hash(self.dtype)

    def __repr__(self) -> str:
        return repr(self.dtype)

    def __str__(self) -> str:
        return str(self.dtype)

    def __reduce__(self) -> X:
        return self.dtype.__reduce__()


_DTYPES = {kind: _NumberDtype(np.dtype(kind)) for kind in (float, int, bool)}


def _number(x: X, name: str = "Value") -> float:
    if isinstance(x, Node):
        raise TypeError(f"{name}: this is a node already; x.detach() makes a leaf of its data")
    if isinstance(x, (list, tuple)) or (isinstance(x, np.ndarray) and (x.ndim or x.dtype.kind not in "fiub")):
        raise TypeError(f"{name}: {x!r} is not a number; an array goes into a Tensor")
    try:
        return float(x if isinstance(x, (int, float)) else array(x))
    except OverflowError:
        raise ValueError(f"{name}: this integer is too large for a float") from None
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None


NODE_CLASSES[int] = NODE_CLASSES[bool] = Value
