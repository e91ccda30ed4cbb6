"""Reverse-mode differentiation on a graph that can be read, drawn, replayed and differentiated again.

`Value` is a scalar node, `Tensor` an array node; ``y.backward()`` gives every node its gradient.

>>> from autograd import Value
>>> m, x, b = Value(3.0, "m"), Value(2.0, "x"), Value(1.0, "b")
>>> y = m * x + b
>>> y.backward()
>>> m.grad, x.grad, b.grad
(2.0, 3.0, 1.0)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd import graph, ops
from autograd import numpy as numpy
from autograd.backward import gradients
from autograd.lookup import supported
from autograd.node import no_grad
from autograd.op import primitive
from autograd.operators import Operators
from autograd.ops import formula
from autograd.ops.arithmetic import abs as abs
from autograd.ops.arithmetic import add, div, floor_divide, mod, mul, neg, positive, sub
from autograd.ops.arithmetic import pow as pow
from autograd.ops.functions import (
    arctan,
    cos,
    cosh,
    exp,
    expm1,
    log,
    log1p,
    relu,
    sigmoid,
    sin,
    sinh,
    softplus,
    sqrt,
    tan,
    tanh,
)
from autograd.ops.selection import (
    clip,
    equal,
    greater,
    greater_equal,
    isfinite,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    maximum,
    minimum,
    not_equal,
    sign,
    where,
)
from autograd.ops.shape import (
    array,
    broadcast_to,
    concatenate,
    dot,
    expand_dims,
    full,
    matmul,
    mean,
    reshape,
    squeeze,
    stack,
    swapaxes,
    transpose,
    zeros_like,
)
from autograd.ops.shape import max as max
from autograd.ops.shape import min as min
from autograd.ops.shape import sum as sum
from autograd.tensor import Tensor
from autograd.transforms import elementwise_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.value import Value

if TYPE_CHECKING:
    from autograd import testing, viz

# Names that shadow Python's own (abs, max, min, pow, sum), and numpy, are left out of a star import: they are
# autograd.sum, ...
__all__ = [
    "Tensor", "Value", "add", "arctan", "array", "broadcast_to", "clip", "concatenate", "cos", "cosh", "div", "dot",
    "elementwise_grad", "equal", "exp", "expand_dims", "expm1", "floor_divide", "formula", "full", "grad",
    "gradients", "graph", "greater", "greater_equal", "hessian", "hvp", "isfinite", "jacobian", "jvp", "less",
    "less_equal", "log", "log1p", "logical_and", "logical_not", "logical_or", "matmul", "maximum", "mean",
    "minimum", "mod", "mul", "neg", "no_grad", "not_equal", "ops", "positive", "primitive", "relu",
    "reshape", "sigmoid", "sign", "sin", "sinh", "softplus", "sqrt", "squeeze", "stack", "sub", "supported",
    "swapaxes", "tan", "tanh", "testing", "transpose", "value_and_grad", "viz", "vjp", "where", "zeros_like",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    # Pictures and tests are imported when they are first used, so that `import autograd` stays cheap.
    if name in ("testing", "viz"):
        return import_module(f"autograd.{name}")
    raise AttributeError(f"module 'autograd' has no attribute {name!r}")


def _show(node: Any) -> dict[str, Any]:
    bundle: dict[str, Any] = import_module("autograd.viz").show(node)
    return bundle


Operators._show = staticmethod(_show)
