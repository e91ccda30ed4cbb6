"""Short tracebacks: below a user's code an error shows one frame of ours, however deep it arose.

A function that users call is an `entrance`. What an op refuses is told by the error's text, not by the way through the
engine to the place where it was noticed; what a user's own code raises passes as it is, with a note that says where.
Nothing is paid for this while nothing fails, but for one more call where an entrance is made by the decorator.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import update_wrapper
from inspect import isgeneratorfunction
from types import FunctionType, TracebackType
from typing import Any, TypeVar, cast

from autograd.callers import is_ours

__all__ = ["entrance", "entrances", "hosting", "is_of_users", "shorten"]

F = TypeVar("F", bound=Callable[..., Any])


def shorten(error: Exception, host: str = "") -> None:
    """Take the frames of ours behind the caller's out of the traceback of an error that the caller handles.

    They end where a user's begin; where there are none, what the error came from is not shown either. `host` says, for
    a note, what ran the code of a user's that failed.
    """
    here: Any = error.__traceback__
    rest: TracebackType | None = here.tb_next
    while rest is not None and is_ours(rest.tb_frame):
        rest = rest.tb_next
    here.tb_next = rest
    if rest is None:
        error.__suppress_context__ = True
    elif host:
        is_of_users(error, host)


def is_of_users(error: Exception, host: str) -> bool:
    """Whether an error arose in a user's code; if so, it gets a note of what ran that."""
    last: Any = error.__traceback__
    while last.tb_next is not None:
        last = last.tb_next
    if is_ours(last.tb_frame):
        return False
    if host not in getattr(error, "__notes__", ()):
        error.add_note(host)
    return True


def entrance(function: F) -> F:
    """A function that users call, whose errors are to have short tracebacks."""
    return hosting("")(function)


def entrances(space: dict[str, Any], names: Iterable[str]) -> None:
    """Make entrances of a package's public functions, and of the constructors of its classes."""
    package = space["__name__"]
    for name in names:
        found = space.get(name)
        if not getattr(found, "__module__", "").startswith(package):
            continue
        if isinstance(found, type) and isinstance(vars(found).get("__init__"), FunctionType):
            found.__init__ = entrance(found.__init__)  # type: ignore[misc]
        elif isinstance(found, FunctionType) and not isgeneratorfunction(found) and not hasattr(found, "__wrapped__"):
            space[name] = made = entrance(found)
            setattr(sys.modules[found.__module__], found.__name__, made)  # where pickle looks for it


def hosting(host: str) -> Callable[[F], F]:
    """An :func:`entrance` that runs code of a user's; what this raises gets a note."""
    cut = shorten

    def of(function: F) -> F:
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return function(*args, **kwargs)
            except Exception as error:
                cut(error, host)
                raise

        # In the module, and by the name, of the function: doctest, pickle and tracebacks find it there.
        f: Any = function
        code = call.__code__.replace(co_name=f.__name__, co_qualname=f.__qualname__)
        made: Any = FunctionType(code, f.__globals__, f.__name__, None, call.__closure__)
        update_wrapper(made, f)
        return cast(F, made)

    return of
