"""From NumPy's functions to ours: the one place that says what NumPy's names mean for nodes.

`autograd.numpy` and NumPy's protocols look functions up here; the registry of the op table holds the answers.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from functools import cache, wraps
from itertools import takewhile
from types import ModuleType
from typing import Any, Literal, NamedTuple

import numpy as np

from autograd.engine.coercion import carried, has_node
from autograd.engine.libraries import dtype_named, fetched, library_of, numpy_dtype
from autograd.engine.node import Node, functions, registry
from autograd.engine.op import Op
from autograd.namespaces.arrays import quietly
from autograd.numpy import index_tricks
from autograd.numpy.advice import DROPPED, INSTEAD, KEYWORDS, METHODS, OF_SCIPY, OUTSIDE, PLAIN_ONLY
from autograd.tracebacks import entrance, shorten
from autograd.typing import Function, Keywords, X

__all__ = ["Support", "accepting_nodes", "attribute", "dispatch", "dispatch_ufunc", "has_node", "supported"]

_COMPARISONS = {np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal}
# The functions for which methods of ufuncs stand.
_UFUNC_METHODS: dict[tuple[np.ufunc, str], Function] = {
    (np.add, "reduce"): np.sum,
    (np.multiply, "reduce"): np.prod,
    (np.maximum, "reduce"): np.max,
    (np.minimum, "reduce"): np.min,
    (np.logical_and, "reduce"): np.all,
    (np.logical_or, "reduce"): np.any,
    (np.add, "accumulate"): np.cumsum,
    (np.multiply, "accumulate"): np.cumprod,
}
_JOINING = (np.column_stack, np.concatenate, np.dstack, np.hstack, np.stack, np.vstack)
# Where a signature of NumPy's does not show its defaults, these values of keywords change nothing.
_NEUTRAL = {"out": None, "where": True, "subok": True, "casting": "same_kind", "order": "C"}
# NumPy's second names of parameters.
_OTHER_NAMES = {"correction": "ddof", "max": "a_max", "min": "a_min"}


class Support(NamedTuple):
    """Whether a function of NumPy's can be used on nodes; it is true unless the function is not supported.

    Attributes
    ----------
    name : str
        NumPy's name for the function, without ``np.``.
    status : str
        ``"differentiable"``; ``"constant"``: it takes nodes, and its derivative is 0 wherever it has one; or
        ``"not supported"``.
    advice : str
        What to write instead; empty if the function is supported.
    """

    name: str
    status: Literal["differentiable", "constant", "not supported"]
    advice: str = ""

    def __bool__(self) -> bool:
        return self.status != "not supported"

    def __repr__(self) -> str:
        return f"{self.name}: {self.status}{'; ' if self.advice else ''}{self.advice}"


@entrance
def supported(function: str | Function) -> Support:
    """Whether a function can be used on nodes, and what to use instead if not.

    Parameters
    ----------
    function : str or callable
        NumPy's name for it (``"flip"``, ``"linalg.norm"``), ours (``"relu"``), or the function itself.

    Returns
    -------
    tuple
        A tuple ``(name, status, advice)`` that prints as a sentence and is true unless it is not supported.

    Raises
    ------
    TypeError
        If `function` is neither a name nor a function.

    Examples
    --------
    >>> from autograd import supported
    >>> supported("sin")
    sin: differentiable
    >>> supported("sign")
    sign: constant
    >>> supported("put")
    put: not supported; use np.where(condition, new, x)
    >>> supported("put").status
    'not supported'
    """
    if isinstance(function, str):
        name = function.removeprefix("numpy.").removeprefix("np.")
        theirs = _function_at(np, name)
        ours = functions().get(name) or _own_function(theirs)
        if ours is None and theirs is None:
            return Support(name, "not supported", "there is no function of this name")
    elif callable(function):
        name = _name(function)
        own = isinstance(function, Op) or any(function is f for f in functions().values())
        theirs = getattr(function, "__wrapped__", None)  # a function of autograd.numpy wraps NumPy's
        ours = (
            function if own else _own_function(function) or _own_function(theirs) or getattr(function, "on_nodes", None)
        )
    else:
        raise TypeError(f"supported: give a function or its name, not {type(function).__name__}")
    if ours is None:
        return Support(name, "not supported", _advice(name))
    return Support(name, "differentiable" if getattr(ours, "differentiable", True) else "constant")


def dispatch(function: Function, args: tuple[X, ...], kwargs: Keywords) -> X:
    """Call our function in place of NumPy's, on arguments among which are nodes; else say what to write."""
    ours = _own_function(function)
    if ours is None:
        advice = _advice(_name(function))
        if advice is PLAIN_ONLY and (plain := _as_plain([args, kwargs])) is not None:
            return function(*plain[0], **plain[1])
        if getattr(sys.modules.get("scipy.special"), function.__name__, None) is function:
            advice = OF_SCIPY
        raise TypeError(f"{_spelling(function)} is not supported on nodes; {advice}")
    if len(args) == 1 and function is np.where and not kwargs:
        ours = registry.nonzero
    if not kwargs and len(args) < 2:
        return _call(ours, args, {})
    parameters = _parameter_map(function, ours)
    if parameters.positional is not None and len(args) > parameters.positional:
        kwargs = dict(zip(parameters.rest, args[parameters.positional :], strict=False)) | dict(kwargs)
        args = args[: parameters.positional]
    result = _call(ours, args, _own_keywords(function, parameters, kwargs))
    dtype = None if "dtype" in parameters.known else kwargs.get("dtype")
    if dtype is None:
        return result
    try:
        carried(dtype)
    except TypeError as error:
        raise TypeError(f"{_spelling(function)}: {error}") from None
    for y in result if isinstance(result, tuple) else (result,):
        actual = numpy_dtype(y)
        if actual != dtype_named(dtype):
            raise TypeError(f"{_spelling(function)}: dtype={dtype!r}, but {KEYWORDS['dtype'].format(actual)}")
    return result


