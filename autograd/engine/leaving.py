"""The ways out of the graph that are easily taken unawares: ``float(x)``, and with it every function of `math`."""

from __future__ import annotations

import math
import warnings

from autograd.callers import frames_up, functions_used
from autograd.engine.modes import current_mode
from autograd.engine.node import Node, registry
from autograd.engine.trace import taken, traces

__all__ = ["LeavesGraphWarning", "leave"]


class LeavesGraphWarning(UserWarning):
    """A number was made of a node that requires a gradient, by ``float(x)`` or a function of `math`: no gradient flows.

    Examples
    --------
    >>> import math, warnings
    >>> from autograd import LeavesGraphWarning, Value
    >>> x = Value(2.0)
    >>> with warnings.catch_warnings(record=True) as seen:
    ...     warnings.simplefilter("always")
    ...     y = x * math.exp(x)
    >>> [w.category.__name__ for w in seen]
    ['LeavesGraphWarning']
    """

    __module__ = "autograd"


# It holds nothing that changes from call to call, so that Python shows it once for a line.
_WARNING = (
    "float(x), int(x), round(x) and the functions of math leave the graph: no gradient flows through what they return. "
    "Take autograd's functions (autograd.exp for math.exp), or x.item() where a plain number is meant"
)
_GENERAL = "autograd's functions (autograd.exp for math.exp)"
_INVERSE = ("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh")
# What to take for a function of math, or of Python's.
_OURS = {
    **{name: f"autograd.{name}" for name in dir(math) if name in vars(registry)},
    **{name: f"autograd.{name.replace('a', 'arc', 1)}" for name in _INVERSE},
    "dist": "autograd.norm(p - q)",
    "erfc": "1 - autograd.erf(x)",
    "fsum": "autograd.sum",
    "int": "autograd.trunc",
    "isclose": "abs(x - y) <= tolerance",
    "pow": "x ** y",
    "round": "autograd.round",
}


def leave(node: Node, function: str) -> None:
    """Say that a number is being made of a node by a function that knows nothing of the graph.

    Under ``no_grad``, where nothing is recorded, that is as explicit as ``x.item()``.

    Raises
    ------
    TypeError
        If the node depends on the arguments of a transform at work, whose gradient would be wrong.
    """
    state = current_mode()
    if state is not None and state.recording:
        for trace in traces():
            if trace.reaches(node):
                name, advice = _advice(function)
                trace.refuse(name, node, advice)
    taken(node, f"{function}(x)")
    if not node.requires_grad or (state is not None and not state.recording):
        return
    _, height = frames_up()
    warnings.warn(_WARNING, LeavesGraphWarning, stacklevel=1 + height)


def _advice(function: str) -> tuple[str, str]:
    """The user's name for what makes a number of a node, and what to take in its place."""
    frame, _ = frames_up()
    used = {f.__name__: "" for f in functions_used(frame) if getattr(f, "__module__", None) == "math"}
    name = f"math.{next(iter(used))}" if used else function
    advice = ", ".join(f"{_OURS[f]} for math.{f}" for f in used if f in _OURS)
    if not advice:
        advice = f"functions of autograd's, or make {name} a primitive" if used else _OURS.get(function, _GENERAL)
    return name, advice
