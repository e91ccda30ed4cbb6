"""Short tracebacks: below the user's code an error shows one frame of ours, however deep in the engine it arose.

A function that users call is an `entrance`. The text of an error says what an op refuses; the engine's own frames say
nothing more, so an entrance cuts them off. An error out of the user's code passes as it is, with a note that says
where it ran. As long as nothing fails, an entrance costs one more call, about 70 ns. Five hot functions save it and
hold the three lines of the wrapper themselves: an op's call, its recording function, `Value(...)`, the setter of
`grad`, and the functions of `autograd.numpy`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from functools import update_wrapper
from inspect import isgeneratorfunction
from types import FunctionType, TracebackType
from typing import Any, cast

from autograd.callers import is_ours, location_text
from autograd.torch_names import keyword_advice
from autograd.typing import F, Namespace

__all__ = ["entrance", "entrances", "hosting", "is_of_users", "line_of", "shorten"]

_UNEXPECTED = r"unexpected keyword argument '(\w+)'$"


def shorten(error: Exception, host: str = "") -> None:
    """Cut our frames below the caller's out of the traceback of an error that the caller handles.

    The cut ends where the user's frames begin. Where there are none, the error's context is hidden too. `host` says, in
    a note, which function of ours ran the user's code that failed.
    """
    here: Any = error.__traceback__
    rest: TracebackType | None = here.tb_next
    while rest is not None and is_ours(rest.tb_frame):
        rest = rest.tb_next
    here.tb_next = rest
    if rest is None:
        error.__suppress_context__ = True
        if type(error) is TypeError and (unexpected := re.search(_UNEXPECTED, str(error))):
            error.args = (f"{error}{keyword_advice(unexpected[1])}",)
    elif host:
        is_of_users(error, host)


def is_of_users(error: Exception, host: str) -> bool:
    """Whether an error arose in the user's code; if so, add a note that says what ran this code."""
    last: Any = error.__traceback__
    while last.tb_next is not None:
        last = last.tb_next
    if is_ours(last.tb_frame):
        return False
    if host not in getattr(error, "__notes__", ()):
        error.add_note(host)
    return True


def line_of(error: Exception) -> str:
    """The innermost line of the user's code through which an error came, in words; empty if there is none."""
    found, frame = "", error.__traceback__
    while frame is not None:
        if not is_ours(frame.tb_frame):
            found = location_text((frame.tb_frame.f_code.co_filename, frame.tb_lineno))
        frame = frame.tb_next
    return found


def entrance(function: F) -> F:
    """Give the errors of a function that users call short tracebacks."""
    return hosting("")(function)


def entrances(space: Namespace, names: Iterable[str]) -> None:
    """Make entrances of a package's public functions, and of the constructors of its classes."""
    package = space["__name__"]
    for name in names:
        member = space.get(name)
        if not getattr(member, "__module__", "").startswith(package):
            continue
        if isinstance(member, type) and isinstance(vars(member).get("__init__"), FunctionType):
            member.__init__ = entrance(member.__init__)  # type: ignore[misc]
        elif (
            isinstance(member, FunctionType) and not isgeneratorfunction(member) and not hasattr(member, "__wrapped__")
        ):
            space[name] = made = entrance(member)
            setattr(sys.modules[member.__module__], member.__name__, made)  # pickle looks for it there


def hosting(host: str) -> Callable[[F], F]:
    """Make an :func:`entrance` of a function that runs the user's code; an error out of that code gets a note."""
    cut = shorten

    def decorate(function: F) -> F:
        def call(*args: object, **kwargs: object) -> object:
            try:
                return function(*args, **kwargs)
            except Exception as error:
                cut(error, host)
                raise

        # The wrapper has the function's globals and name, so that doctest, pickle and tracebacks find it there.
        f: Any = function
        code = call.__code__.replace(co_name=f.__name__, co_qualname=getattr(f, "__qualname__", f.__name__))
        made: Any = FunctionType(code, getattr(f, "__globals__", globals()), f.__name__, None, call.__closure__)
        update_wrapper(made, f)
        return cast(F, made)

    return decorate
