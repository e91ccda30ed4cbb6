"""What a node is: plain data, of which the backward pass, pictures and replay read what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from inspect import Signature
from operator import attrgetter
from types import MappingProxyType, SimpleNamespace
from typing import Any, Protocol

import numpy as np

from autograd.engine.attributes import REFUSED, refuse_attributes
from autograd.engine.modes import usual
from autograd.engine.trace import taken, written
from autograd.messages import describe, type_name, unknown_function
from autograd.tracebacks import entrance, shorten
from autograd.typing import Data, Formula, Function, Params, X

__all__ = ["NO_PARAMS", "Node", "Primitive", "depth_of", "functions", "registry", "toposort", "versions"]

NO_PARAMS: Params = MappingProxyType({})


class Primitive(Protocol):
    """What is read of the op of a node: see :class:`autograd.engine.op.Op`."""

    name: str
    __name__: str
    symbol: str
    argnames: tuple[str, ...]
    params: Params
    arity: int
    variadic: bool
    elementwise: bool
    differentiable: bool
    commutative: bool
    shape_only: tuple[str, ...]
    lacks: frozenset[str]
    forward: Formula
    __signature__: Signature
    vjps: tuple[Formula | None, ...]
    conventions: list[X]
    message: Callable[..., str] | None
    selects: bool
    poles: bool
    sized_by: Callable[..., Iterable[int]] | None
    backward_on_floats: Callable[..., None]
    backward_on_arrays: Callable[..., None]
    backward_on_libraries: dict[X, Callable[..., None]]

    @property
    def uses(self) -> tuple[frozenset[int], ...]: ...  # noqa: D102
    def uses_with(self, params: Params) -> tuple[frozenset[int], ...]: ...  # noqa: D102
    def vjp(self, position: int) -> Formula | None: ...  # noqa: D102
    def argument_names(self, count: int) -> list[str]: ...  # noqa: D102
    def on_names(self, formula: Formula | None, *args: X, **params: X) -> X: ...  # noqa: D102


class _NodeClasses(dict[type, "type[Node]"]):
    """The class of a node by the type of its data; value.py and tensor.py enter theirs."""

    # The class of a tensor on a library's arrays, for a class of tensors and the library's namespace.
    on_library: Callable[[X, X], X]
    library_for: Callable[[type], X]

    def __missing__(self, native: type) -> type[Node]:
        if (library := self.library_for(native)) is None:
            raise KeyError(native)
        found: type[Node] = self.on_library(self[np.ndarray], library)
        self[native] = found
        return found


NODE_CLASSES = _NodeClasses()


class _Registry(SimpleNamespace):
    load: Callable[[], object]  # enters the chapters of the table that wait until they are asked for

    def __getattr__(self, name: str) -> X:
        if name.startswith("__"):  # what introspection asks for loads no chapter
            raise AttributeError(name)
        known = functions()
        if name not in known:
            raise unknown_function(name, known)
        return known[name]


# Every function of the op table by NumPy's name for it: the `xp` in which derivatives are recorded as graphs.
registry: Any = _Registry()


def functions() -> dict[str, Function]:
    """Every function of the op table by NumPy's name for it, those of the chapters that wait among them."""
    type(registry).load()
    known: dict[str, Function] = vars(registry)
    return known


depth_of = attrgetter("_depth")


class Versions:
    """Counts the changes of data, so that a backward pass can tell whether a value it reads was changed since."""

    __slots__ = ("latest",)

    def __init__(self) -> None:
        self.latest = 0


versions = Versions()


