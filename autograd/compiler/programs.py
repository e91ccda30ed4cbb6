"""``Program``: an ``xp`` that writes instructions. An op's formula run on its variables is compiled by that.

No shape rule is written down: an instruction is evaluated once, on the traced data, by the function that will run it.
What the shapes decide, what is equal and what is constant is settled while instructions are appended.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from functools import partial

import numpy as np

from autograd.callers import Location
from autograd.compiler.rules import simpler
from autograd.compiler.variables import OPERATORS, Variable, data_of, parts
from autograd.engine.node import registry
from autograd.namespaces import arrays, floats
from autograd.typing import Function, Params, X

__all__ = ["Program", "evaluate"]

_COMMUTATIVE = {"add", "multiply", "equal", "not_equal", "logical_and", "logical_or"}
_LARGEST_CONSTANT = 100_000  # elements of an array that is worked out beforehand
_SHAPED_LIKE = {"sum_like": 1, "broadcast_like": 1, "reshape_like": 1, "scatter_like": 1, "put_back": 1}


class Program:
    """Instructions in the order in which formulas wrote them.

    It is the namespace that the formulas of ops are given, so that what they calculate is written down. It serves
    packages built on autograd, as nn is.

    Attributes
    ----------
    variables : list of Variable
        All of them; what no output needs is left out when the program is written.
    inputs : list of Variable
        What it is a function of.
    location : pair or None
    derivative : bool
    step : int
        What the instructions to come belong to; see :class:`Variable`.
    on_numbers : bool
        Whether functions of numbers alone are Python's; else they are NumPy's.
    sized : bool
        Whether values decide about the shapes of the instructions to come.
    gradients : dict of Variable to Variable
        Of which variable each gradient is.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd.compiler import Program, numpy_code
    >>> program = Program()
    >>> x = program.input(np.ones(3), "x")
    >>> print(numpy_code([program.exp(x) * 2.0], [x]).text)
    def make():
        _1 = empty((3,), 'float64')
        k1 = array(2.0, 'float64')
        def run(x):
            t1 = exp(x, _1)
            t2 = multiply(t1, k1)
            return (t2,)
        return run
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
        if _holds_arrays(params.values()):
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
        v: Variable | None = simpler(self, name, args, params, data)
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
            if isinstance(a, list) or (isinstance(a, tuple) and _holds_arrays(a))
            else a
            for a in args
        )


def _holds_arrays(args: X) -> bool:
    """Whether there are variables or arrays among arguments: those are told apart by identity, static ones by text."""
    return any(True for _ in parts(args)) or any(True for _ in _arrays(args))


def _key(a: X) -> X:
    if isinstance(a, Variable):
        return (a.number,)
    return (-1, *map(_key, a)) if isinstance(a, (list, tuple)) else (-2, repr(a))


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
