"""The backward step of one op as straight-line code, made from its derivatives.

A pass visits every node, so what it does at a node is the hot path of everything. A general loop over arguments, with
its tests for every case, costs a small graph more than the calculus itself; the text made here has the cases of one op
only. It computes the same as the general way (`backward._pull`), which stays in charge of gradient graphs and masks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.namespaces import arrays, floats, names

if TYPE_CHECKING:
    from autograd.op import Op

__all__ = ["Pull", "fitted", "general", "has_nan", "on_arrays", "on_floats", "plus", "same"]

Pull = Callable[[Any, Any, Any], Any]  # of (node, g, levels); true where a nan turned up


def same(xp: Any, g: Any, y: Any, *args: Any, **params: Any) -> Any:
    """The derivative that passes the gradient on, as a sum's; entered in place of every formula that says so."""
    return g


def general(node: Any, g: Any, levels: Any) -> Any:
    """Leave a node to the general way, as IEEE's cases are."""
    raise ArithmeticError


def on_floats(op: Op[Any]) -> Pull:
    """For an elementwise op on floats, with its formulas written in; `general` where one cannot be written."""
    if not op.elementwise or op.variadic:
        return general
    if not op.params:
        return _written(op, {})
    known: dict[Any, Pull] = {}

    def pull(node: Any, g: Any, levels: Any) -> Any:
        # Static arguments may decide branches, so there is a text for each.
        key = tuple((type(v), v) for v in node.params.values())
        if key not in known:
            known[key] = _written(op, node.params) if len(known) < 100 else general
        return known[key](node, g, levels)

    return pull


def _written(op: Op[Any], params: Mapping[str, Any]) -> Pull:
    args = [names.Opaque(f"x{i}") for i in range(op.arity)]
    wanted = [i for i, v in enumerate(op.vjps) if v is not None]
    try:
        formulas = [names.source(op.on_names(op.vjps[i], names.Name("g"), args, params)) for i in wanted]
    except (TypeError, ValueError):  # a constant that has no source
        return general
    if not re.search(r"/|\w\(", " ".join(formulas)):
        lines = []
        for i, formula in zip(wanted, formulas, strict=True):
            lines += [
                f"if n{i}.requires_grad:",
                f"    s = n{i}._pending",
                f"    if s is not None: n{i}._pending = s + {formula}",
                f"    else: levels[n{i}._depth].append(n{i}); n{i}._pending = {formula}",
            ]
        return _made(op, lines, {})
    # Division and functions may raise: all contributions come first, so that then none is added.
    lines = [f"g{i} = {formula} if n{i}.requires_grad else None" for i, formula in zip(wanted, formulas, strict=True)]
    for i in wanted:
        lines += [
            f"if g{i} is not None:",
            f"    s = n{i}._pending",
            f"    if s is not None: n{i}._pending = s + g{i}",
            f"    else: levels[n{i}._depth].append(n{i}); n{i}._pending = g{i}",
        ]
    return _made(op, lines, dict(vars(floats)))


def on_arrays(op: Op[Any]) -> Pull:
    """For an op of a fixed number of arguments on arrays: each derivative called, its result fitted and added."""
    scope: dict[str, Any] = {
        "arrays": arrays,
        "ndarray": np.ndarray,
        "has_nan": has_nan,
        "plus": plus,
        "fitted": fitted,
    }
    lines: list[str] = []
    shared = " or ".join(["c is g", "c is y", *(f"c is x{k}" for k in range(op.arity))])
    for i, vjp in enumerate(op.vjps):
        if vjp is None:
            continue
        scope[f"vjp{i}"] = vjp
        args = ", ".join(f"x{k}" for k in range(op.arity)) + (", **node.params" if op.params else "")
        lines += [
            f"if n{i}.requires_grad:",
            "    c = g" if vjp is same else f"    c = vjp{i}(arrays, g, y, {args})",
            # a view tells that the memory is shared
            f"    if type(c) is ndarray and ({shared}):",
            "        c = c.view()",
            # masks are for elementwise ops; a nan that they may prevent is noticed where it is born
            "    if has_nan(c): return True" if op.elementwise and vjp is not same else "",
            f"    if type(c) is not ndarray or type(x{i}) is not ndarray or c.shape != x{i}.shape"
            f" or c.dtype is not x{i}.dtype:",
            f"        c = fitted(op, c, x{i})",
            f"    s = n{i}._pending",
            f"    if s is None: levels[n{i}._depth].append(n{i}); n{i}._pending = c",
            f"    else: n{i}._pending = plus(s, c)",
        ]
    return _made(op, [line for line in lines if line], scope | {"op": op})


def _made(op: Op[Any], lines: list[str], scope: dict[str, Any]) -> Pull:
    """Compile the lines, after those that fetch what they read."""
    text = "\n".join(lines)
    head = [f"({', '.join(f'n{i}' for i in range(op.arity))},) = node.parents"]
    read = set(re.findall(r"\w+", text))
    head += [f"x{i} = n{i}._data" for i in range(op.arity) if f"x{i}" in read]
    head += ["y = node._data"] if "y" in read else []
    exec("def pull(node, g, levels):\n    " + "\n    ".join(head + lines), scope)
    pull: Pull = scope["pull"]
    return pull


def fitted(op: Op[Any], c: Any, like: Any) -> Any:
    """A contribution in the shape, dtype and kind of its argument's data: broadcasting undone."""
    if isinstance(like, np.ndarray) and like.dtype.kind != "f":
        raise TypeError(f"{op.name}: data of dtype {like.dtype} cannot have a gradient; make them floats (1.0 for 1)")
    try:
        return arrays.sum_like(c, like)
    except ValueError as error:
        raise ValueError(f"the derivative of {op.name!r} has the wrong shape: {error}") from None


def plus(a: Any, b: Any) -> Any:
    """The sum of two gradients; 0-d arrays stay arrays."""
    total = a + b
    return np.asarray(total) if isinstance(total, np.generic) else total


def has_nan(g: Any) -> bool:
    """Whether a gradient (a float or an array) holds a nan."""
    if type(g) is np.ndarray:
        flat = g if g.ndim == 1 else g.ravel()
        g = flat.dot(flat)  # a sum of squares is nan only if an element is
    return bool(g != g)
