"""Why a function is not compiled, as an error that says so."""

from __future__ import annotations

from autograd.callers import location, location_text

__all__ = ["PROGRAMS", "NotCompiledError"]

# Of arrays of other libraries.
PROGRAMS = (
    "programs calculate with NumPy: jax.jit and torch.compile take functions of arrays, and nn.compile_step(..., "
    'using="jax") or "torch" a training step'
)


class NotCompiledError(Exception):
    """A function does what no program can do, so that it has to run as it is.

    Attributes
    ----------
    reason : str
        What it does, and where.

    Examples
    --------
    >>> from autograd.compiler import NotCompiledError, record
    >>> try:
    ...     record(lambda x: None, [1.0], ["x"], "nothing")
    ... except NotCompiledError as error:
    ...     print(error.reason.splitlines()[0])
    nothing: the function returned nothing that is made from its arguments
    """

    def __init__(self, text: str) -> None:
        self.reason = f"{text}\n  at {location_text(location())}"
        super().__init__(self.reason)
