"""``diff``: what changed between two graphs, or between two steps of training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from autograd.engine.node import Node
from autograd.graph import formatting
from autograd.graph.serialization import to_dict
from autograd.typing import Json

__all__ = ["Change", "Difference", "diff"]

MAX_LINES = 20  # a text has at most so many lines of each kind

Graph = Node | Sequence[Node] | Mapping[str, Json]
Entry = Mapping[str, Json]


class Change(NamedTuple):
    """The change of one node: its entries in the two graphs, and the fields in which they differ.

    Attributes
    ----------
    name : str
        What the texts call the node.
    before, after : dict
        The node in the first and in the second graph, as :func:`autograd.graph.to_dict` describes it.
    fields : tuple of str
        The keys under which they differ: ``"op"``, ``"params"``, ``"label"``, ``"shape"``, ``"data"``, ``"grad"``.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import diff
    >>> change, *others = diff(Value(2.0, "x") * 3, Value(5.0, "x") * 3).changed
    >>> change.name, change.fields, change.before["data"], change.after["data"]
    ('x', ('data',), 2.0, 5.0)
    """

    name: str
    before: Entry
    after: Entry
    fields: tuple[str, ...]


class Difference(NamedTuple):
    """The difference between two graphs; ``str()`` lists it, and it is false if nothing changed.

    Attributes
    ----------
    added, removed : list of dict
        The nodes that only the second, or only the first graph has, as :func:`autograd.graph.to_dict` describes them.
    changed : list of Change
        The nodes of both that differ in their op, its static arguments, label, shape, value or gradient.
    same : int
        The number of nodes that are equal in both.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import diff
    >>> x = Value(2.0, "x")
    >>> bool(diff(x * 3, x * 3)), diff(x * 3, x * 3 + 1).same
    (False, 3)
    >>> print(diff(x * 3, x * 3 + 1))
    2 added, 3 the same
    + leaf (node 2)  1
    + add (node 4)   7
    """

    added: list[Entry]
    removed: list[Entry]
    changed: list[Change]
    same: int

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def __str__(self) -> str:
        if not self:
            return f"no difference in {_node_count(self.same)}"
        counts = ((self.changed, "changed"), (self.added, "added"), (self.removed, "removed"))
        numbers = [f"{len(entries):,} {change}" for entries, change in counts if entries]
        lines = [f"{', '.join(numbers)}, {self.same:,} the same"]
        lines += _section("~", [(c.name, "; ".join(_change(c, field) for field in c.fields)) for c in self.changed])
        lines += _section("+", [_entry_row(entry) for entry in self.added])
        lines += _section("-", [_entry_row(entry) for entry in self.removed])
        return "\n".join(lines)


def diff(before: Graph, after: Graph) -> Difference:
    """Find what changed between two graphs.

    Nodes match by their labels, else by how they are computed: results of the same op if their operands match, leaves
    in the order of those of the same shape. So the graphs of two training steps, each recorded anew, are comparable.

    Parameters
    ----------
    before, after : node, sequence of node, or dict
        The graphs. A graph's leaves change in training; ``to_dict(loss)`` before a step keeps their values.

    Returns
    -------
    Difference
        ``.added``, ``.removed``, ``.changed``, ``.same``.

    Raises
    ------
    TypeError
        If one is neither a node nor what :func:`autograd.graph.to_dict` gives.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import diff, to_dict
    >>> w = Value(3.0, "w")
    >>> loss = lambda: (w * 2 - 1) ** 2
    >>> before = to_dict(loss())
    >>> w.data -= 0.5
    >>> print(diff(before, loss()))
    4 changed, 2 the same
    ~ w                    data 3 → 2.5
    ~ mul (node 3)         data 6 → 5
    ~ sub (node 4)         data 5 → 4
    ~ pow_number (node 5)  data 25 → 16
    """
    first, second = _entries("before", before), _entries("after", after)
    ids: dict[object, int] = {}
    old = dict(zip(_keys(first, ids), first["nodes"], strict=True))
    new = dict(zip(_keys(second, ids), second["nodes"], strict=True))
    changed = []
    for key, entry in new.items():
        if key in old and (fields := tuple(f for f in _COMPARED if not _equal(old[key].get(f), entry.get(f)))):
            changed.append(Change(_name(entry), old[key], entry, fields))
    added = [entry for key, entry in new.items() if key not in old]
    removed = [entry for key, entry in old.items() if key not in new]
    return Difference(added, removed, changed, len(new) - len(added) - len(changed))


_COMPARED = ("kind", "op", "params", "label", "shape", "data", "grad")


def _entries(which: str, graph: Json) -> Mapping[str, Json]:
    if isinstance(graph, Mapping):
        if not graph.keys() >= {"nodes", "edges"}:
            raise TypeError(f"diff: {which} is no graph: pass a node, or what to_dict(node) gives")
        return graph
    try:
        return to_dict(graph)
    except TypeError as error:
        raise TypeError(f"diff: {which}{str(error).removeprefix('to_dict')}, or what to_dict gives") from None


def _keys(graph: Mapping[str, Json], ids: dict[object, int]) -> list[int]:
    """Number the nodes so that matching nodes of two graphs have the same number."""
    parents: list[list[tuple[int, int]]] = [[] for _ in graph["nodes"]]
    for edge in graph["edges"]:
        parents[edge["to"]].append((edge["slot"], edge["from"]))
    seen: Counter[object] = Counter()
    keys: list[int] = []
    for entry, sources in zip(graph["nodes"], parents, strict=True):
        if entry["label"]:
            key: Json = entry["label"]
        elif entry["op"] is None:
            key = (None, tuple(entry["shape"]))
        else:
            key = (entry["op"], tuple(keys[source] for _, source in sorted(sources)))
        seen[key] += 1
        keys.append(ids.setdefault((key, seen[key]), len(ids)))
    return keys


def _equal(a: Json, b: Json) -> bool:
    if isinstance(a, list) or isinstance(b, list):
        a, b = np.asarray(a), np.asarray(b)
        return a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == b.dtype.kind == "f")
    return bool(a == b or (a != a and b != b))


def _name(entry: Entry) -> str:
    return formatting.line(entry["label"]) or f"{entry['op'] or 'leaf'} (node {entry['id']})"


def _change(change: Change, field: str) -> str:
    a: Json = change.before.get(field)
    b: Json = change.after.get(field)
    if field in ("data", "grad"):
        texts = [_value(a), _value(b)]
        return f"{field} {' → '.join(texts)}" + (_distance(a, b) if np.ndim(b) or texts[0] == texts[1] else "")
    if field == "params":
        texts = [_params(own or {}, other or {}) for own, other in ((a, b), (b, a))]
        return " → ".join(texts)
    return f"{field} {a} → {b}"


def _params(own: Mapping[str, Json], other: Mapping[str, Json]) -> str:
    """Write the static arguments that another node lacks, or has with other values."""
    own = {k: v for k, v in own.items() if k not in other or other[k] != v}
    return ", ".join(f"{k}={formatting.static_argument(k, _tuples(v))}" for k, v in own.items()) or "none"


def _tuples(value: Json) -> Json:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _distance(a: Json, b: Json) -> str:
    """Write how far two values lie apart, where their texts do not say it."""
    if a is None or b is None or np.shape(a) != np.shape(b) or not np.size(a):
        return ""
    with np.errstate(all="ignore"):
        far = float(np.max(np.abs(np.subtract(b, a, dtype=float))))
    return f" (by at most {formatting.number(far, 4)})" if np.ndim(a) else f" (by {formatting.number(far, 4)})"


def _value(data: Json) -> str:
    return "none" if data is None else formatting.value_text(np.asarray(data) if isinstance(data, list) else data)


def _entry_row(entry: Entry) -> tuple[str, str]:
    made = f" = {entry['op']}" if entry["op"] and entry["label"] else ""
    return f"{_name(entry)}{made}", _value(entry["data"])


def _section(sign: str, rows: list[tuple[str, str]]) -> list[str]:
    width = max((formatting.columns(name) for name, _ in rows[:MAX_LINES]), default=0)
    lines = [f"{sign} {name}{' ' * (width - formatting.columns(name))}  {text}" for name, text in rows[:MAX_LINES]]
    return lines + ([f"{sign} … and {len(rows) - MAX_LINES:,} more"] if len(rows) > MAX_LINES else [])


def _node_count(n: int) -> str:
    return f"{n:,} node{'' if n == 1 else 's'}"
