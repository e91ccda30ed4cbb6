"""Derivatives of functions: ``grad`` and ``value_and_grad``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.backward import gradients
from autograd.node import Mode, Node, current_mode, entered
from autograd.ops.arithmetic import positive
from autograd.tensor import Tensor
from autograd.value import Value

__all__ = ["grad", "value_and_grad"]


def grad(f: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., Any]:
    """The gradient of a scalar function, as a function of the same arguments.

    Parameters
    ----------
    f : callable
        Takes numbers or arrays (it is called with nodes) and returns a scalar node.
    argnums : int or tuple of int
        Which positional arguments to differentiate by.

    Returns
    -------
    callable
        Returns a float for a number, an array for an array, a node for a node; for a tuple of `argnums`, a tuple.

    Raises
    ------
    TypeError, ValueError
        When called: if the argument is no number or array of floats, or `f` returns no scalar node.

    Examples
    --------
    >>> from autograd import grad, sin
    >>> f = lambda x: sin(x**3 + 5)
    >>> round(grad(f)(1.0), 6), round(grad(grad(f))(1.0), 6)
    (2.880511, 8.275761)
    """
    both = value_and_grad(f, argnums)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


def value_and_grad(f: Callable[..., Any], argnums: int | tuple[int, ...] = 0) -> Callable[..., tuple[Any, Any]]:
    """The value and the gradient of a scalar function, computed together.

    Parameters, errors and results are those of :func:`grad`; called, it returns ``(value, gradient)``.

    Examples
    --------
    >>> from autograd import value_and_grad
    >>> value_and_grad(lambda w, x: w * x)(3.0, 2.0)
    (6.0, 2.0)
    """
    positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    if not all(isinstance(i, int) for i in positions):
        raise TypeError(f"grad: argnums must be an int or a tuple of ints, not {argnums!r}")
    if not callable(f):
        raise TypeError(f"grad: pass a function, not {type(f).__name__}")

    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        outer = current_mode() or Mode()
        inputs = list(args)
        for i in positions:
            if not -len(args) <= i < len(args):
                raise ValueError(f"grad: argnums={argnums}, but the function was called with {len(args)} arguments")
        with entered(Mode(recording=True, depth=outer.depth + 1)):
            for i in positions:
                inputs[i] = _variable(args[i])
            variables = [inputs[i] for i in positions]
            y = f(*inputs, **kwargs)
            if not isinstance(y, Node):
                raise TypeError(f"grad: the function returned {type(y).__name__}, not a node made from its argument")
            # Inside another transform, or given nodes, the result must stay part of the outer graph.
            nested = outer.depth > 0 or any(isinstance(args[i], Node) for i in positions)
            if y.requires_grad:
                slopes = gradients(y, variables, create_graph=nested)
            else:
                slopes = [v * 0.0 if nested else v.data * 0.0 for v in variables]
        value = y if nested else y.data
        return value, slopes[0] if isinstance(argnums, int) else tuple(slopes)

    return both


def _variable(x: Any) -> Node:
    """A fresh node for an argument: one of its own also for a node, so that nested derivatives do not mix."""
    if isinstance(x, Node):
        if x.requires_grad:
            fresh: Node = positive(x)
            return fresh
        x = x.data
    if isinstance(x, (int, float)) and not isinstance(x, np.generic):
        return Value(x)
    if isinstance(x, np.floating):
        return Value(x)
    try:
        return Tensor(x, requires_grad=True)
    except (TypeError, ValueError) as error:
        raise type(error)(f"grad: {str(error).removeprefix('Tensor: ')}") from None
