"""``Program``: an ``xp`` that writes instructions. An op's formula run on its variables is compiled by that.

No shape rule is written down: an instruction is evaluated once, on the traced data, by the function that will run it.
What the shapes decide, what is equal and what is constant is settled while instructions are appended.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from autograd.callers import Location
from autograd.engine.node import registry
from autograd.namespaces import arrays, floats
from autograd.typing import Function, Params, X

__all__ = ["OPERATORS", "Program", "Variable", "data_of", "evaluate", "parts"]

# Functions that are operators of Python, by the names that namespaces have for them.
OPERATORS: dict[str, Function] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "negative": operator.neg, "matmul": operator.matmul, "less": operator.lt, "less_equal": operator.le,
    "greater": operator.gt, "greater_equal": operator.ge, "equal": operator.eq, "not_equal": operator.ne,
}  # fmt: skip
_COMMUTATIVE = {"add", "multiply", "equal", "not_equal", "maximum", "minimum", "logical_and", "logical_or"}
_LARGEST_CONSTANT = 100_000  # elements of an array that is worked out beforehand
_SHAPED_LIKE = {"sum_like": 1, "broadcast_like": 1, "reshape_like": 1, "scatter_like": 1, "put_back": 1}


def parts(args: X) -> Iterator[Variable]:
    """The variables among arguments, in lists and tuples too."""
    for a in args:
        if isinstance(a, Variable):
            yield a
        elif isinstance(a, (list, tuple)):
            yield from parts(a)


class _Unequal(tuple[int, ...]):
    """A shape that depends on values: it equals no other, so that nothing is decided by it."""

    __slots__ = ()
    __hash__ = tuple.__hash__

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
    args, params : tuple, mapping
        Variables, in lists too, and static arguments.
    data : float or array
        The result on the traced data.
    dynamic : bool
        Whether the shape depends on values.
    item : bool
        Whether the function gives a number of NumPy's, of which a number of Python's is made.
    label : str or None
        The user's name for it.
    location : (str, int) or None
        The user's line that recorded the op.
    derivative : bool
        Whether it belongs to a derivative of that op.
    step : int
        Counts the ops, and their derivatives, in the order in which they wrote.
    """

    __slots__ = (
        "args", "data", "derivative", "dynamic", "function", "item", "label", "location", "name", "number", "params",
        "program", "step",
    )  # fmt: skip
    __hash__ = object.__hash__

    def __init__(self, program: Program, name: str, data: X, args: tuple[X, ...] = (), params: Params | None = None):
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
        return self.program.decide(self)

    def __len__(self) -> int:
        raise TypeError("the length of an array is none of a formula's business in a program")

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
    return lambda a, b: a.program.call(name, (a, b))


for _name, _function in OPERATORS.items():
    if _name != "negative":
        setattr(Variable, f"__{_function.__name__}__", _binary(_name))
        if _name in ("add", "subtract", "multiply", "divide", "matmul"):
            setattr(Variable, f"__r{_function.__name__}__", _binary(_name, reflected=True))


