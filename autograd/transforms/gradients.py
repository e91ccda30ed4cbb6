"""``grad``, ``value_and_grad`` and ``elementwise_grad``: a gradient by one trace and one backward pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Literal, Protocol, TypeVar, overload

import numpy as np

from autograd.messages import describe
from autograd.tracebacks import entrance
from autograd.transforms.tracing import Argnums, check_function, differentiating, trace
from autograd.typing import Function, X

__all__ = ["elementwise_grad", "grad", "value_and_grad"]
T = TypeVar("T")


class Gradient(Protocol):
    """A gradient by the first argument has its type: a number, an array, a node, or a container of such."""

    @overload
    def __call__(self, x: int, /, *args: object, **kwargs: object) -> float: ...
    @overload
    def __call__(self, x: T, /, *args: object, **kwargs: object) -> T: ...


class ValueAndGradient(Protocol):
    """A value, and the gradient by the first argument, which has its type."""

    @overload
    def __call__(self, x: int, /, *args: object, **kwargs: object) -> tuple[X, float]: ...
    @overload
    def __call__(self, x: T, /, *args: object, **kwargs: object) -> tuple[X, T]: ...


@overload
def grad(f: Function, argnums: Literal[0] = 0) -> Gradient: ...
@overload
def grad(f: Function, argnums: int) -> Function: ...
@overload
def grad(f: Function, argnums: Sequence[int]) -> Callable[..., tuple[X, ...]]: ...
@overload
def grad(f: Function, *, argnum: Argnums) -> Function: ...
@entrance
def grad(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """The gradient of a scalar function, as a function of the same arguments.

    Parameters
    ----------
    f : callable
        Takes numbers, arrays or containers of them (it is called with nodes in their place) and returns a scalar.
    argnums, argnum : int, sequence of int or None
        Which positional arguments to differentiate by; the second is HIPS autograd's name of it.

    Returns
    -------
    callable
        Returns a float for a number, an array for an array, a node for a node, and for a tuple, list or dict the same
        container of such, each of the shape and dtype of its argument (integers are taken as floats); for several
        `argnums`, a tuple. An argument on which the function does not depend has zeros: if it returns a plain float,
        all of them.

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
    both = _value_and_grad("grad", f, argnums, argnum)

    @differentiating("grad", f)
    def gradient(*args: object, **kwargs: object) -> X:
        return both(*args, **kwargs)[1]

    return gradient


@overload
def value_and_grad(f: Function, argnums: Literal[0] = 0) -> ValueAndGradient: ...
@overload
def value_and_grad(f: Function, argnums: Argnums) -> Callable[..., tuple[X, X]]: ...
@overload
def value_and_grad(f: Function, *, argnum: Argnums) -> Callable[..., tuple[X, X]]: ...
@entrance
def value_and_grad(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Callable[..., tuple[X, X]]:
    """The value and the gradient of a scalar function, computed together.

    It takes what :func:`grad` takes and raises what that raises; the function that it makes returns
    ``(value, gradient)``.

    Examples
    --------
    >>> from autograd import value_and_grad
    >>> value_and_grad(lambda w, x: w * x)(3.0, 2.0)
    (6.0, 2.0)
    """
    return _value_and_grad("value_and_grad", f, argnums, argnum)


def _value_and_grad(name: str, f: Function, argnums: Argnums, argnum: Argnums | None) -> Callable[..., tuple[X, X]]:
    argnums = check_function(name, f, argnums, argnum)

    @differentiating(name, f)
    def both(*args: object, **kwargs: object) -> tuple[X, X]:
        call = trace(name, f, argnums, args, kwargs)
        y = call.node()
        if not isinstance(y._data, (float, int)) and prod(y._data.shape) != 1:
            raise ValueError(
                f"{name}: {describe(y)} is not a scalar, so it has no gradient; reduce it (y.sum(), y.mean()), or take "
                "jacobian (each element by each argument) or elementwise_grad (each by its own argument)"
            )
        return call.value(), call.pull_back([y], None, call.nested)

    return both


@overload
def elementwise_grad(f: Function, argnums: Literal[0] = 0) -> Gradient: ...
@overload
def elementwise_grad(f: Function, argnums: int) -> Function: ...
@overload
def elementwise_grad(f: Function, argnums: Sequence[int]) -> Callable[..., tuple[X, ...]]: ...
@overload
def elementwise_grad(f: Function, *, argnum: Argnums) -> Function: ...
@entrance
def elementwise_grad(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """The derivative of an elementwise function, in the shape of its argument.

    Precisely, one pass gives the sum of each column of the Jacobian, which for an elementwise function is its diagonal.
    Parameters, errors and results are those of :func:`grad`, but `f` may return an array.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import elementwise_grad, tanh
    >>> elementwise_grad(tanh)(np.array([0.0, 0.5])).round(6)
    array([1.      , 0.786448])
    """
    argnums = check_function("elementwise_grad", f, argnums, argnum)

    @differentiating("elementwise_grad", f)
    def derivative(*args: object, **kwargs: object) -> X:
        call = trace("elementwise_grad", f, argnums, args, kwargs)
        y = call.node()
        return call.pull_back([y], [np.ones(y.shape)], call.nested)

    return derivative
