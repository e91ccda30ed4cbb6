"""Write data and functions as code that makes them, with the imports that it needs."""

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
from autograd.engine.op import Op
from autograd.engine.primitive import primitive
from autograd.messages import short
from autograd.typing import Array, X

__all__ = ["Code", "source"]

LONG = 5000  # a larger array gets a name in place of its numbers
LITERALS = (type(None), bool, int, float, complex, str, bytes, slice, type(...))  # repr writes these
NUMBERS, TEXTS = "fiubc", "US"  # arrays of these kinds of dtypes are written
PLAIN = (np.dtype(float), np.dtype(int), np.dtype(bool))


def source(x: X) -> str:
    """Write a number, an array or a container of them as code that makes it, to the last digit.

    Examples
    --------
    >>> import numpy as np
    >>> source({"W": np.array([1.0, np.nan]), "n": (3,)})
    "{'W': np.array([1.0, np.nan]), 'n': (3,)}"
    """
    return Code().expression(x)


class Code:
    """Writes expressions, and collects the lines that must stand before them: imports, definitions, remarks.

    A name stands for one thing in all lines; a later thing of the same name gets another one.
    """

    def __init__(self) -> None:
        self.preamble: dict[str, None] = {}
        # For each name the text that makes its object, or the id of an object that has no such text.
        self.names: dict[str, str | int] = {
            "np": "import numpy",
            "check_gradients": "from autograd.testing import check_gradients",
        }
        # The functions that are written, or about to be, by id: they may call themselves.
        self.function_names: dict[int, str] = {}

    def expression(self, x: X, name: str = "") -> str:
        """Write an expression that makes an object; if it needs a name, one like `name`."""
        if isinstance(x, Node):
            more = "" if x.requires_grad else ", requires_grad=False"
            return f"{self.function(type(x))}({self.expression(x._data)}{more})"
        if isinstance(x, np.ndarray):
            writable = x.size <= LONG and x.dtype.kind in NUMBERS + TEXTS
            return _array(x) if writable else self.remark(x, name or "array", f"array {short(x)}")
        if isinstance(x, np.generic) and not isinstance(x, np.longdouble):  # the item of a longdouble is itself
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
        """Import an object of a module, and return its name; None if the module lacks it."""
        module = getattr(f, "__module__", None) or ("numpy" if isinstance(f, np.ufunc) else "")
        if module not in sys.modules:
            return None
        path = str(getattr(f, "__qualname__", None) or getattr(f, "__name__", ""))
        member: X = sys.modules[module]
        for name in path.split("."):
            member = getattr(member, name, None)
        if member is None or (member is not f and member != f):
            # An op may have another name than its formula; for a function that name could be the variable of a loop.
            bound = {} if inspect.isfunction(f) else vars(sys.modules[module])
            path = next((k for k, v in bound.items() if v is f), "")
        if not path:
            return None
        first, *rest = path.split(".")
        if module == "__main__" and self.names.setdefault(first, module) == module:
            return path  # an object of a prompt is at hand there
        held = getattr(sys.modules[module], first)
        packages = accumulate(module.split("."), "{}.{}".format)  # the first package that has it is its public place
        module = next(m for m in packages if getattr(sys.modules.get(m), first, None) is held)
        return ".".join([self.import_line(f"from {module} import {first}", first, first), *rest])

    def function(self, f: X, name: str = "") -> str:
        """Write a function: its name if it can be imported, else its text, else a name with a remark."""
        known = self.imported(f) or self.function_names.get(id(f))
        if known is not None:
            return known
        if inspect.ismethod(f) and (owner := self.imported(f.__self__)):
            return f"{owner}.{f.__name__}"
        if isinstance(f, partial):
            parts = [
                *map(self.expression, (f.func, *f.args)),
                *(f"{k}={self.expression(v)}" for k, v in f.keywords.items()),
            ]
            return f"{self.imported(partial)}({', '.join(parts)})"
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
                return self.function_names.get(id(f), text)  # a function that calls itself has a name by now
            self.preamble[f"{name} = {text}"] = None
        if made:
            self.derivatives(f, name)
        return name

    def bind_variables(self, node: ast.Lambda | ast.FunctionDef, f: X) -> None:
        """Write the values of a function's free variables and defaults, and put their names into its text."""
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
            else:  # an inner function's argument has the name of another variable outside
                part.arg = names.get(part.arg, part.arg)
        defaults = f.__kwdefaults__ or {}
        keys = [a.arg for a in node.args.kwonlyargs]
        node.args.defaults = [self._parsed(v) for v in f.__defaults__ or ()]
        node.args.kw_defaults = [self._parsed(defaults[k]) if k in defaults else None for k in keys]

    def _parsed(self, x: X) -> ast.expr:
        return ast.parse(self.expression(x), mode="eval").body

    def define(self, variables: Mapping[str, object], words: Collection[str]) -> dict[str, str]:
        """Write lines that give variables of a text their values, and return the names of these there.

        A function keeps its own name, which may stand in a text before its line is written, unless the text uses that
        word for something else.
        """
        names = {}
        for name, value in variables.items():
            text = self.expression(value, name)
            at_hand = text in self.names and (text == name or text not in words)
            names[name] = text if at_hand else self.assign(name, text)
        return names

    def decorator(self, op: Op[...]) -> str:
        """Write the decorator that makes an op of its formula."""
        more = ", elementwise=True" * op.elementwise + ", differentiable=False" * (not op.differentiable)
        return f"{self.imported(primitive)}({op.symbol!r}{more})"

    def derivatives(self, op: Op[...], name: str) -> None:
        """Write the lines that state an op's derivatives."""
        if op._missing not in op.vjps:
            stated = ", ".join(f"{k}={self.expression(v)}" for k, v in zip(op.argnames, op.formulas, strict=True))
            self.preamble[f"{name}.defvjps({stated})"] = None
        for s in op.conventions:
            convention = ", ".join(map(self.expression, (s.arg, s.where, s.gradient, s.why)))
            self.preamble[f"{name}.convention({convention}, removable={s.removable})"] = None

    def free_name(self, name: str, what: str | int) -> str:
        """Return the name, with a number behind it if it stands for something else already."""
        free, i = name, 1
        while self.names.setdefault(free, what) != what:
            i += 1
            free = f"{name}_{i}"
        return free

    def assign(self, name: str, text: str) -> str:
        """Assign an expression to a name, and return the name."""
        name = self.free_name(name, text)
        self.preamble[f"{name} = {text}"] = None
        return name

    def import_line(self, text: str, own: str, name: str) -> str:
        """Write an import, and return the name of what it brings."""
        name = self.free_name(name, text)
        self.preamble[text if name == own else f"{text} as {name}"] = None
        return name

    def remark(self, x: X, name: str, what: str = "") -> str:
        """Name an object that cannot be written, with a line that says so."""
        own: str = getattr(x, "__name__", "")
        name = self.free_name(own if own.isidentifier() else name, id(x))
        forward: X = getattr(x, "forward", x)  # an op's formula has the code
        code = getattr(inspect.unwrap(forward), "__code__", None)
        kinds = {"class": inspect.isclass(x), "method": inspect.ismethod(x), "function": callable(x)}
        what = what or next((kind for kind, holds in kinds.items() if holds), type(x).__name__)
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
    """Parse the text of a function, without decorators, annotations and defaults; None if it is not on its lines.

    The decorated function exists already, and so do the values of the defaults.
    """
    if not inspect.isfunction(f):
        return None
    code = f.__code__
    try:
        tree = ast.parse("".join(inspect.findsource(code)[0]))
    except (OSError, TypeError, SyntaxError):  # there is no file, or it has changed
        return None
    nodes = [
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.Lambda, ast.FunctionDef))
        and min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))]) == code.co_firstlineno
        and [a.arg for a in node.args.posonlyargs + node.args.args] == list(code.co_varnames[: code.co_argcount])
        and getattr(node, "name", "<lambda>") == code.co_name
        and _within(node, code)
    ]
    if len(nodes) != 1:
        return None
    (node,) = nodes
    node.args.defaults, node.args.kw_defaults = [], [None] * len(node.args.kwonlyargs)
    for part in ast.walk(node):
        if isinstance(part, ast.arg):
            part.annotation = None
    if isinstance(node, ast.FunctionDef):
        node.decorator_list, node.returns = [], None
    return node


def _within(node: X, code: CodeType) -> bool:
    """Whether code comes from a node; of two lambdas on a line with the same arguments the columns decide."""
    start, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
    return all(start <= (a, c) and (b, d) <= end for a, b, c, d in code.co_positions() if a and b and c and d)
