"""The recorded graph as data: its order, its paths, its backward pass step by step, and its evaluation anew."""

from autograd.graph.explaining import Explanation, Path, explain
from autograd.graph.pathways import count_paths, paths
from autograd.graph.replaying import replay
from autograd.graph.stepping import Contribution, Step, steps
from autograd.node import toposort

__all__ = [
    "Contribution", "Explanation", "Path", "Step", "count_paths", "explain", "paths", "replay", "steps", "toposort",
]  # fmt: skip
