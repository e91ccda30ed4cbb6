"""HIPS autograd's ``unary_to_nary``: operators of functions of one argument, for functions of several."""

from __future__ import annotations

from collections.abc import Callable

from autograd.surface import publish
from autograd.transforms.tracing import check_function
from autograd.typing import F, Function, X

__all__ = ["unary_to_nary", "wraps"]

publish(globals())


def unary_to_nary(unary_operator: Function) -> Function:
    """Make an operator ``(fun, argnum)`` of an operator ``(fun, x)`` on functions of one argument, as a decorator.

    >>> from autograd.core import make_vjp
    >>> from autograd.wrap_util import unary_to_nary
    >>> @unary_to_nary
    ... def slope(fun, x):
    ...     return make_vjp(fun, x)[0](1.0)
    >>> slope(lambda x, y: x * y, 1)(2.0, 3.0)
    2.0
    """

    @wraps(unary_operator)
    def nary_operator(fun: Function, argnum: X = 0, *options: object, **keywords: object) -> Function:
        argnums = check_function(getattr(unary_operator, "__name__", "unary_to_nary"), fun, argnum)
        single = isinstance(argnums, int)
        positions: X = (argnums,) if single else argnums

        @wraps(fun)
        def nary(*args: object, **kwargs: object) -> X:
            def unary(x: X) -> X:
                inputs = list(args)
                for i, part in zip(positions, (x,) if single else x, strict=True):
                    inputs[i] = part
                return fun(*inputs, **kwargs)

            x = tuple(args[i] for i in positions)
            return unary_operator(unary, x[0] if single else x, *options, **keywords)

        return nary

    return nary_operator


def wraps(fun: Function, namestr: str = "{fun}", docstr: str = "{doc}", **words: object) -> Callable[[F], F]:
    """Give a function the name and the docstring of another, put into templates.

    >>> from autograd.wrap_util import wraps
    >>> wraps(abs, "{op}_of_{fun}", op="grad")(lambda x: x).__name__
    'grad_of_abs'
    """
    name = getattr(fun, "__name__", "[unknown name]")

    def wrapped(f: F) -> F:
        f.__name__ = namestr.format(fun=name, **words)
        f.__doc__ = docstr.format(fun=name, doc=getattr(fun, "__doc__", ""), **words)
        return f

    return wrapped
