"""What a node is, and the one place where a node is recorded.

A node is plain data: what was computed (`data`), by which op (`op`, None for a leaf), from which nodes (`parents`, in
order, duplicates kept) and with which static arguments (`params`). :func:`apply` evaluates an op and records it;
everything else (the backward pass, pictures, replay) reads what it recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy, deepcopy
from operator import attrgetter, getitem
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import numpy as np

from autograd.engine.attributes import REFUSED, refuse_attributes
from autograd.engine.modes import current_mode, usual
from autograd.engine.trace import taken
from autograd.messages import (
    COMPLEX,
    MASKED,
    advice,
    call_text,
    describe,
    explained,
    half_precision,
    not_a_number,
    short,
    type_name,
    unknown_function,
    unsupported_dtype,
    written,
)
from autograd.namespaces import arrays, floats
from autograd.tracebacks import entrance, is_of_users, shorten

if TYPE_CHECKING:
    from autograd.engine.op import Op

__all__ = ["FLOATS", "Node", "apply", "constant", "describe", "registry", "short", "toposort"]

NO_PARAMS: Mapping[str, Any] = MappingProxyType({})
FLOATS = "fd"  # float32 and float64, by `dtype.char`: the floats that nodes carry

# The class of a result by the type of its data; value.py and tensor.py enter theirs.
KINDS: dict[type, type[Node]] = {}


class _Registry(SimpleNamespace):
    def __getattr__(self, name: str) -> Any:
        raise unknown_function(name, vars(self))


# Every function of the op table by NumPy's name for it: the `xp` in which derivatives are recorded as graphs.
registry: Any = _Registry()


_depth_of = attrgetter("_depth")


class Clock:
    """Counts the changes of data, so that a backward pass can tell whether a value it reads was changed since."""

    __slots__ = ("now",)

    def __init__(self) -> None:
        self.now = 0


clock = Clock()


class Node:
    """A value in a graph; :class:`autograd.Value` and :class:`autograd.Tensor` are its two kinds.

    Attributes
    ----------
    data : float or numpy.ndarray
        The value.
    grad : float or numpy.ndarray or None
        Its gradient, plain data; until a backward pass reaches the node None, or 0.0 of a Value.
    has_grad : bool
        Whether it has a gradient: a backward pass reached it, or one was set, since it was last cleared.
    op : Op or None
        The op that made it; None for a leaf.
    parents : tuple of Node
        The op's arguments, in order, duplicates kept.
    params : mapping
        The op's static arguments, such as ``axis``.
    label : str or None
        A name for texts and pictures.
    requires_grad : bool
        Whether backward passes give it a gradient.
    """

    __slots__ = (
        "__weakref__", "_data", "_depth", "_grad", "_label", "_pending", "_stamp", "op", "params", "parents",
        "requires_grad",
    )  # fmt: skip
    # Elementwise == must not take identity hashing away: dicts keyed by node are the backward pass.
    __hash__ = object.__hash__

    _data: Any
    _grad: Any  # None where there is none
    _label: str | None
    op: Op[Any] | None
    parents: tuple[Node, ...]
    params: Mapping[str, Any]
    requires_grad: bool
    _stamp: int
    _pending: Any  # its gradient while a backward pass adds it up; None otherwise
    _depth: int  # length of the longest path from a leaf: sorts a graph topologically
    _cleared: float | None = None  # what `grad` reads where there is none

    def _fill(
        self,
        data: Any,
        label: str | None = None,
        requires_grad: bool = False,
        op: Op[Any] | None = None,
        parents: tuple[Node, ...] = (),
        params: Mapping[str, Any] = NO_PARAMS,
    ) -> None:
        self._data = data
        self._grad = self._pending = None
        self.op = op
        self.parents = parents
        self.params = params
        self._label = None if label is None else _text(label, type(self))
        self.requires_grad = requires_grad
        self._stamp = clock.now
        self._depth = 1 + max(map(_depth_of, parents)) if parents else 0

    @property
    def label(self) -> str | None:
        """A name for texts and pictures; None if it has none."""
        return self._label

    @label.setter
    @entrance
    def label(self, label: str | None) -> None:
        self._label = None if label is None else _text(label, type(self))

    @property
    def data(self) -> Any:
        """The value: a float or an array. The elements of a leaf's may be written, a result's are read-only."""
        if usual() is not None:
            taken(self, ".data")
        return _shown(self._data, self.op is None)

    @data.setter
    @entrance
    def data(self, value: Any) -> None:
        if self.op is not None:
            raise ValueError(
                f"{describe(self)} is a result, so its data follow from its parents; "
                "change a leaf, or take .detach() for a leaf with these data"
            )
        if not _is_same_memory(value, self._data):
            self._data = self._coerced(value)
        clock.now = self._stamp = clock.now + 1

    @property
    def grad(self) -> Any:
        """The gradient, plain data of the shape and dtype of the value; see `has_grad` for whether there is one."""
        grad = self._grad
        return self._cleared if grad is None else _shown(grad, self.op is None)

    @grad.setter
    def grad(self, value: Any) -> None:
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

    def _as_gradient(self, value: Any) -> Any:
        """A gradient set by hand in the shape and dtype of the data; one number stands for each element's."""
        try:
            given = array(value)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{describe(self)}: a gradient: {error}") from None
        if given.ndim and given.shape != self.shape:
            raise ValueError(
                f"{describe(self)}: a gradient has the shape of the data, {self.shape}, and not {given.shape}"
            )
        if not isinstance(self._data, np.ndarray):
            return float(given)
        if self._data.dtype.kind != "f":
            raise TypeError(
                f"{describe(self)}: data of dtype {self._data.dtype} have no gradient; write 1.0 for 1, or dtype=float"
            )
        given = given.astype(self._data.dtype, copy=False)
        return given if given.shape == self.shape else np.full(self.shape, given)

    def _coerced(self, value: Any) -> Any:
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

    def __reduce_ex__(self, protocol: Any) -> Any:
        if self.op is None:
            return _rebuilt, (_fields(self), ()), getattr(self, "__dict__", None)  # a subclass's own attributes
        graph = _graphs.get(self) or _Graph(self)
        return getitem, (graph, graph.place[self])

    def __copy__(self) -> Node:
        return _twin(self, self.parents)

    def __deepcopy__(self, memo: dict[int, Any]) -> Node:
        for node in toposort(self):
            if id(node) not in memo:
                memo[id(node)] = twin = _twin(node, tuple(memo[id(p)] for p in node.parents))
                if hasattr(twin, "__dict__"):
                    vars(twin).update(deepcopy(vars(twin), memo))
        deep: Node = memo[id(self)]
        return deep


