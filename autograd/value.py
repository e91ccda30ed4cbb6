"""``Value``: a node on a Python float, for graphs that are read number by number."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import Any, overload

import numpy as np

from autograd.engine.closures import Closure
from autograd.engine.coercion import array, has_node
from autograd.engine.contributions import contributions
from autograd.engine.node import NODE_CLASSES, Node
from autograd.messages import describe, type_name
from autograd.methods import ValueMethods
from autograd.tracebacks import shorten
from autograd.typing import X

__all__ = ["Value"]


class Value(ValueMethods, native=float):
    """A scalar node: a Python float that remembers how it was computed.

    Results have the class of their operands, and are made without ``__init__``: a subclass that keeps attributes
    gives them defaults as class attributes, and leaves ``__slots__`` out.

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

    @overload
    def __init__(self, data: X, label: str | None = None, requires_grad: bool = True) -> None: ...
    @overload
    def __init__(
        self, data: X, _children: Collection[Value], _op: str = "", label: str | None = None, requires_grad: bool = True
    ) -> None: ...
    def __init__(  # type: ignore[misc]  # the second argument and the third are either's
        self, data: X, _children: X = None, _op: X = None, label: str | None = None, requires_grad: bool = True
    ) -> None:
        try:
            data = data if type(data) is float else _number(data)
            if _children is None and _op is None:
                self._fill(data, label, requires_grad)
            elif isinstance(_children, (tuple, list, set, frozenset)) and (not _children or has_node(_children)):
                self._make(data, tuple(_children), _op or "", label, requires_grad)
            elif _children is None and isinstance(_op, str):
                self._make(data, (), _op, label, requires_grad)
            else:  # the usual order of arguments
                self._fill(data, _children if label is None else label, requires_grad if _op is None else _op)
        except Exception as error:
            shorten(error)
            raise

    def _make(
        self, data: float, children: tuple[Value, ...], text: str, label: str | None, requires_grad: bool
    ) -> None:
        """Fill in what micrograd's constructor takes."""
        if not isinstance(text, str):
            raise TypeError(f"Value: _op is a text, as '+', and not {type_name(text)}")
        if others := [n for n in children if not isinstance(n, Value)]:
            raise TypeError(f"Value: _children are Values, and not {type_name(others[0])}")
        if not children:
            if text:
                raise TypeError(f"Value: _op={text!r} says what made a node of its _children; a leaf has a label")
            self._fill(data, label, requires_grad)
            return
        requires_grad = requires_grad and any(n.requires_grad for n in children)
        self._fill(data, label, requires_grad, Closure(self, children, text), children)

    @property
    def _backward(self) -> Callable[[], object]:
        """micrograd's: what adds to the operands' gradients what this node's gives them."""
        return self.op.backward if isinstance(self.op, Closure) and self.op.backward else partial(_pass_on, self)

    @_backward.setter
    def _backward(self, function: Callable[[], object]) -> None:
        if not isinstance(self.op, Closure):
            raise AttributeError(
                f"{describe(self)}: _backward is set on a node that was made of its _children, "
                "out = Value(data, (x,), 'f'); this one has a derivative of its own"
            )
        self.op.backward = function

    @property
    def dtype(self) -> X:
        """The dtype that an array of the data would have, float64, or bool of a condition."""
        return _DTYPES[type(self._data)]

    def _as_gradient(self, value: X) -> float:
        return float(self._gradient_array(value))

    def _coerced(self, value: X) -> float:
        return value if type(value) is type(self._data) is bool else _number(value, describe(self))


def _pass_on(node: Value) -> None:
    """Add what the gradient of a node gives each operand to that of the operand."""
    if node.op is not None:
        for position, c in list(contributions(node, node.grad)):
            node.parents[position].grad += c


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
