"""Data and functions as code that makes them, with the imports that it needs."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections import ChainMap, namedtuple
from collections.abc import Collection, Mapping
from functools import partial
from itertools import accumulate
from types import CodeType, ModuleType

import numpy as np

from autograd.engine.node import Node
from autograd.engine.op import Op, primitive
from autograd.messages import short
from autograd.typing import Array, X

__all__ = ["Code", "source"]

LONG = 5000  # an array of more numbers is named, not written
LITERALS = (type(None), bool, int, float, complex, str, bytes, slice, type(...))  # repr writes these
NUMBERS, TEXTS = "fiubc", "US"  # kinds of dtypes whose elements are written
PLAIN = (np.dtype(float), np.dtype(int), np.dtype(bool))


def source(x: X) -> str:
    """A number, an array or a container of such as code that makes it, to the last digit.

    Examples
    --------
    >>> import numpy as np
    >>> source({"W": np.array([1.0, np.nan]), "n": (3,)})
    "{'W': np.array([1.0, np.nan]), 'n': (3,)}"
    """
    return Code().expression(x)


class Code:
    """Writes expressions, and collects the lines that must stand before them: imports, definitions, remarks.

    A name stands for one thing in all of the lines: what comes later under the same name is given another.
    """

    def __init__(self) -> None:
        self.preamble: dict[str, None] = {}
        # What each name stands for: the text that makes it, or the id of what has none.
        self.names: dict[str, str | int] = {
            "np": "import numpy",
            "check_gradients": "from autograd.testing import check_gradients",
        }
        # The functions that are written, or about to be, by id: they may call themselves.
        self.function_names: dict[int, str] = {}

    def expression(self, x: X, name: str = "") -> str:
        """An expression that makes a thing; where one is needed, with a name like this."""
        if isinstance(x, Node):
            more = "" if x.requires_grad else ", requires_grad=False"
            return f"{self.function(type(x))}({self.expression(x._data)}{more})"
        if isinstance(x, np.ndarray):
            written = x.size <= LONG and x.dtype.kind in NUMBERS + TEXTS
            return _array(x) if written else self.remark(x, name or "array", f"array {short(x)}")
        if isinstance(x, np.generic) and not isinstance(x, np.longdouble):  # whose item is itself
            return self.expression(x.item())
        if isinstance(x, dict):
            return "{" + ", ".join(f"{self.expression(k)}: {self.expression(v)}" for k, v in x.items()) + "}"
        if isinstance(x, list):
            return f"[{', '.join(map(self.expression, x))}]"
        if isinstance(x, tuple):
            inner = ", ".join(map(self.expression, x))
            if hasattr(x, "_fields"):
                return f"{self.function(type(x))}({inner})"
            return f"({inner}{',' * (len(x) == 1)})"
        if type(x) in (set, frozenset):
            return f"{type(x).__name__}([{', '.join(map(self.expression, x))}])"
        if type(x) in (float, complex) and not np.isfinite(x):
            return f"{type(x).__name__}({str(x)!r})"
        if type(x) in LITERALS:
            return repr(x)
        if isinstance(x, ModuleType):
            return self.import_line(f"import {x.__name__}", x.__name__, name or x.__name__.split(".")[-1])
        return self.function(x, name)

    def imported(self, f: X) -> str | None:
        """The name of what a module holds, once it is imported; None for what is not found there."""
        module = getattr(f, "__module__", None) or ("numpy" if isinstance(f, np.ufunc) else "")
        if module not in sys.modules:
            return None
        path = str(getattr(f, "__qualname__", None) or getattr(f, "__name__", ""))
        found: X = sys.modules[module]
        for name in path.split("."):
            found = getattr(found, name, None)
        if found is None or (found is not f and found != f):
            # An op may be bound to another name than its formula's; of a function that could be a variable of a loop.
            bound = {} if inspect.isfunction(f) else vars(sys.modules[module])
            path = next((k for k, v in bound.items() if v is f), "")
        if not path:
            return None
        first, *rest = path.split(".")
        if module == "__main__" and self.names.setdefault(first, module) == module:
            return path  # what is defined in a prompt is at hand there
        held = getattr(sys.modules[module], first)
        packages = accumulate(module.split("."), "{}.{}".format)  # the first that has it is its public place
        module = next(m for m in packages if getattr(sys.modules.get(m), first, None) is held)
        return ".".join([self.import_line(f"from {module} import {first}", first, first), *rest])

    def function(self, f: X, name: str = "") -> str:
        """An expression for a function: its name where it can be imported, else its text, else a name with a remark."""
        known = self.imported(f) or self.function_names.get(id(f))
        if known is not None:
            return known
        if inspect.ismethod(f) and (owner := self.imported(f.__self__)):
            return f"{owner}.{f.__name__}"
        if isinstance(f, partial):
            given = [
                *map(self.expression, (f.func, *f.args)),
                *(f"{k}={self.expression(v)}" for k, v in f.keywords.items()),
            ]
            return f"{self.imported(partial)}({', '.join(given)})"
        if isinstance(f, type) and issubclass(f, tuple) and hasattr(f, "_fields"):
            return self.assign(f.__name__, f"{self.imported(namedtuple)}({f.__name__!r}, {f._fields!r})")
        formula = f.forward if type(f) is Op else f
        node = _definition(formula)
        if node is None:
            return self.remark(f, name or "f")
        made = self.decorator(f) if type(f) is Op else ""
        name = getattr(node, "name", name) or "op" * bool(made)  # a lambda has no name of its own
        if name:
            name = self.function_names[id(f)] = self.free_name(name, id(f))
        self.bind_variables(node, formula)
        if isinstance(node, ast.FunctionDef):
            node.name = name
            self.preamble[f"@{made}\n" * bool(made) + ast.unparse(node)] = None
        else:
            text = f"{made}({ast.unparse(node)})" if made else ast.unparse(node)
            if not name:
                return self.function_names.get(id(f), text)  # one that calls itself was named meanwhile
            self.preamble[f"{name} = {text}"] = None
        if made:
            self.derivatives(f, name)
        return name

    def bind_variables(self, node: ast.Lambda | ast.FunctionDef, f: X) -> None:
        """Give a function's text the values that its variables and its defaults have."""
        used = [part for part in ast.walk(node) if isinstance(part, (ast.Name, ast.arg))]
        free = [part.id for part in used if isinstance(part, ast.Name)]
        words = {*free, *(part.arg for part in used if isinstance(part, ast.arg))}
        code = f.__code__
        cells = {k: cell.cell_contents for k, cell in zip(code.co_freevars, f.__closure__ or (), strict=True)}
        outer = ChainMap(cells, f.__globals__)
        own = {*code.co_varnames, *code.co_cellvars}
        names = self.define({k: outer[k] for k in free if k in outer and k not in own}, words)
        for part in used:
            if isinstance(part, ast.Name):
                part.id = names.get(part.id, part.id)
            else:  # of a function inside, under a name that is another variable outside
                part.arg = names.get(part.arg, part.arg)
        given = f.__kwdefaults__ or {}
        keys = [a.arg for a in node.args.kwonlyargs]
        node.args.defaults = [self._parsed(v) for v in f.__defaults__ or ()]
        node.args.kw_defaults = [self._parsed(given[k]) if k in given else None for k in keys]

    def _parsed(self, x: X) -> ast.expr:
        return ast.parse(self.expression(x), mode="eval").body

    def define(self, variables: Mapping[str, object], words: Collection[str]) -> dict[str, str]:
        """Lines that give variables of a text their values; and what they are called there.

        A function goes by its own name, which may stand for itself before its line is written, unless the text has that
        word for something else.
        """
        called = {}
        for name, value in variables.items():
            written = self.expression(value, name)
            at_hand = written in self.names and (written == name or written not in words)
            called[name] = written if at_hand else self.assign(name, written)
        return called

    def decorator(self, op: Op[...]) -> str:
        """What turns the formula of an op into the op."""
        more = ", elementwise=True" * op.elementwise + ", differentiable=False" * (not op.differentiable)
        return f"{self.imported(primitive)}({op.symbol!r}{more})"

    def derivatives(self, op: Op[...], name: str) -> None:
        """Lines that state an op's derivatives."""
        if op._missing not in op.vjps:
            stated = ", ".join(f"{k}={self.expression(v)}" for k, v in zip(op.argnames, op.formulas, strict=True))
            self.preamble[f"{name}.defvjps({stated})"] = None
        for s in op.conventions:
            convention = ", ".join(map(self.expression, (s.arg, s.where, s.gradient, s.why)))
            self.preamble[f"{name}.convention({convention}, removable={s.removable})"] = None

    def free_name(self, name: str, what: str | int) -> str:
        """The name, or with a number after it where it stands for something else already."""
        found, i = name, 1
        while self.names.setdefault(found, what) != what:
            i += 1
            found = f"{name}_{i}"
        return found

    def assign(self, name: str, text: str) -> str:
        """A name for what an expression makes."""
        name = self.free_name(name, text)
        self.preamble[f"{name} = {text}"] = None
        return name

    def import_line(self, text: str, own: str, name: str) -> str:
        """A name for what an import brings under its own."""
        name = self.free_name(name, text)
        self.preamble[text if name == own else f"{text} as {name}"] = None
        return name

    def remark(self, x: X, name: str, what: str = "") -> str:
        """A name for what is not written, with a line that says so."""
        own: str = getattr(x, "__name__", "")
        name = self.free_name(own if own.isidentifier() else name, id(x))
        forward: X = getattr(x, "forward", x)  # of an op: its formula
        code = getattr(inspect.unwrap(forward), "__code__", None)
        kinds = {"class": inspect.isclass(x), "method": inspect.ismethod(x), "function": callable(x)}
        what = what or next((kind for kind, found in kinds.items() if found), type(x).__name__)
        where = f", defined at {code.co_filename}:{code.co_firstlineno}" if code else ""
        self.preamble[f"# {name} is your own {what}{where}"] = None
        return name


