"""``stepper``: a page that walks through the forward and the backward pass step by step."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Sequence
from functools import cached_property
from html import escape
from itertools import zip_longest
from pathlib import Path
from typing import Any, Unpack

import graphviz

from autograd.engine.node import Node
from autograd.graph import Step, formatting, steps, toposort
from autograd.graph.arguments import node_list
from autograd.graph.formatting import value_text
from autograd.graph.formulas import Texts
from autograd.graph.naming import Names, find_names, number_unnamed
from autograd.typing import Data, Json
from autograd.viz import folding, style
from autograd.viz.backward_graph import default_seed
from autograd.viz.drawing import folding_rows, node_title
from autograd.viz.figure import Figure
from autograd.viz.folding import Item
from autograd.viz.node_html import caption, quoted
from autograd.viz.options import FoldOptions, Nodes, check_options
from autograd.viz.render import RenderError

__all__ = ["Stepper", "stepper"]

MAX_NODES = 10_000  # the page holds every text of every step
MAX_BYTES = 5_000_000  # a notebook keeps the page in its file, and shows no larger one
PAGE = Path(__file__).parent / "page"
USERS = 20  # the details of a node list at most so many of its users
HEIGHT = 720  # pixels of the frame in a notebook
# A trusted notebook shows the frame, and the style hides the still picture; another one shows only the picture.
_FRAME = """<style>.still{{display:none}}</style>\
<iframe sandbox="allow-scripts" title="{title}" width="100%" height="{height}" style="border: 0" \
srcdoc="{page}"></iframe>\
<div class=still>trust this notebook to step through it \
<img alt="{title}" width="{width}" src="data:image/png;base64,{png}"></div>"""


class Stepper(Figure):
    """A picture to step through; :func:`stepper` makes it.

    A :class:`Figure` that also has ``.html``, the page; ``.save("steps.html")`` writes it. As a picture it is the last
    step, with every value and every gradient.
    """

    def __init__(self, source: str, pages: tuple[str, str], description: str, content: Json) -> None:
        super().__init__(source, description)
        self._pages = tuple(Figure(page, description) for page in pages)
        self._content_of_page = content

    @cached_property
    def html(self) -> str:
        """The page: one file that needs nothing else, and may load nothing else.

        Raises
        ------
        RenderError
            If there is no Graphviz, or it fails.
        """
        # "<" is escaped, so that no label can end the script.
        data = json.dumps(self._content_of_page, ensure_ascii=False).replace("<", "\\u003c")
        parts = {
            "title": escape(self.description),
            "style": (PAGE / "stepper.css").read_text(encoding="utf-8"),
            "wide": self._pages[0]._svg("wide", inline=False),
            "narrow": self._pages[1]._svg("narrow", inline=False),
            "data": data,
            "script": (PAGE / "stepper.js").read_text(encoding="utf-8"),
        }
        page = (PAGE / "stepper.html").read_text(encoding="utf-8")
        before, *rest = page.split("{")
        for piece in rest:
            name, _, after = piece.partition("}")
            before += parts[name] + after
        return before

    def _content(self, target: Path) -> bytes:
        return self.html.encode() if target.suffix.lower() == ".html" else super()._content(target)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        try:
            page, png = escape(self.html), self._png
        except RenderError as error:
            return {"text/plain": f"{self!r}\n{error}"}
        if len(page) > MAX_BYTES:
            return {"text/plain": f"{self!r}\nToo large to show by itself; .save('steps.html') writes the page."}
        html = _FRAME.format(
            title=escape(self.description),
            height=HEIGHT,
            page=page,
            width=round(self._size[0] * 96 / 72),
            png=b64encode(png).decode(),
        )
        return {"text/html": html, "text/plain": repr(self)}


def stepper(
    y: Node, *, gradient: Data = None, inputs: Nodes = (), names: object = None, **options: Unpack[FoldOptions]
) -> Stepper:
    """Make a page that walks through the computation of `y` and its backward pass, one contribution at a time.

    A slider, two buttons and the arrow keys step forward and back. The current node has a ring, its formula stands
    below with its numbers, and contributions add up to gradients. A click on a node shows its details. The page is one
    file for wide screens and phones, light and dark, and loads nothing from anywhere.

    A large graph folds by itself, and says so: nodes computed in the same way share a card, which shows the current
    one. Every value and every contribution still has its step.

    Parameters
    ----------
    y : node
        The result to differentiate.
    gradient : number or array, optional
        The seed, of the shape of `y`; ones by default, which for an array gives the gradients of its sum.
    inputs : node or sequence of nodes
        Leaves to draw as inputs, as in :func:`autograd.viz.draw`.
    names : mapping or module, optional
        Names for nodes without a label, as in :func:`autograd.viz.draw`.
    **options
        precision : int, default 4
            Significant digits of numbers.
        limit : int or None, default 200
            The number of values above which the graph folds; None never folds.

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
    order = toposort(y)
    if len(order) > MAX_NODES:
        raise ValueError(
            f"stepper: {len(order):,} nodes are too many to step through (at most {MAX_NODES:,}); take a part of the "
            "graph, or fewer samples; draw(y) shows it whole, folded"
        )
    walked = list(steps(y, default_seed(y) if gradient is None else gradient))
    # Modules are not framed here, so their parts fold like everything else.
    items = folding.plan(order, [y], input_nodes, Names(), settings)
    script = _Script(order, items, walked, number_unnamed(find_names(names), order), settings.precision)
    pages = script.source(input_nodes, "LR"), script.source(input_nodes, "TB")
    title = f"step by step: {script.title}, {len(script.steps):,} steps"
    content = {"nodes": script.nodes, "cards": script.cards, "steps": script.steps}
    return Stepper(script.source(input_nodes, "LR", still=True), pages, title, content)


