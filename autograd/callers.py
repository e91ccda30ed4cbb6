"""Find the user's code that called this package: its frame, its line, and the functions that the line uses."""

from __future__ import annotations

import dis
import linecache
import sys
from collections import ChainMap
from functools import lru_cache
from types import FrameType, ModuleType
from typing import Any

__all__ = [
    "Location",
    "frames_up",
    "functions_used",
    "is_of_ours",
    "is_ours",
    "location",
    "location_text",
    "source_name",
]

Location = tuple[str, int]  # file and line

_OURS = frozenset({
    "autograd", "nn",
    "array_api_strict", "contextlib", "copy", "cupy", "jax", "numpy", "torch",  # whose frames stand between ours
})  # fmt: skip


def is_ours(frame: FrameType) -> bool:
    """Whether a frame runs our code and not the user's."""
    return is_of_ours(frame.f_globals.get("__name__"))


@lru_cache(1000)  # a recording asks for some frames of each op
def is_of_ours(module: object) -> bool:
    """Whether a module of that name is ours."""
    return str(module).partition(".")[0] in _OURS


def frames_up(start: int = 1) -> tuple[FrameType, int]:
    """The innermost frame of the user's code, and how many frames it lies above the caller's own."""
    frame, height = sys._getframe(start), 0
    while frame.f_back is not None and is_ours(frame):
        frame, height = frame.f_back, height + 1
    return frame, height


def location() -> Location:
    """The file and line of the user's code."""
    frame, _ = frames_up()
    return frame.f_code.co_filename, frame.f_lineno


def location_text(location: Location) -> str:
    """A location in words, with the code there."""
    file, line = location
    code = linecache.getline(file, line).strip()
    return f"{source_name(file)}, line {line}{': ' if code else ''}{code}"


def source_name(file: str) -> str:
    """The name of a file as readers know it: for a notebook's cell its number, not that of its temporary file."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    named = getattr(getattr(shell, "compile", None), "format_code_name", lambda _: None)(file)
    return f"cell {named[1]}" if named else file


def functions_used(frame: FrameType) -> list[Any]:
    """The objects that the names in the expression of a frame stand for, as far as the bytecode tells.

    There is bytecode where the source is missing, and an alias (``from math import exp as e``) hides no function.
    """
    steps = list(dis.get_instructions(frame.f_code))
    inside = _extent(next((s for s in steps if s.offset == frame.f_lasti), None))
    scope = ChainMap(frame.f_locals, frame.f_globals, frame.f_builtins)
    objects: list[Any] = []
    last: Any = None
    for step in steps:
        extent = _extent(step)
        if inside is None or extent is None or not inside[0] <= extent[0] <= extent[1] <= inside[1]:
            continue
        if step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            last = getattr(last, step.argval, None) if isinstance(last, ModuleType) else None
        elif step.opname in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FAST", "LOAD_DEREF", "LOAD_CLASSDEREF"):
            last = scope.get(step.argval)
        else:
            continue
        objects.append(last)
    return objects


def _extent(step: dis.Instruction | None) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The begin and end of an instruction in the source, if the compiler kept them."""
    where = step and step.positions
    if not where or None in where:
        return None
    return (where.lineno or 0, where.col_offset or 0), (where.end_lineno or 0, where.end_col_offset or 0)
