"""The backward pass: from the outputs to the leaves, by descending depth, each op's derivatives applied once."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple, cast

import numpy as np

from autograd.engine.anomaly import PLACES_ONLY, Watch
from autograd.engine.modes import current_mode, run_in
from autograd.engine.node import Node, array, clock, constant, describe, evaluate, registry, toposort
from autograd.engine.pull import NAN, Pieces, Together, fitted, has_nan, plus, same, scattered, unchanged
from autograd.messages import written
from autograd.namespaces import arrays, floats
from autograd.tracebacks import entrance, is_of_users

__all__ = ["backward", "gradients"]

Gradients = dict[Node, Any]


class _How(NamedTuple):
    """What a pass is to do."""

    graph: bool = False  # give gradients that are nodes
    write: bool = False  # set the gradients of inner nodes
    strict: bool = False  # give nan at singular points
    watch: Watch | None = None  # which is asked about each gradient
    trace: list[Any] | None = None  # given each inner node, its gradient, whether masks are at work, and a list of its
    # contributions: slot, value, total so far


_TO_NODES = _How(write=True)


def backward(output: Node, gradient: Any = None) -> None:
    """Give every node that `output` depends on its gradient: added to at leaves, set at inner nodes.

    Leaves come last, after the whole pass is computed, so that an error leaves them as they were.
    """
    with _one_at_a_time:
        grads = _sweep({output: _seed(output, gradient)}, _TO_NODES)
        for leaf, g in grads.items():
            grads[leaf] = _own(g) if leaf._grad is None else plus(leaf._grad, g)
        for leaf, g in grads.items():
            leaf._grad = g


def _own(g: Any) -> Any:
    """A gradient as a user may keep and change it: sharing no memory with another."""
    if type(g) is np.ndarray:
        return g if g.base is None else g.copy()
    return g if isinstance(g, Node) else float(g)


@entrance
def gradients(
    outputs: Node | Sequence[Node],
    inputs: Node | Sequence[Node],
    grad_outputs: Any = None,
    create_graph: bool = False,
    strict: bool = False,
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
    strict : bool
        Whether to give nan at a kink, a tie or a pole, in place of what is stated for it (see :func:`formula`), unless
        it is in a branch that ``where`` does not take.

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
    >>> kink = abs(x - 2)
    >>> gradients(kink, x), gradients(kink, x, strict=True)
    (0.0, nan)
    """
    single = isinstance(inputs, Node)
    wanted = _nodes("inputs", inputs)
    heads = _nodes("outputs", outputs)
    if not isinstance(outputs, Node) and not isinstance(grad_outputs, (list, tuple, np.ndarray, type(None))):
        raise TypeError(f"gradients: grad_outputs must be a list with one for each of the {len(heads)} outputs")
    given = [grad_outputs] * len(heads) if isinstance(outputs, Node) or grad_outputs is None else list(grad_outputs)
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
        seeds[y] = g if y not in seeds else plus(seeds[y], g)
    grads = _sweep(seeds, _How(graph=create_graph, strict=strict), wanted) if seeds else {}
    results: list[Any] = []
    given_out: set[int] = set()  # by identity
    for x in wanted:
        g = grads.get(x)
        if g is None:
            g = np.zeros_like(x._data) if isinstance(x._data, np.ndarray) else 0.0
            g = constant(g) if create_graph else g
        elif id(g) in given_out:
            g = plus(g, 0)
        else:
            g = _own(g)
        given_out.add(id(g))
        results.append(g)
    return results[0] if single else results


def _nodes(name: str, given: Any) -> list[Node]:
    nodes = [given] if isinstance(given, Node) else list(given) if isinstance(given, (list, tuple)) else [given]
    for x in nodes:
        if not isinstance(x, Node):
            raise TypeError(f"gradients: {name} must be a Value, a Tensor or a list of such, not {type(x).__name__}")
    return nodes


def _sweep(seeds: Gradients, how: _How, keep: Sequence[Node] = ()) -> Gradients:
    """The gradients of the leaves under `seeds`, and of the nodes in `keep`; with masks only where a nan turns up.

    Passes run one at a time, because a gradient that is still being added up waits in its node (a dict for it costs
    scalar graphs a fifth of their speed).
    """
    state = current_mode()
    if state is not None and state.watch is not None and state.watch.checks:
        for y, g in seeds.items():
            state.watch.seed(y, g)
        pass_watched = how._replace(watch=state.watch)
        return cast(Gradients, run_in(state._replace(watch=PLACES_ONLY), _sweep, seeds, pass_watched, keep))
    with _one_at_a_time:
        # A derivative that itself differentiates starts a pass within this one: what waits there is put aside.
        aside = [(node, node._pending) for levels in _running for level in levels for node in level] if _running else ()
        for node, _ in aside:
            node._pending = None
        try:
            grads = arrays.quietly(_pass, seeds, how if how.trace is None else how._replace(trace=None), keep, False)
            masked = grads is None
            if masked or how.trace is not None:
                grads = arrays.quietly(_pass, seeds, how, keep, masked)
        finally:
            for node, g in aside:
                node._pending = g
    return cast(Gradients, grads)


