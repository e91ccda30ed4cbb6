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

from autograd.node import Node

__all__ = ["Code", "source"]

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

    def of(self, x: Any) -> str:
        """An expression that makes a number, an array, a node or a container of such."""
        if isinstance(x, Node):
            kind = self.imported(type(x)) or type(x).__name__
            more = "" if x.requires_grad else ", requires_grad=False"
            return f"{kind}({self.of(x._data)}{more})"
        if isinstance(x, np.ndarray):
            return _array(x)
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
        known = self.imported(f)
        if known is not None:
            return known
        node = _definition(f)
        if node is None:
            code = getattr(f, "__code__", None)
            where = f", defined at {code.co_filename}:{code.co_firstlineno}" if code else ""
            self.before[f"# {name} is your own function{where}"] = None
            return name
        variables = inspect.getclosurevars(f)
        self.define({**variables.globals, **variables.nonlocals})
        if isinstance(node, ast.Lambda):
            return ast.unparse(node)
        self.before[ast.unparse(node)] = None
        return node.name

    def define(self, variables: Mapping[str, Any]) -> None:
        """Lines that give variables their values."""
        for name, value in variables.items():
            if isinstance(value, ModuleType):
                line = f"import {value.__name__}" + ("" if value.__name__ == name else f" as {name}")
            elif callable(value) and not isinstance(value, Node):
                written = self.function(value, name)
                line = "" if written == name else f"{name} = {written}"
            elif isinstance(value, (int, float, complex, str, bool, list, tuple, dict, np.ndarray, np.generic, Node)):
                line = f"{name} = {self.of(value)}"
            else:
                line = f"# {name} is your own {type(value).__name__}"
            if line:
                self.before[line] = None


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
