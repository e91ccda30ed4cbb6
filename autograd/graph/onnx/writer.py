"""An ONNX graph while it is written: its calls and constants, and variables on which formulas of the op table run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autograd.callers import location_text
from autograd.engine.anomaly import location_of
from autograd.engine.node import Node
from autograd.namespaces import arrays
from autograd.namespaces.names import shape_only
from autograd.typing import Array, Function, X

__all__ = ["KERNELS", "Call", "Graph", "Placed", "Variable", "Writer", "refusal"]


def _kernels(dtypes: str, kinds: str) -> dict[str, frozenset[str]]:
    return dict.fromkeys(kinds.split(), frozenset(dtypes.split()))


# For which dtypes onnxruntime calculates an operator on a CPU; one that is not here takes any.
KERNELS: Mapping[str, frozenset[str]] = {
    **_kernels("f4", "Acos Acosh Asin Asinh Atan Atanh AveragePool Conv ConvTranspose Cosh Det Erf Sinh Tan"),
    **_kernels("f4 f8", "Ceil Cos Elu Exp Floor Gemm IsInf IsNaN LayerNormalization Log LogSoftmax Round Sigmoid Sin"),
    **_kernels("f4 f8", "Softmax Softplus Sqrt Tanh"),
    **_kernels("f4 f8 i1 i2 i4 i8", "Neg"),
    **_kernels("f4 f8 i1 i2 i4 i8 u1", "TopK"),
    **_kernels("f4 f8 i1 i2 i4 i8 u1 u2 u4 u8", "Abs Add Div Greater GreaterOrEqual Less LessOrEqual Mod Mul Sign Sub"),
    **_kernels("f4 f8 i1 i4 i8", "Relu"),
    **_kernels("f4 f8 i1 i4 i8 u1", "ArgMax ArgMin ReduceMax ReduceMin"),
    **_kernels("f4 f8 i1 i4 i8 u1 u4", "Where"),
    **_kernels("f4 f8 i1 i4 i8 u1 u4 u8", "Max Min"),
    **_kernels("f4 f8 i1 i8", "Unique"),
    **_kernels("f4 f8 i1 u1", "MaxPool"),
    **_kernels("f4 f8 i4 i8", "CumSum Einsum Pow ReduceL2 ReduceMean ReduceProd ReduceSum"),
    **_kernels("f4 f8 i4 i8 u4 u8", "MatMul ReduceLogSumExp"),
    **_kernels("b1 f4 f8 i1 i4 i8 u1 u4 u8", "Pad"),
    **_kernels("b1 f4 f8 i4 i8", "Trilu"),
    **_kernels("b1 f4 i4 i8 u1", "NonZero"),
}
# What others are calculated in, where there is no kernel for them: without a loss.
_WIDER = ("i8", "f8")
# The operators whose result has not the dtype of their first operand.
_GIVES = {
    **dict.fromkeys(("Equal", "Greater", "GreaterOrEqual", "IsInf", "IsNaN", "Less", "LessOrEqual"), "b1"),
    **dict.fromkeys(("ArgMax", "ArgMin", "NonZero", "Shape"), "i8"),
}  # fmt: skip
# Those that give as many elements as values decide.
_SIZED_BY_VALUES = {"Compress", "NonZero", "Unique"}
_SIZED = "it reads the shape of elements that were picked by values, which is another for other values"


class Call(NamedTuple):
    """A call of an ONNX operator.

    Attributes
    ----------
    kind : str
        The operator.
    inputs, outputs : tuple of str
        Names of variables and constants.
    attributes : dict
        Its static arguments.
    node : node or None
        The recorded op that it is a part of.
    """

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, X]
    node: Node | None


Placed: TypeAlias = tuple[np.dtype[Any], tuple[int | str, ...]]  # a dtype, and lengths or names for them


@dataclass
class Graph:
    """A calculation in ONNX's operators.

    `weights` are the constants with names of their own; `shapes` those of what its calls give in the recording.
    """

    inputs: dict[str, Placed] = field(default_factory=dict)
    outputs: dict[str, Placed] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    constants: dict[str, Array] = field(default_factory=dict)
    weights: set[str] = field(default_factory=set)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)


def refusal(text: str, node: Node | None = None) -> ValueError:
    """The error that says why something is not exported, with the line of the user's code that recorded it if known."""
    known = None if node is None else location_of(node)
    return ValueError(f"to_onnx: {text}" + (f"\n  recorded at {location_text(known)}" if known else ""))


