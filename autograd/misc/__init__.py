"""HIPS autograd's tools beside the transforms: containers as one vector, optimizers, graphs recorded once.

>>> from autograd.misc import flatten
>>> vector, unflatten = flatten({"b": 3.0, "W": [1.0, 2.0]})
>>> vector
array([1., 2., 3.])
"""

from autograd.misc.flatten import flatten
from autograd.misc.tracers import const_graph
from autograd.surface import publish

__all__ = ["const_graph", "flatten"]

publish(globals())
