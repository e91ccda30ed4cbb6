"""Random expressions for the tests of graphs: arguments, and the steps that make a node of them."""

from autograd.testing.strategies import SHAPES, expressions

__all__ = ["SHAPES", "ours", "programs"]


def programs(shapes):
    """Arguments and a function of them."""
    return expressions(max_nodes=24, shapes=shapes).map(lambda e: (e.inputs, e))


def ours(leaves, function):
    """The function of nodes."""
    return function(*leaves)
