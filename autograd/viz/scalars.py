"""The neurons in a graph of Values: the weighted sums in it, however the net is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from autograd.engine.node import Node, toposort
from autograd.graph import formulas
from autograd.graph.naming import Names

__all__ = ["Stage", "scalar_stages", "stage_name", "unchained"]


class Tree(NamedTuple):
    """A weighted sum: its inputs, which the weights multiply, and the weights and biases themselves."""

    inputs: tuple[Node, ...] = ()
    own: tuple[Node, ...] = ()


class Stage(NamedTuple):
    """A layer of neurons: their inputs, their weighted sums and their outputs, each a node of shape (n,) or n of them.

    Its name is that of its module, and empty if it has none.
    """

    name: str
    before: Node | list[Node]
    sums: Node | list[Node]
    after: Node | list[Node]


def unchained(why: str) -> ValueError:
    """The error for a net that cannot be drawn as columns of neurons."""
    return ValueError(
        f"draw_network: {why}; only chains of layers can be drawn, each with weighted sums of what the one before "
        "gives; draw(y) shows any graph"
    )


def scalar_stages(outputs: Sequence[Node], sample: Sequence[Node], names: Names) -> list[Stage]:
    """Find the layers between a sample and the outputs; each neuron is the root of a tree of sums.

    The leaves of such a tree are products of a parameter and something else, biases, and constants.
    """
    trees, parameters = _weighted_sums(outputs, sample)
    stops = {*trees, *sample}
    behind: dict[Node, list[Node]] = {}  # the sums behind each input of a sum, and behind each output
    levels: dict[Node, int] = {}
    for z, tree in trees.items():
        for a in tree.inputs:
            behind[a] = behind.get(a) or _nearest(a, stops, parameters)
        depths = {levels.get(n, 0) for a in tree.inputs for n in behind[a]}
        if len(depths) != 1:
            raise unchained("a neuron is computed from more than one layer")
        levels[z] = 1 + depths.pop()
        if levels[z] == 1 and not set(tree.inputs) <= set(sample):
            raise unchained("what layer 1 gives is no weighted sum")
    stages: list[Stage] = []
    before = list(sample)
    for level in range(1, 1 + max(levels.values(), default=0)):
        sums = [z for z in trees if levels[z] == level]
        later = dict.fromkeys(a for z, tree in trees.items() if levels[z] == level + 1 for a in tree.inputs)
        after = list(later or outputs)
        each = [behind.get(a) or _nearest(a, stops, parameters) for a in after]
        if len(sums) != len(after) or any(levels.get(z) != level for several in each for z in several):
            following = f"layer {level + 1}" if later else "the output"
            raise unchained(f"{following} is not computed from layer {level} alone")
        if all(len(several) == 1 for several in each):
            sums = [z for several in each for z in several]  # the next layer takes them in this order
        stages.append(Stage(_name([trees[z] for z in sums], names), before, sums, after))
        before = after
    return stages


def _weighted_sums(outputs: Sequence[Node], sample: Sequence[Node]) -> tuple[dict[Node, Tree], set[Node]]:
    """Find the roots of trees of sums, and the nodes that depend on parameters only."""
    known, last = set(sample), set(outputs)
    parameters, constants, inner = set[Node](), set[Node](), set[Node]()
    trees: dict[Node, Tree] = {}
    cores: dict[Node, Node] = {}  # a tree without the constants added last, which belong to the activation
    for node in toposort(list(outputs)):
        if node in known:
            continue
        fixed, parents = parameters | constants if node.op is not None else constants, node.parents
        head = "" if node.op is None else getattr(formulas.call(node), "head", "")
        others = [p for p in parents if p not in parameters]
        if not node.requires_grad:
            constants.add(node)
        elif all(p in fixed for p in parents):
            parameters.add(node)
        elif head == "*" and len(others) == 1 < len(parents) and others[0] not in constants:
            trees[node], cores[node] = Tree((others[0],), tuple(p for p in parents if p in parameters)), node
        elif head in ("+", "-", "neg") and all(p in trees or p in fixed for p in parents):
            parts = [trees.get(p, Tree((), (p,) if p in parameters else ())) for p in parents]
            trees[node] = Tree(*(tuple(dict.fromkeys(n for part in parts for n in part[k])) for k in (0, 1)))
            inner.update(p for p in parents if p in trees)
            growing = [p for p in parents if p not in constants]
            cores[node] = node if len(growing) > 1 else cores[growing[0]]
    roots = dict.fromkeys(cores[z] for z in trees if z not in inner or z in last)
    return {z: trees[z] for z in roots}, parameters


def _nearest(node: Node, stops: set[Node], parameters: set[Node]) -> list[Node]:
    """Find the nearest weighted sums, or numbers of the sample, on which a node depends."""
    reached, waiting = set[Node](), [node]
    nearest: dict[Node, None] = {}
    while waiting:
        n = waiting.pop()
        if n in reached:
            continue
        reached.add(n)
        if n in stops:
            nearest[n] = None
        elif n in parameters:
            raise unchained("parameters stand in something else than a weighted sum")
        else:
            waiting += n.parents
    return list(nearest)


def stage_name(path: str) -> str:
    """The name of a layer whose module has this path; that of a list's member would be one more number."""
    return "" if path.rpartition(".")[2].isdigit() else path


def _name(trees: Sequence[Tree], names: Names) -> str:
    """Call a layer by the module to which all of its parameters belong."""
    owners = {names.modules.get(n, ())[-1:] for tree in trees for n in tree.own}
    path = owners.pop() if len(owners) == 1 else ()
    return stage_name(path[0]) if path else ""
