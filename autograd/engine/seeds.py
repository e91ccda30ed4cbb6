"""What a backward pass starts from, and why a node may have no gradient."""

from __future__ import annotations

import numpy as np

from autograd.engine.coercion import array, constant
from autograd.engine.contributions import plus
from autograd.engine.node import Node, registry, toposort
from autograd.messages import describe
from autograd.typing import X

__all__ = ["nodes_of", "seed_of", "seeds_of", "why_no_gradient"]


def nodes_of(name: str, given: X) -> list[Node]:
    """Outputs or inputs as a list."""
    nodes = [given] if isinstance(given, Node) else list(given) if isinstance(given, (list, tuple)) else [given]
    for x in nodes:
        if not isinstance(x, Node):
            raise TypeError(f"gradients: {name} must be a Value, a Tensor or a list of such, not {type(x).__name__}")
    return nodes


def seeds_of(outputs: list[Node], given: X, grad_outputs: X, create_graph: bool) -> dict[Node, X]:
    """The gradients to start from, by the outputs that require one."""
    if not isinstance(given, Node) and not isinstance(grad_outputs, (list, tuple, np.ndarray, type(None))):
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


def why_no_gradient(x: Node) -> str:
    """Why a node requires no gradient, and what to do about it."""
    whole = [n for n in toposort(x) if n.op is None and n.ndim and n._data.dtype.kind != "f"]
    if whole:
        return (
            f": {describe(whole[0])} does not hold floats, and only floats are differentiated; write 1.0 for 1, "
            "or dtype=float"
        )
    if x.op is not None and not x.op.differentiable:
        return f": {x.op.name} has no derivative but 0; to choose by a condition write autograd.where(condition, a, b)"
    if x.op is not None:
        return ": no leaf it depends on requires one; make those with requires_grad=True, outside no_grad"
    return ": it was made with requires_grad=False, or is a constant or a result under no_grad"


def seed_of(output: Node, gradient: X, graph: bool = False, check: bool = True) -> X:
    """The gradient to start from, of the output's shape and dtype."""
    data = output._data
    if check and not output.requires_grad:
        raise ValueError(f"backward: {describe(output)} requires no gradient{why_no_gradient(output)}")
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
