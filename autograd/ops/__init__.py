"""The op table, a file per family, and the registry of its functions by NumPy's names."""

from dis import get_instructions
from functools import cache
from importlib import import_module
from inspect import unwrap
from types import CodeType, FunctionType, ModuleType

from autograd.engine.node import functions, registry
from autograd.engine.op import Op
from autograd.namespaces.names import Name, Opaque, shape_only
from autograd.namespaces.notations import JAVASCRIPT, source
from autograd.ops._helpers import stated
from autograd.ops.joining import as_node_or_array, asarray
from autograd.surface import publish
from autograd.tracebacks import entrance, entrances
from autograd.typing import Function, X

__all__ = ["families", "formula", "javascript", "table"]

publish(globals())

_EARLY = (
    "arithmetic", "exponential", "trigonometric", "rounding", "shaping", "reductions", "logic", "selection",
    "creation", "joining", "splitting", "indexing", "rearranging", "padding", "sorting", "cumulative", "linear_algebra",
    "products", "neural", "windows",
)  # fmt: skip
# Chapters that `import autograd` leaves out: whoever asks for a function that is not there yet loads them.
_LATE: tuple[str, ...] = (
    "eigenvalues", "decompositions", "matrices", "matrix_functions", "special", "predicates", "searching", "assembling",
    "sets", "conversions", "statistics", "quantiles", "polynomials", "sampling", "real_parts",
)  # fmt: skip
# Where NumPy's name is not ours.
_NUMPY_NAMES = {"add": "add", "sub": "subtract", "mul": "multiply", "div": "divide", "neg": "negative", "pow": "power"}


@cache
def _entered(chapter: str) -> ModuleType:
    """A chapter of the table, its functions in the registry."""
    family = import_module(f"{__name__}.{chapter}")
    entrances(vars(family), family.__all__)
    for name, function in vars(family).items():
        if name in family.__all__ or (isinstance(function, Op) and function.__module__ == family.__name__):
            setattr(registry, _NUMPY_NAMES.get(name, name), function)
            if isinstance(function, Op) and function.shape_only:
                shape_only[name] = {*map(function.argnames.index, function.shape_only)}
    return family


for _chapter in _EARLY:
    _entered(_chapter)
registry.stated = stated  # for the derivatives of derivatives


def families() -> list[ModuleType]:
    """Every chapter of the op table, in its order.

    Examples
    --------
    >>> from autograd import ops
    >>> [chapter.__name__ for chapter in ops.families()][0]
    'autograd.ops.arithmetic'
    """
    return [_entered(chapter) for chapter in _EARLY + _LATE]


type(registry).load = staticmethod(families)


def table() -> list[Op[...]]:
    """Every op of the table, in its order.

    Examples
    --------
    >>> from autograd import ops
    >>> [op.name for op in ops.table()][:3]
    ['add', 'sub', 'mul']
    """
    ops = (op for family in families() for op in vars(family).values() if isinstance(op, Op))
    return list(dict.fromkeys(ops))


@entrance
def formula(op: str | Op[...]) -> str:
    """Name, symbol, formula and derivatives of an op or a function of the table, written by the table itself.

    Parameters
    ----------
    op : str or op
        An op, or the name of a function of the table (``"mul"``, or NumPy's ``"multiply"``).

    Returns
    -------
    str
        One line for the op, one for the value, one for each derivative, each convention and each caveat. For an
        elementwise op the local derivative ∂y/∂x is written, for others the gradient of x given the gradient g of y.
        Of a function composed of several ops, which these are.

    Raises
    ------
    KeyError
        If there is no such function.

    Examples
    --------
    >>> from autograd import formula
    >>> print(formula("mul"))
    mul  ×  the product ``a * b``, elementwise
    y = a·b
    ∂y/∂a = b
    ∂y/∂b = a
    """
    if isinstance(op, Op):
        return _formulas(op)
    own = [o for o in table() if op in (o.name, o.__name__, _NUMPY_NAMES.get(o.name))]
    function = functions().get(op)
    if not own and function is None:
        known = {o.name for o in table()} | functions().keys()
        raise KeyError(f"no op {op!r}; there are {', '.join(sorted(known))}")
    texts = [_formulas(o) for o in own]
    if isinstance(function, FunctionType):
        others = sorted({o.name for o in _ops_in(function) if o not in own})
        summary = f"{op}  {_summary(function)}\ncomposed of " + (", ".join(others) or "operators and indices")
        texts += [f"used with {', '.join(others)}"] * bool(others) if own else [summary]
    return "\n\n".join(texts)


