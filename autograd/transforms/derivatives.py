"""Derivatives of functions of numbers, arrays and nested containers, of any order and nested in each other.

All of them record one call of the function on fresh variables, and pull gradients back through what it recorded.
Nested calls do not mix, because each has variables of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.engine.node import Node, constant, describe, registry
from autograd.ops.shape import reshape, stack, transpose
from autograd.tensor import Tensor
from autograd.tracebacks import entrance, hosting
from autograd.transforms.containers import rebuilt
from autograd.transforms.tracing import (
    Argnums,
    Call,
    Function,
    check_function,
    is_nested,
    match_cotangents,
    pull_back,
    trace,
    trace_all,
)
from autograd.value import Value

__all__ = ["elementwise_grad", "grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]


@entrance
def grad(f: Function, argnums: Argnums = 0) -> Function:
    """The gradient of a scalar function, as a function of the same arguments.

    Parameters
    ----------
    f : callable
        Takes numbers, arrays or containers of them (it is called with nodes in their place) and returns a scalar.
    argnums : int or sequence of int
        Which positional arguments to differentiate by.

    Returns
    -------
    callable
        Returns a float for a number, an array for an array, a node for a node, and for a tuple, list or dict the same
        container of such, each of the shape and dtype of its argument (integers are taken as floats); for several
        `argnums`, a tuple. What the function does not depend on has zeros: also all of it, if it returns a plain float.

    Raises
    ------
    TypeError, ValueError
        When called: if an argument is no number or array of numbers, `f` returns no scalar, or it returns a plain one
        after a value that depends on the argument was taken out of the graph (``.item()``, ``.data``, ``.numpy()``).

    Examples
    --------
    >>> from autograd import grad, sin
    >>> f = lambda x: sin(x**3 + 5)
    >>> round(grad(f)(1.0), 6), round(grad(grad(f))(1.0), 6)
    (2.880511, 8.275761)
    >>> grad(lambda p: p["w"] ** 2 * 5.0 + p["b"])({"w": 3.0, "b": 1.0})
    {'w': 30.0, 'b': 1.0}
    """
    both = _value_and_grad("grad", f, argnums)

    @hosting("in the function that grad differentiates")
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


@entrance
def value_and_grad(f: Function, argnums: Argnums = 0) -> Callable[..., tuple[Any, Any]]:
    """The value and the gradient of a scalar function, computed together.

    Parameters, errors and results are those of :func:`grad`; called, it returns ``(value, gradient)``.

    Examples
    --------
    >>> from autograd import value_and_grad
    >>> value_and_grad(lambda w, x: w * x)(3.0, 2.0)
    (6.0, 2.0)
    """
    return _value_and_grad("value_and_grad", f, argnums)


def _value_and_grad(name: str, f: Function, argnums: Argnums) -> Callable[..., tuple[Any, Any]]:
    argnums = check_function(name, f, argnums)

    @hosting(f"in the function that {name} differentiates")
    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        call = trace(name, f, argnums, args, kwargs)
        y = call.node()
        if isinstance(y._data, np.ndarray) and y._data.size != 1:
            raise ValueError(
                f"{name}: {describe(y)} is not a scalar, so it has no gradient; reduce it (y.sum(), y.mean()), or take "
                "jacobian (each element by each argument) or elementwise_grad (each by its own argument)"
            )
        return call.value(), call.pulled([y], None, call.nested)

    return both


@entrance
def elementwise_grad(f: Function, argnums: Argnums = 0) -> Function:
    """The derivative of an elementwise function, in the shape of its argument.

    Precisely: the sum of each column of the Jacobian, in one pass, which for an elementwise function is its diagonal.
    Parameters, errors and results are those of :func:`grad`, but `f` may return an array.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import elementwise_grad, tanh
    >>> elementwise_grad(tanh)(np.array([0.0, 0.5])).round(6)
    array([1.      , 0.786448])
    """
    argnums = check_function("elementwise_grad", f, argnums)

    @hosting("in the function that elementwise_grad differentiates")
    def slopes(*args: Any, **kwargs: Any) -> Any:
        call = trace("elementwise_grad", f, argnums, args, kwargs)
        y = call.node()
        return call.pulled([y], [np.ones(y.shape)], call.nested)

    return slopes


@hosting("in the function that vjp differentiates")
def vjp(f: Function, *args: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of a function, and the function that pulls a cotangent back to its arguments.

    Parameters
    ----------
    f : callable
        Takes numbers, arrays or containers of them and returns a node, an array or a container of such.
    *args
        Its arguments; it is differentiated by all of them.

    Returns
    -------
    value
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
    return _vjp("vjp", f, args, "cotangent")


def _vjp(name: str, f: Function, args: tuple[Any, ...], what: str) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    call = trace_all(name, f, args)
    outputs = call.nodes()

    @entrance
    def pull(cotangent: Any) -> tuple[Any, ...]:
        given = match_cotangents(name, what, call.output, outputs, cotangent)
        pulled: tuple[Any, ...] = call.pulled(outputs, given, call.nested or is_nested(given))
        return pulled

    return call.value(), pull


@hosting("in the function that jvp differentiates")
def jvp(f: Function, args: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
    """The value of a function, and its derivative in a direction: the Jacobian times `tangents`.

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
    value, tangent
        What `f` returns and its derivative, built alike; plain where the arguments are.

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
    outputs = call.nodes()
    given = match_cotangents("jvp", "tangents", call.arguments, call.variables, tangents)
    dummies, pulled = _transposed(call, outputs)
    nested = call.nested or is_nested(given)
    slopes = pull_back(pulled, dummies, given, nested)
    return call.value(), rebuilt(call.output, iter(slopes))