def _twin(node: Node, parents: tuple[Node, ...]) -> Node:
    """A copy of a node that has other parents."""
    twin = _rebuilt([copy(f) if isinstance(f, np.ndarray) else f for f in _fields(node)], parents)
    if hasattr(node, "__dict__"):  # of a subclass
        vars(twin).update(vars(node))
    return twin


refuse_attributes(Node)


def _shown(data: Any, writable: bool) -> Any:
    """What a user gets of a node's array: a view, so that the node keeps its own shape whatever is done to the view."""
    if type(data) is not np.ndarray:
        return data
    if writable:
        return data.view()
    # A flag of the view alone could be set again, and the array's own must stay: results and gradients share memory.
    buffer: Any = data
    return np.asarray(memoryview(buffer).toreadonly())


def _is_same_memory(view: Any, data: Any) -> bool:
    """Whether a view is all of an array as :func:`_shown` gave it, as after ``x.data -= 1``."""
    if type(view) is not np.ndarray or view.base is None or type(data) is not np.ndarray:
        return False
    if view.shape != data.shape or view.strides != data.strides or view.dtype != data.dtype:
        return False
    if view.base is data:  # no other part of the array has its shape; asking where views begin takes far longer
        return True
    begin: bool = view.__array_interface__["data"] == data.__array_interface__["data"]
    return begin


def _text(label: Any, kind: type) -> str:
    """A label, if it is a text."""
    if not isinstance(label, str):
        hint = "; requires_grad=... sets what a bool would" if isinstance(label, bool) else ""
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
    return sorted(reached, key=_depth_of)


class _Graph:
    """Inner nodes for pickle: a flat list in topological order, without recursion.

    Each of its nodes is pickled as its place in it, so that nodes pickled together stay in one graph, as pickle sees
    the same object. Leaves, and inner nodes that are in another such list, go into it as themselves.
    """

    def __init__(self, output: Node) -> None:
        reached: dict[Node, bool] = {}  # whether a node is of this list
        stack = [output]
        while stack:
            node = stack.pop()
            if node not in reached:
                reached[node] = own = node.op is not None and node not in _graphs
                if own:
                    stack.extend(node.parents)
        self.own = reached
        self.place = {n: i for i, n in enumerate(sorted(reached, key=_depth_of))}
        _graphs.update((n, self) for n, own in reached.items() if own)

    def __reduce__(self) -> tuple[Any, ...]:
        place, own = self.place, self.own
        flat = [(_fields(n), [place[p] for p in n.parents]) if own[n] else n for n in place]
        return _unpacked, (flat,)


