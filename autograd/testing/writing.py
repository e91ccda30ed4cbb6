"""Data and functions as code that makes them, with the imports that it needs."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np

from autograd.lessons import short
from autograd.node import Node

__all__ = ["Code", "source"]

LONG = 5000  # an array of more numbers is named, not written
WRITTEN = (int, float, complex, str, bool, list, tuple, dict, np.ndarray, np.generic, Node)
PLAIN = (np.dtype(float), np.dtype(int), np.dtype(bool))


def source(x: Any) -> str:
    """A number, an array or a container of such as code that makes it, to the last digit.

    Examples
    --------
    >>> import numpy as np
    >>> source({"W": np.array([1.0, np.nan]), "n": (3,)})
    "{'W': np.array([1.0, np.nan]), 'n': (3,)}"
    """
    return Code().of(x)


class Code:
    """Writes expressions, and collects the lines that must stand before them: imports, definitions, remarks."""

    def __init__(self) -> None:
        self.before: dict[str, None] = {}
        self.begun: dict[int, str] = {}  # by id: functions that are written, or about to be: they may call themselves

    def of(self, x: Any) -> str:
        """An expression that makes a number, an array, a node or a container of such."""
        if isinstance(x, Node):
            kind = self.imported(type(x)) or type(x).__name__
            more = "" if x.requires_grad else ", requires_grad=False"
            return f"{kind}({self.of(x._data)}{more})"
        if isinstance(x, np.ndarray):
            return _array(x) if x.size <= LONG else self.remark(f"array{len(self.before)}", f"array {short(x)}")
        if isinstance(x, np.generic):
            return self.of(x.item())
        if isinstance(x, dict):
            return "{" + ", ".join(f"{k!r}: {self.of(v)}" for k, v in x.items()) + "}"
        if isinstance(x, list):
            return f"[{', '.join(map(self.of, x))}]"
        if isinstance(x, tuple):
            inner = ", ".join(map(self.of, x))
            if hasattr(x, "_fields"):
                return f"{self.imported(type(x)) or type(x).__name__}({inner})"
            return f"({inner}{',' * (len(x) == 1)})"
        if isinstance(x, float) and not np.isfinite(x):
            return f"float({str(x)!r})"
        return repr(x)

    def imported(self, f: Any) -> str | None:
        """The name of what a module holds, once it is imported; None for what is not found there."""
        module, path = getattr(f, "__module__", None), getattr(f, "__qualname__", "")
        if module == "__main__" and path.isidentifier():  # what is defined in a prompt is at hand there
            return str(path)
        found: Any = sys.modules.get(module or "")
        for name in path.split("."):
            found = getattr(found, name, None)
        if found is None or (found is not f and found != f):
            return None
        self.before[f"from {module} import {path.split('.')[0]}"] = None
        return str(path)

    def function(self, f: Any, name: str = "f") -> str:
        """An expression for a function: its name where it can be imported, else its text, else a name with a remark."""
        known = self.imported(f) or self.begun.get(id(f))
        if known is not None:
            return known
        node = _definition(f)
        if node is None:
            code = getattr(f, "__code__", None)
            where = f", defined at {code.co_filename}:{code.co_firstlineno}" if code else ""
            return self.remark(name, f"function{where}")
        seen = inspect.getclosurevars(f)
        variables = {**seen.globals, **seen.nonlocals}
        itself = next((k for k, v in variables.items() if v is f), None)
        own = getattr(node, "name", None)  # a lambda has none
        self.begun[id(f)] = name = own or itself or name
        self.define(variables)
        text = ast.unparse(node)
        if not own and not itself:
            return text
        self.before[text if own else f"{name} = {text}"] = None
        return name

    def define(self, variables: Mapping[str, Any]) -> None:
        """Lines that give variables their values."""
        for name, value in variables.items():
            if isinstance(value, ModuleType):
                self.before[f"import {value.__name__}" + ("" if value.__name__ == name else f" as {name}")] = None
            elif callable(value) and not isinstance(value, Node):
                written = self.function(value, name)
                if written != name:
                    self.before[f"{name} = {written}"] = None
            elif isinstance(value, np.ndarray) and value.size > LONG:
                self.remark(name, f"array {short(value)}")
            elif isinstance(value, WRITTEN):
                self.before[f"{name} = {self.of(value)}"] = None
            else:
                self.remark(name, type(value).__name__)

    def remark(self, name: str, what: str) -> str:
        """The name of what is not written, with a line that says so."""
        self.before[f"# {name} is your own {what}"] = None
        return name


def _array(x: np.ndarray[Any, Any]) -> str:
    numeric = x.dtype.kind in "fiubc"
    dtype = "" if x.dtype in PLAIN and x.size else f", np.{x.dtype.name}" if numeric else f", {x.dtype.str!r}"
    numbers = repr(x.tolist())
    if x.dtype.kind in "fc":
        numbers = re.sub(r"\b(nan|inf)\b", r"np.\1", numbers)
    shaped = f".reshape({x.shape})" if 0 in x.shape else ""
    return f"np.array({numbers}{dtype}){shaped}"


def _definition(f: Any) -> ast.Lambda | ast.FunctionDef | None:
    """The text of a function, parsed, if there is one on its line."""
    code: Any = getattr(f, "__code__", None)
    try:
        tree = ast.parse("".join(inspect.findsource(code)[0]))
    except (OSError, TypeError, SyntaxError):  # no file, no function, or a file that has changed
        return None
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.Lambda, ast.FunctionDef))
        and min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))]) == code.co_firstlineno
        and [a.arg for a in node.args.posonlyargs + node.args.args] == list(code.co_varnames[: code.co_argcount])
        and getattr(node, "name", "<lambda>") == code.co_name
    ]
    return found[0] if len(found) == 1 else None