@hosting("in the function that hvp differentiates")
def hvp(f: Function, x: Any, v: Any) -> Any:
    """The Hessian of a scalar function times a vector, without the Hessian: a small multiple of the function's cost.

    Parameters
    ----------
    f : callable
        As for :func:`grad`; a function of one argument.
    x, v : number, array or container of such
        Where, and the vector, built as `x` is and of its shapes.

    Returns
    -------
    float, numpy.ndarray, node or container of such
        Built as `x` is.

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
    _, pull = _vjp("hvp", grad(f), (x,), "v")
    return pull(v)[0]  # the Hessian is its own transpose


@entrance
def jacobian(f: Function, argnums: Argnums = 0) -> Function:
    """The Jacobian of a function: the derivative of each element of its value by each element of its arguments.

    It takes one backward pass for each element of the value, or, where the arguments have far fewer elements, one
    derivative in the direction of each of those.

    Parameters
    ----------
    f : callable
        Takes numbers, arrays or containers of them and returns a node, an array or a container of such.
    argnums : int or sequence of int
        Which positional arguments to differentiate by.

    Returns
    -------
    callable
        Returns an array of shape ``value.shape + x.shape`` and of the dtype of `x` (a float where both are numbers, a
        node where `x` is one); for containers the container of the value, which has in place of each leaf that of the
        arguments, which has such an array in place of each leaf.

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
    return _jacobian("jacobian", f, argnums)


def _jacobian(name: str, f: Function, argnums: Argnums) -> Function:
    argnums = check_function(name, f, argnums)

    @hosting(f"in the function that {name} differentiates")
    def matrix(*args: Any, **kwargs: Any) -> Any:
        call = trace(name, f, argnums, args, kwargs)
        outputs, inputs = call.nodes(), call.variables
        if _prefers_columns(outputs, inputs):
            dummies, pulled = _transposed(call, outputs)
            columns = _blocks(pulled, dummies, call.nested)
            blocks = [[_swapped(columns[i][o], y, x) for i, x in enumerate(inputs)] for o, y in enumerate(outputs)]
        else:
            blocks = _blocks(outputs, inputs, call.nested)
        return rebuilt(call.output, (rebuilt(call.arguments, iter(row)) for row in blocks))

    return matrix


@entrance
def hessian(f: Function, argnums: Argnums = 0) -> Function:
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
    return _jacobian("hessian", _jacobian("hessian", f, argnums), argnums)


def _transposed(call: Call, outputs: list[Node]) -> tuple[list[Node], list[Node]]:
    """Dummy cotangents of the outputs and what they pull back to: recorded, so as to be differentiated in turn.

    What is pulled back is linear in them, so their values do not matter; but where a gradient is 0, a derivative that
    is not finite is masked. So none of them is 0, and as multiples of an irrational number they do not cancel.
    """
    dummies: list[Node] = []
    n = 1
    for y in outputs:
        size = np.size(y._data)
        data = (1 + np.arange(n, n + size) * (np.sqrt(5) / 2) % 1).reshape(y.shape)
        n += size
        if not isinstance(y._data, np.ndarray):
            dummies.append(Value(data))
        else:
            dummies.append(Tensor(data, dtype=y._data.dtype if y._data.dtype.kind == "f" else None))
    return dummies, pull_back(outputs, call.variables, dummies, nested=True)


def _prefers_columns(outputs: list[Node], inputs: list[Node]) -> bool:
    """Whether a pass for each input is less work than one for each output; such a pass costs about twice as much."""
    one_dtype = len({np.asarray(x._data).dtype for x in (*outputs, *inputs)}) == 1
    return one_dtype and 2 * sum(np.size(x._data) for x in inputs) < sum(np.size(y._data) for y in outputs)


def _blocks(outputs: list[Node], inputs: list[Node], nested: bool) -> list[list[Any]]:
    """For each output and each input the Jacobian; a backward pass for each element of the outputs."""
    blocks = []
    for y in outputs:
        rows = [pull_back([y], inputs, [unit], nested) for unit in _units(y)]
        blocks.append([_joined([row[i] for row in rows], y, x, nested) for i, x in enumerate(inputs)])
    return blocks


def _units(y: Node) -> Iterator[Any]:
    """The unit cotangents, one for each element."""
    for place in np.ndindex(y.shape):
        unit = np.zeros(y.shape)
        unit[place] = 1.0
        yield unit


def _joined(rows: list[Any], y: Node, x: Node, nested: bool) -> Any:
    """The Jacobian by rows, one for each element of `y`."""
    if y.ndim == 0:
        return rows[0]
    shape = y.shape + x.shape
    if nested and rows:
        return reshape(stack(rows), shape)
    block = np.array(rows, np.asarray(x._data).dtype).reshape(shape)
    return constant(block) if nested else block


def _swapped(block: Any, y: Node, x: Node) -> Any:
    """A Jacobian by columns, whose first axes are the argument's, with these last."""
    if y.ndim == 0:  # a number for a number, whatever the value is
        return registry.sum_like(block, x if isinstance(block, Node) else x._data)
    return transpose(block, (*range(x.ndim, block.ndim), *range(x.ndim)))
