"""Names of nodes that no one has to type: labels, parameter paths, the caller's variables, else v1, v2, ..."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from autograd.engine.node import Node
from autograd.graph import formatting
from autograd.typing import Data, X

__all__ = ["Names", "find_names", "name_nodes", "number_unnamed"]

MAX_MEMBERS = 1000  # a longer list in a variable holds data, not parameters


@dataclass(frozen=True)
class Names:
    """The names of nodes, and the modules to which the parameters among them belong."""

    names: dict[Node, str] = field(default_factory=dict)
    modules: dict[Node, tuple[str, ...]] = field(default_factory=dict)  # a parameter's modules, the outermost first
    titles: dict[str, str] = field(default_factory=dict)  # the titles of modules in pictures, by path
    paths: dict[int, tuple[str, ...]] = field(default_factory=dict)  # the modules around each and itself, by identity

    def of(self, node: Node) -> str:
        """Write the name of a node in one line: the label, else its name here; empty if there is none."""
        name = self.names.get(node, "")
        # A label that only repeats the end of a parameter's path says less than the path.
        if node.label and not (node in self.modules and name.rpartition(".")[2] == node.label):
            return formatting.name(node)
        return formatting.line(name)


def find_names(names: object = None) -> Names:
    """Find the names that `names` gives to nodes.

    Parameters
    ----------
    names : mapping or Module, optional
        Variables, such as ``locals()``, of which only nodes count; or nodes with their names; or an object with
        ``named_parameters()``, such as a module. By default the variables of a prompt or notebook.

    Raises
    ------
    TypeError
        If `names` is something else.
    """
    if isinstance(names, Names):
        return names
    if names is None:
        # Only a prompt's variables are the user's own beyond doubt; a program's may be anyone's.
        names = vars(sys.modules["__main__"]) if hasattr(sys, "ps1") else {}
    result = Names()
    if _has_parameters(names):
        _add_module(result, "", names)
    elif isinstance(names, Mapping):
        pairs = ((b, a) if isinstance(a, Node) else (a, b) for a, b in names.items())
        variables = [(name, x) for name, x in pairs if isinstance(name, str) and name[:1] != "_"]
        _add(result, ((name, x) for name, x in variables if isinstance(x, Node)))
        for name, x in variables:
            if _has_parameters(x):
                _add_module(result, name, x)
            else:
                _add(result, _members(name, x))
    else:
        raise TypeError(
            "names: pass a mapping of names to nodes, such as locals(), or a module with named_parameters(), "
            f"not {type(names).__name__}"
        )
    return result


def name_nodes(order: Sequence[Node], names: object = None) -> dict[Node, str]:
    """Name each node: as `names` does; a constant by its number; the others v1, v2, ... in order.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import toposort
    >>> x = Value(2.0, "x")
    >>> list(name_nodes(toposort((x + 1) * x)).values())
    ['x', '1', 'v1', 'v2']
    """
    name_of = number_unnamed(find_names(names), order)
    return {node: name or formatting.value_text(node.data) for node, name in name_of.items()}


def number_unnamed(names: Names, order: Sequence[Node]) -> dict[Node, str]:
    """Name every node but unnamed constants: those without a name are called v1, v2, ... as late as they are needed.

    In topological order what the last step of a loop reads may come before the first step; here the steps follow.
    """
    name_of = {node: names.of(node) for node in order}
    taken = set(name_of.values())
    first_use: dict[Node, int] = {}
    for node in order:
        for p in node.parents:
            first_use[p] = min(first_use.get(p, node._depth), node._depth)
    count = 0
    for node in sorted(order, key=lambda node: first_use.get(node, node._depth + 1)):
        if name_of[node] or _is_number(node):
            continue
        count += 1
        while f"v{count}" in taken:
            count += 1
        name_of[node] = f"v{count}"
    return name_of


def _is_number(node: Node) -> bool:
    """Whether a node is a constant, which goes by its number."""
    return node.op is None and not node.requires_grad and not node.ndim


def _has_parameters(x: Data) -> bool:
    # The type is asked, because an object's own __getattr__ may do anything.
    return not isinstance(x, (Node, type)) and callable(getattr(type(x), "named_parameters", None))


def _add_module(result: Names, variable: str, module: X) -> None:
    start = f"{variable}." if variable else ""
    if callable(getattr(type(module), "named_modules", None)):
        for name, inner in module.named_modules():
            path = (start + name).rstrip(".")
            result.titles.setdefault(path, _title(path, inner))
            result.paths.setdefault(id(inner), _around(result, f"{path}."))
    for name, p in module.named_parameters():
        if isinstance(p, Node):
            result.names.setdefault(p, start + name)
            if owners := _around(result, start + name):
                result.modules.setdefault(p, owners)


def _around(known: Names, path: str) -> tuple[str, ...]:
    """The modules around what has a path, the outermost first."""
    owner = path.rpartition(".")[0]
    before = (path[:i] for i, c in enumerate(path) if c == ".")
    # In ``net.layers.0`` the list is no module.
    return tuple(each for each in before if each and (each in known.titles or each == owner))


def _title(path: str, module: X) -> str:
    width, height = getattr(module, "in_features", None), getattr(module, "out_features", None)
    size = f" ({width}→{height})" if isinstance(width, int) and isinstance(height, int) else ""
    return f"{type(module).__name__} {path}{size}"


def _add(result: Names, entries: Iterable[tuple[str, Node]]) -> None:
    for name, node in entries:
        result.names.setdefault(node, name)


def _members(name: str, x: Data) -> Iterator[tuple[str, Node]]:
    """The nodes in a list or an object array, as ``w[0]`` or ``W[0, 1]``."""
    if isinstance(x, (list, tuple)) and len(x) <= MAX_MEMBERS:
        yield from ((f"{name}[{i}]", item) for i, item in enumerate(x) if isinstance(item, Node))
    elif isinstance(x, np.ndarray) and x.dtype == object and x.size <= MAX_MEMBERS:
        for index, item in np.ndenumerate(x):
            if isinstance(item, Node):
                yield f"{name}[{', '.join(map(str, index))}]", item
