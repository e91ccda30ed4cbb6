"""The recorded graph as data: its order, its paths, its backward pass step by step, and its evaluation anew."""

from autograd.graph.comparison import Change, Difference, diff
from autograd.graph.exchange import from_json, to_dict, to_json
from autograd.graph.explaining import Explanation, Path, explain
from autograd.graph.markup import to_dot, to_latex, to_mermaid
from autograd.graph.pathways import count_paths, paths
from autograd.graph.replaying import replay
from autograd.graph.statistics import Statistics, stats
from autograd.graph.stepping import Contribution, Step, steps
from autograd.node import toposort

__all__ = [
    "Change", "Contribution", "Difference", "Explanation", "Path", "Statistics", "Step", "count_paths", "diff",
    "explain", "from_json", "paths", "replay", "stats", "steps", "to_dict", "to_dot", "to_json", "to_latex",
    "to_mermaid", "toposort",
]  # fmt: skip