_depth_of = attrgetter("_depth")
_one_at_a_time = threading.RLock()
_running: list[list[list[Node]]] = []


def _pass(seeds: Gradients, how: _How, keep: Sequence[Node], masked: bool) -> Gradients | None:
    """Each node passes its gradient to its parents, deepest nodes first: all its own consumers are then done.

    Without masks, None at the first nan.
    """
    graph, write, strict, watch, trace = how
    levels: list[list[Node]] = [[] for _ in range(1 + max(map(_depth_of, seeds)))]
    kept: Gradients = {node: None for node in keep if node.op is not None} if keep else {}
    plain = not graph and not masked and not strict and watch is None and trace is None
    seen: list[Any] | None = None
    # Nodes whose gradient a selection may have set to 0. A graph evaluated anew may select otherwise than now, so that
    # their derivatives get masks where what they read may then be inf or nan, needed now or not.
    shaded: set[Node] = set()
    unbounded: set[Node] | None = None
    now = clock.now
    _running.append(levels)
    try:
        for node, g in seeds.items():
            levels[node._depth].append(node)
            node._pending = g
        while len(levels) > 1:
            nodes = iter(levels[-1])
            for node in nodes:
                op: Any = node.op
                g = node._pending
                while plain and type(g) is float:  # a run of Values of one op
                    stopped = op.pull_floats(chain((node,), nodes), levels, now, write, kept)
                    if stopped is NAN:
                        return None
                    if stopped is None or stopped is node:
                        break
                    node, op, g = stopped, stopped.op, stopped._pending
                else:
                    stopped = node
                if stopped is None:
                    break
                node._pending = None
                if type(g) is Pieces:
                    g = g.sum(node._data)
                if write:
                    node._grad = g
                elif kept and node in kept:
                    kept[node] = g
                if node._stamp != now:
                    unchanged(node)
                if plain and op.pull_arrays is not None and type(g) is np.ndarray:
                    if op.pull_arrays(node, g, levels):
                        return None
                    continue
                # A rare case: a gradient graph, masks, an op of any number of arguments, an exception of IEEE's.
                if watch is not None:
                    watch.unwritten(node)
                if graph and (op.selects or node in shaded):
                    shaded.update(node.parents)
                if trace is not None:
                    trace.append((node, g, masked, seen := []))
                masks = masked or (strict and graph and op.conventions)
                if not masks and node in shaded and any(op.uses):
                    unbounded = _unbounded(seeds) if unbounded is None else unbounded
                    masks = node in unbounded
                if not _pull(node, g, levels, how, masks, seen):
                    return None
            levels.pop()
        grads: Gradients = {}
        for leaf in levels[0]:
            g = leaf._pending
            if type(g) is float:
                if plain and g != g:
                    return None
            elif type(g) is Pieces:
                g = g.sum(leaf._data)
            grads[leaf] = g
        for node, g in kept.items():
            if g is not None:
                grads[node] = g
        return grads
    except Exception as error:
        is_of_users(error, f"in the derivative of {node.op.name if node.op else 'a leaf'}, {describe(node)}")
        raise
    finally:
        _running.pop()
        for level in levels:
            for node in level:
                node._pending = None


def _unbounded(outputs: Iterable[Node]) -> set[Node]:
    """The nodes whose values, or derivatives, may be inf or nan at finite leaves: those of ops with poles, and on."""
    found: set[Node] = set()
    for node in toposort(list(outputs)):
        op = node.op
        if op is not None and op.differentiable and (op.poles or any(p in found for p in node.parents)):
            found.add(node)
    return found


def _pull(node: Node, g: Any, levels: list[list[Node]], how: _How, masked: bool, seen: list[Any] | None = None) -> bool:
    """Add to the gradients of a node's parents; False where a nan is born that masks may prevent."""
    in_pieces = not how.graph and how.watch is None and seen is None
    shared: set[int] | None = None  # arrays that are in use, by identity
    pulled = contributions(node, g, masked=masked, graph=how.graph, strict=how.strict, in_pieces=in_pieces)
    for slot, c in pulled:
        if c is None:
            return False
        p = node.parents[slot]
        waiting = p._pending
        if waiting is None:
            if type(c) is np.ndarray:
                if shared is None:
                    shared = {id(g), id(node._data), *(id(q._data) for q in node.parents)}
                if id(c) in shared:
                    c = c.view()  # tells that the memory is shared
                shared.add(id(c))
            levels[p._depth].append(p)
            p._pending = c
        else:
            p._pending = plus(waiting, c)
        if seen is not None:
            seen.append((slot, c, p._pending))
        if how.watch is not None:
            how.watch.gradient(node, slot, g, c)
    return True