def dispatch_ufunc(ufunc: np.ufunc, method: str, args: tuple[X, ...], kwargs: Keywords) -> X:
    """Call our function in place of a ufunc, or of one of its methods (``np.add.reduce``)."""
    if method == "__call__":
        if ufunc in _COMPARISONS:  # NumPy has turned its scalars into 0-d arrays: np.float64(2) > x
            args = tuple(a.item() if type(a) is np.ndarray and a.ndim == 0 else a for a in args)
        return dispatch(ufunc, args, kwargs)
    meaning = _UFUNC_METHODS.get((ufunc, method))
    if meaning is None:
        name = _spelling(ufunc)
        advice = METHODS.get(method, "write it with supported functions")
        raise TypeError(f"{name}.{method} is not supported on nodes; {advice.format(name)}")
    return dispatch(meaning, args, {"axis": 0, **kwargs})


def _own_keywords(function: Function, parameters: _ParameterMap, kwargs: Keywords) -> Keywords:
    """NumPy's keywords under our names, without those that have their defaults; an error if ours lacks one."""
    keywords = {}
    for k, v in kwargs.items():
        if v is np._NoValue or (k == "dtype" and k not in parameters.known):  # `dispatch` looks at the result's
            continue
        name = parameters.renamed.get(k, k)
        if name in parameters.known or (parameters.any_keyword and k not in parameters.defaults):
            keywords[name] = v
        elif not _is_default(v, parameters.defaults.get(k, _NEUTRAL.get(k))):
            raise TypeError(f"{_spelling(function)}: {_keyword_error(function, k, parameters.known)}")
    return keywords


def _is_default(value: X, default: object) -> bool:
    """Whether a keyword has NumPy's default, and so changes nothing."""
    return value is default or (
        isinstance(value, (bool, int, str)) and type(default) is type(value) and value == default
    )


def _keyword_error(function: Function, k: str, known: list[str]) -> str:
    """Why a keyword of NumPy's is refused, and what to write."""
    name = _spelling(function)
    if k == "where" and isinstance(function, np.ufunc):
        return f"where= is not supported on nodes; write np.where(condition, {name}(x), other)"
    two = getattr(function, "nin", 1) == 2
    general = f"{k}= is not supported on nodes; it takes {', '.join(known)}"
    text = KEYWORDS.get(f"{function.__name__}.{k}") or KEYWORDS.get(k, general)
    aside = " (a += x on an array asks for this: write a = a + x)" * (two and k == "out")
    return text.format(name, "a, x" if two else "x") + aside


