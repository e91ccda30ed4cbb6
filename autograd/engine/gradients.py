"""``gradients``: the backward pass without writing, of numbers or as a graph."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

import numpy as np

from autograd.engine.backward import Gradients, owned, seed_of, sweep, why_no_gradient
from autograd.engine.coercion import BackwardError, constant
from autograd.engine.contributions import GRAPHS, NUMBERS, STRICT_GRAPHS, STRICT_NUMBERS, plus
from autograd.engine.derived import mark
from autograd.engine.hooks import BEFORE, is_hooked
from autograd.engine.libraries import library_of, namespace_of
from autograd.engine.modes import current_mode
from autograd.engine.node import Node, depth_of, registry
from autograd.messages import describe
from autograd.namespaces import arrays
from autograd.tracebacks import entrance
from autograd.typing import X

__all__ = ["calculated", "gradients"]

parents_of = attrgetter("parents")


@entrance
def gradients(
    outputs: Node | Sequence[Node],
    inputs: Node | Sequence[Node],
    grad_outputs: X = None,
    create_graph: bool = False,
    strict: bool = False,
) -> X:
    """Gradients of `outputs` (their sum) with respect to `inputs`; writes to no node.

    Parameters
    ----------
    outputs : node or sequence of node
        What to differentiate; scalars unless `grad_outputs` is given.
    inputs : node or sequence of node
        With respect to what: leaves or inner nodes that require a gradient.
    grad_outputs : number, array, node or sequence, optional
        The gradient of each output, of its shape; 1 by default.
    create_graph : bool
        Whether the gradients are nodes, computed by recorded ops, that can be differentiated and drawn in turn.
    strict : bool
        Whether to give nan at a kink, a tie or a pole, in place of what is stated for it (see :func:`formula`), unless
        it is in a branch that ``where`` does not take.

    Returns
    -------
    float, array, node or list
        For a sequence of inputs a list; each of the shape and dtype of its input, zeros where the outputs do not depend
        on it.

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
    requested = _nodes("inputs", inputs)
    state = current_mode()
    watch = None if state is None else state.watch
    recorded = watch is not None and watch.records_all  # plain gradients too
    seeds = _seeds(_nodes("outputs", outputs), outputs, grad_outputs, create_graph or recorded)
    for x in requested:
        if not x.requires_grad:
            raise BackwardError(f"gradients: {describe(x)} requires no gradient{why_no_gradient(x)}")
    results = watch.deferred(seeds, requested, strict, create_graph) if watch is not None else None
    if results is None:
        results = calculated(seeds, requested, strict, graph=create_graph or recorded)
        if recorded and not create_graph:
            results = [None if g is None else g.detach() for g in results]
    for i, x in enumerate(requested):
        if results[i] is None:
            if not isinstance(x._data, float):
                zeros = namespace_of(x._data).zeros_like(x._data)
                results[i] = registry.zeros_like(x) if recorded else constant(zeros) if create_graph else zeros
            else:
                results[i] = constant(0.0) if recorded or create_graph else 0.0
    return results[0] if single else results


def calculated(seeds: dict[Node, X], inputs: list[Node], strict: bool = False, graph: bool = False) -> list[X]:
    """Gradients by these inputs, numbers or as a graph; None for an input that the outputs do not depend on."""
    inner = {x for x in inputs if x.op is not None}
    grads: Gradients = {}
    known: set[Node] = {p for g in seeds.values() if isinstance(g, Node) for p in g.parents}

    def complete(level: Gradients) -> None:
        grads.update((x, level[x]) for x in level.keys() & inner)
        if graph:
            known.update(level, *map(parents_of, level))

    space = (STRICT_GRAPHS if strict else GRAPHS) if graph else STRICT_NUMBERS if strict else NUMBERS
    # A gradient graph may depend on that of a transform around it; a hook is called only where it is asked for.
    if graph or (BEFORE and is_hooked(seeds)):
        space = space._replace(within=_between(list(seeds), inputs))
    if seeds:
        grads |= arrays.quietly(sweep, seeds, complete, space)
    results: list[X] = []
    given_out: set[int] = set()  # by identity
    for x in inputs:
        g = grads.get(x)
        if g is not None:
            g = plus(g, 0) if id(g) in given_out else owned(g)
            given_out.add(id(g))
        results.append(g)
    mode = current_mode()
    if graph and not (mode is not None and mode.watch is not None and mode.watch.records_all):  # which marks itself
        mark((g for g in results if g is not None), known)
    return results


def _between(outputs: list[Node], inputs: list[Node]) -> set[Node]:
    """The inputs, and the nodes under the outputs that depend on them."""
    lowest = min(map(depth_of, inputs), default=0)
    reached: set[Node] = set()
    stack = outputs
    while stack:
        node = stack.pop()
        if node not in reached and node._depth >= lowest:
            reached.add(node)
            stack.extend(p for p in node.parents if p.requires_grad)
    between = set(inputs)
    for node in sorted(reached, key=depth_of):
        if not between.isdisjoint(node.parents):
            between.add(node)
    return between


def _nodes(name: str, given: X) -> list[Node]:
    """Outputs or inputs as a list."""
    nodes = [given] if isinstance(given, Node) else list(given) if isinstance(given, (list, tuple)) else [given]
    for x in nodes:
        if not isinstance(x, Node):
            raise TypeError(f"gradients: {name} must be a Value, a Tensor or a list of such, not {type(x).__name__}")
    return nodes


def _seeds(outputs: list[Node], given: X, grad_outputs: X, create_graph: bool) -> dict[Node, X]:
    """The gradients to start from, by the outputs that require one."""
    listed = isinstance(grad_outputs, (list, tuple, np.ndarray, type(None))) or library_of(grad_outputs) is not None
    if not isinstance(given, Node) and not listed:
        raise TypeError(f"gradients: grad_outputs must be a list with one for each of the {len(outputs)} outputs")
    each = [grad_outputs] * len(outputs) if isinstance(given, Node) or grad_outputs is None else list(grad_outputs)
    if len(each) != len(outputs):
        raise ValueError(f"gradients: {len(outputs)} outputs but {len(each)} grad_outputs; give one for each, or None")
    seeds: dict[Node, X] = {}
    for y, g in zip(outputs, each, strict=True):
        if y.requires_grad:
            g = seed_of(y, g, graph=create_graph)
            seeds[y] = plus(seeds[y], g) if y in seeds else g
        elif g is None:
            seed_of(y, g, check=False)  # which refuses an array
    return seeds
