"""From NumPy's functions to ours: the one place that says what NumPy's names mean for nodes.

`autograd.numpy` and NumPy's protocols look functions up here; the answers are read from the registry of the op table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, wraps
from inspect import signature
from types import ModuleType
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd.node import Node, registry
from autograd.op import Op

__all__ = ["Support", "accepting_nodes", "attribute", "has_node", "on_nodes", "supported"]

# What to write in place of a function that the op table lacks, by NumPy's name for it.
_INSTEAD = {
    "array_equal": "np.all(x == y)",
    "compress": "x[condition]",
    "copyto": "np.where(condition, new, x)",
    "diagflat": "np.diag(np.ravel(x))",
    "ediff1d": "np.diff(x)",
    "fill_diagonal": "np.where(np.eye(n) == 1, new, x)",
    "float_power": "x ** y",
    "ldexp": "x * 2.0 ** y",
    "linalg.diagonal": "np.diagonal(x, 0, -2, -1)",
    "linalg.matmul": "x @ y",
    "linalg.matrix_transpose": "np.matrix_transpose(x)",
    "linalg.outer": "np.outer(x, y)",
    "linalg.pinv": "np.linalg.inv(x.T @ x) @ x.T",
    "linalg.tensordot": "np.tensordot(x, y)",
    "linalg.trace": "np.trace(x, 0, -2, -1)",
    "linalg.vecdot": "np.vecdot(x, y)",
    "median": "np.sort(x)[len(x) // 2]",
    "modf": "(x - np.trunc(x), np.trunc(x))",
    "nan_to_num": "np.where(np.isnan(x), 0, x)",
    "nanmax": "np.max(np.where(np.isnan(x), -np.inf, x))",
    "nanmean": "np.mean(x[np.logical_not(np.isnan(x))])",
    "nanmin": "np.min(np.where(np.isnan(x), np.inf, x))",
    "nansum": "np.sum(np.where(np.isnan(x), 0, x))",
    "place": "np.where(condition, new, x)",
    "ptp": "np.max(x) - np.min(x)",
    "put": "np.where(condition, new, x)",
    "putmask": "np.where(condition, new, x)",
    "trapezoid": "np.sum((x[1:] + x[:-1]) / 2)",
}
_COMPLEX = ["angle", "conj", "conjugate", "imag", "iscomplex", "isreal", "real", "real_if_close", "unwrap"]
_OUTSIDE = {
    "fft": "Fourier transforms are outside this project (on plain arrays take numpy.fft)",
    "random": "drawing has no derivative; draw plain numbers and compute with them, as in mean + scale * randn()",
    **dict.fromkeys(_COMPLEX, "complex numbers are outside this project; carry their parts as two nodes"),
}


class Support(NamedTuple):
    """Whether a function of NumPy's can be used on nodes; true unless it is not supported.

    Attributes
    ----------
    name : str
        NumPy's name for the function, without ``np.``.
    status : str
        ``"differentiable"``; ``"constant"``: it takes nodes, and its derivative is 0 wherever it has one; or
        ``"not supported"``.
    advice : str
        What to write instead; empty for a function that is supported.
    """

    name: str
    status: Literal["differentiable", "constant", "not supported"]
    advice: str = ""

    def __bool__(self) -> bool:
        return self.status != "not supported"

    def __repr__(self) -> str:
        return f"{self.name}: {self.status}{'; ' if self.advice else ''}{self.advice}"


def supported(function: str | Callable[..., Any]) -> Support:
    """Whether a function can be used on nodes, and what to use instead if not.

    Parameters
    ----------
    function : str or callable
        NumPy's name for it (``"flip"``, ``"linalg.norm"``), ours (``"relu"``), or the function itself.

    Returns
    -------
    Support
        A tuple ``(name, status, advice)`` that prints as a sentence and is true unless it is not supported.

    Raises
    ------
    TypeError
        If `function` is neither a name nor a function.

    Examples
    --------
    >>> from autograd import supported
    >>> supported("sin")
    sin: differentiable
    >>> supported("sign")
    sign: constant
    >>> supported("put")
    put: not supported; use np.where(condition, new, x)
    >>> supported("put").status
    'not supported'
    """
    if isinstance(function, str):
        name = function.removeprefix("numpy.").removeprefix("np.")
        theirs = _member(np, name)
        ours = _member(registry, name) or _ours().get(theirs)
        if ours is None and theirs is None:
            return Support(name, "not supported", "there is no function of this name")
    elif callable(function):
        name = _name(function)
        own = isinstance(function, Op) or any(function is f for f in vars(registry).values())
        theirs = getattr(function, "__wrapped__", None)  # of one of autograd.numpy's
        ours = function if own else _ours().get(function) or _ours().get(theirs)
    else:
        raise TypeError(f"supported: give a function or its name, not {type(function).__name__}")
    if ours is None:
        return Support(name, "not supported", _advice(name))
    return Support(name, "differentiable" if getattr(ours, "differentiable", True) else "constant")


def on_nodes(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """NumPy's `function` of arguments among which are nodes: ours of them, or an error that says what to write."""
    ours = _ours().get(function)
    if ours is None:
        name = _name(function)
        raise TypeError(f"np.{name} is not supported on nodes; {_advice(name)}")
    if not kwargs:
        return _called(ours, args, kwargs)
    name = f"np.{_name(function)}"
    if kwargs.get("out") is not None:
        raise TypeError(f"{name}: out= would overwrite what the graph recorded; take the result, y = {name}(x)")
    if kwargs.get("where", True) is not True:
        raise TypeError(f"{name}: where= is not supported on nodes; write np.where(condition, {name}(x), other)")
    return _called(ours, args, {k: v for k, v in kwargs.items() if k not in ("out", "where")})