class Program:
    """Instructions in the order in which formulas wrote them.

    Attributes
    ----------
    variables : list of Variable
        All of them; what no output needs is left out when the program is written.
    inputs : list of Variable
        What it is a function of.
    location, derivative, step
        What the instructions to come belong to; see :class:`Variable`.
    on_numbers : bool
        Whether functions of numbers alone are Python's; else they are NumPy's.
    sized : bool
        Whether values decide about the shapes of the instructions to come.
    gradients : dict of Variable to Variable
        Of which variable each gradient is.
    """

    def __init__(self) -> None:
        self.variables: list[Variable] = []
        self.inputs: list[Variable] = []
        self.location: Location | None = None
        self.derivative = False
        self.step = 0
        self.on_numbers = True
        self.sized = False
        self.gradients: dict[Variable, Variable] = {}
        self._equal: dict[X, Variable] = {}

    def __getattr__(self, name: str) -> Function:
        """Any function that the op table asks a namespace for."""
        if name.startswith("__") or (name not in OPERATORS and not hasattr(arrays, name)):
            raise AttributeError(f"a program has no {name!r}")
        return lambda *args, **params: self.call(name, args, params)

    def sigmoid(self, x: X) -> X:
        """Written out, so that its parts are calculated in place."""
        return 1 / (1 + self.exp(-x))

    def count(self, x: X, axis: X = None) -> X:
        """The number of elements: one of Python's, unless it depends on values."""
        dynamic = isinstance(x, Variable) and x.dynamic
        return self.call("count", (x,), {"axis": axis}) if dynamic else arrays.count(data_of(x), axis)

    def stated(self, condition: X, a: X, b: X) -> X:
        """A selection by a convention."""
        return self.call("where", (condition, a, b))

    def decide(self, x: Variable) -> bool:
        """Refuse to branch on a value; to record a rule of an optimiser, a subclass may answer."""
        raise TypeError("a program cannot branch on a value; write where(condition, a, b)")

    def input(self, data: X, label: str | None = None) -> Variable:
        """A new input."""
        v = self._new("input", data)
        v.label = label
        self.inputs.append(v)
        return v

    def constant(self, x: X) -> Variable:
        """A number or an array as a variable."""
        if isinstance(x, Variable):
            return x
        if isinstance(x, np.generic):
            x = np.asarray(x)
        key = ("array", id(x)) if isinstance(x, np.ndarray) else ("number", type(x), repr(x))
        if key not in self._equal:
            self._equal[key] = self._new("constant", x)
        return self._equal[key]

    def call(self, name: str, args: tuple[X, ...], params: Params | None = None) -> X:
        """Append an instruction, and give its result; a function of a namespace by its name."""
        args = self._operands(args)
        numbers = all(v.is_number for v in parts(args))
        space = floats if numbers and self.on_numbers and name in vars(floats) else arrays
        function = OPERATORS[name] if numbers and name in OPERATORS else getattr(space, name)
        function = np.power if function is arrays.power else function
        return self.run(name, function, args, params or {})

    def run(self, name: str, function: Function, args: tuple[X, ...], params: Params, repeatable: bool = True) -> X:
        """Append an instruction of a function; one that is not `repeatable` is never merged with an equal one."""
        args = self._operands(args)
        if any(True for _ in parts(params.values())):
            raise TypeError(f"{name}: a program takes arrays by position")
        key = None
        if repeatable:
            ids = [_key(a) for a in args]
            key = (function, *(sorted(ids) if name in _COMMUTATIVE else ids), repr(sorted(params.items())))
            if key in self._equal:
                return self._equal[key]
        data, item = evaluate(name, function, [data_of(a) for a in args], params)
        if isinstance(data, (tuple, list)):
            whole = self._append(name, function, args, params, data)
            return type(data)(self.run("part", operator.getitem, (whole, i), {}) for i in range(len(data)))
        v: Variable | None = self._simpler(name, args, params, data)
        if v is None:
            operands = list(parts(args))
            if repeatable and operands and all(o.is_constant for o in operands) and np.size(data) < _LARGEST_CONSTANT:
                v = self.constant(data)
            else:
                v = self._append(name, function, args, params, data)
                v.item = item
        if key is not None:
            self._equal[key] = v
        return v

    def _new(self, name: str, data: X, args: tuple[X, ...] = (), params: Params | None = None) -> Variable:
        v = Variable(self, name, data, args, params)
        self.variables.append(v)
        return v

    def _append(self, name: str, function: Function, args: tuple[X, ...], params: Params, data: X) -> Variable:
        v = self._new(name, data, args, params)
        v.function = function
        if isinstance(data, tuple) or np.ndim(data):
            like = args[_SHAPED_LIKE[name] :][:1] if name in _SHAPED_LIKE else args
            sized = self.sized or (name not in _SHAPED_LIKE and _is_sized(name, args))
            v.dynamic = sized or any(o.dynamic for o in parts(like))
        return v

    def _operands(self, args: X) -> X:
        """Arguments with numbers and arrays as constants."""
        return tuple(
            self.constant(a)
            if isinstance(a, (float, int, np.ndarray, np.generic))
            else type(a)(self._operands(a))
            if isinstance(a, list) or (isinstance(a, tuple) and any(True for _ in parts(a)))
            else a
            for a in args
        )

    def _simpler(self, name: str, args: tuple[X, ...], params: Params, data: X) -> Variable | None:
        """What an instruction comes to without being one, to the last bit; None if it has to be done."""
        if any(v.dynamic for v in parts(args)) or not args or not isinstance(args[0], Variable):
            return None
        rule = _RULES.get(name)
        return None if rule is None else rule(self, data, *args, **params)


def _key(a: X) -> X:
    if isinstance(a, Variable):
        return (a.number,)
    return (-1, *map(_key, a)) if isinstance(a, (list, tuple)) else (-2, repr(a))


def data_of(a: X, of: Callable[[Variable], X] = operator.attrgetter("data")) -> X:
    """An argument with data in place of variables."""
    if isinstance(a, Variable):
        return of(a)
    if isinstance(a, list) or (type(a) is tuple and any(True for _ in parts(a))):
        return type(a)(data_of(x, of) for x in a)
    return a


def evaluate(name: str, function: Function, args: list[X], params: Params) -> tuple[X, bool]:
    """A function's value for data, with IEEE's answer where Python would raise, and whether it is NumPy's number.

    Of numbers come numbers of Python's, where an array goes in an array.
    """
    with np.errstate(all="ignore"):
        try:
            result = function(*args, **params)
        except (ArithmeticError, ValueError):
            if function is not OPERATORS.get(name) and function is not vars(floats).get(name):
                raise
            result = floats.ieee(partial(_in_ieee, name, function), tuple(map(float, args)), params)
    if isinstance(result, np.generic) or (isinstance(result, np.ndarray) and not result.ndim):
        if any(True for _ in _arrays(args)):
            return np.asarray(result), False
        return result.item(), True
    return result, False


