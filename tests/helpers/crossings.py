"""Crossings of arrows, counted in a rendered picture."""

import re
from itertools import combinations
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np

SVG = "{http://www.w3.org/2000/svg}"
PIECES = 7  # straight ones that stand for a curve; odd, or two that cross in their middles would only touch


def arrows(figure):
    """The arrows of a figure: the names of their ends, their classes, and their lines as points.

    An arrow of two lanes is one arrow with two lines.
    """
    found = []
    for group in ElementTree.fromstring(figure._file).iter(f"{SVG}g"):
        kinds = group.get("class", "").split()
        paths = [np.array(points(path.get("d"))) for path in group.iter(f"{SVG}path")] if kinds[:1] == ["edge"] else []
        if paths:
            found.append(SimpleNamespace(kinds=kinds[1:], lines=paths, title=group.findtext(f"{SVG}title")))
    return found


def points(d):
    """The points of a path of cubic curves, M x,y C x,y x,y x,y ..."""
    corners = np.array([float(x) for x in re.findall(r"-?[\d.]+(?:e-?\d+)?", d)]).reshape(-1, 2)
    if "C" not in d:
        return corners
    t = np.linspace(0, 1, PIECES, endpoint=False)[:, None]
    curves = [
        (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * e
        for a, b, c, e in (corners[i : i + 4] for i in range(0, len(corners) - 1, 3))
    ]
    return np.concatenate([*curves, corners[-1:]])


def crossings(figure, *kinds):
    """How many pairs of arrows cross, of these classes if any are named."""
    lines = [line for a in arrows(figure) if not kinds or {*kinds} & {*a.kinds} for line in a.lines[:1]]
    return sum(cross(a, b) for a, b in combinations(lines, 2))


def cross(a, b):
    """Whether two lines of straight pieces cross; lines that only end in the same point do not."""
    if (a.max(0) < b.min(0)).any() or (b.max(0) < a.min(0)).any():
        return False
    u, v = np.diff(a, axis=0)[:, None], np.diff(b, axis=0)[None]
    between = b[None, :-1] - a[:-1, None]
    area = turn(u, v)
    with np.errstate(divide="ignore", invalid="ignore"):
        s, t = turn(between, v) / area, turn(between, u) / area
    return bool(((s > 0) & (s < 1) & (t > 0) & (t < 1)).any())


def turn(u, v):
    return u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]


def text_sizes(figure, column=838):
    """The sizes of a picture's texts, in pixels, in a page's column of so many."""
    width, _ = figure._size
    scale = min(column / width, 4 / 3)  # a page shrinks what is wider, and draws the rest a point by 4/3 pixels
    texts = [t for t in ElementTree.fromstring(figure._file).iter(f"{SVG}text") if "".join(t.itertext()).strip()]
    return [scale * float(t.get("font-size")) for t in texts]
