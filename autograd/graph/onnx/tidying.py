"""An ONNX graph as one writes it by hand: what is the same stands there once, and a bias in its convolution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from autograd.graph.onnx.writer import Call, Graph
from autograd.typing import X

__all__ = ["tidied"]


def tidied(graph: Graph) -> Graph:
    """The graph without what equals another call or constant, or is not read; equal weights stay apart."""
    first: dict[X, tuple[str, ...]] = {}  # the names of each call and constant
    new: dict[str, str] = {}
    for name, a in graph.constants.items():
        if name not in graph.weights:
            new[name] = first.setdefault((a.dtype, a.shape, a.tobytes()), (name,))[0]
    calls = []
    for call in graph.calls:
        call = call._replace(inputs=tuple(new.get(name, name) for name in call.inputs))
        key = call.kind, call.inputs, str(sorted(call.attributes.items())), len(call.outputs)
        same = first.setdefault(key, call.outputs)
        if graph.outputs.keys().isdisjoint(call.outputs):
            new |= zip(call.outputs, same, strict=True)
        calls.append(call)
    calls = _read(_with_biases(graph, _read(calls, graph)), graph)
    read = {name for call in calls for name in call.inputs}
    return replace(graph, calls=calls, constants={k: a for k, a in graph.constants.items() if k in read})


def _read(calls: Sequence[Call], graph: Graph) -> list[Call]:
    """The calls of which something is read."""
    names, found = set(graph.outputs), []
    for call in reversed(calls):
        if not names.isdisjoint(call.outputs):
            names.update(call.inputs)
            found.append(call)
    return found[::-1]


def _with_biases(graph: Graph, calls: Sequence[Call]) -> list[Call]:
    """The calls, where a number for each channel is added to nothing but a convolution in a call of that."""
    made = {name: call for call in calls for name in call.outputs}
    times = Counter(name for call in calls for name in call.inputs) + Counter(graph.outputs.keys())
    shapes: dict[str, tuple[int | str, ...]] = {name: shape for name, (_, shape) in graph.inputs.items()}
    shapes |= graph.shapes | {name: a.shape for name, a in graph.constants.items()}

    def joint(add: Call) -> Call:
        for x, y in (add.inputs, add.inputs[::-1]) if add.kind == "Add" else ():
            conv, bias = made.get(x), made.get(y)
            if conv is None or bias is None or times[x] > 1:
                continue
            if conv.kind in ("Conv", "ConvTranspose") and len(conv.inputs) == 2 and bias.kind == "Reshape":
                _, channels, *lengths = shapes[x]
                of = bias.inputs[0]
                if shapes.get(of) == (channels,) and shapes[y] == (channels, *[1] * len(lengths)):
                    return conv._replace(inputs=(*conv.inputs, of), outputs=add.outputs)
        return add

    return [joint(call) for call in calls]