# The list that an inner node is in, for as long as a pickler remembers it.
_graphs: WeakValueDictionary[Node, _Graph] = WeakValueDictionary()


def _fields(node: Node) -> tuple[Any, ...]:
    return type(node), node._data, node._grad, node.op, dict(node.params), node._label, node.requires_grad, node._stamp


def _unpacked(flat: list[Any]) -> list[Node]:
    nodes: list[Node] = []
    for entry in flat:
        nodes.append(entry if isinstance(entry, Node) else _rebuilt(entry[0], tuple(nodes[i] for i in entry[1])))
    return nodes


def _rebuilt(fields: Any, parents: tuple[Node, ...]) -> Node:
    kind, data, grad, op, params, label, requires_grad, stamp = fields
    node: Node = object.__new__(kind)
    node._fill(data, label, requires_grad, op, parents, MappingProxyType(params) if params else NO_PARAMS)
    node._grad, node._stamp = grad, stamp
    clock.now = max(clock.now, int(stamp))  # of another process, perhaps
    return node


def leaf(kind: type[Node], data: Any) -> Node:
    """A leaf that requires no gradient."""
    node = object.__new__(kind)
    node._fill(data)
    return node


def constant(x: Any) -> Node:
    """The constant leaf for a number or array that meets a node; an array is copied."""
    if type(x) is np.ndarray and x.dtype.char in FLOATS:
        return leaf(KINDS[np.ndarray], x.copy())
    if isinstance(x, np.generic):
        x = plain_number(x)
    if isinstance(x, (int, float)):  # stays a Python number: float32 arrays then stay float32
        return leaf(KINDS[float], x)
    return leaf(KINDS[np.ndarray], array(x))


def plain_number(x: np.generic) -> Any:
    """A number of NumPy's as one of Python's; the item of a longdouble is itself."""
    return float(x) if isinstance(x, np.longdouble) else x.item()


def array(x: Any, dtype: Any = None, copy: bool | None = True) -> np.ndarray[Any, Any]:
    """An array of numbers of one's own, from what a user may pass for one; else an error that says what to pass."""
    # A copy is in C order, as gradients are: weights in another one take twice the time to update.
    order: Any = "C" if copy else "K"
    if type(x) is np.ndarray and x.dtype.char in FLOATS and dtype is None:  # a minibatch: what most often comes
        return np.array(x, copy=copy, order=order)
    if isinstance(x, (list, tuple)) and any(isinstance(a, Node) for a in x):
        raise TypeError("a list of nodes is no array: join them with autograd.stack([x, y]), which keeps the graph")
    if isinstance(x, complex):
        raise TypeError(f"{x!r} is complex: {COMPLEX}")
    if not isinstance(x, (np.ndarray, np.generic, list, tuple, int, float)):
        raise TypeError(f"{type_name(x)} is not a number or an array of numbers{advice(x)}")
    if isinstance(x, np.ndarray) and x.dtype.kind == "O":
        raise TypeError("an object array holds nodes or other objects, not numbers; autograd.stack([x, y]) joins nodes")
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError(f"a masked array would lose its mask: {MASKED}")
    if isinstance(x, np.matrix):
        raise TypeError("np.matrix has products of its own: pass np.asarray(x), and write @ for the matrix product")
    if isinstance(x, np.floating) and x.dtype.char not in FLOATS:
        x = float(x)
    try:
        result = np.array(x, dtype, copy=copy, order=order)
    except ValueError:
        raise ValueError("the rows of this list differ in length; an array's rows have one length") from None
    except TypeError:
        if has_node([x]):
            raise TypeError("a list that holds nodes is no array: autograd.numpy.array(...) keeps the graph") from None
        raise
    carried(result.dtype)
    return result


def carried(dtype: Any) -> None:
    """Raise TypeError if nodes carry no data of a dtype: they carry float64, float32, integers and bools."""
    dtype = np.dtype(dtype)
    if dtype.char not in FLOATS and dtype.kind not in "iub":
        raise unsupported_dtype(dtype)


def has_node(args: Iterable[Any]) -> bool:
    """Whether one of the arguments is a node, or a list or tuple that holds one."""
    for a in args:  # a loop: every call of autograd.numpy passes here
        if isinstance(a, Node):
            return True
        if isinstance(a, (list, tuple)) and has_node(a):
            return True
    return False