class _ParameterMap(NamedTuple):
    """How the parameters of a function of NumPy's correspond to ours."""

    known: list[str]  # our names
    renamed: dict[str, str]  # our names by NumPy's, where they differ
    positional: int | None  # how many may be passed by position; None: all
    rest: list[str]  # NumPy's names of the others
    defaults: Keywords
    any_keyword: bool


@cache
def _parameter_map(function: Function, ours: Function) -> _ParameterMap:
    parameters = inspect.signature(ours).parameters
    known = list(parameters)
    any_keyword = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    theirs: Mapping[str, inspect.Parameter]
    try:
        theirs = inspect.signature(function).parameters
    except ValueError:  # some functions that NumPy has in C
        theirs = {}
    defaults = {k: p.default for k, p in theirs.items() if p.default is not p.empty}
    names = list(takewhile(lambda k: theirs[k].kind is not inspect.Parameter.VAR_POSITIONAL, theirs))
    renamed = {t: o for t, o in zip(names, known, strict=False) if t not in known and o not in theirs}
    if isinstance(function, np.ufunc) or len(names) < len(theirs) or not names:
        return _ParameterMap(known, {} if isinstance(function, np.ufunc) else renamed, None, [], defaults, any_keyword)
    start = next((i for i, (t, o) in enumerate(zip(names, known, strict=False)) if renamed.get(t, t) != o), len(known))
    renamed |= {k: v for k, v in _OTHER_NAMES.items() if k in names and v in known}
    return _ParameterMap(known, renamed, start, names[start:], defaults, any_keyword)


def _call(ours: Function, args: tuple[X, ...], kwargs: Keywords) -> X:
    """Call a function of ours; if it lacks an argument of NumPy's, the error says which it takes."""
    if any(isinstance(a, (list, tuple)) for a in (*args, *kwargs.values())):
        args, kwargs = _with_lists_joined(ours, args, kwargs)
    try:
        return ours(*args, **kwargs)
    except TypeError:
        if not isinstance(ours, Op):
            try:
                inspect.signature(ours).bind(*args, **kwargs)
            except TypeError as error:
                takes = ", ".join(inspect.signature(ours).parameters)
                raise TypeError(f"np.{ours.__name__}: {error}; on nodes it takes ({takes})") from None
        raise


def _with_lists_joined(ours: Function, args: tuple[X, ...], kwargs: Keywords) -> tuple[tuple[X, ...], Keywords]:
    """The arguments with lists that hold nodes as arrays, but where ours takes a list, as its signature says."""
    parameters = inspect.signature(ours).parameters
    arrays = {k for k, p in parameters.items() if p.annotation in (Any, p.empty)}
    names = list(parameters)
    last = next((i for i, p in enumerate(parameters.values()) if p.kind is p.VAR_POSITIONAL), len(names) - 1)

    def joined(name: str, a: X) -> X:
        return registry.array(a) if name in arrays and isinstance(a, (list, tuple)) and has_node(a) else a

    return (
        tuple(joined(names[min(i, last)], a) for i, a in enumerate(args)),
        {k: joined(k, a) for k, a in kwargs.items()},
    )


def _as_plain(x: X) -> X:
    """Arguments with the data of integers and conditions, which have no gradient, for their nodes; None if one has."""
    if isinstance(x, Node):
        return None if x.requires_grad or numpy_dtype(x).kind == "f" else fetched(x.data)
    items = x.values() if isinstance(x, dict) else x if isinstance(x, (list, tuple)) else None
    if items is None:
        return x
    plain = [a if a is None else _as_plain(a) for a in items]
    if any(new is None and a is not None for new, a in zip(plain, items, strict=True)):
        return None
    return dict(zip(x, plain, strict=True)) if isinstance(x, dict) else type(x)(plain)


