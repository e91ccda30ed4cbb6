"""``Value``: a node on a Python float, for graphs that are read number by number."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.namespaces import floats
from autograd.node import KINDS, NO_PARAMS, Node, clock
from autograd.op import Op
from autograd.operators import Operators, binary, unary
from autograd.ops import arithmetic, functions

__all__ = ["Value"]


def _binary(op: Op[Any]) -> tuple[Any, Any]:
    return binary(op, floats, float)


def _unary(op: Op[Any]) -> Any:
    return unary(op, floats, float)


class Value(Operators):
    """A scalar node: a Python float that remembers how it was computed.

    Arithmetic is IEEE's, as NumPy's float64: 1/0 is inf and log(-1) is nan, without an exception.

    Parameters
    ----------
    data : number
        The value, kept as a float.
    label : str, optional
        A name for texts and pictures.
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

    def __init__(self, data: Any, label: str | None = None, requires_grad: bool = True) -> None:
        self._data = data if type(data) is float else _number(data)
        self.grad = self._pending = None
        self.op = None
        self.parents = ()
        self.params = NO_PARAMS
        self.label = label
        self.requires_grad = requires_grad
        self._stamp = clock.now
        self._depth = 0

    # The same table as Tensor's, on floats.
    __add__, __radd__ = _binary(arithmetic.add)
    __sub__, __rsub__ = _binary(arithmetic.sub)
    __mul__, __rmul__ = _binary(arithmetic.mul)
    __truediv__, __rtruediv__ = _binary(arithmetic.div)

    __neg__ = _unary(arithmetic.neg)
    _pow_number = _unary(arithmetic.pow_number)
    exp, log, sqrt = _unary(functions.exp), _unary(functions.log), _unary(functions.sqrt)
    sin, cos, tanh = _unary(functions.sin), _unary(functions.cos), _unary(functions.tanh)
    sigmoid, relu = _unary(functions.sigmoid), _unary(functions.relu)

    def _coerced(self, value: Any) -> float:
        return _number(value)


def _number(x: Any) -> float:
    if isinstance(x, Node):
        raise TypeError("Value: this is a node already; x.detach() makes a leaf of its data")
    if isinstance(x, (int, float, np.integer, np.floating, np.bool)) or (
        isinstance(x, np.ndarray) and x.ndim == 0 and x.dtype.kind in "fiub"
    ):
        try:
            return float(x)
        except OverflowError:
            raise ValueError("Value: this integer is too large for a float") from None
    advice = "; an array goes into a Tensor" if isinstance(x, (list, tuple, np.ndarray)) else "; pass a real number"
    raise TypeError(f"Value: {x!r} is not a number{advice}")


KINDS[float] = KINDS[int] = KINDS[bool] = Value