def _array(x: Array) -> str:
    numeric = x.dtype.kind in NUMBERS
    dtype = "" if x.dtype in PLAIN and x.size else f", np.{x.dtype.name}" if numeric else f", {x.dtype.str!r}"
    numbers = repr(x.tolist())
    if x.dtype.kind in "fc":
        numbers = re.sub(r"\b(nan|inf)\b", r"np.\1", numbers)
    shaped = f".reshape({x.shape})" if 0 in x.shape else ""
    return f"np.array({numbers}{dtype}){shaped}"


def _definition(f: X) -> ast.Lambda | ast.FunctionDef | None:
    """The text of a function, parsed, if there is one on its lines: without decorators, annotations and defaults.

    What decorators made of it is at hand already, and so are the values of the defaults.
    """
    if not inspect.isfunction(f):
        return None
    code = f.__code__
    try:
        tree = ast.parse("".join(inspect.findsource(code)[0]))
    except (OSError, TypeError, SyntaxError):  # no file, or a file that has changed
        return None
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.Lambda, ast.FunctionDef))
        and min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))]) == code.co_firstlineno
        and [a.arg for a in node.args.posonlyargs + node.args.args] == list(code.co_varnames[: code.co_argcount])
        and getattr(node, "name", "<lambda>") == code.co_name
        and _within(node, code)
    ]
    if len(found) != 1:
        return None
    (node,) = found
    node.args.defaults, node.args.kw_defaults = [], [None] * len(node.args.kwonlyargs)
    for part in ast.walk(node):
        if isinstance(part, ast.arg):
            part.annotation = None
    if isinstance(node, ast.FunctionDef):
        node.decorator_list, node.returns = [], None
    return node


def _within(node: X, code: CodeType) -> bool:
    """Whether code comes from there: of two lambdas on a line with the same arguments, the columns tell."""
    start, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
    return all(start <= (a, c) and (b, d) <= end for a, b, c, d in code.co_positions() if a and b and c and d)
