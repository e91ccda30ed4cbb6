"""``program``: a graph that is recorded already, as a function of its leaves."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np

from autograd.compiler.backends import code_of
from autograd.compiler.code import Code
from autograd.compiler.lowering import Recorded
from autograd.compiler.requests import GRADIENT, Request
from autograd.engine.backward import seed_of, why_no_gradient
from autograd.engine.contributions import has_nan
from autograd.engine.gradients import gradients
from autograd.engine.hooks import is_hooked
from autograd.engine.node import Node, leaf, toposort
from autograd.graph.arguments import node_list
from autograd.graph.replaying import replay
from autograd.messages import describe
from autograd.namespaces import arrays
from autograd.tracebacks import entrance
from autograd.typing import Data, Function, Tree

__all__ = ["GraphProgram", "program"]


@entrance
def program(outputs: Tree, leaves: Sequence[Node], backend: str | None = None) -> GraphProgram:
    """A recorded graph as a function of some of its leaves, which runs at the machine's speed.

    Of the other leaves, those that require a gradient are read anew at each call; the others are constants. Gradient
    graphs (``create_graph=True``) make programs like any other. The object may be called from several threads.

    Parameters
    ----------
    outputs : node or sequence of node
        What to calculate.
    leaves : sequence of node
        What is replaced at each call.
    backend : {"python", "numpy", "levels", "machine"}, optional
        What is to run it; by default what suits the graph. "levels" and "machine" are for graphs of Values.

    Returns
    -------
    GraphProgram
        Called with a list of values for the leaves, it gives the outputs' values, as :func:`autograd.graph.replay`
        does; and with ``value_and_gradients`` the value of a single scalar output and its gradients by the leaves.
        It can be read: ``source``, ``backend``, ``instructions``.

    Raises
    ------
    TypeError, ValueError
        If a leaf is none, is not in the graph or comes twice; or if the back end cannot calculate the graph.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.compiler import program
    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> y = a * b + b.tanh()
    >>> run = program(y, [a, b])
    >>> run([2.0, 0.0])
    0.0
    >>> run.value_and_gradients([2.0, 0.0])
    (0.0, [0.0, 3.0])
    >>> print(run.source)
    def run(a, b):
        t1 = a * b
        t2 = tanh(b)
        t3 = t1 + t2
        return (t3,)
    """
    reached = set(toposort(node_list("program", outputs)))
    if not isinstance(leaves, (list, tuple)):
        raise TypeError(f"program: give the leaves as a list, not as {type(leaves).__name__}")
    if len({*map(id, leaves)}) < len(leaves):
        raise ValueError("program: a leaf is among the leaves twice")
    for x in leaves:
        if not isinstance(x, Node) or x.op is not None:
            what = describe(x) if isinstance(x, Node) else type(x).__name__
            raise TypeError(f"program: leaves only can get new values, and {what} is none")
        if x not in reached:
            raise ValueError(f"program: {describe(x)} is not in this graph")
    return GraphProgram(outputs, [*leaves], backend)


class GraphProgram:
    """A recorded graph as a function of some of its leaves; :func:`program` makes it.

    Attributes
    ----------
    source : str
        The program as text.
    backend : str
        What runs it: "python", "numpy", "levels" or "machine".
    instructions : int
        How many lines, calls or rows it has.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.compiler import program
    >>> x = Value(3.0, "x")
    >>> run = program(x * x, [x])
    >>> run([4.0]), run.value_and_gradients([4.0])
    (16.0, (16.0, [8.0]))
    >>> print(run.source)
    def run(x):
        t1 = x * x
        return (t1,)
    """

    def __init__(self, outputs: Tree, leaves: Sequence[Node], backend: str | None) -> None:
        self._outputs = outputs
        self._leaves = leaves
        self._nodes = node_list("program", outputs)
        own = set(leaves)
        self._captured = {x for x in toposort(self._nodes) if x.op is None and x.requires_grad and x not in own}
        self._backend = backend
        self._code = self._code_of(leaves, self._nodes)
        self._run = _Workspaces(self._code)
        self._run_with_gradients: _Workspaces | None = None
        self._on_floats = all(type(x._data) is float for x in leaves)

    @property
    def source(self) -> str:
        """The program as text."""
        return self._code.text

    @property
    def backend(self) -> str:
        """What runs it."""
        return self._code.backend

    @property
    def instructions(self) -> int:
        """How many lines, calls or rows it has."""
        return self._code.instructions

    def __repr__(self) -> str:
        return f"<program of {len(self._leaves)} leaves: {self.instructions} instructions, {self.backend}>"

    def __reduce__(self) -> Tree:
        return program, (self._outputs, self._leaves, self._backend)  # code is made, not carried

    @entrance
    def __call__(self, values: Sequence[Data]) -> Data:
        """The values of the outputs for new values of the leaves, in their order.

        Returns
        -------
        float or array, or a list of them for a sequence of outputs
            As :func:`autograd.graph.replay` gives them.
        """
        results = self._run(self._checked(values))
        return results[0] if isinstance(self._outputs, Node) else [*results]

    @entrance
    def value_and_gradients(self, values: Sequence[Data]) -> tuple[Data, list[Data]]:
        """The value of the output, and its gradients by the leaves, for new values of these.

        Parameters
        ----------
        values : sequence of number or array
            A value for each leaf, of its shape.

        Returns
        -------
        value : float or array
            The output's.
        gradients : list of float or array
            As :func:`autograd.gradients` gives them.

        Raises
        ------
        ValueError
            If there are several outputs, or the output is no scalar; if a leaf requires no gradient; or if a node has
            a hook.
        """
        if is_hooked(self._nodes):
            raise ValueError(
                "value_and_gradients: a node of the graph has a hook, which a program does not call; take "
                "autograd.gradients, or remove the hook"
            )
        if self._run_with_gradients is None:
            self._run_with_gradients = _Workspaces(self._with_gradients())
        data = self._checked(values)
        value, *found = self._run_with_gradients(data)
        if self._on_floats and isfinite(sum(found)):
            return value, found
        # A nan asks for marks, which may know that it stands for a structural zero.
        return value, self._eager(data) if any(map(has_nan, found)) else found

    def _code_of(self, leaves: Sequence[Node], nodes: Sequence[Node]) -> Code:
        return code_of(Recorded([*leaves], self._captured), nodes, backend=self._backend)

    def _single(self) -> Node:
        if len(self._nodes) > 1:
            raise ValueError(
                f"value_and_gradients: the program has {len(self._nodes)} outputs; make one of a single scalar output"
            )
        for x in self._leaves:
            if not x.requires_grad:
                raise ValueError(f"value_and_gradients: {describe(x)} requires no gradient{why_no_gradient(x)}")
        return self._nodes[0]

    def _recorded(self, data: Sequence[Data]) -> tuple[Node, list[Node]]:
        """The output recorded anew, for leaves may have been changed since; and fresh leaves, which have these data."""
        leaves = [_leaf(x, d) for x, d in zip(self._leaves, data, strict=True)]
        y: Node = replay(self._single(), dict(zip(self._leaves, leaves, strict=True)) | {x: x for x in self._captured})
        return y, leaves

    def _with_gradients(self) -> Code:
        """The code for the output and its gradients by the leaves."""
        y, leaves = self._single(), [*self._leaves]
        if not _is_current(y):
            y, leaves = self._recorded([x._data for x in leaves])
        seed = leaf(type(y), seed_of(y, None))
        request = Request({y: seed}, leaves, False)
        nodes = []
        for i, x in enumerate(leaves):
            node = object.__new__(type(x))
            zeros = np.zeros_like(x._data) if isinstance(x._data, np.ndarray) else 0.0
            node._fill(zeros, None, False, GRADIENT, (y, seed), {"request": request, "index": i})
            nodes.append(node)
        return self._code_of(leaves, [y, *nodes])

    def _eager(self, data: Sequence[Data]) -> list[Data]:
        """The gradients by the engine's own pass, on the graph recorded anew."""
        found: list[Data] = gradients(*self._recorded(data))
        return found

    def _checked(self, values: Sequence[Data]) -> list[Data]:
        """New values of the leaves, as their data: none is changed where all are right already."""
        if isinstance(values, np.ndarray) and values.ndim == 1:
            values = values.tolist()
        if not isinstance(values, (list, tuple)) or len(values) != len(self._leaves):
            count = f", not {len(values)}" if isinstance(values, (list, tuple)) else f", not {type(values).__name__}"
            raise TypeError(f"program: give a list of {len(self._leaves)} values, one for each leaf{count}")
        if self._on_floats and set(map(type, values)) <= {float}:
            return values  # type: ignore[return-value]
        try:
            return [x._coerced(value) for x, value in zip(self._leaves, values, strict=True)]
        except (TypeError, ValueError) as error:
            raise type(error)(f"program: {error}") from None


def _is_current(y: Node) -> bool:
    """Whether nothing that a graph was recorded from was changed since."""
    return all(p._version <= n._version for n in toposort(y) for p in n.parents)


def _leaf(x: Node, data: Data) -> Node:
    """A leaf of a kind, which requires a gradient."""
    new = leaf(type(x), data)
    new._label, new.requires_grad = x._label, True
    return new


class _Workspaces:
    """Calls code in a workspace that no other thread is using."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self._free: list[Function] = []

    def __call__(self, data: Sequence[Data]) -> tuple[Data, ...]:
        """The outputs' data."""
        try:
            run = self._free.pop()
        except IndexError:
            run = self.code.make()
        results: tuple[Data, ...] = arrays.quietly(run, *data, *[n._data for n in self.code.captured])
        self._free.append(run)
        return results
