"""A decorator for functions that stand beside SciPy's, and what to say of those that do not."""

from collections.abc import Callable
from types import ModuleType
from typing import Any, cast

from autograd.numpy.dispatch import accepting_nodes
from autograd.typing import F

__all__ = ["absent", "beside"]


def beside(owner: object) -> Callable[[F], F]:
    """Make of a function one for nodes, which on plain data is SciPy's of the same name."""

    def made(ours: F) -> F:
        return cast(F, accepting_nodes(getattr(owner, ours.__name__), ours))

    return made


def absent(theirs: ModuleType) -> Callable[[str], Any]:
    """The ``__getattr__`` of a module beside SciPy's: for what only SciPy has it says what to do."""

    def find(name: str) -> Any:
        if not name.startswith("_") and hasattr(theirs, name):
            # No AttributeError: an import would put a text of its own in place of that.
            raise ImportError(
                f"autograd.{theirs.__name__}.{name} is not here; {theirs.__name__}.{name} takes plain data only: to "
                "record it, make it a primitive"
            )
        raise AttributeError(f"module 'autograd.{theirs.__name__}' has no attribute {name!r}")

    return find
