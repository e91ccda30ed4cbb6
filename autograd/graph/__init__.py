"""The recorded graph as data: in order, path by path, step by step, counted, compared, replayed, and as text.

>>> from autograd import Value, graph
>>> m, x, b = Value(3.0, "m"), Value(2.0, "x"), Value(1.0, "b")
>>> y = m * x + b
>>> graph.explain(y, m, names={"y": y})
∂y/∂m = 2, 1 path
<BLANKLINE>
  y ← v1 ← m   1 · x = 1 · 2 = 2
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd.engine.node import toposort
from autograd.graph.diffing import Change, Difference, diff
from autograd.graph.explaining import Explanation, Path, explain
from autograd.graph.export import to_latex, to_mermaid
from autograd.graph.pathways import count_paths, paths
from autograd.graph.replaying import replay
from autograd.graph.serialization import from_json, to_dict, to_json
from autograd.graph.statistics import Statistics, stats
from autograd.graph.stepping import Contribution, Step, steps
from autograd.graph.tidying import tidied
from autograd.surface import publish
from autograd.tracebacks import entrances

__all__ = [
    "Change", "Contribution", "Difference", "Explanation", "Path", "Statistics", "Step", "count_paths", "diff",
    "explain", "from_json", "paths", "replay", "stats", "steps", "tidied", "to_dict", "to_dot", "to_json", "to_latex",
    "to_mermaid", "to_onnx", "toposort",
]  # fmt: skip

publish(globals())
entrances(globals(), __all__)

if TYPE_CHECKING:
    from autograd.graph.onnx.export import to_onnx

    to_dot: Callable[..., str]

# Drawing makes the one, which is a floor above, and few write the other: they are imported when they are first used.
_LATE = {"to_dot": "autograd.viz", "to_onnx": "autograd.graph.onnx.export"}


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(_LATE[name]), name)
    raise AttributeError(f"module 'autograd.graph' has no attribute {name!r}")
