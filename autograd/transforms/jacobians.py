"""``jacobian`` and ``hessian``: by rows, a backward pass for each, or by columns, a pushed tangent for each."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from autograd.engine.coercion import constant
from autograd.engine.libraries import library_of, numpy_dtype
from autograd.engine.node import Node, registry
from autograd.ops.joining import stack
from autograd.ops.shaping import reshape, transpose
from autograd.tracebacks import entrance
from autograd.transforms.containers import rebuilt
from autograd.transforms.products import transpose_pass
from autograd.transforms.tracing import Argnums, Function, check_function, differentiating, pull_back, trace
from autograd.typing import Tree

__all__ = ["hessian", "jacobian"]


@entrance
def jacobian(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """The Jacobian of a function: the derivative of each element of its value by each element of its arguments.

    It takes one backward pass for each element of the value, or, where the arguments have far fewer elements, one
    derivative in the direction of each of those.

    Parameters
    ----------
    f : callable
        Takes numbers, arrays or containers of them and returns a node, an array or a container of such.
    argnums, argnum : int, sequence of int or None
        Which positional arguments to differentiate by; the second is HIPS autograd's name of it.

    Returns
    -------
    callable
        Returns an array of shape ``value.shape + x.shape`` and of the dtype of `x` (a float where both are numbers, a
        node where `x` is one). For containers it returns the value's container with the arguments' container in place
        of each leaf, and in that such an array in place of each leaf.

    Raises
    ------
    TypeError, ValueError
        When called: if an argument is no number or array of numbers, or `f` returns what has no derivative (see
        :func:`grad`).

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import jacobian
    >>> jacobian(lambda x: x**2 * x[0])(np.array([1.0, 3.0]))
    array([[3., 0.],
           [9., 6.]])
    """
    return _jacobian("jacobian", f, check_function("jacobian", f, argnums, argnum))


def _jacobian(name: str, f: Function, argnums: Argnums, of: Function | None = None) -> Function:
    @differentiating(name, of or f)
    def matrix(*args: object, **kwargs: object) -> Tree:
        call = trace(name, f, argnums, args, kwargs)
        outputs, inputs = call.nodes(), call.variables
        if _prefers_columns(outputs, inputs):
            dummies, gradients = transpose_pass(call, outputs)
            columns = _blocks(gradients, dummies, call.nested)
            blocks = [[_swapped(columns[i][o], y, x) for i, x in enumerate(inputs)] for o, y in enumerate(outputs)]
        else:
            blocks = _blocks(outputs, inputs, call.nested)
        return rebuilt(call.output, (rebuilt(call.arguments, iter(row)) for row in blocks))

    return matrix


@entrance
def hessian(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """The Hessian of a function: its second derivatives, the Jacobian of its Jacobian.

    Parameters, errors and results are those of :func:`jacobian`. For a scalar function of an array of shape s the
    result has shape s + s; for containers each leaf of the argument holds such a container, as `H["W"]["b"]`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import hessian
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 2.0]))
    array([[4., 6.],
           [6., 0.]])
    """
    argnums = check_function("hessian", f, argnums, argnum)
    return _jacobian("hessian", _jacobian("hessian", f, argnums), argnums, f)


def _prefers_columns(outputs: list[Node], inputs: list[Node]) -> bool:
    """Whether a pass for each input is less work than one for each output, although it costs about twice as much."""
    one_dtype = len({numpy_dtype(x._data) for x in (*outputs, *inputs)}) == 1
    return one_dtype and 2 * sum(prod(x.shape) for x in inputs) < sum(prod(y.shape) for y in outputs)


def _blocks(outputs: list[Node], inputs: list[Node], nested: bool) -> list[list[Tree]]:
    """The Jacobian of each output by each input; each element of the outputs takes a backward pass."""
    blocks = []
    for y in outputs:
        rows = [pull_back([y], inputs, [unit], nested) for unit in _units(y)]
        blocks.append([_joined([row[i] for row in rows], y, x, nested) for i, x in enumerate(inputs)])
    return blocks


def _units(y: Node) -> Iterator[Tree]:
    """The unit cotangents of an output, one for each element."""
    for index in np.ndindex(y.shape):
        unit = np.zeros(y.shape)
        unit[index] = 1.0
        yield unit


def _joined(rows: list[Tree], y: Node, x: Node, nested: bool) -> Tree:
    """Join the rows of a Jacobian, one for each element of `y`."""
    if y.ndim == 0:
        return rows[0]
    shape = y.shape + x.shape
    if nested and rows:
        return reshape(stack(rows), shape)
    library = library_of(x._data)
    if library is not None and rows:
        block = library.reshape(library.stack(rows), shape)
    else:
        block = np.array(rows, numpy_dtype(x._data)).reshape(shape)
        if (library := library or library_of(y._data)) is not None:
            block = library.asarray_like(block, x._data if library_of(x._data) else y._data)
    return constant(block) if nested else block


def _swapped(block: Tree, y: Node, x: Node) -> Tree:
    """Move the axes of the argument, the first ones of a Jacobian by columns, behind the others."""
    if y.ndim == 0:  # a number for a number, whatever the value is
        return registry.sum_like(block, x if isinstance(block, Node) else x._data)
    return transpose(block, (*range(x.ndim, block.ndim), *range(x.ndim)))
