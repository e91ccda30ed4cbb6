"""Names in the text of a program: the user's labels where they can stand in code, and names of our own."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Mapping, Sequence
from keyword import iskeyword

from autograd.callers import Location, source_name
from autograd.compiler.variables import Variable
from autograd.typing import X

__all__ = ["Scope", "line_text", "live", "names_of", "note"]

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_GENERATED = re.compile(r"[cdfktv]\d+(_\d+)?|d_.*|_.*|run|make")


class Scope(dict[str, X]):
    """What the names in a text stand for, but for those of variables: functions and constants."""

    count = 0  # of constants

    def name(self, wish: str, what: X) -> str:
        """The name of a function: the one that is wished for, if it is a word and stands for nothing else."""
        if not _is_word(wish) or _GENERATED.fullmatch(wish):
            wish = "f1"
        name, n = wish, 1
        while self.get(name, what) is not what:
            n += 1
            name = f"f{n}" if wish == "f1" else f"{wish}_{n}"
        self[name] = what
        return name

    def constant(self, data: X) -> str:
        """The name of a new constant."""
        self.count += 1
        name = f"k{self.count}"
        self[name] = data
        return name


def live(outputs: Iterable[Variable]) -> list[Variable]:
    """What the outputs need, in the order in which it was written: the rest is dead code.

    It serves packages built on autograd, as nn is.

    Examples
    --------
    >>> from autograd.compiler import Program, live
    >>> program = Program()
    >>> x = program.input(1.0, "x")
    >>> used, unused = program.exp(x), program.log(x)
    >>> [variable.name for variable in live([used])]
    ['input', 'exp']
    """
    reached: set[Variable] = set()
    stack = list(outputs)
    while stack:
        v = stack.pop()
        if v not in reached:
            reached.add(v)
            stack.extend(v.operands())
    return sorted(reached, key=lambda v: v.number)


def _is_word(text: str) -> bool:
    return bool(_WORD.fullmatch(text)) and not iskeyword(text)


def names_of(order: Sequence[Variable], scope: Mapping[str, X]) -> tuple[dict[Variable, str], list[str]]:
    """A name for each variable that has a line, and comments on labels that could not stand in code.

    Values are t1, t2, ..., gradients d and what they belong to, other parts of derivatives c1, c2, ...
    """
    names: dict[Variable, str] = {}
    used = {*vars(builtins), *scope}
    comments: list[str] = []
    unnamed = 0
    named = [v for v in order if v.label is not None or v.name == "input"]
    for v in named:
        if v.label is not None and _is_word(v.label) and not _GENERATED.fullmatch(v.label) and v.label not in used:
            names[v] = v.label
        else:
            unnamed += 1
            names[v] = f"v{unnamed}"
            if v.label is not None:
                comments.append(f"{names[v]} is {v.label[:40]!a}")
        used.add(names[v])
    gradients: dict[Variable, Variable] = next((v.program.gradients for v in order), {})
    counts = dict.fromkeys("tc", 0)
    for v in order:
        if v in names or v.is_constant or v in gradients:
            continue
        letter = "c" if v.derivative else "t"
        counts[letter] += 1
        names[v] = f"{letter}{counts[letter]}"
    for v in order:
        if v in names or v.is_constant:
            continue
        target = names.get(gradients[v], "")
        wish = f"d{target[1:]}" if re.fullmatch(r"t\d+", target) else f"d_{target}" if target else "d0"
        name, n = wish, 1
        while name in used:
            n += 1
            name = f"{wish}_{n}"
        names[v] = name
        used.add(name)
    return names, comments


def note(v: Variable) -> str:
    """The comment on a line: where the user recorded the op; of a derivative, ∂ says so."""
    place = line_text(v.location)
    return f"  # {'∂ ' if v.derivative else ''}{place}".rstrip(" #") if place or v.derivative else ""


def line_text(location: Location | None) -> str:
    """A line of the user's code: ``file.py:12``; nothing where it is not known, or was typed at a prompt."""
    file, line = location or ("<", 0)
    file = source_name(file).replace("\\", "/").rpartition("/")[2]
    name = "".join(c if c.isprintable() else "?" for c in file)
    return "" if name.startswith("<") else f"{name}:{line}"