class _Script:
    """Every text that the page shows at its steps: the cards in a picture, and the nodes that share them."""

    def __init__(
        self, order: Sequence[Node], items: Sequence[Item], walked: Sequence[Step], name_of: dict[Node, str],
        precision: int,
    ) -> None:  # fmt: skip
        self.items, self.precision = items, precision
        self.names = {node: name_of[node] or value_text(node.data, precision) for node in order}
        self.texts = Texts(name_of, precision)
        self.place = {node: i for i, node in enumerate(order)}
        self.item = {node: item for item in items for node in item.members}
        self.y = order[-1]
        self.output = node_title(self.y, name_of)
        self.steps: list[Json] = []
        self.forward_step = {node: self._forward(node) if node.op is not None else 0 for node in order}
        self.entries: dict[Node, list[Json]] = {node: [] for node in order}
        self.gradients = {step.node: step.gradient for step in walked}
        for step in walked:
            self._backward(step)
        self.users: dict[Node, list[str]] = {node: [] for node in order}
        for node in order:
            for p in dict.fromkeys(node.parents):
                self.users[p].append(self.names[node])
        self.nodes = [self._node(node, name_of) for node in order]
        self.cards = [self._card(item) for item in items]
        self.caption = "".join(folding_rows(order, items))
        y = self.y
        self.title = f"{self.names[y]} = {self.texts.call(y)}" if y.op is not None else self.names[y]

    def value(self, data: Data) -> str:
        return value_text(data, self.precision)

    def _edge(self, node: Node, slot: int) -> str:
        """The id of the arrow by which an operand enters an op."""
        item = self.item[node]
        return f"e{item.id}_{slot if item.ordered else item.operands.index(self.item[node.parents[slot]])}"

    def _forward(self, node: Node) -> int:
        i = self.item[node].id
        call, numbers, value = self.texts.call(node), self.texts.call_in_numbers(node), self.value(node.data)
        edges = [self._edge(node, slot) for slot in range(len(node.parents))]
        operands = [f"n{self.item[p].id}" for p in node.parents]
        self.steps.append({
            "phase": "forward", "what": f"{self.names[node]} = {call}", "formula": f"{self.names[node]} = {numbers}",
            "result": value, "sum": "", "note": "", "spoken": f"{self.names[node]} = {value}",
            "active": [f"n{i}", f"op{i}", f"r{i}", *edges, *operands],
            "nodes": [self.place[n] for n in (*node.parents, node)],
        })  # fmt: skip
        return len(self.steps)

    def _derivative(self, node: Node) -> str:
        return f"∂{self.output}/∂{self.names[node]}"

    def _backward(self, step: Step) -> None:
        i = self.item[step.node].id
        if step.node is self.y:
            what = "the seed: the backward pass starts from the gradient of the output by itself"
            self._enter(step.node, step.gradient, step.gradient, "seed", {
                "what": what, "formula": self._derivative(step.node), "note": "", "active": [f"n{i}"],
                "nodes": [self.place[step.node]],
            })  # fmt: skip
        op: Any = step.op
        for c in step.contributions:
            formula = self.texts.derivative(step.node, c.slot)
            sign = " ".join(formatting.op_text(step.node)).strip()
            uses = sum(p is c.parent for p in step.node.parents)
            which = f", argument {c.slot + 1}" if uses > 1 else ""
            what = f"back through {sign} of {self.names[step.node]}{which}, g = {self._derivative(step.node)}"
            sum_text = f"{self._derivative(c.parent)} += {formula}"
            numbers = self.texts.derivative_in_numbers(step.node, c.slot, step.gradient)
            if numbers != self.value(c.value):
                sum_text += f" = {numbers}"
            active = [f"n{i}", f"op{i}", f"r{i}", self._edge(step.node, c.slot), f"n{self.item[c.parent].id}"]
            self._enter(c.parent, c.value, c.total, f"{op.symbol}{which}", {
                "what": what, "formula": sum_text, "note": c.note, "active": active,
                "nodes": [self.place[n] for n in (step.node, c.parent)],
            })  # fmt: skip

    def _enter(self, node: Node, value: Data, total: Data, origin: str, step: Json) -> None:
        """Add a step of the backward pass, and its entry in the list of its node."""
        before = self.entries[node][-1]["total"] if self.entries[node] else ""
        name, value, total = self._derivative(node), self.value(value), self.value(total)
        self.steps.append({
            **step, "phase": "backward", "result": value, "spoken": f"{name} = {total}",
            "sum": f"contributions add up: {name} = {before} + {value} = {total}" if before else "",
        })  # fmt: skip
        self.entries[node].append({
            "step": len(self.steps), "value": value, "total": total, "from": origin, "text": _lines(node, name, total),
        })  # fmt: skip

    def _node(self, node: Node, name_of: dict[Node, str]) -> Json:
        value = self.value(node.data)
        details = [("name", self.names[node])] if name_of[node] else []
        details += [("shape", formatting.shape(node.data))] if formatting.shape(node.data) else []
        details += [("value", value if not node.ndim else str(node.data))]
        if node.op is not None:
            details += [("computed as", self.texts.call(node)), ("op", f"{node.op.name}: {_meaning(node)}")]
        if node in self.gradients:
            gradient = self.gradients[node]
            details += [(self._derivative(node), self.value(gradient) if not node.ndim else str(gradient))]
        if users := self.users[node]:
            more = [f"and {len(users) - USERS:,} more"] if len(users) > USERS else []
            details += [("used by", ", ".join([*users[:USERS], *more]))]
        return {
            "name": self.names[node], "forward": self.forward_step[node], "details": details,
            "value": _lines(node, name_of[node], value), "entries": self.entries[node],
        }  # fmt: skip

    def _card(self, item: Item) -> Json:
        i, made = item.id, item.members[0].op is not None
        edges = [f"e{i}_{k}" for k in range(len(item.operands))]
        return {
            "id": f"n{i}", "parts": [f"n{i}", f"op{i}"] if made else [f"n{i}"], "arrows": [f"r{i}", *edges] * made,
            "members": [self.place[node] for node in item.members],
            "head": [f"× {len(item.members)}"] if len(item.members) > 1 else [],
        }  # fmt: skip

    def source(self, inputs: set[Node], direction: str, *, still: bool = False) -> str:
        """Write the graph, with cards as large as the longest texts that they will hold, or as at the last step."""
        dot = graphviz.Digraph(
            graph_attr={**style.GRAPH, "rankdir": direction}, node_attr=style.NODE,
            edge_attr=style.EDGE if still else {**style.EDGE, "dir": "both", "arrowtail": "normal"},
        )  # fmt: skip
        for item, card in zip(self.items, self.cards, strict=True):
            i, node = item.id, item.members[0]
            members = [self.nodes[place] for place in card["members"]]
            if still:
                last = members[0]  # the backward pass comes to it last
                lines = [*card["head"], *last["value"], *(last["entries"][-1]["text"] if last["entries"] else [])]
            else:
                lines = [*card["head"], *_longest(m["value"] for m in members)]
                lines += _longest(entry["text"] for m in members for entry in m["entries"])
            look = style.role(node, inputs).look
            if node is self.y:
                look = {**look, **style.OUTPUT}
            label = "\\n".join(map(quoted, lines))
            dot.body.append(f'\tn{i} [label="{label}" id="n{i}" {style.attributes({**look, "margin": "0.16,0.07"})}]\n')
            if node.op is not None:
                sign = " ".join(formatting.op_text(node)).strip()
                disc = style.attributes({**style.OP, **style.disc(sign, "")})
                dot.body.append(f'\top{i} [label="{quoted(sign)}" id="op{i}" {disc}]\n')
                for k, operand in enumerate(item.operands):
                    dot.body.append(f'\tn{operand.id} -> op{i} [id="e{i}_{k}"]\n')
                dot.body.append(f'\top{i} -> n{i} [id="r{i}"]\n')
        if self.caption:
            dot.body.append(caption([self.caption]))
        source: str = dot.source
        return source


def _longest(texts: Iterable[Sequence[str]]) -> list[str]:
    """The longest text that each line of a card will hold."""
    return [max(several, key=formatting.columns) for several in zip_longest(*texts, fillvalue="")]


def _lines(node: Node, name: str, text: str) -> list[str]:
    """Write a named number on one line, a named array on two."""
    return [name, text] if node.ndim and name else [f"{name} = {text}" if name else text]


def _meaning(node: Node) -> str:
    return ((node.op and node.op.__doc__) or "").strip().partition("\n")[0].replace("`", "")
