"""Dispatch: the code that finds the variant for a call."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from autograd.compiler.signature import test_of
from autograd.compiler.variants import Outcome, Scope, Variant
from autograd.engine.modes import Mode, current_mode, usual
from autograd.engine.templates import compiled
from autograd.typing import Function, Tree

__all__ = ["dispatcher", "is_plain"]

HEAD = """def dispatch(function, args, kwargs):
    state = mode()
    if state is None or is_plain(current_mode()):
"""
TAIL = """    return function._search(args, kwargs)
"""


def is_plain(state: Mode | None) -> bool:
    """Whether nodes are recorded as usual: no transform is at work, nor detect_anomaly, nor no_grad."""
    return state is None or (state.recording and state.trace is None and state.watch is None)


def dispatcher(signatures: Iterable[tuple[Tree, list[Variant]]]) -> Function:
    """A function of (function, args, kwargs) that runs the variant for a call; it leaves to `_search` what is rare.

    Parameters
    ----------
    signatures : iterable of (container, list of Variant)
        The kinds of the arguments, and the variants for them.
    """
    scope = Scope(
        Outcome=Outcome, current_mode=current_mode, float64=np.float64, floats={float, np.float64}, is_plain=is_plain,
        mode=usual, ndarray=np.ndarray,
    )  # fmt: skip
    lines = []
    for kinds, variants in signatures:
        test = test_of(kinds, scope.name)
        if test is None or not all(v.is_pure for v in variants):
            continue
        indent = " " * 8
        conditions, inputs = test
        for line in conditions:
            lines.append(indent + line)
            if line.endswith(":"):
                indent += "    "
        for v in variants:
            lines += [
                f"{indent}try:",
                f"{indent}    result = {scope.name(v.run)}({', '.join(inputs)})",
                f"{indent}    if type(result) is not Outcome: return result",
                f"{indent}except Exception: pass  # f itself raises it too, or takes another path here",
            ]
    text = HEAD + "\n".join(lines or ["        pass"]) + "\n" + TAIL
    made: Function = compiled("dispatch", text, "dispatch", scope.objects)
    return made
