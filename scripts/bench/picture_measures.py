"""Measures of a picture: what any SVG that Graphviz wrote shows, whoever asked for it."""

import re
import sys
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the tests count crossings too

from tests.helpers.crossings import cross, points

SVG = "{http://www.w3.org/2000/svg}"
PIXELS = {"pt": 4 / 3, "px": 1.0, "in": 96.0, "": 1.0}  # of a unit, at 96 dots an inch
FONT_SIZE = 14.0  # Graphviz's own
# A number with a point or four digits, unless it is an amount of memory or time, which some peers write at each op.
NUMBER = re.compile(r"([-−]?)(\d+\.(\d+)|\d{4,})(?:e([-−+]?\d+))?(?![\d.])(?!\s*(?:[KMGµmn]?[Bs]\b|bytes))")

Array = np.ndarray[Any, Any]


class Number(NamedTuple):
    """A number as a picture writes it, and half a unit of its last digit."""

    value: float
    half: float


class Picture(NamedTuple):
    """A picture's measures.

    Attributes
    ----------
    width, height : float
        In pixels at 96 dots an inch.
    crossings : int
        How many pairs of arrows cross.
    text : float
        The size in pixels of its smallest text, in the picture's own size.
    numbers : list of Number
        The numbers in its texts that have two digits or more.
    words : list of str
        Its texts.
    backward : int
        How many of its arrows are of the backward pass: by their class, or because they touch an op of that name.
    """

    width: float
    height: float
    crossings: int
    text: float
    numbers: list[Number]
    words: list[str]
    backward: int

    def text_in(self, column: float) -> float:
        """The size of the smallest text where the picture is shrunk to fit a column of so many pixels."""
        return self.text * min(1.0, column / self.width)

    def share(self, wanted: Sequence[float]) -> str:
        """How many of these numbers the picture writes, as in ``3 of 4``, or ``–`` if it writes none."""
        seen = sum(any(abs(n.value - x) <= 1.001 * n.half for n in self.numbers) for x in wanted)
        if not wanted:
            return ""
        return "all" if seen == len(wanted) else f"{seen} of {len(wanted)}" if seen else "–"


def measured(svg: str) -> Picture:
    """Measure an SVG."""
    root = ElementTree.fromstring(svg[svg.index("<svg") :])
    width, height, unit = _sizes(root)
    sized = list(_texts(root, unit, FONT_SIZE))
    words = ["".join(e.itertext()).strip() for e, _ in sized]
    groups = [g for g in root.iter(f"{SVG}g") if "edge" in g.get("class", "").split()]
    lines = [points(paths[0]) for g in groups if (paths := [p.get("d", "") for p in g.iter(f"{SVG}path")])]
    crossings = sum(cross(a, b) for a, b in combinations([x for x in lines if len(x) > 1], 2))
    ops = _backward_ops(root)
    backward = [g for g in groups if "backward" in g.get("class", "").split() or not ops.isdisjoint(_ends(g))]
    smallest = min((size for (_, size), word in zip(sized, words, strict=True) if word), default=0.0)
    return Picture(width, height, crossings, smallest, list(_numbers(words)), words, len(backward))


def _sizes(root: ElementTree.Element) -> tuple[float, float, float]:
    """Width and height, and pixels to a unit of the drawing's coordinates."""
    sides = []
    for name in ("width", "height"):
        if found := re.fullmatch(r"([\d.]+)(pt|px|in|)", root.get(name, "")):
            sides.append(float(found[1]) * PIXELS[found[2]])
    box = [float(x) for x in re.split(r"[\s,]+", root.get("viewBox", "").strip()) if x]
    if len(sides) < 2:
        sides = [PIXELS["pt"] * x for x in box[2:]]
    return sides[0], sides[1], sides[0] / box[2] if box else 1.0


def _texts(e: ElementTree.Element, unit: float, size: float) -> Iterator[tuple[ElementTree.Element, float]]:
    """The text elements below one, with their sizes in pixels."""
    # Only a group is scaled down: a picture that is to fit a sheet has its drawing in one.
    if scale := re.search(r"scale\(([\d.]+)", e.get("transform", "")):
        unit *= float(scale[1])
    if given := re.match(r"[\d.]+", e.get("font-size", "")):
        size = float(given[0])
    if e.tag == f"{SVG}text":
        yield e, unit * size
        return
    for child in e:
        yield from _texts(child, unit, size)


def _numbers(words: Sequence[str]) -> Iterator[Number]:
    for sign, digits, decimals, exponent in (m.groups() for word in words for m in NUMBER.finditer(word)):
        if len(digits.replace(".", "").lstrip("0")) > 1:
            power = 10.0 ** int((exponent or "0").replace("−", "-"))
            yield Number((-1 if sign else 1) * float(digits) * power, 0.5 * 10.0 ** -len(decimals or "") * power)


def _backward_ops(root: ElementTree.Element) -> set[str]:
    """The nodes whose texts name an op of PyTorch's backward pass."""
    nodes = [g for g in root.iter(f"{SVG}g") if g.get("class", "").split()[:1] == ["node"]]
    named = [g for g in nodes if any(re.search(r"Backward\d", "".join(t.itertext())) for t in g.iter(f"{SVG}text"))]
    return {g.findtext(f"{SVG}title", "") for g in named}


def _ends(edge: ElementTree.Element) -> list[str]:
    return [re.sub(r":\w+$", "", end) for end in edge.findtext(f"{SVG}title", "").split("->")]
