"""The common part of `Value` and `Tensor`: operators, protocols of Python and NumPy, and the ways out of the graph."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from math import prod
from typing import NoReturn, Self

import numpy as np

from autograd import numpy as namespace
from autograd.engine.backward import backward
from autograd.engine.closures import Closure
from autograd.engine.coercion import FLOATS, array, carried
from autograd.engine.fast import install
from autograd.engine.leaving import leave
from autograd.engine.libraries import apart, library_of, namespace_of
from autograd.engine.modes import current_mode, run_in, usual
from autograd.engine.node import NODE_CLASSES, Node, leaf, versions
from autograd.engine.op import Op
from autograd.engine.pickling import copied, deep_copied, reduced
from autograd.engine.recording import class_of
from autograd.engine.trace import branched, stored, taken, written
from autograd.messages import MASKED, describe
from autograd.numpy.dispatch import dispatch, dispatch_ufunc
from autograd.ops import arithmetic, creation, exponential, logic, neural, products, reductions, shaping, trigonometric
from autograd.torch_methods import TorchMethods
from autograd.tracebacks import entrance
from autograd.typing import Array, DTypeLike, Function, Keywords, Params, X

__all__ = ["MADE", "Operators", "method"]

Binary = Callable[[X, X], X]

# Makes a method of a function of the op table; the stub of methods.py states its type.
method: Callable[[X], X] = entrance


def _reflected(function: Function) -> Function:
    @entrance
    def method(self: Operators, other: X) -> X:
        return function(other, self)

    return method


def _in_place(plain: Binary, op: Function, ufunc: Function) -> Binary:
    """Make an in-place operator: it makes a new node while recording, and updates a leaf under no_grad."""

    @entrance
    def method(self: Operators, other: X) -> X:
        state = current_mode()
        if state is None or state.recording:
            return plain(self, other)
        if state.trace is not None:
            written(self, other, f"{op.__name__} in place")
        if self.op is not None:
            return plain(self, other)
        other = other._data if isinstance(other, Node) else other
        data = self._data
        if type(data) is np.ndarray:
            try:
                if isinstance(other, np.ndarray):
                    if other.dtype.char not in FLOATS:
                        carried(other.dtype)
                elif library_of(other) is not None:
                    raise apart(f"{op.__name__} in place", other, self)
                ufunc(data, other, data)
            except (TypeError, ValueError) as error:
                raise _refusal(op, self, other, error) from None
            self._version = versions.latest = versions.latest + 1
        elif library_of(data) is None:
            self.data = op(self._data, other)
        else:
            self._updated(op, ufunc, other)
        return self

    return method


def _into(function: Binary) -> Callable[[X, X, X], None]:
    """Give a function of two plain arrays an output argument, as ufuncs have."""
    return lambda a, b, out: np.copyto(out, function(a, b))


def _refusal(op: Function, leaf: Node, other: X, error: Exception) -> Exception:
    """The error for an operand that an in-place operator cannot take."""
    if library_of(other) is not None:
        return error
    try:
        array(other)
    except (TypeError, ValueError) as refusal:
        error = refusal
    kind = TypeError if isinstance(error, TypeError) else ValueError  # NumPy's own kinds take other arguments
    return kind(f"{op.__name__} in place, on {describe(leaf)}: {error}")


# Operators and methods that are frequent, recorded by functions made for the op and the class of node.
MADE: Mapping[str, Op[...]] = {
    "__add__": arithmetic.add, "__sub__": arithmetic.sub, "__mul__": arithmetic.mul, "__truediv__": arithmetic.div,
    "__matmul__": products.matmul, "__neg__": arithmetic.neg, "_pow_number": arithmetic.pow_number,
    "_sum": reductions.sum, "_mean": reductions.mean, "exp": exponential.exp, "log": exponential.log,
    "sqrt": arithmetic.sqrt, "sin": trigonometric.sin, "cos": trigonometric.cos, "tanh": trigonometric.tanh,
    "sigmoid": neural.sigmoid, "relu": neural.relu,
}  # fmt: skip


class Operators(TorchMethods):
    """Operators with NumPy's meaning, and everything else that both kinds of node have."""

    __slots__ = ()
    __hash__ = object.__hash__

    _pow_number: Callable[[Params], Self]
    _updated: Callable[[Function, Function, X], None]  # of a leaf on another library's arrays
    # A notebook shows the result of this function; the package installs the picture here.
    _show: Callable[[Node], Keywords] = staticmethod(lambda node: {"text/plain": repr(node)})

    def __init_subclass__(cls, native: type | None = None) -> None:
        cls._results = cls
        if native is not None:
            NODE_CLASSES[native] = cls
            install(cls, native, MADE)

    __floordiv__, __rfloordiv__ = method(arithmetic.floor_divide), _reflected(arithmetic.floor_divide)
    __mod__, __rmod__ = method(arithmetic.mod), _reflected(arithmetic.mod)
    __matmul__, __rmatmul__ = method(products.matmul), _reflected(products.matmul)
    __rpow__ = _reflected(arithmetic.pow)
    __pos__, __abs__ = method(arithmetic.positive), method(arithmetic.abs)
    __lt__, __le__ = method(logic.less), method(logic.less_equal)
    __gt__, __ge__ = method(logic.greater), method(logic.greater_equal)
    # These combine conditions: (x > 0) & (x < 1).
    __and__, __rand__ = method(logic.bitwise_and), _reflected(logic.bitwise_and)
    __or__, __ror__ = method(logic.bitwise_or), _reflected(logic.bitwise_or)
    __invert__ = method(logic.invert)

    __iadd__ = _in_place(operator.add, arithmetic.add, np.add)
    __isub__ = _in_place(operator.sub, arithmetic.sub, np.subtract)
    __imul__ = _in_place(operator.mul, arithmetic.mul, np.multiply)
    __ipow__ = _in_place(operator.pow, arithmetic.pow, np.power)
    __itruediv__ = _in_place(operator.truediv, arithmetic.div, np.true_divide)
    __ifloordiv__ = _in_place(operator.floordiv, arithmetic.floor_divide, np.floor_divide)
    __imod__ = _in_place(operator.mod, arithmetic.mod, np.remainder)
    # np.matmul would broadcast a product of fewer axes into the leaf; ndarray's own operator refuses.
    __iand__ = _in_place(operator.and_, logic.bitwise_and, _into(logic.bitwise_and))
    __ior__ = _in_place(operator.or_, logic.bitwise_or, _into(logic.bitwise_or))
    __imatmul__ = _in_place(operator.matmul, products.matmul, lambda a, b, _: np.ndarray.__imatmul__(a, b))

    @entrance
    def __pow__(self, other: X) -> X:
        if isinstance(other, np.number):
            other = other.item()
        if isinstance(other, (int, float)):
            return self._pow_number({"exponent": other})
        return arithmetic.pow(self, other)

    @entrance
    def __divmod__(self, other: X) -> X:
        return self // other, self % other

    @entrance
    def __rdivmod__(self, other: X) -> X:
        return other // self, other % self

    def _gradient_array(self, value: X) -> Array:
        """A gradient set by hand, of the shape of the data or one number for each element."""
        try:
            gradient = array(value)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{describe(self)}: a gradient: {error}") from None
        if gradient.ndim and gradient.shape != self.shape:
            raise ValueError(
                f"{describe(self)}: a gradient has the shape of the data, {self.shape}, and not {gradient.shape}"
            )
        return gradient

    def __reduce_ex__(self, protocol: object) -> X:
        stored(self, "pickle")
        return reduced(self)

    def __copy__(self) -> Node:
        stored(self, "copy")
        return copied(self, self.parents)

    def __deepcopy__(self, memo: dict[int, X]) -> Node:
        stored(self, "deepcopy")
        return deep_copied(self, memo)

    # Equality is elementwise, as in NumPy; look a node up by `is`, in a dict or in a set.
    @entrance
    def __eq__(self, other: object) -> X:
        if other is None or isinstance(other, str):
            return NotImplemented
        state = current_mode()
        if other is self and state is not None:  # __bool__ needs the recorded op in every mode
            return run_in(state._replace(recording=True), logic.equal, self, other)
        return logic.equal(self, other)

    @entrance
    def __ne__(self, other: object) -> X:
        return NotImplemented if other is None or isinstance(other, str) else logic.not_equal(self, other)

    def __bool__(self) -> bool:
        if prod(self.shape) != 1:
            if self.op is logic.equal and self.parents[0] is self.parents[1]:
                return True  # a WeakKeyDictionary asks, which looks keys up by ==
            raise ValueError(
                f"{describe(self)} is neither true nor false as a whole; choose by element with autograd.where, and "
                "combine conditions with & and |, not `and` and `or`: (0 < x) & (x < 1) for 0 < x < 1"
            )
        if usual() is not None:
            branched(self)
        return bool(self._data)

    @entrance
    def __float__(self) -> float:
        return float(self._left("float"))

    @entrance
    def __int__(self) -> int:
        return int(self._left("int"))

    __trunc__ = __int__

    # An integer has no gradient, and may pick from a list: names[x.argmax()].
    @entrance
    def __index__(self) -> int:
        if np.asarray(self._data).dtype.kind not in "iu":
            raise TypeError(f"{describe(self)} cannot be interpreted as an integer")
        number: int = self._one("index")
        taken(self, "operator.index(x)")
        return number

    @entrance
    def __round__(self, ndigits: int | None = None) -> float:
        return round(float(self._left("round")), ndigits)

    @entrance
    def __format__(self, spec: str) -> str:
        return format(float(self._one("format")), spec) if spec else repr(self)

    def _left(self, function: str) -> X:
        """The number, for a function that knows nothing of the graph."""
        number = self._one(function)
        leave(self, function)
        return number

    def _one(self, function: str) -> X:
        if np.size(self._data) != 1:
            raise TypeError(f"{function}: {describe(self)} is not one number; pick an element or reduce it first")
        return np.asarray(self._data).item()

    def __setitem__(self, key: object, value: object) -> None:
        raise TypeError(
            f"{describe(self)} takes no item assignment: a graph keeps every value it recorded. Build a new node with "
            "autograd.where(condition, new, x) or autograd.concatenate, or change a leaf before recording: "
            "x.data[0] = 1"
        )

    def __delitem__(self, key: object) -> None:
        raise TypeError(f"{describe(self)} loses no elements: choose those to keep, x[condition]")

    # On nodes NumPy's functions are ours of the same name. NumPy's operators come here too: array * node.
    @entrance
    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: object, **kwargs: object) -> X:
        reflected = _REFLECTED.get(ufunc)
        if reflected and not kwargs and args[-1] is self and method == "__call__" and args[0] is not self:
            return getattr(self, reflected)(args[0])
        return dispatch_ufunc(ufunc, method, args, kwargs)

    @entrance
    def __array_function__(self, function: Function, types: object, args: tuple[X, ...], kwargs: Keywords) -> X:
        return dispatch(function, args, kwargs)

    def __array_namespace__(self, *, api_version: str | None = None) -> X:
        return namespace

    @entrance
    def __array__(self, dtype: DTypeLike = None, copy: bool | None = None) -> Array:
        if dtype is not None and np.dtype(dtype) == object:  # the caller builds a matrix of scalars
            cell = np.empty((), object)
            cell[()] = self
            return cell
        if not self.requires_grad and usual() is not None:
            taken(self, "np.asarray(x)")
        # Integers and conditions have no gradient, and may index plain arrays; in a program they are refused above.
        if self.requires_grad or (self.op is not None and np.asarray(self._data).dtype.kind == "f"):
            raise TypeError(
                f"{describe(self)} would leave the graph as a plain array. If that is meant, take x.numpy() or "
                "x.detach(); if not, take the function from autograd.numpy, as in autograd.numpy.array([x, y]) or "
                "autograd.stack([x, y]); np.array([x, y], dtype=object) makes a matrix of Values"
            )
        return np.array(self._data, dtype)

    @property
    def _mask(self) -> NoReturn:
        # np.ma reads `_data` and `_mask` of any operand; the first would leave the graph unnoticed.
        raise TypeError(f"a masked array meets {describe(self)}: {MASKED}")

    # Scripts for micrograd draw a graph by `_prev` and `_op`; a set drops order and duplicates, as micrograd's does.
    @property
    def _prev(self) -> set[Node]:
        return set(self.parents)

    @property
    def _op(self) -> str:
        if "exponent" in self.params:
            return f"**{self.params['exponent']}"
        op = self.op
        return "" if op is None else op.text if isinstance(op, Closure) else _MICROGRAD.get(op, op.name)

    @property
    def T(self) -> X:
        """The transpose, with the axes in reverse."""
        return shaping.transpose(self)

    def conjugate(self) -> Self:
        """Return the node itself, for it is real; np.var asks for it on object arrays."""
        return self

    @entrance
    def reshape(self, *lengths: X) -> X:
        """The elements in another shape: ``x.reshape(2, -1)`` or ``x.reshape((2, -1))``."""
        return shaping.reshape(self, lengths[0] if len(lengths) == 1 else lengths)

    @entrance
    def transpose(self, *axes: X) -> X:
        """The array with its axes reversed, or in the order `axes`."""
        return shaping.transpose(self, (axes[0] if len(axes) == 1 else axes) if axes else None)

    @entrance
    def flatten(self, *axes: object) -> X:
        """The elements in one row."""
        if axes:
            raise TypeError(
                "flatten makes one row of all elements; for PyTorch's x.flatten(1) write x.reshape(len(x), -1)"
            )
        return shaping.reshape(self, -1)

    def __repr__(self) -> str:
        text = self._values_text()
        for name, value in (("label", self.label), ("op", self.op and self.op.symbol)):
            text += f", {name}={value!r}" if value else ""
        if self.has_grad:
            text += f", grad={self.grad!r}" if isinstance(self._grad, float) else ", grad=..."
        return f"{getattr(type(self), '_plain', type(self)).__name__}({text})"

    def _values_text(self) -> str:
        """The data, and what of their dtype and place is not usual, for a text."""
        data = self._data
        if not isinstance(data, np.ndarray):
            return repr(data)
        text = np.array2string(data, separator=", ", prefix="Tensor(", threshold=50)
        return text + ("" if data.dtype == np.float64 or data.dtype.kind in "ib" else f", dtype={data.dtype}")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Keywords:
        return Operators._show(self)

    @entrance
    def backward(self, gradient: X = None, retain_graph: bool | None = None) -> None:
        """Give every node that this one depends on its gradient.

        A leaf adds it to the gradient that it has; an inner node is set to that of this pass.

        Parameters
        ----------
        gradient : number or array, optional
            The gradient to start from, of this node's shape; 1 by default, for a scalar.
        retain_graph : bool, optional
            PyTorch's; a graph stays anyway as long as one of its nodes is in use.

        Raises
        ------
        ValueError
            If the node requires no gradient, or is not a scalar and no gradient is given.

        Examples
        --------
        >>> from autograd import Value
        >>> x = Value(2.0)
        >>> y = (x * x) * (x * x)
        >>> y.backward()
        >>> x.grad
        32.0
        >>> y.backward()
        >>> x.grad
        64.0
        """
        if usual() is not None:
            stored(self, ".backward()")
        backward(self, gradient)

    def zero_grad(self) -> None:
        """Forget the gradient: the next backward pass starts from nothing."""
        self.grad = None

    def detach(self) -> Self:
        """A leaf with the same data that is no part of the graph and requires no gradient: a constant to transforms."""
        state = current_mode()
        if state is not None and state.watch is not None and state.watch.records_all:
            if not self.requires_grad:
                return self
            constant: Self = run_in(state._replace(recording=False), creation.copy, self)
            return constant
        data = self._data if isinstance(self._data, float) else namespace_of(self._data).copy(self._data)
        return leaf(class_of(NODE_CLASSES[type(data)], (self,)), data)  # type: ignore[return-value]

    @entrance
    def item(self) -> X:
        """The value as a Python number. It leaves the graph on purpose: no gradient flows through it."""
        if usual() is not None:
            taken(self, ".item()")
        return self._one("item")

    def numpy(self) -> Array:
        """The value as a NumPy array of its own. It leaves the graph on purpose: no gradient flows through it."""
        if usual() is not None:
            taken(self, ".numpy()")
        return np.array(self._data)


# micrograd writes these symbols for ops; other ops go by their name.
_MICROGRAD: Mapping[object, str] = {
    arithmetic.add: "+", arithmetic.sub: "-", arithmetic.mul: "*", arithmetic.div: "/", arithmetic.neg: "-",
    arithmetic.pow: "**", neural.relu: "ReLU",
}  # fmt: skip
_REFLECTED = {
    np.add: "__radd__", np.subtract: "__rsub__", np.multiply: "__rmul__", np.true_divide: "__rtruediv__",
    np.matmul: "__rmatmul__",
}  # fmt: skip
