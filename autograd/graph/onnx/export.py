"""``to_onnx``: a recorded graph as an ONNX model, which onnxruntime and others run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from autograd.engine.libraries import fetched, numpy_dtype
from autograd.engine.node import Node, toposort
from autograd.graph.arguments import node_list
from autograd.graph.naming import find_names
from autograd.graph.onnx.batch import batched
from autograd.graph.onnx.functions import FUNCTIONS
from autograd.graph.onnx.table import LACKING, WHOLE
from autograd.graph.onnx.tidying import tidied
from autograd.graph.onnx.writer import Call, Graph, Variable, Writer, refusal
from autograd.messages import describe
from autograd.tracebacks import entrances

__all__ = ["OPSET", "graph_of", "model_of", "to_onnx"]

OPSET, IR_VERSION = 18, 8


def to_onnx(
    outputs: Node | Sequence[Node],
    inputs: Node | Sequence[Node],
    path: str | os.PathLike[str] | None = None,
    *,
    names: object = None,
    again: Sequence[tuple[Sequence[Node], Sequence[Node]]] = (),
) -> Any:
    """Write a recorded graph as an ONNX model: what `outputs` are as a function of `inputs`.

    Each op is written in ONNX's operators (opset 18) as its formula in the op table says, or as the one operator that
    is the op. What depends on no input is calculated now and becomes a constant; a leaf with a name keeps it. Lengths
    are those of the recording, but where it is passed `again`, of a batch of another size: what grows with the batch
    then is taken from an input's shape, and the axis is called ``N``. A length that values decide, as of ``x[x > 0]``,
    is free; what would read it is refused.

    onnxruntime gives what is recorded up to 1e-6 of the largest number in float32, at inf and nan too; but ``MaxPool``
    passes over a nan and over −∞, and ``unique`` counts each nan as a number of its own.

    Parameters
    ----------
    outputs, inputs : node or sequence of node
        The results, and what they are functions of. An input is called by its label or ``x``, ``x0``, ``x1``, ...; an
        output by its label or ``y``, ...
    path : path, optional
        A file to write.
    names : mapping or Module, optional
        Where leaves find a name, as in :func:`autograd.graph.explain`; it goes before a label.
    again : sequence of pair of sequence, optional
        The outputs and inputs of the same calculation for other numbers of samples: for one, or better two.

    Returns
    -------
    ModelProto
        The model, checked by ONNX.

    Raises
    ------
    ImportError
        Without the library onnx.
    TypeError
        If `outputs` or `inputs` are no nodes.
    ValueError
        If an input is not in the graph, or an op has no counterpart in ONNX, or none that onnxruntime calculates in
        the dtype that it has here; if the calculation for another number of samples differs in more than lengths.

    Examples
    --------
    >>> from autograd import Tensor, graph, tanh
    >>> x = Tensor([[1.0, 2.0]], label="x")
    >>> model = graph.to_onnx(tanh(x) * 2, x)
    >>> [node.op_type for node in model.graph.node]
    ['Tanh', 'Mul']
    """
    graph = graph_of(node_list("to_onnx", outputs), node_list("to_onnx", inputs, "inputs"), names)
    if again:
        others = [
            graph_of(node_list("to_onnx", results), node_list("to_onnx", batch, "inputs"), names)
            for results, batch in again
        ]
        graph = batched([graph, *others])
    model = model_of(tidied(graph))
    if path is not None:
        import_module("onnx").save(model, os.fspath(path))
    return model


def graph_of(outputs: Sequence[Node], inputs: Sequence[Node], names: object = None) -> Graph:
    """The graph as calls of ONNX's operators."""
    if not outputs:
        raise refusal("there are no outputs")
    order = toposort(outputs)
    inputs = list(dict.fromkeys(inputs))
    known = find_names(names)
    called = {n: _called(n, known.names.get(n, ""), names is None) for n in (*order, *inputs)}
    reached, given = set(order), set(inputs)
    for x in inputs:
        if x not in reached:
            raise refusal(f"{describe(x)} is an input, but the outputs do not depend on it")
    name_of = _names(inputs, called, "x", set())
    name_of |= _names(
        [n for n in order if n.op is None and n not in name_of and called[n]], called, "", set(name_of.values())
    )
    results = _names(list(dict.fromkeys(outputs)), called, "y", set(name_of.values()))
    xp = Writer(FUNCTIONS, {*name_of.values(), *results.values()})
    xp.graph.inputs = {name_of[x]: (numpy_dtype(x.data), x.shape) for x in inputs}
    found: dict[Node, Variable] = {}
    for node in order:
        if node in name_of:
            found[node] = Variable(xp, fetched(node.data), name_of[node])
            if node not in given:
                xp.graph.constants[name_of[node]] = found[node].data
                xp.graph.weights.add(name_of[node])
        elif node.op is None:
            found[node] = Variable(xp, fetched(node.data))
        else:
            found[node] = _written(xp, node, [found[p] for p in node.parents])
    _finish(xp.graph, xp, [(name, found[y]) for y, name in results.items()])
    return xp.graph


