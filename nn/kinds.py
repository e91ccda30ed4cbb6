"""The three kinds of data that a net computes on, behind one set of functions.

A Tensor; a Value; or an object array of Values, the matrix of scalars of a net whose every weight is a node of its own.
Elementwise work on the last is done by autograd's functions and operators, which take it; reductions are NumPy's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import Tensor, Value
from nn.parameter import Parameter

__all__ = [
    "as_input", "as_node", "assign", "dtype_refusal", "is_value_array", "log_softmax", "mean", "representable",
    "requires_grad", "sum", "to_numpy", "to_python", "to_real_numpy", "to_value_array", "zero_gradient",
]  # fmt: skip


Axis = int | tuple[int, ...] | None


def is_value_array(x: Any) -> bool:
    """Whether `x` is an object array of Values."""
    return isinstance(x, np.ndarray) and x.dtype == object


def to_value_array(p: Parameter, name: str) -> np.ndarray[Any, Any]:
    """The object array of Values that stands for a parameter, each labelled with its place, ``weight[0,1]``."""
    cells = np.empty(p.shape, object)
    for place, x in np.ndenumerate(p.data):
        cells[place] = Value(x, f"{name}[{','.join(map(str, place))}]" if place else name, p.requires_grad)
    return cells


def as_node(x: Any, dtype: Any) -> Any:
    """`x` itself if it is a node or an object array of Values; an array or number as a constant of that dtype."""
    if isinstance(x, (Tensor, Value)) or (isinstance(x, np.ndarray) and x.dtype == object):
        return x
    node = Tensor(x, requires_grad=False)
    return node if dtype is None or dtype == node.dtype else Tensor(node.data, requires_grad=False, dtype=dtype)


def as_input(x: Any, weight: Any) -> Any:
    """`x` as what can meet that parameter: a node, or in a scalar net an array of numbers or Values."""
    if not is_value_array(weight):
        if isinstance(x, Tensor):
            return x
        if is_value_array(x):
            raise TypeError("an object array of Values meets array parameters; make a scalar net: model.to_scalars()")
        return as_node(x, weight.dtype)
    if isinstance(x, Tensor):
        raise TypeError("a scalar net computes with Values: pass it an array of numbers or of Values, not a Tensor")
    if isinstance(x, (list, tuple)) and any(isinstance(a, Value) for a in x):
        return np.array(x, object)
    return x if is_value_array(x) else np.asarray(x, float)


def to_numpy(x: Any) -> np.ndarray[Any, Any]:
    """The plain numbers in a node, an object array of Values, or an array."""
    if isinstance(x, Tensor):
        return x.data
    if is_value_array(x):
        return np.array([v.data if isinstance(v, Value) else v for v in x.flat]).reshape(x.shape)
    return np.asarray(x.data if isinstance(x, Value) else x)


def to_real_numpy(x: Any) -> Any:
    """The plain numbers in what is to be loaded; None if it holds anything but real ones."""
    try:
        array = to_numpy(x)
    except ValueError:  # rows that differ in length
        return None
    return array if array.dtype.kind in "fiub" and not dtype_refusal(array) else None


def requires_grad(x: Any) -> bool:
    """Whether something is a node that requires a gradient, or an object array that holds one."""
    if is_value_array(x):
        return any(isinstance(v, Value) and v.requires_grad for v in x.flat)
    return isinstance(x, (Tensor, Value)) and x.requires_grad


def dtype_refusal(x: np.ndarray[Any, Any]) -> str:
    """Why nodes do not carry the dtype of an array of numbers, float16 say; empty if they do."""
    try:
        Tensor(np.empty(0, x.dtype))
    except TypeError as error:
        return str(error).removeprefix("Tensor: ")
    return ""


def representable(values: np.ndarray[Any, Any], dtype: Any) -> bool:
    """Whether numbers keep what they are in a dtype: floats their size, if not all digits, and integers all."""
    if np.can_cast(values.dtype, dtype):
        return True
    with np.errstate(all="ignore"):
        cast = values.astype(dtype)
        return bool(
            (np.isfinite(cast) | ~np.isfinite(values)).all() if cast.dtype.kind == "f" else (cast == values).all()
        )


def to_python(x: Any) -> Any:
    """NumPy's numbers and arrays as Python's numbers and lists, which have a short repr and go into JSON; nodes too."""
    x = x.data if isinstance(x, (Tensor, Value)) else x
    if isinstance(x, (np.generic, np.ndarray)):
        return x.tolist()
    return type(x)(map(to_python, x)) if type(x) in (tuple, list) else x


def assign(x: Any, values: np.ndarray[Any, Any]) -> None:
    """Set the numbers in a node, an object array of Values, or an array."""
    if is_value_array(x):
        for v, number in zip(x.flat, values.flat, strict=True):
            v.data = number
    elif isinstance(x, np.ndarray):
        x[...] = values
    else:
        x.data = values


def zero_gradient(p: Tensor | Value) -> Any:
    """A gradient of zeros for a node: an array, also a 0-d one, or a float."""
    return np.zeros_like(p.data) if isinstance(p, Tensor) else 0.0


def sum(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The sum over all elements, or along `axis`."""
    return autograd.sum(x, axis, keepdims) if isinstance(x, Value) else x.sum(axis=axis, keepdims=keepdims)


def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The mean over all elements, or along `axis`."""
    return autograd.mean(x, axis, keepdims) if isinstance(x, Value) else x.mean(axis=axis, keepdims=keepdims)


def log_softmax(x: Any, axis: int) -> Any:
    """The logarithm of the softmax along `axis`; for scalars it is built of elementwise ops."""
    if not is_value_array(x):
        return autograd.log_softmax(x, axis)
    z = x - to_numpy(x).max(axis=axis, keepdims=True)
    return z - autograd.log(autograd.exp(z).sum(axis=axis, keepdims=True))
