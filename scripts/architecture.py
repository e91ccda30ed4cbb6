"""The picture of docs/how_it_works.md: one op's record, what flows through it, and what comes out."""

from autograd import viz
from autograd.ops import formula
from autograd.viz import style
from autograd.viz.node_html import html

# What flows, the namespace in which the formulas then calculate, and what comes out; the page's table says the same.
ROWS = [
    ("Python floats", "namespaces.floats", "a Value, and its backward pass"),
    ("NumPy's arrays", "namespaces.arrays", "a Tensor, and its backward pass"),
    ("PyTorch's, JAX's, CuPy's arrays", "namespaces.torch, .jax, .cupy", "a Tensor on a GPU, or under jax.jit"),
    ("nodes", "engine.node.registry", "a gradient that is a graph, of any order"),
    ("marks", "namespaces.marks", "which elements a selection dropped"),
    ("names", "namespaces.names", "formulas: text, LaTeX, JavaScript"),
    ("variables of a program", "compiler.programs", "a compiled program"),
    ("variables of ONNX", "graph.onnx.writer", "a model for other programs"),
]
EDGE = style.attributes({**style.EDGE, "penwidth": "1.6"})


def record(name: str = "mul") -> str:
    """The record as a table of Graphviz's: name, value, derivatives, then a row with a port for each namespace."""
    title, value, *derivatives = str(formula(name)).splitlines()
    sign = title.split()[1]
    head = f'<FONT COLOR="white" POINT-SIZE="15"><B>{name}  {sign}</B></FONT>'
    rows = [f'<TR><TD BGCOLOR="{style.OP["fillcolor"]}">{head}</TD></TR>']
    rows.append(f'<TR><TD BGCOLOR="#E6F4EC"><FONT POINT-SIZE="14">{html(value)}</FONT></TD></TR>')
    for line in derivatives:
        cell = f'<FONT POINT-SIZE="14" COLOR="{style.GRADIENT_INK}">{html(line)}</FONT>'
        rows.append(f'<TR><TD BGCOLOR="{style.GRADIENT["fillcolor"]}">{cell}</TD></TR>')
    rows.append('<TR><TD BGCOLOR="#E9EBEE"><I>calculated with xp =</I></TD></TR>')
    for k, (_, xp, _) in enumerate(ROWS):
        rows.append(f'<TR><TD PORT="p{k}" BGCOLOR="{style.PAPER}" WIDTH="190">{xp}</TD></TR>')
    table = f'BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="6" COLOR="{style.OP["color"]}"'
    return f"<<TABLE {table}>{''.join(rows)}</TABLE>>"


def architecture() -> viz.Figure:
    """One record in the middle; from the left what flows through it, to the right what comes out."""
    lines = [
        f"digraph {{ rankdir=LR {style.attributes({**style.GRAPH, 'nodesep': '0.045', 'ranksep': '0.6'})}",
        f"node [{style.attributes({**style.NODE, 'height': '0.33', 'margin': '0.1,0.03'})}] edge [{EDGE}]",
        f'op [shape=plain fontname="{style.FONT}" label={record()}]',
    ]
    for k, (flows, _, comes) in enumerate(ROWS):
        lines.append(f'i{k} [{style.attributes(style.INPUT.look)} label="{flows}"]')
        lines.append(f'o{k} [{style.attributes(style.RESULT.look)} label="{comes}"]')
        lines.append(f"i{k} -> op:p{k}:w op:p{k}:e -> o{k}")
    description = (
        "One record of an op, y = a·b with its two derivatives, in the middle. Into each of its eight namespaces an "
        f"arrow leads from what flows, out of it one to what comes out: {'; '.join(f'{a}, {c}' for a, _, c in ROWS)}."
    )
    return viz.Figure("\n".join([*lines, "}"]), description)