def _arrays(args: X) -> Iterator[X]:
    for a in args:
        if isinstance(a, np.ndarray):
            yield a
        elif isinstance(a, (list, tuple)):
            yield from _arrays(a)


def _in_ieee(name: str, function: Function, xp: X, *args: X, **params: X) -> X:
    """A function of floats, on NumPy's."""
    return (function if name in OPERATORS else getattr(xp, name))(*args, **params)


def _is_sized(name: str, args: tuple[X, ...]) -> bool:
    """Whether values decide about the shape of a function's result, as the record of the op of that name says."""
    sized_by = getattr(vars(registry).get(name), "sized_by", None)
    data = [data_of(a) for a in args]
    return sized_by is not None and any(not args[i].is_constant for i in sized_by(*data))


def _is(x: X, number: float) -> bool:
    return isinstance(x, Variable) and x.is_constant and not x.ndim and bool(x.data == number)


def _all(x: Variable, truth: bool) -> bool:
    """Whether a condition is known, and the same everywhere."""
    return x.is_constant and bool(np.all(np.asarray(x.data, bool) == truth))


def _fits(x: Variable, data: X) -> bool:
    """Whether a variable has the kind, shape and dtype of a result."""
    if type(x.data) is not type(data):
        return False
    return not isinstance(data, np.ndarray) or (x.data.shape == data.shape and x.data.dtype == data.dtype)


def _itself(program: Program, data: X, x: Variable, *args: X, **params: X) -> Variable | None:
    return x if _fits(x, data) else None


def _summed(program: Program, data: X, x: Variable, like: Variable) -> Variable | None:
    if _fits(x, data):
        return x
    if isinstance(data, np.ndarray) and x.ndim == 2 and data.shape == x.shape[1:] and data.dtype == x.dtype:
        return program.call("sum", (x,), {"axis": 0})  # type: ignore[no-any-return]
    return None


def _raised(program: Program, data: X, x: Variable, exponent: Variable) -> Variable | None:
    """A power as NumPy's own operator calculates it."""
    if _is(exponent, 1) and _fits(x, data):
        return x
    if _is(exponent, 0):
        return program.constant(data)  # 1, also of nan
    if isinstance(data, np.ndarray) and x.dtype.kind == "f":
        for number, name in ((0.5, "sqrt"), (-1, "reciprocal"), (2, "multiply")):
            if _is(exponent, number):
                return program.call(name, (x, x) if number == 2 else (x,))  # type: ignore[no-any-return]
    return None


def _product(program: Program, data: X, a: Variable, b: Variable) -> Variable | None:
    for x, other in ((a, b), (b, a)):
        if _is(other, 1) and _fits(x, data):
            return x
        # What is spread only to be multiplied with what has that shape needs no spreading.
        if other.name == "broadcast_like" and other.args[0].ndim == 0 and _fits(other, data) and _fits(x, data):
            return program.call("multiply", (other.args[0], x))  # type: ignore[no-any-return]
    return None


def _quotient(program: Program, data: X, a: Variable, b: Variable) -> Variable | None:
    return a if _is(b, 1) and _fits(a, data) else None


def _negated(program: Program, data: X, x: Variable) -> Variable | None:
    return x.args[0] if x.name == "negative" else None


def _chosen(program: Program, data: X, condition: Variable, a: Variable, b: Variable) -> Variable | None:
    x = a if _all(condition, True) else b if _all(condition, False) else None
    return x if x is not None and _fits(x, data) else None


def _conjunction(program: Program, data: X, a: Variable, b: Variable) -> Variable | None:
    return _known(program, data, a, b, False)


def _disjunction(program: Program, data: X, a: Variable, b: Variable) -> Variable | None:
    return _known(program, data, a, b, True)


def _known(program: Program, data: X, a: Variable, b: Variable, decisive: bool) -> Variable | None:
    """What two conditions come to, where one is known: that alone is `decisive` if it is everywhere so."""
    for x, other in ((a, b), (b, a)):
        if _all(other, decisive):
            return program.constant(data)
        if _all(other, not decisive) and _fits(x, data):
            return x
    return None


_RULES: dict[str, Callable[..., Variable | None]] = {
    "positive": _itself, "copy": _itself, "broadcast_like": _itself, "reshape_like": _itself, "reshape": _itself,
    "sum_like": _summed, "power": _raised, "multiply": _product, "divide": _quotient,
    "negative": _negated, "where": _chosen, "logical_and": _conjunction, "logical_or": _disjunction,
}  # fmt: skip
