"""Nets as ONNX files, and back: ``nn.to_onnx`` and ``nn.from_onnx``."""
