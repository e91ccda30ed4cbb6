"""What an ONNX file calculates: the calls of operators in it, and its constants."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from nn._types import Array, Function, X
from nn.optional import require

__all__ = ["TAKES", "Attributes", "Calculation", "Call", "calculation", "dtype_of", "shortest"]

Attributes: TypeAlias = Mapping[str, X]

TAKES = "from_onnx takes a chain of Gemm or MatMul and Add with constant weights, and of activations"


# What constants are, and what is done to them: an exporter may share weights, or transpose them.
_MOVES: Mapping[str, Function] = {
    "Identity": lambda a, x: x,
    "Reshape": lambda a, x, shape: x.reshape([n or x.shape[k] for k, n in enumerate(shape)]),
    "Transpose": lambda a, x: x.transpose(a.get("perm")),
}


_GIVEN: Mapping[str, Function] = {
    "value": lambda tensor: require("onnx").numpy_helper.to_array(tensor),
    **dict.fromkeys(("value_float", "value_floats"), lambda x: np.asarray(x, np.float32)),
    **dict.fromkeys(("value_int", "value_ints"), lambda x: np.asarray(x, np.int64)),
}  # fmt: skip


class Call(NamedTuple):
    """A call of an operator: names of inputs, or arrays of constants; None for one that is left out."""

    kind: str
    inputs: Sequence[str | Array | None]
    attributes: Attributes
    output: str
    name: str

    def refusal(self, why: str = "") -> ValueError:
        """The error that names it."""
        why = f": {why}" if why else ""
        return ValueError(f"from_onnx: {self.kind}{f' {self.name!r}' if self.name else ''} is not read{why}. {TAKES}")


class Calculation(NamedTuple):
    """What a file calculates: the calls in order, but those of constants; its only input, and its only output."""

    calls: list[Call]
    input: str
    dtype: np.dtype[np.generic]
    rank: int
    output: str


def calculation(model: X) -> Calculation:
    """What a model of the library's class calculates."""
    onnx = require("onnx")
    own = model.graph
    constants: dict[str, Array] = {t.name: onnx.numpy_helper.to_array(t) for t in own.initializer}
    inputs = [v for v in own.input if v.name not in constants]
    if len(inputs) != 1 or len(own.output) != 1:
        raise ValueError(f"from_onnx: there are {len(inputs)} inputs and {len(own.output)} outputs. {TAKES}")
    calls = []
    made = {inputs[0].name: 0}  # what is calculated, numbered
    for node in own.node:
        attributes = {a.name: _plain(onnx.helper.get_attribute_value(a)) for a in node.attribute}
        given, *_ = *attributes, ""
        if node.op_type == "Constant" and given in _GIVEN:
            constants[node.output[0]] = _GIVEN[given](attributes[given])
        elif node.op_type in _MOVES and all(name in constants for name in node.input):
            move = _MOVES[node.op_type]
            constants[node.output[0]] = move(attributes, *(constants[name] for name in node.input))
        else:
            kind = node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}.{node.op_type}"
            operands = [constants.get(name, name or None) for name in node.input]
            if kind in ("Add", "Mul"):  # of which the order is any
                operands.sort(key=lambda x: made.get(x, 0) if isinstance(x, str) else math.inf)
            made.update(dict.fromkeys(node.output, len(made)))
            calls.append(Call(kind, operands, attributes, node.output[0] if node.output else "", node.name))
    of = inputs[0].type.tensor_type
    if of.elem_type not in (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE):
        kind = onnx.TensorProto.DataType.Name(of.elem_type)
        raise ValueError(f"from_onnx: the input is {kind}; nets calculate in FLOAT and DOUBLE")
    return Calculation(calls, inputs[0].name, dtype_of(of.elem_type), len(of.shape.dim), own.output[0].name)


def dtype_of(number: int) -> np.dtype[np.generic]:
    """The dtype that has a number in the library."""
    dtype: np.dtype[np.generic] = np.dtype(require("onnx").helper.tensor_dtype_to_np_dtype(number))
    return dtype


def _plain(value: X) -> X:
    """An attribute: a text, not its bytes; a float32, as all are, as the shortest number that it stands for."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return shortest(np.float32(value)) if isinstance(value, float) else value


def shortest(x: X) -> X:
    """The shortest number that an element of an array stands for."""
    return float(str(x)) if isinstance(x, np.floating) else x.item()
