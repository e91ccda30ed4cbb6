"""The short texts that pictures show: those of the graph."""

from autograd.graph.words import call, columns, elided, line, name, number, numbers, rows, shape

__all__ = ["call", "columns", "elided", "line", "name", "number", "numbers", "rows", "shape"]