class Node:
    """A value in a graph; :class:`autograd.Value` and :class:`autograd.Tensor` are its two kinds.

    Attributes
    ----------
    data : float or array
        The value.
    grad : float or array or None
        Its gradient, plain data; until a backward pass reaches the node None, or 0.0 of a Value.
    has_grad : bool
        Whether it has a gradient: a backward pass reached it, or one was set, since it was last cleared.
    op : op or None
        The op that made it; None for a leaf.
    parents : tuple of node
        The op's arguments, in order, duplicates kept.
    params : mapping
        The op's static arguments, such as ``axis``.
    label : str or None
        A name for texts and pictures.
    requires_grad : bool
        Whether backward passes give it a gradient.
    """

    __slots__ = (
        "__weakref__", "_data", "_depth", "_grad", "_label", "_version", "op", "params", "parents", "requires_grad",
    )  # fmt: skip
    # Elementwise == must not take identity hashing away: dicts keyed by node are the backward pass.
    __hash__ = object.__hash__

    _data: Data
    _grad: Data  # None where there is none
    _label: str | None
    op: Primitive | None
    parents: tuple[Node, ...]
    params: Params
    requires_grad: bool
    _version: int
    _depth: int  # length of the longest path from a leaf: sorts a graph topologically
    _cleared: float | None = None  # what `grad` reads where there is none
    _results: type[Node]  # the class of what is computed from it

    def _fill(
        self,
        data: X,
        label: str | None = None,
        requires_grad: bool = False,
        op: Primitive | None = None,
        parents: tuple[Node, ...] = (),
        params: Params = NO_PARAMS,
    ) -> None:
        self._data = data
        self._grad = None
        self.op = op
        self.parents = parents
        self.params = params
        self._label = None if label is None else _text(label, type(self))
        self.requires_grad = requires_grad
        self._version = versions.latest
        self._depth = 1 + max(map(depth_of, parents)) if parents else 0

    @property
    def label(self) -> str | None:
        """A name for texts and pictures; None if it has none."""
        return self._label

    @label.setter
    @entrance
    def label(self, label: str | None) -> None:
        self._label = None if label is None else _text(label, type(self))

    @property
    def data(self) -> X:
        """The value, a float or an array. The elements of a leaf's may be written, a result's are read-only."""
        if usual() is not None:
            taken(self, ".data")
        return _shown(self._data, self.op is None)

    @data.setter
    @entrance
    def data(self, value: X) -> None:
        if usual() is not None:
            written(self, value, ".data = ...")
        if self.op is not None:
            raise ValueError(
                f"{describe(self)} is a result, so its data follow from its parents; "
                "change a leaf, or take .detach() for a leaf with these data"
            )
        if not _is_same_memory(value, self._data):
            self._data = self._coerced(value)
        versions.latest = self._version = versions.latest + 1

    @property
    def _value(self) -> X:
        """The value under HIPS autograd's name; that of a 0-d array is a number of NumPy's, as NumPy's results are."""
        if usual() is not None:
            taken(self, "._value")
        data = self._data
        return _shown(data, self.op is None)[()] if type(data) is np.ndarray else data

    @property
    def grad(self) -> X:
        """The gradient, plain data of the shape and dtype of the value; see `has_grad` for whether there is one."""
        grad = self._grad
        return self._cleared if grad is None else _shown(grad, self.op is None)

    @grad.setter
    def grad(self, value: X) -> None:
        if value is None or type(value) is type(self._data) is float:  # zero_grad, of either kind
            self._grad = value
            return
        try:
            if not isinstance(value, (int, float, np.ndarray, np.generic)):
                raise TypeError(
                    f"{describe(self)}: a gradient is a number, an array or None, not {type_name(value)}"
                    f"{'; pass its .data' * isinstance(value, Node)}"
                )
            if not _is_same_memory(value, self._grad):
                self._grad = self._as_gradient(value)
        except Exception as error:
            shorten(error)
            raise

    @property
    def has_grad(self) -> bool:
        """Whether a backward pass reached the node, or a gradient was set, since its gradient was last cleared."""
        return self._grad is not None

    def _as_gradient(self, value: X) -> X:
        """A gradient set by hand in the shape and dtype of the data; one number stands for each element's."""
        raise NotImplementedError

    def _coerced(self, value: X) -> X:
        raise NotImplementedError

    @property
    def ndim(self) -> int:
        """The number of axes; 0 for a scalar."""
        return np.ndim(self._data)

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes; () for a scalar."""
        return np.shape(self._data)

    def __dir__(self) -> list[str]:
        return [name for name in object.__dir__(self) if name not in REFUSED or hasattr(self, name)]


refuse_attributes(Node)


def _shown(data: X, writable: bool) -> X:
    """What a user gets of a node's array: a view, so that the node keeps its own shape whatever is done to the view."""
    if type(data) is not np.ndarray:
        return data
    if writable:
        return data.view()
    # A flag of the view alone could be set again, and the array's own must stay: results and gradients share memory.
    buffer: Any = data
    return np.asarray(memoryview(buffer).toreadonly())


def _is_same_memory(view: X, data: X) -> bool:
    """Whether a view is all of an array as :func:`_shown` gave it, as after ``x.data -= 1``."""
    if type(view) is not np.ndarray or view.base is None or type(data) is not np.ndarray:
        return False
    if view.shape != data.shape or view.strides != data.strides or view.dtype != data.dtype:
        return False
    if view.base is data:  # no other part of the array has its shape; asking where views begin takes far longer
        return True
    begin: bool = view.__array_interface__["data"] == data.__array_interface__["data"]
    return begin


def _text(label: object, kind: type) -> str:
    """A label, if it is a text."""
    if not isinstance(label, str):
        hint = "; requires_grad=... sets what a bool would" if isinstance(label, bool) else ""
        hint = hint or "; a shape goes into numpy.zeros((2, 3)), whose array into Tensor" * isinstance(label, int)
        raise TypeError(f"{kind.__name__}: a label is a text or None, not {type_name(label)}{hint}")
    return str.__str__(label)


def toposort(outputs: Node | Sequence[Node]) -> list[Node]:
    """Every node that `outputs` depend on, and themselves: parents before children, first operands first.

    A pure function of the graph. No search for an order is needed: a node's depth exceeds its parents', so sorting
    what is reachable by depth (a stable sort) is topological.

    Examples
    --------
    >>> from autograd import Value
    >>> from autograd.graph import toposort
    >>> x, y = Value(2.0, label="x"), Value(3.0, label="y")
    >>> [n.label or n.op.symbol for n in toposort(x * y + x)]
    ['x', 'y', '×', '+']
    """
    stack = [outputs] if isinstance(outputs, Node) else list(outputs)[::-1]
    reached: dict[Node, None] = {}
    while stack:
        node = stack.pop()
        if node not in reached:
            reached[node] = None
            stack.extend(node.parents[::-1])
    return sorted(reached, key=depth_of)


def leaf(kind: type[Node], data: X) -> Node:
    """A leaf that requires no gradient."""
    node = object.__new__(kind)
    node._fill(data)
    return node
