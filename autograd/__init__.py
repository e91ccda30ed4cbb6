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
from autograd.anomaly import detect_anomaly
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
    arctan2,
    cos,
    cosh,
    exp,
    expm1,
    hypot,
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
from autograd.ops.neural import binary_cross_entropy, elu, erf, heaviside, linear, log_softmax, logsumexp, softmax
from autograd.ops.reductions import norm, prod, std, var
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
    from autograd import viz

# Names that shadow Python's own (abs, max, min, pow, sum), and numpy, are left out of a star import: they are
# autograd.sum, ...
__all__ = [
    "Tensor", "Value", "add", "arctan", "arctan2", "array", "binary_cross_entropy", "broadcast_to", "clip",
    "concatenate", "cos", "cosh", "detect_anomaly", "div", "dot", "elementwise_grad", "elu", "equal", "erf", "exp",
    "expand_dims", "expm1", "floor_divide", "formula", "full", "grad", "gradients", "graph", "greater", "greater_equal",
    "heaviside", "hessian", "hvp", "hypot", "isfinite", "jacobian", "jvp", "less", "less_equal", "linear", "log",
    "log1p", "log_softmax", "logical_and", "logical_not", "logical_or", "logsumexp", "matmul", "maximum", "mean",
    "minimum", "mod", "mul", "neg", "no_grad", "norm", "not_equal", "ops", "positive", "primitive", "prod", "relu",
    "reshape", "sigmoid", "sign", "sin", "sinh", "softmax", "softplus", "sqrt", "squeeze", "stack", "std", "sub",
    "supported", "swapaxes", "tan", "tanh", "transpose", "value_and_grad", "var", "viz", "vjp", "where", "zeros_like",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    # Pictures are imported when they are first used, so that `import autograd` stays cheap.
    if name == "viz":
        return import_module("autograd.viz")
    raise AttributeError(f"module 'autograd' has no attribute {name!r}")


def _show(node: Any) -> dict[str, Any]:
    bundle: dict[str, Any] = import_module("autograd.viz").show(node)
    return bundle


def _drawn(nodes: Any, **options: Any) -> str:
    source: str = import_module("autograd.viz").draw(nodes, **{"limit": None, "names": {}} | options).source
    return source


Operators._show = staticmethod(_show)
graph.markup.drawn = _drawn
