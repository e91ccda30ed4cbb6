"""Nested tuples, lists and dicts of numbers, arrays and nodes, as the transforms take and return them.

A leaf is anything but a tuple (named or not), a list or a dict. Leaves come in the order of their containers,
a dict's in the order of its keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy

from autograd.typing import Tree

__all__ = ["leaves", "matched", "rebuilt"]


def leaves(tree: Tree) -> list[Tree]:
    """The leaves of a container; a leaf is its own only one.

    Examples
    --------
    >>> leaves({"W": [1.0, 2.0], "b": (3.0,)})
    [1.0, 2.0, 3.0]
    """
    if isinstance(tree, dict):
        tree = tree.values()
    elif not isinstance(tree, (tuple, list)):
        return [tree]
    return [leaf for child in tree for leaf in leaves(child)]


def rebuilt(tree: Tree, new: Iterator[object]) -> Tree:
    """Copy a container, with the next of `new` in place of each leaf.

    Examples
    --------
    >>> rebuilt({"W": [1.0, 2.0], "b": (3.0,)}, iter("abc"))
    {'W': ['a', 'b'], 'b': ('c',)}
    """
    if not isinstance(tree, (tuple, list, dict)):
        return next(new)
    if isinstance(tree, dict):
        twin = copy(tree)
        for key, child in tree.items():
            twin[key] = rebuilt(child, new)
        return twin
    children = [rebuilt(child, new) for child in tree]
    return tree._make(children) if hasattr(tree, "_make") else type(tree)(children)


def matched(tree: Tree, other: Tree, path: str = "") -> Iterator[tuple[str, Tree, Tree]]:
    """The leaves of two containers of one structure in pairs, each with its path, as ``['W'][0]``.

    Where `tree` has a leaf, `other` may have anything (an array's counterpart may be a list); a list may stand for a
    tuple.

    Raises
    ------
    ValueError
        If the structures differ; the message names the path.

    Examples
    --------
    >>> list(matched((1.0, {"b": 2.0}), ("x", {"b": "y"})))
    [('[0]', 1.0, 'x'), ("[1]['b']", 2.0, 'y')]
    """
    if isinstance(tree, dict):
        if not isinstance(other, dict) or other.keys() != tree.keys():
            raise ValueError(f"{path} must be a dict with the keys {', '.join(map(repr, tree))}, not {_what(other)}")
        pairs = [(f"{path}[{key!r}]", child, other[key]) for key, child in tree.items()]
    elif isinstance(tree, (tuple, list)):
        if not isinstance(other, (tuple, list)) or len(other) != len(tree):
            raise ValueError(f"{path} must be a {type(tree).__name__} of {len(tree)}, not {_what(other)}")
        pairs = [(f"{path}[{i}]", child, other[i]) for i, child in enumerate(tree)]
    else:
        yield path, tree, other
        return
    for at, child, counterpart in pairs:
        yield from matched(child, counterpart, at)


def _what(x: Tree) -> str:
    if isinstance(x, dict):
        return f"one with {', '.join(map(repr, x)) or 'none'}"
    return f"one of {len(x)}" if isinstance(x, (tuple, list)) else f"a {type(x).__name__}"
