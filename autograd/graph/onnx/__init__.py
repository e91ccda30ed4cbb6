"""A recorded graph as an ONNX model: the op table's formulas, run on variables of an ONNX graph."""
