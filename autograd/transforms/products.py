"""``vjp``, ``jvp`` and ``hvp``: products of a Jacobian or a Hessian with a vector, which is never built."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from autograd.engine.libraries import library_of
from autograd.engine.node import Node
from autograd.tensor import Tensor
from autograd.tracebacks import entrance, hosting
from autograd.transforms.containers import rebuilt
from autograd.transforms.gradients import grad
from autograd.transforms.tracing import (
    Call,
    Function,
    check_function,
    is_nested,
    match_cotangents,
    pull_back,
    trace_all,
)
from autograd.typing import Tree
from autograd.value import Value

__all__ = ["hvp", "jvp", "pulling", "pushing", "transpose_pass", "vjp"]


@hosting("in the function that vjp differentiates")
def vjp(f: Function, *args: Tree) -> tuple[Tree, Callable[[Tree], tuple[Tree, ...]]]:
    """Compute the value of a function, and the function that pulls a cotangent back to its arguments.

    Parameters
    ----------
    f : callable
        Takes numbers, arrays or containers of them and returns a node, an array or a container of such.
    *args : number, array, node or container
        Its arguments; it is differentiated by all of them.

    Returns
    -------
    value : container
        What `f` returns, plain where the arguments are.
    pull : callable
        Takes a cotangent, built as the value is and of its shapes; returns a tuple with the product of the cotangent
        with the Jacobian for each argument. May be called any number of times, and is itself differentiable.

    Raises
    ------
    TypeError, ValueError
        If an argument is no number or array of numbers, if `f` returns what has no derivative (see :func:`grad`), or
        a cotangent does not fit.

    Examples
    --------
    >>> from autograd import vjp
    >>> value, pull = vjp(lambda x, y: (x * y, x + y), 3.0, 2.0)
    >>> value
    (6.0, 5.0)
    >>> pull((1.0, 0.0)), pull((0.0, 1.0))
    ((2.0, 3.0), (1.0, 1.0))
    """
    call = trace_all("vjp", f, args)
    return call.value(), pulling(call, "cotangent")


@hosting("in the function that jvp differentiates")
def jvp(f: Function, args: tuple[Tree, ...], tangents: tuple[Tree, ...]) -> tuple[Tree, Tree]:
    """Compute the value of a function, and its derivative in a direction: the Jacobian times `tangents`.

    The cost is a small multiple of the function's own, whatever the number of arguments: the pull of :func:`vjp` is
    linear in its cotangent, and its own pull, at any cotangent, is the push forward.

    Parameters
    ----------
    f : callable
        Takes numbers, arrays or containers of them and returns a node, an array or a container of such.
    args, tangents : tuple
        The arguments, and a direction built as they are and of their shapes.

    Returns
    -------
    pair of container
        The value that `f` returns, and the tangent, its derivative, built alike; plain where the arguments are.

    Raises
    ------
    TypeError, ValueError
        If an argument is no number or array of numbers, if `f` returns what has no derivative (see :func:`grad`), or
        a tangent does not fit.

    Examples
    --------
    >>> from autograd import jvp
    >>> jvp(lambda x, y: x * y, (3.0, 2.0), (1.0, 0.0))
    (6.0, 2.0)
    """
    for x in (args, tangents):
        if not isinstance(x, (tuple, list)):
            kind = type(x).__name__
            raise TypeError(f"jvp: arguments and tangents go into tuples, jvp(f, (x,), (v,)), not {kind}")
    call = trace_all("jvp", f, tuple(args))
    return call.value(), pushing(call, "tangents")(tangents)


@hosting("in the function that hvp differentiates")
def hvp(f: Function, x: Tree, v: Tree) -> Tree:
    """Multiply the Hessian of a scalar function by a vector, without the Hessian: at a few times the function's cost.

    Source: Pearlmutter, "Fast exact multiplication by the Hessian", 1994.

    Parameters
    ----------
    f : callable
        A function of one argument, as for :func:`grad`.
    x, v : number, array or container
        The argument, and the vector, built as `x` is and of its shapes.

    Returns
    -------
    float, array, node or container
        The product, built as `x` is.

    Raises
    ------
    TypeError, ValueError
        As for :func:`grad`, or if `v` does not fit `x`.

    Examples
    --------
    >>> from autograd import hvp
    >>> hvp(lambda p: p[0] ** 2 * p[1], (3.0, 2.0), (1.0, 0.0))
    (4.0, 6.0)
    """
    check_function("hvp", f, 0)
    return pulling(trace_all("hvp", grad(f), (x,)), "v")(v)[0]  # the Hessian is its own transpose


def pulling(call: Call, what: str) -> Callable[[Tree], Tree]:
    """The function that pulls a cotangent, `what` in messages, back to the arguments of a call."""
    outputs = call.nodes()

    @entrance
    def pull(cotangent: Tree) -> Tree:
        leaves = match_cotangents(call.name, what, call.output, outputs, cotangent)
        return call.pull_back(outputs, leaves, call.nested or is_nested(leaves))

    return pull


def pushing(call: Call, what: str) -> Callable[[Tree], Tree]:
    """The function that pushes a tangent of the arguments, `what` in messages, forward to the value of a call."""
    dummies, gradients = transpose_pass(call, call.nodes())

    @entrance
    def push(tangent: Tree) -> Tree:
        leaves = match_cotangents(call.name, what, call.arguments, call.variables, tangent)
        results = pull_back(gradients, dummies, leaves, call.nested or is_nested(leaves))
        return rebuilt(call.output, iter(results))

    return push


def transpose_pass(call: Call, outputs: list[Node]) -> tuple[list[Node], list[Node]]:
    """Pull dummy cotangents back, and record that pass: its own pass is the push forward.

    The gradients are linear in the dummies, so their values do not matter. But 0 times a
    derivative that is not finite is nan; so no dummy is 0, and as multiples of an irrational number they do not cancel.
    """
    dummies: list[Node] = []
    n = 1
    for y in outputs:
        size = prod(y.shape)
        data = (1 + np.arange(n, n + size) * (np.sqrt(5) / 2) % 1).reshape(y.shape)
        n += size
        if (library := library_of(y._data)) is not None:
            dummies.append(Tensor(library.asarray_like(data, y._data)))
        elif not isinstance(y._data, np.ndarray):
            dummies.append(Value(data))
        else:
            dummies.append(Tensor(data, dtype=y._data.dtype if y._data.dtype.kind == "f" else None))
    return dummies, pull_back(outputs, call.variables, dummies, nested=True)