def accepting_nodes(theirs: Function, ours: Function | None = None) -> Function:
    """Make a function that is NumPy's or SciPy's on plain data, and ours on nodes: by default the table's.

    One that is given warns of inf and nan as little as SciPy's do. What joins takes any iterable of arrays.
    """
    joins, plain = theirs in _JOINING, _where if theirs is np.where else theirs

    @wraps(ours or theirs)
    def function(*args: X, **kwargs: X) -> X:
        try:
            if joins and args and not isinstance(args[0], (list, tuple, np.ndarray, Node)):
                args = (list(args[0]), *args[1:])
            if has_node(args) or (kwargs and has_node(kwargs.values())):
                return dispatch(theirs, args, kwargs) if ours is None else quietly(ours, *args, **kwargs)
            if args and type(args[0]) is not np.ndarray and type(args[0]) is not float and _of_library(args[0]):
                return dispatch(theirs, args, kwargs) if ours is None else ours(*args, **kwargs)
            return plain(*args, **kwargs)
        except Exception as error:
            shorten(error)
            raise

    if ours is not None:
        vars(function)["on_nodes"] = ours
    if isinstance(theirs, np.ufunc):  # the methods are for plain data
        vars(function).update({m: getattr(theirs, m) for m in ("accumulate", "at", "outer", "reduce", "reduceat")})
    return function


def _of_library(x: X) -> bool:
    """Whether an argument is a plain array of another library's, or a list that begins with one."""
    return _of_library(x[0]) if isinstance(x, (list, tuple)) and x else library_of(x) is not None


def _where(condition: X, x: X = np._NoValue, y: X = np._NoValue) -> X:
    """NumPy's `where`, by whose names scripts for HIPS autograd pass the arguments too."""
    return np.where(condition, *(a for a in (x, y) if a is not np._NoValue))


def attribute(module: ModuleType, name: str) -> X:
    """The member of `autograd.numpy` for a name of NumPy's: its functions accept nodes, all else is NumPy's own."""
    if name == "fft":
        raise AttributeError(f"autograd.numpy.fft: {OUTSIDE[name]}")
    if module is np and name in index_tricks.__all__:
        return getattr(index_tricks, name)
    if module is np and name in DROPPED:
        raise AttributeError(f"autograd.numpy.{name}: NumPy has dropped this name; write {DROPPED[name]}")
    try:
        theirs = getattr(module, name)
    except AttributeError as error:
        if "was removed" in str(error):  # in NumPy 2.0, which says what to write
            raise
        advice = f"; it is autograd.{name}" if hasattr(registry, name) else ""
        raise AttributeError(f"module 'autograd.{module.__name__}' has no attribute {name!r}{advice}") from None
    return theirs if isinstance(theirs, type) or not callable(theirs) else accepting_nodes(theirs)


def _own_function(theirs: object) -> Function | None:
    """Our function for one of NumPy's; the chapters of the table that are not loaded yet are asked last."""
    return _own_functions(False).get(theirs) or _own_functions(True).get(theirs)


@cache
def _own_functions(whole: bool) -> dict[object, Function]:
    """Our functions by those of numpy and numpy.linalg; a function and its alias (abs, absolute) are one."""
    own = {}
    for name, ours in (functions() if whole else vars(registry)).items():
        for theirs in (getattr(np, name, None), getattr(np.linalg, name, None)):
            if callable(theirs):
                own[theirs] = ours
    return own | {np.linalg.diagonal: _diagonal, np.linalg.trace: _trace}


def _diagonal(x: X, offset: int = 0) -> X:
    """The diagonals of the last two axes."""
    return registry.diagonal(x, offset, -2, -1)


def _trace(x: X, offset: int = 0) -> X:
    """The sums along the diagonals of the last two axes."""
    return registry.trace(x, offset, -2, -1)


def _function_at(space: object, dotted: str) -> X:
    for name in dotted.split("."):
        space = getattr(space, name, None)
    return space if callable(space) else None


def _name(function: Function) -> str:
    """NumPy's name for its function, as ``linalg.norm``."""
    module = getattr(function, "__module__", None) or type(getattr(function, "__self__", None)).__module__
    part = module.removeprefix("numpy").split(".")[1:2] if module.startswith("numpy.") else []
    return ".".join([*(p for p in part if not p.startswith("_")), function.__name__])


def _spelling(function: Function) -> str:
    """How users write a function: NumPy's with np."""
    name = _name(function)
    return f"np.{name}" if _function_at(np, name) is function else name


def _advice(name: str) -> str:
    if name in INSTEAD:
        return f"use {INSTEAD[name]}"
    return OUTSIDE.get(name.partition(".")[0], PLAIN_ONLY)
