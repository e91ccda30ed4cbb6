"""The templates of the functions that `fast` makes for an op, how they are filled, and how code becomes a function."""

from __future__ import annotations

import linecache
import weakref
from collections.abc import Iterable
from functools import cache
from itertools import groupby

from autograd.typing import Namespace, Params, X

__all__ = ["BACKWARD", "RECORDING", "compiled", "filled"]

# A line that ends in a mark, ``#: mark``, is written for each operand that the mark stands for, with its position in
# place of {i}, or for a condition once or not at all; neighbours with the same first mark go together.
RECORDING = """
def {name}({parameters}):
    try:
        kind = {kind}
        if type(n{i}) is not kind:                                              #: others
            node = operand(n{i}, kind)                                          #: others
            if node is None: return {apply}                                     #: others
            n{i} = node                                                         #: others
        if mode() is not None: return {apply}
        x{i} = n{i}._data                                                       #: each
        try: data = {forward}
        except Exception: data = None
        if data.__class__ is not float: return {apply}                          #: floats
        if type(data) is not ndarray:                                           #: arrays
            if not isinstance(data, generic): return {apply}                    #: arrays
            data = asarray(data)                                                #: arrays
        elif data.base is not None or {shared}: data = data.copy()              #: arrays
        if data.dtype.char == "e": return {apply}                               #: arrays
        if not isinstance(data, natives): return {apply}                        #: library
        {owned}                                                                 #: library
        node = new(kind)
        node._data = data
        node._grad = node._label = None
        node.op = op
        node.parents = ({nodes},)
        node.params = {static}
        node.requires_grad = {required}
        node._version = versions.latest
        depth = n0._depth
        if n{i}._depth > depth: depth = n{i}._depth                             #: rest
        node._depth = depth + 1
        return node
    except Exception as error:
        shorten(error)
        raise
"""

BACKWARD = """
def {name}_backward(node, g, waiting):
    if type(g) is not ndarray: return elsewhere(node, g, waiting)                                  #: arrays
    if not isinstance(g, natives): return plainly(node, g, waiting)                                #: library
    if {nan}: return plainly(node, g, waiting)                                                     #: selects
    ({nodes},) = node.parents
    x{i} = n{i}._data                                                                              #: read
    y = node._data                                                                                 #: result
    params = node.params                                                                           #: params
    try:                                                                                           #: risky
        c{i} = {formula} if n{i}.requires_grad else None                                           #: wanted, risky
    except (ArithmeticError, ValueError):                                                          #: risky
        return plainly(node, g, waiting)                                                           #: risky
    if n{i}.requires_grad:                                                                         #: wanted
        c{i} = {formula}                                                                           #: wanted, safe
        fits = type(c{i}) is ndarray is type(x{i}) and c{i}.shape == x{i}.shape and c{i}.dtype is x{i}.dtype #: wanted, arrays
        if not fits: c{i} = unbroadcast(op, c{i}, x{i})                                            #: wanted, arrays
        elif {shared}: c{i} = c{i}.view()                                                          #: wanted, arrays
        fits = isinstance(c{i}, natives) and isinstance(x{i}, natives) and c{i}.shape == x{i}.shape and c{i}.dtype == x{i}.dtype #: wanted, library
        if not fits: c{i} = unbroadcast(op, c{i}, x{i}, xp)                                        #: wanted, library
        elif {shared}: c{i} = xp.alias(c{i})                                                       #: wanted, library
        level = waiting[n{i}._depth]                                                               #: wanted
        level[n{i}] = level[n{i}] + c{i} if n{i} in level else c{i}                                #: wanted, floats
        level[n{i}] = plus(level[n{i}], c{i}) if n{i} in level else c{i}                           #: wanted, arrays
        level[n{i}] = level[n{i}] + c{i} if n{i} in level else c{i}                                #: wanted, library
"""  # noqa: E501


def filled(template: str, marks: Params, **texts: X) -> str:
    """The code that a template becomes; a text stands for all operands, a mapping has one for each position."""
    lines: list[str] = []
    for first, together in _groups(template):
        for i in _positions(marks[first]) if first else (0,):
            here = {k: v if isinstance(v, str) else v.get(i) for k, v in texts.items()}
            for line, more in together:
                if all(i in _positions(marks[mark], i) for mark in more):
                    lines.append(line.format(i=i, **here))
    return "\n".join(lines) + "\n"


@cache
def _groups(template: str) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    """The lines of a template, each with its further marks, in groups of neighbours by their first."""
    parts = [line.partition("#: ") for line in template.strip().splitlines()]
    return [
        (first, [(line.rstrip(), mark.split(", ")[1:]) for line, _, mark in group])
        for first, group in groupby(parts, lambda part: part[2].partition(", ")[0])
    ]


def _positions(mark: X, i: int = 0) -> Iterable[int]:
    """The operands that a mark stands for; a condition that holds stands for any."""
    return ((i,) if mark else ()) if isinstance(mark, bool) else mark


def compiled(name: str, code: str, title: str, scope: Params, file: str | None = None) -> X:
    """A function made of code, which debuggers, profilers, tracebacks and ``inspect.getsource`` show.

    A file that holds the code is named where there is one.
    """
    made: Namespace = {}  # not the scope: the code of tanh calls the function tanh
    if file is not None:
        exec(compile(code, file, "exec"), {**scope, "__name__": __name__}, made)
        return made[name]
    file = f"<autograd {title}>"
    while file in linecache.cache:  # of another op by this name
        file = f"{file[:-1]}'>"
    linecache.cache[file] = len(code), None, code.splitlines(True), file
    exec(compile(code, file, "exec"), {**scope, "__name__": __name__}, made)
    weakref.finalize(made[name], linecache.cache.pop, file, None).atexit = False
    return made[name]
