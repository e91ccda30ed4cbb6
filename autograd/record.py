"""The recording step of one op as straight-line code, made from its formula.

Every operator on nodes goes through here: this is the forward half of the hot path, as `pull` is the backward half. The
text made for an op does the same as the general way (`node.apply`), to which it leaves everything rare.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd.namespaces import arrays, floats, names
from autograd.node import KINDS, NO_PARAMS, Node, apply, clock, current_mode, leaf
from autograd.op import Op

__all__ = ["on_arrays", "on_floats"]


def on_floats(op: Op[Any], reflected: bool = False) -> Any:
    """An op of one or two nodes as a method of Value, or as that of the operand on the right."""
    return _Recorded(op, floats, float, _beside_a_float, reflected)


def on_arrays(op: Op[Any], reflected: bool = False) -> Any:
    """An op of one or two nodes as a method of Tensor, or as that of the operand on the right."""
    return _Recorded(op, arrays, np.ndarray, _beside_an_array, reflected)


class _Recorded(NamedTuple):
    """Stands in a class body for the method, which is compiled when the class is there."""

    op: Op[Any]
    xp: Any
    native: type  # of a node's data
    beside: Callable[[Any], Node | None]
    reflected: bool

    def __set_name__(self, owner: type[Node], name: str) -> None:
        op, xp, native, beside, reflected = self
        method: Any
        if reflected:
            method = _from_the_right(op, getattr(owner, name.replace("__r", "__", 1)), beside)
        else:
            scope = vars(xp) | {
                "NO_PARAMS": NO_PARAMS, "apply": apply, "asarray": np.asarray, "beside": beside, "clock": clock,
                "current_mode": current_mode, "forward": op.forward, "generic": np.generic, "kind": owner,
                "native": native, "new": object.__new__, "op": op, "xp": xp,
            }  # fmt: skip
            exec("\n    ".join(_text(op, xp)), scope)
            method = scope["method"]
            if op.arity == 1 and not op.params:
                op.methods[native] = method
        method.__name__, method.__doc__ = op.name, op.__doc__
        setattr(owner, name, method)


def _from_the_right(op: Op[Any], straight: Any, beside: Callable[[Any], Node | None]) -> Any:
    def method(self: Any, other: Any) -> Any:
        node = beside(other)
        return apply(op, (other, self)) if node is None else straight(node, self)

    return method


def _text(op: Op[Any], xp: Any) -> list[str]:
    """The method of an op, line by line."""
    nodes = "self, other" if op.arity == 2 else "self,"
    to_apply = f"return apply(op, ({nodes}){', params' if op.params else ''})"
    lines = [f"def method({nodes}{' params=NO_PARAMS' if op.params else ''}):"]
    if op.arity == 2:
        lines += [
            "if type(other) is not kind:",
            "    node = beside(other)",
            f"    if node is None: {to_apply}",
            "    other = node",
        ]
    lines += [f"if current_mode() is not None: {to_apply}", "x0 = self._data"]
    lines += ["x1 = other._data"] if op.arity == 2 else []
    lines += [
        "try:",
        f"    data = {_formula(op, xp)}",
        f"except (ArithmeticError, ValueError, TypeError): {to_apply}",
    ]
    if xp is floats:
        lines += [f"if type(data) is not float: {to_apply}"]
    else:
        lines += [
            "if type(data) is not native:",
            f"    if not isinstance(data, generic): {to_apply}",
            "    data = asarray(data)",
            *(["elif data is x0: data = data.copy()"] if op.params else []),  # x ** 1
        ]
    return [
        *lines,
        "node = new(kind)",
        "node._data = data",
        "node._grad = node.label = node._pending = None",
        "node.op = op",
        f"node.parents = ({nodes})",
        f"node.params = {'params' if op.params else 'NO_PARAMS'}",
        "node.requires_grad = self.requires_grad" + (" or other.requires_grad" if op.arity == 2 else ""),
        "node._stamp = clock.now",
        *(["i = self._depth", "j = other._depth"] if op.arity == 2 else []),
        "node._depth = " + ("i + 1 if i > j else j + 1" if op.arity == 2 else "self._depth + 1"),
        "return node",
    ]


def _formula(op: Op[Any], xp: Any) -> str:
    """The forward formula on x0 and x1: on floats its text, where it has one; else a call."""
    args = [f"x{i}" for i in range(op.arity)]
    call = f"forward(xp, {', '.join([*args, *(f'{k}=params[{k!r}]' for k in op.params)])})"
    try:
        text = (
            call
            if op.params or xp is not floats
            else names.source(op.on_names(None, args=[names.Opaque(a) for a in args]))
        )
    except (TypeError, ValueError):
        return call
    return call if text in args else text


def _beside_a_float(x: Any) -> Node | None:
    """The node for an operand that meets a Value; None where `apply` has to look closer."""
    if type(x) is float or (type(x) is int and -(2**53) < x < 2**53):
        return leaf(KINDS[float], float(x))
    return x if isinstance(x, Node) else None


def _beside_an_array(x: Any) -> Node | None:
    """The node for an operand that meets a Tensor; None where `apply` has to look closer."""
    if isinstance(x, Node):
        return x
    if type(x) is float or type(x) is int:  # stays a Python number: float32 arrays then stay float32
        return leaf(KINDS[float], x)
    return leaf(KINDS[np.ndarray], x.copy()) if type(x) is np.ndarray and x.dtype.kind == "f" else None
