"""graphgrad: reverse-mode differentiation on a graph that can be read, drawn, replayed and differentiated again."""

from autograd import graph, ops
from autograd.backward import gradients
from autograd.node import no_grad
from autograd.op import primitive
from autograd.ops import formula
from autograd.ops.arithmetic import *  # noqa: F403
from autograd.ops.functions import *  # noqa: F403
from autograd.ops.selection import *  # noqa: F403
from autograd.ops.shape import *  # noqa: F403
from autograd.tensor import Tensor
from autograd.transforms import grad, value_and_grad
from autograd.value import Value

# `from autograd import *` leaves Python's own sum, max, min, abs and pow alone: those are autograd.sum, ...
_SHADOWING = {"abs", "max", "min", "pow", "sum"}
__all__ = [
    "Tensor", "Value", "formula", "grad", "gradients", "graph", "no_grad", "primitive", "value_and_grad",
    *(name for family in ops.FAMILIES for name in family.__all__ if name not in _SHADOWING),
]  # fmt: skip
