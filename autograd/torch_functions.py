"""What PyTorch's own functions give for nodes: ours that mean it, as ``torch.exp(x)`` of a node x."""

from __future__ import annotations

from typing import Any

from autograd.engine.node import Node, functions
from autograd.engine.trace import taken
from autograd.messages import describe
from autograd.torch_names import function_advice, keyword_advice
from autograd.typing import Function, Keywords, X

__all__ = ["torch_function"]

# Functions whose name is another here. Elementwise ones that take nothing else are found by a name that is the same.
_NAMES = {
    "__and__": "bitwise_and", "__floordiv__": "floor_divide", "__or__": "bitwise_or", "absolute": "abs",
    "acos": "arccos", "acosh": "arccosh", "asin": "arcsin", "asinh": "arcsinh", "atan": "arctan", "atan2": "arctan2",
    "atanh": "arctanh", "bmm": "matmul", "cat": "concatenate", "clamp": "clip", "concat": "concatenate",
    "div": "divide", "dot": "matmul", "eq": "equal", "ge": "greater_equal", "gt": "greater", "le": "less_equal",
    "lgamma": "gammaln", "lt": "less", "mm": "matmul", "mul": "multiply", "mv": "matmul", "ne": "not_equal",
    "neg": "negative", "pow": "power", "remainder": "mod", "sub": "subtract", "true_divide": "divide",
}  # fmt: skip
# Functions of the same arguments in the same order, but for the names of axes.
_LIKE = frozenset({
    "all", "amax", "amin", "any", "argmax", "argmin", "concatenate", "cumprod", "cumsum", "log_softmax", "logsumexp",
    "matmul", "mean", "prod", "reciprocal", "reshape", "softmax", "square", "stack", "sum", "where",
})  # fmt: skip
_AXES = {"dim": "axis", "keepdim": "keepdims"}
_DEFAULTS = {"alpha": 1, "dtype": None, "inplace": False, "out": None, "rounding_mode": None, "_stacklevel": 3}


def torch_function(function: Function, args: tuple[X, ...], kwargs: Keywords) -> X:
    """What a function of PyTorch's gives where a node is among its arguments.

    Raises
    ------
    TypeError
        If there is none of that meaning here, with what to write.
    """
    name = getattr(function, "__name__", str(function))
    if name == "__getitem__":
        return function(args[0], _index(args[1]))
    if name == "__setitem__" or (name.endswith("_") and not name.startswith("_")):
        raise TypeError(
            f"a tensor of PyTorch's is written with a node ({name}), which would leave the graph: write t = t + x for "
            "t += x, and autograd.where(mask, x, t) for t[mask] = x; x.data is meant where no gradient is"
        )
    given = {_AXES.get(k, k): v for k, v in kwargs.items() if not (k in _DEFAULTS and _DEFAULTS[k] == v)}
    ours = _function(name)
    if ours is None or not given.keys() <= {"axis", "keepdims"}:
        raise TypeError(_refusal(function, "" if ours is None else next(k for k in given if k not in _AXES.values())))
    return ours(*args, **given)


def _refusal(function: Function, keyword: str) -> str:
    """The text of the error for a function, or for an argument of one."""
    name = getattr(function, "__name__", str(function))
    if keyword:
        advice = keyword_advice(keyword) or f"; autograd.{_NAMES.get(name, name)} has no such argument"
        return f"torch.{name}: {keyword}= goes with no node of autograd's{advice}"
    advice = function_advice(name).removeprefix(", which torch has; ")
    if str(getattr(function, "__module__", "")).startswith(("torch.nn", "torch._C._nn")):
        advice = "layers and losses are nn's: see nn and nn.functional"
    elif not advice:
        advice = f"write autograd.{name}" if name in functions() else "autograd.numpy has NumPy's functions"
    return f"torch.{name} takes no node of autograd's; {advice}"


def _function(name: str) -> Function | None:
    known = functions()
    name = _NAMES.get(name, name)
    found: Any = known.get(name)
    same = found is not None and getattr(found, "elementwise", False) and not found.params
    return found if same or name in _LIKE or name in _NAMES.values() else None


def _index(key: X) -> X:
    """An index of a tensor, with the data of nodes, which are places or conditions."""
    if isinstance(key, tuple):
        return tuple(map(_index, key))
    if not isinstance(key, Node):
        return key
    if key.requires_grad:
        raise TypeError(f"{describe(key)} is no index, which is of integers or conditions")
    taken(key, "t[x]")
    return key._data
