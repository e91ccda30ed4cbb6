"""The recorded graph as data: in order, path by path, step by step, counted, compared, evaluated anew, and as text.

>>> from autograd import Value, graph
>>> m, x, b = Value(3.0, "m"), Value(2.0, "x"), Value(1.0, "b")
>>> y = m * x + b
>>> graph.explain(y, m, names={"y": y})
∂y/∂m = 2, 1 path
<BLANKLINE>
  y ← v1 ← m   1 · x = 1 · 2 = 2
"""

from autograd.engine.node import toposort
from autograd.graph.diffing import Change, Difference, diff
from autograd.graph.explaining import Explanation, Path, explain
from autograd.graph.export import to_dot, to_latex, to_mermaid
from autograd.graph.pathways import count_paths, paths
from autograd.graph.replaying import replay
from autograd.graph.serialization import from_json, to_dict, to_json
from autograd.graph.statistics import Statistics, stats
from autograd.graph.stepping import Contribution, Step, steps
from autograd.tracebacks import entrances

__all__ = [
    "Change", "Contribution", "Difference", "Explanation", "Path", "Statistics", "Step", "count_paths", "diff",
    "explain", "from_json", "paths", "replay", "stats", "steps", "to_dict", "to_dot", "to_json", "to_latex",
    "to_mermaid", "toposort",
]  # fmt: skip

entrances(globals(), __all__)
