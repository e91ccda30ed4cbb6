"""Gradients that a recording asks for: a node stands for each, and the backward pass is run when the graph is lowered.

A gradient graph need not be recorded then: the pass runs once, on the variables of the program, and each of its
instructions knows the line of the user's code whose derivative it is.
"""

from __future__ import annotations

from typing import NamedTuple

from autograd.engine.node import Node
from autograd.engine.op import Op
from autograd.typing import XP, X

__all__ = ["GRADIENT", "DifferentiatedError", "Request"]


class Request(NamedTuple):
    """The gradients of recorded nodes by others.

    Attributes
    ----------
    seeds : dict of node to node
        The outputs, each with its gradient.
    inputs : list of node
        The nodes whose gradients are asked for.
    strict : bool
        Whether kinks, ties and poles give nan.
    """

    seeds: dict[Node, Node]
    inputs: list[Node]
    strict: bool


class DifferentiatedError(BaseException):
    """A gradient that only a program would calculate was differentiated: its graph has to be recorded."""


def _gradient(xp: XP, *nodes: X, request: Request, index: int) -> X:
    """One of the gradients of a request; `nodes` are its outputs, then their gradients."""
    raise NotImplementedError


def _differentiated(*_: X, **params: X) -> X:
    raise DifferentiatedError


GRADIENT: Op[...] = Op(_gradient, "∂", name="gradient")
GRADIENT.formulas = GRADIENT.vjps = (_differentiated,)
GRADIENT.backward_on_floats = GRADIENT.backward_on_arrays = _differentiated
