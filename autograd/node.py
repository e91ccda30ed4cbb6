"""What a node is, and the one place where a node is recorded.

A node is plain data: what was computed (`data`), by which op (`op`, None for a leaf), from which nodes (`parents`, in
order, duplicates kept) and with which static arguments (`params`). :func:`apply` evaluates an op and records it;
everything else (the backward pass, pictures, replay) reads what it recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd.namespaces import arrays, floats

if TYPE_CHECKING:
    from autograd.op import Op

__all__ = ["Mode", "Node", "apply", "constant", "describe", "no_grad", "recording", "registry", "toposort"]

NO_PARAMS: Mapping[str, Any] = MappingProxyType({})

# The class of a result by the type of its data; value.py and tensor.py enter theirs.
KINDS: dict[type, type[Node]] = {}

# Every function of the op table by NumPy's name for it: the `xp` in which derivatives are recorded as graphs.
registry: Any = SimpleNamespace()


class Mode(NamedTuple):
    """The state of a thread or task: whether ops are recorded, and how many transforms are at work around it."""

    recording: bool = True
    depth: int = 0


# None, the usual mode, stands for Mode(): comparing with None is all that recording then pays for it.
mode: ContextVar[Mode | None] = ContextVar("autograd.mode", default=None)
current_mode = mode.get


@contextmanager
def entered(new: Mode) -> Iterator[None]:
    token = mode.set(new)
    try:
        yield
    finally:
        mode.reset(token)


@contextmanager
def no_grad() -> Iterator[None]:
    """Switch recording off: results are constants, and ``p -= lr * p.grad`` updates the leaf `p` itself.

    Examples
    --------
    >>> from autograd import Value, no_grad
    >>> p = Value(1.0)
    >>> (3 * p).backward()
    >>> with no_grad():
    ...     p -= 0.1 * p.grad
    >>> p
    Value(0.7, grad=3.0)
    """
    with entered((current_mode() or Mode())._replace(recording=False)):
        yield


def recording() -> bool:
    """Whether ops are being recorded here (they are not under :func:`no_grad`)."""
    state = current_mode()
    return state is None or state.recording


class Clock:
    """Counts the changes of data, so that a backward pass can tell whether a value it reads was changed since."""

    now = 0


class Node:
    """A value in a graph; :class:`autograd.Value` and :class:`autograd.Tensor` are its two kinds.

    Attributes
    ----------
    data : float or numpy.ndarray
        The value.
    grad : float or numpy.ndarray or None
        Its gradient, plain data; None until a backward pass reaches the node.
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

    __slots__ = ("_data", "_depth", "_stamp", "grad", "label", "op", "params", "parents", "requires_grad")
    # Elementwise == must not take identity hashing away: dicts keyed by node are the backward pass.
    __hash__ = object.__hash__
    # NumPy's operators leave `array * node` to the node.
    __array_ufunc__: Any = None

    _data: Any
    grad: Any
    op: Op[Any] | None
    parents: tuple[Node, ...]
    params: Mapping[str, Any]
    label: str | None
    requires_grad: bool
    _stamp: int
    _depth: int  # length of the longest path from a leaf: sorts a graph topologically

    @property
    def data(self) -> Any:
        """The value: a float, or an array that the node owns."""
        return self._data

    @data.setter
    def data(self, value: Any) -> None:
        if self.op is not None:
            raise ValueError(
                f"{describe(self)} is a result, so its data follow from its parents; "
                "change a leaf, or take .detach() for a leaf with these data"
            )
        self._data = self._coerced(value)
        Clock.now = self._stamp = Clock.now + 1

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

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _pack(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Node:
        for node in toposort(self):
            if id(node) not in memo:
                fields = [copy(f) if isinstance(f, np.ndarray) else f for f in _fields(node)]
                memo[id(node)] = _rebuilt(fields, tuple(memo[id(p)] for p in node.parents))
        twin: Node = memo[id(self)]
        return twin


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


def _depth_of(node: Node) -> int:
    return node._depth


def _pack(node: Node) -> tuple[Any, ...]:
    """One node as a flat tuple, for pickle: an inner node as its graph in topological order, without recursion.

    Leaves go into it as themselves, so that nodes pickled together keep sharing them.
    """
    if node.op is None:
        return _unpack, (None, _fields(node))
    order = toposort(node)
    position = {n: i for i, n in enumerate(order)}
    flat = [n if n.op is None else (_fields(n), [position[p] for p in n.parents]) for n in order]
    return _unpack, (flat, None)


def _fields(node: Node) -> tuple[Any, ...]:
    return type(node), node._data, node.grad, node.op, dict(node.params), node.label, node.requires_grad


def _unpack(flat: list[Any] | None, leaf: tuple[Any, ...] | None) -> Node:
    if flat is None:
        return _rebuilt(leaf, ())
    nodes: list[Node] = []
    for entry in flat:
        nodes.append(entry if isinstance(entry, Node) else _rebuilt(entry[0], tuple(nodes[i] for i in entry[1])))
    return nodes[-1]


def _rebuilt(fields: Any, parents: tuple[Node, ...]) -> Node:
    kind, data, grad, op, params, label, requires_grad = fields
    node: Node = object.__new__(kind)
    node._data, node.grad, node.op, node.label, node.requires_grad = data, grad, op, label, requires_grad
    node.parents, node.params = parents, MappingProxyType(params) if params else NO_PARAMS
    node._depth = 1 + max(p._depth for p in parents) if parents else 0
    node._stamp = Clock.now
    return node


def record(kind: type[Node], data: Any, op: Op[Any] | None, parents: tuple[Node, ...], params: Any) -> Node:
    """The node of a result; a constant leaf where nothing is recorded."""
    node = object.__new__(kind)
    node._data = data
    node.grad = None
    node.label = None
    node._stamp = Clock.now
    if op is None or not recording():
        node.op = None
        node.parents = ()
        node.params = NO_PARAMS
        node.requires_grad = False
        node._depth = 0
        return node
    node.op = op
    node.parents = parents
    node.params = params
    depth = 0
    requires_grad = False
    for p in parents:
        if p._depth > depth:
            depth = p._depth
        if p.requires_grad:
            requires_grad = True
    node._depth = depth + 1
    node.requires_grad = requires_grad and op.differentiable
    return node


def constant(x: Any) -> Node:
    """The constant leaf for a number or array that meets a node; an array is copied."""
    if isinstance(x, Node):
        return x
    if isinstance(x, np.generic):
        x = x.item()
    if isinstance(x, (int, float)):  # stays a Python number: float32 arrays then stay float32
        return record(KINDS[float], x, None, (), NO_PARAMS)
    return record(KINDS[np.ndarray], array(x), None, (), NO_PARAMS)


def array(x: Any, dtype: Any = None) -> np.ndarray[Any, Any]:
    """An array of numbers of one's own, from what a user may pass for one; else an error that says what to pass."""
    if isinstance(x, (list, tuple)) and any(isinstance(a, Node) for a in x):
        raise TypeError("a list of nodes is no array: join them with autograd.stack([x, y]), which keeps the graph")
    if not isinstance(x, (np.ndarray, np.generic, list, tuple, int, float)):
        raise TypeError(f"{_foreign(x)} is not a number or an array of numbers{_advice(x)}")
    try:
        result = np.array(x, dtype)
    except ValueError as error:
        raise ValueError("the rows of this list differ in length; an array's rows have one length") from error
    if result.dtype.kind not in "fiub":
        raise TypeError(f"data of dtype {result.dtype} cannot be carried: pass real numbers{_advice(x)}")
    return result


def _foreign(x: Any) -> str:
    if x is None or isinstance(x, str):
        return repr(x)
    return f"{type(x).__module__}.{type(x).__qualname__}".removeprefix("builtins.")


def _advice(x: Any) -> str:
    if hasattr(x, "detach"):
        return "; pass x.detach().numpy()"
    if isinstance(x, str):
        return "; convert the text with float(...)"
    return ""


def describe(node: Node) -> str:
    """A node in a few words, for error messages."""
    name = f" {node.label!r}" if node.label else f" from {node.op.name!r}" if node.op else ""
    data = node._data
    if isinstance(data, np.ndarray):
        return f"{type(node).__name__}{name} {short(data)}"
    return f"{type(node).__name__}{name}" if name else f"{type(node).__name__} {data!r}"


def short(data: np.ndarray[Any, Any]) -> str:
    """dtype and shape in short, ``f32[64,100]``."""
    kind = data.dtype
    letter = "bool" if kind.kind == "b" else f"{kind.kind}{kind.itemsize * 8}"
    return f"{letter}[{','.join(map(str, data.shape))}]"


def apply(op: Op[Any], args: Sequence[Any], params: Mapping[str, Any] = NO_PARAMS) -> Any:
    """Evaluate `op` on nodes, numbers and arrays (at least one of them a node) and record the result.

    What flows decides: floats are calculated with `floats` and give a Value, arrays with `arrays` and give a Tensor.
    """
    parents = []
    data = []
    with_arrays = False
    for a in args:
        if not isinstance(a, Node):
            if isinstance(a, np.ndarray) and a.dtype.kind == "O":
                return _elementwise(op, args, params)
            try:
                a = constant(a)
            except (TypeError, ValueError) as error:
                raise type(error)(f"{op.name}: {error}") from None
        x = a._data
        if type(x) is np.ndarray:
            with_arrays = True
        parents.append(a)
        data.append(x)
    if op.elementwise and not with_arrays:
        data = [float(d) if type(d) is int else d for d in data]
        result = evaluate(op.forward, data, params)
        if type(result) is not float and not (isinstance(result, bool) and not op.differentiable):
            result = float(result)
        return record(KINDS[float], result, op, tuple(parents), params)
    try:
        if op.quiet:
            with np.errstate(all="ignore"):
                result = op.forward(arrays, *data, **params)
        else:
            result = op.forward(arrays, *data, **params)
    except (ValueError, TypeError, IndexError) as error:
        raise _lesson(op, parents, params, error) from error
    if type(result) is np.ndarray:
        # A node owns its memory: changing a leaf in place never changes what was computed from it.
        if result.base is not None or any(result is d for d in data):
            result = result.copy()
    elif isinstance(result, np.generic):
        result = np.asarray(result) if with_arrays else result.item()
    return record(KINDS[type(result)], result, op, tuple(parents), params)


def evaluate(formula: Callable[..., Any], args: Sequence[Any], params: Mapping[str, Any]) -> Any:
    """A formula on floats, with IEEE's answer where Python would raise."""
    try:
        return formula(floats, *args, **params)
    except (ArithmeticError, ValueError):
        return floats.ieee(formula, tuple(args), params)


def _elementwise(op: Op[Any], args: Sequence[Any], params: Mapping[str, Any]) -> Any:
    """An op on an object array of Values: a matrix of scalars, element by element."""
    if not op.elementwise:
        raise TypeError(f"{op.name}: an object array of nodes works elementwise only; use autograd.stack for a Tensor")
    cells = []
    for a in args:
        if isinstance(a, Node):
            if isinstance(a._data, np.ndarray):
                raise TypeError(f"{op.name}: a Tensor and an object array do not mix; use Tensors or Values only")
            cell = np.empty((), object)
            cell[()] = a
            a = cell
        cells.append(a)
    return np.frompyfunc(lambda *xs: op(*xs, **params), len(cells), 1)(*cells)


def _lesson(op: Op[Any], parents: Sequence[Node], params: Mapping[str, Any], error: Exception) -> Exception:
    """NumPy's complaint, with the op, what met, and what to do."""
    met = ", ".join(describe(p) for p in parents)
    static = "".join(f", {k}={v!r}" for k, v in params.items())
    text = str(error)
    if "broadcast" in text:
        text = (
            "the shapes do not broadcast: they meet from the right, where each pair of lengths must be equal or hold "
            "a 1 (x[:, None] adds one)"
        )
    elif op.name == "matmul":
        text = "the last length of the left must be the last but one of the right (x.T or x.reshape may help)"
    elif op.name == "reshape":
        text += "; a reshape keeps the number of elements (one length may be -1)"
    kind = IndexError if isinstance(error, IndexError) and not isinstance(error, ValueError) else type(error)
    if isinstance(error, np.exceptions.AxisError):
        kind = ValueError
    return kind(f"{op.name}({met}{static}): {text}")
