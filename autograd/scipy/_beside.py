"""A decorator for functions that stand beside SciPy's."""

from collections.abc import Callable
from typing import cast

from autograd.numpy.dispatch import accepting_nodes
from autograd.typing import F

__all__ = ["beside"]


def beside(owner: object) -> Callable[[F], F]:
    """Make of a function one for nodes, which on plain data is SciPy's of the same name."""

    def made(ours: F) -> F:
        return cast(F, accepting_nodes(getattr(owner, ours.__name__), ours))

    return made
