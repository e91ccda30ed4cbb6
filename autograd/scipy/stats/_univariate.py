"""Distributions of one variable: the functions of SciPy's for them, made of formulas of their standard forms."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import Parameter, Signature
from math import inf
from typing import Any, NamedTuple

import scipy.stats as _scipy

import autograd.numpy as np
from autograd.engine.node import Node
from autograd.numpy.dispatch import accepting_nodes
from autograd.typing import Function, X

__all__ = ["CONTINUOUS", "DISCRETE", "Distribution", "by_powers", "either", "others", "power"]

CONTINUOUS = ("pdf", "logpdf", "cdf", "logcdf", "sf", "logsf")
DISCRETE = ("pmf", "logpmf", "cdf", "logcdf", "sf", "logsf")
_BELOW_AND_ABOVE = {"cdf": (0.0, 1.0), "logcdf": (-inf, 0.0), "sf": (1.0, 0.0), "logsf": (0.0, -inf)}


class Distribution(NamedTuple):
    """A distribution by the formulas of its standard form, in which `loc` is 0 and `scale` 1.

    A formula takes a number of the support and the shapes, each an array or a node. What is not given is made of what
    is.

    Attributes
    ----------
    name : str
        SciPy's name for it.
    shapes : str
        The names of its shapes.
    low, high : float
        Between which its support lies.
    valid : callable
        Whether a shape is one; else everything is nan.
    """

    name: str
    logdensity: Function
    cdf: Function
    sf: Function
    logcdf: Function | None = None
    logsf: Function | None = None
    density: Function | None = None
    shapes: str = ""
    low: float = -inf
    high: float = inf
    valid: Function = lambda shape: shape > 0

    def continuous(self) -> Sequence[Function]:
        """The functions that `CONTINUOUS` names: SciPy's on plain data, these formulas on nodes."""
        return [self._function(name, "x", {"loc": 0, "scale": 1}) for name in CONTINUOUS]

    def discrete(self) -> Sequence[Function]:
        """The functions that `DISCRETE` names, of a distribution of integers."""
        return [self._function(name, "k", {"loc": 0}) for name in DISCRETE]

    def _function(self, name: str, variable: str, moved: dict[str, X]) -> Function:
        kind = Parameter.POSITIONAL_OR_KEYWORD
        parameters = [Parameter(p, kind) for p in (variable, *self.shapes.split())]
        signature = Signature(parameters + [Parameter(p, kind, default=v) for p, v in moved.items()])

        def ours(*args: X, **kwargs: X) -> X:
            try:
                bound = signature.bind(*args, **kwargs)
            except TypeError as error:
                raise TypeError(f"{self.name}.{name}{signature}: {error}") from None
            bound.apply_defaults()
            x, *parameters = _of_one_dtype([_as_array(a) for a in bound.args])
            return self._value(name, x, parameters, is_discrete="scale" not in moved)

        theirs = getattr(getattr(_scipy, self.name), name)
        ours.__name__ = ours.__qualname__ = name
        ours.__module__, ours.__doc__ = f"autograd.scipy.stats.{self.name}", theirs.__doc__
        return accepting_nodes(theirs, ours)

    def _value(self, name: str, x: X, parameters: list[X], is_discrete: bool) -> X:
        if not is_discrete:
            scale = _where_valid(parameters.pop(), lambda scale: scale > 0)
        *shapes, loc = parameters
        shapes = [_where_valid(s, self.valid) for s in shapes]
        z = x - loc if is_discrete else (x - loc) / scale
        if name.endswith(("df", "mf")) and not name.endswith("cdf"):
            if self.density and name == "pdf":
                return self._inside(self.density, z, shapes, False, (0.0, 0.0)) / scale
            y = self._inside(self.logdensity, z, shapes, is_discrete, (-inf, -inf))
            y = y if is_discrete else y - np.log(scale)
            return y if name.startswith("log") else np.exp(y)
        pair = (self.cdf, self.sf) if name.endswith("cdf") else (self.sf, self.cdf)
        formula = getattr(self, name) or _log_of(*pair)
        z = np.floor(z) if is_discrete else z
        return self._inside(formula, z, shapes, False, _BELOW_AND_ABOVE[name])

    def _inside(self, formula: Function, z: X, shapes: list[X], of_integers: bool, ends: tuple[float, float]) -> X:
        """A formula where it means something, else what is stated there, which depends on nothing."""
        if (self.low, self.high) == (-inf, inf):
            return formula(z, *shapes)
        below, above = z < self.low, z > self.high  # so that nan is inside
        outside = np.logical_or(below, above)
        if of_integers:
            outside = np.logical_or(outside, z > np.floor(z))  # nan is inside
        for shape in shapes:
            outside = np.logical_and(outside, shape == shape)  # nan where a shape is
        inner = 0.5 * (self.low + self.high) if self.high < inf and not of_integers else self.low + 1.0
        y = formula(np.where(outside, inner, z), *shapes)
        return np.where(np.logical_and(outside, below), ends[0], np.where(outside, ends[1], y))


def by_powers(logdensity: Function, powers: Function) -> Function:
    """The density, which is `powers` next to 0 and 1, where the logarithm of a zero has no derivative."""

    def density(x: X, *shapes: X) -> X:
        edge = np.logical_or(x < 1e-30, x == 1)
        inner = np.exp(logdensity(np.where(edge, 0.5, x), *shapes))
        return np.where(edge, powers(np.where(edge, x, 0.5), *shapes), inner)

    return density


def power(x: X, exponent: X) -> X:
    """A power, which is 1 and constant where both are 0."""
    constant = np.logical_and(x == 0, exponent == 0)
    return either(constant, 1.0, either(constant, 1.0, x) ** exponent)


def _log_of(formula: Function, complement: Function) -> Function:
    """The logarithm of a formula, by what it lacks of 1 where that is small."""

    def log(*args: X) -> X:
        y, lacking = formula(*args), complement(*args)
        near = lacking < 0.5
        return np.where(near, np.log1p(-np.where(near, lacking, 0.0)), np.log(np.where(near, 1.0, y)))

    return log


def others(name: str) -> Function:
    """The ``__getattr__`` of a distribution's module: what SciPy has besides takes plain data only."""
    distribution: Any = getattr(_scipy, name)

    def find(attribute: str) -> X:
        if attribute.startswith("__") or not hasattr(distribution, attribute):
            raise AttributeError(f"module 'autograd.scipy.stats.{name}' has no attribute {attribute!r}")
        theirs = getattr(distribution, attribute)
        return accepting_nodes(theirs) if callable(theirs) else theirs

    return find


def _as_array(x: X) -> X:
    return np.array(x) if isinstance(x, (list, tuple)) else x


def _of_one_dtype(values: list[X]) -> list[X]:
    """Python's numbers of the dtype of what meets them, which a function of theirs would make one of float64."""
    dtype = np.result_type(*values)
    if dtype.kind != "f":
        return values
    return [dtype.type(v) if isinstance(v, (int, float)) else v for v in values]


def _where_valid(parameter: X, valid: Function) -> X:
    """A parameter, and nan where it is none, of which all else becomes nan; a number stays one."""
    if isinstance(parameter, (int, float)):
        return parameter if valid(parameter) else float("nan")
    return either(valid(parameter), parameter, np.nan)


def either(condition: X, a: X, b: X) -> X:
    """NumPy's `where`, of which a number stays one."""
    y = np.where(condition, a, b)
    return y if isinstance(y, Node) else y[()]