def _called(ours: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A function of ours; arguments of NumPy's that it does not take are an error that says which it takes."""
    try:
        return ours(*args, **kwargs)
    except TypeError:
        if not isinstance(ours, Op):
            try:
                signature(ours).bind(*args, **kwargs)
            except TypeError as error:
                takes = ", ".join(signature(ours).parameters)
                raise TypeError(f"np.{ours.__name__}: {error}; on nodes it takes ({takes})") from None
        raise


def accepting_nodes(theirs: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's function, which on nodes is ours."""

    @wraps(theirs)
    def function(*args: Any, **kwargs: Any) -> Any:
        if has_node(args) or (kwargs and has_node(kwargs.values())):
            return on_nodes(theirs, args, kwargs)
        return theirs(*args, **kwargs)

    if isinstance(theirs, np.ufunc):  # its methods are for plain data
        vars(function).update({m: getattr(theirs, m) for m in ("accumulate", "at", "outer", "reduce", "reduceat")})
    return function


def attribute(module: ModuleType, name: str) -> Any:
    """What `autograd.numpy` has under a name of NumPy's: its functions accept nodes, all else is as it is."""
    if name == "fft":
        raise AttributeError(f"autograd.numpy.fft: {_OUTSIDE[name]}")
    if not hasattr(module, name):
        advice = f"; it is autograd.{name}" if hasattr(registry, name) else ""
        raise AttributeError(f"module 'autograd.{module.__name__}' has no attribute {name!r}{advice}")
    theirs = getattr(module, name)
    return theirs if isinstance(theirs, type) or not callable(theirs) else accepting_nodes(theirs)


def has_node(args: Iterable[Any]) -> bool:
    """Whether one of the arguments is a node, or a list or tuple that holds one."""
    for a in args:  # a loop: every call of autograd.numpy passes here
        if isinstance(a, Node):
            return True
        if isinstance(a, (list, tuple)) and has_node(a):
            return True
    return False


@cache
def _ours() -> dict[Any, Callable[..., Any]]:
    """Our functions by NumPy's, or those of numpy.linalg; a function and its alias (abs, absolute) are one."""
    found = {}
    for name, ours in vars(registry).items():
        theirs = getattr(np, name, None) or getattr(np.linalg, name, None)
        if callable(theirs):
            found[theirs] = ours
    return found


def _member(space: Any, dotted: str) -> Any:
    for name in dotted.split("."):
        space = getattr(space, name, None)
    return space if callable(space) else None


def _name(function: Callable[..., Any]) -> str:
    """NumPy's name for a function of its own, as ``linalg.norm``."""
    module = getattr(function, "__module__", None) or type(getattr(function, "__self__", None)).__module__
    part = module.removeprefix("numpy").split(".")[1:2] if module.startswith("numpy.") else []
    return ".".join([*(p for p in part if not p.startswith("_")), function.__name__])


def _advice(name: str) -> str:
    if name in _INSTEAD:
        return f"use {_INSTEAD[name]}"
    default = "it takes plain data only: write it with supported functions, or make it a primitive"
    return _OUTSIDE.get(name.partition(".")[0], default)
