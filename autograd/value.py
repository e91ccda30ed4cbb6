"""``Value``: a node on a Python float, for graphs that are read number by number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.namespaces import floats
from autograd.node import KINDS, NO_PARAMS, Clock, Node, apply, current_mode
from autograd.op import Op
from autograd.operators import Operators
from autograd.ops import arithmetic, functions

__all__ = ["Value"]


def _binary(op: Op[Any]) -> tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]:
    """An operator between Values and its reflection.

    The same as ``apply(op, (self, other))``, short: this is the hot path of scalar graphs.
    """
    forward = op.forward
    new = object.__new__

    def method(self: Value, other: Any) -> Any:
        kind = type(other)
        if kind is not Value:
            if kind is not float and kind is not int:
                return apply(op, (self, other))
            other = Value(other, None, False)
        if current_mode() is not None:
            return apply(op, (self, other))
        try:
            data = forward(floats, self._data, other._data)
        except ArithmeticError:
            return apply(op, (self, other))
        if type(data) is not float:  # from comparisons, whose data are bool
            data = float(data)
        node = new(Value)
        node._data = data
        node.grad = None
        node.op = op
        node.parents = (self, other)
        node.params = NO_PARAMS
        node.label = None
        node.requires_grad = self.requires_grad or other.requires_grad
        node._stamp = Clock.now
        i = self._depth
        j = other._depth
        node._depth = i + 1 if i > j else j + 1
        return node

    def reflected(self: Value, other: Any) -> Any:
        if type(other) is float or type(other) is int:
            return method(Value(other, None, False), self)
        return apply(op, (other, self))

    return method, reflected


def _unary(op: Op[Any]) -> Callable[[Any], Any]:
    """A function of one Value, short like :func:`_binary`."""
    forward = op.forward
    new = object.__new__

    def method(self: Value) -> Any:
        if current_mode() is not None:
            return apply(op, (self,))
        try:
            data = forward(floats, self._data)
        except (ArithmeticError, ValueError):
            return apply(op, (self,))
        if type(data) is not float:
            data = float(data)
        node = new(Value)
        node._data = data
        node.grad = None
        node.op = op
        node.parents = (self,)
        node.params = NO_PARAMS
        node.label = None
        node.requires_grad = self.requires_grad
        node._stamp = Clock.now
        node._depth = self._depth + 1
        return node

    method.__name__, method.__doc__ = op.name, op.__doc__
    return method


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
        self.grad = None
        self.op = None
        self.parents = ()
        self.params = NO_PARAMS
        self.label = label
        self.requires_grad = requires_grad
        self._stamp = Clock.now
        self._depth = 0

    __add__, __radd__ = _binary(arithmetic.add)
    __sub__, __rsub__ = _binary(arithmetic.sub)
    __mul__, __rmul__ = _binary(arithmetic.mul)
    __truediv__, __rtruediv__ = _binary(arithmetic.div)

    __neg__ = _unary(arithmetic.neg)
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
