"""What stands where on a page: the direction of a picture, and the leaves that are named where they are used."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from html import unescape

from autograd.viz import style
from autograd.viz.folding import Item

__all__ = [
    "PAGE",
    "across",
    "best_direction",
    "ranks",
    "references",
    "stated_sizes",
    "stated_width",
    "text_height",
    "text_width",
]

PAGE = 825.0  # points, 1,100 pixels: a picture should be no wider
ROOM = (
    775.0  # points: where this is kept to, what comes out fits, too, for widths are reckoned before there is a picture
)
USES = 3  # a leaf used so often gets a chip with its name at each use in place of an arrow
CLOSE = 0.93  # of the width that is enough in any font, in the usual ones
MARGIN, GAP = 15.0, 31.0  # points beside the text on a card, and between two ranks
_TAG, _LINE, _SIZED = re.compile(r"<[^>]*>"), re.compile(r"</TR>|<BR/>"), re.compile(r'POINT-SIZE="(\d+)"')
_WIDER = str.maketrans("1…", "0M")
_SIZES = re.compile(r'<TABLE FIXEDSIZE="TRUE" WIDTH="(\d+)" HEIGHT="(\d+)"')
_FIXED = re.compile(r'<TABLE FIXEDSIZE="TRUE" WIDTH="(\d+)" HEIGHT="\d+" BORDER="0"')


def references(items: Sequence[Item]) -> set[Item]:
    """The leaves that are drawn as chips: those used three times or more, for their arrows would run all over."""
    uses = Counter(operand for item in items for operand in item.operands)
    return {o for o, n in uses.items() if n >= USES and o.members[0].op is None and len(o.members) == 1}


def text_width(label: str, fixed: bool = False) -> float:
    """Points that the widest line of an HTML-like label takes, a little more than needed.

    In a cell of a `fixed` width there is no room to spare, so a 1 counts like any digit, and dots as their whole width.
    """
    if stated := stated_width(label):
        return stated
    return max(_line_width(line, fixed) for line in _LINE.split(label))


def text_height(label: str) -> int:
    """Points that the lines of an HTML-like label, or a table of a fixed size, take in any font."""
    if stated := stated_sizes(label):
        return stated[1]
    return sum(style.line_height(_size(line)) for line in _LINE.split(label))


def stated_sizes(label: str) -> tuple[int, int] | None:
    """The width and height that a table is said to take, in points; None if nothing is said."""
    found = _SIZES.match(label)
    return (int(found[1]), int(found[2])) if found else None


def stated_width(label: str) -> float:
    """Points that a table without a border is said to take; 0 if nothing is said."""
    found = _FIXED.match(label)
    return float(found[1]) if found else 0.0


def _line_width(line: str, fixed: bool) -> float:
    text = unescape(_TAG.sub("", line))
    return CLOSE * 72 * style.inches(text.translate(_WIDER) if fixed else text, _size(line))


def _size(line: str) -> int:
    """The size of a line's font; of several the usual one."""
    sizes = [int(size) for size in _SIZED.findall(line)]
    return sizes[0] if len(sizes) == 1 else 12


def ranks(items: Sequence[Item], chips: set[Item]) -> dict[Item, int]:
    """The rank of each item: the longest way from a leaf; leaves stand right before their first users."""
    rank: dict[Item, int] = {}
    for item in sorted(items, key=_depth):  # operands come first, but for the arrows that close a loop
        rank[item] = max((rank[o] + 1 for o in item.operands if o in rank and o not in chips), default=0)
    first: dict[Item, int] = {}
    for item in items:
        for o in item.operands:
            first[o] = min(first.get(o, rank[item]), rank[item])
    return {item: max(first.get(item, 1) - 1, 0) if not item.operands else r for item, r in rank.items()}


def _depth(item: Item) -> int:
    """How late an item is there; a folded module begins with its parameters, and is there with its results."""
    return max(node._depth for node in item.members) if item.folded else item.members[0]._depth


def across(items: Sequence[Item], chips: set[Item], width: Callable[[Item], float], gap: float = GAP) -> float:
    """Points that a picture from left to right takes: each rank is as wide as its widest card."""
    widest: dict[int, float] = {}
    for item, rank in ranks(items, chips).items():
        widest[rank] = max(widest.get(rank, 0.0), width(item))
    return sum(widest.values()) + gap * len(widest)


def down(items: Sequence[Item], chips: set[Item], width: Callable[[Item], float]) -> float:
    """Points that a picture from top to bottom takes across: the cards of the fullest rank side by side."""
    full: dict[int, float] = {}
    for item, rank in ranks(items, chips).items():
        full[rank] = full.get(rank, 0.0) + width(item) + GAP / 2
    return max(full.values(), default=0.0)


def best_direction(items: Sequence[Item], chips: set[Item], width: Callable[[Item], float], gap: float = GAP) -> str:
    """From left to right, unless this is wider than a page and from top to bottom is not as wide."""
    widths = {item: width(item) for item in items}
    wide = across(items, chips, widths.__getitem__, gap)
    return "LR" if wide <= PAGE or down(items, chips, widths.__getitem__) >= wide else "TB"
