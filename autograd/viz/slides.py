"""``slides``: the forward and the backward pass as frames of a lecture, with everything in the same place on each."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import NamedTuple, Unpack

from autograd.engine.libraries import fetched
from autograd.engine.node import Node
from autograd.graph import formatting
from autograd.typing import Data, Keywords
from autograd.viz import pdf, style
from autograd.viz.backward_cards import CardPicture
from autograd.viz.backward_graph import both_passes
from autograd.viz.figure import Figure
from autograd.viz.folding import Item
from autograd.viz.node_html import caption
from autograd.viz.node_html import html as quoted
from autograd.viz.options import FoldOptions, Nodes
from autograd.viz.pages import MAX_BYTES, filled, framed, part
from autograd.viz.render import RenderError

__all__ = ["Slides", "slides"]

HEIGHT = 620  # pixels of the frame in a notebook
COLUMNS = 100  # a longer note is cut off
NOTHING = "#00000000"  # the colour of what is still to come
_SVG = "{http://www.w3.org/2000/svg}"
_BACKWARD = {colour.lower() for colour in (style.GRADIENT_INK, style.GRADIENT["fillcolor"], style.BACKWARD)}
_NUMBERS = re.compile(r"-?[\d.]+")
ET.register_namespace("", _SVG[1:-1])


class Frame(NamedTuple):
    """What a frame adds to the one before: a heading, and lines that say it in formulas and numbers."""

    heading: str
    notes: list[str]


class Slides(Figure):
    """A lecture in frames; :func:`slides` makes it.

    A :class:`Figure` that also has ``.frames``, what each says, and ``.html``, the page, which ``.save("slides.html")``
    writes. As a picture it is the last frame.

    Examples
    --------
    >>> from autograd import Value, viz
    >>> lecture = viz.slides(Value(3.0, "a") * Value(2.0, "b"))
    >>> [frame.heading for frame in lecture.frames]
    ['forward: the leaves', 'forward: v1 = a·b', 'backward: the seed', 'backward: through × of v1']
    """

    def __init__(self, picture: Figure, frames: Sequence[Frame], times: dict[str, tuple[int, int]]) -> None:
        super().__init__(picture.source, f"slides of the {picture.description}", picture.titles, picture.engine)
        self.frames = list(frames)
        self._times = times  # of each node of the DOT text: the frames in which its value and its gradient appear

    @cached_property
    def html(self) -> str:
        """The page, one file that needs nothing else, and may load nothing else.

        Raises
        ------
        RenderError
            If there is no Graphviz, or it fails.
        """
        picture, box = self._timed()
        parts = {
            "title": escape(self.description),
            "style": part("slides.css"),
            "script": part("slides.js") + part("theme.js"),
            "picture": picture,
            "frames": "\n".join(self._section(k, box) for k in range(len(self.frames))),
        }
        return filled("slides.html", parts)

    def _section(self, k: int, box: str) -> str:
        heading, notes = self.frames[k]
        count = f"{k + 1} of {len(self.frames)}"
        lines = "".join(f"<p>{escape(note)}</p>" for note in notes)
        label = escape(f"frame {count}: {heading}")
        return (
            f'<section id="frame{k + 1}" style="--at: {k}" aria-label="{label}">'
            f"<h2>{escape(heading)} <small>{count}</small></h2>"
            f'<svg role="img" aria-label="{label}" viewBox="{box}"><use href="#picture"/></svg>'
            f'<div class="notes" tabindex="0">{lines}</div></section>'
        )

    def _timed(self) -> tuple[str, str]:
        """The picture, whose parts know when they appear, and its box."""
        try:
            svg = ET.fromstring(self._rendered)
            (graph,) = svg.findall(f"{_SVG}g")
        except (ET.ParseError, ValueError):
            raise RenderError("the renderer's SVG is not Graphviz's: slides need its groups, one in another") from None
        groups = {(g.findtext(f"{_SVG}title") or ""): g for g in graph.findall(f"{_SVG}g")}
        for name, group in groups.items():
            self._time(name, group)
        # A factor stands in the middle of its arrow; before it comes, the arrow goes through.
        for name in [name for name in groups if "_" in name and "->" not in name]:
            halves = [groups[arrow] for arrow in groups if arrow.endswith(f"->{name}") or arrow.startswith(f"{name}->")]
            if len(halves) == 2 and (bridge := _bridge(*halves)) is not None:
                _appear(bridge, self._times[name][0])
                graph.insert(1, bridge)  # behind everything
        for element in svg.iter():
            element.attrib.pop("id", None)
            for title in element.findall(f"{_SVG}title"):
                element.remove(title)
        graph.set("id", "picture")
        return ET.tostring(graph, encoding="unicode"), svg.get("viewBox", "")

    def _time(self, name: str, group: ET.Element) -> None:
        """Tell the parts of a node or an arrow in which frames they appear."""
        ends = name.split("->")
        forth, back = self._times[_timed_by(ends)]
        for piece in group:
            colours = {(piece.get("fill") or "").lower(), (piece.get("stroke") or "").lower()}
            factor = len(ends) == 1 and name.startswith("f")
            _appear(piece, back if factor or colours & _BACKWARD else forth)

    def _content(self, target: Path) -> bytes:
        match target.suffix.lower():
            case ".html":
                return self.html.encode()
            case ".pdf":
                return pdf.merged([figure._content(target) for figure in self._pictures()])
        return super()._content(target)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Keywords:
        bundle = super()._repr_mimebundle_()
        if "image/svg+xml" not in bundle or len(self.html) > MAX_BYTES:
            return bundle
        html = framed(self.html, self.description, HEIGHT, f"trust this notebook to turn the pages {self._still}")
        return {"text/html": html, "text/plain": repr(self)}

    def _pictures(self) -> Iterator[Figure]:
        """Each frame as a picture of its own, in which what is still to come has its place, but is not seen."""
        texts = [[heading, *notes] for heading, notes in self.frames]
        width = max(style.inches(line, 14) for lines in texts for line in lines) * 72
        place = f'WIDTH="{width:.0f}" HEIGHT="{max(map(len, texts)) * 20}" BALIGN="LEFT"'
        for k, (first, *rest) in enumerate(texts):
            text = "".join(f"{line}<BR/>" for line in [f"<B>{quoted(first)}</B>", *map(quoted, rest)])
            row = f"<TR><TD {place}>{text}</TD></TR>"
            lines = [self._line(line, k) for line in self.source.splitlines() if not line.startswith("\tlabel=")]
            source = "\n".join([*lines[:-1], caption([row]).rstrip(), lines[-1]])
            yield Figure(source, first, engine=self.engine)

    def _line(self, line: str, k: int) -> str:
        """A line of the DOT text as it is on a frame."""
        found = re.match(r"\t(\w+)(?: -> (\w+))? \[", line)
        ends = [end for end in found.groups() if end] if found else []
        if not ends or not all(end in self._times for end in ends):
            return line
        forth, back = self._times[_timed_by(ends)]
        if k < min(forth, back):
            return line[:-1] + ' style="invis"]'
        if k >= back:
            return line
        if len(ends) == 2:
            heads = "none" if ends[-1].startswith("f") else "forward"
            return line.replace(f'"{style.LINE}:{style.BACKWARD}"', f'"{style.LINE}"')[:-1] + f' dir="{heads}"]'
        if ends[0].startswith("f"):
            return f'{line[:-1]} color="{style.LINE}" fillcolor="{NOTHING}" fontcolor="{NOTHING}"]'
        hidden = line.replace(f'COLOR="{style.GRADIENT_INK}"', f'COLOR="{NOTHING}"')
        return hidden.replace(f'BGCOLOR="{style.GRADIENT["fillcolor"]}"', f'BGCOLOR="{NOTHING}"')


def _timed_by(ends: Sequence[str]) -> str:
    """The node whose frames are also those of an arrow: the factor at it, or the card at its head."""
    return next((end for end in ends if end.startswith("f")), ends[-1])


def _appear(piece: ET.Element, frame: int) -> None:
    if frame:
        piece.set("style", f"--from: {frame}")


def _bridge(before: ET.Element, after: ET.Element) -> ET.Element | None:
    """A line between two halves of an arrow, and from its beginning, where the head of the way back will be."""
    paths = [half.find(f"{_SVG}path[@stroke='{style.LINE.lower()}']") for half in (before, after)]
    head = before.find(f"{_SVG}polygon")
    if None in paths or head is None:
        return None
    first, last = (_NUMBERS.findall(path.get("d", "")) for path in paths if path is not None)
    tip = _NUMBERS.findall(head.get("points", ""))[2:4]
    points = f"M{','.join(tip)}L{','.join(first[:2])}M{','.join(first[-2:])}L{','.join(last[:2])}"
    return ET.Element(f"{_SVG}path", {"d": points, "stroke": style.LINE, "stroke-width": "1.3", "fill": "none"})


def slides(
    y: Node, *, gradient: Data = None, inputs: Nodes = (), names: object = None, **options: Unpack[FoldOptions]
) -> Slides:
    """Make a lecture of the forward and the backward pass of `y`: frame by frame, in one file.

    The frames show one picture, that of :func:`autograd.viz.draw_backward`. On the first there are the leaves; then the
    results come one by one, then the gradients, and everything stays where it is. Below stands in formulas and numbers
    what is new. Arrow keys, Page Up and Page Down, Home and End turn the pages; printed, each frame is a page of A4.

    Parameters
    ----------
    y : node
        The result to differentiate.
    gradient : number or array, optional
        The seed, of the shape of `y`; ones by default, which for an array gives the gradients of its sum.
    inputs : node or sequence of node
        Leaves to draw as inputs, as in :func:`autograd.viz.draw`.
    names : mapping or Module, optional
        Names for nodes without a label, as in :func:`autograd.viz.draw`.
    **options : object
        precision : int, default 4
            Significant digits of numbers.
        limit : int or None, default 60
            The number of values above which the graph folds; None never folds.
        roll : bool, optional
            Whether what repeats in time is drawn once, as in :func:`autograd.viz.draw`; by default `limit` decides.
        tidy : bool, default True
            Whether the graph of a derivative is drawn as one would write it, as in :func:`autograd.viz.draw_backward`.

    Returns
    -------
    Slides
        ``.frames`` says what is on each, ``.save("slides.html")`` and ``.save("slides.pdf")`` write them; no node's
        ``grad`` is read or written.

    Raises
    ------
    TypeError
        If `y` is no node, or there is no such option.
    ValueError
        If `y` requires no gradient, `gradient` has another shape, or an option is out of range.

    Examples
    --------
    >>> from autograd import Value, viz
    >>> m, x, b = Value(3.0, "m"), Value(2.0, "x"), Value(1.0, "b")
    >>> y = m * x + b
    >>> y.label = "y"
    >>> for frame in viz.slides(y, inputs=x).frames:
    ...     print(frame.heading)
    forward: the leaves
    forward: v1 = m·x
    forward: y = v1 + b
    backward: the seed
    backward: through + of y
    backward: through × of v1
    """
    if unknown := sorted(set(options) - set(FoldOptions.__annotations__)):
        raise TypeError(f"slides has no option {', '.join(map(repr, unknown))}; it has precision, limit, tidy")
    figure, picture = both_passes("slides", y, gradient, inputs, names, {**options, "style": "cards"})
    assert isinstance(picture, CardPicture)  # for the type checker: it was asked for
    return Slides(figure, *_script(picture))


def _script(picture: CardPicture) -> tuple[list[Frame], dict[str, tuple[int, int]]]:
    """The frames, and in which of them the value and the gradient of each card and each arrow appear."""
    made = [item for item in picture.items if item.members[0].op is not None]
    left = [item for item in picture.walked.steps if picture.walked.arrows(item)]
    forth = {item: k for k, item in enumerate(made, 1)}
    back = {item: k for k, item in enumerate(left, len(made) + 2)}
    complete = {picture.walked.of[picture.y]: len(made) + 1}
    for item in left:
        for arrow in picture.walked.arrows(item):
            complete[arrow.operand] = back[item]  # the last contribution is the one that counts
    never = len(made) + len(left) + 2
    times = {f"n{item.id}": (forth.get(item, 0), complete.get(item, never)) for item in picture.items}
    for item in made:
        for place, _ in enumerate(item.operands):
            times[f"f{item.id}_{place}"] = times[f"r{item.id}_{place}"] = (forth[item], back.get(item, never))
    news: dict[int, list[Item]] = {}
    for item, k in complete.items():
        news.setdefault(k, []).append(item)
    leaves = [picture.cards.tooltip(n, style.role(n, picture.inputs)) for n in _leaves(picture)]
    frames = [Frame("forward: the leaves", ["; ".join(leaves)])]
    frames += [_forward(picture, item) for item in made]
    frames.append(Frame("backward: the seed", [" ".join(picture.gradient_lines(item)) for item in news[len(made) + 1]]))
    frames += [_backward(picture, item, news.get(back[item], [])) for item in left]
    return [Frame(heading, [formatting.elide(note, COLUMNS) for note in notes]) for heading, notes in frames], times


def _leaves(picture: CardPicture) -> list[Node]:
    return [item.members[0] for item in picture.items if item.members[0].op is None]


def _forward(picture: CardPicture, item: Item) -> Frame:
    node, texts = item.members[0], picture.walked.texts
    name, call = picture.cards.called(node), texts.call(node)
    value = formatting.value_text(fetched(node.data), picture.cards.precision)
    parts = dict.fromkeys([call, texts.call_in_numbers(node), value])
    return Frame(f"forward: {name} = {formatting.elide(call, 40)}", [item.description(f"{name} = {' = '.join(parts)}")])


def _backward(picture: CardPicture, item: Item, complete: Sequence[Item]) -> Frame:
    node = item.members[0]
    sign = " ".join(formatting.op_text(node)).strip()
    lines = [picture.walked.sentence(arrow) for arrow in picture.walked.arrows(item)]
    received = picture.walked.received
    lines += [" ".join(picture.gradient_lines(o)) for o in complete if len(received.get(o.members[0], ())) > 1]
    return Frame(f"backward: through {sign} of {picture.cards.called(node)}", lines)
