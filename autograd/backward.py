"""The backward pass: from the outputs to the leaves, by descending depth, each op's derivatives applied once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.namespaces import arrays, floats
from autograd.node import Clock, Node, apply, array, describe, evaluate, registry

__all__ = ["backward", "gradients"]

Gradients = dict[Node, Any]


def backward(output: Node, gradient: Any = None) -> None:
    """Give every node that `output` depends on its gradient: added to at leaves, set at inner nodes.

    Leaves come last, after the whole pass is computed, so that an error leaves them as they were.
    """
    grads = _sweep({output: _seed(output, gradient)}, graph=False)
    taken: set[int] = set()
    for node, g in grads.items():
        if type(g) is np.ndarray:
            # No two gradients share memory, nor is one a view: writing into one must not change another.
            if g.base is not None or id(g) in taken:
                grads[node] = g = g.copy()
            taken.add(id(g))
        if node.op is not None:
            node.grad = g
    for node, g in grads.items():
        if node.op is None:
            node.grad = g if node.grad is None else node.grad + g


def gradients(
    outputs: Node | Sequence[Node],
    inputs: Node | Sequence[Node],
    grad_outputs: Any = None,
    create_graph: bool = False,
) -> Any:
    """Gradients of `outputs` (their sum) with respect to `inputs`; writes to no node.

    Parameters
    ----------
    outputs : node or sequence of nodes
        What to differentiate; scalars unless `grad_outputs` is given.
    inputs : node or sequence of nodes
        With respect to what: leaves or inner nodes that require a gradient.
    grad_outputs : number, array, node or sequence of such, optional
        The gradient of each output, of its shape; 1 by default.
    create_graph : bool
        Whether the gradients are nodes, computed by recorded ops, that can be differentiated and drawn in turn.

    Returns
    -------
    float, numpy.ndarray or node; for a sequence of inputs, a list of such
        Each of the shape and dtype of its input; zeros where the outputs do not depend on it.

    Raises
    ------
    ValueError
        If an input requires no gradient, an output is not scalar and has no gradient given, or a value that a
        derivative reads was changed after its recording.

    Examples
    --------
    >>> from autograd import Value, gradients
    >>> x = Value(2.0, label="x")
    >>> gradients(x**3, x)
    12.0
    >>> slope = gradients(x**3, x, create_graph=True)
    >>> gradients(slope, x)
    12.0
    """
    single = isinstance(inputs, Node)
    wanted: list[Node] = [inputs] if isinstance(inputs, Node) else list(inputs)
    heads: list[Node] = [outputs] if isinstance(outputs, Node) else list(outputs)
    given = [grad_outputs] if isinstance(outputs, Node) else list(grad_outputs or [None] * len(heads))
    for x in (*wanted, *heads):
        if not isinstance(x, Node):
            raise TypeError(f"gradients: {type(x).__name__} is not a node; pass Values or Tensors")
    for x in wanted:
        if not x.requires_grad:
            raise ValueError(f"gradients: {describe(x)} requires no gradient{_why_not(x)}")
    if len(given) != len(heads):
        raise ValueError(f"gradients: {len(heads)} outputs but {len(given)} grad_outputs; give one for each, or None")
    seeds: Gradients = {}
    for y, g in zip(heads, given, strict=True):
        if not y.requires_grad:
            if g is None:
                _seed(y, g, check=False)
            continue
        g = _seed(y, g, graph=create_graph)
        seeds[y] = g if y not in seeds else seeds[y] + g
    grads = _sweep(seeds, graph=create_graph) if seeds else {}
    results: list[Any] = []
    for x in wanted:
        g = grads.get(x)
        if g is None:
            g = np.zeros_like(x._data) if isinstance(x._data, np.ndarray) else 0.0
            g = _constant(g) if create_graph else g
        elif type(g) is np.ndarray and (g.base is not None or any(g is r for r in results)):
            g = g.copy()
        results.append(g)
    return results[0] if single else results


def _sweep(seeds: Gradients, graph: bool) -> Gradients:
    """The gradients of all nodes under `seeds`; repeated with masks where a nan turns up."""
    with np.errstate(all="ignore"):
        grads = _pass(seeds, graph, masked=False)
        if any(_has_nan(g._data if graph else g) for g in grads.values()):
            grads = _pass(seeds, graph, masked=True)
    return grads


def _pass(seeds: Gradients, graph: bool, masked: bool) -> Gradients:
    """Each node passes its gradient to its parents, deepest nodes first: all its own consumers are then done.

    With `graph`, gradients are nodes and every operation on them is recorded.
    """
    grads = dict(seeds)
    top = max(node._depth for node in grads)
    levels: list[list[Node]] = [[] for _ in range(top + 1)]
    for node in grads:
        levels[node._depth].append(node)
    general = graph or masked
    now = Clock.now
    for depth in range(top, 0, -1):
        for node in levels.pop():
            op = node.op
            parents = node.parents
            g = grads[node]
            if node._stamp != now:
                _unchanged(node)
            if type(g) is float and not general and op.elementwise:
                # Floats have no shape or dtype to ensure; this is the hot path of scalar graphs.
                try:
                    if len(parents) == 2:
                        a, b = parents
                        by_a, by_b = op.vjps
                        ga = by_a(floats, g, node._data, a._data, b._data) if a.requires_grad else None
                        gb = by_b(floats, g, node._data, a._data, b._data) if b.requires_grad else None
                        if ga is not None:
                            if a in grads:
                                grads[a] += ga
                            else:
                                grads[a] = ga
                                levels[a._depth].append(a)
                        if gb is not None:
                            if b in grads:
                                grads[b] += gb
                            else:
                                grads[b] = gb
                                levels[b._depth].append(b)
                        continue
                except (ArithmeticError, ValueError):
                    pass  # IEEE's answer comes from the general way
            for p, c in _contributions(node, g, graph, masked):
                if p in grads:
                    grads[p] = grads[p] + c
                else:
                    grads[p] = c
                    levels[p._depth].append(p)
    return grads


def _contributions(node: Node, g: Any, graph: bool, masked: bool) -> list[tuple[Node, Any]]:
    """What one node passes on: for each parent that requires a gradient, the parent and its contribution."""
    op = node.op
    assert op is not None
    parents = node.parents
    xp: Any
    if graph:
        xp, y, args = registry, node, list(parents)
    else:
        xp, y, args = arrays, node._data, [p._data for p in parents]
    scalar = not graph and op.elementwise and type(y) is float
    result = []
    for i, p in enumerate(parents):
        if not p.requires_grad:
            continue
        vjp = op.vjp(i)
        if vjp is None:
            continue
        if scalar:
            c = evaluate(lambda xp, *a, vjp=vjp, **k: vjp(xp, *a, **k), (g, y, *args), node.params)
        else:
            c = vjp(xp, g, y, *args, **node.params)
        if masked and op.elementwise:
            c = _masked(floats if scalar else xp, g, c)
        data = p._data
        have = c._data if graph and isinstance(c, Node) else c
        if type(have) is not type(data) or (
            type(data) is np.ndarray and (have.shape != data.shape or have.dtype != data.dtype)
        ):
            try:
                c = xp.sum_like(c, p if graph else data)
            except ValueError as error:
                raise ValueError(
                    f"the derivative of {op.name!r} by its argument {i + 1} has the wrong shape: {error}"
                ) from None
        result.append((p, c))
    return result


def _masked(xp: Any, g: Any, c: Any) -> Any:
    """A contribution with 0 where the incoming gradient is exactly 0 and the formula gave inf or nan."""
    return xp.where(xp.logical_and(xp.equal(g, 0.0), xp.logical_not(xp.isfinite(c))), 0.0, c)


def _has_nan(g: Any) -> bool:
    if type(g) is np.ndarray:
        total = np.vdot(g, g)  # a sum of squares is nan only if an element is
        return bool(total != total)
    return bool(g != g)


def _unchanged(node: Node) -> None:
    """Raise if a derivative would read a value that was changed after the op was recorded."""
    op = node.op
    assert op is not None
    for i, p in enumerate(node.parents):
        if not p.requires_grad:
            continue
        for j in op.uses[min(i, len(op.uses) - 1)]:
            read = node.parents[j:] if op.variadic and j == len(op.argnames) - 1 else node.parents[j : j + 1]
            for q in read if j >= 0 else ():
                if q._stamp > node._stamp:
                    raise ValueError(
                        f"{op.name}: the data of {describe(q)} were changed after {op.name} was recorded, and its "
                        "derivative reads them; run backward before changing them, or compute with a copy() of them"
                    )


def _why_not(x: Node) -> str:
    if np.result_type(x._data).kind != "f":
        return f": its data are {np.result_type(x._data)}, and only floats are differentiated (write 1.0 for 1)"
    if x.op is not None:
        return ": nothing it depends on requires one"
    return ": it was made with requires_grad=False, or is a constant"


def _seed(output: Node, gradient: Any, graph: bool = False, check: bool = True) -> Any:
    """The gradient to start from, of the output's shape and dtype."""
    data = output._data
    if check and not output.requires_grad:
        raise ValueError(f"backward: {describe(output)} requires no gradient{_why_not(output)}")
    if gradient is None:
        if np.size(data) != 1:
            raise ValueError(
                f"backward: {describe(output)} is not a scalar; reduce it (y.sum(), y.mean()) or pass a gradient of "
                f"shape {np.shape(data)}"
            )
        gradient = 1.0 if not isinstance(data, np.ndarray) else np.ones_like(data)
    node = gradient if isinstance(gradient, Node) else None
    if node is not None:
        gradient = node._data
    given = array(gradient)
    if given.shape != np.shape(data):
        raise ValueError(
            f"backward: the gradient has shape {given.shape}, but {describe(output)} has shape {np.shape(data)}"
        )
    if graph and node is not None:
        return node
    seed = given.astype(data.dtype) if isinstance(data, np.ndarray) else float(given)
    return _constant(seed) if graph else seed


def _constant(x: Any) -> Node:
    from autograd.node import constant

    return constant(x)
