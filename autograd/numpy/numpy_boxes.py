"""``ArrayBox``, which scripts for HIPS autograd ask about: ``isinstance(x, ArrayBox)`` is true of every node."""

from autograd.engine.node import Node
from autograd.surface import publish

__all__ = ["ArrayBox"]

ArrayBox = Node

publish(globals())
