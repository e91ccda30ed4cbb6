"""Static arguments of ops as the short texts that pictures show; the graph's words with them."""

from __future__ import annotations

from typing import Any

from autograd.graph.words import columns, elided, line, name, number, numbers, printable, rows, shape
from autograd.node import Node

__all__ = ["call", "columns", "elided", "line", "name", "number", "numbers", "rows", "shape"]

PARAM_COLUMNS = 20


def call(node: Node) -> tuple[str, str]:
    """What stands on the disc of the op that made a node: its sign, and its static arguments.

    Only arguments that differ from their defaults are told. A number that belongs to an elementwise op stands right
    behind its sign, and an index inside it.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor([[1.0, 2.0]])
    >>> call(x**2), call(x.sum(axis=0)), call(x[0, :1])
    (('**2', ''), ('Σ', 'axis=0'), ('[0, :1]', ''))
    """
    op = node.op
    if op is None:
        raise ValueError("a leaf was made by no op")
    symbol = " ".join(op.symbol.split()) or op.name
    told = {k: v for k, v in node.params.items() if k not in op.params or op.params[k] != v}
    if not told:
        return symbol, ""
    texts = [_index(v) if k == "key" else _static(v) for k, v in told.items()]
    only = elided(texts[0], PARAM_COLUMNS)
    if len(told) == 1 and "·" in symbol:
        return symbol.replace("·", only), ""
    if len(told) == 1 and op.elementwise:
        return symbol + only, ""
    if len(told) == 1 and isinstance(next(iter(told.values())), tuple):
        return symbol, only  # a shape or an index: recognised without its name
    parts = [k if v is True else f"{k}={text}" for (k, v), text in zip(told.items(), texts, strict=True)]
    return symbol, elided(", ".join(parts), PARAM_COLUMNS)


def _static(value: Any) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_static, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, (int, float)):
        return number(value, 4)
    return "".join(map(printable, str(value)))


def _index(key: Any) -> str:
    return ", ".join(map(_index_part, key)) if isinstance(key, tuple) else _static(key)


def _index_part(part: Any) -> str:
    if isinstance(part, tuple) and len(part) == 4 and part[0] == "slice":
        start, stop, step = ("" if s is None else number(s, 4) for s in part[1:])
        return f"{start}:{stop}" + (f":{step}" if step else "")
    return "·" if part == "array" else _static(part)