def contributions(
    node: Node, g: Any, *, masked: bool, graph: bool = False, strict: bool = False, in_pieces: bool = False
) -> Iterator[tuple[int, Any]]:
    """What the gradient `g` of a node becomes for each argument that requires one, by its slot.

    Without masks, None in the place of a contribution in which a nan is born that masks may prevent. `in_pieces` leaves
    it to the receiver to put what goes to an index into an array of zeros.
    """
    op: Any = node.op
    elementwise = op.elementwise
    parents = node.parents
    params = node.params
    xp: Any = registry if graph else arrays
    y: Any = node if graph else node._data
    args: Any = parents if graph else [p._data for p in parents]
    scalar = type(y) is float and elementwise
    if type(y) is float and not elementwise:  # a reduction of a number: NumPy's own divide by 0
        g, y, *args = (np.float64(a) if type(a) is float else a for a in (g, y, *args))

    def given(formula: Any) -> Any:
        return evaluate(formula, (g, y, *args), params) if scalar else formula(xp, g, y, *args, **params)

    strictly = strict and op.conventions
    together: Any = None  # what a formula gives for all of the last arguments at once
    last = len(op.vjps) - 1
    for slot, p in enumerate(parents):
        vjp = op.vjps[min(slot, last)]
        if not p.requires_grad or vjp is None:
            continue
        passed_on = vjp is same and not strictly
        if passed_on:
            c = g
        elif vjp is scattered and in_pieces:
            yield slot, Pieces(g, tuple(args[1:]), params["key"])
            continue
        elif type(vjp) is Together and not strictly:
            if together is None:
                together = given(vjp.formula)
                if not isinstance(together, (list, tuple)) or len(together) != len(parents) - last:
                    raise TypeError(
                        f"the derivative of {op.name!r} must be a list, with one for each {op.argnames[-1]}"
                    )
            c = together[slot - last]
        else:
            vjp = op.vjp(slot)
            c = given(op.strictly(slot, vjp) if strictly else vjp)
        if elementwise and not passed_on:
            if masked:
                c = _masked(floats if scalar else xp, g, c)
            elif _has_nan(c):
                yield slot, None
                return
        x: Any = p._data
        d: Any = c._data if isinstance(c, Node) else c
        if type(d) is not type(x) or (type(x) is np.ndarray and (d.shape != x.shape or d.dtype is not x.dtype)):
            c = fitted(op, c, p if graph else x, xp)
        yield slot, c


def _masked(xp: Any, g: Any, c: Any) -> Any:
    """A contribution with 0 where the incoming gradient is exactly 0 and the formula gave inf or nan."""
    return xp.where(xp.logical_and(xp.equal(g, 0.0), xp.logical_not(xp.isfinite(c))), 0.0, c)


def _has_nan(g: Any) -> bool:
    return has_nan(g._data if isinstance(g, Node) else g)


def _why_not(x: Node) -> str:
    """Why a node requires no gradient, and what to do about it."""
    whole = [n for n in toposort(x) if n.op is None and n.ndim and n._data.dtype.kind != "f"]
    if whole:
        return (
            f": {describe(whole[0])} does not hold floats, and only floats are differentiated; write 1.0 for 1, "
            "or dtype=float"
        )
    if x.op is not None and not x.op.differentiable:
        return (
            f": {written(x.op)} has no derivative but 0; to choose by a condition write autograd.where(condition, a, b)"
        )
    if x.op is not None:
        return ": no leaf it depends on requires one; make those with requires_grad=True, outside no_grad"
    return ": it was made with requires_grad=False, or is a constant or a result under no_grad"


def _seed(output: Node, gradient: Any, graph: bool = False, check: bool = True) -> Any:
    """The gradient to start from, of the output's shape and dtype."""
    data = output._data
    if check and not output.requires_grad:
        raise ValueError(f"backward: {describe(output)} requires no gradient{_why_not(output)}")
    if isinstance(data, np.ndarray) and data.dtype.kind != "f" and output.requires_grad:  # as someone claimed
        raise TypeError(f"backward: {describe(output)} holds no floats, so it has no gradient; write 1.0 for 1")
    if gradient is None:
        if isinstance(data, np.ndarray) and data.size != 1:
            raise ValueError(
                f"backward: {describe(output)} is not a scalar; reduce it (y.sum(), y.mean()) or pass a gradient of "
                f"shape {np.shape(data)}"
            )
        seed = np.array(1, data.dtype, ndmin=data.ndim) if isinstance(data, np.ndarray) else 1.0
        return constant(seed) if graph else seed
    node = gradient if isinstance(gradient, Node) else None
    if node is not None:
        gradient = node._data
    try:
        given = array(gradient)
    except (TypeError, ValueError) as error:
        raise type(error)(f"backward: the gradient given: {error}") from None
    if given.shape != np.shape(data):
        raise ValueError(
            f"backward: the gradient has shape {given.shape}, but {describe(output)} has shape {np.shape(data)}"
        )
    if graph and node is not None:
        return registry.sum_like(node, output)
    seed = given.astype(data.dtype) if isinstance(data, np.ndarray) else float(given)
    return constant(seed) if graph else seed
