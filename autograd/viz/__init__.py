"""Pictures of graphs: for a notebook, a file or a terminal.

`draw` makes a picture of the graph by which a node was computed, `draw_backward` one of both passes, `draw_network` one
of a net's neurons, `text` a tree for a terminal. `stepper`, `slides` and `playground` make pages: to walk through a
pass, to lecture on it, to train a small net in. Pictures are rendered by Graphviz: the system's, or the one that
``pip install "graphgrad[draw]"`` brings, or a function that `use_renderer` is given.
"""

from autograd.framing import CALLS
from autograd.surface import publish
from autograd.tracebacks import entrances
from autograd.viz.backward_graph import draw_backward
from autograd.viz.drawing import draw, to_dot
from autograd.viz.figure import Figure
from autograd.viz.levels import levels
from autograd.viz.network import draw_network, network_frames
from autograd.viz.notebook import show
from autograd.viz.playground import Playground, playground
from autograd.viz.plotting import plot_function
from autograd.viz.render import RenderError, use_renderer
from autograd.viz.slides import Slides, slides
from autograd.viz.stepping import Stepper, stepper
from autograd.viz.text_tree import text

__all__ = [
    "Figure", "Playground", "RenderError", "Slides", "Stepper", "draw", "draw_backward", "draw_network", "levels",
    "network_frames", "playground", "plot_function", "show", "slides", "stepper", "text", "to_dot",
    "use_renderer",
]  # fmt: skip

publish(globals())
CALLS.wanted = True
entrances(globals(), __all__)
