"""The small pictures of docs/visual_language.md: each sign alone, in the looks that pictures take from viz/style.py."""

from collections.abc import Mapping

from autograd import Value, viz
from autograd.graph.roles import INDEX
from autograd.viz import style
from autograd.viz.node_html import html, quoted, table

Look = Mapping[str, str]


def card(look: Look, text: str, gradient: str = "") -> str:
    """A node of a look: a text, its name in bold, and below it a gradient in its ink."""
    name, equals, value = text.partition(" = ")
    first = f"<B>{html(name)}</B>{equals}{value}" if equals else html(text)
    below = [f'<FONT COLOR="{style.GRADIENT_INK}">{html(gradient)}</FONT>'] if gradient else []
    return f"[{style.attributes(look)} label={table([first, *below])}]"


def sign(look: Look, text: str, second: str = "") -> str:
    """A disc or a hexagon with a sign."""
    return f'[{style.attributes({**style.disc(text, second), **look})} label="{quoted(text)}"]'


# Cards and discs by the name of their file: the node in DOT, and what it is.
SIGNS = {
    "input": (card(style.INPUT.look, "x = 2", "∂y/∂x = 3"), "a sheet with a folded corner, blue"),
    "parameter": (card(style.PARAMETER.look, "m = 3", "∂y/∂m = 2"), "a card with a thick border, yellow"),
    "constant": (card(style.CONSTANT.look, "2"), "a card with a dashed border, grey"),
    "index": (card(INDEX.look, "[0, 2]"), "a card with a tab, grey"),
    "result": (card(style.RESULT.look, "6", "grad = 1"), "a card with round corners, green"),
    "output": (card({**style.RESULT.look, **style.OUTPUT}, "y = 7", "grad = 1"), "a round card with a double border"),
    "gradient": (card(style.GRADIENT, "∂y/∂m = 2"), "a card with round corners, pale orange"),
    "op": (sign(style.OP, "×"), "a dark disc with a white sign"),
    "derivative": (sign({**style.DERIVATIVE, "width": "0.66"}, "∂×"), "a dark orange hexagon with a white sign"),
    "module": (card(style.MODULE, "Linear 0"), "a box, grey"),
    "reference": (card({**style.PARAMETER.look, **style.REFERENCE}, "m"), "a small card with a name alone"),
}
# Arrows by the name of their file: an edge's look in DOT, and what it is.
ARROWS = {
    "forward": ({}, "a grey arrow to the right"),
    "lanes": ({**style.LANES, "dir": "both"}, "a grey arrow to the right and an orange one to the left, side by side"),
    "backward": ({**style.BACK, "dir": "back"}, "an orange arrow to the left"),
    "read": (style.READ, "a dashed blue arrow with an open head"),
    "positive": ({**style.line(1.0, 1.0), "dir": "none"}, "a solid blue line"),
    "negative": ({**style.line(-0.5, 1.0), "dir": "none"}, "a dashed purple line, half as wide"),
}
HEAD = style.attributes(style.GRAPH)
NODES = f"node [{style.attributes(style.NODE)}] edge [{style.attributes(style.EDGE)}]"


def of_a_sign(name: str) -> viz.Figure:
    """One card or disc."""
    node, description = SIGNS[name]
    return viz.Figure(f"digraph {{ {HEAD}\n{NODES}\nn {node} }}", f"{name}: {description}")


def of_an_arrow(name: str) -> viz.Figure:
    """One arrow between two points."""
    look, description = ARROWS[name]
    point = f'[shape=circle style=filled label="" width=0.14 height=0.14 fillcolor="{style.LINE}" color="{style.LINE}"]'
    edge = f"[{style.attributes({k: v for k, v in look.items() if k != 'constraint'})} minlen=1]"
    return viz.Figure(
        f"digraph {{ rankdir=LR {HEAD}\n{NODES}\na {point} b {point} a -> b {edge} }}", f"{name}: {description}"
    )


def rows() -> viz.Figure:
    """The backward pass of y = m·x + b in two rows: values above, derivatives below."""
    m, x, b = Value(3.0, "m"), Value(2.0, "x"), Value(1.0, "b")
    y = m * x + b
    return viz.draw_backward(y, inputs=[x], names={"y": y}, style="rows")


def pictures() -> dict[str, viz.Figure]:
    """All of them, by the paths of their files under docs/pictures."""
    signs = {f"language/{name}": of_a_sign(name) for name in SIGNS}
    arrows = {f"language/{name}": of_an_arrow(name) for name in ARROWS}
    return {**signs, **arrows, "language/rows": rows()}
