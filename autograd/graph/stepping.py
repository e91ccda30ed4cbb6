"""``steps``: the backward pass op by op, with its formulas and its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd.engine.backward import Visit, visits
from autograd.engine.libraries import library_of
from autograd.engine.node import Node, toposort
from autograd.engine.op import Op
from autograd.graph import formatting, formulas
from autograd.graph.arguments import check_node
from autograd.graph.naming import name_nodes
from autograd.typing import Data

__all__ = ["Contribution", "Step", "steps"]


class Contribution(NamedTuple):
    """The amount that an op adds to the gradient of one of its arguments.

    Attributes
    ----------
    parent : node
        The argument.
    slot : int
        Its position among the arguments of the op.
    formula, numbers : str
        The contribution as the op table writes it: in names, where `g` is the gradient of the result, and in numbers.
        Where the argument was broadcast, the sum that undoes it is part of it.
    local : str
        The local derivative of an elementwise op: the factor on `g`, before such a sum. For other ops, the formula.
    value : float or array
        The contribution.
    total : float or array
        The gradient of the argument so far, with this contribution.
    note : str
        The convention at a singular point, or the selection, that decides here; else empty.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import steps
    >>> a, b = Value(3.0, "a"), Value(2.0, "b")
    >>> first, second = next(steps(a * b)).contributions
    >>> first.parent is a, first.formula, first.numbers, first.value
    (True, 'g·b', '1·2', 2.0)
    """

    parent: Node
    slot: int
    formula: str
    numbers: str
    local: str
    value: Data
    total: Data
    note: str


class Step(NamedTuple):
    """One node in a backward pass, whose gradient is complete and goes on to the op's arguments.

    Attributes
    ----------
    node : node
        The node.
    op : op or None
        The op that made the node; None for a leaf, where the gradient stays.
    gradient : float or array
        The gradient of the node: the sum of the contributions of its users.
    contributions : tuple of Contribution
        The contributions to the op's arguments, in the order in which they are added.
    names : mapping of node to str
        The name of each node in these texts.
    output : str
        The name of the result that is differentiated.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import steps
    >>> a, b = Value(3.0, "a"), Value(2.0, "b")
    >>> for step in steps(a * b + b):
    ...     print(step.op.name if step.op else step.node.label, step.gradient, len(step.contributions))
    add 1.0 2
    mul 1.0 2
    a 2.0 0
    b 4.0 0
    """

    node: Node
    op: Op[...] | None
    gradient: Data
    contributions: tuple[Contribution, ...]
    names: Mapping[Node, str]
    output: str

    def __str__(self) -> str:
        title = f"{formatting.partial(self.output, self.names[self.node])} = {formatting.value_text(self.gradient)}"
        if self.op is None:
            return title
        lines = [f"{self.names[self.node]} = {formulas.Texts(self.names).call(self.node)},  g = {title}"]
        for c in self.contributions:
            line = f"  {formatting.partial(self.output, self.names[c.parent])} += {c.formula}"
            for text in (c.numbers, formatting.value_text(c.value)):
                line += f" = {text}" if not line.endswith(f"= {text}") else ""
            before = (
                ""
                if formatting.value_text(c.total) == formatting.value_text(c.value)
                else f"  → {formatting.value_text(c.total)}"
            )
            notes = filter(None, (formulas.operand_number(self.node, c.slot).strip(), c.note and f"({c.note})"))
            lines.append("  ".join([line + before, *notes]))
        return "\n".join(lines)


def steps(y: Node, gradient: Data = None, names: object = None) -> Iterator[Step]:
    """Yield the backward pass of `y` step by step, in the engine's own order and with its own numbers.

    The pass runs at once and writes to no node. Its steps are those of ``y.backward(gradient)``, equal to the last bit,
    conventions and selections included. Each op comes when its gradient is complete; the leaves come last.

    Parameters
    ----------
    y : node
        The result; it must be a scalar unless you pass a gradient.
    gradient : number or array, optional
        The gradient to start from, of the shape of `y`; 1 by default.
    names : mapping or Module, optional
        Names for nodes without a label: variables, such as ``locals()``, or a module, whose parameters are called by
        their paths. In a prompt its variables serve by default. Nodes without any name are called v1, v2, ...

    Returns
    -------
    iterator of Step
        The steps, each with ``.node``, ``.op``, ``.gradient``, ``.contributions``; ``str(step)`` writes it out.

    Raises
    ------
    TypeError
        If `y` is no node, or `names` no mapping or module.
    ValueError
        As from ``y.backward(gradient)``.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import steps
    >>> a, b, c = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "c")
    >>> d, e = a + b, b * c
    >>> y = d * e
    >>> for step in steps(y, names=locals()):
    ...     print(step)
    y = d·e,  g = ∂y/∂y = 1
      ∂y/∂d += g·e = 1·6 = 6
      ∂y/∂e += g·d = 1·3 = 3
    d = a + b,  g = ∂y/∂d = 6
      ∂y/∂a += g = 6
      ∂y/∂b += g = 6
    e = b·c,  g = ∂y/∂e = 3
      ∂y/∂b += g·c = 3·3 = 9  → 15
      ∂y/∂c += g·b = 3·2 = 6
    ∂y/∂a = 6
    ∂y/∂b = 15
    ∂y/∂c = 6
    """
    order = toposort(check_node("steps", y))
    name_of = name_nodes(order, names)
    inner, leaves = visits(y, gradient)
    return _steps(inner, [(leaf, leaves[leaf]) for leaf in order if leaf in leaves], name_of, name_of[y])


def _steps(inner: list[Visit], leaves: list[Data], name_of: Mapping[Node, str], output: str) -> Iterator[Step]:
    texts = formulas.Texts(name_of)
    for node, g, alive, passed in inner:
        op: Any = node.op
        contributions = []
        for slot, value, total in passed:
            contributions.append(
                Contribution(
                    node.parents[slot],
                    slot,
                    texts.derivative(node, slot),
                    texts.derivative_in_numbers(node, slot, g),
                    texts.derivative(node, slot, local=op.elementwise),
                    _read_only(value),
                    _read_only(total),
                    formulas.note(node, slot, g, alive),
                )
            )
        yield Step(node, op, _read_only(g), tuple(contributions), name_of, output)
    for leaf, g in leaves:
        yield Step(leaf, None, _read_only(g), (), name_of, output)


def _read_only(g: Data) -> Data:
    """A read-only view of a gradient, because the arrays of a pass share memory."""
    if (library := library_of(g)) is not None:
        return library.own(g, g)  # which cannot be made read-only
    if not isinstance(g, np.ndarray):
        return g
    view = g.view()
    view.flags.writeable = False
    return view
