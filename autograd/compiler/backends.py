"""Back ends: the code for a recorded graph, chosen by what it calculates with."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.compiler.code import Code
from autograd.compiler.lowering import lower
from autograd.compiler.naming import live
from autograd.compiler.numpy_source import numpy_code
from autograd.compiler.python_source import python_code
from autograd.engine.node import Node
from autograd.typing import X

__all__ = ["Code", "code_of"]


def code_of(recording: X, outputs: Sequence[Node], *, name: str = "run", marked: bool = False) -> Code:
    """The code that calculates recorded nodes, from the data of a recording's inputs and captured nodes.

    Parameters
    ----------
    recording : Recording or Recorded
        Which nodes are inputs, and which were made before.
    outputs : sequence of Node
        What it calculates.
    name : str
        The name of the function in the text.
    marked : bool
        Whether backward passes keep structural zeros with marks.
    """
    _, inputs, captured, results = lower(recording, outputs, marked)
    order = live(results)
    reached = set(order)
    captured = [(node, v) for node, v in captured if v in reached]
    write = python_code if all(v.is_number for v in order) else numpy_code
    code = write(results, [*inputs, *(v for _, v in captured)], name=name)
    for v in order:
        if not v.is_constant:
            v.data = None  # the traced numbers have served
    return code._replace(captured=[node for node, _ in captured])
