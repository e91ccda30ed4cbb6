"""The names of ``autograd.numpy`` by the module in which HIPS autograd has them, and ``wrap_namespace``."""

from collections.abc import Mapping
from typing import Any

from autograd import numpy
from autograd.extend import primitive
from autograd.other_names import missing
from autograd.surface import publish
from autograd.typing import Namespace

__all__ = [*numpy.__all__, "wrap_namespace"]

publish(globals())


def __getattr__(name: str) -> Any:
    if name == "nograd_functions":
        raise missing("autograd.numpy.numpy_wrapper", name)
    return getattr(numpy, name)


def wrap_namespace(old: Mapping[str, Any], new: Namespace) -> None:
    """Enter the functions of a module into another, each as a primitive, whose derivatives ``defvjp`` then states.

    >>> import math
    >>> from autograd.extend import defvjp
    >>> space = {}
    >>> wrap_namespace({"sinh": math.sinh, "pi": math.pi}, space)
    >>> defvjp(space["sinh"], lambda ans, x: lambda g: g * numpy.cosh(x))
    >>> space["sinh"](0.0), space["pi"]
    (0.0, 3.141592653589793)
    """
    for name, member in old.items():
        if callable(member) and not isinstance(member, type):
            new[name] = primitive(member)
        elif isinstance(member, (int, float, type)):
            new[name] = member