def _binary(name: str) -> Callable[[Variable, X], X]:
    return lambda a, b: getattr(a.xp, name)(a, b)


def _reflected(name: str) -> Callable[[Variable, X], X]:
    return lambda b, a: getattr(b.xp, name)(a, b)


class Variable:
    """An array of the recording with its name in the graph; a constant that no operator has read yet has none.

    Attributes
    ----------
    xp : Writer
        The graph that it is in.
    data : array
        What it is in the recording.
    name : str
        Its name, or nothing.
    """

    __slots__ = ("data", "name", "xp")
    __array_ufunc__ = None  # so that NumPy's numbers leave operators to it
    __hash__: Any = object.__hash__

    def __init__(self, xp: Writer, data: X, name: str = "") -> None:
        self.xp, self.data, self.name = xp, np.asarray(data), name

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes; those that depend on values are refused, for they are the recording's only."""
        if self.is_sized_by_values:
            raise self.xp.refusal(_SIZED)
        return self.data.shape

    @property
    def is_sized_by_values(self) -> bool:
        """Whether a length depends on values, as where a condition picked elements."""
        return self.name in self.xp.sized_by_values

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.data.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return prod(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of its elements."""
        return self.data.dtype

    def __neg__(self) -> X:
        return self.xp.negative(self)

    def __abs__(self) -> X:
        return self.xp.abs(self)

    __add__, __radd__ = _binary("add"), _reflected("add")
    __sub__, __rsub__ = _binary("subtract"), _reflected("subtract")
    __mul__, __rmul__ = _binary("multiply"), _reflected("multiply")
    __truediv__, __rtruediv__ = _binary("divide"), _reflected("divide")
    __pow__, __rpow__ = _binary("power"), _reflected("power")
    __matmul__, __rmatmul__ = _binary("matmul"), _reflected("matmul")
    __lt__, __le__ = _binary("less"), _binary("less_equal")
    __gt__, __ge__ = _binary("greater"), _binary("greater_equal")
    __eq__, __ne__ = _binary("equal"), _binary("not_equal")
    __iter__ = None

    def __bool__(self) -> bool:
        if self.name:
            raise self.xp.refusal("it branches on a value; write xp.where(condition, a, b)")
        return bool(self.data)

    def __array__(self, *args: X, **kwargs: X) -> Array:
        raise self.xp.refusal("it calls NumPy; write its functions as those of xp")


class Writer:
    """``xp`` for variables of an ONNX graph: each of its functions writes the calls that calculate it.

    What no input or named constant is an operand of is calculated here, and becomes a constant.

    Parameters
    ----------
    rules : mapping
        For a function of a namespace, ``rule(xp, y, *args, **params)``, which writes it and gives its variable; `y` is
        what it is in the recording.
    taken : collection of str
        The names that are none of variables.
    """

    def __init__(self, rules: Mapping[str, Function], taken: set[str]) -> None:
        self.rules, self.taken, self.graph = rules, taken, Graph()
        self.node: Node | None = None  # that is being written
        self.sized_by_values: set[str] = set()
        self._count = 0

    def __getattr__(self, name: str) -> Function:
        if name.startswith("__"):
            raise AttributeError(name)

        def function(*args: X, **params: X) -> X:
            skipped = shape_only.get(name, ())
            read = args if name == "count" else [a for i, a in enumerate(args) if i in skipped]
            if any(v.is_sized_by_values for v in _variables(read)):
                raise self.refusal(_SIZED)
            y = arrays.quietly(getattr(arrays, name), *map(_plain, args), **{k: _plain(v) for k, v in params.items()})
            if type(y) in (int, float, bool):  # such as a number of elements: weak in what follows
                return y
            if not any(v.name for v in _variables([a for i, a in enumerate(args) if i not in skipped])):
                return Variable(self, y)
            if name not in self.rules:
                raise self.refusal(f"there is no {name} in ONNX")
            return self.known(self.rules[name](self, np.asarray(y), *args, **params), np.asarray(y))

        return function

    def refusal(self, text: str) -> ValueError:
        """The error that says why the node that is being written is not exported."""
        name = f"{self.node.op.name} is not exported: " if self.node is not None and self.node.op else ""
        return refusal(f"{name}{text}", self.node)

    def known(self, x: X, y: Array) -> Variable:
        """What is `y` in the recording, as a variable."""
        v: Variable = self.cast(x if isinstance(x, Variable) else Variable(self, x), y.dtype)
        return Variable(self, y, v.name)

    def cast(self, x: X, dtype: Any) -> X:
        """A variable or an array in another dtype; a number as it is."""
        if not isinstance(x, Variable):
            return x.astype(dtype) if isinstance(x, np.ndarray) else x
        if x.dtype == dtype:
            return x
        return self.call("Cast", x, like=arrays.quietly(x.data.astype, dtype), to=np.dtype(dtype))

    def call(self, kind: str, *inputs: X, like: Array, output: int = 0, **attributes: X) -> Variable:
        """Write a call of an operator; `like` is its result in the recording.

        Inputs are variables, arrays (constants), or numbers, in the dtype of what is calculated with.
        """
        if not any(v.name for v in _variables(inputs)):
            return Variable(self, like)
        fixed, operands = inputs[: kind == "Where"], inputs[kind == "Where" :]
        works = next((v.dtype for v in operands if isinstance(v, Variable)), like.dtype)
        if (wider := self._works_in(kind, works)) != works:
            operands = tuple(self.cast(v, wider) if getattr(v, "dtype", None) == works else v for v in operands)
            works = wider
        names = tuple(self._name(v, works) for v in (*fixed, *operands))
        self._count += 1
        while (name := f"v{self._count}") in self.taken:
            self._count += 1
        unread = (f"{name}_{i}" for i in range(output))
        self.graph.calls.append(Call(kind, names, (*unread, name), attributes, self.node))
        self.graph.shapes[name] = like.shape
        if (kind in _SIZED_BY_VALUES and output != 2) or (like.ndim and not self.sized_by_values.isdisjoint(names)):
            self.sized_by_values.add(name)
        gives = like.dtype if kind == "Cast" else _GIVES.get(kind, works if output == 0 else "i8")
        return self.known(Variable(self, like.astype(gives, copy=False), name), like)

    def constant(self, data: X) -> str:
        """The name of a new constant."""
        name = f"c{len(self.graph.constants)}"
        while name in self.taken or name in self.graph.constants:
            name += "_"
        self.graph.constants[name] = np.asarray(data)
        return name

    def _name(self, x: X, dtype: np.dtype[Any]) -> str:
        if not isinstance(x, Variable):
            return self.constant(x if isinstance(x, np.ndarray) else np.asarray(x, dtype))
        return x.name or self.constant(x.data)

    def _works_in(self, kind: str, dtype: np.dtype[Any]) -> np.dtype[Any]:
        """The dtype in which an operator is calculated for operands of one."""
        known = KERNELS.get(kind)
        if known is None or f"{dtype.kind}{dtype.itemsize}" in known:
            return dtype
        wider = next((d for d in _WIDER if d in known), None)
        if dtype.kind == "f" or wider is None:
            raise self.refusal(
                f"onnxruntime calculates {kind} in float32 only, and this is {dtype}; record it in float32, which for "
                "a model is model.float()"
            )
        return np.dtype(wider)


def _plain(x: X) -> X:
    return list(map(_plain, x)) if isinstance(x, list) or _holds(x) else x.data if isinstance(x, Variable) else x


def _holds(x: X) -> bool:
    return isinstance(x, tuple) and any(isinstance(v, Variable) for v in x)


def _variables(args: X) -> X:
    for a in args:
        if isinstance(a, Variable):
            yield a
        elif isinstance(a, (list, tuple)):
            yield from _variables(a)