def _ops_in(function: FunctionType) -> set[Op[...]]:
    """The ops that a function composed of others calls by name, in its own lines or in those of such functions."""
    found, waiting = set(), [unwrap(function)]
    seen = {*waiting, asarray, as_node_or_array}  # these two only take arguments in
    while waiting:
        f = waiting.pop()
        codes = [f.__code__, *(c for c in f.__code__.co_consts if isinstance(c, CodeType))]
        names = [i.argval for code in codes for i in get_instructions(code) if i.opname == "LOAD_GLOBAL"]
        for called in map(f.__globals__.get, names):
            if isinstance(called, Op):
                found.add(called)
            elif isinstance(called, FunctionType) and called.__module__.startswith(__name__):
                waiting += {unwrap(called)} - seen
                seen.add(unwrap(called))
    return found


def _summary(f: Function) -> str:
    summary = (f.__doc__ or "").strip().partition("\n")[0].rstrip(".")
    return str(summary[:1].lower() + summary[1:])


def _formulas(op: Op[...]) -> str:
    lines = [f"{op.name}  {op.symbol}  {_summary(op)}", f"y = {op.on_names(None)}"]
    for arg, text in derivatives(op).items():
        lines.append(f"∂y/∂{arg} = {text}" if op.elementwise else f"gradient of {arg}: {text}")
    lines += [f"where singular, by {s.arg}: {s.why}" for s in op.conventions]
    lines += [f"more than 4 ulp off, {'y' if c.of == 'y' else f'by {c.of}'}: {c.why}" for c in op.caveats]
    return "\n".join(lines)


def derivatives(op: Op[...]) -> dict[str, X]:
    """The derivative by each argument, as a name that prints: local ones for an elementwise op, else in terms of g."""
    g = Name("1" if op.elementwise else "g")
    return {arg: op.on_names(f, g) for arg, f in zip(op.argnames, op.formulas, strict=True) if f is not None}


def javascript(op: Op[...]) -> str:
    """An elementwise op as JavaScript: an object with its value and its derivatives, which are functions of numbers.

    They call functions of ``Math`` and of ``xp``, an object of
    ``autograd.namespaces.notations.JAVASCRIPT_FUNCTIONS``.

    Raises
    ------
    TypeError
        If `op` is no op of the table.
    ValueError
        If it cannot be calculated there.

    Examples
    --------
    >>> from autograd import tanh
    >>> from autograd.ops import javascript
    >>> print(javascript(tanh))
    {value: (x0) => Math.tanh(x0), vjps: [(g, y, x0) => (g * (1.0 - y * y))]}
    """
    if not isinstance(op, Op):
        raise TypeError(f"javascript takes an op, such as autograd.tanh, not {op!r}")
    refusal = f"{op.name} cannot be calculated in JavaScript"
    if not op.elementwise or "javascript" in op.lacks:
        raise ValueError(refusal if op.elementwise else f"{refusal}: it is not elementwise")
    operands = [Opaque(f"x{i}") for i in range(op.arity)]
    params = {k: Name(f"p{i}") for i, k in enumerate(op.params)}  # not by their names, which JavaScript may reserve
    arguments = ", ".join(map(str, (*operands, *params.values())))
    try:
        value = source(op.on_names(None, args=operands, params=params), JAVASCRIPT)
        vjps = [v and source(op.on_names(v, Name("g"), operands, params), JAVASCRIPT) for v in op.vjps]
    except (TypeError, ValueError) as error:
        raise ValueError(f"{refusal}: {error}") from None
    functions = ", ".join(f"(g, y, {arguments}) => {v}" if v else "null" for v in vjps)
    return f"{{value: ({arguments}) => {value}, vjps: [{functions}]}}"
