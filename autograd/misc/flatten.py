"""Containers as one vector and back, as HIPS autograd has them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import numpy

import autograd.numpy as np
from autograd.engine.coercion import array
from autograd.engine.libraries import library_of
from autograd.engine.node import Node, registry
from autograd.surface import publish
from autograd.transforms.containers import leaves, rebuilt
from autograd.typing import Function, Shape, Tree, X

__all__ = ["flatten", "flatten_func"]

publish(globals())


def flatten(value: Tree) -> tuple[X, Callable[[X], Tree]]:
    """Join the numbers of a container into one vector.

    Parameters
    ----------
    value : number, array, node or container
        Tuples, lists and dicts in any nesting. A dict's entries come in the order of its sorted keys.

    Returns
    -------
    vector : array or Tensor
        A copy; a node if there is one in `value`, through which gradients flow.
    unflatten : callable
        Takes a vector of that length, plain or a node; returns its parts in containers like those of `value`. The
        parts of a plain vector are views of it.

    Raises
    ------
    TypeError
        If a leaf is no number and no array of numbers.

    Examples
    --------
    >>> from autograd import grad
    >>> vector, unflatten = flatten({"b": [3.0, 4.0], "W": np.ones((2, 1))})
    >>> vector
    array([1., 1., 3., 4.])
    >>> unflatten(vector)["W"].shape
    (2, 1)
    >>> grad(lambda v: unflatten(v)["b"][0] ** 2)(vector)
    array([0., 0., 6., 0.])
    """
    try:
        parts = [x if isinstance(x, Node) or library_of(x) is not None else array(x) for x in leaves(value)]
    except (TypeError, ValueError) as error:
        raise type(error)(f"flatten: {error}") from None
    order = leaves(_sorted(rebuilt(value, count())))
    shapes: list[Shape] = [tuple(numpy.shape(part)) for part in parts]
    ends = numpy.cumsum([numpy.prod(shapes[i], dtype=int) for i in order], dtype=int)
    starts = dict(zip(order, [0, *ends.tolist()], strict=False))
    size = int(ends[-1]) if parts else 0

    def unflatten(vector: X) -> Tree:
        if np.shape(vector) != (size,):
            raise ValueError(f"unflatten: give a vector of {size} elements, not an array of shape {np.shape(vector)}")
        return rebuilt(value, (_part(vector, starts[i], shape) for i, shape in enumerate(shapes)))

    rows = [registry.reshape(parts[i], -1) for i in order]
    return registry.concatenate(rows) if rows else numpy.zeros(0), unflatten


def flatten_func(func: Function, example: Tree) -> tuple[Function, Callable[[X], Tree], X]:
    """Make a function of one vector, that returns one, of a function of a container that returns containers.

    Parameters
    ----------
    func : callable
        Its first argument is built as `example` is; others are passed on as they are.
    example : number, array, node or container
        The container whose structure vectors get.

    Returns
    -------
    function, unflatten, vector
        The function of a vector, the function that turns such a vector into the container, and the example's vector.

    Examples
    --------
    >>> f, unflatten, vector = flatten_func(lambda p: {"y": p["x"] * 2}, {"x": np.ones(2)})
    >>> f(vector)
    array([2., 2.])
    """
    vector, unflatten = flatten(example)
    return lambda x, *args: flatten(func(unflatten(x), *args))[0], unflatten, vector


def _sorted(tree: Tree) -> Tree:
    """A container as lists, those of dicts in the order of their sorted keys."""
    if isinstance(tree, dict):
        try:
            return [_sorted(tree[key]) for key in sorted(tree)]
        except TypeError:
            raise TypeError(f"flatten: the keys {list(tree)} cannot be sorted; take keys of one type") from None
    return [_sorted(child) for child in tree] if isinstance(tree, (tuple, list)) else tree


def _part(vector: X, start: int, shape: Shape) -> X:
    if shape == ():
        return vector[start]
    return registry.reshape(vector[start : start + int(numpy.prod(shape))], shape)