def _called(node: Node, name: str, is_labelled: bool) -> str:
    """What a node is called, by its label or by a name that was found for it, as UTF-8 holds it."""
    called = (node.label or name) if is_labelled else (name or node.label or "")
    return called.encode(errors="replace").decode()


def _written(xp: Writer, node: Node, args: Sequence[Variable]) -> Variable:
    """A recorded op, written."""
    op: Any = node.op
    y = np.asarray(fetched(node.data))
    if not any(a.name for a in args):
        return Variable(xp, y)
    xp.node = node
    args = _as_calculated(xp, node, args)
    name = op.__name__
    if name in LACKING:
        raise xp.refusal(LACKING[name])
    if op.opaque:
        raise xp.refusal("it is a function of plain numbers, of which nothing is recorded")
    written = WHOLE[name](xp, y, *args, **node.params) if name in WHOLE else None
    return xp.known(op.forward(xp, *args, **node.params) if written is None else written, y)


def _as_calculated(xp: Writer, node: Node, args: Sequence[Variable]) -> Sequence[Variable]:
    """The operands of an op, numbers in the dtype of the arrays that they met: Python's numbers do not widen it."""
    data = [fetched(p._data) for p in node.parents]
    met = [x.dtype for x in data if isinstance(x, np.ndarray)]
    dtypes = [np.result_type(*met, x) if met else a.dtype for a, x in zip(args, data, strict=True)]
    return [
        a if isinstance(x, np.ndarray) or not np.can_cast(np.min_scalar_type(x), dtype) else xp.cast(a, dtype)
        for a, x, dtype in zip(args, data, dtypes, strict=True)
    ]


def _names(nodes: Sequence[Node], called: Mapping[Node, str], letter: str, taken: set[str]) -> dict[Node, str]:
    """A name of its own for each node: what it is called, or the letter, with a number where there are several."""
    found: dict[Node, str] = {}
    taken = set(taken)
    for i, node in enumerate(nodes):
        name = called[node] or (f"{letter}{i}" if len(nodes) > 1 else letter)
        own, k = name, 1
        while own in taken:
            own, k = f"{name}_{k}", k + 1
        found[node] = own
        taken.add(own)
    return found


def _finish(graph: Graph, xp: Writer, outputs: Sequence[tuple[str, Variable]]) -> None:
    """Give the outputs their names."""
    made = {name for call in graph.calls for name in call.outputs}
    new: dict[str, str] = {}
    for name, v in outputs:
        graph.outputs[name] = v.dtype, _lengths(v, name)
        if v.name in made and v.name not in new:
            new[v.name] = name
        else:  # an input, a constant, or one that has a name as another output
            source = new.get(v.name, v.name or xp.constant(v.data))
            graph.calls.append(Call("Identity", (source,), (name,), {}, None))
    for i, call in enumerate(graph.calls):
        read, made_here = (tuple(new.get(name, name) for name in names) for names in (call.inputs, call.outputs))
        graph.calls[i] = call._replace(inputs=read, outputs=made_here)


def _lengths(v: Variable, name: str) -> tuple[int | str, ...]:
    """The lengths of an output's axes; names for them where values decide."""
    return tuple(f"{name}_{k}" for k in range(v.ndim)) if v.is_sized_by_values else v.shape


def model_of(graph: Graph) -> Any:
    """The graph as an ONNX model, checked."""
    try:
        onnx = import_module("onnx")
    except ImportError:
        raise ImportError("to_onnx needs onnx: pip install 'graphgrad[onnx]'", name="onnx") from None
    helper, kind = onnx.helper, onnx.helper.np_dtype_to_tensor_dtype
    nodes = []
    for i, call in enumerate(graph.calls):
        attributes = {k: kind(v) if isinstance(v, np.dtype) else v for k, v in call.attributes.items()}
        name = f"{call.node.op.name if call.node is not None and call.node.op else call.kind}_{i}"
        nodes.append(helper.make_node(call.kind, call.inputs, call.outputs, name=name, **attributes))
    described = [
        [helper.make_tensor_value_info(name, kind(dtype), shape) for name, (dtype, shape) in group.items()]
        for group in (graph.inputs, graph.outputs)
    ]
    constants = [onnx.numpy_helper.from_array(a, name) for name, a in graph.constants.items()]
    made = helper.make_graph(nodes, "graph", *described, constants)
    model = helper.make_model(
        made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="graphgrad"
    )
    onnx.checker.check_model(model, full_check=True)
    return model


# The function is wrapped in the file that defines it, which is imported when it is first asked for.
entrances(globals(), ["to_onnx"])
