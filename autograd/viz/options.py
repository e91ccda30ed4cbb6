"""The options that pictures share, and their checks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypedDict

from autograd.engine.node import Node
from autograd.graph.arguments import node_list
from autograd.typing import X

__all__ = ["BackwardOptions", "DrawOptions", "Nodes", "Settings", "check_options", "check_precision", "nonempty_list"]

Nodes = Node | Sequence[Node]

DIRECTIONS = ("LR", "TB", "RL", "BT")
STYLES = ("cards", "rows")
COLORS = ("gradient", "sign", "finite")


class FoldOptions(TypedDict, total=False):
    """The options of all pictures that fold; see :func:`autograd.viz.draw`."""

    precision: int
    limit: int | None
    tidy: bool
    roll: bool | None


class BackwardOptions(FoldOptions, total=False):
    """The options of :func:`autograd.viz.draw_backward`, which says what each means."""

    style: str | None
    direction: str | None


class DrawOptions(FoldOptions, total=False):
    """The options of :func:`autograd.viz.draw`, which says what each means."""

    direction: str | None
    values: bool
    gradients: bool
    compact: bool | None
    color: str | None
    depth: int | None
    unfold: Collection[str] | None


@dataclass
class Settings:
    """The options of pictures with their defaults."""

    direction: str | None = None
    precision: int = 4
    values: bool = True
    gradients: bool = True
    compact: bool | None = None
    color: str | None = None
    depth: int | None = None
    limit: int | None = 200
    tidy: bool = True
    roll: bool | None = None
    unfold: Collection[str] | None = None
    style: str | None = None


def check_options(function: str, options: X, known: type = DrawOptions) -> Settings:
    """Fill options up with their defaults; raise an error that says what to pass if one is wrong."""
    if unknown := [repr(k) for k in options if k not in known.__annotations__]:
        has = ", ".join(known.__annotations__)
        raise TypeError(f"{function} has no option {', '.join(unknown)}; it has inputs, names, {has}")
    result = Settings(**options)
    if result.direction is not None and result.direction not in DIRECTIONS:
        raise ValueError(f"{function}: direction {result.direction!r} is none of {', '.join(DIRECTIONS)}")
    if result.color is not None and result.color not in COLORS:
        raise ValueError(f"{function}: color {result.color!r} is none of {', '.join(COLORS)}")
    if result.style is not None and result.style not in STYLES:
        raise ValueError(f"{function}: style {result.style!r} is none of {', '.join(STYLES)}")
    check_precision(function, result.precision)
    for name, least in (("depth", 0), ("limit", 1)):
        number = getattr(result, name)
        if number is not None and (not isinstance(number, int) or number < least):
            raise ValueError(f"{function}: {name} is a whole number from {least} on, or None, not {number!r}")
    if result.roll not in (None, True, False):
        raise TypeError(f"{function}: roll is True, False, or None to let `limit` decide, not {result.roll!r}")
    if isinstance(result.unfold, str):
        result.unfold = (result.unfold,)
    if result.unfold is not None and not all(isinstance(path, str) for path in result.unfold):
        raise TypeError(f"{function}: unfold takes the names of modules, such as ['0'], not {result.unfold!r}")
    return result


def check_precision(function: str, precision: object) -> None:
    """Raise if `precision` is no number of significant digits."""
    if not isinstance(precision, int) or isinstance(precision, bool) or not 1 <= precision <= 17:
        raise ValueError(f"{function}: precision counts significant digits, 1 to 17, not {precision!r}")


def nonempty_list(function: str, nodes: object) -> list[Node]:
    """Return one node, or several, as a list; raise if there is none."""
    several = node_list(function, nodes)
    if not several:
        raise ValueError(f"{function}: there is nothing to draw; pass a node, or a list of at least one")
    return several
