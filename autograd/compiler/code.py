"""``Code``: a program as text and as a function."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import NamedTuple

from autograd.engine.node import Node
from autograd.engine.templates import compiled
from autograd.typing import Function, Params, X

__all__ = ["Code", "compiled_text"]


class Code(NamedTuple):
    """A program as text and as a function.

    It serves packages built on autograd, as nn is.

    Attributes
    ----------
    text : str
        The program as Python; what runs is what one reads.
    make : callable
        Makes a workspace, with buffers of its own: a function of the inputs' and then the captured nodes' data, which
        gives a tuple with the data of each output.
    captured : list of node
        The nodes whose data it takes, after the inputs.
    backend : str
        "python", "numpy", "levels" or "machine".
    instructions : int
        How many lines or calls it has.
    bytes : int
        Memory of a workspace's buffers.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd.compiler import Program, numpy_code
    >>> program = Program()
    >>> x = program.input(np.ones(3), "x")
    >>> code = numpy_code([program.exp(x) * 2.0], [x])
    >>> code.backend, code.instructions, code.bytes
    ('numpy', 2, 24)
    >>> run = code.make()
    >>> run(np.zeros(3))
    (array([2., 2., 2.]),)
    """

    text: str
    make: Callable[[], Function]
    captured: list[Node]
    backend: str
    instructions: int
    bytes: int


_numbers = count(1)


def compiled_text(name: str, text: str, scope: Params) -> X:
    """The function of that name in a text of ours, which debuggers and tracebacks show."""
    return compiled(name, text + "\n", f"program {next(_numbers)}", dict(scope))
