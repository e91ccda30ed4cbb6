"""Primitives in HIPS autograd's style: a function of plain data, and for each argument a function that makes its vjp.

New code does better with :func:`autograd.primitive`, whose formulas can also be written as text, drawn, and run on
floats.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from warnings import warn

from autograd.callers import frames_up
from autograd.numpy.dispatch import supported
from autograd.opaque import OpaquePrimitive
from autograd.other_names import missing
from autograd.surface import publish
from autograd.tracebacks import entrance
from autograd.typing import Function, X
from autograd.vspace import vspace

__all__ = [
    "def_linear", "defjvp", "defjvp_argnum", "defjvp_argnums", "defvjp", "defvjp_argnum", "defvjp_argnums",
    "notrace_primitive", "primitive", "register_notrace", "vspace",
]  # fmt: skip

publish(globals())


def __getattr__(name: str) -> Any:
    raise missing("autograd.extend", name)


def primitive(f: Function) -> OpaquePrimitive:
    """Make an op of a function of plain data; :func:`defvjp` then states its derivatives.

    Parameters
    ----------
    f : callable
        The function. Any of its arguments may be, or hold in nested containers, nodes; it is called with their data. It
        gives a number, an array, or a container of such. A call with numbers, arrays and nodes for the arguments
        without a default, and with texts, numbers and tuples of them for the others, is a node like any other; JSON
        cannot hold other calls.

    Examples
    --------
    >>> import autograd.numpy as np
    >>> from autograd import grad
    >>> from autograd.extend import defvjp, primitive
    >>> @primitive
    ... def cube(x):
    ...     return x**3
    >>> defvjp(cube, lambda ans, x: lambda g: g * 3 * x**2)
    >>> grad(cube)(2.0), grad(grad(cube))(2.0)
    (12.0, 12.0)
    """
    return OpaquePrimitive(f)


@entrance
def defvjp(fun: OpaquePrimitive, *vjpmakers: Function | None, argnums: Sequence[int] | None = None) -> None:
    """State the derivatives of a primitive: for each argument ``maker(ans, *args, **kwargs) -> (g -> gradient)``.

    Derivatives of higher order need makers that compute with `autograd.numpy`. None says that an argument has no
    gradient.

    Parameters
    ----------
    fun : callable
        What :func:`primitive` made.
    *vjpmakers : callable or None
        One for each argument, in order.
    argnums : sequence of int, optional
        The arguments that the makers belong to; by default the first ones.

    Raises
    ------
    TypeError
        If `fun` was not made by this module's :func:`primitive`, or has fewer arguments. A function of
        `autograd.numpy` keeps its own derivatives, with a warning.

    Examples
    --------
    >>> from autograd import grad
    >>> from autograd.extend import defvjp, primitive
    >>> @primitive
    ... def product(a, b):
    ...     return a * b
    >>> defvjp(product, lambda ans, a, b: lambda g: g * b, lambda ans, a, b: lambda g: g * a)
    >>> grad(product, (0, 1))(3.0, 2.0)
    (2.0, 3.0)
    """
    if not _is_open("defvjp", fun):
        return
    positions = range(len(vjpmakers)) if argnums is None else argnums
    known = range(max(positions, default=0) + 1 if fun.variadic else len(fun.argnames) + len(fun.params))
    if len(positions) != len(vjpmakers) or not all(i in known for i in positions):
        raise TypeError(
            f"defvjp: {fun.name} takes {len(known)} arguments; give a function for each of them, or of argnums"
        )
    fun.makers.update(zip(positions, vjpmakers, strict=True))
    fun.together = None
    fun.state()


@entrance
def defvjp_argnum(fun: OpaquePrimitive, vjpmaker: Function) -> None:
    """State the derivatives of a primitive by one maker, ``maker(argnum, ans, args, kwargs) -> (g -> gradient)``.

    Parameters
    ----------
    fun : callable
        What :func:`primitive` made.
    vjpmaker : callable
        It is called for each argument by which the primitive is differentiated, with its number; `args` are a tuple,
        `kwargs` a dict.

    Examples
    --------
    >>> from autograd import grad
    >>> from autograd.extend import defvjp_argnum, primitive
    >>> @primitive
    ... def product(a, b):
    ...     return a * b
    >>> defvjp_argnum(product, lambda argnum, ans, args, kwargs: lambda g: g * args[1 - argnum])
    >>> grad(product, (0, 1))(3.0, 2.0)
    (2.0, 3.0)
    """

    def together(argnums: Iterable[int], *call: X) -> Function:
        pulls = [vjpmaker(i, *call) for i in argnums]
        return lambda g: [pull(g) for pull in pulls]

    defvjp_argnums(fun, together)


@entrance
def defvjp_argnums(fun: OpaquePrimitive, vjpmaker: Function) -> None:
    """State the derivatives of a primitive by one maker, ``maker(argnums, ans, args, kwargs) -> (g -> gradients)``.

    Parameters
    ----------
    fun : callable
        What :func:`primitive` made.
    vjpmaker : callable
        It is called once for a call of the primitive, with the numbers of all arguments by which it is differentiated;
        what it returns gives the gradients in their order.

    Examples
    --------
    >>> from autograd import grad
    >>> from autograd.extend import defvjp_argnums, primitive
    >>> @primitive
    ... def product(a, b):
    ...     return a * b
    >>> def maker(argnums, ans, args, kwargs):
    ...     return lambda g: [g * args[1 - i] for i in argnums]
    >>> defvjp_argnums(product, maker)
    >>> grad(product, (0, 1))(3.0, 2.0)
    (2.0, 3.0)
    """
    if not _is_open("defvjp_argnums", fun):
        return
    fun.together = vjpmaker
    fun.state()


def defjvp(fun: Function, *jvpfuns: object, argnums: Iterable[int] | None = None) -> None:
    """Take the derivatives of forward mode of any function, and leave them: `jvp` follows from its vjps, pulled twice.

    So do the other names of it.

    Raises
    ------
    TypeError
        If `fun` is no function.

    Examples
    --------
    >>> from autograd import jvp
    >>> from autograd.extend import defjvp, defvjp, primitive
    >>> @primitive
    ... def square(x):
    ...     return x * x
    >>> defvjp(square, lambda ans, x: lambda g: g * 2 * x)
    >>> defjvp(square, lambda g, ans, x: g * 2 * x)
    >>> jvp(square, (3.0,), (1.0,))
    (9.0, 6.0)
    """
    if not callable(fun):
        raise TypeError(f"defjvp: pass a function, not {fun!r}")


defjvp_argnum = defjvp_argnums = def_linear = defjvp


def notrace_primitive(f: Function) -> OpaquePrimitive:
    """Make a function that takes nodes as plain data, so that its result is a constant.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.extend import notrace_primitive
    >>> notrace_primitive(round)(Value(2.6))
    3
    """
    made = OpaquePrimitive(f)
    made.constant = True
    return made


@entrance
def register_notrace(trace_type: object, primitive_fun: OpaquePrimitive) -> None:
    """State that the results of a primitive are constants.

    `trace_type` is HIPS autograd's, and has no effect.

    Parameters
    ----------
    trace_type : object
        Anything.
    primitive_fun : callable
        What :func:`primitive` made.

    Raises
    ------
    TypeError
        If `primitive_fun` was not made by this module's :func:`primitive`.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.extend import primitive, register_notrace
    >>> @primitive
    ... def rounded(x):
    ...     return float(round(x))
    >>> register_notrace(None, rounded)
    >>> rounded(Value(2.6))
    3.0
    """
    if _is_open("register_notrace", primitive_fun):
        primitive_fun.constant = True


def _is_open(name: str, fun: Any) -> bool:
    """Whether the derivatives of a function may be stated; a warning says that those of ours stay."""
    if isinstance(fun, OpaquePrimitive):
        return True
    if not callable(fun) or not (str(fun.__module__).startswith("autograd.") or supported(fun)):
        raise TypeError(f"{name}: pass a function made by autograd.extend.primitive, not {fun!r}")
    warn(
        f"{name}: {fun.__name__} keeps the derivatives that it has here; make a primitive of it to state others",
        stacklevel=1 + frames_up()[1],
    )
    return False
