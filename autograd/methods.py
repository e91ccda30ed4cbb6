"""The methods that nodes have from the op table; the stub beside this file says their types for either kind of node."""

import numpy as np

from autograd.engine.node import registry
from autograd.engine.op import Op
from autograd.operators import Operators, method
from autograd.ops import arithmetic
from autograd.typing import Function, X

__all__ = ["TensorMethods", "ValueMethods"]

_WITH_OPERATOR: tuple[Function, ...] = (
    arithmetic.abs, arithmetic.add, arithmetic.div, arithmetic.floor_divide, arithmetic.mod, arithmetic.mul,
    arithmetic.neg, arithmetic.positive, arithmetic.pow, arithmetic.pow_number, arithmetic.sub,
)  # fmt: skip
_LATE = ("argpartition", "choose", "nonzero")  # methods of arrays that late chapters have
_IN_PLACE = ("partition", "resize", "sort")  # NumPy's methods of these names change the array
# Methods that tensors have in PyTorch, where they mean the same.
_TORCHS = frozenset({
    "amax", "amin", "broadcast_to", "copysign", "count_nonzero", "deg2rad", "det", "diag", "diff", "fix", "flip",
    "fliplr", "flipud", "fmax", "fmin", "inner", "kron", "log_softmax", "logical_and", "logical_or", "logical_xor",
    "logsumexp", "matrix_power", "moveaxis", "outer", "rad2deg", "reciprocal", "roll", "rot90", "softmax",
    "square", "tile", "tril", "triu", "vdot",
})  # fmt: skip


def _is_method(name: str, function: Function) -> bool:
    """Whether a function is a method of nodes: an elementwise one without an operator, or one that others have."""
    if name in _TORCHS:
        return True
    if isinstance(function, Op) and function.elementwise:
        return function not in _WITH_OPERATOR and (
            function.arity == 1 or (function.arity == 2 and function.differentiable)
        )
    return hasattr(np.ndarray, name) and name not in _IN_PLACE


# The methods come from the table, so that an op of tomorrow is one too. NumPy needs them: on an object array np.tanh
# calls the tanh() of each element.
for _name, _function in vars(registry).items():
    if _is_method(_name, _function) and not hasattr(Operators, _name):
        setattr(Operators, _name, method(_function))


def _when_called(name: str) -> Function:
    """A method that asks the table for its function when it is called: its chapter is loaded then."""

    def function(x: X, *args: object, **kwargs: object) -> X:
        return getattr(registry, name)(x, *args, **kwargs)

    function.__name__ = name
    function.__doc__ = f"NumPy's ``{name}`` of the node; see ``autograd.numpy.{name}``."
    return function


for _name in _LATE:
    setattr(Operators, _name, method(_when_called(_name)))

ValueMethods = TensorMethods = Operators
