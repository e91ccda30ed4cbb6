"""The backward step of one op as straight-line code, made from its derivatives.

A pass visits every node, so what it does at a node is the hot path of everything. A general loop over arguments, with
its tests for every case, costs a small graph more than the calculus itself; the text made here has the cases of one op
only. It computes the same as the general way (`backward._pull`), which stays in charge of gradient graphs and masks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.engine.node import Node, describe
from autograd.messages import not_a_number
from autograd.namespaces import arrays, floats, names, notations

if TYPE_CHECKING:
    from autograd.engine.op import Op

__all__ = [
    "NAN", "Pieces", "Pull", "Together", "fitted", "has_nan", "on_arrays", "on_floats", "plus", "positions_read",
    "same", "scattered", "unchanged",
]  # fmt: skip

# On floats, for runs of nodes of one op: takes (nodes, levels, now, write, kept), works on as many nodes as it can, and
# returns the first that it leaves as it was, of another op or kind or a rare case (None at the end), or NAN where a nan
# turned up. On arrays, for one node: takes (node, g, levels); true where a nan turned up.
Pull = Callable[..., Any]
NAN = object()


def same(xp: Any, g: Any, y: Any, *args: Any, **params: Any) -> Any:
    """The derivative that passes the gradient on, as a sum's; entered in place of every formula that says so."""
    return g


class Together:
    """A derivative by all of the last arguments of a variadic op at once, which also serves as that by one of them."""

    def __init__(self, formula: Callable[..., Any]) -> None:
        self.formula = formula  # gives a list, with a contribution for each

    def __call__(self, *args: Any, **params: Any) -> Any:
        """The contribution at ``position``."""
        position = params.pop("position")
        return self.formula(*args, **params)[position]


def scattered(xp: Any, g: Any, y: Any, x: Any, *indices: Any, key: Any) -> Any:
    """The derivative of indexing; a pass on arrays leaves its contributions in pieces (`Pieces`)."""
    return xp.scatter_like(g, x, *indices, key=key)


class Pieces:
    """A gradient that waits for more, as the pieces that it is the sum of: arrays, and what goes to an index of it.

    A loop over the elements of an array thus costs an array of its size once, not for each of them.
    """

    __slots__ = ("terms",)
    __array_ufunc__ = None  # array + pieces is for __radd__

    def __init__(self, g: Any, indices: tuple[Any, ...], key: Any) -> None:
        self.terms: list[tuple[Any, tuple[Any, ...], Any]] = [(g, indices, key)]

    def __add__(self, other: Any) -> Pieces:
        self.terms += other.terms if type(other) is Pieces else [(other, (), None)]
        return self

    def __radd__(self, other: Any) -> Pieces:
        self.terms.insert(0, (other, (), None))
        return self

    def sum(self, like: Any) -> Any:
        """Their sum, in the order in which they came; an array of its own, in the shape and dtype of `like`."""
        if len(self.terms) == 1:
            ((g, indices, key),) = self.terms
            return arrays.scatter_like(g, like, *indices, key=key)
        total = np.zeros_like(like)
        for g, indices, key in self.terms:
            if key is None:
                total += g
            else:
                arrays.add_at(total, g, indices, key)
        return total


def general(nodes: Any, *rest: Any) -> Any:
    """Leave a node to the general way."""
    return next(nodes)


def on_floats(op: Op[Any]) -> Pull:
    """For an elementwise op on floats, with its formulas written in; `general` where one cannot be written."""
    if not op.elementwise or op.variadic:
        return general
    if not op.params:
        return _written(op, {})
    known: dict[Any, Pull] = {}

    def pull(nodes: Any, *rest: Any) -> Any:
        # Static arguments may decide branches, so there is a text for each.
        node = next(nodes)
        key = tuple((type(v), v) for v in node.params.values())
        if key not in known:
            known[key] = _written(op, node.params) if len(known) < 100 else general
        stopped = known[key](iter((node,)), *rest)
        return next(nodes, None) if stopped is None else stopped

    return pull


def _written(op: Op[Any], params: Mapping[str, Any]) -> Pull:
    args = [names.Opaque(f"x{i}") for i in range(op.arity)]
    wanted = [i for i, v in enumerate(op.vjps) if v is not None]
    try:
        trees = [op.on_names(op.vjps[i], names.Name("g"), args, params) for i in wanted]
        formulas = [notations.source(tree, known=vars(floats)) for tree in trees]
    except (TypeError, ValueError):  # a constant that has no source, or a function that is not for floats
        return general
    # Division and functions may raise: all contributions come first, so that then none is added.
    risky = bool(re.search(r"/|\w\(", " ".join(formulas)))
    lines = []
    if risky:
        lines += ["try:"]
        lines += [f"    g{i} = {f} if n{i}.requires_grad else None" for i, f in zip(wanted, formulas, strict=True)]
        lines += ["except (ArithmeticError, ValueError): return node"]
    for i, formula in zip(wanted, formulas, strict=True):
        lines += [
            f"if {f'g{i} is not None' if risky else f'n{i}.requires_grad'}:",
            f"    s = n{i}._pending",
            f"    if s is not None: n{i}._pending = s + {f'g{i}' if risky else formula}",
            f"    else: levels[n{i}._depth].append(n{i}); n{i}._pending = {f'g{i}' if risky else formula}",
        ]
    head = [
        "for node in nodes:",
        "    if node.op is not op: return node",
        "    g = node._pending",
        "    if type(g) is not float: return node",
        "    if g != g: return NAN",
        "    if write: node._grad = g",
        "    elif kept and node in kept: kept[node] = g",
        "    if node._stamp != now: unchanged(node)",
    ]
    body = [f"    {line}" for line in [*_reads(op, lines), *lines, "node._pending = None"]]
    return _made("nodes, levels, now, write, kept", head + body, vars(floats) | {"op": op})


