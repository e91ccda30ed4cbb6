"""A graph as plain data and as JSON, and back: ``to_dict``, ``to_json``, ``from_json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from math import isfinite

import numpy as np

from autograd.engine.calling import static
from autograd.engine.derived import DerivativeVersion, convention_of, is_derivative
from autograd.engine.libraries import fetched
from autograd.engine.node import NODE_CLASSES, Node, toposort, versions
from autograd.engine.op import Op
from autograd.engine.pickling import rebuilt
from autograd.engine.trace import stored
from autograd.graph.arguments import node_list
from autograd.library_tensor import plain_class
from autograd.ops import table
from autograd.ops._helpers import stated
from autograd.ops.static import misfit
from autograd.typing import Json, Params

__all__ = ["from_json", "to_dict", "to_json"]

FORMAT, VERSION = "graphgrad", 1
_OUTSIDE_TABLE = {"lower_beta", "lower_gamma", "student_t", "upper_gamma"}  # of autograd.scipy.special
_SCALARS: Mapping[str, type] = {"float": float, "int": int, "bool": bool}
_DTYPES = frozenset(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)) | {
    "bool", "float32", "float64",
}  # fmt: skip
# Names that ops had in version 0.1, with those that they have now.
_RENAMED = {
    "join": "concatenate_args", "layers": "stack_args", "length": "euclidean_norm", "middle_places": "median_indices",
    "others": "prod_of_others", "padded": "pad_array", "steps": "first_difference", "unique_places": "unique_indices",
    "units": "one_hot_masks",
}  # fmt: skip
_NOT_FINITE = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}


def to_dict(y: Node | Sequence[Node]) -> dict[str, list[dict[str, Json]]]:
    """Describe the graph as plain data, for programs that read it.

    Parameters
    ----------
    y : node or sequence of node
        The graph: everything that `y` depends on.

    Returns
    -------
    dict
        ``{"nodes": [{"id", "kind", "op", "params", "label", "data", "grad", "shape"}], "edges": [{"from", "to",
        "slot"}]}``. An id is the position in :func:`autograd.graph.toposort`, ``kind`` is Value or Tensor, ``op`` a
        name or None for a leaf, ``params`` its static arguments, ``data`` and ``grad`` are numbers or nested lists of
        them.

    Raises
    ------
    TypeError
        If `y` is no node.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import to_dict
    >>> x = Value(2.0, "x")
    >>> graph = to_dict(x * x)
    >>> graph["nodes"][1]
    {'id': 1, 'kind': 'Value', 'op': 'mul', 'params': {}, 'label': None, 'data': 4.0, 'grad': None, 'shape': []}
    >>> graph["edges"]
    [{'from': 0, 'to': 1, 'slot': 0}, {'from': 0, 'to': 1, 'slot': 1}]
    """
    order = toposort(outputs := node_list("to_dict", y))
    for node in outputs:
        stored(node, "to_dict")
    ids = {node: i for i, node in enumerate(order)}
    nodes = [
        {
            "id": i,
            "kind": plain_class(NODE_CLASSES[type(node._data)]).__name__,
            "op": None if node.op is None else node.op.name,
            "params": {k: _tuples_as_lists(v) for k, v in node.params.items()},
            "label": None if node.label is None else str(node.label),
            "data": _nested_lists(fetched(node._data, "to_dict")),
            "grad": _nested_lists(fetched(node._grad)),
            "shape": list(node.shape),
        }
        for i, node in enumerate(order)
    ]
    edges = [
        {"from": ids[parent], "to": i, "slot": slot}
        for i, node in enumerate(order)
        for slot, parent in enumerate(node.parents)
    ]
    return {"nodes": nodes, "edges": edges}


def _tuples_as_lists(value: Json) -> Json:
    """Turn the tuples in a static argument into lists, as in JSON."""
    return [_tuples_as_lists(v) for v in value] if isinstance(value, tuple) else value


def _nested_lists(data: Json) -> Json:
    return data.tolist() if isinstance(data, (np.ndarray, np.generic)) else data


def to_json(y: Node | Sequence[Node]) -> str:
    """Write the graph as JSON text, from which :func:`from_json` makes it again.

    It holds what :func:`to_dict` gives, and for each node its dtype, whether it requires a gradient, and whether
    ``gradients(create_graph=True)`` recorded it; an op has the name of its record. Numbers keep every bit; nan and the
    infinities, which JSON lacks, are texts. Arrays of other libraries are written as numbers too, without their place:
    the loaded graph is on NumPy's. If the data of a leaf were changed after an op on it was recorded, each
    node also has its rank in the order of changes and recordings, so that a backward pass through the loaded graph
    raises as one through this graph does.

    Parameters
    ----------
    y : node or sequence of node
        The graph: everything that `y` depends on.

    Returns
    -------
    str
        A text with a line for each node and each edge; the same text for the same graph.

    Raises
    ------
    TypeError
        If `y` is no node.
    ValueError
        If a primitive of your own has the name of another op of the graph.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import from_json, replay, to_json, toposort
    >>> x = Value(3.0, "x")
    >>> y = from_json(to_json(x * x))
    >>> y.backward()
    >>> leaf = toposort(y)[0]
    >>> y, leaf
    (Value(9.0, op='×', grad=1.0), Value(3.0, label='x', grad=6.0))
    >>> replay(y, {leaf: 5.0})
    25.0
    """
    nodes = node_list("to_json", y)
    order = toposort(nodes)
    graph = to_dict(y)
    used = {node.op for node in order if node.op is not None}
    for op in used:
        if not getattr(op, "named", True):
            raise ValueError(
                f"to_json: {op.name} was called with what JSON does not hold, as a function or a list; pickle the graph"
            )
    own = sorted(op.__name__ for op in used.difference({*table(), stated}))
    if len({op.__name__ for op in used}) < len(used):
        raise ValueError(f"to_json: ops are found by name, and two of this graph share one of {', '.join(own)}")
    ids = {node: i for i, node in enumerate(order)}
    small_stamps = _small_stamps(order)
    outputs = ids[y] if isinstance(y, Node) else [ids[node] for node in nodes]
    for node, entry in zip(order, graph["nodes"], strict=True):
        data, grad = fetched(node._data), fetched(node._grad)
        entry["dtype"] = data.dtype.name if isinstance(data, np.ndarray) else type(data).__name__
        entry["data"], entry["grad"] = _finite_or_text(data, entry["data"]), _finite_or_text(grad, entry["grad"])
        entry["op"] = None if node.op is None else node.op.__name__
        entry["params"] = {k: _encoded_param(v) for k, v in entry["params"].items()}
        entry["requires_grad"] = node.requires_grad
        if is_derivative(node):
            entry["derivative"] = convention_of(node)
        if small_stamps:
            entry["stamp"] = small_stamps[node._version]
    head = {"format": FORMAT, "version": VERSION, "outputs": outputs, "primitives": own}
    encode = json.JSONEncoder(allow_nan=False).encode
    parts = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in head.items()]
    for name, entries in graph.items():
        lines = ",\n".join(map(encode, entries))
        parts.append(f'"{name}": [\n{lines}\n]' if entries else f'"{name}": []')
    return "{" + ",\n".join(parts) + "}\n"


def _small_stamps(order: Sequence[Node]) -> dict[int, int]:
    """The stamps of a graph as small numbers in the same order; empty where no leaf was changed since it was used."""
    if not any(parent._version > node._version for node in order for parent in node.parents):
        return {}
    return {stamp: i for i, stamp in enumerate(sorted({node._version for node in order}))}


def _finite_or_text(data: Json, lists: Json) -> Json:
    """Write the numbers that are not finite as texts, for JSON lacks them."""
    if isinstance(data, float):
        return data if isfinite(data) else str(float(data))
    if not isinstance(data, np.ndarray) or data.dtype.kind != "f" or np.isfinite(data).all():
        return lists
    cells = data.astype(object)
    for where in map(tuple, np.argwhere(~np.isfinite(data))):
        cells[where] = str(float(data[where]))
    return cells.tolist()


def _encoded_param(value: Json) -> Json:
    """Write the floats of a static argument that JSON lacks as texts."""
    if isinstance(value, list):
        return [_encoded_param(v) for v in value]
    return {"float": str(value)} if isinstance(value, float) and not isfinite(value) else value


def from_json(text: str, primitives: Sequence[Op[...]] = ()) -> Json:
    """Read the graph that :func:`to_json` wrote: it differentiates again, and :func:`autograd.graph.replay` runs it.

    Reading runs no op and no code from the text; anything inconsistent in it is an error.

    Parameters
    ----------
    text : str
        The JSON text.
    primitives : sequence of op
        Your own primitives that the graph uses. Their names identify them, as those of the op table.

    Returns
    -------
    node or list of node
        The outputs, as :func:`to_json` was called with them. :func:`autograd.graph.toposort` finds the leaves.

    Raises
    ------
    TypeError
        If `text` is no text.
    ValueError
        If the text is cut off or holds no graph, or uses a primitive that you did not pass; it says where and why.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.graph import from_json, to_json
    >>> from_json(to_json([Tensor([1.0, 2.0]) * 3]))
    [Tensor([3., 6.], op='×')]
    """
    if not isinstance(text, (str, bytes)):
        raise TypeError(f"from_json: pass the text that to_json gave, not {type(text).__name__}")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"from_json: this is no JSON, or is cut off: {error}") from None
    try:
        return _graph(document, primitives)
    except (_InvalidGraphError, RecursionError) as error:
        raise ValueError(f"from_json: {error}") from None


class _InvalidGraphError(Exception):
    """Something in a document is inconsistent."""


def _graph(document: Json, primitives: Sequence[Op[...]]) -> Json:
    if _required_entry(document, "format", str) != FORMAT or _required_entry(document, "version", int) != VERSION:
        raise _InvalidGraphError(f"this is no graph that to_json wrote (format {FORMAT!r}, version {VERSION})")
    ops = {op.__name__: op for op in (*table(), stated)}
    ops |= {old: ops[new] for old, new in _RENAMED.items()} | {op.__name__: op for op in primitives}
    own = {op.__name__ for op in primitives}
    for name in _required_entry(document, "primitives", list):
        if not isinstance(name, str):
            raise _InvalidGraphError(f"a primitive has a text for its name, not {type(name).__name__}")
        if name in _OUTSIDE_TABLE and name not in own:
            ops[name] = getattr(import_module("autograd.scipy.special"), name)
        elif name not in own:
            raise _InvalidGraphError(
                f"the graph uses a primitive {name!r} of its maker's: pass it with primitives=[{name}]"
            )
    entries = _required_entry(document, "nodes", list)
    sources: list[dict[int, int]] = [{} for _ in entries]
    for k, edge in enumerate(_required_entry(document, "edges", list)):
        start, end, slot = (_required_entry(edge, key, int, f"edge {k}") for key in ("from", "to", "slot"))
        if not 0 <= start < end < len(entries) or slot in sources[end]:
            raise _InvalidGraphError(f"edge {k} leads from node {start} to slot {slot} of node {end}, which cannot be")
        sources[end][slot] = start
    nodes: list[Node] = []
    now = versions.latest
    for k, (entry, slots) in enumerate(zip(entries, sources, strict=True)):
        if _required_entry(entry, "id", int, f"node {k}") != k or sorted(slots) != list(range(len(slots))):
            raise _InvalidGraphError(f"node {k} is out of place, or a slot of it has no edge")
        try:
            stamp = _required_entry({"stamp": 0} | entry, "stamp", int)
            if not 0 <= stamp < len(entries):
                raise _InvalidGraphError(f"the stamp {stamp} is not one of {len(entries)}")
            nodes.append(_node(entry, tuple(nodes[slots[i]] for i in range(len(slots))), ops, now + stamp))
        except (_InvalidGraphError, TypeError, ValueError, OverflowError) as error:
            raise _InvalidGraphError(f"node {k}: {error}") from None
    outputs = document.get("outputs")
    indices = outputs if isinstance(outputs, list) else [outputs]
    if not all(type(i) is int and 0 <= i < len(nodes) for i in indices):
        raise _InvalidGraphError(f"the outputs {outputs} are no nodes of the graph")
    return [nodes[i] for i in indices] if isinstance(outputs, list) else nodes[indices[0]]


def _node(entry: Mapping[str, Json], parents: tuple[Node, ...], ops: Mapping[str, Op[...]], stamp: int) -> Node:
    name, label = entry.get("op"), entry.get("label")
    if name is not None and (not isinstance(name, str) or name not in ops):
        raise _InvalidGraphError(f"there is no op {name!r} in the op table")
    op = None if name is None else ops[name]
    if label is not None and not isinstance(label, str):
        raise _InvalidGraphError(f"the label {label!r} is no text")
    shape = _required_entry(entry, "shape", list)
    if not all(type(n) is int and n >= 0 for n in shape) or len(shape) > 64:
        raise _InvalidGraphError(f"the shape {shape} is none")
    data = _data(entry.get("data"), tuple(shape), entry.get("dtype"), _required_entry(entry, "kind", str))
    grad = entry.get("grad")
    if grad is not None:
        grad = _data(grad, tuple(shape), entry["dtype"], entry["kind"])
    requires_grad = _required_entry(entry, "requires_grad", bool)
    version = stamp
    if "derivative" in entry:
        version = DerivativeVersion(stamp)
        version.convention = _required_entry(entry, "derivative", str)
    params = {k: _decoded_param(v) for k, v in _required_entry(entry, "params", dict).items()}
    if op is not None:
        _check_call(op, parents, params, tuple(shape))
    elif parents or params:
        raise _InvalidGraphError("a leaf has neither parents nor static arguments")
    if requires_grad and (np.asarray(data).dtype.kind != "f" or not (op is None or op.differentiable)):
        raise _InvalidGraphError("only floats, and only results of differentiable ops, require a gradient")
    return rebuilt((NODE_CLASSES[type(data)], data, grad, op, params, label, requires_grad, version), parents)


def _check_call(op: Op[...], parents: tuple[Node, ...], params: Params, shape: tuple[int, ...]) -> None:
    """Raise unless an op takes these arguments and, as far as that is known without running it, gives this shape."""
    few = len(parents) < op.arity - 1 if op.variadic else len(parents) != op.arity
    if few or params.keys() != op.params.keys():
        raise _InvalidGraphError(f"{op.name} takes {op.__signature__}, not {len(parents)} nodes and {list(params)}")
    for k, v in params.items():
        static(op, k, v)
    wrong = misfit(op, params, [p.shape for p in parents], shape) if any(op is known for known in table()) else ""
    if wrong:
        raise _InvalidGraphError(wrong)
    if op.elementwise and np.broadcast_shapes(*(p.shape for p in parents)) != shape:
        raise _InvalidGraphError(
            f"{op.name} of shapes {', '.join(str(p.shape) for p in parents)} has not the shape {shape}"
        )


def _data(value: Json, shape: tuple[int, ...], dtype: Json, kind: str) -> Json:
    """Make data of a dtype and a shape of a number, or of nested lists of numbers."""
    if kind == "Value" and dtype in _SCALARS and shape == ():
        return _number(value, _SCALARS[dtype])
    if kind != "Tensor" or dtype not in _DTYPES:
        raise _InvalidGraphError(f"a {kind} does not hold data of dtype {dtype!r} and shape {shape}")
    cells = np.array(value, object)
    flat = cells.reshape(-1)
    number: Json = float if dtype.startswith("float") else bool if dtype == "bool" else int
    with np.errstate(over="ignore"):
        array = np.array([_number(v, number) for v in flat], dtype)
    if cells.shape != (shape[: shape.index(0) + 1] if 0 in shape else shape):  # lists end at a length of 0
        raise _InvalidGraphError(f"the data have shape {cells.shape}, not {shape}")
    return array.reshape(shape)


def _number(value: Json, kind: Json) -> Json:
    if kind is float and type(value) is str and value in _NOT_FINITE:
        return _NOT_FINITE[value]
    if type(value) is kind or (kind is float and type(value) is int):
        return kind(value)
    raise _InvalidGraphError(f"{value!r} stands where a number ({kind.__name__}) is needed")


def _decoded_param(value: Json) -> Json:
    if isinstance(value, list):
        return tuple(map(_decoded_param, value))
    if isinstance(value, dict):
        if value.keys() != {"float"} or value["float"] not in _NOT_FINITE:
            raise _InvalidGraphError(f"{value!r} is no static argument")
        return _NOT_FINITE[value["float"]]
    return value


def _required_entry(mapping: Json, key: str, kind: type, where: str = "the document") -> Json:
    """Return an entry of a JSON object; raise unless it is there and of a type."""
    if not isinstance(mapping, dict) or type(mapping.get(key)) is not kind:
        raise _InvalidGraphError(f"{where} has no {key!r} that is a {kind.__name__}")
    return mapping[key]
