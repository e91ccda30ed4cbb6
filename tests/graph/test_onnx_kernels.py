"""For which dtypes onnxruntime calculates the operators that are written: the list is asked of onnxruntime."""

import numpy as np
import pytest

from autograd.graph.onnx.export import model_of
from autograd.graph.onnx.writer import KERNELS, Call, Graph

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")
DTYPES = [np.dtype(d) for d in ("?", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")]
ONE, TWO = ((2, 3),), ((3, 3), (3, 3))
AXIS = np.array([0])
# For each operator the operands to try it on: shapes of those in the dtype that is asked for, and arrays.
OPERANDS = {
    **dict.fromkeys(
        "Abs Acos Acosh ArgMax ArgMin Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Exp Floor Identity IsInf IsNaN Log "
        "LogSoftmax Neg NonZero Relu Round Sigmoid Sign Sin Sinh Softmax Softplus Sqrt Tan Tanh Transpose Trilu Unique"
        .split(), ONE,
    ),
    **dict.fromkeys("Add Concat Div Einsum Equal Greater GreaterOrEqual Less LessOrEqual MatMul Max Min".split(), TWO),
    **dict.fromkeys("Mod Mul Pow Sub".split(), TWO),
    **dict.fromkeys("ReduceL2 ReduceLogSumExp ReduceMax ReduceMean ReduceMin".split(), (*ONE, AXIS)),
    **dict.fromkeys("ReduceProd ReduceSum".split(), (*ONE, AXIS)),
    **dict.fromkeys(("AveragePool", "MaxPool"), ((2, 3, 5),)),
    **dict.fromkeys(("Squeeze", "Unsqueeze"), ((1, 3), AXIS)),
    "Compress": (*ONE, np.array([True, False])), "Conv": ((2, 3, 5), (2, 3, 2)),
    "ConvTranspose": ((2, 2, 4), (2, 3, 2)), "CumSum": (*ONE, np.array(0)), "Det": ((3, 3),),
    "Expand": (*ONE, np.array([4, 2, 3])), "Gather": (*ONE, AXIS), "GatherElements": (*ONE, np.array([[0, 1, 0]])),
    "GatherND": (*ONE, np.array([[0, 1]])), "Gemm": ((2, 3), (4, 3), (4,)), "LayerNormalization": ((2, 3), (3,)),
    "Pad": (*ONE, np.array([0, 1, 0, 1])), "Reshape": (*ONE, np.array([3, 2])), "ScatterElements": ((4,), AXIS, (1,)),
    "Slice": (*ONE, AXIS, AXIS + 1, AXIS, AXIS + 1), "Tile": (*ONE, np.array([1, 2])), "TopK": (*ONE, AXIS + 2),
    "Where": (np.array([True, False, True]), *ONE, *ONE),
}  # fmt: skip
ATTRIBUTES = {
    "ArgMax": {"axis": 0}, "AveragePool": {"kernel_shape": [2]}, "Concat": {"axis": 0}, "Compress": {"axis": 0},
    "Einsum": {"equation": "ij,jk->ik"}, "GatherElements": {"axis": 0}, "Gemm": {"transB": 1},
    "MaxPool": {"kernel_shape": [2]}, "Mod": {"fmod": 1}, "ScatterElements": {"axis": 0, "reduction": "add"},
}  # fmt: skip
SEVERAL = {"TopK": ("v", "y"), "Unique": ("y", "v", "w", "u")}


def calculates(kind, dtype, operands, attributes):
    """Whether onnxruntime calculates an operator for a dtype."""
    graph = Graph()
    names = [f"x{i}" for i in range(len(operands))]
    for name, x in zip(names, operands, strict=True):
        if isinstance(x, tuple):
            graph.inputs[name] = (dtype, x)
        else:
            graph.constants[name] = x
    graph.calls.append(Call(kind, tuple(names), SEVERAL.get(kind, ("y",)), attributes, None))
    try:
        model = model_of(graph)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except Exception:
        return False
    return True


@pytest.mark.parametrize("kind", sorted(OPERANDS))
def test_onnxruntime_calculates_an_operator_for_the_dtypes_that_it_is_written_for(kind):
    names = {f"{d.kind}{d.itemsize}": d for d in DTYPES}
    written = KERNELS.get(kind, names)
    assert [d for d in written if not calculates(kind, names[d], OPERANDS[kind], ATTRIBUTES.get(kind, {}))] == []


def test_every_operator_that_is_written_has_been_asked_for():
    assert KERNELS.keys() <= OPERANDS.keys()
