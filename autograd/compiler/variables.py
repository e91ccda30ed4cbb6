"""``Variable``: what flows through a program."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np

from autograd.typing import Function, Params, X

__all__ = ["OPERATORS", "Variable", "data_of", "parts"]

# Functions that are operators of Python, by the names that namespaces have for them.
OPERATORS: dict[str, Function] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "negative": operator.neg, "matmul": operator.matmul, "less": operator.lt, "less_equal": operator.le,
    "greater": operator.gt, "greater_equal": operator.ge, "equal": operator.eq, "not_equal": operator.ne,
}  # fmt: skip


def parts(args: X) -> Iterator[Variable]:
    """The variables among arguments, in lists and tuples too."""
    for a in args:
        if isinstance(a, Variable):
            yield a
        elif isinstance(a, (list, tuple)):
            yield from parts(a)


class _Unequal(tuple[int, ...]):
    """A shape that depends on values: it equals no other, and shows no lengths, so that nothing is decided by it."""

    __slots__ = ()
    __hash__ = tuple.__hash__

    def __contains__(self, length: object) -> bool:
        self._decided()

    def __getitem__(self, k: X) -> X:
        self._decided()

    def __iter__(self) -> Any:
        self._decided()

    def _decided(self) -> NoReturn:
        raise TypeError("a program cannot decide by a shape that depends on values")  # so the op is called as it is

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True


class _OfUnknownShape(np.ndarray):
    """The traced data of a variable whose shape depends on values."""

    @property  # type: ignore[misc]
    def shape(self) -> _Unequal:  # type: ignore[override]
        return _Unequal(np.shape(self.view(np.ndarray)))


class Variable:
    """What an instruction gives; or an input, or a constant, which have no function.

    It takes operators as an array does, and each writes an instruction. It serves packages built on autograd, as nn is.

    Attributes
    ----------
    program : Program
        Where the instruction stands.
    number : int
        Its place there.
    name : str
        The function's name; "input" or "constant".
    function : callable or None
        What runs, on the operands' data.
    args : tuple
        The operands, variables, in lists too.
    params : mapping of str to object
        The static arguments.
    data : float or array
        The result on the traced data.
    dynamic : bool
        Whether the shape depends on values.
    item : bool
        Whether the function gives a number of NumPy's, of which a number of Python's is made.
    label : str or None
        The user's name for it.
    location : pair or None
        A file and a number: the user's line that recorded the op.
    derivative : bool
        Whether it belongs to a derivative of that op.
    step : int
        Counts the ops, and their derivatives, in the order in which they wrote.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd.compiler import Program
    >>> program = Program()
    >>> y = program.input(np.ones((2, 3)), "x") * 2.0
    >>> y.name, y.shape, y.dtype, [x.name for x in y.operands()]
    ('multiply', (2, 3), dtype('float64'), ['input', 'constant'])
    """

    __slots__ = (
        "args", "data", "derivative", "dynamic", "function", "item", "label", "location", "name", "number", "params",
        "program", "step",
    )  # fmt: skip
    __hash__ = object.__hash__

    def __init__(self, program: X, name: str, data: X, args: tuple[X, ...] = (), params: Params | None = None):
        self.program = program
        self.number = len(program.variables)
        self.name = name
        self.function: Function | None = None
        self.args, self.params = args, params or {}
        self.data = data
        self.dynamic = self.item = False
        self.label: str | None = None
        self.location = program.location
        self.derivative = program.derivative
        self.step = program.step

    @property
    def is_number(self) -> bool:
        """Whether it is a number of Python's, which takes the dtype of the array that it meets."""
        return type(self.data) in (float, int, bool)

    @property
    def is_constant(self) -> bool:
        """Whether it is known beforehand."""
        return self.name == "constant"

    @property
    def _data(self) -> X:  # by which the engine compares shapes and dtypes
        return self.data.view(_OfUnknownShape) if self.dynamic else self.data

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        if self.dynamic:
            return _Unequal(np.shape(self.data))
        return np.shape(self.data)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return np.ndim(self.data)

    @property
    def size(self) -> X:
        """The number of elements, which a program counts where it depends on values."""
        return self.program.count(self)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype that an array of it has."""
        return np.asarray(self.data).dtype

    @property
    def T(self) -> Variable:
        """The transpose."""
        return self.program.call("transpose", (self,))  # type: ignore[no-any-return]

    def operands(self) -> Iterator[Variable]:
        """The variables that it reads."""
        return parts(self.args)

    def __bool__(self) -> bool:
        truth: bool = self.program.decide(self)
        return truth

    def __len__(self) -> int:
        raise TypeError("a variable of a program has no length; read x.shape")

    def __neg__(self) -> X:
        return self.program.call("negative", (self,))

    def __pos__(self) -> Variable:
        return self

    def __abs__(self) -> X:
        return self.program.call("abs", (self,))

    def __pow__(self, other: X) -> X:
        return self.program.call("power", (self, other))

    def __rpow__(self, other: X) -> X:
        return self.program.call("power", (other, self))

    def __getitem__(self, key: X) -> X:
        indices = key if isinstance(key, tuple) else (key,)
        static = tuple(map(_static_place, indices))
        return self.program.call(
            "getitem", (self, *(k for k, s in zip(indices, static, strict=True) if s == "array")), {"key": static}
        )

    __iter__ = None

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: X, **kwargs: X) -> X:
        if method != "__call__" or kwargs:
            return NotImplemented
        return self.program.call(_PLAIN_NAMES.get(ufunc.__name__, ufunc.__name__), args)

    def __array_function__(self, function: Function, types: object, args: tuple[X, ...], kwargs: dict[str, X]) -> X:
        if function in (np.shape, np.ndim, np.size):
            return getattr(self, function.__name__)
        return self.program.run(function.__name__, function, args, kwargs)

    def __array__(self, *args: object, **kwargs: object) -> X:
        raise TypeError("a variable of a program is no array")


_PLAIN_NAMES = {"absolute": "abs", "true_divide": "divide", "remainder": "mod"}


def _static_place(k: X) -> X:
    """A part of an index as `arrays.getitem` takes it."""
    if isinstance(k, slice):
        return ("slice", k.start, k.stop, k.step)
    return "..." if k is ... else k if k is None or isinstance(k, int) else "array"


def _binary(name: str, reflected: bool = False) -> Callable[[Variable, X], X]:
    if reflected:
        return lambda b, a: b.program.call(name, (a, b))

    def operator_of(a: Variable, b: X) -> X:
        if getattr(b, "__array_ufunc__", b) is None:  # a mark, which has the operator
            return NotImplemented
        return a.program.call(name, (a, b))

    return operator_of


for _name, _function in OPERATORS.items():
    if _name != "negative":
        setattr(Variable, f"__{_function.__name__}__", _binary(_name))
        if _name in ("add", "subtract", "multiply", "divide", "matmul"):
            setattr(Variable, f"__r{_function.__name__}__", _binary(_name, reflected=True))


def data_of(a: X, of: Callable[[Variable], X] = operator.attrgetter("data")) -> X:
    """An argument with data in place of variables."""
    if isinstance(a, Variable):
        return of(a)
    if isinstance(a, list) or (type(a) is tuple and any(True for _ in parts(a))):
        return type(a)(data_of(x, of) for x in a)
    return a
