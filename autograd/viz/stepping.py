"""``stepper``: a page that walks through the forward and the backward pass step by step."""

from __future__ import annotations

import re
from functools import cached_property
from html import escape, unescape
from pathlib import Path
from typing import Unpack

from autograd.engine.node import Node
from autograd.graph import steps, tidying, toposort
from autograd.graph.arguments import node_list
from autograd.graph.naming import Names, find_names, number_unnamed
from autograd.typing import Data, Json
from autograd.viz import folding, style
from autograd.viz.backward_graph import default_seed, seed_rows
from autograd.viz.drawing import folding_rows
from autograd.viz.figure import Figure
from autograd.viz.javascript import script_safe
from autograd.viz.options import FoldOptions, Nodes, check_options
from autograd.viz.page_program import program
from autograd.viz.pages import MAX_BYTES, filled, framed, part
from autograd.viz.render import RenderError
from autograd.viz.step_texts import Script

__all__ = ["Stepper", "stepper"]

MAX_NODES = 10_000  # the page holds every text of every step
SCRIPTS = ("theme", "numbers", "picture", "stepper", "leaves", "controls")  # in this order
HEIGHT = 720  # pixels of the frame in a notebook


class Stepper(Figure):
    """A picture to step through; :func:`stepper` makes it.

    A :class:`Figure` that also has ``.html``, the page; ``.save("steps.html")`` writes it. As a picture it is the last
    step, with every value and every gradient.

    Examples
    --------
    >>> from autograd import Value, viz
    >>> viz.stepper(Value(3.0, "a") * Value(2.0, "b"))
    <Figure: step by step: v1 = a·b, 4 steps>
    """

    def __init__(self, source: str, pages: tuple[str, str], description: str, content: Json, program: str = "") -> None:
        super().__init__(source, description)
        self._program = program
        self._pages = tuple(Figure(page, description) for page in pages)
        self._content_of_page = content

    @cached_property
    def html(self) -> str:
        """The page, one file that needs nothing else, and may load nothing else.

        Raises
        ------
        RenderError
            If there is no Graphviz, or it fails.
        """
        parts = {
            "title": escape(self.description),
            "style": part("stepper.css"),
            "wide": self._group(0, "wide"),
            "narrow": self._group(1, "narrow"),
            "data": script_safe(self._content_of_page),
            "script": "\n".join([self._program, *(part(f"{name}.js") for name in SCRIPTS)]),
        }
        return filled("stepper.html", parts)

    def _group(self, page: int, prefix: str) -> str:
        """The picture of a page: not an image, because one can walk through its nodes."""
        return self._pages[page]._svg(prefix, inline=False).replace('role="img"', 'role="group"', 1)

    def _content(self, target: Path) -> bytes:
        return self.html.encode() if target.suffix.lower() == ".html" else super()._content(target)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        try:
            page = self.html
        except RenderError as error:
            return {"text/plain": f"{self!r}\n{error}"}
        if len(page) > MAX_BYTES:
            return {"text/plain": f"{self!r}\nToo large to show by itself; .save('steps.html') writes the page."}
        html = framed(page, self.description, HEIGHT, f"trust this notebook to step through it {self._still}")
        return {"text/html": html, "text/plain": repr(self)}


def stepper(
    y: Node, *, gradient: Data = None, inputs: Nodes = (), names: object = None, **options: Unpack[FoldOptions]
) -> Stepper:
    """Make a page that walks through the computation of `y` and its backward pass, one contribution at a time.

    A slider, buttons and the arrow keys step forward and back, or it plays. The current node has a ring; the chain rule
    is written with its numbers, ``∂y/∂x += ∂y/∂v · ∂v/∂x = 0.8556 · 0.5``, and contributions add up to gradients, each
    named by where it comes from. A click on a node, or Enter, goes to its step and shows its details; arrow keys walk
    along the arrows. The picture can be zoomed and dragged. No number is in the page's document before its step; in
    the mode *predict* the reader types it, and is told whether it is right.

    The leaves have sliders: every value and every gradient follows, which the page computes by the op table's own
    formulas. That works for numbers and small arrays; where an op has no JavaScript, the page names it. The page is one
    file for wide screens and phones, light and dark, and loads nothing from anywhere.

    A large graph folds by itself, and says so: nodes computed in the same way share a card, which shows the current
    one. Every value and every contribution still has its step.

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
        limit : int or None, default 200
            The number of values above which the graph folds; None never folds.
        roll : bool, optional
            Whether what repeats in time is drawn once, as in :func:`autograd.viz.draw`; by default `limit` decides.
        tidy : bool, default True
            Whether the graph of a derivative is shown as :func:`autograd.graph.tidied` makes it.

    Returns
    -------
    Stepper
        It shows itself in a notebook, and has ``.html`` and ``.save(path)``; no node's ``grad`` is read or written.

    Raises
    ------
    TypeError
        If `y` is no node, or there is no such option.
    ValueError
        If `y` requires no gradient, `gradient` has another shape, an option is out of range, or there are more than
        10,000 nodes.

    Examples
    --------
    >>> from autograd import Value, viz
    >>> m, x, b = Value(3.0, "m"), Value(2.0, "x"), Value(1.0, "b")
    >>> viz.stepper(m * x + b, inputs=x)
    <Figure: step by step: v2 = v1 + b, 7 steps>
    """
    if not isinstance(y, Node):
        raise TypeError(f"stepper: pass a Value or a Tensor, not {type(y).__name__}")
    input_nodes, settings = set(node_list("stepper", inputs, "inputs")), check_options("stepper", options, FoldOptions)
    known = find_names(names)
    if settings.tidy:
        (y,) = tidying.tidy([y], input_nodes, known).outputs
    order = toposort(y)
    input_nodes = style.Inputs(input_nodes, order)
    if len(order) > MAX_NODES:
        raise ValueError(
            f"stepper: {len(order):,} nodes are too many to step through (at most {MAX_NODES:,}); take a part of the "
            "graph, or fewer samples; draw(y) shows it whole, folded"
        )
    walked = list(steps(y, default_seed(y) if gradient is None else gradient))
    # Modules are not framed here, so their parts fold like everything else.
    items = folding.plan(order, [y], input_nodes, Names(), settings)
    script = Script(order, items, walked, number_unnamed(known, order), settings.precision)
    pages = script.source(input_nodes, "LR"), script.source(input_nodes, "TB")
    title = f"step by step: {script.title}, {len(script.steps):,} steps"
    caption = [*seed_rows(y, gradient, script.output), *folding_rows(order, items)]
    content = {
        "title": script.title, "precision": settings.precision, "nodes": script.nodes, "cards": script.cards,
        "steps": script.steps, "caption": [" ".join(unescape(re.sub("<[^>]*>", "", row)).split()) for row in caption],
    }  # fmt: skip
    replayed = ""
    try:
        made = program(y, gradient)
        content["program"], replayed = made.data, made.script
        for node, more in zip(script.nodes, script.kinds(), strict=True):
            node |= more
    except ValueError as error:  # the page says which op stands in the way
        content["obstacle"] = str(error)
    return Stepper(script.still(input_nodes, caption), pages, title, content, replayed)
