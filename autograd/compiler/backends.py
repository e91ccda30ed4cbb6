"""Back ends: the code for a recorded graph, chosen by what it calculates with."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from autograd.compiler.code import Code
from autograd.compiler.levels import levels_code
from autograd.compiler.lowering import lower
from autograd.compiler.machine import machine_code
from autograd.compiler.naming import live
from autograd.compiler.numpy_source import numpy_code
from autograd.compiler.python_source import python_code
from autograd.engine.node import Node, toposort
from autograd.typing import X

__all__ = ["Code", "code_of"]


MANY = 1000  # nodes from which on other back ends than Python pay, which have costs of their own to begin with
WIDE = 20.0  # nodes that one array call must serve, to take less than so many lines of Python
_ALL = ("levels", "machine", "numpy", "python")


def code_of(
    recording: X, outputs: Sequence[Node], *, name: str = "run", marked: bool = False, backend: str | None = None
) -> Code:
    """The code that calculates recorded nodes, from the data of a recording's inputs and captured nodes.

    It serves packages built on autograd, as nn is.

    Parameters
    ----------
    recording : Recording
        Which nodes are inputs, and which were made before.
    outputs : sequence of node
        What it calculates.
    name : str
        The name of the function in the text.
    marked : bool
        Whether backward passes keep structural zeros with marks.
    backend : {"levels", "machine", "numpy", "python"}, optional
        What is to run it; by default what suits the graph.

    Raises
    ------
    ValueError
        If the back end that is asked for does not exist, or cannot calculate the graph.
    """
    code = None
    if backend is None:
        if not marked and len(toposort(outputs)) > MANY:
            code = machine_code(recording, outputs) or levels_code(recording, outputs, WIDE)
    elif backend == "levels":
        code = levels_code(recording, outputs)
    elif backend == "machine":
        code = machine_code(recording, outputs)
    elif backend not in _ALL:
        raise ValueError(f"there is no back end {backend!r}; take one of {', '.join(_ALL)}")
    if code is not None:
        return code
    _, inputs, captured, results = lower(recording, outputs, marked)
    order = live(results)
    reached = set(order)
    captured = [(node, v) for node, v in captured if v in reached]
    on_numbers = all(v.is_number for v in order)
    if backend in ("levels", "machine") or (backend == "python" and not on_numbers):
        raise ValueError(_refused(backend, on_numbers))
    write = python_code if on_numbers and backend != "numpy" else numpy_code
    code = write(results, [*inputs, *(v for _, v in captured)], name=name)
    for v in order:
        if not v.is_constant:
            v.data = None  # the traced numbers have served
    return code._replace(captured=[node for node, _ in captured])


def _refused(backend: str, on_numbers: bool) -> str:
    if not on_numbers:
        return f"the back end {backend!r} calculates with numbers only, and this graph has arrays"
    if backend == "machine" and not find_spec("numba"):
        return "the back end 'machine' needs numba: pip install 'graphgrad[numba]'"
    return f"the back end {backend!r} has no code for one of the ops of this graph"