def on_arrays(op: Op[Any]) -> Pull | None:
    """For an op of a fixed number of arguments on arrays: each derivative called, its result fitted and added."""
    if op.variadic:
        return None
    scope: dict[str, Any] = {"arrays": arrays, "fitted": fitted, "has_nan": has_nan, "op": op, "plus": plus}
    lines: list[str] = []
    shared = " or ".join(["c is g", "c is y", *(f"c is x{k}" for k in range(op.arity))])
    for i, vjp in enumerate(op.vjps):
        if vjp is None:
            continue
        scope[f"vjp{i}"] = vjp
        args = ", ".join([*(f"x{k}" for k in range(op.arity)), *(f"{k}=params[{k!r}]" for k in op.params)])
        lines += [f"if n{i}.requires_grad:"]
        if vjp is same:
            lines += ["    c = g.view()"]  # a view tells that the memory is shared
        else:
            lines += [
                f"    c = vjp{i}(arrays, g, y, {args})",
                f"    if {shared}: c = c.view() if type(c) is ndarray else c",
            ]
            if op.elementwise:  # which masks are for; a nan that they may prevent is noticed where it is born
                lines += ["    if has_nan(c): return True"]
        lines += [
            f"    if type(c) is not ndarray or type(x{i}) is not ndarray or c.shape != x{i}.shape"
            f" or c.dtype is not x{i}.dtype: c = fitted(op, c, x{i})",
            f"    s = n{i}._pending",
            f"    if s is None: levels[n{i}._depth].append(n{i}); n{i}._pending = c",
            f"    else: n{i}._pending = plus(s, c)",
        ]
    return _made("node, g, levels", _reads(op, lines) + lines, scope)


def _reads(op: Op[Any], lines: list[str]) -> list[str]:
    """Lines that fetch what the lines read of a node and its parents."""
    read = set(re.findall(r"\w+", "\n".join(lines)))
    return [
        f"({', '.join(f'n{i}' for i in range(op.arity))},) = node.parents",
        *(f"x{i} = n{i}._data" for i in range(op.arity) if f"x{i}" in read),
        *(["y = node._data"] if "y" in read else []),
        *(["params = node.params"] if "params" in read else []),
    ]


def _made(arguments: str, lines: list[str], scope: dict[str, Any]) -> Pull:
    scope = scope | {"__name__": __name__, "NAN": NAN, "ndarray": np.ndarray, "unchanged": unchanged}
    exec(f"def pull({arguments}):\n    " + "\n    ".join(lines), scope)
    pull: Pull = scope["pull"]
    return pull


def positions_read(node: Any) -> Iterator[int]:
    """The positions of the arguments whose values the derivatives of a node read; -1 for its own value."""
    op = node.op
    uses = op.uses_with(node.params) if node.params else op.uses  # with these parameters; op.uses has the defaults'
    found = dict.fromkeys(j for i, p in enumerate(node.parents) if p.requires_grad for j in uses[min(i, len(uses) - 1)])
    for j in found:
        yield from range(j, len(node.parents)) if op.variadic and j == len(op.argnames) - 1 else (j,)


def unchanged(node: Any) -> None:
    """Raise if a derivative would read a value that was changed after the op was recorded."""
    for j in positions_read(node):
        q = node if j < 0 else node.parents[j]
        if q._stamp > node._stamp:
            name = node.op.name
            raise ValueError(
                f"{name}: the data of {describe(q)} were changed after {name} was recorded, and its derivative reads "
                "them; run backward before changing them, or compute with a copy, x.detach()"
            )


def fitted(op: Op[Any], c: Any, like: Any, xp: Any = arrays) -> Any:
    """A contribution in the shape, dtype and kind of its argument (data, or in a graph a node): broadcasting undone."""
    data = like if xp is arrays else like._data
    if isinstance(data, np.ndarray) and data.dtype.kind != "f":
        raise TypeError(f"{op.name}: data of dtype {data.dtype} cannot have a gradient; make them floats (1.0 for 1)")
    if type(c) is not np.ndarray and not isinstance(c, (np.ndarray, np.generic, float, int, Node)):
        raise not_a_number(f"the derivative of {op.name!r}", c)
    try:
        return xp.sum_like(c, like)
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