def apply(op: Op[Any], args: Sequence[Any], params: Mapping[str, Any] = NO_PARAMS) -> Any:
    """Evaluate `op` on nodes, numbers and arrays (at least one of them a node) and record the result.

    What flows decides: floats are calculated with `floats` and give a Value, arrays with `arrays` and give a Tensor.
    """
    parents: list[Node] = []
    data = []
    requires_grad = False
    state = current_mode()
    watch = None if state is None else state.watch
    for a in args:
        if not isinstance(a, Node):
            if type(a) is np.ndarray and a.dtype.kind == "O":
                return _elementwise(op, args, params)
            try:
                a = constant(a)
            except (TypeError, ValueError) as error:
                raise type(error)(f"{written(op)}: {error}") from None
        if a.requires_grad:
            requires_grad = True
        parents.append(a)
        data.append(a._data)
    # What detect_anomaly says is more than a warning.
    result = (
        calculate(op, data, params, parents) if watch is None else arrays.quietly(calculate, op, data, params, parents)
    )
    if type(result) is np.ndarray:
        # A node owns its memory: changing a leaf in place never changes what was computed from it.
        if result.base is not None:
            result = result.copy()
        for d in data:
            if result is d:
                result = result.copy()
        if not requires_grad and result.dtype.char == "e":
            raise half_precision(op)
    kind = KINDS.get(type(result))
    if kind is None:
        raise not_a_number(op.name, result)
    if watch is not None:
        watch.value(op, parents, result)
    if state is not None and not state.recording:
        return leaf(kind, result)
    node = object.__new__(kind)
    node._fill(result, None, requires_grad and op.differentiable, op, tuple(parents), params)
    if watch is not None:
        node._stamp = watch.stamp(node)
    return node


def calculate(op: Op[Any], data: Sequence[Any], params: Mapping[str, Any], met: Sequence[Any] | None = None) -> Any:
    """What an op gives for the data of nodes: a number for numbers; where an array goes in an array, also a 0-d one.

    An error names what `met`, the nodes or (by default) their data.
    """
    with_arrays = np.ndarray in map(type, data)
    if op.elementwise and not with_arrays:
        try:
            result = evaluate(op.forward, [float(d) if type(d) is int else d for d in data], params)
        except Exception as error:
            explain(op, met or data, params, error, (OverflowError,))
            raise
        if type(result) is not float and (op.differentiable or not isinstance(result, bool)):
            if not isinstance(result, (int, float, np.generic, np.ndarray)) or np.ndim(result):
                raise not_a_number(op.name, result)
            result = float(result)
        return result
    try:
        result = op.forward(arrays, *data, **params)
    except Exception as error:
        explain(op, met or data, params, error)
        raise
    if isinstance(result, np.generic):
        return np.asarray(result) if with_arrays else result.item()
    return result


def explain(
    op: Op[Any],
    met: Sequence[Any],
    params: Mapping[str, Any],
    error: Exception,
    kinds: tuple[type[Exception], ...] = (ValueError, TypeError, IndexError, OverflowError),
) -> None:
    """Raise what an error in the formula of an op means, if it is of these kinds; one out of a user's gets a note."""
    if not is_of_users(error, f"in the primitive {call_text(op, met, params)}") and isinstance(error, kinds):
        raise explained(op, met, params, error) from None


def evaluate(formula: Callable[..., Any], args: Sequence[Any], params: Mapping[str, Any]) -> Any:
    """A formula on floats, with IEEE's answer where Python would raise."""
    try:
        return formula(floats, *args, **params)
    except (ArithmeticError, ValueError):
        pass
    return floats.ieee(formula, tuple(args), params)


def _elementwise(op: Op[Any], args: Sequence[Any], params: Mapping[str, Any]) -> Any:
    """An op on an object array of Values: a matrix of scalars, whose elements record themselves."""
    if not op.elementwise and not has_node(args):
        return op.forward(arrays, *args, **params)
    cells = []
    for a in args:
        if isinstance(a, Node):
            if isinstance(a._data, np.ndarray):
                raise TypeError(f"{op.name}: a Tensor and an object array do not mix; use Tensors or Values only")
            if not op.elementwise:
                raise TypeError(f"{op.name}: an object array meets {describe(a)}, which is a number: write * for @")
            cell = np.empty((), object)
            cell[()] = a
            a = cell
        cells.append(a)
    return np.frompyfunc(lambda *xs: op(*xs, **params), len(cells), 1)(*cells)
