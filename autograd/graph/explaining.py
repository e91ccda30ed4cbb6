"""``explain``: the chain rule worked out path by path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, overload

import numpy as np

from autograd.engine.backward import seed_of
from autograd.engine.contributions import contributions
from autograd.engine.gradients import gradients
from autograd.engine.libraries import namespace_of, numpy_dtype
from autograd.engine.node import Node, toposort
from autograd.engine.recording import evaluate
from autograd.graph import explanation_text, formatting
from autograd.graph.arguments import check_node
from autograd.graph.formulas import Texts, is_factor, note
from autograd.graph.naming import name_nodes
from autograd.graph.pathways import count_paths, routes
from autograd.messages import describe
from autograd.namespaces import arrays
from autograd.namespaces.marks import Mark, raw
from autograd.typing import Data, X

__all__ = ["Explanation", "Path", "Paths", "explain", "factor"]


class Path:
    """One path of the chain rule, made by :func:`explain`.

    Attributes
    ----------
    nodes : tuple of node
        From the result back to the variable.
    slots : tuple of int
        For each arrow, the position of the node behind it among the arguments of the one before.
    gradients : tuple of float or array
        For each node, the gradient that this path alone pulls back to it.
    product : float or array
        The last of these, which is what the path contributes. For scalars it is the product of the factors.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import explain
    >>> a, b = Value(1.0, "a"), Value(2.0, "b")
    >>> path = explain((a + b) * b, b).paths[0]
    >>> [node.label or node.op.symbol for node in path.nodes]
    ['×', '+', 'b']
    >>> path.factors, path.formulas, path.product
    ((2.0, 1.0), ('b', '1'), 2.0)
    """

    def __init__(self, explanation: Explanation, nodes: tuple[Node, ...], slots: tuple[int, ...]) -> None:
        self.nodes, self.slots = nodes, slots
        self._of = explanation
        marks = arrays.quietly(_marks_along, nodes, slots, explanation.seed)
        self.gradients, self._alive = tuple(map(raw, marks)), [g.alive for g in marks]
        self.product = self.gradients[-1]

    @property
    def factors(self) -> tuple[Data, ...]:
        """The local derivative at each arrow, a float or an array.

        It is None where the derivative is no factor: at a matrix product, a sum or a change of shape. Where an operand
        was broadcast it has the shape of the result, because the sum that undoes the broadcast comes after it.
        """
        return tuple(map(self.factor, range(len(self.slots))))

    @property
    def formulas(self) -> tuple[str, ...]:
        """The local derivatives as the op table writes them, the factor, or the formula of what `g` becomes."""
        return tuple(map(self.formula, range(len(self.slots))))

    @property
    def notes(self) -> tuple[str, ...]:
        """For each arrow, the convention or the selection that decides there; else an empty text."""
        return tuple(map(self.note, range(len(self.slots))))

    def factor(self, arrow: int) -> Data:
        """The local derivative at one arrow."""
        return arrays.quietly(factor, self.nodes[arrow], self.slots[arrow])

    def formula(self, arrow: int) -> str:
        """The formula of the local derivative at one arrow."""
        node, slot = self.nodes[arrow], self.slots[arrow]
        if not is_factor(node, slot):
            return self.pulled(arrow)
        within = 5 if len(self.slots) > 1 else 0  # a factor of a product may need brackets
        return Texts(self._of.names).derivative(node, slot, local=True, within=within)

    def pulled(self, arrow: int) -> str:
        """The formula of what the gradient `g` becomes at one arrow."""
        return Texts(self._of.names).derivative(self.nodes[arrow], self.slots[arrow])

    def note(self, arrow: int) -> str:
        """The convention or the selection that decides at one arrow; else an empty text."""
        return note(self.nodes[arrow], self.slots[arrow], self.gradients[arrow], self._alive[arrow])

    def __repr__(self) -> str:
        return f"<Path: {explanation_text.route(self)}, {formatting.value_text(self.product)}>"


class Explanation:
    """The chain rule worked out for one derivative, made by :func:`explain`; it shows itself as a text or a table.

    Attributes
    ----------
    y, x : node
        The result, and the node by which it is differentiated.
    total : float or array
        The gradient, as the engine gives it: the sum of what the paths contribute.
    gradient : number, array or None
        The gradient to start from, as the user passed it.
    seed : float or array
        The gradient to start from, as plain data of the shape of `y`.
    count : int
        The number of paths.
    paths : sequence of Path
        All paths. Each is computed when it is asked for, because memory may not hold them all.
    names : mapping of node to str
        The name of each node in the texts.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import explain
    >>> a, b = Value(1.0, "a"), Value(2.0, "b")
    >>> explanation = explain((a + b) * b, b)
    >>> explanation.count, explanation.total
    (2, 5.0)
    >>> [path.product for path in explanation.paths]
    [2.0, 3.0]
    """

    def __init__(self, y: Node, x: Node, gradient: Data = None, names: object = None) -> None:
        order = toposort([y, x])
        self.y, self.x, self.gradient = y, x, gradient
        self.total = gradients(y, x, gradient)
        self.count = count_paths(y, x)
        self.paths = Paths(self)
        self.names = name_nodes(order, names)
        self.seed = seed_of(y, gradient, check=False)
        self._versions = [(leaf, leaf._version) for leaf in order if leaf.op is None]

    def __repr__(self) -> str:
        return explanation_text.text(self)

    def _repr_html_(self) -> str:
        return explanation_text.table(self)

    def _path(self, nodes: tuple[Node, ...], slots: tuple[int, ...]) -> Path:
        for leaf, version in self._versions:
            if leaf._version != version:
                raise ValueError(f"explain: the data of {describe(leaf)} were changed since; explain the graph anew")
        return Path(self, nodes, slots)


class Paths(Sequence[Path]):
    """The paths of an explanation, in the order of :func:`autograd.graph.paths`."""

    def __init__(self, explanation: Explanation) -> None:
        self._of = explanation

    def __len__(self) -> int:
        return self._of.count

    def __bool__(self) -> bool:
        return self._of.count > 0  # also where the number is too large for len()

    def __iter__(self) -> Iterator[Path]:
        return (self._of._path(*route) for route in routes(self._of.y, self._of.x))

    @overload
    def __getitem__(self, index: int) -> Path: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Path, ...]: ...
    def __getitem__(self, index: X) -> Data:
        if isinstance(index, slice):
            return tuple(islice(self, *index.indices(self._of.count)))
        place = index + self._of.count if index < 0 else index
        if not 0 <= place < self._of.count:
            raise IndexError(f"there are {self._of.count} paths, so none at {index}")
        return next(islice(self, place, None))

    def __repr__(self) -> str:
        return f"<{self._of.count} paths>"


def explain(y: Node, x: Node, gradient: Data = None, names: object = None) -> Explanation:
    """Work out the chain rule: every path from `x` to `y`, the local derivatives on it, their product, and the sum.

    Where arrays flow, a path contributes the gradient that it pulls back from `y`.

    Parameters
    ----------
    y : node
        The result; it must be a scalar unless you pass a gradient.
    x : node
        The node to differentiate by: a leaf or an inner node that requires a gradient.
    gradient : number or array, optional
        The gradient to start from, of the shape of `y`; 1 by default.
    names : mapping or Module, optional
        Names for nodes without a label: variables, such as ``locals()``, or a module, whose parameters are called by
        their paths. In a prompt its variables serve by default. Nodes without any name are called v1, v2, ...

    Returns
    -------
    Explanation
        It has ``.total`` and ``.paths``, each with ``.nodes``, ``.factors`` and ``.product``. A prompt shows it as a
        text, a notebook as a table; both shorten long lists and long paths, and say so.

    Raises
    ------
    TypeError
        If `y` or `x` is no node, or `names` no mapping or module.
    ValueError
        As from ``gradients(y, x, gradient)``: if `x` requires no gradient, or `y` is no scalar and you pass none.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import explain
    >>> a, b, c = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "c")
    >>> d, e = a + b, b * c
    >>> y = d * e
    >>> explain(y, b, names=locals())
    ∂y/∂b = 15, the sum over 2 paths
    <BLANKLINE>
      y ← d ← b   e · 1 = 6 · 1 =  6
      y ← e ← b   d · c = 3 · 3 =  9
                                  ──
                                  15
    >>> [path.product for path in explain(y, b).paths]
    [6.0, 9.0]
    """
    return Explanation(check_node("explain", y), check_node("explain", x), gradient, names)


def _marks_along(nodes: Sequence[Node], slots: Sequence[int], seed: Data) -> list[Mark]:
    """The gradient at each node of a path; the engine's own rules pull it back."""
    xp = namespace_of(seed)
    marks = [Mark(seed, None, xp)]
    for node, slot in zip(nodes, slots, strict=False):
        none = Mark(0.0 * node.parents[slot].data, None, xp)  # for an operand that requires no gradient
        marks.append(next((c for position, c in contributions(node, marks[-1]) if position == slot), none))
    return marks


def factor(node: Node, slot: int, spread: bool = True) -> Data:
    """The local derivative at an arrow if it is a factor, else None.

    With `spread` it has the shape of the result, else that of its formula.
    """
    op: Any = node.op
    y, args = node.data, [p.data for p in node.parents]
    if type(y) is float and op.elementwise:
        return evaluate(op.vjp(slot), (1.0, y, *args), node.params)
    if op.elementwise or (np.ndim(y) == 0 and np.ndim(args[slot]) == 0):
        xp = namespace_of(y)
        one = xp.ones_like(y) if spread else np.ones((), numpy_dtype(y))
        one = one if xp is arrays or spread else xp.asarray_like(one, y)
        return op.vjp(slot)(xp, one, y, *args, **node.params)
    return None
