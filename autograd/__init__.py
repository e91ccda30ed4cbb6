"""Reverse-mode differentiation on a graph that can be read, drawn, replayed and differentiated again.

`Value` is a scalar node, `Tensor` an array node; ``y.backward()`` gives every node its gradient.

>>> from autograd import Value
>>> m, x, b = Value(3.0, "m"), Value(2.0, "x"), Value(1.0, "b")
>>> y = m * x + b
>>> y.backward()
>>> m.grad, x.grad, b.grad
(2.0, 3.0, 1.0)
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from warnings import warn

from autograd import graph, ops
from autograd import numpy as numpy
from autograd.engine.anomaly import detect_anomaly
from autograd.engine.backward import gradients
from autograd.engine.leaving import LeavesGraphWarning
from autograd.engine.modes import no_grad
from autograd.engine.op import primitive
from autograd.hips_names import BESIDE, missing
from autograd.numpy.dispatch import supported
from autograd.operators import Operators
from autograd.ops import formula
from autograd.ops.arithmetic import *
from autograd.ops.creation import *
from autograd.ops.cumulative import *
from autograd.ops.exponential import *
from autograd.ops.indexing import *
from autograd.ops.joining import *
from autograd.ops.linear_algebra import *
from autograd.ops.logic import *
from autograd.ops.neural import *
from autograd.ops.padding import *
from autograd.ops.products import *
from autograd.ops.rearranging import *
from autograd.ops.reductions import *
from autograd.ops.rounding import *
from autograd.ops.selection import *
from autograd.ops.shaping import *
from autograd.ops.sorting import *
from autograd.ops.trigonometric import *
from autograd.tensor import Tensor
from autograd.transforms import elementwise_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.value import Value

if TYPE_CHECKING:
    from autograd import testing, viz

__all__ = [
    "LeavesGraphWarning", "Tensor", "Value", "detect_anomaly", "elementwise_grad", "formula", "grad", "gradients",
    "graph", "hessian", "hvp", "jacobian", "jvp", "no_grad", "ops", "primitive", "supported", "testing",
    "value_and_grad", "viz", "vjp",
]  # fmt: skip
for _family in ops.FAMILIES:
    __all__ += _family.__all__
# Names that shadow Python's own, its module copy, and numpy, are left out of a star import: they are autograd.sum, ...
__all__.remove("abs")
__all__.remove("all")
__all__.remove("any")
__all__.remove("copy")
__all__.remove("divmod")
__all__.remove("max")
__all__.remove("min")
__all__.remove("pow")
__all__.remove("round")
__all__.remove("sum")


def __getattr__(name: str) -> Any:
    # Pictures and tests are imported when they are first used, so that `import autograd` stays cheap.
    if name in ("testing", "viz"):
        return import_module(f"autograd.{name}")
    raise missing("autograd", name)


def _show(node: Any) -> dict[str, Any]:
    bundle: dict[str, Any] = import_module("autograd.viz").show(node)
    return bundle


def _drawn(nodes: Any, **options: Any) -> str:
    source: str = import_module("autograd.viz").draw(nodes, **{"limit": None, "names": {}} | options).source
    return source


Operators._show = staticmethod(_show)
graph.export.drawn = _drawn
if Path(__file__).with_name("differential_operators.py").exists():  # which HIPS autograd alone has
    warn(BESIDE, stacklevel=2)
