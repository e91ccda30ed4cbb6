"""Calls of an op: which of the arguments are nodes and which are static, and plain data in, plain data out."""

from __future__ import annotations

import inspect

import numpy as np

from autograd.engine.coercion import FLOATS, array
from autograd.engine.libraries import apart, library_of, namespace_of
from autograd.engine.node import NO_PARAMS, Node, Primitive
from autograd.engine.recording import apply, evaluate, explain
from autograd.messages import half_precision
from autograd.namespaces import arrays
from autograd.torch_names import keyword_advice
from autograd.typing import XP, Params, X

__all__ = ["bind", "plain", "static"]


def bind(op: Primitive, args: tuple[X, ...], kwargs: Params) -> tuple[tuple[X, ...], Params]:
    """Split a call's arguments into nodes and static parameters."""
    if not op.params and not kwargs and (op.variadic or len(args) == len(op.argnames)):
        return args, NO_PARAMS
    n = len(args) if op.variadic else len(op.argnames)
    by_position = list(op.params)[: max(len(args) - n, 0)]
    too_many = len(args) > n + len(op.params)
    if len(args) < n or too_many or not kwargs.keys() <= op.params.keys() - set(by_position):
        rest = op.argnames[len(args) :]
        if rest and not op.variadic and all(a in kwargs for a in rest):  # arguments given by name
            by_name = [kwargs[a] for a in rest]
            return bind(op, (*args, *by_name), {k: v for k, v in kwargs.items() if k not in rest})
        got = ", ".join([f"{len(args)} argument{'s' * (len(args) != 1)}", *(f"{k}=" for k in kwargs)])
        advice = "".join(keyword_advice(k) for k in kwargs if k not in op.params)
        raise TypeError(f"{op.name} takes {op.__signature__}, got {got}{advice}")
    params = dict(zip(op.params, args[n:], strict=False))
    if len(params) < len(op.params):
        params = {**op.params, **params, **kwargs}
    for k, v in params.items():
        if v is inspect.Parameter.empty:
            raise TypeError(f"{op.name} takes {op.__signature__}; {k} is missing")
        if v is not None and type(v) is not int and type(v) is not bool:
            params[k] = static(op, k, v)
    return args[:n], params


def static(op: Primitive, name: str, value: X) -> X:
    """A static argument as what a graph may hold: hashable, and writable as JSON."""
    if value is None or (isinstance(value, (bool, int, float, str)) and not isinstance(value, np.generic)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (tuple, list)) or (isinstance(value, np.ndarray) and value.ndim):
        return tuple(static(op, name, v) for v in value)
    if isinstance(value, Node):
        text = f"{name} is static, so it cannot be a node; pass a number, e.g. int({name}.item())"
        raise TypeError(f"{op.name}: {text}")
    raise TypeError(f"{op.name}: {name} must be a number, a text or a tuple of such, not {type(value).__name__}")


def plain(op: Primitive, args: tuple[X, ...], params: Params) -> X:
    """The value of an op for numbers and arrays, without a node."""
    scalars = all(isinstance(a, (int, float)) and not isinstance(a, np.generic) for a in args)
    if scalars and op.elementwise:
        try:
            return evaluate(op.forward, [float(a) if type(a) is int else a for a in args], params)
        except Exception as error:
            explain(op, args, params, error)
            raise
    if any(isinstance(a, np.ndarray) and a.dtype.kind == "O" for a in args):
        return apply(op, args, params)
    xp = namespace_of(*args)
    there = [] if xp is arrays else [a for a in args if library_of(a) is xp]
    elsewhere = [a for a in args if there and library_of(a) not in (None, xp)]
    if elsewhere:
        raise apart(op.name, elsewhere[0], there[0])
    try:
        data = [_beside(xp, a, there) if there else _plain_operand(a) for a in args]
    except (TypeError, ValueError) as error:
        raise type(error)(f"{op.name}: {error}") from None
    try:
        result = op.forward(xp, *data, **params)
    except Exception as error:
        explain(op, data, params, error)
        raise
    if xp is arrays and getattr(result, "dtype", None) == np.float16:
        raise half_precision(op)
    return result.item() if scalars and isinstance(result, np.generic) else result


def _beside(xp: XP, a: X, there: list[X]) -> X:
    """An operand for an op on another library's arrays, which are there; floats go to a dtype of floats."""
    if isinstance(a, (int, float)) or library_of(a) is xp:
        return a
    return xp.asarray_like(array(a, copy=None), next(filter(xp.is_float, there), there[0]))


def _plain_operand(a: X) -> X:
    if isinstance(a, np.floating) and a.dtype.char not in FLOATS:
        return float(a)
    return a if isinstance(a, (np.generic, int, float)) else array(a, copy=None)
