"""The recording step of one op as straight-line code, made from its formula.

Every operator on nodes goes through here: this is the forward half of the hot path, as `pull` is the backward half. The
text made for an op does the same as the general way (`node.apply`), to which it leaves everything rare.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd.engine.modes import usual
from autograd.engine.node import FLOATS, KINDS, NO_PARAMS, Node, apply, clock, leaf
from autograd.namespaces import arrays, floats, names, notations
from autograd.tracebacks import entrance, shorten

if TYPE_CHECKING:
    from autograd.engine.op import Op

__all__ = ["on_arrays", "on_floats", "recorder"]


def on_floats(op: Op[Any], reflected: bool = False) -> Any:
    """An op as a method of Value, or as that of the operand on the right; for the body of that class."""
    return _Recorded(op, float, reflected)


def on_arrays(op: Op[Any], reflected: bool = False) -> Any:
    """An op as a method of Tensor, or as that of the operand on the right; for the body of that class."""
    return _Recorded(op, np.ndarray, reflected)


class _Recorded(NamedTuple):
    """Stands in a class body for the method, which is compiled when the class is there."""

    op: Op[Any]
    native: type  # of a node's data
    reflected: bool

    def __set_name__(self, owner: type[Node], name: str) -> None:
        op, native, reflected = self
        if reflected:
            method = entrance(_from_the_right(op, getattr(owner, name.replace("__r", "__", 1)), _BESIDE[native]))
        else:
            method = _compiled(op, native, owner)
        method.__name__, method.__doc__ = op.name, op.__doc__
        setattr(owner, name, method)


def recorder(op: Op[Any], native: type) -> Callable[..., Any]:
    """The function that records an op of nodes, the first of which has data of type `native`."""
    if op.params or op.variadic or native not in _BESIDE or (native is float and not op.elementwise):
        return lambda *nodes: apply(op, nodes)
    method: Callable[..., Any] = _compiled(op, native, KINDS[native])
    return method


def _compiled(op: Op[Any], native: type, kind: type[Node]) -> Any:
    xp: Any = floats if native is float else arrays
    scope = vars(xp) | {
        "NO_PARAMS": NO_PARAMS, "apply": apply, "asarray": np.asarray, "beside": _BESIDE[native], "clock": clock,
        "usual": usual, "forward": op.forward, "generic": np.generic, "kind": kind, "native": native,
        "new": object.__new__, "op": op, "shorten": shorten, "xp": xp,
    }  # fmt: skip
    exec("\n    ".join(_text(op, native)), scope)
    return scope["method"]


def _from_the_right(op: Op[Any], straight: Any, beside: Callable[[Any], Node | None]) -> Any:
    def method(self: Any, other: Any) -> Any:
        node = beside(other)
        return apply(op, (other, self)) if node is None else straight(node, self)

    return method


def _text(op: Op[Any], native: type) -> list[str]:
    """The method of an op, line by line."""
    places = range(op.arity)
    nodes = ", ".join(f"n{i}" for i in places)
    to_apply = f"return apply(op, ({nodes},){', params' if op.params else ''})"
    lines = []
    for i in places[1:]:
        lines += [
            f"if type(n{i}) is not kind:",
            f"    node = beside(n{i})",
            f"    if node is None: {to_apply}",
            f"    n{i} = node",
        ]
    lines += [
        f"if usual() is not None: {to_apply}",
        *(f"x{i} = n{i}._data" for i in places),
        "try:",
        f"    data = {_formula(op, native)}",
        "except Exception: data = None",  # which apply handles, or explains
    ]
    if native is float:
        lines += [f"if type(data) is not float: {to_apply}"]
    else:
        lines += [
            "if type(data) is not native:",
            f"    if not isinstance(data, generic): {to_apply}",
            "    data = asarray(data)",
            # a node owns its memory
            f"elif data.base is not None or {' or '.join(f'data is x{i}' for i in places)}: data = data.copy()",
        ]
    required = " or ".join(f"n{i}.requires_grad" for i in places) if op.differentiable else "False"
    if native is not float and op.differentiable:  # NumPy's functions make float16 of 8-bit integers, an error
        lines += [f"required = {required}", f"if not required and data.dtype.char == 'e': {to_apply}"]
        required = "required"
    lines += [
        "node = new(kind)",
        "node._data = data",
        "node._grad = node._label = node._pending = None",
        "node.op = op",
        f"node.parents = ({nodes},)",
        f"node.params = {'params' if op.params else 'NO_PARAMS'}",
        f"node.requires_grad = {required}",
        "node._stamp = clock.now",
        "i = n0._depth",
        *(line for i in places[1:] for line in (f"j = n{i}._depth", "if j > i: i = j")),
        "node._depth = i + 1",
        "return node",
    ]
    return [
        f"def method({nodes}{', params=NO_PARAMS' if op.params else ''}):",
        "try:",
        *(f"    {line}" for line in lines),
        "except Exception as error:",
        "    shorten(error)",
        "    raise",
    ]


def _formula(op: Op[Any], native: type) -> str:
    """The forward formula on x0, x1, ...: on floats its text, where it has one; else a call."""
    args = [f"x{i}" for i in range(op.arity)]
    call = f"forward(xp, {', '.join([*args, *(f'{k}=params[{k!r}]' for k in op.params)])})"
    if op.params or native is not float or not op.differentiable:
        return call
    try:
        text = notations.source(op.on_names(None, args=[names.Opaque(a) for a in args]), known=vars(floats))
    except (TypeError, ValueError):
        return call
    return call if text in args else text


def _beside_a_float(x: Any) -> Node | None:
    """The node for an operand that meets a Value; None where `apply` has to look closer."""
    if type(x) is float or (type(x) is int and -(2**53) < x < 2**53):
        return leaf(KINDS[float], float(x))
    return x if isinstance(x, Node) and type(x._data) is float else None


def _beside_an_array(x: Any) -> Node | None:
    """The node for an operand that meets a Tensor; None where `apply` has to look closer."""
    if isinstance(x, Node):
        return x
    if type(x) is float or type(x) is int:  # stays a Python number: float32 arrays then stay float32
        return leaf(KINDS[float], x)
    return leaf(KINDS[np.ndarray], x.copy()) if type(x) is np.ndarray and x.dtype.char in FLOATS else None


_BESIDE: dict[type, Callable[[Any], Node | None]] = {float: _beside_a_float, np.ndarray: _beside_an_array}
